package dingtalk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

// speaker is a platform that only speaks, by the clock of the fake.
func speaker(t *testing.T, s *dingfake.Server, change ...func(*Platform)) *Platform {
	t.Helper()
	p := platformOf(s, nil, nil)
	p.Meet(newHost())
	p.clock = s.Now
	for _, c := range change {
		c(p)
	}
	t.Cleanup(func() {
		p.settleBudget(t.Context())
		p.http.CloseIdleConnections()
	})
	return p
}

// plainly is a platform without a card template.
func plainly(p *Platform) { p.o.CardTemplate = "" }

// news is a message to the front that nobody has to press.
func news(key string) bot.Sending {
	return bot.Sending{Key: key, Room: room(front), Card: card.Card{Sheet: "responded", Lang: "zh-CN", Title: "张工 答复 #1", Lines: []card.Line{{Kind: card.Quote, Text: "请先断网"}}}}
}

// sent sends, and fails the test when that fails.
func sent(t *testing.T, p *Platform, s bot.Sending) chat.Receipt {
	t.Helper()
	r, err := p.Send(t.Context(), s)
	if err != nil {
		t.Fatalf("Send(%s): %v", s.Key, err)
	}
	return r
}

// isLater fails unless an error asks to wait, and says why with some words.
func isLater(t *testing.T, err error, words ...string) *chat.Later {
	t.Helper()
	var l *chat.Later
	if !errors.As(err, &l) {
		t.Fatalf("got %v, want a Later", err)
	}
	for _, w := range words {
		if !strings.Contains(l.Why, w) {
			t.Errorf("%q does not say %q", l.Why, w)
		}
	}
	return l
}

func isNever(t *testing.T, err error, words ...string) {
	t.Helper()
	var n *chat.Never
	if !errors.As(err, &n) {
		t.Fatalf("got %v, want a Never", err)
	}
	if !chinese(n.Zh) {
		t.Errorf("%q has no Chinese: %q", n.Why, n.Zh)
	}
	for _, w := range words {
		if !strings.Contains(n.Why, w) {
			t.Errorf("%q does not say %q", n.Why, w)
		}
	}
}

// TestOneTokenForMany: thirty senders at once ask for one token.
func TestOneTokenForMany(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if _, err := p.Send(t.Context(), news("acme/1/responded/"+string(rune('a'+i)))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(s.Calls(tokenPath)); n != 1 {
		t.Errorf("%d tokens were asked for, want 1", n)
	}
	if n := len(s.Posted(front)); n != 30 {
		t.Errorf("%d messages arrived", n)
	}
}

// TestTokensAreRenewedEarly: five minutes before its end, and the old one does
// while DingTalk gives no other.
func TestTokensAreRenewedEarly(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	sent(t, p, news("1"))
	s.Skip(114 * time.Minute)
	sent(t, p, news("2"))
	if n := len(s.Calls(tokenPath)); n != 1 {
		t.Fatalf("after 114 minutes %d tokens were asked for", n)
	}
	s.Skip(2 * time.Minute)
	f := s.Fail(tokenPath, dingfake.GatewayTimeout())
	sent(t, p, news("3"))
	f.Hit(1)
	s.Skip(5 * time.Minute)
	sent(t, p, news("4"))
	if n := len(s.Calls(tokenPath)); n != 3 {
		t.Errorf("%d tokens were asked for, want 3: the first, the one that failed, the next", n)
	}
}

// TestARefusedTokenIsReplacedOnce: DingTalk may end a token before its time.
func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	sent(t, p, news("1"))
	s.RevokeToken()
	sent(t, p, news("2"))
	if n := len(s.Posted(front)); n != 2 {
		t.Fatalf("%d messages arrived", n)
	}
	f := s.Fail(groupPath, dingfake.TokenExpired().Always())
	_, err := p.Send(t.Context(), news("3"))
	isLater(t, err, "client id and secret")
	if f.Hits() != 2 {
		t.Errorf("the call was tried %d times, want 2", f.Hits())
	}
	f.Lift()
	sent(t, p, news("3"))
}

