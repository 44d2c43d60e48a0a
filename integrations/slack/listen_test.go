package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// An envelope is acknowledged when the bot has committed it, not before: what it
// does not take comes again, and is heard then.
func TestAcknowledgedOnlyAfterTheCommit(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(100*time.Millisecond), slackfake.Retries(0, 50*time.Millisecond, 50*time.Millisecond))
	h := heard{refuse: 2, trouble: errors.New("the store is away")}
	p := platform(t, s)
	listen(t, p, h.hear)
	s.Connected(1)
	said := s.Say(front, lihua, "网站打不开")
	said.Acked()
	if n := said.Deliveries[0].Tries(); n != 3 {
		t.Errorf("it took %d deliveries, wants 3", n)
	}
	if all := h.messages(); len(all) != 1 || all[0].ID != said.TS || p.Count.Refused.Load() != 2 {
		t.Errorf("heard %+v, refused %d", all, p.Count.Refused.Load())
	}
}

// A slow room delays no other, and the connection stays.
func TestASlowRoomDelaysNobody(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(10*time.Second), slackfake.PingEvery(50*time.Millisecond))
	go_, entered := make(chan struct{}), make(chan struct{}, 1000)
	p := platform(t, s)
	p.o.Silence = 500 * time.Millisecond
	listen(t, p, func(ctx context.Context, m chat.Message) error {
		if m.Room.ID == front {
			entered <- struct{}{}
			select {
			case <-go_:
			case <-ctx.Done():
			}
		}
		return nil
	})
	s.Connected(1)
	var slow []*slackfake.Said
	for range 100 {
		slow = append(slow, s.Say(front, lihua, "一条"))
	}
	<-entered
	s.Say(back, zhang, "在处理").Acked()
	time.Sleep(1200 * time.Millisecond) // more than two looks of the watchdog
	close(go_)
	for _, said := range slow {
		said.Acked()
	}
	if n := p.Count.Opened.Load(); n != 1 {
		t.Errorf("%d connections: a slow bot costs the connection", n)
	}
}

// What no library can read is acknowledged and counted, and does not come for ever.
func TestPoisonIsAcknowledged(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(200*time.Millisecond), slackfake.Retries(0))
	var h heard
	p := platform(t, s)
	listen(t, p, h.hear)
	s.Connected(1)
	for _, poison := range []slackfake.Poison{slackfake.UnknownEvent, slackfake.MalformedBlock, slackfake.UnknownEnvelope, slackfake.UnknownBlock, slackfake.BrokenPayload} {
		d := s.Poison(poison, front)
		s.Acked(d)
		if d.Tries() != 1 {
			t.Errorf("poison %d was delivered %d times", poison, d.Tries())
		}
	}
	if p.Count.Poison.Load() == 0 || len(h.messages()) != 0 {
		t.Errorf("counted %d, heard %+v", p.Count.Poison.Load(), h.messages())
	}
	// A person's words are heard although their block is malformed.
	s.Say(front, lihua, "网站打不开", slackfake.WithBlocks(`[{"type":"section","text":7}]`)).Acked()
	if all := h.messages(); len(all) != 1 || all[0].Text != "网站打不开" {
		t.Errorf("heard %+v", all)
	}
	for _, raw := range []string{`{"type":`, `[]`, `{"envelope_id":7}`, `{"type":"x"}`} {
		s.Frame(raw)
	}
	s.Say(front, lihua, "还在").Acked()
}

