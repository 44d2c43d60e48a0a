package desk_test

import (
	"testing"

	"butler/bot/desk"
)

// answers lets zhang answer case 1, and the platform take it under a reference.
func (m *story) answers(text, ref string) (key string) {
	m.do(by(zhang, desk.Reply{Case: 1, Text: text}))
	key = m.only().Replied.Key
	m.do(desk.Input{Actor: system, Act: desk.Told{Key: key, Kind: desk.NResponded, Case: 1, Room: desk.Front, Ref: ref}})
	return key
}

// TestRecall: the last answer can be taken back, once; when a newer one was told
// meanwhile, that one still can. The response it was stays one.
func TestRecall(t *testing.T) {
	m := newStory(t).do(by(lihua, reportIncident))
	m.do(by(zhang, desk.Recall{Case: 1}))
	same(t, "nothing was answered", m.refused(), desk.WhyGone)

	first := m.answers("A", "ref-A")
	m.do(by(zhang, desk.Recall{Case: 1}))
	if n := m.told(desk.NRecall, desk.Front); n == nil || n.Facts.Line != first {
		t.Fatalf("the platform is asked for %+v", n)
	}
	m.answers("B", "ref-B")
	gone := desk.Told{Kind: desk.NRecall, Case: 1, Room: desk.Front, Who: "zhang", Ref: first}
	m.do(desk.Input{Actor: system, Act: gone})
	same(t, "A is gone", m.tellings(), "direct@zhang answer")
	if got := m.only().Replied.ID; got != "ref-B" {
		t.Errorf("the answer that can be taken back is %q, want B", got)
	}

	gone.Ref = m.only().Replied.Key
	m.do(by(zhang, desk.Recall{Case: 1})).do(desk.Input{Actor: system, Act: gone})
	m.do(by(zhang, desk.Recall{Case: 1}))
	same(t, "all are gone", m.refused(), desk.WhyGone)
	if m.only().Respond.Open() {
		t.Error("the response is owed again")
	}
}

// TestRecallTooLate: who asked hears why an answer stays, and it can be asked for
// again.
func TestRecallTooLate(t *testing.T) {
	m := newStory(t).do(by(lihua, reportIncident))
	m.answers("A", "ref-A")
	m.do(by(zhang, desk.Recall{Case: 1}))
	m.do(desk.Input{Actor: system, Act: desk.Untold{Case: 1, Kind: desk.NRecall, Room: desk.Front, Person: "zhang", Why: "older than a day"}})
	same(t, "too late", m.tellings(), "direct@zhang answer")
	if n := m.told(desk.NAnswer, desk.Direct); n.Facts.Label != "late" || n.Inside.Note != "older than a day" {
		t.Errorf("zhang reads %+v, %+v", n.Facts, n.Inside)
	}
	if m.only().Replied.ID != "ref-A" || len(m.d.Unreachable) > 0 {
		t.Errorf("%+v, unreachable %v", m.only().Replied, m.d.Unreachable)
	}
}
