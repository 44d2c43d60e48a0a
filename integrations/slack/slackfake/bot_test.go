package slackfake_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"butler/integrations/slack/slackfake"
)

// The fake is judged by slack-go: what that client sends is understood, and what
// it receives is what the test did.

const (
	front, back = "C0FRONT", "C0BACK"
	zhang       = "U01"
	lihua       = "U77"
	acme        = "T0ACME"
)

// workspace is a fake with two rooms, an expert and a customer.
func workspace(t *testing.T, opts ...slackfake.Option) *slackfake.Server {
	t.Helper()
	s := slackfake.New(t, opts...)
	s.Staff(zhang, "张工")
	s.Customer(lihua, "李华", acme)
	s.Channel(front, slackfake.SharedWith(acme), slackfake.With(zhang, lihua))
	s.Channel(back, slackfake.Private(), slackfake.With(zhang))
	return s
}

func client(s *slackfake.Server) *slack.Client {
	return slack.New(s.BotToken, slack.OptionAppLevelToken(s.AppToken), slack.OptionAPIURL(s.URL()),
		slack.OptionHTTPClient(&http.Client{Timeout: 5 * time.Second}))
}

// listen runs a Socket Mode client that acknowledges what ack says, and hands on
// every event.
func listen(t *testing.T, s *slackfake.Server, ack func(socketmode.Event) bool) <-chan socketmode.Event {
	t.Helper()
	sm := socketmode.New(client(s))
	ctx, cancel := context.WithCancel(context.Background())
	events, done := make(chan socketmode.Event, 1000), make(chan struct{})
	go func() {
		defer close(done)
		if err := sm.RunContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Logf("socketmode ended: %v", err)
		}
	}()
	go func() {
		for {
			select {
			case e := <-sm.Events:
				var bad *socketmode.ErrorBadMessage
				switch data := e.Data.(type) {
				case *socketmode.ErrorBadMessage:
					bad = data
				}
				if ack == nil || ack(e) {
					if e.Request != nil && e.Request.EnvelopeID != "" {
						sm.Ack(*e.Request)
					} else if bad != nil {
						var head struct {
							ID string `json:"envelope_id"`
						}
						if json.Unmarshal(bad.Message, &head) == nil && head.ID != "" {
							sm.AckCtx(ctx, head.ID, nil)
						}
					}
				}
				events <- e
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return events
}

// wait takes events until one is wanted.
func wait(t *testing.T, events <-chan socketmode.Event, wanted func(socketmode.Event) bool) socketmode.Event {
	t.Helper()
	timeout := time.After(5 * time.Second)
	for {
		select {
		case e := <-events:
			if wanted(e) {
				return e
			}
		case <-timeout:
			t.Fatal("the event did not come")
		}
	}
}

// inner waits for an event of the Events API of a type.
func inner[E any](t *testing.T, events <-chan socketmode.Event) (*E, slackevents.EventsAPIEvent) {
	t.Helper()
	e := wait(t, events, func(e socketmode.Event) bool {
		api, ok := e.Data.(slackevents.EventsAPIEvent)
		if !ok {
			return false
		}
		_, ok = api.InnerEvent.Data.(*E)
		return ok
	})
	api := e.Data.(slackevents.EventsAPIEvent)
	return api.InnerEvent.Data.(*E), api
}

func TestAMessageIsHeardAndAnswered(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	said := s.Say(front, lihua, "<@"+slackfake.BotUser+"> 数据库主机出现勒索提示")
	m, outer := inner[slackevents.MessageEvent](t, events)
	if m.User != lihua || m.TimeStamp != said.TS || m.Channel != front || m.UserTeam != acme || m.ChannelType != "channel" || m.ClientMsgID == "" {
		t.Errorf("heard %+v", m)
	}
	if outer.TeamID != slackfake.Team {
		t.Errorf("the event is of team %q", outer.TeamID)
	}
	mention, _ := inner[slackevents.AppMentionEvent](t, events)
	if mention.TimeStamp != said.TS {
		t.Errorf("the mention is of %s, the message of %s", mention.TimeStamp, said.TS)
	}
	said.Acked()
	if len(said.Deliveries) != 2 || said.Deliveries[0].EventID == said.Deliveries[1].EventID {
		t.Errorf("a message with a mention is two events with two ids: %+v", said.Deliveries)
	}

	api := client(s)
	_, ts, err := api.PostMessage(front, slack.MsgOptionText("安全事件 #1", false), slack.MsgOptionTS(said.TS),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "butler", EventPayload: map[string]any{"key": "acme/1/opened"}}))
	if err != nil {
		t.Fatal(err)
	}
	own, _ := inner[slackevents.MessageEvent](t, events)
	if own.BotID != slackfake.BotID || own.TimeStamp != ts || own.ThreadTimeStamp != said.TS {
		t.Errorf("the bot's own message comes back as %+v", own)
	}
	if got := s.ExpectReply(front, said.TS, "安全事件"); got.TS != ts || got.Metadata.Type != "butler" {
		t.Errorf("posted: %+v", got)
	}
	if _, _, _, err := api.UpdateMessage(front, ts, slack.MsgOptionText("安全事件 #1 已接手", false)); err != nil {
		t.Fatal(err)
	}
	changed, _ := inner[slackevents.MessageEvent](t, events)
	if changed.SubType != "message_changed" || changed.Message.Text != "安全事件 #1 已接手" || changed.PreviousMessage.Text != "安全事件 #1" || changed.Message.Timestamp != ts {
		t.Errorf("the change comes back as %+v", changed)
	}
	s.Settled()
}
