package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"butler/bot/desk"

	"golang.org/x/net/dns/dnsmessage"
	"pgregory.net/rapid"
)

// Two reports side by side: nothing is lost, nothing stands twice, and comparing
// again changes nothing.
func TestCompareLosesNothing(t *testing.T) {
	finding := rapid.Custom(func(t *rapid.T) Finding {
		f := Finding{Asset: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "asset"), Check: rapid.SampledFrom([]Check{Ports, TLS}).Draw(t, "check"),
			Subject: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "subject"), Severity: rapid.SampledFrom([]desk.Severity{desk.High, desk.Medium, desk.Low}).Draw(t, "severity")}
		f.ID = id(string(f.Check), f.Asset, f.Subject)
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfNDistinct(finding, 0, 12, func(f Finding) string { return f.ID })
		was, now := some.Draw(t, "was"), some.Draw(t, "now")
		fates := map[string]fate{}
		of := func(f Finding) fate {
			k := f.Asset + string(f.Check)
			if _, ok := fates[k]; !ok {
				fates[k] = rapid.SampledFrom([]fate{lookedAgain, notLooked, notAsked, notNamed}).Draw(t, "fate of "+k)
			}
			return fates[k]
		}
		ids := func(lists ...[]Finding) (out []string) {
			for _, f := range slices.Concat(lists...) {
				out = append(out, f.ID)
			}
			slices.Sort(out)
			return out
		}
		d := compare(was, now, of)
		union := slices.Compact(ids(was, now))
		if got := ids(d.New, d.Same, d.Fixed, d.Left); !slices.Equal(got, union) {
			t.Fatalf("the four lists hold %v, the two looks %v", got, union)
		}
		for _, f := range now {
			if !slices.ContainsFunc(d.Open(), func(g Finding) bool { return g.ID == f.ID && !g.Stale }) {
				t.Fatalf("%s was found and is not open", f.ID)
			}
		}
		for _, f := range d.Fixed {
			if of(f) != lookedAgain || slices.Contains(ids(now), f.ID) {
				t.Fatalf("%s is called fixed", f.ID)
			}
		}
		again := compare(d.Open(), now, of)
		if len(again.New)+len(again.Fixed)+len(again.Left) > 0 || !reflect.DeepEqual(again.Open(), d.Open()) {
			t.Fatalf("comparing again changes something: %+v", again)
		}
		if twice := compare(was, append(slices.Clone(now), now...), of); !reflect.DeepEqual(ids(twice.New, twice.Same), ids(d.New, d.Same)) {
			t.Fatal("what is found twice counts twice")
		}
	})
}

// Scans only when they are asked for; what was not looked at again stays open.
func TestGentleLooks(t *testing.T) {
	w := earth(t)
	exposed := true
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if exposed && r.URL.Path == "/.git/HEAD" {
			fmt.Fprint(rw, "ref: refs/heads/main")
		} else if r.URL.Path != "/" {
			http.NotFound(rw, r)
		}
	}))
	r := w.look([]string{www}, Scans...)
	wantKinds(t, r, "exposed high")
	exposed = false
	r = w.look([]string{www}, Availability)
	if len(r.Same) != 1 || r.Same[0].Stale || len(r.Fixed) > 0 {
		t.Errorf("a gentle look judges a scan: %+v", r.Diff)
	}
	for _, s := range r.Seen {
		if s.Check != Availability {
			t.Errorf("%s was looked at", s.Check)
		}
	}
	w.zone.fails = map[string]bool{"www.acme.test": true}
	if r = w.look([]string{www}, Scans...); len(r.Same) != 1 || !r.Same[0].Stale || len(r.Fixed) > 0 {
		t.Errorf("a scan that failed judges: %+v", r.Diff)
	}
	w.zone.fails = nil
	if r = w.look([]string{www}, Scans...); len(r.Fixed) != 1 || len(r.Open()) > 0 {
		t.Errorf("looked at again, and gone: %+v", r.Diff)
	}
}

func TestAnAssetThatIsNoLongerNamed(t *testing.T) {
	w := earth(t)
	w.zone.set("A www.acme.test", "8.8.8.8")
	wantKinds(t, w.look([]string{www}, Availability), "down high")
	r := w.look([]string{"8.8.4.4"}, Availability)
	if len(r.Left) != 1 || len(r.Fixed) > 0 || len(r.Open()) > 0 {
		t.Errorf("%+v", r.Diff)
	}
	if r = w.look([]string{"8.8.4.4"}, Availability); len(r.Left) > 0 {
		t.Error("it is told twice")
	}
}

