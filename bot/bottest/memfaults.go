package bottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Errors that a Mem makes on request, and the one of a closed handle.
var (
	ErrDown   = errors.New("the store does not answer")
	ErrLost   = errors.New("the store's reply was lost")
	ErrClosed = errors.New("the store is closed")
)

// memFault is one failure to come.
type memFault struct {
	err  error // returned before anything is done
	lose bool  // do it, then lose the reply
}

var memOps = []string{
	"Load", "Commit", "Due", "Claim", "Settle", "Rouse", "Journal", "Park", "Parked", "Overdue", "Outbox", "Prune", "Now",
}

// Fail makes the next call of op (the name of a method of bot.Store) return err
// and do nothing. Faults of one op happen in the order in which they were asked
// for, one a call, whatever the handle.
func (m *Mem) Fail(op string, err error) { m.fault(op, memFault{err: err}) }

// Lose makes the next call of op do its work and return ErrLost, as when the
// connection breaks between the write and the reply.
func (m *Mem) Lose(op string) { m.fault(op, memFault{lose: true}) }

// Down makes every call of every handle fail with ErrDown, until Down(false).
func (m *Mem) Down(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

func (m *Mem) fault(op string, f memFault) {
	if !slices.Contains(memOps, op) {
		panic(fmt.Sprintf("bottest: no method of a store is called %q; there are %v", op, memOps))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[op] = append(m.faults[op], f)
}

// call is the one way into the memory: one caller at a time, at one time, with
// the faults that were asked for.
func call[T any](ctx context.Context, m *Mem, op string, do func(now time.Time) (T, error)) (T, error) {
	var none T
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	if m.closed {
		return none, fmt.Errorf("%s: %w", op, ErrClosed)
	}
	if m.down {
		return none, fmt.Errorf("%s: %w", op, ErrDown)
	}
	var f memFault
	if list := m.faults[op]; len(list) > 0 {
		f, m.faults[op] = list[0], list[1:]
	}
	if f.err != nil {
		return none, f.err
	}
	if now := m.clock().UTC().Truncate(time.Millisecond); now.After(m.last) {
		m.last = now
	}
	v, err := do(m.last)
	if f.lose {
		return none, fmt.Errorf("%s: %w", op, ErrLost)
	}
	if err != nil {
		return none, err
	}
	return v, nil
}

// Plant stores head as the desk of customer at version 1, as another butler
// would have written it: a newer schema, damaged bytes.
func (m *Mem) Plant(customer string, head []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.desks[customer] = &memDesk{head: bytes.Clone(head), cases: map[int][]byte{}, ops: []string{"planted"}, journal: [][]byte{[]byte("{}")}}
}
