package commands

import (
	"reflect"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestFindings: a finding is found in every way people write it, and what is
// missing or wrong is said.
func TestFindings(t *testing.T) {
	day := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	accepted := desk.Accept{Finding: 12, Until: day, Reason: "旧系统年底下线"}
	for _, c := range []struct {
		text     string
		want     desk.Act
		customer string
	}{
		{"/findings", desk.Query{What: "findings"}, ""},
		{"/findings f12", desk.Query{What: "findings", Finding: 12}, ""},
		{"/findings Ｆ１２", desk.Query{What: "findings", Finding: 12}, ""},
		{"/巡检发现 acme#F12", desk.Query{What: "findings", Finding: 12}, "acme"},
		{"/findings acme#", desk.Query{What: "findings"}, "acme"},
		{"/fix 发现12", desk.Fix{Finding: 12}, ""},
		{"/retest F12", desk.Retest{Finding: 12}, ""},
		{"/retest #F12。", desk.Retest{Finding: 12}, ""},
		{"/accept F12 until 2026-12-31 旧系统年底下线", accepted, ""},
		{"/accept acme#F12 2026-12-31 旧系统年底下线", accepted, "acme"},
		{"/接受风险 F12 至２０２６年12月31日，旧系统年底下线", accepted, ""},
		{"/accept F12 2026/12/31: 旧系统年底下线", accepted, ""},
		{"/accept F12 2026年12月31号 旧系统年底下线", accepted, ""},
		{"/accept F12 90天 等补丁", desk.Accept{Finding: 12, Days: 90, Reason: "等补丁"}, ""},
		{"/accept F12 90d vendor's patch", desk.Accept{Finding: 12, Days: 90, Reason: "vendor's patch"}, ""},
		{"/inspect last", desk.InspectNow{Last: true}, ""},
		{"/巡检 上次", desk.InspectNow{Last: true}, ""},
	} {
		r := Read(c.text, Context{Staff: true})
		if !reflect.DeepEqual(r.Act, c.want) || r.Customer != c.customer {
			t.Errorf("%s: %+v of %q, want %+v of %q", c.text, r.Act, r.Customer, c.want, c.customer)
		}
	}
	for text, why := range map[string]string{
		"/accept":                          desk.WhyMissingFinding,
		"/accept 12 2026-12-31 x":          desk.WhyMissingFinding, // a case, perhaps
		"/accept F12":                      desk.WhyMissingReason,
		"/accept F12 2026-12-31":           desk.WhyMissingReason,
		"/accept F12 because":              desk.WhyBadDay,
		"/accept F12 2026-02-30 x":         desk.WhyBadDay,
		"/accept F12 0d x":                 desk.WhyBadDay,
		"/accept F12 99999999999999 x":     desk.WhyBadDay,
		"/fix F12 nobody-of-ours":          desk.WhyUnknownPerson,
		"/retest":                          desk.WhyMissingFinding,
		"/retest F":                        desk.WhyMissingFinding,
		"/retest F99999999999999999999999": desk.WhyMissingFinding,
	} {
		if m, ok := Read(text, Context{Staff: true}).Act.(desk.Misread); !ok || m.Why != why {
			t.Errorf("%s: %+v, want %s", text, m, why)
		}
	}
	// Words that only look like it are no command.
	for _, text := range []string{"修复 了吗", "复测 什么时候做", "接受风险 是什么意思"} {
		if r := Read(text, Context{Addressed: true}); r.Act != nil {
			t.Errorf("@ %s: %+v", text, r.Act)
		}
	}
}
