package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// run sends a script to the shard's server, together with those of others.
func (s *Store) run(ctx context.Context, shard int, sc *script, keys []string, args ...any) (any, error) {
	return s.gathers[shard%len(s.gathers)].do(ctx, sc, keys, args...)
}

// Load returns a customer's desk with its version and the store's time, in one
// round trip.
func (s *Store) Load(ctx context.Context, customer string) (bot.Loaded, error) {
	if bad := badName("name", customer); bad != "" {
		return bot.Loaded{}, errors.New("loading a customer: " + bad)
	}
	fail := func(err error) (bot.Loaded, error) {
		return bot.Loaded{}, fmt.Errorf("redis: loading %s: %w", customer, err)
	}
	shard := s.names.shard(customer)
	out, err := s.run(ctx, shard, loadScript, []string{s.names.desk(shard, customer)}, s.floor.Load())
	if err != nil {
		return fail(err)
	}
	list, err := asList(out)
	if err != nil || len(list) != 2 {
		return fail(fmt.Errorf("unexpected answer %v: %w", out, err))
	}
	now, err1 := asInt(list[0])
	fields, err2 := asList(list[1])
	if err := errors.Join(err1, err2); err != nil {
		return fail(err)
	}
	l := bot.Loaded{Now: stamp(s.saw(now))}
	if len(fields) == 0 {
		return l, nil
	}
	if l.Desk, l.Version, err = readDesk(fields); err != nil {
		return fail(err)
	}
	return l, nil
}

// readDesk turns the fields of a desk's hash into a desk and its version.
func readDesk(fields []any) (d desk.Desk, version int, err error) {
	var head []byte
	cases := map[int][]byte{}
	for i := 0; i+1 < len(fields); i += 2 {
		name, err1 := asString(fields[i])
		value, err2 := asString(fields[i+1])
		if err := errors.Join(err1, err2); err != nil {
			return d, 0, err
		}
		switch name {
		case "v":
			version, err = strconv.Atoi(value)
		case "head":
			head, err = unpack([]byte(value))
		default:
			var n int
			if n, err = strconv.Atoi(name); err == nil {
				cases[n], err = unpack([]byte(value))
			}
		}
		if err != nil {
			return d, 0, fmt.Errorf("field %q of the stored desk: %w", name, err)
		}
	}
	d, err = desk.Decode(head, cases)
	return d, version, err
}

// Commit writes one change or nothing.
func (s *Store) Commit(ctx context.Context, c bot.Commit) error {
	if err := checkCommit(c); err != nil {
		return err
	}
	shard := s.names.shard(c.Customer)
	keys, args := s.commitArgs(shard, c)
	out, err := s.run(ctx, shard, commitScript, keys, args...)
	if err != nil {
		return fmt.Errorf("redis: committing %s at version %d: %w", c.Customer, c.Version, err)
	}
	code, err := asInt(out)
	switch {
	case err != nil:
		return fmt.Errorf("redis: committing %s: %w", c.Customer, err)
	case code == 0:
		return bot.ErrConflict
	case code == 2: // this very commit was applied before; its reply was lost
		return nil
	case code == 3:
		return bot.ErrSeen
	}
	s.saw(code)
	if len(c.Letters) > 0 || !c.Wake.IsZero() && c.Wake.Sub(stamp(code)) <= time.Second {
		s.nudge.tell()
	}
	return nil
}

// maxLetters is how many letters one commit may bring: a script takes at most
// 8000 values at a time.
const maxLetters = 2000

// checkCommit refuses a commit that the store could not keep its promises for,
// with all reasons at once.
func checkCommit(c bot.Commit) error {
	var bad []string
	add := func(s string) {
		if s != "" {
			bad = append(bad, s)
		}
	}
	add(badName("customer", c.Customer))
	add(badName("op", c.Op))
	if c.Seen != "" {
		add(badName("input", c.Seen))
	}
	if c.Version < 0 {
		add(fmt.Sprintf("its version is %d; versions begin at 0", c.Version))
	}
	if len(c.Letters) > maxLetters {
		add(fmt.Sprintf("it has %d letters; at most %d go into one commit", len(c.Letters), maxLetters))
	}
	for i, l := range c.Letters {
		for _, s := range []string{badName("lane", l.Lane), badName("id", l.ID)} {
			if s != "" {
				add(fmt.Sprintf("letter %d: %s", i, s))
			}
		}
	}
	if bad == nil {
		return nil
	}
	return fmt.Errorf("commit for customer %q refused: %s", c.Customer, strings.Join(bad, "; "))
}

