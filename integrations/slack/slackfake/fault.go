package slackfake

import (
	"net/http"
	"strconv"
	"time"
)

// kind is a way to fail.
type kind int

const (
	answer     kind = iota // another answer instead of the work
	hang                   // no answer until released
	dropBefore             // the connection ends, nothing was done
	dropAfter              // the connection ends, it was done
	hangAfter              // done, and no answer until released
)

// Fault is a way in which a method of the Web API fails, once unless said
// otherwise.
type Fault struct {
	kind    kind
	status  int
	header  map[string]string
	mime    string
	body    string
	channel string
	times   int // 0: always
	skip    int
}

// RateLimited answers 429 with Retry-After, in whole seconds.
func RateLimited(after time.Duration) Fault {
	f := says(http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`)
	f.header = map[string]string{"Retry-After": strconv.Itoa(int(after / time.Second))}
	return f
}

// RateLimitedSilently answers 429 and does not say for how long.
func RateLimitedSilently() Fault {
	return says(http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`)
}

// Refused answers 200 with ok:false and an error: ratelimited, invalid_auth,
// not_allowed_token_type, channel_not_found, is_archived, not_in_channel,
// restricted_action, …
func Refused(code string) Fault {
	return says(http.StatusOK, `{"ok":false,"error":`+strconv.Quote(code)+`}`)
}

// MissingScope answers missing_scope and says which one is needed.
func MissingScope(needed string) Fault {
	return says(http.StatusOK, `{"ok":false,"error":"missing_scope","needed":`+strconv.Quote(needed)+`,"provided":"identify"}`)
}

// Status answers with a status of HTTP and no JSON.
func Status(code int) Fault {
	f := says(code, http.StatusText(code))
	f.mime = "text/plain"
	return f
}

// Garbage answers 200 with a page of HTML, as a proxy in between does.
func Garbage() Fault {
	f := says(http.StatusOK, "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>")
	f.mime = "text/html"
	return f
}

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

func says(status int, body string) Fault {
	return Fault{kind: answer, status: status, mime: "application/json; charset=utf-8", body: body, times: 1}
}

// In limits the fault to calls about one channel.
func (f Fault) In(channel string) Fault { f.channel = channel; return f }

// Times sets how many calls fail.
func (f Fault) Times(n int) Fault { f.times = n; return f }

// Always fails until Lift.
func (f Fault) Always() Fault { f.times = 0; return f }

// After lets n calls pass first.
func (f Fault) After(n int) Fault { f.skip = n; return f }

// Planted is a fault that waits for its calls.
type Planted struct {
	s      *Server
	method string
	fault  Fault
	hits   int
	passed int
	lifted bool
}

// Fail plants a fault: calls of the method, or of every method for "*", fail as
// it says. The fault that was planted last comes first.
func (s *Server) Fail(method string, f Fault) *Planted {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Planted{s: s, method: method, fault: f}
	s.faults = append(s.faults, p)
	return p
}

// Lift takes the fault away. Calls that hang still wait for Release.
func (p *Planted) Lift() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.lifted = true
}

// Hits says how many calls failed by it.
func (p *Planted) Hits() int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.hits
}

// Hit waits until at least n calls failed by it.
func (p *Planted) Hit(n int) {
	p.s.t.Helper()
	if !p.s.until(func() bool { return p.hits >= n }) {
		p.s.t.Fatalf("slackfake: %s failed %d times within %s, the test waits for %d", p.method, p.Hits(), p.s.patience, n)
	}
}

// Release lets every call go on that hangs now.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.released)
	s.released = make(chan struct{})
}

// fault finds what happens to a call. The lock is held.
func (s *Server) fault(method, channel string) *Fault {
	for i := len(s.faults) - 1; i >= 0; i-- {
		p := s.faults[i]
		if p.lifted || p.method != method && p.method != "*" || p.fault.channel != "" && p.fault.channel != channel {
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
		s.bump()
		return &p.fault
	}
	return nil
}
