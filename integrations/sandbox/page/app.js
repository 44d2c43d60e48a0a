// The page: one state, fetched when an event says that it moved on; rooms and
// panels that show it; and the actions of people.

import { $, h, w, has, lang, virtual, setZone, clockTime, clockDate, zoneName, fill, on } from './fmt.js';
import { Room, avatar } from './room.js';
import * as panel from './panel.js';

const memory = {
  get(k) { try { return localStorage.getItem('butler.' + k); } catch { return null; } },
  set(k, v) { try { localStorage.setItem('butler.' + k, v); } catch { /* a private window: remember nothing */ } },
};

const query = new URLSearchParams(location.search);
let gen = -1;
let seq = -1;
let customer = query.get('customer') ?? memory.get('customer') ?? '';
let now = new Date();
let selected = 0; // case
let file = null; // of the selected case
let panelNow = 'timers';
let view = 'front';
const directs = new Map(); // person → messages of their direct chat, by id
const unread = new Map(); // view or direct:person → count
let escalated = false; // the story's second step was taken
let forwarded = false; // its fifth

const app = {
  state: { customer: { id: '', people: [] }, cases: [], timers: [], inside: [] },
  refused: false,
  person: (id) => app.state.customer.people.find((p) => p.id === id),
  now: () => now,
  get, post,
  spoke(room) {
    memory.set(`speaker.${app.state.customer.id}.${room.name}`, room.select.value);
    if (room.name === 'direct') showDirect();
  },
};

const rooms = { front: new Room('front', app), back: new Room('back', app), direct: new Room('direct', app) };

// --- talking to the server ---

async function get(path, params) {
  try {
    const r = await fetch(`${path}?${new URLSearchParams(params)}`, { headers: { Accept: 'application/json' } });
    const body = await r.json();
    if (r.ok) return body;
    if (body.id === 'unknown-customer' && customer) return { retry: true };
    if (body.id !== 'unknown-case') toast(body);
  } catch {
    // The line is down; the event stream says so and comes back.
  }
  return null;
}

async function post(path, body) {
  app.refused = false;
  try {
    const r = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    if (r.ok) {
      sync();
      return true;
    }
    const problem = await r.json();
    app.refused = r.status !== 502;
    toast(problem);
  } catch {
    app.refused = true;
    toast({ id: 'network' });
  }
  sync();
  return false;
}

function toast(problem) {
  const id = 'e-' + problem.id;
  const text = has(id) ? w(id, { why: problem.error ?? '' }) : w('e-failed', { why: problem.error ?? problem.id });
  const box = $('toasts');
  if ([...box.children].some((t) => t.textContent === text)) return;
  const el = h('p', { class: 'toast' }, text);
  box.append(el);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => el.remove(), 6000);
}

// sync fetches the state; a wish that comes while one is under way is kept.
let syncing = false;
let wanted = false;
async function sync() {
  if (syncing) {
    wanted = true;
    return;
  }
  syncing = true;
  do {
    wanted = false;
    const asked = customer;
    const s = await get('api/state', { customer, lang, gen, seq });
    if (s?.retry) {
      customer = '';
      wanted = true;
    } else if (s && asked === customer) await show(s);
    else if (s) wanted = true;
  } while (wanted);
  syncing = false;
}

let stream = null;
let lostLine = 0;
function listen() {
  clearTimeout(lostLine);
  stream?.close();
  stream = new EventSource('events');
  stream.onmessage = (e) => {
    const at = JSON.parse(e.data);
    clearTimeout(lostLine);
    lostLine = 0;
    $('offline').hidden = true;
    tick(new Date(at.now), at.speed);
    if (at.gen !== gen || at.seq !== seq) sync();
  };
  stream.onerror = () => {
    // A browser reconnects by itself unless it was refused.
    if (!lostLine) {
      lostLine = setTimeout(() => {
        lostLine = 0;
        $('offline').hidden = false;
        if (stream && stream.readyState === EventSource.CLOSED) listen();
      }, 1500);
    }
  };
}

// A hidden tab lets go of its stream: browsers keep only six connections to a
// host, and the tab catches up with one request when it is looked at again.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    clearTimeout(lostLine);
    lostLine = 0;
    stream?.close();
    stream = null;
  } else {
    listen();
    sync();
  }
});

// --- showing ---

