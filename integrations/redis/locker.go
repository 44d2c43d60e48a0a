package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/redis/go-redis/v9"
)

// errTaken is what gocron hears when another process runs a job: it skips it.
var errTaken = errors.New("another process runs this job")

// Locker lets one process at a time run a job of the metronome: who comes first
// keeps the others away for span, by Redis' clock. The lock is never released,
// because a job that takes no time would otherwise run again on a process whose
// clock is a little behind. So span has to be longer than the clocks differ and
// shorter than the job's period; gocron.WithDistributedJobLocker gives a job a
// Locker of its own. Without Redis nobody runs the job.
func (s *Store) Locker(span time.Duration) gocron.Locker { return locker{s, span} }

type locker struct {
	s    *Store
	span time.Duration
}

// Lock takes the job with this name, or fails.
func (l locker) Lock(ctx context.Context, job string) (gocron.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// SET … NX GET answers who holds it. Our own token means that the client
	// repeated a command whose reply was lost.
	token := l.s.token()
	held, err := l.s.rdb.SetArgs(ctx, l.s.names.lock(job), token, redis.SetArgs{Mode: "NX", Get: true, TTL: l.span}).Result()
	switch {
	case errors.Is(err, redis.Nil) || err == nil && held == token:
		return kept{}, nil
	case err != nil:
		return nil, fmt.Errorf("redis: locking the job %s: %w", job, err)
	}
	return nil, errTaken
}

// kept is a lock that ends by itself.
type kept struct{}

func (kept) Unlock(context.Context) error { return nil }

// token is a word that nobody else uses: for a claim, or a lock.
func (s *Store) token() string { return s.id + "." + strconv.FormatInt(s.tokens.Add(1), 36) }
