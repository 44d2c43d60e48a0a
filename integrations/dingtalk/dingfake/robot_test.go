package dingfake_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/card"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/chatbot"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/event"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"butler/integrations/dingtalk/dingfake"
)

// The fake is judged by dingtalk-stream-sdk-go: what that client sends is
// understood, and what it receives is what the test did.

const (
	front = "cidFRONT+/=="
	back  = "cidBACK=="
	zhang = "staff01"
	lihua = "lihua"
)

// organisation is a fake with two groups, an expert and a customer from outside.
func organisation(t *testing.T, opts ...dingfake.Option) *dingfake.Server {
	t.Helper()
	s := dingfake.New(t, opts...)
	s.Add(dingfake.User{ID: zhang, Name: "张工", Mobile: "13800000001", Admin: true})
	s.External(lihua, "李华")
	s.Group(front, dingfake.With(zhang, lihua), dingfake.Title("示例科技 安全群"))
	s.Group(back, dingfake.With(zhang))
	return s
}

// robot is the Go client and what it heard.
type robot struct {
	*client.StreamClient
	messages chan *chatbot.BotCallbackDataModel
	raw      sync.Map // msgId → data
	clicks   chan *card.CardRequest
	events   chan *event.EventHeader
	answer   atomic.Pointer[card.CardResponse]
	inClick  func()       // before a click is answered
	later    atomic.Int32 // events that are answered LATER
}

// listen starts the client; it ends with the test.
func listen(t *testing.T, s *dingfake.Server, opts ...client.ClientOption) *robot {
	t.Helper()
	r := &robot{messages: make(chan *chatbot.BotCallbackDataModel, 100),
		clicks: make(chan *card.CardRequest, 100), events: make(chan *event.EventHeader, 100)}
	r.StreamClient = client.NewStreamClient(append([]client.ClientOption{
		client.WithAppCredential(client.NewAppCredentialConfig(s.ClientID, s.ClientSecret)), client.WithOpenApiHost(s.URL())}, opts...)...)
	hear := chatbot.NewDefaultChatBotFrameHandler(func(_ context.Context, m *chatbot.BotCallbackDataModel) ([]byte, error) {
		r.messages <- m
		return []byte(`{"response":null}`), nil
	}).OnEventReceived
	r.RegisterCallbackRouter(payload.BotMessageCallbackTopic, func(ctx context.Context, f *payload.DataFrame) (*payload.DataFrameResponse, error) {
		var id struct{ MsgID string }
		if err := json.Unmarshal([]byte(f.Data), &id); err == nil {
			r.raw.Store(id.MsgID, f.Data)
		}
		return hear(ctx, f)
	})
	r.RegisterCardCallbackRouter(func(_ context.Context, c *card.CardRequest) (*card.CardResponse, error) {
		r.clicks <- c
		if r.inClick != nil {
			r.inClick()
		}
		return r.answer.Load(), nil
	})
	r.RegisterAllEventRouter(event.NewDefaultEventFrameHandler(func(_ context.Context, h *event.EventHeader, _ []byte) (event.EventProcessStatusType, error) {
		r.events <- h
		if r.later.Add(-1) >= 0 {
			return event.EventProcessStatusKLater, nil
		}
		return event.EventProcessStatusKSuccess, nil
	}).OnEventReceived)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	s.Connected(1)
	return r
}

// data is a message as it came.
func (r *robot) data(m *chatbot.BotCallbackDataModel) string {
	raw, _ := r.raw.Load(m.MsgId)
	text, _ := raw.(string)
	return text
}

// take waits for the next of what the client heard.
func take[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("the client heard nothing within 5 s")
		panic("unreachable")
	}
}

func TestAMessageIsHeardAndAnswered(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	said := s.Say(front, zhang, "@管家 认领 12 我是张工，@李华 请看")
	said.Acked()
	m := take(t, r.messages)
	if m.Text.Content != " 认领 12 我是张工，@李华 请看" || m.SenderStaffId != zhang || m.MsgId != said.ID || m.ConversationId != front ||
		m.ConversationType != "2" || m.ConversationTitle != "示例科技 安全群" || !m.IsInAtList || m.RobotCode != s.RobotCode || !m.IsAdmin || m.Msgtype != "text" {
		t.Errorf("heard %+v", m)
	}
	if len(m.AtUsers) != 2 || m.AtUsers[0].DingtalkId != m.ChatbotUserId || m.AtUsers[1].StaffId != "" {
		t.Errorf("addressed were %+v", m.AtUsers)
	}
	if left := time.UnixMilli(m.SessionWebhookExpiredTime).Sub(time.Now()); left < 89*time.Minute || left > 91*time.Minute {
		t.Errorf("the session webhook is good for %s", left)
	}
	if err := chatbot.NewChatbotReplier().SimpleReplyText(t.Context(), m.SessionWebhook, []byte("收到")); err != nil {
		t.Fatal(err)
	}
	if got := s.Expect(front, "收到"); got.By != dingfake.WebhookPath || got.User != "" {
		t.Errorf("said %+v", got)
	}
}

