package sandbox

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// The pace of virtual time.
const (
	// beat is how often a running clock moves, in real time.
	beat = 100 * time.Millisecond
	// maxLag is the most real time one beat may stand for. A world that is slower
	// than its clock makes time slow down, not jump.
	maxLag = 250 * time.Millisecond
	// maxStops bounds the deadlines of one advance; reaching it is an error that
	// the page shows.
	maxStops = 10_000
)

// Speeds lists the speeds the page offers: virtual seconds per real second, 0 is paused.
var Speeds = []int{0, 1, 60, 3600}

// Clock is virtual time: it stands still until somebody moves it, and never
// runs backwards except by a reset. Its Now is the time of the store in the
// demo. Safe for use by several goroutines.
type Clock struct {
	mu    sync.Mutex
	start time.Time
	now   time.Time
	speed int
	ride  *ride // while it hops from deadline to deadline; the speed is 0 then

	turn sync.Mutex // held while the world moves: one advance at a time
}

// NewClock returns a clock that stands at start (to the millisecond) and is to
// run at the speed of real time.
func NewClock(start time.Time) *Clock {
	start = start.Truncate(time.Millisecond)
	return &Clock{start: start, now: start, speed: 1}
}

// Now is the virtual time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock forward to t; a moment that lies behind changes nothing.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

// Speed is how many virtual seconds pass in a real one; 0 while paused.
func (c *Clock) Speed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed changes the speed; see Speeds. It ends a ride.
func (c *Clock) SetSpeed(speed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speed, c.ride = speed, nil
}

// reset sets the clock back to its start, at the speed of real time.
func (c *Clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.speed, c.ride = c.start, 1, nil
}

// drive moves the clock while it runs, until ctx ends: every beat by the real
// time that passed times the speed, or on a ride from deadline to deadline.
// moved is called after every move.
func (c *Clock) drive(ctx context.Context, w World, moved func(stops int, err error)) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			lag := min(now.Sub(last), maxLag)
			last = now
			if r := c.turnToHop(now); r != nil {
				stops, err := c.hop(ctx, w, r)
				if ctx.Err() != nil {
					return
				}
				moved(stops, err)
				continue
			}
			speed := c.Speed()
			if speed == 0 {
				continue
			}
			stops, err := c.advance(ctx, w, func(virtual time.Time) (time.Time, bool) {
				// Somebody may have pressed pause while this beat waited for its turn.
				return virtual.Add(lag * time.Duration(speed)), c.Speed() == speed
			})
			if ctx.Err() != nil {
				return
			}
			moved(stops, err)
		}
	}
}

// advance brings the world to the moment that to names, stopping at every
// deadline on the way, and says at how many it stopped. A world that fails
// stays where it is and the clock pauses.
func (c *Clock) advance(ctx context.Context, w World, to func(now time.Time) (time.Time, bool)) (stops int, err error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	target, ok := to(c.Now())
	if !ok {
		return 0, nil
	}
	defer func() {
		if err != nil {
			c.SetSpeed(0)
		}
	}()
	stuck := false // what is due now stays due: go on, the world keeps the order itself
	for stops < maxStops {
		now, stop := c.Now(), target
		next, ok := w.Next(ctx, "")
		if ok && next.Before(target) && !stuck {
			stop = next
		}
		if stop.Before(now) {
			stop = now
		}
		if err := w.Advance(ctx, stop); err != nil {
			return stops, err
		}
		c.Set(stop)
		if ok && !next.After(stop) {
			stops++
		}
		if stop.Equal(target) || stop.After(target) {
			return stops, nil
		}
		stuck = stop.Equal(now)
	}
	return stops, fmt.Errorf("more than %d deadlines before %s; time stands at %s", maxStops,
		target.Format(time.RFC3339), c.Now().Format(time.RFC3339))
}
