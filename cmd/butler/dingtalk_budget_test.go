package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// Near the end of the month's calls what is urgent goes as ever, and what is not
// goes where it costs nothing, or waits. Staff can see how it stands.
func TestTheBudgetOfDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, calls: 70}) // the last 50 are for urgent cases

	s.Say(dingFront, dingHong, toManager("/额度")).Acked()
	s.Expect(s.Direct(dingHong), "没有执行")
	s.Say(dingBack, dingZhang, toManager("额度")).Acked()
	s.Expect(s.Direct(dingZhang), "本月调用额度", "dingtalk", "/ 70")
	for i := range 5 {
		s.Say(dingFront, dingLihua, dingReport(fmt.Sprintf("spend-%d", i))).Acked()
		s.ExpectAt(dingBack, dingZhang, "请接手", fmt.Sprintf("spend-%d", i))
	}
	eventually(t, 10*time.Second, "the reserve is reached", func() error {
		if n := s.Spent(); n < 20 {
			return fmt.Errorf("%d calls", n)
		}
		return nil
	})
	// What is not urgent: an answer goes by the webhook of the group, which costs
	// nothing; the board is edited when calls can be spared.
	eventually(t, 20*time.Second, "the bot knows it", func() error {
		s.Say(dingBack, dingZhang, toManager("值班")).Acked()
		for _, m := range s.Posted(dingBack) {
			if m.By == dingfake.WebhookPath && m.Contains("值班") {
				return nil
			}
		}
		return errors.New("answers cost calls still")
	})
	spent := s.Spent()
	s.Say(dingFront, dingHong, toManager("/report incident normal 邮箱里有一封可疑邮件")).Acked()
	board := s.Expect(dingFront, "#6", "可疑邮件") // the customer is told in any case
	ping := s.ExpectAt(dingBack, dingZhang, "请接手", "#6")
	// What is urgent goes at once, past what waits, and so does all of its case.
	began := time.Now()
	s.Say(dingFront, dingLihua, dingReport("urgent")).Acked()
	s.Expect(dingFront, "#7", "urgent")
	pressing := s.ExpectAt(dingBack, dingZhang, "请接手", "urgent")
	s.Say(dingBack, dingZhang, toManager("接手 7 我是张工，马上处理。")).Acked()
	s.Expect(dingFront, "张工 答复 #7", "马上处理")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if pressing.Card == "" || s.Spent() <= spent {
		t.Error("the urgent case got no card")
	}
	press(t, s, dingZhang, ping.Card, "接手", "").Acked()
	eventually(t, 10*time.Second, "it waits", func() error {
		if !strings.Contains(p.stderr.String(), "the last 50 are for urgent cases") {
			return errors.New("nothing waits")
		}
		return nil
	})
	s.Say(dingFront, dingLihua, dingReport("past-it")).Acked()
	s.Expect(dingFront, "#8", "past-it")
	s.ExpectAt(dingBack, dingZhang, "请接手", "past-it")
	s.ExpectNone(dingFront, 0, "安全事件 #6 · 张工 已接手")
	if now := s.Card(board.Card); now.Updates > 0 {
		t.Errorf("the board of what is not urgent was edited %d times", now.Updates)
	}
	p.well(s)
}

// The month's calls are used up: DingTalk takes none. What can go by the webhook
// goes, the rest waits and is there when DingTalk takes calls again; staff see why.
func TestNoCallsAreLeftOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t, dingfake.Quota(5000))
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, calls: 5000})
	s.Say(dingBack, dingZhang, toManager("值班")).Acked()
	s.Expect(s.Direct(dingZhang), "值班")
	s.Spend(5000) // other apps of the organisation
	s.Say(dingFront, dingLihua, dingReport("nothing-left")).Acked()
	s.Expect(dingFront, "#1", "nothing-left")
	s.ExpectAt(dingBack, dingZhang, "请接手", "nothing-left")
	s.Say(s.Direct(dingZhang), dingZhang, "额度").Acked()
	s.Expect(s.Direct(dingZhang), "本月调用额度", "已用 5000 / 5000")
	if n := len(s.Cards("")); n != 0 {
		t.Errorf("%d cards were made", n)
	}
	p.well(s)
}
