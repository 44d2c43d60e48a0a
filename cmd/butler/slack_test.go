package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"butler/integrations/slack"
	"butler/integrations/slack/slackfake"
)

func TestSlackManifest(t *testing.T) {
	t.Parallel()
	r := call(t, t.TempDir(), "slack-manifest")
	r.wants(t, 0)
	silent(t, "stderr", r.stderr)
	if r.stdout != slack.Manifest() {
		t.Errorf("it prints %s", r.stdout)
	}
}

// onSlack is a config whose only platform is a fake Slack.
func onSlack(s *slackfake.Server, listen string) string {
	return fmt.Sprintf(`store: file:butler.db
listen: %s
slack: {app_token: "%s", bot_token: "%s", api_url: "%s"}
people:
  - {id: zhang, name: 张工, role: expert, slack: U01ZHANG}
  - {id: chen, name: 陈经理, role: manager, slack: U04CHEN}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
  - {id: acme, name: 示例科技, edition: enterprise, front: "slack:C0FRONT", back: "slack:C0BACK", tam: chen, contacts: [{id: lihua, name: 李华, slack: U77LIHUA}]}
`, listen, s.AppToken, s.BotToken, s.URL())
}

func slackWorkspace(t *testing.T) *slackfake.Server {
	s := slackfake.New(t, slackfake.Patience(20*time.Second), slackfake.AckWithin(time.Second), slackfake.Retries(0, time.Second, 2*time.Second, 2*time.Second))
	s.Staff("U01ZHANG", "张工")
	s.Staff("U04CHEN", "陈经理")
	s.Customer("U77LIHUA", "李华", "T0ACME")
	s.Channel("C0FRONT", slackfake.SharedWith("T0ACME"), slackfake.With("U01ZHANG", "U77LIHUA"))
	s.Channel("C0BACK", slackfake.Private(), slackfake.With("U01ZHANG", "U04CHEN"))
	return s
}

func beginSlack(t *testing.T, dir, listen string) *process {
	t.Helper()
	p := start(t, dir, nil, "run", "-c", "butler.yaml")
	eventually(t, 15*time.Second, "the bot is ready", func() error {
		if !p.running() {
			t.Fatalf("it ended with %d:\n%s", p.code, p.stderr)
		}
		if code, body := fetch("http://" + listen + "/readyz"); code != http.StatusOK {
			return fmt.Errorf("/readyz is %d: %s", code, body)
		}
		return nil
	})
	return p
}

// The whole binary over the socket, killed while messages arrive: every report
// that was said is a case, once.
func TestRunOnSlackAndKill(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	dir, listen := t.TempDir(), "127.0.0.1:"+strconv.Itoa(freePort(t))
	write(t, dir, "butler.yaml", onSlack(s, listen))
	p := beginSlack(t, dir, listen)

	said := s.Say("C0FRONT", "U77LIHUA", "数据库主机出现勒索提示，文件被加密")
	said.Acked()
	board := s.Expect("C0FRONT", "#1")
	ping := s.Expect("C0BACK", "<@U01ZHANG>")

	var all []*slackfake.Said
	for i := range 5 {
		all = append(all, s.Say("C0FRONT", "U77LIHUA", fmt.Sprintf("<@%s> /report incident 主机 10.0.0.%d 出现勒索提示", slackfake.BotUser, i+1)))
	}
	p.kill()
	p = beginSlack(t, dir, listen)
	for _, one := range all {
		one.Acked()
	}
	s.Acked(s.Press("U01ZHANG", ping.TS, "/claim 1"))
	s.ExpectEdit(board.TS, "张工")
	s.Acked(s.Slash("U01ZHANG", "C0BACK", "/butler", "reply 1 我是张工，正在排查。"))
	s.Expect("C0FRONT", "我是张工，正在排查。")
	s.Expect("C0FRONT", "#6")
	for _, m := range s.Posted("C0FRONT") {
		if m.Contains("#7") {
			t.Errorf("a report became two cases: %s", m.Words())
		}
	}
	if took := p.terminate(); took > 5*time.Second || p.code != 0 {
		t.Errorf("it ended with %d after %v", p.code, took)
	}
	for _, secret := range []string{s.AppToken, s.BotToken, "勒索", "我是张工"} {
		if strings.Contains(p.stderr.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestRunEndsOnATokenThatSlackRefuses(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"auth.test", "apps.connections.open"} {
		s := slackWorkspace(t)
		s.Fail(method, slackfake.Refused("invalid_auth").Always())
		dir := t.TempDir()
		write(t, dir, "butler.yaml", onSlack(s, "127.0.0.1:"+strconv.Itoa(freePort(t))))
		r := call(t, dir, "run", "-c", "butler.yaml")
		r.wants(t, 1)
		silent(t, "stdout", r.stdout)
		says(t, "stderr", r.stderr, "slack: ", method, "invalid_auth", "put it in the config")
	}
}
