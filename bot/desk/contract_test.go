package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// under puts changed terms in force some time after the start.
func (m *story) under(after time.Duration, change func(*desk.Terms)) *story {
	m.Helper()
	terms := *m.d.Terms
	change(&terms)
	return m.at(after, desk.Input{Actor: system, Act: desk.Contract{Terms: &terms}})
}

// TestHourOfTheSummary: when the hour of the daily summary moves, no day has two
// and none goes without. The story starts at 02:00, the summary is told at 09:00.
func TestHourOfTheSummary(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration // of the change
		hour  int           // the new one
		want  time.Duration // the next summary
	}{
		{"nothing changes", 1 * time.Hour, 9, 7 * time.Hour},
		{"later today", 1 * time.Hour, 10, 8 * time.Hour},
		{"earlier today, still to come", 1 * time.Hour, 8, 6 * time.Hour},
		{"earlier today, gone by already", 5 * time.Hour, 6, 7 * time.Hour}, // at the old hour, once more
		{"later today, and today's was told", 8 * time.Hour, 12, 34 * time.Hour},
		{"earlier, and today's was told", 8 * time.Hour, 6, 28 * time.Hour},
	} {
		m := newStory(t)
		m.wait(start.Add(c.after))
		m.under(c.after, func(terms *desk.Terms) { terms.Inspect.Minute = c.hour * 60 })
		if got := m.d.Inspection.Next.Sub(start); got != c.want {
			t.Errorf("%s: the next summary comes after %s, want %s", c.name, got, c.want)
		}
		same(t, c.name, m.tellings(), "")
		days := map[int]int{}
		for _, n := range m.wait(start.Add(3 * 24 * time.Hour)) {
			if n.Kind == desk.NInspection && n.Room == desk.Front {
				days[n.At.In(m.d.Terms.Zone).Day()]++
			}
		}
		for day, n := range days {
			if n != 1 {
				t.Errorf("%s: %d summaries on day %d", c.name, n, day)
			}
		}
	}
}

// TestSummaryOnDemand: a summary that somebody asks for in the morning does not
// stand for the day's, also when the config is read again.
func TestSummaryOnDemand(t *testing.T) {
	m := newStory(t).at(time.Hour, by(lihua, desk.InspectNow{}))
	m.under(2*time.Hour, func(*desk.Terms) {})
	if got := m.d.Inspection.Next.Sub(start); got != 7*time.Hour {
		t.Errorf("the next summary comes after %s, want 7h", got)
	}
}

// TestOpenCasesKeepTheirPromise: a new edition governs what is opened under it;
// what is open keeps the promise it was opened with, and nothing is told.
func TestOpenCasesKeepTheirPromise(t *testing.T) {
	m := newStory(t).at(0, by(lihua, reportIncident))
	m.under(time.Minute, func(terms *desk.Terms) { terms.Edition = terms.Editions["emergency"] })
	same(t, "the change", m.tellings(), "")
	m.at(2*time.Minute, by(lihua, reportIncident))
	for i, want := range []time.Duration{time.Hour, 15 * time.Minute} {
		c := m.d.Cases[i]
		if due, _ := c.Respond.Running(); due.Sub(c.Opened) != want {
			t.Errorf("#%d is due after %s, want %s", c.N, due.Sub(c.Opened), want)
		}
	}
	m.at(3*time.Minute, by(lihua, desk.Raise{Case: 1}))
	if c := m.d.Cases[0]; c.Edition != "enterprise" || c.Row.Respond != 15*time.Minute || c.Row.Resolve != 0 {
		t.Errorf("raised, #1 is the %s's, to be answered within %s and solved within %s", c.Edition, c.Row.Respond, c.Row.Resolve)
	}
}

// TestNewAddresses: with new terms somebody who could not be reached may have an
// address that works: they are asked again.
func TestNewAddresses(t *testing.T) {
	m := newStory(t).at(0, urgently()).at(10*time.Second, unreached(0, "zhang"))
	m.under(time.Minute, func(*desk.Terms) {})
	same(t, "the rungs after", m.asks(6*time.Minute), "5m0s back@zhang ping")
}
