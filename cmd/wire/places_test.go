package wire_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
)

// stuck is a platform on which every summary hangs until it is let go.
type stuck struct {
	came chan desk.NoticeKind
	free chan struct{}
}

func (p *stuck) Name() string                           { return "slack" }
func (p *stuck) Listen(context.Context, bot.Hear) error { return nil }
func (p *stuck) Ready() error                           { return nil }
func (p *stuck) Limits(chat.Room) chat.Limits           { return chat.Limits{} }
func (p *stuck) Send(_ context.Context, s bot.Sending) (chat.Receipt, error) {
	p.came <- s.Kind
	if s.Kind == desk.NInspection {
		<-p.free
	}
	return chat.Receipt{Ref: s.Key}, nil
}

// However many summaries are on their way and waiting, a ping finds a sender.
func TestPingPassesSummaries(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	p := &stuck{came: make(chan desk.NoticeKind, 1000), free: make(chan struct{})}
	dir := morningDirectory(now.Add(time.Minute))
	bt := bot.New(bot.Options{Store: bottest.NewMem(func() time.Time { return now }), Directory: dir, Platforms: []bot.Platform{p}, Parallel: 8})
	ids := dir.Customers()[:40]
	for _, id := range ids {
		if err := bt.Handle(ctx, id, desk.Input{Act: desk.InspectNow{}, ID: "now/" + id, At: now, Room: desk.Front,
			Actor: desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide}}); err != nil {
			t.Fatal(err)
		}
	}
	deliver := func() {
		t.Helper()
		if _, _, err := bt.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
	}
	deliver()
	for range 6 { // of 8 places 2 are kept
		if kind := <-p.came; kind != desk.NInspection {
			t.Fatalf("%s came before the summaries", kind)
		}
	}
	deliver()
	select {
	case kind := <-p.came:
		t.Fatalf("%s took a place that is for urgent letters", kind)
	default:
	}

	urgent := true
	if err := bt.Handle(ctx, ids[39], desk.Input{ID: "report", At: now, Room: desk.Front, Ref: "m1", Actor: desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide},
		Act: desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "数据库主机出现勒索提示"}}); err != nil {
		t.Fatal(err)
	}
	for kind, end := desk.NoticeKind(""), time.Now().Add(10*time.Second); kind != desk.NPing; {
		deliver()
		select {
		case kind = <-p.came:
			if kind == desk.NInspection {
				t.Fatal("a seventh summary is on its way")
			}
		default:
			if time.Now().After(end) {
				t.Fatal("the ping waits behind the summaries")
			}
		}
	}
	close(p.free)
	for {
		deliver()
		bt.Drain()
		if took, _, err := bt.Deliver(ctx); err != nil || took == 0 {
			break
		}
	}
	summaries := 0
	for len(p.came) > 0 {
		if <-p.came == desk.NInspection {
			summaries++
		}
	}
	if want := len(ids) - 6; summaries != want {
		t.Fatalf("%d summaries followed, want %d", summaries, want)
	}
}

// Two processes that wake at the customers' hour decide each summary once and tell
// it once, also when one of them was down over the hour before.
func TestTwoProcessesOneSummary(t *testing.T) {
	ctx := t.Context()
	hour := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	var clock atomic.Pointer[time.Time]
	set := func(at time.Time) { clock.Store(&at) }
	set(hour.Add(-time.Hour))
	mem := bottest.NewMem(func() time.Time { return *clock.Load() })
	full := morningDirectory(hour)
	var homes []bot.Home
	for _, id := range full.Customers()[:60] {
		h, _ := full.Home(id)
		homes = append(homes, h)
	}
	dir := bot.NewDirectory(homes, nil)
	city := &city{free: true, told: map[string]int{}, pinged: map[string]time.Time{}}
	var bots []*bot.Bot
	for _, store := range []bot.Store{mem, mem.Reopen()} {
		p := &metered{city: city}
		p.free.Store(true)
		bots = append(bots, bot.New(bot.Options{Store: store, Directory: dir, Platforms: []bot.Platform{p}}))
	}
	if err := bots[0].Apply(ctx); err != nil {
		t.Fatal(err)
	}
	for day, late := range []time.Duration{0, 40 * time.Minute, 24 * time.Hour} { // the third is two mornings
		set(hour.AddDate(0, 0, day).Add(late))
		for range 3 {
			var both sync.WaitGroup
			for _, bt := range bots {
				both.Go(func() {
					if _, err := bt.Tick(ctx); err != nil {
						t.Error(err)
					}
					if _, _, err := bt.Deliver(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			bots[0].Drain()
			bots[1].Drain()
		}
		for left := 1; left > 0; {
			for _, bt := range bots {
				if _, _, err := bt.Deliver(ctx); err != nil {
					t.Fatal(err)
				}
				bt.Drain()
			}
			o, err := mem.Outbox(ctx)
			if err != nil {
				t.Fatal(err)
			}
			left = o.Letters
		}
		if n := len(city.told); n != (day+1)*len(homes) {
			t.Fatalf("after morning %d: %d summaries for %d customers", day+1, n, len(homes))
		}
	}
	for key, n := range city.told {
		if n != 1 {
			t.Errorf("%s was told %d times", key, n)
		}
	}
}
