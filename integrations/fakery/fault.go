package fakery

import (
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
)

// kind is a way to fail.
type kind int

const (
	answer     kind = iota // another answer instead of the work
	partly                 // the work, but not all of it
	hang                   // no answer until released
	dropBefore             // the connection ends, nothing was done
	dropAfter              // the connection ends, it was done
	hangAfter              // done, and no answer until released
)

// Fault is a way in which a call fails, once unless said otherwise.
type Fault struct {
	kind   kind
	status int
	header map[string]string
	body   string
	part   any
	about  string
	times  int // 0: always
	skip   int

	mu       *Monitor
	released chan struct{} // of the moment it hit: a Release after that is not missed
}

// Answers gives another answer instead of the work, of a status of HTTP and a
// media type.
func Answers(status int, mime, body string) Fault {
	return Fault{kind: answer, status: status, body: body, times: 1}.With("Content-Type", mime)
}

// Says is Answers for JSON.
func Says(status int, body string) Fault {
	return Answers(status, "application/json; charset=utf-8", body)
}

// Partly lets the work be done, but not all of it: Part says what is left out.
func Partly(part any) Fault { return Fault{kind: partly, part: part, times: 1} }

// Hangs does not answer until Release, and then as if nothing had been.
func Hangs() Fault { return Fault{kind: hang, times: 1} }

// HangsAfter does the work and does not answer until Release: the sender cannot
// know that it was done.
func HangsAfter() Fault { return Fault{kind: hangAfter, times: 1} }

// DropsBefore ends the connection before anything was done.
func DropsBefore() Fault { return Fault{kind: dropBefore, times: 1} }

// DropsAfter does the work and ends the connection without an answer: the
// ambiguous send.
func DropsAfter() Fault { return Fault{kind: dropAfter, times: 1} }

// With adds a header to an answer.
func (f Fault) With(header, value string) Fault {
	f.header = maps.Clone(f.header)
	if f.header == nil {
		f.header = map[string]string{}
	}
	f.header[header] = value
	return f
}

// As changes the status of HTTP of an answer.
func (f Fault) As(status int) Fault { f.status = status; return f }

// In limits the fault to calls about one thing: a room, a person, a card.
func (f Fault) In(about string) Fault { f.about = about; return f }

// Times sets how many calls fail.
func (f Fault) Times(n int) Fault { f.times = n; return f }

// Always fails until Lift.
func (f Fault) Always() Fault { f.times = 0; return f }

// After lets n calls pass first.
func (f Fault) After(n int) Fault { f.skip = n; return f }

// Part is what Partly was given; nil for every other fault, and for none.
func (f *Fault) Part() any {
	if f == nil {
		return nil
	}
	return f.part
}

// Before lets a fault happen before the work, if it is of that kind; it says
// whether the call goes on. No fault is nil.
func (f *Fault) Before(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case f == nil:
		return true
	case f.kind == hang:
		return f.waits(r)
	case f.kind == dropBefore:
		drop(w)
		return false
	case f.kind == answer:
		for k, v := range f.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(f.status)
		io.WriteString(w, f.body) // a client that went away: its own business
		return false
	}
	return true
}

// Behind lets a fault happen between the work and its answer, if it is of that
// kind; it says whether there is to be an answer. No fault is nil.
func (f *Fault) Behind(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case f == nil:
		return true
	case f.kind == hangAfter:
		return f.waits(r)
	case f.kind == dropAfter:
		drop(w)
		return false
	}
	return true
}

// waits for Release; false when the client gave up first or the test ended.
func (f *Fault) waits(r *http.Request) bool {
	select {
	case <-f.released:
		return true
	case <-r.Context().Done():
	case <-f.mu.done:
	}
	return false
}

// drop ends the TCP connection with a reset.
func drop(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return
	}
	reset(conn)
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// Faults are those that a test planted in a fake.
type Faults struct {
	mu       *Monitor
	planted  []*Planted
	released chan struct{}
}

// NewFaults returns none yet.
func NewFaults(mu *Monitor) *Faults { return &Faults{mu: mu, released: make(chan struct{})} }

// Planted is a fault that waits for its calls.
type Planted struct {
	mu     *Monitor
	name   string
	fault  Fault
	hits   int
	passed int
	lifted bool
}

// Plant plants a fault for calls of a name, or of every name for "*".
func (fs *Faults) Plant(name string, f Fault) *Planted {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.mu = fs.mu
	p := &Planted{mu: fs.mu, name: name, fault: f}
	fs.planted = append(fs.planted, p)
	return p
}

// Release lets every call go on that hangs now.
func (fs *Faults) Release() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	close(fs.released)
	fs.released = make(chan struct{})
}

// Find finds what happens to a call of a name that is about some things; nil for
// nothing. What was planted last comes first. The lock is held.
func (fs *Faults) Find(name string, about ...string) *Fault {
	for _, p := range slices.Backward(fs.planted) {
		if p.lifted || p.name != name && p.name != "*" || p.fault.about != "" && !slices.Contains(about, p.fault.about) {
			continue
		}
		if p.passed < p.fault.skip {
			p.passed++
			continue
		}
		if p.fault.times > 0 && p.hits >= p.fault.times {
			continue
		}
		p.hits++
		fs.mu.Bump()
		hit := p.fault
		hit.released = fs.released
		return &hit
	}
	return nil
}

// Lift takes the fault away. Calls that hang still wait for Release.
func (p *Planted) Lift() { Set(p.mu, &p.lifted, true) }

// Hits says how many calls failed by it.
func (p *Planted) Hits() int { return Get(p.mu, &p.hits) }

// Hit waits until at least n calls failed by it.
func (p *Planted) Hit(n int) {
	p.mu.t.Helper()
	if !p.mu.Until(func() bool { return p.hits >= n }) {
		p.mu.t.Fatalf("%s: %s failed %d times within %s, the test waits for %d", p.mu.name, p.name, p.Hits(), p.mu.Patience, n)
	}
}
