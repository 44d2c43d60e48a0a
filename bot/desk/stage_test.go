package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
	"butler/config"
)

// start is when every story begins: 2026-11-23 02:00 in Shanghai, a Monday.
var start = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// The people of the sample's customer acme. zhang is on duty, wang is the backup,
// chen manages and is the TAM, zhao is the administrator.
var (
	lihua  = desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide, Authorised: true}
	zhang  = desk.Actor{ID: "zhang", Name: "张工", Role: desk.Expert}
	chen   = desk.Actor{ID: "chen", Name: "陈经理", Role: desk.Manager}
	system = desk.Actor{Role: desk.System}
)

// sample is a fresh desk of the sample's customer.
func sample(tb testing.TB, customer string) desk.Desk {
	tb.Helper()
	d := desk.Desk{Customer: customer, Schema: desk.Schema}
	return desk.Decide(d, desk.Input{At: start, Actor: system, Act: desk.Contract{Terms: config.Sample().Terms()[customer]}}, start).Next
}

// by is what somebody does in the room where they usually are.
func by(a desk.Actor, act desk.Act) desk.Input {
	in := desk.Input{Actor: a, Room: desk.Back, Act: act, Ref: "m1"}
	if a.Role == desk.CustomerSide {
		in.Room = desk.Front
	}
	return in
}

// says is what lihua writes in the front, as triage reads it.
func says(text string, v desk.Verdict, ref string) desk.Input {
	in := by(lihua, desk.Said{Text: text, Verdict: v})
	in.Ref = ref
	return in
}

// urgently is an urgent incident: to be answered in 15 minutes, with rungs after
// 0, 5, 8, 12 and 15.
func urgently() desk.Input {
	urgent := true
	return by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "数据库主机 10.0.0.5 出现勒索提示"})
}

// story is a desk that decides one input after the other.
type story struct {
	*testing.T
	d   desk.Desk
	now time.Time
	ch  desk.Change // of the last input
}

func newStory(t *testing.T) *story { return &story{T: t, d: sample(t, "acme"), now: start} }

// terms are the customer's terms, to be changed.
func (m *story) terms() *desk.Terms {
	terms := *m.d.Terms
	m.d.Terms = &terms
	return &terms
}

// do decides an input a minute after the one before.
func (m *story) do(in desk.Input) *story {
	m.Helper()
	return m.at(m.now.Add(time.Minute).Sub(start), in)
}

// at decides an input some time after the start.
func (m *story) at(after time.Duration, in desk.Input) *story {
	m.Helper()
	m.now = start.Add(after)
	in.At = m.now
	m.ch = desk.Decide(m.d, in, m.now)
	m.d = m.ch.Next
	return m
}

// wait lets deadlines pass one by one, as a clock does, and returns what was told.
func (m *story) wait(until time.Time) (told []desk.Notice) {
	m.Helper()
	for w := m.d.Wake(); !w.IsZero() && !w.After(until); w = m.d.Wake() {
		m.ch = desk.Decide(m.d, desk.Input{At: w, Act: desk.Woke{}, Actor: system}, w)
		m.d, m.now = m.ch.Next, w
		told = append(told, m.ch.Notices...)
	}
	m.now = until
	return told
}

// asks waits until some time after the start and lists who was asked or warned of
// a rung on the way: "5m0s back@zhang ping".
func (m *story) asks(until time.Duration) string {
	m.Helper()
	var out []string
	for _, n := range m.wait(start.Add(until)) {
		if n.Person != "" && (n.Kind == desk.NPing || n.Kind == desk.NWarned || n.Kind == desk.NBreached || n.Kind == desk.NRemind) {
			out = append(out, fmt.Sprintf("%s %s", n.At.Sub(start), telling(n)))
		}
	}
	return strings.Join(out, ", ")
}

// telling is who is told what, where: "back@zhang ping".
func telling(n desk.Notice) string {
	s := string(n.Room)
	if n.Person != "" {
		s += "@" + n.Person
	}
	return s + " " + string(n.Kind)
}

// tellings lists what the last input tells people, boards left out.
func (m *story) tellings() string {
	var out []string
	for _, n := range m.ch.Notices {
		if !n.Board {
			out = append(out, telling(n))
		}
	}
	return strings.Join(out, ", ")
}

// told finds a notice of the last input; nil when there is none.
func (m *story) told(kind desk.NoticeKind, room desk.Room) *desk.Notice {
	for i, n := range m.ch.Notices {
		if n.Kind == kind && n.Room == room && !n.Board {
			return &m.ch.Notices[i]
		}
	}
	return nil
}

// refused is why the last input was refused; "" when it was not.
func (m *story) refused() string {
	for _, n := range m.ch.Notices {
		if n.Kind == desk.NRefused {
			return n.Facts.Why
		}
	}
	return ""
}

// summary is the front's next daily summary.
func (m *story) summary() desk.Facts {
	m.Helper()
	for _, n := range m.wait(m.d.Inspection.Next) {
		if n.Kind == desk.NInspection && n.Room == desk.Front {
			return *n.Facts
		}
	}
	m.Fatal("no summary was told")
	return desk.Facts{}
}

// only is the one case there is.
func (m *story) only() desk.Case {
	m.Helper()
	if len(m.d.Cases) != 1 {
		m.Fatalf("%d cases, want one", len(m.d.Cases))
	}
	return m.d.Cases[0]
}

// same compares what happened, in words, with what should.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s\nwant %s", what, got, want)
	}
}
