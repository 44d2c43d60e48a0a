package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// says is a service that speaks first.
func says(s string) func(net.Conn) {
	return func(c net.Conn) { io.WriteString(c, s); io.Copy(io.Discard, c) }
}

// answers is a service that waits for exactly one packet.
func answers(t *testing.T, want, s string) func(net.Conn) {
	return func(c net.Conn) {
		b := make([]byte, 512)
		n, _ := c.Read(b)
		if !strings.HasPrefix(string(b[:n]), want) {
			t.Errorf("it was asked %q", b[:n])
		}
		io.WriteString(c, s)
	}
}

func TestOpenPorts(t *testing.T) {
	for name, c := range map[string]struct {
		service string
		speak   func(net.Conn)
		want    string
		shows   string
	}{
		"ssh":                     {"ssh", says("SSH-2.0-OpenSSH_9.6\r\n"), "port-open low", "SSH-2.0-OpenSSH_9.6"},
		"mysql":                   {"mysql", says("\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00salt"), "port-open medium", "MySQL 8.0.36"},
		"mysql that knows us not": {"mysql", says("\x45\x00\x00\x00\xffj\x04Host '1.2.3.4' is not allowed"), "port-open medium", "it says: MySQL"},
		"redis without password":  {"redis", answers(t, "PING\r\n", "+PONG\r\n"), "no-password high", "+PONG"},
		"redis with password":     {"redis", answers(t, "PING\r\n", "-NOAUTH Authentication required.\r\n"), "port-open medium", "it has a password"},
		"memcached":               {"memcached", answers(t, "version\r\n", "VERSION 1.6.21\r\n"), "no-password high", "VERSION 1.6.21"},
		"elasticsearch": {"elasticsearch", answers(t, "GET / ", "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"name\":\"a\",\"version\":{\"number\":\"7.10.2\"},\"tagline\":\"You Know, for Search\"}"),
			"no-password high", "Elasticsearch 7.10.2"},
		"elasticsearch with password": {"elasticsearch", answers(t, "GET / ", "HTTP/1.0 401 Unauthorized\r\n\r\n{}"), "port-open medium", "401"},
		"a web page at 9200":          {"elasticsearch", answers(t, "GET / ", "HTTP/1.0 200 OK\r\n\r\n<html>"), "port-open medium", "200"},
		"docker":                      {"docker", answers(t, "GET /version ", "HTTP/1.0 200 OK\r\n\r\n{\"Version\":\"24.0.7\",\"ApiVersion\":\"1.43\"}"), "no-password high", "Docker 24.0.7"},
		"mongodb":                     {"mongodb", answers(t, string(hello()), "\x50\x00\x00\x00........\x10maxWireVersion\x00\x15\x00\x00\x00"), "port-open medium", "whether it wants a password was not tried"},
		"telnet":                      {"telnet", says("\xff\xfd\x18\xff\xfd\x20login: "), "port-open medium", "login:"},
		"rdp, which is left alone":    {"rdp", answers(t, "", ""), "port-open medium", "8.8.8.8:"},
		"says nothing":                {"ssh", says(""), "port-open low", "8.8.8.8:"},
		"garbage without end":         {"redis", func(c net.Conn) { forever(c, "\x00\xff\n\x1b[31m", 0) }, "port-open medium", "8.8.8.8:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := earth(t)
			w.ports = []Port{{7001, c.service}, {7002, "ssh"}, {7003, "redis"}}
			w.host("8.8.8.8:7001", listen(t, c.speak))
			w.hangs = map[string]bool{"8.8.8.8:7003": true}
			p := w.prober()
			p.pace.knock = 50 * time.Millisecond
			r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{"8.8.8.8"}, Checks: []Check{Ports}})
			wantKinds(t, r, c.want)
			if f := r.Open()[0]; !strings.Contains(f.Detail.En, c.shows) || f.Subject != "7001" || f.Layer != desk.LayerHost {
				t.Errorf("it shows %q", f.Detail.En)
			}
			if s := seen(t, r, "8.8.8.8", Ports); !strings.Contains(s.Detail.En, "of 3 risky ports 1 are open, 1 closed, 1 silent") {
				t.Errorf("%q", s.Detail.En)
			}
		})
	}
}

// A real Redis, from within: without a password it is high also there.
func TestARealRedis(t *testing.T) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed: .ci/tools installs it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	cmd := exec.Command(bin, "--port", strconv.Itoa(port), "--save", "", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	for i := 0; ; i++ {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
			break
		}
		if i > 200 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	r := here(t, Options{Ports: []Port{{port, "redis"}}}, []string{"127.0.0.1"}, Ports)
	wantKinds(t, r, "no-password high")
	if !strings.Contains(r.New[0].Detail.En, "from the inside") {
		t.Errorf("%q", r.New[0].Detail.En)
	}
	r = here(t, Options{Ports: []Port{{port, "ssh"}}}, []string{"127.0.0.1"}, Ports)
	wantKinds(t, r, "port-open low")
}

// What accepts every port proves nothing.
func TestAFrontThatAcceptsEveryPort(t *testing.T) {
	w := earth(t)
	w.ports = RiskyPorts
	addr := listen(t, says(""))
	for port := range 65536 {
		w.at[fmt.Sprintf("8.8.8.8:%d", port)] = addr
	}
	p := w.prober()
	p.pace.greeting = 5 * time.Millisecond
	r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{"8.8.8.8"}, Checks: []Check{Ports}})
	wantKinds(t, r)
	missed(t, r, "8.8.8.8", Ports, "accepts every port")
}

