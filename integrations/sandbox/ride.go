package sandbox

import (
	"context"
	"time"

	"butler/bot/chat"
	"butler/bot/desk"
)

// The bounds of a ride, for a customer who has nothing that ever closes.
const (
	// hopEvery is the real time between two hops: slow enough to be seen, and
	// fifteen days of follow-up with their inspections pass in some ten seconds.
	hopEvery = 300 * time.Millisecond
	// maxHops and maxRide are how many deadlines and how much virtual time one
	// ride passes; a closing card comes on day 16 (bot/desk, followup.go).
	maxHops = 200
	maxRide = 20 * 24 * time.Hour
)

// rides are the operations that ride, with what each of them waits to see.
var rides = map[string]desk.NoticeKind{"closing": desk.NSafe, "inspection": desk.NInspection}

// ride goes from deadline to deadline of one customer until a notice of a kind is
// told in the front. Time stands between two hops, and after the last one.
type ride struct {
	customer string
	to       desk.NoticeKind
	until    time.Time // no hop goes beyond, virtual
	hops     int
	last     time.Time // of the last hop, real
}

// Riding reports whether the clock is hopping from deadline to deadline.
func (c *Clock) Riding() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ride != nil
}

// board starts a ride in place of whatever the clock did. Any speed ends it.
func (c *Clock) board(customer string, to desk.NoticeKind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speed, c.ride = 0, &ride{customer: customer, to: to, until: c.now.Add(maxRide)}
}

// alight ends the ride; without one it does nothing.
func (c *Clock) alight() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ride = nil
}

// turnToHop returns the ride when the next hop is to be made at a real time.
func (c *Clock) turnToHop(now time.Time) *ride {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.ride
	if r == nil || now.Sub(r.last) < hopEvery {
		return nil
	}
	r.last = now
	return r
}

// hop advances the world by one deadline of the customer of a ride. The ride
// ends when there is none within its bounds.
func (c *Clock) hop(ctx context.Context, w World, r *ride) (stops int, err error) {
	return c.advance(ctx, w, func(time.Time) (time.Time, bool) {
		next, ok := w.Next(ctx, r.customer)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.ride != r { // somebody got off while this hop waited for its turn
			return time.Time{}, false
		}
		r.hops++
		if !ok || next.After(r.until) || r.hops > maxHops {
			c.ride = nil
			return time.Time{}, false
		}
		return next, true
	})
}

// arrived ends the ride that waits for a notice which was told in a room.
func (p *Page) arrived(room chat.Room, kind desk.NoticeKind) {
	if p.clock == nil {
		return
	}
	p.clock.mu.Lock()
	r := p.clock.ride
	p.clock.mu.Unlock()
	if r == nil || r.to != kind {
		return
	}
	if c, err := p.customer(r.customer); err == nil && c.Front.String() == room.String() {
		p.clock.alight()
	}
}
