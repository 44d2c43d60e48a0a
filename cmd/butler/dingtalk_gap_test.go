package main

import (
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// Every connection is away for a while. DingTalk keeps nothing for a robot, so each
// front is told, once, from when to when it may not have been heard; a click says
// that there was something, and the experts know that it comes.
func TestAnOutageOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	other := "cidOTHER=="
	s.Group(other, dingfake.With(dingZhang, dingLihua))
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, customers: dingAcme +
		`  - {id: nova, name: 新星, edition: enterprise, front: "dingtalk:cidOTHER==", back: "dingtalk:cidBACK+/1==", tam: chen}
`})
	s.Connected(2)
	s.Say(dingFront, dingHong, dingReport("before")).Acked()
	s.Expect(dingFront, "#1", "before")

	s.FailSocket(dingfake.RefusesOpen, 0)
	began := time.Now()
	s.DropSockets()
	p.unready("it is not connected", "ServiceUnavailable")
	s.Say(dingFront, dingHong, dingReport("unheard"), dingfake.Unheard())
	time.Sleep(time.Until(began.Add(2500 * time.Millisecond))) // the outage itself: less than 2 s is nobody's loss
	s.MendSockets()
	s.Connected(2)
	back := time.Now()

	told := s.Expect(dingFront, "我可能没听到", "这段时间我发过消息")
	s.Expect(other, "我可能没听到")
	from, to := window(t, told.Words())
	if from.After(began) || from.Before(began.Add(-time.Minute)) || to.Before(back.Truncate(time.Minute)) || to.After(time.Now().Add(time.Minute)) {
		t.Errorf("it was away from %v to %v, and says: %s", began, back, told.Words())
	}
	p.ready()

	// Pressed by somebody with a userid, and by somebody without.
	press(t, s, dingHong, told.Card, "这段时间我发过消息", "").Acked()
	s.Expect(s.Direct(dingHong), "请把那段时间的内容再发一次")
	s.Expect(dingBack, "小红", "示例科技")
	press(t, s, dingLihua, s.Expect(other, "我可能没听到").Card, "这段时间我发过消息", "").Acked()
	s.Expect(dingBack, "新星")

	s.Say(dingFront, dingHong, dingReport("again")).Acked()
	s.Expect(dingFront, "#2", "again")

	// A blink is nobody's loss.
	s.DropSockets()
	s.Connected(2)
	p.ready()
	s.Say(dingFront, dingHong, dingReport("blink")).Acked()
	s.Expect(dingFront, "#3", "blink")
	for _, group := range []string{dingFront, other, dingBack} {
		n := 0
		for _, m := range s.Posted(group) {
			if strings.Contains(m.Words(), "我可能没听到") {
				n++
			}
		}
		if want := map[string]int{dingFront: 1, other: 1}[group]; n != want {
			t.Errorf("%s is told %d times, want %d", group, n, want)
		}
	}
	p.well(s, "勒索")
}

// The process is gone for longer than a restart takes: what was said meanwhile is
// lost, and the next process asks for it. A quick restart says nothing.
func TestARestartOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	h := dingHouse{dingtalk: s}
	dir := t.TempDir()
	p := beginDingTalk(t, dir, h)
	s.Say(dingFront, dingHong, dingReport("first")).Acked()
	s.Expect(dingFront, "#1", "first")
	p.well(s)
	ended := time.Now()
	p = beginDingTalk(t, dir, h)
	if away := time.Since(ended); away > 3*time.Second {
		t.Logf("this machine is too busy for a quick restart: %v", away)
	} else {
		s.Say(dingFront, dingHong, dingReport("second")).Acked()
		s.Expect(dingFront, "#2", "second")
		s.ExpectNone(dingFront, 0, "我可能没听到")
	}

	p.kill()
	killed := time.Now()
	s.Say(dingFront, dingHong, dingReport("lost"))
	time.Sleep(4 * time.Second) // nobody is there
	p = beginDingTalk(t, dir, h)
	told := s.Expect(dingFront, "我可能没听到", "这段时间我发过消息")
	if from, to := window(t, told.Words()); from.After(killed) || to.Before(killed) {
		t.Errorf("it was killed at %v, and says: %s", killed, told.Words())
	}
	p.well(s)
}
