package sqlite

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"butler/bot"
)

// explain puts an error of the driver into words that say what to do. Answers of
// the port, and the end of a context, stay what they are.
func (s *Store) explain(doing string, err error) error {
	if err == nil || errors.Is(err, bot.ErrConflict) || errors.Is(err, bot.ErrSeen) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrClosed) {
		return fmt.Errorf("store %s: %s: %w", s.path, doing, err)
	}
	select {
	case <-s.quit:
		return fmt.Errorf("store %s: %s: %w", s.path, doing, ErrClosed)
	default:
	}
	if advice := advise(err); advice != "" {
		return fmt.Errorf("store %s: %s: %s (%w)", s.path, doing, advice, err)
	}
	return fmt.Errorf("store %s: %s: %w", s.path, doing, err)
}

// advise says what an operator can do about an error of SQLite; "" when there is
// nothing better than its own words. The codes: sqlite.org/rescode.html.
func advise(err error) string {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return "the disk is full; make room, the store goes on by itself. Nothing that was confirmed is lost"
	case sqlite3.SQLITE_IOERR:
		return "the disk refuses; look at its space, its quota and its health. Nothing that was confirmed is lost"
	case sqlite3.SQLITE_CORRUPT:
		return "the file is damaged; stop the bot, keep a copy of the file with its -wal, and restore a backup"
	case sqlite3.SQLITE_NOTADB:
		return "the file is no SQLite database; name another file, or restore a backup"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return "the file or its directory cannot be written; the store needs both, for the file and its -wal and -shm companions"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another program has held a lock on the file for five seconds (an open transaction of sqlite3, a backup tool); end it"
	}
	return ""
}
