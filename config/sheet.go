package config

import (
	"fmt"
	"strings"
	"time"

	"butler/sla"
)

// PromiseSheet writes an edition as a Markdown table, one line per matter with
// its clause of the whitepaper, in zh-CN or en. It shows what the engine does:
// the rungs are those of the ladder, at their real times.
func PromiseSheet(lang string, e sla.Edition) string {
	w := sheetWords[lang == "en"]
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", fmt.Sprintf(w.title, e.Called(lang), e.ID))
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(w.head, " | "), strings.Repeat("---|", len(w.head)))
	for _, row := range e.Rows {
		cells := []string{w.matters[row.Matter], w.none, w.none, w.none, w.none, row.Clause}
		if !row.Included {
			cells[1] = w.excluded
		} else {
			cells[1] = w.respond(row, lang)
			if row.Resolve > 0 {
				cells[2] = sla.Span(row.Resolve, lang)
			}
			if row.SafeDays > 0 {
				cells[3] = sla.Span(time.Duration(row.SafeDays)*24*time.Hour, lang)
			}
			cells[4] = w.ladder(row, lang)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&b, "\n%s\n", fmt.Sprintf(w.inspection, w.scopes[e.Inspection.Scope], e.Inspection.Clause))
	return b.String()
}

// sheet is the words of a promise sheet in one language.
type sheet struct {
	title, none, excluded, inspection string
	head                              []string
	matters                           map[sla.Matter]string
	scopes                            map[string]string
	roles                             map[sla.Role]string
	workday                           [2]string // one, several
	whileIncident, and, rungs         string
}

func (w sheet) respond(row sla.Row, lang string) string {
	text := sla.Span(row.Respond, lang)
	if row.RespondWorkdays > 0 {
		text = fmt.Sprintf(w.workday[min(row.RespondWorkdays-1, 1)], row.RespondWorkdays)
	}
	if row.Scope == "incident" {
		text += w.whileIncident
	}
	return text
}

// ladder writes the rungs at their times after the start; as fractions where
// the length depends on the calendar.
func (w sheet) ladder(row sla.Row, lang string) string {
	var rungs []string
	for _, s := range row.Ladder {
		at := fmt.Sprintf("%d/%d", s.Num, s.Den)
		if s.Num == 0 || s.Breach() {
			at = fmt.Sprint(s.Num)
		}
		if row.Respond > 0 {
			at = "0"
			if d := s.At(time.Time{}.Add(row.Respond), row.Respond).Sub(time.Time{}); d > 0 {
				at = sla.Span(d, lang)
			}
		}
		var who []string
		for _, role := range s.Who {
			who = append(who, w.roles[role])
		}
		rungs = append(rungs, at+" "+strings.Join(who, w.and))
	}
	return strings.Join(rungs, w.rungs)
}

var sheetWords = map[bool]sheet{
	false: {
		title: "%s（%s）", none: "—", excluded: "不含",
		head: []string{"事项", "响应", "解决", "安全保障期", "升级阶梯", "依据"},
		matters: map[sla.Matter]string{
			sla.IncidentUrgent: "紧急安全事件", sla.IncidentNormal: "非紧急安全事件",
			sla.VulnHigh: "高危漏洞", sla.VulnMedium: "中危漏洞", sla.VulnLow: "低危漏洞",
			sla.Consultation: "安全架构咨询", sla.Policy: "安全策略管理", sla.Onboarding: "首次沟通",
		},
		inspection: "每日巡检：%s（%s）",
		scopes:     map[string]string{"incident": "事件相关业务，自受理至安全保障期结束", "key": "重点业务", "named": "指定云上业务"},
		roles:      map[sla.Role]string{sla.Primary: "主值班", sla.Backup: "备值班", sla.Manager: "值班经理", sla.TAM: "技术经理"},
		workday:    [2]string{"%d 个工作日", "%d 个工作日"}, whileIncident: "（限本次事件）", and: "、", rungs: "；",
	},
	true: {
		title: "%s (%s)", none: "—", excluded: "not included",
		head: []string{"Matter", "Response", "Solution", "Safe period", "Ladder", "Clause"},
		matters: map[sla.Matter]string{
			sla.IncidentUrgent: "Urgent incident", sla.IncidentNormal: "Incident, not urgent",
			sla.VulnHigh: "Vulnerability, high", sla.VulnMedium: "Vulnerability, medium", sla.VulnLow: "Vulnerability, low",
			sla.Consultation: "Architecture consultation", sla.Policy: "Security policy", sla.Onboarding: "First contact",
		},
		inspection: "Daily inspection: %s (%s)",
		scopes:     map[string]string{"incident": "the business an incident touches, until its safe period ends", "key": "key business", "named": "named cloud business"},
		roles:      map[sla.Role]string{sla.Primary: "primary", sla.Backup: "backup", sla.Manager: "duty manager", sla.TAM: "TAM"},
		workday:    [2]string{"%d working day", "%d working days"}, whileIncident: " (for the incident at hand)", and: ", ", rungs: "; ",
	},
}
