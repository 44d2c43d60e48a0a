package bottest_test

import (
	"context"
	"testing"
	"time"

	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Words under a message that is nobody's card are acknowledged like any others,
// in a back room of one customer and in a direct chat that serves all.
func TestAThreadOfNobodyIsAcknowledged(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	home, _ := w.Dir.Home("acme")
	zhang := w.Dir.User("acme", "zhang", home.Back.Platform)
	for i, room := range []chat.Room{home.Back, {Platform: home.Back.Platform, ID: zhang, Direct: true}} {
		m := chat.Message{Room: room, ID: string(rune('a' + i)), Thread: "not-a-board", SentAt: w.Clock.Now(), Text: "did you see this?", Sender: chat.Person{ID: zhang}}
		if err := w.Bot.Hear(ctx, m); err != nil {
			t.Errorf("%s: %v", room, err)
		}
	}
}

// A front room that is gone is told to the manager and to the back room, also
// when nobody owes an answer any more: the customer does not read what is sent.
func TestADeadFrontRoomIsReported(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	home, _ := w.Dir.Home("acme")
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	must(t, w.Say(ctx, "acme", "back", "zhang", "/claim 1 我来了", 0))
	w.Fakes[home.Front.Platform].Gone(home.Front.ID, "the bot was removed from the channel")
	from := len(w.Told)
	must(t, w.Say(ctx, "acme", "back", "zhang", "/reply 1 请立即断网！", 0))
	told := tellings(w, from)
	for _, want := range []string{"direct@chen warned #1", "back warned #1"} {
		if !has(told, want) {
			t.Errorf("%q is missing in %v", want, told)
		}
	}
}

// An answer that did not fit says nothing about the person: the ladder still
// counts on them.
func TestAnUndeliveredAnswerDoesNotBarAPerson(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	home, _ := w.Dir.Home("acme")
	room, err := w.Dir.Room("acme", desk.Direct, "chen")
	must(t, err)
	w.Fakes[home.Back.Platform].Gone(room.ID, "too large")
	must(t, w.Say(ctx, "acme", "front", "chen", "/list", 0))
	d, err := w.Desk(ctx, "acme")
	must(t, err)
	if len(d.Unreachable) != 0 {
		t.Errorf("unreachable: %v", d.Unreachable)
	}
}

// A deadline that breaks a rule is parked once; the process does not spin, and
// the other customers go on.
func TestAPoisonedDeskDoesNotSpin(t *testing.T) {
	ctx := context.Background()
	decided, poison := 0, false
	w := newWorld(t, func(o *bottest.WorldOptions) {
		o.Decide = func(d desk.Desk, in desk.Input, now time.Time) desk.Change {
			if poison && d.Customer == "acme" {
				decided++
				panic("poison")
			}
			return desk.Decide(d, in, now)
		}
	})
	for _, c := range []string{"acme", "globex"} {
		must(t, w.Say(ctx, c, "front", "somebody", "/report incident urgent a ransom note", 0))
	}
	poison = true
	from := len(w.Told)
	w.Clock.Set(w.Clock.Now().Add(6 * time.Minute))
	_, err := w.Bot.Quiesce(ctx)
	must(t, err)
	if parked, _ := w.Store.Parked(ctx); len(parked) != 1 || decided > 10 {
		t.Errorf("%d parked after %d decisions", len(parked), decided)
	}
	if !has(tellings(w, from), "back@zhang ping #1 rung 1") {
		t.Error("globex waits for acme's broken rule")
	}
}

// A platform that took a message, and a store that was away when the desk should
// have heard of it: nothing is told twice.
func TestASentMessageIsNotSentAgain(t *testing.T) {
	ctx := context.Background()
	clock := bottest.NewClock(bottest.DefaultStart)
	mem := bottest.NewMem(clock.Now)
	w := newWorld(t, func(o *bottest.WorldOptions) { o.Clock, o.Store = clock, mem })
	home, _ := w.Dir.Home("acme")
	m := chat.Message{Room: home.Front, ID: "x1", Sender: chat.Person{ID: "somebody"}, Text: "/report incident urgent 勒索", SentAt: clock.Now()}
	must(t, w.Bot.Hear(ctx, m))
	mem.Fail("Commit", bottest.ErrDown) // the first receipt
	_, err := w.Bot.Quiesce(ctx)
	must(t, err)
	must(t, w.Wait(ctx, time.Minute))
	seen := map[string]int{}
	for _, f := range w.Fakes {
		for _, p := range f.Sent {
			if !p.Edit {
				seen[p.Key]++
			}
		}
	}
	if len(seen) == 0 {
		t.Error("nothing was sent")
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
}

// A burst of high findings does not bury people: some open cases, the manager is
// told once, the rest wait for the morning, and a report still opens.
func TestABurstOfFindings(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil)
	for i := range 60 {
		must(t, w.Act(ctx, "acme", desk.Found{Source: "scanner", ID: time.Duration(i).String(), Layer: desk.LayerHost, Asset: "10.0.0.1", Title: "open port", Severity: desk.High, SeenAt: w.Clock.Now()}))
	}
	d, err := w.Desk(ctx, "acme")
	must(t, err)
	if len(d.Cases) != desk.MaxFound || len(d.Findings) != 60 {
		t.Errorf("%d cases of %d findings", len(d.Cases), len(d.Findings))
	}
	warned := 0
	for _, s := range tellings(w, 0) {
		if s == "direct@chen warned #0" {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("the manager was warned %d times", warned)
	}
	must(t, w.Say(ctx, "acme", "front", "lihua", "/report incident urgent 数据库主机出现勒索提示", 0))
	if d, _ = w.Desk(ctx, "acme"); len(d.Cases) != desk.MaxFound+1 {
		t.Error("the report did not open")
	}
}
