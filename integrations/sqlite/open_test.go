package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"butler/bot"
)

// refused opens a file that must be refused, in words that hold all of want.
func refused(t *testing.T, path string, want ...string) {
	t.Helper()
	s, err := Open(path, Options{})
	if err == nil {
		s.Close()
		t.Fatalf("Open(%s) succeeded", path)
	}
	for _, w := range append(want, filepath.Base(path)) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the refusal does not say %q: %v", w, err)
		}
	}
}

// sqlOn runs one command on a file, as an operator would.
func sqlOn(t testing.TB, path, command string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(command); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }

	t.Run("a second store on one file", func(t *testing.T) {
		first := mustOpen(t, path("twice.db"), Options{})
		refused(t, path("twice.db"), fmt.Sprintf("process %d has it open", os.Getpid()))
		refused(t, filepath.Join(dir, ".", "twice.db"), "one process at a time")
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		mustOpen(t, path("twice.db"), Options{})
	})
	t.Run("a file that is no database", func(t *testing.T) {
		os.WriteFile(path("text.db"), bytes.Repeat([]byte("store: file:butler.db\n"), 100), 0o600)
		refused(t, path("text.db"), "no SQLite database")
		if b, _ := os.ReadFile(path("text.db")); !bytes.HasPrefix(b, []byte("store: file")) {
			t.Error("the file was changed")
		}
	})
	t.Run("a file that was cut off", func(t *testing.T) {
		s := mustOpen(t, path("cut.db"), Options{})
		commitN(t, s, "acme", 0, 50)
		s.Close()
		if info, err := os.Stat(path("cut.db")); err != nil || info.Size() < 50_000 {
			t.Fatalf("closing leaves %v in the file, %v; all should be in it", info, err)
		}
		os.Truncate(path("cut.db"), 5000)
		refused(t, path("cut.db"), "damaged")
	})
	t.Run("another program's database", func(t *testing.T) {
		sqlOn(t, path("other.db"), "CREATE TABLE notes (text)")
		refused(t, path("other.db"), "another program")
	})
	t.Run("a newer butler's", func(t *testing.T) {
		mustOpen(t, path("newer.db"), Options{}).Close()
		sqlOn(t, path("newer.db"), fmt.Sprintf("PRAGMA user_version = %d", len(steps)+1))
		refused(t, path("newer.db"), fmt.Sprintf("version %d", len(steps)+1), "newer butler", "backup")
	})
	t.Run("a directory", func(t *testing.T) {
		os.Mkdir(path("dir.db"), 0o700)
		refused(t, path("dir.db"), "is a directory")
	})
	t.Run("a directory that is not there", func(t *testing.T) {
		refused(t, filepath.Join(dir, "nowhere", "butler.db"), "no such", "may write")
	})
	t.Run("a place that cannot be written", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		os.Mkdir(path("readonly"), 0o500)
		refused(t, filepath.Join(path("readonly"), "butler.db"), "denied", "may write")
	})
	t.Run("a system that cannot be written", func(t *testing.T) {
		if _, err := os.Stat("/proc/self"); err != nil {
			t.Skip("there is no /proc here")
		}
		refused(t, "/proc/butler.db", "may write")
	})
}

func TestOpenTakesAnyName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "a?b=c&d.db", "a#b.db", "a%20b.db", "安全.db", "a'b\"c.db"} {
		s := mustOpen(t, filepath.Join(dir, name), Options{})
		commitN(t, s, "acme", 0, 1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %d bytes, mode %v; want content for the owner only", name, info.Size(), info.Mode())
		}
	}
}

// A file that is damaged in the middle opens, and then errors in words; what
// lies on other pages goes on.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	for i := range 40 {
		commitN(t, s, fmt.Sprintf("customer-%02d", i), 0, 5)
	}
	if err := s.Check(context.Background()); err != nil {
		t.Fatalf("a sound file: %v", err)
	}
	s.Close()

	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	for at := int64(15 * 4096); at < info.Size(); at += 4096 {
		f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), at)
	}
	f.Close()

	s, err = Open(path, Options{})
	if err == nil {
		defer s.Close()
		for i := range 40 {
			if _, e := s.Load(t.Context(), fmt.Sprintf("customer-%02d", i)); e != nil {
				err = e
			}
		}
		if e := s.Check(t.Context()); e == nil {
			t.Error("Check finds nothing wrong")
		}
	}
	if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "backup") {
		t.Fatalf("a file full of garbage: %v", err)
	}
}

func TestCheckFinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	commitN(t, s, "acme", 0, 3)
	for _, c := range []struct{ spoil, want, mend string }{
		{"UPDATE desk SET version = 4", "length of its journal", "UPDATE desk SET version = 3"},
		{"UPDATE lane SET waiting = 0", "not offered", "UPDATE lane SET waiting = 1"},
		{"UPDATE lane SET urgent = 0", "not preferred", "UPDATE lane SET urgent = 1 WHERE lane = 'acme/back'"},
		{"UPDATE lane SET urgent = 1", "not preferred", "UPDATE lane SET urgent = 0 WHERE lane <> 'acme/back'"},
		{"INSERT INTO lane (lane, waiting, ready) VALUES ('x', 1, 0)", "no letter", "DELETE FROM lane WHERE lane = 'x'"},
		{"INSERT INTO journal VALUES ('nova', 0, 'op', '{}')", "has no desk", "DELETE FROM journal WHERE customer = 'nova'"},
		{`INSERT INTO "case" VALUES ('nova', 1, '{}')`, "has no desk", `DELETE FROM "case" WHERE customer = 'nova'`},
	} {
		sqlOn(t, path, c.spoil)
		if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Check says %v, want %q", c.spoil, err, c.want)
		}
		sqlOn(t, path, c.mend)
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", c.mend, err)
		}
	}
}

// What a butler wrote that did not know which lanes are urgent is delivered, and
// urgent letters are preferred all the same.
func TestLanesOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "before.db")
	for i, step := range steps[:2] {
		sqlOn(t, path, step)
		sqlOn(t, path, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, i+1))
	}
	for i, lane := range []string{"acme/front", "nova/back", "zeta/back"} {
		sqlOn(t, path, fmt.Sprintf("INSERT INTO lane VALUES ('%s', 1, %d, NULL, NULL)", lane, 1000+i))
		sqlOn(t, path, fmt.Sprintf("INSERT INTO letter (lane, urgent, customer, key, queued, body) VALUES ('%s', 0, 'x', 'n%d', 1000, '{}')", lane, i))
	}
	sqlOn(t, path, "INSERT INTO letter (lane, urgent, customer, key, queued, body) VALUES ('zeta/back', 1, 'x', 'u', 1000, '{}')")
	s := mustOpen(t, path, Options{})
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 4 {
		c, err := s.Claim(t.Context(), 1, 1, time.Minute)
		if err != nil || len(c.Letters) != 1 {
			t.Fatalf("claimed %+v, %v", c, err)
		}
		got = append(got, c.Letters[0].ID)
		if err := s.Settle(t.Context(), c.Letters[0], bot.Settlement{Done: true}); err != nil {
			t.Fatal(err)
		}
	}
	if want := "u n0 n1 n2"; strings.Join(got, " ") != want {
		t.Fatalf("delivered %v, want %s", got, want)
	}
}

// Another tool may read while the bot writes, and the bodies are text.
func TestReadableBesides(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	commitN(t, s, "acme", 0, 2)
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var kinds, act string
	err = db.QueryRow(`SELECT (SELECT group_concat(DISTINCT typeof(head)) FROM desk) || (SELECT group_concat(DISTINCT typeof(body)) FROM "case")
		|| (SELECT group_concat(DISTINCT typeof(record)) FROM journal) || (SELECT group_concat(DISTINCT typeof(body)) FROM letter),
		(SELECT record ->> 'act' FROM journal WHERE customer = 'acme' AND k = 1)`).Scan(&kinds, &act)
	if err != nil || kinds != "texttexttexttext" || act != "said" {
		t.Fatalf("kinds %q, act %q, %v", kinds, act, err)
	}
}

// A tool that holds a write lock for a moment delays a commit and no more.
func TestAnotherWriterDelays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Commit(context.Background(), benchCommit("acme", 0, time.Now().UTC())) }()
	select {
	case err := <-done:
		t.Fatalf("the commit did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// commitN makes n commits to a customer whose version is from.
func commitN(t testing.TB, s *Store, customer string, from, n int) {
	t.Helper()
	for v := from; v < from+n; v++ {
		if err := s.Commit(context.Background(), benchCommit(customer, v, time.Now().UTC())); err != nil {
			t.Fatal(err)
		}
	}
}
