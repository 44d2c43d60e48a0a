package redis

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"
)

const (
	// beatEvery is how often a process says that it lives.
	beatEvery = 500 * time.Millisecond
	// beatCounts is how long a beat counts: three may be lost. Until a dead
	// process is forgotten its desks are woken by others, stepIn late, and its
	// leases hold; then both are over, well within 5 s (design §16).
	beatCounts = 2 * time.Second
)

// replicas are the processes that were alive at our last beat.
type replicas struct {
	mu      sync.Mutex
	ids     []string
	settled bool // the leases of those who are gone were put back
}

// list returns the ids, sorted, our own included.
func (r *replicas) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids
}

// set keeps who lives, and reports whether it is time to look for leases of
// those who do not: once after each change, when the next beat still says the
// same. After an outage of Redis everybody needs a moment to say that they live.
func (r *replicas) set(ids []string) (look bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(ids, r.ids) {
		r.ids, r.settled = ids, false
		return false
	}
	look, r.settled = !r.settled, true
	return look
}

// doubt asks for another look at the next beat.
func (r *replicas) doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled = false
}

// owner is the process that wakes a customer: the one with the highest hash of
// both names (rendezvous hashing), so that a process that comes or goes moves
// only its own share. Processes that disagree for a moment about who lives do no
// harm: the commit decides.
func owner(live []string, customer string) string {
	if len(live) == 1 {
		return live[0]
	}
	var best string
	var top uint64
	for _, id := range live {
		h := fnv.New64a()
		h.Write([]byte(id))
		h.Write([]byte{0})
		h.Write([]byte(customer))
		if v := mix(h.Sum64()); best == "" || v > top {
			best, top = id, v
		}
	}
	return best
}

// mix spreads the last bytes of an FNV hash over all bits (the finalizer of
// MurmurHash3): without it the ids would decide alone.
func mix(v uint64) uint64 {
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	v *= 0xc4ceb9fe1a85ec53
	return v ^ v>>33
}

// beat says that this process lives and learns who else does.
func (s *Store) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := &call{script: beatScript, keys: []string{s.names.replicas()}, args: []any{s.floor.Load(), s.id, beatCounts.Milliseconds()}}
	runAll(ctx, s.rdb, []*call{c})
	if c.err != nil {
		return fmt.Errorf("saying that this process lives: %w", c.err)
	}
	list, err := asList(c.out)
	if err != nil {
		return err
	}
	ids := []string{s.id}
	for _, v := range list {
		if id, err := asString(v); err == nil && id != s.id {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if err := s.putBack(ctx, s.live.set(ids) && !s.patient, ids); err != nil {
		s.live.doubt()
		return fmt.Errorf("putting back what nobody will settle: %w", err)
	}
	return nil
}

// beats beats until ctx ends. A beat that fails is repeated a second later; the
// operations say by themselves that Redis is away.
func (s *Store) beats(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = s.beat(ctx)
		}
	}
}
