package dingtalk

import (
	"context"
	"maps"
	"sync"
	"time"

	"butler/bot/chat"
)

// gapPace bounds what is said about deafness.
type gapPace struct {
	short time.Duration // not worth a word: hardly anybody writes and gives up in it
	cold  time.Duration // between two processes; more than a pulse and a start
	pulse time.Duration // between two notes that we hear
	brief time.Duration // a shorter gap is told together with others
	apart time.Duration // between two tellings of brief gaps in one room
}

// gap is a stretch of time in which nothing may have been heard; zero for none.
// long is the longest of those it was made of.
type gap struct {
	from, to time.Time
	long     time.Duration
}

func between(from, to time.Time) gap { return gap{from, to, to.Sub(from)} }

func (g gap) none() bool { return g.from.IsZero() }

// with is the gap that holds both.
func (g gap) with(h gap) gap {
	switch {
	case g.none():
		return h
	case h.none():
		return g
	}
	if h.from.Before(g.from) {
		g.from = h.from
	}
	if h.to.After(g.to) {
		g.to = h.to
	}
	g.long = max(g.long, h.long)
	return g
}

// watch knows when the bot may have been deaf, and says so in the fronts. DingTalk
// keeps no history for robots: nothing can be fetched later, so people are asked.
//
// The bot may have been deaf while no connection stood, and this process stood
// still, or another one ended before this one began, unless some other process
// heard meanwhile; and while a connection stood that took pushes and delivered
// none. Each such gap is told once; brief ones in a room no more often than every
// ten minutes, together.
type watch struct {
	e    *ear
	pace gapPace
	wake chan struct{}

	mu    sync.Mutex
	stood bool
	since time.Time         // when the first connection of this process stood
	lost  time.Time         // when the last one was lost
	away  gap               // nobody here heard; another process may have
	blind gap               // something was delivered, and lost
	rooms map[chat.Room]gap // to be told
	told  map[chat.Room]time.Time

	skew  time.Duration // by which the store's clock is ahead of ours
	noted bool          // skew is known
}

func newWatch(e *ear) *watch {
	return &watch{e: e, pace: e.p.pace.gap, wake: make(chan struct{}, 1), rooms: map[chat.Room]gap{}, told: map[chat.Room]time.Time{}}
}

// stands notes that a connection stands.
func (w *watch) stands(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		w.since = now
	}
	if !w.stood && !w.lost.IsZero() && now.Sub(w.lost) >= w.pace.short {
		w.away = w.away.with(between(w.lost, now))
	}
	w.stood = true
	w.nudge()
}

// falls notes that none stands any more.
func (w *watch) falls(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stood {
		w.stood, w.lost = false, now
	}
}

// swallowed notes that a connection took pushes and delivered none.
func (w *watch) swallowed(from, to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blind = w.blind.with(between(from, to))
	w.nudge()
}

// missed notes that something said in a group was not heard.
func (w *watch) missed(in chat.Room, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := wall(); !in.Direct {
		if at.After(now) {
			at = now
		}
		w.rooms[in] = w.rooms[in].with(gap{from: at, to: now})
		w.nudge()
	}
}

// nudge wakes run. The lock is held.
func (w *watch) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run tells what is to be told until ctx ends, and notes between that we hear.
func (w *watch) run(ctx context.Context) {
	if w.e.p.host == nil {
		return
	}
	pulse := time.NewTicker(w.pace.pulse)
	defer pulse.Stop()
	began, beat := false, wall()
	for {
		select {
		case <-ctx.Done():
			w.leave(ctx)
			return
		case <-w.wake:
		case <-pulse.C:
		}
		now := wall()
		if now.Sub(beat) > w.pace.pulse+stalled { // a laptop asleep, a machine being moved
			w.mu.Lock()
			w.away = w.away.with(between(beat, now))
			w.mu.Unlock()
		}
		beat = now
		if !w.hears() {
			continue
		}
		if !began {
			began = w.begin(ctx)
		}
		if began && w.spread(ctx) && w.tell(ctx) {
			w.note(ctx)
		}
		beat = wall()
	}
}

func (w *watch) hears() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stood
}

