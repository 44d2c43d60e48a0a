package storetest

import (
	"context"
	"fmt"
	"time"

	"butler/bot"
)

var wakeCases = []testCase{
	{"the clock without a trip is never ahead of the store", clockBehind},
	{"a wake is set, moved and cleared", wakeMoves},
	{"the due are in order and at most max", dueOrder},
	{"Next is the earliest wake still to come", dueNext},
	{"a desk wakes when its time has come and never early", neverEarly},
	{"a wake between two milliseconds is rounded up", wakeRoundsUp},
	{"reading what is due changes nothing", duePeeks},
	{"the auditor sees who is overdue and how many have a wake", overdue},
	{"a commit that is due soon, or that has a letter, nudges", nudges},
}

func wakeMoves(s *suite) {
	now := s.now()
	s.setUp("acme", "op-1", now.Add(time.Hour))
	if d := s.due(10); len(d.Wakes) != 0 || !d.Next.Equal(now.Add(time.Hour)) {
		s.Fatalf("a wake in an hour: %+v", d)
	}
	s.setUp("acme", "op-2", now.Add(-time.Minute))
	if d := s.await(1); !d.Wakes[0].At.Equal(now.Add(-time.Minute)) || d.Wakes[0].At.Location() != time.UTC || !d.Next.IsZero() {
		s.Fatalf("a wake a minute ago: %+v", d)
	}
	s.setUp("acme", "op-3", now.Add(2*time.Hour))
	if d := s.due(10); len(d.Wakes) != 0 || !d.Next.Equal(now.Add(2*time.Hour)) {
		s.Fatalf("moved to two hours: %+v", d)
	}
	s.setUp("acme", "op-4", time.Time{})
	if d := s.due(10); len(d.Wakes) != 0 || !d.Next.IsZero() {
		s.Fatalf("cleared: %+v", d)
	}
	s.setUp("acme", "op-5", time.Time{}) // cleared again
	if a := s.audit(0, 10); a.Desks != 0 {
		s.Fatalf("%d desks have a wake, want none", a.Desks)
	}
}

// dozens sets up 40 desks whose wakes lie in the past, three to a moment, in
// the order in which they are due.
func (s *suite) dozens() []string {
	now := s.now().Add(-time.Minute)
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprintf("customer-%02d", i))
	}
	for _, i := range []int{1, 2, 0} { // not in the order of their wakes
		for k := i; k < len(want); k += 3 {
			s.setUp(want[k], "op-1", now.Add(time.Duration(k/3)*time.Second))
		}
	}
	return want
}

func dueOrder(s *suite) {
	want := s.dozens()
	s.setUp("later", "op-1", s.now().Add(time.Hour))
	s.same("all that is due", want, names(s.await(40).Wakes))
	s.same("the first seven", want[:7], names(s.due(7).Wakes))
	if d := s.due(0); len(d.Wakes) != 0 {
		s.Fatalf("Due(0) = %v", d.Wakes)
	}
}

func dueNext(s *suite) {
	now := s.now()
	s.setUp("a", "op-1", now.Add(3*time.Hour))
	s.setUp("b", "op-1", now.Add(time.Hour))
	s.setUp("c", "op-1", now.Add(2*time.Hour))
	s.setUp("d", "op-1", now.Add(-time.Hour))
	if d := s.await(1); !d.Next.Equal(now.Add(time.Hour)) {
		s.Fatalf("Next = %v, want %v", d.Next, now.Add(time.Hour))
	}
	s.setUp("b", "op-2", time.Time{})
	if d := s.await(1); !d.Next.Equal(now.Add(2 * time.Hour)) {
		s.Fatalf("Next = %v, want %v", d.Next, now.Add(2*time.Hour))
	}
}

