package commands

import "butler/bot/desk"

var triage = Command{
	Name:  "triage",
	Zh:    []string{"归类"},
	Act:   "triage",
	Usage: Words{"/归类 m7|编号 事件|漏洞|咨询|策略|新|无|#编号", "/triage m7|N incident|vulnerability|consultation|policy|new|none|#N"},
	About: Words{"更正对一条消息的理解：m7 是卡片上写的消息编号。",
		"Correct how a message was understood; m7 is the message's number on the card."},
	Examples: []Words{
		{"/归类 m7 事件", "/triage m7 incident"},
		{"/归类 m7 #12", "/triage m7 #12"},
		{"/归类 12 无", "/triage 12 none"},
	},
	Hidden: true,
	read: func(a *args) desk.Act {
		slip, ok := a.slip()
		if !ok {
			if why := a.one(); why != "" {
				return a.miss(why)
			}
			if !a.typed {
				return a.miss(desk.WhyMissingCase)
			}
		}
		act := desk.Sort{Slip: slip, Case: a.n}
		if as, ok := a.oneOf(outcomes); ok {
			act.As = as
			return act
		}
		into, rest, what := cutRef(a.rest)
		if what != number || into.n == 0 {
			return a.miss(desk.WhyBadArgument)
		}
		a.rest, act.Into = rest, into.n
		if into.customer != "" {
			a.customer = into.customer
		}
		return act
	},
}

// slip reads the number of a remembered message: m7, acme#m7.
func (a *args) slip() (n int, ok bool) {
	s := skip(a.rest)
	id, after := cutRun(s, func(r rune) bool { return latin(r) || digit(r) || r == '-' || r == '_' })
	hash := first(after) == '#'
	if hash {
		s, _ = cutFold(after, "#")
	}
	s, ok = cutFold(s, "m")
	if !ok {
		return 0, false
	}
	r, rest, digits := cutNumber(s)
	if digits == 0 || digits > maxDigits || r.n == 0 || r.hashed || !digit(first(s)) || !bounded(rest) {
		return 0, false
	}
	if hash {
		a.customer = foldWidth(id)
	}
	a.rest, a.typed = dropSeparators(rest), true
	a.bare = a.customer == ""
	return r.n, true
}

// outcomes are what a message can become, beside joining a case.
var outcomes = map[string]string{
	"new": "new", "新": "new", "新建": "new", "新问题": "new",
	"none": "none", "无": "none", "忽略": "none", "闲聊": "none",
	"incident": string(desk.Incident), "事件": string(desk.Incident), "安全事件": string(desk.Incident),
	"vulnerability": string(desk.Vulnerability), "vuln": string(desk.Vulnerability), "漏洞": string(desk.Vulnerability),
	"consultation": string(desk.Consultation), "咨询": string(desk.Consultation),
	"policy": string(desk.Policy), "策略": string(desk.Policy),
}
