package probe

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"butler/bot/desk"
)

// Memory keeps what was normal and what was open between looks.
type Memory interface {
	// Recall returns what was remembered under a name; "" for nothing.
	Recall(ctx context.Context, name string) (string, error)
	Remember(ctx context.Context, name, text string) error
}

// Options of a Prober. All may be left out; without a Memory every look is the
// first one.
type Options struct {
	Memory   Memory
	Resolver Resolver // the machine's DNS servers when nil
	Log      *slog.Logger
	Now      func() time.Time
	Roots    *x509.CertPool // the machine's when nil

	// Dial opens a connection to an address that has passed the guard: for tests and
	// for a way out of one's own. Without it a net.Dialer checks the address again.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Witness reaches something that is surely up, such as the chat platform. Where
	// it fails too, an asset that does not answer is not called down.
	Witness func(ctx context.Context) error

	// UserAgent says who visits, and where to complain.
	UserAgent string

	// Ports are knocked on; RiskyPorts when nil.
	Ports []Port
}

// Prober looks at assets. It is safe for concurrent use; it keeps no goroutine and
// no connection between two looks.
type Prober struct {
	memory   Memory
	resolver Resolver
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	witness  func(ctx context.Context) error
	now      func() time.Time
	log      *slog.Logger
	roots    *x509.CertPool
	agent    string
	ports    []Port
	pace     pace

	gates  gates
	scans  gates        // one scan of ports at a time, of each address
	worked atomic.Int64 // unix ns of the last connection that stood
	books  sync.Mutex   // over reading, changing and writing what a customer's looks remember
}

