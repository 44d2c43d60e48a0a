package bottest_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
)

// two platforms
func twoPlatforms(t *testing.T, yaml string) (*stage, *bottest.Fake) {
	c, err := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	must(t, err)
	s := &stage{T: t, ctx: context.Background(), clock: bottest.NewClock(bottest.DefaultStart)}
	s.store = bottest.NewMem(s.clock.Now)
	s.slack = &able{Fake: bottest.NewFake("slack", s.clock.Now)}
	ding := bottest.NewFake("dingtalk", s.clock.Now)
	s.b = bot.New(bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{s.slack, ding}, Parallel: 1})
	must(t, s.b.Apply(s.ctx))
	s.quiet()
	return s, ding
}

func TestBindOtherPlatform(t *testing.T) {
	y := strings.Replace(newCustomer, "slack: U04}", "slack: U04, dingtalk: D04}", 1)
	y = strings.Replace(y, "front: slack, back: slack", `front: "slack:CNF", back: slack`, 1)
	s, ding := twoPlatforms(t, y)
	m := s.message("cidX", "D04", "/bind nova back")
	m.Room.Platform, m.Command = "dingtalk", true
	err := s.b.Hear(s.ctx, m)
	s.quiet()
	t.Log(err, s.desk("nova").Rooms)
	if s.desk("nova").Rooms[desk.Back] != "" {
		t.Error("the config says slack, and a room of DingTalk was bound")
	}
	s.hear(s.message("CNF", "U99", "数据库主机出现勒索提示，文件被加密"))
	must(t, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(16*time.Minute)))
	for _, p := range ding.Sent {
		t.Log(p.Room, p.Kind, p.Person, strings.Split(p.Card.String(), "\n")[0])
	}
	t.Log(s.desk("nova").Unreachable)
}

// meet makes two rooms side by side: neither is there before the other.
type meet struct {
	*able
	mu  sync.Mutex
	n   int
	all chan struct{}
}

func (m *meet) Found(_ context.Context, f bot.Founding) (bot.Founded, error) {
	m.mu.Lock()
	m.n++
	if m.n == 2 {
		close(m.all)
	}
	m.mu.Unlock()
	<-m.all
	return bot.Founded{Room: chat.Room{Platform: "slack", ID: "C-" + f.Name}}, nil
}

func TestOneNameForTwo(t *testing.T) {
	y := people + `  - {id: nova_a, name: A, edition: enterprise, front: slack, back: "slack:CB1", tam: chen}
  - {id: nova-a, name: B, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`
	c, err := config.Parse("test.yaml", "", []byte(y), config.Options{Play: true})
	must(t, err)
	clock := bottest.NewClock(bottest.DefaultStart)
	store := bottest.NewMem(clock.Now)
	f := &meet{able: &able{Fake: bottest.NewFake("slack", clock.Now)}, all: make(chan struct{})}
	b := bot.New(bot.Options{Store: store, Directory: wire.Directory(c), Platforms: []bot.Platform{f}, Parallel: 8})
	ctx := context.Background()
	must(t, b.Apply(ctx))
	for _, id := range []string{"nova_a", "nova-a"} {
		must(t, b.Hear(ctx, chat.Message{Room: chat.Room{Platform: "slack", ID: "U04", Direct: true}, ID: id, Sender: chat.Person{ID: "U04"}, Text: "/onboard " + id, SentAt: clock.Now()}))
	}
	for range 20 {
		b.Deliver(ctx)
		b.Drain()
	}
	x, _ := store.Load(ctx, "nova_a")
	z, _ := store.Load(ctx, "nova-a")
	if x.Desk.Rooms[desk.Front] == z.Desk.Rooms[desk.Front] {
		t.Errorf("two customers have one front: %v, %v", x.Desk.Rooms, z.Desk.Rooms)
	}
}

// links of a case that was reported inside
func TestLinkOfInsideReport(t *testing.T) {
	s := newStage(t, people)
	s.hear(s.message("C0BACK", "U01", "/report 客户电话报告：数据库被加密"))
	for _, x := range s.shown("C0BACK") {
		if strings.Contains(x, "chat.example/C0FRONT/m1") {
			t.Error("a link into the front leads to a message of the back: ", x)
		}
	}
	ears, _ := s.b.Ears(s.ctx, "slack")
	t.Logf("%+v", ears)
}
