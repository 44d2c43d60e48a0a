package bottest_test

import (
	"fmt"
	"testing"
	"time"

	"butler/bot/chat"
)

// deaf says in a front that the last three minutes may have been missed.
func (s *stage) deaf(room string) {
	s.Helper()
	now := s.clock.Now()
	must(s.T, s.b.Deaf(s.ctx, chat.Room{Platform: "slack", ID: room}, now.Add(-3*time.Minute), now))
	s.quiet()
}

// "I wrote something then" counts once for each person and gap, and for a week.
func TestMissedCountsOnce(t *testing.T) {
	const told = "客户在我可能漏听的时间里发过消息"
	s := newStage(t, people)
	s.deaf("C0FRONT")
	for range 3 {
		s.types("C0FRONT", "U77", "/missed")
	}
	if n := s.count("C0BACK", told); n != 1 {
		t.Errorf("the experts were told %d times of one person", n)
	}
	if n := s.count("C0FRONT", "请把那段时间的内容再发一次"); n != 1 {
		t.Errorf("they were asked %d times to write again", n)
	}
	if n := s.count("C0FRONT", "没有执行"); n != 2 {
		t.Errorf("they were answered %d times that it is known", n)
	}
	s.types("C0FRONT", "U78", "/missed")
	if n := s.count("C0BACK", told); n != 2 {
		t.Errorf("the experts were told %d times of two people", n)
	}

	s.wait(time.Hour)
	s.deaf("C0FRONT") // another one: it may be said again
	s.types("C0FRONT", "U77", "/missed")
	if n := s.count("C0BACK", told); n != 3 {
		t.Errorf("the experts were told %d times, want 3 with the second gap", n)
	}
	for i := range 50 {
		s.types("C0FRONT", fmt.Sprintf("U5%02d", i), "/missed")
	}
	if n := s.count("C0BACK", told); n > 30 {
		t.Errorf("the experts were told %d times", n)
	}
	if n := len(s.desk("acme").GapMissed); n > 20 {
		t.Errorf("%d people are remembered", n)
	}

	s.wait(6 * 24 * time.Hour)
	s.types("C0FRONT", "U79", "/missed")
	before := s.count("C0FRONT", "没有执行")
	s.wait(2 * 24 * time.Hour)
	s.types("C0FRONT", "U80", "/missed")
	if n := s.count("C0FRONT", "没有执行") - before; n != 1 {
		t.Errorf("a gap of more than a week ago is answered as if it counted")
	}
}
