package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

func TestSendsWhereAndToWhom(t *testing.T) {
	s := workspace(t)
	p := platform(t, s)
	ctx := context.Background()

	root, err := p.Send(ctx, sending(back, "k1", func(o *bot.Sending) { o.Person = zhang }))
	if err != nil {
		t.Fatal(err)
	}
	m := s.Message(root.Ref)
	if m.Metadata == nil || m.Metadata.Type != "butler_notice" || !strings.Contains(string(m.Metadata.Payload), `"k1"`) || !strings.Contains(m.Text, "<@"+zhang+">") {
		t.Errorf("a ping carries its key and its mention: %+v", m)
	}
	answer, err := p.Send(ctx, sending(back, "k2", func(o *bot.Sending) { o.Thread = root.Ref }))
	if err != nil || s.Message(answer.Ref).Thread != root.Ref {
		t.Errorf("an answer hangs under its root: %v, %+v", err, answer)
	}
	if _, err := p.Send(ctx, sending(back, "k3", func(o *bot.Sending) { o.Private, o.Person = true, zhang })); err != nil {
		t.Error(err)
	}
	s.ExpectEphemeral(zhang, "安全事件 #1")
	for range 2 {
		direct, err := p.Send(ctx, sending(chen, "k4", func(o *bot.Sending) { o.Room.Direct, o.Person = true, chen }))
		if err != nil || s.Message(direct.Ref).Channel != s.Direct(chen) || strings.Contains(s.Message(direct.Ref).Text, "<@") {
			t.Errorf("a direct message: %v, %+v", err, direct)
		}
	}
	if n := len(s.Calls("conversations.open")); n != 1 {
		t.Errorf("a one-to-one chat was opened %d times", n)
	}
	edited, err := p.Edit(ctx, root.Ref, sending(back, "k1", func(o *bot.Sending) { o.Card.Title = "已解决 #1" }))
	if err != nil || edited.Ref != root.Ref || !s.Message(root.Ref).Contains("已解决 #1") {
		t.Errorf("an edit: %v, %+v", err, edited)
	}
	gone, err := p.Send(ctx, sending(back, "k5", func(o *bot.Sending) { o.Thread = "1600000000.000001" }))
	if err != nil || s.Message(gone.Ref).Thread != "" {
		t.Errorf("without its root a message stands in the room: %v, %+v", err, gone)
	}
	if err := func() error {
		_, err := p.Send(ctx, sending(back, "k6", func(o *bot.Sending) { o.Private = true }))
		return err
	}(); !never(err) {
		t.Errorf("private words for nobody: %v; they must not be said aloud", err)
	}
}

func TestWhatSlackRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		after time.Duration // of a Later; -1 for Never
		says  string
	}{
		{"429 with Retry-After", slackfake.RateLimited(7 * time.Second), 7 * time.Second, "rate limited"},
		{"429 without", slackfake.RateLimitedSilently(), 0, "rate limited"},
		{"ok:false ratelimited", slackfake.Refused("ratelimited"), 0, "rate limited"},
		{"500", slackfake.Status(http.StatusInternalServerError), 0, "500"},
		{"a page of HTML", slackfake.Garbage(), 0, "chat.postMessage"},
		{"TCP drop", slackfake.DropsBefore(), 0, "chat.postMessage"},
		{"an unknown word", slackfake.Refused("solar_flare"), 0, "solar_flare"},
		{"channel_not_found", slackfake.Refused("channel_not_found"), -1, "channel_not_found: Slack knows no such channel"},
		{"is_archived", slackfake.Refused("is_archived"), -1, "is_archived"},
		{"not_in_channel", slackfake.Refused("not_in_channel"), -1, "not_in_channel: the app is not in the channel"},
		{"restricted_action", slackfake.Refused("restricted_action"), -1, "restricted_action"},
		{"msg_too_long", slackfake.Refused("msg_too_long"), -1, "msg_too_long"},
		{"invalid_auth", slackfake.Refused("invalid_auth"), mendWait, "bot_token: chat.postMessage: invalid_auth: the token is not valid"},
		{"token_revoked", slackfake.Refused("token_revoked"), mendWait, "token_revoked"},
		{"missing_scope", slackfake.MissingScope("chat:write"), mendWait, "needs chat:write"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := workspace(t)
			s.Channel("C1")
			p := platform(t, s)
			p.state.up()
			s.Fail("chat.postMessage", c.fault)
			_, err := p.Send(context.Background(), sending("C1", "k", nil))
			var later *chat.Later
			switch {
			case err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), s.BotToken):
				t.Errorf("it says %v", err)
			case c.after < 0 && !never(err), c.after >= 0 && (!errors.As(err, &later) || later.After != c.after):
				t.Errorf("%#v", err)
			}
			if broke := c.after == mendWait; broke != (p.Ready() != nil) {
				t.Errorf("Ready says %v", p.Ready())
			}
			if _, err := p.Send(context.Background(), sending("C1", "k", nil)); err != nil || p.Ready() != nil {
				t.Errorf("afterwards: %v, %v", err, p.Ready())
			}
		})
	}
}

