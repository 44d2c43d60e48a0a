package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// What was said while the connection was away is heard when it is back: in its
// room, in threads, by apps, with files, edited. What Slack delivers as well has
// the same id.
func TestWhatWasSaidWithoutAConnectionIsHeard(t *testing.T) {
	s := workspace(t)
	long := time.Now().Add(-time.Hour)
	report := s.Say(front, lihua, "一小时前的报告", slackfake.At(long), slackfake.Unheard())
	other := s.Say(front, lihua, "一小时前的闲聊", slackfake.At(long.Add(time.Minute)), slackfake.Unheard())
	w := &watch{ears: rooms(report.TS)}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	s.Connected(1)
	before := s.Say(front, lihua, "断线之前")
	before.Acked()

	s.FailSocket(slackfake.RefusesLink, 0)
	s.DropSockets()
	eventually(t, "the loss is noticed", func() bool { return p.Ready() != nil })
	s.Hold()
	s.Say(front, lihua, "一")
	s.Say(front, lihua, "二在工单下", slackfake.InThread(report.TS))
	s.Edit(report.TS, "一小时前的报告，已更正")
	s.Edit(before.TS, "断线之前，已更正")
	s.Say(front, lihua, "三在别处", slackfake.InThread(before.TS))
	s.Say(front, lihua, "四也发到频道", slackfake.InThread(other.TS), slackfake.Broadcast())
	s.Say(front, lihua, "joined", slackfake.SubType("channel_join"))
	s.Say(front, lihua, "五是监控", slackfake.AsBot("B0OTHER"))
	s.Say(front, lihua, "六看附件", slackfake.WithFile("日志.txt", 10))
	s.Say(front, lihua, "<@"+slackfake.BotUser+"> 七", slackfake.WithBlocks(`[{"type":"section","text":7}]`))
	s.Say(back, zhang, "八在后台")
	if _, err := p.Send(context.Background(), sending(front, "k", nil)); err != nil {
		t.Fatal(err)
	}
	s.MendSockets()
	s.Connected(1)

	last := func() bool {
		said, _ := texts(h.messages())
		return slices.Contains(said, "八在后台")
	}
	eventually(t, "all is heard", last)
	said, _ := texts(h.messages())
	want := []string{"断线之前", "一小时前的报告，已更正 (edit)", "断线之前，已更正 (edit)", "一", "二在工单下", "三在别处", "四也发到频道", "五是监控",
		"六看附件", "七", "八在后台"}
	for i := range said {
		said[i], _, _ = strings.Cut(said[i], "\n")
	}
	if !slices.Equal(said, want) {
		t.Errorf("heard\n%q, wants\n%q", said, want)
	}
	for _, m := range h.messages() {
		switch {
		case m.Text == "七" && !m.Mention, m.Text == "五是监控" && !m.Sender.App, m.Text == "二在工单下" && m.Thread != report.TS,
			strings.HasPrefix(m.Text, "六") && !strings.Contains(m.Text, "日志.txt https://"), m.Text == "八在后台" && m.Room.ID != back:
			t.Errorf("heard %+v", m)
		}
		if !m.Sender.App && m.Room.ID == front && m.Sender.Name != "李华" {
			t.Errorf("without a name: %+v", m)
		}
	}
	if n := p.Count.Missed.Load(); n != 10 {
		t.Errorf("%d are counted as missed, wants 10", n)
	}

	// Slack delivers it all late: nothing is new but what no history shows.
	known := len(said)
	s.Flush()
	s.Settled()
	if again, _ := texts(h.messages()); len(again) != known {
		t.Errorf("new under another id: %q", again[known:])
	}
	if all := w.told(); len(all) != 0 {
		t.Errorf("a room was told that the bot was deaf: %v", all)
	}
}

// A connection that is away for a moment costs no look into the history: Slack
// delivers again.
func TestAShortGapIsSlacksOwn(t *testing.T) {
	s := workspace(t)
	w := &watch{ears: rooms()}
	p := watched(t, s, w)
	p.reach.short = time.Minute
	var h heard
	listen(t, p, h.hear)
	s.Connected(1)
	s.DropSockets()
	s.Opened(2)
	s.Connected(1)
	s.Say(front, lihua, "还在吗").Acked()
	n := w.notes()
	eventually(t, "it says that it hears", func() bool { return w.notes() > n+1 })
	if calls := s.Calls("conversations.history"); len(calls) != 0 {
		t.Errorf("%d looks", len(calls))
	}
}

// The first process of all has missed nothing.
func TestTheFirstRunFetchesNothing(t *testing.T) {
	s := workspace(t)
	s.Say(front, lihua, "早就说过的", slackfake.At(time.Now().Add(-time.Minute)), slackfake.Unheard())
	w := &watch{ears: rooms(), away: 2}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	eventually(t, "it says that it hears", func() bool { return w.notes() > 3 })
	if all := h.messages(); len(all) != 0 || len(s.Calls("conversations.history")) != 0 {
		t.Errorf("heard %+v", all)
	}
}

