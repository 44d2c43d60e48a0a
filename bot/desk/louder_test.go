package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// called is an urgent incident on a desk whose platform has means beyond a message.
func called(t *testing.T, means ...desk.Means) *story {
	m := newStory(t)
	m.terms().Means = means
	return m.at(0, urgently())
}

// calls lists the notices that use more than a message: kind, person, means.
func calls(notices []desk.Notice) string {
	var out []string
	for _, n := range notices {
		if n.Means > desk.ByMessage {
			out = append(out, fmt.Sprintf("%s %s %s %d", n.At.Sub(start).Truncate(time.Second), n.Kind, n.Person, n.Means))
		}
	}
	return strings.Join(out, ", ")
}

var all = []desk.Means{desk.ByApp, desk.BySMS, desk.ByPhone}

// TestLouder: an urgent ping that nobody reads goes up the means before the next
// rung comes; a read one does not, and a claim ends it.
func TestLouder(t *testing.T) {
	m := called(t, all...)
	same(t, "the first rung", calls(m.ch.Notices), "0s ping zhang 1")
	same(t, "nobody reads", calls(m.wait(start.Add(7*time.Minute))), "1m40s louder zhang 2, 3m20s louder zhang 3, 5m0s ping zhang 3")

	m = called(t, all...).at(time.Minute, desk.Input{Act: desk.ReadBy{Person: "zhang"}, Actor: system})
	same(t, "it was read", calls(m.wait(start.Add(5*time.Minute))), "5m0s ping zhang 1")

	m = called(t, all...).at(time.Minute, by(zhang, desk.Claim{Case: 1}))
	same(t, "somebody took it", calls(m.wait(start.Add(7*time.Minute))), "")

	m = called(t, desk.ByApp)
	same(t, "nothing is stronger", calls(m.wait(start.Add(5*time.Minute))), "5m0s ping zhang 1")

	m = called(t)
	same(t, "no means", calls(m.ch.Notices), "")
	same(t, "no means, later", calls(m.wait(start.Add(5*time.Minute))), "")

	m = newStory(t)
	m.terms().Means = all
	m.at(0, by(lihua, reportIncident))
	same(t, "nothing urgent", calls(m.ch.Notices), "")
	same(t, "nothing urgent, later", calls(m.wait(start.Add(50*time.Minute))), "")
}

// TestLouderAfterDowntime: whoever is still due is called once, not by every means
// that was missed.
func TestLouderAfterDowntime(t *testing.T) {
	m := called(t, all...).at(6*time.Minute, desk.Input{Act: desk.Woke{}, Actor: system})
	same(t, "after six minutes", wanted(m, m.ch.Notices), "6m0s ping zhang 3")
}

// TestLouderAfterAnOutage: of the calls that waited while the platform was away
// the last alone is told.
func TestLouderAfterAnOutage(t *testing.T) {
	m := called(t, all...)
	first := m.ch.Notices
	waiting := append(first, m.wait(start.Add(6*time.Minute))...)
	same(t, "what waited", calls(waiting), "0s ping zhang 1, 1m40s louder zhang 2, 3m20s louder zhang 3, 5m0s ping zhang 3")
	same(t, "what is told", wanted(m, waiting), "5m0s ping zhang 3")
}

// wanted are the calls that are still worth telling now.
func wanted(m *story, notices []desk.Notice) string {
	var out []desk.Notice
	for _, n := range notices {
		if desk.Wants(m.d, n) {
			out = append(out, n)
		}
	}
	return calls(out)
}

// TestGaveBackIsNotCalled: who took a case and gave it back is not rung up about it.
func TestGaveBackIsNotCalled(t *testing.T) {
	m := called(t, all...)
	m.wait(start.Add(12 * time.Minute))
	at := 12*time.Minute + 10*time.Second
	m.at(at, by(chen, desk.Claim{Case: 1})).at(at, by(chen, desk.Unclaim{Case: 1}))
	same(t, "chen", calls(m.wait(start.Add(15*time.Minute-time.Second))), "")
}
