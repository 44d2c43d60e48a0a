package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"butler/bot"
)

var ctx = context.Background()

func at(s *Store) time.Time {
	now, _ := s.Now(ctx)
	return now
}

// mustCommit commits a sample change of a customer and returns it.
func mustCommit(tb testing.TB, s *Store, customer string, version int, wake time.Time) bot.Commit {
	tb.Helper()
	c := sampleCommit(customer, version, at(s), wake)
	if err := s.Commit(ctx, c); err != nil {
		tb.Fatalf("commit %d of %s: %v", version, customer, err)
	}
	return c
}

// A reply that is lost after the script ran: the client repeats it, unasked, and
// the change is there once. Input known, version moved, letter queued — all of
// it would speak against the repetition but the journal.
func TestLostReplyAppliesOnce(t *testing.T) {
	srv := sharedServer(t)
	p := startProxy(t, srv.addr())
	s := open(t, p.url(), Options{Prefix: freshPrefix()})
	for _, lost := range []int{1, 2, 3} {
		customer := fmt.Sprint("acme", lost)
		p.loseReplies(commitScript.sha, lost)
		mustCommit(t, s, customer, 0, time.Time{})
		if n := p.losses(); n != lost {
			t.Fatalf("%d replies were lost, want %d", n, lost)
		}
		l, err := s.Load(ctx, customer)
		if err != nil || l.Version != 1 {
			t.Fatalf("version %d after one commit whose reply was lost %d times (%v)", l.Version, lost, err)
		}
	}
	if b, _ := s.Outbox(ctx); b.Letters != 3 {
		t.Fatalf("%d letters, want 3", b.Letters)
	}
	// The claim finds its own lease again: the letter does not sleep until it ends.
	p.loseReplies(claimScript.sha, 1)
	c, err := s.Claim(ctx, 1, 1, time.Hour)
	if err != nil || len(c.Letters) != 1 || c.Letters[0].Attempt != 1 || p.losses() != 1 {
		t.Fatalf("a claim whose reply was lost: %+v, %v", c, err)
	}
	// A turn is known again as well.
	p.loseReplies("turn:digest", 1)
	if mine, err := s.Turn(ctx, "digest", time.Minute); err != nil || !mine || p.losses() != 1 {
		t.Fatalf("a turn whose reply was lost: %v, %v", mine, err)
	}
}

// A server that forgets its scripts (a restart, SCRIPT FLUSH) is taught them on
// the way, alone and in a pipeline of many callers.
func TestForgottenScripts(t *testing.T) {
	s := openShared(t)
	raw := sharedServer(t).client()
	defer raw.Close()
	forget := func() {
		if err := raw.ScriptFlush(ctx).Err(); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	mustCommit(t, s, "acme", 0, at(s))
	forget()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := s.Commit(ctx, sampleCommit(fmt.Sprint("customer-", i), 0, time.Now().UTC(), time.Time{})); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	forget()
	if d, err := s.Due(ctx, 10); err != nil || len(d.Wakes) != 1 {
		t.Fatalf("Due = %+v, %v", d, err)
	}
	forget()
	if c, err := s.Claim(ctx, 100, 100, time.Minute); err != nil || len(c.Letters) != 51 {
		t.Fatalf("Claim = %d letters, %v", len(c.Letters), err)
	}
}

// A key of another type, wherever it stands, refuses the commit before anything
// is written.
func TestWrongTypeWritesNothing(t *testing.T) {
	s := openShared(t)
	raw := sharedServer(t).client()
	defer raw.Close()
	c := sampleCommit("acme", 0, at(s), at(s))
	keys, _ := s.commitArgs(s.names.shard("acme"), c)
	for _, key := range keys {
		if strings.Contains(key, ":seen:") {
			continue // a mark of any type is a mark
		}
		if err := raw.SAdd(ctx, key, "stranger").Err(); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(ctx, c); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
			t.Errorf("%s of a wrong type: %v", key, err)
		}
		raw.Del(ctx, key)
		if n := raw.Exists(ctx, keys...).Val(); n != 0 {
			t.Fatalf("%s of a wrong type: %d keys were written", key, n)
		}
	}
	if err := s.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}

	// A desk and a journal that disagree are no conflict to be retried for ever.
	raw.RPop(ctx, s.names.journal(s.names.shard("acme"), "acme"))
	if err := s.Commit(ctx, sampleCommit("acme", 1, at(s), at(s))); err == nil || !strings.Contains(err.Error(), "DAMAGED") {
		t.Errorf("a journal that lost a record: %v", err)
	}
}