// Everything at once, twice: the second look of an unchanged world is all Same.
func TestAWholeLookTwice(t *testing.T) {
	w := earth(t)
	w.ports = []Port{{22, "ssh"}, {6379, "redis"}}
	w.site("www.acme.test", "8.8.8.8", page(shop))
	w.zone.set("A db.acme.test", "8.8.4.4")
	w.host("8.8.4.4:22", listen(t, says("SSH-2.0-x\r\n")))
	w.zone.set("NS acme.test", "ns1.dns.test")
	assets := []string{www, "db.acme.test", "8.8.4.4"}
	first := w.look(assets)
	second := w.look(assets)
	if len(first.New) == 0 || len(second.New)+len(second.Fixed)+len(second.Left) > 0 || len(second.Same) != len(first.New) {
		t.Errorf("first %d new; second %d new, %d same, %d fixed", len(first.New), len(second.New), len(second.Same), len(second.Fixed))
	}
	rows := map[string]int{}
	for _, s := range second.Seen {
		rows[s.Asset+" "+string(s.Check)]++
		if s.Detail.Zh == "" || s.Detail.En == "" || s.Layer == "" || s.At.IsZero() || s.Looked && !s.OK && !slices.ContainsFunc(second.Open(), func(f Finding) bool { return f.Asset == s.Asset && f.Check == s.Check }) {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{www + " availability", www + " page", www + " headers", www + " paths", "www.acme.test dns", "db.acme.test dns", "db.acme.test tls", "db.acme.test ports", "8.8.4.4 ports", "8.8.4.4 tls", "acme.test dns", "acme.test mail"} {
		if rows[want] != 1 {
			t.Errorf("%s: %d rows", want, rows[want])
		}
	}
	if len(rows) != 12 {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	for _, f := range second.Open() {
		if f.Title.Zh == "" || f.Title.En == "" || f.Detail.Zh == "" || f.Detail.En == "" || strings.Contains(f.Detail.En+f.Title.Zh, "%!") || rank(f.Severity) < 0 {
			t.Errorf("%+v", f)
		}
	}
}

func TestAMemoryThatFails(t *testing.T) {
	w := earth(t)
	w.zone.set("A www.acme.test", "8.8.8.8")
	w.look([]string{www}, Availability)
	kept := w.mem.text["probe/acme"]
	w.mem.fail = errors.New("disk full")
	r := w.look([]string{www}, Availability)
	if s := seen(t, r, "", "memory"); s.Looked || !r.Alone() || !strings.Contains(s.Detail.En, "disk full") {
		t.Errorf("%+v", s)
	}
	w.mem.fail = nil
	if w.mem.text["probe/acme"] != kept {
		t.Error("what was remembered has been written over")
	}
	w.mem.text["probe/acme"] = `{"v":1,"open":[{`
	wantKinds(t, w.look([]string{www}, Availability), "down high")
	w.mem.text["probe/acme"] = `{"v":99}`
	wantKinds(t, w.look([]string{www}, Availability), "down high")
	if err := w.prober().Accept(t.Context(), "acme", w.look([]string{www}, Availability).Open()[0].ID); err == nil {
		t.Error("an outage became normal")
	}
}

// A mistake of ours in one check costs that check alone.
func TestACheckThatPanics(t *testing.T) {
	w := earth(t)
	w.site("www.acme.test", "8.8.8.8", page(shop))
	w.zone.answer = func(name, kind string, n int) (Answer, bool) {
		if kind == "NS" {
			panic("a mistake")
		}
		return Answer{}, false
	}
	r := w.look([]string{www, "acme.test"}, DNS, Availability)
	missed(t, r, "acme.test", DNS, "the check failed inside")
	if s := seen(t, r, www, Availability); !s.OK {
		t.Errorf("%+v", s)
	}
}

func TestManyAssets(t *testing.T) {
	w := earth(t)
	var assets []string
	for i := range MaxAssets + 3 {
		assets = append(assets, fmt.Sprintf("8.8.%d.%d", i/250, i%250))
	}
	r := w.look(append(assets, assets[0]), Ports)
	unseen := 0
	for _, s := range r.Seen {
		if !s.Looked {
			unseen++
		}
	}
	if unseen != 3 || len(r.Seen) != MaxAssets+3 {
		t.Errorf("%d rows, %d of them not looked at", len(r.Seen), unseen)
	}
}

// With real sockets and AllowPrivate: the way the config is used for assets of the
// inside, and the machine's own way to dial.
func TestFromTheInside(t *testing.T) {
	s := httptest.NewTLSServer(page(shop))
	defer s.Close()
	r := here(t, Options{}, []string{s.URL}, Availability, Page, TLS)
	if s := seen(t, r, s.URL, Availability); !s.OK {
		t.Errorf("%+v", s)
	}
	wantKinds(t, r, "tls-chain medium")
	p, err := New(Options{Resolver: &zone{}})
	if err != nil {
		t.Fatal(err)
	}
	r = p.Look(t.Context(), Job{Customer: "acme", Assets: []string{s.URL, "http://localhost:1/", "http://[::1]:1/"}, Checks: []Check{Availability, Page, TLS, Headers, Paths}})
	if len(r.Open()) > 0 || len(r.Seen) == 0 {
		t.Errorf("%+v", r)
	}
	for _, s := range r.Seen {
		if s.Looked || !strings.Contains(s.Detail.En, "is a loopback address") {
			t.Errorf("%s %s: %s", s.Asset, s.Check, s.Detail.En)
		}
	}
}

// A resolver that never answers is given up with the context.
type mute struct{}

func (mute) Ask(ctx context.Context, _ string, _ dnsmessage.Type) (Answer, error) {
	<-ctx.Done()
	return Answer{}, ctx.Err()
}

func TestTheContextIsHonoured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := New(Options{Resolver: mute{}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	r := p.Look(ctx, Job{Customer: "acme", Assets: []string{www, "8.8.8.8", "db.acme.test"}})
	for _, s := range r.Seen {
		if s.Looked || s.OK {
			t.Errorf("%+v", s)
		}
	}
	if len(r.Seen) < 8 {
		t.Errorf("only %d rows say that nobody looked", len(r.Seen))
	}
}
