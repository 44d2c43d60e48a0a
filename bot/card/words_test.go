package card

import (
	"go/ast"
	"maps"
	"reflect"
	"slices"
	"testing"

	"butler/bot/desk"
	"butler/sla"
)

// TestEveryIdHasAWord asks both languages for every id that the rules and the
// contract know.
func TestEveryIdHasAWord(t *testing.T) {
	var ids []any
	add := func(list ...any) { ids = append(ids, list...) }
	add(desk.Incident, desk.Vulnerability, desk.Consultation, desk.Policy, desk.Onboarding,
		desk.High, desk.Medium, desk.Low,
		desk.Malware, desk.NetworkAttack, desk.DataDestruction, desk.ContentSecurity,
		desk.Open, desk.Resolved, desk.Closed,
		desk.Expert, desk.Manager, desk.Admin, desk.CustomerSide, desk.System,
		sla.Primary, sla.Backup, sla.Manager, sla.TAM)
	for _, m := range sla.Matters {
		add(m)
	}
	for _, l := range desk.Layers {
		add(l)
	}
	for _, id := range ids {
		for _, lang := range Languages {
			if _, ok := tables[lang][domainOf[typeOf(id)]][stringOf(id)]; !ok {
				t.Errorf("%s has no word for %T %q", lang, id, id)
			}
		}
	}

	events := eventKinds(t)
	for domain, list := range map[string][]string{
		"stage":   slices.Concat(desk.Stages(desk.Incident), desk.Stages(desk.Vulnerability), desk.Stages(desk.Onboarding)),
		"why":     desk.Whys,
		"state":   {"ok", "attention", "alarm", "unconnected"},
		"item":    {"new", "changed", "fixed", "closed", "again", "passed"},
		"finding": {"undecided", string(desk.PlanFix), string(desk.PlanAccept), "fixed", "case", "stale"},
		"note":    {"leave-over", "leave-ends", "no-asset"}, "retest": {"retest-passed", "retest-waits", "retest-failed", "source-fixed", "back-again", "asset-left"},
		"label":  {"incident", "vulnerability", "consultation", "policy", desk.OutOfScope, desk.Chatter},
		"choice": {"incident", "vulnerability", "consultation", "policy", "none", "new"},
		"phase":  {"phase1", "phase2", "phase3", "phase4", "phase5", "phase6"},
		"clock":  {"respond", "resolve"},
		"timer": {string(desk.DueRung), string(desk.DueBreach), string(desk.DueRemind), string(desk.DueSolveRung), string(desk.DueSolve), string(desk.DueCheck),
			string(desk.DueSafe), string(desk.DueInspection), string(desk.DueOnboarding), string(desk.DueAutoclose), string(desk.DueArchive), string(desk.DueSilence), string(desk.DueAccepted)},
		"event": append(events, "clock-start", "clock-raise", "clock-lower", "clock-pause", "clock-resume", "clock-stop", "clock-again", "resolve-warned", "resolve-breached"),
	} {
		for _, id := range list {
			for _, lang := range Languages {
				if _, ok := tables[lang][domain][id]; !ok {
					t.Errorf("%s has no word for %s %q", lang, domain, id)
				}
			}
		}
	}
	if len(events) < 40 {
		t.Errorf("only %d kinds of events were found in the rules: the reader of the rules is out of date", len(events))
	}
}

// eventKinds reads the rules for the kinds of events that they write.
func eventKinds(t *testing.T) []string {
	kinds := map[string]bool{}
	rules(t, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "logBy" {
				kinds[literal(n.Args[0])] = true
			}
		case *ast.CompositeLit:
			if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Event" {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Kind" {
						kinds[literal(kv.Value)] = true
					}
				}
			}
		case *ast.ValueSpec: // the kinds of notices are kinds of events
			if id, ok := n.Type.(*ast.Ident); ok && id.Name == "NoticeKind" && len(n.Values) == 1 {
				kinds[literal(n.Values[0])] = true
			}
		}
	})
	delete(kinds, "")
	return slices.Sorted(maps.Keys(kinds))
}

// TestLanguagesHaveTheSameWords: the same ids in both, none empty.
func TestLanguagesHaveTheSameWords(t *testing.T) {
	for _, domain := range slices.Sorted(maps.Keys(chinese)) {
		if !slices.Contains(domains, domain) {
			t.Errorf("domain %q is in no list of domains", domain)
		}
		if zh, en := slices.Sorted(maps.Keys(chinese[domain])), slices.Sorted(maps.Keys(english[domain])); !slices.Equal(zh, en) {
			t.Errorf("%s differs:\n%v\n%v", domain, zh, en)
		}
		for id := range chinese[domain] {
			if chinese[domain][id] == "" || english[domain][id] == "" {
				t.Errorf("%s %q is an empty word", domain, id)
			}
		}
	}
	if len(chinese) != len(english) || len(chinese) != len(domains) {
		t.Errorf("%d domains in zh-CN, %d in en, %d listed", len(chinese), len(english), len(domains))
	}
}

func TestWord(t *testing.T) {
	for _, c := range []struct {
		lang string
		id   any
		want string
	}{
		{"zh-CN", desk.Incident, "安全事件"},
		{"zh-CN", desk.Open, "处理中"},
		{"zh-CN", "again", "再次出现"},
		{"zh-CN", desk.Malware, "有害程序事件（GB/T 20986-2023：恶意程序事件）"},
		{"en", desk.DataDestruction, "Data destruction (GB/T 20986-2023: data security)"},
		{"en", sla.TAM, "technical account manager"},
		{"fr", desk.High, "高危"},
		{"en", "no id at all", "no id at all"},
		{"en", desk.Kind("unheard of"), "unheard of"},
		{"en", 12, ""},
		{"en", nil, ""},
	} {
		if got := Word(c.lang, c.id); got != c.want {
			t.Errorf("Word(%s, %v) = %q, want %q", c.lang, c.id, got, c.want)
		}
	}
}

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func stringOf(v any) string { return reflect.ValueOf(v).String() }
