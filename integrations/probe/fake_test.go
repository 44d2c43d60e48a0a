package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hurried is the pace of tests.
var hurried = pace{pause: time.Millisecond, retry: time.Millisecond, connect: 400 * time.Millisecond, knock: time.Second, greeting: 300 * time.Millisecond,
	handshake: 2 * time.Second, header: 500 * time.Millisecond, try: time.Second, asset: 10 * time.Second}

// zone is a resolver of a few names: "A www.acme.test" → values. A name without any
// entry does not exist. A function may answer instead.
type zone struct {
	mu      sync.Mutex
	records map[string][]string
	answer  func(name string, t string, n int) (Answer, bool)
	fails   map[string]bool
	asked   map[string]int
}

func (z *zone) set(key string, values ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.records == nil {
		z.records = map[string][]string{}
	}
	z.records[key] = values
	if len(values) == 0 {
		delete(z.records, key)
	}
}

func (z *zone) Ask(ctx context.Context, name string, t dnsmessage.Type) (Answer, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	kind := strings.TrimPrefix(t.String(), "Type")
	if z.asked == nil {
		z.asked = map[string]int{}
	}
	z.asked[kind+" "+name]++
	if z.fails[name] {
		return Answer{}, fmt.Errorf("the DNS does not answer for %s", name)
	}
	if z.answer != nil {
		if a, ok := z.answer(name, kind, z.asked[kind+" "+name]); ok {
			return a, nil
		}
	}
	var a Answer
	for {
		to := z.records["CNAME "+name]
		if len(to) == 0 {
			break
		}
		a.Chain, name = append(a.Chain, to[0]), to[0]
	}
	a.Values = slices.Sorted(slices.Values(z.records[kind+" "+name]))
	a.None = true
	for k := range z.records {
		a.None = a.None && !strings.HasSuffix(k, " "+name)
	}
	return a, nil
}

// notes is a memory that lives as long as the test.
type notes struct {
	mu   sync.Mutex
	text map[string]string
	fail error
}

func (n *notes) Recall(_ context.Context, name string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text[name], n.fail
}

func (n *notes) Remember(_ context.Context, name, text string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.text == nil {
		n.text = map[string]string{}
	}
	n.text[name] = text
	return n.fail
}

// world is an internet of local servers behind public addresses. What was dialled
// is written down; nothing real is ever dialled.
type world struct {
	t    *testing.T
	zone zone
	mem  notes
	now  time.Time

	mu      sync.Mutex
	at      map[string]string // public address:port → local one
	hangs   map[string]bool   // addresses that never answer
	dialled []string
	witness func(context.Context) error
	ports   []Port
}

func earth(t *testing.T) *world {
	return &world{t: t, at: map[string]string{}, hangs: map[string]bool{}, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), ports: []Port{}}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	to, hang := w.at[address], w.hangs[address]
	w.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if to == "" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// host puts a local listener behind a public address.
func (w *world) host(public, local string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[public] = local
}

// site serves a handler at a public address, in the clear.
func (w *world) site(name, public string, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	w.t.Cleanup(s.Close)
	w.zone.set("A "+name, public)
	w.host(public+":80", s.Listener.Addr().String())
	return s
}

func (w *world) prober() *Prober {
	w.t.Helper()
	p, err := New(Options{Resolver: &w.zone, Memory: &w.mem, Dial: w.dial, Now: func() time.Time { return w.now }, Witness: w.witness, Ports: w.ports})
	if err != nil {
		w.t.Fatal(err)
	}
	p.pace = hurried
	return p
}

// look looks at one customer's assets with some checks.
func (w *world) look(assets []string, checks ...Check) Report {
	w.t.Helper()
	return w.prober().Look(w.t.Context(), Job{Customer: "acme", Assets: assets, Checks: checks})
}

// here allows 127.0.0.1 and looks with real sockets.
func here(t *testing.T, o Options, assets []string, checks ...Check) Report {
	t.Helper()
	if o.Resolver == nil {
		o.Resolver = &zone{}
	}
	if o.Ports == nil {
		o.Ports = []Port{}
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.pace = hurried
	return p.Look(t.Context(), Job{Customer: "acme", Assets: assets, Checks: checks, AllowPrivate: func(string) bool { return true }})
}

// kinds are the kinds of open findings, sorted, with their severity.
func kinds(r Report) (out []string) {
	for _, f := range r.Open() {
		out = append(out, f.Kind+" "+string(f.Severity))
	}
	slices.Sort(out)
	return out
}

func wantKinds(t *testing.T, r Report, want ...string) {
	t.Helper()
	if got := kinds(r); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
		for _, f := range r.Open() {
			t.Logf("%s %s: %s — %s", f.Asset, f.Kind, f.Title.En, f.Detail.En)
		}
		for _, s := range r.Seen {
			t.Logf("seen %s %s looked=%v ok=%v %s", s.Asset, s.Check, s.Looked, s.OK, s.Detail.En)
		}
	}
}

// seen is the row of a check; the test fails where there is none.
func seen(t *testing.T, r Report, asset string, c Check) Seen {
	t.Helper()
	for _, s := range r.Seen {
		if s.Asset == asset && s.Check == c {
			return s
		}
	}
	t.Fatalf("nothing is said of %s of %s: %+v", c, asset, r.Seen)
	return Seen{}
}

// missed wants a check not looked at, with a reason.
func missed(t *testing.T, r Report, asset string, c Check, why string) {
	t.Helper()
	s := seen(t, r, asset, c)
	if s.Looked || s.OK {
		t.Errorf("%s of %s counts as looked at: %s", c, asset, s.Detail.En)
	}
	if !strings.HasPrefix(s.Detail.En, "not looked at: ") || !strings.HasPrefix(s.Detail.Zh, "未巡检：") || !strings.Contains(s.Detail.En, why) {
		t.Errorf("%s of %s says %q, want the reason %q", c, asset, s.Detail.En, why)
	}
}

// html answers one page.
func page(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	})
}

// never dialled any of these prefixes.
func (w *world) neverDialled(prefixes ...string) {
	w.t.Helper()
	for _, d := range w.dialled {
		for _, p := range prefixes {
			if strings.HasPrefix(d, p) {
				w.t.Errorf("%s was dialled", d)
			}
		}
	}
}
