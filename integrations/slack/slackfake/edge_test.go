package slackfake_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"butler/integrations/fakery"
	"butler/integrations/slack/slackfake"
)

// answering runs a client that answers every modal as reply says.
func answering(t *testing.T, s *slackfake.Server, reply func(slack.InteractionCallback) any) <-chan slack.InteractionCallback {
	t.Helper()
	sm := socketmode.New(client(s))
	heard := make(chan slack.InteractionCallback, 100)
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if c, ok := e.Data.(slack.InteractionCallback); ok {
					sm.AckCtx(t.Context(), e.Request.EnvelopeID, reply(c))
					heard <- c
				}
			case <-t.Context().Done():
				return
			}
		}
	}()
	go sm.RunContext(t.Context())
	s.Connected(1)
	return heard
}

// open opens a modal for 张工.
func open(t *testing.T, s *slackfake.Server, heard <-chan slack.InteractionCallback, view slack.ModalViewRequest) string {
	t.Helper()
	s.GlobalShortcut(zhang, "new")
	v, err := client(s).OpenView((<-heard).TriggerID, view)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func TestEveryAnswerToAModal(t *testing.T) {
	r := &fakery.Recorder{TB: t}
	s := slackfake.New(r)
	s.Staff(zhang, "张工")
	second := form()
	second.Title = plain("第二步")
	heard := answering(t, s, func(c slack.InteractionCallback) any {
		if c.Type != slack.InteractionTypeViewSubmission {
			return nil
		}
		switch c.View.State.Values["say"]["text"].Value {
		case "改":
			return slack.NewUpdateViewSubmissionResponse(&second)
		case "推":
			return slack.NewPushViewSubmissionResponse(&second)
		case "清":
			return slack.NewClearViewSubmissionResponse()
		case "错":
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"nowhere": "没有这一栏"})
		case "坏":
			return map[string]string{"response_action": "explode"}
		}
		return nil
	})
	id := open(t, s, heard, form())
	s.Submit(zhang, id, map[string]string{"say": "改"}).Answer()
	s.ExpectView(zhang, "第二步")
	s.Submit(zhang, id, map[string]string{"say": "推"}).Answer()
	if n := len(s.Views(zhang)); n != 2 {
		t.Errorf("a pushed view lies above the first: %d are open", n)
	}
	s.Submit(zhang, id, map[string]string{"say": "清"}).Answer()
	if n := len(s.Views(zhang)); n != 0 {
		t.Errorf("clear closes all: %d are open", n)
	}
	if len(r.Heard()) != 0 {
		t.Fatalf("complaints: %q", r.Heard())
	}
	for range 3 {
		<-heard
	}
	id = open(t, s, heard, form())
	s.Submit(zhang, id, map[string]string{"say": "错"}).Answer()
	s.Submit(zhang, id, map[string]string{"say": "坏"}).Answer()
	if got := strings.Join(r.Heard(), "\n"); !strings.Contains(got, "nowhere") || !strings.Contains(got, "explode") {
		t.Errorf("answers that Slack does not have: %q", got)
	}
}

func TestADismissedModalIsToldOnWish(t *testing.T) {
	s := workspace(t)
	heard := answering(t, s, func(slack.InteractionCallback) any { return nil })
	if d := s.Dismiss(zhang, open(t, s, heard, form())); d != nil {
		t.Error("told without notify_on_close")
	}
	asking := form()
	asking.NotifyOnClose = true
	s.Acked(s.Dismiss(zhang, open(t, s, heard, asking)))
	if c := <-heard; c.Type != slack.InteractionTypeViewClosed || len(s.Views(zhang)) != 0 {
		t.Errorf("dismissed: %+v", c)
	}
}

func TestAResponseURLFailsToo(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	s.Slash(zhang, back, "/butler", "help")
	cmd := wait(t, events, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeSlashCommand }).Data.(slack.SlashCommand)
	answer := func() error {
		_, _, err := client(s).PostMessage("", slack.MsgOptionResponseURL(cmd.ResponseURL, slack.ResponseTypeEphemeral), slack.MsgOptionText("答复", false))
		return err
	}
	s.Fail("response_url", slackfake.Status(500))
	s.Fail("response_url", slackfake.DropsAfter().After(1))
	if answer() == nil || answer() == nil {
		t.Error("a planted fault did not meet the response_url")
	}
	if n := len(s.Ephemerals(zhang)); n != 1 {
		t.Errorf("%d answers arrived; the dropped one did, the 500 did not", n)
	}
}

