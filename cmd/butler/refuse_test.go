package main

import (
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// refuses runs a house that must not start: exit 1 soon, with words, and with
// nothing on stdout.
func refuses(t *testing.T, dir string, h house, words ...string) string {
	t.Helper()
	write(t, dir, "butler.yaml", h.yaml())
	began := time.Now()
	r := call(t, dir, "run", "-c", "butler.yaml")
	r.wants(t, 1)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v to say no", took)
	}
	silent(t, "stdout", r.stdout)
	says(t, "stderr", r.stderr, words...)
	if strings.Contains(r.stderr, "panic") || strings.Contains(r.stderr, "goroutine ") {
		t.Errorf("a stack instead of a sentence:\n%s", r.stderr)
	}
	return r.stderr
}

func TestRunRefusesABadConfigAndStartsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHouse(t, "file:butler.db")
	h.extra = "frobnicate: true\n"
	refuses(t, dir, h, "butler.yaml:", "frobnicate")
	if _, err := os.Stat(filepath.Join(dir, "butler.db")); !os.IsNotExist(err) {
		t.Error("a store was made")
	}
}

func TestRunRefusesAMissingSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHouse(t, "file:butler.db")
	h.noToken = true
	refuses(t, dir, h, "butler.yaml:3:", "${SANDBOX_TOKEN}")
	onlyFile(t, dir, "butler.yaml")
}

// A page that anybody could guess the token of is not opened.
func TestRunRefusesAShortToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "butler.yaml", strings.Replace(newHouse(t, "file:butler.db").yaml(), token, "1234", 1))
	r := call(t, dir, "run", "-c", "butler.yaml")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "token", "16")
}

func TestRunRefusesAddressesItCannotHave(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	h := newHouse(t, "file:butler.db")
	h.listen = taken.Addr().String()
	refuses(t, t.TempDir(), h, "listen: "+h.listen, "in use")

	h = newHouse(t, "file:butler.db")
	h.page = taken.Addr().String()
	refuses(t, t.TempDir(), h, "sandbox.listen: "+h.page, "in use")

	h = newHouse(t, "file:butler.db")
	h.listen = "192.0.2.1:8080" // TEST-NET-1: no machine's own
	refuses(t, t.TempDir(), h, "listen: 192.0.2.1:8080")

	h = newHouse(t, "file:butler.db")
	h.listen = "localhost"
	refuses(t, t.TempDir(), h, "butler.yaml:2:", `"localhost"`)
}

func TestOneProcessAtATimeHasAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := begin(t, dir, newHouse(t, "file:butler.db"))
	refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "one process at a time")

	// The first one is none the worse for it, and when it has gone the next may.
	first.mustSay("acme", "front", "lihua", "/report incident urgent 主机一被入侵")
	first.kill()
	second := begin(t, dir, newHouse(t, "file:butler.db"))
	if n := len(second.mustLook("acme").Cases); n != 1 {
		t.Errorf("%d cases after the change of process, want 1", n)
	}
}

func TestRunRefusesFilesThatAreNotItsStore(t *testing.T) {
	t.Parallel()
	t.Run("damaged", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		junk := strings.Repeat("this is no database. ", 1000)
		path := write(t, dir, "butler.db", junk)
		refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "no SQLite database", "backup")
		if read(t, path) != junk {
			t.Error("the file was changed")
		}
	})
	t.Run("damaged inside", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		b := begin(t, dir, newHouse(t, "file:butler.db"))
		b.mustSay("acme", "front", "lihua", "/report incident urgent 主机一被入侵")
		b.terminate()
		path := filepath.Join(dir, "butler.db")
		whole := []byte(read(t, path))
		for i := 100; i < len(whole); i++ { // behind the header of the file
			whole[i] = 0xAA
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "damaged", "backup")
	})
	t.Run("of a newer butler", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		b := begin(t, dir, newHouse(t, "file:butler.db"))
		b.terminate()
		alter(t, filepath.Join(dir, "butler.db"), "PRAGMA user_version = 99")
		refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "version 99", "newer butler")
	})
	t.Run("of another program", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		alter(t, filepath.Join(dir, "butler.db"), "CREATE TABLE recipes (name TEXT)")
		refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "another program")
	})
	t.Run("a directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "butler.db"), 0o700); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, newHouse(t, "file:butler.db"), "butler.db", "directory")
	})
}

// alter runs one statement on a file with a SQLite of the test's own; the driver
// is registered by the store.
func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestRunRefusesARedisThatWouldLoseCases(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	if err := server.ask("CONFIG SET maxmemory-policy allkeys-lru", "+OK"); err != nil {
		t.Fatal(err)
	}
	refuses(t, t.TempDir(), newHouse(t, server.store()), "maxmemory-policy", "allkeys-lru", "noeviction")
}

func TestRunRefusesARedisThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "redis://:hunter2@127.0.0.1:1/0") // nobody listens on port 1
	said := refuses(t, t.TempDir(), h, "127.0.0.1:1")
	if strings.Contains(said, "hunter2") {
		t.Errorf("the password was printed:\n%s", said)
	}
}
