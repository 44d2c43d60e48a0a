package slackfake_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"butler/integrations/slack/slackfake"
)

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

func card(buttons ...string) slack.MsgOption {
	var all []slack.BlockElement
	for _, b := range buttons {
		all = append(all, slack.NewButtonBlockElement(b, b, plain("按 "+b)))
	}
	return slack.MsgOptionBlocks(slack.NewSectionBlock(plain("安全事件 #1"), nil, nil), slack.NewActionBlock("buttons", all...))
}

func form() slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(nil, "text")
	input.InitialValue = "草稿"
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plain("回复"), Submit: plain("发送"), CallbackID: "reply", PrivateMetadata: "1",
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("say", plain("内容"), nil, input)}}}
}

func interaction(t *testing.T, events <-chan socketmode.Event, kind slack.InteractionType) slack.InteractionCallback {
	t.Helper()
	e := wait(t, events, func(e socketmode.Event) bool {
		c, ok := e.Data.(slack.InteractionCallback)
		return ok && c.Type == kind
	})
	return e.Data.(slack.InteractionCallback)
}

func TestAPressedButton(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	_, ts, err := client(s).PostMessage(back, slack.MsgOptionText("卡片", false), card("/claim 1", "/reply 1"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Message(ts).Buttons(); len(got) != 2 || got[0] != "/claim 1" {
		t.Errorf("buttons %q", got)
	}
	s.Acked(s.Press(zhang, ts, "按 /claim 1"))
	c := interaction(t, events, slack.InteractionTypeBlockActions)
	a := c.ActionCallback.BlockActions
	if len(a) != 1 || a[0].Value != "/claim 1" || a[0].BlockID != "buttons" || c.User.ID != zhang || c.Channel.ID != back ||
		c.Container.MessageTs != ts || c.Message.Timestamp != ts || c.TriggerID == "" {
		t.Errorf("pressed: %+v", c)
	}

	// A menu, and what one person sees alone.
	menu := slack.NewOptionsSelectBlockElement("static_select", plain("更多"), "more",
		slack.NewOptionBlockObject("/pause 1", plain("暂停"), nil), slack.NewOptionBlockObject("/resolve 1", plain("解决"), nil))
	hidden, err := client(s).PostEphemeral(back, zhang, slack.MsgOptionText("只给你看", false), slack.MsgOptionBlocks(slack.NewActionBlock("m", menu)))
	if err != nil {
		t.Fatal(err)
	}
	s.ExpectEphemeral(zhang, "暂停")
	s.Press(zhang, hidden, "/resolve 1")
	c = interaction(t, events, slack.InteractionTypeBlockActions)
	if a := c.ActionCallback.BlockActions; a[0].SelectedOption.Value != "/resolve 1" || !c.Container.IsEphemeral {
		t.Errorf("chosen: %+v", c)
	}
	if _, _, err := client(s).PostMessage("", slack.MsgOptionDeleteOriginal(c.ResponseURL)); err != nil {
		t.Errorf("delete_original: %v", err)
	}
	if n := len(s.Ephemerals(zhang)); n != 0 {
		t.Errorf("%d are left for one person", n)
	}
}

func TestASlashCommandIsAnsweredInTheAcknowledgement(t *testing.T) {
	s := workspace(t)
	sm := socketmode.New(client(s))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range sm.Events {
			if cmd, ok := e.Data.(slack.SlashCommand); ok {
				sm.Ack(*e.Request, map[string]string{"text": "收到 " + cmd.Command + " " + cmd.Text})
				return
			}
		}
	}()
	go sm.RunContext(t.Context())
	s.Connected(1)
	d := s.Slash(zhang, back, "/butler", "claim 1")
	if got := d.Answer(); len(got) == 0 {
		t.Error("no answer")
	}
	e := s.ExpectEphemeral(zhang, "收到 /butler claim 1")
	if e.By != "ack" || e.Channel != back {
		t.Errorf("answered as %+v", e)
	}
	<-done
}

func TestAResponseURLTakesFiveAnswersWithinHalfAnHour(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	s.Slash(zhang, back, "/butler", "help")
	cmd := wait(t, events, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeSlashCommand }).Data.(slack.SlashCommand)
	answer := func(url string) error {
		_, _, err := client(s).PostMessage("", slack.MsgOptionResponseURL(url, slack.ResponseTypeEphemeral), slack.MsgOptionText("答复", false))
		return err
	}
	for i := range 5 {
		if err := answer(cmd.ResponseURL); err != nil {
			t.Errorf("answer %d: %v", i+1, err)
		}
	}
	if err := answer(cmd.ResponseURL); err == nil {
		t.Error("the sixth answer was taken")
	}
	if n := len(s.Ephemerals(zhang)); n != 5 {
		t.Errorf("%d answers are there", n)
	}
	s.Slash(zhang, back, "/butler", "help")
	cmd = wait(t, events, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeSlashCommand }).Data.(slack.SlashCommand)
	if _, _, err := client(s).PostMessage("", slack.MsgOptionResponseURL(cmd.ResponseURL, slack.ResponseTypeInChannel), slack.MsgOptionText("给大家", false)); err != nil {
		t.Error(err)
	}
	s.Expect(back, "给大家")
	s.Skip(31 * time.Minute)
	if err := answer(cmd.ResponseURL); err == nil {
		t.Error("an answer after half an hour was taken")
	}
}

