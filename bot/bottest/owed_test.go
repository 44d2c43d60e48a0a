package bottest_test

import (
	"testing"

	"butler/bot/desk"
)

// A change of a board that must be saved does not hold up the answers behind it,
// and the board is shown as it is once it can be.
func TestAnswersPassABoard(t *testing.T) {
	s := newStage(t, people)
	s.says("C0FRONT", "U77", "我们想咨询一下等保测评的流程")
	board := func() string {
		t.Helper()
		p, ok := s.slack.Showing(s.desk("acme").Cases[0].Boards[desk.Front].Ref)
		if !ok {
			t.Fatal("there is no board")
		}
		return p.Card.String()
	}
	was := board()
	s.slack.saving = true
	s.says("C0BACK", "U01", "/claim 1")
	s.says("C0BACK", "U01", "/reply 1 材料已经发出")
	s.wants("C0FRONT", "材料已经发出")
	if s.b.Repay(s.ctx); board() != was {
		t.Fatal("a board changed although calls are saved")
	}
	s.slack.saving = false
	if s.b.Repay(s.ctx); board() == was {
		t.Errorf("the board still shows\n%s", was)
	}
	sent := len(s.slack.Sent)
	if s.b.Repay(s.ctx); len(s.slack.Sent) != sent {
		t.Error("what was paid is paid again")
	}
}
