package triage

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"butler/bot/desk"
)

var (
	evalFile = flag.String("eval", "", "labelled messages (.jsonl) to measure, besides those in testdata")
	evalShow = flag.Bool("show", false, "print every message that comes out wrong")
)

// sample is one labelled message.
type sample struct {
	ID       string         `json:"id"`
	Text     string         `json:"text"`
	Label    string         `json:"label"`
	Urgent   *bool          `json:"urgent"`
	Severity *desk.Severity `json:"severity"`
	Category *desk.Category `json:"category"`
	Source   string         `json:"source"`
	Worry    string         `json:"worry"` // testdata/second.jsonl: see TestSecond
}

func samples(t testing.TB, path string) []sample {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		var s sample
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
		out = append(out, s)
	}
	return out
}

// tally counts right answers among asked ones.
type tally struct{ right, of int }

func (s *tally) add(ok bool) {
	s.of++
	if ok {
		s.right++
	}
}

func (s tally) rate() float64 {
	if s.of == 0 {
		return 1
	}
	return float64(s.right) / float64(s.of)
}

// measure is what an evaluation reports.
type measure struct {
	label, incident, urgent, severity, category, outOfScope, quiet tally
	// alarms counts chatter that would have opened an incident or a vulnerability.
	alarms tally
}

// evaluate reads every sample. Urgency, category and severity are judged on the
// messages whose label was found: a wrong label is counted once, as such.
func evaluate(t testing.TB, all []sample, show bool) measure {
	t.Helper()
	var m measure
	for _, s := range all {
		m.judge(t, s, show)
	}
	m.log(t, len(all))
	return m
}

// judge reads one sample.
func (m *measure) judge(t testing.TB, s sample, show bool) {
	t.Helper()
	v := Read(s.Text, Context{})
	ok := v.Label == s.Label
	m.label.add(ok)
	wrong := ""
	if !ok {
		wrong = s.Label + " read as " + v.Label
	}
	switch s.Label {
	case string(desk.Incident):
		m.incident.add(ok)
		if ok && s.Urgent != nil {
			m.urgent.add(v.Urgent == *s.Urgent)
			if v.Urgent != *s.Urgent {
				wrong += " urgency"
			}
		}
		if ok && s.Category != nil {
			m.category.add(v.Category == *s.Category)
			if v.Category != *s.Category {
				wrong += " category " + string(*s.Category) + " read as " + string(v.Category)
			}
		}
	case string(desk.Vulnerability):
		if ok && s.Severity != nil {
			m.severity.add(v.Severity == *s.Severity)
			if v.Severity != *s.Severity {
				wrong += " severity " + string(*s.Severity) + " read as " + string(v.Severity)
			}
		}
	case desk.OutOfScope:
		m.outOfScope.add(ok)
	case desk.Chatter:
		m.quiet.add(ok)
		m.alarms.add(v.Label == string(desk.Incident) || v.Label == string(desk.Vulnerability))
	}
	if wrong != "" && show {
		t.Logf("%s %s (%.2f)\n    %s\n    %s", s.ID, wrong, v.Confidence, s.Text, v.Why)
	}
}

// log says the rates in one line.
func (m *measure) log(t testing.TB, n int) {
	t.Helper()
	t.Logf("%d messages: label %.3f, incidents found %.3f, urgency %.3f, category %.3f, severity %.3f, out of scope %.3f, chatter left alone %.3f, false alarms %.3f",
		n, m.label.rate(), m.incident.rate(), m.urgent.rate(), m.category.rate(), m.severity.rate(), m.outOfScope.rate(), m.quiet.rate(), m.alarms.rate())
}

// TestEval measures a file given by -eval.
func TestEval(t *testing.T) {
	if *evalFile == "" {
		t.Skip("no -eval file")
	}
	evaluate(t, samples(t, *evalFile), *evalShow)
}
