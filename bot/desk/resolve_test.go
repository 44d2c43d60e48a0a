package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// TestWhichSolvedCase: /confirm, /reopen, /recur, /fine and /assist without a
// number mean the only solved case, or ask which.
func TestWhichSolvedCase(t *testing.T) {
	for _, act := range []desk.Act{desk.Confirm{}, desk.Reopen{}, desk.Recur{}, desk.Fine{}, desk.Assist{}} {
		name := desk.Name(act)
		m := newStory(t).do(by(lihua, reportIncident)).do(by(lihua, reportIncident))
		same(t, name+" of none", m.do(by(lihua, act)).refused(), desk.WhyMissingCase)

		m.do(by(zhang, desk.Resolve{Case: 2, Summary: "好了"}))
		if m.do(by(lihua, act)); m.refused() != "" || len(m.ch.Events) == 0 || m.ch.Events[0].Case != 2 {
			t.Errorf("%s of the only one: %q, %+v", name, m.refused(), m.ch.Events)
		}

		m = newStory(t).do(by(lihua, reportIncident)).do(by(lihua, reportIncident))
		m.do(by(zhang, desk.Resolve{Case: 1, Summary: "好了"})).do(by(zhang, desk.Resolve{Case: 2, Summary: "好了"}))
		same(t, name+" of two", m.do(by(lihua, act)).refused(), desk.WhyWhichCase)
		in := by(lihua, act)
		in.Thread = 1
		if m.do(in); m.refused() != "" || m.ch.Events[0].Case != 1 {
			t.Errorf("%s in the thread of #1: %q, %+v", name, m.refused(), m.ch.Events)
		}
	}
}

// TestNotSolved: who says that it is not solved decides what is owed: the customer
// is answered anew within the promise, the service's own people just go on.
func TestNotSolved(t *testing.T) {
	solved := func() *story {
		return newStory(t).at(0, urgently()).at(time.Minute, by(zhang, desk.Resolve{Case: 1, Summary: "好了"}))
	}
	m := solved().at(time.Hour, by(lihua, desk.Reopen{Case: 1, Reason: "还在"}))
	if due, running := m.only().Respond.Running(); !running || !due.Equal(start.Add(75*time.Minute)) {
		t.Errorf("the answer is due at %s (%v), want 15 minutes after the customer's word", due, running)
	}
	same(t, "the old expert is asked first", m.asks(66*time.Minute), "1h5m0s back@zhang ping")

	m = solved().at(time.Hour, by(zhang, desk.Reopen{Case: 1}))
	if c := m.only(); c.Status != desk.Open || c.Respond.Open() {
		t.Errorf("reopened by zhang it is %s, and an answer is owed: %v", c.Status, c.Respond.Open())
	}
}

// TestStillThere: the customer's "it is still there" about a solved case, in its
// thread or not, opens it again; thanks do not.
func TestStillThere(t *testing.T) {
	still := desk.Verdict{Label: "incident", Confidence: 0.5, Again: true}
	thanks := desk.Verdict{Label: desk.Chatter, Confidence: 0.9}
	for _, c := range []struct {
		name    string
		text    string
		verdict desk.Verdict
		thread  int
		want    desk.Status
	}{
		{"still there, in the thread", "还是打不开", still, 1, desk.Open},
		{"still there", "还是打不开", still, 0, desk.Open},
		{"still there, and no incident", "还是不行", desk.Verdict{Label: "consultation", Confidence: 0.9, Again: true}, 1, desk.Open},
		{"thanks, in the thread", "谢谢", thanks, 1, desk.Resolved},
		{"thanks", "谢谢", thanks, 0, desk.Resolved},
	} {
		m := newStory(t).do(by(lihua, reportIncident)).do(by(zhang, desk.Resolve{Case: 1, Summary: "好了"}))
		in := says(c.text, c.verdict, "2")
		in.Thread = c.thread
		m.do(in)
		if got := m.only().Status; got != c.want {
			t.Errorf("%s: the case is %s, want %s", c.name, got, c.want)
		}
	}
	// A question under a solved case is one that somebody must answer.
	m := newStory(t).do(by(lihua, reportIncident)).do(by(zhang, desk.Resolve{Case: 1, Summary: "好了"}))
	in := says("补丁要打吗？", desk.Verdict{Label: "consultation", Confidence: 0.9}, "2")
	in.Thread = 1
	if c := m.do(in).only(); c.Status != desk.Resolved || !c.Respond.Open() {
		t.Errorf("a question: the case is %s, an answer is owed: %v", c.Status, c.Respond.Open())
	}
}
