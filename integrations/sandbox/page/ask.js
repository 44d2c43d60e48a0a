// The form of a button that lacks its text. It hangs below its card, stays as it
// is while the card changes, and types the command with the words behind it.

import { h, w, grow } from './fmt.js';

const sends = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘+Enter' : 'Ctrl+Enter';

export class Ask {
  // of is the message with the card and the button b; text is what was written
  // before. done(sent) is called at the end, wrote(text) at every change.
  constructor(room, of, b, text, { done, wrote }) {
    this.room = room;
    this.id = of.id;
    this.button = b;
    this.done = done;
    const id = `ask-${room.name}`;
    this.text = h('textarea', {
      id, rows: 3, spellcheck: 'false', 'aria-required': 'true', 'aria-describedby': `${id}-problem ${id}-keys`, data: { testid: 'form-text' },
      oninput: () => {
        this.mark('');
        this.fit();
        wrote(this.text.value);
      },
    });
    this.text.value = text;
    this.problem = h('p', { class: 'problem', id: `${id}-problem`, role: 'alert', hidden: true, data: { testid: 'form-problem' } });
    this.send = h('button', { type: 'submit', class: 'button primary', 'aria-keyshortcuts': 'Control+Enter Meta+Enter', data: { testid: 'form-send' } }, w('send'));
    // The log is a live region; the form has the focus and is read out by that.
    this.el = h('form', {
      class: 'ask', autocomplete: 'off', 'aria-live': 'off', 'aria-labelledby': `${id}-title`, data: { testid: 'form' },
      onsubmit: (e) => {
        e.preventDefault();
        this.submit();
      },
      onkeydown: (e) => this.shortcut(e),
    },
    h('p', { class: 'ask-head' },
      h('label', { for: id, id: `${id}-title`, lang: of.card.lang || false }, b.label),
      h('code', { 'aria-hidden': 'true' }, b.command)),
    this.text, this.problem,
    h('div', { class: 'ask-foot' },
      h('p', { class: 'hint', id: `${id}-keys` }, w('askKeys', { key: sends })),
      h('button', { type: 'button', class: 'button', 'aria-keyshortcuts': 'Escape', onclick: () => done(false), data: { testid: 'form-cancel' } }, w('cancel')),
      this.send));
  }

  // show brings the form into sight, and the cursor behind what was written.
  show(focus) {
    this.fit();
    if (focus) {
      this.text.focus({ preventScroll: true });
      this.text.setSelectionRange(this.text.value.length, this.text.value.length);
    }
    this.el.scrollIntoView({ block: 'nearest' });
  }

  fit() {
    grow(this.text, 220);
  }

  // mark says why nothing was sent; '' takes it back.
  mark(why) {
    this.problem.textContent = why;
    this.problem.hidden = !why;
    if (why) {
      this.text.setAttribute('aria-invalid', 'true');
      this.show(true);
    } else this.text.removeAttribute('aria-invalid');
  }

  shortcut(e) {
    // A Chinese IME uses Escape and Enter itself.
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === 'Escape') {
      e.preventDefault();
      e.stopPropagation();
      this.done(false);
    } else if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      this.submit();
    }
  }

  async submit() {
    if (this.sending) return;
    const text = this.text.value.trim();
    const n = [...text].length;
    const max = this.button.asks;
    if (n === 0 || n > max) {
      this.mark(n === 0 ? w('e-no-text') : w('askLong', { n, max }));
      return;
    }
    this.mark('');
    this.sending = this.text.readOnly = true;
    this.el.setAttribute('aria-busy', 'true');
    const outcome = await this.room.app.post('api/click', { ...this.room.place(), message: this.id, command: this.button.command, text });
    this.sending = this.text.readOnly = false;
    this.el.removeAttribute('aria-busy');
    // Refused outright: the words stay. What merely was not heard stands in the
    // room and can be sent again there.
    if (outcome === 'refused') this.text.focus();
    else this.done(true);
  }
}