// When memory is short a commit is refused whole, while letters can be claimed
// and settled: telling frees memory.
func TestOutOfMemory(t *testing.T) {
	srv := startServer(t)
	s := open(t, srv.url(), Options{})
	raw := srv.client()
	defer raw.Close()
	mustCommit(t, s, "acme", 0, at(s))
	before := raw.DBSize(ctx).Val()
	raw.ConfigSet(ctx, "maxmemory", "1")
	for version, customer := range []string{"nova", "acme"} {
		if err := s.Commit(ctx, sampleCommit(customer, version, at(s), time.Time{})); err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Fatalf("commit without memory: %v", err)
		}
	}
	if l, err := s.Load(ctx, "acme"); err != nil || l.Version != 1 || raw.DBSize(ctx).Val() != before {
		t.Fatalf("a commit without memory left version %d, %d keys of %d (%v)", l.Version, raw.DBSize(ctx).Val(), before, err)
	}
	c, err := s.Claim(ctx, 10, 10, time.Minute)
	if err != nil || len(c.Letters) != 1 {
		t.Fatalf("claim without memory: %+v, %v", c, err)
	}
	if err := s.Settle(ctx, c.Letters[0], bot.Settlement{Done: true, After: time.Second}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Due(ctx, 10); err != nil || len(d.Wakes) != 1 {
		t.Fatalf("due without memory: %+v, %v", d, err)
	}
	raw.ConfigSet(ctx, "maxmemory", "0")
	mustCommit(t, s, "acme", 1, time.Time{})
}

// writers commit one change after the other, each to a desk of its own, until
// stopped, and count what was acknowledged. They repeat what failed.
type writers struct {
	wg    sync.WaitGroup
	stop  atomic.Bool
	acked []int
}

