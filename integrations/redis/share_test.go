package redis

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"butler/bot"
)

func TestOwner(t *testing.T) {
	live := []string{"a", "b", "c"}
	share := map[string]int{}
	moved := 0
	for i := range 3000 {
		name := fmt.Sprint("customer-", i)
		who := owner(live, name)
		share[who]++
		if now := owner([]string{"a", "c"}, name); who != "b" && now != who {
			moved++
		}
	}
	for _, id := range live {
		if n := share[id]; n < 850 || n > 1150 {
			t.Errorf("%s owns %d of 3000", id, n)
		}
	}
	if moved != 0 {
		t.Errorf("%d customers of those that stayed moved when b left", moved)
	}
}

// Two processes share the customers of one Redis: between them every desk is
// offered, none to both, and what one leaves the other takes 150 ms later.
func TestShare(t *testing.T) {
	srv, prefix := sharedServer(t), freshPrefix()
	a := open(t, srv.url(), Options{Prefix: prefix})
	b := open(t, srv.url(), Options{Prefix: prefix})
	if err := a.beat(ctx); err != nil { // a learns of b
		t.Fatal(err)
	}
	wake := at(a).Add(50 * time.Millisecond)
	for i := range 40 {
		mustCommit(t, a, fmt.Sprint("customer-", i), 0, wake)
	}
	var of [2][]string
	eventually(t, 5*time.Second, "the wakes come", func() error {
		for i, s := range []*Store{a, b} {
			d, err := s.Due(ctx, 100)
			if err != nil {
				t.Fatal(err)
			}
			if of[i] = nil; d.Now.Sub(wake) >= stepIn {
				t.Skip("this machine is too busy to see who is first")
			}
			for _, w := range d.Wakes {
				of[i] = append(of[i], w.Customer)
			}
			if !d.Now.Before(wake) && d.Next.Sub(wake) != stepIn {
				t.Fatalf("Next = %v after the wakes, want their time plus %v", d.Next.Sub(wake), stepIn)
			}
		}
		if len(of[0])+len(of[1]) < 40 {
			return fmt.Errorf("%d and %d", len(of[0]), len(of[1]))
		}
		return nil
	})
	if len(of[0])+len(of[1]) != 40 || len(of[0]) < 5 || len(of[1]) < 5 {
		t.Errorf("a wakes %d and b %d of 40", len(of[0]), len(of[1]))
	}
	for _, c := range of[0] {
		if slices.Contains(of[1], c) {
			t.Errorf("%s is offered to both", c)
		}
	}
	for _, s := range []*Store{a, b} { // neither commits: both step in
		eventually(t, 5*time.Second, "somebody steps in", func() error {
			d, err := s.Due(ctx, 100)
			if err == nil && len(d.Wakes) != 40 {
				err = fmt.Errorf("%d of 40 at %v", len(d.Wakes), d.Now.Sub(wake))
			}
			return err
		})
	}
}

