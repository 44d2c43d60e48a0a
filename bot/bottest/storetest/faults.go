package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"butler/bot"
)

var faultCases = []testCase{
	{"a commit whose reply is lost is there once", lostCommit},
	{"a settlement whose reply is lost counts once", lostSettle},
	{"a claim whose reply is lost comes back when the lease ends", lostClaim},
	{"a server that is killed loses and doubles nothing", killed},
}

// insist repeats a commit until the store takes it. A store may also repeat it
// by itself and answer nil at once.
func insist(ctx context.Context, st bot.Store, c bot.Commit, pass func(time.Duration)) error {
	var err error
	for range 200 {
		if err = st.Commit(ctx, c); err == nil || errors.Is(err, bot.ErrConflict) || errors.Is(err, bot.ErrSeen) {
			return err
		}
		pass(25 * time.Millisecond)
	}
	return err
}

func lostCommit(s *suite) {
	if s.Lose == nil {
		s.Skip("no reply can be lost on the way from this store")
	}
	for i := range 3 {
		c := s.rich("acme", s.load("acme"), fmt.Sprintf("op-%d", i), fmt.Sprintf("in-%d", i))
		s.Lose("Commit")
		if err := insist(s.Context(), s.store, c, s.Pass); err != nil {
			s.Fatalf("the repeated commit: %v", err)
		}
		p := s.picture("acme")
		if p.Version != i+1 || len(p.Journal) != i+1 || p.Letters != i+1 || len(p.Desk.Cases) != i+1 {
			s.Fatalf("after %d commits: version %d, %d records, %d letters, %d cases", i+1, p.Version, len(p.Journal), p.Letters, len(p.Desk.Cases))
		}
	}
}

func lostSettle(s *suite) {
	if s.Lose == nil {
		s.Skip("no reply can be lost on the way from this store")
	}
	for _, id := range []string{"n1", "n2", "n3"} {
		s.setUp("acme", "op-"+id, time.Time{}, aLetter("acme", "acme/front", id, false))
	}
	l := s.offered(time.Time{})
	s.Lose("Settle")
	if err := s.store.Settle(s.Context(), l, bot.Settlement{Done: true}); err != nil {
		s.settle(l, true, 0)
	}
	s.same("letters", []string{"n2", "n3"}, s.sendAll())
}

func lostClaim(s *suite) {
	if s.Lose == nil {
		s.Skip("no reply can be lost on the way from this store")
	}
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	s.Lose("Claim")
	if c, err := s.store.Claim(s.Context(), 10, 10, 100*time.Millisecond); err == nil && len(c.Letters) > 0 {
		s.Fatalf("the lost claim offered %v", ids(c.Letters))
	}
	s.Pass(120 * time.Millisecond)
	if l := s.offered(time.Time{}); l.ID != "n1" || l.Attempt < 2 {
		s.Fatalf("offered %+v, want n1 again", l)
	} else {
		s.settle(l, true, 0)
	}
	s.same("letters", []string{"n2"}, s.sendAll())
}

func killed(s *suite) {
	if s.Restart == nil {
		s.Skip("no server stands behind this store")
	}
	const writers, kills = 4, 3
	var stop atomic.Bool
	wrote := make([]int, writers)
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			for range kills {
				for range 10 {
					s.Pass(20 * time.Millisecond)
				}
				s.Restart(s.T)
			}
			s.Pass(100 * time.Millisecond)
			stop.Store(true)
			return nil
		}()
	}()
	s.together(writers, func(i int) error {
		customer := fmt.Sprintf("customer-%d", i)
		for k := 0; !stop.Load(); k++ {
			c := step(customer, bot.Loaded{Version: k, Now: time.UnixMilli(1).UTC()}, fmt.Sprintf("op-%d", k))
			c.Letters = []bot.Letter{aLetter(customer, customer+"/front", c.Op, false)}
			if err := insist(s.Context(), s.store, c, s.Pass); err != nil {
				return fmt.Errorf("writer %d, commit %d: %w", i, k, err)
			}
			wrote[i] = k + 1
		}
		return nil
	})
	if err := <-done; err != nil {
		s.Fatal(err)
	}
	total := 0
	for i, n := range wrote {
		customer := fmt.Sprintf("customer-%d", i)
		if v, j := s.load(customer).Version, len(s.journal(customer, 0, n+100)); v != n || j != n {
			s.Fatalf("%s: version %d and %d records after %d acknowledged commits", customer, v, j, n)
		}
		total += n
	}
	if n := s.backlog().Letters; n != total {
		s.Fatalf("%d letters after %d commits of one each", n, total)
	}
}
