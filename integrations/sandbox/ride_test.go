package sandbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/desk"
)

// board starts a page that runs, with a ladder for acme, on a ride for acme.
func board(t *testing.T) (*Page, *fake, context.CancelFunc) {
	t.Helper()
	page, f := ladder(t)
	ctx, cancel := context.WithCancel(t.Context())
	go page.Run(ctx)
	if status, id := send(t, page.Handler(), "/api/time", `{"op":"closing","customer":"acme"}`); status != 200 {
		t.Fatalf("closing: %d %s", status, id)
	}
	return page, f, cancel
}

// A ride hops from deadline to deadline, one every hopEvery, and stands still in
// between; where nothing is due any more it ends, and time stands.
func TestRideHops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page, f, cancel := board(t)
		defer synctest.Wait()
		defer cancel()
		time.Sleep(beat / 2)
		for _, want := range []int{5, 8, 12, 15} {
			if !page.clock.Riding() || page.speed() != 0 {
				t.Errorf("before the hop to +%d min: riding %t, speed %d", want, page.clock.Riding(), page.speed())
			}
			time.Sleep(hopEvery)
			if got := int(f.clock.Now().Sub(start).Minutes()); got != want {
				t.Errorf("the hop came to +%d min, want +%d", got, want)
			}
		}
		time.Sleep(2 * hopEvery)
		if page.clock.Riding() || page.speed() != 0 || f.clock.Now().Sub(start) != 15*time.Minute {
			t.Errorf("after the last deadline: riding %t, speed %d, at +%s", page.clock.Riding(), page.speed(), f.clock.Now().Sub(start))
		}
	})
}

// The closing card in the customer's own room ends the ride; one of somebody
// else does not.
func TestRideEndsAtTheClosingCard(t *testing.T) {
	_, f := newFake(t)
	page := f.page
	closing := func(c Customer) {
		t.Helper()
		s := bot.Sending{Room: c.Front, Kind: desk.NSafe, Card: card.Card{Title: "平安证明"}}
		if _, err := page.Platform(c.Front.Platform).Send(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	page.clock.board("acme", desk.NSafe)
	closing(f.Customers()[1])
	if !page.clock.Riding() {
		t.Error("the closing card of another customer ended the ride")
	}
	closing(f.Customers()[0])
	if page.clock.Riding() {
		t.Error("the ride goes on after the closing card")
	}
}

// A ride to the inspection goes on past a closing card.
func TestRideEndsAtTheInspection(t *testing.T) {
	_, f := newFake(t)
	acme := f.Customers()[0]
	f.page.clock.board("acme", desk.NInspection)
	for _, kind := range []desk.NoticeKind{desk.NSafe, desk.NInspection} {
		s := bot.Sending{Room: acme.Front, Kind: kind, Card: card.Card{Title: "每日巡检"}}
		if _, err := f.page.Platform(acme.Front.Platform).Send(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if got, want := f.page.clock.Riding(), kind == desk.NSafe; got != want {
			t.Errorf("after %s: riding %t", kind, got)
		}
	}
}

// Whatever else moves time, and the reset, ends a ride.
func TestRideIsCancelled(t *testing.T) {
	for _, op := range []string{"pause", "x1", "x3600", "minute", "next", "reset"} {
		page, f := newFake(t)
		f.listen(t)
		h := page.Handler()
		send(t, h, "/api/say", `{"customer":"acme","room":"front","person":"lihua","text":"出事了"}`)
		send(t, h, "/api/time", `{"op":"closing","customer":"acme"}`)
		if s := stateOf(t, h, "customer=acme"); !s.Riding || s.Speed != 0 {
			t.Fatalf("after closing: riding %t, speed %d", s.Riding, s.Speed)
		}
		path, body := "/api/time", fmt.Sprintf(`{"op":%q,"customer":"acme"}`, op)
		if op == "reset" {
			path, body = "/api/reset", `{}`
		}
		if status, id := send(t, h, path, body); status != 200 || page.clock.Riding() {
			t.Errorf("%s: %d %s, riding %t", op, status, id, page.clock.Riding())
		}
	}
}

// A pause that comes while a hop waits for its turn is obeyed.
func TestRideIsCancelledBeforeItsHop(t *testing.T) {
	page, f := ladder(t)
	page.clock.board("acme", desk.NSafe)
	r := page.clock.turnToHop(time.Now())
	page.clock.SetSpeed(0)
	if _, err := page.clock.hop(t.Context(), f, r); err != nil || !f.clock.Now().Equal(start) {
		t.Errorf("after the pause the clock stands at +%s: %v", f.clock.Now().Sub(start), err)
	}
}

// A customer whose deadlines never end does not ride for ever.
func TestRideIsBounded(t *testing.T) {
	for _, test := range []struct {
		name  string
		every time.Duration
		want  time.Duration
	}{
		{"hops", time.Minute, maxHops * time.Minute},
		{"time", 7 * 24 * time.Hour, 14 * 24 * time.Hour},
	} {
		_, f := newFake(t)
		c, w := f.clock, endless{f, test.every}
		c.board("acme", desk.NSafe)
		for n := 0; c.Riding() && n <= maxHops; n++ {
			if _, err := c.hop(t.Context(), w, c.ride); err != nil {
				t.Fatal(err)
			}
		}
		if c.Riding() || c.Now().Sub(start) != test.want {
			t.Errorf("bounded by %s: riding %t at +%s, want +%s", test.name, c.Riding(), c.Now().Sub(start), test.want)
		}
	}
}

// endless is a world where something is due again and again.
type endless struct {
	*fake
	every time.Duration
}

func (w endless) Next(context.Context, string) (time.Time, bool) {
	return start.Add((w.clock.Now().Sub(start)/w.every + 1) * w.every), true
}

// A world that fails ends the ride, and the page says why.
func TestRideEndsOnFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page, f, cancel := board(t)
		defer synctest.Wait()
		defer cancel()
		f.mu.Lock()
		f.deaf = context.DeadlineExceeded
		f.mu.Unlock()
		time.Sleep(4 * hopEvery)
		page.mu.Lock()
		defer page.mu.Unlock()
		if page.clock.Riding() || page.trouble == "" {
			t.Errorf("riding %t, trouble %q", page.clock.Riding(), page.trouble)
		}
	})
}