// Two processes, one of which has lived through a clock that was an hour ahead,
// fire the same wakes: each desk once, and nothing before Redis' time but what
// the one believes has come.
func TestSkewedClocksDoNotDouble(t *testing.T) {
	srv, prefix := sharedServer(t), freshPrefix()
	a := open(t, srv.url(), Options{Prefix: prefix})
	b := open(t, srv.url(), Options{Prefix: prefix})
	b.saw(at(a).Add(5 * time.Second).UnixMilli()) // b never goes back behind this
	wake := at(a).Add(100 * time.Millisecond)
	const desks = 60
	for i := range desks {
		mustCommit(t, a, fmt.Sprint("customer-", i), 0, wake)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	fired := map[string]int{}
	for _, s := range []*Store{a, b} {
		wg.Go(func() {
			for {
				d, err := s.Due(ctx, 7)
				if err != nil {
					t.Error(err)
					return
				}
				for _, w := range d.Wakes {
					if w.At.After(d.Now) {
						t.Errorf("%s is early", w.Customer)
					}
					err := s.Commit(ctx, sampleCommit(w.Customer, 1, d.Now, time.Time{}))
					if err == nil {
						mu.Lock()
						fired[w.Customer]++
						mu.Unlock()
					} else if !errors.Is(err, bot.ErrConflict) && !errors.Is(err, bot.ErrSeen) {
						t.Error(err)
					}
				}
				if a, _ := s.Overdue(ctx, 0, 0); a.Desks == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range desks {
		if l, _ := a.Load(ctx, fmt.Sprint("customer-", i)); l.Version != 2 {
			t.Errorf("customer-%d: version %d, want 2", i, l.Version)
		}
	}
	if len(fired) != desks {
		t.Errorf("%d desks fired, want %d", len(fired), desks)
	}
}

// Time never runs backwards for a process, also when the server's does.
func TestTimeNeverRunsBack(t *testing.T) {
	s := openShared(t)
	ahead := at(s).Add(time.Minute).Truncate(time.Millisecond)
	s.saw(ahead.UnixMilli())
	l, err := s.Load(ctx, "acme")
	if err != nil || l.Now.Before(ahead) {
		t.Errorf("Load says %v after %v, %v", l.Now, ahead, err)
	}
	if d, err := s.Due(ctx, 1); err != nil || d.Now.Before(ahead) {
		t.Errorf("Due says %v after %v, %v", d.Now, ahead, err)
	}
	if now := at(s); now.Before(ahead) {
		t.Errorf("Now says %v after %v", now, ahead)
	}
}

// A lane that two customers of different shards share is not claimed in both at
// once by one process.
func TestSharedLaneOneAtATime(t *testing.T) {
	s := openShared(t)
	names := []string{"acme", "nova"}
	for i := 0; s.names.shard(names[0]) == s.names.shard(names[1]); i++ {
		names[1] = fmt.Sprint("nova", i)
	}
	for _, n := range names {
		c := sampleCommit(n, 0, at(s), time.Time{})
		c.Letters[0].Lane = "@zhang"
		if err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	first, err := s.Claim(ctx, 10, 10, time.Minute)
	if err != nil || len(first.Letters) != 1 {
		t.Fatalf("claimed %+v, %v", first, err)
	}
	if c, err := s.Claim(ctx, 10, 10, time.Minute); err != nil || len(c.Letters) != 0 {
		t.Fatalf("while @zhang is being told, claimed %+v, %v", c, err)
	}
	if err := s.Settle(ctx, first.Letters[0], bot.Settlement{Done: true, After: 80 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	c, err := s.Claim(ctx, 10, 10, time.Minute)
	if err != nil || len(c.Letters) != 0 || c.Next.IsZero() || c.Next.Sub(c.Now) > 80*time.Millisecond {
		t.Fatalf("while @zhang rests, claimed %+v, %v", c, err)
	}
	eventually(t, 5*time.Second, "the rest is over", func() error {
		c, err := s.Claim(ctx, 10, 10, time.Minute)
		if err == nil && (len(c.Letters) != 1 || c.Letters[0].Customer == first.Letters[0].Customer) {
			err = fmt.Errorf("claimed %+v", c)
		}
		return err
	})
}

// When more lanes are ready than may be claimed, urgent letters go first.
func TestUrgentLanesFirst(t *testing.T) {
	s := openShared(t)
	for i := range 30 {
		c := sampleCommit(fmt.Sprint("customer-", i), 0, at(s), time.Time{})
		c.Letters[0].Urgent = i >= 27
		if err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Claim(ctx, 3, 3, time.Minute)
	if err != nil || len(c.Letters) != 3 {
		t.Fatalf("claimed %+v, %v", c, err)
	}
	for _, l := range c.Letters {
		if !l.Urgent {
			t.Errorf("%s is not urgent", l.ID)
		}
	}
}

// A job is one process' turn, and again somebody's after the span.
func TestTurn(t *testing.T) {
	srv, prefix := sharedServer(t), freshPrefix()
	a := open(t, srv.url(), Options{Prefix: prefix})
	b := open(t, srv.url(), Options{Prefix: prefix})
	const span = 200 * time.Millisecond
	if mine, err := a.Turn(ctx, "audit", span); !mine || err != nil {
		t.Fatalf("the first who asks: %v, %v", mine, err)
	}
	for who, s := range map[string]*Store{"another process": b, "the same again": a} {
		if mine, err := s.Turn(ctx, "audit", span); mine || err != nil {
			t.Errorf("%s: %v, %v", who, mine, err)
		}
	}
	if mine, err := b.Turn(ctx, "prune", span); !mine || err != nil {
		t.Errorf("another job: %v, %v", mine, err)
	}
	eventually(t, 5*time.Second, "the span ends", func() error {
		mine, err := b.Turn(ctx, "audit", span)
		if err == nil && !mine {
			err = errors.New("not yet")
		}
		return err
	})
}

// A process that dies with a letter in its hands: another offers it again within
// seconds, not when the lease ends. Its own lost answers come back as well.
func TestLeaseOfTheDeadComesBack(t *testing.T) {
	srv, prefix := sharedServer(t), freshPrefix()
	a := open(t, srv.url(), Options{Prefix: prefix})
	b := open(t, srv.url(), Options{Prefix: prefix})
	mustCommit(t, a, "acme", 0, time.Time{})
	first, err := b.Claim(ctx, 1, 1, time.Hour)
	if err != nil || len(first.Letters) != 1 {
		t.Fatalf("claimed %+v, %v", first, err)
	}
	b.stop() // b beats no more and settles nothing
	b.done.Wait()
	eventually(t, 5*time.Second, "a offers what b held", func() error {
		c, err := a.Claim(ctx, 1, 1, time.Hour)
		if err == nil && (len(c.Letters) != 1 || c.Letters[0].Attempt != 2) {
			err = fmt.Errorf("claimed %+v", c)
		}
		return err
	})
	if err := b.Settle(ctx, first.Letters[0], bot.Settlement{Done: true}); err != nil { // b was only asleep
		t.Fatal(err)
	}
	if o, err := a.Outbox(ctx); err != nil || o.Letters != 1 {
		t.Errorf("%d letters after the late settlement, want the one that a holds, %v", o.Letters, err)
	}
}
