package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

var deskCases = []testCase{
	{"an unknown customer has a zero desk at version 0", func(s *suite) {
		l := s.load("nobody")
		if l.Version != 0 || !reflect.DeepEqual(l.Desk, desk.Desk{}) {
			s.Fatalf("Load(nobody) = version %d, %+v", l.Version, l.Desk)
		}
		if got := s.journal("nobody", 0, 10); len(got) != 0 {
			s.Fatalf("journal of nobody: %v", got)
		}
	}},
	{"time is UTC, whole milliseconds, and does not run backwards", timeOfStore},
	{"a desk comes back as it went in", roundTrip},
	{"only touched cases are written", touchedOnly},
	{"a touched case that left the desk is removed", removedCase},
	{"a desk of 256 KB comes back whole", largeDesk},
	{"names may hold any character", oddNames},
	{"customers do not see each other", apart},
	{"closing and opening keeps everything", reopenKeeps},
	{"a desk of a newer schema is refused with advice", newerSchema},
	{"a damaged desk is an error, not a panic", damagedDesk},
}

func timeOfStore(s *suite) {
	last := s.now()
	for range 20 {
		s.Pass(time.Millisecond)
		now := s.now()
		if now.Before(last) {
			s.Fatalf("time ran from %v back to %v", last, now)
		}
		if now.Location() != time.UTC || now.Nanosecond()%1e6 != 0 {
			s.Fatalf("Now = %v, want whole milliseconds in UTC", now)
		}
		if l := s.load("acme").Now; l.Before(now) || l.Location() != time.UTC || l.Nanosecond()%1e6 != 0 {
			s.Fatalf("Loaded.Now = %v after Now = %v", l, now)
		}
		last = now
	}
}

func roundTrip(s *suite) {
	now := s.now()
	c := step("acme", s.load("acme"), "op-1")
	c.Desk.TermsRev, c.Desk.Edition, c.Desk.NextCase, c.Desk.NextSlip = "r1", "enterprise", 12, 3
	c.Desk.Slips = []desk.Slip{{N: 3, Ref: "slack:C0:9", By: desk.Who{ID: "U77", Name: "李华"}, Text: "好像又来了 \u2028 <b>", At: now}}
	c.Desk.Inspection = desk.InspectionState{Next: now.Add(time.Hour), Seen: map[string]string{"https://www.example.com": "ok"}}
	c.Desk.Findings = []desk.Finding{{N: 1, Source: "scanner", ID: "CVE-1", Layer: desk.LayerHost, First: now, Last: now}}
	c.Desk.Unreachable = map[string]desk.Reason{"zhang": "已退群"}
	c.Desk.Cases = []desk.Case{aCase(2, now), aCase(10, now), aCase(11, now)}
	c.Touched = []int{11, 2, 10}
	s.commit(c)

	l := s.load("acme")
	if l.Version != 1 {
		s.Fatalf("version %d after the first commit, want 1", l.Version)
	}
	s.same("the desk", c.Desk, l.Desk)
}

func touchedOnly(s *suite) {
	now := s.now()
	c := step("acme", s.load("acme"), "op-1")
	c.Desk.Cases, c.Touched = []desk.Case{aCase(1, now), aCase(2, now), aCase(3, now)}, []int{1, 2, 3}
	s.commit(c)

	l := s.load("acme")
	c = step("acme", l, "op-2")
	c.Desk.Cases = []desk.Case{aCase(1, now), aCase(2, now), aCase(3, now), aCase(4, now)}
	for i := range c.Desk.Cases {
		c.Desk.Cases[i].Adds = 7
	}
	c.Touched = []int{2}
	s.commit(c)

	got := s.load("acme").Desk
	want := l.Desk.Cases
	want[1].Adds = 7
	s.same("cases, of which only 2 was touched", want, got.Cases)
	s.same("the head, which is always written", c.Desk.Head, got.Head)
}

func removedCase(s *suite) {
	now := s.now()
	c := step("acme", s.load("acme"), "op-1")
	c.Desk.Cases, c.Touched = []desk.Case{aCase(1, now), aCase(2, now), aCase(3, now)}, []int{1, 2, 3}
	s.commit(c)

	c = step("acme", s.load("acme"), "op-2")
	c.Desk.Cases, c.Touched = []desk.Case{aCase(1, now), aCase(3, now)}, []int{2, 99} // 99 was never there
	s.commit(c)
	s.same("cases without 2", c.Desk.Cases, s.load("acme").Desk.Cases)

	c = step("acme", s.load("acme"), "op-3")
	c.Desk.Cases, c.Touched = nil, []int{1, 3}
	s.commit(c)
	if got := s.load("acme").Desk.Cases; len(got) != 0 {
		s.Fatalf("cases %v after the last was removed", got)
	}
}

func largeDesk(s *suite) {
	c := step("acme", s.load("acme"), "op-1")
	c.Desk.Slips = []desk.Slip{{N: 1, Text: strings.Repeat("很长", 20_000)}}
	big := aCase(1, s.now())
	big.Summary = strings.Repeat("长", 40_000)
	c.Desk.Cases, c.Touched = []desk.Case{big}, []int{1}
	s.commit(c)
	s.same("the large desk", c.Desk, s.load("acme").Desk)
}

