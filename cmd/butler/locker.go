package main

import (
	"context"
	"errors"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// turner is a store on which several processes work: Turn gives a job to one of
// them for a span.
type turner interface {
	Turn(ctx context.Context, job string, span time.Duration) (mine bool, err error)
}

// locker lets one replica at a time run a job of the metronome. The lock is
// never released: a job that takes no time would otherwise run again on a
// process whose clock is a little behind. It ends by itself after span, which is
// longer than clocks differ and shorter than the job's period.
type locker struct {
	store turner
	span  time.Duration
}

var errElsewhere = errors.New("another process runs this job")

// Lock takes the job, or says who does not get it.
func (l locker) Lock(ctx context.Context, job string) (gocron.Lock, error) {
	mine, err := l.store.Turn(ctx, job, l.span)
	switch {
	case err != nil:
		return nil, err
	case !mine:
		return nil, errElsewhere
	}
	return kept{}, nil
}

// kept is a lock that ends by itself.
type kept struct{}

// Unlock does nothing.
func (kept) Unlock(context.Context) error { return nil }
