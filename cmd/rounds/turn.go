package rounds

import (
	"context"
	"fmt"
	"time"
)

// mine reports whether the round after a number is ours to make: of several processes
// one takes the turn, and keeps it until the next number is written. Until is when
// the round must be over, for soon after another process may take the turn.
func (r *Rounds) mine(ctx context.Context, customer string, number int) (until time.Time, mine bool, err error) {
	now := time.Now() // turns end by the clock of the world
	until = now.Add(turn - reserve)
	shared, ok := r.o.Store.(Turner)
	if !ok {
		return until, true, nil
	}
	r.mu.Lock()
	h := r.held[customer]
	r.mu.Unlock()
	if h.number == number && now.Before(h.until) {
		return h.until, true, nil // the last write failed, and the turn is still ours
	}
	mine, err = shared.Turn(ctx, fmt.Sprintf("round:%s:%d", customer, number), turn)
	if err != nil {
		return until, false, fmt.Errorf("asking whose round of %s it is: %w", customer, err)
	}
	if mine {
		r.mu.Lock()
		r.held[customer] = held{number, until}
		r.mu.Unlock()
	}
	return until, mine, nil
}

func (r *Rounds) isStuck(customer string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry(customer).stuck
}

func (r *Rounds) setStuck(customer string, stuck bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entry(customer).stuck = stuck
}

// fail says that a round failed, unless the service is ending. A store that is down
// fails for all customers at once: of each class of failures one line a minute is
// written, which counts the others.
func (r *Rounds) fail(ctx context.Context, class, customer string, err error) {
	if ctx.Err() != nil {
		return
	}
	r.Count.Failed.Add(1)
	r.mu.Lock()
	c := r.failed[class]
	if c == nil {
		c = &failures{}
		r.failed[class] = c
	}
	now, more := time.Now(), c.more
	if !c.said.IsZero() && now.Sub(c.said) < time.Minute {
		c.more++
		r.mu.Unlock()
		return
	}
	c.said, c.more = now, 0
	r.mu.Unlock()
	r.log.Error("rounds: not all could be looked at or told", "what", class, "customer", customer, "error", err, "more since the last line", more)
}

// failures of one class.
type failures struct {
	said time.Time
	more int // of which no line was written
}
