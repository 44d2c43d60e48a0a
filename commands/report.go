package commands

import (
	"strings"

	"butler/bot/desk"
)

var report = Command{
	Name:  "report",
	Zh:    []string{"报告", "上报"},
	Act:   "report",
	Usage: Words{"/报告 [事件|漏洞|咨询|策略] [紧急|普通|高危|中危|低危] 内容", "/report [incident|vulnerability|consultation|policy] [urgent|normal|high|medium|low] TEXT"},
	About: Words{"上报一件事；没有写明类别时，由内容判断。",
		"Report something; what you leave out is judged from the text."},
	Examples: []Words{
		{"/报告 事件 紧急 数据库主机出现勒索提示", "/report incident urgent Ransom note on the database host"},
		{"/报告 漏洞 高危 网关存在未授权访问", "/report vulnerability high Unauthenticated access to the gateway"},
		{"/报告 官网首页被篡改", "/report Our home page was defaced"},
	},
	read: func(a *args) desk.Act {
		if r, rest, what := cutRef(a.rest); what == number && r.n == 0 { // /report acme# …
			a.take(r, rest)
		}
		var s spec
		for s.next(a) {
		}
		text := a.text()
		if text == "" {
			return a.miss(desk.WhyMissingText)
		}
		return s.report(text)
	},
	loose: func(a *args, act desk.Act) bool {
		r, ok := act.(desk.Report)
		if !ok || r.Kind == "" || asks(r.Text) {
			return false
		}
		// "report incident numbers for last month": in English the kind alone
		// is not enough.
		return !latin(first(a.word)) || r.Urgent != nil || r.Severity != ""
	},
}

// spec is what a report says of itself before its text.
type spec struct {
	kind  desk.Kind
	level string
}

// next reads one more word of the specification: a kind, a level, or both in
// one word (紧急事件, 高危漏洞). Each counts once; a second one begins the text.
func (s *spec) next(a *args) bool {
	word, rest := cutWord(a.rest)
	got := *s
	for word != "" {
		switch kind, level := prefix(word, kinds), prefix(word, levels); {
		case level != "" && got.level == "":
			got.level, word = levels[level], word[len(level):]
		case kind != "" && got.kind == "":
			got.kind, word = desk.Kind(kinds[kind]), word[len(kind):]
		default:
			return false
		}
		if word != "" && latin(first(word)) {
			return false // "normally", "highcpu"
		}
	}
	if got == *s {
		return false
	}
	*s, a.rest = got, rest
	return true
}

// prefix returns the longest word of the table at the beginning of word.
func prefix(word string, table map[string]string) string {
	best := ""
	for w := range table {
		if len(w) > len(best) && strings.HasPrefix(word, w) {
			best = w
		}
	}
	return best
}

// report builds the act. Only incidents are urgent and only vulnerabilities
// have a severity, so a level says the kind when nothing else does, and the
// other scale's word is taken for its nearest.
func (s spec) report(text string) desk.Report {
	r := desk.Report{Kind: s.kind, Text: text}
	scale := s.level == "urgent" || s.level == "normal"
	if r.Kind == "" && s.level != "" {
		r.Kind = desk.Vulnerability
		if scale {
			r.Kind = desk.Incident
		}
	}
	switch {
	case s.level == "":
	case r.Kind == desk.Vulnerability && scale:
		if s.level == "urgent" {
			r.Severity = desk.High
		}
	case r.Kind == desk.Vulnerability:
		r.Severity = desk.Severity(s.level)
	case r.Kind == desk.Incident:
		urgent := s.level == "urgent" || s.level == "high"
		r.Urgent = &urgent
	}
	return r
}

// asks reports whether a text is a question.
func asks(text string) bool {
	text = strings.TrimRightFunc(text, func(r rune) bool { return r == '\n' || blank(r) || closer(r) })
	for _, end := range []string{"?", "？", "吗", "呢", "没有", "怎么样", "怎样"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

// kinds are the words for what a report is about.
var kinds = map[string]string{
	"incident": string(desk.Incident), "事件": string(desk.Incident), "安全事件": string(desk.Incident),
	"vulnerability": string(desk.Vulnerability), "vuln": string(desk.Vulnerability), "漏洞": string(desk.Vulnerability), "安全漏洞": string(desk.Vulnerability),
	"consultation": string(desk.Consultation), "咨询": string(desk.Consultation), "架构咨询": string(desk.Consultation),
	"policy": string(desk.Policy), "策略": string(desk.Policy), "安全策略": string(desk.Policy),
}

// levels are the words for how urgent or severe it is.
var levels = map[string]string{
	"urgent": "urgent", "紧急": "urgent", "加急": "urgent",
	"normal": "normal", "普通": "normal", "非紧急": "normal", "一般": "normal",
	"high": "high", "高危": "high", "medium": "medium", "中危": "medium", "low": "low", "低危": "low",
}
