package probe

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// gates let one connection at a time through to an address, with a pause between
// two, whoever's asset it is.
type gates struct {
	mu sync.Mutex
	at map[netip.Addr]*gate
}

type gate struct {
	turn  chan struct{} // holds one token while somebody is through
	using int           // through, or waiting
	last  time.Time     // when somebody left
}

// enter waits for the turn at an address and for the pause after the one before.
// leave must be called once.
func (g *gates) enter(ctx context.Context, addr netip.Addr, pause time.Duration) (leave func(), err error) {
	g.mu.Lock()
	for a, x := range g.at {
		if x.using == 0 && time.Since(x.last) > time.Minute {
			delete(g.at, a)
		}
	}
	x := g.at[addr]
	if x == nil {
		x = &gate{turn: make(chan struct{}, 1)}
		if g.at == nil {
			g.at = map[netip.Addr]*gate{}
		}
		g.at[addr] = x
	}
	x.using++
	g.mu.Unlock()

	out := func() {
		g.mu.Lock()
		x.using--
		g.mu.Unlock()
	}
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		out()
		return nil, ctx.Err()
	}
	leave = sync.OnceFunc(func() {
		g.mu.Lock()
		x.using--
		x.last = time.Now()
		g.mu.Unlock()
		<-x.turn
	})
	if pause > 0 && !x.last.IsZero() { // last is ours to read while we hold the turn
		wait := pause + rand.N(pause) - time.Since(x.last)
		if err := sleep(ctx, wait); err != nil {
			leave()
			return nil, err
		}
	}
	return leave, nil
}

// sleep waits, or returns why it did not.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
