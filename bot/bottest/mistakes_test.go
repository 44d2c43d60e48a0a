package bottest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/bottest"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/sla"
)

// mistake is a rule broken on purpose: it spoils what Decide returned.
type mistake struct {
	name  string
	proof string // what the simulation must notice
	spoil func() func(d desk.Desk, in desk.Input, ch *desk.Change)
}

// drop leaves out the notices for which gone is true.
func drop(ch *desk.Change, gone func(desk.Notice) bool) {
	ch.Notices = slices.DeleteFunc(slices.Clone(ch.Notices), gone)
}

// each builds a mistake that needs no memory.
func each(f func(d desk.Desk, in desk.Input, ch *desk.Change)) func() func(desk.Desk, desk.Input, *desk.Change) {
	return func() func(desk.Desk, desk.Input, *desk.Change) { return f }
}

var mistakes = []mistake{
	{"the backup's rung is forgotten", "nobody was told", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		drop(ch, func(n desk.Notice) bool { return n.Kind == desk.NPing && n.Rung != nil && *n.Rung >= 2 })
	})},
	{"the manager is not told of a breach", "nobody was told", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		drop(ch, func(n desk.Notice) bool { return n.Kind == desk.NBreached && n.Room == desk.Direct })
	})},
	{"a ping is told twice", "told twice", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		for _, n := range ch.Notices {
			if n.Kind == desk.NPing && n.Rung != nil {
				n.Key += "-again"
				ch.Notices = append(slices.Clone(ch.Notices), n)
				return
			}
		}
	})},
	{"a note reaches the front", "internal words", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		for _, n := range ch.Notices {
			if n.Kind == desk.NNote && n.Inside != nil {
				f := *n.Facts
				f.Text = string(n.Inside.Note)
				ch.Notices = append(slices.Clone(ch.Notices), desk.Notice{Key: n.Key + "-leak", Kind: desk.NResponded, Customer: n.Customer,
					Case: n.Case, Room: desk.Front, Lang: "zh-CN", Facts: &f})
				return
			}
		}
	})},
	{"the inside travels with a front notice", "carries the inside", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		for i, n := range ch.Notices {
			if n.Room == desk.Front && !n.Board {
				ch.Notices = slices.Clone(ch.Notices)
				ch.Notices[i].Inside = &desk.Inside{Note: "x"}
				return
			}
		}
	})},
	{"one customer reads another's words", "words of", func() func(desk.Desk, desk.Input, *desk.Change) {
		last := map[string]string{}
		return func(d desk.Desk, in desk.Input, ch *desk.Change) {
			if s, ok := in.Act.(desk.Report); ok {
				last[d.Customer] = s.Text
			}
			for i, n := range ch.Notices {
				for other, text := range last {
					if other != d.Customer && n.Kind == desk.NResolved && n.Room == desk.Front && n.Facts != nil {
						f := *n.Facts
						f.Text = text
						f.Summary = text
						ch.Notices = slices.Clone(ch.Notices)
						ch.Notices[i].Facts = &f
						return
					}
				}
			}
		}
	}},
	{"a change of the clock is not written down", "explained by the journal", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		ch.Events = slices.DeleteFunc(slices.Clone(ch.Events), func(e desk.Event) bool { return e.Mark != nil && e.Mark.Verb == sla.Stopped })
	})},
	{"a refusal is not on the record", "on the record", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		ch.Events = slices.DeleteFunc(slices.Clone(ch.Events), func(e desk.Event) bool { return e.Kind == "refused" })
	})},
	{"a report is swallowed", "stands nowhere", each(func(d desk.Desk, in desk.Input, ch *desk.Change) {
		if _, ok := in.Act.(desk.Report); ok && d.NextCase%3 == 2 {
			*ch = desk.Change{Next: d}
		}
	})},
	{"a response clock is paused", "response clock was paused", each(func(_ desk.Desk, in desk.Input, ch *desk.Change) {
		if _, ok := in.Act.(desk.Raise); !ok {
			return
		}
		ch.Next.Cases = slices.Clone(ch.Next.Cases)
		for i, c := range ch.Next.Cases {
			if c.Respond.Open() {
				ch.Next.Cases[i].Respond = c.Respond.With(sla.Mark{At: ch.Next.At, Verb: sla.Paused})
				ch.Touched = append(slices.Clone(ch.Touched), c.N)
				return
			}
		}
	})},
	{"the alarm rings in the past", "past", each(func(_ desk.Desk, in desk.Input, ch *desk.Change) {
		if _, ok := in.Act.(desk.Claim); ok && len(ch.Events) > 0 {
			ch.Next.Inspection.Next = ch.Next.At.Add(-time.Minute)
		}
	})},
	{"a check-in is sent twice", "told twice", each(func(_ desk.Desk, _ desk.Input, ch *desk.Change) {
		for _, n := range ch.Notices {
			if n.Kind == desk.NFollowup && n.Room == desk.Front {
				n.Key += "-again"
				ch.Notices = append(slices.Clone(ch.Notices), n)
				return
			}
		}
	})},
	{"the chain is cut", "chain", each(func(_ desk.Desk, in desk.Input, ch *desk.Change) {
		if _, ok := in.Act.(desk.Note); ok {
			ch.Next.Head = "cut"
		}
	})},
}

// TestMistakes shows that the simulation can fail: every rule broken on purpose
// is noticed within a few worlds, for the right reason.
func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= 30; seed++ {
				spoil := m.spoil()
				o := bottest.WorldOptions{Directory: wire.Directory(config.Sample()), Decide: func(d desk.Desk, in desk.Input, now time.Time) desk.Change {
					ch := desk.Decide(d, in, now)
					spoil(d, in, &ch)
					return ch
				}}
				err := bottest.RunSim(context.Background(), o, seed, 120)
				var f *bottest.Failure
				if errors.As(err, &f) {
					if !strings.Contains(f.Why, m.proof) {
						t.Fatalf("seed %d noticed something else: %s", seed, f.Why)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			t.Fatal("30 worlds did not notice it")
		})
	}
}
