package slack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// Everybody who speaks in a channel is heard as what they are: customers by their
// id and name, staff by their id, apps and workflows as apps, and who has no name
// at all as unknown. The bot itself is not, nor is another one like it.
func TestWhoSpeaks(t *testing.T) {
	s := workspace(t)
	var h heard
	p := watched(t, s, &watch{})
	listen(t, p, h.hear)
	s.Connected(1)
	s.Say(front, lihua, "一").Acked()
	s.Say(front, lihua, "二").Acked()
	s.Say(front, zhang, "三").Acked()
	s.Say(front, lihua, "四", slackfake.Blank()).Acked()
	s.Say(front, lihua, "五", slackfake.AsBot("B0OTHER")).Acked()
	s.Say(front, lihua, "六 <@"+slackfake.BotUser+">", slackfake.AsApp("B0MODERN"), slackfake.WithField("bot_profile", map[string]any{"name": "云监控"})).Acked()
	s.Say(front, lihua, "七", slackfake.AsWorkflow("Wf1")).Acked()
	s.Say(front, lihua, "", slackfake.AsBot("B0OTHER"), slackfake.WithField("attachments", []any{map[string]any{"title": "八"}})).Acked()
	s.Say(front, lihua, "另一个管家", slackfake.AsApp("B0TWIN"), slackfake.WithField("metadata", map[string]any{"event_type": eventType})).Acked()
	s.Say(front, lihua, "同一个应用", slackfake.AsApp("B0TWIN"), slackfake.WithField("app_id", slackfake.App)).Acked()
	s.Say(front, lihua, "提醒", slackfake.Blank(), slackfake.WithField("user", slackbot)).Acked()
	if _, err := p.Send(context.Background(), sending(front, "k", nil)); err != nil {
		t.Fatal(err)
	}
	s.Settled()
	want := map[string]chat.Person{
		"一": {ID: lihua, Name: "李华"}, "二": {ID: lihua, Name: "李华"}, "三": {ID: zhang}, "四": {ID: "unknown"},
		"五": {ID: "app/B0OTHER", Name: "Other App", App: true}, "六": {ID: "app/B0MODERN", Name: "云监控", App: true},
		"七": {ID: "app/B0WORKFLOW", Name: "Workflow", App: true}, "八": {ID: "app/B0OTHER", Name: "Other App", App: true},
	}
	heard := map[string]bool{}
	for _, m := range h.messages() {
		if who, ok := want[m.Text]; !ok || (m.Sender != who || m.Mention) {
			t.Errorf("%q is heard of %+v, mention %v; wants %+v", m.Text, m.Sender, m.Mention, who)
		}
		heard[m.Text] = true
	}
	for text := range want {
		if !heard[text] {
			t.Errorf("%q is unheard", text)
		}
	}
	if calls := s.Calls("users.info"); len(calls) != 1 || calls[0].Params.Get("user") != lihua {
		t.Errorf("users.info was called %d times, wants once for the customer: %v", len(calls), calls)
	}
}

// A name that cannot be had delays nothing and loses nothing; it is asked for
// once.
func TestANameIsNotWorthAMessage(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		ready string // what Ready says; "" for nothing
	}{
		{"nobody knows them", slackfake.Refused("user_not_found"), ""},
		{"a limit", slackfake.RateLimited(time.Minute), ""},
		{"Slack is down", slackfake.Status(503), ""},
		{"the connection breaks", slackfake.DropsAfter(), ""},
		{"a proxy's page", slackfake.Garbage(), ""},
		{"no answer", slackfake.Hangs(), ""},
		{"no scope", slackfake.MissingScope("users:read"), "the app needs users:read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := workspace(t)
			var h heard
			p := watched(t, s, &watch{})
			listen(t, p, h.hear)
			s.Connected(1)
			s.Fail("users.info", c.fault.Always())
			for range 2 {
				said := s.Say(front, lihua, "网站打不开")
				said.Acked()
				if n := said.Deliveries[0].Tries(); n != 1 {
					t.Errorf("it was delivered %d times: heard too late", n)
				}
			}
			if all := h.messages(); len(all) != 2 || all[0].Sender != (chat.Person{ID: lihua}) {
				t.Errorf("heard %+v", all)
			}
			if n := len(s.Calls("users.info")); n != 1 {
				t.Errorf("asked %d times", n)
			}
			if err := p.Ready(); (err == nil) != (c.ready == "") || err != nil && !strings.Contains(err.Error(), c.ready) {
				t.Errorf("Ready says %v, wants %q", err, c.ready)
			}
		})
	}
}

// The name in the event is taken first.
func TestANameInTheEvent(t *testing.T) {
	s := workspace(t)
	var h heard
	listen(t, watched(t, s, &watch{}), h.hear)
	s.Connected(1)
	s.Say(front, lihua, "一", slackfake.WithField("user_profile", map[string]any{"display_name": "华华", "real_name": "李华"})).Acked()
	if all := h.messages(); len(all) != 1 || all[0].Sender.Name != "华华" || len(s.Calls("users.info")) != 0 {
		t.Errorf("heard %+v", all)
	}
}

// A name is asked for once at a time, kept for a day, and outlives a failure.
func TestNamesAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n names
		var asked atomic.Int64
		answer, trouble := "李华", error(nil)
		of := func(ctx context.Context) string {
			return n.of(ctx, "U1", func(ctx context.Context) (string, error) {
				asked.Add(1)
				time.Sleep(time.Second)
				return answer, trouble
			})
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if got := of(t.Context()); got != "李华" {
					t.Errorf("called %q", got)
				}
			})
		}
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		all.Go(func() {
			time.Sleep(time.Millisecond)
			if got := of(hasty); got != "" {
				t.Errorf("who does not wait hears %q", got)
			}
		})
		all.Wait()
		time.Sleep(nameFresh - time.Minute)
		if of(t.Context()); asked.Load() != 1 {
			t.Errorf("asked %d times in a day", asked.Load())
		}
		time.Sleep(2 * time.Minute)
		answer, trouble = "", errors.New("away")
		if got := of(t.Context()); got != "李华" || asked.Load() != 2 {
			t.Errorf("after a failure %q, asked %d times", got, asked.Load())
		}
		time.Sleep(nameFailed - time.Minute)
		if of(t.Context()); asked.Load() != 2 {
			t.Error("asked again at once after a failure")
		}
		time.Sleep(2 * time.Minute)
		answer, trouble = "李小华", nil
		if got := of(t.Context()); got != "李小华" || asked.Load() != 3 {
			t.Errorf("when it works again %q, asked %d times", got, asked.Load())
		}
	})
}