// A process that starts hears what was said since the last one heard; until that
// is done it does not say that it hears, so that its own end loses nothing.
func TestAStartHearsWhatWasSaidSinceTheLast(t *testing.T) {
	s := workspace(t)
	now := time.Now()
	s.Say(front, lihua, "一小时前", slackfake.At(now.Add(-time.Hour)), slackfake.Unheard())
	missed := s.Say(front, lihua, "五分钟前", slackfake.At(now.Add(-5*time.Minute)), slackfake.Unheard())
	w := &watch{ears: rooms(), last: now.Add(-10 * time.Minute), away: 3}
	p := watched(t, s, w)
	h := heard{refuse: 3, trouble: errAway}
	hangs := s.Fail("conversations.history", slackfake.Hangs())
	listen(t, p, h.hear)
	hangs.Hit(1)
	if n := w.notes(); n != 0 {
		t.Errorf("it said %d times that it hears before it had looked", n)
	}
	s.Release()
	eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
	all := h.messages()
	if len(all) != 1 || all[0].ID != missed.TS || all[0].Text != "五分钟前" || p.Count.Missed.Load() != 1 || p.Count.Refused.Load() != 3 {
		t.Errorf("heard %+v, missed %d, refused %d", all, p.Count.Missed.Load(), p.Count.Refused.Load())
	}
}

// Limits are waited for, whatever their shape, and small pages are put together in
// order; a server in trouble is asked again.
func TestAHistoryInTrouble(t *testing.T) {
	s := workspace(t, slackfake.HistoryPage(2))
	now := time.Now()
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprint("第", i))
		s.Say(front, lihua, want[i], slackfake.At(now.Add(time.Duration(i-10)*time.Minute)), slackfake.Unheard())
	}
	s.Fail("conversations.history", slackfake.Status(503).In(back))
	s.Fail("conversations.history", slackfake.DropsBefore().In(back))
	s.Fail("conversations.history", slackfake.Garbage().In(front))
	s.Fail("conversations.history", slackfake.RateLimitedSilently().In(front).After(1))
	s.Fail("conversations.history", slackfake.Refused("ratelimited").In(front).After(2))
	s.Fail("conversations.history", slackfake.RateLimited(time.Second).In(front).After(3))
	w := &watch{ears: rooms(), last: now.Add(-15 * time.Minute)}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
	said, _ := texts(h.messages())
	if !slices.Equal(said, want) || len(w.told()) != 0 {
		t.Errorf("heard %q, deaf %v", said, w.told())
	}
	calls := s.Calls("conversations.history")
	for i, c := range calls[:len(calls)-1] {
		if c.Fault && c.Channel == front && calls[i+1].At.Sub(c.At) > 900*time.Millisecond {
			return // it waited for the second
		}
	}
	t.Errorf("nobody waited for Retry-After: %+v", calls)
}

// What cannot be read is said in the front, with the time, and in no other room.
func TestARoomThatCannotBeReadIsToldSo(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  slackfake.Fault
		change func(*Platform)
		heard  int
	}{
		{"not in the channel", slackfake.Refused("not_in_channel").Always(), nil, 0},
		{"no such channel", slackfake.Refused("channel_not_found").Always(), nil, 0},
		{"no scope", slackfake.MissingScope("channels:history").Always(), nil, 0},
		{"out of time, in trouble", slackfake.Status(503).Always(), func(p *Platform) { p.reach.total = 200 * time.Millisecond }, 0},
		{"out of time, limited", slackfake.RateLimited(time.Hour).Always(), func(p *Platform) { p.reach.total = 200 * time.Millisecond }, 0},
		{"out of time on the second page", slackfake.RateLimited(time.Hour).Always().After(1), func(p *Platform) { p.reach.total = 500 * time.Millisecond }, 2},
		{"out of pages", slackfake.Status(500).In("none"), func(p *Platform) { p.reach.most = 2 }, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := workspace(t, slackfake.HistoryPage(2))
			now := time.Now()
			for _, room := range []string{front, back} {
				for i := range 5 {
					s.Say(room, zhang, "说了", slackfake.At(now.Add(time.Duration(i-6)*time.Minute)), slackfake.Unheard())
				}
				s.Fail("conversations.history", c.fault.In(room))
			}
			w := &watch{ears: rooms(), last: now.Add(-10 * time.Minute)}
			p := watched(t, s, w)
			if c.change != nil {
				c.change(p)
			}
			var h heard
			listen(t, p, h.hear)
			eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
			told := w.told()
			if len(told) != 1 || told[0].room != front || !told[0].from.Equal(w.last) || told[0].to.Before(now) || told[0].to.After(time.Now()) {
				t.Errorf("told %+v, wants the front from %v to about %v", told, w.last, now)
			}
			n := 0
			for _, m := range h.messages() {
				if m.Room.ID == front {
					n++
				}
			}
			if n != c.heard {
				t.Errorf("%d messages of the front are heard, wants %d: what was read is not thrown away", n, c.heard)
			}
		})
	}
}

