package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"butler/bot"
)

// A letter is stored as two lines and a rest: when it was queued (unix ms, put
// there by commit.lua); the lengths of its id and its customer; id, customer and
// body without anything between them.

// encodeLetter is all but the first line.
func encodeLetter(l bot.Letter) string {
	return fmt.Sprintf("%d %d\n%s%s%s", len(l.ID), len(l.Customer), l.ID, l.Customer, l.Body)
}

func decodeLetter(stored string) (l bot.Letter, err error) {
	parts := strings.SplitN(stored, "\n", 3)
	if len(parts) == 3 {
		var queued int64
		var id, customer int
		_, err1 := fmt.Sscanf(parts[0]+" "+parts[1], "%d %d %d", &queued, &id, &customer)
		rest := parts[2]
		if err1 == nil && id >= 0 && customer >= 0 && id+customer <= len(rest) {
			return bot.Letter{Queued: stamp(queued), ID: rest[:id], Customer: rest[id : id+customer], Body: []byte(rest[id+customer:])}, nil
		}
	}
	return l, errors.New("a stored letter is damaged; restore the store from a backup")
}

// laneTable is what this process knows about lanes that stand in several
// shards: a lane that it has claimed in one is not claimed in another before the
// lease, or the rest after it, is over.
type laneTable struct {
	mu   sync.Mutex
	busy map[string]busyLane
}

type busyLane struct {
	shard int
	until int64 // unix ms
}

// set says until when a lane is busy.
func (t *laneTable) set(lane string, shard int, until int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy = map[string]busyLane{}
	}
	t.busy[lane] = busyLane{shard, until}
}

// free drops the lanes that another shard keeps busy, and one of two that came
// together. It returns when the first of those may be asked again, 0 for none.
func (t *laneTable) free(lanes []member, now int64) (open []member, next int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, b := range t.busy {
		if b.until <= now {
			delete(t.busy, name)
		}
	}
	taken := map[string]bool{}
	for _, l := range lanes {
		b, ok := t.busy[l.name]
		switch {
		case ok && b.shard != l.shard:
			next = soonest(next, b.until)
		case taken[l.name]: // its turn comes when the lease of the first is over
		default:
			taken[l.name] = true
			open = append(open, l)
		}
	}
	return open, next
}

// claimMargin is how many lanes of a set are looked at beyond those that are
// wanted: some may be busy in another shard.
const claimMargin = 8

// Claim leases the heads of the lanes that may be sent now: one trip to see
// which, one to lease them. Lanes that hold an urgent letter are in a set of
// their own, so that it costs nothing to find them among many others.
func (s *Store) Claim(ctx context.Context, most, ordinary int, lease time.Duration) (bot.Claimed, error) {
	fail := func(err error) (bot.Claimed, error) {
		return bot.Claimed{}, fmt.Errorf("redis: claiming letters: %w", err)
	}
	lanes, next, more, err := s.offers(ctx, most, ordinary, max(most, 0)+claimMargin)
	if err == nil && more { // what was seen is busy in another shard: look further
		lanes, next, _, err = s.offers(ctx, most, ordinary, maxPeek)
	}
	if err != nil {
		return fail(err)
	}
	letters, err := s.lease(ctx, lanes, lease)
	if err != nil {
		return fail(err)
	}
	var out bot.Claimed
	for _, l := range letters {
		out.Letters = append(out.Letters, l.Letter)
		next = soonest(next, l.until)
	}
	out.Now, out.Next = s.ahead(next)
	return out, nil
}

// offers are the lanes to lease: those that hold an urgent letter, then others up
// to ordinary, each kind by its time; and when the earliest resting one may be
// asked. more says that places are left and not every lane was looked at.
func (s *Store) offers(ctx context.Context, most, ordinary, look int) (lanes []member, next int64, more bool, err error) {
	sets := []func(int) string{s.names.hot, s.names.ready}
	if ordinary <= 0 {
		sets = sets[:1]
	}
	due, err := s.peek(ctx, min(look, maxPeek), 0, sets...)
	if err != nil {
		return nil, 0, false, err
	}
	open, next := s.lanes.free(urgentFirst(due.members), due.now)
	for _, l := range open {
		if len(lanes) >= most || l.set == 1 && ordinary <= 0 {
			break
		}
		lanes = append(lanes, l)
		if l.set == 1 {
			ordinary--
		}
	}
	more = len(lanes) < most && (due.cut[0] || due.cut[1] && ordinary > 0)
	return lanes, soonest(next, due.next), more, nil
}

// urgentFirst puts the lanes of the set hot before the others, and leaves out of
// the others those that are among them.
func urgentFirst(all []member) []member {
	type place struct {
		shard int
		name  string
	}
	hot := map[place]bool{}
	var first, then []member
	for _, m := range all {
		if m.set == 0 {
			hot[place{m.shard, m.name}] = true
			first = append(first, m)
		}
	}
	for _, m := range all {
		if m.set > 0 && !hot[place{m.shard, m.name}] {
			then = append(then, m)
		}
	}
	return append(first, then...)
}

type leased struct {
	bot.Letter
	until int64
}

