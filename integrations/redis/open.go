package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"butler/bot"

	"github.com/redis/go-redis/v9"
)

// Options are the settings of a store beside its URL. The zero value is right
// for a Redis that butler has for itself.
type Options struct {
	// Prefix goes before every key, for a Redis that is shared. No braces.
	Prefix string
	// Shards is the number of shards, 1…999: 16, or what the store was made
	// with, when 0. It is set once; opening with another number is refused.
	Shards int
	// Log gets the client's complaints; slog.Default() when nil.
	Log *slog.Logger

	// patient leaves the leases of the dead to end by themselves, as the model of
	// storetest does: for it a handle that was closed still holds its letters.
	patient bool
}

// Store is a bot.Store on Redis. It is safe for concurrent use. Its own
// goroutines (a beat twice a second, one subscription) end with Close.
type Store struct {
	place    place
	rdb      redis.UniversalClient
	log      *slog.Logger
	names    names
	id       string // of this process, random
	warnings []string

	gathers []*gather    // one, or one per shard in a Cluster
	floor   atomic.Int64 // latest time seen, unix ms
	sight   atomic.Pointer[sighting]
	tokens  atomic.Int64 // tokens made
	lanes   laneTable
	live    replicas
	lost    orphans // claims whose answers were lost
	patient bool
	nudge   nudger

	stop  context.CancelFunc
	done  sync.WaitGroup
	close sync.Once
	shut  atomic.Bool
}

var _ bot.Store = (*Store)(nil)

// format is the version of the key layout (doc.go).
const format = 1

// Open connects to the Redis of the URL, refuses one that could lose cases, and
// starts the beat. It fails within seconds when nobody answers. What the
// operator should know but need not stop for is in Warnings.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	p, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(o.Prefix, "{}\n") || len(o.Prefix) > 64 {
		return nil, fmt.Errorf("the store's prefix %q: at most 64 bytes, without braces", o.Prefix)
	}
	if o.Shards < 0 || o.Shards > maxShards {
		return nil, fmt.Errorf("the store's shards are %d; 1 to %d are possible", o.Shards, maxShards)
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	redis.SetLogger(clientLog{o.Log}) // one for all clients of the process

	s := &Store{place: p, rdb: p.connect(), log: o.Log, patient: o.patient, id: rand.Text()[:10]}
	s.rdb.AddHook(gate{s})
	if err := s.start(ctx, o); err != nil {
		s.rdb.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, 4*patience)
	defer cancel()
	if err := s.check(ctx); err != nil {
		if strings.Contains(err.Error(), "cluster support disabled") {
			return fmt.Errorf("redis at %s is no Cluster; write redis:// for a single server", s.place)
		}
		return fmt.Errorf("opening the store: %w", err)
	}
	if err := s.eachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return loadScripts(ctx, c) }); err != nil {
		return fmt.Errorf("redis at %s: %w", s.place, err)
	}
	shards, err := s.agree(ctx, o)
	if err != nil {
		return fmt.Errorf("redis at %s: %w", s.place, err)
	}
	s.names = newNames(o.Prefix, shards)
	s.gathers = []*gather{{rdb: s.rdb}}
	if s.place.kind == "cluster" { // a slow node delays its own shards only
		s.gathers = nil
		for range shards {
			s.gathers = append(s.gathers, &gather{rdb: s.rdb})
		}
	}
	s.nudge.out = make(chan struct{}, 1)
	s.nudge.wish = make(chan struct{}, 1)
	if err := s.beat(ctx); err != nil {
		return fmt.Errorf("redis at %s: %w", s.place, err)
	}
	run, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.beats(run) })
	s.done.Go(func() { s.listen(run) })
	s.done.Go(func() { s.publish(run) })
	return nil
}

