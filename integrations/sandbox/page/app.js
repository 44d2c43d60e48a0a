// The page: one state, fetched when an event says that it moved on; rooms and
// panels that show it; and the actions of people.

import { $, h, w, lang, setZone, clockTime, dayOf, zoneParts, fill, on } from './fmt.js';
import { get, post, listen, tell, toast } from './net.js';
import { Room } from './room.js';
import { avatar } from './message.js';
import { Story } from './story.js';
import { Scanner } from './scan.js';
import { keys, dialogs } from './keys.js';
import * as panel from './panel.js';

const memory = {
  get(k) { try { return localStorage.getItem('butler.' + k); } catch { return null; } },
  set(k, v) { try { localStorage.setItem('butler.' + k, v); } catch { /* a private window: remember nothing */ } },
};

const query = new URLSearchParams(location.search);
let gen = -1;
let seq = -1;
let customer = query.get('customer') ?? memory.get('customer') ?? ''; // '': whom the server proposes
let now = new Date();
let selected = 0; // case
let file = null; // of the selected case
let panelNow = 'timers';
let view = 'front';
const directs = new Map(); // person → messages of their direct chat, by id
const unread = new Map(); // view or direct:person → count

const app = {
  state: { customer: { id: '', people: [] }, cases: [], timers: [], inside: [], riding: false },
  person: (id) => app.state.customer.people.find((p) => p.id === id),
  get,
  async post(path, body) {
    const outcome = await post(path, body);
    sync();
    return outcome;
  },
  spoke(room) {
    memory.set(`speaker.${app.state.customer.id}.${room.name}`, room.select.value);
    if (room.name === 'direct') showDirect();
  },
  op,
  look(room) { if (narrow.matches) go(room); },
  speakIn(room) {
    go(room);
    rooms[room].text.focus();
  },
  goPanel: (name, focus) => goPanel(name, focus),
  now: () => now,
  tell,
  refused: toast,
  async scan() {
    const taken = await scanner.send();
    sync();
    return taken;
  },
  running: () => $('clock').dataset.speed !== '0' || app.state.riding,
};

const rooms = { front: new Room('front', app), back: new Room('back', app), direct: new Room('direct', app) };
app.rooms = rooms;
const story = new Story(app);
const scanner = new Scanner(app);

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
    const s = await get('api/state', { customer, lang, gen, seq }, asked ? 'unknown-customer' : '');
    if (s === undefined) {
      customer = '';
      wanted = true;
    } else if (s && asked === customer) await show(s);
    else if (s) wanted = true;
  } while (wanted);
  syncing = false;
}

// heard is one event: where things stand.
function heard(at) {
  tick(new Date(at.now), at.speed, at.riding);
  if (at.gen !== gen || at.seq !== seq) sync();
}

// --- showing ---

async function show(s) {
  const before = app.state.customer.id;
  const moved = s.customer.id !== before;
  app.state = s;
  customer = s.customer.id;
  setZone(s.customer.zone);
  if (moved || s.full) {
    for (const r of Object.values(rooms)) r.clear();
    directs.clear();
    unread.clear();
    selected = 0;
    file = null;
    if (s.gen !== gen) {
      story.afresh();
      scanner.afresh();
    }
  }
  showCustomers(s);
  showSpeakers(s);
  if (moved) for (const r of Object.values(rooms)) r.keep(before, customer);
  tick(new Date(s.now), s.speed, s.riding);

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
  rooms.front.put(fresh.front, first);
  rooms.back.put(fresh.back, first);
  showDirect(first ? null : s.messages.filter((m) => m.room === 'direct:' + rooms.direct.select.value));
  for (const r of Object.values(rooms)) r.dress();

  gen = s.gen;
  seq = s.seq;
  $('trouble').hidden = !s.trouble;
  $('trouble').textContent = s.trouble ? w('e-failed', { why: s.trouble }) : '';
  if (selected === 0 && s.cases.length > 0) selected = s.cases[0].n;
  showCounts();
  story.show();
  showPanel();
  if (panelNow === 'cases' && panelSeen() && selected) {
    const f = await get('api/case', { customer, case: selected, lang });
    if (f && f.line && customer === s.customer.id) file = f;
    showPanel();
  }
}

// tick moves the page's clock to where the server's stands.
function tick(t, speed, riding) {
  now = t;
  const box = $('clock');
  box.dataset.now = t.toISOString();
  box.dataset.speed = speed;
  box.title = t.toISOString();
  box.dataset.riding = riding;
  const [zone, offset] = zoneParts(t);
  for (const [name, text] of [['clock-date', dayOf(t)], ['clock-time', clockTime(t)], ['zone-name', zone], ['zone-offset', offset]]) {
    const el = box.querySelector('.' + name);
    if (el.textContent !== text) el.textContent = text;
  }
  const on = riding ? '' : speed === 0 ? 'pause' : 'x' + speed;
  for (const b of document.querySelectorAll('.segments [data-op]')) b.setAttribute('aria-pressed', String(b.dataset.op === on));
  document.body.dataset.speed = riding ? 'ride' : speed;
  if (app.state.riding !== riding) {
    app.state.riding = riding;
    story.show();
  }
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
  memory.set('customer', id);
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
    rooms.direct.put([...(directs.get(who)?.values() ?? [])].sort((a, b) => a.n - b.n), true);
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
    if (rooms[name].ask) rooms[name].follow();
    else rooms[name].settle();
    if (name === 'direct') showDirect([]);
  } else if (withPanel) goPanel(name);
  showCounts();
}

// --- the story ---

function openStory(on) {
  const box = $('story');
  if (!box) return;
  box.hidden = !on;
  $('story-open').hidden = on;
  memory.set('story', on ? 'open' : 'closed');
  story.show();
}

// --- actions ---

async function op(name) {
  const buttons = [...document.querySelectorAll(`[data-op="${name}"]`)];
  for (const b of buttons) b.setAttribute('aria-busy', 'true');
  const outcome = await app.post('api/time', { op: name, customer });
  for (const b of buttons) b.removeAttribute('aria-busy');
  return outcome;
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

$('scan')?.addEventListener('click', app.scan);
$('story-open')?.addEventListener('click', () => openStory(true));
$('story-close')?.addEventListener('click', () => openStory(false));
$('lang').addEventListener('click', () => {
  document.cookie = `butler_lang=${$('lang').hreflang}; path=${location.pathname}; max-age=31536000; samesite=lax`;
});

for (const b of document.querySelectorAll('.panel-tabs button')) b.addEventListener('click', () => goPanel(b.dataset.panel));
for (const b of document.querySelectorAll('.views button')) b.addEventListener('click', () => go(b.dataset.go));
narrow.addEventListener('change', () => go(view));

keys(app);
dialogs(async () => { if (await app.post('api/reset', {}) === 'done') openStory(true); });

goPanel('timers');
go('front');
openStory(memory.get('story') !== 'closed');
sync();
listen(heard, sync);
