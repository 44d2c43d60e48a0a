package slackfake_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"butler/integrations/fakery"
	"butler/integrations/slack/slackfake"
)

func refuse(socketmode.Event) bool { return false }

// patient redelivers at once and for long: what a test waits for comes on a busy
// machine too.
var patient = slackfake.Retries(make([]time.Duration, 200)...)

func isEvent(e socketmode.Event) bool { return e.Type == socketmode.EventTypeEventsAPI }

func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(30*time.Millisecond), slackfake.Retries(0, 10*time.Millisecond))
	events := listen(t, s, refuse)
	s.Connected(1)
	said := s.Say(front, lihua, "有人吗")
	seen, envelopes := map[string]bool{}, map[string]bool{}
	for i := range 3 {
		e := wait(t, events, isEvent)
		if e.Request.RetryAttempt != i || (e.Request.RetryReason == "timeout") != (i > 0) {
			t.Errorf("attempt %d says retry_attempt %d, retry_reason %q", i, e.Request.RetryAttempt, e.Request.RetryReason)
		}
		seen[e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID] = true
		envelopes[e.Request.EnvelopeID] = true
	}
	if len(seen) != 1 || len(envelopes) != 3 {
		t.Errorf("three attempts had the event ids %v and the envelopes %v; one id and three envelopes are due", seen, envelopes)
	}
	d := said.Deliveries[0]
	for !d.Lost() { // within the time of one more acknowledgement
		time.Sleep(time.Millisecond)
	}
	if d.Tries() != 3 || d.Acknowledged() {
		t.Errorf("tried %d times, acknowledged %t", d.Tries(), d.Acknowledged())
	}
}

func TestCommandsAreNotRepeated(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(10*time.Millisecond), slackfake.Retries(0, 0))
	events := listen(t, s, refuse)
	s.Connected(1)
	d := s.Slash(zhang, back, "/butler", "help")
	wait(t, events, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeSlashCommand })
	for !d.Lost() {
		time.Sleep(time.Millisecond)
	}
	if d.Tries() != 1 {
		t.Errorf("a command was delivered %d times", d.Tries())
	}
}

func TestOneConnectionGetsEachEvent(t *testing.T) {
	s := workspace(t)
	var mu sync.Mutex
	heard := map[string]int{}
	for range 3 {
		events := listen(t, s, nil)
		go func() {
			for e := range events {
				if m, ok := e.Data.(slackevents.EventsAPIEvent); ok {
					mu.Lock()
					heard[m.InnerEvent.Data.(*slackevents.MessageEvent).Text]++
					mu.Unlock()
				}
			}
		}()
	}
	s.Connected(3)
	for i := range 30 {
		s.Say(front, lihua, fmt.Sprint("消息 ", i))
	}
	s.Settled()
	mu.Lock()
	defer mu.Unlock()
	for text, n := range heard {
		if n != 1 {
			t.Errorf("%q was heard %d times", text, n)
		}
	}
}

func TestAWarningMakesTheClientReconnectAndNothingIsLost(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested"} {
		t.Run(reason, func(t *testing.T) {
			s := workspace(t, slackfake.AckWithin(200*time.Millisecond), patient)
			listen(t, s, nil)
			s.Connected(1)
			s.Disconnect(reason)
			said := s.Say(front, lihua, "正在切换连接")
			said.Acked()
			s.Opened(2)
			s.Connected(1)
			s.Say(front, lihua, "切换以后").Acked()
		})
	}
}

func TestADroppedSocketIsOpenedAgain(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(100*time.Millisecond), patient)
	listen(t, s, nil)
	s.Connected(1)
	s.DropSockets()
	s.Say(front, lihua, "断线时说的话").Acked()
	if s.Opens() < 2 {
		t.Error("the message was heard without a new connection")
	}
}

func TestSocketsFailInEveryWay(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(100*time.Millisecond), patient, slackfake.PingEvery(20*time.Millisecond))
	s.FailSocket(slackfake.DropAtOnce, 3)
	s.FailSocket(slackfake.RefusesLink, 1)
	listen(t, s, nil)
	s.Opened(4)
	s.Connected(1)
	s.Say(front, lihua, "终于连上了").Acked()
}

func TestAHalfOpenSocketDeliversNothing(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(50*time.Millisecond), patient, slackfake.PingEvery(20*time.Millisecond))
	s.FailSocket(slackfake.HalfOpen, 1)
	sm := socketmode.New(client(s), socketmode.OptionPingInterval(100*time.Millisecond))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); sm.RunContext(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	s.Connected(1)
	said := s.Say(front, lihua, "有人听到吗")
	for e := range sm.Events {
		if isEvent(e) {
			if e.Request.RetryAttempt == 0 {
				t.Error("the half-open socket delivered")
			}
			sm.Ack(*e.Request)
			break
		}
	}
	said.Acked()
	if s.Opens() < 2 {
		t.Error("the client's watchdog did not notice that no ping came")
	}
}

