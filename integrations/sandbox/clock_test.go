package sandbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"butler/bot/chat"
)

// ladder opens a case with rungs at 5, 8, 12 and 15 minutes (0 is told at once).
func ladder(t *testing.T) (*Page, *fake) {
	t.Helper()
	page, f := newFake(t)
	if err := f.hear(t.Context(), chat.Message{Room: f.Customers()[0].Front, Text: "出事了", SentAt: start}); err != nil {
		t.Fatal(err)
	}
	return page, f
}

// A running clock moves with real time, times its speed.
func TestClockRuns(t *testing.T) {
	for _, test := range []struct {
		speed int
		want  time.Duration // after two real seconds
	}{{0, 0}, {1, 2 * time.Second}, {60, 2 * time.Minute}, {3600, 2 * time.Hour}} {
		synctest.Test(t, func(t *testing.T) {
			page, f := newFake(t)
			f.clock.SetSpeed(test.speed)
			ctx, cancel := context.WithCancel(t.Context())
			go page.Run(ctx)
			time.Sleep(2*time.Second + beat/2)
			cancel()
			synctest.Wait()
			if got := f.clock.Now().Sub(start); got != test.want {
				t.Errorf("×%d: after 2 s the clock moved by %s, want %s", test.speed, got, test.want)
			}
		})
	}
}

// However fast time runs, the world stops at every deadline on its way.
func TestClockStopsAtEveryDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page, f := ladder(t)
		f.clock.SetSpeed(3600)
		ctx, cancel := context.WithCancel(t.Context())
		go page.Run(ctx)
		time.Sleep(beat * 7 / 2) // three beats of six minutes
		cancel()
		synctest.Wait()
		var at []int // minutes after the start
		for _, v := range f.visits {
			at = append(at, int(v.to.Sub(start).Minutes()))
		}
		// 6, 12 and 18 are the beats, the others the rungs between them.
		if want := []int{5, 6, 8, 12, 15, 18}; !slices.Equal(at, want) {
			t.Errorf("the world stopped after %v minutes, want %v", at, want)
		}
	})
}

// A world that fails pauses the clock, and the page says why.
func TestClockPausesOnFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page, f := ladder(t)
		f.deaf = errors.New("the store does not answer")
		f.clock.SetSpeed(60)
		ctx, cancel := context.WithCancel(t.Context())
		go page.Run(ctx)
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		if got := f.clock.Speed(); got != 0 {
			t.Errorf("the speed is %d, want 0", got)
		}
		if page.trouble != "the store does not answer" {
			t.Errorf("trouble is %q", page.trouble)
		}
		if n := len(f.visits); n != 1 {
			t.Errorf("the world was asked %d times, want once", n)
		}
	})
}

// A deadline that stays due does not hold time up.
func TestClockPassesStuckDeadline(t *testing.T) {
	_, f := newFake(t)
	f.stuck = start.Add(time.Minute)
	_, err := f.clock.advance(t.Context(), f, func(now time.Time) (time.Time, bool) { return now.Add(time.Hour), true })
	if err != nil {
		t.Fatal(err)
	}
	if got := f.clock.Now().Sub(start); got != time.Hour {
		t.Errorf("the clock moved by %s, want 1h", got)
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	c := NewClock(start)
	c.Set(start.Add(time.Hour))
	c.Set(start)
	if got := c.Now().Sub(start); got != time.Hour {
		t.Errorf("after Set to the past the clock stands at +%s, want +1h", got)
	}
}
