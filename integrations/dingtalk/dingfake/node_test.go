package dingfake_test

import (
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
	"butler/integrations/fakery"
)

// TestTheOfficialClientAgrees drives dingtalk-stream for Node through a case: what
// it reads, says and answers is by the makers of DingTalk.
func TestTheOfficialClientAgrees(t *testing.T) {
	s := organisation(t, dingfake.Patience(10*time.Second), dingfake.Greets(), dingfake.Farewell(50*time.Millisecond), dingfake.PingEvery(50*time.Millisecond))
	n := fakery.NewJudge(t, "integrations/dingtalk/dingfake/testdata/node", "dingtalk-stream", "judge.mjs", s.URL(), s.ClientID, s.ClientSecret, s.Template)
	n.Next("connected")
	s.Connected(1)

	said := s.Say(front, lihua, "@管家 网站打不开了,全是博彩")
	said.Acked()
	n.Expect("message", map[string]any{"text": " 网站打不开了,全是博彩", "staff": "", "nick": "李华", "type": "2", "kind": "text"})
	n.Expect("answered", map[string]any{"errcode": 0.0})
	n.Expect("delivered", map[string]any{"ok": true})
	card := s.Expect(front, "安全事件 #1", "待认领")

	s.Press(zhang, card.Card, map[string]any{"command": "/claim 1"}).Acked()
	n.Expect("click", map[string]any{"command": "/claim 1", "user": zhang, "card": card.Card})
	if m := s.ExpectCard(card.Card, "已认领：staff01"); m.Params["title"] != "安全事件 #1" {
		t.Errorf("an answer by key left %v", m.Params)
	}

	s.Acked(s.Read(zhang, card.Key))
	n.Expect("event", map[string]any{"kind": "robot_msg_read", "key": card.Key, "user": zhang})

	direct := s.Say(s.Direct(zhang), zhang, "在吗")
	direct.Acked()
	n.Expect("message", map[string]any{"text": "在吗", "staff": zhang, "type": "1"})
	n.Next("answered")

	s.Disconnect() // it waits until the gateway hangs up, and comes again
	s.Opened(2)
	s.Connected(1)
	s.Say(front, lihua, "@管家 还在吗").Acked()
	n.Expect("message", map[string]any{"text": " 还在吗"})
	s.Settled()
}
