package bottest_test

import (
	"context"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// finding is one that nobody can be told of without a room.
func (s *stage) finding(customer string) {
	s.Helper()
	s.system(customer, desk.Found{Source: "waf", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.9", Title: "redis open", Severity: desk.High, SeenAt: s.clock.Now()})
}

// Letters for a room that is not there wait quietly: who manages is told once, and
// hardly anything is asked meanwhile. When the room is bound they are told at once.
func TestLettersWaitQuietly(t *testing.T) {
	var w watched
	s := newStage(t, newCustomer, watching(&w))
	s.finding("nova")
	w.loads.Store(0)
	for range 8 {
		s.wait(3 * time.Hour)
	}
	if n := w.loads.Load(); n > 500 { // every 15 s it were some 10,000
		t.Errorf("%d loads in a day", n)
	}
	if n := s.count("U04", "还没有群", "/onboard nova", "/bind nova"); n != 1 {
		t.Errorf("the manager was told %d times: %q", n, s.shown("U04"))
	}
	s.types("C10", "U04", "/bind nova back")
	s.wants("C10", "redis open")
	s.types("C9", "U04", "/bind nova front")
	s.wants("C9", "redis open")
	if n := s.count("U04", "还没有群"); n != 1 {
		t.Errorf("the manager was told %d times", n)
	}
}

// mute is a store that rouses nothing: as if the process ended before it could.
type mute struct{ bot.Store }

func (mute) Rouse(context.Context, string, string) error { return nil }

// A process that ends when it has bound a room leaves the waking to those that saw
// the letters wait, and to who starts next.
func TestARoomIsBoundByAProcessThatEnds(t *testing.T) {
	for _, again := range []bool{false, true} {
		s := newStage(t, newCustomer)
		s.finding("nova")
		first := s.b
		s.b = s.process(newCustomer, func(o *bot.Options) { o.Store = mute{o.Store} })
		must(t, s.b.Apply(s.ctx))
		s.types("C10", "U04", "/bind nova back")
		s.never("C10", "redis open")
		if again {
			s.boot(newCustomer)
		} else {
			s.b = first
			must(t, s.b.Rooms(s.ctx))
			s.quiet()
		}
		s.wants("C10", "redis open")
	}
}