async function show(s) {
  const before = app.state.customer.id;
  const moved = s.customer.id !== before;
  app.state = s;
  customer = s.customer.id;
  memory.set('customer', customer);
  setZone(s.customer.zone);
  if (moved || s.full) {
    for (const r of Object.values(rooms)) r.clear();
    directs.clear();
    unread.clear();
    selected = 0;
    file = null;
    if (s.gen !== gen && gen !== -1) escalated = forwarded = false;
  }
  showCustomers(s);
  showSpeakers(s);
  if (moved) for (const r of Object.values(rooms)) r.keep(before, customer);
  tick(new Date(s.now), s.speed);

  const fresh = { front: [], back: [] };
  const first = s.full;
  for (const m of s.messages) {
    if (m.room.startsWith('direct:')) {
      const who = m.room.slice(7);
      if (!directs.has(who)) directs.set(who, new Map());
      const known = directs.get(who).has(m.id);
      directs.get(who).set(m.id, m);
      if (directs.get(who).size > 500) directs.get(who).delete(directs.get(who).keys().next().value);
      if (!first && !known && !m.from) count('direct:' + who);
    } else if (fresh[m.room]) {
      const known = rooms[m.room].messages.has(m.id);
      fresh[m.room].push(m);
      if (!first && !known && !m.private) count(m.room);
    }
  }
  rooms.front.put(fresh.front);
  rooms.back.put(fresh.back);
  showDirect(first ? null : s.messages.filter((m) => m.room === 'direct:' + rooms.direct.select.value));
  for (const r of Object.values(rooms)) r.dress();

  gen = s.gen;
  seq = s.seq;
  $('trouble').hidden = !s.trouble;
  $('trouble').textContent = s.trouble ? w('e-failed', { why: s.trouble }) : '';
  if (selected === 0 && s.cases.length > 0) selected = s.cases[0].n;
  showCounts();
  showStory();
  showPanel();
  if (panelNow === 'cases' && panelSeen() && selected) {
    const f = await get('api/case', { customer, case: selected, lang });
    if (f && f.line && customer === s.customer.id) file = f;
    showPanel();
  }
}

// tick moves the page's clock to where the server's stands.
function tick(t, speed) {
  now = t;
  const box = $('clock');
  box.dataset.now = t.toISOString();
  box.dataset.speed = speed;
  box.title = t.toISOString();
  const texts = [clockDate(t), clockTime(t), zoneName(t)];
  [...box.children].forEach((el, i) => { if (el.textContent !== texts[i]) el.textContent = texts[i]; });
  const on = speed === 0 ? 'pause' : 'x' + speed;
  for (const b of document.querySelectorAll('.segments [data-op]')) b.setAttribute('aria-pressed', String(b.dataset.op === on));
  document.body.dataset.speed = speed;
  if (panelNow === 'timers') showPanel();
}

function showCustomers(s) {
  const tabs = s.customers.map((c) => h('button', {
    type: 'button', class: 'customer', 'aria-current': c.id === customer ? 'true' : false, data: { testid: 'customer-' + c.id, id: c.id },
  }, h('span', null, c.name), h('span', { class: `edition ed-${c.edition}` }, c.called)));
  fill($('customers'), ...tabs);
  const lang = $('lang');
  const to = new URLSearchParams({ lang: lang.hreflang, customer });
  lang.href = '?' + to;
}

function choose(id) {
  if (id === customer) return;
  customer = id;
  gen = seq = -1;
  sync();
}

function showSpeakers(s) {
  const people = s.customer.people;
  const chosen = (name, otherwise) => memory.get(`speaker.${customer}.${name}`) ?? otherwise?.id;
  const held = (r) => (app.person(r.select.value) && r.of === customer ? r.select.value : null);
  const set = (r, list, otherwise) => {
    r.setSpeakers(list, held(r) ?? chosen(r.name, otherwise));
    r.of = customer;
  };
  const staff = people.filter((p) => p.staff);
  const chats = people.filter((p) => p.direct);
  set(rooms.front, people, people.find((p) => !p.staff));
  set(rooms.back, staff, staff.find((p) => p.role === 'expert'));
  set(rooms.direct, chats, chats.find((p) => p.role === 'manager'));
}

