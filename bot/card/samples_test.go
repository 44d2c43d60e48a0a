package card

import (
	"time"

	"butler/bot/desk"
)

// sample is one filling of a sheet for the goldens.
type sample struct {
	name   string
	facts  desk.Facts
	inside *desk.Inside
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

var (
	two     = at("2026-11-23T02:00:00+08:00") // the report
	half    = two.Add(12 * time.Minute)       // some minutes later
	quarter = two.Add(15 * time.Minute)       // the promise
	days5   = two.Add(5 * 24 * time.Hour)
	solved  = at("2026-11-23T05:30:00+08:00")
	safeEnd = at("2026-12-09T00:00:00+08:00")
)

// common is what every notice carries, about no case.
func common(f desk.Facts) desk.Facts {
	f.Customer, f.Edition, f.Zone, f.Now = "示例科技", "应急版", "Asia/Shanghai", half
	return f
}

// incident is a case as it stands after the report.
func incident(f desk.Facts) desk.Facts {
	f = common(f)
	f.N, f.Ref, f.Kind, f.Urgent, f.Category = 12, "12", desk.Incident, true, desk.Malware
	f.Title, f.Status, f.Reporter, f.Opened = "数据库主机出现勒索提示", desk.Open, "李华", two
	f.Clause = "§5 安全事件管理"
	if f.Why == "" {
		f.Why = "提到“勒索”"
	}
	if f.Phase == 0 {
		f.Phase = desk.PhaseWaiting
	}
	for i, id := range desk.Stages(desk.Incident) {
		f.Stages = append(f.Stages, desk.Item{State: id, Done: f.Stage != "" && i < 2})
	}
	switch f.Phase {
	case desk.PhaseWaiting, desk.PhaseClaimed:
		f.RespondBy, f.ResolveBy = quarter, days5
		f.Told = []desk.Item{{Label: "张工", At: two, Done: true}, {Label: "陈经理", At: two}}
	case desk.PhaseResponded, desk.PhasePaused:
		f.RespondedAt, f.Took, f.ResolveBy = half, 6*time.Minute+12*time.Second, days5
	case desk.PhaseResolved:
		f.Status, f.RespondedAt, f.Took = desk.Resolved, half, 6*time.Minute+12*time.Second
		f.ResolvedAt, f.SafeUntil, f.Days, f.Summary = solved, safeEnd, 15, "已隔离主机并清除后门，业务已恢复。"
	case desk.PhaseClosed:
		f.Status = desk.Closed
	}
	if f.Phase > desk.PhaseWaiting {
		f.Expert = "张工"
	}
	return f
}

func in(i desk.Inside) *desk.Inside { return &i }

// ladder is the inside of a rung.
func ladder(rung int) *desk.Inside {
	return &desk.Inside{Rung: rung, Of: 5, Next: "王工", NextAt: two.Add(8 * time.Minute)}
}

var cases = []desk.Item{
	{N: 12, Label: "#12", Value: "数据库主机出现勒索提示", State: "phase2", At: quarter},
	{N: 9, Label: "#9", Value: "官网首页被篡改", State: "phase5", At: safeEnd},
}

var promises = []desk.Item{
	{State: "incident.urgent", Label: "15 分", Value: "§5 安全事件管理"},
	{State: "consultation", Label: "1 小时", Value: "§5 安全架构咨询"},
	{State: "policy", Value: "§5 安全策略管理"},
}

var duty = []desk.Item{{State: "tam", Label: "陈经理"}, {State: "primary", Label: "张工"}, {State: "backup", Label: "王工"}, {State: "manager", Label: "陈经理"}}

var sums = []desk.Item{
	{State: "respond", Value: "11-23 02:00 (UTC+8)  开始，承诺 15 分 → 最迟 11-23 02:15 (UTC+8)"},
	{State: "respond", Value: "= 最迟 11-23 02:15 (UTC+8)"},
}

var story = []desk.Item{
	{At: two, State: "opened", Label: "李华", Value: "数据库主机出现勒索提示", N: 12},
	{At: two, State: "clock-start", Label: "李华", Value: "respond", N: 12},
	{At: half, State: "stage", Label: "张工", Value: "contain", N: 12},
	{At: half, State: "added", Label: "李华", Value: "data", N: 12},
}

var day1 = desk.Facts{
	Adds: 2, From: two.Add(-17 * time.Hour), Items: cases,
	Told: []desk.Item{{N: 14, Label: "#14", Value: "后台出现陌生登录", State: "new", Kind: "phase1", At: quarter},
		{Label: "F3", Value: "3306 端口暴露在公网", State: "fixed", Kind: "high", Who: "203.0.113.5", At: two},
		{Label: "F6", Value: "网站无法访问", State: "passed", Kind: "medium", Who: "https://www.example.com", At: two.Add(-6 * time.Hour)}, {N: 7, Label: "#7", Value: "钓鱼邮件", State: "closed", Kind: "phase6"}},
	Layers: []desk.Item{{Label: "product", State: "unconnected"}, {Label: "network", State: "ok"}, {Label: "host", State: "alarm", N: 2}, {Label: "application", State: "attention", N: 1, Of: 1}, {Label: "data", State: "unconnected"}},
	Decide: []desk.Item{{N: 12, Label: "#12", Value: "能否停机两小时？", State: "asked"}, {N: 9, Label: "#9", Value: "官网首页被篡改", State: "confirm", Command: "/confirm 9"},
		{N: 8, Label: "F8", Value: "证书将在 12 天后到期", State: "finding", Kind: "medium", Who: "https://www.example.com", Of: 2, Command: "/fix F8"},
		{N: 9, Label: "F9", Value: "/.git/HEAD 可以下载", State: "finding", Kind: "high", Who: "https://shop.example.com", Done: true, Command: "/fix F9"}},
	Ageing: []desk.Item{{Label: "F2", Value: "缺少 SPF 记录", State: "low", Of: 21, Who: "李华"}},
	Taken:  []desk.Item{{Label: "F1", Value: "TLS 1.0 仍然可用", State: "medium", At: at("2027-01-01T00:00:00+08:00"), Who: "李华"}},
	Notes:  []desk.Item{{State: "leave-ends", At: at("2026-12-01T00:00:00+08:00"), Who: "李华"}},
	Tries:  144, Good: 143,
	Chart: []desk.Day{{Date: "2026-11-21", High: 1, Medium: 2, Tries: 144, Good: 144}, {Date: "2026-11-22", Medium: 2, Low: 1}, {Date: "2026-11-23", High: 1, Medium: 1, Low: 1, Tries: 144, Good: 143}},
}

// evidenceFor is what a staff sheet shows of a finding; nil in the front.
func evidenceFor(sheet string) *desk.Inside {
	if sheet[max(0, len(sheet)-5):] != ".back" {
		return nil
	}
	return &desk.Inside{Owner: "probe", Note: "HTTP 200, ref: refs/heads/main", Lines: []desk.Internal{"F9 https://shop.example.com · HTTP 200, ref: refs/heads/main · probe"}}
}

// samples returns the fillings of a sheet: rich ones, and the edges where
// optional fields are empty. The reasons in them are in the language of their reader.
func samples(sheet, lang string) []sample {
	why := func(en, zh string) desk.Internal { return desk.Because(en, zh).In(lang) }
	one := func(f desk.Facts) []sample { return []sample{{name: "rich", facts: f}} }
	staff := func(f desk.Facts, i *desk.Inside) []sample { return []sample{{"rich", f, i}} }
	with := func(f desk.Facts, change func(*desk.Facts)) desk.Facts { change(&f); return f }
	choices := []desk.Item{
		{N: 12, Label: "#12", Value: "数据库主机出现勒索提示", State: "incident", Command: "/triage m7 #12"},
		{N: 9, Label: "#9", Value: "官网首页被篡改", State: "incident", Command: "/triage m7 #9"},
		{State: "new", Command: "/triage m7 new"}}
	sortItems := []desk.Item{{State: "incident", Command: "/triage m7 incident"}, {State: "none", Command: "/triage m7 none"}}
	help := []desk.Item{{Label: "/report 内容", Value: "报告一个问题"}, {Label: "/urgent 编号", Value: "加急"}}
	timers := []desk.Item{{At: two.Add(5 * time.Minute), State: "rung", Label: "#12", N: 12, Value: "2", Of: 5}, {At: quarter, State: "due", Label: "#12", N: 12}, {At: at("2026-11-23T09:00:00+08:00"), State: "inspection"}}

	switch sheet {
	case "board", "board.back":
		var all []sample
		phases := []struct {
			name string
			f    desk.Facts
		}{
			{"waiting", incident(desk.Facts{})},
			{"claimed", incident(desk.Facts{Phase: desk.PhaseClaimed})},
			{"responded", incident(desk.Facts{Phase: desk.PhaseResponded, Stage: "contain", Adds: 1, Last: desk.Words{By: "李华", Text: "备份也打不开", At: half, Slip: 8}})},
			{"paused", incident(desk.Facts{Phase: desk.PhasePaused, Waiting: "能否停机两小时？\n需要做磁盘镜像。", WaitingAt: half})},
			{"resolved", incident(desk.Facts{Phase: desk.PhaseResolved})},
			{"closed, merged", with(incident(desk.Facts{Phase: desk.PhaseClosed, Other: 9}), func(f *desk.Facts) { f.Expert = "" })},
			{"missed", incident(desk.Facts{Missed: true})},
			{"answered late", incident(desk.Facts{Phase: desk.PhaseResponded, Missed: true})},
			{"not urgent", with(incident(desk.Facts{}), func(f *desk.Facts) { f.Urgent, f.Category = false, "" })},
			{"vulnerability, bare", common(desk.Facts{N: 3, Ref: "acme#3", Kind: desk.Vulnerability, Severity: desk.High, Title: "Log4j2 远程执行", Status: desk.Open, Phase: desk.PhaseWaiting, Opened: two, RespondBy: quarter})},
			{"policy, no promise", common(desk.Facts{N: 4, Ref: "4", Kind: desk.Policy, Title: "希望收紧安全组", Status: desk.Open, Phase: desk.PhaseResponded, Reporter: "李华", Opened: two})},
		}
		for _, p := range phases {
			s := sample{name: p.name, facts: p.f}
			if sheet == "board.back" {
				s.inside = ladder(0)
				s.inside.Owner = p.f.Expert
				if p.name == "missed" {
					s.inside.Skips = []desk.Internal{why("王工: no account on the platform of the back room", "王工：没有专家群所在平台的账号")}
				}
			}
			all = append(all, s)
		}
		return all
	case "added":
		return []sample{{name: "rich", facts: incident(desk.Facts{Text: "备份也打不开", Slip: 8})}, {name: "assist", facts: incident(desk.Facts{Label: "assist", Phase: desk.PhaseResolved})}}
	case "added.back":
		return []sample{
			{"rich", incident(desk.Facts{Text: "备份也打不开\n日志见附件", By: "李华"}), in(desk.Inside{Owner: "张工"})},
			{"deleted", incident(desk.Facts{Label: "deleted"}), in(desk.Inside{})},
			{"edited", incident(desk.Facts{Label: "edited", Text: "备份可以打开", By: "李华"}), nil}}
	case "responded", "responded.back":
		return one(incident(desk.Facts{Phase: desk.PhaseResponded, By: "张工", Text: "我是张工，正在排查。\n请先不要重启主机。"}))
	case "asked", "asked.back":
		return []sample{
			{name: "rich", facts: incident(desk.Facts{Phase: desk.PhasePaused, By: "张工", Text: "能否停机两小时？"})},
			{name: "no time to resolve", facts: with(incident(desk.Facts{Phase: desk.PhasePaused, Text: "能否停机两小时？"}), func(f *desk.Facts) { f.ResolveBy = time.Time{} })}}
	case "choose", "choose.back":
		return one(common(desk.Facts{Text: "现在又打不开了", Slip: 7, Items: choices}))
	case "sort", "sort.back":
		return one(common(desk.Facts{Text: "服务器有点慢", Slip: 7, Label: "incident", Items: sortItems}))
	case "refused", "refused.back":
		return []sample{
			{name: "unknown command", facts: common(desk.Facts{Why: desk.WhyUnknownCommand, Line: "clam", Near: "claim"})},
			{name: "unknown person", facts: incident(desk.Facts{Why: desk.WhyUnknownPerson, Line: "zhao", Items: []desk.Item{{Label: "zhang", Value: "张工"}}})},
			{name: "the service team's", facts: common(desk.Facts{Why: desk.WhyNotAllowed, Line: "budget"})},
			{name: "taken", facts: incident(desk.Facts{Why: desk.WhyTaken, By: "王工"})},
			{name: "which case", facts: common(desk.Facts{Why: desk.WhyWhichCase, Items: []desk.Item{{N: 12, Label: "#12", Value: "数据库主机出现勒索提示", State: "incident"}, {N: 9, Label: "#9", Value: "官网首页被篡改"}}})},
			{name: "which customer", facts: common(desk.Facts{Why: desk.WhyWhichCustomer, Items: []desk.Item{{Label: "acme#1", Command: "/claim acme#1"}, {Label: "nova#1", Command: "/claim nova#1"}}})},
			{name: "unknown stage", facts: incident(desk.Facts{Why: desk.WhyUnknownStage, Items: []desk.Item{{State: "classify"}, {State: "contain"}}})},
			{name: "asking", facts: incident(desk.Facts{Why: desk.WhyAsking, Text: "能否停机两小时？"})}}
	case "raised":
		return []sample{{name: "rich", facts: incident(desk.Facts{By: "李华"})},
			{name: "vulnerability", facts: with(incident(desk.Facts{Phase: desk.PhaseResponded}), func(f *desk.Facts) { f.Kind, f.Urgent, f.Severity = desk.Vulnerability, false, desk.High })}}
	case "raised.back":
		return []sample{{"rich", incident(desk.Facts{By: "李华"}), in(desk.Inside{Owner: "张工"})}, {"sorted", incident(desk.Facts{Label: "sorted"}), in(desk.Inside{})}}
	case "lowered", "lowered.back":
		return one(with(incident(desk.Facts{By: "张工", Text: "只影响测试环境"}), func(f *desk.Facts) { f.Urgent = false; f.RespondBy = two.Add(time.Hour) }))
	case "resumed", "resumed.back":
		return one(incident(desk.Facts{Phase: desk.PhaseResponded}))
	case "resolved", "resolved.back":
		return []sample{
			{name: "rich", facts: incident(desk.Facts{Phase: desk.PhaseResolved, By: "张工", Text: "已隔离主机并清除后门，业务已恢复。"})},
			{name: "no safe period", facts: with(incident(desk.Facts{Phase: desk.PhaseResolved, Label: "confirmed"}), func(f *desk.Facts) { f.Days, f.SafeUntil = 0, time.Time{} })}}
	case "followup":
		return []sample{{name: "rich", facts: incident(desk.Facts{Phase: desk.PhaseResolved, Day: 3})},
			{name: "late", facts: incident(desk.Facts{Phase: desk.PhaseResolved, Day: 15, Late: 3*time.Hour + 2*time.Minute})}}
	case "followup.back":
		return []sample{{"fine", incident(desk.Facts{Phase: desk.PhaseResolved, Label: "fine", By: "李华"}), in(desk.Inside{Owner: "张工"})},
			{"assist", with(incident(desk.Facts{Phase: desk.PhaseResolved, Label: "assist", By: "李华"}), func(f *desk.Facts) { f.Expert = ""; f.RespondBy = quarter }), in(desk.Inside{Owner: "张工"})},
			{"sent", incident(desk.Facts{Phase: desk.PhaseResolved, Day: 7}), nil}}
	case "safe", "safe.back":
		return one(incident(desk.Facts{Phase: desk.PhaseResolved, From: solved, To: safeEnd}))
	case "recurred", "recurred.back", "reopened", "reopened.back":
		return []sample{{name: "rich", facts: with(incident(desk.Facts{By: "李华", Text: "勒索提示又出现了"}), func(f *desk.Facts) { f.Days = 15 })},
			{name: "retest failed", facts: incident(desk.Facts{Label: "retest-failed", Text: "网页出现博彩词语"})},
			{name: "a click", facts: incident(desk.Facts{By: "李华"})}}
	case "merged", "merged.back":
		return one(incident(desk.Facts{Phase: desk.PhaseClosed, Other: 9, By: "张工"}))
	case "inspection", "inspection.back":
		return []sample{{name: "rich", facts: common(day1)},
			{name: "with the evidence", facts: common(desk.Facts{Layers: day1.Layers}), inside: evidenceFor(sheet)},
			{name: "emergency", facts: common(desk.Facts{Layers: day1.Layers, Notes: []desk.Item{{State: "no-asset"}, {State: "leave-over", At: two}}})},
			{name: "quiet", facts: common(desk.Facts{Quiet: true, Adds: 2, Day: 1, From: two})},
			{name: "quiet, nothing open", facts: common(desk.Facts{Quiet: true})},
			{name: "first, late", facts: common(desk.Facts{Late: 2 * time.Hour, Layers: day1.Layers})}}
	case "found.back":
		return staff(common(desk.Facts{Label: "F3", Line: "网站没有回应", Text: "https://www.example.com"}), &desk.Inside{Note: "3 次尝试均超时"})
	case "decided", "decided.back":
		return []sample{{name: "fix", facts: common(desk.Facts{Label: "F8", Line: "证书将在 12 天后到期", Text: "https://www.example.com", Why: "fix", Expert: "李华", By: "李华"})},
			{name: "accept", facts: common(desk.Facts{Label: "F8", Line: "证书将在 12 天后到期", Text: "https://www.example.com", Why: "accept", Summary: "旧系统年底下线", To: at("2027-01-01T00:00:00+08:00"), By: "李华"})}}
	case "findings", "findings.back":
		return []sample{{name: "rich", facts: common(desk.Facts{Adds: 4, Items: []desk.Item{{Label: "F9", Value: "/.git/HEAD 可以下载 · https://shop.example.com", Kind: "high", State: "case", Who: "#14"},
			{Label: "F8", Value: "证书将在 12 天后到期 · https://www.example.com", Kind: "medium", State: "fix", Who: "李华", Of: 2}, {Label: "F1", Value: "TLS 1.0 仍然可用 · www.example.com", Kind: "medium", State: "accept", Who: "李华", At: at("2027-01-01T00:00:00+08:00"), Of: 30},
			{Label: "F2", Value: "缺少 SPF 记录 · example.com", Kind: "low", State: "undecided", Of: 21}}, Told: []desk.Item{{Label: "F3", Value: "3306 端口暴露在公网 · 203.0.113.5", At: two}}})}, {name: "none", facts: common(desk.Facts{})}}
	case "finding", "finding.back":
		return []sample{{"rich", common(desk.Facts{Label: "F9", Line: "/.git/HEAD 可以下载", Text: "https://shop.example.com", From: two, To: half, Other: 14, Items: []desk.Item{{Kind: "high", State: "case", Who: "#14"}}}), evidenceFor(sheet)},
			{"accepted", common(desk.Facts{Label: "F1", Line: "TLS 1.0 仍然可用", Text: "www.example.com", From: two, To: half, Summary: "旧系统年底下线", Items: []desk.Item{{Kind: "medium", State: "accept", Who: "李华", At: at("2027-01-01T00:00:00+08:00")}}}), evidenceFor(sheet)}}
	case "retest", "retest.back":
		return one(common(desk.Facts{Label: "F9", Line: "/.git/HEAD 可以下载", Text: "https://shop.example.com"}))
	case "retested.back":
		f := func(why string) desk.Facts {
			return common(desk.Facts{N: 14, Ref: "14", Status: desk.Open, Label: "F9", Line: "/.git/HEAD 可以下载", Text: "https://shop.example.com", Why: why})
		}
		return []sample{{"passed", f("retest-passed"), &desk.Inside{Note: "HTTP 404"}}, {"failed", f("retest-failed"), &desk.Inside{Note: "HTTP 200, ref: refs/heads/main"}},
			{"waits", f("retest-waits"), &desk.Inside{Note: "需要扫描，将在扫描时段 11-24 01:00–05:00 (Asia/Shanghai) 内进行"}},
			{"its asset left", f("asset-left"), &desk.Inside{}},
			{"its source says so", with(f("source-fixed"), func(f *desk.Facts) { f.N, f.Ref = 0, "" }), &desk.Inside{}}}
	case "took.back":
		return []sample{{"taken", common(desk.Facts{N: 12, Ref: "12", Expert: "张工", RespondBy: two.Add(15 * time.Minute)}), &desk.Inside{}}}
	case "rung.back":
		f := func(label string) desk.Facts {
			return common(desk.Facts{N: 12, Ref: "12", Label: label, Line: "陈经理", RespondBy: two.Add(15 * time.Minute)})
		}
		return []sample{{"nobody took it", f("ping"), &desk.Inside{Skips: []desk.Internal{why("王工: gave it back (/unclaim)", "王工：已退回这件事（/unclaim）")}}}, {"not answered", f("warned"), &desk.Inside{}},
			{"overdue", f("breached"), &desk.Inside{}}}
	case "handoff", "handoff.back":
		return []sample{{name: "out of scope", facts: common(desk.Facts{Label: "out_of_scope", Text: "网站打不开，是不是服务器挂了", Slip: 7})},
			{name: "not in the edition", facts: common(desk.Facts{Label: "vulnerability", Clause: "§5 漏洞管理", Text: "扫出一个高危漏洞", Slip: 8})},
			{name: "no button", facts: common(desk.Facts{Label: "consultation", Text: "想做一次架构评审"})}}
	case "onboarding", "onboarding.back":
		f := common(desk.Facts{N: 1, Ref: "1", Kind: desk.Onboarding, Status: desk.Open, Phase: desk.PhaseWaiting, Opened: two, RespondBy: at("2026-11-25T00:00:00+08:00"), Items: promises, Decide: duty})
		for _, id := range desk.Stages(desk.Onboarding) {
			f.Stages = append(f.Stages, desk.Item{State: id})
		}
		g := with(f, func(f *desk.Facts) { f.RespondBy, f.RespondedAt, f.Expert, f.Phase = time.Time{}, half, "陈经理", 3 })
		g.Stages = []desk.Item{{State: "business", Done: true, At: half}, {State: "architecture"}}
		return []sample{{name: "rich", facts: f}, {name: "under way", facts: g}}
	case "gap", "gap.back":
		return one(common(desk.Facts{From: two.Add(2 * time.Minute), To: two.Add(5 * time.Minute)}))
	case "help", "help.back":
		return []sample{{name: "rich", facts: common(desk.Facts{Items: help})}, {name: "short", facts: common(desk.Facts{})}}
	case "list", "list.back":
		list := []desk.Item{cases[0], {N: 9, Label: "#9", Value: "官网首页被篡改", State: "phase5"}}
		return []sample{{name: "rich", facts: common(desk.Facts{Items: list})}, {name: "empty", facts: common(desk.Facts{})}}
	case "rooms.back":
		open := []desk.Item{{State: "front"}, {State: "back"}}
		made := []desk.Item{{State: "front", Value: "slack:C0FRONT", Done: true}, {State: "back"}}
		return []sample{{"asked", common(desk.Facts{Label: "asked", Items: open}), in(desk.Inside{})},
			{"made", common(desk.Facts{Label: "made", Items: made}), in(desk.Inside{Lines: []desk.Internal{why("li@example.com: Slack does not take this address (invalid_email)", "li@example.com：Slack 不接受这个邮箱地址（invalid_email）")}})},
			{"bound", common(desk.Facts{Label: "bound", Items: made}), in(desk.Inside{})},
			{"inviting", common(desk.Facts{Label: "inviting", Line: "li@example.com, wu@example.com"}), in(desk.Inside{})},
			{"invited", common(desk.Facts{Label: "invited", Line: "li@example.com, wu@example.com"}), in(desk.Inside{})},
			{"invited but one", common(desk.Facts{Label: "invited", Line: "li@example.com, wu@example.com"}), in(desk.Inside{Lines: []desk.Internal{why("li@example.com: Slack does not take this address (invalid_email)", "li@example.com：Slack 不接受这个邮箱地址（invalid_email）")}})},
			{"waiting", common(desk.Facts{Label: "waiting", Line: "acme", Items: made}), in(desk.Inside{})},
			{"spare", common(desk.Facts{Label: "spare", Line: "front", Items: made}), in(desk.Inside{Note: "slack:C0MADE"})},
			{"failed", common(desk.Facts{Label: "failed", Line: "back", Items: made}), in(desk.Inside{Note: why("restricted_action: the workspace does not let apps make private channels", "工作区不允许应用创建私有频道（restricted_action）")})}}
	case "home.back":
		return []sample{{"rich", common(desk.Facts{By: "张工", Items: []desk.Item{{State: "overdue", N: 1}, {State: "asked", N: 2}, {State: "yours", N: 1}}}), in(desk.Inside{})},
			{"empty", common(desk.Facts{By: "张工"}), in(desk.Inside{})}}
	case "home":
		return []sample{{"rich", common(desk.Facts{N: 2}), nil}, {"empty", common(desk.Facts{}), nil}, {"stranger", desk.Facts{Now: half}, nil}}
	case "queue.back":
		return []sample{{"asked", with(incident(desk.Facts{}), func(f *desk.Facts) { f.Ref, f.Label = "acme#12", "asked" }), in(desk.Inside{})},
			{"danger", with(incident(desk.Facts{Phase: desk.PhaseClaimed}), func(f *desk.Facts) { f.Ref, f.Label = "acme#12", "danger" }), in(desk.Inside{Owner: "张工"})},
			{"waiting", with(incident(desk.Facts{Phase: desk.PhasePaused, Waiting: "能否停机？"}), func(f *desk.Facts) { f.Ref, f.Label = "acme#12", "waiting" }), in(desk.Inside{Owner: "张工"})}}
	case "queue":
		return []sample{{name: "waiting", facts: incident(desk.Facts{})}, {name: "asked", facts: incident(desk.Facts{Phase: desk.PhasePaused, Waiting: "能否停机？", WaitingAt: half})},
			{name: "resolved", facts: incident(desk.Facts{Phase: desk.PhaseResolved})}}
	case "secret":
		return []sample{{name: "keys", facts: common(desk.Facts{Label: "keys", Items: []desk.Item{{State: "access_key", Value: "LTAI…9xQz"}, {State: "password", Value: "P…6"}}})},
			{name: "personal", facts: common(desk.Facts{Label: "personal", Items: []desk.Item{{State: "national_id", Value: "1101…0019"}}})}}
	case "missed":
		return []sample{{name: "rich", facts: common(desk.Facts{From: two, To: half})}}
	case "recalled.back":
		return []sample{{"done", incident(desk.Facts{}), in(desk.Inside{})}, {"too late", incident(desk.Facts{Label: "late"}), in(desk.Inside{Note: why("the message is gone, or older than 24 hours", "消息已不存在，或发出已超过 24 小时")})}}
	case "budget.back":
		return []sample{{"lasts", common(desk.Facts{Items: []desk.Item{{Label: "dingtalk", N: 812, Value: "5000"}}}), in(desk.Inside{})},
			{"does not last", common(desk.Facts{Items: []desk.Item{{Label: "dingtalk", N: 4120, Value: "5000", At: days5, Done: true}}}), in(desk.Inside{})},
			{"none", common(desk.Facts{}), in(desk.Inside{})}}
	case "louder.back":
		return []sample{{"rich", with(incident(desk.Facts{}), func(f *desk.Facts) { f.Ref = "acme#12" }), in(desk.Inside{})}}
	case "show", "show.back":
		return []sample{{"rich", incident(desk.Facts{Phase: desk.PhasePaused, Stage: "contain", Waiting: "能否停机两小时？", Told: []desk.Item{{Label: "张工", At: two, Done: true}}}), nil},
			{"resolved", incident(desk.Facts{Phase: desk.PhaseResolved}), nil}}
	case "timeline":
		return []sample{{name: "rich", facts: incident(desk.Facts{Items: story})}, {name: "whole desk", facts: common(desk.Facts{Items: story})}, {name: "empty", facts: common(desk.Facts{})}}
	case "timeline.back":
		return staff(incident(desk.Facts{Items: append(story[:len(story):len(story)], desk.Item{At: half, State: "note", Label: "张工", Value: "疑似弱口令", Done: true, N: 12},
			desk.Item{At: half, State: "refused", Label: "李华", Kind: "claim", Value: desk.WhyNotAllowed, Done: true, N: 12}, desk.Item{At: half, State: "refused", Label: "李华", Kind: "misread", Value: desk.WhyUnknownCommand, Done: true})}), nil)
	case "timers.back":
		return []sample{{name: "rich", facts: common(desk.Facts{Items: timers})}, {name: "empty", facts: common(desk.Facts{})}}
	case "explain", "explain.back":
		return []sample{{name: "rich", facts: incident(desk.Facts{Phase: desk.PhaseClaimed, Items: sums})}, {name: "no promise", facts: common(desk.Facts{N: 4, Ref: "4"})}}
	case "oncall", "oncall.back":
		return []sample{{name: "rich", facts: common(desk.Facts{Items: duty})}, {name: "empty", facts: common(desk.Facts{})}}
	case "edition", "edition.back":
		return one(common(desk.Facts{Items: promises, Clause: "§5"}))
	case "answer", "answer.back":
		return one(incident(desk.Facts{Text: "查到这些：", Items: cases}))
	case "ping.back":
		return []sample{{"rich", incident(desk.Facts{}), ladder(0)},
			{"late, skipped", with(incident(desk.Facts{Late: 4 * time.Minute}), func(f *desk.Facts) { f.Urgent = false; f.Ref = "acme#12" }), in(desk.Inside{Rung: 2, Of: 5, Skips: []desk.Internal{why("张工: not in people of the config", "张工：配置的 people 里没有这个人")}})},
			{"after the response", with(incident(desk.Facts{Phase: desk.PhaseResponded}), func(f *desk.Facts) { f.Expert = "" }), in(desk.Inside{})}}
	case "remind.back":
		return staff(incident(desk.Facts{Phase: desk.PhaseClaimed}), in(desk.Inside{Owner: "张工"}))
	case "warned.back":
		return []sample{{"claimed", incident(desk.Facts{Phase: desk.PhaseClaimed}), in(desk.Inside{Owner: "张工", Rung: 3, Of: 5})},
			{"nobody", incident(desk.Facts{}), in(desk.Inside{Skips: []desk.Internal{why("张工: not in people of the config", "张工：配置的 people 里没有这个人")}})},
			{"cannot tell the assigned", with(incident(desk.Facts{Phase: desk.PhaseResponded}), func(f *desk.Facts) { f.Expert = "" }), in(desk.Inside{Owner: "王工", Skips: []desk.Internal{why("王工: this person's account is deactivated (user_disabled)", "王工：对方的账号已停用（user_disabled）")}})},
			{"too many", common(desk.Facts{Text: "又来一个", Why: desk.WhyTooManyOpen}), in(desk.Inside{})}}
	case "breached.back":
		late := incident(desk.Facts{Missed: true, Late: time.Minute})
		late.Now = quarter.Add(time.Minute)
		claimed := incident(desk.Facts{Missed: true, Phase: desk.PhaseClaimed})
		claimed.Now = quarter
		return []sample{{"nobody has it", late, in(desk.Inside{Rung: 4, Of: 5, Skips: []desk.Internal{why("王工: not in people of the config", "王工：配置的 people 里没有这个人")}})}, {"claimed", claimed, in(desk.Inside{Owner: "张工", Rung: 4, Of: 5})}}
	case "solve.back":
		f := incident(desk.Facts{Phase: desk.PhaseResponded, Stage: "contain"})
		return []sample{{"half", f, in(desk.Inside{Rung: 0, Of: 3, Owner: "张工"})}, {"four fifths", f, in(desk.Inside{Rung: 1, Of: 3, Owner: "张工"})},
			{"over", with(f, func(f *desk.Facts) { f.Now = days5 }), in(desk.Inside{Rung: 2, Of: 3})}}
	case "undelivered.back":
		return []sample{{"front", incident(desk.Facts{Label: "room-front", Line: "responded"}), in(desk.Inside{Note: why("channel_not_found: Slack knows no such channel, or the app was not invited to it", "Slack 找不到这个频道，或者应用没有被邀请进去（channel_not_found）")})},
			{"back", common(desk.Facts{Label: "room-back", Line: "inspection"}), in(desk.Inside{Note: why("is_archived: the channel is archived", "频道已归档（is_archived）")})}}
	case "note.back":
		return []sample{{"a person's", incident(desk.Facts{By: "张工"}), in(desk.Inside{Note: "疑似弱口令，先不要告诉客户结论"})},
			{"the model's", incident(desk.Facts{By: "李华", Label: "advice"}), in(desk.Inside{Note: "像是勒索软件。", Draft: "您好，请先断网。"})},
			{"calendar", common(desk.Facts{Label: "calendar"}), in(desk.Inside{Note: why("the working-day calendar does not cover 2031: weekends only were counted", "工作日历没有 2031 年的数据，只按周末计算了休息日")})}}
	case "parked.back":
		return staff(common(desk.Facts{Line: "slack:C1:17000.1"}), in(desk.Inside{Note: "panic: no rule for the input\ngoroutine 1"}))
	}
	return nil
}
