package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Remember keeps a short text under a name. Writing it twice, as a repeated
// command would, changes nothing.
func (s *Store) Remember(ctx context.Context, name, text string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.rdb.Set(ctx, s.names.memo(name), text, 0).Err(); err != nil {
		return fmt.Errorf("redis: remembering %s: %w", name, err)
	}
	return nil
}

// Recall returns it; "" when there is none.
func (s *Store) Recall(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text, err := s.rdb.Get(ctx, s.names.memo(name)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("redis: recalling %s: %w", name, err)
	}
	return text, nil
}

// Add adds n to the number kept under a name. A command that the client repeats
// because its answer was lost counts twice (bot.Store allows it).
func (s *Store) Add(ctx context.Context, name string, n int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sum, err := s.rdb.IncrBy(ctx, s.names.sum(name), n).Result()
	if err != nil {
		return 0, fmt.Errorf("redis: adding to %s: %w", name, err)
	}
	return sum, nil
}
