package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"butler/bot"
)

const (
	// stepIn is how long a due desk is left to the process that owns it.
	stepIn = 150 * time.Millisecond
	// maxPeek bounds what one peek reads of one shard.
	maxPeek = 1000
)

// Due returns the desks whose wake has come and that are this process' to wake,
// earliest first. A desk of another live process is offered here too when it is
// 150 ms late, behind our own: when thousands are due at once both are late, and
// would otherwise wake the same ones. Next is then also the time at which such a desk would be. While a
// node of a Cluster is away, the desks of the others are offered.
func (s *Store) Due(ctx context.Context, most int) (bot.Due, error) {
	live := s.live.list()
	due, err := s.peek(ctx, min(most*len(live), maxPeek), 0, s.names.wakes)
	if err != nil {
		return bot.Due{}, fmt.Errorf("redis: asking what is due: %w", err)
	}
	var out bot.Due
	next := due.next
	var others []bot.Wake
	for _, m := range due.members {
		later := m.at + stepIn.Milliseconds()
		if later > due.now && owner(live, m.name) != s.id {
			next = soonest(next, later)
			continue
		}
		w := bot.Wake{Customer: m.name, At: stamp(m.at)}
		if owner(live, m.name) != s.id {
			others = append(others, w)
		} else if len(out.Wakes) < most {
			out.Wakes = append(out.Wakes, w)
		}
	}
	out.Wakes = append(out.Wakes, others[:min(len(others), max(most-len(out.Wakes), 0))]...)
	out.Now, out.Next = s.ahead(next)
	return out, nil
}

// ahead is the time now and the time to ask again: later than now, also when it
// has come while the question was under way. 0 is never.
func (s *Store) ahead(next int64) (at, again time.Time) {
	now := s.floor.Load()
	if next != 0 {
		next = max(next, now+1)
	}
	return stamp(now), stamp(next)
}

// Overdue returns customers whose wake lies at least late in the past, whoever
// owns them.
func (s *Store) Overdue(ctx context.Context, late time.Duration, most int) (bot.Audit, error) {
	due, err := s.peek(ctx, most, late.Milliseconds(), s.names.wakes)
	if err != nil {
		return bot.Audit{}, fmt.Errorf("redis: asking what is overdue: %w", err)
	}
	if due.missing != nil {
		return bot.Audit{}, fmt.Errorf("redis: asking what is overdue: %w", due.missing)
	}
	out := bot.Audit{Now: stamp(due.now)}
	for _, m := range due.members[:min(most, len(due.members))] {
		out.Late = append(out.Late, bot.Wake{Customer: m.name, At: stamp(m.at)})
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pipe := s.rdb.Pipeline()
	for shard := range s.names.tags {
		pipe.ZCard(ctx, s.names.wakes(shard))
	}
	cards, err := pipe.Exec(ctx)
	if err != nil {
		return bot.Audit{}, fmt.Errorf("redis: counting the wakes: %w", err)
	}
	for _, c := range cards {
		out.Desks += int(c.(interface{ Val() int64 }).Val())
	}
	return out, nil
}

// Now returns the store's time, asked from every shard.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	due, err := s.peek(ctx, 0, 0, s.names.wakes)
	if err != nil {
		return time.Time{}, fmt.Errorf("redis: asking for the time: %w", err)
	}
	if due.missing != nil {
		return time.Time{}, fmt.Errorf("redis: asking for the time: %w", due.missing)
	}
	return stamp(due.now), nil
}

// peeked is what one peek saw of all shards.
type peeked struct {
	now, next int64 // unix ms; next 0 for none
	members   []member
	cut       [2]bool // by set: it may hold more that is due
	missing   error   // why some shards are not in it, when a node of a Cluster is away
}

type member struct {
	shard int
	set   int // which of the sets that were asked for
	name  string
	at    int64
}

// peek asks all shards what is due in the sets that are named, at most so many of
// each, earliest first. Outside a Cluster that is one command; in a Cluster a
// node that is away does not keep back what the others know.
func (s *Store) peek(ctx context.Context, most int, late int64, sets ...func(shard int) string) (peeked, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var keys []string
	for shard := range s.names.tags {
		for _, set := range sets {
			keys = append(keys, set(shard))
		}
	}
	args := []any{s.floor.Load(), most, late}
	calls := []*call{{script: peekScript, keys: keys, args: args}}
	if s.place.kind == "cluster" {
		calls = nil
		for of := range slices.Chunk(keys, len(sets)) {
			calls = append(calls, &call{script: peekScript, keys: of, args: args})
		}
	}
	runAll(ctx, s.rdb, calls)

	var p peeked
	var answered int
	shard := 0
	for _, c := range calls {
		if c.err == nil {
			c.err = p.read(c.out, shard, len(sets), most)
		}
		if c.err == nil {
			answered++
		} else {
			p.missing = c.err
		}
		shard += len(c.keys) / len(sets)
	}
	if answered == 0 {
		return peeked{}, p.missing
	}
	p.now = s.saw(p.now)
	slices.SortFunc(p.members, func(a, b member) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.name, b.name)) })
	return p, nil
}

// read adds the answer of one peek of so many sets (at most two) of each shard,
// from shard on.
func (p *peeked) read(out any, shard, sets, most int) error {
	list, err := asList(out)
	if err != nil {
		return err
	}
	if len(list) < 2 {
		return errors.New("the script answered too little")
	}
	now, err1 := asInt(list[0])
	next, err2 := asInt(list[1])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	p.now, p.next = max(p.now, now), soonest(p.next, next)
	for i, set := range list[2:] {
		flat, err := asList(set)
		if err != nil {
			return err
		}
		p.cut[i%sets] = p.cut[i%sets] || len(flat) >= 2*most
		for j := 0; j+1 < len(flat); j += 2 {
			name, err1 := asString(flat[j])
			score, err2 := asString(flat[j+1])
			at, err3 := strconv.ParseFloat(score, 64)
			if err := errors.Join(err1, err2, err3); err != nil {
				return err
			}
			p.members = append(p.members, member{shard: shard + i/sets, set: i % sets, name: name, at: int64(at)})
		}
	}
	return nil
}

// soonest is the earlier of two times of which 0 means none.
func soonest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
