package sla

import "time"

// Verb says what a mark does to a clock.
type Verb string

// The verbs of a clock, in the words of the timeline.
const (
	Started Verb = "start"  // the promise begins to run
	Raised  Verb = "raise"  // a shorter promise: due is the earlier of the old due and At + Promise
	Lowered Verb = "lower"  // a longer promise: due is start + Promise + pauses
	Paused  Verb = "pause"  // the clock stands (an open question to the customer)
	Resumed Verb = "resume" // …and runs again
	Stopped Verb = "stop"   // kept or broken, the promise is over
	Voided  Verb = "void"   // withdrawn, merged or closed: nobody answered, nothing is owed
	Again   Verb = "again"  // it starts over: reopened or recurred
)

// Mark is one thing that happened to a clock. Marks are what the journal keeps;
// everything else about a clock is computed from them.
type Mark struct {
	At      time.Time     `json:"at"`
	Verb    Verb          `json:"verb"`
	Promise time.Duration `json:"promise,omitempty"` // ns; for start, raise, lower, again
	Due     time.Time     `json:"due,omitzero"`      // an explicit deadline (working days), for start and again
	By      string        `json:"by,omitempty"`      // who caused it (a person's name)
	Ref     string        `json:"ref,omitempty"`     // the message that caused it
	Why     string        `json:"why,omitempty"`     // public words: the question asked, the reason given
}

// Clock is one running promise: the list of what happened to it. The zero Clock
// promises nothing. A Clock is a value; its methods return a new one and never
// share memory with the old.
type Clock struct {
	Marks []Mark `json:"marks,omitempty"`
}

// State is what a clock says when its marks are added up.
type State struct {
	Start   time.Time     // of the running round (the last start or again)
	Promise time.Duration // the promise in force; 0 with an explicit deadline
	Due     time.Time     // the deadline, pauses included; while paused, the deadline if it resumed at the moment of asking
	Paused  bool
	Since   time.Time     // when the pause began
	Waited  time.Duration // all finished pauses of this round
	Stopped time.Time     // zero while it runs
	Void    bool          // stopped without being kept or broken
}

// Start begins a clock with a promise of length p, or, when m.Due is set, with
// an explicit deadline.
func Start(m Mark) Clock {
	m.Verb = Started
	return Clock{Marks: []Mark{m}}
}

// With returns the clock with one more mark. A mark that makes no sense in the
// clock's state (a pause while paused, a resume while running, anything but
// Again after Stopped, anything but Started on a zero clock) changes nothing.
// A mark earlier than the last one counts as made at the last one.
func (c Clock) With(m Mark) Clock {
	if !c.allows(m.Verb) {
		return c
	}
	if n := len(c.Marks); n > 0 && m.At.Before(c.Marks[n-1].At) {
		m.At = c.Marks[n-1].At
	}
	marks := make([]Mark, len(c.Marks), len(c.Marks)+1)
	copy(marks, c.Marks)
	return Clock{Marks: append(marks, m)}
}

func (c Clock) allows(v Verb) bool {
	if len(c.Marks) == 0 {
		return v == Started
	}
	s := c.State(time.Time{})
	switch v {
	case Again:
		return true
	case Raised, Lowered, Stopped, Voided:
		return s.Stopped.IsZero()
	case Paused:
		return s.Stopped.IsZero() && !s.Paused
	case Resumed:
		return s.Stopped.IsZero() && s.Paused
	}
	return false
}

// State adds the marks up as of now. now matters only while the clock is
// paused: the deadline then moves with it.
func (c Clock) State(now time.Time) State {
	var s State
	for _, m := range c.Marks {
		switch m.Verb {
		case Started, Again:
			s = State{Start: m.At, Promise: m.Promise, Due: m.Due}
			if m.Due.IsZero() {
				s.Due = m.At.Add(m.Promise)
			}
		case Raised:
			s.Promise = m.Promise
			due := m.At.Add(m.Promise)
			if s.Paused {
				// s.Due is the deadline as it stood when the pause began; what the
				// pause took so far is added when it ends, to this one too.
				due = due.Add(-m.At.Sub(s.Since))
			}
			if due.Before(s.Due) {
				s.Due = due
			}
		case Lowered:
			s.Promise = m.Promise
			if due := s.Start.Add(m.Promise + s.Waited); due.After(s.Due) {
				s.Due = due
			}
		case Paused:
			s.Paused, s.Since = true, m.At
		case Resumed:
			gone := m.At.Sub(s.Since)
			s.Paused, s.Waited, s.Due = false, s.Waited+gone, s.Due.Add(gone)
		case Stopped, Voided:
			if s.Paused {
				gone := m.At.Sub(s.Since)
				s.Paused, s.Waited, s.Due = false, s.Waited+gone, s.Due.Add(gone)
			}
			s.Stopped, s.Void = m.At, m.Verb == Voided
		}
	}
	if s.Paused && now.After(s.Since) {
		s.Due = s.Due.Add(now.Sub(s.Since))
	}
	return s
}

// Promised reports whether the clock was ever started.
func (c Clock) Promised() bool { return len(c.Marks) > 0 }

// Running returns the deadline while the clock runs; false when it promises
// nothing, stands in a pause, or is over.
func (c Clock) Running() (due time.Time, ok bool) {
	if len(c.Marks) == 0 {
		return time.Time{}, false
	}
	s := c.State(time.Time{})
	return s.Due, s.Stopped.IsZero() && !s.Paused
}

// Open reports whether the clock was started and not stopped (it may be paused).
func (c Clock) Open() bool {
	return len(c.Marks) > 0 && c.State(time.Time{}).Stopped.IsZero()
}

// Kept reports whether a stopped clock stopped before its deadline, and by how
// much (zero or negative: late by that much). At the deadline itself the promise
// is broken: its breach was told at that moment. A void clock kept nothing.
func (c Clock) Kept() (left time.Duration, kept bool) {
	s := c.State(time.Time{})
	left = s.Due.Sub(s.Stopped)
	return left, !s.Stopped.IsZero() && !s.Void && left > 0
}
