package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk"
	"butler/integrations/dingtalk/dingfake"
)

// The people and groups of these tests on DingTalk.
const (
	dingZhang = "staff01" // the expert on duty
	dingChen  = "staff04" // the manager
	dingLihua = "lihua"   // of the customer, in another organisation: no userid
	dingHong  = "staff09" // of the customer, with a userid: a contact
	dingFront = "cidFRONT+/0=="
	dingBack  = "cidBACK+/1=="
)

// dingAcme is the one customer of most of these tests.
const dingAcme = `  - {id: acme, name: 示例科技, edition: enterprise, front: "dingtalk:cidFRONT+/0==", back: "dingtalk:cidBACK+/1==", tam: chen, contacts: [{id: hong, name: 小红, dingtalk: staff09}]}
`

// dingHouse is a config whose only platform is a fake DingTalk.
type dingHouse struct {
	dingtalk  *dingfake.Server
	secret    string // "" for the right one
	plain     bool   // without a card template
	founds    bool   // with a template for groups
	ding      string // "" for the default
	calls     int    // of a month; 0 counts nothing
	store     string // "" for a file beside the config
	extra     string // further lines
	customers string // "" for acme
}

// yaml writes it down, with a place of its own to listen on.
func (h dingHouse) yaml(listen string) string {
	or := func(word, other string) string {
		if word == "" {
			return other
		}
		return word
	}
	s := h.dingtalk
	more := ""
	if !h.plain {
		more += fmt.Sprintf("  card_template: %q\n", s.Template)
	}
	if h.founds {
		more += fmt.Sprintf("  group_template: %q\n", s.GroupTemplate)
	}
	if h.ding != "" {
		more += "  ding: " + h.ding + "\n"
	}
	return fmt.Sprintf(`store: %s
listen: %s
dingtalk:
  client_id: %q
  client_secret: %q
  robot_code: %q
  api_url: %q
  oapi_url: %q
  monthly_calls: %d
%speople:
  - {id: zhang, name: 张工, role: expert, dingtalk: staff01}
  - {id: chen, name: 陈经理, role: manager, dingtalk: staff04}
duty:
  security: {primary: [zhang], manager: [chen]}
%scustomers:
%s`, or(h.store, "file:butler.db"), listen, s.ClientID, or(h.secret, s.ClientSecret), s.RobotCode, s.URL(), s.URL(), h.calls, more,
		h.extra, or(h.customers, dingAcme))
}

// organisation is a fake DingTalk with those people and groups.
func organisation(t *testing.T, options ...dingfake.Option) *dingfake.Server {
	s := dingfake.New(t, append([]dingfake.Option{dingfake.Patience(20 * time.Second), dingfake.PingEvery(time.Second)}, options...)...)
	s.Staff(dingZhang, "张工")
	s.Staff(dingChen, "陈经理")
	s.Staff(dingHong, "小红")
	s.External(dingLihua, "李华")
	s.Group(dingFront, dingfake.Title("示例科技 · 安全管家"), dingfake.With(dingZhang, dingLihua, dingHong))
	s.Group(dingBack, dingfake.Title("示例科技 · 专家群"), dingfake.With(dingZhang, dingChen))
	return s
}

// onDingTalkProcess is one `butler run` on a fake DingTalk.
type onDingTalkProcess struct{ *served }

// beginDingTalk writes a house into a directory, runs it, and waits until it is
// connected.
func beginDingTalk(t *testing.T, dir string, h dingHouse) *onDingTalkProcess {
	t.Helper()
	p := runDingTalk(t, dir, h)
	p.ready()
	return p
}

func runDingTalk(t *testing.T, dir string, h dingHouse) *onDingTalkProcess {
	t.Helper()
	return &onDingTalkProcess{serve(t, dir, h.yaml)}
}

// unready waits until /readyz says all the words in one line about DingTalk.
func (p *onDingTalkProcess) unready(what string, words ...string) {
	p.t.Helper()
	p.served.unready("dingtalk", what, words...)
}

// well is served.well for the secret, the addresses of webhooks, and what people said.
func (p *onDingTalkProcess) well(s *dingfake.Server, words ...string) {
	p.t.Helper()
	p.served.well(append(words, s.ClientSecret, "session=", "ticket=")...)
}

// toManager is what is written to the robot in a group.
func toManager(text string) string { return "@" + dingfake.Robot + " " + text }

// dingReport opens a case of its own, with a mark by which it is known again.
func dingReport(mark string) string {
	return toManager("/report incident urgent 主机 " + mark + " 出现勒索提示")
}

// buttonOf finds the command that a button of a card sends, and whether it sends
// what was written into the card's input besides.
func buttonOf(c dingfake.Card, label string) (command string, asks, ok bool) {
	for _, row := range []struct {
		slot string
		asks bool
	}{{"b", false}, {"a", true}} {
		for i := range 8 {
			slot := fmt.Sprintf("%s%d", row.slot, i+1)
			if label != "" && c.Params[slot] == label {
				return c.Params[slot+"_command"], row.asks, true
			}
		}
	}
	return "", false, false
}

// press presses a button of a card by what stands on it, as the template sends it;
// text is written into the card's input first.
func press(t *testing.T, s *dingfake.Server, user, card, label, text string) *dingfake.Pressed {
	t.Helper()
	c := s.Card(card)
	command, asks, ok := buttonOf(c, label)
	switch {
	case !ok:
		t.Fatalf("the card has no button %q: %v", label, c.Params)
	case asks && c.Params["hint"] == "":
		t.Fatalf("the button %q wants words, and the card shows no input: %v", label, c.Params)
	}
	params := map[string]any{"command": command}
	if asks {
		params["text"] = text
	}
	return s.Press(user, card, params)
}

// dingBoards lists the messages of the robot in a group that are cards with a mark
// and a deadline: what stands there of a case.
func dingBoards(s *dingfake.Server, group, title, mark string) (all []dingfake.Message) {
	for _, m := range s.Posted(group) {
		if strings.Contains(m.Params["title"]+m.Title, title) && m.Contains(mark) {
			all = append(all, m)
		}
	}
	return all
}

// called counts the messages of a group that really notify somebody and hold some
// words.
func called(s *dingfake.Server, group, who, words string) (n int) {
	for _, m := range s.Posted(group) {
		if slices.Contains(m.At, who) && m.Contains(words) {
			n++
		}
	}
	return n
}

func TestDingTalkTemplate(t *testing.T) {
	t.Parallel()
	r := call(t, t.TempDir(), "dingtalk-template")
	r.wants(t, 0)
	silent(t, "stderr", r.stderr)
	if r.stdout != dingtalk.CardTemplate() {
		t.Errorf("it prints %s", r.stdout)
	}
	r = call(t, t.TempDir(), "dingtalk-template", "card.json")
	r.wants(t, 2)
	says(t, "stderr", r.stderr, `"card.json"`, "usage: butler dingtalk-template")
}
