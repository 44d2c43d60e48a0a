package sla

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var shanghai = zone("Asia/Shanghai")

func zone(name string) *time.Location {
	loc, err := Zone(name)
	if err != nil {
		panic(err)
	}
	return loc
}

// at reads "11-23 02:00" or "11-23 02:00:30" of 2026 in Shanghai.
func at(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, "2026-"+s, shanghai); err == nil {
			return t
		}
	}
	panic("no time: " + s)
}

func mark(v Verb, when string, promise time.Duration) Mark {
	return Mark{At: at(when), Verb: v, Promise: promise}
}

func clock(marks ...Mark) Clock {
	var c Clock
	for _, m := range marks {
		c = c.With(m)
	}
	return c
}

const day = 24 * time.Hour

func TestDeadlines(t *testing.T) {
	start := mark(Started, "11-23 02:00", 15*time.Minute)
	five := mark(Started, "11-23 02:00", 5*day)
	for _, c := range []struct {
		name string
		c    Clock
		now  string
		due  string
	}{
		{"a promise of 15 minutes", clock(start), "11-23 02:00", "11-23 02:15"},
		{"5 natural days are 120 hours", clock(five), "11-23 02:00", "11-28 02:00"},
		{"an explicit deadline", clock(Mark{Verb: Started, At: at("11-23 02:00"), Due: at("11-25 00:00")}), "11-23 02:00", "11-25 00:00"},
		{"raised: from the moment of raising", clock(mark(Started, "11-23 02:00", time.Hour), mark(Raised, "11-23 02:10", 15*time.Minute)), "11-23 02:10", "11-23 02:25"},
		{"raised late: the old deadline stands", clock(mark(Started, "11-23 02:00", time.Hour), mark(Raised, "11-23 02:50", 15*time.Minute)), "11-23 02:50", "11-23 03:00"},
		{"lowered: from the start", clock(start, mark(Lowered, "11-23 02:10", time.Hour)), "11-23 02:10", "11-23 03:00"},
		{"lowered to less never shortens", clock(start, mark(Lowered, "11-23 02:10", time.Minute)), "11-23 02:10", "11-23 02:15"},
		{"a pause counts when it ends", clock(five, mark(Paused, "11-24 00:00", 0), mark(Resumed, "11-24 03:00", 0)), "11-24 03:00", "11-28 05:00"},
		{"while paused the deadline moves with now", clock(five, mark(Paused, "11-24 00:00", 0)), "11-24 01:00", "11-28 03:00"},
		{"now before the pause moves nothing", clock(five, mark(Paused, "11-24 00:00", 0)), "11-23 05:00", "11-28 02:00"},
		{"stopped while paused", clock(five, mark(Paused, "11-24 00:00", 0), mark(Stopped, "11-24 01:00", 0)), "11-29 00:00", "11-28 03:00"},
		{"lowered with pauses behind it", clock(start, mark(Paused, "11-23 02:05", 0), mark(Resumed, "11-23 02:25", 0), mark(Lowered, "11-23 02:30", time.Hour)), "11-23 02:30", "11-23 03:20"},
		{"raised in a pause: from the moment of raising", clock(five, mark(Paused, "11-24 00:00", 0), mark(Raised, "11-24 10:00", time.Hour)), "11-24 10:00", "11-24 11:00"},
		{"…and the rest of the pause is added", clock(five, mark(Paused, "11-24 00:00", 0), mark(Raised, "11-24 10:00", time.Hour), mark(Resumed, "11-24 12:00", 0)), "11-24 12:00", "11-24 13:00"},
		{"again: the pauses of the first round are forgotten", clock(start, mark(Paused, "11-23 02:05", 0), mark(Stopped, "11-23 03:00", 0), mark(Again, "11-25 09:00", 15*time.Minute)), "11-25 09:00", "11-25 09:15"},
	} {
		if got := c.c.State(at(c.now)).Due; !got.Equal(at(c.due)) {
			t.Errorf("%s: due %s, want %s", c.name, got.In(shanghai).Format("01-02 15:04"), c.due)
		}
	}
}

func TestMarksThatMakeNoSense(t *testing.T) {
	running := Start(mark("", "11-23 02:00", time.Hour))
	paused := running.With(mark(Paused, "11-23 02:10", 0))
	stopped := running.With(mark(Stopped, "11-23 02:10", 0))
	for _, c := range []struct {
		name string
		c    Clock
		verb Verb
	}{
		{"start twice", running, Started},
		{"resume while running", running, Resumed},
		{"pause while paused", paused, Paused},
		{"pause after the stop", stopped, Paused},
		{"stop after the stop", stopped, Stopped},
		{"raise after the stop", stopped, Raised},
		{"lower after the stop", stopped, Lowered},
		{"pause before the start", Clock{}, Paused},
		{"again before the start", Clock{}, Again},
		{"no verb", running, ""},
	} {
		if got := c.c.With(mark(c.verb, "11-23 02:20", time.Minute)); len(got.Marks) != len(c.c.Marks) {
			t.Errorf("%s was taken", c.name)
		}
	}
	if got := running.With(mark(Paused, "11-23 01:00", 0)); !got.Marks[1].At.Equal(at("11-23 02:00")) {
		t.Errorf("a mark before the last one is placed at %s, want the time of the last one", got.Marks[1].At)
	}
}

