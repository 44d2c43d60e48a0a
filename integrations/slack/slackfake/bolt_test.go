package slackfake_test

import (
	"strings"
	"testing"
	"time"

	"butler/integrations/fakery"
	"butler/integrations/slack/slackfake"
)

// TestTheOfficialClientAgrees drives @slack/bolt through a case: what it reads,
// says and refuses is by the makers of Slack.
func TestTheOfficialClientAgrees(t *testing.T) {
	s := workspace(t, slackfake.Patience(10*time.Second))
	s.Say(front, lihua, "你好", slackfake.Unheard())
	b := fakery.NewJudge(t, "integrations/slack/slackfake/testdata/bolt", "@slack/bolt", "judge.cjs", s.URL(), s.AppToken, s.BotToken)
	b.Next("started")
	s.Connected(1)

	said := s.Say(front, lihua, "<@"+slackfake.BotUser+"> 数据库主机出现勒索提示")
	b.Expect("message", map[string]any{"user": lihua, "team": acme})
	b.Expect("mention", map[string]any{"user": lihua})
	card := s.ExpectReply(front, said.TS, "安全事件 #1")
	b.Expect("posted", map[string]any{"ts": card.TS})
	if card.Metadata == nil || card.Metadata.Type != "butler_notice" {
		t.Errorf("the card has the metadata %v", card.Metadata)
	}

	s.Press(zhang, card.TS, "回复")
	view := b.Expect("action", map[string]any{"value": "/reply 1", "channel": front})["view"].(string)
	s.ExpectView(zhang, "内容")
	refused := s.Submit(zhang, view, map[string]string{"say": "空"})
	if got := string(refused.Answer()); !strings.Contains(got, "请写点什么") || len(s.Views(zhang)) != 1 {
		t.Errorf("the refused modal answered %s; open are %d", got, len(s.Views(zhang)))
	}
	s.Submit(zhang, view, map[string]string{"text": "正在排查"})
	b.Expect("view", map[string]any{"said": "正在排查", "user": zhang})
	if m := s.ExpectEdit(card.TS, "已回复：正在排查"); len(m.Blocks) != 0 {
		t.Errorf("blocks: [] left %s", m.Blocks)
	}

	s.Slash(zhang, back, "/butler", "claim 1")
	b.Expect("command", map[string]any{"text": "claim 1", "user": zhang})
	s.ExpectEphemeral(zhang, "收到 claim 1")
	s.Expect(back, "大家看：claim 1")

	b.Expect("edited", map[string]any{"text": "已回复：正在排查", "before": "安全事件 #1"}) // the app's own chat.update
	s.Edit(said.TS, "两台数据库主机出现勒索提示")
	b.Expect("edited", map[string]any{"text": "两台数据库主机出现勒索提示"})
	s.React(zhang, said.TS, "rotating_light")
	b.Expect("reaction", map[string]any{"name": "rotating_light", "ts": said.TS})
	s.Say(front, lihua, "截图", slackfake.WithFile("ransom.png", 10))
	b.Expect("file", map[string]any{"name": "ransom.png"})
	s.OpenHome(zhang)
	b.Expect("home", map[string]any{"user": zhang})
	s.ExpectHome(zhang, "我的工单")

	limited := s.Fail("conversations.history", slackfake.RateLimited(time.Second))
	s.Shortcut(zhang, "report", said.TS)
	got := b.Expect("shortcut", map[string]any{"history": 3.0, "more": false, "upload": true})
	if limited.Hits() != 1 || len(s.Calls("conversations.history")) != 2 {
		t.Errorf("the official client waits for Retry-After and asks again; it asked %d times", len(s.Calls("conversations.history")))
	}
	if got["text"] != "两台数据库主机出现勒索提示" {
		t.Errorf("the shortcut was for %v", got["text"])
	}
	s.ExpectEphemeral(zhang, "已登记")
	if m := s.Expect(front, "见附件"); len(m.Files) != 1 || string(m.Files[0].Content) != "# 报告" {
		t.Errorf("uploaded: %+v", m.Files)
	}
	s.Delete(said.TS) // the card hangs under it
	b.Expect("edited", map[string]any{"text": "This message was deleted.", "before": "两台数据库主机出现勒索提示"})
	lone := s.Say(front, lihua, "发错了")
	s.Delete(lone.TS)
	b.Expect("deleted", map[string]any{"ts": lone.TS})
	s.Settled()
}
