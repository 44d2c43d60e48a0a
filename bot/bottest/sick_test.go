package bottest_test

import (
	"context"
	"errors"
	"testing"

	"butler/bot"
	"butler/bot/bottest"
	"butler/cmd/wire"
	"butler/config"
)

type sick struct {
	*bottest.Mem
	who string
}

func (s *sick) Load(ctx context.Context, customer string) (bot.Loaded, error) {
	if customer == s.who {
		return bot.Loaded{}, errors.New("desk of a newer schema")
	}
	return s.Mem.Load(ctx, customer)
}

// one desk that cannot be read silences every customer behind it whose rooms were bound by hand
func TestOneSickDesk(t *testing.T) {
	y := newCustomer + `  - {id: aaa, name: A, edition: enterprise, front: slack, back: slack, tam: chen}
`
	s := newStage(t, y)
	for _, c := range []string{"front", "back"} {
		m := s.message("C-"+c, "U04", "/bind nova "+c)
		m.Command = true
		s.hear(m)
	}
	c, _ := config.Parse("test.yaml", "", []byte(y), config.Options{Play: true})
	b := bot.New(bot.Options{Store: &sick{s.store, "aaa"}, Directory: wire.Directory(c), Platforms: []bot.Platform{s.slack}, Parallel: 1})
	t.Log(b.Apply(s.ctx))
	if err := b.Hear(s.ctx, s.message("C-front", "U88", "数据库主机出现勒索提示，文件被加密")); err != nil {
		t.Errorf("nova is not heard because of aaa: %v", err)
	}
	if _, err := b.Home(s.ctx, "slack", "U01"); err != nil {
		t.Errorf("home: %v", err)
	}
	if _, err := b.Ears(s.ctx, "slack"); err != nil {
		t.Errorf("ears: %v", err)
	}
}
