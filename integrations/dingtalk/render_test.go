package dingtalk

import (
	"flag"
	"strings"
	"testing"
	"unicode/utf8"

	"butler/bot/bottest/chattest"
	"butler/bot/card"
)

var update = flag.Bool("update", false, "write testdata anew; read the difference before committing it")

// filled is a sheet in a language, filled as DingTalk has it.
func filled(t *testing.T, lang, name string) card.Card {
	t.Helper()
	return chattest.Sheet(t, card.Mention, lang, name, chattest.Written{
		Title: "数据库主机出现勒索提示 <@all> ![x](http://evil.cn/x.png)", Item: "官网首页 @所有人 *被篡改*",
		Text: "# 请先断网。\n不要重启 `db_01`，见 [这里](http://x.cn)\n1. 备份\n> 已确认", Note: "疑似弱口令 @张工",
	})
}

// TestGolden holds what DingTalk gets of every sheet in both languages: the
// parameters of the card, and the markdown where there is no card.
func TestGolden(t *testing.T) {
	for _, lang := range card.Languages {
		for _, name := range card.Sheets() {
			c := filled(t, lang, name)
			title, text := markdown(c, form{name: "张工"})
			full := params(c, form{at: zhang, name: "张工"})
			shown := map[string]string{}
			for k, v := range full {
				if v != "" {
					shown[k] = v
				}
			}
			chattest.Golden(t, *update, lang, name, map[string]any{"card": shown, "markdown": map[string]any{"title": title, "text": strings.Split(text, "\n")}})
			obeys(t, lang+"/"+name, full, title, text)
		}
	}
}

// obeys checks a message against what DingTalk takes, and that words of people do
// nothing in it.
func obeys(t *testing.T, what string, params map[string]string, title, text string) {
	t.Helper()
	for k, v := range params {
		if len(v) > maxValue || !utf8.ValidString(v) {
			t.Errorf("%s: %s has %d bytes", what, k, len(v))
		}
		if strings.HasPrefix(k, "body") {
			idle(t, what+" "+k, v)
		}
	}
	if n := len(paramOf(title, text)); n > maxParam {
		t.Errorf("%s: msgParam has %d bytes", what, n)
	}
	idle(t, what+" markdown", text)
}

// idle checks that no words of people became markup.
func idle(t *testing.T, what, text string) {
	t.Helper()
	for _, active := range []string{"](http", "<", "@all", "@所有人", "`", "![", "*被篡改*"} {
		if strings.Contains(text, active) {
			t.Errorf("%s: %q does something in %q", what, active, text)
		}
	}
}