func TestKept(t *testing.T) {
	start := Start(mark("", "11-23 02:00", 15*time.Minute))
	for _, c := range []struct {
		stop string
		left time.Duration
		kept bool
	}{
		{"11-23 02:14", time.Minute, true},
		{"11-23 02:15", 0, false},
		{"11-23 02:16", -time.Minute, false},
	} {
		left, kept := start.With(mark(Stopped, c.stop, 0)).Kept()
		if left != c.left || kept != c.kept {
			t.Errorf("stopped %s: %v %v, want %v %v", c.stop, left, kept, c.left, c.kept)
		}
	}
	if _, kept := start.Kept(); kept {
		t.Error("a running clock is not kept")
	}
	if start.With(mark(Stopped, "11-23 02:01", 0)).Open() || !start.Open() || (Clock{}).Open() {
		t.Error("Open: only between start and stop")
	}
}

// history draws a clock out of any marks in any order; what makes no sense is
// dropped by With.
func history(t *rapid.T) Clock {
	verbs := []Verb{Started, Raised, Lowered, Paused, Resumed, Stopped, Again}
	now := at("01-05 09:00")
	c := Start(Mark{At: now, Promise: time.Duration(rapid.Int64Range(1, 1<<45).Draw(t, "promise"))})
	for range rapid.IntRange(0, 12).Draw(t, "marks") {
		now = now.Add(time.Duration(rapid.Int64Range(0, 1<<46).Draw(t, "gap")))
		c = c.With(Mark{At: now, Verb: rapid.SampledFrom(verbs).Draw(t, "verb"),
			Promise: time.Duration(rapid.Int64Range(1, 1<<45).Draw(t, "promise"))})
	}
	return c
}

func lastMark(c Clock) time.Time { return c.Marks[len(c.Marks)-1].At }

func TestPausingNeverShortens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := history(t)
		from := lastMark(c)
		to := from.Add(time.Duration(rapid.Int64Range(0, 1<<46).Draw(t, "pause")))
		before := c.State(from).Due
		paused := c.With(Mark{At: from, Verb: Paused})
		if got := paused.State(to).Due; got.Before(before) {
			t.Fatalf("paused until %s: due %s, was %s", to, got, before)
		}
		resumed := paused.With(Mark{At: to, Verb: Resumed})
		if got := resumed.State(to).Due; got.Before(before) {
			t.Fatalf("resumed at %s: due %s, was %s", to, got, before)
		}
		if got, want := resumed.State(to).Due, paused.State(to).Due; !got.Equal(want) {
			t.Fatalf("resuming moved the deadline from %s to %s", want, got)
		}
	})
}

func TestDueIsNeverBeforeTheStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := history(t)
		if s := c.State(lastMark(c)); s.Due.Before(s.Start) {
			t.Fatalf("due %s, start %s", s.Due, s.Start)
		}
	})
}

func TestRaisingNeverGivesMoreTimeAndLoweringNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := history(t)
		now := lastMark(c)
		p := time.Duration(rapid.Int64Range(1, 1<<45).Draw(t, "promise"))
		before := c.State(now).Due
		if got := c.With(Mark{At: now, Verb: Raised, Promise: p}).State(now).Due; got.After(before) {
			t.Fatalf("raised: due %s, was %s", got, before)
		}
		if got := c.With(Mark{At: now, Verb: Lowered, Promise: p}).State(now).Due; got.Before(before) {
			t.Fatalf("lowered: due %s, was %s", got, before)
		}
	})
}

// The live clock grows mark by mark; the journal holds the marks. Both must say
// the same at every step and at any later moment.
func TestRecomputingFromTheMarksEqualsTheLiveClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live := history(t)
		again := clock(live.Marks...)
		now := lastMark(live).Add(time.Duration(rapid.Int64Range(0, 1<<46).Draw(t, "later")))
		if a, b := live.State(now), again.State(now); a != b {
			t.Fatalf("live %+v, from the marks %+v", a, b)
		}
	})
}

func TestWithNeverSharesMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := history(t)
		now := lastMark(c)
		n := len(c.Marks)
		saved := append([]Mark(nil), c.Marks...)
		a := c.With(Mark{At: now, Verb: Again, Promise: time.Minute, By: "a"})
		b := c.With(Mark{At: now, Verb: Again, Promise: time.Hour, By: "b"})
		if a.Marks[n].By != "a" || b.Marks[n].By != "b" {
			t.Fatal("two clocks from one share their last mark")
		}
		a.Marks[0].By = "overwritten"
		for i := range saved {
			if c.Marks[i] != saved[i] {
				t.Fatalf("mark %d of the old clock changed", i)
			}
		}
	})
}
