package redis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// patience is how long one operation may take, retries included, so that a
	// dead server is reported in less than 2 s.
	patience = 1800 * time.Millisecond
	// maxBatch is how many calls share a pipeline. Redis reads 16 KiB of a
	// connection before it turns to the next, and syncs its file once per round
	// over all of them: many small pipelines share a sync, one large one does not.
	maxBatch = 6
	// inFlight is how many pipelines are under way at a time. Measured with 64
	// callers, commits/s over the bare writes: 6×6 1.05–1.08, 2×64 0.70–0.91,
	// each caller for itself 0.72–0.76.
	inFlight = 6
)

// gather puts calls of many callers into one pipeline: whoever comes while
// pipelines are under way waits for the next one. Alone, a caller waits for
// nobody.
type gather struct {
	rdb redis.UniversalClient

	mu      sync.Mutex
	waiting []*waiter
	running int
}

type waiter struct {
	call
	done chan struct{}
}

// do runs one script. It returns when the answer is there or ctx ends; in the
// second case the script may still run.
func (g *gather) do(ctx context.Context, s *script, keys []string, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{call: call{script: s, keys: keys, args: args}}
	g.mu.Lock()
	if g.running < inFlight { // then nobody waits
		g.running++
		g.mu.Unlock()
		return g.alone(ctx, &w.call)
	}
	w.done = make(chan struct{})
	g.waiting = append(g.waiting, w)
	g.mu.Unlock()
	select {
	case <-w.done:
		return w.out, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// alone runs a call at once, on its caller's goroutine, and leaves its place to
// those who came meanwhile.
func (g *gather) alone(ctx context.Context, c *call) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	runAll(ctx, g.rdb, []*call{c})
	if batch := g.take(); batch != nil {
		go g.drain(batch)
	}
	return c.out, c.err
}

// drain sends pipelines until nobody waits.
func (g *gather) drain(batch []*waiter) {
	for ; batch != nil; batch = g.take() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		calls := make([]*call, len(batch))
		for i, w := range batch {
			calls[i] = &w.call
		}
		runAll(ctx, g.rdb, calls)
		cancel()
		for _, w := range batch {
			close(w.done)
		}
	}
}

// take returns the next batch; nil, and one runner fewer, when nobody waits.
func (g *gather) take() []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxBatch)
	if n == 0 {
		g.running--
		return nil
	}
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	return batch
}
