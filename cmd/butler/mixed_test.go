package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
	"butler/integrations/slack/slackfake"
)

// mixed is one program on both platforms: acme's people are on DingTalk and its
// experts on Slack; for globex it is the other way round.
type mixed struct {
	*served
	slack    *slackfake.Server
	dingtalk *dingfake.Server
}

func beginMixed(t *testing.T) mixed {
	t.Helper()
	m := mixed{slack: slackWorkspace(t), dingtalk: organisation(t)}
	m.served = serve(t, t.TempDir(), func(listen string) string {
		return fmt.Sprintf(`store: file:butler.db
listen: %s
slack: {app_token: %q, bot_token: %q, api_url: %q}
dingtalk: {client_id: %q, client_secret: %q, card_template: %q, api_url: %q, oapi_url: %q}
people:
  - {id: zhang, name: 张工, role: expert, slack: U01ZHANG, dingtalk: staff01}
  - {id: chen, name: 陈经理, role: manager, slack: U04CHEN, dingtalk: staff04}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
  - {id: acme, name: 示例科技, edition: enterprise, front: "dingtalk:%s", back: "slack:%s", tam: chen}
  - {id: globex, name: Globex, language: en, edition: enterprise, front: "slack:%s", back: "dingtalk:%s", tam: chen}
`, listen, m.slack.AppToken, m.slack.BotToken, m.slack.URL(), m.dingtalk.ClientID, m.dingtalk.ClientSecret, m.dingtalk.Template, m.dingtalk.URL(), m.dingtalk.URL(),
			dingFront, back, front, dingBack)
	})
	m.ready()
	return m
}

// The customer writes on DingTalk, the experts work on Slack: one desk, and each side
// sees only its own. For another customer it is the other way round.
func TestTheStoryOnBoth(t *testing.T) {
	t.Parallel()
	m := beginMixed(t)
	s, d := m.slack, m.dingtalk

	// From DingTalk to Slack and back.
	d.Say(dingFront, dingLihua, toManager("数据库主机 10.0.0.8 出现勒索提示，所有文件都打不开了")).Acked()
	board := d.Expect(dingFront, "#1", "已受理", "最迟响应", "张工")
	ping := s.Expect(back, "<@"+zhang+">", "请接手")
	inside := s.Expect(back, "示例科技", "等待接手")
	s.Acked(s.Press(zhang, ping.TS, "接手"))
	s.ExpectEdit(inside.TS, "张工 已接手")
	d.ExpectCard(board.Card, "张工 已接手")
	s.Acked(s.Slash(zhang, back, "/butler", "reply 1 我是张工，请先断开网络。\n然后等我们的电话。"))
	d.Expect(dingFront, "张工 答复 #1", "请先断开网络。", "然后等我们的电话。")
	s.Acked(s.Slash(zhang, back, "/butler", "note 1 像是老的备份账号"))
	s.Expect(back, "像是老的备份账号")
	s.Acked(s.Slash(zhang, back, "/butler", "ask 1 最近一次备份是哪天？"))
	d.ExpectCard(board.Card, "等待您补充信息", "最近一次备份是哪天？")
	d.Say(dingFront, dingLihua, toManager("昨晚 23 点的备份是好的")).Acked()
	s.Expect(back, "昨晚 23 点的备份是好的")
	s.Acked(s.Slash(zhang, back, "/butler", "resolve 1 已清除恶意程序，数据已从备份恢复。"))
	d.ExpectCard(board.Card, "已解决", "已清除恶意程序")
	press(t, d, dingLihua, board.Card, "确认解决", "").Acked()
	s.ExpectEdit(inside.TS, "客户确认")

	// From Slack to DingTalk and back, in the other language.
	s.Say(front, lihua, "There is a ransom note on the database host and none of our files open any more").Acked()
	shown := s.Expect(front, "#1", "Urgent security incident")
	asked := d.ExpectAt(dingBack, dingZhang, "请接手", "Globex")
	d.ExpectDing(dingZhang, dingfake.ByApp, "Globex")
	press(t, d, dingZhang, asked.Card, "接手", "").Acked()
	s.ExpectEdit(shown.TS, "张工")
	press(t, d, dingZhang, asked.Card, "答复", "Please take that host off the network.").Acked()
	s.Expect(front, "Please take that host off the network.")
	d.Say(dingBack, dingZhang, toManager("解决 1 Malware removed.")).Acked()
	s.ExpectEdit(shown.TS, "Malware removed.")

	s.Settled()
	d.Settled()
	for where, words := range map[string]string{"acme's": roomWords(d, dingFront), "globex's": slackWords(s, front)} {
		for _, other := range []string{"备份账号", "请接手"} {
			if strings.Contains(words, other) {
				t.Errorf("%s customer reads %q", where, other)
			}
		}
	}
	if strings.Contains(roomWords(d, dingFront), "Globex") || strings.Contains(slackWords(s, front), "示例科技") {
		t.Error("a customer reads of another")
	}
	for _, one := range d.Dings("") {
		if strings.Contains(one.Content, "示例科技") {
			t.Errorf("the experts of this customer are on Slack, and are called by DingTalk: %s", one.Content)
		}
	}
	toldOnce(t, s)
	m.ended()
}