func TestWhatIsNotForTheRobotIsNotHeard(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	for _, said := range []*dingfake.Said{
		s.Say(front, lihua, "你好"),
		s.Audio(front, lihua, "网站打不开了", dingfake.Mentioned()),
		s.File(front, lihua, "a.log", []byte("x"), dingfake.Mentioned()),
		s.Say(front, lihua, "@管家 之前", dingfake.Unheard()),
	} {
		if len(said.Deliveries) != 0 {
			t.Errorf("the robot hears %s", said.Deliveries[0].Data)
		}
	}
	s.Say(front, lihua, "@管家 之后").Acked()
	if m := take(t, r.messages); m.Text.Content != " 之后" || m.SenderStaffId != "" || m.SenderId == "" {
		t.Errorf("heard %+v", m)
	}
	if len(s.Messages(front)) != 5 {
		t.Errorf("in the group stand %d messages", len(s.Messages(front)))
	}
}

func TestKindsOfMessages(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	direct := s.Direct(zhang)
	content := func() map[string]any {
		t.Helper()
		m := take(t, r.messages)
		if m.ConversationId == direct && m.ConversationType != "1" {
			t.Errorf("a one-to-one chat is of type %s", m.ConversationType)
		}
		c, _ := m.Content.(map[string]any)
		if c == nil || m.Text.Content != "" {
			t.Fatalf("heard %+v", m)
		}
		c["kind"] = m.Msgtype
		return c
	}
	s.Audio(direct, zhang, "网站打不开了").Acked()
	if c := content(); c["kind"] != "audio" || c["recognition"] != "网站打不开了" {
		t.Errorf("audio %v", c)
	}
	s.File(direct, zhang, "access.log", []byte("GET /")).Acked()
	c := content()
	if c["kind"] != "file" || c["fileName"] != "access.log" {
		t.Errorf("file %v", c)
	}
	if got := fetch(t, s, c["downloadCode"].(string)); got != "GET /" {
		t.Errorf("downloaded %q", got)
	}
	s.Picture(direct, zhang, "a.png", []byte("png")).Acked()
	if c := content(); c["kind"] != "picture" || c["downloadCode"] == "" {
		t.Errorf("picture %v", c)
	}
	s.Video(direct, zhang, "a.mp4", []byte("mp4")).Acked()
	if c := content(); c["kind"] != "video" {
		t.Errorf("video %v", c)
	}
	s.RichText(front, lihua, []dingfake.Part{dingfake.Words("@管家 看截图"), dingfake.Image("a.png", []byte("png"))}).Acked()
	rich, _ := content()["richText"].([]any)
	if len(rich) != 2 || rich[0].(map[string]any)["text"] != " 看截图" || rich[1].(map[string]any)["type"] != "picture" {
		t.Errorf("rich text %v", rich)
	}
	s.Strange(direct, zhang).Acked()
	if c := content(); c["kind"] != "unknownMsgType" {
		t.Errorf("unknown %v", c)
	}
	s.Beyond(front, lihua, "@管家 救命").Acked()
	if m := take(t, r.messages); m.Text.Content != "" || m.Content != nil || !strings.Contains(r.data(m), "20001") {
		t.Errorf("beyond the quota came %s", r.data(m))
	}
	before := s.Say(front, lihua, "@管家 前一句")
	take(t, r.messages)
	s.Say(front, lihua, "@管家 就是这个", dingfake.Quoting(before.ID), dingfake.WithField("senderPlatform", "Mac"), dingfake.WithoutField("senderNick")).Acked()
	m := take(t, r.messages)
	if raw := r.data(m); m.SenderNick != "" || !strings.Contains(raw, `"isReplyMsg":true`) || !strings.Contains(raw, `"originalMsgId":"`+before.ID) {
		t.Errorf("a quoting message is %s", raw)
	}
}

func TestAClickIsHeardAndItsAnswerShown(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	api := connect(t, s)
	api.deliver("card-1", front, map[string]string{"title": "安全事件 #1", "status": "待认领"})
	r.answer.Store(&card.CardResponse{CardUpdateOptions: &card.CardUpdateOptions{UpdateCardDataByKey: true},
		CardData: &card.CardDataDto{CardParamMap: map[string]string{"status": "已认领"}}})
	s.Press(zhang, "card-1", map[string]any{"command": "/claim 1"}).Acked()
	c := take(t, r.clicks)
	if c.GetActionString("command") != "/claim 1" || c.UserId != zhang || c.OutTrackId != "card-1" || c.SpaceId != front || c.SpaceType != "IM_GROUP" {
		t.Errorf("heard %+v", c)
	}
	if got := s.Card("card-1").Params; got["status"] != "已认领" || got["title"] != "安全事件 #1" {
		t.Errorf("an answer by key left %v", got)
	}
	r.answer.Store(&card.CardResponse{CardData: &card.CardDataDto{CardParamMap: map[string]string{"status": "已解决"}}})
	s.Press(lihua, "card-1", nil).Acked()
	if got := s.Card("card-1").Params; got["status"] != "已解决" || len(got) != 1 {
		t.Errorf("an answer without by key left %v", got)
	}
}

func TestAnEventThatIsPutOffComesAgain(t *testing.T) {
	s := organisation(t, dingfake.EventPauses(0, 0, 0))
	r := listen(t, s)
	r.later.Store(2)
	key := connect(t, s).say(front, "请看")
	d := s.Recall(zhang, key)
	s.Acked(d)
	if first, second := take(t, r.events), take(t, r.events); first.EventId != second.EventId || d.Tries() != 3 || first.EventType != "robot_msg_recall" || first.EventCorpId != dingfake.Corp {
		t.Errorf("after %d tries: %+v, %+v", d.Tries(), first, second)
	}
	if !s.Message(key).Recalled {
		t.Error("a message that an administrator took back still stands")
	}
}
