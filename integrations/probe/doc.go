// Package probe looks, for the daily inspection (whitepaper §3.1.3.1), at the
// assets that a customer's config names: from this process, with the standard
// library and golang.org/x/net, and as politely as a visitor.
//
//	p, err := probe.New(probe.Options{Memory: m, Log: log})
//	r := p.Look(ctx, probe.Job{Customer: "acme", Assets: []string{"https://www.example.com", "www.example.com", "8.8.4.4"}})
//
// What is looked at, by the kind of the asset. A URL is permission for a visit; a
// host or an address is permission to knock on its ports as well.
//
//	availability  URL         application  three tries: status, time to the first byte, size, redirects
//	page          URL         application  words of gambling, porn and fraud, defacement, hidden links (暗链),
//	                                       hidden frames, scripts from hosts never seen, redirects elsewhere
//	headers       URL         application  security headers, cookies
//	paths         URL         application  /.git/HEAD, /.env, /actuator, backup archives: a scan
//	tls           https, 443  application  expiry, chain, name, key, old versions and suites
//	dns           names       network      changes of A, AAAA, CNAME, NS, MX; dangling CNAME; private addresses
//	mail          domains     network      SPF, DMARC
//	ports         host, IP    host         high-risk ports open, and services that answer without a password: a scan
//
// The registrable domain of every named host is an asset of its own for NS, MX and
// mail: those are questions to the DNS, not to the customer.
//
// # Manners
//
// Only what the config names is asked: a redirect is followed (at most five times,
// http and https only) within the same registrable domain or to another named
// asset. No connection leaves for a private, loopback, link-local, CGNAT or
// otherwise special address unless Job.AllowPrivate says so for the asset of that
// very name; metadata services, multicast and "this host" are never spoken to. It
// is decided on the address that is dialled, by every dial and once more in the
// socket's control hook, so neither a redirect nor a second DNS answer leads there.
// Proxies of the environment are not used: behind one nobody knows which address
// is dialled.
//
// One connection at a time per address, also between customers; a pause with
// jitter before each; per asset at most 60 s, and 2 MB after decompression. Paths and
// Ports (Scans) belong into the customer's quiet window (§6.2); the caller leaves
// them out of Job.Checks at other times.
//
// No data of the customer is taken (§6.1): of an exposed file only its kind is
// told, of /.env the number of its lines; services are greeted, never asked for
// what they hold.
//
// # Honesty
//
// What could not be looked at is said, with the reason, and is never counted as
// fine; a finding stays open until its check has really been made again. Trouble
// of our own (a resolver that does not answer, no route, a budget that ran out) is
// never called the customer's.
//
// What changed is judged against what was normal at the first look, which is kept
// in Memory. A change stays a finding until it is undone or somebody accepts it
// (Prober.Accept). Texts of pages change every day: that alone is no finding, and
// the text that is remembered moves along while nothing is suspicious.
//
// # Not looked at
//
// Pages that a script builds in the browser (nothing is executed), external style
// sheets, cloaking (a page that is different for search engines: we do not pretend
// to be one), pages behind a log-in, SSL 3.0 and older, UDP, passwords of MongoDB,
// MySQL, PostgreSQL and SQL Server (that would take more than a greeting), DNSSEC,
// Webshell files on the disk, and everything that needs an account.
//
// # Oddities
//
//   - 2026-09: some front ends accept every port (SYN proxies of DDoS protection);
//     a port that nobody uses is tried before three open ports are believed.
//   - 2026-09: catch-all sites answer 200 to everything, some with a plausible
//     file; what a path shows must also not be shown by a path that cannot exist.
//   - 2026-09: a name behind a CDN changes its addresses all day; where a CNAME leaves
//     the domain, the CNAME is compared and the addresses are not.
package probe
