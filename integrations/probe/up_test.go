package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const www = "http://www.acme.test"

func TestASiteThatIsWell(t *testing.T) {
	w := earth(t)
	var asked []string
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.UserAgent())
		if r.URL.Path == "/" {
			http.Redirect(rw, r, "/home?token=secret", http.StatusFound)
			return
		}
		page("<html><title>Acme</title>Hello</html>").ServeHTTP(rw, r)
	}))
	r := w.look([]string{www}, Availability)
	wantKinds(t, r)
	s := seen(t, r, www, Availability)
	if !s.Looked || !s.OK || s.Tries != 3 || s.Good != 3 || s.Took <= 0 || s.Layer != "application" {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(s.Detail.En, "redirects http://www.acme.test/ → http://www.acme.test/home") || strings.Contains(s.Detail.En, "secret") {
		t.Errorf("the redirects are told as %q", s.Detail.En)
	}
	if len(asked) == 0 || !strings.Contains(asked[0], "inspection") {
		t.Errorf("it visits as %q", asked)
	}
}

func TestASiteThatIsNot(t *testing.T) {
	t.Parallel()
	say := func(f func(rw http.ResponseWriter, r *http.Request, n int32)) http.Handler {
		var n atomic.Int32
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { f(rw, r, n.Add(1)) })
	}
	for name, c := range map[string]struct {
		h    http.Handler
		want string
	}{
		"fails": {say(func(rw http.ResponseWriter, r *http.Request, n int32) { rw.WriteHeader(502) }), "down high"},
		"fails sometimes": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			rw.WriteHeader(map[bool]int{true: 503, false: 200}[n == 2])
		}), "flaky medium"},
		"is gone":        {say(func(rw http.ResponseWriter, r *http.Request, n int32) { rw.WriteHeader(404) }), "gone medium"},
		"wants a log-in": {say(func(rw http.ResponseWriter, r *http.Request, n int32) { rw.WriteHeader(401) }), ""},
		"redirects without end": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			http.Redirect(rw, r, fmt.Sprintf("/%d", n), http.StatusFound)
		}), "redirect-loop medium"},
		"promises more than it sends": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			rw.Header().Set("Content-Length", "100000")
			io.WriteString(rw, "<html>short")
		}), "broken medium"},
		"says gzip and means it not": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			rw.Header().Set("Content-Encoding", "gzip")
			io.WriteString(rw, "<html>plain")
		}), "broken medium"},
		"packs as nobody asked": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			rw.Header().Set("Content-Encoding", "br")
			io.WriteString(rw, "????")
		}), "broken medium"},
		"sends headers without end": {say(func(rw http.ResponseWriter, r *http.Request, n int32) {
			for i := range 2000 {
				rw.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 500))
			}
		}), "down high"},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			w.site("www.acme.test", "8.8.8.8", c.h)
			r := w.look([]string{www}, Availability)
			if c.want == "" {
				wantKinds(t, r)
			} else {
				wantKinds(t, r, c.want)
			}
		})
	}
}

// Servers that speak no HTTP, or too slowly, hold nobody for ever.
func TestServersThatAreRude(t *testing.T) {
	for name, c := range map[string]struct {
		speak func(c net.Conn)
		want  []string
	}{
		"says nothing":      {func(c net.Conn) { io.Copy(io.Discard, c) }, []string{"down medium"}}, // nobody vouches for our own network
		"hangs up":          {func(c net.Conn) {}, []string{"down high"}},
		"talks nonsense":    {func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n\x00\xff\xfe\r\n\r\n") }, []string{"down high"}},
		"nonsense for ever": {func(c net.Conn) { forever(c, "\x00\xff garbage", 0) }, []string{"down high"}},
		"says 100 for ever": {func(c net.Conn) { forever(c, "HTTP/1.1 100 Continue\r\n\r\n", 0) }, []string{"down high"}},
		"drips its header":  {func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"); forever(c, "X", 20*time.Millisecond) }, []string{"down medium"}},
		"drips its body":    {func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); forever(c, "X", 20*time.Millisecond) }, []string{"broken medium"}},
		"a body without end": {func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			forever(c, strings.Repeat("x", 4096), 0)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := earth(t)
			w.zone.set("A www.acme.test", "8.8.8.8")
			w.host("8.8.8.8:80", listen(t, func(conn net.Conn) {
				conn.Read(make([]byte, 512))
				c.speak(conn)
			}))
			begin := time.Now()
			r := w.look([]string{www}, Availability)
			wantKinds(t, r, c.want...)
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it held us for %s", took)
			}
		})
	}
}

