// The keyboard, and the dialogs.

import { $, virtual } from './fmt.js';

// keys listens for shortcuts outside of fields; app offers go(view, focus),
// goPanel(name, focus), op(name), running().
export function keys(app) {
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.isComposing) return;
    if (e.target.closest('input, textarea, select, dialog')) return;
    const onButton = e.target.closest('button, a, [tabindex="0"]'); // there, space has a meaning already
    const does = {
      1: () => app.speakIn('front'),
      2: () => app.speakIn('back'),
      3: () => app.speakIn('direct'),
      t: () => app.goPanel('timers', true),
      c: () => app.goPanel('cases', true),
      e: () => app.goPanel('inside', true),
      '?': () => $('keys').showModal(),
    };
    if (virtual) {
      does['.'] = () => app.op('minute');
      does.n = () => app.op('next');
      if (!onButton) does[' '] = () => app.op(app.running() ? 'pause' : 'x1');
    }
    const run = does[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (run) {
      e.preventDefault();
      run();
    }
  });

  const names = ['timers', 'cases', 'inside'];
  for (const b of document.querySelectorAll('.panel-tabs button')) {
    b.addEventListener('keydown', (e) => {
      const i = names.indexOf(b.dataset.panel);
      const to = { ArrowRight: i + 1, ArrowLeft: i + 2, Home: 0, End: 2 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      app.goPanel(names[to % 3], true);
    });
  }

  document.querySelector('.skip').addEventListener('click', (e) => {
    e.preventDefault();
    app.speakIn('front');
  });
}

// dialogs wires the list of shortcuts and the question before a reset.
export function dialogs(reset) {
  $('keys-open').addEventListener('click', () => $('keys').showModal());
  $('reset')?.addEventListener('click', () => $('reset-dialog').showModal());
  $('reset-dialog')?.addEventListener('close', (e) => {
    if (e.target.returnValue !== 'yes') return;
    e.target.returnValue = '';
    reset();
  });
  for (const d of document.querySelectorAll('dialog')) {
    d.addEventListener('click', (e) => { if (e.target === d) d.close(); }); // outside of it
  }
}
