// The scanner of the demo. It sends its reports where any product sends them, to
// POST /v1/findings, in the format of docs/findings.md: first what it found, then
// what was fixed and what is new, and from then on that nothing changed.

import { w } from './fmt.js';

const assets = { web: 'www.example.com', shop: 'shop.example.com', db: 'db-1', backup: 'backup-1', mail: 'example.com' };

const found = (id, layer, asset, severity, title, titleEn, more) => ({
  id, layer, asset: assets[asset], severity, status: 'open', title, title_en: titleEn, ...more,
});
const redis = found('redis', 'host', 'db', 'high', 'Redis 对互联网开放，没有口令', 'Redis is open to the internet without a password',
  { matter: 'vulnerability', detail: '203.0.113.5:6379 PING → PONG', detail_en: '203.0.113.5:6379 PING → PONG' });
const tls = found('tls', 'application', 'shop', 'medium', '证书 12 天后到期', 'The certificate expires in 12 days');

const reports = [
  [
    redis, tls,
    found('waf', 'product', 'web', 'medium', 'WAF 处于观察模式，只记录不拦截', 'The WAF only watches and blocks nothing'),
    found('dmarc', 'network', 'mail', 'low', '邮件域名没有 DMARC 记录', 'The mail domain has no DMARC record'),
    found('backup', 'data', 'backup', 'medium', '最近 3 天没有成功的备份', 'No backup has succeeded for three days'),
  ],
  [
    { ...redis, status: 'fixed', detail: '203.0.113.5:6379 拒绝连接', detail_en: '203.0.113.5:6379 refuses connections' },
    { ...tls, status: 'fixed', detail: '新证书有效期 365 天', detail_en: 'The new certificate is valid for 365 days' },
    found('ssh', 'host', 'db', 'medium', 'SSH 允许用口令登录', 'SSH accepts passwords'),
  ],
  [],
];

export class Scanner {
  // app offers: state, now(), tell(text), refused(answer).
  constructor(app) {
    this.app = app;
    this.afresh();
  }

  // afresh forgets what was sent: the world is a new one.
  afresh() {
    this.sent = {}; // customer → number of reports
  }

  // send sends the customer's next report, and says whether it was taken.
  async send() {
    const { app } = this;
    const customer = app.state.customer.id;
    const n = this.sent[customer] ?? 0;
    const report = reports[Math.min(n, reports.length - 1)];
    const seen = app.now().toISOString();
    try {
      const r = await fetch('v1/findings', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer demo' },
        body: JSON.stringify(report.map((f) => ({ customer, ...f, seen_at: seen }))),
      });
      if (!r.ok) {
        app.refused({ id: 'failed', error: (await r.json()).errors?.[0] });
        return false;
      }
    } catch {
      app.refused({ id: 'network' });
      return false;
    }
    this.sent[customer] = n + 1;
    const open = report.filter((f) => f.status === 'open').length;
    app.tell(report.length ? w('scanned', { n: n + 1, open, fixed: report.length - open }) : w('scannedNothing'));
    return true;
  }
}
