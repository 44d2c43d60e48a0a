package storetest

import (
	"fmt"
	"time"

	"butler/bot"
)

var laneCases = []testCase{
	{"letters of a lane leave in the order of their commits", laneOrder},
	{"urgent letters leave first", urgentFirst},
	{"lanes that hold an urgent letter come first, however many are ready", urgentLanes},
	{"of ordinary lanes no more are leased than were asked for", ordinaryPlaces},
	{"lanes are independent, one letter each, at most max", lanesApart},
	{"a letter comes back as it went in", letterWhole},
	{"a leased lane is not offered until the lease ends", leaseHolds},
	{"Claim's Next says when the earliest lane may be asked", claimNext},
	{"lanes of one name at two customers lose nothing", sharedLane},
	{"the backlog counts what waits", backlogCounts},
}

// sendAll claims and settles until nothing is left, and returns the ids in the
// order in which they left.
func (s *suite) sendAll() []string {
	s.Helper()
	var sent []string
	for range 1000 {
		got := s.claim(100, time.Minute)
		if len(got) == 0 {
			return sent
		}
		for _, l := range got {
			sent = append(sent, l.ID)
			s.settle(l, true, 0)
		}
	}
	s.Fatalf("the outbox has no end; the last letters were %v", sent[len(sent)-3:])
	return nil
}

func laneOrder(s *suite) {
	var want []string
	for i := range 12 {
		a, b := fmt.Sprintf("n%d", 2*i), fmt.Sprintf("n%d", 2*i+1)
		want = append(want, a, b)
		s.setUp("acme", "op-"+a, time.Time{}, aLetter("acme", "acme/front", a, false), aLetter("acme", "acme/front", b, false))
	}
	s.same("letters", want, s.sendAll())
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("an empty outbox offers %v", ids(got))
	}
}

func urgentFirst(s *suite) {
	l := func(id string, urgent bool) bot.Letter { return aLetter("acme", "acme/back", id, urgent) }
	s.setUp("acme", "op-1", time.Time{}, l("n1", false), l("u1", true), l("n2", false), l("u2", true))
	s.same("the first", []string{"u1"}, ids(s.claim(10, 0)))
	s.Pass(5 * time.Millisecond)
	s.same("letters", []string{"u1", "u2", "n1", "n2"}, s.sendAll())

	// An urgent letter that arrives while a normal one is on its way waits for
	// that one, and then goes first.
	s.setUp("acme", "op-2", time.Time{}, l("n3", false), l("n4", false))
	sending := s.claim(10, time.Minute)
	s.setUp("acme", "op-3", time.Time{}, l("u3", true))
	if got := s.claim(10, time.Minute); len(got) != 0 {
		s.Fatalf("a leased lane offers %v", ids(got))
	}
	s.settle(sending[0], true, 0)
	s.same("letters", []string{"u3", "n4"}, s.sendAll())

	// …and a normal letter that was passed on the way keeps its place and its count.
	s.setUp("acme", "op-4", time.Time{}, l("n5", false), l("n6", false))
	sending = s.claim(10, time.Minute)
	s.setUp("acme", "op-5", time.Time{}, l("u4", true))
	s.settle(sending[0], false, 0)
	got := s.claim(10, time.Minute)
	if len(got) != 1 || got[0].ID != "u4" || got[0].Attempt != 1 {
		s.Fatalf("claimed %+v, want u4 for the first time", got)
	}
	s.settle(got[0], true, 0)
	got = s.claim(10, time.Minute)
	if len(got) != 1 || got[0].ID != "n5" || got[0].Attempt != 2 {
		s.Fatalf("claimed %+v, want n5 for the second time", got)
	}
	s.settle(got[0], true, 0)
	s.same("letters", []string{"n6"}, s.sendAll())
}

// flood fills so many lanes with a normal letter each.
func (s *suite) flood(lanes int) {
	s.Helper()
	const each = 50
	for i := 0; i < lanes; i += each {
		name := fmt.Sprintf("flood-%d", i/each)
		var letters []bot.Letter
		for k := range min(each, lanes-i) {
			letters = append(letters, aLetter(name, fmt.Sprintf("%s/%d", name, k), fmt.Sprintf("%s-n%d", name, k), false))
		}
		s.setUp(name, "op-1", time.Time{}, letters...)
	}
}

