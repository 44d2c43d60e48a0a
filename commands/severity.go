package commands

import "butler/bot/desk"

var severity = Command{
	Name:  "severity",
	Zh:    []string{"级别", "定级"},
	Act:   "severity",
	Usage: Words{"/级别 [编号] 高|中|低 [原因]", "/severity [N] high|medium|low [REASON]"},
	About: Words{"设定漏洞的级别；调低时要写原因。",
		"Set the severity of a vulnerability; lowering it needs a reason."},
	Examples: []Words{
		{"/级别 12 高", "/severity 12 high"},
		{"/级别 12 低 仅内网可达", "/severity 12 low Reachable from the intranet only"},
	},
	read: func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		s, ok := a.oneOf(severities)
		if !ok {
			return a.miss(desk.WhyBadSeverity)
		}
		if !a.typed { // 级别 高 12
			if why := a.oneBeforeText(); why != "" {
				return a.miss(why)
			}
		}
		return desk.SetSeverity{Case: a.n, Severity: desk.Severity(s), Reason: a.text()}
	},
}

// severities are the words for the three levels (whitepaper §5 漏洞管理).
var severities = map[string]string{
	"high": string(desk.High), "高": string(desk.High), "高危": string(desk.High),
	"medium": string(desk.Medium), "中": string(desk.Medium), "中危": string(desk.Medium),
	"low": string(desk.Low), "低": string(desk.Low), "低危": string(desk.Low),
}
