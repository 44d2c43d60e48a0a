package wire_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/redis"
	"butler/integrations/sqlite"
)

// Benchmarks of the whole bot on real stores: load, decide, commit. Medians of
// several rounds; the ratio is against the raw limit measured in the same round.
//
//	go test -run '^$' -bench . ./cmd/wire

const (
	rounds    = 7
	roundTime = 400 * time.Millisecond
	callers   = 64
)

// startRedis runs a redis-server of the benchmark's own.
func startRedis(b *testing.B) string {
	b.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		b.Skip("redis-server is not installed: apt-get install redis-server")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	cmd := exec.Command(path, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", b.TempDir(), "--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--maxmemory-policy", "noeviction")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	url := fmt.Sprintf("redis://127.0.0.1:%d/0", port)
	for range 200 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			c.Close()
			return url
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatal("redis-server does not answer")
	return ""
}

// directory is n customers like acme of the sample.
func directory(n int) *bot.Directory {
	c := config.Sample()
	acme := c.Terms()["acme"]
	var homes []bot.Home
	for i := range n {
		t := *acme
		t.Customer = fmt.Sprintf("customer-%05d", i)
		t.Rev = "bench"
		home, _ := wire.Directory(c).Home("acme")
		home.Terms = &t
		home.Front.ID = fmt.Sprintf("F%05d", i)
		home.Back.ID = fmt.Sprintf("B%05d", i)
		homes = append(homes, home)
	}
	return bot.NewDirectory(homes, nil)
}

// serve runs the loops of butler run for one process, until ctx ends.
func serve(ctx context.Context, b *testing.B, bt *bot.Bot, store bot.Store, freed chan struct{}, loops *sync.WaitGroup) {
	poke := func(c chan struct{}) {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	tick := make(chan struct{}, 1)
	loops.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-store.Nudges():
				poke(freed)
				poke(tick)
			}
		}
	})
	rest := func(d time.Duration, nudge <-chan struct{}) {
		t := time.NewTimer(min(max(d, time.Millisecond), bot.MaxSleep))
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-nudge:
		case <-t.C:
		}
	}
	loops.Go(func() {
		for ctx.Err() == nil {
			wait, err := bt.Tick(ctx)
			if err != nil && ctx.Err() == nil {
				b.Error(err)
				return
			}
			rest(wait, tick)
		}
	})
	loops.Go(func() {
		for ctx.Err() == nil {
			_, next, err := bt.Deliver(ctx)
			if err != nil && ctx.Err() == nil {
				b.Error(err)
				return
			}
			wait := bot.MaxSleep
			if now, err := store.Now(ctx); err == nil && !next.IsZero() {
				wait = next.Sub(now)
			}
			rest(wait, freed)
		}
	})
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// rate lets callers work for a round and returns how much they did per second.
func rate(b *testing.B, work func(caller int, i int) error) float64 {
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for c := range callers {
		wg.Go(func() {
			for i := 0; time.Since(start) < roundTime; i++ {
				if err := work(c, i); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// step is the i-th input of a customer: a note of an expert, the smallest input
// that writes desk, case, journal, seen-mark, wake and a letter.
func step(round, caller, i int) desk.Input {
	return desk.Input{ID: fmt.Sprintf("bench/%d/%d/%d", round, caller, i), At: time.Now(), Room: desk.Back,
		Actor: desk.Actor{ID: "zhang", Name: "张工", Role: desk.Expert}, Act: desk.Note{Case: 1, Text: "查看了登录日志，没有新的异常"}}
}

func report(b *testing.B, customer int) desk.Input {
	urgent := false
	return desk.Input{ID: fmt.Sprintf("open/%d", customer), At: time.Now(), Room: desk.Front, Ref: "m1",
		Actor: desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide},
		Act:   desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "10.0.0.5 上有可疑进程，CPU 一直很高"}}
}

// BenchmarkHandle measures the whole Handle (load, decide, commit) of 64
// customers at once, against a bare MULTI/EXEC that writes the same keys without
// any check.
func BenchmarkHandle(b *testing.B) {
	ctx := context.Background()
	b.Run("redis", func(b *testing.B) {
		url := startRedis(b)
		store, err := redis.Open(ctx, url, redis.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		o, _ := goredis.ParseURL(url)
		raw := goredis.NewClient(o)
		defer raw.Close()
		bare := captured(b)
		handle(b, store, func(caller, i int) error { return bareWrite(ctx, raw, bare, caller, i) })
	})
	b.Run("sqlite", func(b *testing.B) {
		store, err := sqlite.Open(filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		var mu sync.Mutex
		page := make([]byte, 4096)
		handle(b, store, func(int, int) error { // the disk: one fsync at a time
			mu.Lock()
			defer mu.Unlock()
			if _, err := f.WriteAt(page, 0); err != nil {
				return err
			}
			return f.Sync()
		})
	})
}

func handle(b *testing.B, store bot.Store, raw func(caller, i int) error) {
	ctx := context.Background()
	bt := bot.New(bot.Options{Store: store, Directory: directory(callers)})
	ids := bt.Directory().Customers()
	for i, id := range ids {
		if err := bt.Handle(ctx, id, report(b, i)); err != nil {
			b.Fatal(err)
		}
	}
	var ours, bare, ratio []float64
	for round := range rounds {
		o := rate(b, func(c, i int) error { return bt.Handle(ctx, ids[c], step(round, c, i)) })
		r := rate(b, func(c, i int) error { return raw(c, round*1_000_000+i) })
		ours, bare, ratio = append(ours, o), append(bare, r), append(ratio, o/r)
	}
	b.ReportMetric(median(ours), "handles/s")
	b.ReportMetric(median(bare), "raw/s")
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(0, "ns/op")
}

// captured is one commit as the step makes it, for the bare writer.
func captured(b *testing.B) bot.Commit {
	ctx := context.Background()
	mem := bottest.NewMem(time.Now)
	var last bot.Commit
	spy := &spy{Mem: mem, seen: func(c bot.Commit) { last = c }}
	bt := bot.New(bot.Options{Store: spy, Directory: directory(1)})
	id := bt.Directory().Customers()[0]
	for _, in := range []desk.Input{report(b, 0), step(0, 0, 0)} {
		if err := bt.Handle(ctx, id, in); err != nil {
			b.Fatal(err)
		}
	}
	return last
}

type spy struct {
	*bottest.Mem
	seen func(bot.Commit)
}

func (s *spy) Commit(ctx context.Context, c bot.Commit) error {
	s.seen(c)
	return s.Mem.Commit(ctx, c)
}

// bareWrite writes what a commit writes, without looking at anything.
func bareWrite(ctx context.Context, rdb *goredis.Client, c bot.Commit, caller, i int) error {
	tag := fmt.Sprintf("bare{s%02d}:", caller%16)
	_, err := rdb.TxPipelined(ctx, func(p goredis.Pipeliner) error {
		p.HSet(ctx, fmt.Sprintf("%sdesk:%d", tag, caller), "v", i, "head", c.Desk.EncodeHead(), "1", c.Desk.Cases[0].Encode())
		p.RPush(ctx, fmt.Sprintf("%sjournal:%d", tag, caller), c.Record.Encode())
		p.Set(ctx, fmt.Sprintf("%sseen:%d:%d", tag, caller, i), c.Op, bot.SeenFor)
		p.ZAdd(ctx, tag+"wakes", goredis.Z{Score: float64(c.Wake.UnixMilli()), Member: caller})
		for _, l := range c.Letters {
			p.RPush(ctx, fmt.Sprintf("%sout:%d/%s", tag, caller, l.Lane), l.Body)
			p.ZAdd(ctx, tag+"ready", goredis.Z{Score: float64(time.Now().UnixMilli()), Member: l.Lane})
		}
		return nil
	})
	return err
}

// BenchmarkHerd lets 10,000 desks fall due at the same moment and measures until
// all are decided and committed.
func BenchmarkHerd(b *testing.B) {
	const desks = 10_000
	ctx := context.Background()
	for _, kind := range []string{"redis", "sqlite"} {
		b.Run(kind, func(b *testing.B) {
			var store bot.Store
			var err error
			if kind == "redis" {
				store, err = redis.Open(ctx, startRedis(b), redis.Options{})
			} else {
				store, err = sqlite.Open(filepath.Join(b.TempDir(), "herd.db"), sqlite.Options{})
			}
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			bt := bot.New(bot.Options{Store: store, Directory: directory(desks)})
			ids := bt.Directory().Customers()
			// Every case is reported at the same moment, so that its first rungs are
			// past and its next one (1/3 of an hour) comes 12 s from now.
			at := time.Now().Add(12*time.Second - 20*time.Minute)
			var wg sync.WaitGroup
			for w := range callers {
				wg.Go(func() {
					for i := w; i < desks; i += callers {
						in := report(b, i)
						in.At = at
						if err := bt.Handle(ctx, ids[i], in); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			due := at.Add(20 * time.Minute)
			if time.Now().After(due) {
				b.Skipf("the machine took %s to prepare the herd; nothing was due together", time.Since(due))
			}
			time.Sleep(time.Until(due))
			start, before := time.Now(), bt.Count.Woken.Load()
			for bt.Count.Woken.Load()-before < desks {
				if _, err := bt.Tick(ctx); err != nil {
					b.Fatal(err)
				}
				if time.Since(start) > time.Minute {
					b.Fatalf("only %d of %d desks in a minute", bt.Count.Woken.Load()-before, desks)
				}
			}
			b.ReportMetric(time.Since(start).Seconds(), "s/10000-desks")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPlay plays sixteen days of one case: report, claim, answer, solution,
// four check-ins, sixteen inspections, the closing card.
func BenchmarkPlay(b *testing.B) {
	p, err := bottest.ParsePlay("life", "at 2026-11-23T02:00:00+08:00\nacme lihua: /report incident urgent 数据库主机出现勒索提示\nwait 12m\nacme zhang: /claim 1 我是张工，正在排查\nwait 2h\nacme zhang: /resolve 1 已清除\nwait 17d\n")
	if err != nil {
		b.Fatal(err)
	}
	c := config.Sample()
	one := *c
	one.Customers = slices.DeleteFunc(slices.Clone(c.Customers), func(cu config.Customer) bool { return cu.ID != "acme" })
	b.ReportAllocs()
	for b.Loop() {
		told := 0
		if err := p.Run(context.Background(), bottest.WorldOptions{Directory: wire.Directory(&one)}, func(int, bottest.Line) { told++ }); err != nil {
			b.Fatal(err)
		}
		if told < 30 {
			b.Fatalf("only %d tellings", told)
		}
	}
}
