package bottest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/bottest/storetest"
	"butler/bot/desk"
)

// testClock is a time that moves when asked.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2026, 11, 23, 2, 0, 0, 123_456_789, time.FixedZone("CST", 8*3600))}
}

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

func TestMemIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		c := newClock()
		first := bottest.NewMem(c.Now)
		return storetest.Harness{
			Open:   func(testing.TB) bot.Store { return first.Reopen() },
			Pass:   c.Pass,
			Free:   true,
			Shared: true,
			Plant:  func(_ testing.TB, customer string, head []byte) { first.Plant(customer, head) },
			Lose:   first.Lose,
		}
	})
}

func TestMemTimeNeverRunsBack(t *testing.T) {
	c := newClock()
	m := bottest.NewMem(c.Now)
	before, _ := m.Now(t.Context())
	c.Pass(-time.Hour)
	if after, _ := m.Now(t.Context()); !after.Equal(before) {
		t.Fatalf("the clock was set back an hour: %v, then %v", before, after)
	}
	c.Pass(time.Hour + time.Second)
	if after, _ := m.Now(t.Context()); !after.Equal(before.Add(time.Second)) {
		t.Fatalf("%v, a second later %v", before, after)
	}
}

func TestMemFails(t *testing.T) {
	m := bottest.NewMem(newClock().Now)
	broken := errors.New("broken")
	m.Fail("Load", broken)
	m.Fail("Load", context.DeadlineExceeded)
	for _, want := range []error{broken, context.DeadlineExceeded, nil} {
		if _, err := m.Load(t.Context(), "acme"); err != want {
			t.Errorf("Load: %v, want %v", err, want)
		}
	}

	c := bot.Commit{Customer: "acme", Op: "1", Desk: desk.Desk{Customer: "acme"}}
	m.Fail("Commit", broken)
	if err := m.Commit(t.Context(), c); err != broken {
		t.Fatalf("Commit: %v", err)
	}
	if l, _ := m.Load(t.Context(), "acme"); l.Version != 0 {
		t.Fatalf("a commit that failed was applied")
	}
	m.Lose("Commit")
	if err := m.Commit(t.Context(), c); !errors.Is(err, bottest.ErrLost) {
		t.Fatalf("Commit: %v", err)
	}
	if l, _ := m.Load(t.Context(), "acme"); l.Version != 1 {
		t.Fatalf("a commit whose reply was lost was not applied")
	}
	if err := m.Commit(t.Context(), c); err != nil {
		t.Fatalf("the replay: %v", err)
	}

	m.Down(true)
	if _, err := m.Reopen().Now(t.Context()); !errors.Is(err, bottest.ErrDown) {
		t.Fatalf("Now while down: %v", err)
	}
	m.Down(false)
	if _, err := m.Now(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestMemKeepsNoLiveValue(t *testing.T) {
	m := bottest.NewMem(newClock().Now)
	body, input := []byte("letter"), []byte("input")
	d := desk.Desk{Customer: "acme", Unreachable: map[string]string{"zhang": "left"}, Cases: []desk.Case{{N: 1, Links: []int{2}}}}
	err := m.Commit(t.Context(), bot.Commit{
		Customer: "acme", Op: "1", Desk: d, Touched: []int{1},
		Letters: []bot.Letter{{Customer: "acme", Lane: "acme/front", ID: "n1", Body: body}},
	})
	if err = errors.Join(err, m.Park(t.Context(), bot.ParkedInput{Input: input})); err != nil {
		t.Fatal(err)
	}
	body[0], input[0], d.Unreachable["zhang"], d.Cases[0].Links[0] = 'X', 'X', "X", 99

	l, _ := m.Load(t.Context(), "acme")
	c, _ := m.Claim(t.Context(), 1, 1, 0)
	p, _ := m.Parked(t.Context())
	got := fmt.Sprintf("%v %v %s %s", l.Desk.Unreachable, l.Desk.Cases[0].Links, c.Letters[0].Body, p[0].Input)
	if want := "map[zhang:left] [2] letter input"; got != want {
		t.Fatalf("the memory holds %s, want %s", got, want)
	}
	c.Letters[0].Body[0], p[0].Input[0] = 'Y', 'Y'
	c, _ = m.Claim(t.Context(), 1, 1, 0)
	p, _ = m.Parked(t.Context())
	if string(c.Letters[0].Body) != "letter" || string(p[0].Input) != "input" {
		t.Fatalf("the memory holds %s and %s after a reader wrote to what it got", c.Letters[0].Body, p[0].Input)
	}
}

func TestMemOffersTheLongestReadyFirst(t *testing.T) {
	c := newClock()
	m := bottest.NewMem(c.Now)
	for v, lane := range []string{"z", "b", "y", "a"} {
		if err := m.Commit(t.Context(), bot.Commit{
			Customer: "acme", Version: v, Op: lane, Letters: []bot.Letter{{Customer: "acme", Lane: lane, ID: lane}},
		}); err != nil {
			t.Fatal(err)
		}
		if v%2 == 1 {
			c.Pass(time.Millisecond)
		}
	}
	got, want := "", "bzay" // b and z were ready first, and at the same time
	for range 4 {
		cl, err := m.Claim(t.Context(), 1, 1, time.Minute)
		if err != nil || len(cl.Letters) != 1 {
			t.Fatalf("claimed %+v, %v", cl, err)
		}
		got += cl.Letters[0].ID
	}
	if got != want {
		t.Fatalf("offered %s, want %s", got, want)
	}
}

// BenchmarkMemCommit is the budget of the simulation.
func BenchmarkMemCommit(b *testing.B) {
	m := bottest.NewMem(newClock().Now)
	d := desk.Desk{Customer: "acme", Cases: []desk.Case{{N: 1, Title: "数据库主机出现勒索提示", Assets: []string{"db01.example.com"}}}}
	b.ReportAllocs()
	for v := 0; b.Loop(); v++ {
		if err := m.Commit(context.Background(), bot.Commit{
			Customer: "acme", Version: v, Op: fmt.Sprint(v), Desk: d, Touched: []int{1},
			Record: desk.Record{Op: "in", Act: "said", Events: []desk.Event{{Kind: "added", Text: "又来了"}}},
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
