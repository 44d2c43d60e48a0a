// A room: its messages, its composer, and the completion of commands.

import { $, h, w, lang, hhmm, dayOf, dayKey, moment } from './fmt.js';

const MAX = 500; // messages of a room that are kept, like on the server

export class Room {
  // app offers: state, post(path, body), get(path), speakers(room), now().
  constructor(name, app) {
    this.name = name;
    this.app = app;
    this.log = $(`scroll-${name}`);
    this.select = $(`speaker-${name}`);
    this.text = $(`say-${name}`);
    this.form = $(`form-${name}`);
    this.list = $(`complete-${name}`);
    this.underBar = $(`under-${name}`);
    this.newer = $(`newer-${name}`);
    this.messages = new Map(); // id → message
    this.nodes = new Map(); // id → element
    this.thread = '';
    this.choice = -1;
    this.drafts = new Map(); // what was typed, by customer
    this.wire();
  }

  // --- messages ---

  clear() {
    this.messages.clear();
    this.nodes.clear();
    this.log.replaceChildren();
    this.setThread('');
    this.empty();
  }

  // put shows new and changed messages, oldest first.
  put(list) {
    if (list.length === 0) return;
    const atEnd = this.atEnd();
    let fresh = false;
    for (const m of list) {
      const old = this.nodes.get(m.id);
      const node = this.render(m, old !== undefined);
      this.messages.set(m.id, m);
      this.nodes.set(m.id, node);
      if (old) old.replaceWith(node);
      else {
        this.append(m, node);
        fresh = true;
      }
    }
    while (this.messages.size > MAX) {
      const id = this.messages.keys().next().value;
      this.messages.delete(id);
      this.nodes.get(id).remove();
      this.nodes.delete(id);
    }
    this.empty();
    if (atEnd) this.toEnd();
    else if (fresh) this.newer.hidden = false;
  }

  append(m, node) {
    const day = dayKey(new Date(m.at));
    if (this.log.dataset.day !== day || this.log.querySelector('.msg') === null) {
      this.log.querySelector('.blank')?.remove();
      this.log.append(h('p', { class: 'day', data: { day } }, h('span', null, dayOf(new Date(m.at)))));
      this.log.dataset.day = day;
    }
    this.log.append(node);
  }

  empty() {
    const blank = this.log.querySelector('.blank');
    if (this.messages.size > 0) {
      blank?.remove();
      return;
    }
    const who = this.speaker()?.name ?? '';
    const node = h('div', { class: 'blank' },
      h('p', { class: 'blank-title' }, w(`${this.name}Empty`, { who })),
      h('p', null, w(`${this.name}EmptyMore`)));
    // The log is a live region: what stands there is not said again.
    if (blank?.isEqualNode(node)) return;
    if (blank) blank.replaceWith(node);
    else this.log.replaceChildren(node);
    delete this.log.dataset.day;
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.newer.hidden = true;
  }

  // veil hides private cards of people who are not the selected speaker.
  veil() {
    for (const [id, node] of this.nodes) {
      const m = this.messages.get(id);
      node.hidden = Boolean(m.private) && m.private !== this.select.value;
    }
  }

  render(m, changed) {
    const node = m.card ? this.renderCard(m) : m.click ? this.renderClick(m) : this.renderWords(m);
    node.dataset.testid = 'message';
    node.dataset.id = m.id;
    node.dataset.from = m.from ? m.from.id : 'bot';
    if (m.kind) node.dataset.kind = m.kind;
    node.hidden = Boolean(m.private) && m.private !== this.select.value;
    if (changed) node.classList.add('flash');
    return node;
  }

  time(at) {
    const t = new Date(at);
    return h('time', { datetime: at, title: t.toISOString() }, hhmm(t));
  }

  under(m) {
    const above = m.thread && this.messages.get(m.thread);
    if (!above) return null;
    const title = above.card ? above.card.title : above.text;
    return h('p', { class: 'ref' }, h('span', { 'aria-hidden': 'true' }, '↳ '), h('span', { class: 'sr' }, w('under') + ' '), title);
  }

  lost(m) {
    if (!m.lost) return null;
    return h('p', { class: 'lost', data: { testid: 'lost' } }, w('lost'),
      h('button', {
        type: 'button', class: 'link',
        onclick: () => this.app.post('api/again', { ...this.place(m.from.id), message: m.id }),
      }, w('again')));
  }