// showDirect shows the chat of the selected person: all of it after a change of
// person (changes is absent), otherwise what changed.
let directOf = '';
function showDirect(changes) {
  const who = rooms.direct.select.value;
  const key = `${customer}/${who}`;
  unread.delete('direct:' + who);
  if (changes && directOf === key) rooms.direct.put(changes);
  else {
    directOf = key;
    rooms.direct.clear();
    rooms.direct.put([...(directs.get(who)?.values() ?? [])].sort((a, b) => a.n - b.n));
    rooms.direct.toEnd();
  }
  const chats = app.state.customer.people.filter((p) => p.direct);
  const chips = chats.map((p) => {
    const n = unread.get('direct:' + p.id) ?? 0;
    return h('button', {
      type: 'button', class: 'chip', 'aria-pressed': String(p.id === who), title: p.name, data: { person: p.id, testid: `direct-${p.id}` },
      'aria-label': n ? `${p.name} · ${w('unread', { n })}` : p.name,
    }, avatar(p), n ? h('b', { class: 'count' }, n > 99 ? '99+' : n) : null);
  });
  fill($('chips'), ...chips);
  showCounts();
}

// count notes a new message somewhere that is not in sight.
const narrow = matchMedia('(max-width: 899px)');
function inSight(name) {
  if (name.startsWith('direct:')) return name === 'direct:' + rooms.direct.select.value && (!narrow.matches || view === 'direct');
  return !narrow.matches || view === name;
}
function count(name) {
  if (!inSight(name)) unread.set(name, (unread.get(name) ?? 0) + 1);
}

function showCounts() {
  for (const b of document.querySelectorAll('.views button')) {
    const name = b.dataset.go;
    let n = unread.get(name) ?? 0;
    if (name === 'direct') for (const [k, v] of unread) if (k.startsWith('direct:')) n += v;
    const box = b.querySelector('.count');
    box.hidden = n === 0;
    box.textContent = n > 99 ? '99+' : n;
    box.setAttribute('aria-label', n ? w('unread', { n }) : '');
  }
  const sums = { timers: app.state.timers.length, cases: app.state.cases.length };
  for (const b of document.querySelectorAll('.panel-tabs button')) {
    const n = sums[b.dataset.panel] ?? 0;
    const box = b.querySelector('.count');
    box.hidden = n === 0;
    box.textContent = n;
  }
}

const panelSeen = () => !narrow.matches || ['timers', 'cases', 'inside'].includes(view);

function showPanel() {
  const s = app.state;
  if (!panelSeen()) return;
  if (panelNow === 'timers') panel.timers(s.timers, now);
  if (panelNow === 'cases') panel.cases(s.cases, selected, file, now);
  if (panelNow === 'inside') panel.inside(s.inside, now);
}

function openCase(n) {
  selected = n;
  file = null;
  goPanel('cases');
}

function goPanel(name, focus) {
  panelNow = name;
  document.body.dataset.panel = name;
  for (const b of document.querySelectorAll('.panel-tabs button')) {
    const on = b.dataset.panel === name;
    b.setAttribute('aria-selected', String(on));
    b.tabIndex = on ? 0 : -1;
    if (on && focus) b.focus();
  }
  if (narrow.matches) go(name, false);
  showPanel();
  if (name === 'cases') sync();
}

// go changes what a phone shows.
function go(name, withPanel = true) {
  view = name;
  document.body.dataset.view = name;
  for (const b of document.querySelectorAll('.views button')) b.setAttribute('aria-current', b.dataset.go === name ? 'true' : 'false');
  if (rooms[name]) {
    unread.delete(name);
    rooms[name].fit();
    rooms[name].toEnd();
    if (name === 'direct') showDirect([]);
  } else if (withPanel) goPanel(name);
  showCounts();
}

// --- the story ---

