package main

import (
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// What people can do on DingTalk, and what they cannot: in a group the bot hears
// only what is said to it, and no file; in a one-to-one chat it hears both.
func TestWhatIsHeardOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s})

	// Words to each other, and a file, are not heard.
	if s.Say(dingFront, dingHong, "商城首页被篡改成博彩网站了").Delivery() != nil || s.File(dingFront, dingHong, "shot.zip", []byte("x")).Delivery() != nil {
		t.Fatal("the fake brings what DingTalk does not")
	}

	// To the bot: as people write, with half the punctuation of another keyboard.
	s.Say(dingFront, dingHong, "@管家 网站打不开了,全是博彩").Acked()
	board := s.Expect(dingFront, "#1", "已受理", "博彩")
	if !board.Contains("@") {
		t.Errorf("the card does not say that the bot has to be addressed:\n%s", board.Words())
	}
	ping := s.ExpectAt(dingBack, dingZhang, "请接手", "#1")
	if len(dingBoards(s, dingFront, "", "被篡改")) > 0 {
		t.Error("what was not said to the bot stands on a card")
	}

	// Taken by words that are an answer at the same time.
	s.Say(dingBack, dingZhang, "@管家 认领 1 我是张工,正在排查").Acked()
	s.Expect(dingFront, "张工 答复 #1", "我是张工,正在排查")
	s.ExpectCard(ping.Card, "#1") // it stands

	// A contact writes to the bot alone, and sends a file as evidence.
	s.Say(s.Direct(dingHong), dingHong, "补充：攻击来自 203.0.113.7").Acked()
	s.Expect(dingBack, "203.0.113.7")
	s.File(s.Direct(dingHong), dingHong, "access.log", []byte("GET /")).Acked()
	s.Expect(dingBack, "access.log")
	s.Audio(s.Direct(dingHong), dingHong, "首页又被改了一次").Acked()
	s.Expect(dingBack, "首页又被改了一次")

	// An expert asks the bot alone: commands need no slash and no @ there.
	s.Say(s.Direct(dingZhang), dingZhang, "/列表").Acked()
	s.Expect(s.Direct(dingZhang), "在跟进 1 件", "博彩")
	s.Say(s.Direct(dingZhang), dingZhang, "／时间线 １").Acked()
	record := s.Expect(s.Direct(dingZhang), "时间线", "access.log", "203.0.113.7").Words()
	if !strings.Contains(record, "小红") {
		t.Errorf("the timeline does not say who sent the file:\n%s", record)
	}

	// A stranger's chat concerns nobody.
	s.Say(s.Direct(dingLihua), dingLihua, "在吗").Acked()

	// What a customer may not do is answered to them, where they asked.
	s.Say(dingFront, dingHong, "@管家 ／额度").Acked()
	s.Expect(s.Direct(dingHong), "没有执行")
	s.Say(dingFront, dingLihua, "@管家 /claim 1").Acked()
	s.Expect(dingFront, "没有执行") // of another organisation: there is no other way to them
	s.ExpectNone(dingFront, 100*time.Millisecond, "李华 已接手")

	s.Settled()
	p.well(s, "博彩", "203.0.113.7", "access.log")
}

// Without a card template everything is markdown, and what would be pressed is
// typed.
func TestDingTalkWithoutATemplate(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, plain: true})

	s.Say(dingFront, dingLihua, dingReport("plain")).Acked()
	board := s.Expect(dingFront, "#1", "已受理", "plain", "@安全管家")
	s.ExpectDing(dingZhang, dingfake.ByApp, "#1")
	// Nothing was said in the back, so no webhook is there to call somebody: it is
	// told to them alone.
	s.Expect(s.Direct(dingZhang), "请接手", "#1")
	s.Expect(dingBack, "请接手", "张工")

	s.Say(dingBack, dingZhang, toManager("认领 1")).Acked()
	s.Expect(dingFront, "张工 已接手")
	s.Expect(dingBack, "张工 已接手")
	s.Say(dingBack, dingZhang, toManager("回复 1 我是张工，正在处理。")).Acked()
	s.Expect(dingFront, "我是张工，正在处理。")

	// Now there is one.
	s.Say(dingFront, dingLihua, dingReport("second")).Acked()
	s.ExpectAt(dingBack, dingZhang, "请接手", "#2")
	s.Say(dingBack, dingZhang, toManager("解决 1 已清除。")).Acked()
	s.Expect(dingFront, "已清除。")

	if n := len(s.Cards("")); n != 0 {
		t.Errorf("%d cards were made without a template", n)
	}
	if now := s.Message(board.Key); now.Text != board.Text {
		t.Errorf("what cannot be edited was edited: %s", now.Text)
	}
	p.well(s, "勒索", "我是张工")
}
