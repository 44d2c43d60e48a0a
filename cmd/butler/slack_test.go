package main

import (
	"fmt"
	"testing"
	"time"

	"butler/integrations/slack"
	"butler/integrations/slack/slackfake"
)

// The people and rooms of these tests on Slack.
const (
	zhang = "U01ZHANG" // the expert on duty
	chen  = "U04CHEN"  // the manager
	lihua = "U77LIHUA" // a customer's contact, met over Slack Connect
	front = "C0FRONT"
	back  = "C0BACK"
)

// acme is the one customer of most of these tests.
const acme = `  - {id: acme, name: 示例科技, edition: enterprise, front: "slack:C0FRONT", back: "slack:C0BACK", tam: chen, contacts: [{id: lihua, name: 李华, slack: U77LIHUA}]}
`

// slackHouse is a config whose only platform is a fake Slack.
type slackHouse struct {
	slack     *slackfake.Server
	swapped   bool   // each token stands in the place of the other
	store     string // "" for a file beside the config
	customers string // "" for acme
	listen    string
}

// yaml writes it down, with a place of its own to listen on.
func (h slackHouse) yaml() string {
	if h.store == "" {
		h.store = "file:butler.db"
	}
	if h.customers == "" {
		h.customers = acme
	}
	app, bot := h.slack.AppToken, h.slack.BotToken
	if h.swapped {
		app, bot = bot, app
	}
	return fmt.Sprintf(`store: %s
listen: %s
slack: {app_token: "%s", bot_token: "%s", api_url: "%s"}
people:
  - {id: zhang, name: 张工, role: expert, slack: U01ZHANG}
  - {id: chen, name: 陈经理, role: manager, slack: U04CHEN}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
%s`, h.store, h.listen, app, bot, h.slack.URL(), h.customers)
}

// slackWorkspace is a fake Slack with those people and rooms. What is not
// acknowledged comes again sooner than at Slack.
func slackWorkspace(t *testing.T, options ...slackfake.Option) *slackfake.Server {
	s := slackfake.New(t, append([]slackfake.Option{slackfake.Patience(20 * time.Second), slackfake.AckWithin(time.Second),
		slackfake.Retries(0, time.Second, 2*time.Second, 2*time.Second)}, options...)...)
	s.Staff(zhang, "张工")
	s.Staff(chen, "陈经理")
	s.Customer(lihua, "李华", "T0ACME")
	s.Channel(front, slackfake.SharedWith("T0ACME"), slackfake.With(zhang, lihua))
	s.Channel(back, slackfake.Private(), slackfake.With(zhang, chen))
	return s
}

// onSlackProcess is one `butler run` on a fake Slack.
type onSlackProcess struct{ *served }

// beginSlack writes a house into a directory and runs it; ready waits until it is
// connected.
func beginSlack(t *testing.T, dir string, h slackHouse) *onSlackProcess {
	t.Helper()
	p := runSlack(t, dir, h)
	p.ready()
	return p
}

func runSlack(t *testing.T, dir string, h slackHouse) *onSlackProcess {
	t.Helper()
	return &onSlackProcess{serve(t, dir, func(listen string) string {
		h.listen = listen
		return h.yaml()
	})}
}

// well is served.well for the tokens and what people said.
func (p *onSlackProcess) well(s *slackfake.Server, words ...string) {
	p.t.Helper()
	p.served.well(append(words, s.AppToken, s.BotToken)...)
}

// addressed is a message said to the app: it arrives twice, as message and as
// app_mention.
func addressed(text string) string { return "<@" + slackfake.BotUser + "> " + text }

// report opens a case of its own, with a mark by which it is known again.
func report(mark string) string {
	return addressed("/report incident urgent 主机 " + mark + " 出现勒索提示")
}

// boards lists what the app said in a room itself, not in a thread, with a mark.
func boards(s *slackfake.Server, room, mark string) (all []slackfake.Message) {
	for _, m := range s.Posted(room) {
		if m.Thread == "" && m.Contains(mark) {
			all = append(all, m)
		}
	}
	return all
}

func TestSlackManifest(t *testing.T) {
	t.Parallel()
	r := call(t, t.TempDir(), "slack-manifest")
	r.wants(t, 0)
	silent(t, "stderr", r.stderr)
	if r.stdout != slack.Manifest() {
		t.Errorf("it prints %s", r.stdout)
	}
}
