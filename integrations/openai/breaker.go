package openai

import (
	"math/rand/v2"
	"sync"
	"time"

	"butler/bot"
)

// Of the breaker. An endpoint that is down is asked five times, then once after
// half a minute, and ever more rarely.
const (
	failuresInARow = 5
	firstPause     = 30 * time.Second
	lastPause      = 10 * time.Minute
	longestRest    = time.Hour // that an endpoint may ask for by Retry-After
)

// sign is what a question told about the endpoint.
type sign int

const (
	unknown sign = iota // the caller gave up, or nothing was sent
	working
	failing
)

// pass lets one question through.
type pass struct{ probe bool }

// breaker keeps questions from an endpoint that does not answer. The zero value is
// closed: all pass.
type breaker struct {
	mu      sync.Mutex
	failed  int           // questions in a row
	until   time.Time     // nobody passes before; zero: closed
	pause   time.Duration // the last one
	probing bool          // one question is finding out whether it works again
	why     string
}

// enter lets a question through, or says for how long it is no use. After the
// pause one passes as a probe, and the others wait for what it finds.
func (b *breaker) enter(now time.Time) (pass, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return pass{}, nil
	case now.Before(b.until):
		return pass{}, &bot.Unavailable{After: b.until.Sub(now), Why: b.why}
	case b.probing:
		return pass{}, &bot.Unavailable{Why: b.why}
	}
	b.probing = true
	return pass{probe: true}, nil
}

// leave notes how a question went, and says whether that opened the breaker (and
// for how long) or closed it.
func (b *breaker) leave(p pass, s sign, f *failure, now time.Time) (pause time.Duration, changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.probe {
		b.probing = false
	}
	switch {
	case s == unknown:
		return 0, false
	case s == working:
		changed = !b.until.IsZero()
		b.failed, b.until, b.pause, b.why = 0, time.Time{}, 0, ""
		return 0, changed
	case !p.probe && !b.until.IsZero():
		return 0, false // it set out before the pause; the probe counts
	}
	b.failed++
	pause = b.next(f)
	if pause == 0 {
		return 0, false
	}
	b.pause = pause
	// Processes that began to wait together do not come back together.
	pause = max(pause+rand.N(pause/5+1), min(f.rest, longestRest))
	b.until, b.why = now.Add(pause), f.why
	return pause, true
}

// next is how long the pause is that a failure brings; 0: none. The lock is held.
func (b *breaker) next(f *failure) time.Duration {
	switch {
	case b.pause > 0:
		return min(2*b.pause, lastPause)
	case f.final:
		return lastPause
	case b.failed >= failuresInARow:
		return firstPause
	}
	return min(f.rest, longestRest)
}

// left is how long nobody passes.
func (b *breaker) left(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.until.Sub(now), 0)
}
