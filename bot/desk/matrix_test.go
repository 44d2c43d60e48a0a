package desk_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

var update = flag.Bool("update", false, "write the goldens; read the diff, commit only what you can explain")

// states are desks with one case (#1) in every state a case can be in, and what
// leads there.
var states = []struct {
	name string
	acts []desk.Input
}{
	{"no case", nil},
	{"waiting", []desk.Input{by(lihua, reportIncident)}},
	{"claimed", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Claim{Case: 1})}},
	{"responded", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Reply{Case: 1, Text: "在看"})}},
	{"asked", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Ask{Case: 1, Question: "哪台主机？"})}},
	{"resolved", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Resolve{Case: 1, Summary: "已清除"})}},
	{"closed", []desk.Input{by(lihua, reportIncident), by(zhang, desk.Close{Case: 1, Reason: "误报"})}},
	{"onboarding", []desk.Input{by(chen, desk.Onboard{})}},
}

var no = false
var reportIncident = desk.Report{Kind: desk.Incident, Urgent: &no, Text: "10.0.0.5 上有可疑进程", Verdict: desk.Verdict{Assets: []string{"10.0.0.5"}}}

// inputs is one of each act, as it concerns case 1.
var inputs = []desk.Act{
	desk.Said{Text: "好的", Verdict: desk.Verdict{Label: desk.Chatter, Confidence: 0.9}},
	desk.Said{Text: "又有一台 10.0.0.6", Verdict: desk.Verdict{Label: "incident", Urgent: true, Category: desk.Malware, Confidence: 0.9, Assets: []string{"10.0.0.6"}}},
	desk.Said{Text: "10.0.0.5 又中了", Verdict: desk.Verdict{Label: "incident", Urgent: true, Category: desk.Malware, Confidence: 0.9, Assets: []string{"10.0.0.5"}}},
	desk.Edited{Of: "m1", Text: "更正：10.0.0.7"}, desk.Deleted{Of: "m1"}, reportIncident,
	desk.Claim{Case: 1}, desk.Claim{Case: 1, Text: "我在看"}, desk.Unclaim{Case: 1, Reason: "换班"}, desk.Assign{Case: 1, To: "wang"}, desk.Assign{Case: 1, To: "nobody"},
	desk.Reply{Case: 1, Text: "请断网"}, desk.Note{Case: 1, Text: "内部"}, desk.Raise{Case: 1}, desk.Lower{Case: 1, Reason: "影响小"}, desk.Lower{Case: 1},
	desk.SetSeverity{Case: 1, Severity: desk.High}, desk.SetCategory{Case: 1, Category: desk.Malware}, desk.Ask{Case: 1, Question: "日志呢？"}, desk.Ask{Case: 1},
	desk.Resume{Case: 1}, desk.Stage{Case: 1, Stage: "2"}, desk.Stage{Case: 1, Stage: "dance"}, desk.Resolve{Case: 1, Summary: "好了"}, desk.Resolve{Case: 1},
	desk.Confirm{Case: 1}, desk.Reopen{Case: 1}, desk.Merge{Case: 1, Into: 2}, desk.Merge{Case: 1, Into: 1}, desk.Link{Case: 1, Other: 2},
	desk.Close{Case: 1, Reason: "误报"}, desk.Close{Case: 1}, desk.Recur{Case: 1}, desk.Fine{Case: 1}, desk.Assist{Case: 1},
	desk.Sort{Case: 1, As: "consultation"}, desk.Sort{Case: 1, As: "none"}, desk.Sort{Slip: 1, As: "vulnerability"}, desk.Sort{Slip: 9, As: "none"},
	desk.Onboard{}, desk.Bind{Room: desk.Front, Address: "slack:C9"}, desk.Founded{Room: desk.Front, Address: "slack:C9"}, desk.InspectNow{}, desk.Query{What: "list"}, desk.Query{What: "show", Case: 1}, desk.Query{What: "timeline", Case: 1, Lines: []desk.Event{{Kind: "opened"}}}, desk.Query{What: "timers"},
	desk.Query{What: "explain", Case: 1}, desk.Query{What: "oncall"}, desk.Query{What: "edition"}, desk.Query{What: "help"},
	desk.Misread{Line: "clam", Case: 1, Why: desk.WhyUnknownCommand, Near: "claim"},
	desk.Found{Source: "s", ID: "f1", Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "redis open", Severity: desk.High},
	desk.Advised{Case: 1, Verdict: desk.Verdict{Label: "incident", Urgent: true}, Draft: "草稿"}, desk.ReadBy{Person: "zhang"},
	desk.Told{Case: 1, Room: desk.Back, Board: true, Ref: "b1", Hash: "h"}, desk.Untold{Case: 1, Kind: desk.NPing, Room: desk.Direct, Person: "chen", Rung: new(int), Why: "left"},
	desk.Looked{Source: desk.Probe, Findings: []desk.Found{{ID: "p1", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "首页被篡改", Severity: desk.High, Matter: desk.Incident, Category: desk.DataDestruction}}, Layers: []desk.LayerLook{{Layer: desk.LayerApplication, At: start, Assets: 1}}, Tries: 3, Good: 3},
	desk.Heard{Source: "scanner"}, desk.Accept{Finding: 1, Days: 30, Reason: "旧系统"}, desk.Fix{Finding: 1}, desk.Retest{Finding: 1}, desk.Query{What: "findings"}, desk.InspectNow{Last: true},
	desk.Recall{Case: 1}, desk.Missed{}, desk.Query{What: "budget"}, desk.Gap{From: start, To: start.Add(time.Minute)}, desk.Parked{Input: "claim", Why: "x"}, desk.Woke{},
}

