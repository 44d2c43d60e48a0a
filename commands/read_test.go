package commands

import (
	"reflect"
	"testing"

	"butler/bot/desk"
)

// people are the staff that the tests know.
func people(name string) (string, bool) {
	switch name {
	case "zhang", "张工", "U01", "@staff01":
		return "zhang", true
	case "li", "Li Na":
		return "li", true
	}
	return "", false
}

func customers(id string) bool { return id == "acme" || id == "nova" }

var (
	typedBy  = Context{Room: desk.Back, Staff: true, People: people}                       // a message nobody addressed
	toBot    = Context{Room: desk.Front, Addressed: true, People: people}                  // a customer: @管家 …
	staffBot = Context{Room: desk.Back, Addressed: true, Staff: true, People: people}      // an expert: @管家 …
	slash    = Context{Room: desk.Front, Command: true, People: people}                    // a slash command or a button
	shared   = Context{Room: desk.Back, Staff: true, People: people, Customers: customers} // a back room of several customers
)

func yes(b bool) *bool { return &b }

// TestCommands lists texts that must be commands, with what they mean.
func TestCommands(t *testing.T) {
	for _, c := range []struct {
		text string
		in   Context
		want desk.Act
	}{
		// A slash, in every form people type it.
		{"/claim 1", typedBy, desk.Claim{Case: 1}},
		{"  /claim 1  ", typedBy, desk.Claim{Case: 1}},
		{"\u3000／认领　１", typedBy, desk.Claim{Case: 1}},
		{"／ｃｌａｉｍ　＃１２", typedBy, desk.Claim{Case: 12}},
		{"/Claim #12", typedBy, desk.Claim{Case: 12}},
		{"/ claim 12", typedBy, desk.Claim{Case: 12}},
		{"/claim12", typedBy, desk.Claim{Case: 12}},
		{"/认领12", typedBy, desk.Claim{Case: 12}},
		{"/接手 12号", typedBy, desk.Claim{Case: 12}},
		{"/接手 12 号工单", typedBy, desk.Claim{Case: 12}},
		{"/接手 工单12。", typedBy, desk.Claim{Case: 12}},
		{"/take case 12", typedBy, desk.Claim{Case: 12}},
		{"/claim", typedBy, desk.Claim{}},
		{"/butler claim 1", typedBy, desk.Claim{Case: 1}},
		{"/butler 认领 1", slash, desk.Claim{Case: 1}},
		{"/butler /claim 1", typedBy, desk.Claim{Case: 1}},
		{"/管家 认领 1", typedBy, desk.Claim{Case: 1}},
		{"/butler", slash, desk.Query{What: "help"}},
		{"/管家", typedBy, desk.Query{What: "help"}},
		{"", slash, desk.Query{What: "help"}},
		{"claim 1", slash, desk.Claim{Case: 1}},
		{"、认领 1", typedBy, desk.Claim{Case: 1}},
		{"/claim ?", typedBy, desk.Query{What: "help", Arg: "claim"}},
		{"/认领？", typedBy, desk.Query{What: "help", Arg: "claim"}},
		{"/？", typedBy, desk.Query{What: "help"}},

		// Rooms. A customer may be named who is not served in this room.
		{"/bind acme front", typedBy, desk.Bind{Room: desk.Front}},
		{"/绑定 acme 专家群", typedBy, desk.Bind{Room: desk.Back}},
		{"/bind acme#", typedBy, desk.Bind{}},
		{"bind nova back", Context{Room: desk.Back, Addressed: true, Staff: true, Customers: customers}, desk.Bind{Room: desk.Back}},
		{"/onboard", typedBy, desk.Onboard{}},
		{"/onboard nova li@nova.example, wang@nova.example", shared, desk.Onboard{Invite: []string{"li@nova.example", "wang@nova.example"}}},
		{"/入驻 ｌｉ＠nova.example", typedBy, desk.Onboard{Invite: []string{"li@nova.example"}}},

		// A case and a text. The text stays as it was typed.
		{"/claim 12 我是张工，正在排查", typedBy, desk.Claim{Case: 12, Text: "我是张工，正在排查"}},
		{"/claim 12：我是张工", typedBy, desk.Claim{Case: 12, Text: "我是张工"}},
		{"/claim #12我来", typedBy, desk.Claim{Case: 12, Text: "我来"}},
		{"/认领 12号我来处理", typedBy, desk.Claim{Case: 12, Text: "我来处理"}},
		{"/claim 我来处理", typedBy, desk.Claim{Text: "我来处理"}},
		{"/reply 12 已隔离：１０台。 /etc/passwd 未改动", typedBy, desk.Reply{Case: 12, Text: "已隔离：１０台。 /etc/passwd 未改动"}},
		{"/reply 12\n第一行\n  第二行\n", typedBy, desk.Reply{Case: 12, Text: "第一行\n  第二行"}},
		{"/reply\n我们在看", typedBy, desk.Reply{Text: "我们在看"}},
		{"/reply 12 :smile: ok", typedBy, desk.Reply{Case: 12, Text: ":smile: ok"}},
		{"/回复 12 ** 重要 **", typedBy, desk.Reply{Case: 12, Text: "** 重要 **"}},
		{"/reply 2 小时内给您结果", typedBy, desk.Reply{Text: "2 小时内给您结果"}},
		{"/reply 12:30 开始处理", typedBy, desk.Reply{Text: "12:30 开始处理"}},
		{"/reply 12：30 开始处理", typedBy, desk.Reply{Text: "12：30 开始处理"}},
		{"/note 3：10.0.0.1 已下线", typedBy, desk.Note{Case: 3, Text: "10.0.0.1 已下线"}},
		{"/note 3台服务器都中招了", typedBy, desk.Note{Text: "3台服务器都中招了"}},
		{"/note 3号机房断电", typedBy, desk.Note{Text: "3号机房断电"}},
		{"/note 10.0.0.1 是跳板机", typedBy, desk.Note{Text: "10.0.0.1 是跳板机"}},
		{"/note 13800138000 是客户的值班电话", typedBy, desk.Note{Text: "13800138000 是客户的值班电话"}},
		{"/备注 3 12:30 重启过", typedBy, desk.Note{Case: 3, Text: "12:30 重启过"}},
		{"/ask 3 日志保存多久？", typedBy, desk.Ask{Case: 3, Question: "日志保存多久？"}},
		{"/lower 3 仅测试环境", typedBy, desk.Lower{Case: 3, Reason: "仅测试环境"}},
		{"/resolve 3 木马已清除", typedBy, desk.Resolve{Case: 3, Summary: "木马已清除"}},
		{"/已解决3：木马已清除", typedBy, desk.Resolve{Case: 3, Summary: "木马已清除"}},
		{"/unclaim 3", typedBy, desk.Unclaim{Case: 3}},
		{"/close 3 误报", typedBy, desk.Close{Case: 3, Reason: "误报"}},
		{"/重新打开 3 又打不开了", typedBy, desk.Reopen{Case: 3, Reason: "又打不开了"}},

		// A case alone.
		{"/urgent 3", typedBy, desk.Raise{Case: 3}},
		{"/恢复计时3", typedBy, desk.Resume{Case: 3}},
		{"/confirm 3，谢谢！", typedBy, desk.Confirm{Case: 3}},
		{"/recur 3", typedBy, desk.Recur{Case: 3}},
		{"/fine 3", slash, desk.Fine{Case: 3}},
		{"/assist 3", slash, desk.Assist{Case: 3}},

		// Words with a meaning.
		{"/severity 3 high", typedBy, desk.SetSeverity{Case: 3, Severity: desk.High}},
		{"/级别 3 低 仅内网", typedBy, desk.SetSeverity{Case: 3, Severity: desk.Low, Reason: "仅内网"}},
		{"/级别 中危 3", typedBy, desk.SetSeverity{Case: 3, Severity: desk.Medium}},
		{"/category 3 信息破坏", typedBy, desk.SetCategory{Case: 3, Category: desk.DataDestruction}},
		{"/category network_attack", typedBy, desk.SetCategory{Category: desk.NetworkAttack}},
		{"/stage 3 抑制", typedBy, desk.Stage{Case: 3, Stage: "contain"}},
		{"/阶段 3 影响排查", typedBy, desk.Stage{Case: 3, Stage: "scope"}},
		{"/stage 3 6", typedBy, desk.Stage{Case: 3, Stage: "6"}},
		{"/步骤 加固", typedBy, desk.Stage{Stage: "harden"}},

		// Reports.
		{"/report incident urgent 数据库主机出现勒索提示", typedBy, desk.Report{Kind: desk.Incident, Urgent: yes(true), Text: "数据库主机出现勒索提示"}},
		{"/report urgent incident: DB host encrypted", typedBy, desk.Report{Kind: desk.Incident, Urgent: yes(true), Text: "DB host encrypted"}},
		{"/报告 紧急事件 数据库被加密", typedBy, desk.Report{Kind: desk.Incident, Urgent: yes(true), Text: "数据库被加密"}},
		{"/报告：非紧急，安全事件，有扫描", typedBy, desk.Report{Kind: desk.Incident, Urgent: yes(false), Text: "有扫描"}},
		{"/report vulnerability high log4j", typedBy, desk.Report{Kind: desk.Vulnerability, Severity: desk.High, Text: "log4j"}},
		{"/上报 高危漏洞\n网关未授权访问\n影响全部接口", typedBy, desk.Report{Kind: desk.Vulnerability, Severity: desk.High, Text: "网关未授权访问\n影响全部接口"}},
		{"/report 漏洞 紧急 weblogic", typedBy, desk.Report{Kind: desk.Vulnerability, Severity: desk.High, Text: "weblogic"}},
		{"/report 低危 版本号泄露", typedBy, desk.Report{Kind: desk.Vulnerability, Severity: desk.Low, Text: "版本号泄露"}},
		{"/report consultation 如何设计 WAF 策略", typedBy, desk.Report{Kind: desk.Consultation, Text: "如何设计 WAF 策略"}},
		{"/report policy 收紧安全组", typedBy, desk.Report{Kind: desk.Policy, Text: "收紧安全组"}},
		{"/report 官网首页被篡改", typedBy, desk.Report{Text: "官网首页被篡改"}},
		{"/report incident incident response plan leaked", typedBy, desk.Report{Kind: desk.Incident, Text: "incident response plan leaked"}},
		{"/report 事件处理平台打不开", typedBy, desk.Report{Text: "事件处理平台打不开"}},
		{"/report normally quiet host is scanning", typedBy, desk.Report{Text: "normally quiet host is scanning"}},
		{"/report 3台服务器被加密", typedBy, desk.Report{Text: "3台服务器被加密"}},

		// Two cases, and people.
		{"/merge 3 into 2", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/merge 3 2", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/merge #3->#2", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/合并 3 到 2", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/合并3到2", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/合并 ３号并入２号", typedBy, desk.Merge{Case: 3, Into: 2}},
		{"/link 3、4", typedBy, desk.Link{Case: 3, Other: 4}},
		{"/关联 3 和 4", typedBy, desk.Link{Case: 3, Other: 4}},
		{"/assign 12 @zhang", typedBy, desk.Assign{Case: 12, To: "zhang"}},
		{"/assign 12 <@U01|zhang>", typedBy, desk.Assign{Case: 12, To: "zhang"}},
		{"/assign 12 @Li Na", typedBy, desk.Assign{Case: 12, To: "li"}},
		{"/assign @zhang 12", typedBy, desk.Assign{Case: 12, To: "zhang"}},
		{"/指派 12 给张工", typedBy, desk.Assign{Case: 12, To: "zhang"}},
		{"/转给 ＠ｚｈａｎｇ", typedBy, desk.Assign{To: "zhang"}},

		// Buttons of triage.
		{"/triage m7 incident", slash, desk.Sort{Slip: 7, As: "incident"}},
		{"/triage 12 none", slash, desk.Sort{Case: 12, As: "none"}},
		{"/triage m7 new", slash, desk.Sort{Slip: 7, As: "new"}},
		{"/triage m7 #3", slash, desk.Sort{Slip: 7, Into: 3}},
		{"/归类 ｍ７ 漏洞", typedBy, desk.Sort{Slip: 7, As: "vulnerability"}},

		// Questions.
		{"/list", typedBy, desk.Query{What: "list"}},
		{"/工单 3", typedBy, desk.Query{What: "show", Case: 3}},
		{"/show 3", typedBy, desk.Query{What: "show", Case: 3}},
		{"/timeline", typedBy, desk.Query{What: "timeline"}},
		{"/timers", typedBy, desk.Query{What: "timers"}},
		{"/闹钟 3", typedBy, desk.Query{What: "timers", Case: 3}},
		{"/explain 12", typedBy, desk.Query{What: "explain", Case: 12}},
		{"/oncall", typedBy, desk.Query{What: "oncall"}},
		{"/版本", typedBy, desk.Query{What: "edition"}},
		{"/help", typedBy, desk.Query{What: "help"}},
		{"/help /认领", typedBy, desk.Query{What: "help", Arg: "claim"}},
		{"/inspect now", typedBy, desk.InspectNow{}},
		{"/巡检", typedBy, desk.InspectNow{}},
		{"/onboard", typedBy, desk.Onboard{}},

		// Without a slash, said to the bot.
		{"认领 1", staffBot, desk.Claim{Case: 1}},
		{"认领1", staffBot, desk.Claim{Case: 1}},
		{" claim #1", staffBot, desk.Claim{Case: 1}},
		{"Claim 1", staffBot, desk.Claim{Case: 1}},
		{"接手", staffBot, desk.Claim{}},
		{"claim 1 我是张工，正在排查", staffBot, desk.Claim{Case: 1, Text: "我是张工，正在排查"}},
		{"认领 1", toBot, desk.Claim{Case: 1}}, // refused by the desk, on the record
		{"管家 认领 1", staffBot, desk.Claim{Case: 1}},
		{"备注 3 攻击者来自境外", staffBot, desk.Note{Case: 3, Text: "攻击者来自境外"}},
		{"提问 3 日志保存多久？", staffBot, desk.Ask{Case: 3, Question: "日志保存多久？"}},
		{"指派 12 张工", staffBot, desk.Assign{Case: 12, To: "zhang"}},
		{"合并 3 到 2", staffBot, desk.Merge{Case: 3, Into: 2}},
		{"确认", toBot, desk.Confirm{}},
		{"确认 3，谢谢", toBot, desk.Confirm{Case: 3}},
		{"加急！", toBot, desk.Raise{}},
		{"紧急 2", toBot, desk.Raise{Case: 2}},
		{"又出现了", toBot, desk.Recur{}},
		{"一切正常", toBot, desk.Fine{}},
		{"求助 3", toBot, desk.Assist{Case: 3}},
		{"重新打开 3", toBot, desk.Reopen{Case: 3}},
		{"列表", toBot, desk.Query{What: "list"}},
		{"工单 3", toBot, desk.Query{What: "show", Case: 3}},
		{"查看 3 号工单", toBot, desk.Query{What: "show", Case: 3}},
		{"值班？", toBot, desk.Query{What: "oncall"}},
		{"help", toBot, desk.Query{What: "help"}},
		{"额度", toBot, desk.Query{What: "budget"}}, // refused in words, not answered with the help
		{"budget?", toBot, desk.Query{What: "budget"}},
		{"帮助 认领", staffBot, desk.Query{What: "help", Arg: "claim"}},
		{"巡检 现在", toBot, desk.InspectNow{}},
		{"定级 高", toBot, desk.SetSeverity{Severity: desk.High}},
		{"报告 事件 数据库主机出现勒索提示", toBot, desk.Report{Kind: desk.Incident, Text: "数据库主机出现勒索提示"}},
		{"report vulnerability high log4j on web-01", toBot, desk.Report{Kind: desk.Vulnerability, Severity: desk.High, Text: "log4j on web-01"}},
	} {
		r := Read(c.text, c.in)
		if !reflect.DeepEqual(r.Act, c.want) {
			t.Errorf("%q: got %#v, want %#v", c.text, r.Act, c.want)
		}
		if r.Rest != "" {
			t.Errorf("%q: %q is left over", c.text, r.Rest)
		}
	}
}

// TestNoCommands lists what people really write, also to the bot, that must
// reach triage untouched.
func TestNoCommands(t *testing.T) {
	for _, text := range []string{
		// Addressed sentences that begin with a command word.
		"报告一下昨天的情况", "报告什么时候能给我们？", "报告 什么时候能给", "报告 昨天官网被黑", "报告 漏洞 修复了吗？", "上报领导了吗",
		"确认一下网站是不是被黑了", "确认 一下网站是不是被黑了", "确认？", "确认是误报",
		"紧急！！数据库主机出现勒索提示", "紧急 网站打不开了", "加急处理一下", "紧急情况，所有人看过来", "加急 3台服务器被加密",
		"关闭 3389 端口", "关闭22端口有影响吗", "关闭 WAF 会怎样", "关闭 3 的原因是什么",
		"解决了吗", "解决 3 台机器的告警", "已解决", "已解决，谢谢大家",
		"回复 3 了吗？", "回复客户了没有", "认领 3 了没", "认领一下",
		"继续", "继续排查，有消息告诉我", "恢复 3 个快照",
		"版本 1.2.3 有漏洞吗", "版本升级以后首页打不开", "承诺的 15 分钟呢",
		"正常吗", "正常 用户也登录不了", "一切正常的话就先这样", "复发了", "复发？",
		"求助", "求助！服务器被挖矿了", "需要帮助", "帮助我们看一下这个告警", "help urgent!!!", "help us, the site is down", "help urgent",
		"值班 是谁", "值班的人呢", "巡检 报告呢", "巡检发现了什么", "分类 一下这些告警", "级别 很高", "级别有多高", "阶段性总结什么时候发",
		"列表页打不开", "工单 3 怎么样了", "工单系统登录不了", "查看日志", "查看 日志", "解释 一下 3 号工单为什么超时", "计时器没有停",
		"合并代码之后网站被挂马", "关联分析做了吗", "转给 财务看一下", "指派谁来处理", "提问：WAF 怎么配", "备注里写的是什么",
		"report for last week please", "Report incident numbers for last month", "report the phishing mail to whom?", "list all open cases", "show me the logs",
		"close the port 22", "close 22 port", "take a look at web-01", "take 2 hours of logs", "ask him about the firewall", "link is broken", "note that 3 servers are down", "note 3 servers are down",
		"confirm whether we were hacked", "fine, thanks for asking", "resolve DNS fails", "urgent: our site is down", "merge 3 broke prod", "reply asap", "edition 2 of the book",
		"请认领一下", "我们的网站被黑了", "hello", "", "  \n", "管家 我们网站打不开了",

		// Paths and addresses, with their slash.
		"/etc/passwd 被改了", "/var/log/messages 里有异常登录", "/etc", "/tmp 下发现挖矿程序", "/root 目录下多了一个文件", "/admin 被人暴力破解",
		"/wp-admin 登录被爆破", "/wp-login.php 大量请求", "/api/v1/login 接口被撞库", "/v1 接口异常", "/oauth2/token 泄露", "/report/2026.pdf 打不开",
		"/show.php 存在注入", "/list?id=1 存在注入", "/timeline_old 打不开", "//evil.example.com/x.js", "/24 网段被扫描", "/user@example.com 收到钓鱼邮件",
		"/ 目录权限不对", "/", "https://example.com/claim 1", "/index.html 被篡改", "/网站首页被篡改了，快看", "／网站首页被篡改了",
		"> /claim 1", "`/claim 1`", "输入 /claim 1 就可以", "、我们网站打不开", "、认领一下",
	} {
		if r := Read(text, toBot); r.Act != nil {
			t.Errorf("%q to the bot: got %#v", text, r.Act)
		}
		in := toBot
		in.Addressed = false
		if r := Read(text, in); r.Act != nil {
			t.Errorf("%q: got %#v", text, r.Act)
		}
	}
	for _, text := range []string{"claim 1", "认领 1", "确认", "help", "report incident urgent x"} {
		if r := Read(text, typedBy); r.Act != nil {
			t.Errorf("%q, not addressed: got %#v", text, r.Act)
		}
	}
	// Also the service's own people, who have more commands, speak in sentences.
	for _, text := range []string{"回复 3 了吗？", "关闭 3389 端口", "解决 3 台机器的告警", "接手 一下", "reply asap please", "note that this is a drill",
		"回复 客户了吗", "转给 财务看一下", "升级 3 台机器", "take 2 hours off", "close 443 port"} {
		if r := Read(text, staffBot); r.Act != nil {
			t.Errorf("%q from staff: got %#v", text, r.Act)
		}
	}
}

// TestMisread lists commands that are wrong or lack something.
func TestMisread(t *testing.T) {
	for _, c := range []struct {
		text string
		in   Context
		want desk.Misread
	}{
		{"/claims 1", typedBy, desk.Misread{Line: "claims", Case: 1, Why: desk.WhyUnknownCommand, Near: "claim"}},
		{"/calim 1", typedBy, desk.Misread{Line: "calim", Case: 1, Why: desk.WhyUnknownCommand, Near: "claim"}},
		{"/frobnicate 1", typedBy, desk.Misread{Line: "frobnicate", Case: 1, Why: desk.WhyUnknownCommand}},
		{"/认令 1", typedBy, desk.Misread{Line: "认令", Case: 1, Why: desk.WhyUnknownCommand, Near: "认领"}},
		{"/报告一下昨天的情况", typedBy, desk.Misread{Why: desk.WhyUnknownCommand, Near: "报告"}},
		{"/butler 密码是五个字母 hunter", slash, desk.Misread{Why: desk.WhyUnknownCommand}},
		{"/butler hunter2 is the password", slash, desk.Misread{Line: "hunter", Why: desk.WhyUnknownCommand}},
		{"我们的网站被黑了", slash, desk.Misread{Why: desk.WhyUnknownCommand}},
		{"/note", typedBy, desk.Misread{Line: "note", Why: desk.WhyMissingText}},
		{"/note 12", typedBy, desk.Misread{Line: "note", Case: 12, Why: desk.WhyMissingText}},
		{"/ask 12", typedBy, desk.Misread{Line: "ask", Case: 12, Why: desk.WhyMissingText}},
		{"／追问　１２　", typedBy, desk.Misread{Line: "追问", Case: 12, Why: desk.WhyMissingText}},
		{"/lower 12", typedBy, desk.Misread{Line: "lower", Case: 12, Why: desk.WhyMissingReason}},
		{"/reply 12 ", typedBy, desk.Misread{Line: "reply", Case: 12, Why: desk.WhyMissingText}},
		{"/resolve 12", typedBy, desk.Misread{Line: "resolve", Case: 12, Why: desk.WhyMissingText}},
		{"/report", typedBy, desk.Misread{Line: "report", Why: desk.WhyMissingText}},
		{"/report 事件 紧急", typedBy, desk.Misread{Line: "report", Why: desk.WhyMissingText}},
		{"/severity 3 terrible", typedBy, desk.Misread{Line: "severity", Case: 3, Why: desk.WhyBadSeverity}},
		{"/category 3 x", typedBy, desk.Misread{Line: "category", Case: 3, Why: desk.WhyBadCategory}},
		{"/stage 3", typedBy, desk.Misread{Line: "stage", Case: 3, Why: desk.WhyUnknownStage}},
		{"/stage 3 喝茶", typedBy, desk.Misread{Line: "stage", Case: 3, Why: desk.WhyUnknownStage}},
		{"/assign 3 @nobody", typedBy, desk.Misread{Line: "assign", Case: 3, Why: desk.WhyUnknownPerson}},
		{"/assign 3", typedBy, desk.Misread{Line: "assign", Case: 3, Why: desk.WhyUnknownPerson}},
		{"/merge 3", typedBy, desk.Misread{Line: "merge", Case: 3, Why: desk.WhyMissingCase}},
		{"/merge", typedBy, desk.Misread{Line: "merge", Why: desk.WhyMissingCase}},
		{"/merge acme#3 into nova#2", typedBy, desk.Misread{Line: "merge", Case: 3, Why: desk.WhyBadArgument}},
		{"/link 3 x", typedBy, desk.Misread{Line: "link", Case: 3, Why: desk.WhyMissingCase}},
		{"/triage m7", slash, desk.Misread{Line: "triage", Why: desk.WhyBadArgument}},
		{"/triage incident", slash, desk.Misread{Line: "triage", Why: desk.WhyMissingCase}},
		{"/claim 0", typedBy, desk.Misread{Line: "claim", Why: desk.WhyUnknownCase}},
		{"/claim #0", typedBy, desk.Misread{Line: "claim", Why: desk.WhyUnknownCase}},
		{"/reply #12ab text", typedBy, desk.Misread{Line: "reply", Why: desk.WhyUnknownCase}},
		{"/claim 99999999999999999999", typedBy, desk.Misread{Line: "claim", Why: desk.WhyBadArgument}},
		{"/claim 1.5", typedBy, desk.Misread{Line: "claim", Why: desk.WhyBadArgument}},
		{"/claim -1", typedBy, desk.Misread{Line: "claim", Why: desk.WhyBadArgument}},
		{"/claim 1 2", typedBy, desk.Misread{Line: "claim", Case: 1, Why: desk.WhyBadArgument}},
		{"/close 22 端口", typedBy, desk.Misread{Line: "close", Why: desk.WhyBadArgument}},
		{"/help clam", typedBy, desk.Misread{Line: "help", Why: desk.WhyBadArgument, Near: "claim"}},
		{"提问 3", staffBot, desk.Misread{Line: "提问", Case: 3, Why: desk.WhyMissingText}},
		{"severity 3", toBot, desk.Misread{Line: "severity", Case: 3, Why: desk.WhyBadSeverity}},
	} {
		if r := Read(c.text, c.in); !reflect.DeepEqual(r.Act, desk.Act(c.want)) {
			t.Errorf("%q: got %#v, want %#v", c.text, r.Act, c.want)
		}
	}
}

// TestCustomer: which customer a text names, and when that is not enough.
func TestCustomer(t *testing.T) {
	for _, c := range []struct {
		text     string
		in       Context
		customer string
		n        int
		bare     bool
		rest     string
	}{
		{"/claim acme#1", typedBy, "acme", 1, false, ""},
		{"/认领 ａｃｍｅ＃１", typedBy, "acme", 1, false, ""},
		{"/claim 1", typedBy, "", 1, true, ""},
		{"/claim", typedBy, "", 0, false, ""},
		{"/reply acme#12 已隔离", typedBy, "acme", 12, false, ""},
		{"/list acme#", typedBy, "acme", 0, false, ""},
		{"/list acme", shared, "acme", 0, false, ""},
		{"/oncall nova", shared, "nova", 0, false, ""},
		{"/claim acme 1", shared, "acme", 1, false, ""},
		{"/timers acme", shared, "acme", 0, false, ""},
		{"/report acme# 事件 官网被篡改", typedBy, "acme", 0, false, ""},
		{"/merge acme#3 into 2", typedBy, "acme", 3, false, ""},
		{"/merge 3 into 2", typedBy, "", 3, true, ""},
		{"/triage acme#m7 incident", typedBy, "acme", 0, false, ""},
		{"/triage m7 incident", typedBy, "", 0, true, ""},
		{"/ask acme#12", typedBy, "acme", 12, false, ""},
		{"/urgent 3 又有一台中招了", typedBy, "", 3, true, "又有一台中招了"},
		{"/recur 3\n昨晚又来了", typedBy, "", 3, true, "昨晚又来了"},
		{"/help 我们被黑了", typedBy, "", 0, false, "我们被黑了"},
	} {
		r := Read(c.text, c.in)
		if r.Customer != c.customer || r.Case != c.n || r.Bare != c.bare || r.Rest != c.rest {
			t.Errorf("%q: got customer %q case %d bare %t rest %q", c.text, r.Customer, r.Case, r.Bare, r.Rest)
		}
	}
}
