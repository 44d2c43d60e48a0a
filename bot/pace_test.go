package bot_test

import (
	"context"
	"testing"
	"time"

	"butler/bot"
)

// paced lets an ordinary and an urgent sender ask whenever they may, for a span,
// and returns when each was let through.
func paced(p *bot.Pace, from time.Time, span time.Duration, urgent func(at time.Duration) bool) (ordinary, hurried []time.Duration) {
	for at := time.Duration(0); at < span; at += time.Millisecond {
		now := from.Add(at)
		if urgent(at) && p.Take(now, true) == 0 {
			hurried = append(hurried, at)
		}
		for p.Take(now, false) == 0 {
			ordinary = append(ordinary, at)
		}
	}
	return ordinary, hurried
}

func TestPaceKeepsBelowTheLimit(t *testing.T) {
	start := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	p := &bot.Pace{PerSecond: 14, Burst: 5, Reserve: 3}
	ordinary, hurried := paced(p, start, 20*time.Second, func(at time.Duration) bool { return at%(700*time.Millisecond) == 0 })
	all := append(ordinary, hurried...)
	for i := range 20 {
		from, n := time.Duration(i)*time.Second, 0
		for _, at := range all {
			if at >= from && at < from+time.Second {
				n++
			}
		}
		if n > 20 || n < 12 {
			t.Errorf("second %d: %d sendings, want 12 to 20", i, n)
		}
	}
	if len(hurried) != 29 {
		t.Errorf("%d of 29 urgent sendings went at the moment they came", len(hurried))
	}
}

// A turn comes after the wait that the pace tells, and never once its time is over.
func TestPaceTurn(t *testing.T) {
	start := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	at := start
	now := func() time.Time { return at }
	after := func(d time.Duration) <-chan time.Time {
		at = at.Add(d)
		c := make(chan time.Time, 1)
		c <- at
		return c
	}
	p := &bot.Pace{PerSecond: 10, Burst: 1}
	for i := range 3 {
		if !p.Turn(t.Context(), false, now, after) {
			t.Fatal("no turn")
		}
		if gone, want := at.Sub(start).Round(10*time.Millisecond), time.Duration(i)*100*time.Millisecond; gone != want {
			t.Errorf("turn %d came after %v, want %v", i+1, gone, want)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if p.Turn(over, true, now, func(time.Duration) <-chan time.Time { return nil }) {
		t.Error("a turn came although nobody waits any more")
	}
}

func TestPaceTellsWhenToAskAgain(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	p := &bot.Pace{PerSecond: 10, Burst: 3, Reserve: 2}
	if w := p.Take(now, false); w != 0 {
		t.Fatalf("the first must wait %v", w)
	}
	if w := p.Take(now, false); w <= 90*time.Millisecond || w > 102*time.Millisecond {
		t.Fatalf("an ordinary one asks again after %v, want a tenth of a second", w)
	}
	for range 2 {
		if w := p.Take(now, true); w != 0 {
			t.Fatalf("an urgent one must wait %v although the reserve is there", w)
		}
	}
	w := p.Take(now, true)
	if w <= 0 || w > 102*time.Millisecond {
		t.Fatalf("an urgent one without a reserve waits %v", w)
	}
	if again := p.Take(now.Add(w), true); again != 0 {
		t.Fatalf("after that wait it must wait %v more", again)
	}
	if w := p.Take(now.Add(-time.Hour), true); w <= 0 || w > 102*time.Millisecond {
		t.Fatalf("a clock that was set back: %v", w)
	}
}

func TestPaceFollowsRefusals(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	p := &bot.Pace{PerSecond: 10, Burst: 3, Reserve: 1}
	count := func(span time.Duration) int {
		ordinary, _ := paced(p, now, span, func(time.Duration) bool { return false })
		now = now.Add(span)
		return len(ordinary)
	}
	count(2 * time.Second)
	full := count(5 * time.Second)
	p.Refused(now)
	p.Refused(now) // the same moment: once is enough
	if w := p.Take(now, true); w <= 0 {
		t.Error("something goes in the moment of a refusal")
	}
	slow := count(5 * time.Second)
	if slow >= full*9/10 || slow < full/2 {
		t.Errorf("%d in five seconds after a refusal, %d before", slow, full)
	}
	for range 100 {
		count(200 * time.Millisecond)
		p.Refused(now)
	}
	if least := count(5 * time.Second); least < 4 {
		t.Errorf("after many refusals only %d in five seconds", least)
	}
	count(time.Minute)
	if again := count(5 * time.Second); again < full-1 {
		t.Errorf("a minute later %d in five seconds, %d before the refusals", again, full)
	}
}
