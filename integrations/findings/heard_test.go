package findings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot/desk"
)

// A source that speaks is alive for all its customers, once an hour.
func TestASignOfLife(t *testing.T) {
	src := Source{Name: "scanner", Token: "s3cret", Customers: []string{"acme", "nova"}}
	w := open(src)
	for _, c := range []struct {
		name, body string
		after      time.Duration
		heard      []string
	}{
		{"nothing could be read", "{", 0, nil},
		{"all of it was refused", `{"customer":"globex"}`, 0, nil},
		{"an empty list", "[]", 0, []string{"acme", "nova"}},
		{"again in the same hour", good, 30 * time.Minute, nil},
		{"in the next hour, about one customer", good, time.Hour, []string{"acme", "nova"}},
	} {
		w.taken = nil
		w.o.Now = at(clock.Add(c.after))
		w.post(t, c.body)
		if got := w.heard(); !slices.Equal(got, c.heard) {
			t.Errorf("%s: %v heard, want %v", c.name, got, c.heard)
		}
		clock := w.o.Now()
		for _, in := range w.taken {
			if h, ok := in.Act.(desk.Heard); ok && (h.Source != "scanner" || !in.At.Equal(clock) || in.ID != "heard/scanner/"+clock.Format("2006010215") || in.Actor.Role != desk.System) {
				t.Errorf("%s: %+v", c.name, in.Input)
			}
		}
	}
}

// at is a clock that stands.
func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// What one desk did not take is told again; the others are not asked twice.
func TestASignThatWasNotKeptIsToldAgain(t *testing.T) {
	src := Source{Name: "scanner", Token: "s3cret", Customers: []string{"acme", "nova"}}
	w := open(src)
	take := w.o.Take
	w.o.Take = func(ctx context.Context, customer string, in desk.Input) error {
		if customer == "nova" {
			return errors.New("down")
		}
		return take(ctx, customer, in)
	}
	if status, _ := w.post(t, "[]"); status != 503 {
		t.Errorf("status %d", status)
	}
	w.o.Take = take
	if status, _ := w.post(t, "[]"); status != 202 || !slices.Equal(w.heard(), []string{"acme", "nova"}) {
		t.Errorf("status %d, heard %v", status, w.heard())
	}
}

// A source of very many customers tells them side by side, and each once.
func TestASignForManyCustomers(t *testing.T) {
	src := Source{Name: "scanner", Token: "s3cret"}
	for i := range 1000 {
		src.Customers = append(src.Customers, fmt.Sprint("c", i))
	}
	var mu sync.Mutex
	told := map[string]int{}
	d := New(Options{Sources: []Source{src}, Take: func(_ context.Context, customer string, _ desk.Input) error {
		mu.Lock()
		defer mu.Unlock()
		told[customer]++
		return nil
	}})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := d.heard(t.Context(), src, clock); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(told) != 1000 {
		t.Errorf("%d customers heard", len(told))
	}
	if err := d.heard(t.Context(), src, clock); err != nil || d.Count.Signs.Load() > 4000 {
		t.Errorf("%v, %d signs", err, d.Count.Signs.Load())
	}
	before := d.Count.Signs.Load()
	d.heard(t.Context(), src, clock)
	if d.Count.Signs.Load() != before {
		t.Error("told again in the same hour")
	}
}

// Prometheus that fell silent is no sign of life, though Alertmanager says so.
func TestAHeartbeatThatEnds(t *testing.T) {
	src := Source{Name: "am", Token: "s3cret", Customers: []string{"acme"}, Format: Alertmanager}
	beat := `{"alerts":[{"status":"firing","labels":{"alertname":"Watchdog"},"fingerprint":"1"},{"status":"firing","labels":{"alertname":"X","heartbeat":"yes"}}]}`
	w := open(src)
	if status, a := w.post(t, strings.ReplaceAll(beat, "firing", "resolved")); status != 202 || len(w.taken) > 0 {
		t.Errorf("%d %+v, %d taken", status, a, len(w.taken))
	}
	if status, a := w.post(t, beat); status != 202 || a.Ignored != 2 || len(w.found()) > 0 || len(w.heard()) != 1 {
		t.Errorf("%d %+v, %+v taken", status, a, w.taken)
	}
}
