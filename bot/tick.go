package bot

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"butler/bot/desk"
)

// MaxSleep is how long a process may sleep between two ticks, whatever it was
// told: a nudge may get lost (reference: every wait needs a bounded fallback).
const MaxSleep = time.Second

// Tick handles every desk whose wake has come, and returns how long to sleep
// until the next one, at most MaxSleep. The store's clock decides what is due;
// nothing fires early.
func (b *Bot) Tick(ctx context.Context) (time.Duration, error) {
	for {
		due, err := b.o.Store.Due(ctx, 256)
		if err != nil {
			return MaxSleep, err
		}
		if len(due.Wakes) == 0 {
			if due.Next.IsZero() {
				return MaxSleep, nil
			}
			return min(max(due.Next.Sub(due.Now), 0), MaxSleep), nil
		}
		if moved := b.wakeAll(ctx, due.Wakes); ctx.Err() != nil {
			return 0, ctx.Err()
		} else if !moved {
			return restless, nil
		}
	}
}

// restless is how long to sleep when something is due and nothing moves: others
// are at it, or a broken rule holds a desk.
const restless = 100 * time.Millisecond

// wakesAhead is how many desks are woken at a time for each letter that may be on
// its way: waking one is two short trips to the store, which serves many callers
// with one sync of its disk.
const wakesAhead = 4

// wakeAll handles due desks, side by side up to a bound; where letters go one at a
// time (Options.Parallel is 1) in their order. It reports whether any of them moved.
func (b *Bot) wakeAll(ctx context.Context, wakes []Wake) bool {
	var moved atomic.Bool
	one := func(w Wake) {
		ok, err := b.wake(ctx, w)
		if err != nil && ctx.Err() == nil {
			b.log.Error("waking a desk", "customer", w.Customer, "error", err)
		}
		if ok {
			moved.Store(true)
		}
	}
	if b.o.Parallel == 1 {
		for _, w := range wakes {
			one(w)
		}
		return moved.Load()
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, wakesAhead*b.o.Parallel)
	for _, w := range wakes {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			one(w)
		})
	}
	wg.Wait()
	return moved.Load()
}

// wake handles one due desk. A wake that leads to nothing twice is an entry of
// the store that no longer fits its desk: it is written anew.
func (b *Bot) wake(ctx context.Context, w Wake) (moved bool, err error) {
	if !b.Directory().has(w.Customer) {
		// A customer who left the config: their desk sleeps on.
		if old, ok := b.stale.Load(w.Customer); !ok || !old.(time.Time).Equal(w.At) {
			b.stale.Store(w.Customer, w.At)
			b.log.Warn("a desk is due whose customer is not in the config", "customer", w.Customer)
		}
		return false, nil
	}
	moved, err = b.handle(ctx, w.Customer, desk.Input{At: w.At, Actor: desk.Actor{Role: desk.System}, Act: desk.Woke{}})
	if err != nil {
		return false, err
	}
	b.Count.Woken.Add(1)
	if moved {
		return true, nil
	}
	if old, ok := b.stale.Load(w.Customer); ok && old.(time.Time).Equal(w.At) {
		b.stale.Delete(w.Customer)
		return true, b.rewake(ctx, w.Customer)
	}
	b.stale.Store(w.Customer, w.At)
	return false, nil
}

// canMove reports whether waking would do anything: not for a customer who left
// the config, nor for a desk whose deadline breaks a rule.
func (b *Bot) canMove(wakes []Wake) bool {
	for _, w := range wakes {
		bad, poisoned := b.poisoned.Load(w.Customer)
		if b.Directory().has(w.Customer) && !(poisoned && bad.(time.Time).Equal(w.At)) {
			return true
		}
	}
	return false
}

// rewake writes a desk's wake anew without changing the desk.
func (b *Bot) rewake(ctx context.Context, customer string) error {
	b.cache.drop(customer)
	h, _ := b.Directory().Home(customer)
	l, err := b.o.Store.Load(ctx, customer)
	if err != nil {
		return err
	}
	d := l.Desk
	d.Customer, d.Terms = customer, h.Terms
	if w := d.Wake(); !w.IsZero() && !w.After(l.Now) {
		return nil // it is due in truth: a broken rule keeps it there, and Handle has said so
	}
	return b.o.Store.Commit(ctx, NewCommit(l.Version, b.id, desk.Input{Act: desk.Woke{}}, desk.Change{Next: d}, l.Now))
}

// Settable is a clock that a test or the sandbox owns.
type Settable interface {
	Now() time.Time
	Set(time.Time)
}

// Advance moves an owned clock to a moment and does everything that falls due on
// the way, each thing at its own time: never a jump over a deadline, which would
// look like an outage.
func (b *Bot) Advance(ctx context.Context, clock Settable, to time.Time) error {
	for {
		next, err := b.Quiesce(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(to) {
			if clock.Now().Before(to) {
				clock.Set(to)
			}
			_, err := b.Quiesce(ctx)
			return err
		}
		if next.After(clock.Now()) {
			clock.Set(next)
		}
	}
}

// Quiesce ticks and delivers until nothing more happens at the present moment,
// and returns when something will: the earliest wake or resting lane; zero when
// never.
func (b *Bot) Quiesce(ctx context.Context) (time.Time, error) {
	for {
		if _, err := b.Tick(ctx); err != nil {
			return time.Time{}, err
		}
		told, retry, err := b.Deliver(ctx)
		if err != nil {
			return time.Time{}, err
		}
		due, err := b.o.Store.Due(ctx, 1)
		if err != nil {
			return time.Time{}, err
		}
		if told == 0 && len(due.Wakes) == 0 {
			next := due.Next
			if next.IsZero() || !retry.IsZero() && retry.Before(next) {
				next = retry
			}
			return next, nil
		}
		if told == 0 && !b.canMove(due.Wakes) {
			return due.Next, nil
		}
	}
}
