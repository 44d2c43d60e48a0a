// Package storetest is the definition of a bot.Store as a program: every
// implementation passes Run whole, so that the bot can rely on one set of
// promises whatever it keeps its desks in.
//
// What the suite fixes beyond the words of bot.Store:
//
//   - A replay (same customer, version and op) is looked for first, then the
//     seen-mark, then the version: nil before ErrSeen before ErrConflict.
//   - Seen-marks belong to a customer: the same input id at two customers is two
//     inputs.
//   - A commit without customer or op, and a letter without lane or id, are
//     refused.
//   - Times are whole milliseconds in UTC. A wake between two milliseconds is
//     rounded up: never early.
//   - The two lists of a lane share one ready time, and it outlives the letters:
//     a lane that was emptied a moment ago still rests. A letter that was
//     claimed when a more urgent one arrives is settled all the same.
//   - A lease that has run out may still be settled as long as nobody else
//     claimed the lane: the letter was sent, and once is enough.
//   - An urgent letter pulls its lane before all lanes that hold none, and goes
//     before the normal letters of its lane; among urgent letters, and among normal
//     ones, a lane keeps the order of the commits.
//   - Attempt counts the claims of a letter, not of its lane.
//   - Next (of Due and of Claimed) is later than Now, and never later than it
//     should be.
//   - Lanes of different customers share no order, even when they have one name.
//
// The suite owns no time. It works with stores that live by the wall clock or by
// a server's, and is quick with those that live by a test's.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// Harness is one empty place to keep data, and the ways to disturb it. Run asks
// for a fresh one per case; the harness cleans up with t.Cleanup.
type Harness struct {
	// Open opens the store: empty at first, later with what was committed. The
	// suite closes what it opened.
	Open func(t testing.TB) bot.Store

	// Pass lets d pass by the store's clock: it moves a test's clock, or sleeps.
	Pass func(d time.Duration)

	// Free says that Pass costs nothing, so days may pass.
	Free bool

	// Shared says that several handles may be open at a time, as several
	// processes would be.
	Shared bool

	// Plant stores head as the desk of customer, at version 1, as another butler
	// would have written it. Nil where that cannot be done.
	Plant func(t testing.TB, customer string, head []byte)

	// Lose makes the next call of op (a method of bot.Store that writes: Commit,
	// Claim, Settle) happen and its reply get lost on the way. Nil where there is
	// no way to lose it on.
	Lose func(op string)

	// Restart kills the server behind the store and starts it again, while
	// handles are open. Nil where there is no server.
	Restart func(t testing.TB)
}

// Run runs the suite: each case on a harness of its own.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := fresh(t)
			s := &suite{T: t, Harness: h}
			s.store = s.open()
			c.run(s)
		})
	}
}

type testCase struct {
	name string
	run  func(*suite)
}

var cases = concat(deskCases, inputCases, wakeCases, laneCases, settleCases, keepCases, crowdCases, faultCases, modelCases)

