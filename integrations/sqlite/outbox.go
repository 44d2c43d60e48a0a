package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"butler/bot"
)

// Claim leases the heads of the lanes that may be sent now: those that hold an
// urgent letter, then others, each kind by (ready, lane).
func (s *Store) Claim(ctx context.Context, max, ordinary int, lease time.Duration) (bot.Claimed, error) {
	var out bot.Claimed
	err := s.submit(ctx, func(w *writer, now time.Time) error {
		out = bot.Claimed{Now: now}
		lanes, err := names(w.urgentOffers, now, max)
		if err != nil {
			return err
		}
		others, err := names(w.offers, now, min(ordinary, max-len(lanes)))
		if err != nil {
			return err
		}
		for _, lane := range append(lanes, others...) {
			l, err := w.claim(lane, ceil(now.Add(lease)))
			if err != nil {
				return err
			}
			out.Letters = append(out.Letters, l)
		}
		out.Next, err = moment(w.nextOffer.QueryRowContext(context.Background(), now.UnixMilli()))
		return err
	})
	if err != nil {
		return bot.Claimed{}, s.explain("claim", err)
	}
	return out, nil
}

// names are the lanes that a statement offers now, at most max.
func names(offers *sql.Stmt, now time.Time, max int) ([]string, error) {
	if max <= 0 {
		return nil, nil
	}
	rows, err := offers.QueryContext(context.Background(), now.UnixMilli(), max)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lanes []string
	for rows.Next() {
		var lane string
		if err := rows.Scan(&lane); err != nil {
			return nil, err
		}
		lanes = append(lanes, lane)
	}
	return lanes, rows.Err()
}

// claim leases the head of a lane. No two leases are the same, also not across
// restarts.
func (w *writer) claim(lane string, until int64) (bot.Letter, error) {
	ctx := context.Background()
	l := bot.Letter{Lane: lane}
	var id, queued int64
	var body sql.RawBytes
	rows, err := w.head.QueryContext(ctx, lane)
	if err != nil {
		return l, err
	}
	defer rows.Close()
	if !rows.Next() {
		return l, errors.Join(rows.Err(), fmt.Errorf("lane %q waits with no letter in it; the store is damaged: restore it from a backup", lane))
	}
	if err := rows.Scan(&id, &l.Urgent, &l.Customer, &l.ID, &queued, &l.Attempt, &body); err != nil {
		return l, err
	}
	l.Body = append([]byte(nil), body...)
	if err := rows.Close(); err != nil {
		return l, err
	}
	l.Attempt++
	l.Queued = time.UnixMilli(queued).UTC()
	w.leases++
	l.Lease = fmt.Sprintf("%s.%d", w.boot, w.leases)
	if _, err := w.attempt.ExecContext(ctx, l.Attempt, id); err != nil {
		return l, err
	}
	_, err = w.lease.ExecContext(ctx, until, l.Lease, id, lane)
	return l, err
}

// Settle says what became of a claimed letter.
func (s *Store) Settle(ctx context.Context, l bot.Letter, how bot.Settlement) error {
	return s.explain("settle", s.submit(ctx, func(w *writer, now time.Time) error {
		ctx := context.Background()
		var id int64
		err := w.leased.QueryRowContext(ctx, l.Lane, l.Lease).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // another took over, or it was settled before
		}
		if err != nil {
			return err
		}
		rested := ceil(now.Add(how.After))
		if !how.Done {
			_, err = w.settleWait.ExecContext(ctx, rested, l.Lane)
			return err
		}
		if _, err := w.dropLetter.ExecContext(ctx, id); err != nil {
			return err
		}
		_, err = w.settleDone.ExecContext(ctx, rested, l.Lane)
		return err
	}))
}

// Rouse ends the rest of a lane in which letters wait.
func (s *Store) Rouse(ctx context.Context, _, lane string) error {
	return s.explain("rouse", s.submit(ctx, func(w *writer, now time.Time) error {
		_, err := w.rouse.ExecContext(context.Background(), now.UnixMilli(), lane)
		w.nudge = true
		return err
	}))
}

// Outbox returns how many letters wait, and since when the oldest lane could
// have been sent.
func (s *Store) Outbox(ctx context.Context) (bot.Backlog, error) {
	b := bot.Backlog{Now: s.time()}
	var oldest sql.NullInt64
	err := s.reads.backlog.QueryRowContext(ctx).Scan(&b.Letters, &oldest)
	if err != nil {
		return bot.Backlog{}, s.explain("outbox", err)
	}
	b.Oldest = instant(oldest)
	return b, nil
}

// moment reads a time that may be NULL, in unix milliseconds.
func moment(row *sql.Row) (time.Time, error) {
	var ms sql.NullInt64
	err := row.Scan(&ms)
	return instant(ms), err
}

func instant(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// limit is a LIMIT for max: SQLite takes a negative one for "all".
func limit(max int) int {
	if max < 0 {
		return 0
	}
	return max
}
