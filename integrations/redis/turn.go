package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Turn reports whether it is this process' turn to run a job that only one of
// the processes should run, such as those of the metronome: who comes first
// keeps the others away for span, by Redis' clock. A turn is never given back,
// because a job that takes no time would otherwise run again on a process whose
// clock is a little behind. So span has to be longer than the clocks differ and
// shorter than the job's period. An error means that nobody knows: do not run.
func (s *Store) Turn(ctx context.Context, job string, span time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// SET … NX GET answers who holds it. Our own token means that the client
	// repeated a command whose reply was lost.
	token := s.token()
	held, err := s.rdb.SetArgs(ctx, s.names.turn(job), token, redis.SetArgs{Mode: "NX", Get: true, TTL: span}).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("redis: asking whose turn the job %s is: %w", job, err)
	}
	return held == token, nil
}

// token is a word that nobody else uses: for a claim, or a turn.
func (s *Store) token() string { return s.id + "." + strconv.FormatInt(s.tokens.Add(1), 36) }
