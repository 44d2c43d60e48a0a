package dingtalk

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"butler/bot"
	"butler/bot/desk"
	"butler/integrations/dingtalk/dingfake"
)

// paid gives a platform means that are paid for.
func paid(means ...string) func(*Platform) { return func(p *Platform) { p.o.Ding = means } }

// calling is a ping that calls by a means.
func ringing(t *testing.T, key string, m desk.Means) bot.Sending {
	t.Helper()
	s := ping(t, key)
	s.Means = m
	return s
}

func TestLadder(t *testing.T) {
	for _, c := range []struct {
		paid []string
		most desk.Means
		want []string
	}{
		{nil, 3, nil},
		{[]string{"app", "sms", "phone"}, 0, nil},
		{[]string{"app", "sms", "phone"}, 1, []string{"app"}},
		{[]string{"app", "sms", "phone"}, 2, []string{"sms", "app"}},
		{[]string{"app", "sms", "phone"}, 3, []string{"phone", "sms", "app"}},
		{[]string{"app"}, 3, []string{"app"}},
		{[]string{"app", "phone"}, 2, []string{"app"}},
		{[]string{"app", "phone"}, 3, []string{"phone", "app"}},
		{[]string{"phone"}, 1, nil},
		{[]string{"pigeon", "app", "app"}, 2, []string{"app"}},
	} {
		if got := ladder(c.paid, c.most); !slices.Equal(got, c.want) {
			t.Errorf("ladder(%v, %d) = %v, want %v", c.paid, c.most, got, c.want)
		}
	}
}

// What nobody has read rings louder, and is not said again.
func TestLouderIsNoMessage(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, paid("app", "sms", "phone"))
	louder := ringing(t, "acme/1/louder/9", desk.BySMS)
	louder.Kind, louder.Room = desk.NLouder, direct(zhang)
	before := len(s.Calls(""))
	sent(t, p, louder)
	s.ExpectDing(zhang, dingfake.BySMS)
	for _, c := range s.Calls("")[before:] {
		if c.Path != dingPath && c.Path != tokenPath {
			t.Errorf("%s was called", c.Path)
		}
	}
}

// TestADingGoesWithItsMessage, says little, and rings once whatever is repeated.
func TestADingGoesWithItsMessage(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p := speaker(t, s, paid("app", "sms", "phone"), meets(h))
	s.Fail(deliverPath, dingfake.GatewayTimeout())
	_, err := p.Send(t.Context(), ringing(t, "acme/1/ping/1", desk.ByPhone))
	isLater(t, err)
	sent(t, p, ringing(t, "acme/1/ping/1", desk.ByPhone))
	sent(t, speaker(t, s, paid("phone"), meets(h)), ringing(t, "acme/1/ping/1", desk.ByPhone))
	d := s.ExpectDing(zhang, dingfake.ByPhone, "请接手 示例科技 #12", "最迟响应")
	if n := len(s.Dings("")); n != 1 {
		t.Errorf("it rang %d times", n)
	}
	if len(d.Content) > maxDing || strings.Contains(d.Content, "勒索") {
		t.Errorf("the DING says %q", d.Content)
	}
	if key, _ := p.keyOf(d.ID); key != "acme/1/ping/1" || p.Count.Dings.Load() != 1 {
		t.Errorf("keyOf = %q, %d DINGs", key, p.Count.Dings.Load())
	}
	s.Expect(back, "请接手")
}

// mortal is a host of a process that ends when it has written that it begins a DING,
// or, afterwards, when it is about to write that it is over.
type mortal struct {
	*host
	afterwards bool
}

func (m *mortal) Tally(ctx context.Context, name string, n int64) (int64, error) {
	if strings.HasPrefix(name, "ding/") && n > 1 {
		runtime.Goexit()
	}
	sum, err := m.host.Tally(ctx, name, n)
	if strings.HasPrefix(name, "ding/") && !m.afterwards {
		runtime.Goexit()
	}
	return sum, err
}

