package bottest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// A form offers at most 100 cases, which is what Slack takes: those that one has
// come first, then those that moved last. Any other is typed before the text.
func TestAFormOfManyCases(t *testing.T) {
	s := newStage(t, people+`  - {id: nova, name: 新星电商, edition: enterprise, front: "slack:C1F", back: "slack:C0BACK", tam: chen}
`)
	for i := range 130 {
		customer := []string{"acme", "nova"}[i%2]
		s.clock.Set(s.clock.Now().Add(time.Second))
		must(t, s.b.Handle(s.ctx, customer, desk.Input{ID: fmt.Sprintf("many/%d", i), At: s.clock.Now(), Actor: desk.Actor{ID: "U77", Role: desk.CustomerSide}, Room: desk.Front,
			Act: desk.Report{Kind: desk.Consultation, Text: fmt.Sprintf("问题 %d", i)}}))
	}
	s.types("C0BACK", "U01", "/claim nova#2")
	f, ok := s.b.Form(s.ctx, s.command("C0BACK", "U01", "/reply"))
	if !ok || len(f.Fields) != 2 || len(f.Fields[0].Options) != 100 {
		t.Fatalf("the form is %v with %d fields", ok, len(f.Fields))
	}
	all := f.Fields[0].Options
	if all[0].Value != "nova#2" || all[1].Value != "nova#65" || all[2].Value != "acme#65" {
		t.Errorf("it begins with %q, %q, %q", all[0].Label, all[1].Label, all[2].Label)
	}
	if last := all[99]; !strings.Contains(last.Label, "编号") {
		t.Errorf("it ends with %q", last.Label)
	}
	m := s.command("C0BACK", "U01", f.Compose([]string{all[99].Value, "acme#1 请先断网"}))
	m.Form = true
	s.hear(m)
	if c, _ := s.desk("acme").Case(1); c.Respond.Open() {
		t.Error("what was typed went to no case")
	}
	m = s.command("C0BACK", "U01", f.Compose([]string{all[99].Value, "请先断网"}))
	m.Form = true
	if text := s.declined(m); text == "" {
		t.Error("a text without a number is not declined")
	}
}