func urgentLanes(s *suite) {
	s.flood(1500)
	s.Pass(5 * time.Millisecond)
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/back", "n1", false), aLetter("acme", "acme/back", "n2", false), aLetter("acme", "acme/front", "n3", false))
	s.setUp("acme", "op-2", time.Time{}, aLetter("acme", "acme/back", "u1", true), aLetter("acme", "acme/back", "u2", true))
	s.setUp("nova", "op-1", time.Time{}, aLetter("nova", "nova/back", "u3", true))

	// They come in the order in which their lanes could have been asked, and a lane
	// that was pulled forward keeps the order of its letters.
	first := s.claim(1, time.Minute)
	s.same("the first", []string{"u1"}, ids(first))
	s.same("the second", []string{"u3"}, ids(s.claim(1, time.Minute)))
	s.settle(first[0], false, 0) // an attempt that failed
	again := s.claim(1, time.Minute)
	s.same("again", []string{"u1"}, ids(again))
	s.settle(again[0], true, 0)
	s.same("the next of its lane", []string{"u2"}, ids(s.claim(1, 0)))
	s.Pass(5 * time.Millisecond) // its lease was none
	last := s.claim(3, time.Minute)
	if len(last) != 3 || last[0].ID != "u2" || last[1].Urgent || last[2].Urgent {
		s.Fatalf("claimed %v, want u2 and two of the others", ids(last))
	}
	s.settle(last[0], true, 0)

	// A lane whose urgent letters are gone has no privilege any more.
	for _, l := range s.claim(5, time.Minute) {
		if l.ID == "n1" {
			s.Fatal("n1 was preferred although its lane holds no urgent letter any more, and 1500 lanes waited longer")
		}
	}
	// While a lane rests its urgent letters rest with it, and then they are first.
	s.setUp("rest", "op-1", time.Time{}, aLetter("rest", "rest/back", "u4", true), aLetter("rest", "rest/back", "u5", true))
	resting := s.claim(1, time.Minute)
	s.same("the first", []string{"u4"}, ids(resting))
	from := s.now().Add(rest)
	s.settle(resting[0], true, rest)
	for s.now().Before(from.Add(2 * time.Second)) {
		got := s.claim(1, time.Minute)
		if len(got) == 1 && got[0].ID == "u5" {
			return
		}
		s.Pass(10 * time.Millisecond)
	}
	s.Fatal("u5 never came")
}

func ordinaryPlaces(s *suite) {
	s.flood(40)
	lease := func(max, ordinary int) (urgent, normal int) {
		s.Helper()
		c, err := s.store.Claim(s.Context(), max, ordinary, time.Hour)
		if err != nil {
			s.Fatal(err)
		}
		if !c.Next.IsZero() && !c.Next.After(c.Now) {
			s.Fatalf("Next %v is not after Now %v", c.Next, c.Now)
		}
		for _, l := range c.Letters {
			if l.Urgent {
				urgent++
			} else {
				normal++
			}
		}
		return urgent, normal
	}
	for _, c := range []struct{ max, ordinary, normal int }{{16, 12, 12}, {4, 0, 0}, {4, -1, 0}, {3, 12, 3}} {
		if u, n := lease(c.max, c.ordinary); u != 0 || n != c.normal {
			s.Fatalf("Claim(%d, %d) leased %d urgent and %d ordinary letters, want 0 and %d", c.max, c.ordinary, u, n, c.normal)
		}
	}
	for i := range 6 {
		name := fmt.Sprintf("urgent-%d", i)
		s.setUp(name, "op-1", time.Time{}, aLetter(name, name+"/back", name, true))
	}
	for _, c := range []struct{ max, ordinary, urgent, normal int }{{2, 0, 2, 0}, {3, 2, 3, 0}, {6, 2, 1, 2}} {
		if u, n := lease(c.max, c.ordinary); u != c.urgent || n != c.normal {
			s.Fatalf("Claim(%d, %d) leased %d urgent and %d ordinary letters, want %d and %d", c.max, c.ordinary, u, n, c.urgent, c.normal)
		}
	}
}

func lanesApart(s *suite) {
	for i := range 9 {
		name := fmt.Sprintf("customer-%d", i)
		s.setUp(name, "op-1", time.Time{},
			aLetter(name, name+"/front", name+"-f1", false), aLetter(name, name+"/front", name+"-f2", false),
			aLetter(name, name+"/back", name+"-b1", false))
	}
	seen := map[string]bool{}
	for _, max := range []int{4, 100} {
		got := s.claim(max, time.Hour)
		if max == 4 && len(got) != 4 {
			s.Fatalf("Claim(4) returned %d letters", len(got))
		}
		for _, l := range got {
			if seen[l.Lane] {
				s.Fatalf("lane %s was offered twice", l.Lane)
			}
			seen[l.Lane] = true
			if want := l.Customer + "-" + l.Lane[len(l.Customer)+1:][:1] + "1"; l.ID != want {
				s.Fatalf("lane %s offers %s, want %s", l.Lane, l.ID, want)
			}
		}
	}
	if len(seen) != 18 {
		s.Fatalf("%d lanes were offered, want 18", len(seen))
	}
	if got := s.claim(0, time.Hour); len(got) != 0 {
		s.Fatalf("Claim(0) returned %v", ids(got))
	}
}