// TestMatrix holds what every input does to a case in every state, from the
// customer in the front and from an expert in the back: no combination is left
// to chance, and none panics.
func TestMatrix(t *testing.T) {
	var out strings.Builder
	for _, s := range states {
		d, now := sample(t, "acme"), start
		for _, in := range s.acts {
			now = now.Add(time.Minute)
			in.At = now
			d = desk.Decide(d, in, now).Next
		}
		now = now.Add(time.Minute)
		for _, who := range []desk.Actor{lihua, zhang} {
			fmt.Fprintf(&out, "== %s, %s\n", s.name, who.Role)
			for _, act := range inputs {
				before := string(d.EncodeHead())
				in := by(who, act)
				in.At, in.Ref = now, "m9"
				ch := desk.Decide(d, in, now)
				if string(d.EncodeHead()) != before {
					t.Fatalf("%s: %s wrote to the desk it was given", s.name, desk.Name(act))
				}
				fmt.Fprintf(&out, "%-46s %s\n", describe(act), outcome(ch))
			}
		}
	}
	golden(t, "testdata/matrix.txt", out.String())
}

// describe is the act with its arguments, short.
func describe(a desk.Act) string {
	s := fmt.Sprintf("%s %+v", desk.Name(a), a)
	if r, ok := a.(desk.Report); ok {
		s = fmt.Sprintf("report %s %s", r.Kind, r.Text)
	}
	if len(s) > 46 {
		s = strings.ToValidUTF8(s[:45], "") + "…"
	}
	return s
}

// outcome lists what a change writes down and tells, in order, boards in brackets.
func outcome(ch desk.Change) string {
	var parts []string
	for _, e := range ch.Events {
		k := e.Kind
		if e.Mark != nil {
			k = e.Clock + "-" + string(e.Mark.Verb)
		}
		parts = append(parts, k)
	}
	parts = append(parts, "→")
	for _, n := range ch.Notices {
		to := string(n.Room)
		if n.Person != "" {
			to += "@" + n.Person
		}
		s := fmt.Sprintf("%s:%s", to, n.Kind)
		if n.Kind == desk.NRefused {
			s += "(" + n.Facts.Why + ")"
		}
		if n.Board {
			s = "[" + s + "]"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, have := strings.Split(string(b), "\n"), strings.Split(got, "\n")
	for i := range max(len(want), len(have)) {
		w, h := at(want, i), at(have, i)
		if w != h {
			t.Errorf("%s:%d\n- %s\n+ %s", file, i+1, w, h)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// TestMay prints the table of permissions: who may do what, in which room.
func TestMay(t *testing.T) {
	names := []string{"report", "claim", "unclaim", "assign", "reply", "note", "urgent", "lower", "severity", "category", "ask", "resume", "stage", "resolve",
		"confirm", "reopen", "merge", "link", "close", "recur", "fine", "assist", "triage", "onboard", "inspect", "list", "show", "timeline", "timers", "explain",
		"oncall", "edition", "help", "no-such-thing"}
	var out strings.Builder
	for _, name := range names {
		fmt.Fprintf(&out, "%-14s", name)
		for _, role := range []desk.Role{desk.CustomerSide, desk.Expert, desk.Manager, desk.Admin, desk.System} {
			for _, room := range []desk.Room{desk.Front, desk.Back, desk.Direct} {
				why := desk.May(desk.Actor{Role: role}, room, name)
				if why == "" {
					why = "yes"
				}
				fmt.Fprintf(&out, " %s/%s:%s", role, room, why)
			}
		}
		out.WriteString("\n")
	}
	golden(t, "testdata/may.txt", out.String())
}

// TestEncode reads every kind of input and a full desk back from its stored form.
func TestEncode(t *testing.T) {
	for _, act := range inputs {
		in := by(zhang, act)
		in.ID, in.At = "x", start
		got, err := desk.DecodeInput(desk.EncodeInput(in))
		if err != nil {
			t.Fatalf("%s: %v", desk.Name(act), err)
		}
		if a, b := string(desk.EncodeInput(in)), string(desk.EncodeInput(got)); a != b {
			t.Errorf("%s: %s came back as %s", desk.Name(act), a, b)
		}
	}
	d, _ := withCases(t, 5)
	cases := map[int][]byte{}
	for _, c := range d.Cases {
		cases[c.N] = c.Encode()
	}
	back, err := desk.Decode(d.EncodeHead(), cases)
	if err != nil {
		t.Fatal(err)
	}
	back.Terms = d.Terms
	if !slices.Equal(kinds(back), kinds(d)) || string(back.EncodeHead()) != string(d.EncodeHead()) || back.Wake() != d.Wake() {
		t.Error("a desk is another one after it was stored")
	}
	for head, says := range map[string]string{`{"schema":99}`: "newer", `{`: "damaged", `{}`: "schema"} {
		if _, err := desk.Decode([]byte(head), nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want a word about %q", head, err, says)
		}
	}
}

func kinds(d desk.Desk) []string {
	var out []string
	for _, c := range d.Cases {
		out = append(out, string(c.Encode()))
	}
	return out
}

// ExampleDecide reports an incident and shows what the desk has to do next.
func ExampleDecide() {
	d := sample(&testing.T{}, "acme")
	urgent := true
	ch := desk.Decide(d, desk.Input{ID: "slack/C0FRONT/1", At: start, Actor: lihua, Room: desk.Front,
		Act: desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "数据库主机出现勒索提示"}}, start)
	for _, n := range ch.Notices {
		fmt.Println(n.Room, n.Person, n.Kind)
	}
	fmt.Println("next:", ch.Next.Deadlines()[0].What, ch.Next.Wake().Sub(start))
	// Output:
	// front  opened
	// back  opened
	// back zhang ping
	// back chen ping
	// back  updated
	// next: rung 5m0s
}
