package bottest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// Mem is a bot.Store in memory. It keeps the encoded bytes of what it is given
// and never a live value, so that an encoding that loses something shows; it
// orders everything it returns, so that a run can be repeated; and it fails on
// request (Fail, Lose, Down).
//
// A Mem is a handle, as a process would hold one: Reopen returns another handle
// on the same memory, Close ends one handle and leaves the memory as it is.
type Mem struct {
	*memory
	nudges chan struct{}
	closed bool
}

// memory is what the handles share.
type memory struct {
	mu      sync.Mutex
	clock   func() time.Time
	last    time.Time // the last time that was returned; time never runs backwards
	desks   map[string]*memDesk
	seen    map[memSeen]time.Time // until when the input is known
	wakes   agenda                // customers by wake
	lanes   map[string]*memLane
	ready   agenda // lanes that hold a letter, by the time they may be asked
	hot     agenda // those of them that hold an urgent letter
	leases  int
	parked  []bot.ParkedInput
	memos   map[string]string
	sums    map[string]int64
	handles []*Mem
	faults  map[string][]memFault
	down    bool
}

// memDesk is one customer. Its byte slices are replaced, never written to.
type memDesk struct {
	head    []byte
	cases   map[int][]byte
	ops     []string // ops[k] made the change k → k+1, journal[k] tells it
	journal [][]byte
}

type memSeen struct{ customer, input string }

// NewMem returns an empty memory that lives by clock.
func NewMem(clock func() time.Time) *Mem {
	return (&memory{
		clock:  clock,
		desks:  map[string]*memDesk{},
		seen:   map[memSeen]time.Time{},
		lanes:  map[string]*memLane{},
		memos:  map[string]string{},
		sums:   map[string]int64{},
		faults: map[string][]memFault{},
	}).open()
}

// Reopen returns another handle on the same memory: another process, or the
// same one after its restart.
func (m *Mem) Reopen() *Mem { return m.memory.open() }

func (y *memory) open() *Mem {
	y.mu.Lock()
	defer y.mu.Unlock()
	m := &Mem{memory: y, nudges: make(chan struct{}, 1)}
	y.handles = append(y.handles, m)
	return m
}

// Load returns a customer's desk with its version and the time.
func (m *Mem) Load(ctx context.Context, customer string) (bot.Loaded, error) {
	type stored struct {
		head    []byte
		cases   map[int][]byte
		version int
		now     time.Time
	}
	s, err := call(ctx, m, "Load", func(now time.Time) (stored, error) {
		d := m.desks[customer]
		if d == nil {
			return stored{now: now}, nil
		}
		cases := make(map[int][]byte, len(d.cases))
		for n, b := range d.cases {
			cases[n] = b
		}
		return stored{head: d.head, cases: cases, version: len(d.journal), now: now}, nil
	})
	if err != nil {
		return bot.Loaded{}, err
	}
	if s.head == nil {
		return bot.Loaded{Now: s.now}, nil
	}
	d, err := desk.Decode(s.head, s.cases)
	if err != nil {
		return bot.Loaded{}, fmt.Errorf("customer %s: %w", customer, err)
	}
	return bot.Loaded{Desk: d, Version: s.version, Now: s.now}, nil
}

// Commit writes one change or nothing.
func (m *Mem) Commit(ctx context.Context, c bot.Commit) error {
	if err := c.Check(); err != nil {
		return err
	}
	head, record := c.Desk.EncodeHead(), c.Record.Encode()
	cases := make(map[int][]byte, len(c.Touched))
	for _, n := range c.Touched {
		cases[n] = nil
		if k, ok := c.Desk.Case(n); ok {
			cases[n] = k.Encode()
		}
	}
	_, err := call(ctx, m, "Commit", func(now time.Time) (struct{}, error) {
		return struct{}{}, m.commit(c, head, record, cases, now)
	})
	return err
}

// commit checks everything before its first write.
func (m *Mem) commit(c bot.Commit, head, record []byte, cases map[int][]byte, now time.Time) error {
	d := m.desks[c.Customer]
	if d == nil {
		d = &memDesk{cases: map[int][]byte{}}
	}
	if c.Version < len(d.ops) && d.ops[c.Version] == c.Op {
		return nil // this very commit was applied before
	}
	mark := memSeen{c.Customer, c.Seen}
	if until, ok := m.seen[mark]; ok && c.Seen != "" && now.Before(until) {
		return bot.ErrSeen
	}
	if c.Version != len(d.ops) {
		return bot.ErrConflict
	}

	d.head = head
	for n, b := range cases {
		if b == nil {
			delete(d.cases, n)
		} else {
			d.cases[n] = b
		}
	}
	d.ops, d.journal = append(d.ops, c.Op), append(d.journal, record)
	m.desks[c.Customer] = d
	if c.Seen != "" {
		m.seen[mark] = now.Add(bot.SeenFor)
	}
	if c.Wake.IsZero() {
		m.wakes.remove(c.Customer)
	} else {
		m.wakes.set(c.Customer, c.Wake)
	}
	for _, l := range c.Letters {
		m.queue(l, now)
	}
	if len(c.Letters) > 0 || !c.Wake.IsZero() && c.Wake.Sub(now) <= time.Second {
		m.nudge()
	}
	return nil
}

