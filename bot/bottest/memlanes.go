package bottest

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"butler/bot"
)

// memLane is one lane of the outbox: two lists, urgent before normal, that
// share one ready time. The ready time of a lane that holds a letter stands in
// memory.ready; rest is the one it had last, and outlives the letters, so that a
// letter that comes a moment after the last one was sent keeps the spacing.
type memLane struct {
	urgent, normal []memLetter
	rest           time.Time
	lease          string // of the letter on offer; "" when none is
	leasedUrgent   bool   // the letter on offer heads the urgent list
}

type memLetter struct {
	letter  bot.Letter // with a body of its own
	attempt int
}

func (l *memLane) empty() bool { return len(l.urgent)+len(l.normal) == 0 }

// queue appends a letter to its lane.
func (m *Mem) queue(letter bot.Letter, now time.Time) {
	lane := m.lanes[letter.Lane]
	if lane == nil {
		lane = &memLane{}
		m.lanes[letter.Lane] = lane
	}
	if lane.empty() {
		ready := now
		if lane.rest.After(now) {
			ready = lane.rest
		}
		m.ready.set(letter.Lane, ready)
	}
	letter.Body, letter.Queued, letter.Attempt, letter.Lease = bytes.Clone(letter.Body), now, 0, ""
	list := lane.list(letter.Urgent)
	*list = append(*list, memLetter{letter: letter})
}

// list is the urgent or the normal list.
func (l *memLane) list(urgent bool) *[]memLetter {
	if urgent {
		return &l.urgent
	}
	return &l.normal
}

// Claim leases the heads of the lanes that may be sent now, by (ready, lane).
func (m *Mem) Claim(ctx context.Context, max int, lease time.Duration) (bot.Claimed, error) {
	return call(ctx, m, "Claim", func(now time.Time) (bot.Claimed, error) {
		out := bot.Claimed{Now: now}
		for _, e := range m.ready.until(now, max) {
			lane := m.lanes[e.name]
			urgent := len(lane.urgent) > 0
			head := &(*lane.list(urgent))[0]
			head.attempt++
			m.leases++
			lane.lease, lane.leasedUrgent = strconv.Itoa(m.leases), urgent
			lane.rest = ceil(now.Add(lease))
			m.ready.set(e.name, lane.rest)

			l := head.letter
			l.Body, l.Attempt, l.Lease = bytes.Clone(l.Body), head.attempt, lane.lease
			out.Letters = append(out.Letters, l)
		}
		out.Next = m.ready.after(now)
		return out, nil
	})
}

// FreeLeases ends every lease, as a store does at its opening when only one
// process can have it open.
func (m *Mem) FreeLeases() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, lane := range m.lanes {
		if lane.lease != "" {
			lane.lease, lane.rest = "", time.Time{}
			m.ready.set(name, lane.rest)
		}
	}
}

// Settle says what became of a claimed letter.
func (m *Mem) Settle(ctx context.Context, l bot.Letter, s bot.Settlement) error {
	_, err := call(ctx, m, "Settle", func(now time.Time) (struct{}, error) {
		lane := m.lanes[l.Lane]
		if lane == nil || l.Lease == "" || lane.lease != l.Lease {
			return struct{}{}, nil // somebody else took over, or it was settled before
		}
		lane.lease = ""
		lane.rest = ceil(now.Add(s.After))
		if list := lane.list(lane.leasedUrgent); s.Done {
			*list = (*list)[1:]
		}
		if lane.empty() {
			lane.urgent, lane.normal = nil, nil
			m.ready.remove(l.Lane)
		} else {
			m.ready.set(l.Lane, lane.rest)
		}
		return struct{}{}, nil
	})
	return err
}

// Outbox returns how many letters wait, and since when the oldest lane could
// have been sent.
func (m *Mem) Outbox(ctx context.Context) (bot.Backlog, error) {
	return call(ctx, m, "Outbox", func(now time.Time) (bot.Backlog, error) {
		b := bot.Backlog{Now: now, Oldest: m.ready.first()}
		for _, l := range m.lanes {
			b.Letters += len(l.urgent) + len(l.normal)
		}
		return b, nil
	})
}