// A process that ends between its intention and the DING, or between the DING and
// the note of it, leaves it to who takes up the letter: it rings again, and not for
// ever.
func TestADingOfAProcessThatEnds(t *testing.T) {
	const key = "acme/1/louder/9"
	for _, c := range []struct {
		name  string
		die   []bool // process by process: afterwards
		rings int
	}{
		{"before the call", []bool{false}, 1},
		{"after the call", []bool{true}, 2},
		{"before the call, and before the second", []bool{false, false}, 1},
		{"again and again", []bool{false, false, false}, 0},
		{"again and again after the call", []bool{true, true, true, true, true}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := organisation(t)
			h := newHost()
			send := func(host bot.Host) {
				p := speaker(t, s, paid("app"))
				p.Meet(host)
				louder := ringing(t, key, desk.ByApp)
				louder.Kind, louder.Room = desk.NLouder, direct(zhang)
				done := make(chan struct{})
				go func() {
					defer close(done)
					p.Send(context.Background(), louder)
				}()
				<-done
			}
			for _, afterwards := range c.die {
				send(&mortal{h, afterwards})
			}
			for range 3 {
				send(h)
			}
			if n := len(s.Dings("")); n != c.rings {
				t.Errorf("it rang %d times, want %d", n, c.rings)
			}
		})
	}
}

// TestWithoutMeansNobodyIsCalled.
func TestWithoutMeansNobodyIsCalled(t *testing.T) {
	s := organisation(t)
	sent(t, speaker(t, s), ringing(t, "1", desk.ByPhone))
	outsider := ringing(t, "2", desk.ByApp)
	outsider.Person = "ext/0011223344556677"
	p := speaker(t, s, paid("app"))
	sent(t, p, outsider)
	sent(t, p, ping(t, "3"))
	if n := len(s.Calls(dingPath)); n != 0 {
		t.Errorf("%d DINGs", n)
	}
}

// TestADingThatFails falls back to the next weaker means; the message stands, and
// who operates is told once and clearly.
func TestADingThatFails(t *testing.T) {
	t.Run("used up", func(t *testing.T) {
		s := organisation(t, dingfake.DingQuota(dingfake.ByPhone, 0), dingfake.DingQuota(dingfake.BySMS, 1))
		var log logbook
		p := speaker(t, s, paid("app", "sms", "phone"), logs(&log))
		p.health.up()
		sent(t, p, ringing(t, "1", desk.ByPhone))
		s.ExpectDing(zhang, dingfake.BySMS)
		sent(t, p, ringing(t, "2", desk.ByPhone))
		s.ExpectDing(zhang, dingfake.ByApp)
		if n := strings.Count(log.String(), "DING by phone does not work"); n != 1 {
			t.Errorf("said %d times: %s", n, log.String())
		}
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "buy more") {
			t.Errorf("Ready says %v", err)
		}
		if p.Count.DingsFailed.Load() != 3 || p.Count.Dings.Load() != 2 {
			t.Errorf("%d failed, %d rang", p.Count.DingsFailed.Load(), p.Count.Dings.Load())
		}
	})
	t.Run("not this person", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s, paid("app", "sms"))
		p.health.up()
		s.Fail(dingPath, dingfake.DingFails("noMobile", zhang))
		sent(t, p, ringing(t, "1", desk.BySMS))
		s.ExpectDing(zhang, dingfake.ByApp)
		if err := p.Ready(); err != nil {
			t.Errorf("one person's phone is no trouble of the service: %v", err)
		}
	})
	t.Run("throttled", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s, paid("app", "sms"))
		s.Fail(dingPath, dingfake.QPS())
		sent(t, p, ringing(t, "1", desk.BySMS))
		s.ExpectDing(zhang, dingfake.BySMS)
	})
	t.Run("no answer: it may have rung", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s, paid("app", "sms", "phone"))
		s.Fail(dingPath, dingfake.DropsAfter())
		sent(t, p, ringing(t, "1", desk.ByPhone))
		if n := len(s.Dings("")); n != 1 {
			t.Errorf("it rang %d times", n)
		}
	})
	t.Run("no permission", func(t *testing.T) {
		s := organisation(t, dingfake.Permissions("qyapi_robot_sendmsg", "Card.Instance.Write"))
		p := speaker(t, s, paid("app"))
		p.health.up()
		sent(t, p, ringing(t, "1", desk.ByPhone))
		s.Expect(back, "请接手")
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "Premium.Ding.Write") {
			t.Errorf("Ready says %v", err)
		}
	})
}
