package openai

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/integrations/openai/openaifake"
)

// purse is a sum that processes share.
type purse struct {
	mu   sync.Mutex
	sums map[string]int64
	top  int64 // the most that was set aside at once
	err  error
}

func (p *purse) spend(ctx context.Context, name string, n int64) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil || ctx.Err() != nil {
		return 0, errors.Join(p.err, ctx.Err())
	}
	if p.sums == nil {
		p.sums = map[string]int64{}
	}
	p.sums[name] += n
	p.top = max(p.top, p.sums[name])
	return p.sums[name], nil
}

func (p *purse) sum(name string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sums[name]
}

func limited(p *purse, limit int64) func(*Options) {
	return func(o *Options) { o.MonthlyTokens, o.Spend = limit, p.spend }
}

const november, december = "openai/tokens/2026-11", "openai/tokens/2026-12"

func TestTheMonthsBudget(t *testing.T) {
	p := &purse{}
	estimate := newPrompt(question()).estimate()
	h := newHouse(t, limited(p, estimate+250)) // three questions of 100
	h.e.Answer(openaifake.Says(good))
	for n := int64(1); n <= 3; n++ {
		mustAdvise(t, h)
		if p.sum(november) != n*100 {
			t.Fatalf("%d spent after %d questions of 100", p.sum(november), n)
		}
	}
	away := mustBeAway(t, h)
	if want := time.Date(2026, 12, 1, 0, 0, 0, 0, china).Sub(monday); away.After != want || !strings.Contains(away.Why, "2026-12-01 00:00 (UTC+08)") {
		t.Errorf("after %s, and should be %s: %s", away.After, want, away.Why)
	}
	if p.sum(november) != 300 || len(h.e.Asked()) != 3 {
		t.Errorf("%d spent, %d requests: a question that was not asked costs nothing", p.sum(november), len(h.e.Asked()))
	}
	h.skip(away.After - time.Second)
	mustBeAway(t, h)
	h.skip(time.Second)
	mustAdvise(t, h)
	if p.sum(december) != 100 {
		t.Errorf("%d spent in December", p.sum(december))
	}
}

func TestProcessesShareTheBudget(t *testing.T) {
	p := &purse{}
	estimate := newPrompt(question()).estimate()
	a, b := newHouse(t, limited(p, estimate+10)), newHouse(t, limited(p, estimate+10))
	ready := make(chan struct{})
	a.e.Answer(openaifake.Says(good).Once(ready))
	b.e.Answer(openaifake.Says(good))
	done := make(chan error)
	go func() { _, err := a.Advise(t.Context(), question()); done <- err }()
	for len(a.e.Asked()) == 0 {
		time.Sleep(time.Millisecond)
	}
	mustBeAway(t, b) // what a question on its way may cost is set aside
	close(ready)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if p.sum(november) != 100 || len(b.e.Asked()) != 0 {
		t.Errorf("%d spent, %d requests by the other", p.sum(november), len(b.e.Asked()))
	}
}

func TestWhatFailuresCost(t *testing.T) {
	estimate := newPrompt(question()).estimate()
	for name, c := range map[string]struct {
		answer openaifake.Answer
		cost   int64
	}{
		"refused by a status":    {openaifake.Status(503, ""), 0},
		"not taken":              {openaifake.Status(400, ""), 0},
		"out of form":            {openaifake.Says("hello"), 100},
		"cut in the middle":      {openaifake.Cut(), 3 * estimate},
		"no word":                {openaifake.Drop(), 3 * estimate},
		"usage left out":         {openaifake.Whole(map[string]any{"choices": []any{}}), estimate},
		"usage below nothing":    {openaifake.Whole(map[string]any{"usage": map[string]any{"total_tokens": -5}}), estimate},
		"usage beyond all bound": {openaifake.Whole(map[string]any{"usage": map[string]any{"total_tokens": int64(1) << 60}}), estimate},
	} {
		t.Run(name, func(t *testing.T) {
			p := &purse{}
			h := newHouse(t, limited(p, 1<<20))
			h.e.Answer(c.answer)
			if _, err := h.Advise(t.Context(), question()); err == nil {
				t.Fatal("it should fail")
			}
			if got := p.sum(november); got != c.cost || h.Count.Tokens.Load() != c.cost {
				t.Errorf("%d spent, %d counted; it should be %d", got, h.Count.Tokens.Load(), c.cost)
			}
		})
	}
}

func TestAnAnswerCountsTheAttemptsThatWereLost(t *testing.T) {
	p := &purse{}
	h := newHouse(t, limited(p, 1<<20), func(o *Options) { o.Model = "o3" })
	h.e.Answer(openaifake.Cut(), openaifake.Says(good))
	q := newPrompt(question())
	q.answer = reasoningTokens
	if a := mustAdvise(t, h); p.sum(november) != q.estimate()+100 || a.Tokens != int(q.estimate()+100) {
		t.Errorf("%d spent, %d said; it should be %d", p.sum(november), a.Tokens, q.estimate()+100)
	}
}

// A question whose caller has given up gives back what it did not need.
func TestTheBudgetIsSettledForWhoGaveUp(t *testing.T) {
	p := &purse{}
	h := newHouse(t, limited(p, 1<<20))
	ctx, cancel := context.WithCancel(t.Context())
	h.wait = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	h.e.Answer(openaifake.Status(503, ""))
	if _, err := h.Advise(ctx, question()); !errors.Is(err, context.Canceled) {
		t.Fatalf("the error is %v", err)
	}
	if p.sum(november) != 0 || p.top == 0 {
		t.Errorf("%d spent, %d set aside", p.sum(november), p.top)
	}
}

func TestABudgetThatCannotBeReadIsNotSpent(t *testing.T) {
	p := &purse{err: errors.New("the store is away")}
	h := newHouse(t, limited(p, 1<<20))
	h.e.Answer(openaifake.Says(good))
	if away := mustBeAway(t, h); !strings.Contains(away.Why, "the store is away") || len(h.e.Asked()) != 0 {
		t.Errorf("%d requests: %s", len(h.e.Asked()), away.Why)
	}
	p.err = nil
	mustAdvise(t, h)
}

func TestWithoutASharedSumAProcessCountsForItself(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.MonthlyTokens = newPrompt(question()).estimate() + 50 })
	h.e.Answer(openaifake.Says(good))
	mustAdvise(t, h)
	mustBeAway(t, h)
	if h = newHouse(t); h.budget.limit != 0 {
		t.Fatal("a limit nobody set")
	}
	h.e.Answer(openaifake.Says(good))
	for range 3 {
		mustAdvise(t, h)
	}
}