// While one platform is down the other goes on, and what was told nobody is told
// when it is back.
func TestOnePlatformIsDown(t *testing.T) {
	t.Parallel()
	m := beginMixed(t)
	s, d := m.slack, m.dingtalk

	// DingTalk takes nothing; what its customer says is still brought.
	gone := d.Fail("*", dingfake.GatewayTimeout().Always())
	s.Say(front, lihua, "There is a ransom note on the database host, our files are encrypted").Acked()
	s.Expect(front, "#1", "Urgent security incident") // its customer is answered all the same
	d.Say(dingFront, dingLihua, dingReport("while-down")).Acked()
	ping := s.Expect(back, "<@"+zhang+">", "while-down") // and its experts asked
	s.Acked(s.Press(zhang, ping.TS, "接手"))
	s.Acked(s.Slash(zhang, back, "/butler", "reply 1 我是张工，马上处理。"))
	gone.Lift()
	d.Expect(dingFront, "#1", "while-down")
	d.Expect(dingFront, "我是张工，马上处理。")
	d.ExpectAt(dingBack, dingZhang, "请接手", "Globex")

	// Slack is gone altogether: neither connection nor answer.
	s.FailSocket(slackfake.RefusesLink, 0)
	revoked := s.Fail("*", slackfake.Status(503).Always())
	s.DropSockets()
	eventually(t, 15*time.Second, "/readyz says so, of Slack alone", func() error {
		code, body := m.readyz()
		if code != http.StatusServiceUnavailable || !strings.Contains(body, `"slack":`) || strings.Contains(body, `"dingtalk":`) {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	began := time.Now()
	d.Say(dingFront, dingLihua, dingReport("slack-down")).Acked()
	d.Expect(dingFront, "#2", "slack-down")
	d.Say(dingBack, dingZhang, toManager("接手 globex#1 Zhang here.")).Acked()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("with Slack down DingTalk took %v", took)
	}
	revoked.Lift()
	s.MendSockets()
	s.Expect(back, "<@"+zhang+">", "slack-down")
	s.Expect(front, "Zhang here.")
	m.ready()
	m.ended()
}

// ended is well, of both.
func (m mixed) ended() {
	m.t.Helper()
	m.well(m.slack.AppToken, m.slack.BotToken, m.dingtalk.ClientSecret, "ransom", "勒索")
}

// roomWords is everything the bot said in a group.
func roomWords(d *dingfake.Server, group string) string {
	var b strings.Builder
	for _, one := range d.Posted(group) {
		b.WriteString(one.Words() + "\n")
	}
	return b.String()
}

func slackWords(s *slackfake.Server, room string) string {
	var b strings.Builder
	for _, one := range s.Posted(room) {
		b.WriteString(one.Words() + "\n")
	}
	return b.String()
}