func concat(lists ...[]testCase) []testCase {
	var all []testCase
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// suite is what a case works with: the store under test, and helpers that end
// the test when a call fails that should not.
type suite struct {
	*testing.T
	Harness
	store bot.Store
}

// open opens one more handle and closes it when the test ends.
func (s *suite) open() bot.Store {
	s.Helper()
	st := s.Open(s.T)
	s.Cleanup(func() { st.Close() }) // a second Close, after the test's own, is harmless or an error: either will do
	return st
}

// reopen closes the store and opens it again.
func (s *suite) reopen() {
	s.Helper()
	if err := s.store.Close(); err != nil {
		s.Fatalf("Close: %v", err)
	}
	s.store = s.open()
}

func (s *suite) now() time.Time {
	s.Helper()
	now, err := s.store.Now(s.Context())
	if err != nil {
		s.Fatalf("Now: %v", err)
	}
	return now
}

func (s *suite) load(customer string) bot.Loaded {
	s.Helper()
	l, err := s.store.Load(s.Context(), customer)
	if err != nil {
		s.Fatalf("Load(%s): %v", customer, err)
	}
	return l
}

func (s *suite) commit(c bot.Commit) {
	s.Helper()
	if err := s.store.Commit(s.Context(), c); err != nil {
		s.Fatalf("Commit(%s at %d, op %s): %v", c.Customer, c.Version, c.Op, err)
	}
}

// refuse expects that a commit answers want and writes nothing.
func (s *suite) refuse(c bot.Commit, want error) {
	s.Helper()
	before := s.picture(c.Customer)
	err := s.store.Commit(s.Context(), c)
	if !errors.Is(err, want) {
		s.Fatalf("Commit(%s at %d, op %s) = %v, want %v", c.Customer, c.Version, c.Op, err, want)
	}
	s.same("after a commit that was refused", before, s.picture(c.Customer))
}

func (s *suite) journal(customer string, from, max int) []desk.Record {
	s.Helper()
	r, err := s.store.Journal(s.Context(), customer, from, max)
	if err != nil {
		s.Fatalf("Journal(%s, %d, %d): %v", customer, from, max, err)
	}
	return r
}

func (s *suite) claim(max int, lease time.Duration) []bot.Letter {
	s.Helper()
	c, err := s.store.Claim(s.Context(), max, max, lease)
	if err != nil {
		s.Fatalf("Claim: %v", err)
	}
	if !c.Next.IsZero() && !c.Next.After(c.Now) {
		s.Fatalf("Claim: Next %v is not after Now %v", c.Next, c.Now)
	}
	return c.Letters
}

func (s *suite) settle(l bot.Letter, done bool, after time.Duration) {
	s.Helper()
	if err := s.store.Settle(s.Context(), l, bot.Settlement{Done: done, After: after}); err != nil {
		s.Fatalf("Settle(%s %s): %v", l.Lane, l.ID, err)
	}
}

func (s *suite) backlog() bot.Backlog {
	s.Helper()
	b, err := s.store.Outbox(s.Context())
	if err != nil {
		s.Fatalf("Outbox: %v", err)
	}
	return b
}

func (s *suite) audit(late time.Duration, max int) bot.Audit {
	s.Helper()
	a, err := s.store.Overdue(s.Context(), late, max)
	if err != nil {
		s.Fatalf("Overdue: %v", err)
	}
	return a
}

// due asks the alarm clock, and checks what must hold of every answer.
func (s *suite) due(max int) bot.Due {
	s.Helper()
	d, err := s.store.Due(s.Context(), max)
	if err != nil {
		s.Fatalf("Due: %v", err)
	}
	for _, w := range d.Wakes {
		if w.At.After(d.Now) {
			s.Fatalf("Due: %s woke at %v, early for %v", w.Customer, d.Now, w.At)
		}
	}
	if !d.Next.IsZero() && !d.Next.After(d.Now) {
		s.Fatalf("Due: Next %v is not after Now %v", d.Next, d.Now)
	}
	if len(d.Wakes) > max {
		s.Fatalf("Due(%d) returned %d wakes", max, len(d.Wakes))
	}
	return d
}

// await asks the alarm clock until it names n desks: a store whose processes
// share the desks may take a moment to step in for one that has left.
func (s *suite) await(n int) bot.Due {
	s.Helper()
	d := s.due(1000)
	for i := 0; i < 100 && len(d.Wakes) < n; i++ {
		s.Pass(20 * time.Millisecond)
		d = s.due(1000)
	}
	if len(d.Wakes) != n {
		s.Fatalf("Due names %v, want %d desks", d.Wakes, n)
	}
	return d
}

// picture is all that can be read of one customer, without the time of reading.
type picture struct {
	Version int
	Desk    desk.Desk
	Journal []desk.Record
	Letters int
	Wakes   int
}

func (s *suite) picture(customer string) picture {
	s.Helper()
	l := s.load(customer)
	return picture{
		Version: l.Version, Desk: l.Desk, Journal: s.journal(customer, 0, 1000),
		Letters: s.backlog().Letters, Wakes: s.audit(0, 0).Desks,
	}
}

func (s *suite) same(what string, want, got any) {
	s.Helper()
	if !reflect.DeepEqual(want, got) {
		s.Fatalf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string { return fmt.Sprintf("%+v", v) }

// canceled is a context that is over.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
