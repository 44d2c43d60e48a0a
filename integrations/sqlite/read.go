package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// reads are the statements that read. Each is one statement, and so sees one
// state of the file.
type reads struct {
	desk, due, late, wakes, journal, backlog, parked, expired, recall, one *sql.Stmt
}

func (s *Store) prepareReads() error {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.reads.desk, `SELECT 0, version, head FROM desk WHERE customer = ?1
			UNION ALL SELECT n, 0, body FROM "case" WHERE customer = ?1`},
		{&s.reads.due, `SELECT * FROM (SELECT customer, wake FROM desk WHERE wake <= ?1 ORDER BY wake, customer LIMIT ?2)
			UNION ALL SELECT NULL, min(wake) FROM desk WHERE wake > ?1`},
		{&s.reads.late, "SELECT customer, wake FROM desk WHERE wake <= ? ORDER BY wake, customer LIMIT ?"},
		{&s.reads.wakes, "SELECT count(*) FROM desk WHERE wake IS NOT NULL"},
		{&s.reads.journal, "SELECT record FROM journal WHERE customer = ? AND k >= ? ORDER BY k LIMIT ?"},
		{&s.reads.backlog, "SELECT (SELECT count(*) FROM letter), (SELECT min(ready) FROM lane WHERE waiting = 1)"},
		{&s.reads.parked, "SELECT customer, at, act, input, why, stack FROM parked ORDER BY id"},
		{&s.reads.expired, "SELECT customer, input FROM seen WHERE until <= ? LIMIT ?"},
		{&s.reads.recall, "SELECT text FROM memo WHERE name = ?"},
		{&s.reads.one, "SELECT 1 FROM sqlite_schema LIMIT 1"},
	} {
		var err error
		if *p.stmt, err = s.readers.Prepare(p.text); err != nil {
			return fmt.Errorf("%w (in %s)", err, p.text)
		}
	}
	return nil
}

// each runs a read and hands every row to row.
func each(ctx context.Context, stmt *sql.Stmt, row func(*sql.Rows) error, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Load returns a customer's desk with its version and the store's time.
func (s *Store) Load(ctx context.Context, customer string) (bot.Loaded, error) {
	l := bot.Loaded{Now: s.time()}
	var head []byte
	cases := map[int][]byte{}
	err := each(ctx, s.reads.desk, func(r *sql.Rows) error {
		var n, version int
		var body []byte
		if err := r.Scan(&n, &version, &body); err != nil {
			return err
		}
		if n == 0 {
			head, l.Version = body, version
		} else {
			cases[n] = body
		}
		return nil
	}, customer)
	if err != nil {
		return bot.Loaded{}, s.explain("load", err)
	}
	if head == nil {
		return l, nil
	}
	if l.Desk, err = desk.Decode(head, cases); err != nil {
		return bot.Loaded{}, fmt.Errorf("customer %s: %w", customer, err)
	}
	return l, nil
}

// Due returns the desks whose wake has come, by (wake, customer).
func (s *Store) Due(ctx context.Context, max int) (bot.Due, error) {
	d := bot.Due{Now: s.time()}
	err := each(ctx, s.reads.due, func(r *sql.Rows) error {
		var customer sql.NullString
		var at sql.NullInt64
		if err := r.Scan(&customer, &at); err != nil {
			return err
		}
		if customer.Valid {
			d.Wakes = append(d.Wakes, bot.Wake{Customer: customer.String, At: instant(at)})
		} else {
			d.Next = instant(at)
		}
		return nil
	}, d.Now.UnixMilli(), limit(max))
	if err != nil {
		return bot.Due{}, s.explain("due", err)
	}
	return d, nil
}

// Overdue returns the customers whose wake lies at least late in the past, and
// how many desks have a wake at all.
func (s *Store) Overdue(ctx context.Context, late time.Duration, max int) (bot.Audit, error) {
	a := bot.Audit{Now: s.time()}
	err := each(ctx, s.reads.late, func(r *sql.Rows) error {
		var customer string
		var at int64
		err := r.Scan(&customer, &at)
		a.Late = append(a.Late, bot.Wake{Customer: customer, At: time.UnixMilli(at).UTC()})
		return err
	}, a.Now.Add(-late).UnixMilli(), limit(max))
	if err == nil {
		err = s.reads.wakes.QueryRowContext(ctx).Scan(&a.Desks)
	}
	if err != nil {
		return bot.Audit{}, s.explain("overdue", err)
	}
	return a, nil
}

// Journal returns the records of a customer from index from, at most max.
func (s *Store) Journal(ctx context.Context, customer string, from, max int) ([]desk.Record, error) {
	if from < 0 {
		return nil, nil
	}
	var out []desk.Record
	err := each(ctx, s.reads.journal, func(r *sql.Rows) error {
		var b sql.RawBytes
		if err := r.Scan(&b); err != nil {
			return err
		}
		rec, err := desk.DecodeRecord(b)
		if err != nil {
			return fmt.Errorf("record %d of %s is damaged: %w; restore the store from a backup", from+len(out), customer, err)
		}
		out = append(out, rec)
		return nil
	}, customer, from, limit(max))
	if err != nil {
		return nil, s.explain("journal", err)
	}
	return out, nil
}

// Parked lists the inputs that were parked, newest last.
func (s *Store) Parked(ctx context.Context) ([]bot.ParkedInput, error) {
	var out []bot.ParkedInput
	err := each(ctx, s.reads.parked, func(r *sql.Rows) error {
		var p bot.ParkedInput
		var at string
		if err := r.Scan(&p.Customer, &at, &p.Act, &p.Input, &p.Why, &p.Stack); err != nil {
			return err
		}
		var err error
		p.At, err = time.Parse(time.RFC3339Nano, at)
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, s.explain("parked", err)
	}
	return out, nil
}

// Now returns the store's time, if the file can be read.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var one int
	if err := s.reads.one.QueryRowContext(ctx).Scan(&one); err != nil {
		return time.Time{}, s.explain("now", err)
	}
	return s.time(), nil
}

// Clock is the store's time without asking the file.
func (s *Store) Clock() (time.Time, bool) { return s.time(), true }
