// Words, dates and elements. Text of people only ever enters the page through
// h(): as text nodes and attribute values, never as markup.

const words = JSON.parse(document.getElementById('words').textContent);
export const lang = document.documentElement.lang;
export const virtual = document.querySelector('[data-op]') !== null;

// w returns the words of the page for an id, {name} filled from values.
export function w(id, values) {
  let text = words[id] ?? id;
  for (const [k, v] of Object.entries(values ?? {})) text = text.replaceAll(`{${k}}`, v);
  return text;
}

export const has = (id) => id in words;

// h makes an element. Attributes are set as they are, `on…` are listeners, `data`
// is a dataset, false and null leave an attribute out. Strings become text nodes.
export function h(tag, attributes, ...children) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes ?? {})) {
    if (v === false || v === null || v === undefined) continue;
    if (k === 'data') Object.assign(el.dataset, v);
    else if (k.startsWith('on')) el.addEventListener(k.slice(2), v);
    else el.setAttribute(k, v === true ? '' : v);
  }
  for (const c of children.flat()) {
    if (c !== null && c !== undefined && c !== false) el.append(c);
  }
  return el;
}

export const $ = (id) => document.getElementById(id);

// fill makes the children of an element look like the given ones and touches
// only what differs, so that focus, scrolling and live regions are left alone.
// Listeners of the given ones are lost: whoever fills listens on el itself.
export function fill(el, ...children) {
  const box = document.createElement('div');
  box.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  patch(el, box);
}

function patch(el, want) {
  const next = [...want.childNodes];
  next.forEach((b, i) => {
    const a = el.childNodes[i];
    if (!a) el.append(b);
    else if (a.isEqualNode(b)) return;
    else if (a.nodeName !== b.nodeName || a.nodeType !== Node.ELEMENT_NODE) a.replaceWith(b);
    else {
      for (const { name } of [...a.attributes]) if (!b.hasAttribute(name)) a.removeAttribute(name);
      for (const { name, value } of b.attributes) if (a.getAttribute(name) !== value) a.setAttribute(name, value);
      patch(a, b);
    }
  });
  while (el.childNodes.length > next.length) el.lastChild.remove();
}

// grow makes a text field as high as its text, up to so many pixels.
export function grow(field, most) {
  field.style.height = '';
  if (!field.offsetParent) return; // not in sight: nothing to measure
  const edges = field.offsetHeight - field.clientHeight;
  field.style.height = `${Math.min(field.scrollHeight + edges, most)}px`;
}

// on listens for clicks on whatever carries a data attribute below an element.
export function on(el, name, run) {
  el?.addEventListener('click', (e) => {
    const hit = e.target.closest(`[data-${name}]`);
    if (hit && el.contains(hit)) run(hit.dataset[name], hit);
  });
}

const locale = lang === 'en' ? 'en-GB' : lang; // 23 Nov, as on the cards
let zone = 'Asia/Shanghai';
let formats = {};

// setZone chooses the zone of all times on the page.
export function setZone(name) {
  if (formats.zone === name) return;
  zone = name || 'Asia/Shanghai';
  const make = (o) => {
    try {
      return new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...o });
    } catch {
      return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', hourCycle: 'h23', ...o });
    }
  };
  formats = {
    zone: name,
    time: make({ hour: '2-digit', minute: '2-digit' }),
    seconds: make({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: make(lang === 'en' ? { weekday: 'short', day: 'numeric', month: 'short' } : { month: 'long', day: 'numeric', weekday: 'short' }),
    key: make({ year: 'numeric', month: '2-digit', day: '2-digit' }),
    offset: make({ hour: '2-digit', timeZoneName: 'shortOffset' }),
  };
}
setZone(zone);

export const clockTime = (t) => formats.seconds.format(t);
export const hhmm = (t) => formats.time.format(t);
export const dayOf = (t) => formats.day.format(t);
export const dayKey = (t) => formats.key.format(t);

// zoneParts is the zone as people read it: Asia/Shanghai, UTC+8.
export function zoneParts(t) {
  const part = formats.offset.formatToParts(t).find((p) => p.type === 'timeZoneName');
  const offset = (part ? part.value : '').replace('GMT', 'UTC').replace(/^UTC$/, 'UTC+0');
  return zone.includes('/') ? [zone, offset] : ['', zone];
}

// moment is a time with its day when that is not today, on the page's clock.
export function moment(t, now) {
  return dayKey(t) === dayKey(now) ? hhmm(t) : `${dayOf(t)} ${hhmm(t)}`;
}

// span is a length of time in two units: 3 天 2 小时, 12 min 05 s.
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  const units = lang === 'en' ? [' d', ' h', ' min', ' s'] : [' 天', ' 小时', ' 分', ' 秒'];
  const parts = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
  let i = parts.findIndex((p) => p > 0);
  if (i < 0) i = 3;
  const out = [parts[i] + units[i]];
  if (i < 3 && (parts[i + 1] > 0 || i === 2)) out.push((i === 2 ? String(parts[3]).padStart(2, '0') : parts[i + 1]) + units[i + 1]);
  return out.join(' ');
}