  renderWords(m) {
    return h('article', { class: `msg words ${m.from.staff ? 'staff' : 'guest'}` },
      avatar(m.from),
      h('div', { class: 'body' },
        h('p', { class: 'meta' }, h('b', null, m.from.name), h('span', { class: `role role-${m.from.role}` }, w(m.from.role)), this.time(m.at)),
        this.under(m),
        h('p', { class: m.text.startsWith('/') ? 'bubble command' : 'bubble' }, m.text),
        this.lost(m)));
  }

  renderClick(m) {
    return h('article', { class: 'msg pressed' },
      h('p', null, avatar(m.from), h('b', null, m.from.name), ` ${w('pressed')} `, h('span', { class: 'ghost' }, m.click), ' ',
        h('code', null, m.text), ' ', this.time(m.at)),
      this.lost(m));
  }

  renderCard(m) {
    const c = m.card;
    const for_ = m.private && (this.app.person(m.private)?.name ?? m.private);
    const lines = [];
    let fields = null;
    let items = null;
    for (const l of c.lines ?? []) {
      if (l.kind !== 'field') fields = null;
      if (l.kind !== 'item') items = null;
      switch (l.kind) {
        case 'field':
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
      type: 'button', class: `button ${b.style ?? ''}`, title: b.command, data: { testid: 'card-button', command: b.command },
      onclick: (e) => this.press(m, b, e.currentTarget),
    }, b.label));
    return h('article', { class: `msg card tone-${['info', 'success', 'warning', 'danger'].includes(c.tone) ? c.tone : 'plain'}${m.private ? ' private' : ''}` },
      h('div', { class: 'cardbox', lang: c.lang || false, data: { testid: 'card', tone: c.tone ?? '' } },
        h('p', { class: 'meta' },
          h('img', { src: 'static/icon.svg', alt: '', width: 16, height: 16 }), h('b', null, w('bot')),
          m.asked ? h('span', { class: 'at' }, '@' + m.asked) : null,
          m.private ? h('span', { class: 'only' }, w('onlyFor', { who: for_ })) : null,
          this.time(m.at),
          m.updated ? h('span', { class: 'updated', data: { testid: 'updated' }, title: m.updated }, `${w('updated')} ${moment(new Date(m.updated), new Date(m.at))}`) : null,
          h('button', { type: 'button', class: 'quiet icon answer', title: w('reply'), 'aria-label': w('reply'), onclick: () => { this.setThread(m.id); this.text.focus(); } }, '↩')),
        this.under(m),
        c.title ? h('h3', { data: { testid: 'card-title' } }, c.title) : null,
        ...lines,
        buttons.length ? h('div', { class: 'buttons' }, buttons) : null,
        c.foot ? h('p', { class: 'foot' }, c.foot) : null));
  }

  async press(m, b, button) {
    button.setAttribute('aria-busy', 'true');
    await this.app.post('api/click', { ...this.place(), message: m.id, command: b.command });
    button.removeAttribute('aria-busy');
  }

  // --- composer ---

  place(person) {
    return { customer: this.app.state.customer.id, room: this.name, person: person ?? this.select.value };
  }

  speaker() {
    return this.app.person(this.select.value);
  }

  // setSpeakers offers people; the choice stays when it still exists.
  setSpeakers(people, chosen) {
    const want = people.some((p) => p.id === chosen) ? chosen : people[0]?.id ?? '';
    const key = JSON.stringify(people);
    if (this.peopleKey !== key) {
      this.peopleKey = key;
      this.select.replaceChildren(...people.map((p) => h('option', { value: p.id }, `${p.name} · ${w(p.role)}`)));
    }
    this.select.value = want;
    this.dress();
  }

  dress() {
    const who = this.speaker();
    if (!who) return;
    const face = avatar(who);
    const old = this.form.querySelector('.avatar');
    if (!old.isEqualNode(face)) old.replaceWith(face);
    this.text.placeholder = w('placeholder', { who: who.name });
    for (const b of this.log.querySelectorAll('.buttons .button')) b.setAttribute('aria-description', w('pressAs', { who: who.name }));
    this.veil();
    this.empty();
  }

  setThread(id) {
    const m = id && this.messages.get(id);
    this.thread = m ? id : '';
    this.underBar.hidden = !m;
    if (m) this.underBar.firstElementChild.textContent = `${w('replyTo')} ${m.card ? m.card.title : m.text}`;
  }

  // keep puts the draft of one customer aside and brings out another's.
  keep(from, to) {
    if (from) this.drafts.set(from, this.text.value);
    this.text.value = this.drafts.get(to) ?? '';
    this.fit();
    this.closeList();
  }

  async say(text, person) {
    const sent = await this.app.post('api/say', { ...this.place(person), text, thread: this.thread });
    this.setThread('');
    this.toEnd();
    return sent;
  }

  fit() {
    this.text.style.height = '';
    if (!this.text.offsetParent) return; // not in sight: nothing to measure
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
  }

  wire() {
    this.form.addEventListener('submit', async (e) => {
      e.preventDefault();
      const text = this.text.value.trim();
      if (!text || this.sending) return;
      this.sending = true;
      this.text.value = '';
      this.closeList();
      this.fit();
      const sent = await this.say(text);
      // Refused outright: give the words back. A message that merely was not
      // heard stands in the room and can be sent again there.
      if (!sent && this.app.refused && this.text.value === '') this.text.value = text;
      this.fit();
      this.sending = false;
    });
    this.text.addEventListener('input', () => {
      this.fit();
      this.complete();
    });
    this.text.addEventListener('keydown', (e) => this.key(e));
    this.text.addEventListener('blur', () => this.closeList());
    this.select.addEventListener('change', () => {
      this.app.spoke(this);
      this.dress();
      this.text.focus();
    });
    this.underBar.querySelector('button').addEventListener('click', () => this.setThread(''));
    this.newer.addEventListener('click', () => this.toEnd());
    this.log.addEventListener('scroll', () => {
      if (this.atEnd()) this.newer.hidden = true;
    });
    new ResizeObserver(() => {
      if (this.newer.hidden) this.toEnd();
    }).observe(this.log);
  }

  key(e) {
    // A Chinese IME uses Enter and arrows itself.
    if (e.isComposing || e.keyCode === 229) return;
    const open = !this.list.hidden;
    if (open && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      e.preventDefault();
      this.choose(this.choice + (e.key === 'ArrowDown' ? 1 : -1));
    } else if (open && e.key === 'Tab' && !e.shiftKey) {
      e.preventDefault();
      this.insert(this.list.children[Math.max(0, this.choice)]);
    } else if (e.key === 'Escape') {
      if (open) {
        e.stopPropagation();
        this.closeList();
      } else if (this.thread) this.setThread('');
      else this.text.blur();
    } else if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault();
      const option = open && this.choice >= 0 ? this.list.children[this.choice] : null;
      if (option && this.text.value.trim() !== option.dataset.insert.trim()) this.insert(option);
      else this.form.requestSubmit();
    }
  }

  async complete() {
    const prefix = this.text.value;
    if (!/^[/／]/.test(prefix) || prefix.includes('\n')) {
      this.closeList();
      return;
    }
    const asked = (this.asked = {});
    const items = await this.app.get('api/complete', { ...this.place(), prefix, lang });
    if (this.asked !== asked || this.text.value !== prefix || !items) return;
    this.list.replaceChildren(...items.map((it, i) => h('li', {
      role: 'option', id: `${this.list.id}-${i}`, 'aria-selected': 'false', data: { insert: it.insert },
      onpointerdown: (e) => { e.preventDefault(); this.insert(e.currentTarget); },
    }, h('code', null, it.label), it.value ? h('span', null, it.value) : null)));
    if (items.length === 0) {
      this.closeList();
      return;
    }
    this.list.hidden = false;
    this.text.setAttribute('role', 'combobox'); // only while there is a list to choose from
    this.text.setAttribute('aria-expanded', 'true');
    this.choose(-1);
  }

  choose(i) {
    const n = this.list.children.length;
    this.choice = n === 0 ? -1 : i < -1 ? n - 1 : i >= n ? 0 : i;
    [...this.list.children].forEach((li, k) => li.setAttribute('aria-selected', String(k === this.choice)));
    const li = this.list.children[this.choice];
    if (li) {
      this.text.setAttribute('aria-activedescendant', li.id);
      li.scrollIntoView({ block: 'nearest' });
    } else this.text.removeAttribute('aria-activedescendant');
  }

  insert(option) {
    if (!option) return;
    this.text.value = option.dataset.insert.trimEnd() + ' ';
    this.text.focus();
    this.fit();
    this.complete();
  }

  closeList() {
    this.asked = null;
    this.list.hidden = true;
    this.choice = -1;
    for (const a of ['role', 'aria-expanded', 'aria-activedescendant']) this.text.removeAttribute(a);
  }
}

// avatar is a person's initial in the colour of their role.
export function avatar(who) {
  const name = who.name || who.id;
  const latin = /^[\x20-\x7e]+$/.test(name);
  const initials = latin ? name.split(/\s+/).map((s) => s[0]).slice(0, 2).join('').toUpperCase() : [...name][0];
  return h('span', { class: `avatar role-${who.role}`, 'aria-hidden': 'true' }, initials);
}