// listen accepts connections until the test ends, and hangs up after speak.
func listen(t *testing.T, speak func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(8 * time.Second))
			all.Go(func() { speak(c); c.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

// forever says the same until the other side has gone.
func forever(c net.Conn, s string, pause time.Duration) {
	for {
		if _, err := io.WriteString(c, s); err != nil {
			return
		}
		time.Sleep(pause)
	}
}

// bomb is 64 MB of blanks in a few KB of gzip.
func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	zeros := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return b.Bytes()
}

func TestAGzipBomb(t *testing.T) {
	t.Parallel()
	w := earth(t)
	b := bomb(t)
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "text/html")
		rw.Write(b)
	}))
	p := w.prober()
	v := p.visit(t.Context(), named(t, p, www, Availability, Page), mustRead(t, www), books{})
	if left := v.body.Load(); left < 0 {
		t.Errorf("%d bytes more than allowed were unpacked", -left)
	}
	if s := v.seen[0]; !strings.Contains(s.Detail.En, "the first 1.0 MB were read") {
		t.Errorf("it says %q", s.Detail.En)
	}
}

// A gzip stream of empty blocks says nothing for ever: it is the bytes on the wire
// that end it.
func TestAGzipStreamThatSaysNothing(t *testing.T) {
	t.Parallel()
	w := earth(t)
	w.zone.set("A www.acme.test", "8.8.8.8")
	w.host("8.8.8.8:80", listen(t, func(c net.Conn) {
		c.Read(make([]byte, 512))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
		forever(c, strings.Repeat("\x00\x00\x00\xff\xff", 1000), 0)
	}))
	p := w.prober()
	p.pace.try = 5 * time.Second
	r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{www}, Checks: []Check{Availability}})
	missed(t, r, www, Availability, "bytes allowed for this asset are used up")
}

// Trouble of our own is never called the customer's.
func TestOurOwnTrouble(t *testing.T) {
	t.Parallel()
	t.Run("the DNS does not answer", func(t *testing.T) {
		w := earth(t)
		w.zone.fails = map[string]bool{"www.acme.test": true}
		r := w.look([]string{www}, Availability, Page, Headers, Paths)
		for _, c := range []Check{Availability, Page, Headers, Paths} {
			missed(t, r, www, c, "the DNS gave no answer")
		}
		missed(t, w.look([]string{www}, DNS), "www.acme.test", DNS, "the DNS gave no answer")
	})
	t.Run("nothing answers, the witness neither", func(t *testing.T) {
		w := earth(t)
		w.zone.set("A www.acme.test", "8.8.8.8")
		w.hangs = map[string]bool{"8.8.8.8:80": true}
		w.witness = func(context.Context) error { return errors.New("no route") }
		missed(t, w.look([]string{www}, Availability), www, Availability, "our own network is not above suspicion")
		w.witness = func(context.Context) error { return nil }
		wantKinds(t, w.look([]string{www}, Availability), "down high")
	})
	t.Run("no such name is the customer's", func(t *testing.T) {
		wantKinds(t, earth(t).look([]string{www}, Availability), "down high")
	})
	t.Run("the time is up", func(t *testing.T) {
		w := earth(t)
		w.zone.set("A www.acme.test", "8.8.8.8")
		w.hangs = map[string]bool{"8.8.8.8:80": true}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		r := w.prober().Look(ctx, Job{Customer: "acme", Assets: []string{www}, Checks: []Check{Availability, Page, Paths}})
		for _, c := range []Check{Availability, Page, Paths} {
			missed(t, r, www, c, "the time allowed for this look is used up")
		}
	})
}

// One connection at a time reaches an address, whoever's assets live there.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	w := earth(t)
	var now, most atomic.Int32
	h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(2 * time.Millisecond)
		page("<html>hello</html>").ServeHTTP(rw, r)
		now.Add(-1)
	})
	w.site("a.acme.test", "8.8.8.8", h)
	w.zone.set("A b.acme.test", "8.8.8.8")
	w.zone.set("A c.nova.test", "8.8.8.8")
	p := w.prober()
	p.pace.try = 10 * time.Second
	var all sync.WaitGroup
	for _, customer := range []string{"acme", "nova"} {
		all.Go(func() {
			r := p.Look(t.Context(), Job{Customer: customer, Assets: []string{"http://a.acme.test", "http://b.acme.test", "http://c.nova.test"}, Checks: []Check{Availability, Paths}})
			wantKinds(t, r)
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

func mustRead(t *testing.T, text string) asset {
	t.Helper()
	a, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// named is a job with its assets read.
func named(t *testing.T, p *Prober, asset string, checks ...Check) *Job {
	t.Helper()
	j := &Job{Customer: "acme", Assets: []string{asset}, Checks: checks}
	if wrong := p.name(j); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return j
}

// Who waits at the gate of a busy address has not looked, and the asset is not down.
func TestABusyAddress(t *testing.T) {
	w := earth(t)
	w.ports = []Port{{22, "ssh"}}
	w.site("www.acme.test", "8.8.8.8", page(shop))
	p := w.prober()
	p.pace.try, p.pace.asset, p.pace.handshake = 50*time.Millisecond, time.Second, 50*time.Millisecond
	leave, err := p.gates.enter(t.Context(), netip.MustParseAddr("8.8.8.8"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{www, "8.8.8.8"}, Checks: []Check{Availability, Page, TLS, Paths, Ports}})
	wantKinds(t, r)
	for _, s := range r.Seen {
		missed(t, r, s.Asset, s.Check, "busy with another look")
	}
}
