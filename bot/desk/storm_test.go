package desk_test

import (
	"fmt"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestAStormOfFindings: as many findings as a desk takes come in one look, and one by
// one from a source, and are all gone again. Nobody is told of each of them; cases and
// pings stay few; what waits is in the summary.
func TestAStormOfFindings(t *testing.T) {
	for _, c := range []struct {
		name   string
		high   int // of how many findings one is severe
		matter desk.Kind
		cases  int
		most   int // notices that tell of them, and that tell of their end
	}{
		{"ten severe ones", 50, desk.Incident, 10, 50},
		{"all severe", 1, desk.Incident, desk.MaxFound, 5*desk.MaxFound + 1},
		{"ten sites down", 50, desk.MatterNone, 0, 10},
		{"all sites down", 1, desk.MatterNone, 0, desk.MaxAlone + 1},
		{"vulnerabilities", 1, "", desk.MaxFound, 5*desk.MaxFound + 1},
	} {
		var all []desk.Found
		for i := range desk.MaxFinding {
			f := desk.Found{Source: "scanner", ID: fmt.Sprint(i), Layer: desk.LayerApplication, Asset: fmt.Sprintf("https://%d.example.com", i), Title: "x", Severity: desk.Medium, Matter: c.matter}
			if i%c.high == 0 {
				f.Severity = desk.High
			}
			all = append(all, f)
		}
		for _, how := range []string{"one look", "one by one"} {
			t.Run(c.name+", "+how, func(t *testing.T) {
				m := newStory(t)
				send := func(fixed bool) (notices, pings, warnings int) {
					count := func() {
						for _, n := range m.ch.Notices {
							notices++
							switch n.Kind {
							case desk.NPing:
								pings++
							case desk.NWarned:
								warnings++
							}
						}
					}
					list := append([]desk.Found(nil), all...)
					for i := range list {
						list[i].Fixed = fixed
					}
					if how == "one look" {
						m.looks(desk.Looked{Findings: list})
						count()
						return
					}
					for _, f := range list {
						m.at(m.now.Sub(start)+time.Millisecond, desk.Input{Actor: system, Act: f})
						count()
					}
					return
				}
				notices, pings, warnings := send(false)
				if len(m.d.Cases) != c.cases || notices > c.most || pings > 2*c.cases || warnings > 1 || c.high == 1 && warnings != 1 {
					t.Errorf("%d cases; %d notices, of them %d pings and %d warnings", len(m.d.Cases), notices, pings, warnings)
				}
				if len(m.d.Findings) != desk.MaxFinding {
					t.Errorf("%d findings are kept", len(m.d.Findings))
				}
				if notices, _, _ = send(true); notices > c.most {
					t.Errorf("%d notices tell that they are gone", notices)
				}
				s := m.summary()
				if n := len(s.Decide) + len(s.Told); n < desk.MaxFinding-c.cases {
					t.Errorf("the summary knows %d of them", n)
				}
			})
		}
	}
	// The next day somebody hears of a site that is down again.
	m := newStory(t)
	down := desk.Found{Source: "scanner", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "x", Severity: desk.High, Matter: desk.MatterNone}
	for i := range desk.MaxAlone + 2 {
		down.ID = fmt.Sprint(i)
		m.do(desk.Input{Actor: system, Act: down})
		if told := m.told(desk.NFound, desk.Back) != nil; told != (i < desk.MaxAlone) {
			t.Errorf("finding %d: told %v", i, told)
		}
	}
	down.ID = "the next day"
	if m.at(25*time.Hour, desk.Input{Actor: system, Act: down}); m.told(desk.NFound, desk.Back) == nil {
		t.Error("nobody hears of it the next day")
	}
}
