package main

import (
	"log/slog"
	"regexp"
	"time"

	"butler/bot/desk"
	"butler/bot/triage"
	"butler/config"
	"butler/integrations/findings"
)

// findingsDoor is where the configured sources send what they find; now is the
// clock of the desks.
func findingsDoor(c *config.Config, take findings.Take, now func() time.Time, log *slog.Logger) *findings.Door {
	return findings.New(findings.Options{
		Sources: sourcesOf(c), Take: take, Judge: matterOf, Now: now, Log: log,
		Mask: func(s string) string {
			masked, _ := triage.Mask(s)
			return masked
		},
	})
}

// sourcesOf are the configured senders of findings.
func sourcesOf(c *config.Config) []findings.Source {
	var out []findings.Source
	for _, f := range c.Findings {
		out = append(out, findings.Source{Name: f.Name, Token: f.Token.Reveal(), Customers: f.Customers, Layers: f.Layers,
			Format: findings.Format(f.Format), Map: mapOf(f.Map), Loose: f.TokenInURL})
	}
	return out
}

// mapOf hands a map of the config to the door.
func mapOf(m *config.Map) findings.Map {
	if m == nil {
		return findings.Map{}
	}
	out := findings.Map{Each: m.Each, Fields: map[string]findings.Field{}}
	for name, f := range m.Fields {
		to := findings.Field{Values: f.Values, Otherwise: f.Otherwise, As: f.As, Zone: f.Zone}
		for _, t := range f.Try {
			var text findings.Text
			for _, p := range t {
				text = append(text, findings.Piece(p))
			}
			to.Try = append(to.Try, text)
		}
		for _, b := range f.AtLeast {
			to.AtLeast = append(to.AtLeast, findings.Bound(b))
		}
		out.Fields[name] = to
	}
	return out
}

// The words of products. Triage reads what people write; a product's title is a
// name, often without a verb, and some of its words nobody types into a chat.
var (
	// weakness names something that could happen: a vulnerability, whatever stands
	// beside it. A vulnerability that is being used is none of them.
	weakness = regexp.MustCompile(`(?i)\bcve-\d|\bcwe-\d|\b(rhsa|cesa|usn|avd|cnvd|cnnvd)-\d|vulnerab|漏洞|弱口令|弱密码|weak (password|credential)|基线|baseline|未授权访问|可被|公网(开放|暴露)|端口.{0,12}(开放|暴露)|open to the internet|\bport \d+ (is )?(open|exposed)|unauthori[sz]ed access (to|possible)`)
	used     = regexp.MustCompile(`(?i)漏洞(利用|攻击)|利用.{0,20}漏洞|exploit(ed|ation|s)?\b.{0,30}(detected|attempt|success|blocked)|exploited|攻击成功|under attack`)
	// alarms name something that happens or has happened.
	alarms = []struct {
		words    *regexp.Regexp
		category desk.Category
	}{
		{regexp.MustCompile(`(?i)篡改|defac(ed|ement)|拖库|数据(泄露|泄漏|外泄)|data (leak|breach|exfiltration)|exfiltrat`), desk.DataDestruction},
		{regexp.MustCompile(`(?i)暗链|挂马|hidden links?|web ?shell|网站后门|后门|backdoor|挖矿|crypto.?min(er|ing)|coin.?miner|勒索|ransomware|木马|trojan|蠕虫|\bworm\b|rootkit|病毒|\bvirus\b|malware|恶意(软件|进程|程序|文件|脚本)`), desk.Malware},
		{regexp.MustCompile(`(?i)(暴力破解|爆破|brute.?force).{0,12}(成功|succe)|(成功|success\w*).{0,12}(暴力破解|爆破|brute.?force)|反弹 ?shell|reverse shell|入侵|intrusion|\bc2\b|异常登录|异地登录|unusual log[io]n`), desk.NetworkAttack},
	}
)

// matterOf says what a severe finding is that does not say so itself: an incident
// with its category, or a vulnerability.
func matterOf(title string) (desk.Kind, desk.Category) {
	if weakness.MatchString(title) && !used.MatchString(title) {
		return desk.Vulnerability, ""
	}
	if v := triage.Read(title, triage.Context{Addressed: true}); v.Label == string(desk.Incident) {
		return desk.Incident, v.Category
	}
	for _, a := range alarms {
		if a.words.MatchString(title) {
			return desk.Incident, a.category
		}
	}
	if used.MatchString(title) {
		return desk.Incident, desk.NetworkAttack
	}
	return desk.Vulnerability, ""
}

func (s *service) findingsCounters() []counter {
	n := &s.findings.Count
	return []counter{
		{"findings_taken_total", "Findings that were handed to a desk, repetitions included.", &n.Taken},
		{"findings_refused_total", "Requests of known sources that were refused, whole or in part.", &n.Refused},
		{"findings_signs_total", "Signs of life of sources that were handed to a desk.", &n.Signs},
		{"findings_strangers_total", "Requests without the token of a source.", &n.Strangers},
	}
}
