package probe

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A look at one asset says nothing about the others, and forgets nothing of them.
func TestOnlyOneOfTheAssets(t *testing.T) {
	w := earth(t)
	body := page(shop)
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { body.ServeHTTP(rw, r) }))
	w.zone.set("A app.acme.test", "8.8.4.4")
	assets := []string{www, "http://app.acme.test/"}
	w.look(assets, Availability, Page)
	r := w.prober().Look(t.Context(), Job{Customer: "acme", Assets: assets, Only: assets[1:], Checks: []Check{Availability}})
	wantKinds(t, r, "down high")
	if len(r.Same) != 1 || r.Same[0].Stale || len(r.Seen) != 1 {
		t.Errorf("the other asset is judged: %+v, seen %+v", r.Diff, r.Seen)
	}
	body = page("<title>hacked by nobody</title>")
	r = w.prober().Look(t.Context(), Job{Customer: "acme", Assets: assets, Only: assets[:1], Checks: []Check{Availability, Page}})
	if f := r.New[0]; f.Kind != "page-defaced" || !strings.Contains(f.Detail.En, "what changed") {
		t.Errorf("what was normal is forgotten: %+v", f)
	}
}

// Looking again at one port is no word about the others.
func TestASubject(t *testing.T) {
	w := earth(t)
	w.ports = []Port{{22, "ssh"}, {3306, "mysql"}}
	w.zone.set("A db.acme.test", "8.8.4.4")
	w.host("8.8.4.4:22", listen(t, says("SSH-2.0-x\r\n")))
	w.host("8.8.4.4:3306", listen(t, says("x")))
	wantKinds(t, w.look([]string{"db.acme.test"}, Ports), "port-open low", "port-open medium")
	w.host("8.8.4.4:3306", "")
	w.host("8.8.4.4:22", "")
	w.dialled = nil
	r := w.prober().Look(t.Context(), Job{Customer: "acme", Assets: []string{"db.acme.test"}, Checks: []Check{Ports}, Subject: "3306"})
	if len(r.Fixed) != 1 || r.Fixed[0].Subject != "3306" || len(r.Same) != 1 || r.Same[0].Stale {
		t.Errorf("%+v", r.Diff)
	}
	w.neverDialled("8.8.4.4:22")
	if s := seen(t, r, "db.acme.test", Ports); !strings.Contains(s.Detail.En, "of 1 risky ports 0 are open, 1 closed") {
		t.Errorf("the proof says %q", s.Detail.En)
	}
}

func TestOnePath(t *testing.T) {
	w := earth(t)
	var asked []string
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		switch r.URL.Path {
		case "/.git/HEAD":
			fmt.Fprint(rw, "ref: refs/heads/main")
		case "/.env":
			fmt.Fprint(rw, "A_B=1\nC_D=2\n")
		default:
			http.NotFound(rw, r)
		}
	}))
	wantKinds(t, w.look([]string{www}, Paths), "exposed high", "exposed high")
	asked = nil
	r := w.prober().Look(t.Context(), Job{Customer: "acme", Assets: []string{www}, Checks: []Check{Paths}, Subject: "/.env"})
	if len(r.Same) != 2 || len(r.Fixed) > 0 || r.Same[0].Stale || r.Same[1].Stale {
		t.Errorf("%+v", r.Diff)
	}
	for _, p := range asked {
		if p != "/.env" && !strings.HasPrefix(p, "/.bt") {
			t.Errorf("%s was asked for", p)
		}
	}
}

func TestHost(t *testing.T) {
	for asset, want := range map[string]string{
		"https://WWW.Example.com:8443/x": "www.example.com", "Example.com": "example.com", "[2001:db8::1]": "2001:db8::1", "ftp://x": "", "": "",
	} {
		if got := Host(asset); got != want {
			t.Errorf("the host of %q is %q, want %q", asset, got, want)
		}
	}
}