func TestAModalFromTheClickToTheEnd(t *testing.T) {
	s := workspace(t)
	var answer any
	sm := socketmode.New(client(s))
	events := make(chan slack.InteractionCallback, 10)
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if c, ok := e.Data.(slack.InteractionCallback); ok {
					if c.Type == slack.InteractionTypeViewSubmission && c.View.State.Values["say"]["text"].Value == "空" {
						answer = slack.NewErrorsViewSubmissionResponse(map[string]string{"say": "请写点什么"})
					} else {
						answer = nil
					}
					sm.AckCtx(t.Context(), e.Request.EnvelopeID, answer)
					events <- c
				}
			case <-t.Context().Done():
				return
			}
		}
	}()
	go sm.RunContext(t.Context())
	s.Connected(1)
	_, ts, err := client(s).PostMessage(back, slack.MsgOptionText("卡片", false), card("/reply 1"))
	if err != nil {
		t.Fatal(err)
	}
	s.Press(zhang, ts, "/reply 1")
	c := <-events
	v, err := client(s).OpenView(c.TriggerID, form())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ExpectView(zhang, "内容", "草稿"); got.ID != v.ID || got.Private != "1" || got.Callback != "reply" {
		t.Errorf("open is %+v", got)
	}
	if _, err := client(s).OpenView(c.TriggerID, form()); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Errorf("the trigger a second time: %v", err)
	}
	d := s.Submit(zhang, v.ID, map[string]string{"say": "空"})
	var errs struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if json.Unmarshal(d.Answer(), &errs) != nil || errs.Action != "errors" || errs.Errors["say"] == "" || len(s.Views(zhang)) != 1 {
		t.Errorf("errors keep it open: %s, open are %d", d.Answer(), len(s.Views(zhang)))
	}
	<-events
	updated := form()
	updated.Title = plain("再试一次")
	if _, err := client(s).UpdateView(updated, "", "stale-hash", v.ID); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("a stale hash: %v", err)
	}
	if _, err := client(s).UpdateView(updated, "", "", v.ID); err != nil {
		t.Error(err)
	}
	s.ExpectView(zhang, "再试一次")
	s.Acked(s.Submit(zhang, v.ID, nil))
	if got := (<-events).View; got.State.Values["say"]["text"].Value != "草稿" || got.PrivateMetadata != "1" || len(s.Views(zhang)) != 0 {
		t.Errorf("sent off: %+v; open are %d", got.State, len(s.Views(zhang)))
	}

	s.Press(zhang, ts, "/reply 1")
	c = <-events
	s.Skip(4 * time.Second)
	if _, err := client(s).OpenView(c.TriggerID, form()); err == nil || err.Error() != "expired_trigger_id" {
		t.Errorf("after four seconds: %v", err)
	}
	s.Press(zhang, ts, "/reply 1")
	bad := form()
	bad.Title = plain("一二三四五六七八九十一二三四五六七八九十一二三四五")
	var e slack.SlackErrorResponse
	if _, err := client(s).OpenView((<-events).TriggerID, bad); !errors.As(err, &e) || e.Err != "invalid_arguments" {
		t.Errorf("a title of 25: %v", err)
	}
}

