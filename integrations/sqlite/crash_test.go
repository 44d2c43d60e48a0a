package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// childEnv makes this test binary the child that is killed: it opens the store
// in the named file and commits until it dies.
const childEnv = "BUTLER_SQLITE_TEST_CHILD"

const childWriters = 12

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Fprintln(os.Stderr, child(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child commits with some writers and prints a line for each acknowledged
// commit. Each writer begins with the commit that may have been under way when
// the one before it died: a replay, if it was applied.
func child(path string) error {
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	errs := make(chan error, childWriters)
	for i := range childWriters {
		go func() {
			customer := fmt.Sprint("customer-", i)
			l, err := s.Load(context.Background(), customer)
			for v := max(0, l.Version-1); err == nil; v++ {
				if err = s.Commit(context.Background(), benchCommit(customer, v, time.Now().UTC())); err == nil {
					mu.Lock()
					fmt.Printf("%s %d\n", customer, v) // unbuffered: it is out before the next commit
					mu.Unlock()
				}
			}
			errs <- err
		}()
	}
	return <-errs
}

// runAndKill starts a child, kills it with SIGKILL after a while, and returns
// the highest acknowledged version of each customer.
func runAndKill(t *testing.T, path string, while time.Duration, acked map[string]int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for killing := false; lines.Scan(); {
		if !killing { // it is under load now
			killing = true
			time.AfterFunc(while, func() { cmd.Process.Kill() })
		}
		var customer string
		var version int
		if _, err := fmt.Sscan(lines.Text(), &customer, &version); err == nil { // the last line may be cut off
			acked[customer] = max(acked[customer], version+1)
		}
	}
	cmd.Wait()
	if words.Len() > 0 {
		t.Fatalf("the child ended by itself: %s", words.String())
	}
}

// TestKill kills a process under load again and again. Every acknowledged commit
// must be there, none twice, and nothing half.
func TestKill(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "butler.db")
	acked := map[string]int{}
	for round := range rounds {
		runAndKill(t, path, time.Duration(20+rand.IntN(180))*time.Millisecond, acked)
		s, err := Open(path, Options{}) // the lock went with the process
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for customer, n := range acked {
			l, err := s.Load(t.Context(), customer)
			if err != nil {
				t.Fatal(err)
			}
			if l.Version < n || l.Version > n+1 {
				t.Fatalf("round %d: %s is at version %d, %d were acknowledged and at most one was under way", round, customer, l.Version, n)
			}
			oncePerVersion(t, s, customer, l.Version)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	for _, n := range acked {
		total += n
	}
	t.Logf("%d acknowledged commits over %d kills", total, rounds)
	if total < rounds*childWriters {
		t.Fatalf("only %d commits were acknowledged; the test proves nothing", total)
	}
}

// oncePerVersion checks the journal, and that the letters are those of the
// journal: one of each commit, and one more of every second.
func oncePerVersion(t *testing.T, s *Store, customer string, version int) {
	t.Helper()
	records, err := s.Journal(t.Context(), customer, 0, version+100)
	if err != nil || len(records) != version {
		t.Fatalf("%s: %d records at version %d, %v", customer, len(records), version, err)
	}
	for v, r := range records {
		if want := benchCommit(customer, v, time.Time{}).Record.Op; r.Op != want {
			t.Fatalf("%s: record %d is of %s, want %s", customer, v, r.Op, want)
		}
	}
	var letters int
	if err := s.readers.QueryRow("SELECT count(*) FROM letter WHERE customer = ?", customer).Scan(&letters); err != nil {
		t.Fatal(err)
	}
	if want := version + (version+1)/2; letters != want {
		t.Fatalf("%s: %d letters at version %d, want %d", customer, letters, version, want)
	}
}

// A second process is refused while the first lives, and by its number.
func TestSecondProcessRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "butler.db")
	s := mustOpen(t, path, Options{})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), fmt.Sprintf("process %d has it open", os.Getpid())) {
		t.Fatalf("the second process: %v, %s", err, out)
	}
	if err := s.Commit(t.Context(), benchCommit("acme", 0, time.Now().UTC())); err != nil {
		t.Fatalf("the first goes on: %v", err)
	}
}