// New returns a Prober. An error says what is missing: no DNS server is known.
func New(o Options) (*Prober, error) {
	p := &Prober{memory: o.Memory, resolver: o.Resolver, dial: o.Dial, witness: o.Witness, now: o.Now, log: o.Log,
		roots: o.Roots, agent: o.UserAgent, ports: o.Ports, pace: polite}
	if p.resolver == nil {
		var err error
		if p.resolver, err = NewResolver(); err != nil {
			return nil, err
		}
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.agent == "" {
		p.agent = "butler-inspection/1.0 (security inspection by order of this site's owner)"
	}
	if p.ports == nil {
		p.ports = RiskyPorts
	}
	return p, nil
}

// Job is one look at a customer's assets.
type Job struct {
	Customer string
	Assets   []string // all that the config names: URLs, hosts, addresses
	Checks   []Check  // nil for all; Gentle outside the quiet window

	// Only are those that are looked at now, as Finding.Asset writes them; nil for all.
	// What is known of the others stays as it is.
	Only []string
	// Subject narrows a scan to one matter: Finding.Subject of the checks Ports (the
	// number of a port) and Paths (a path); "" for all. It is for looking again at one
	// finding.
	Subject string

	// AllowPrivate says whether an asset, as it is written in Assets, may have a
	// private address. It speaks for that asset's host alone; nil for none.
	AllowPrivate func(asset string) bool

	assets  []asset
	granted map[string]bool // hosts
}

func (j *Job) private(host string) bool { return j.granted[host] }

func (j *Job) wants(c Check) bool { return j.Checks == nil || slices.Contains(j.Checks, c) }

// visits says whether an asset is looked at now.
func (j *Job) visits(asset string) bool { return j.Only == nil || slices.Contains(j.Only, asset) }

// about says whether a scan asks about a subject.
func (j *Job) about(subject string) bool { return j.Subject == "" || j.Subject == subject }

// asks says whether the look asks again what a finding says.
func (j *Job) asks(f Finding) bool {
	return j.wants(f.Check) && j.visits(f.Asset) && (j.about(f.Subject) || !slices.Contains(Scans, f.Check))
}

// Report is what one look saw.
type Report struct {
	Customer string    `json:"customer"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Seen     []Seen    `json:"seen"` // every check of every asset that was asked for
	Diff
}

// Alone reports that the look could not be compared with earlier ones, because the
// memory failed: what it calls new or fixed may be neither.
func (r Report) Alone() bool {
	return slices.ContainsFunc(r.Seen, func(s Seen) bool { return s.Check == memoryCheck })
}

// Look looks at every asset of a job and compares with the look before. It always
// returns a report: trouble is part of it. When ctx ends, what was not looked at
// says so.
func (p *Prober) Look(ctx context.Context, job Job) Report {
	r := Report{Customer: job.Customer, From: p.now()}
	j := &job
	r.Seen = p.name(j)
	old, err := p.recall(ctx, job.Customer)
	if err != nil {
		r.Seen = append(r.Seen, p.lost(err))
	}
	visits := p.visits(ctx, j, old)
	var found []Finding
	for _, v := range visits {
		r.Seen = append(r.Seen, v.seen...)
		found = append(found, v.found...)
	}
	r.Diff = compare(old.Open, found, fates(r.Seen, j))
	if err == nil {
		if err := p.remember(ctx, j, r.Diff, visits); err != nil {
			r.Seen = append(r.Seen, p.lost(err))
		}
	}
	r.Until = p.now()
	return r
}

// visits looks at all assets that are to be looked at now: those of one host one
// after another, some hosts side by side.
func (p *Prober) visits(ctx context.Context, j *Job, old books) []*visit {
	now := slices.DeleteFunc(slices.Clone(j.assets), func(a asset) bool { return !j.visits(a.text) })
	visits := make([]*visit, len(now))
	byHost := map[string][]int{}
	var hosts []string
	for i, a := range now {
		key := a.host
		if !a.named() {
			key = "dns " + a.host // asks nothing of the host
		}
		if byHost[key] == nil {
			hosts = append(hosts, key)
		}
		byHost[key] = append(byHost[key], i)
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for _, h := range hosts {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			for _, i := range byHost[h] {
				visits[i] = p.visit(ctx, j, now[i], old)
			}
		})
	}
	all.Wait()
	return visits
}

// name reads the job's assets. What is no asset is said, and is not looked at.
func (p *Prober) name(j *Job) (wrong []Seen) {
	j.granted = map[string]bool{}
	have := map[string]bool{}
	unseen := func(text string, why Words) {
		wrong = append(wrong, Seen{Asset: clean(text, 200), Check: Availability, Layer: Availability.Layer(), At: p.now(), Detail: say("未巡检：%s", "not looked at: %s", why)})
	}
	for _, text := range j.Assets {
		a, err := read(text)
		switch {
		case err != nil:
			unseen(a.text, say("%s", "%s", misread(err)))
			continue
		case have[a.text]:
			continue
		case len(j.assets) == MaxAssets:
			unseen(a.text, say("一次最多巡检 %d 个资产", "at most %d assets are looked at", MaxAssets))
			continue
		}
		have[a.text] = true
		j.assets = append(j.assets, a)
		if j.AllowPrivate != nil && j.AllowPrivate(text) {
			j.granted[a.host] = true
		}
	}
	j.assets = append(j.assets, relatives(j.assets)...)
	return wrong
}

// fates tells of every open finding whether its check was made again.
func fates(seen []Seen, j *Job) func(Finding) fate {
	type key struct {
		asset string
		check Check
	}
	rows := map[key]Seen{}
	for _, s := range seen {
		rows[key{s.Asset, s.Check}] = s
	}
	return func(f Finding) fate {
		row := rows[key{f.Asset, f.Check}]
		switch {
		case !slices.ContainsFunc(j.assets, func(a asset) bool { return a.text == f.Asset && applies(f.Check, a) }):
			return notNamed
		case !j.asks(f):
			return notAsked
		case row.Looked && (row.only == "" || row.only == f.Kind):
			return lookedAgain
		}
		return notLooked
	}
}

// visit is one look at one asset.
type visit struct {
	p     *Prober
	job   *Job
	asset asset
	ctx   context.Context // ends with the asset's time
	round context.Context // ends with the look
	http  *http.Transport
	wire  atomic.Int64 // bytes left
	body  atomic.Int64 // bytes left

	queued atomic.Bool // waiting at the gate of an address
	silent bool        // something did not answer in time

	was      normal          // what was normal before; zero at the first look
	is       normal          // what is normal from now on
	accepted map[string]bool // changes that somebody has accepted

	page    *answered // the last good answer of the availability check
	pageWhy Words     // why there is none

	seen  []Seen
	found []Finding
}

// visit makes all checks of one asset, within its budget.
func (p *Prober) visit(ctx context.Context, j *Job, a asset, old books) *visit {
	round := ctx
	ctx, cancel := context.WithTimeout(ctx, p.pace.asset)
	defer cancel()
	v := &visit{p: p, job: j, asset: a, ctx: ctx, round: round, accepted: old.accepted()}
	v.wire.Store(maxWire)
	v.body.Store(maxBody)
	v.http = v.client()
	defer v.http.CloseIdleConnections()
	v.was = old.Normal[a.text]
	v.is = v.was.clone()
	for _, c := range checks {
		if c.fits(a) && j.wants(c.name) {
			v.make(c)
		}
	}
	return v
}

// make makes one check. A mistake of ours in it is not the customer's: the check
// says that it was not made, and the others go on.
func (v *visit) make(c check) {
	n := len(v.seen)
	defer func() {
		if e := recover(); e != nil {
			v.p.log.Error("probe: a check failed inside", "check", c.name, "customer", v.job.Customer, "error", fmt.Sprint(e), "stack", string(debug.Stack()))
			v.seen = v.seen[:n]
			v.missed(c.name, Words{"检查程序内部错误", "the check failed inside"})
		}
	}()
	if v.ctx.Err() != nil {
		why, _ := v.trouble(v.ctx, v.ctx.Err())
		v.missed(c.name, why)
		return
	}
	c.look(v)
}

// check is a row of the table of checks.
type check struct {
	name Check
	fits func(asset) bool
	look func(*visit)
}

// checks in the order in which they are made: what a visitor does first, what
// knocks last, so that a budget that runs out costs the scans.
var checks = []check{
	{DNS, func(a asset) bool { return a.kind != aURL && isName(a.host) }, (*visit).dns},
	{Availability, func(a asset) bool { return a.kind == aURL }, (*visit).availability},
	{Page, func(a asset) bool { return a.kind == aURL }, (*visit).integrity},
	{Headers, func(a asset) bool { return a.lead }, (*visit).headers},
	{TLS, func(a asset) bool { return a.lead && a.url.Scheme == "https" || a.kind == aHost || a.kind == anIP }, (*visit).tls},
	{Mail, func(a asset) bool { return a.kind != aURL && isName(a.host) && a.host == site(a.host) }, (*visit).mail},
	{Ports, func(a asset) bool { return a.kind == aHost || a.kind == anIP }, (*visit).portScan},
	{Paths, func(a asset) bool { return a.lead }, (*visit).paths},
}

// applies says whether a check is made of an asset.
func applies(name Check, a asset) bool {
	return slices.ContainsFunc(checks, func(c check) bool { return c.name == name && c.fits(a) })
}

// saw says what was looked at. It is fine when the check has found nothing.
func (v *visit) saw(c Check, detail Words) *Seen {
	ok := !slices.ContainsFunc(v.found, func(f Finding) bool { return f.Check == c })
	v.seen = append(v.seen, Seen{Asset: v.asset.text, Check: c, Layer: c.Layer(), At: v.p.now(), Looked: true, OK: ok, Detail: detail})
	return &v.seen[len(v.seen)-1]
}

// missed says what could not be looked at, and why.
func (v *visit) missed(c Check, why Words) {
	v.seen = append(v.seen, Seen{Asset: v.asset.text, Check: c, Layer: c.Layer(), At: v.p.now(), Detail: say("未巡检：%s", "not looked at: %s", why)})
}

// find notes a finding and returns it, for what is not the same with all.
func (v *visit) find(c Check, kind, subject string, s desk.Severity, title, detail Words) *Finding {
	now := v.p.now()
	v.found = append(v.found, Finding{ID: id(kind, v.asset.text, subject), Asset: v.asset.text, Check: c, Kind: kind, Subject: subject,
		Layer: c.Layer(), Severity: s, Title: title, Detail: detail, First: now, Last: now})
	return &v.found[len(v.found)-1]
}

// changed notes a difference from what was normal, unless somebody has accepted
// it: then it is normal, and changed reports false.
func (v *visit) changed(c Check, kind, subject string, s desk.Severity, title, detail Words) bool {
	if v.accepted[id(kind, v.asset.text, subject)] {
		return false
	}
	v.find(c, kind, subject, s, title, detail).Change = true
	return true
}

// misread words in Chinese why a text is no asset.
func misread(err error) Words {
	zh := map[string]string{
		"an asset is a URL, a host or an address":                         "资产应为网址、主机名或 IP 地址",
		"it is neither a web URL (https://…), nor a host, nor an address": "既不是网址（https://…），也不是主机名或 IP 地址",
		"the URL cannot be read":                                          "网址无法解析",
		"only http and https are looked at":                               "只巡检 http 和 https 网址",
		"a URL with a password in it is not looked at":                    "不巡检带口令的网址",
		"the host is no name of the DNS":                                  "主机名不是合法域名",
		"the port is not between 1 and 65535":                             "端口不在 1–65535 之间",
	}[err.Error()]
	return Words{zh, err.Error()}
}
