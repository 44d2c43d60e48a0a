package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver, under the name "sqlite"

	"butler/bot"
)

// Options of a store. The zero Options are right for production.
type Options struct {
	// Clock is the time the store lives by; nil for the wall clock. Whoever owns
	// the clock owns time: the sandbox moves it.
	Clock func() time.Time
}

// Store is a bot.Store in one file. Its methods may be called at the same time.
type Store struct {
	path  string
	clock func() time.Time
	last  atomic.Int64 // the last time that was returned, unix ms

	lock    *os.File
	readers *sql.DB
	reads   reads
	writers *sql.DB // one connection, held by w
	w       *writer

	queue   chan *work // unbuffered: a work is either taken or still its caller's
	quit    chan struct{}
	stopped chan struct{}
	nudges  chan struct{}
	close   sync.Once
}

var _ bot.Store = (*Store)(nil)

// ErrClosed is what every call of a closed store answers.
var ErrClosed = errors.New("the store is closed")

// application is the mark of our files, PRAGMA application_id: "Btlr".
const application = 0x42746C72

//go:embed schema.sql
var schema string

//go:embed memo.sql
var memo string

//go:embed urgent.sql
var urgent string

// steps lead from one user_version to the next; a file at len(steps) is up to
// date. A step is never changed after it was released.
var steps = []string{schema, memo, urgent}

// maxReaders is how many reads run at the same time. Reads are short and the
// machine is small; more would only share the same cores.
const maxReaders = 4

// logPages is how long the write-ahead log grows, in pages of 4 KiB, before the
// writer carries it back into the file while its callers wait. A lone writer
// dirties about ten pages a commit, so SQLite's 1000 would stop every hundredth
// commit, its p99; 4000 stop every four-hundredth (p99 1.0 instead of 1.2 ms).
// With 64 writers 500 to 4000 measure alike, and from 8000 on the stops are felt.
// The 16 MB of a full log are read in milliseconds at a start after a crash.
const logPages = 4000

// Open opens the store in the file at path, and makes the file if there is none
// (readable for the owner only: it holds what customers write). It refuses, in
// words that say what to do: a file that another process has open, one that is
// no database or belongs to another program, one of a newer butler, and a place
// that cannot be written.
func Open(path string, o Options) (*Store, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	s := &Store{
		path: path, clock: o.Clock,
		queue: make(chan *work), quit: make(chan struct{}), stopped: make(chan struct{}), nudges: make(chan struct{}, 1),
	}
	if err := s.open(abs); err != nil {
		s.release()
		return nil, s.explain("open", err)
	}
	go s.write()
	return s, nil
}

func (s *Store) open(abs string) error {
	if err := makeFile(abs); err != nil {
		return err
	}
	var err error
	if s.lock, err = lockFile(abs + ".lock"); err != nil {
		return err
	}
	if s.writers, err = sql.Open("sqlite", dsn(abs, "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", logPages), "cache_size(-32768)")); err != nil {
		return err
	}
	s.writers.SetMaxOpenConns(1)
	if err := prepareFile(s.writers); err != nil {
		return err
	}
	// The lock says that nobody else lives: whoever held a lease is gone, and its
	// lanes need not wait for the lease to end.
	if _, err := s.writers.Exec("UPDATE lane SET ready = 0, lease = NULL, leased = NULL WHERE lease IS NOT NULL"); err != nil {
		return err
	}
	if s.w, err = newWriter(s.writers); err != nil {
		return err
	}
	if s.readers, err = sql.Open("sqlite", dsn(abs, "query_only(1)", "cache_size(-8192)")); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(maxReaders)
	s.readers.SetMaxIdleConns(maxReaders)
	return s.prepareReads()
}

// dsn is the address of the file for the driver. The path is escaped: it may
// hold any character.
func dsn(abs string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(5000)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	return u.String()
}

// makeFile makes sure that the file is there and can be written, and says so in
// the system's words when not: the driver's are poorer.
func makeFile(abs string) error {
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return errors.New("it is a directory; name a file in it, such as butler.db")
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%w; the store needs a directory in which it may write, for the file and its -wal, -shm and .lock companions", err)
	}
	return f.Close()
}

// prepareFile turns on the WAL and brings the tables up to date.
func prepareFile(db *sql.DB) error {
	ctx := context.Background()
	var app, version, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	switch {
	case app != application && tables > 0:
		return errors.New("it is the database of another program; name another file")
	case version > len(steps):
		return fmt.Errorf("it has tables of version %d and this butler knows version %d; run the newer butler, or restore a backup made before it", version, len(steps))
	}
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system cannot keep a write-ahead log (journal mode stays %q); use a local disk", mode)
	}
	for ; version < len(steps); version++ {
		if err := upgrade(ctx, db, version); err != nil {
			return fmt.Errorf("bringing the tables from version %d to %d: %w", version, version+1, err)
		}
	}
	return nil
}

// upgrade makes one step, whole or not at all.
func upgrade(ctx context.Context, db *sql.DB, version int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, q := range []string{
		steps[version],
		fmt.Sprintf("PRAGMA application_id = %d", application),
		fmt.Sprintf("PRAGMA user_version = %d", version+1),
	} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Close ends the store: works that are under way are finished, later calls
// answer ErrClosed. A second Close does nothing.
func (s *Store) Close() error {
	var err error
	s.close.Do(func() {
		close(s.quit)
		<-s.stopped
		err = s.release()
	})
	return err
}

// release gives everything back that open took, however far it came.
func (s *Store) release() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.w != nil {
		errs = append(errs, s.w.close())
	}
	if s.writers != nil {
		errs = append(errs, s.writers.Close())
	}
	if s.lock != nil {
		errs = append(errs, unlockFile(s.lock))
	}
	return errors.Join(errs...)
}

// time is the store's time: whole milliseconds, UTC, never backwards.
func (s *Store) time() time.Time {
	for {
		last, now := s.last.Load(), s.clock().UnixMilli()
		if now <= last {
			return time.UnixMilli(last).UTC()
		}
		if s.last.CompareAndSwap(last, now) {
			return time.UnixMilli(now).UTC()
		}
	}
}

// Nudges delivers a value when a commit brought something to do within a second.
func (s *Store) Nudges() <-chan struct{} { return s.nudges }
