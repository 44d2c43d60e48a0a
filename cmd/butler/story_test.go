package main

import (
	"testing"
	"time"
)

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err) // built in, see main.go
	}
	return l
}()

// onCard is a time as Chinese cards write it.
func onCard(t time.Time) string { return t.In(shanghai).Format("01-02 15:04 (UTC+8)") }

// The whole story on the page: a report, nobody answers, the ladder climbs, an
// expert takes it, answers, solves it, and fifteen days of follow-up.
func TestTheStoryInABrowser(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "zh-CN")
	b := openBrowser(t, desktop, "http://"+d.addr+"/")
	b.see("customer-acme", "示例科技")
	b.pause()
	b.shoot("empty")

	// The customer reports; the card says what is promised, until when, who is told.
	opened := b.now()
	b.say("front", "lihua", "数据库主机 10.0.0.8 出现勒索提示，所有文件都打不开了")
	b.see("log-front > message[data-kind=opened]", "紧急", "#1", onCard(opened.Add(15*time.Minute)), "张工")
	b.see("log-back > message[data-kind=ping]", "张工", "接手")
	b.shoot("reported")

	// Nobody answers.
	for _, rung := range []struct {
		after time.Duration
		room  string
		who   string
	}{{5 * time.Minute, "back", "张工"}, {8 * time.Minute, "back", "王工"}, {12 * time.Minute, "back", "陈经理"}} {
		if at := b.next(); !at.Equal(opened.Add(rung.after)) {
			t.Fatalf("the next deadline is %v after the report, want %v", at.Sub(opened), rung.after)
		}
		b.see("log-"+rung.room+" > message[data-kind=ping]", "@"+rung.who)
		b.shoot("rung-" + rung.after.String())
	}
	b.speak("direct", "chen")
	b.see("log-direct > message[data-kind=ping]", "#1", "勒索")

	// The expert takes it with the button, and answers with a command.
	b.speak("back", "zhang")
	b.click("log-back > card-button[data-command=\"/claim 1\"]")
	b.see("log-front > message[data-kind=claimed]", "张工", "接手", onCard(opened.Add(15*time.Minute)))
	b.shoot("claimed")
	b.click("say-back")
	b.typing("/repl")
	b.see("complete-back", "/回复")
	b.shoot("completing")
	b.keys(tab)
	b.field("back", "/reply ")
	b.typing("1 ")
	b.typing("我是张工，请先断开 10.0.0.8 的网络，我们正在取证")
	b.keys(enter)
	b.see("log-front > message[data-kind=responded]", "张工", "断开 10.0.0.8")
	b.shoot("answered")

	// The record: timers, timeline and arithmetic, the inside.
	b.click("tab-timers")
	b.see("panel-timers > timer")
	b.click("tab-cases")
	b.click("panel-cases > case[data-n=\"1\"]")
	b.see("timeline", "李华", "勒索", "张工", "王工", "陈经理", "1/5", "4/5")
	b.see("explain", "15 分", opened.Add(15*time.Minute).In(shanghai).Format("01-02 15:04"), "已兑现")
	b.shoot("timeline")
	b.click("tab-inside")
	b.see("panel-inside > step", "claim")
	b.shoot("inside")

	// Solved; the follow-ups of days 1, 3, 7 and 15, and the end of the safe period.
	b.say("back", "zhang", "/resolve 1 已清除恶意程序，数据已从备份恢复，入口漏洞已修补")
	b.see("log-front > message", "已清除恶意程序")
	b.shoot("resolved")
	solved := b.now().In(shanghai)
	morning := func(day int) time.Time {
		return time.Date(solved.Year(), solved.Month(), solved.Day()+day, 10, 0, 0, 0, shanghai)
	}
	b.click("tab-timers")
	pings := len(b.texts("log-back > message[data-kind=ping]"))
	for i, day := range []int{1, 3, 7, 15} {
		for at := b.now(); at.Before(morning(day)); {
			at = b.next()
		}
		if at := b.now(); !at.Equal(morning(day)) {
			t.Errorf("the follow-up of day %d passes at %v, want %v", day, at.In(shanghai), morning(day))
		}
		b.seeCount("log-front > message[data-kind=followup]", i+1)
		if day == 1 {
			b.see("log-front > message[data-kind=followup]", "#1")
			b.shoot("first-follow-up")
			b.click("log-front > message[data-kind=followup] > card-button[data-command=\"/fine 1\"]")
			b.see("log-front > message[data-from=lihua]", "一切正常", "/fine 1")
			b.shoot("all-is-well")
		}
	}
	for at := b.now(); at.Before(morning(16)); {
		at = b.next()
	}
	b.see("log-front > message[data-kind=safe]", "#1")
	b.seeCount("log-back > message[data-kind=ping]", pings) // all was well: nobody was asked again
	b.shoot("closed")
	b.noSpill()

	// English, and another customer.
	b.click("lang")
	b.see("send-front")
	b.see("tab-timers", "Timers")
	b.shoot("english")
	b.click("customer-globex")
	b.see("customer-globex", "Globex")
	b.say("front", "kate", "Our database host shows a ransom note, every file is encrypted")
	b.see("log-front > message[data-kind=opened]", "#1", "张工")
	b.shoot("second-customer")
	b.click("tab-cases")
	b.click("panel-cases > case[data-n=\"1\"]")
	b.see("explain", "15 min")
	b.shoot("second-customer-case")

	// Anew.
	b.click("reset")
	b.click("reset-yes")
	b.seeCount("message", 0)
	b.click("customer-acme")
	b.seeCount("message", 0)
	b.shoot("reset")
}

// Without a mouse: a report is sent and a completion accepted.
func TestWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "en")
	b := openBrowser(t, desktop, "http://"+d.addr+"/")
	b.see("log-front") // the rooms are there
	b.see("speaker-front", "Kate")

	b.keys("1") // to the customers' room
	b.typing("Our database host shows a ransom note")
	b.keys(enter)
	b.see("log-front > message[data-kind=opened]", "#1")

	b.keys(escape, "2") // out of the field, and to the experts' room
	b.keys("/", "c", "l", "a")
	b.see("complete-back", "/claim")
	b.keys(down, enter)
	b.field("back", "/claim ")
	b.shoot("completed")
	b.typing("1")
	b.field("back", "/claim 1")
	b.keys(enter)
	b.see("log-front > message", "张工")
	b.shoot("claimed")
}

// On a phone the rooms stand behind tabs.
func TestTheStoryOnAPhone(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "en")
	b := openBrowser(t, phone, "http://"+d.addr+"/")
	b.see("speaker-front", "Kate")
	b.shoot("empty")
	b.noSpill()
	b.say("front", "kate", "The database host 10.0.0.8 shows a ransom note, all files are encrypted")
	b.see("log-front > message[data-kind=opened]", "#1")
	b.shoot("reported")
	b.noSpill()
	b.click("tab-back")
	b.see("log-back > message[data-kind=ping]", "张工")
	b.shoot("back")
	b.click("log-back > card-button[data-command=\"/claim 1\"]")
	b.click("tab-front")
	b.see("log-front > message", "张工")
	b.shoot("claimed")
	for _, v := range []string{"timers", "cases", "inside"} {
		b.click("view-" + v)
		b.see("panel-" + v)
		b.shoot(v)
		b.noSpill()
	}
	b.click("tab-direct")
	b.see("say-direct")
	b.shoot("direct")
	b.noSpill()
}
