package slack

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// reach bounds looking back.
type reach struct {
	short  time.Duration // a connection away for less costs nothing: Slack delivers again
	margin time.Duration // read before a gap: clocks differ, and a dead connection is noticed late
	deep   time.Duration // before now; what is older may have been heard and forgotten, and would be heard as new
	total  time.Duration // for all rooms of one gap
	most   int           // pages of one room, and of one thread
	pulse  time.Duration // between two notes that we hear
	again  time.Duration // before what failed is tried again; doubles up to a minute
	pause  time.Duration // after a limit of which Slack does not say how long it lasts
}

// usual bounds looking back outside of tests. Slack allows about 50 calls a minute
// of conversations.history (tier 3), and apps that are sold outside its Marketplace
// one, of 15 messages (docs.slack.dev/apis/web-api/rate-limits).
var usual = reach{short: 3 * time.Second, margin: 2 * time.Minute, deep: bot.SeenFor - 24*time.Hour, total: 15 * time.Minute,
	most: 20, pulse: 5 * time.Second, again: time.Second, pause: 15 * time.Second}

// stalled is how late a pulse may be before the process must have stood still: a
// laptop asleep, a machine being moved.
const stalled = 10 * time.Second

// gap is a stretch of time in which nothing was heard; zero for none.
type gap struct{ from, to time.Time }

// with is the gap that holds both.
func (g gap) with(h gap) gap {
	switch {
	case g.from.IsZero():
		return h
	case h.from.IsZero():
		return g
	case h.from.Before(g.from):
		g.from = h.from
	}
	if h.to.After(g.to) {
		g.to = h.to
	}
	return g
}

// lookback fetches what was said while nobody listened: between two processes, and
// while the connection was away. Everything takes the road of a live message, under
// the same id, so what was heard before does no harm.
//
// It sees messages of the listened rooms, of the threads that the host names or
// that grew in the gap, edits of messages that it reads, and marks at them. It
// cannot see deletions, edits of messages that are older than the gap and stand in
// no such thread, one-to-one chats, and commands and clicks: Slack keeps none of
// them, or shows who typed or pressed that it failed.
//
// The host is told that we hear only when nothing is left to be fetched. A process
// that ends before has its work done by the next.
type lookback struct {
	reach
	e       *ear
	lacking chat.Room // a room that could not be read for want of a scope

	mu    sync.Mutex
	wake  chan struct{}
	stood bool      // the connection stands
	since time.Time // when the first one of this process stood
	lost  time.Time // when the last one was lost
	gap   gap       // to be read
}

// wall is the time of the wall: it goes on while the process stands still.
func wall() time.Time { return time.Now().Round(0).UTC() }

// stands notes a connection that stands.
func (l *lookback) stands(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		l.since = now
	}
	if !l.stood && !l.lost.IsZero() && now.Sub(l.lost) >= l.short {
		l.gap = l.gap.with(gap{l.lost, now})
	}
	l.stood = true
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// falls notes that it is lost.
func (l *lookback) falls(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stood {
		l.stood, l.lost = false, now
	}
}

// watch reads one gap after the other until ctx ends, and notes between them that
// the connection stands.
func (l *lookback) watch(ctx context.Context) {
	if l.e.p.host == nil {
		return
	}
	pulse := time.NewTicker(l.pulse)
	defer pulse.Stop()
	cold, beat, look := true, time.Time{}, time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-pulse.C:
		}
		now := wall()
		l.mu.Lock()
		stands, since := l.stood, l.since
		if stands && !beat.IsZero() && now.Sub(beat) > l.pulse+stalled {
			l.gap = l.gap.with(gap{beat, now})
		}
		l.mu.Unlock()
		if cold {
			if !stands {
				continue
			}
			last, err := l.last(ctx)
			if err != nil {
				l.e.p.log.Warn("slack: it is not known when the bot heard last; asking again", "error", err)
				continue
			}
			cold = false
			if !last.IsZero() {
				l.mu.Lock()
				l.gap = l.gap.with(gap{last, since})
				l.mu.Unlock()
			}
		}
		for g := l.next(); !g.from.IsZero() && ctx.Err() == nil; g = l.next() {
			l.read(ctx, g)
		}
		if l.lacking.ID != "" && wall().Sub(look) > 12*l.pulse {
			look = wall()
			l.mended(ctx)
		}
		beat = wall()
		l.mu.Lock()
		stands = l.stood
		l.mu.Unlock()
		if stands && ctx.Err() == nil {
			l.note(ctx)
		}
	}
}

