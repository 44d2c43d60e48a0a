package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
)

// still is a store whose writer has stopped: the test is the writer.
func still(t *testing.T) *Store {
	t.Helper()
	s := mustOpen(t, filepath.Join(t.TempDir(), "butler.db"), Options{})
	close(s.quit)
	<-s.stopped
	t.Cleanup(func() { s.close.Do(func() { s.release() }) })
	return s
}

// aWork is a commit as the writer receives it.
func aWork(c bot.Commit) *work {
	e := encode(c)
	return &work{do: func(w *writer, now time.Time) error { return w.apply(c, e, now) }, done: make(chan struct{})}
}

func TestOneGroupManyAnswers(t *testing.T) {
	s := still(t)
	now := s.time()
	fresh := func(customer string, version int, op string) bot.Commit {
		c := benchCommit(customer, version, now)
		c.Op, c.Seen = op, "input of "+op
		return c
	}
	known := fresh("third", 1, "b")
	known.Seen = fresh("third", 0, "a").Seen
	group := []*work{
		aWork(fresh("acme", 0, "a")),  // done
		aWork(fresh("acme", 0, "b")),  // conflict with the one before, in the same transaction
		aWork(fresh("acme", 0, "a")),  // a replay of the first, likewise
		aWork(fresh("acme", 1, "c")),  // the next, likewise
		aWork(fresh("nova", 3, "d")),  // of a desk that is not there
		aWork(fresh("third", 0, "a")), // done
		aWork(known),                  // seen in the same transaction
	}
	s.run(group)
	for i, want := range []error{nil, bot.ErrConflict, nil, nil, bot.ErrConflict, nil, bot.ErrSeen} {
		if !errors.Is(group[i].err, want) || want == nil && group[i].err != nil {
			t.Errorf("work %d: %v, want %v", i, group[i].err, want)
		}
	}
	for customer, want := range map[string]int{"acme": 2, "nova": 0, "third": 1} {
		if l, err := s.Load(t.Context(), customer); err != nil || l.Version != want {
			t.Errorf("%s: version %d, %v; want %d", customer, l.Version, err, want)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A work that the disk refuses fails alone, and leaves nothing behind.
func TestOneFailureSparesTheGroup(t *testing.T) {
	s := still(t)
	now := s.time()
	broken := errors.New("the disk refuses")
	half := benchCommit("half", 0, now)
	group := []*work{
		aWork(benchCommit("a", 0, now)),
		{done: make(chan struct{}), do: func(w *writer, now time.Time) error {
			return errors.Join(w.put(half, encode(half), now), broken)
		}},
		aWork(benchCommit("b", 0, now)),
		aWork(benchCommit("a", 0, now)), // a replay, also when the group is tried again
	}
	s.run(group)
	for i, want := range []error{nil, broken, nil, nil} {
		if !errors.Is(group[i].err, want) || want == nil && group[i].err != nil {
			t.Errorf("work %d: %v, want %v", i, group[i].err, want)
		}
	}
	for customer, want := range map[string]int{"a": 1, "b": 1, "half": 0} {
		if l, err := s.Load(t.Context(), customer); err != nil || l.Version != want {
			t.Errorf("%s: version %d, %v; want %d", customer, l.Version, err, want)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Works that wait while the writer is busy share its next transaction.
func TestWaitingWorksShare(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "butler.db"), Options{})
	const writers = 32
	groups := map[time.Time]int{}
	count := func(_ *writer, now time.Time) error { groups[now]++; return nil } // the writer is one goroutine
	for range 50 {
		hold, held := make(chan struct{}), make(chan struct{})
		go s.submit(context.Background(), func(*writer, time.Time) error { close(held); <-hold; return nil })
		<-held
		var started, finished sync.WaitGroup
		for range writers {
			started.Add(1)
			finished.Go(func() { started.Done(); s.submit(context.Background(), count) })
		}
		started.Wait()
		close(hold)
		finished.Wait()
	}
	if n := len(groups); n > 50*writers/4 {
		t.Fatalf("%d works went in %d transactions; they should share", 50*writers, n)
	}
}

func TestCloseAnswersEverybody(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "butler.db")
		s := mustOpen(t, path, Options{})
		acked := make([]int, 8)
		var wg sync.WaitGroup
		for i := range acked {
			wg.Go(func() {
				for v := 0; ; v++ {
					if err := s.Commit(context.Background(), benchCommit(fmt.Sprint("customer-", i), v, time.Now().UTC())); err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Error(err)
						}
						return
					}
					acked[i] = v + 1
				}
			})
		}
		time.Sleep(5 * time.Millisecond) // any moment will do
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		s = mustOpen(t, path, Options{})
		for i, n := range acked {
			if l, err := s.Load(t.Context(), fmt.Sprint("customer-", i)); err != nil || l.Version != n {
				t.Fatalf("customer-%d: version %d after %d commits, %v", i, l.Version, n, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), "acme"); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Fatalf("Load of a closed store: %v", err)
		}
	}
}
