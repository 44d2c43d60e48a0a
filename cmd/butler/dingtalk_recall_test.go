package main

import (
	"testing"
	"time"
)

// An answer is taken back as a message within a day, and emptied where that is over.
func TestRecallOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s})
	s.Say(dingFront, dingHong, dingReport("recall")).Acked()
	s.ExpectAt(dingBack, dingZhang, "请接手", "#1")

	s.Say(dingBack, dingZhang, toManager("/reply 1 请断开 10.0.0.8，这句发错了群")).Acked()
	s.Expect(dingFront, "张工 答复 #1", "发错了群")
	s.Say(dingBack, dingZhang, toManager("/recall 1")).Acked()
	s.Expect(s.Direct(dingZhang), "最近的答复已撤回")
	s.ExpectNone(dingFront, 0, "发错了群")
	s.ExpectNone(dingFront, 0, "已撤回") // nothing is left of it

	s.Say(dingBack, dingZhang, toManager("/reply 1 请等我们的电话")).Acked()
	old := s.Expect(dingFront, "请等我们的电话")
	s.Skip(25 * time.Hour)
	s.Say(dingBack, dingZhang, toManager("撤回 1")).Acked()
	s.ExpectCard(old.Card, "此消息已撤回")
	s.ExpectNone(dingFront, 0, "请等我们的电话")

	// A customer takes nothing back.
	s.Say(dingFront, dingHong, toManager("/recall 1")).Acked()
	s.Expect(s.Direct(dingHong), "没有执行")
	p.well(s, "发错了群")
}

// What went by a session webhook stays: its expert hears why.
func TestRecallOfPlainWordsOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, plain: true})
	s.Say(dingFront, dingHong, dingReport("recall")).Acked()
	s.Expect(dingFront, "#1", "recall")
	s.Say(dingBack, dingZhang, toManager("/reply 1 请等我们的电话")).Acked()
	s.ExpectAt(dingFront, dingHong, "请等我们的电话") // who reported it is called
	s.Say(dingBack, dingZhang, toManager("/recall 1")).Acked()
	s.Expect(s.Direct(dingZhang), "这条答复撤不回来", "会话 webhook")
	s.Expect(dingFront, "请等我们的电话")
	p.well(s)
}
