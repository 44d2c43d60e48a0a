package bot

import (
	"context"
	"sync"
	"time"
)

// Pace keeps the sendings of one process below what a platform allows an app in
// all rooms together, and leaves room for what is urgent: ordinary sendings never
// take the last of what may go at once. It is a bucket that fills steadily; it
// sleeps for nobody and knows no clock, so whoever sends asks again after the
// wait it was told. It is safe for concurrent use.
//
// Processes do not know what others spend. So a platform that refuses makes the
// pace slower, and it grows again while nothing is refused: several processes find
// their shares.
type Pace struct {
	PerSecond float64 // sendings a second that the bucket gains
	Burst     float64 // what it holds at most: so many may go at once after a pause
	Reserve   float64 // the part of Burst that only urgent sendings may take

	mu    sync.Mutex
	level float64
	share float64 // of PerSecond, after refusals
	at    time.Time
}

// How a pace follows refusals.
const (
	paceSlower = 0.7  // what a refusal leaves of it
	paceLeast  = 0.1  // the share of PerSecond below which it does not fall
	paceGrows  = 0.02 // of PerSecond, in each second without a refusal
)

// Take lets one sending go now, and answers 0; otherwise how long to wait before
// asking again, which is more than 0.
func (p *Pace) Take(now time.Time, urgent bool) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill(now)
	need := 1.0
	if !urgent {
		need += p.Reserve
	}
	if lack := need - p.level; lack > 0 {
		return time.Duration(lack/(p.PerSecond*p.share)*float64(time.Second)) + time.Millisecond
	}
	p.level--
	return 0
}

// Turn waits until a sending may go, urgent ones before the others; false when ctx
// ends first. now and after are the platform's clock, time.Now and time.After.
func (p *Pace) Turn(ctx context.Context, urgent bool, now func() time.Time, after func(time.Duration) <-chan time.Time) bool {
	for {
		wait := p.Take(now(), urgent)
		if wait == 0 {
			return true
		}
		select {
		case <-after(wait):
		case <-ctx.Done():
			return false
		}
	}
}

// Refused notes that the platform would not take so many: nothing goes for a
// moment, and then they go slower.
func (p *Pace) Refused(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill(now)
	if p.level > 0 { // else it was said for sendings of the same moment already
		p.share = max(p.share*paceSlower, paceLeast)
	}
	p.level = min(p.level, 0)
}

// fill brings the bucket to a time.
func (p *Pace) fill(now time.Time) {
	if p.at.IsZero() {
		p.at, p.level, p.share = now, p.Burst, 1
	}
	gone := now.Sub(p.at).Seconds()
	if gone <= 0 {
		return
	}
	p.at = now
	p.level = min(p.level+gone*p.PerSecond*p.share, p.Burst)
	p.share = min(p.share+gone*paceGrows, 1)
}