// next takes the gap that is to be read.
func (l *lookback) next() (g gap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, l.gap = l.gap, gap{}
	return g
}

func (l *lookback) last(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	return l.e.p.host.LastHearing(ctx, "slack")
}

// note says that we hear now. A store that is away learns it at the next pulse.
func (l *lookback) note(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	if err := l.e.p.host.Hearing(ctx, "slack"); err != nil && ctx.Err() == nil {
		l.e.p.log.Warn("slack: the store did not note that the bot hears", "error", err)
	}
}

// mended asks whether the scope is there by now that a room was not read for: only
// a call that works takes the line back that Ready says.
func (l *lookback) mended(ctx context.Context) {
	var answer pageOf
	const method = "conversations.history"
	err := l.e.p.verdict(method, l.lacking, l.e.p.ask(ctx, method, url.Values{"channel": {l.lacking.ID}, "limit": {"1"}}, &answer))
	if err == nil {
		l.lacking = chat.Room{}
	}
}

// read fetches one gap, room by room, fronts first. What fails is tried again
// after the others, as long as the time lasts. Of a front that could not be read
// to its end the host is told.
func (l *lookback) read(ctx context.Context, g gap) {
	ears := l.ears(ctx)
	p, began := l.e.p, wall()
	missed := p.Count.Missed.Load()
	within, cancel := context.WithTimeout(ctx, l.total)
	defer cancel()
	deep := g
	if bound := began.Add(-l.deep); g.from.Before(bound) {
		deep.from = bound
	}
	for wait := l.again; len(ears) > 0; wait = min(2*wait, waitMax) {
		var left []bot.Ear
		for _, ear := range ears {
			err := l.room(within, ear, deep)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil && deep.from.After(g.from):
				l.deaf(ctx, ear, gap{g.from, deep.from}, errDeep)
			case err == nil:
			case within.Err() == nil && !never(err) && broken[code(err)] == "" && !errors.Is(err, errPages):
				p.log.Warn("slack: a room could not be read; it is tried again", "room", ear.Room.String(), "error", brief(err))
				left = append(left, ear)
			default:
				if broken[code(err)] != "" {
					l.lacking = ear.Room
				}
				l.deaf(ctx, ear, g, err)
			}
		}
		if ears = left; len(ears) > 0 {
			rest(within, wait) // when the time is over, each is told below
		}
	}
	p.log.Info("slack: looked back", "from", g.from, "to", g.to, "messages", p.Count.Missed.Load()-missed, "took", wall().Sub(began).Round(time.Millisecond))
}

// errDeep: a gap is too old to be read to its beginning.
var errDeep = errors.New("it is longer ago than is fetched")

// ears asks for the rooms until the store answers: nothing can be heard without
// it anyway.
func (l *lookback) ears(ctx context.Context) (ears []bot.Ear) {
	for wait := l.again; ctx.Err() == nil; wait = min(2*wait, waitMax) {
		asked, cancel := context.WithTimeout(ctx, hearWait)
		all, err := l.e.p.host.Ears(asked, "slack")
		cancel()
		if err == nil {
			return slices.DeleteFunc(all, func(e bot.Ear) bool { return e.Room.Direct || e.Room.Platform != "slack" })
		}
		l.e.p.log.Warn("slack: the rooms to look back into are not known; asking again", "error", err)
		rest(ctx, wait)
	}
	return nil
}

// deaf tells the host of a front in which something may have gone unheard.
func (l *lookback) deaf(ctx context.Context, ear bot.Ear, g gap, why error) {
	p := l.e.p
	p.log.Error("slack: what was said in a room may have gone unheard", "room", ear.Room.String(), "from", g.from, "to", g.to, "why", brief(why))
	for wait, tries := l.again, 0; ear.Front && ctx.Err() == nil && tries < 8; wait, tries = min(2*wait, waitMax), tries+1 {
		asked, cancel := context.WithTimeout(ctx, hearWait)
		err := p.host.Deaf(asked, ear.Room, g.from, g.to)
		cancel()
		if err == nil {
			return
		}
		p.log.Error("slack: the room could not be told", "room", ear.Room.String(), "error", err)
		rest(ctx, wait)
	}
}
