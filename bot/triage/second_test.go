package triage

import (
	"flag"
	"testing"

	"butler/bot/desk"
)

// What the desk does with a confidence when nobody addressed the bot (desk,
// said.go): from askFrom on it asks with two buttons, from openFrom on it acts.
const (
	askFrom  = 0.35
	openFrom = 0.60
)

var showHeld = flag.Bool("held", false, "with -show: also the third of testdata/second.jsonl that is held back")

// worried are the tallies of the second set.
type worried struct {
	label, asked, heard, urgent, category, severity, sure, quiet, disturbed tally
}

// TestSecond measures a second set: worried and vague words beside clear ones of
// every label. A worry "ask" must be asked about, a worry "any" (is this an
// attack?) must be asked about or opened.
//
// The rules of worry.go were made from it and the model has learned from it, so it
// measures that they still do what they were made for, and nothing new.
func TestSecond(t *testing.T) {
	var seen, held worried
	for i, s := range samples(t, "testdata/second.jsonl") {
		w, show := &seen, *evalShow
		if i%3 == 2 {
			w, show = &held, *evalShow && *showHeld
		}
		v := Read(s.Text, Context{})
		if wrong := w.judge(s, v); wrong != "" && show {
			t.Logf("%s %s (%s %.2f)\n    %s\n    %s", s.ID, wrong, short(v), v.Confidence, s.Text, v.Why)
		}
	}
	for _, c := range []struct {
		name string
		got  tally
		want float64
	}{
		{"seen label", seen.label, 0.94}, {"held label", held.label, 0.87},
		{"seen vague words", seen.asked, 0.97}, {"held vague words", held.asked, 0.90},
		{"seen questions", seen.heard, 0.99}, {"held questions", held.heard, 0.74},
		{"seen urgency", seen.urgent, 0.97}, {"held urgency", held.urgent, 0.90},
		{"seen clear incidents", seen.sure, 0.97}, {"held clear incidents", held.sure, 0.85},
	} {
		if c.got.rate() < c.want {
			t.Errorf("%s: %.3f (%d of %d), want at least %.2f", c.name, c.got.rate(), c.got.right, c.got.of, c.want)
		}
	}
	for name, w := range map[string]*worried{"seen": &seen, "held back": &held} {
		t.Logf("%s, %d messages: label %.3f, vague asked about %.3f, questions heard %.3f, urgency %.3f, category %.3f, severity %.3f, clear incidents sure %.3f, chatter named %.3f, chatter left alone %.3f",
			name, w.label.of, w.label.rate(), w.asked.rate(), w.heard.rate(), w.urgent.rate(), w.category.rate(), w.severity.rate(), w.sure.rate(), w.quiet.rate(), w.disturbed.rate())
	}
}

// judge counts one message and says what is wrong with its verdict.
func (w *worried) judge(s sample, v desk.Verdict) string {
	ok := v.Label == s.Label
	w.label.add(ok)
	wrong := ""
	note := func(t *tally, ok bool, what string) {
		t.add(ok)
		if !ok {
			wrong += what + " "
		}
	}
	if !ok {
		wrong = "label " + s.Label + " "
	}
	incident := s.Label == string(desk.Incident)
	switch {
	case s.Worry == "ask":
		note(&w.asked, ok && v.Confidence >= askFrom && v.Confidence < openFrom, "asked")
	case s.Worry == "any":
		note(&w.heard, ok && v.Confidence >= askFrom, "heard")
	case incident:
		note(&w.sure, ok && v.Confidence >= openFrom, "sure")
		if ok {
			note(&w.category, v.Category == *s.Category, "category")
		}
	case s.Label == string(desk.Vulnerability) && ok:
		note(&w.severity, v.Severity == *s.Severity, "severity")
	case s.Label == desk.Chatter:
		w.quiet.add(ok)
		note(&w.disturbed, !disturbs(v), "disturbed")
	}
	if incident && ok {
		note(&w.urgent, v.Urgent == *s.Urgent, "urgency")
	}
	return wrong
}

// disturbs reports whether the desk answers words nobody addressed to it.
func disturbs(v desk.Verdict) bool { return v.Label != desk.Chatter && v.Confidence >= askFrom }