// Several names of one address, as one server usually has: every one of them is knocked
// on, also where nothing answers, and none uses up the time of the others.
func TestPortsOfOneAddress(t *testing.T) {
	w := earth(t)
	w.ports = RiskyPorts[:6]
	for _, p := range w.ports {
		w.hangs[fmt.Sprintf("8.8.8.8:%d", p.Number)] = true
	}
	assets := []string{"8.8.8.8", "a.acme.test", "b.acme.test", "c.acme.test"}
	for _, name := range assets[1:] {
		w.zone.set("A "+name, "8.8.8.8")
	}
	p := w.prober()
	p.pace.knock, p.pace.asset = 100*time.Millisecond, 1500*time.Millisecond
	r := p.Look(t.Context(), Job{Customer: "acme", Assets: assets, Checks: []Check{Ports}})
	for _, a := range assets {
		if s := seen(t, r, a, Ports); !s.Looked || !strings.Contains(s.Detail.En, "6 risky ports") {
			t.Errorf("%s: %s", a, s.Detail.En)
		}
	}
}

// Whose servers are somebody else's is not knocked on.
func TestPortsOfOthers(t *testing.T) {
	w := earth(t)
	w.ports = RiskyPorts
	w.zone.set("CNAME www.acme.test", "acme.cdn.test")
	w.zone.set("A acme.cdn.test", "8.8.8.8")
	missed(t, w.look([]string{"www.acme.test"}, Ports), "www.acme.test", Ports, "the name leads to acme.cdn.test")
	w.zone.set("A in.acme.test", "10.0.0.7")
	missed(t, w.look([]string{"in.acme.test"}, Ports), "in.acme.test", Ports, "10.0.0.7 is a private address")
	for _, s := range w.look([]string{"http://www.acme.test"}).Seen {
		if s.Check == Ports {
			t.Error("a URL is no permission to knock on ports")
		}
	}
	for _, d := range w.dialled {
		if d != "8.8.8.8:80" {
			t.Errorf("%s was dialled", d)
		}
	}
}

func TestExposedPaths(t *testing.T) {
	files := func(m map[string]string) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if body, ok := m[r.URL.Path]; ok {
				io.WriteString(rw, body)
				return
			}
			http.NotFound(rw, r)
		})
	}
	always := func(body string) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, body) })
	}
	env := "# production\nAPP_KEY=base64:c2VjcmV0\nDB_PASSWORD=hunter2\nDB_HOST=10.0.0.1\n"
	for name, c := range map[string]struct {
		h    http.Handler
		want []string
		path string
	}{
		"nothing":              {files(nil), nil, ""},
		"git":                  {files(map[string]string{"/.git/HEAD": "ref: refs/heads/main\n"}), []string{"exposed high"}, "/.git/HEAD"},
		"git, detached":        {files(map[string]string{"/.git/HEAD": strings.Repeat("a1", 20) + "\n"}), []string{"exposed high"}, "/.git/HEAD"},
		"env":                  {files(map[string]string{"/.env": env}), []string{"exposed high"}, "/.env"},
		"actuator":             {files(map[string]string{"/actuator": `{"_links":{"self":{"href":"http://x/actuator"}}}`, "/actuator/env": `{"activeProfiles":["prod"],"propertySources":[` + strings.Repeat(`{"name":"x"},`, 100)}), []string{"exposed high", "exposed medium"}, "/actuator"},
		"a backup":             {files(map[string]string{"/backup.zip": "PK\x03\x04" + strings.Repeat("x", 1<<20)}), []string{"exposed high"}, "/backup.zip"},
		"a dump by the name":   {files(map[string]string{"/acme.sql": "-- MySQL dump 10.13  Distrib 8.0.36\n--\n"}), []string{"exposed high"}, "/acme.sql"},
		"a soft 404":           {always("<html><body>Sorry, page not found</body></html>"), nil, ""},
		"a soft 404 in JSON":   {always(`{"code":404,"message":"not found"}`), nil, ""},
		"plausible everywhere": {always("ref: refs/heads/master\n"), nil, ""},
		"a zip everywhere":     {always("PK\x03\x04xxxx"), nil, ""},
		"an app's own answer":  {files(map[string]string{"/.env": "window.CONFIG = {A: 1}", "/actuator": `{"ok":true}`, "/.git/HEAD": "HEAD of the company"}), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			w.site("www.acme.test", "8.8.8.8", c.h)
			r := w.look([]string{www}, Paths)
			wantKinds(t, r, c.want...)
			for _, f := range r.Open() {
				if !strings.HasPrefix(f.Subject, c.path) {
					t.Errorf("found at %s", f.Subject)
				}
				for _, secret := range []string{"hunter2", "c2VjcmV0", "DB_PASSWORD", "10.0.0.1"} {
					if strings.Contains(fmt.Sprint(r)+w.mem.text["probe/acme"], secret) {
						t.Errorf("the report holds %q", secret)
					}
				}
			}
		})
	}
	t.Run("the site asks for less", func(t *testing.T) {
		w := earth(t)
		n := 0
		w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { n++; rw.WriteHeader(http.StatusTooManyRequests) }))
		missed(t, w.look([]string{www}, Paths), www, Paths, "the site asked for less (HTTP 429)")
		if n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	})
	t.Run("few and small", func(t *testing.T) {
		w := earth(t)
		n := 0
		w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			n++
			if r.Method != http.MethodGet || r.Header.Get("Range") != "bytes=0-511" {
				t.Errorf("%s with Range %q", r.Method, r.Header.Get("Range"))
			}
			http.NotFound(rw, r)
		}))
		w.look([]string{www, www + "/other"}, Paths)
		if n > 16 {
			t.Errorf("%d requests for one server", n)
		}
	})
}
