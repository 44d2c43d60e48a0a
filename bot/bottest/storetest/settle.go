package storetest

import (
	"time"

	"butler/bot"
)

var settleCases = []testCase{
	{"a letter that is done leaves and its lane rests", doneRests},
	{"an emptied lane still rests", emptyRests},
	{"a letter to be retried comes again after its time", retryRests},
	{"a stale settlement changes nothing", staleSettle},
	{"a settlement repeated changes nothing", settleTwice},
	{"a lease that ran out may be settled while nobody took over", lateSettle},
	{"a lane that is roused rests no longer", rouses},
	{"settling what was never claimed changes nothing", strangerSettle},
}

// offered claims until the outbox offers a letter, and fails if that is before
// the store's time from.
func (s *suite) offered(from time.Time) bot.Letter {
	s.Helper()
	for range 2000 {
		c, err := s.store.Claim(s.Context(), 10, 10, time.Minute)
		if err != nil {
			s.Fatal(err)
		}
		switch {
		case len(c.Letters) > 1:
			s.Fatalf("offered %v, want one", ids(c.Letters))
		case len(c.Letters) == 1 && c.Now.Before(from):
			s.Fatalf("%s was offered at %v, %v early", c.Letters[0].ID, c.Now, from.Sub(c.Now))
		case len(c.Letters) == 1:
			return c.Letters[0]
		case c.Now.After(from.Add(2 * time.Second)):
			s.Fatalf("nothing is offered at %v, long after %v", c.Now, from)
		}
		s.Pass(2 * time.Millisecond)
	}
	s.Fatal("nothing is offered")
	return bot.Letter{}
}

const rest = 150 * time.Millisecond

func rouses(s *suite) {
	rouse := func(lane string) {
		s.Helper()
		if err := s.store.Rouse(s.Context(), "acme", lane); err != nil {
			s.Fatal(err)
		}
	}
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "u1", true), aLetter("acme", "acme/front", "n1", false))
	l := s.offered(time.Time{})
	rouse("acme/front") // it is leased
	rouse("acme/back")  // nothing is there
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("a leased lane that was roused offers %v", ids(got))
	}
	s.settle(l, false, time.Hour)
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("a resting lane offers %v", ids(got))
	}
	rouse("acme/front")
	got := s.claim(10, time.Minute)
	if len(got) != 1 || got[0].ID != "u1" || got[0].Attempt != 2 {
		s.Fatalf("a roused lane offers %+v, want u1 for the second time", got)
	}
	s.settle(got[0], true, 0)
	s.same("the rest", []string{"n1"}, s.sendAll())
	rouse("acme/front") // it is empty
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("an empty lane that was roused offers %v", ids(got))
	}
}

func doneRests(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	l := s.offered(time.Time{})
	from := s.now().Add(rest)
	s.settle(l, true, rest)
	if got := s.offered(from); got.ID != "n2" || got.Attempt != 1 {
		s.Fatalf("offered %+v, want n2 for the first time", got)
	}
}

func emptyRests(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false))
	l := s.offered(time.Time{})
	from := s.now().Add(rest)
	s.settle(l, true, rest)
	if b := s.backlog(); b.Letters != 0 || !b.Oldest.IsZero() {
		s.Fatalf("backlog %+v of an empty outbox", b)
	}
	s.setUp("acme", "op-2", time.Time{}, aLetter("acme", "acme/front", "n2", true), aLetter("acme", "acme/front", "n3", false))
	if err := s.store.Prune(s.Context()); err != nil {
		s.Fatal(err)
	}
	if got := s.offered(from); got.ID != "n2" {
		s.Fatalf("offered %+v, want n2", got)
	}
}

func retryRests(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	l := s.offered(time.Time{})
	for attempt := 2; attempt <= 4; attempt++ {
		from := s.now().Add(rest)
		s.settle(l, false, rest)
		got := s.offered(from)
		if got.ID != "n1" || got.Attempt != attempt || got.Lease == l.Lease || !got.Queued.Equal(l.Queued) {
			s.Fatalf("offered %+v, want n1 for time %d", got, attempt)
		}
		l = got
	}
	s.settle(l, true, 0)
	if got := s.offered(time.Time{}); got.ID != "n2" || got.Attempt != 1 {
		s.Fatalf("offered %+v, want n2 for the first time", got)
	}
}

func staleSettle(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	first := s.claim(10, 30*time.Millisecond)[0]
	from := s.now()
	second := s.offered(from) // the lease ran out and another took over
	if second.ID != "n1" {
		s.Fatalf("offered %s, want n1 again", second.ID)
	}
	s.settle(first, true, 0)
	s.settle(first, false, 0)
	if b := s.backlog(); b.Letters != 2 {
		s.Fatalf("%d letters wait after a stale settlement, want 2", b.Letters)
	}
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("a stale settlement freed the lane: %v", ids(got))
	}
	s.settle(second, true, 0)
	s.same("letters", []string{"n2"}, s.sendAll())
}

func settleTwice(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false), aLetter("acme", "acme/front", "n3", false))
	l := s.offered(time.Time{})
	s.settle(l, true, 0)
	s.settle(l, true, 0)
	s.settle(l, true, time.Hour) // and does not make the lane rest
	s.same("letters", []string{"n2", "n3"}, s.sendAll())
}

func lateSettle(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	l := s.claim(10, 20*time.Millisecond)[0]
	s.Pass(60 * time.Millisecond)
	s.settle(l, true, 0)
	s.same("letters", []string{"n2"}, s.sendAll())
}

func strangerSettle(s *suite) {
	s.settle(aLetter("acme", "acme/front", "n1", false), true, time.Hour)
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false))
	s.settle(aLetter("acme", "acme/front", "n1", false), true, 0) // without a lease
	forged := aLetter("acme", "acme/front", "n1", false)
	forged.Lease = "guessed"
	s.settle(forged, true, 0)
	s.same("letters", []string{"n1"}, s.sendAll())
}
