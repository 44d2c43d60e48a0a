package dingtalk

import (
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

// TestASocketIsOpenedAgainAtOnce, after a disconnect as after a reset: the SDK
// would wait 3 s.
func TestASocketIsOpenedAgainAtOnce(t *testing.T) {
	for name, ruin := range map[string]func(*dingfake.Server){"dropped": (*dingfake.Server).DropSockets, "disconnected": (*dingfake.Server).Disconnect} {
		t.Run(name, func(t *testing.T) {
			s := organisation(t)
			h := newHost()
			l := listen(t, s, meets(h), func(p *Platform) { p.pace.gap.short = 2 * time.Second })
			for range 3 {
				began := time.Now()
				ruin(s)
				s.Connected(2)
				if took := time.Since(began); took > time.Second {
					t.Errorf("the connections were away for %s", took)
				}
				eventually(t, "ready", func() bool { return l.Ready() == nil })
			}
			s.Say(front, hong, "@管家 还在吗").Acked()
			l.got(1)
			if gaps := h.gaps(); len(gaps) != 0 {
				t.Errorf("told %+v", gaps)
			}
		})
	}
}

// TestAGatewayThatClosesEverything is not asked thousands of times.
func TestAGatewayThatClosesEverything(t *testing.T) {
	s := organisation(t)
	l := listen(t, s, func(p *Platform) {
		p.pace.stable, p.pace.waitMin, p.pace.waitMax = time.Second, 50*time.Millisecond, time.Second
	})
	before := s.Opens()
	s.FailSocket(dingfake.DropAtOnce, 0)
	s.DropSockets()
	time.Sleep(500 * time.Millisecond) // however long it lasts
	if n := s.Opens() - before; n < 2 || n > 20 {
		t.Errorf("%d connections were tried in half a second", n)
	}
	s.MendSockets()
	s.Connected(2)
	eventually(t, "ready", func() bool { return l.Ready() == nil })
}

func TestAGapIsToldToTheFrontOnce(t *testing.T) {
	s := organisation(t)
	h := newHost()
	l := listen(t, s, meets(h))
	eventually(t, "it is noted that we hear", func() bool { return h.notes() > 0 })
	s.FailSocket(dingfake.RefusesOpen, 0)
	s.DropSockets()
	eventually(t, "not ready", func() bool { return l.Ready() != nil })
	before := time.Now()
	s.Say(front, hong, "@管家 有人吗", dingfake.Unheard())
	time.Sleep(100 * time.Millisecond) // the gap itself
	notes := h.notes()
	time.Sleep(60 * time.Millisecond)
	if h.notes() != notes {
		t.Error("it is noted that we hear while we do not")
	}
	s.MendSockets()
	s.Connected(2)
	eventually(t, "the front is told", func() bool { return len(h.gaps()) == 1 })
	if g := h.gaps()[0]; g.room != room(front) || g.from.After(before) || g.to.Sub(g.from) < 150*time.Millisecond || g.to.Sub(g.from) > 10*time.Second {
		t.Errorf("told %+v", g)
	}
	eventually(t, "it is noted again that we hear", func() bool { return h.notes() > notes })
	if n := len(h.gaps()); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestBriefGapsAreToldTogether: one of them at once, the others when their time has
// come, and a long one at once.
func TestBriefGapsAreToldTogether(t *testing.T) {
	h := newHost()
	w := newWatch(&ear{p: New(Options{})})
	w.e.p.Meet(h)
	tell := func(from, to time.Duration) []told3 {
		w.swallowed(noon.Add(from), noon.Add(to))
		if !w.spread(t.Context()) || !w.tell(t.Context()) {
			t.Error("not told")
		}
		return h.gaps()
	}
	if got := tell(0, 10*time.Second); len(got) != 1 {
		t.Fatalf("told %+v", got)
	}
	tell(20*time.Second, 30*time.Second)
	if got := tell(40*time.Second, 50*time.Second); len(got) != 1 {
		t.Errorf("brief gaps are told again and again: %+v", got)
	}
	w.told[room(front)] = wall().Add(-11 * time.Minute)
	w.tell(t.Context())
	if got := h.gaps(); len(got) != 2 || got[1] != (told3{room(front), noon.Add(20 * time.Second), noon.Add(50 * time.Second)}) {
		t.Errorf("after ten minutes: %+v", got)
	}
	if got := tell(2*time.Minute, 4*time.Minute); len(got) != 3 || got[2].to != noon.Add(4*time.Minute) {
		t.Errorf("a long one: %+v", got)
	}
}

func TestAGapIsToldWhenTheStoreIsBack(t *testing.T) {
	s := organisation(t)
	h := newHost()
	h.last = wall().Add(-time.Hour)
	h.failing = 3
	listen(t, s, meets(h))
	eventually(t, "the front is told", func() bool { return len(h.gaps()) == 1 })
	if g := h.gaps()[0]; time.Since(g.from) < time.Hour || time.Since(g.to) > time.Minute {
		t.Errorf("told %+v", g)
	}
}

// TestBetweenTwoProcesses: a quick restart says nothing, a slow one says from when
// to when.
func TestBetweenTwoProcesses(t *testing.T) {
	s := organisation(t)
	h := newHost()
	first := listen(t, s, meets(h), func(p *Platform) { p.pace.gap.cold = 5 * time.Second })
	eventually(t, "it is noted that we hear", func() bool { return h.notes() > 0 })
	first.end()
	second := listen(t, s, meets(h), func(p *Platform) { p.pace.gap.cold = 5 * time.Second })
	notes := h.notes()
	eventually(t, "the second notes that it hears", func() bool { return h.notes() > notes })
	if gaps := h.gaps(); len(gaps) != 0 {
		t.Errorf("after a quick restart: %+v", gaps)
	}
	second.end()
	h.mu.Lock()
	h.last = wall().Add(-20 * time.Minute)
	h.mu.Unlock()
	listen(t, s, meets(h))
	eventually(t, "the front is told", func() bool { return len(h.gaps()) == 1 })
	if d := h.gaps()[0].to.Sub(h.gaps()[0].from); d < 20*time.Minute || d > 21*time.Minute {
		t.Errorf("told a gap of %s", d)
	}
}

// TestAnotherProcessHeardMeanwhile: then it is no gap, also when the clock of the
// store is ahead of ours.
func TestAnotherProcessHeardMeanwhile(t *testing.T) {
	for _, skew := range []time.Duration{0, time.Minute, -time.Minute} {
		now := wall()
		h := newHost()
		w := newWatch(&ear{p: New(Options{})})
		w.e.p.Meet(h)
		w.skew, w.noted = skew, true
		away := func(last time.Time) []told3 {
			h.last = last.Add(skew)
			w.stood, w.lost = false, now.Add(-2*time.Minute)
			w.stands(now)
			if !w.spread(t.Context()) || !w.tell(t.Context()) {
				t.Error("not told")
			}
			return h.gaps()
		}
		if got := away(now.Add(-3 * time.Second)); len(got) != 0 {
			t.Errorf("skew %s: the other heard until now, and we told %+v", skew, got)
		}
		if got := away(now.Add(-2*time.Minute - time.Second)); len(got) != 1 || got[0].to != now || got[0].from != now.Add(-2*time.Minute) {
			t.Errorf("skew %s: nobody heard, and we told %+v", skew, got)
		}
		w.told = map[chat.Room]time.Time{}
		if got := away(now.Add(-time.Minute)); len(got) != 2 || got[1].from != now.Add(-time.Minute) {
			t.Errorf("skew %s: the other fell, too, and we told %+v", skew, got)
		}
	}
}

// TestAZombieIsReplaced: pings are answered, and every push goes to the other one.
func TestAZombieIsReplaced(t *testing.T) {
	s := organisation(t)
	s.FailSocket(dingfake.Zombie, 1)
	h := newHost()
	l := listen(t, s, meets(h), func(p *Platform) { p.pace.doubt = 8 })
	for range 30 {
		s.Say(front, hong, "@管家 有人吗")
	}
	eventually(t, "the zombie is found", func() bool { return l.Count.Zombies.Load() == 1 })
	s.Opened(3)
	s.Connected(2)
	eventually(t, "the front is told", func() bool { return len(h.gaps()) == 1 })
	for range 20 {
		s.Say(front, hong, "@管家 现在呢").Acked()
	}
	if l.Count.Zombies.Load() != 1 {
		t.Errorf("%d zombies", l.Count.Zombies.Load())
	}
}

// TestMuteConnectionsAreReplaced: their own pings are answered, and no frame comes.
func TestMuteConnectionsAreReplaced(t *testing.T) {
	s := organisation(t)
	h := newHost()
	l := listen(t, s, meets(h), func(p *Platform) { p.pace.mute = 300 * time.Millisecond })
	time.Sleep(100 * time.Millisecond) // in which the gateway pings, as it always does
	before := time.Now()
	s.Hush()
	s.Say(front, hong, "@管家 有人吗")
	eventually(t, "both are replaced", func() bool { return l.Count.Zombies.Load() >= 2 })
	s.Connected(2)
	eventually(t, "the front is told", func() bool { return len(h.gaps()) >= 1 })
	if g := h.gaps()[0]; g.from.After(before.Add(50*time.Millisecond)) || g.to.Before(before) {
		t.Errorf("told %+v, mute since %s", g, before)
	}
	s.Say(front, hong, "@管家 现在呢").Acked()
	l.got(1)
}

// TestOldConnectionsAreReplaced: the next one stands before the old one goes, and
// what the old one brought is answered over it.
func TestOldConnectionsAreReplaced(t *testing.T) {
	s := organisation(t, dingfake.Repush(100*time.Millisecond, 0, 0, 0, 0))
	h := newHost()
	l := listen(t, s, meets(h), func(p *Platform) { p.pace.age = 60 * time.Millisecond })
	entered, release := make(chan struct{}, 10), make(chan struct{})
	l.heard.says(func(chat.Message) error { entered <- struct{}{}; <-release; return nil })
	slow := s.Say(front, hong, "@管家 慢")
	<-entered
	s.Opened(5)
	close(release)
	slow.Acked()
	n := 1
	for s.Opens() < 10 {
		s.Say(back, zhang, "@管家 /timers").Acked()
		n++
	}
	l.got(n)
	if l.Count.Zombies.Load() != 0 || len(h.gaps()) != 0 || l.Ready() != nil {
		t.Errorf("%d zombies, told %+v, %v", l.Count.Zombies.Load(), h.gaps(), l.Ready())
	}
}

// TestADeadNetworkIsNoticed: no error comes, and nothing else either; the SDK pings
// in vain. The gap begins with the last sign of life.
func TestADeadNetworkIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("the SDK waits 3 s before it pings, and 5 s for the answer")
	}
	t.Parallel()
	s := organisation(t, dingfake.Patience(20*time.Second), dingfake.PingEvery(100*time.Millisecond))
	h := newHost()
	l := listen(t, s, meets(h))
	before := time.Now()
	s.Freeze()
	s.Say(front, hong, "@管家 有人吗")
	s.Opened(4)
	eventually(t, "the front is told", func() bool { return len(h.gaps()) >= 1 })
	if g := h.gaps()[0]; g.from.After(before.Add(200*time.Millisecond)) || g.to.Sub(g.from) < 7*time.Second {
		t.Errorf("told %+v, dead since %s", g, before)
	}
	s.Say(front, hong, "@管家 现在呢").Acked()
	l.got(1)
}

// TestFramesThatAreNone leave a connection as it is.
func TestFramesThatAreNone(t *testing.T) {
	s := organisation(t, dingfake.Greets())
	l := listen(t, s)
	opens := s.Opens()
	for _, frame := range []string{"", "{broken", "[]", "null", `{"type":"CALLBACK"}`, `{"type":"SYSTEM","headers":{"topic":"KEEPALIVE","messageId":"sys1"}}`} {
		s.Frame(frame)
	}
	s.Say(front, hong, "@管家 还在吗").Acked()
	l.got(1)
	if s.Opens() != opens {
		t.Errorf("%d connections were opened", s.Opens()-opens)
	}
}