// begin finds what was missed before this process; false when that is not known
// yet.
func (w *watch) begin(ctx context.Context) bool {
	last, err := w.last(ctx)
	if err != nil {
		w.e.p.log.Warn("dingtalk: it is not known when the bot heard last; asking again", "error", clean(err))
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !last.IsZero() && w.since.Sub(last) > w.pace.cold {
		w.blind = w.blind.with(between(last, w.since)) // what others heard is in last
	}
	return true
}

// spread gives what concerns every front to each of them; false when they are not
// known.
func (w *watch) spread(ctx context.Context) bool {
	w.mu.Lock()
	away, blind := w.away, w.blind
	w.mu.Unlock()
	if away.none() && blind.none() {
		return true
	}
	left, err := w.elsewhere(ctx, away)
	if err != nil {
		w.e.p.log.Warn("dingtalk: it is not known whether another process heard meanwhile; asking again", "error", clean(err))
		return false
	}
	asked, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	ears, err := w.e.p.host.Ears(asked, "dingtalk")
	if err != nil {
		w.e.p.log.Warn("dingtalk: the rooms to be told of a gap are not known; asking again", "error", clean(err))
		return false
	}
	g := left.with(blind)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away == away {
		w.away = gap{}
	}
	if w.blind == blind {
		w.blind = gap{}
	}
	if g.none() {
		return true
	}
	w.e.p.log.Error("dingtalk: what was said may have gone unheard", "from", g.from, "to", g.to)
	for _, ear := range ears {
		if ear.Front && !ear.Room.Direct && ear.Room.Platform == "dingtalk" {
			w.rooms[ear.Room] = w.rooms[ear.Room].with(g)
		}
	}
	return true
}

// elsewhere is what is left of a gap when another process heard meanwhile: it
// noted so after we were lost, and tells its own gaps.
func (w *watch) elsewhere(ctx context.Context, g gap) (gap, error) {
	if g.none() || !w.noted {
		return g, nil
	}
	last, err := w.last(ctx)
	if err != nil {
		return g, err
	}
	if last = last.Add(-w.skew); last.After(g.from.Add(w.pace.pulse)) {
		if g = between(last, g.to); g.long < w.pace.cold {
			return gap{}, nil
		}
	}
	return g, nil
}

// tell tells each room what it is to be told by now; false when one could not be
// told.
func (w *watch) tell(ctx context.Context) bool {
	w.mu.Lock()
	now := wall()
	maps.DeleteFunc(w.told, func(_ chat.Room, at time.Time) bool { return now.Sub(at) >= w.pace.apart })
	due := maps.Clone(w.rooms)
	maps.DeleteFunc(due, func(in chat.Room, g gap) bool { return g.long < w.pace.brief && !w.told[in].IsZero() })
	w.mu.Unlock()
	all := true
	for in, g := range due {
		asked, cancel := context.WithTimeout(ctx, hearWait)
		err := w.e.p.host.Deaf(asked, in, g.from, g.to)
		cancel()
		if err != nil {
			all = false
			w.e.p.log.Error("dingtalk: a room could not be told that something may have gone unheard; it is tried again", "room", in.String(), "error", clean(err))
			continue
		}
		w.mu.Lock()
		w.told[in] = wall()
		if w.rooms[in] == g {
			delete(w.rooms, in)
		} else { // more came meanwhile
			w.rooms[in] = gap{g.to, w.rooms[in].to, w.rooms[in].long}
		}
		w.mu.Unlock()
	}
	return all
}

func (w *watch) last(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	return w.e.p.host.LastHearing(ctx, "dingtalk")
}

// note says that we hear now. A store that is away learns it at the next pulse.
func (w *watch) note(ctx context.Context) {
	asked, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	err := w.e.p.host.Hearing(asked, "dingtalk")
	if err == nil {
		now := wall()
		var last time.Time
		if last, err = w.e.p.host.LastHearing(asked, "dingtalk"); err == nil {
			w.skew, w.noted = last.Sub(now), true
		}
	}
	if err != nil && ctx.Err() == nil {
		w.e.p.log.Warn("dingtalk: the store did not note that the bot hears", "error", clean(err))
	}
}

// leave notes at the end that we heard until now, unless something is left to be
// told: then the next process finds the gap.
func (w *watch) leave(ctx context.Context) {
	w.mu.Lock()
	heard := w.noted && wall().Sub(w.lost) < w.pace.short+parting && w.away.none() && w.blind.none() && len(w.rooms) == 0
	w.mu.Unlock()
	if heard {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting/2)
		defer cancel()
		w.note(ctx)
	}
}