// TestTalk: ordinary talk in a group that nothing was learned from. Few lines of a
// thousand may open or offer a case.
func TestTalk(t *testing.T) {
	var left tally
	for i, line := range talk(t, "testdata/heldout.txt") {
		if !heldOut(i) {
			continue
		}
		v := Read(line, Context{})
		left.add(!disturbs(v))
		if disturbs(v) && *evalShow {
			t.Logf("%s (%.2f) %s: %s", short(v), v.Confidence, line, v.Why)
		}
	}
	t.Logf("%d lines, left alone %.4f", left.of, left.rate())
	if left.rate() < leastQuiet {
		t.Errorf("ordinary talk left alone: %.4f (%d of %d), want at least %.3f", left.rate(), left.right, left.of, leastQuiet)
	}
}

// leastQuiet is a little under what was measured.
const leastQuiet = 0.993

// TestDoubt: a worried customer is asked, a question after an attack is no
// denial, and clear words stay clear. The last column is the least and the most
// confidence when nobody addressed the bot.
func TestDoubt(t *testing.T) {
	ask, heard, sure, quiet := [2]float64{askFrom, openFrom - 0.01}, [2]float64{askFrom, 1}, [2]float64{0.75, 1}, [2]float64{0, 1}
	for _, c := range []struct {
		text, want string
		between    [2]float64
	}{
		{"某个账号好像有点异常", "incident network_attack", ask},
		{"今天登录页好像有点不对劲", "incident network_attack", ask},
		{"收到一封奇怪的邮件", "incident network_attack", ask},
		{"收到一条可疑短信", "incident network_attack", ask},
		{"收到一封可疑邮件", "incident network_attack", ask},
		{"发现一个可疑进程", "incident malware", ask},
		{"帮忙看看这个IP是不是有问题 203.0.113.9", "incident network_attack", ask},
		{"198.51.100.7 要不要紧", "incident network_attack", ask},
		{"is 203.0.113.9 something we should worry about?", "incident network_attack", ask},
		{"got a weird email this morning", "incident network_attack", ask},
		{"is this link safe?", "incident network_attack", ask},
		{"服务器今天有点慢，不知道是不是被攻击了", "incident network_attack", heard},
		{"our server is slow today, could this be an attack?", "incident network_attack", heard},
		{"系统里有没有木马", "incident malware", heard},
		{"网站打不开了，是不是被攻击了", "incident urgent network_attack", heard},
		{"急！账号有点不对劲", "incident urgent network_attack", heard},
		{"怀疑服务器被入侵了", "incident urgent network_attack", sure},
		{"不知道谁把首页篡改了", "incident urgent data_destruction", sure},
		{"收到勒索邮件", "incident urgent malware", sure},
		{"数据库主机出现勒索提示", "incident urgent malware", sure},
		{"网站首页被篡改成博彩了", "incident urgent data_destruction", sure},
		{"服务器在挖矿，CPU 100%", "incident urgent malware", sure},
		{"our web server was defaced just now", "incident urgent data_destruction", sure},
		{"客户数据在暗网被出售", "incident urgent data_destruction", sure},
		{"有人在用我们员工的邮箱发钓鱼邮件", "incident urgent network_attack", sure},
		{"服务器今天有点慢", "out_of_scope", quiet},
		{"our server is slow today", "out_of_scope", quiet},
		{"这人好奇怪", "chatter", quiet},
		{"weird weather today", "chatter", quiet},
		{"没有异常", "chatter", quiet},
		{"巡检正常，没有发现可疑进程", "chatter", quiet},
		{"nothing weird in the logs", "chatter", quiet},
		{"空指针异常", "chatter", quiet},
		{"收到", "chatter", quiet},
		{"邮件收到了，谢谢", "chatter", quiet},
	} {
		v := Read(c.text, Context{})
		if short(v) != c.want || v.Confidence < c.between[0] || v.Confidence > c.between[1] {
			t.Errorf("%q is %q %.2f, want %q %v (%s)", c.text, short(v), v.Confidence, c.want, c.between, v.Why)
		}
	}
}

// TestNewBesideOpen: a new incident told beside an open case is as sure as alone.
func TestNewBesideOpen(t *testing.T) {
	for _, text := range []string{
		"对了，官网首页刚被篡改成博彩了",
		"顺便说下，我们客户数据在论坛上被卖",
		"by the way, our homepage has just been defaced",
		"还有个事，数据库主机出现勒索提示",
	} {
		if v := Read(text, Context{OpenCase: true}); v.Label != string(desk.Incident) || v.Confidence < openFrom {
			t.Errorf("%q is %q %.2f, want a sure incident", text, short(v), v.Confidence)
		}
	}
}
