package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestAdviceRaisesOnly: a model may raise a promise that nobody works on yet; all
// else it may only propose to the experts, and it changes nothing.
func TestAdviceRaisesOnly(t *testing.T) {
	normal, low := by(lihua, reportIncident), by(lihua, desk.Report{Kind: desk.Vulnerability, Severity: desk.Low, Text: "fastjson 有漏洞"})
	medium := by(lihua, desk.Report{Kind: desk.Vulnerability, Severity: desk.Medium, Text: "fastjson 有漏洞"})
	claim, reply := by(zhang, desk.Claim{Case: 1}), by(zhang, desk.Reply{Case: 1, Text: "在看"})
	incident, urgent := desk.Verdict{Label: "incident"}, desk.Verdict{Label: "incident", Urgent: true}
	vulnerability := func(s desk.Severity) desk.Verdict { return desk.Verdict{Label: "vulnerability", Severity: s} }
	for _, c := range []struct {
		name  string
		acts  []desk.Input
		model desk.Verdict
		want  string // the case, its promise, and the label of what the experts read
	}{
		{"an urgent incident", []desk.Input{normal}, urgent, "incident urgent 15m0s advice"},
		{"the same, of a case that is taken", []desk.Input{normal, claim}, urgent, "incident 1h0m0s advice-raise"},
		{"the same, of a case that is answered", []desk.Input{normal, reply}, urgent, "incident 1h0m0s advice-raise"},
		{"nothing new", []desk.Input{normal}, incident, "incident 1h0m0s advice"},
		{"less urgent", []desk.Input{urgently()}, incident, "incident urgent 15m0s advice-lower"},
		{"another kind with a stricter promise", []desk.Input{normal}, vulnerability(desk.High), "incident 1h0m0s advice-raise"},
		{"another kind with the same promise", []desk.Input{normal}, desk.Verdict{Label: "consultation"}, "incident 1h0m0s advice-lower"},
		{"small talk", []desk.Input{normal}, desk.Verdict{Label: "chatter"}, "incident 1h0m0s advice-lower"},
		{"nothing of ours", []desk.Input{normal}, desk.Verdict{Label: "out_of_scope"}, "incident 1h0m0s advice-lower"},
		{"a word that nobody knows", []desk.Input{normal}, desk.Verdict{Label: "close", Urgent: true}, "incident 1h0m0s advice"},
		{"a severe vulnerability", []desk.Input{low}, vulnerability(desk.High), "vulnerability high 15m0s advice"},
		{"a lesser one", []desk.Input{medium}, vulnerability(desk.Low), "vulnerability medium 1h0m0s advice-lower"},
		{"a severity that nobody knows", []desk.Input{medium}, vulnerability("extreme"), "vulnerability medium 1h0m0s advice"},
		{"no severity, of a minor one", []desk.Input{low}, vulnerability(""), "vulnerability low 4h0m0s advice"},
		{"no severity", []desk.Input{medium}, vulnerability(""), "vulnerability medium 1h0m0s advice"},
	} {
		m := newStory(t)
		for _, in := range c.acts {
			m.do(in)
		}
		m.do(desk.Input{Actor: system, Act: desk.Advised{Case: 1, Verdict: c.model, Summary: "理由"}})
		k := m.only()
		got := []string{string(k.Kind)}
		if k.Urgent {
			got = append(got, "urgent")
		}
		if k.Severity != "" {
			got = append(got, string(k.Severity))
		}
		got = append(got, k.Row.Respond.String())
		if n := m.told(desk.NNote, desk.Back); n != nil {
			got = append(got, n.Facts.Label)
		}
		same(t, c.name, strings.Join(got, " "), c.want)
	}
}

// TestLateAdvice: a case that is solved, closed or gone is past advice, and an
// advisor that did not answer changes nothing; the timeline says so.
func TestLateAdvice(t *testing.T) {
	advice := desk.Advised{Case: 1, Verdict: desk.Verdict{Label: "incident", Urgent: true}, Summary: "理由"}
	failed := desk.Advised{Case: 1, Failed: "timeout"}
	for _, c := range []struct {
		name   string
		before []desk.Input
		act    desk.Advised
		want   string // the events
	}{
		{"solved", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Resolve{Case: 1, Summary: "好了"})}, advice, "[]"},
		{"closed", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Close{Case: 1, Reason: "误报"})}, advice, "[]"},
		{"no such case", nil, advice, "[]"},
		{"no answer", []desk.Input{by(lihua, reportIncident)}, failed, "[advice]"},
	} {
		m := newStory(t)
		for _, in := range c.before {
			m.do(in)
		}
		m.do(desk.Input{Actor: system, Act: c.act})
		var events []string
		for _, e := range m.ch.Events {
			events = append(events, e.Kind)
		}
		same(t, c.name, fmt.Sprint(events), c.want)
		same(t, c.name, m.tellings(), "")
	}
}

