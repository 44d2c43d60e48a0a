package storetest

import (
	"fmt"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

var keepCases = []testCase{
	{"the journal is read in pages", journalPages},
	{"the journal's chain of hashes is preserved to the byte", journalChain},
	{"parked inputs come back, newest last, a thousand at most", parked},
	{"what is remembered under a name is kept until it is replaced", memos},
	{"sums under a name grow, in several processes at once", sums},
	{"pruning forgets nothing that matters", pruneKeeps},
	{"a closed store answers with errors", closedStore},
}

func memos(s *suite) {
	want := func(name, text string) {
		s.Helper()
		if got, err := s.store.Recall(s.Context(), name); err != nil || got != text {
			s.Fatalf("Recall(%s) = %q, %v; want %q", name, got, err, text)
		}
	}
	remember := func(name, text string) {
		s.Helper()
		if err := s.store.Remember(s.Context(), name, text); err != nil {
			s.Fatalf("Remember(%s): %v", name, err)
		}
	}
	want("hearing/slack", "")
	remember("hearing/slack", "2026-11-23T02:00:00Z")
	remember("hearing/dingtalk", "钉钉")
	remember("hearing/slack", "2026-11-23T02:00:05Z")
	s.reopen()
	want("hearing/slack", "2026-11-23T02:00:05Z")
	want("hearing/dingtalk", "钉钉")
	remember("hearing/slack", "")
	want("hearing/slack", "")
}

func sums(s *suite) {
	add := func(name string, n, want int64) {
		s.Helper()
		if got, err := s.store.Add(s.Context(), name, n); err != nil || got != want {
			s.Fatalf("Add(%s, %d) = %d, %v; want %d", name, n, got, err, want)
		}
	}
	add("calls/2026-11", 0, 0)
	add("calls/2026-11", 3, 3)
	add("calls/2026-12", 1, 1)
	s.reopen()
	add("calls/2026-11", 2, 5)
	done := make(chan error, 20)
	for range cap(done) {
		go func() { _, err := s.store.Add(s.Context(), "calls/2026-11", 1); done <- err }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			s.Fatal(err)
		}
	}
	add("calls/2026-11", -5, 20)
}

func journalPages(s *suite) {
	for i := range 25 {
		s.setUp("acme", fmt.Sprintf("op-%d", i), time.Time{})
	}
	s.setUp("nova", "op-x", time.Time{})
	all := s.journal("acme", 0, 100)
	if len(all) != 25 || s.load("acme").Version != 25 {
		s.Fatalf("%d records at version %d, want 25", len(all), s.load("acme").Version)
	}
	for i, r := range all {
		if want := fmt.Sprintf("input of op-%d", i); r.Op != want {
			s.Fatalf("record %d is %q, want %q", i, r.Op, want)
		}
	}
	var paged []desk.Record
	for from := 0; ; from += 7 {
		page := s.journal("acme", from, 7)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	s.same("the pages", all, paged)
	s.same("one from the middle", all[11:12], s.journal("acme", 11, 1))
	for _, at := range [][2]int{{25, 10}, {1000, 10}, {0, 0}, {3, -1}} {
		if got := s.journal("acme", at[0], at[1]); len(got) != 0 {
			s.Fatalf("Journal(%d, %d) returned %d records", at[0], at[1], len(got))
		}
	}
}

func journalChain(s *suite) {
	var wrote []desk.Record
	for i := range 6 {
		c := step("acme", s.load("acme"), fmt.Sprintf("op-%d", i))
		wrote = append(wrote, c.Record)
		s.commit(c)
	}
	prev := ""
	for i, r := range s.journal("acme", 0, 100) {
		if got, want := string(r.Encode()), string(wrote[i].Encode()); got != want {
			s.Fatalf("record %d came back as\n%s\nand was written as\n%s", i, got, want)
		}
		if r.Prev != prev {
			s.Fatalf("record %d: the chain is broken: %q, want %q", i, r.Prev, prev)
		}
		prev = desk.Hash(r.Encode())
	}
	if head := s.load("acme").Desk.Head; head != prev {
		s.Fatalf("the desk's head is %q, the journal ends with %q", head, prev)
	}
}

func parked(s *suite) {
	if p, err := s.store.Parked(s.Context()); err != nil || len(p) != 0 {
		s.Fatalf("Parked of an empty store = %v, %v", p, err)
	}
	now := s.now()
	park := func(i int) bot.ParkedInput {
		p := bot.ParkedInput{
			Customer: fmt.Sprintf("customer-%d", i%7), At: now.Add(time.Duration(i) * time.Second), Act: "claim",
			Input: []byte(fmt.Sprintf(`{"do":"claim","body":{"case":%d}}`, i)), Why: fmt.Sprintf("索引 %d", i), Stack: "goroutine 1\n\tdesk.go:1",
		}
		if err := s.store.Park(s.Context(), p); err != nil {
			s.Fatal(err)
		}
		return p
	}
	want := []bot.ParkedInput{park(0), park(1), park(2)}
	got, err := s.store.Parked(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.same("parked", want, got)

	for i := 3; i < 1005; i++ {
		park(i)
	}
	got, err = s.store.Parked(s.Context())
	if err != nil || len(got) != 1000 || got[0].Why != "索引 5" || got[999].Why != "索引 1004" {
		s.Fatalf("%d parked, from %q to %q, %v; want 1000, from 5 to 1004", len(got), got[0].Why, got[len(got)-1].Why, err)
	}
}

func pruneKeeps(s *suite) {
	now := s.now()
	c := s.rich("acme", s.load("acme"), "op-1", "in-1")
	c.Wake = now.Add(-time.Second)
	s.commit(c)
	before := s.picture("acme")
	for range 2 {
		if err := s.store.Prune(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
	s.same("after pruning", before, s.picture("acme"))
	s.await(1)
	s.commit(c)
	s.refuse(s.rich("acme", s.load("acme"), "op-2", "in-1"), bot.ErrSeen)
	s.same("letters", []string{"op-1"}, s.sendAll())
}

func closedStore(s *suite) {
	c := s.rich("acme", s.load("acme"), "op-1", "in-1")
	s.commit(c)
	if err := s.store.Close(); err != nil {
		s.Fatal(err)
	}
	for what, call := range everyRead(s.store) {
		if err := call(s.Context()); err == nil {
			s.Errorf("%s of a closed store succeeded", what)
		}
	}
	if err := s.store.Commit(s.Context(), c); err == nil {
		s.Error("Commit to a closed store succeeded")
	}
	s.store = s.open()
	if v := s.load("acme").Version; v != 1 {
		s.Fatalf("version %d after closing and opening, want 1", v)
	}
}