// commitArgs lays out a commit as commit.lua wants it.
func (s *Store) commitArgs(shard int, c bot.Commit) (keys []string, args []any) {
	n := s.names
	keys = []string{n.desk(shard, c.Customer), n.journal(shard, c.Customer), n.wakes(shard), n.ready(shard), n.held(shard)}
	keys = append(keys, keys[0], n.hot(shard))
	var life int64
	if c.Seen != "" {
		keys[5], life = n.seen(shard, c.Customer, c.Seen), bot.SeenFor.Milliseconds()
	}
	var wake int64
	if !c.Wake.IsZero() {
		wake = max(1, ceilMs(c.Wake))
	}

	fields, gone := []any{"head", pack(c.Desk.EncodeHead())}, []any{}
	for _, number := range c.Touched {
		name := strconv.Itoa(number)
		if k, ok := c.Desk.Case(number); ok {
			fields = append(fields, name, pack(k.Encode()))
		} else {
			gone = append(gone, name)
		}
	}
	op := encodeOp(c.Op)
	args = []any{c.Version, op, append([]byte(op), pack(c.Record.Encode())...), c.Customer, wake, s.floor.Load(), life}
	args = append(append(args, len(fields)), fields...)
	args = append(append(args, len(gone)), gone...)
	for _, g := range groupLetters(c.Letters) {
		keys = append(keys, n.lane(shard, g.lane, g.urgent))
		args = append(append(args, g.lane, g.urgent, len(g.letters)), g.letters...)
	}
	return keys, args
}

// laneGroup is the letters of a commit that go into one list, in order.
type laneGroup struct {
	lane    string
	urgent  bool
	letters []any
}

func groupLetters(letters []bot.Letter) []*laneGroup {
	var groups []*laneGroup
next:
	for _, l := range letters {
		stored := encodeLetter(l)
		for _, g := range groups {
			if g.lane == l.Lane && g.urgent == l.Urgent {
				g.letters = append(g.letters, stored)
				continue next
			}
		}
		groups = append(groups, &laneGroup{lane: l.Lane, urgent: l.Urgent, letters: []any{stored}})
	}
	return groups
}

// Journal returns the records of a customer from index from, at most max.
func (s *Store) Journal(ctx context.Context, customer string, from, max int) ([]desk.Record, error) {
	if from < 0 || max <= 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shard := s.names.shard(customer)
	lines, err := s.rdb.LRange(ctx, s.names.journal(shard, customer), int64(from), int64(from+max-1)).Result()
	if err != nil {
		return nil, fmt.Errorf("redis: reading the journal of %s: %w", customer, err)
	}
	records := make([]desk.Record, 0, len(lines))
	for i, line := range lines {
		r, err := decodeRecord(line)
		if err != nil {
			return nil, fmt.Errorf("record %d of the journal of %s is damaged: %w", from+i, customer, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// An element of a journal is the length of the op, a line feed, the op, and the
// packed record.

func encodeOp(op string) string { return strconv.Itoa(len(op)) + "\n" + op }

func decodeRecord(element string) (desk.Record, error) {
	length, rest, _ := strings.Cut(element, "\n")
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > len(rest) {
		return desk.Record{}, errPacked
	}
	body, err := unpack([]byte(rest[n:]))
	if err != nil {
		return desk.Record{}, err
	}
	return desk.DecodeRecord(body)
}

// maxParked is how many parked inputs are kept (bot.Store).
const maxParked = 1000

// Park keeps an input that broke a rule.
func (s *Store) Park(ctx context.Context, p bot.ParkedInput) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("parking an input of %s: %w", p.Customer, err)
	}
	if _, err := s.run(ctx, 0, parkScript, []string{s.names.parked()}, body, maxParked); err != nil {
		return fmt.Errorf("redis: parking an input of %s: %w", p.Customer, err)
	}
	return nil
}

// Parked lists what was parked, newest last.
func (s *Store) Parked(ctx context.Context) ([]bot.ParkedInput, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	lines, err := s.rdb.LRange(ctx, s.names.parked(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("redis: reading what was parked: %w", err)
	}
	out := make([]bot.ParkedInput, 0, len(lines))
	for i, line := range lines {
		var p bot.ParkedInput
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			return nil, fmt.Errorf("parked input %d is damaged: %w", i, err)
		}
		out = append(out, p)
	}
	return out, nil
}
