package dingtalk

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"butler/bot/chat"
)

// What bounds the session webhooks that are remembered.
const (
	maxSessions   = 4096        // rooms; what ends first makes room
	sessionMargin = time.Minute // before its end, at which a webhook is not used any more
)

// sessions are the webhooks that came with what was heard in a room. Only they
// can address somebody in a group. DingTalk gives each about 90 minutes.
type sessions struct {
	mu  sync.Mutex
	all map[string]session // by room
}

type session struct {
	url   string
	until time.Time
}

// note remembers the webhook of a room; the one that ends last is kept.
func (s *sessions) note(room chat.Room, url string, until, now time.Time) {
	if url == "" || !until.After(now) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := room.String()
	if s.all == nil {
		s.all = map[string]session{}
	}
	if old, ok := s.all[key]; ok && old.until.After(until) {
		return
	}
	if _, ok := s.all[key]; !ok && len(s.all) >= maxSessions {
		s.evict(now)
	}
	s.all[key] = session{url, until}
}

// evict makes room: what is over, or else what ends first.
func (s *sessions) evict(now time.Time) {
	first := ""
	for key, one := range s.all {
		if !one.until.After(now) {
			delete(s.all, key)
		} else if first == "" || one.until.Before(s.all[first].until) {
			first = key
		}
	}
	if len(s.all) >= maxSessions {
		delete(s.all, first)
	}
}

// of is the webhook of a room that can still be used.
func (s *sessions) of(room chat.Room, now time.Time) (url string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[room.String()]
	if !ok || !one.until.After(now.Add(sessionMargin)) {
		return "", false
	}
	return one.url, true
}

// forget drops a webhook that DingTalk does not take any more.
func (s *sessions) forget(room chat.Room, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[room.String()].url == url {
		delete(s.all, room.String())
	}
}

// session is the webhook by which a room can be answered now, with @; ok is false
// when nothing was heard there for as long as one lives.
func (p *Platform) session(room chat.Room) (url string, ok bool) {
	return p.sessions.of(room, wall())
}

// sessionEnded says that DingTalk refused the webhook of a room.
func (p *Platform) sessionEnded(room chat.Room, url string) { p.sessions.forget(room, url) }

// wall is the time of the wall: it goes on while the process stands still.
func wall() time.Time { return time.Now().Round(0).UTC() }

// health is what Ready tells. The zero value is not connected.
type health struct {
	mu     sync.Mutex
	stands bool
	why    string            // there is no connection
	bad    map[string]string // what an operator has to mend, by what it concerns
}

func (h *health) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stands = true
}

func (h *health) down(why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stands, h.why = false, why
}

// broke notes what an operator has to mend: one clear line. what says what it
// concerns: a path of the API, "credentials", "callbacks".
func (h *health) broke(what, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bad == nil {
		h.bad = map[string]string{}
	}
	h.bad[what] = line
}

// works takes it back.
func (h *health) works(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.bad, what)
}

// line is the connection's trouble before any other; "" when all is well.
func (h *health) line() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.stands:
		return "dingtalk: " + cmp.Or(h.why, "is not connected yet")
	case len(h.bad) > 0:
		return "dingtalk: " + h.bad[slices.Min(slices.Collect(maps.Keys(h.bad)))]
	}
	return ""
}

// Ready is nil while a connection stands and nothing is known that an operator has
// to mend; the error is one line for the operator.
func (p *Platform) Ready() error {
	if line := p.health.line(); line != "" {
		return errors.New(line)
	}
	return nil
}
