package desk_test

import (
	"fmt"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestFaintWordsAreWritten: words too faint to be asked about are remembered for
// the next ones, so the change that remembers them must be stored.
func TestFaintWordsAreWritten(t *testing.T) {
	m := newStory(t)
	before := m.d
	m.do(says("后台有点怪", desk.Verdict{Label: "incident", Confidence: 0.2}, "1"))
	if len(m.d.Lately) != 1 || !desk.Moves(before, m.ch) {
		t.Errorf("%d remembered, and to be written: %v", len(m.d.Lately), desk.Moves(before, m.ch))
	}
	before = m.d
	m.do(says("好的", desk.Verdict{Label: desk.Chatter, Confidence: 0.9}, "2"))
	if len(m.d.Lately) != 1 || desk.Moves(before, m.ch) {
		t.Errorf("small talk is remembered: %v", m.d.Lately)
	}
}

// TestBefore: what belongs to the next words is what the same person said at most
// two minutes before the one after it.
func TestBefore(t *testing.T) {
	faint := desk.Verdict{Label: "incident", Confidence: 0.2}
	m := newStory(t)
	for i, after := range []time.Duration{0, 3 * time.Minute, 4 * time.Minute} {
		m.at(after, says(fmt.Sprint("words ", i), faint, fmt.Sprint(i)))
	}
	other := says("somebody else's", faint, "9")
	other.Actor = desk.Actor{ID: "U99", Role: desk.CustomerSide}
	m.at(5*time.Minute, other)
	for after, want := range map[time.Duration]string{
		5 * time.Minute:             "[words 1 words 2]", // words 0 are three minutes older
		6 * time.Minute:             "[words 1 words 2]",
		6*time.Minute + time.Second: "[]",
		4*time.Minute - time.Second: "[]", // heard late: said before what is remembered
	} {
		var got []string
		for _, l := range m.d.Before(lihua.ID, start.Add(after)) {
			got = append(got, l.Text)
		}
		same(t, after.String(), fmt.Sprint(got), want)
	}
}

// TestNothingIsForgotten: words that are nothing, says who wrote them, are not put
// together with the next; nor are words that have become a case.
func TestNothingIsForgotten(t *testing.T) {
	for _, as := range []string{"none", "incident"} {
		m := newStory(t)
		m.do(says("网站有点不对", unsure, "1"))
		if len(m.d.Before(lihua.ID, m.now)) != 1 {
			t.Fatal("the words are not remembered")
		}
		m.at(65*time.Second, by(lihua, desk.Sort{Slip: 1, As: as}))
		if b := m.d.Before(lihua.ID, m.now); len(b) > 0 {
			t.Errorf("%s: still remembered: %+v", as, b)
		}
	}
}

// TestAnotherMatterIsItsOwn: words that have become a case stay out of the next,
// also when triage has read both together.
func TestAnotherMatterIsItsOwn(t *testing.T) {
	m := newStory(t)
	m.do(says("网站有点不对", unsure, "1"))
	m.at(65*time.Second, by(lihua, desk.Sort{Slip: 1, As: "incident"}))
	sure := desk.Verdict{Label: "incident", Confidence: 0.9, Elsewhere: true}
	other := says("另外一个问题：官网被篡改", sure, "2")
	said := other.Act.(desk.Said)
	said.Joined = &sure
	other.Act = said
	m.at(75*time.Second, other)
	if len(m.d.Cases) != 2 || len(m.d.Cases[1].Refs) != 1 || m.d.Cases[1].Title != said.Text {
		t.Errorf("the cases are %+v", m.d.Cases)
	}
}
