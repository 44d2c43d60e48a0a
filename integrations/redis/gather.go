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
	// maxBatch is how many calls share a pipeline; Redis serves a pipeline whole
	// before it turns to others, ~40 µs a commit.
	maxBatch = 64
	// inFlight is how many pipelines are under way at a time: one is being
	// served while the next is being filled.
	inFlight = 2
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
	w := &waiter{call: call{script: s, keys: keys, args: args}, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	start := g.running < inFlight
	if start {
		g.running++
	}
	g.mu.Unlock()
	if start {
		go g.drain()
	}
	select {
	case <-w.done:
		return w.out, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// drain sends pipelines until nobody waits.
func (g *gather) drain() {
	for {
		batch := g.take()
		if batch == nil {
			return
		}
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
