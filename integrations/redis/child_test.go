package redis

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// childEnv makes the test binary a bot process of its own, to be killed: it
// holds the URL and the prefix of the store.
const childEnv = "BUTLER_REDIS_CHILD"

// child fires what is due, as the shell does, and says what was acknowledged.
func child() {
	url, prefix, _ := strings.Cut(os.Getenv(childEnv), " ")
	s, err := Open(context.Background(), url, Options{Prefix: prefix})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	fire(context.Background(), s, 64, func(customer string, late time.Duration) { fmt.Println("fired", customer) })
}

// fire is a loop like the shell's: sleep until what is next by the store's
// clock, a second at most, or a nudge; peek; commit what is due, a few at a time.
// Each desk wakes once, at version 1.
func fire(ctx context.Context, s *Store, most int, fired func(customer string, late time.Duration)) {
	const firing = 16
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.Nudges():
		}
		asked := time.Now()
		d, err := s.Due(ctx, most)
		if err != nil {
			timer.Reset(20 * time.Millisecond)
			continue
		}
		var wg sync.WaitGroup
		for worker := range firing {
			wg.Go(func() {
				for i := worker; i < len(d.Wakes); i += firing {
					w := d.Wakes[i]
					late := d.Now.Sub(w.At)
					if late < 0 {
						panic(w.Customer + " is early")
					}
					c := sampleCommit(w.Customer, 1, d.Now, time.Time{})
					c.Op += "/" + s.id // two processes that fire are two commits, not one repeated
					if s.Commit(ctx, c) == nil {
						fired(w.Customer, late)
					}
				}
			})
		}
		wg.Wait()
		wait := time.Second
		if !d.Next.IsZero() {
			wait = min(wait, d.Next.Sub(d.Now)-time.Since(asked))
		}
		if len(d.Wakes) == most {
			wait = 0
		}
		timer.Reset(max(wait, 0))
	}
}

func startChild(t *testing.T, url, prefix string, heard func(line string)) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+url+" "+prefix)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "ready" {
				close(ready)
				continue
			}
			heard(lines.Text())
		}
	}()
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		t.Fatal("the child process does not come up")
	}
	return cmd
}

// kill -9 of bot processes that fire wakes: every desk fires exactly once, and
// what a dead process leaves is taken over at once.
func TestBotKilledUnderLoad(t *testing.T) {
	srv, prefix := sharedServer(t), freshPrefix()
	s := open(t, srv.url(), Options{Prefix: prefix})
	const desks, window = 1500, 1500 * time.Millisecond
	first := at(s).Add(700 * time.Millisecond)
	for i := range desks {
		mustCommit(t, s, fmt.Sprint("customer-", i), 0, first.Add(window*time.Duration(i)/desks))
	}
	acked := make(chan string, 2*desks)
	hear := func(line string) { acked <- strings.TrimPrefix(line, "fired ") }
	children := []*exec.Cmd{startChild(t, srv.url(), prefix, hear), startChild(t, srv.url(), prefix, hear)}
	s.stop() // from here on only the children live and fire; s looks on
	s.done.Wait()
	if err := s.rdb.ZRem(ctx, s.names.replicas(), s.id).Err(); err != nil {
		t.Fatal(err)
	}

	for i := 0; at(s).Before(first.Add(window)); i++ {
		time.Sleep(250 * time.Millisecond)
		if err := children[i%2].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		children[i%2] = startChild(t, srv.url(), prefix, hear)
	}
	eventually(t, 10*time.Second, "all desks have fired", func() error {
		a, err := s.Overdue(ctx, 0, 0)
		if err == nil && a.Desks != 0 {
			err = fmt.Errorf("%d desks are left", a.Desks)
		}
		return err
	})
	for i := range desks {
		customer := fmt.Sprint("customer-", i)
		if l, err := s.Load(ctx, customer); err != nil || l.Version != 2 {
			t.Fatalf("%s: version %d, want 2, %v", customer, l.Version, err)
		}
	}
	if b, err := s.Outbox(ctx); err != nil || b.Letters != 2*desks {
		t.Errorf("%d letters, want %d, %v", b.Letters, 2*desks, err)
	}
	seen := map[string]int{}
	for n := len(acked); n > 0; n-- {
		seen[<-acked]++
	}
	for customer, n := range seen {
		if n != 1 {
			t.Errorf("%s was acknowledged %d times", customer, n)
		}
	}
}