func TestInert(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"# 大标题", "＃ 大标题"},
		{"issue#3 与 #12", "issue#3 与 #12"},
		{"> 引用\n>> 再引", "＞ 引用\n＞> 再引"},
		{"a -> b", "a -> b"},
		{"**重要** *斜*", "＊＊重要＊＊ ＊斜＊"},
		{"SELECT * FROM t", "SELECT * FROM t"},
		{"/var/log/db_01_x.log", "/var/log/db_01_x.log"},
		{"_斜_ __init__", "＿斜＿ ＿＿init＿＿"},
		{"`rm -rf /`", "｀rm -rf /｀"},
		{"```\ncode", "｀｀｀\ncode"},
		{"[点我](http://evil.cn)", "［点我］(http：//evil.cn)"},
		{"![](https://evil.cn/a.png)", "!［］(https：//evil.cn/a.png)"},
		{"dingtalk://dingtalkclient/action", "dingtalk：//dingtalkclient/action"},
		{"<font color=red>假</font>", "＜font color=red>假＜/font>"},
		{"@all @所有人 @张三", "＠all ＠所有人 ＠张三"},
		{"lihua@example.com", "lihua@example.com"},
		{"发送 @安全管家 /claim 12", "发送 @安全管家 /claim 12"},
		{"- 一\n+ 二\n* 三", "－ 一\n＋ 二\n＊ 三"},
		{"1. 一\n2) 二\n1.5 倍", "1． 一\n2） 二\n1.5 倍"},
		{"一\r# 二\r\n> 三", "一\n＃ 二\n＞ 三"},
		{"标题\n---\n===", "标题\n－－－\n＝＝＝"},
		{"    四格", "\u3000\u3000四格"},
		{"\t# 制表", "\u3000＃ 制表"},
		{"&lt;b&gt; A&B", "＆lt;b＆gt; A&B"},
		{`\[x\] C:\Users`, `\［x\］ C:\Users`},
		{`\*x\*`, `＼＊x＼＊`},
		{"~~删~~ ~/home", "～～删～～ ~/home"},
		{"|a|b|\n|--|--|", "|a|b|\n｜－－｜－－｜"},
		{"普通的话，没有什么。", "普通的话，没有什么。"},
		{"192.168.0.1:3306 与 db-01", "192.168.0.1:3306 与 db-01"},
	} {
		if got := inert(c.in); got != c.want {
			t.Errorf("inert(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestInertAfter(t *testing.T) {
	for in, want := range map[string]string{"#12 的时间线": "#12 的时间线", "- 不": "- 不", "#1 *x*\n# y": "#1 ＊x＊\n＃ y"} {
		if got := inertAfter(in); got != want {
			t.Errorf("inertAfter(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestWordsCannotPassForLinesOfTheCard puts a whole false card into a quote.
func TestWordsCannotPassForLinesOfTheCard(t *testing.T) {
	c := card.Card{Lang: "zh-CN", Title: "标题", Lines: []card.Line{{Kind: card.Quote, Text: "真\n\n### 已解决\n**状态：** 关闭\n@安全管家 /close 1"}}}
	_, text := markdown(c, form{})
	for _, line := range strings.Split(text, "\n")[1:] {
		if line != "" && !strings.HasPrefix(line, "> ") && line != "> " {
			t.Errorf("%q left the quote in %q", line, text)
		}
	}
}

// TestTooLong fills a card with more than DingTalk takes: it is cut where people
// would cut it, says so, and keeps its buttons.
func TestTooLong(t *testing.T) {
	c := card.Card{Lang: "zh-CN", Title: strings.Repeat("长", 150), Foot: strings.Repeat("脚", 300),
		Buttons: []card.Button{{Label: "接手", Command: "/claim 1"}}}
	for range 40 {
		c.Lines = append(c.Lines, card.Line{Kind: card.Quote, Text: strings.Repeat("数据库主机出现勒索提示。", 150)})
	}
	p := params(c, form{})
	for k, v := range p {
		if len(v) > maxValue || !utf8.ValidString(v) {
			t.Errorf("%s has %d bytes, or a broken character", k, len(v))
		}
	}
	last := p["body8"]
	if !strings.HasSuffix(last, more) || p["b1_command"] != "/claim 1" {
		t.Errorf("the card does not say that it goes on, or lost its button: %q", last)
	}
	if strings.Contains(p["body1"], "提示。数\n") || !strings.HasSuffix(p["body1"], "。") {
		t.Errorf("not cut at the end of a sentence: %q", p["body1"])
	}
	for i := range bodySlots {
		if v := p["body"+string(rune('1'+i))]; !strings.HasPrefix(v, "> ") {
			t.Errorf("slot %d is no quote any more: %.60q", i+1, v)
		}
	}
	title, text := markdown(c, form{})
	if n := len(paramOf(title, text)); n > maxParam || n < maxParam*2/3 {
		t.Errorf("msgParam has %d bytes of %d", n, maxParam)
	}
	if !strings.Contains(text, more) || !strings.Contains(text, "@安全管家 /claim 1") {
		t.Error("the message does not say that it goes on, or lost what can be typed")
	}
}

// TestTooLongAtBothEnds: a title and a small print that alone have more than
// DingTalk takes.
func TestTooLongAtBothEnds(t *testing.T) {
	long := strings.Repeat("长", maxParam)
	title, text := markdown(card.Card{Title: long, Foot: long, Lines: []card.Line{{Kind: card.Text, Text: "第一段"}}}, form{})
	if n := len(paramOf(title, text)); n > maxParam || !strings.Contains(text, "第一段") || strings.Count(text, "…") != 2 {
		t.Errorf("msgParam has %d bytes of %d: %.100s", n, maxParam, text)
	}
}

// TestMoreButtonsThanSlots: what no slot has room for is typed.
func TestMoreButtonsThanSlots(t *testing.T) {
	c := card.Card{Lang: "en", Title: "Which case?"}
	for i := range 12 {
		c.Buttons = append(c.Buttons, card.Button{Label: "Case " + string(rune('a'+i)), Command: "/triage m7 #" + string(rune('a'+i))})
	}
	p := params(c, form{})
	if p["b8"] != "Case h" || !strings.Contains(p["body1"], "Case i: @Butler /triage m7 #i") || !strings.Contains(p["body1"], "#l") {
		t.Errorf("%q", p)
	}
}

// TestEverySlotIsWritten: an update by key would leave in a slot what stood there.
func TestEverySlotIsWritten(t *testing.T) {
	empty, full := params(card.Card{}, form{}), params(filled(t, "zh-CN", "board.back"), form{name: "张工"})
	for k := range full {
		if _, ok := empty[k]; !ok {
			t.Errorf("an empty card does not write %s", k)
		}
	}
	if full["a1"] == "" || full["a1_command"] == "" || full["hint"] == "" || full["b1_style"] != "primary" {
		t.Errorf("the board lost a button: %q", full)
	}
}

func FuzzInert(f *testing.F) {
	for _, s := range []string{"# a", "a\r# b", "_a_ *b*", "1. x", "[a](b)", "\\`", "> @all"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := inert(s)
		if strings.Count(got, "\n") != strings.Count(ends.Replace(s), "\n") || utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("inert(%q) = %q", s, got)
		}
		for _, l := range strings.Split(got, "\n") {
			if strings.HasPrefix(l, "#") || strings.HasPrefix(l, ">") || strings.HasPrefix(l, "- ") || strings.ContainsAny(l, "[]<`") {
				t.Fatalf("inert(%q) = %q", s, got)
			}
		}
	})
}
