// Package sqlite is the embedded store: one file, no server, and the same
// promises as the Redis store (bot.Store, bot/bottest/storetest).
//
// # What it promises
//
// A commit that was answered with nil is on the disk: WAL with synchronous=FULL,
// so neither kill -9 nor a power cut takes it back (as far as the disk itself
// keeps what it says it has written). A commit is written whole or not at all.
// One process at a time may hold the file; a second one is refused by name.
//
// All writing goes through one goroutine. While it waits for the disk, the
// commits of others gather, and the next transaction carries them all: many
// writers share one fsync. Each commit of a group is checked by itself, so a
// conflict answers its own caller only; should the disk refuse the group, its
// commits are tried again one by one.
//
// # Reading it with other tools
//
// The file is plain SQLite 3, the bodies are JSON text, times are unix
// milliseconds in UTC. It may be read while the bot runs, and backed up with
//
//	sqlite3 butler.db ".backup butler-copy.db"
//	sqlite3 butler.db "SELECT customer, version, datetime(wake/1000, 'unixepoch') FROM desk"
//	sqlite3 butler.db "SELECT k, record ->> 'act' FROM journal WHERE customer = 'acme' ORDER BY k"
//
// (with sqlite3 3.38 or newer for ->>). Copying the file alone, without its -wal
// companion, while the bot runs, copies an old state. A long open transaction of
// another tool keeps the WAL from shrinking; a write lock held for more than
// five seconds makes commits fail until it is given back.
//
// # The tables
//
//	desk     one row per customer: version, wake, head (all but the cases)
//	case     one row per open case
//	journal  row k is the record of the change k → k+1; op finds replays
//	seen     inputs that are known, until when
//	lane     one row per outbox lane: when it may be asked next, who leases it, whether an urgent letter waits in it
//	letter   what waits in the lanes; urgent before normal, then by id
//	parked   inputs that broke a rule, the last 1000
//
// schema.sql has every column with its meaning. PRAGMA user_version numbers the
// schema and PRAGMA application_id says whose file it is (0x42746C72, "Btlr").
//
// # Oddities
//
// Of modernc.org/sqlite v1.61.1 (SQLite 3.54.1 in Go), as found on 2026-11-23:
//
//   - A statement with more than one command is parsed anew at each call; only
//     single commands are kept prepared.
//   - []byte is stored as BLOB; text that people should be able to read in the
//     shell is passed as string.
//   - database/sql keeps a connection open as long as a statement lives that was
//     prepared on it (sql.Conn.PrepareContext); SQLite then never carries its log
//     back, and leaves -wal and -shm behind. So every statement is closed.
//   - It was built without HAVE_FDATASYNC: a commit costs an fsync, which on some
//     file systems is dearer than the fdatasync it could be.
//   - RLIMIT_FSIZE and quotas show as an I/O error at some write, ENOSPC as
//     "full"; both may come at COMMIT, and the transaction must then be rolled
//     back by hand.
package sqlite
