package bottest_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is the reference of the message that shows an answer to the customer.
func (s *stage) answer(text string) string {
	s.Helper()
	for _, p := range s.slack.Sent {
		if p.Room.ID == "C0FRONT" && !p.Edit && strings.Contains(p.Card.String(), text) {
			return p.Ref
		}
	}
	s.Fatalf("%q was not told", text)
	return ""
}

// An answer and its recall typed in one breath, while the platform asks to wait:
// the answer that is still on its way is taken back, not the one before it.
func TestRecallTakesTheLast(t *testing.T) {
	s := newStage(t, people)
	s.says("C0FRONT", "U77", ransom)
	s.says("C0BACK", "U01", "/reply 1 好的答复")
	s.slack.Down(s.clock.Now().Add(20 * time.Second))
	s.says("C0BACK", "U01", "/reply 1 错误的答复")
	s.says("C0BACK", "U01", "/recall 1")
	s.wait(2 * time.Minute)
	if want := []string{s.answer("错误的答复")}; !slices.Equal(s.slack.recalled, want) {
		t.Errorf("%q were taken back, want %q", s.slack.recalled, want)
	}
	s.wants("U01", "最近的答复已撤回")
}

// A recall that waits while a newer answer is told takes nothing back: the
// customer has read on.
func TestRecallOfAnOldAnswer(t *testing.T) {
	s := newStage(t, people)
	s.says("C0FRONT", "U77", ransom)
	s.says("C0BACK", "U01", "/reply 1 好的答复")
	s.slack.Down(s.clock.Now().Add(20 * time.Second))
	s.says("C0BACK", "U01", "/recall 1")
	s.says("C0BACK", "U01", "/reply 1 更好的答复")
	s.wait(2 * time.Minute)
	s.wants("C0FRONT", "更好的答复")
	if len(s.slack.recalled) > 0 {
		t.Errorf("%q were taken back", s.slack.recalled)
	}
	s.wants("U01", "这条答复撤不回来", "a newer answer")
}
