package dingfake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"

	"butler/integrations/dingtalk/dingfake"
	"butler/integrations/fakery"
)

func TestAMessageThatNobodyTakesIsLost(t *testing.T) {
	s := organisation(t)
	said := s.Say(front, lihua, "@管家 有人吗")
	if !said.Delivery().Lost() {
		t.Error("a message without a connection waits")
	}
	r := listen(t, s)
	s.Say(front, lihua, "@管家 现在").Acked()
	if m := take(t, r.messages); m.Text.Content != " 现在" {
		t.Errorf("heard %q", m.Text.Content)
	}
}

func TestAPushMayComeAgain(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		opts := []dingfake.Option{dingfake.Repush(20*time.Millisecond, 0, 0, 0, 0, 0, 0, 0, 0)}
		if fresh {
			opts = append(opts, dingfake.FreshPushIDs())
		}
		s := organisation(t, opts...)
		r := listen(t, s)
		s.LoseAcks(1)
		said := s.Say(front, lihua, "@管家 再来")
		said.Acked()
		if a, b := take(t, r.messages), take(t, r.messages); a.MsgId != b.MsgId || a.MsgId != said.ID {
			t.Errorf("the msgIds are %s and %s", a.MsgId, b.MsgId)
		}
		s.Redeliver(said.Delivery())
		if m := take(t, r.messages); m.MsgId != said.ID {
			t.Errorf("again came %s", m.MsgId)
		}
		s.Settled()
		r.Close()
	}
}

func TestTwiceAndOutOfOrder(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	s.Twice(true)
	s.Say(front, lihua, "@管家 一").Acked()
	if a, b := take(t, r.messages), take(t, r.messages); a.MsgId != b.MsgId {
		t.Errorf("twice came %s and %s", a.MsgId, b.MsgId)
	}
	s.Twice(false)
	s.Hold()
	first := s.Say(front, lihua, "@管家 二")
	second := s.Say(front, lihua, "@管家 三")
	if s.Held() != 2 || first.Delivery().Tries() != 0 {
		t.Errorf("%d are held back", s.Held())
	}
	s.Flush(1, 0)
	first.Acked()
	second.Acked()
}

func TestASocketFailsInEveryWay(t *testing.T) {
	s := organisation(t)
	for _, f := range []dingfake.SocketFault{dingfake.RefusesOpen, dingfake.RefusesSocket} {
		s.FailSocket(f, 1)
		c := client.NewStreamClient(client.WithAppCredential(client.NewAppCredentialConfig(s.ClientID, s.ClientSecret)), client.WithOpenApiHost(s.URL()))
		if err := c.Start(t.Context()); err == nil {
			t.Errorf("fault %d: connected", f)
		}
		c.Close()
	}
	wrong := client.NewStreamClient(client.WithAppCredential(client.NewAppCredentialConfig(s.ClientID, "guess")), client.WithOpenApiHost(s.URL()))
	if err := wrong.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "authFailed") {
		t.Errorf("with a wrong secret: %v", err)
	}
	wrong.Close()
	if s.Opens() != 2 || s.Connections() != 0 {
		t.Errorf("tried %d, connected %d", s.Opens(), s.Connections())
	}
}

func TestAZombieDeliversNothing(t *testing.T) {
	s := organisation(t, dingfake.PingEvery(5*time.Millisecond))
	r := listen(t, s)
	s.Undead()
	said := s.Say(front, lihua, "@管家 有人吗")
	if said.Delivery().Lost() {
		t.Error("a zombie counts as connected")
	}
	s.Connected(1)
	r.Close()
	s.Connected(0)
	r = listen(t, s)
	s.Say(front, lihua, "@管家 有人吗").Acked()
	if m := take(t, r.messages); m.MsgId == said.ID {
		t.Error("what a zombie got came after all")
	}
}

// TestTheGoClientLeavesABrokenSocket: after a drop, a freeze and a disconnect it
// comes again by itself, after the 3 s that it always waits.
func TestTheGoClientLeavesABrokenSocket(t *testing.T) {
	if testing.Short() {
		t.Skip("the Go client waits 3 s before each of three reconnects")
	}
	for name, ruin := range map[string]func(*dingfake.Server){
		"dropped":      (*dingfake.Server).DropSockets,
		"disconnected": (*dingfake.Server).Disconnect,
		"frozen":       (*dingfake.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := organisation(t, dingfake.Patience(20*time.Second), dingfake.PingEvery(time.Hour))
			r := listen(t, s, client.WithKeepAlive(3*time.Second))
			ruin(s)
			s.Opened(2)
			s.Connected(1)
			s.Say(front, lihua, "@管家 还在吗").Acked()
			take(t, r.messages)
		})
	}
}

// socket is a bare connection that asks for every topic.
func socket(t *testing.T, s *dingfake.Server) *websocket.Conn {
	t.Helper()
	r := connect(t, s)
	got := r.must("POST", "/v1.0/gateway/connections/open", map[string]any{"clientId": s.ClientID, "clientSecret": s.ClientSecret,
		"subscriptions": []map[string]string{{"type": "CALLBACK", "topic": dingfake.TopicMessage}, {"type": "EVENT", "topic": "*"}}})
	link := fmt.Sprintf("%s?ticket=%s", got["endpoint"], got["ticket"])
	ws, answer, err := websocket.DefaultDialer.DialContext(t.Context(), link, nil)
	if err != nil {
		t.Fatalf("%v %v", err, answer)
	}
	t.Cleanup(func() { ws.Close() })
	if _, answer, err := websocket.DefaultDialer.DialContext(t.Context(), link, nil); err == nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket is good for two: %v", err)
	}
	return ws
}