// What may have been posted is looked for before it is posted again, in the room
// and in a thread, also by another process, which knows of no first attempt.
func TestAnAmbiguousSendIsLookedUp(t *testing.T) {
	for _, fault := range []struct {
		name string
		f    slackfake.Fault
	}{{"the connection drops after it was done", slackfake.DropsAfter()}, {"the connection drops before", slackfake.DropsBefore()}, {"500", slackfake.Status(500)}} {
		for _, thread := range []bool{false, true} {
			for _, restarted := range []bool{false, true} {
				s := workspace(t, slackfake.HistoryPage(3))
				p := platform(t, s)
				o := sending(back, "acme/1/ping/0", nil)
				if thread {
					root, err := p.Send(context.Background(), sending(back, "root", nil))
					if err != nil {
						t.Fatal(err)
					}
					o.Thread = root.Ref
				}
				s.Fail("chat.postMessage", fault.f)
				if _, err := p.Send(context.Background(), o); err == nil || never(err) {
					t.Fatalf("%s: %v", fault.name, err)
				}
				for range 4 { // more than one page stands behind it
					if _, err := p.Send(context.Background(), sending(back, "", func(x *bot.Sending) { x.Thread = o.Thread })); err != nil {
						t.Fatal(err)
					}
				}
				if restarted {
					p = platform(t, s)
				}
				o.Attempt = 2
				method := "conversations.history"
				if thread {
					method = "conversations.replies"
				}
				s.Fail(method, slackfake.Status(503))
				if _, err := p.Send(context.Background(), o); err == nil || never(err) {
					t.Fatalf("%s: while it cannot look it must not speak: %v", fault.name, err)
				}
				r, err := p.Send(context.Background(), o)
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, m := range s.Messages(back) {
					if m.Metadata != nil && strings.Contains(string(m.Metadata.Payload), o.Key) {
						found = append(found, m.TS)
					}
				}
				if len(found) != 1 || found[0] != r.Ref {
					t.Errorf("%s, thread %v, restarted %v: posted as %q, the receipt says %s", fault.name, thread, restarted, found, r.Ref)
				}
			}
		}
	}
}

// Without the scope to look, a duplicate is better than a miss, and Ready says
// which scope is missing.
func TestWithoutTheScopeToLookItSpeaks(t *testing.T) {
	s := workspace(t, slackfake.Scopes("chat:write"))
	p := platform(t, s)
	p.state.up()
	if _, err := p.Send(context.Background(), sending(back, "k", func(o *bot.Sending) { o.Attempt = 2 })); err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "conversations.history: missing_scope: the app needs groups:history") {
		t.Errorf("Ready says %v", err)
	}
}
