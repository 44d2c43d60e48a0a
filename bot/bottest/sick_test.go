package bottest_test

import (
	"context"
	"errors"
	"testing"

	"butler/bot"
	"butler/bot/bottest"
)

// sick is a store that cannot read the desk of one customer.
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

// One desk that cannot be read silences nobody else: a process that starts beside
// it says so, hears the customers whose rooms were bound by hand, and shows
// people their pages.
func TestOneSickDesk(t *testing.T) {
	yaml := newCustomer + `  - {id: aaa, name: A, edition: enterprise, front: slack, back: slack, tam: chen}
`
	s := newStage(t, yaml)
	s.types("C-front", "U04", "/bind nova front")
	s.types("C-back", "U04", "/bind nova back")

	s.b = s.process(yaml, func(o *bot.Options) { o.Store = &sick{s.store, "aaa"} })
	if err := s.b.Apply(s.ctx); err == nil {
		t.Error("nobody is told that a desk cannot be read")
	}
	s.says("C-front", "U88", ransom)
	s.cases("nova", 1)
	s.wants("C-back", ransom)
	home, err := s.b.Home(s.ctx, "slack", "U01")
	must(t, err)
	if len(home) != 2 {
		t.Errorf("the page of zhang shows %v", home)
	}
	ears, err := s.b.Ears(s.ctx, "slack")
	must(t, err)
	if len(ears) != 4 {
		t.Errorf("it listens to %v, want the four rooms of acme and nova", ears)
	}
}