func TestSmallThings(t *testing.T) {
	s := workspace(t)
	s.Add(slackfake.User{ID: "U05", Name: "周", Email: "zhou@example.com", Team: slackfake.Team})
	api := client(s)
	if u, err := api.GetUserByEmail("zhou@example.com"); err != nil || u.ID != "U05" {
		t.Errorf("by e-mail: %+v, %v", u, err)
	}
	if ch, err := api.SetTopicOfConversation(front, "值班：张工"); err != nil || ch.Topic.Value != "值班：张工" {
		t.Errorf("topic: %v", err)
	}
	said := s.Say(front, lihua, "报告", slackfake.AsApp("B0OTHER"), slackfake.WithField("is_locked", true))
	var event struct {
		Event struct {
			BotID  string `json:"bot_id"`
			User   string
			Locked bool `json:"is_locked"`
		}
	}
	if err := json.Unmarshal(said.Deliveries[0].Payload, &event); err != nil || !event.Event.Locked || event.Event.BotID != "B0OTHER" || event.Event.User != lihua {
		t.Errorf("said by an app: %+v, %v", event, err)
	}
	ref := slack.NewRefToMessage(front, said.TS)
	if err := api.AddReaction("eyes", ref); err != nil {
		t.Error(err)
	}
	if err := api.AddReaction("eyes", ref); err == nil || err.Error() != "already_reacted" {
		t.Errorf("twice: %v", err)
	}
	if err := api.RemoveReaction("eyes", ref); err != nil || len(s.Message(said.TS).Reactions) != 0 {
		t.Errorf("taken away: %v", err)
	}
	s.React(zhang, said.TS, "fire")
	if d := s.Unreact(zhang, said.TS, "fire").Deliveries; len(d) != 1 || !strings.Contains(string(d[0].Payload), "reaction_removed") {
		t.Error("reaction_removed is not told")
	}
	s.Kick(front, slackfake.BotUser)
	if err := post(api, front, "x"); err == nil || err.Error() != "not_in_channel" {
		t.Errorf("after the app was removed: %v", err)
	}
	s.Called("chat.postMessage", 1)
	if calls := s.Calls("chat.postMessage"); calls[0].Error != "not_in_channel" || calls[0].Channel != front || calls[0].Params.Get("text") != "x" {
		t.Errorf("the call: %+v", calls[0])
	}
	if at := slackfake.Moment(said.TS); s.Now().Sub(at) > time.Minute || s.Now().Before(at) {
		t.Errorf("%s is %s", said.TS, at)
	}
}

func TestAFailureShowsWhatStandsThere(t *testing.T) {
	r := &fakery.Recorder{TB: t}
	s := slackfake.New(r, slackfake.Patience(time.Millisecond))
	s.Channel(front)
	if err := post(client(s), front, "安全事件 #1"); err != nil {
		t.Fatal(err)
	}
	for _, fails := range []func(){
		func() { s.Expect(front, "安全事件 #2") },
		func() { s.Expect("C0TYPO", "安全事件") },
		func() { s.Press("U0TYPO", "1.000000", "x") },
		func() { s.Connected(1) },
		func() { s.ExpectView(zhang, "x") },
	} {
		done := make(chan struct{})
		before := len(r.Heard())
		go func() { defer close(done); fails() }()
		<-done
		if len(r.Heard()) != before+1 {
			t.Errorf("it should have failed; complaints so far: %q", r.Heard())
		}
	}
	if all := r.Heard(); !strings.Contains(all[0], "the app: 安全事件 #1") || !strings.Contains(all[1], "C0TYPO") {
		t.Errorf("complaints: %q", all)
	}
}

func TestADeletedUserAndABotHaveNoChat(t *testing.T) {
	s := workspace(t)
	s.Add(slackfake.User{ID: "U0GONE", Name: "离职", Deleted: true})
	for id, want := range map[string]string{"U0GONE": "user_disabled", slackfake.BotUser: "cannot_dm_bot", "U0NONE": "user_not_found"} {
		if _, _, _, err := client(s).OpenConversation(&slack.OpenConversationParameters{Users: []string{id}}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
}

func TestALostAcknowledgementBringsTheEventAgain(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(50*time.Millisecond), patient)
	listen(t, s, nil)
	s.Connected(1)
	s.LoseAcks(2)
	said := s.Say(front, lihua, "收到了吗")
	said.Acked()
	if n := said.Deliveries[0].Tries(); n < 3 {
		t.Errorf("it was delivered %d times; two acknowledgements were lost", n)
	}
}

func TestNobodyIsToldWithoutSockets(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(20*time.Millisecond), slackfake.Retries(10*time.Millisecond))
	said := s.Say(front, lihua, "没有人在听")
	said.Deliveries[0].Tried(2)
	events := listen(t, s, nil)
	s.Connected(1)
	later := s.Say(front, lihua, "现在有人了")
	for {
		m, _ := inner[slackevents.MessageEvent](t, events)
		if m.TimeStamp == later.TS {
			break
		}
	}
	h, err := client(s).GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: front})
	if err != nil || len(h.Messages) != 2 {
		t.Errorf("what was not heard stands in the history: %d messages, %v", len(h.Messages), err)
	}
	var e slack.SlackErrorResponse
	if _, err := client(s).GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C0NONE"}); !errors.As(err, &e) {
		t.Errorf("history of nowhere: %v", err)
	}
}
