package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Remember keeps a short text under a name.
func (s *Store) Remember(ctx context.Context, name, text string) error {
	return s.explain("remember", s.submit(ctx, func(w *writer, _ time.Time) error {
		_, err := w.remember.ExecContext(context.Background(), name, text)
		return err
	}))
}

// Recall returns it; "" when there is none.
func (s *Store) Recall(ctx context.Context, name string) (text string, err error) {
	err = s.reads.recall.QueryRowContext(ctx, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, s.explain("recall", err)
}

// Add adds n to the number kept under a name.
func (s *Store) Add(ctx context.Context, name string, n int64) (sum int64, err error) {
	err = s.explain("add", s.submit(ctx, func(w *writer, _ time.Time) error {
		return w.add.QueryRowContext(context.Background(), name, n).Scan(&sum)
	}))
	return sum, err
}