func TestPushesFindOneOfManyAtRandom(t *testing.T) {
	s := organisation(t)
	a, b := socket(t, s), socket(t, s)
	s.Connected(2)
	for range 20 {
		s.Say(front, lihua, "@管家 在哪")
	}
	count := func(ws *websocket.Conn) int {
		n := 0
		for ws.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); ; n++ {
			if _, _, err := ws.ReadMessage(); err != nil {
				return n
			}
		}
	}
	if x, y := count(a), count(b); x+y != 20 || x == 0 || y == 0 {
		t.Errorf("of 20 messages came %d and %d", x, y)
	}
	connect(t, s).deliver("c1", front, map[string]string{"x": "y"})
	if p := s.Press(zhang, "c1", nil); !p.Lost() {
		t.Error("a click reaches who did not ask for clicks")
	}
}

func TestTicketsAge(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	got := r.must("POST", "/v1.0/gateway/connections/open", map[string]any{"clientId": s.ClientID, "clientSecret": s.ClientSecret,
		"subscriptions": []map[string]string{{"type": "EVENT", "topic": "*"}}})
	s.Skip(91 * time.Second)
	if _, answer, err := websocket.DefaultDialer.DialContext(t.Context(), fmt.Sprintf("%s?ticket=%s", got["endpoint"], got["ticket"]), nil); err == nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket of 91 s: %v", err)
	}
}

func TestWithoutAcceptTheGatewayAnswersXML(t *testing.T) {
	s := organisation(t)
	body := fmt.Sprintf(`{"clientId":%q,"clientSecret":%q,"subscriptions":[{"type":"EVENT","topic":"*"}]}`, s.ClientID, s.ClientSecret)
	answer, err := http.Post(s.URL()+"/v1.0/gateway/connections/open", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "application/xml" {
		t.Errorf("answered as %s", kind)
	}
}

func TestAMuteSocketDoesNotEvenPing(t *testing.T) {
	s := organisation(t, dingfake.PingEvery(5*time.Millisecond))
	s.FailSocket(dingfake.Mute, 1)
	ws := socket(t, s)
	pong := make(chan struct{})
	ws.SetPongHandler(func(string) error { close(pong); return nil })
	if err := ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	frames := make(chan []byte, 100)
	go func() {
		for {
			_, frame, err := ws.ReadMessage()
			if err != nil {
				return
			}
			frames <- frame
		}
	}()
	take(t, pong)
	s.Say(front, lihua, "@管家 有人吗")
	select {
	case f := <-frames:
		t.Errorf("came %s", f)
	case <-time.After(50 * time.Millisecond):
	}
}

func TestPoisonsAreSurvived(t *testing.T) {
	s := organisation(t)
	r := listen(t, s)
	s.Poison(dingfake.TextAsString, front, lihua).Answered(500)
	s.Poison(dingfake.EmptyClick, front, zhang).Answered(500)
	s.Poison(dingfake.UnknownTopic, front, lihua).Answered(404)
	for _, p := range []dingfake.Poison{dingfake.Headerless, dingfake.Garbage, dingfake.StrayPong} {
		s.Poison(p, front, lihua)
	}
	s.Acked(s.Poison(dingfake.UnknownKind, front, lihua), s.Poison(dingfake.TooManyFields, front, lihua))
	if a, b := take(t, r.messages), take(t, r.messages); a.Msgtype == b.Msgtype {
		t.Errorf("heard %s and %s", a.Msgtype, b.Msgtype)
	}
}

func TestABurstIsHeard(t *testing.T) {
	s := organisation(t)
	r := listen(t, s, client.WithMaxPendingHandlers(10000))
	go func() {
		for range 500 {
			<-r.messages
		}
	}()
	for i := range 500 {
		s.Say(front, lihua, fmt.Sprint("@管家 第", i))
	}
	s.Settled()
}

func TestWrongAnswersFailTheTest(t *testing.T) {
	rec := &fakery.Recorder{TB: t}
	s := dingfake.New(rec, dingfake.PingEvery(5*time.Millisecond))
	ws := socket(t, s)
	s.Connected(1)
	var ping struct {
		Headers map[string]string
		Data    string
	}
	if err := ws.ReadJSON(&ping); err != nil || ping.Headers["topic"] != "ping" {
		t.Fatalf("no ping: %v %v", ping, err)
	}
	answer := func(id, data string) {
		t.Helper()
		n := len(rec.Heard())
		ws.WriteJSON(map[string]any{"code": 200, "headers": map[string]string{"messageId": id}, "message": "OK", "data": data})
		for end := time.Now().Add(5 * time.Second); len(rec.Heard()) == n; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("an answer to %s with %q passed", id, data)
			}
		}
	}
	answer(ping.Headers["messageId"], "{}")
	answer("never-sent", "{}")
}
