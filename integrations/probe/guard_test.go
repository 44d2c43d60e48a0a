package probe

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestWhereNobodyMayGo(t *testing.T) {
	for _, c := range []struct {
		addr            string
		public, private bool // allowed without, and with AllowPrivate
	}{
		{"8.8.8.8", true, true},
		{"2400:3200::1", true, true},
		{"10.1.2.3", false, true},
		{"172.31.255.255", false, true},
		{"172.32.0.1", true, true},
		{"192.168.1.1", false, true},
		{"127.0.0.1", false, true},
		{"127.9.9.9", false, true},
		{"::1", false, true},
		{"fe80::1%eth0", false, true},
		{"fd12::1", false, true},
		{"100.64.0.1", false, true},
		{"169.254.1.1", false, true},
		{"203.0.113.9", false, true},
		{"::ffff:127.0.0.1", false, true},
		{"::ffff:8.8.8.8", true, true},
		{"64:ff9b::a00:1", false, true},      // 10.0.0.1 behind NAT64
		{"64:ff9b::808:808", true, true},     // 8.8.8.8 behind NAT64
		{"64:ff9b::a9fe:a9fe", false, false}, // the metadata service behind NAT64
		{"64:ff9b:1::a9fe:a9fe", false, false},
		{"169.254.169.254", false, false},
		{"100.100.100.200", false, false},
		{"168.63.129.16", false, false},
		{"fd00:ec2::254", false, false},
		{"::ffff:169.254.169.254", false, false},
		{"0.0.0.0", false, false},
		{"::", false, false},
		{"224.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"ff02::1", false, false},
		{"2002:7f00:1::", false, false}, // 127.0.0.1 in a 6to4 tunnel
		{"4000::1", false, true},
	} {
		a := netip.MustParseAddr(c.addr)
		if got := guard(a, false) == nil; got != c.public {
			t.Errorf("%s: allowed=%v, want %v", c.addr, got, c.public)
		}
		if got := guard(a, true) == nil; got != c.private {
			t.Errorf("%s with AllowPrivate: allowed=%v, want %v", c.addr, got, c.private)
		}
	}
	if guard(netip.Addr{}, true) == nil {
		t.Error("no address is allowed")
	}
}

// The socket's own hook: even a name that the system resolves by itself does not
// lead to a forbidden address.
func TestTheSocketItselfRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0"} {
		c, err := guarded(false).DialContext(t.Context(), "tcp4", net.JoinHostPort(host, port))
		if err == nil {
			c.Close()
			t.Errorf("%s was reached", host)
			continue
		}
		if f := new(forbidden); !errors.As(err, &f) {
			t.Errorf("%s: %v, want a refusal", host, err)
		}
	}
	c, err := guarded(true).DialContext(t.Context(), "tcp4", l.Addr().String())
	if err != nil {
		t.Fatalf("allowed, and refused: %v", err)
	}
	c.Close()
}

// Redirects into the inside, in all the ways they are written.
func TestRedirectsLeadNowhereInside(t *testing.T) {
	for _, to := range []string{
		"http://169.254.169.254/latest/meta-data/", "http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
		"http://2130706433/", "http://0x7f.0.0.1/", "http://127.1/", "http://admin.acme.test/", "http://meta.acme.test/", "http://localhost.localdomain/",
		"file:///etc/passwd", "gopher://8.8.8.8:6379/_PING", "//169.254.169.254/", "http://www.acme.test:6379/", "http://8.8.9.9/", "http://\x00/",
	} {
		t.Run(to, func(t *testing.T) {
			w := earth(t)
			hits := 0
			w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				hits++
				rw.Header()["Location"] = []string{to}
				rw.WriteHeader(http.StatusFound)
			}))
			w.zone.set("A admin.acme.test", "127.0.0.1")
			w.zone.set("A meta.acme.test", "169.254.169.254")
			r := w.look([]string{"http://www.acme.test"}, Availability, Page)
			for _, d := range w.dialled {
				if d != "8.8.8.8:80" {
					t.Errorf("%s was dialled", d)
				}
			}
			if s := seen(t, r, "http://www.acme.test", Page); s.OK {
				t.Errorf("a page that was not read counts as fine: %s", s.Detail.En)
			}
			if hits == 0 {
				t.Error("the site was not asked at all")
			}
		})
	}
}