func neverEarly(s *suite) {
	at := s.now().Add(120 * time.Millisecond)
	s.setUp("acme", "op-1", at)
	for range 2000 {
		d := s.due(10) // fails by itself when it names a desk before its time
		if len(d.Wakes) == 1 {
			if !d.Wakes[0].At.Equal(at) {
				s.Fatalf("woke for %v, want %v", d.Wakes[0].At, at)
			}
			return
		}
		if s.Free && !d.Now.Before(at) || d.Now.After(at.Add(time.Second)) {
			s.Fatalf("it is %v and the desk of %v still sleeps", d.Now, at)
		}
		if d.Now.Before(at) && !d.Next.Equal(at) {
			s.Fatalf("Next = %v before the wake at %v", d.Next, at)
		}
		s.Pass(time.Millisecond)
	}
	s.Fatal("the desk never woke")
}

func wakeRoundsUp(s *suite) {
	at := s.now().Add(-time.Minute)
	s.setUp("acme", "op-1", at.Add(time.Nanosecond))
	s.setUp("nova", "op-1", at.Add(time.Millisecond-time.Nanosecond))
	for _, w := range s.await(2).Wakes {
		if !w.At.Equal(at.Add(time.Millisecond)) {
			s.Errorf("%s woke at %v, want %v", w.Customer, w.At, at.Add(time.Millisecond))
		}
	}
}

func duePeeks(s *suite) {
	s.dozens()
	first := s.await(40).Wakes
	for range 3 {
		s.same("what is due", first, s.await(40).Wakes)
	}
}

func overdue(s *suite) {
	now := s.now()
	s.setUp("a", "op-1", now.Add(-time.Hour))
	s.setUp("b", "op-1", now.Add(-3*time.Hour))
	s.setUp("c", "op-1", now.Add(-2*time.Hour))
	s.setUp("d", "op-1", now.Add(time.Hour))
	s.setUp("e", "op-1", time.Time{})
	a := s.audit(90*time.Minute, 10)
	s.same("late by 90 minutes", []string{"b", "c"}, names(a.Late))
	if a.Desks != 4 || a.Now.Before(now) || !a.Late[0].At.Equal(now.Add(-3*time.Hour)) {
		s.Fatalf("audit: %+v", a)
	}
	s.same("the latest", []string{"b"}, names(s.audit(90*time.Minute, 1).Late))
	s.same("late by a day", []string(nil), names(s.audit(24*time.Hour, 10).Late))
}

func nudges(s *suite) {
	drain := func() {
		for {
			select {
			case <-s.store.Nudges():
			default:
				return
			}
		}
	}
	await := func(what string) {
		s.Helper()
		ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
		defer cancel()
		select {
		case <-s.store.Nudges():
		case <-ctx.Done():
			s.Fatalf("no nudge %s", what)
		}
		s.Pass(20 * time.Millisecond)
		drain()
	}
	s.setUp("acme", "op-1", s.now().Add(500*time.Millisecond))
	await("for a wake in half a second")
	s.setUp("acme", "op-2", s.now().Add(-time.Hour))
	await("for a wake in the past")
	s.setUp("acme", "op-3", time.Time{}, aLetter("acme", "acme/front", "n1", false))
	await("for a letter")

	if s.Shared {
		other := s.open()
		s.Pass(100 * time.Millisecond) // a store may need a moment to subscribe
		if err := other.Commit(s.Context(), func() bot.Commit {
			c := step("nova", s.load("nova"), "op-1")
			c.Wake = s.now()
			return c
		}()); err != nil {
			s.Fatal(err)
		}
		await("for another handle's commit")
	}
}

func clockBehind(s *suite) {
	for range 50 {
		s.now() // hears the time
		clock, ok := s.store.Clock()
		if !ok {
			s.Fatal("Clock knows no time although Now has just answered")
		}
		if now := s.now(); clock.After(now) {
			s.Fatalf("Clock says %s, the store %s: it is ahead", clock, now)
		}
		s.Pass(time.Millisecond)
	}
}
