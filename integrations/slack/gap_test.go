package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/slack/slackfake"
)

// watch is a host that knows the staff of the sample config and remembers what it
// was told.
type watch struct {
	bot.Host // nothing else is asked
	mu       sync.Mutex
	ears     []bot.Ear
	last     time.Time
	away     int // so many questions fail
	noted    int
	asked    int // for the rooms
	deaf     []deafness
	waits    time.Duration // the next note takes so long
}

type deafness struct {
	room     string
	from, to time.Time
}

func (w *watch) Form(context.Context, chat.Message) (card.Form, bool) { return card.Form{}, false }

func (w *watch) Home(context.Context, string, string) ([]card.Card, error) { return nil, nil }

func (w *watch) Staff(platform, user string) bool {
	return platform == "slack" && slices.Contains([]string{zhang, "U02LI", "U03WANG", chen}, user)
}

var errAway = errors.New("the store is away")

func (w *watch) gone() bool {
	if w.away > 0 {
		w.away--
		return true
	}
	return false
}

func (w *watch) Ears(context.Context, string) ([]bot.Ear, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone() {
		return nil, errAway
	}
	w.asked++
	return slices.Clone(w.ears), nil
}

func (w *watch) Hearing(context.Context, string) error {
	w.mu.Lock()
	waits := w.waits
	w.noted, w.waits = w.noted+1, 0
	w.mu.Unlock()
	time.Sleep(waits)
	return nil
}

func (w *watch) LastHearing(context.Context, string) (time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone() {
		return time.Time{}, errAway
	}
	return w.last, nil
}

func (w *watch) Deaf(_ context.Context, room chat.Room, from, to time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone() {
		return errAway
	}
	w.deaf = append(w.deaf, deafness{room.ID, from, to})
	return nil
}

func (w *watch) told() []deafness {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.deaf)
}

func (w *watch) looks() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

func (w *watch) notes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.noted
}

// rooms are those of the sample config, the front first.
func rooms(threads ...string) []bot.Ear {
	return []bot.Ear{{Room: chat.Room{Platform: "slack", ID: front}, Front: true, Threads: threads}, {Room: chat.Room{Platform: "slack", ID: back}}}
}

// watched is a platform with a host, quick enough for tests.
func watched(t *testing.T, s *slackfake.Server, w *watch) *Platform {
	p := platform(t, s)
	p.Meet(w)
	p.reach.short, p.reach.pulse, p.reach.again, p.reach.pause = 0, 20*time.Millisecond, 10*time.Millisecond, 20*time.Millisecond
	return p
}

// texts are the words that were heard, each message once, in the order of their
// first hearing; how often is what follows them.
func texts(all []chat.Message) (said []string, often map[string]int) {
	often = map[string]int{}
	for _, m := range all {
		id := m.Room.ID + m.ID + m.Edits + m.Deletes
		if often[id]++; often[id] == 1 {
			said = append(said, strings.TrimSpace(m.Text+" "+map[bool]string{true: "(edit)"}[m.Edits != ""]))
		}
	}
	return said, often
}

// A lane that is full is waited for.
func TestAFullLaneIsWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := New(Options{})
	var h heard
	e := &ear{p: p, ctx: ctx, lanes: map[string][]job{}, hear: h.hear}
	l := &lookback{reach: p.reach, e: e}
	l.again = time.Millisecond
	release := make(chan struct{})
	for e.queue(front, job{do: func(context.Context) { <-release }}) {
	}
	done := make(chan bool)
	go func() {
		done <- l.tell(chat.Message{Room: chat.Room{Platform: "slack", ID: front}, ID: "1.1", Text: "等一等"})
	}()
	close(release)
	if !<-done || len(h.messages()) != 1 {
		t.Errorf("heard %+v", h.messages())
	}
	cancel()
	e.lanesDone.Wait()
	if l.tell(chat.Message{Room: chat.Room{Platform: "slack", ID: front}, ID: "1.2"}) {
		t.Error("told to nobody")
	}
}

// A process that stood still, on a laptop asleep, knows it by the clock.
func TestAProcessThatStoodStillLooksBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		w := &watch{}
		p := New(Options{})
		p.Meet(w)
		l := &lookback{reach: usual, e: &ear{p: p, ctx: ctx}, wake: make(chan struct{}, 1)}
		done := make(chan struct{})
		go func() { l.watch(ctx); close(done) }()
		l.stands(wall())
		time.Sleep(time.Minute)
		if n := w.notes(); n < 12 || n > 13 || w.looks() != 0 {
			t.Errorf("%d notes in a minute, wants one every 5 s; looked %d", n, w.looks())
		}
		w.mu.Lock()
		w.waits = time.Minute
		w.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if w.looks() != 1 {
			t.Errorf("%d looks into the rooms, wants 1", w.looks())
		}
		l.falls(wall())
		time.Sleep(10 * time.Second)
		n := w.notes()
		time.Sleep(10 * time.Second)
		if w.notes() != n {
			t.Error("it says that it hears while it does not")
		}
		cancel()
		<-done
	})
}

// Through the real bot: what was said while nobody listened becomes part of the
// case when somebody does, and a front that could not be read is told so.
func TestABotThatWasAway(t *testing.T) {
	s := workspace(t)
	p := platform(t, s)
	b := bot.New(bot.Options{Store: bottest.NewMem(time.Now), Directory: wire.Directory(config.Sample()), Platforms: []bot.Platform{p}})
	p.Meet(b)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() { cancel(); all.Wait() })
	all.Go(func() {
		for ctx.Err() == nil {
			b.Tick(ctx)
			b.Deliver(ctx)
			rest(ctx, 20*time.Millisecond)
		}
	})
	run := func() (stop func()) {
		ctx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- p.Listen(ctx, b.Hear) }()
		s.Connected(1)
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Listen ended with %v", err)
			}
			s.Connected(0)
		}
	}
	stop := run()
	s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	s.Expect(front, "#1")
	eventually(t, "it is noted that the bot hears", func() bool { at, err := b.LastHearing(ctx, "slack"); return err == nil && !at.IsZero() })
	stop()
	s.Say(front, lihua, "数据库主机的备份也打不开了", slackfake.Unheard())
	stop = run()
	s.Expect(back, "备份也打不开了")
	stop()
	s.Fail("conversations.history", slackfake.Refused("not_in_channel").In(front).Always())
	stop = run()
	s.Expect(front, "可能没听到")
	stop()
	for _, m := range append(s.Posted(front), s.Posted(back)...) {
		if m.Contains("#2") {
			t.Errorf("heard as new: %s", m.Words())
		}
	}
}

func TestGaps(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 11, 23, 10, m, 0, 0, time.UTC) }
	for _, c := range []struct{ a, b, want gap }{
		{gap{}, gap{at(1), at(2)}, gap{at(1), at(2)}},
		{gap{at(1), at(2)}, gap{}, gap{at(1), at(2)}},
		{gap{at(1), at(2)}, gap{at(5), at(6)}, gap{at(1), at(6)}},
		{gap{at(5), at(6)}, gap{at(1), at(2)}, gap{at(1), at(6)}},
	} {
		if got := c.a.with(c.b); got != c.want {
			t.Errorf("%v with %v is %v", c.a, c.b, got)
		}
	}
}
