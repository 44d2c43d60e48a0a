// The story in six steps, the strip below the top: each step is one button, and
// the first that is not done says what to press.

import { $, fill, h, w, lang, on } from './fmt.js';

// said are the words of the story, in the language of the customers' room.
const said = {
  'zh-CN': {
    report: '数据库主机出现勒索提示，所有文件都打不开了',
    claim: (who) => `我是${who}，正在排查，请先断开这台主机的网络`,
    resolve: '已清除恶意程序，数据已从备份恢复，入口漏洞已修补',
  },
  en: {
    report: 'There is a ransom note on the database host and none of our files open any more',
    claim: (who) => `This is ${who}. I am on it; please take that host off the network first`,
    resolve: 'Malware removed, data restored from backup, entry point patched',
  },
};

export class Story {
  // app offers: state, rooms, op(name), look(room), scan().
  constructor(app) {
    this.app = app;
    this.box = $('story');
    this.afresh();
    on($('steps'), 'step', (n) => this.steps[Number(n) - 1].run());
  }

  // afresh forgets that a step was taken.
  afresh() {
    this.escalated = false; // the second and the sixth: all others show in the cases
    this.scanned = false;
    this.inspected = false;
  }

  list() {
    const { state: s, op, look } = this.app;
    const phase = Math.max(0, ...s.cases.map((c) => c.phase));
    const open = s.cases.find((c) => c.phase > 0 && c.phase < 5) ?? s.cases[0];
    const n = open?.n ?? 1;
    const guest = s.customer.people.find((p) => !p.staff);
    const expert = s.customer.people.find((p) => p.role === 'expert') ?? s.customer.people.find((p) => p.staff);
    const words = said[s.customer.language] ?? said[lang];
    return [
      { done: s.cases.length > 0, run: () => this.say('front', guest, words.report) },
      { done: this.escalated || phase >= 2, run: () => this.escalate() },
      { done: phase >= 3, run: () => this.say('back', expert, `/claim ${n} ${words.claim(expert?.name ?? '')}`) },
      { done: phase >= 5, run: () => this.say('back', expert, `/resolve ${n} ${words.resolve}`) },
      {
        done: phase >= 6 && !s.riding, going: s.riding,
        run: () => {
          look('front');
          op(s.riding ? 'pause' : 'closing');
        },
      },
      {
        done: this.inspected && !s.riding, going: this.scanned && s.riding, do: this.scanned ? 'story6Next' : '',
        run: () => (this.scanned ? this.inspect() : this.scan()),
      },
    ];
  }

  say(room, person, text) {
    if (!person) return;
    const { rooms, look, spoke } = this.app;
    look(room);
    rooms[room].select.value = person.id;
    spoke(rooms[room]);
    rooms[room].dress();
    rooms[room].say(text, person.id);
  }

  async escalate() {
    this.app.look('back');
    if (await this.app.op('next') === 'done') this.escalated = true;
    this.show();
  }

  async scan() {
    this.app.look('front');
    this.scanned = await this.app.scan();
    this.show();
  }

  async inspect() {
    const { state: s, op, look } = this.app;
    look('front');
    if (await op(s.riding ? 'pause' : 'inspection') === 'done') this.inspected = true;
    this.show();
  }

  show() {
    if (!this.box || this.box.hidden) return;
    this.steps = this.list();
    const current = this.steps.findIndex((x) => !x.done) + 1;
    fill($('steps'), ...this.steps.map((s, i) => {
      const n = i + 1;
      const now = n === current;
      return h('li', { class: s.done ? 'done' : now ? 'current' : '', 'aria-current': now ? 'step' : false, data: { testid: `story-${n}` } },
        h('button', { type: 'button', title: w(`story${n}Title`), data: { step: n } },
          h('span', { class: 'n' }, s.done ? '✓' : n, s.done ? h('span', { class: 'sr' }, w('storyDone')) : null),
          h('span', { class: 'label' }, w(`story${n}`)),
          now ? h('span', { class: s.going ? 'do going' : 'do' }, s.going ? w('storyStop') : w(s.do || `story${n}Do`)) : null));
    }));
    this.box.classList.toggle('finished', current === 0);
  }
}