// Due returns the desks whose wake has come, by (wake, customer).
func (m *Mem) Due(ctx context.Context, max int) (bot.Due, error) {
	return call(ctx, m, "Due", func(now time.Time) (bot.Due, error) {
		return bot.Due{Now: now, Wakes: wakes(m.wakes.until(now, max)), Next: m.wakes.after(now)}, nil
	})
}

// Overdue returns the customers whose wake lies at least late in the past.
func (m *Mem) Overdue(ctx context.Context, late time.Duration, max int) (bot.Audit, error) {
	return call(ctx, m, "Overdue", func(now time.Time) (bot.Audit, error) {
		return bot.Audit{Now: now, Late: wakes(m.wakes.until(now.Add(-late), max)), Desks: m.wakes.len()}, nil
	})
}

func wakes(list []entry) []bot.Wake {
	var out []bot.Wake
	for _, e := range list {
		out = append(out, bot.Wake{Customer: e.name, At: e.time()})
	}
	return out
}

// Journal returns the records of a customer from index from, at most max.
func (m *Mem) Journal(ctx context.Context, customer string, from, max int) ([]desk.Record, error) {
	return call(ctx, m, "Journal", func(time.Time) ([]desk.Record, error) {
		d := m.desks[customer]
		if d == nil || from < 0 || from >= len(d.journal) || max <= 0 {
			return nil, nil
		}
		var out []desk.Record
		for _, b := range d.journal[from:min(len(d.journal), from+max)] {
			r, err := desk.DecodeRecord(b)
			if err != nil {
				return nil, fmt.Errorf("the journal of %s is damaged: %w", customer, err)
			}
			out = append(out, r)
		}
		return out, nil
	})
}

// maxParked is how many parked inputs are kept (bot.Store).
const maxParked = 1000

// Park keeps an input that broke a rule.
func (m *Mem) Park(ctx context.Context, p bot.ParkedInput) error {
	_, err := call(ctx, m, "Park", func(time.Time) (struct{}, error) {
		p.Input = bytes.Clone(p.Input)
		m.parked = append(m.parked, p)
		if over := len(m.parked) - maxParked; over > 0 {
			m.parked = slices.Delete(m.parked, 0, over)
		}
		return struct{}{}, nil
	})
	return err
}

// Parked lists what was parked, newest last.
func (m *Mem) Parked(ctx context.Context) ([]bot.ParkedInput, error) {
	return call(ctx, m, "Parked", func(time.Time) ([]bot.ParkedInput, error) {
		list := slices.Clone(m.parked)
		for i := range list {
			list[i].Input = bytes.Clone(list[i].Input)
		}
		return list, nil
	})
}

// Remember keeps a short text under a name.
func (m *Mem) Remember(ctx context.Context, name, text string) error {
	_, err := call(ctx, m, "Remember", func(time.Time) (struct{}, error) {
		m.memos[name] = text
		return struct{}{}, nil
	})
	return err
}

// Recall returns it; "" when there is none.
func (m *Mem) Recall(ctx context.Context, name string) (string, error) {
	return call(ctx, m, "Recall", func(time.Time) (string, error) { return m.memos[name], nil })
}

// Add adds n to the number kept under a name.
func (m *Mem) Add(ctx context.Context, name string, n int64) (int64, error) {
	return call(ctx, m, "Add", func(time.Time) (int64, error) {
		m.sums[name] += n
		return m.sums[name], nil
	})
}

// Prune forgets seen-marks that have expired and lanes that are empty and rested.
func (m *Mem) Prune(ctx context.Context) error {
	_, err := call(ctx, m, "Prune", func(now time.Time) (struct{}, error) {
		for k, until := range m.seen {
			if !now.Before(until) {
				delete(m.seen, k)
			}
		}
		for name, l := range m.lanes {
			if l.empty() && !l.rest.After(now) {
				delete(m.lanes, name)
			}
		}
		return struct{}{}, nil
	})
	return err
}

// Now returns the memory's time.
func (m *Mem) Now(ctx context.Context) (time.Time, error) {
	return call(ctx, m, "Now", func(now time.Time) (time.Time, error) { return now, nil })
}

// Clock is the store's time.
func (m *Mem) Clock() (time.Time, bool) {
	now, err := m.Now(context.Background())
	return now, err == nil
}

// Nudges delivers a value when a commit through any handle brought something to
// do within a second.
func (m *Mem) Nudges() <-chan struct{} { return m.nudges }

func (m *Mem) nudge() {
	for _, h := range m.handles {
		select {
		case h.nudges <- struct{}{}:
		default: // it has one it did not read yet
		}
	}
}

// Close ends this handle. Calls on it fail from now on; the memory stays.
func (m *Mem) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.handles = slices.DeleteFunc(m.handles, func(h *Mem) bool { return h == m })
	return nil
}
