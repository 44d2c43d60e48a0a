package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"butler/bot"
)

// Commit writes one change or nothing.
func (s *Store) Commit(ctx context.Context, c bot.Commit) error {
	if err := c.Check(); err != nil {
		return err
	}
	b := encode(c) // here, so that callers encode side by side
	return s.explain("commit", s.submit(ctx, func(w *writer, now time.Time) error { return w.apply(c, b, now) }))
}

// encoded are the texts of a commit.
type encoded struct {
	head, record string
	cases        []caseText
}

type caseText struct {
	n    int
	body string // "" for a case that is to be removed
}

func encode(c bot.Commit) encoded {
	e := encoded{head: string(c.Desk.EncodeHead()), record: string(c.Record.Encode())}
	for _, n := range c.Touched {
		t := caseText{n: n}
		if k, ok := c.Desk.Case(n); ok {
			t.body = string(k.Encode())
		}
		e.cases = append(e.cases, t)
	}
	return e
}

// apply checks a commit, then writes it. The seen-mark is the last check and the
// first write in one: when the mark stands, nothing is written.
func (w *writer) apply(c bot.Commit, e encoded, now time.Time) error {
	ctx := context.Background()
	var version int
	if err := w.version.QueryRowContext(ctx, c.Customer).Scan(&version); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if c.Version < version {
		var op string
		if err := w.op.QueryRowContext(ctx, c.Customer, c.Version).Scan(&op); err != nil {
			return err
		}
		if op == c.Op {
			return nil // this very commit was applied before
		}
	}
	if c.Version != version {
		return w.refuse(c, now)
	}
	if c.Seen != "" {
		r, err := w.mark.ExecContext(ctx, c.Customer, c.Seen, now.Add(bot.SeenFor).UnixMilli(), now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, bot.ErrSeen)
		}
	}
	return w.put(c, e, now)
}

// refuse says why a commit at another version than the desk's is not applied: a
// known input needs no second decision.
func (w *writer) refuse(c bot.Commit, now time.Time) error {
	var known int
	err := w.known.QueryRowContext(context.Background(), c.Customer, c.Seen, now.UnixMilli()).Scan(&known)
	switch {
	case c.Seen == "" || errors.Is(err, sql.ErrNoRows):
		return bot.ErrConflict
	case err != nil:
		return err
	}
	return bot.ErrSeen
}

func (w *writer) put(c bot.Commit, e encoded, now time.Time) error {
	var err error
	do := func(stmt *sql.Stmt, args ...any) {
		if err == nil {
			_, err = stmt.ExecContext(context.Background(), args...)
		}
	}
	var wake any // NULL for none
	if !c.Wake.IsZero() {
		wake = ceil(c.Wake)
	}
	do(w.putDesk, c.Customer, c.Version+1, wake, e.head)
	for _, t := range e.cases {
		if t.body == "" {
			do(w.dropCase, c.Customer, t.n)
		} else {
			do(w.putCase, c.Customer, t.n, t.body)
		}
	}
	do(w.append, c.Customer, c.Version, c.Op, e.record)
	for _, l := range c.Letters {
		do(w.putLetter, l.Lane, l.Urgent, l.Customer, l.ID, now.UnixMilli(), string(l.Body))
		do(w.openLane, l.Lane, now.UnixMilli(), l.Urgent)
	}
	if len(c.Letters) > 0 || !c.Wake.IsZero() && c.Wake.Sub(now) <= time.Second {
		w.nudge = true
	}
	return err
}

// ceil is a time in whole milliseconds, rounded up: never early.
func ceil(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

// Prune forgets the seen-marks that have expired. It looks for them beside the
// writing and drops a few at a time, so that no commit waits long behind it.
func (s *Store) Prune(ctx context.Context) error {
	const batch = 200
	for {
		var marks [][2]string
		err := each(ctx, s.reads.expired, func(r *sql.Rows) error {
			var m [2]string
			err := r.Scan(&m[0], &m[1])
			marks = append(marks, m)
			return err
		}, s.time().UnixMilli(), batch)
		if err == nil && len(marks) > 0 {
			err = s.submit(ctx, func(w *writer, now time.Time) error {
				for _, m := range marks {
					if _, err := w.forget.ExecContext(context.Background(), m[0], m[1], now.UnixMilli()); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil || len(marks) < batch {
			return s.explain("prune", err)
		}
	}
}

// maxParked is how many parked inputs are kept (bot.Store).
const maxParked = 1000

// Park keeps an input that broke a rule.
func (s *Store) Park(ctx context.Context, p bot.ParkedInput) error {
	return s.explain("park", s.submit(ctx, func(w *writer, _ time.Time) error {
		ctx := context.Background()
		if _, err := w.park.ExecContext(ctx, p.Customer, p.At.Format(time.RFC3339Nano), p.Act, string(p.Input), p.Why, p.Stack); err != nil {
			return err
		}
		_, err := w.trim.ExecContext(ctx, maxParked)
		return err
	}))
}