// lease claims the heads of lanes in one pipeline. A lane that somebody else
// took in between gives nothing. An error of one lane does not keep back the
// letters of the others.
func (s *Store) lease(ctx context.Context, lanes []member, lease time.Duration) (out []leased, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ms := int64((lease + time.Millisecond - 1) / time.Millisecond)
	var calls []*call
	for _, l := range lanes {
		token := s.token()
		calls = append(calls, &call{script: claimScript, keys: s.laneKeys(l.shard, l.name), args: []any{s.floor.Load(), l.name, ms, token}})
	}
	if calls == nil {
		return nil, nil
	}
	runAll(ctx, s.rdb, calls)
	var errs []error
	for i, c := range calls {
		l, ok, err := readClaim(c)
		if err != nil {
			errs = append(errs, fmt.Errorf("lane %s: %w", lanes[i].name, err))
			s.lost.add(orphan{lanes[i].shard, lanes[i].name, c.args[3].(string)}) // it may have been leased
		}
		if !ok {
			continue
		}
		l.Lane, l.Lease = lanes[i].name, c.args[3].(string)
		s.saw(l.until)
		l.until += ms
		s.lanes.set(l.Lane, lanes[i].shard, l.until)
		out = append(out, l)
	}
	if len(out) > 0 { // those that failed are offered again when their lease, if any, is over
		return out, nil
	}
	return nil, errors.Join(errs...)
}

func (s *Store) laneKeys(shard int, lane string) []string {
	return []string{s.names.ready(shard), s.names.held(shard), s.names.lane(shard, lane, true), s.names.lane(shard, lane, false), s.names.hot(shard)}
}

// readClaim reads the answer of claim.lua; until is still the time of the claim.
func readClaim(c *call) (l leased, ok bool, err error) {
	if c.err != nil {
		return l, false, c.err
	}
	list, err := asList(c.out)
	if err != nil {
		return l, false, err
	}
	if len(list) != 4 {
		return l, false, nil
	}
	now, err1 := asInt(list[0])
	kind, err2 := asString(list[1])
	attempt, err3 := asInt(list[2])
	stored, err4 := asString(list[3])
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return l, false, err
	}
	if l.Letter, err = decodeLetter(stored); err != nil {
		return l, false, err
	}
	l.Urgent, l.Attempt, l.until = kind == "u", int(attempt), now
	return l, true, nil
}

// Settle says what became of a claimed letter.
func (s *Store) Settle(ctx context.Context, l bot.Letter, st bot.Settlement) error {
	if l.Lease == "" {
		return nil
	}
	shard := s.names.shard(l.Customer)
	done := 0
	if st.Done {
		done = 1
	}
	rest := int64((max(st.After, 0) + time.Millisecond - 1) / time.Millisecond)
	out, err := s.run(ctx, shard, settleScript, s.laneKeys(shard, l.Lane), s.floor.Load(), l.Lane, l.Lease, done, rest)
	if err != nil {
		return fmt.Errorf("redis: settling %s: %w", l.ID, err)
	}
	until, err := asInt(out)
	if err != nil {
		return fmt.Errorf("redis: settling %s: %w", l.ID, err)
	}
	if until != 0 {
		s.lanes.set(l.Lane, shard, until)
	}
	return nil
}

// Rouse ends the rest of a lane in which letters wait.
func (s *Store) Rouse(ctx context.Context, customer, lane string) error {
	shard := s.names.shard(customer)
	out, err := s.run(ctx, shard, rouseScript, s.laneKeys(shard, lane), s.floor.Load(), lane)
	if err == nil {
		var n int64
		if n, err = asInt(out); n == 1 {
			s.nudge.tell()
		}
	}
	if err != nil {
		return fmt.Errorf("redis: rousing %s: %w", lane, err)
	}
	return nil
}

// Outbox returns how many letters wait, and since when the oldest lane could
// have been sent.
func (s *Store) Outbox(ctx context.Context) (bot.Backlog, error) {
	fail := func(err error) (bot.Backlog, error) {
		return bot.Backlog{}, fmt.Errorf("redis: counting the letters: %w", err)
	}
	now, err := s.Now(ctx)
	if err != nil {
		return bot.Backlog{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	out := bot.Backlog{Now: now}
	pipe := s.rdb.Pipeline()
	for shard := range s.names.tags {
		lanes, err := s.rdb.ZRangeWithScores(ctx, s.names.ready(shard), 0, -1).Result()
		if err != nil {
			return fail(err)
		}
		for _, z := range lanes {
			lane := z.Member.(string)
			if at := stamp(int64(z.Score)); out.Oldest.IsZero() || at.Before(out.Oldest) {
				out.Oldest = at
			}
			pipe.LLen(ctx, s.names.lane(shard, lane, true))
			pipe.LLen(ctx, s.names.lane(shard, lane, false))
		}
	}
	lengths, err := pipe.Exec(ctx)
	if err != nil {
		return fail(err)
	}
	for _, n := range lengths {
		out.Letters += int(n.(interface{ Val() int64 }).Val())
	}
	return out, nil
}

// Prune forgets lanes that are empty and have rested. Seen-marks expire by
// themselves.
func (s *Store) Prune(ctx context.Context) error {
	for shard := range s.names.tags {
		var cursor uint64
		for {
			pairs, next, err := s.rdb.HScan(ctx, s.names.held(shard), cursor, "", 500).Result()
			if err != nil {
				return fmt.Errorf("redis: pruning: %w", err)
			}
			args := []any{s.floor.Load()}
			for i := 0; i < len(pairs); i += 2 {
				args = append(args, pairs[i])
			}
			if len(args) > 1 {
				if _, err := s.run(ctx, shard, pruneScript, []string{s.names.ready(shard), s.names.held(shard)}, args...); err != nil {
					return fmt.Errorf("redis: pruning: %w", err)
				}
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
	}
	return nil
}
