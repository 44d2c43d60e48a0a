// Package fakery is what a fake Slack and a fake DingTalk for tests have in
// common, and what has nothing to do with either: a lock that tells whoever
// waits that something changed, calls that fail as planted, sockets that fail,
// deliveries that are held back, an official client that judges a fake, and a
// test that a fake may fail. What a platform says and refuses is in its own fake.
package fakery

import (
	"encoding/json"
	"sync"
	"testing"
	"time"
)

// Monitor is the lock over all that a fake knows, with its clock and its test.
// Whoever waits for something asks again whenever it changed.
type Monitor struct {
	// Patience is how long Until waits: 5 s unless said otherwise.
	Patience time.Duration

	sync.Mutex
	changed chan struct{} // closed and replaced at every change of state

	t    testing.TB
	name string
	own  sync.Mutex // over what follows, which is asked with the lock held and without
	over bool
	done chan struct{}
	skip time.Duration // by which this clock is ahead of the machine's
}

// NewMonitor watches over a fake for a test. The name of the fake stands before
// what it complains of.
func NewMonitor(t testing.TB, name string) *Monitor {
	return &Monitor{Patience: 5 * time.Second, changed: make(chan struct{}), t: t, name: name, done: make(chan struct{})}
}

// Bump tells everyone who waits that the state changed. The lock is held.
func (m *Monitor) Bump() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Until waits for a condition, for no longer than the patience. The condition is
// asked with the lock held.
func (m *Monitor) Until(cond func() bool) bool { return m.Within(m.Patience, cond) }

// Within waits for a condition, for no longer than a time. The condition is asked
// with the lock held, at least once.
func (m *Monitor) Within(d time.Duration, cond func() bool) bool {
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	for {
		m.Lock()
		ok, changed := cond(), m.changed
		m.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		}
	}
}

// Get reads one thing under the lock.
func Get[T any](m *Monitor, thing *T) T {
	m.Lock()
	defer m.Unlock()
	return *thing
}

// Set writes one thing under the lock.
func Set[T any](m *Monitor, thing *T, to T) {
	m.Lock()
	defer m.Unlock()
	*thing = to
}

// Now is the time by the clock of the fake.
func (m *Monitor) Now() time.Time {
	m.own.Lock()
	defer m.own.Unlock()
	return time.Now().Add(m.skip)
}

// Skip moves the clock of the fake ahead. Timers of the machine stay as they are.
func (m *Monitor) Skip(d time.Duration) {
	m.own.Lock()
	m.skip += d
	m.own.Unlock()
	m.Lock()
	defer m.Unlock()
	m.Bump()
}

// Complain fails the test and lets it go on; nothing happens once the fake is
// closed.
func (m *Monitor) Complain(format string, args ...any) {
	m.own.Lock()
	defer m.own.Unlock()
	if !m.over {
		m.t.Errorf(m.name+": "+format, args...)
	}
}

// Known is one of the things that a test gave its fake, by id; without it the test
// ends. without says what it lacks and how to add it, with %q for the id.
func Known[T any](m *Monitor, all map[string]*T, id, without string) *T {
	m.t.Helper()
	one := all[id]
	if one == nil {
		m.t.Fatalf(m.name+": the test has "+without, id)
	}
	return one
}

// JSON writes down what the fake sends; it complains of what cannot be written.
func (m *Monitor) JSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		m.Complain("a payload cannot be written: %v", err)
		return json.RawMessage("null")
	}
	return raw
}

// Close ends the fake: nobody hears a complaint any more, and calls that hang
// end. It says whether this was the first call.
func (m *Monitor) Close() bool {
	m.own.Lock()
	defer m.own.Unlock()
	if m.over {
		return false
	}
	m.over = true
	close(m.done)
	return true
}

// Closed says whether the fake was ended.
func (m *Monitor) Closed() bool {
	m.own.Lock()
	defer m.own.Unlock()
	return m.over
}
