package storetest

import (
	"context"
	"fmt"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

var inputCases = []testCase{
	{"a desk that moved is a conflict and nothing is written", conflict},
	{"a replay answers nil and appends nothing", replay},
	{"a replay is known after three later commits", lateReplay},
	{"a known input is ErrSeen and nothing is written", seen},
	{"a replay is not mistaken for a known input", replayBeforeSeen},
	{"a seen-mark lives at least 24 hours and ends", seenExpires},
	{"a commit without customer, op or lane is refused", malformed},
	{"a canceled commit writes nothing", canceledCommit},
}

// rich is a commit that writes to everything a commit can write to.
func (s *suite) rich(customer string, l bot.Loaded, op, input string) bot.Commit {
	c := step(customer, l, op)
	c.Seen = input
	c.Desk.NextCase++
	n := c.Desk.NextCase
	c.Desk.Cases = append(append([]desk.Case(nil), l.Desk.Cases...), aCase(n, l.Now))
	c.Touched = []int{n}
	c.Wake = l.Now.Add(time.Hour)
	c.Letters = []bot.Letter{aLetter(customer, customer+"/front", op, false)}
	return c
}

func conflict(s *suite) {
	first := s.load("acme")
	s.commit(s.rich("acme", first, "op-1", "in-1"))
	s.refuse(s.rich("acme", first, "op-2", "in-2"), bot.ErrConflict) // behind
	ahead := s.load("acme")
	ahead.Version++
	s.refuse(s.rich("acme", ahead, "op-3", "in-3"), bot.ErrConflict) // ahead
	ahead.Version = 7
	s.refuse(s.rich("nova", ahead, "op-4", "in-4"), bot.ErrConflict) // of a desk that is not there

	// An input that met a conflict is not known: it is decided again.
	s.commit(s.rich("acme", s.load("acme"), "op-5", "in-2"))
}

func replay(s *suite) {
	c := s.rich("acme", s.load("acme"), "op-1", "")
	s.commit(c)
	before := s.picture("acme")
	for range 3 {
		s.commit(c)
	}
	s.same("after replays", before, s.picture("acme"))
	if before.Version != 1 || before.Letters != 1 {
		s.Fatalf("version %d with %d letters after one commit", before.Version, before.Letters)
	}
}

func lateReplay(s *suite) {
	var all []bot.Commit
	for i := range 4 {
		c := s.rich("acme", s.load("acme"), fmt.Sprintf("op-%d", i), fmt.Sprintf("in-%d", i))
		s.commit(c)
		all = append(all, c)
	}
	before := s.picture("acme")
	for _, c := range all {
		s.commit(c)
	}
	s.same("after late replays", before, s.picture("acme"))

	other := all[1]
	other.Op, other.Seen = "another op", ""
	s.refuse(other, bot.ErrConflict)
	other.Op = all[2].Op // an op that is known, at a version where it was not
	s.refuse(other, bot.ErrConflict)
}

func seen(s *suite) {
	s.commit(s.rich("acme", s.load("acme"), "op-1", "slack:C0:1"))
	s.refuse(s.rich("acme", s.load("acme"), "op-2", "slack:C0:1"), bot.ErrSeen)
	s.refuse(s.rich("acme", bot.Loaded{Now: s.now()}, "op-3", "slack:C0:1"), bot.ErrSeen) // also at an old version
	s.commit(s.rich("nova", s.load("nova"), "op-4", "slack:C0:1"))                        // another customer's input
	s.commit(s.rich("acme", s.load("acme"), "op-5", "slack:C0:2"))
	s.commit(s.rich("acme", s.load("acme"), "op-6", "")) // no mark, no matter
	s.commit(s.rich("acme", s.load("acme"), "op-7", ""))
}

func replayBeforeSeen(s *suite) {
	c := s.rich("acme", s.load("acme"), "op-1", "slack:C0:1")
	s.commit(c)
	s.commit(s.rich("acme", s.load("acme"), "op-2", "slack:C0:2"))
	before := s.picture("acme")
	s.commit(c) // nil, not ErrSeen, although the mark it set is there
	s.same("after the replay", before, s.picture("acme"))
}

func seenExpires(s *suite) {
	if !s.Free {
		s.Skip("days do not pass for this store")
	}
	s.commit(s.rich("acme", s.load("acme"), "op-1", "slack:C0:1"))
	for _, d := range []time.Duration{24 * time.Hour, bot.SeenFor - 24*time.Hour - time.Millisecond} {
		s.Pass(d)
		if err := s.store.Prune(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.refuse(s.rich("acme", s.load("acme"), "op-2", "slack:C0:1"), bot.ErrSeen)
	}
	s.Pass(2 * time.Millisecond)
	s.commit(s.rich("acme", s.load("acme"), "op-3", "slack:C0:1"))
	s.refuse(s.rich("acme", s.load("acme"), "op-4", "slack:C0:1"), bot.ErrSeen)
}

func malformed(s *suite) {
	good := s.rich("acme", s.load("acme"), "op-1", "in-1")
	before := s.picture("acme")
	for what, spoil := range map[string]func(*bot.Commit){
		"no customer":      func(c *bot.Commit) { c.Customer = "" },
		"no op":            func(c *bot.Commit) { c.Op = "" },
		"negative version": func(c *bot.Commit) { c.Version = -1 },
		"no lane":          func(c *bot.Commit) { c.Letters = []bot.Letter{{Customer: "acme", ID: "x"}} },
		"no letter id":     func(c *bot.Commit) { c.Letters = []bot.Letter{{Customer: "acme", Lane: "x"}} },
	} {
		c := good
		spoil(&c)
		if err := s.store.Commit(s.Context(), c); err == nil {
			s.Errorf("%s: committed", what)
		}
		s.same(what, before, s.picture("acme"))
	}
	s.commit(good)
}

func canceledCommit(s *suite) {
	ctx := canceled()
	c := s.rich("acme", s.load("acme"), "op-1", "in-1")
	before := s.picture("acme")
	if err := s.store.Commit(ctx, c); err == nil {
		s.Fatal("Commit under a canceled context succeeded")
	}
	s.same("after the canceled commit", before, s.picture("acme"))
	for what, call := range everyRead(s.store) {
		if err := call(ctx); err == nil {
			s.Errorf("%s under a canceled context succeeded", what)
		}
	}
	s.commit(c) // and the store is none the worse
}

// everyRead is every call of a store that takes a context, but Commit.
func everyRead(st bot.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Load":  func(ctx context.Context) error { _, err := st.Load(ctx, "acme"); return err },
		"Due":   func(ctx context.Context) error { _, err := st.Due(ctx, 10); return err },
		"Claim": func(ctx context.Context) error { _, err := st.Claim(ctx, 10, 10, time.Second); return err },
		"Settle": func(ctx context.Context) error {
			return st.Settle(ctx, bot.Letter{Customer: "acme", Lane: "acme/front", ID: "x", Lease: "y"}, bot.Settlement{})
		},
		"Journal":  func(ctx context.Context) error { _, err := st.Journal(ctx, "acme", 0, 10); return err },
		"Park":     func(ctx context.Context) error { return st.Park(ctx, bot.ParkedInput{Customer: "acme"}) },
		"Parked":   func(ctx context.Context) error { _, err := st.Parked(ctx); return err },
		"Remember": func(ctx context.Context) error { return st.Remember(ctx, "a", "b") },
		"Recall":   func(ctx context.Context) error { _, err := st.Recall(ctx, "a"); return err },
		"Add":      func(ctx context.Context) error { _, err := st.Add(ctx, "a", 1); return err },
		"Overdue":  func(ctx context.Context) error { _, err := st.Overdue(ctx, 0, 10); return err },
		"Outbox":   func(ctx context.Context) error { _, err := st.Outbox(ctx); return err },
		"Prune":    func(ctx context.Context) error { return st.Prune(ctx) },
		"Now":      func(ctx context.Context) error { _, err := st.Now(ctx); return err },
	}
}