func TestEventsArriveTwiceOrInAnotherOrder(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	id := func(e socketmode.Event) string {
		return e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID
	}
	ts := func(e socketmode.Event) string {
		return e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.MessageEvent).TimeStamp
	}

	s.Twice(true)
	s.Say(front, lihua, "一")
	a, b := wait(t, events, isEvent), wait(t, events, isEvent)
	if id(a) != id(b) || a.Request.EnvelopeID == b.Request.EnvelopeID || b.Request.RetryAttempt != 1 {
		t.Errorf("twice: events %s and %s, envelopes %s and %s", id(a), id(b), a.Request.EnvelopeID, b.Request.EnvelopeID)
	}
	s.Twice(false)

	said := s.Say(front, lihua, "二")
	a = wait(t, events, isEvent)
	s.Redeliver(said.Deliveries[0])
	b = wait(t, events, isEvent)
	s.Repeat(said.Deliveries[0])
	c := wait(t, events, isEvent)
	if id(a) != id(b) || id(a) == id(c) || ts(a) != ts(c) {
		t.Errorf("redelivered as %s, repeated as %s; the first was %s", id(b), id(c), id(a))
	}

	s.Hold()
	first, second := s.Say(front, lihua, "三"), s.Say(front, lihua, "四")
	if s.Held() != 2 {
		t.Errorf("%d are held back", s.Held())
	}
	s.Flush(1, 0)
	a, b = wait(t, events, isEvent), wait(t, events, isEvent)
	if ts(a) != second.TS || ts(b) != first.TS {
		t.Errorf("in another order: %s, %s; said were %s, %s", ts(a), ts(b), first.TS, second.TS)
	}
	s.Settled()
}

func TestPoisonReachesTheClientAsPoison(t *testing.T) {
	s := workspace(t)
	events := listen(t, s, nil)
	s.Connected(1)
	for name, p := range map[string]slackfake.Poison{"event": slackfake.UnknownEvent, "block": slackfake.MalformedBlock,
		"envelope": slackfake.UnknownEnvelope, "payload": slackfake.BrokenPayload} {
		d := s.Poison(p, front)
		e := wait(t, events, func(e socketmode.Event) bool { return e.Type == socketmode.EventTypeErrorBadMessage })
		if e.Request != nil {
			t.Errorf("%s: the client read it: %+v", name, e)
		}
		s.Acked(d)
	}
	d := s.Poison(slackfake.UnknownBlock, front)
	if m, _ := inner[slackevents.MessageEvent](t, events); m.Text != "poison" {
		t.Errorf("a message with an unknown block reads %q", m.Text)
	}
	s.Acked(d)
	s.Frame("this is no JSON")
	s.Say(front, lihua, "之后").Acked()
}

func TestWrongTokensOpenNoSocket(t *testing.T) {
	s := workspace(t)
	for _, c := range []struct{ app, want string }{
		{s.BotToken, "not_allowed_token_type"}, {"xapp-other", "invalid_auth"},
	} {
		api := slack.New(s.BotToken, slack.OptionAppLevelToken(c.app), slack.OptionAPIURL(s.URL()))
		if _, _, err := api.StartSocketModeContext(t.Context()); err == nil || err.Error() != c.want {
			t.Errorf("opened with %s: %v, want %s", c.app, err, c.want)
		}
	}
	api := slack.New(s.AppToken, slack.OptionAPIURL(s.URL()))
	if _, _, err := api.PostMessage(front, slack.MsgOptionText("x", false)); err == nil || err.Error() != "not_allowed_token_type" {
		t.Errorf("posted with the app's token: %v", err)
	}
}

func TestALinkIsGoodForOneHandshake(t *testing.T) {
	s := workspace(t)
	_, link, err := client(s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.Dial(link, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, _, err := websocket.DefaultDialer.Dial(link, nil); !errors.Is(err, websocket.ErrBadHandshake) {
		t.Errorf("the second handshake: %v", err)
	}
	// A client's ping is answered.
	pong := make(chan struct{})
	ws.SetPongHandler(func(string) error { close(pong); return nil })
	ws.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(time.Second))
	go func() {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	select {
	case <-pong:
	case <-time.After(3 * time.Second):
		t.Error("no pong came")
	}
}

func TestWhatABotMayNotDoFailsTheTest(t *testing.T) {
	r := &fakery.Recorder{TB: t}
	s := slackfake.New(r)
	api := client(s)
	if _, err := api.GetUserGroups(); err == nil || len(r.Heard()) != 1 {
		t.Errorf("an unknown method: %v, and complaints %q", err, r.Heard())
	}
	s.Allow("usergroups.list")
	if _, err := api.GetUserGroups(); err != nil || len(r.Heard()) != 1 {
		t.Errorf("an allowed method: %v, and complaints %q", err, r.Heard())
	}

	_, link, err := api.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.Dial(link, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	s.Connected(1)
	ws.WriteJSON(map[string]string{"envelope_id": "never-sent"})
	for len(r.Heard()) < 2 {
		time.Sleep(time.Millisecond)
	}
}

func TestAnAppHearsWhatItsManifestAsksFor(t *testing.T) {
	s := workspace(t, slackfake.Subscribed("message.groups", "reaction_added"))
	if said := s.Say(front, lihua, "<@"+slackfake.BotUser+"> 有人吗"); len(said.Deliveries) != 0 {
		t.Error("an app without message.channels and app_mention hears a public channel")
	}
	said := s.Say(back, zhang, "内部")
	if len(said.Deliveries) != 1 || len(s.React(zhang, said.TS, "eyes").Deliveries) != 1 {
		t.Error("an app does not hear what it asked for")
	}
}

func TestAFrozenConnectionIsLeft(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(50*time.Millisecond), patient, slackfake.PingEvery(20*time.Millisecond))
	sm := socketmode.New(client(s), socketmode.OptionPingInterval(150*time.Millisecond))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); sm.RunContext(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if isEvent(e) {
					sm.Ack(*e.Request)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	s.Connected(1)
	s.Say(front, lihua, "之前").Acked()
	s.Freeze()
	s.Say(front, lihua, "之后").Acked()
	if s.Opens() < 2 {
		t.Error("heard over a connection that is half-open")
	}
}