// Ready says which scope is missing until it is there, and the bot that cannot say
// so in a room tries again.
func TestAScopeThatIsMendedIsNoticed(t *testing.T) {
	s := workspace(t)
	planted := s.Fail("conversations.history", slackfake.MissingScope("channels:history").Always())
	w := &watch{ears: rooms(), last: time.Now().Add(-time.Minute)}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	eventually(t, "the room is told", func() bool { return len(w.told()) == 1 })
	eventually(t, "Ready says it", func() bool { return p.Ready() != nil && strings.Contains(p.Ready().Error(), "channels:history") })
	planted.Lift()
	eventually(t, "it is ready", func() bool { return p.Ready() == nil })
}

// What is older than the memory of the bot is not heard as new; the room is told.
func TestALongGapIsReadAsFarAsTheBotRemembers(t *testing.T) {
	s := workspace(t)
	now := time.Now()
	s.Say(front, lihua, "八天前", slackfake.At(now.Add(-8*24*time.Hour)), slackfake.Unheard())
	s.Say(front, lihua, "一天前", slackfake.At(now.Add(-24*time.Hour)), slackfake.Unheard())
	w := &watch{ears: rooms(), last: now.Add(-10 * 24 * time.Hour)}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
	if said, _ := texts(h.messages()); !slices.Equal(said, []string{"一天前"}) {
		t.Errorf("heard %q", said)
	}
	told := w.told()
	if len(told) != 1 || !told[0].from.Equal(w.last) || told[0].to.Sub(now.Add(-p.reach.deep)).Abs() > time.Minute {
		t.Errorf("told %+v", told)
	}
}

// Who is lost again while a gap is read has both read in the end.
func TestANewGapExtendsTheOneThatIsRead(t *testing.T) {
	s := workspace(t)
	w := &watch{ears: rooms(), last: time.Now().Add(-10 * time.Minute)}
	p := watched(t, s, w)
	var h heard
	hangs := s.Fail("conversations.history", slackfake.HangsAfter()) // as it was before
	listen(t, p, h.hear)
	hangs.Hit(1)
	s.Connected(1)
	s.DropSockets()
	s.Opened(2)
	s.Connected(1)
	said := s.Say(front, lihua, "在第二次断线时", slackfake.Unheard())
	s.DropSockets()
	s.Opened(3)
	s.Connected(1)
	eventually(t, "it is ready", func() bool { return p.Ready() == nil })
	if n := w.notes(); n != 0 {
		t.Errorf("it said %d times that it hears", n)
	}
	s.Release()
	eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
	if all := h.messages(); len(all) != 1 || all[0].ID != said.TS {
		t.Errorf("heard %+v", all)
	}
}

// Marks that staff set in a gap are heard as well; those of others are not.
func TestMarksInAGap(t *testing.T) {
	s := workspace(t)
	now := time.Now()
	odd := s.Say(front, lihua, "指示灯一直在闪", slackfake.At(now.Add(-3*time.Minute)), slackfake.Unheard())
	dull := s.Say(front, lihua, "午饭吃什么", slackfake.At(now.Add(-2*time.Minute)), slackfake.Unheard())
	old := s.Say(front, lihua, "五天前", slackfake.At(now.Add(-5*24*time.Hour)), slackfake.Unheard())
	s.Hold()
	for _, ts := range []string{odd.TS, old.TS} {
		s.React(lihua, ts, siren)
		s.React(zhang, ts, siren)
	}
	s.React(lihua, dull.TS, siren)
	s.React(zhang, dull.TS, "eyes")
	w := &watch{ears: rooms(old.TS), last: now.Add(-10 * time.Minute)}
	p := watched(t, s, w)
	var h heard
	listen(t, p, h.hear)
	eventually(t, "it says that it hears", func() bool { return w.notes() > 0 })
	all := h.messages()
	if len(all) != 3 || all[1].Marks != odd.TS || all[1].ID != "mark/"+odd.TS || all[1].Sender.ID != zhang || all[1].Author != (chat.Person{ID: lihua, Name: "李华"}) || all[1].Text != "指示灯一直在闪" {
		t.Errorf("heard %+v", all)
	}
	s.Flush()
	s.Settled()
	if said, _ := texts(h.messages()); len(said) != 4 { // and that of five days ago, which Slack delivered
		t.Errorf("heard %q", said)
	}
}
