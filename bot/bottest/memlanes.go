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
		m.offer(letter.Lane, ready)
	}
	letter.Body, letter.Queued, letter.Attempt, letter.Lease = bytes.Clone(letter.Body), now, 0, ""
	list := lane.list(letter.Urgent)
	*list = append(*list, memLetter{letter: letter})
	if letter.Urgent {
		m.hot.set(letter.Lane, m.ready.when(letter.Lane))
	}
}

// offer sets when a lane that holds a letter may be asked.
func (m *Mem) offer(lane string, ready time.Time) {
	m.ready.set(lane, ready)
	if len(m.lanes[lane].urgent) > 0 {
		m.hot.set(lane, ready)
	} else {
		m.hot.remove(lane)
	}
}

// list is the urgent or the normal list.
func (l *memLane) list(urgent bool) *[]memLetter {
	if urgent {
		return &l.urgent
	}
	return &l.normal
}

// Claim leases the heads of the lanes that may be sent now: those that hold an
// urgent letter, then others, each kind by (ready, lane).
func (m *Mem) Claim(ctx context.Context, max, ordinary int, lease time.Duration) (bot.Claimed, error) {
	return call(ctx, m, "Claim", func(now time.Time) (bot.Claimed, error) {
		out := bot.Claimed{Now: now}
		for _, e := range m.offers(now, max, ordinary) {
			lane := m.lanes[e.name]
			urgent := len(lane.urgent) > 0
			head := &(*lane.list(urgent))[0]
			head.attempt++
			m.leases++
			lane.lease, lane.leasedUrgent = strconv.Itoa(m.leases), urgent
			lane.rest = ceil(now.Add(lease))
			m.offer(e.name, lane.rest)

			l := head.letter
			l.Body, l.Attempt, l.Lease = bytes.Clone(l.Body), head.attempt, lane.lease
			out.Letters = append(out.Letters, l)
		}
		out.Next = m.ready.after(now)
		return out, nil
	})
}

// offers are the lanes to lease.
func (m *Mem) offers(now time.Time, max, ordinary int) []entry {
	list := m.hot.until(now, max)
	ordinary = min(ordinary, max-len(list))
	for _, e := range m.ready.list {
		if ordinary <= 0 || e.time().After(now) {
			break
		}
		if len(m.lanes[e.name].urgent) == 0 {
			list = append(list, e)
			ordinary--
		}
	}
	return list
}

// FreeLeases ends every lease, as a store does at its opening when only one
// process can have it open.
func (m *Mem) FreeLeases() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, lane := range m.lanes {
		if lane.lease != "" {
			lane.lease, lane.rest = "", time.Time{}
			m.offer(name, lane.rest)
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
			m.hot.remove(l.Lane)
		} else {
			m.offer(l.Lane, lane.rest)
		}
		return struct{}{}, nil
	})
	return err
}

// Rouse ends the rest of a lane in which letters wait.
func (m *Mem) Rouse(ctx context.Context, _, name string) error {
	_, err := call(ctx, m, "Rouse", func(now time.Time) (struct{}, error) {
		lane := m.lanes[name]
		if lane != nil && lane.lease == "" && !lane.empty() && lane.rest.After(now) {
			lane.rest = now
			m.offer(name, now)
			m.nudge()
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