function showStory() {
  const box = $('story');
  if (!box || box.hidden) return;
  const s = app.state;
  const phase = Math.max(0, ...s.cases.map((c) => c.phase));
  const open = s.cases.find((c) => c.phase > 0 && c.phase < 5) ?? s.cases[0];
  const guest = s.customer.people.find((p) => !p.staff);
  const expert = s.customer.people.find((p) => p.role === 'expert') ?? s.customer.people.find((p) => p.staff);
  const say = (room, person, text) => {
    if (!person) return;
    if (narrow.matches) go(room);
    rooms[room].select.value = person.id;
    app.spoke(rooms[room]);
    rooms[room].dress();
    rooms[room].say(text, person.id);
  };
  const n = open?.n ?? 1;
  const steps = [
    { done: s.cases.length > 0, run: () => say('front', guest, w('story1Text')) },
    { done: escalated || phase >= 2, run: () => { escalated = true; if (narrow.matches) go('back'); op('next'); } },
    { done: phase >= 3, run: () => say('back', expert, `/claim ${n} ${w('story3Text', { who: expert?.name ?? '' })}`) },
    { done: phase >= 5, run: () => say('back', expert, `/resolve ${n} ${w('story4Text')}`) },
    { done: forwarded, run: () => { forwarded = true; if (narrow.matches) go('front'); op('x3600'); showStory(); } },
  ];
  app.steps = steps;
  panel.story(steps, steps.findIndex((x) => !x.done) + 1);
}

function openStory(on) {
  const box = $('story');
  if (!box) return;
  box.hidden = !on;
  $('story-open').hidden = on;
  memory.set('story', on ? 'open' : 'closed');
  showStory();
}

// --- time, reset, keys ---

async function op(name) {
  const buttons = [...document.querySelectorAll('[data-op]')];
  for (const b of buttons) if (b.dataset.op === name) b.setAttribute('aria-busy', 'true');
  await post('api/time', { op: name, customer });
  for (const b of buttons) b.removeAttribute('aria-busy');
}

on(document.body, 'op', op);
on($('customers'), 'id', choose);
on($('chips'), 'person', (id) => {
  rooms.direct.select.value = id;
  app.spoke(rooms.direct);
  rooms.direct.dress();
});
on($('panel-timers'), 'open', (n) => openCase(Number(n)));
on($('panel-cases'), 'open', (n) => openCase(Number(n)));
on($('steps'), 'step', (n) => app.steps[Number(n) - 1].run());

$('story-open')?.addEventListener('click', () => openStory(true));
$('story-close')?.addEventListener('click', () => openStory(false));
$('reset')?.addEventListener('click', () => $('reset-dialog').showModal());
$('reset-dialog')?.addEventListener('close', async (e) => {
  if (e.target.returnValue !== 'yes') return;
  e.target.returnValue = '';
  if (await post('api/reset', {})) openStory(true);
});
$('keys-open').addEventListener('click', () => $('keys').showModal());
for (const d of document.querySelectorAll('dialog')) {
  d.addEventListener('click', (e) => { if (e.target === d) d.close(); }); // outside of it
}
$('lang').addEventListener('click', () => {
  document.cookie = `butler_lang=${$('lang').hreflang}; path=${location.pathname}; max-age=31536000; samesite=lax`;
});

for (const b of document.querySelectorAll('.panel-tabs button')) {
  b.addEventListener('click', () => goPanel(b.dataset.panel));
  b.addEventListener('keydown', (e) => {
    const names = ['timers', 'cases', 'inside'];
    const i = names.indexOf(b.dataset.panel);
    const to = { ArrowRight: i + 1, ArrowLeft: i + 2, Home: 0, End: 2 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    goPanel(names[to % 3], true);
  });
}
for (const b of document.querySelectorAll('.views button')) b.addEventListener('click', () => go(b.dataset.go));
narrow.addEventListener('change', () => go(view));

document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.isComposing) return;
  if (e.target.closest('input, textarea, select, dialog')) return;
  const onButton = e.target.closest('button, a, [tabindex="0"]'); // there, space has a meaning already
  const keys = {
    1: () => { go('front'); rooms.front.text.focus(); },
    2: () => { go('back'); rooms.back.text.focus(); },
    3: () => { go('direct'); rooms.direct.text.focus(); },
    t: () => goPanel('timers', true),
    c: () => goPanel('cases', true),
    i: () => goPanel('inside', true),
    '?': () => $('keys').showModal(),
  };
  if (virtual) {
    keys['.'] = () => op('minute');
    keys.n = () => op('next');
    if (!onButton) keys[' '] = () => op($('clock').dataset.speed === '0' ? 'x1' : 'pause');
  }
  const run = keys[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (run) {
    e.preventDefault();
    run();
  }
});

document.querySelector('.skip').addEventListener('click', (e) => {
  e.preventDefault();
  go('front');
  rooms.front.text.focus();
});

goPanel('timers');
go('front');
openStory(memory.get('story') !== 'closed');
sync();
if (!document.hidden) listen();
