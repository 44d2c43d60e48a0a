// The line to the server: questions, actions, the stream of events, and the
// refusals that people see.

import { $, h, w, has } from './fmt.js';

// get asks for something. null when there is no answer, which people are told;
// undefined when the server refuses with the id that the caller expects.
export async function get(path, params, expected) {
  try {
    const r = await fetch(`${path}?${new URLSearchParams(params)}`, { headers: { Accept: 'application/json' } });
    const body = await r.json();
    if (r.ok) return body;
    if (body.id === expected) return undefined;
    toast(body);
  } catch {
    // The line is down; the event stream says so and comes back.
  }
  return null;
}

// post does something, and says what became of it: done, refused, or unheard (it
// stands in the room and can be sent again).
export async function post(path, body) {
  try {
    const r = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    if (r.ok) return 'done';
    toast(await r.json());
    return r.status === 502 ? 'unheard' : 'refused';
  } catch {
    toast({ id: 'network' });
    return 'refused';
  }
}

export function toast(problem) {
  const id = 'e-' + problem.id;
  tell(has(id) ? w(id, { why: problem.error ?? '' }) : w('e-failed', { why: problem.error ?? problem.id }));
}

// tell shows a line for a few seconds.
export function tell(text) {
  const box = $('toasts');
  if ([...box.children].some((t) => t.textContent === text)) return;
  const el = h('p', { class: 'toast' }, text);
  box.append(el);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => el.remove(), 6000);
}

// listen hands every event to heard. A hidden tab lets go of its stream: browsers
// keep only six connections to a host. When it is looked at again, back is called,
// to catch up with one request.
export function listen(heard, back) {
  let stream = null;
  let lost = 0;
  const calm = () => {
    clearTimeout(lost);
    lost = 0;
  };
  const open = () => {
    calm();
    stream?.close();
    stream = new EventSource('events');
    stream.onmessage = (e) => {
      calm();
      $('offline').hidden = true;
      heard(JSON.parse(e.data));
    };
    stream.onerror = () => {
      // A browser reconnects by itself unless it was refused.
      lost ||= setTimeout(() => {
        lost = 0;
        $('offline').hidden = false;
        if (stream?.readyState === EventSource.CLOSED) open();
      }, 1500);
    };
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      calm();
      stream?.close();
      stream = null;
    } else {
      open();
      back();
    }
  });
  if (!document.hidden) open();
}
