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

type recaller struct {
	*able
	recalled []string
}

func (r *recaller) Recall(_ context.Context, room chat.Room, ref string) error {
	r.recalled = append(r.recalled, ref)
	return nil
}

func TestRecallTakesTheLast(t *testing.T) {
	c, err := config.Parse("test.yaml", "", []byte(people), config.Options{Play: true})
	must(t, err)
	s := &stage{T: t, ctx: context.Background(), clock: bottest.NewClock(bottest.DefaultStart)}
	s.store = bottest.NewMem(s.clock.Now)
	s.slack = &able{Fake: bottest.NewFake("slack", s.clock.Now)}
	r := &recaller{able: s.slack}
	s.b = bot.New(bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{r}, Parallel: 1})
	must(t, s.b.Apply(s.ctx))
	s.quiet()
	s.hear(s.message("C0FRONT", "U77", "数据库主机出现勒索提示，文件被加密"))
	s.hear(s.message("C0BACK", "U01", "/reply 1 好的答复"))
	// typed in one breath: the wrong answer is on its way (or Slack asks to wait), and is taken back
	s.slack.Down(s.clock.Now().Add(20 * time.Second))
	s.hear(s.message("C0BACK", "U01", "/reply 1 错误的答复"))
	s.hear(s.message("C0BACK", "U01", "/recall 1"))
	must(t, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(2*time.Minute)))
	for _, ref := range r.recalled {
		p, _ := s.slack.Showing(ref)
		t.Logf("recalled %s: %s", ref, strings.ReplaceAll(p.Card.String(), "\n", " / "))
		if strings.Contains(p.Card.String(), "好的答复") {
			t.Error("the answer before the last was taken back, and the last stands")
		}
	}
}

func TestAppLeak(t *testing.T) {
	s := newStage(t, people)
	m := s.message("C0FRONT", "app/B1", "告警：主机 10.0.0.5 检测到勒索病毒，正在加密文件，access key LTAI5tFakeFakeFake1234567 泄露 password=Passw0rd!2026")
	m.Sender = chat.Person{ID: "app/B1", Name: "云监控", App: true}
	s.hear(m)
	for _, p := range s.slack.Sent {
		if p.Private {
			t.Errorf("private to %q (%s): %s", p.Person, p.Kind, p.Card.Title)
		}
	}
	n := len(s.slack.Sent)
	m = s.message("C0FRONT", "U77", "日志里 password=Passw0rd!2026 请看")
	m.ID, m.Marks, m.Author, m.Command = "mark/9", "99.1", chat.Person{ID: "U78"}, true
	s.hear(m)
	for _, p := range s.slack.Sent[n:] {
		if p.Kind == desk.NSecret {
			t.Logf("secret told to %s (author U78)", p.Person)
		}
	}
}

func TestOnboardOtherInFront(t *testing.T) {
	s := newStage(t, newCustomer)
	s.hear(s.message("C0FRONT", "U04", "/onboard nova"))
	t.Log("founded", len(s.slack.founded), "acme cases", len(s.desk("acme").Cases), "nova asked", s.desk("nova").Onboarding)
	if n := len(s.desk("acme").Cases); n != 0 {
		t.Errorf("/onboard nova in acme's front onboards acme: %v", s.shown("C0FRONT"))
	}
}

func TestSharedBackStays(t *testing.T) {
	s := newStage(t, newCustomer)
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	s.hear(slash("C9", "U04", "/bind nova front"))
	s.hear(slash("C0BACK", "U04", "/bind nova back"))
	s.hear(slash("C12", "U04", "/bind nova back"))
	h, _ := s.b.Directory().Home("nova")
	a, _ := s.b.Directory().Home("acme")
	if h.Terms.SharedBack || a.Terms.SharedBack {
		t.Error("still shared: ", h.Terms.SharedBack, a.Terms.SharedBack)
	}
}

func TestDeletedRestartConflict(t *testing.T) {
	s := newStage(t, newCustomer)
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	s.hear(slash("C9", "U04", "/bind nova front"))
	yaml := people + `  - {id: beta, name: 贝塔, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`
	c, err := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	must(t, err)
	s.boot(c) // nova left the config
	s.hear(slash("C9", "U04", "/bind beta front"))
	yaml = newCustomer + `  - {id: zeta, name: 贝塔, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`
	_ = yaml
	c, err = config.Parse("test.yaml", "", []byte(newCustomer+`  - {id: beta, name: 贝塔, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`), config.Options{Play: true})
	must(t, err)
	s.boot(c) // nova is back
	s.hear(slash("C9", "U88", "数据库主机出现勒索提示，文件被加密"))
	s.hear(s.message("C9", "U88", "数据库主机出现勒索提示，文件被加密"))
	t.Log(len(s.desk("nova").Cases), len(s.desk("beta").Cases), s.desk("nova").Rooms, s.desk("beta").Rooms)
}