var unsure = desk.Verdict{Label: "incident", Confidence: 0.45}

// advisedStory is a desk with an advisor that was asked about one unclear message.
func advisedStory(t *testing.T) *story {
	m := newStory(t)
	m.terms().Advised = true
	m.do(says("网站有点不对", unsure, "100.1"))
	if len(m.ch.Asks) != 1 {
		t.Fatalf("the advisor is asked %v", m.ch.Asks)
	}
	return m
}

// TestOpinionOpensOnce: a message about which the advisor and a person are of one
// mind is one case, whoever is first.
func TestOpinionOpensOnce(t *testing.T) {
	opinion := desk.Input{Actor: system, Act: desk.Advised{Slip: 1, Verdict: desk.Verdict{Label: "incident", Confidence: 0.9}}}
	button := by(lihua, desk.Sort{Slip: 1, As: "incident"})
	mark := by(zhang, desk.Report{Text: "网站有点不对", Verdict: unsure, Of: "100.1", Author: desk.Who{ID: "lihua", Name: "李华"}})
	mark.Room, mark.Ref = desk.Front, "100.1"
	for name, inputs := range map[string][]desk.Input{
		"marked, then advised": {mark, opinion}, "marked, then the button": {mark, button},
		"the button, then advised": {button, opinion}, "advised twice": {opinion, opinion},
	} {
		m := advisedStory(t)
		for i, in := range inputs {
			if m.do(in); len(m.d.Cases) != 1 {
				t.Errorf("%s: %d cases after the input %d", name, len(m.d.Cases), i+1)
			}
		}
	}
}

// TestOpinionsOfOneMatter: two unclear messages of one matter, and the advisor
// recognises it in both: one case holds both.
func TestOpinionsOfOneMatter(t *testing.T) {
	m := advisedStory(t)
	more := says("10.0.0.5 上", unsure, "100.2")
	said := more.Act.(desk.Said)
	said.Joined = &unsure
	more.Act = said
	m.do(more)
	for slip := range 2 {
		m.do(desk.Input{Actor: system, Act: desk.Advised{Slip: slip + 1, Verdict: desk.Verdict{Label: "incident", Urgent: true, Confidence: 0.9}}})
	}
	if c := m.only(); len(c.Refs) != 2 {
		t.Errorf("its messages are %v, want both", c.Refs)
	}
}

// TestHandedOffOnce: a matter outside the edition is handed off by the button, and
// the advisor's late opinion does not repeat it.
func TestHandedOffOnce(t *testing.T) {
	m := newStory(t)
	m.terms().Advised = true
	m.terms().Edition = m.d.Terms.Editions["emergency"]
	m.do(says("有个漏洞吗", desk.Verdict{Label: "vulnerability", Confidence: 0.45}, "100.1"))
	m.do(by(lihua, desk.Sort{Slip: 1, As: "vulnerability"}))
	if m.told(desk.NHandoff, desk.Front) == nil {
		t.Errorf("the customer is told %s", m.tellings())
	}
	m.do(desk.Input{Actor: system, Act: desk.Advised{Slip: 1, Verdict: desk.Verdict{Label: "vulnerability", Severity: desk.High, Confidence: 0.9}}})
	same(t, "after the button", m.tellings(), "")
}

// TestOpinionIsTheCustomersWord: what the advisor recognises counts from when the
// customer wrote, as theirs: the promise is not longer for having waited.
func TestOpinionIsTheCustomersWord(t *testing.T) {
	m := advisedStory(t)
	wrote := m.now
	m.at(5*time.Minute, desk.Input{Actor: system, Act: desk.Advised{Slip: 1, Verdict: desk.Verdict{Label: "incident", Urgent: true}}})
	c := m.only()
	if due, running := c.Respond.Running(); !running || !due.Equal(wrote.Add(15*time.Minute)) || c.Reporter.ID != "lihua" {
		t.Errorf("%s's case is due at %s, want lihua's, 15 minutes after %s", c.Reporter.ID, due, wrote)
	}
}