func startWriters(t testing.TB, s *Store, n int) *writers {
	w := &writers{acked: make([]int, n)}
	for i := range n {
		w.wg.Go(func() {
			for v := 0; !w.stop.Load(); v++ {
				c := sampleCommit(fmt.Sprint("customer-", i), v, time.Now().UTC().Truncate(time.Millisecond), time.Time{})
				for {
					err := s.Commit(ctx, c)
					if err == nil {
						break
					}
					if errors.Is(err, bot.ErrConflict) || errors.Is(err, bot.ErrSeen) {
						t.Errorf("writer %d at version %d: %v", i, v, err)
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
				w.acked[i] = v + 1
			}
		})
	}
	return w
}

// end stops the writers and compares what they were told with what is there.
// A lost commit makes the next one a conflict, so it shows there as well.
func (w *writers) end(t testing.TB, s *Store) (total int) {
	t.Helper()
	w.stop.Store(true)
	w.wg.Wait()
	for i, n := range w.acked {
		customer := fmt.Sprint("customer-", i)
		l, err := s.Load(ctx, customer)
		if err != nil || l.Version != n {
			t.Errorf("%s: %d commits acknowledged, version %d, %v", customer, n, l.Version, err)
		}
		records, err := s.Journal(ctx, customer, 0, n+10)
		if err != nil || len(records) != n {
			t.Errorf("%s: %d commits acknowledged, %d records, %v", customer, n, len(records), err)
		}
		for k, r := range records {
			if want := fmt.Sprintf("slack:C0FRONT:1795431446.%06d", k); r.Op != want {
				t.Fatalf("%s: record %d is %s, want %s", customer, k, r.Op, want)
			}
		}
		total += n
	}
	if b, err := s.Outbox(ctx); err != nil || b.Letters != total {
		t.Errorf("%d letters for %d commits of one each, %v", b.Letters, total, err)
	}
	return total
}

// kill -9 of Redis under load, with every write synced: no acknowledged commit
// is lost, none is there twice.
func TestRedisKilledUnderLoad(t *testing.T) {
	srv := startServer(t)
	s := open(t, srv.url(), Options{})
	w := startWriters(t, s, 16)
	for range 4 {
		time.Sleep(300 * time.Millisecond)
		srv.kill()
		srv.start()
	}
	time.Sleep(200 * time.Millisecond)
	t.Logf("%d commits over 4 kills", w.end(t, s))
}

// A Cluster that loses a node: the desks of the others go on meanwhile, and its
// own once the replica took over. (Replication is asynchronous: what the lost
// node had not passed on would be lost, so the node falls while it is idle.)
func TestClusterFailover(t *testing.T) {
	nodes := startCluster(t, true)
	s := open(t, clusterURL(nodes), Options{})
	customers := map[bool]string{} // by whether the node that will die holds it
	raw := nodes[0].client()
	for i := 0; len(customers) < 2; i++ {
		name := fmt.Sprint("customer-", i)
		slot, err := raw.ClusterKeySlot(ctx, s.names.desk(s.names.shard(name), name)).Result()
		if err != nil {
			t.Fatal(err)
		}
		customers[slot < 16384/3] = name
	}
	raw.Close()
	for _, c := range customers {
		mustCommit(t, s, c, 0, at(s).Add(time.Hour))
	}
	replica := nodes[3].client()
	defer replica.Close()
	eventually(t, 5*time.Second, "the replica has the commit", func() error {
		name := customers[true]
		n, err := replica.Do(ctx, "debug", "object", s.names.desk(s.names.shard(name), name)).Text()
		if err == nil && n == "" || err != nil && strings.Contains(err.Error(), "no such key") {
			return errors.New("not yet")
		}
		return nil
	})
	nodes[0].kill()

	mustCommit(t, s, customers[false], 1, time.Now().Add(-time.Second)) // the others go on…
	if d, err := s.Due(ctx, 10); err != nil || len(d.Wakes) != 1 {
		t.Errorf("Due with a node away: %+v, %v", d, err)
	}
	if c, err := s.Claim(ctx, 10, 10, time.Minute); err != nil || len(c.Letters) == 0 {
		t.Errorf("Claim with a node away: %+v, %v", c, err)
	}
	if now, err := s.Now(ctx); err == nil { // …and readiness says that not all is well
		t.Errorf("Now with a node away: %v", now)
	}
	start := time.Now()
	eventually(t, 15*time.Second, "the replica takes over", func() error {
		err := s.Commit(ctx, sampleCommit(customers[true], 1, time.Now().UTC(), time.Time{}))
		if errors.Is(err, bot.ErrConflict) {
			t.Fatal("the commit before the failover is gone")
		}
		return err
	})
	t.Logf("took over after %v", time.Since(start).Round(10*time.Millisecond))
	for _, c := range customers {
		if l, err := s.Load(ctx, c); err != nil || l.Version != 2 {
			t.Errorf("%s: version %d, %v", c, l.Version, err)
		}
	}
	if _, err := s.Due(ctx, 10); err != nil {
		t.Error(err)
	}
}

// The same behind Sentinel.
func TestSentinelFailover(t *testing.T) {
	master, replica, url := startSentinel(t)
	s := open(t, url, Options{})
	mustCommit(t, s, "acme", 0, time.Time{})
	r := replica.client()
	defer r.Close()
	eventually(t, 5*time.Second, "the replica has the commit", func() error {
		if n := r.Exists(ctx, s.names.desk(s.names.shard("acme"), "acme")).Val(); n == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	master.kill()
	start := time.Now()
	eventually(t, 15*time.Second, "the replica takes over", func() error {
		err := s.Commit(ctx, sampleCommit("acme", 1, time.Now().UTC(), time.Time{}))
		if errors.Is(err, bot.ErrConflict) {
			t.Fatal("the commit before the failover is gone")
		}
		return err
	})
	t.Logf("took over after %v", time.Since(start).Round(10*time.Millisecond))
	if l, err := s.Load(ctx, "acme"); err != nil || l.Version != 2 {
		t.Fatalf("version %d, %v", l.Version, err)
	}
}

// A dead Redis is an error in less than 2 s, whether it refuses or is silent.
func TestDeadRedisFailsSoon(t *testing.T) {
	for _, death := range []string{"refuses", "is silent"} {
		t.Run(death, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t)
			s := open(t, srv.url(), Options{})
			mustCommit(t, s, "acme", 0, time.Time{})
			if death == "refuses" {
				srv.kill()
			} else {
				srv.pause()
				t.Cleanup(srv.wake)
			}
			for what, call := range map[string]func() error{
				"Load":   func() error { _, err := s.Load(ctx, "acme"); return err },
				"Commit": func() error { return s.Commit(ctx, sampleCommit("acme", 1, time.Now(), time.Time{})) },
				"Due":    func() error { _, err := s.Due(ctx, 1); return err },
				"Claim":  func() error { _, err := s.Claim(ctx, 1, 1, time.Second); return err },
				"Now":    func() error { _, err := s.Now(ctx); return err },
			} {
				start := time.Now()
				err := call()
				if took := time.Since(start); err == nil || took > 2*time.Second {
					t.Errorf("%s: %v after %v", what, err, took)
				}
			}
		})
	}
}
