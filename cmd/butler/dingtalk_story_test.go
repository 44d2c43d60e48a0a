package main

import (
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// The whole story in DingTalk groups: a report by somebody of another organisation,
// the ping with its DING, the claim by a button, answers by a command and by the
// card's input, question and answer, solution, and the follow-up that is promised.
func TestTheStoryOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s})

	// The customer reports in plain words; the card is in the front, the question
	// who takes it in the back, and beside it a call that cannot be overlooked.
	said := s.Say(dingFront, dingLihua, toManager("数据库主机 10.0.0.8 出现勒索提示，所有文件都打不开了"))
	said.Acked()
	board := s.Expect(dingFront, "#1", "已受理", "最迟响应", "张工")
	ping := s.ExpectAt(dingBack, dingZhang, "请接手", "#1")
	inside := s.Expect(dingBack, "示例科技", "等待接手")
	s.ExpectDing(dingZhang, dingfake.ByApp, "#1")
	for what, m := range map[string]dingfake.Message{"front": board, "ping": ping, "back": inside} {
		if m.Card == "" {
			t.Fatalf("%s: it is no card with buttons: %s", what, m.Words())
		}
	}
	if len(board.At) > 0 || board.AtAll {
		t.Errorf("the customer's card calls somebody: %v", board.At)
	}

	// Taken with the button, which everybody sees on both cards. Acked fails when the
	// answer took more than 2 s.
	press(t, s, dingZhang, ping.Card, "接手", "").Acked()
	s.ExpectCard(board.Card, "张工 已接手")
	s.ExpectCard(inside.Card, "张工 已接手，还没有答复客户")

	// Answered by words, in the punctuation of a Chinese keyboard.
	first := "我是张工，请先断开 10.0.0.8 的网络。"
	s.Say(dingBack, dingZhang, toManager("回复 1 "+first)).Acked()
	s.Expect(dingFront, "张工 答复 #1", first)
	s.ExpectCard(board.Card, "张工 正在处理", "响应")
	s.Say(dingBack, dingZhang, toManager("／回复　１　已经隔离，\n正在核对备份。")).Acked()
	s.Expect(dingFront, "张工 答复 #1", "已经隔离，", "正在核对备份。")

	// And by what is written into the card.
	press(t, s, dingZhang, inside.Card, "答复", "我们正在取证。").Acked()
	s.Expect(dingFront, "张工 答复 #1", "我们正在取证。")

	// A question, and an answer of several lines.
	s.Say(dingBack, dingZhang, toManager("追问 1 最近一次备份是哪天？")).Acked()
	s.ExpectCard(board.Card, "等待您补充信息", "最近一次备份是哪天？")
	s.Say(dingFront, dingLihua, toManager("昨晚 23 点的备份是好的。\n另外一份在异地机房。")).Acked()
	s.Expect(dingBack, "昨晚 23 点的备份是好的", "异地机房")
	s.ExpectCard(board.Card, "张工 正在处理")

	// Solved.
	before := time.Now()
	s.Say(dingBack, dingZhang, toManager("解决 1 已清除恶意程序，数据已从备份恢复。")).Acked()
	s.ExpectCard(board.Card, "已解决", "已清除恶意程序，数据已从备份恢复。", "保障期至")
	after := time.Now()
	s.ExpectCard(inside.Card, "已解决")

	// The check-ins lie days ahead: they stand on the list of what falls due, which
	// only the asker reads.
	s.Say(dingBack, dingZhang, toManager("计时 1")).Acked()
	due := s.Expect(s.Direct(dingZhang), "接下来的计时").Words()
	if strings.Contains(due, "最迟响应") || strings.Contains(due, "通知下一级") {
		t.Errorf("the promise was kept, and its clocks still run:\n%s", due)
	}
	if next, of := followup(before), followup(after); !strings.Contains(due, next) && !strings.Contains(due, of) {
		t.Errorf("the first check-in is not announced as %q:\n%s", of, due)
	}

	// The customer is content: a button is anybody's, also of another organisation.
	press(t, s, dingLihua, board.Card, "确认解决", "").Acked()
	s.ExpectCard(board.Card, "客户确认")

	s.Settled()
	t.Logf("the story costs %d calls of the month, %d of them DINGs", s.Spent(), len(s.Dings("")))
	if n := len(dingBoards(s, dingFront, "紧急安全事件 #1", "")); n != 1 {
		t.Errorf("one case has %d cards in the front", n)
	}
	if n := called(s, dingBack, dingZhang, "请接手"); n != 1 {
		t.Errorf("the expert was asked %d times to take one case", n)
	}
	if n := len(s.Dings(dingZhang)); n != 1 {
		t.Errorf("the expert was called %d times", n)
	}
	p.well(s, "勒索", "我是张工", "备份")
}
