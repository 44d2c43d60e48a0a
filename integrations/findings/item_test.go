package findings

import (
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

var base = item{Customer: "acme", ID: "f1", Layer: "host", Asset: "10.0.0.5", Title: "redis open", Severity: "high", Status: "open"}

// A finding that says when it was seen is the same input whenever it comes. One
// that does not is news again after its minute, so that open, fixed, open is heard
// as that.
func TestIdentity(t *testing.T) {
	d := New(Options{})
	id := func(change func(*item), at time.Time) string {
		it := base
		change(&it)
		return d.input(it, "s", at).ID
	}
	seen := func(it *item) { it.SeenAt = clock }
	fixed := func(it *item) { it.SeenAt = clock; it.Status = "fixed" }
	same := func(*item) {}
	later := clock.Add(3 * time.Minute)
	if id(seen, clock) != id(seen, later) || id(seen, clock) == id(fixed, clock) {
		t.Error("the identity of what says when it was seen is not its content")
	}
	if id(same, clock) != id(same, clock.Add(time.Second)) || id(same, clock) == id(same, later) {
		t.Error("the identity of what does not say so is not its content in its minute")
	}
	if d.input(base, "s", clock).ID == d.input(base, "other", clock).ID {
		t.Error("two sources share an identity")
	}
}

func TestWhenAFindingHappened(t *testing.T) {
	d := New(Options{})
	for _, c := range []struct {
		name     string
		seen, at time.Time
	}{
		{"it does not say", time.Time{}, clock},
		{"held up for two hours", clock.Add(-2 * time.Hour), clock.Add(-2 * time.Hour)},
		{"in the future", clock.Add(time.Hour), clock},
		{"a month ago: nobody could have sent it then", clock.AddDate(0, -1, 0), clock},
	} {
		it := base
		it.SeenAt = c.seen
		in := d.input(it, "s", clock)
		if !in.At.Equal(c.at) {
			t.Errorf("%s: %v, want %v", c.name, in.At, c.at)
		}
		if f := in.Act.(desk.Found); !c.seen.IsZero() && !f.SeenAt.Equal(c.seen) || f.SeenAt.IsZero() {
			t.Errorf("%s: seen at %v", c.name, f.SeenAt)
		}
	}
}

// What the source says counts; where it says nothing, the judge is asked.
func TestWhatAFindingOpens(t *testing.T) {
	d := New(Options{Judge: func(title string) (desk.Kind, desk.Category) {
		if strings.Contains(title, "webshell") {
			return desk.Incident, desk.Malware
		}
		return desk.Vulnerability, ""
	}})
	for _, c := range []struct {
		name, title, matter, category, status string
		kind                                  desk.Kind
		of                                    desk.Category
	}{
		{"judged an incident", "webshell", "", "", "open", desk.Incident, desk.Malware},
		{"judged a vulnerability", "port open", "", "", "open", desk.Vulnerability, ""},
		{"said to be a vulnerability", "webshell", "vulnerability", "", "open", desk.Vulnerability, ""},
		{"said to be an incident: the category is judged", "webshell", "incident", "", "open", desk.Incident, desk.Malware},
		{"said to be an incident that nobody knows", "port open", "incident", "", "open", desk.Incident, ""},
		{"a category is of an incident", "port open", "", "network_attack", "open", desk.Incident, desk.NetworkAttack},
		{"none", "webshell", "none", "", "open", "none", ""},
		{"fixed: it opens nothing", "webshell", "", "", "fixed", "", ""},
	} {
		it := base
		it.Title, it.Matter, it.Category, it.Status = c.title, c.matter, c.category, c.status
		f := d.input(it, "s", clock).Act.(desk.Found)
		if f.Matter != c.kind || f.Category != c.of {
			t.Errorf("%s: %q %q, want %q %q", c.name, f.Matter, f.Category, c.kind, c.of)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	d := New(Options{Mask: func(s string) string { return strings.ReplaceAll(s, "hunter2", "••••") }})
	it := base
	it.Title, it.Detail, it.TitleEn, it.DetailEn = "弱口令 hunter2", "root/hunter2", "weak password hunter2", "root/hunter2"
	f := d.input(it, "s", clock).Act.(desk.Found)
	for _, s := range []string{f.Title, f.Detail, f.TitleEn, f.DetailEn} {
		if !strings.Contains(s, "••••") || strings.Contains(s, "hunter2") {
			t.Errorf("%q", s)
		}
	}
}
