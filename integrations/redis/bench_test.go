package redis

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"butler/bot"
)

// Benchmarks of the store on a redis-server of their own, which shares the
// machine with them. Each prints medians; compare the ratios, absolute figures
// are the machine's. Run one with
//
//	go test -run '^$' -bench Commit ./integrations/redis
//
// BUTLER_BENCH_FSYNC  always (default), everysec or no
// BUTLER_BENCH_ROUNDS rounds of BenchmarkCommit (15)
// BUTLER_BENCH_DESKS  desks that wait during BenchmarkWake (1,000,000)
// BUTLER_BENCH_WAKES  wakes of BenchmarkWake/lateness (5,000)

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func benchServer(b *testing.B) *server {
	fsync := os.Getenv("BUTLER_BENCH_FSYNC")
	if fsync == "" {
		fsync = "always"
	}
	return startServer(b, "--appendfsync", fsync)
}

func median[T int | float64 | time.Duration](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

// BenchmarkCommit compares commits with the same writes in a bare MULTI/EXEC,
// one per caller, in turns on one server. bare-shared is the bare writes with
// the callers' transactions in common pipelines.
func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			srv := benchServer(b)
			s := open(b, srv.url(), Options{})
			raw := srv.client()
			defer raw.Close()
			var ours, bare, ratio, cpu []float64
			for range setting("BUTLER_BENCH_ROUNDS", 15) {
				before := srv.cpu(b)
				o := rate(b, callers, committer(s))
				cpu = append(cpu, (srv.cpu(b)-before).Seconds()/roundTime.Seconds()/o*1e6)
				r := rate(b, callers, bareWriter(raw))
				ours, bare, ratio = append(ours, o), append(bare, r), append(ratio, o/r)
			}
			b.ReportMetric(median(ours), "commits/s")
			b.ReportMetric(median(bare), "bare/s")
			b.ReportMetric(median(ratio), "ratio")
			b.ReportMetric(median(cpu), "redis-µs/commit")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// roundTime is short, so that both sides of a ratio meet the same neighbours.
const roundTime = 300 * time.Millisecond

// rate lets callers work for a round and returns how much they did per second.
func rate(tb testing.TB, callers int, work func(caller int) func() error) float64 {
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	end := start.Add(roundTime)
	for i := range callers {
		wg.Go(func() {
			do := work(i)
			for time.Now().Before(end) {
				if err := do(); err != nil {
					tb.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// nextCustomer numbers the customers of all benchmarks of this process.
var nextCustomer atomic.Int64

func committer(s *Store) func(int) func() error {
	return func(int) func() error {
		customer, version := fmt.Sprintf("customer-%06d", nextCustomer.Add(1)), 0
		at := time.Now().UTC().Truncate(time.Millisecond)
		return func() error {
			c := sampleCommit(customer, version, at, at.Add(15*time.Minute))
			version++
			return s.Commit(context.Background(), c)
		}
	}
}

// bareWriter does what a commit writes, unconditionally.
func bareWriter(rdb *redis.Client) func(int) func() error {
	n := newNames("", defaultShards)
	return func(int) func() error {
		customer, version := fmt.Sprintf("customer-%06d", nextCustomer.Add(1)), 0
		shard := n.shard(customer)
		at := time.Now().UTC().Truncate(time.Millisecond)
		return func() error {
			c := sampleCommit(customer, version, at, at.Add(15*time.Minute))
			version++
			ctx := context.Background()
			_, err := rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.HSet(ctx, n.desk(shard, customer), "v", version, "head", pack(c.Desk.EncodeHead()), "1", pack(c.Desk.Cases[0].Encode()))
				p.RPush(ctx, n.journal(shard, customer), encodeOp(c.Op)+string(pack(c.Record.Encode())))
				p.Set(ctx, n.seen(shard, customer, c.Seen), c.Op, bot.SeenFor)
				p.ZAdd(ctx, n.wakes(shard), redis.Z{Score: float64(c.Wake.UnixMilli()), Member: customer})
				p.RPush(ctx, n.lane(shard, c.Letters[0].Lane, true), fmt.Sprintf("%d\n%s", at.UnixMilli(), encodeLetter(c.Letters[0])))
				p.ZAdd(ctx, n.ready(shard), redis.Z{Score: float64(at.UnixMilli()), Member: c.Letters[0].Lane})
				return nil
			})
			return err
		}
	}
}

// cpu is the processor time the server has used, from INFO.
func (s *server) cpu(tb testing.TB) time.Duration {
	var sum float64
	info := s.info(tb, "cpu")
	for _, k := range []string{"used_cpu_sys", "used_cpu_user"} {
		f, err := strconv.ParseFloat(info[k], 64)
		if err != nil {
			tb.Fatal(err)
		}
		sum += f
	}
	return time.Duration(sum * float64(time.Second))
}

func (s *server) info(tb testing.TB, section string) map[string]string {
	tb.Helper()
	c := s.client()
	defer c.Close()
	text, err := c.Info(context.Background(), section).Result()
	if err != nil {
		tb.Fatal(err)
	}
	return readInfo(text)
}

// BenchmarkDesk weighs desks with one open case, its last change on the way, and
// four records in the journal, as INFO memory counts them. Seen-marks are
// weighed apart: they go after three days.
func BenchmarkDesk(b *testing.B) {
	srv := benchServer(b)
	s := open(b, srv.url(), Options{})
	at := time.Now().UTC().Truncate(time.Millisecond)
	const desks, changes = 5000, 4
	used := func() int {
		n, _ := strconv.Atoi(srv.info(b, "memory")["used_memory_dataset"])
		return n
	}
	fill := func(marks bool, from int) int {
		before := used()
		var wg sync.WaitGroup
		for w := range 32 {
			wg.Go(func() {
				for i := w; i < desks; i += 32 {
					for v := range changes {
						c := sampleCommit(fmt.Sprintf("customer-%05d", from+i), v, at, at.Add(time.Hour))
						c.Letters = nil
						if !marks {
							c.Seen = ""
						}
						if err := s.Commit(context.Background(), c); err != nil {
							b.Error(err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		return used() - before
	}
	bare := fill(false, 0)
	marked := fill(true, desks)
	c := sampleCommit("customer-00000", 0, at, at)
	var keys int64
	raw := srv.client()
	defer raw.Close()
	n := s.names
	for _, k := range []string{n.desk(n.shard(c.Customer), c.Customer), n.journal(n.shard(c.Customer), c.Customer)} {
		m, err := raw.MemoryUsage(context.Background(), k, 0).Result()
		if err != nil {
			b.Fatal(err)
		}
		keys += m
	}
	b.ReportMetric(float64(bare)/desks, "B/desk")
	b.ReportMetric(float64(keys), "B/keys")
	b.ReportMetric(float64(marked-bare)/desks/changes, "B/mark")
	b.ReportMetric(float64(len(c.Desk.EncodeHead())+len(c.Desk.Cases[0].Encode())), "B/json-desk")
	b.ReportMetric(float64(len(c.Record.Encode())), "B/json-record")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkWake measures how late desks are woken, by the store's clock, while a
// million others wait: 5,000 wakes over 30 seconds to a loop like the shell's.
// Then 10,000 that are due at one instant, until the last is committed; the CPU
// of a loop that has nothing to do; and a restart of the bot with all of them
// pending, until its first Due.
func BenchmarkWake(b *testing.B) {
	srv := benchServer(b)
	pending := setting("BUTLER_BENCH_DESKS", 1_000_000)
	plantWakes(b, srv, pending)
	s := open(b, srv.url(), Options{})

	b.Run("lateness", func(b *testing.B) {
		wakes, over := setting("BUTLER_BENCH_WAKES", 5000), 30*time.Second
		customers := prepare(b, s, wakes, func(i int, now time.Time) time.Time {
			return now.Add(3*time.Second + time.Duration(i)*over/time.Duration(wakes))
		})
		late := fireAll(b, s, customers, 64)
		b.ReportMetric(ms(late[len(late)/2]), "p50-ms")
		b.ReportMetric(ms(late[len(late)*99/100]), "p99-ms")
		b.ReportMetric(ms(late[len(late)*999/1000]), "p99.9-ms")
		b.ReportMetric(ms(late[len(late)-1]), "max-ms")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("herd", func(b *testing.B) {
		var due time.Time
		customers := prepare(b, s, 10_000, func(_ int, now time.Time) time.Time {
			if due.IsZero() {
				due = now.Add(12 * time.Second)
			}
			return due
		})
		if now := at(s); !now.Before(due) {
			b.Fatalf("preparing took too long: %v late", now.Sub(due))
		}
		fireAll(b, s, customers, 256)
		b.ReportMetric(at(s).Sub(due).Seconds(), "s-to-last")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("idle", func(b *testing.B) {
		run, stop := context.WithCancel(context.Background())
		defer stop()
		go fire(run, s, 64, func(string, time.Duration) {})
		go sendNothing(run, s)
		mine, its := processCPU(), srv.cpu(b)
		start := time.Now()
		time.Sleep(10 * time.Second)
		took := time.Since(start).Seconds()
		b.ReportMetric((processCPU()-mine).Seconds()/took*100, "%-of-a-core")
		b.ReportMetric((srv.cpu(b)-its).Seconds()/took*100, "%-redis")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("open", func(b *testing.B) {
		var took []float64
		for range 5 {
			start := time.Now()
			again, err := Open(context.Background(), srv.url(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := again.Due(context.Background(), 64); err != nil {
				b.Fatal(err)
			}
			took = append(took, ms(time.Since(start)))
			again.Close()
		}
		b.ReportMetric(median(took), "ms-to-first-due")
		b.ReportMetric(0, "ns/op")
	})
}

// plantWakes writes wakes that are years away, without desks.
func plantWakes(b *testing.B, srv *server, n int) {
	raw := srv.client()
	defer raw.Close()
	raw.ConfigSet(context.Background(), "appendfsync", "no")
	defer raw.ConfigSet(context.Background(), "appendfsync", os.Getenv("BUTLER_BENCH_FSYNC"))
	if os.Getenv("BUTLER_BENCH_FSYNC") == "" {
		defer raw.ConfigSet(context.Background(), "appendfsync", "always")
	}
	names := newNames("", defaultShards)
	far := time.Now().AddDate(5, 0, 0).UnixMilli()
	for i := 0; i < n; {
		pipe := raw.Pipeline()
		for shard := range defaultShards {
			var zs []redis.Z
			for range 500 {
				zs = append(zs, redis.Z{Score: float64(far + int64(i)), Member: fmt.Sprintf("pending-%07d", i)})
				i++
			}
			pipe.ZAdd(context.Background(), names.wakes(shard), zs...)
		}
		if _, err := pipe.Exec(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// prepare commits desks with wakes.
func prepare(b *testing.B, s *Store, n int, wake func(i int, now time.Time) time.Time) map[string]bool {
	now, names := at(s), make([]string, n)
	wakes := make([]time.Time, n)
	customers := map[string]bool{}
	for i := range n {
		names[i], wakes[i] = fmt.Sprintf("customer-%06d", nextCustomer.Add(1)), wake(i, now)
		customers[names[i]] = true
	}
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; i < n; i += 64 {
				c := sampleCommit(names[i], 0, now, wakes[i])
				c.Letters = nil
				if err := s.Commit(context.Background(), c); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return customers
}

// fireAll runs the loop until all customers have fired, each once, and returns
// how late they were, sorted.
func fireAll(b *testing.B, s *Store, customers map[string]bool, most int) []time.Duration {
	run, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	var mu sync.Mutex
	var late []time.Duration
	fire(run, s, most, func(customer string, l time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if !customers[customer] {
			b.Errorf("%s fired twice", customer)
		}
		delete(customers, customer)
		if late = append(late, l); len(customers) == 0 {
			stop()
		}
	})
	if len(customers) > 0 {
		b.Fatalf("%d desks did not fire", len(customers))
	}
	slices.Sort(late)
	return late
}

// sendNothing is the other loop of the shell, with an empty outbox.
func sendNothing(ctx context.Context, s *Store) {
	for ctx.Err() == nil {
		_, _ = s.Claim(ctx, 16, 16, time.Minute)
		time.Sleep(time.Second)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func processCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
