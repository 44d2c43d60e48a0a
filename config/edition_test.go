package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"butler/sla"
)

// The table of design §11, which is the table of the whitepaper's chapter 5. A
// dash is a matter the edition does not include, 0 a time the paper does not name.
func TestTheContract(t *testing.T) {
	const (
		dash = time.Duration(-1)
		m15  = 15 * time.Minute
		h    = time.Hour
	)
	type promise struct {
		respond, resolve time.Duration
		safeDays         int
		scope            string
	}
	no := promise{respond: dash}
	escort := map[sla.Matter]promise{
		sla.IncidentUrgent: {m15, 0, 15, ""}, sla.IncidentNormal: {h, 0, 15, ""},
		sla.VulnHigh: {respond: m15}, sla.VulnMedium: {respond: h}, sla.VulnLow: {respond: 4 * h},
		sla.Consultation: {respond: h}, sla.Policy: {respond: h}, sla.Onboarding: {},
	}
	want := map[string]map[sla.Matter]promise{
		"emergency": {
			sla.IncidentUrgent: {m15, 120 * h, 15, ""}, sla.IncidentNormal: {m15, 120 * h, 15, ""},
			sla.VulnHigh: no, sla.VulnMedium: no, sla.VulnLow: no, sla.Consultation: no,
			sla.Policy: {h, 0, 0, "incident"}, sla.Onboarding: {},
		},
		"escort":     escort,
		"enterprise": escort,
	}
	scopes := map[string]string{"emergency": "incident", "escort": "key", "enterprise": "named"}
	names := map[string]string{"emergency": "应急版 Emergency", "escort": "护航版 Escort", "enterprise": "企业版 Enterprise"}

	all := Editions()
	if len(all) != 3 {
		t.Fatalf("%d editions, want 3", len(all))
	}
	for id, e := range all {
		if e.Inspection.Scope != scopes[id] || e.Inspection.Clause == "" || e.Called("zh-CN")+" "+e.Called("en") != names[id] {
			t.Errorf("%s: %+v", id, e)
		}
		for i, row := range e.Rows {
			if row.Matter != sla.Matters[i] || row.Clause == "" {
				t.Errorf("%s row %d: %s with clause %q; want %s", id, i, row.Matter, row.Clause, sla.Matters[i])
			}
			got := promise{row.Respond, row.Resolve, row.SafeDays, row.Scope}
			if !row.Included {
				got.respond = dash
			}
			if got != want[id][row.Matter] {
				t.Errorf("%s %s: %+v, want %+v", id, row.Matter, got, want[id][row.Matter])
			}
			ladder := sla.DefaultLadder.String()
			switch {
			case row.Matter == sla.Onboarding:
				ladder = "0 primary,tam; 1/2 tam,primary; 1 manager"
				if row.RespondWorkdays != 1 {
					t.Errorf("%s: first contact within %d working days", id, row.RespondWorkdays)
				}
			case !row.Included:
				ladder = ""
			}
			if row.Ladder.String() != ladder {
				t.Errorf("%s %s: ladder %s, want %s", id, row.Matter, row.Ladder, ladder)
			}
		}
	}
}

func TestAnEditionOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	src, err := embedded.ReadFile("editions/enterprise.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ours.yaml", strings.Replace(string(src), "incident.urgent, respond: 15m", "incident.urgent, respond: 10m", 1))
	write("gold.yaml", strings.Replace(string(src), "id: enterprise", "id: gold", 1))
	text := strings.Replace(base, "people:", "editions: {enterprise: ours.yaml, gold: gold.yaml}\npeople:", 1) +
		"  - {id: nova, name: 新星, edition: gold, front: \"slack:C3\", back: \"slack:C4\"}\n"
	c, err := Parse("butler.yaml", dir, []byte(text), Options{Env: withApp})
	if err != nil {
		t.Fatal(err)
	}
	if row, _ := c.Terms()["acme"].Edition.Row(sla.IncidentUrgent); row.Respond != 10*time.Minute {
		t.Errorf("our own enterprise edition answers in %s", row.Respond)
	}
	if c.Terms()["nova"].Edition.ID != "gold" {
		t.Error("a fourth edition")
	}
	if !reflect.DeepEqual(c.Editions["escort"], Editions()["escort"]) {
		t.Error("an edition that was not laid over changed")
	}

	wrong := strings.Replace(base, "people:", "editions: {escort: ours.yaml}\npeople:", 1)
	if _, err := Parse("butler.yaml", dir, []byte(wrong), Options{Env: withApp}); err == nil ||
		!strings.Contains(err.Error(), "holds the edition enterprise, not escort") {
		t.Errorf("a file of another edition: %v", err)
	}
}
