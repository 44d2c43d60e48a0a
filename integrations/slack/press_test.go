package slack

import (
	"context"
	"strings"
	"testing"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// buttons is a card with buttons that type commands.
func buttons(commands ...string) card.Card {
	c := card.Card{Lang: "zh-CN", Title: "安全事件 #1"}
	for _, command := range commands {
		c.Buttons = append(c.Buttons, card.Button{Label: "按 " + command, Command: command})
	}
	return c
}

// posted is the message of a card in a room.
func posted(t *testing.T, p *Platform, room chat.Room, c card.Card) string {
	t.Helper()
	s := sending(room.ID, "", nil)
	s.Room, s.Card = room, c
	r, err := p.Send(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r.Ref
}

var (
	frontRoom = chat.Room{Platform: "slack", ID: front}
	backRoom  = chat.Room{Platform: "slack", ID: back}
)

// What is not taken is acknowledged, and said to who asked alone: typed, pressed,
// chosen in the menu of a message, in a channel and in the app's own chat.
func TestWhatIsDeclinedIsSaidToTheAskerAlone(t *testing.T) {
	s := workspace(t)
	p := platform(t, s)
	listen(t, p, func(_ context.Context, m chat.Message) error {
		if m.Command {
			return &chat.Declined{Text: "#1 已关闭 <!channel>，不能再接手。"}
		}
		return nil
	})
	s.Connected(1)

	d := s.Slash(zhang, back, "/butler", "claim 1")
	if answer := string(d.Answer()); !strings.Contains(answer, `"ephemeral"`) || !strings.Contains(answer, "不能再接手") {
		t.Errorf("the acknowledgement of a command says %s", answer)
	}
	if e := s.ExpectEphemeral(zhang, "不能再接手"); e.By != "ack" || e.Channel != back || strings.Contains(e.Text, "<!channel>") {
		t.Errorf("a command was declined with %+v", e)
	}

	ts := posted(t, p, backRoom, buttons("/claim 1"))
	if d := s.Press("U02LI", ts, "/claim 1"); len(d.Answer()) != 0 {
		t.Errorf("the acknowledgement of a click says %s, which Slack does not show", d.Answer())
	}
	if e := s.ExpectEphemeral("U02LI", "不能再接手"); e.By != "chat.postEphemeral" || e.Channel != back || e.Thread != "" || strings.Contains(e.Text, "<!channel>") {
		t.Errorf("a click was declined with %+v", e)
	}

	said := s.Say(back, zhang, "看一下")
	s.Fail("chat.postEphemeral", slackfake.Refused("user_not_in_channel"))
	s.Acked(s.Shortcut("U03WANG", reportCallback, said.TS)) // cannot be told; it is acknowledged all the same
	s.Acked(s.Shortcut("U03WANG", reportCallback, said.TS))
	s.ExpectEphemeral("U03WANG", "不能再接手")

	direct := posted(t, p, chat.Room{Platform: "slack", ID: chen, Direct: true}, buttons("/claim 1"))
	s.Acked(s.Press(chen, direct, "/claim 1"))
	s.Expect(s.Direct(chen), "不能再接手")
	if n := p.Count.Refused.Load(); n != 0 {
		t.Errorf("%d were counted as refused: what is declined comes never again", n)
	}
}
