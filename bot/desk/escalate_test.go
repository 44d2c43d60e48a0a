package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// TestLadder: who is asked, and when, from an urgent report to the days after a
// promise that was broken.
func TestLadder(t *testing.T) {
	zhangs := func(act desk.Act) []desk.Input { return []desk.Input{by(zhang, act)} }
	for _, c := range []struct {
		name  string
		acts  []desk.Input // a minute after the report, and a minute after each other
		first string       // who is told of the last of them
		want  string       // who is asked after that, on the minute of its rung
	}{
		{"nobody answers", nil, "back@zhang ping, back@chen ping", "5m0s back@zhang ping, 8m0s back@wang ping, 12m0s direct@chen ping, 15m0s direct@chen breached"},
		{"the customer asks again", []desk.Input{says("在吗？", desk.Verdict{Label: desk.Chatter, Confidence: 0.9}, "2")}, "back added",
			"5m0s back@zhang ping, 8m0s back@wang ping, 12m0s direct@chen ping, 15m0s direct@chen breached"},
		{"a bare claim", zhangs(desk.Claim{Case: 1}), "back claimed", "10m0s back@zhang remind, 12m0s direct@chen warned, 15m0s direct@chen breached"},
		{"a claim given back", append(zhangs(desk.Claim{Case: 1}), by(zhang, desk.Unclaim{Case: 1})), "back@wang ping", "12m0s direct@chen ping, 15m0s direct@chen breached"},
		{"assigned to the backup", []desk.Input{by(chen, desk.Assign{Case: 1, To: "wang"})}, "back@wang ping",
			"5m0s back@wang ping, 8m0s back@wang ping, 12m0s direct@chen ping, 15m0s direct@chen breached"},
		{"an answer", zhangs(desk.Reply{Case: 1, Text: "在看"}), "front responded", ""},
		{"a claim with words", zhangs(desk.Claim{Case: 1, Text: "我在看"}), "front responded, back claimed", ""},
		{"a question", zhangs(desk.Ask{Case: 1, Question: "哪台主机？"}), "front asked", ""},
		{"an internal note", zhangs(desk.Note{Case: 1, Text: "在看"}), "back note",
			"5m0s back@zhang ping, 8m0s back@wang ping, 12m0s direct@chen ping, 15m0s direct@chen breached"},
	} {
		m := newStory(t).at(0, urgently())
		for _, in := range c.acts {
			m.do(in)
		}
		same(t, c.name, m.tellings(), c.first)
		same(t, c.name+", later", m.asks(20*time.Minute), c.want)
	}
}

// TestOverdue: a broken promise without an answer is the manager's daily business,
// once for all the days of an outage, until the answer.
func TestOverdue(t *testing.T) {
	m := newStory(t).at(0, urgently())
	m.asks(16 * time.Minute)
	same(t, "three days", m.asks(72*time.Hour), "24h15m0s direct@chen warned, 48h15m0s direct@chen warned")
	m.at(7*24*time.Hour, desk.Input{Act: desk.Woke{}, Actor: system})
	same(t, "four days of downtime", m.tellings(), "direct@chen warned, front inspection")
	m.do(by(zhang, desk.Reply{Case: 1, Text: "抱歉，在看"}))
	same(t, "after the answer", m.asks(10*24*time.Hour), "")
}

// TestSolving: the time to solve presses the assignee and the manager at a half,
// at four fifths and at its end; a question to the customer stops it, their answer
// lets it go on, and after an outage only the last that passed is told.
func TestSolving(t *testing.T) {
	begin := func() *story {
		m := newStory(t)
		m.terms().Edition = m.d.Terms.Editions["emergency"]
		return m.at(0, by(lihua, reportIncident)).at(time.Minute, by(zhang, desk.Reply{Case: 1, Text: "在看"}))
	}
	day := 24 * time.Hour
	same(t, "five days", begin().asks(6*day), "60h0m0s back@zhang remind, 60h0m0s direct@chen warned, "+
		"96h0m0s back@zhang remind, 96h0m0s direct@chen warned, 120h0m0s back@zhang breached, 120h0m0s direct@chen breached")

	m := begin().at(day, by(zhang, desk.Ask{Case: 1, Question: "日志呢？"}))
	same(t, "while we wait for the customer", m.asks(3*day), "")
	m.at(3*day, says("日志在这里", desk.Verdict{Label: desk.Chatter, Confidence: 0.9}, "2"))
	same(t, "two days later", m.asks(8*day), "108h0m0s back@zhang remind, 108h0m0s direct@chen warned, "+
		"144h0m0s back@zhang remind, 144h0m0s direct@chen warned, 168h0m0s back@zhang breached, 168h0m0s direct@chen breached")

	m = begin().at(4*day+time.Hour, desk.Input{Act: desk.Woke{}, Actor: system})
	same(t, "downtime over both warnings", m.tellings(), "front inspection, back@zhang remind, direct@chen warned")

	m = begin().at(day, by(zhang, desk.Resolve{Case: 1, Summary: "好了"}))
	same(t, "solved", m.asks(6*day), "")
}
