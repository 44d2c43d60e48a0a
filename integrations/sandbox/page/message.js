// How a message looks: somebody's words, a pressed button, or a card of the bot.

import { h, w, hhmm, moment } from './fmt.js';

// PROMISE is what the labels of deadlines look like: 最迟响应, Response due by.
const PROMISE = /最迟|\bby$/i;

// draw makes the element of a message of a room.
export const draw = (room, m) => (m.card ? card(room, m) : m.click ? press(room, m) : words(room, m));

function time(at) {
  const t = new Date(at);
  return h('time', { datetime: at, title: t.toISOString() }, hhmm(t));
}

// under is the line that says which message this one hangs under.
function under(room, m) {
  const above = m.thread && room.messages.get(m.thread);
  if (!above) return null;
  return h('p', { class: 'ref' }, h('span', { 'aria-hidden': 'true' }, '↳ '), h('span', { class: 'sr' }, w('under') + ' '),
    h('span', { data: { under: m.thread } }, title(above)));
}

function lost(room, m) {
  if (!m.lost) return null;
  return h('p', { class: 'lost', data: { testid: 'lost' } }, w('lost'),
    h('button', {
      type: 'button', class: 'link',
      onclick: () => room.app.post('api/again', { ...room.place(m.from.id), message: m.id }),
    }, w('again')));
}

function words(room, m) {
  return h('article', { class: `msg words ${m.from.staff ? 'staff' : 'guest'}` },
    avatar(m.from),
    h('div', { class: 'body' },
      h('p', { class: 'meta' }, h('b', null, m.from.name), h('span', { class: `role role-${m.from.role}` }, w(m.from.role)), time(m.at)),
      under(room, m),
      h('p', { class: m.text.startsWith('/') ? 'bubble command' : 'bubble' }, m.text),
      lost(room, m)));
}

function press(room, m) {
  const typed = m.wrote ? m.text.slice(0, -m.wrote.length).trimEnd() : m.text;
  return h('article', { class: 'msg pressed' },
    h('p', null, avatar(m.from), h('b', null, m.from.name), ` ${w('pressed')} `, h('span', { class: 'ghost' }, m.click), ' ',
      h('code', null, typed), ' ', time(m.at)),
    m.wrote ? h('p', { class: 'bubble' }, m.wrote) : null,
    lost(room, m));
}

function card(room, m) {
  const c = m.card;
  const for_ = m.private && (room.app.person(m.private)?.name ?? m.private);
  const lines = [];
  let promised = false;
  let fields = null;
  let items = null;
  for (const l of c.lines ?? []) {
    if (l.kind !== 'field') fields = null;
    if (l.kind !== 'item') items = null;
    switch (l.kind) {
      case 'field':
        if (!promised && PROMISE.test(l.label ?? '')) {
          // The one thing on a card that people look for first.
          promised = true;
          fields = null;
          lines.push(h('dl', { class: 'promise', data: { testid: 'promise' } },
            h('div', { data: { testid: 'card-field' } }, h('dt', null, l.label), h('dd', null, ...moments(l.text)))));
          break;
        }
        if (!fields) lines.push((fields = h('dl', { class: 'fields' })));
        fields.append(h('div', { data: { testid: 'card-field' } }, h('dt', null, l.label ?? ''), h('dd', null, l.text)));
        break;
      case 'quote':
        lines.push(h('blockquote', { data: { testid: 'card-text' } }, l.text));
        break;
      case 'item':
        if (!items) lines.push((items = h('ul', null)));
        items.append(h('li', { data: { testid: 'card-text' } }, l.label ? h('b', null, l.label + ' ') : null, l.text));
        break;
      default:
        lines.push(h('p', { data: { testid: 'card-text' } }, l.text));
    }
  }
  const buttons = (c.buttons ?? []).map((b) => h('button', {
    type: 'button', class: `button ${b.style ?? ''}`, title: b.asks ? `${b.command} …` : b.command,
    data: { testid: 'card-button', command: b.command, ...(b.asks ? { asks: b.asks } : {}) },
    onclick: (e) => room.press(m, b, e.currentTarget),
  }, b.label));
  const links = (c.links ?? []).map((l) => h('a', { class: 'link', href: l.url, target: '_blank', rel: 'noopener', data: { testid: 'card-link' } },
    l.label, h('span', { 'aria-hidden': 'true' }, ' ↗'), h('span', { class: 'sr' }, ' ' + w('newTab'))));
  return h('article', { class: `msg card tone-${['info', 'success', 'warning', 'danger'].includes(c.tone) ? c.tone : 'plain'}${m.private ? ' private' : ''}` },
    h('div', { class: 'cardbox', lang: c.lang || false, data: { testid: 'card', tone: c.tone ?? '' } },
      h('p', { class: 'meta' },
        h('img', { src: 'static/icon.svg', alt: '', width: 16, height: 16 }), h('b', null, w('bot')),
        m.asked ? h('span', { class: 'at' }, '@' + m.asked) : null,
        m.private ? h('span', { class: 'only' }, w('onlyFor', { who: for_ })) : null,
        time(m.at),
        m.updated ? h('span', { class: 'updated', data: { testid: 'updated' }, title: m.updated }, `${w('updated')} ${moment(new Date(m.updated), new Date(m.at))}`) : null,
        h('button', { type: 'button', class: 'quiet icon answer', title: w('reply'), 'aria-label': w('reply'), onclick: () => { room.setThread(m.id); room.text.focus(); } }, '↩')),
      under(room, m),
      c.title ? h('h3', { data: { testid: 'card-title' } }, c.title) : null,
      ...lines,
      c.chart ? chart(c.chart) : null,
      buttons.length ? h('div', { class: 'buttons' }, buttons) : null,
      links.length ? h('p', { class: 'links' }, links) : null,
      c.foot ? h('p', { class: 'foot' }, c.foot) : null));
}

// chart is the small picture under the lines. Where it cannot be shown its words are.
function chart(c) {
  const words = () => h('p', { class: 'chartwords', data: { testid: 'card-chart' } }, c.alt);
  if (!c.src) return words();
  return h('img', {
    class: 'chart', src: c.src, alt: c.alt, width: 360, height: 180, data: { testid: 'card-chart' },
    onerror: (e) => e.currentTarget.replaceWith(words()),
  });
}

// moments sets off what stands behind the time itself: zone, what is left of it.
function moments(text) {
  const at = text.indexOf(' (');
  return at < 0 ? [text] : [text.slice(0, at + 1), h('span', null, text.slice(at + 1))];
}

// title is what a message is called where others refer to it.
export const title = (m) => (m.card ? m.card.title : m.text);

// avatar is a person's initial in the colour of their role.
export function avatar(who) {
  const name = who.name || who.id;
  const latin = /^[\x20-\x7e]+$/.test(name);
  const initials = latin ? name.split(/\s+/).map((s) => s[0]).slice(0, 2).join('').toUpperCase() : [...name][0];
  return h('span', { class: `avatar role-${who.role}`, 'aria-hidden': 'true' }, initials);
}
