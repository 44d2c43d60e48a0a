// A room: its messages, its composer, and the completion of commands.

import { $, h, w, lang, grow, dayOf, dayKey } from './fmt.js';
import { draw, title, avatar } from './message.js';
import { Ask } from './ask.js';

const MAX = 500; // messages of a room that are kept, like on the server

export class Room {
  // app offers: state, person(id), post(path, body), get(path, params), spoke(room).
  constructor(name, app) {
    this.name = name;
    this.app = app;
    this.log = $(`scroll-${name}`);
    this.select = $(`speaker-${name}`);
    this.text = $(`say-${name}`);
    this.form = $(`form-${name}`);
    this.list = $(`complete-${name}`);
    this.underBar = $(`under-${name}`);
    this.newer = $(`newer-${name}`); // goes to what is new below
    this.older = $(`older-${name}`); // goes to a card that changed above
    this.following = true; // whatever comes next is shown; false once somebody scrolled away
    this.messages = new Map(); // id → message
    this.nodes = new Map(); // id → element
    this.thread = '';
    this.choice = -1;
    this.drafts = new Map(); // what was typed, by customer
    this.ask = null; // the open form of a button
    this.wrote = new Map(); // what was written into forms, by message and command
    this.wire();
  }

  // --- messages ---

  clear() {
    this.ask = null; // what was written comes back with the next press
    this.messages.clear();
    this.nodes.clear();
    this.log.replaceChildren();
    this.older.hidden = true;
    this.following = true;
    this.setThread('');
    this.empty();
  }

  // put shows new and changed messages, oldest first. Still: without movement,
  // because all of them are put at once.
  put(list, still) {
    if (list.length === 0) return;
    const atEnd = this.atEnd();
    let fresh = false;
    let above = null;
    for (const m of list) {
      const old = this.nodes.get(m.id);
      let node = this.render(m, old !== undefined);
      const before = this.messages.get(m.id);
      this.messages.set(m.id, m);
      if (old) node = this.swap(old, node, m.id);
      this.nodes.set(m.id, node);
      if (old) {
        if (title(before) !== title(m)) {
          this.rename(m);
          above = node;
        }
      } else {
        node.classList.toggle('arrives', !still);
        this.append(m, node);
        fresh ||= !node.hidden;
      }
    }
    while (this.messages.size > MAX) {
      const id = this.messages.keys().next().value;
      this.messages.delete(id);
      this.nodes.get(id).remove();
      this.nodes.delete(id);
    }
    this.empty();
    if (still || (fresh && this.following && !this.ask)) this.settle();
    else if (fresh) this.newer.hidden = false;
    else if (atEnd && !this.ask) this.log.scrollTop = this.log.scrollHeight;
    if (above && !still) this.point(above);
  }

  // swap puts a changed message in the place of the old one. A form that hangs
  // below it is left alone, and the focus stays on a button that is still there.
  swap(old, node, id) {
    const held = old.contains(document.activeElement) && document.activeElement.dataset.command;
    if (this.ask?.id === id && node.querySelector('.cardbox')) {
      old.querySelector('.cardbox').replaceWith(node.querySelector('.cardbox'));
      old.className = node.className;
      Object.assign(old.dataset, node.dataset);
      node = old;
    } else old.replaceWith(node);
    if (held) this.focusButton(node, held);
    return node;
  }

  focusButton(node, command) {
    (node?.querySelector(`.buttons [data-command="${CSS.escape(command)}"]`) ?? this.log).focus({ preventScroll: true });
  }

  // rename shows the present title of a message to those that hang under it.
  rename(m) {
    for (const el of this.log.querySelectorAll(`[data-under="${CSS.escape(m.id)}"]`)) el.textContent = title(m);
  }