func oddNames(s *suite) {
	for i, name := range []string{"a b", "a:b", "{a}", "a|b", "a'b\"c", "客户台", "a%b_c", "A", "a", "a\nb", "*", "../a"} {
		op := fmt.Sprintf("op|%d|'\"%s", i, name)
		lane := name + "/front"
		c := step(name, s.load(name), op)
		c.Seen = "slack:" + name + ":1"
		c.Letters = []bot.Letter{aLetter(name, lane, name+"/1/opened", false)}
		s.commit(c)
		s.commit(c) // its own replay
		s.same("desk of "+name, c.Desk.Customer, s.load(name).Desk.Customer)
		if n := len(s.journal(name, 0, 10)); n != 1 {
			s.Fatalf("%q: %d records, want 1", name, n)
		}
		again := step(name, s.load(name), op+"'")
		again.Seen = c.Seen
		s.refuse(again, bot.ErrSeen)
		got := s.claim(10, time.Minute)
		if len(got) != 1 || got[0].Lane != lane || got[0].ID != name+"/1/opened" || got[0].Customer != name {
			s.Fatalf("%q: claimed %+v", name, got)
		}
		s.settle(got[0], true, 0)
	}
	if n := s.backlog().Letters; n != 0 {
		s.Fatalf("%d letters left", n)
	}
}

func apart(s *suite) {
	now := s.now()
	for i, name := range []string{"acme", "nova", "acme2"} {
		c := step(name, s.load(name), "the same op")
		c.Desk.NextCase = i + 1
		c.Desk.Cases, c.Touched = []desk.Case{aCase(i+1, now)}, []int{i + 1}
		s.commit(c)
	}
	for i, name := range []string{"acme", "nova", "acme2"} {
		d := s.load(name).Desk
		if d.NextCase != i+1 || len(d.Cases) != 1 || d.Cases[0].N != i+1 {
			s.Fatalf("desk of %s: %+v", name, d)
		}
	}
}

func reopenKeeps(s *suite) {
	now := s.now()
	c := step("acme", s.load("acme"), "op-1")
	c.Seen = "slack:C0:1"
	c.Desk.Cases, c.Touched = []desk.Case{aCase(1, now)}, []int{1}
	c.Wake = now.Add(-time.Second)
	c.Letters = []bot.Letter{aLetter("acme", "acme/front", "n1", false), aLetter("acme", "acme/back", "n2", true)}
	s.commit(c)
	if err := s.store.Park(s.Context(), bot.ParkedInput{Customer: "acme", Why: "因为"}); err != nil {
		s.Fatal(err)
	}
	before := s.picture("acme")

	s.reopen()
	s.same("after closing and opening", before, s.picture("acme"))
	s.same("wakes", []string{"acme"}, names(s.await(1).Wakes))
	s.commit(c) // a replay is still known
	again := step("acme", s.load("acme"), "op-2")
	again.Seen = c.Seen
	s.refuse(again, bot.ErrSeen)
	if p, err := s.store.Parked(s.Context()); err != nil || len(p) != 1 || p[0].Why != "因为" {
		s.Fatalf("Parked = %+v, %v", p, err)
	}

	claimed := s.claim(1, time.Hour)
	s.reopen()
	if !s.Shared {
		// One process at a time: whoever held a lease is gone, nothing waits for it.
		if more := s.claim(10, time.Hour); len(more) != 2 {
			s.Fatalf("claimed %v before the restart, %v after: nobody is left to hold a lease", ids(claimed), ids(more))
		}
		return
	}
	if more := s.claim(10, time.Hour); len(more) != 1 || more[0].ID == claimed[0].ID {
		s.Fatalf("claimed %v before the restart, %v after: a lease outlives the process", ids(claimed), ids(more))
	}
	s.settle(claimed[0], true, 0)
	if n := s.backlog().Letters; n != 1 {
		s.Fatalf("%d letters wait, want 1: a lease can be settled after a restart", n)
	}
}

func newerSchema(s *suite) {
	if s.Plant == nil {
		s.Skip("the harness cannot plant")
	}
	s.Plant(s.T, "acme", []byte(fmt.Sprintf(`{"schema":%d,"customer":"acme"}`, desk.Schema+1)))
	_, err := s.store.Load(s.Context(), "acme")
	if err == nil {
		s.Fatal("Load of a desk of a newer schema succeeded")
	}
	for _, word := range []string{fmt.Sprintf("schema %d", desk.Schema+1), "newer butler"} {
		if !strings.Contains(err.Error(), word) {
			s.Errorf("the error does not say %q: %v", word, err)
		}
	}
	s.load("nova") // the others go on
}

func damagedDesk(s *suite) {
	if s.Plant == nil {
		s.Skip("the harness cannot plant")
	}
	s.Plant(s.T, "acme", []byte(`{"schema":1,"cust`))
	_, err := s.store.Load(s.Context(), "acme")
	if err == nil || errors.Is(err, bot.ErrConflict) || !strings.Contains(err.Error(), "acme") && !strings.Contains(err.Error(), "damaged") {
		s.Fatalf("Load of a damaged desk: %v", err)
	}
	s.load("nova")
}