func TestShortcutsReactionsAndTheHome(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	said := s.Say(front, lihua, "网站打不开了")
	s.Acked(s.Shortcut(zhang, "report", said.TS))
	c := interaction(t, events, slack.InteractionTypeMessageAction)
	if c.CallbackID != "report" || c.Message.Timestamp != said.TS || c.Message.User != lihua || c.Channel.ID != front {
		t.Errorf("shortcut: %+v", c)
	}
	s.Acked(s.GlobalShortcut(zhang, "new"))
	if c := interaction(t, events, slack.InteractionTypeShortcut); c.CallbackID != "new" {
		t.Errorf("global shortcut: %+v", c)
	}
	s.React(zhang, said.TS, "rotating_light").Acked()
	r, _ := inner[slackevents.ReactionAddedEvent](t, events)
	if r.User != zhang || r.Reaction != "rotating_light" || r.Item.Timestamp != said.TS || r.Item.Channel != front || r.ItemUser != lihua {
		t.Errorf("reaction: %+v", r)
	}
	s.Acked(s.OpenHome(zhang))
	if h, _ := inner[slackevents.AppHomeOpenedEvent](t, events); h.User != zhang || h.Tab != "home" {
		t.Errorf("home: %+v", h)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewSectionBlock(plain("我的工单"), nil, slack.NewAccessory(slack.NewButtonBlockElement("go", "/queue", plain("刷新"))))}}}
	if _, err := client(s).PublishView(zhang, home, ""); err != nil {
		t.Fatal(err)
	}
	v := s.ExpectHome(zhang, "我的工单")
	s.PressView(zhang, v.ID, "/queue")
	if c := interaction(t, events, slack.InteractionTypeBlockActions); c.View.ID != v.ID || c.ActionCallback.BlockActions[0].Value != "/queue" {
		t.Errorf("pressed in the home: %+v", c)
	}
}

func TestEveryKindOfMessage(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	next := func() *slackevents.MessageEvent {
		m, _ := inner[slackevents.MessageEvent](t, events)
		return m
	}
	said := s.Say(front, lihua, "原文")
	next()
	s.Edit(said.TS, "改过的")
	if m := next(); m.SubType != "message_changed" || m.User != "" || m.Message.Text != "改过的" || m.Message.User != lihua || m.PreviousMessage.Text != "原文" || m.Message.Edited == nil {
		t.Errorf("edited: %+v", m)
	}
	s.Unfurl(said.TS, "预览")
	if m := next(); m.SubType != "message_changed" || m.Message.Text != "改过的" || len(m.Message.Attachments) != 1 {
		t.Errorf("unfurled: %+v", m)
	}
	s.Say(front, lihua, "线程里", slackfake.InThread(said.TS), slackfake.Broadcast())
	if m := next(); m.SubType != "thread_broadcast" || m.ThreadTimeStamp != said.TS || m.Root == nil || m.User != lihua {
		t.Errorf("broadcast: %+v", m)
	}
	s.Say(front, lihua, "日志", slackfake.WithFile("access.log", 1024))
	if m := next(); m.SubType != "file_share" || len(m.Message.Files) != 1 || m.Message.Files[0].Name != "access.log" {
		t.Errorf("file: %+v", m)
	}
	s.Say(front, lihua, "叹气", slackfake.SubType("me_message"))
	if m := next(); m.SubType != "me_message" || m.User != lihua {
		t.Errorf("me: %+v", m)
	}
	s.Say(front, zhang, "监控告警", slackfake.AsBot("B0MONITOR"))
	if m := next(); m.SubType != "bot_message" || m.User != "" || m.BotID != "B0MONITOR" {
		t.Errorf("another bot: %+v", m)
	}
	s.Say(front, zhang, "工作流", slackfake.AsWorkflow("Wf01"))
	if m := next(); m.WorkflowID != "Wf01" || m.User != "" {
		t.Errorf("a workflow: %+v", m)
	}
	s.Say(front, zhang, "没有作者", slackfake.Blank())
	if m := next(); m.User != "" || m.BotID != "" {
		t.Errorf("nobody: %+v", m)
	}
	s.Say(s.Direct(zhang), zhang, "私聊")
	if m := next(); m.ChannelType != "im" {
		t.Errorf("one-to-one: %+v", m)
	}
	s.Delete(said.TS)
	if m := next(); m.SubType != "message_changed" || m.Message.SubType != "tombstone" || m.Message.Timestamp != said.TS || m.PreviousMessage.Text != "改过的" {
		t.Errorf("deleted while an answer hangs under it: %+v", m)
	}
	h, err := client(s).GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: front, Oldest: said.TS, Inclusive: true})
	if err != nil || h.Messages[len(h.Messages)-1].SubType != "tombstone" {
		t.Errorf("the history begins with %+v, %v", h.Messages, err)
	}
	said = s.Say(front, lihua, "改过的")
	next()
	s.Delete(said.TS)
	if m := next(); m.SubType != "message_deleted" || m.DeletedTimeStamp != said.TS || m.PreviousMessage.Text != "改过的" {
		t.Errorf("deleted: %+v", m)
	}
	s.Settled()
}
