package sqlite

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest/storetest"
)

// testClock is a time that moves when asked.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock { return &testClock{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func mustOpen(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// plant writes a head as another butler would have written it.
func plant(t testing.TB, path, customer string, head []byte) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO desk (customer, version, head) VALUES (?, 1, ?)", customer, string(head)); err != nil {
		t.Fatal(err)
	}
}

func TestIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		c, path := newClock(), filepath.Join(t.TempDir(), "butler.db")
		return storetest.Harness{
			Open:  func(t testing.TB) bot.Store { return mustOpen(t, path, Options{Clock: c.Now}) },
			Pass:  c.Pass,
			Free:  true,
			Plant: func(t testing.TB, customer string, head []byte) { plant(t, path, customer, head) },
		}
	})
}

func TestIsAStoreByTheWallClock(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite waits for the wall clock, ten seconds")
	}
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		path := filepath.Join(t.TempDir(), "butler.db")
		return storetest.Harness{
			Open:  func(t testing.TB) bot.Store { return mustOpen(t, path, Options{}) },
			Pass:  time.Sleep,
			Plant: func(t testing.TB, customer string, head []byte) { plant(t, path, customer, head) },
		}
	})
}