// A resolver that answers a public address first and 127.0.0.1 afterwards.
func TestRebinding(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	w := earth(t)
	w.site("www.acme.test", "8.8.8.8", page("<html>fine</html>"))
	w.host("127.0.0.1:80", inner.Addr().String())
	w.zone.answer = func(name, kind string, n int) (Answer, bool) {
		if name != "www.acme.test" || kind != "A" || n == 1 {
			return Answer{}, false
		}
		return Answer{Values: []string{"127.0.0.1"}}, true
	}
	r := w.look([]string{"http://www.acme.test"}, Availability, Paths)
	w.neverDialled("127.")
	missed(t, r, "http://www.acme.test", Paths, "127.0.0.1 is a loopback address")
}

// Permission for one asset is no permission for another, and a name keeps its own.
func TestPermissionIsOfOneAsset(t *testing.T) {
	w := earth(t)
	w.site("in.acme.test", "10.0.0.5", page("<html>inside</html>"))
	w.site("also.acme.test", "10.0.0.6", page("<html>inside</html>"))
	p := w.prober()
	r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{"http://in.acme.test", "http://also.acme.test"}, Checks: []Check{Availability},
		AllowPrivate: func(a string) bool { return a == "http://in.acme.test" }})
	if s := seen(t, r, "http://in.acme.test", Availability); !s.OK {
		t.Errorf("the asset with permission: %s", s.Detail.En)
	}
	missed(t, r, "http://also.acme.test", Availability, "10.0.0.6 is a private address")
	w.neverDialled("10.0.0.6")
}

// Of several addresses only the public ones are spoken to.
func TestAMixedAnswer(t *testing.T) {
	w := earth(t)
	w.site("www.acme.test", "8.8.8.8", page("<html>fine</html>"))
	w.zone.set("A www.acme.test", "127.0.0.1", "8.8.8.8")
	r := w.look([]string{"http://www.acme.test"}, Availability, DNS)
	w.neverDialled("127.")
	wantKinds(t, r, "dns-private low")
}

func TestWhatIsNoAsset(t *testing.T) {
	w := earth(t)
	bad := []string{"", "ftp://acme.test", "https://user:secret@acme.test", "10.0.0.0/8", "2130706433", "http://0x7f.1/", "http://acme.test:99999/", "a b", "http://", "https://[fe80::1", "x..y", "*.acme.test"}
	r := w.look(bad)
	if len(w.dialled) > 0 {
		t.Errorf("dialled %v", w.dialled)
	}
	said := map[string]bool{}
	for _, s := range r.Seen {
		if s.Looked || s.OK {
			t.Errorf("%q counts as looked at", s.Asset)
		}
		said[s.Asset] = true
		if fmt.Sprint(s) != "" && (s.Detail.Zh == "未巡检：" || s.Detail.En == "not looked at: ") {
			t.Errorf("%q: no reason is given", s.Asset)
		}
		if s.Asset == "https://user:secret@acme.test" {
			t.Error("the report shows a password")
		}
	}
	if len(r.Seen) != len(bad) {
		t.Errorf("%d of %d are spoken of: %v", len(r.Seen), len(bad), said)
	}
}

// Who owns a page in public chooses no path on the inside: a redirect from there to an
// asset that may be private is not followed, and one between two of those is.
func TestNoWayInByARedirect(t *testing.T) {
	w := earth(t)
	w.site("www.acme.test", "8.8.8.8", http.RedirectHandler("http://erp.acme.test/delete?id=1", http.StatusFound))
	w.site("old.acme.test", "10.0.0.8", http.RedirectHandler("http://erp.acme.test/new", http.StatusFound))
	var asked []string
	w.site("erp.acme.test", "10.0.0.7", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) }))
	job := Job{Customer: "acme", Assets: []string{www, "http://old.acme.test", "http://erp.acme.test"}, Only: []string{www}, Checks: []Check{Availability},
		AllowPrivate: func(a string) bool { return a != www }}
	r := w.prober().Look(t.Context(), job)
	if s := seen(t, r, www, Availability); len(asked) > 0 || !strings.Contains(s.Detail.En, "which may be on the inside; not followed") {
		t.Errorf("asked for %q; %s", asked, s.Detail.En)
	}
	job.Only = []string{"http://old.acme.test"}
	if w.prober().Look(t.Context(), job); !slices.Contains(asked, "/new") {
		t.Errorf("asked for %q", asked)
	}
}