func TestNoiseAndOwnMessages(t *testing.T) {
	s := workspace(t)
	var h heard
	p := platform(t, s)
	listen(t, p, h.hear)
	s.Connected(1)
	s.Say(front, lihua, "joined", slackfake.SubType("channel_join")).Acked()
	s.Say(front, lihua, "x", slackfake.SubType("channel_topic")).Acked()
	s.Say(front, lihua, "x", slackfake.AsApp("B0TWIN"), slackfake.WithField("app_id", slackfake.App)).Acked()
	r, err := p.Send(context.Background(), sending(front, "k", nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Edit(context.Background(), r.Ref, sending(front, "k", nil)); err != nil {
		t.Fatal(err)
	}
	s.Settled()
	if all := h.messages(); len(all) != 0 {
		t.Errorf("heard %+v", all)
	}
	s.Say(front, lihua, "请看附件", slackfake.SubType("file_share"), slackfake.WithFile("日志.txt", 10)).Acked()
	s.Say(front, lihua, "挥手", slackfake.SubType("me_message")).Acked()
	s.Say(front, lihua, "补充", slackfake.InThread(r.Ref), slackfake.Broadcast()).Acked()
	all := h.messages()
	if len(all) != 3 || !strings.Contains(all[0].Text, "日志.txt https://") || all[2].Thread != r.Ref {
		t.Errorf("heard %+v", all)
	}
}

func TestReconnects(t *testing.T) {
	s := workspace(t)
	var h heard
	p := platform(t, s)
	listen(t, p, h.hear)
	s.Connected(1)
	s.Disconnect("refresh_requested")
	s.Opened(2)
	s.Connected(1)
	s.DropSockets()
	s.Opened(3)
	s.Connected(1)
	s.Say(front, lihua, "还在吗").Acked()
	eventually(t, "it is ready", func() bool { return p.Ready() == nil })
}

// A connection that is only half there, or never greeted, is given up.
func TestAHalfOpenConnectionIsReplaced(t *testing.T) {
	for _, fault := range []slackfake.SocketFault{slackfake.HalfOpen, slackfake.NoHello, slackfake.RefusesLink} {
		s := workspace(t, slackfake.PingEvery(50*time.Millisecond))
		s.FailSocket(fault, 1)
		p := platform(t, s)
		p.o.Silence = 300 * time.Millisecond
		var h heard
		listen(t, p, h.hear)
		eventually(t, "a second connection stands", func() bool { return p.Ready() == nil && len(s.Calls("apps.connections.open")) > 1 })
		s.Say(front, lihua, "还在吗").Acked()
	}
}

// A queue that is full keeps nothing and loses nothing: what it does not take is
// not acknowledged, and comes again.
func TestAFullQueueRefuses(t *testing.T) {
	p := New(Options{})
	p.self.Store(&me)
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	e := &ear{p: p, ctx: ctx, lanes: map[string][]job{}, hear: func(context.Context, chat.Message) error {
		<-release
		return errors.New("not now")
	}}
	for i := range perRoom + 100 {
		e.take(envelope{ID: fmt.Sprint("e", i), Type: "events_api", Payload: json.RawMessage(fmt.Sprintf(
			`{"event":{"type":"message","channel":"C1","user":"U1","text":"x","ts":"1700000000.%06d"}}`, i))})
	}
	if n := p.Count.Overflow.Load(); n < 99 || n > 100 { // one may be on its way already
		t.Errorf("%d found no place, wants about 100", n)
	}
	cancel()
	close(release)
	e.lanesDone.Wait()
}

// A server that takes every connection and drops it is not called in a hot loop.
func TestAServerThatDropsAtOnceIsNotHammered(t *testing.T) {
	s := workspace(t)
	s.FailSocket(slackfake.DropAtOnce, 0)
	p := platform(t, s)
	var h heard
	listen(t, p, h.hear)
	s.Opened(3)
	before := s.Opens()
	time.Sleep(1500 * time.Millisecond)
	if n := s.Opens(); n > before+6 {
		t.Errorf("%d connections in a second and a half", n-before)
	}
	if err := p.Ready(); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("Ready says %v", err)
	}
	s.MendSockets()
	eventually(t, "it is ready", func() bool { return p.Ready() == nil })
	s.Say(front, lihua, "还在吗").Acked()
}

// A token that Slack does not take at the start ends Listen; what may pass or be
// mended does not, and Ready says what it is.
func TestTokens(t *testing.T) {
	for _, c := range []struct {
		name, method string
		fault        slackfake.Fault
		ends         bool
		says         string
	}{
		{"the bot token is not valid", "auth.test", slackfake.Refused("invalid_auth"), true, "slack: bot_token: auth.test: invalid_auth: the token is not valid"},
		{"the app token is not valid", "apps.connections.open", slackfake.Refused("invalid_auth"), true, "slack: app_token: apps.connections.open: invalid_auth"},
		{"the app token was revoked", "apps.connections.open", slackfake.Refused("token_revoked"), true, "token_revoked"},
		{"xoxb where xapp is due", "apps.connections.open", slackfake.Refused("not_allowed_token_type"), false, "wrong kind of token: app_token begins with xapp-"},
		{"xapp where xoxb is due", "auth.test", slackfake.Refused("not_allowed_token_type"), false, "slack: bot_token: auth.test: not_allowed_token_type: this is the wrong kind of token: app_token begins with xapp-, bot_token with xoxb-"},
		{"without connections:write", "apps.connections.open", slackfake.MissingScope("connections:write"), false, "the app needs connections:write"},
		{"Slack is down", "auth.test", slackfake.Status(503), false, "503"},
		{"a proxy's page", "apps.connections.open", slackfake.Garbage(), false, "apps.connections.open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := workspace(t)
			planted := s.Fail(c.method, c.fault.Always())
			p := platform(t, s)
			if c.ends {
				var refused *Refused
				if err := p.Listen(context.Background(), nil); !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "xapp-1") {
					t.Errorf("it ends with %v", err)
				}
				return
			}
			var h heard
			listen(t, p, h.hear)
			planted.Hit(1)
			eventually(t, "Ready says "+c.says, func() bool { return p.Ready() != nil && strings.Contains(p.Ready().Error(), c.says) })
			if strings.Contains(p.Ready().Error(), "\n") {
				t.Errorf("more than a line: %v", p.Ready())
			}
			planted.Lift()
			eventually(t, "it is ready", func() bool { return p.Ready() == nil })
		})
	}
}