// agree reads the layout of the store, or sets it when it is new.
func (s *Store) agree(ctx context.Context, o Options) (shards int, err error) {
	shards = o.Shards
	if shards == 0 {
		shards = defaultShards
	}
	key := metaKey(o.Prefix)
	var got *redis.SliceCmd
	_, err = s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.HSetNX(ctx, key, "format", format)
		p.HSetNX(ctx, key, "shards", shards)
		got = p.HMGet(ctx, key, "format", "shards")
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("reading the layout of the store: %w", err)
	}
	var n [2]int
	for i, v := range got.Val() {
		text, _ := v.(string)
		if n[i], err = strconv.Atoi(text); err != nil {
			return 0, fmt.Errorf("the key %s is damaged: %v", key, got.Val())
		}
	}
	if n[0] > format {
		return 0, fmt.Errorf("the store has layout %d and this butler knows layout %d; run the newer butler", n[0], format)
	}
	if n[1] < 1 || n[1] > maxShards {
		return 0, fmt.Errorf("the key %s is damaged: %d shards", key, n[1])
	}
	if o.Shards != 0 && o.Shards != n[1] {
		return 0, fmt.Errorf("the store was made with %d shards and cannot be opened with %d: customers would not be found", n[1], o.Shards)
	}
	return n[1], nil
}

// Warnings says what the operator should know about this Redis: durability
// below AOF always, a clock that differs by more than a second, checks that were
// not allowed. One sentence each.
func (s *Store) Warnings() []string { return s.warnings }

// Close says goodbye, so that others take this process' customers at once, and
// ends the connections. Calls on a closed store fail.
func (s *Store) Close() error {
	var err error
	s.close.Do(func() {
		s.stop()
		s.done.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), patience/2)
		defer cancel()
		s.rdb.ZRem(ctx, s.names.replicas(), s.id) // without it the beat expires
		s.shut.Store(true)
		err = s.rdb.Close()
	})
	return err
}

// gate stands before every command. It fails at once what is asked of a closed
// store; the client for a Cluster would go round its nodes first. And it makes
// that client look for the new master when one does not answer: by itself it
// would only do so when another node says MOVED, or after a minute.
type gate struct{ s *Store }

func (g gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if g.s.shut.Load() {
			cmd.SetErr(redis.ErrClosed)
			return redis.ErrClosed
		}
		err := next(ctx, cmd)
		g.look(ctx, err)
		return err
	}
}

func (g gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if g.s.shut.Load() {
			for _, c := range cmds {
				c.SetErr(redis.ErrClosed)
			}
			return redis.ErrClosed
		}
		err := next(ctx, cmds)
		g.look(ctx, err)
		return err
	}
}

// look asks the Cluster who serves what, when err is no answer of a server.
func (g gate) look(ctx context.Context, err error) {
	var answer redis.Error
	if c, ok := g.s.rdb.(*redis.ClusterClient); ok && err != nil && !errors.As(err, &answer) {
		c.ReloadState(ctx)
	}
}

// clientLog passes on what go-redis has to say.
type clientLog struct{ log *slog.Logger }

// Printf logs at the level of debugging: what matters comes back as an error.
func (l clientLog) Printf(ctx context.Context, form string, v ...any) {
	l.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(form, v...))
}

// time turns unix milliseconds of the store into a time.
func stamp(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// ceilMs rounds up to the millisecond, the grain of the store: never early.
func ceilMs(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}

// saw notes a time of the store and returns the latest this process has seen.
func (s *Store) saw(ms int64) int64 {
	for {
		old := s.floor.Load()
		if ms <= old {
			return old
		}
		if s.floor.CompareAndSwap(old, ms) {
			s.sight.Store(&sighting{ms, time.Now()})
			return ms
		}
	}
}

// sighting is a time of the store and when it was heard.
type sighting struct {
	ms int64
	at time.Time
}

// sightGood is how long a sighting is good for: beats bring one every half
// second, so an older one means that Redis is away.
const sightGood = 3 * time.Second

// Clock is Redis' time without a trip: the last one heard, moved on by the steady
// clock of this process. It was stamped before it arrived here, so it is behind
// by the way of the answer and never ahead.
func (s *Store) Clock() (time.Time, bool) {
	seen := s.sight.Load()
	if seen == nil {
		return time.Time{}, false
	}
	gone := time.Since(seen.at)
	if gone > sightGood {
		return time.Time{}, false
	}
	return stamp(max(seen.ms+gone.Milliseconds(), 0)), true
}
