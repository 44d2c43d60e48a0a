package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"butler/bot"
)

// maxGroup is how many works one transaction carries at most, so that the first
// of them does not wait for a crowd.
const maxGroup = 256

// work is one thing to write. do runs inside a transaction; it checks everything
// before its first write, so that an answer (bot.ErrConflict, bot.ErrSeen) leaves
// nothing behind, and it may run twice, so it begins from nothing.
type work struct {
	do   func(w *writer, now time.Time) error
	err  error
	done chan struct{}
}

// submit has do run in the next group, and returns when its transaction is on
// the disk. A context that ends before the writer takes the work withdraws it;
// one that ends later changes nothing, so that the answer is always the true one.
func (s *Store) submit(ctx context.Context, do func(w *writer, now time.Time) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &work{do: do, done: make(chan struct{})}
	select {
	case s.queue <- w:
		<-w.done
		return w.err
	case <-s.quit:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idle is how long nothing must have been written before the writer carries the
// log back by itself, when nobody waits for it.
const idle = time.Second

// write is the one goroutine that writes.
func (s *Store) write() {
	defer close(s.stopped)
	rested := time.NewTimer(idle)
	defer rested.Stop()
	for {
		select {
		case first := <-s.queue:
			s.run(s.gather(first))
			rested.Reset(idle)
		case <-rested.C:
			s.w.carry.ExecContext(context.Background()) // what it cannot carry now, it will later
		case <-s.quit:
			return
		}
	}
}

// gather collects the works that wait. It lets the others run first: those that
// were just answered are about to come back with their next one.
func (s *Store) gather(first *work) []*work {
	group := []*work{first}
	for before := 0; before < len(group) && len(group) < maxGroup; {
		before = len(group)
		runtime.Gosched()
		group = s.drain(group)
	}
	return group
}

func (s *Store) drain(group []*work) []*work {
	for len(group) < maxGroup {
		select {
		case w := <-s.queue:
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// run writes a group and answers each of its works. When the disk refuses the
// group, each work is tried by itself, and fails or not by itself.
func (s *Store) run(group []*work) {
	now := s.time()
	if err := s.transact(group, now); err != nil && len(group) > 1 {
		for _, k := range group {
			if err := s.transact([]*work{k}, now); err != nil {
				k.err = err
			}
		}
	} else if err != nil {
		group[0].err = err
	}
	for _, k := range group {
		close(k.done)
	}
}

// transact runs the works in one transaction. Their answers stand in their err;
// the error it returns is the transaction's: nothing was written.
func (s *Store) transact(group []*work, now time.Time) (err error) {
	ctx, w := context.Background(), s.w // a transaction that began is finished, whoever went away
	w.nudge = false
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.rollback.ExecContext(ctx) // its own error would only repeat the first
		}
	}()
	for _, k := range group {
		k.err = k.do(w, now)
		if k.err != nil && !isAnswer(k.err) {
			return k.err
		}
	}
	if _, err := w.commit.ExecContext(ctx); err != nil {
		return err
	}
	if w.nudge {
		select {
		case s.nudges <- struct{}{}:
		default: // there is one that nobody has read yet
		}
	}
	return nil
}

// isAnswer reports whether an error is what a store answers when all is well.
func isAnswer(err error) bool {
	return errors.Is(err, bot.ErrConflict) || errors.Is(err, bot.ErrSeen)
}

// writer is the connection that writes, with its statements. Only the goroutine
// of write uses it.
type writer struct {
	conn                    *sql.Conn
	begin, commit, rollback *sql.Stmt
	carry                   *sql.Stmt // the log back into the file
	nudge                   bool      // this transaction brings something to do within a second
	boot                    string    // begins the leases of this process
	leases                  int
	all                     []*sql.Stmt

	version, op, known, mark, forget                  *sql.Stmt
	putDesk, putCase, dropCase, append                *sql.Stmt
	putLetter, openLane                               *sql.Stmt
	urgentOffers, offers, nextOffer                   *sql.Stmt
	head, attempt, lease                              *sql.Stmt
	leased, dropLetter, settleDone, settleWait, rouse *sql.Stmt
	park, trim, remember, add                         *sql.Stmt
}

func newWriter(db *sql.DB) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, boot: rand.Text()}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.carry, "PRAGMA wal_checkpoint(PASSIVE)"},

		{&w.version, "SELECT version FROM desk WHERE customer = ?"},
		{&w.op, "SELECT op FROM journal WHERE customer = ? AND k = ?"},
		{&w.known, "SELECT 1 FROM seen WHERE customer = ? AND input = ? AND until > ?"},
		{&w.mark, `INSERT INTO seen (customer, input, until) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET until = excluded.until WHERE until <= ?4`},
		{&w.forget, "DELETE FROM seen WHERE customer = ? AND input = ? AND until <= ?"},
		{&w.putDesk, `INSERT INTO desk (customer, version, wake, head) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET version = excluded.version, wake = excluded.wake, head = excluded.head`},
		{&w.putCase, `INSERT INTO "case" (customer, n, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`},
		{&w.dropCase, `DELETE FROM "case" WHERE customer = ? AND n = ?`},
		{&w.append, "INSERT INTO journal (customer, k, op, record) VALUES (?, ?, ?, ?)"},

		{&w.putLetter, "INSERT INTO letter (lane, urgent, customer, key, queued, body) VALUES (?, ?, ?, ?, ?, ?)"},
		{&w.openLane, `INSERT INTO lane (lane, waiting, ready, urgent) VALUES (?1, 1, ?2, ?3)
			ON CONFLICT DO UPDATE SET waiting = 1, ready = iif(waiting, ready, max(ready, ?2)), urgent = max(urgent, ?3) WHERE waiting = 0 OR urgent < ?3`},
		{&w.urgentOffers, "SELECT lane FROM lane WHERE urgent = 1 AND ready <= ? ORDER BY ready, lane LIMIT ?"},
		{&w.offers, "SELECT lane FROM lane WHERE waiting = 1 AND urgent = 0 AND ready <= ? ORDER BY ready, lane LIMIT ?"},
		{&w.nextOffer, "SELECT min(ready) FROM lane WHERE waiting = 1 AND ready > ?"},
		{&w.head, "SELECT id, urgent, customer, key, queued, attempt, body FROM letter WHERE lane = ? ORDER BY urgent DESC, id LIMIT 1"},
		{&w.attempt, "UPDATE letter SET attempt = ? WHERE id = ?"},
		{&w.lease, "UPDATE lane SET ready = ?, lease = ?, leased = ? WHERE lane = ?"},
		{&w.leased, "SELECT leased FROM lane WHERE lane = ? AND lease = ?"},
		{&w.dropLetter, "DELETE FROM letter WHERE id = ?"},
		{&w.settleDone, `UPDATE lane SET ready = ?1, lease = NULL, leased = NULL,
			waiting = EXISTS (SELECT 1 FROM letter WHERE lane = ?2),
			urgent = EXISTS (SELECT 1 FROM letter WHERE lane = ?2 AND urgent = 1) WHERE lane = ?2`},
		{&w.settleWait, "UPDATE lane SET ready = ?, lease = NULL, leased = NULL WHERE lane = ?"},
		{&w.rouse, "UPDATE lane SET ready = ?1 WHERE lane = ?2 AND waiting = 1 AND lease IS NULL AND ready > ?1"},

		{&w.add, "INSERT INTO sum (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n RETURNING n"},
		{&w.remember, "INSERT INTO memo (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"},
		{&w.park, "INSERT INTO parked (customer, at, act, input, why, stack) VALUES (?, ?, ?, ?, ?, ?)"},
		{&w.trim, "DELETE FROM parked WHERE id <= (SELECT id FROM parked ORDER BY id DESC LIMIT 1 OFFSET ?)"},
	} {
		if *p.stmt, err = conn.PrepareContext(context.Background(), p.text); err != nil {
			return nil, errors.Join(fmt.Errorf("%w (in %s)", err, p.text), w.close())
		}
		w.all = append(w.all, *p.stmt)
	}
	return w, nil
}

// close gives the statements back one by one: database/sql keeps a connection
// open as long as a statement lives that was prepared on it, and an open one
// would leave the log behind.
func (w *writer) close() error {
	var errs []error
	for _, stmt := range w.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