// TestShapesOfFailure: every way in which DingTalk says that something failed.
func TestShapesOfFailure(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault dingfake.Fault
		after time.Duration
		says  string
		never bool
	}{
		{"throttled is a 403", dingfake.QPS(), qpsWait, "QpsLimitForAppkeyAndApi", false},
		{"throttled, all of DingTalk", dingfake.PlatformQPS(), crowdWait, "QpsLimitForApi", false},
		{"throttled, in words of the old API", dingfake.Errcode(90018, "太频繁"), qpsWait, "90018", false},
		{"nothing left", dingfake.OverQuota(), savingWait, "used up", false},
		{"nothing left, in words of the old API", dingfake.OldOverQuota(), savingWait, "used up", false},
		{"a page of HTML", dingfake.Banned(), banWait, "page of HTML", false},
		{"a page of HTML with 403", dingfake.Banned().As(403), banWait, "page of HTML", false},
		{"504", dingfake.GatewayTimeout(), 0, "504", false},
		{"502", dingfake.Status(http.StatusBadGateway), 0, "502", false},
		{"an errcode in a 200", dingfake.Errcode(-1, "系统繁忙"), 0, "系统繁忙", false},
		{"an errcode as a string", dingfake.TextErrcode("-1", "系统繁忙"), 0, "系统繁忙", false},
		{"success:false in a 200", dingfake.Unsuccessful(), 0, codeUnsuccessful, false},
		{"nothing at all", dingfake.Empty(), 0, "empty answer", false},
		{"the connection ends", dingfake.DropsBefore(), 0, groupPath, false},
		{"no permission", dingfake.PermissionDenied("qyapi_robot_sendmsg"), mendWait, "the app lacks the permission qyapi_robot_sendmsg", false},
		{"the robot is not in the group", dingfake.Refused(400, "invalidParameter.robotCode.notExsit", ""), 0, "add it there", true},
		{"a code of tomorrow with 400", dingfake.Refused(400, "invalidParameter.moon", "月"), 0, "moon", true},
		{"a code of tomorrow with 403", dingfake.Refused(403, "Forbidden.Moon", "月"), mendWait, "Moon", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := organisation(t)
			p := speaker(t, s)
			sent(t, p, news("0"))
			s.Fail(groupPath, c.fault)
			_, err := p.Send(t.Context(), news("1"))
			if c.never {
				isNever(t, err, c.says)
				return
			}
			if l := isLater(t, err, c.says); l.After != c.after {
				t.Errorf("after %s, want %s", l.After, c.after)
			}
			if c.after == savingWait { // we are asked soon again, DingTalk is not
				s.Skip(quotaWait)
			} else if c.after > 0 {
				s.Skip(c.after)
			}
			sent(t, p, news("1"))
		})
	}
}

// TestALimitRestsOneAPI: what was called too often is not called before its
// time, and other APIs go on.
func TestALimitRestsOneAPI(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	f := s.Fail(groupPath, dingfake.QPS().Always())
	for range 5 {
		_, err := p.Send(t.Context(), news("1"))
		isLater(t, err)
	}
	if f.Hits() != 1 {
		t.Errorf("DingTalk was asked %d times within the pause", f.Hits())
	}
	one := news("2")
	one.Room = direct(zhang)
	sent(t, p, one)
}

// TestAMissingPermissionIsNamed for who operates, until it works.
func TestAMissingPermissionIsNamed(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	p.health.up()
	f := s.Fail(groupPath, dingfake.PermissionDenied("qyapi_robot_sendmsg").Always())
	_, err := p.Send(t.Context(), news("1"))
	isLater(t, err)
	if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "qyapi_robot_sendmsg") {
		t.Errorf("Ready says %v", err)
	}
	f.Lift()
	sent(t, p, news("1"))
	if err := p.Ready(); err != nil {
		t.Errorf("Ready says %v", err)
	}
}

// TestErrorsHoldNoSecret: neither client secret nor token nor the address of a
// webhook, whatever DingTalk repeats.
func TestErrorsHoldNoSecret(t *testing.T) {
	s := organisation(t)
	var log logbook
	p := speaker(t, s, logs(&log), plainly)
	sent(t, p, news("0"))
	token := p.tokens.current()
	url, until := s.Webhook(front)
	p.sessions.note(room(front), url, until, wall())
	ping := news("1")
	ping.Person = zhang
	for _, f := range []dingfake.Fault{dingfake.Refused(403, "Odd", "token "+token+" secret "+s.ClientSecret), dingfake.DropsBefore()} {
		s.Fail(groupPath, f)
		_, err := p.Send(t.Context(), news("2"))
		s.Fail(dingfake.WebhookPath, dingfake.DropsBefore())
		_, err2 := p.Send(t.Context(), ping)
		said := errors.Join(err, err2).Error() + log.String()
		for _, secret := range []string{token, s.ClientSecret, url} {
			if strings.Contains(said, secret) {
				t.Errorf("%q is in %q", secret, said)
			}
		}
	}
}

// TestDeadlines: a server that does not answer costs no more than the context.
func TestDeadlines(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	f := s.Fail(groupPath, dingfake.Hangs())
	ctx, cancel := context.WithCancel(t.Context())
	go func() { f.Hit(1); cancel() }()
	_, err := p.Send(ctx, news("1"))
	isLater(t, err)
	if !perhaps(err) {
		t.Error("what got no answer may have been done")
	}
}
