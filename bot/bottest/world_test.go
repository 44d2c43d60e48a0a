package bottest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
)

// What a play cannot say: platforms that refuse for ever, rules that break, two
// processes, stores that lose their answers.

func newWorld(t *testing.T, change func(*bottest.WorldOptions)) *bottest.World {
	t.Helper()
	o := bottest.WorldOptions{Directory: wire.Directory(config.Sample())}
	if change != nil {
		change(&o)
	}
	w, err := bottest.NewWorld(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// tellings lists what was told since a point, as "room@person kind #case rung".
func tellings(w *bottest.World, from int) []string {
	var out []string
	for _, t := range w.Told[from:] {
		n := t.Notice
		s := string(n.Room)
		if n.Person != "" {
			s += "@" + n.Person
		}
		s += fmt.Sprintf(" %s #%d", n.Kind, n.Case)
		if n.Rung != nil {
			s += fmt.Sprintf(" rung %d", *n.Rung)
		}
		out = append(out, s)
	}
	return out
}

func has(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

// A manager whom the platform will never reach is skipped, and another one is
// told in their place, at once and with the reason.
func TestAManagerWhoLeftIsReplaced(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	home, _ := w.Dir.Home("acme")
	chen, err := w.Dir.Room("acme", desk.Direct, "chen")
	must(t, err)
	w.Fakes[home.Back.Platform].Gone(chen.ID, "user left the workspace")
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	from := len(w.Told)
	must(t, w.Wait(ctx, 12*time.Minute))
	told := tellings(w, from)
	if has(told, "direct@chen ping #1 rung 3") {
		t.Error("chen cannot have been told")
	}
	next := ""
	for _, s := range told {
		if strings.HasPrefix(s, "direct@") && strings.HasSuffix(s, "rung 3") {
			next = s
		}
	}
	if next == "" {
		t.Fatalf("nobody was told in chen's place: %v", told)
	}
	d, err := w.Desk(ctx, "acme")
	must(t, err)
	if d.Unreachable["chen"] == "" {
		t.Error("the desk does not remember that chen cannot be reached")
	}
}

// A back room that takes no messages: the pings go to the people directly, and
// the manager hears that the room is gone.
func TestABackRoomThatIsGone(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	home, _ := w.Dir.Home("acme")
	w.Fakes[home.Back.Platform].Gone(home.Back.ID, "channel_not_found")
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	told := tellings(w, 0)
	for _, want := range []string{"direct@zhang ping #1 rung 0", "direct@chen warned #1"} {
		if !has(told, want) {
			t.Errorf("%q is missing in %v", want, told)
		}
	}
}

// A rule that breaks parks its input, tells the inside, and leaves the desk and
// every other customer working.
func TestABrokenRuleIsParked(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, func(o *bottest.WorldOptions) {
		o.Decide = func(d desk.Desk, in desk.Input, now time.Time) desk.Change {
			if n, ok := in.Act.(desk.Note); ok && n.Text == "boom" {
				panic("a broken rule")
			}
			return desk.Decide(d, in, now)
		}
	})
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	from := len(w.Told)
	must(t, w.Say(ctx, "acme", "back", "zhang", "/note 1 boom", 0))
	must(t, w.Say(ctx, "acme", "back", "zhang", "/note 1 fine", 0))
	told := tellings(w, from)
	for _, want := range []string{"back parked #0", "direct@chen parked #0", "back note #1"} {
		if !has(told, want) {
			t.Errorf("%q is missing in %v", want, told)
		}
	}
	parked, err := w.Store.Parked(ctx)
	must(t, err)
	if len(parked) != 1 || parked[0].Act != "note" || !strings.Contains(parked[0].Stack, "guarded") {
		t.Fatalf("parked %+v", parked)
	}
	if in, err := desk.DecodeInput(parked[0].Input); err != nil || in.Act.(desk.Note).Text != "boom" {
		t.Errorf("the parked input reads back as %+v, %v", in, err)
	}
}

// Two processes on one store: every rung is told once, whoever wakes first.
func TestTwoProcessesTellOnce(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	told := 0
	second := bot.New(bot.Options{Store: w.Store, Directory: w.Dir, Platforms: []bot.Platform{w.Fakes["slack"], w.Fakes["dingtalk"]},
		Told: func(t bot.Telling) {
			if t.Notice.Rung != nil {
				told++
			}
		}, Parallel: 1})
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	for range 15 {
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		for _, b := range []*bot.Bot{second, w.Bot} {
			_, err := b.Quiesce(ctx)
			must(t, err)
		}
	}
	for _, t := range w.Told {
		if t.Notice.Rung != nil {
			told++
		}
	}
	// zhang, chen · zhang · wang · chen and the line · chen and the line
	if told != 8 {
		t.Errorf("%d tellings of rungs by both, want 8", told)
	}
}

// A store that wrote but whose answer was lost: the platform delivers again, and
// nothing happens twice.
func TestALostAnswerDoublesNothing(t *testing.T) {
	ctx := context.Background()
	clock := bottest.NewClock(bottest.DefaultStart)
	mem := bottest.NewMem(clock.Now)
	w := newWorld(t, func(o *bottest.WorldOptions) { o.Clock, o.Store = clock, mem })
	home, _ := w.Dir.Home("acme")
	m := chat.Message{Room: home.Front, ID: "x1", Sender: chat.Person{ID: w.Dir.User("acme", "lihua", home.Front.Platform)}, Text: "/report incident urgent 勒索", SentAt: clock.Now()}
	mem.Lose("Commit")
	if err := w.Bot.Hear(ctx, m); !errors.Is(err, bottest.ErrLost) {
		t.Fatalf("Hear answered %v: a message whose commit is unknown must not be acknowledged", err)
	}
	must(t, w.Bot.Hear(ctx, m))
	mem.Fail("Commit", errors.New("disk full"))
	m.ID = "x2"
	if err := w.Bot.Hear(ctx, m); err == nil || w.Bot.Trouble() == "" {
		t.Fatalf("a failed write answered %v, trouble %q", err, w.Bot.Trouble())
	}
	must(t, w.Bot.Hear(ctx, m))
	if w.Bot.Trouble() != "" {
		t.Errorf("trouble stays after a good write: %s", w.Bot.Trouble())
	}
	d, err := w.Desk(ctx, "acme")
	must(t, err)
	if len(d.Cases) != 2 {
		t.Errorf("%d cases from two reports", len(d.Cases))
	}
}

// The auditor finds a desk that nobody woke, says so, and wakes it.
func TestTheAuditorWakesWhatIsLate(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	w.Clock.Set(w.Clock.Now().Add(6 * time.Minute)) // rung 1 was due a minute ago, and nobody ticked
	r, err := w.Bot.Audit(ctx)
	must(t, err)
	if r.Well() || len(r.Late) != 1 || r.Late[0].Customer != "acme" || r.Worst != time.Minute {
		t.Fatalf("the auditor saw %+v", r)
	}
	_, err = w.Bot.Quiesce(ctx)
	must(t, err)
	if !has(tellings(w, 0), "back@zhang ping #1 rung 1") {
		t.Error("what was late was not told")
	}
	if r, _ = w.Bot.Audit(ctx); !r.Well() {
		t.Errorf("still late: %+v", r)
	}
}

// "I may have been deaf" reaches the customer with the window.
func TestAGapIsSaid(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	from := w.Clock.Now().Add(-3 * time.Minute)
	must(t, w.Act(ctx, "acme", desk.Gap{From: from, To: w.Clock.Now()}))
	last := w.Told[len(w.Told)-1]
	if last.Notice.Kind != desk.NGap || !strings.Contains(last.Card.String(), "09:27") || !strings.Contains(last.Card.String(), "09:30") {
		t.Errorf("told %s", last.Card)
	}
}

// A message in the thread of a card belongs to that card's case.
func TestAThreadBelongsToItsCase(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	for _, text := range []string{"/report incident urgent 数据库主机出现勒索提示", "/report vulnerability high fastjson 有漏洞"} {
		must(t, w.Say(ctx, "acme", "front", "lihua", text, 0))
	}
	must(t, w.Say(ctx, "acme", "front", "lihua", "10.0.0.8 上也扫出了同一个漏洞", 2))
	must(t, w.Say(ctx, "acme", "front", "zhang", "先不要重启", 1))
	d, err := w.Desk(ctx, "acme")
	must(t, err)
	one, _ := d.Case(1)
	two, _ := d.Case(2)
	if two.Adds != 1 || one.Adds != 0 || one.Respond.Open() || !two.Respond.Open() {
		t.Errorf("#1 %d additions, open %v; #2 %d, open %v", one.Adds, one.Respond.Open(), two.Adds, two.Respond.Open())
	}
}
