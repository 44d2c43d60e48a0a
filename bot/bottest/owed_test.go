package bottest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
)

// saver is a platform that saves calls: it passes over changes of boards.
type saver struct {
	*bottest.Fake
	saving bool
}

func (s *saver) Edit(ctx context.Context, ref string, out bot.Sending) (chat.Receipt, error) {
	if s.saving {
		return chat.Receipt{}, &chat.Later{After: time.Minute, Why: "calls are saved", Merge: true}
	}
	return s.Fake.Edit(ctx, ref, out)
}

// TestAnswersPassABoard: a change of a board that must be saved does not hold up
// the answers behind it, and the board is shown as it is once it can be.
func TestAnswersPassABoard(t *testing.T) {
	c, err := config.Parse("test.yaml", "", []byte(people), config.Options{Play: true})
	must(t, err)
	s := &stage{T: t, ctx: context.Background(), clock: bottest.NewClock(bottest.DefaultStart)}
	s.store = bottest.NewMem(s.clock.Now)
	p := &saver{Fake: bottest.NewFake("slack", s.clock.Now)}
	s.b = bot.New(bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{p}, Parallel: 1})
	must(t, s.b.Apply(s.ctx))
	s.quiet()
	s.hear(s.message("C0FRONT", "U77", "我们想咨询一下等保测评的流程"))
	p.saving = true
	s.hear(s.message("C0BACK", "U01", "/claim 1"))
	s.hear(s.message("C0BACK", "U01", "/reply 1 材料已经发出"))
	answered := func() bool {
		for _, m := range p.Sent {
			if m.Kind == desk.NResponded && strings.Contains(m.Card.String(), "材料已经发出") {
				return true
			}
		}
		return false
	}
	if !answered() {
		t.Fatal("the answer waits behind a board")
	}
	front := s.desk("acme").Cases[0].Boards[desk.Front]
	was, _ := p.Showing(front.Ref)
	s.b.Repay(s.ctx)
	if now, _ := p.Showing(front.Ref); now.Card.String() != was.Card.String() {
		t.Fatal("a board changed although calls are saved")
	}
	p.saving = false
	s.b.Repay(s.ctx)
	if now, _ := p.Showing(front.Ref); now.Card.String() == was.Card.String() {
		t.Errorf("the board still shows\n%s", was.Card.String())
	}
	edits := len(p.Sent)
	s.b.Repay(s.ctx)
	if len(p.Sent) != edits {
		t.Error("what was paid is paid again")
	}
}
