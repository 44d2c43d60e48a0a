package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

var crowdCases = []testCase{
	{"many writers on one desk lose no update", oneDesk},
	{"many writers on many desks lose no update", manyDesks},
	{"of two commits at one version one wins", oneWins},
	{"the due are fired once, however many look", fireOnce},
	{"letters are delivered once and in order, however many deliver", deliverOnce},
}

// together runs n workers and fails the test with the first error.
func (s *suite) together(n int, work func(i int) error) {
	s.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = work(i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}

// patience is how often one of a crowd looks again before it gives up: often
// enough for another that holds something to be given a busy processor.
const patience = 1_000_000

// breathe lets the others of a crowd go on. Where time is free it stands still:
// moving it would end their leases.
func (s *suite) breathe() {
	runtime.Gosched()
	if !s.Free {
		s.Pass(time.Millisecond)
	}
}

// handles returns n handles: different ones where the store allows several,
// otherwise the same n times.
func (s *suite) handles(n int) []bot.Store {
	list := []bot.Store{s.store}
	for len(list) < n {
		if s.Shared {
			list = append(list, s.open())
		} else {
			list = append(list, s.store)
		}
	}
	return list
}

// count adds one to a counter on a desk, deciding again whenever the desk has
// moved: what bot.Handle does.
func count(ctx context.Context, st bot.Store, customer, op string) error {
	for try := range 10_000 {
		l, err := st.Load(ctx, customer)
		if err != nil {
			return err
		}
		c := step(customer, l, fmt.Sprintf("%s, try %d", op, try))
		k := aCase(1, l.Now)
		if old, ok := l.Desk.Case(1); ok {
			k = old
		}
		k.Adds++
		c.Seen = op
		c.Desk.Cases, c.Touched = []desk.Case{k}, []int{1}
		c.Letters = []bot.Letter{aLetter(customer, customer+"/front", op, false)}
		err = st.Commit(ctx, c)
		if !errors.Is(err, bot.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("%s met nothing but conflicts", op)
}

// counted checks that n counts arrived, each once.
func (s *suite) counted(customer string, n int) {
	s.Helper()
	l := s.load(customer)
	k, _ := l.Desk.Case(1)
	ops := map[string]bool{}
	for _, r := range s.journal(customer, 0, n+100) {
		ops[r.Op] = true
	}
	if k.Adds != n || l.Version != n || len(ops) != n {
		s.Fatalf("%s: counted %d at version %d with %d different records, want %d", customer, k.Adds, l.Version, len(ops), n)
	}
}

func oneDesk(s *suite) {
	const writers, each = 8, 15
	stores := s.handles(writers)
	s.together(writers, func(i int) error {
		for k := range each {
			if err := count(s.Context(), stores[i], "acme", fmt.Sprintf("writer %d count %d", i, k)); err != nil {
				return err
			}
		}
		return nil
	})
	s.counted("acme", writers*each)
	if n := s.backlog().Letters; n != writers*each {
		s.Fatalf("%d letters, want %d", n, writers*each)
	}
}

func manyDesks(s *suite) {
	const writers, each, desks = 8, 30, 12
	stores := s.handles(2)
	s.together(writers, func(i int) error {
		for k := range each {
			customer := fmt.Sprintf("customer-%d", (i*each+k)%desks)
			if err := count(s.Context(), stores[i%2], customer, fmt.Sprintf("writer %d count %d", i, k)); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range desks {
		s.counted(fmt.Sprintf("customer-%d", i), writers*each/desks)
	}
}

func oneWins(s *suite) {
	stores := s.handles(8)
	for round := range 10 {
		l := s.load("acme")
		var mu sync.Mutex
		wins := 0
		s.together(8, func(i int) error {
			err := stores[i].Commit(s.Context(), s.rich("acme", l, fmt.Sprintf("round %d, writer %d", round, i), ""))
			if err == nil {
				mu.Lock()
				wins++
				mu.Unlock()
			} else if !errors.Is(err, bot.ErrConflict) {
				return err
			}
			return nil
		})
		if v := s.load("acme").Version; wins != 1 || v != round+1 {
			s.Fatalf("round %d: %d of 8 commits won, version %d", round, wins, v)
		}
	}
}

func fireOnce(s *suite) {
	const desks = 30
	wake := s.now().Add(-time.Second)
	for i := range desks {
		s.setUp(fmt.Sprintf("customer-%d", i), "op-1", wake)
	}
	stores := s.handles(4)
	s.together(len(stores), func(i int) error {
		st := stores[i]
		for try := range patience {
			d, err := st.Due(s.Context(), 10)
			if err != nil {
				return err
			}
			for _, w := range d.Wakes {
				l, err := st.Load(s.Context(), w.Customer)
				if err != nil {
					return err
				}
				if l.Version != 1 {
					continue // fired by another; nothing is due any more
				}
				c := step(w.Customer, l, fmt.Sprintf("fire by %d, try %d", i, try))
				c.Letters = []bot.Letter{aLetter(w.Customer, w.Customer+"/front", "ping", true)}
				if err := st.Commit(s.Context(), c); err != nil && !errors.Is(err, bot.ErrConflict) {
					return err
				}
			}
			a, err := st.Overdue(s.Context(), 0, 1)
			if err != nil || a.Desks == 0 {
				return err
			}
			s.breathe()
		}
		return errors.New("wakes are left that are not offered")
	})
	for i := range desks {
		if n := len(s.journal(fmt.Sprintf("customer-%d", i), 0, 10)); n != 2 {
			s.Fatalf("customer-%d has %d records, want 2", i, n)
		}
	}
	if n := s.backlog().Letters; n != desks {
		s.Fatalf("%d letters, want %d", n, desks)
	}
}

func deliverOnce(s *suite) {
	const lanes, each = 6, 12
	want := map[string][]string{}
	for i := range lanes {
		name := fmt.Sprintf("customer-%d", i)
		for k := range each {
			id := fmt.Sprintf("n%02d", k)
			s.setUp(name, "op-"+id, time.Time{}, aLetter(name, name+"/front", id, false))
			want[name+"/front"] = append(want[name+"/front"], id)
		}
	}
	var mu sync.Mutex
	got, total := map[string][]string{}, 0
	stores := s.handles(4)
	s.together(len(stores), func(i int) error {
		for range patience {
			c, err := stores[i].Claim(s.Context(), 2, 2, time.Minute)
			if err != nil {
				return err
			}
			for _, l := range c.Letters {
				mu.Lock()
				got[l.Lane], total = append(got[l.Lane], l.ID), total+1
				mu.Unlock()
				if err := stores[i].Settle(s.Context(), l, bot.Settlement{Done: true}); err != nil {
					return err
				}
			}
			mu.Lock()
			done := total >= lanes*each
			mu.Unlock()
			if done {
				return nil
			}
			if len(c.Letters) == 0 {
				s.breathe()
			}
		}
		return errors.New("letters are left that are not offered")
	})
	for lane, w := range want {
		if !slices.Equal(w, got[lane]) {
			s.Fatalf("%s: delivered %v, want %v", lane, got[lane], w)
		}
	}
}
