package dingtalk

import (
	"sync"
	"time"
)

// What bounds the memory of what was pushed.
const (
	seenFor  = 15 * time.Minute // others saw pushes come again after 15 to 60 s
	pressFor = 10 * time.Second // in which a second click of the same is the same click
	maxSeen  = 20000            // what came first is forgotten first; the bot knows it still
)

// seen knows every push twice: while somebody works on it, and when it is done. A
// copy that comes meanwhile waits for the same outcome; one that comes later has
// it already. What failed is forgotten, so that a copy may succeed. The zero value
// is ready.
type seen struct {
	mu    sync.Mutex
	all   map[string]*outcome
	order []remembered // as they came
}

// outcome is what became of a push, for all its copies.
type outcome struct {
	done  chan struct{}
	err   error // after done
	until map[string]time.Time
}

type remembered struct {
	key string
	of  *outcome
}

// known is a name of a push, and how long it is known by it.
type known struct {
	key  string
	life time.Duration
}

// begin returns the outcome that is or will be known by one of the names. mine is
// true for who has to work for it and call end.
func (s *seen) begin(now time.Time, names ...known) (o *outcome, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*outcome{}
	}
	for _, n := range names {
		if o := s.all[n.key]; o != nil && now.Before(o.until[n.key]) {
			return o, false
		}
	}
	s.prune(now, len(names))
	o = &outcome{done: make(chan struct{}), until: map[string]time.Time{}}
	for _, n := range names {
		o.until[n.key] = now.Add(n.life)
		s.all[n.key] = o
		s.order = append(s.order, remembered{n.key, o})
	}
	return o, true
}

// prune forgets what is over, and what came first when there are too many.
func (s *seen) prune(now time.Time, more int) {
	for len(s.order) > 0 {
		first := s.order[0]
		if len(s.order)+more <= maxSeen && now.Before(first.of.until[first.key]) {
			return
		}
		s.order = s.order[1:]
		if s.all[first.key] == first.of {
			delete(s.all, first.key)
		}
	}
}

// end says what became of it.
func (s *seen) end(o *outcome, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.err = err
	close(o.done)
	if err == nil || isDeclined(err) {
		return
	}
	for key := range o.until {
		if s.all[key] == o {
			delete(s.all, key)
		}
	}
}
