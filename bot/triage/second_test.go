package triage

import (
	"flag"
	"os"
	"strings"
	"testing"

	"butler/bot/desk"
)

// What the desk does with a confidence when nobody addressed the bot (desk,
// said.go): from askFrom on it asks with two buttons, from openFrom on it acts.
const (
	askFrom  = 0.35
	openFrom = 0.60
)

var showHeld = flag.Bool("held", false, "with -show: also the third of testdata/second.jsonl that is held back")

// worried are the tallies of the second set.
type worried struct {
	label, asked, heard, urgent, category, severity, sure, quiet, disturbed tally
}

// TestSecond measures a second set: worried and vague words beside clear ones of
// every label. Rules may be made from two thirds of it; every third message is
// held back and only counted. A worry "ask" must be asked about, a worry "any"
// (is this an attack?) must be asked about or opened.
func TestSecond(t *testing.T) {
	var seen, held worried
	for i, s := range samples(t, "testdata/second.jsonl") {
		w, show := &seen, *evalShow
		if i%3 == 2 {
			w, show = &held, *evalShow && *showHeld
		}
		v := Read(s.Text, Context{})
		if wrong := w.judge(s, v); wrong != "" && show {
			t.Logf("%s %s (%s %.2f)\n    %s\n    %s", s.ID, wrong, short(v), v.Confidence, s.Text, v.Why)
		}
	}
	for name, w := range map[string]*worried{"seen": &seen, "held back": &held} {
		t.Logf("%s, %d messages: label %.3f, vague asked about %.3f, questions heard %.3f, urgency %.3f, category %.3f, severity %.3f, clear incidents sure %.3f, chatter named %.3f, chatter left alone %.3f",
			name, w.label.of, w.label.rate(), w.asked.rate(), w.heard.rate(), w.urgent.rate(), w.category.rate(), w.severity.rate(), w.sure.rate(), w.quiet.rate(), w.disturbed.rate())
	}
}

// judge counts one message and says what is wrong with its verdict.
func (w *worried) judge(s sample, v desk.Verdict) string {
	ok := v.Label == s.Label
	w.label.add(ok)
	wrong := ""
	note := func(t *tally, ok bool, what string) {
		t.add(ok)
		if !ok {
			wrong += what + " "
		}
	}
	if !ok {
		wrong = "label " + s.Label + " "
	}
	incident := s.Label == string(desk.Incident)
	switch {
	case s.Worry == "ask":
		note(&w.asked, ok && v.Confidence >= askFrom && v.Confidence < openFrom, "asked")
	case s.Worry == "any":
		note(&w.heard, ok && v.Confidence >= askFrom, "heard")
	case incident:
		note(&w.sure, ok && v.Confidence >= openFrom, "sure")
		if ok {
			note(&w.category, v.Category == *s.Category, "category")
		}
	case s.Label == string(desk.Vulnerability) && ok:
		note(&w.severity, v.Severity == *s.Severity, "severity")
	case s.Label == desk.Chatter:
		w.quiet.add(ok)
		note(&w.disturbed, !disturbs(v), "disturbed")
	}
	if incident && ok {
		note(&w.urgent, v.Urgent == *s.Urgent, "urgency")
	}
	return wrong
}

// disturbs reports whether the desk answers words nobody addressed to it.
func disturbs(v desk.Verdict) bool { return v.Label != desk.Chatter && v.Confidence >= askFrom }

// TestTalk: ordinary talk in a group, with the words of worry in their other
// meaning, disturbs nobody in more than one of a hundred.
func TestTalk(t *testing.T) {
	text, err := os.ReadFile("testdata/talk.txt")
	if err != nil {
		t.Fatal(err)
	}
	var left tally
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		v := Read(line, Context{})
		left.add(!disturbs(v))
		if disturbs(v) && *evalShow && (i%3 != 2 || *showHeld) {
			t.Logf("%s (%.2f) %s: %s", short(v), v.Confidence, line, v.Why)
		}
	}
	t.Logf("%d lines, left alone %.3f", left.of, left.rate())
	if left.rate() < 0.99 {
		t.Errorf("ordinary talk left alone: %.3f (%d of %d), want at least 0.99", left.rate(), left.right, left.of)
	}
}
