package bottest_test

import (
	"strings"
	"testing"

	"butler/bot/desk"
)

// TestFindingsAreMasked: a password that a scanner found reaches neither a card nor
// the store.
func TestFindingsAreMasked(t *testing.T) {
	s := newStage(t, people)
	secret := "Passw0rd!2026"
	f := desk.Found{Source: "scanner", ID: "1", Layer: desk.LayerHost, Asset: "mysql://root:" + secret + "@10.0.0.5", Title: "MySQL 弱口令 password=" + secret, Detail: "root password=" + secret, Severity: desk.High, SeenAt: s.clock.Now()}
	s.system("acme", f)
	f.ID, f.Asset = "2", "10.0.0.5"
	s.system("acme", desk.Looked{Source: desk.Probe, Findings: []desk.Found{f}})
	s.says("C0BACK", "U01", "/findings F1")
	s.says("C0FRONT", "U77", "/inspect")
	if len(s.slack.Sent) < 4 {
		t.Fatalf("only %d messages", len(s.slack.Sent))
	}
	for _, p := range s.slack.Sent {
		if strings.Contains(p.Card.String(), secret) {
			t.Errorf("a secret is shown:\n%s", p.Card)
		}
	}
	if d := s.desk("acme"); strings.Contains(string(d.EncodeHead()), secret) || strings.Contains(string(d.Cases[0].Encode()), secret) {
		t.Error("a secret is stored")
	}
}
