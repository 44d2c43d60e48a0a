// The three panels: timers, cases with timeline and arithmetic, and the engine:
// what came in and what each of it changed.

import { $, fill, h, w, has, hhmm, moment, dayOf, dayKey, span } from './fmt.js';

const blank = (name) => h('div', { class: 'blank' }, h('p', { class: 'blank-title' }, w(`${name}Empty`)), h('p', null, w(`${name}EmptyMore`)));

// timers shows each deadline with the time to it on the page's clock.
export function timers(list, now) {
  const box = $('panel-timers');
  if (list.length === 0) {
    fill(box, blank('timers'));
    return;
  }
  const rows = list.map((t, i) => {
    const at = new Date(t.at);
    const left = at - now;
    const soon = left < 3 * 60_000 ? ' soon' : '';
    return h('li', { class: `timer${i === 0 ? ' first' : ''}${soon}`, data: { testid: 'timer', at: t.at } },
      h('p', { class: 'left' }, left > 0 ? w('in', { t: span(left) }) : w('now')),
      h('p', { class: 'what' }, h('span', null, t.what), i === 0 ? h('span', { class: 'tag' }, w('nextUp')) : null),
      h('p', { class: 'at' }, t.case ? h('button', { type: 'button', class: 'link', data: { open: t.case } }, `#${t.case}`) : null,
        h('time', { datetime: t.at }, moment(at, now))));
  });
  fill(box, h('ul', { class: 'timers' }, rows), h('p', { class: 'foot' }, w('timersNote')));
}

// cases shows the list and, below it, the selected case.
export function cases(list, selected, file, now) {
  const box = $('panel-cases');
  if (list.length === 0) {
    fill(box, blank('cases'));
    return;
  }
  const rows = list.map((c) => h('li', null,
    h('button', { type: 'button', class: `case phase-${c.phase}`, 'aria-pressed': String(c.n === selected), data: { testid: 'case', n: c.n, open: c.n } },
      h('span', { class: 'case-top' }, h('b', null, `#${c.n}`), h('span', { class: 'kind-of' }, c.kind), c.urgent ? h('span', { class: 'tag danger' }, w('urgent')) : null, h('span', { class: 'state' }, c.status)),
      h('span', { class: 'case-title' }, c.title),
      h('span', { class: 'case-foot' }, `${w('openedAt')} ${moment(new Date(c.opened), now)}`, c.due ? ` · ${w('dueAt')} ${moment(new Date(c.due), now)}` : ''))));
  const parts = [h('ul', { class: 'cases' }, rows)];
  if (file && file.line.n === selected) parts.push(...detail(file));
  else if (!selected) parts.push(h('p', { class: 'foot' }, w('chooseCase')));
  fill(box, ...parts);
}

function detail(file) {
  let day = '';
  const lines = file.timeline.map((e) => {
    const at = new Date(e.at);
    const key = dayKey(at);
    const head = key === day ? null : h('span', { class: 'event-day' }, dayOf(at));
    day = key;
    return h('li', { class: e.internal ? 'event internal' : 'event', data: { testid: 'event', internal: String(Boolean(e.internal)) } },
      head,
      h('time', { datetime: e.at }, hhmm(at)),
      h('div', null,
        h('p', null, h('b', null, e.what), h('span', { class: 'by' }, e.by || w('service')), e.internal ? h('span', { class: 'tag' }, w('internal')) : null),
        e.text ? h('p', { class: 'said' }, e.text) : null));
  });
  return [
    h('h3', { class: 'over' }, `#${file.line.n} · ${w('timeline')}`),
    h('ol', { class: 'timeline', data: { testid: 'timeline' } }, lines),
    h('h3', { class: 'over' }, w('explain')),
    h('div', { class: 'explain', data: { testid: 'explain' } }, file.explain.map((l) => h('p', null, l))),
  ];
}

// quiet steps moved nothing but the next alarm, or only noted that something was
// delivered. There are many of them.
const isQuiet = (s) => s.changes?.length && s.changes.every((c) => c.kind === 'wake' || (c.kind === 'event' && s.input === 'told'));

// inside shows the last inputs and what each changed; of the quiet ones, one line.
export function inside(list, now) {
  const box = $('panel-inside');
  if (list.length === 0) {
    fill(box, blank('inside'));
    return;
  }
  const rows = [];
  let quiet = null;
  for (const s of list) {
    if (isQuiet(s)) {
      if (quiet) quiet.n++;
      else rows.push((quiet = { n: 1, at: s.at, inputs: new Set() }));
      quiet.inputs.add(s.input);
    } else {
      quiet = null;
      rows.push(s);
    }
  }
  fill(box, h('ol', { class: 'inside' }, rows.map((s) => (s.inputs ? quietly(s, now) : step(s, now)))));
}

const quietly = (s, now) => h('li', { class: 'quietly', data: { testid: 'quiet' } },
  h('p', { class: 'input' }, h('code', null, [...s.inputs].join(' ')), h('span', null, w('quiet', { n: s.n })), h('time', { datetime: s.at }, moment(new Date(s.at), now))));

const step = (s, now) => h('li', { class: 'step-in', data: { testid: 'step' } },
  h('p', { class: 'input' }, h('code', null, s.input), s.by ? h('b', null, s.by) : h('b', { class: 'by' }, w('service')),
    s.note ? h('span', null, s.note) : null, h('time', { datetime: s.at }, moment(new Date(s.at), now))),
  h('ul', null, s.changes?.length
    ? s.changes.map((c) => h('li', { class: `change kind-${c.kind}` }, h('span', { class: 'kind' }, has(c.kind) ? w(c.kind) : c.kind), h('span', null, c.text)))
    : h('li', { class: 'change none' }, w('changedNothing'))));