  // point says for a while that a card out of sight has a new headline.
  point(node) {
    const edge = this.log.getBoundingClientRect().top;
    if (node.hidden || !node.offsetParent || node.getBoundingClientRect().bottom > edge + 40) return;
    const id = node.dataset.id;
    this.older.textContent = `↑ ${title(this.messages.get(id))}`;
    this.older.hidden = false;
    this.older.onclick = () => {
      this.older.hidden = true;
      this.nodes.get(id)?.scrollIntoView({ block: 'start' });
    };
    clearTimeout(this.pointing);
    this.pointing = setTimeout(() => { this.older.hidden = true; }, 8000);
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

  // settle shows the newest message: its end, or where it is taller than the
  // room its beginning, because that is where the promise stands.
  settle() {
    this.following = true;
    this.newer.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
    const newest = [...this.log.querySelectorAll('.msg')].findLast((el) => !el.hidden);
    if (newest) this.log.scrollTop -= Math.max(0, this.log.getBoundingClientRect().top + 10 - newest.getBoundingClientRect().top);
    this.placed = this.log.scrollTop;
  }

  // veil hides private cards of people who are not the selected speaker.
  veil() {
    for (const [id, node] of this.nodes) {
      const m = this.messages.get(id);
      node.hidden = Boolean(m.private) && m.private !== this.select.value;
      if (node.hidden && this.ask?.id === id) this.endAsk();
    }
  }

  // follow keeps in sight what people look at: the form they write in, else the
  // newest message unless they scrolled away from it.
  follow() {
    if (this.ask) this.ask.show();
    else if (this.following) this.settle();
  }

  render(m, changed) {
    const node = draw(this, m);
    node.dataset.testid = 'message';
    node.dataset.id = m.id;
    node.dataset.from = m.from ? m.from.id : 'bot';
    if (m.kind) node.dataset.kind = m.kind;
    node.hidden = Boolean(m.private) && m.private !== this.select.value;
    if (changed) node.classList.add('flash');
    return node;
  }

  async press(m, b, button) {
    if (b.asks) {
      this.openAsk(m, b);
      return;
    }
    button.setAttribute('aria-busy', 'true');
    await this.app.post('api/click', { ...this.place(), message: m.id, command: b.command });
    button.removeAttribute('aria-busy');
  }

  // openAsk opens the form of a button, one in a room at a time. Nobody who writes
  // is scrolled away; afterwards the room follows again if it did before.
  openAsk(m, b) {
    const key = `${m.id} ${b.command}`;
    if (this.ask?.key !== key) {
      this.endAsk();
      const followed = this.following;
      const ask = new Ask(this, m, b, this.wrote.get(key) ?? '', {
        wrote: (text) => this.wrote.set(key, text),
        done: () => {
          this.wrote.delete(key);
          if (this.ask !== ask) return; // the room shows another customer by now
          this.endAsk();
          this.following = followed;
          this.follow();
          this.focusButton(this.nodes.get(m.id), b.command);
        },
      });
      ask.key = key;
      this.ask = ask;
      this.nodes.get(m.id).append(this.ask.el);
      this.dress();
    }
    this.ask.show(true);
  }

  endAsk() {
    this.ask?.el.remove();
    this.ask = null;
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
    for (const b of this.log.querySelectorAll('.buttons .button')) b.setAttribute('aria-description', w(b.dataset.asks ? 'askAs' : 'pressAs', { who: who.name }));
    this.ask?.send.setAttribute('aria-description', w('sendAs', { who: who.name }));
    this.veil();
    this.empty();
  }

  setThread(id) {
    const m = id && this.messages.get(id);
    this.thread = m ? id : '';
    this.underBar.hidden = !m;
    if (m) this.underBar.firstElementChild.textContent = `${w('replyTo')} ${title(m)}`;
  }

  // keep puts the draft of one customer aside and brings out another's.
  keep(from, to) {
    if (from) this.drafts.set(from, this.text.value);
    this.text.value = this.drafts.get(to) ?? '';
    this.fit();
    this.closeList();
  }

  async say(text, person) {
    this.following = true;
    const outcome = await this.app.post('api/say', { ...this.place(person), text, thread: this.thread });
    this.setThread('');
    return outcome;
  }

  fit() {
    grow(this.text, 160);
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
      const outcome = await this.say(text);
      // Refused outright: give the words back. A message that merely was not
      // heard stands in the room and can be sent again there.
      if (outcome === 'refused' && this.text.value === '') this.text.value = text;
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
    this.newer.addEventListener('click', () => this.settle());
    this.log.addEventListener('scroll', () => {
      const end = this.atEnd();
      if (Math.abs(this.log.scrollTop - this.placed) > 2) this.following = end;
      if (end) this.newer.hidden = true;
    });
    new ResizeObserver(() => this.follow()).observe(this.log);
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