func letterWhole(s *suite) {
	before := s.now()
	want := aLetter("acme", "@zhang", "acme/1/ping/0.0/zhang", true)
	want.Body = []byte("{\"a\":\"安全\\n\\u2028\",\"b\":\"'; DROP TABLE x; --\"}")
	s.setUp("acme", "op-1", time.Time{}, want)
	after := s.now()
	got := s.claim(1, time.Minute)
	if len(got) != 1 {
		s.Fatalf("claimed %v", got)
	}
	g := got[0]
	if g.Customer != want.Customer || g.Lane != want.Lane || g.ID != want.ID || !g.Urgent || string(g.Body) != string(want.Body) {
		s.Fatalf("got %+v, want %+v", g, want)
	}
	if g.Attempt != 1 || g.Lease == "" {
		s.Fatalf("attempt %d, lease %q on the first claim", g.Attempt, g.Lease)
	}
	if g.Queued.Before(before) || g.Queued.After(after) || g.Queued.Location() != time.UTC {
		s.Fatalf("queued %v, want between %v and %v, UTC", g.Queued, before, after)
	}
}

func leaseHolds(s *suite) {
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false))
	const lease = 250 * time.Millisecond
	before := s.now()
	first := s.claim(10, lease)
	if len(first) != 1 {
		s.Fatalf("claimed %v", ids(first))
	}
	for range 2000 {
		c, err := s.store.Claim(s.Context(), 10, 10, lease)
		if err != nil {
			s.Fatal(err)
		}
		if len(c.Letters) == 0 {
			if c.Now.After(before.Add(lease + 2*time.Second)) {
				s.Fatalf("it is %v and the lease of %v from %v has not ended", c.Now, lease, before)
			}
			s.Pass(2 * time.Millisecond)
			continue
		}
		if c.Now.Before(before.Add(lease)) {
			s.Fatalf("the lane was offered at %v, while leased at %v for %v", c.Now, before, lease)
		}
		l := c.Letters[0]
		if l.ID != "n1" || l.Attempt != 2 || l.Lease == first[0].Lease {
			s.Fatalf("claimed %+v after %+v", l, first[0])
		}
		return
	}
	s.Fatal("the lease never ended")
}

func claimNext(s *suite) {
	c, err := s.store.Claim(s.Context(), 10, 10, time.Minute)
	if err != nil || len(c.Letters) != 0 {
		s.Fatalf("empty outbox: %+v, %v", c, err)
	}
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false), aLetter("acme", "acme/back", "n3", false))
	c, err = s.store.Claim(s.Context(), 10, 10, 10*time.Minute)
	if err != nil || len(c.Letters) != 2 {
		s.Fatalf("claimed %+v, %v", c, err)
	}
	if c.Next.IsZero() || c.Next.After(c.Now.Add(10*time.Minute)) {
		s.Fatalf("Next = %v, want at most ten minutes after %v", c.Next, c.Now)
	}
	for _, l := range c.Letters {
		if l.Lane == "acme/front" {
			s.settle(l, true, 2*time.Minute)
		}
	}
	c, err = s.store.Claim(s.Context(), 10, 10, 10*time.Minute)
	if err != nil || len(c.Letters) != 0 {
		s.Fatalf("claimed %+v, %v from lanes that rest", c, err)
	}
	if !c.Next.After(c.Now) || c.Next.After(c.Now.Add(2*time.Minute)) {
		s.Fatalf("Next = %v, want at most two minutes after %v", c.Next, c.Now)
	}
}

func sharedLane(s *suite) {
	for _, name := range []string{"acme", "nova", "third"} {
		s.setUp(name, "op-1", time.Time{}, aLetter(name, "@zhang", name+"/1", true), aLetter(name, "@zhang", name+"/2", true))
	}
	last := map[string]string{}
	for n := 0; n < 6; {
		got := s.claim(10, time.Minute)
		if len(got) == 0 {
			s.Fatalf("%d of 6 letters were offered", n)
		}
		for _, l := range got {
			if l.ID[:len(l.Customer)] != l.Customer || l.ID <= last[l.Customer] {
				s.Fatalf("claimed %+v after %s", l, last[l.Customer])
			}
			last[l.Customer] = l.ID
			s.settle(l, true, 0)
			n++
		}
	}
	if n := s.backlog().Letters; n != 0 {
		s.Fatalf("%d letters left", n)
	}
}

func backlogCounts(s *suite) {
	if b := s.backlog(); b.Letters != 0 || !b.Oldest.IsZero() || b.Now.IsZero() {
		s.Fatalf("an empty outbox: %+v", b)
	}
	before := s.now()
	s.setUp("acme", "op-1", time.Time{}, aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/front", "n2", false), aLetter("acme", "acme/back", "n3", true))
	after := s.now()
	s.Pass(20 * time.Millisecond)
	s.setUp("acme", "op-2", time.Time{}, aLetter("acme", "acme/front", "n4", true), aLetter("acme", "acme/back", "n5", false))
	if b := s.backlog(); b.Letters != 5 || b.Oldest.Before(before) || b.Oldest.After(after) {
		s.Fatalf("backlog %+v, want 5 letters since %v…%v: a later letter makes no lane younger", b, before, after)
	}
	for _, l := range s.claim(10, time.Hour) {
		if l.ID != "n3" {
			s.settle(l, true, 0)
		}
	}
	if b := s.backlog(); b.Letters != 4 {
		s.Fatalf("backlog %+v, want all but n4", b)
	}
	s.same("letters", []string{"n1", "n2"}, s.sendAll())
}
