//go:build linux

package sqlite

import (
	"context"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// untilRefused commits with some writers until the disk refuses each, and
// returns how many commits of each were acknowledged.
func untilRefused(t *testing.T, s *Store, writers int, words string) []int {
	t.Helper()
	acked := make([]int, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for v := 0; v < 100_000; v++ {
				err := s.Commit(context.Background(), benchCommit(fmt.Sprint("customer-", i), v, time.Now().UTC()))
				if err != nil {
					if !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "Nothing that was confirmed is lost") {
						t.Errorf("the refusal does not say %q: %v", words, err)
					}
					return
				}
				acked[i] = v + 1
			}
			t.Error("the disk never filled")
		})
	}
	wg.Wait()
	return acked
}

// whole checks that exactly the acknowledged commits are there.
func whole(t *testing.T, s *Store, acked []int) {
	t.Helper()
	for i, n := range acked {
		customer := fmt.Sprint("customer-", i)
		l, err := s.Load(t.Context(), customer)
		if err != nil || l.Version != n {
			t.Errorf("%s: version %d after %d acknowledged commits, %v", customer, l.Version, n, err)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// goesOn checks that the store takes commits again, also those it refused.
func goesOn(t *testing.T, s *Store, acked []int) {
	t.Helper()
	for i := range acked {
		commitN(t, s, fmt.Sprint("customer-", i), acked[i], 20)
		acked[i] += 20
	}
	whole(t, s, acked)
}

func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	pages := func(n int) {
		t.Helper()
		if err := s.submit(t.Context(), func(w *writer, _ time.Time) error {
			_, err := w.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", n))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	pages(200)
	acked := untilRefused(t, s, 8, "the disk is full")
	whole(t, s, acked)
	if _, err := s.Due(t.Context(), 10); err != nil {
		t.Errorf("reading goes on: %v", err)
	}
	pages(1 << 30)
	goesOn(t, s, acked)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, mustOpen(t, path, Options{}), acked)
}

// A write that the system refuses, at whatever moment: in the log, at COMMIT, in
// the middle of a page. The limit on the size of files does it without a small
// disk.
func TestWriteRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	commitN(t, s, "before", 0, 10)

	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // the write returns EFBIG instead
	defer signal.Reset(syscall.SIGXFSZ)
	limit := func(n uint64) {
		t.Helper()
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: old.Max}); err != nil {
			t.Fatal(err)
		}
	}
	defer limit(old.Cur)
	limit(1_234_567) // in the middle of a page, and of the log, which is the longer file
	acked := untilRefused(t, s, 8, "the disk refuses")
	whole(t, s, acked)
	limit(old.Cur)
	goesOn(t, s, acked)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, mustOpen(t, path, Options{}), acked)
}
