package bottest_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"butler/bot"
)

// watched is a store that counts the desks that are read and can lose notes.
type watched struct {
	bot.Store
	loads atomic.Int64
	deaf  func(text string) bool // what is not remembered
}

func (w *watched) Load(ctx context.Context, customer string) (bot.Loaded, error) {
	w.loads.Add(1)
	return w.Store.Load(ctx, customer)
}

func (w *watched) Remember(ctx context.Context, name, text string) error {
	if w.deaf != nil && w.deaf(text) {
		return nil
	}
	return w.Store.Remember(ctx, name, text)
}

func watching(w *watched) option {
	return func(o *bot.Options) {
		w.Store = o.Store
		o.Store = w
	}
}

// many are customers whose rooms are still to be made or bound.
func many(n int) string {
	var yaml strings.Builder
	yaml.WriteString(newCustomer)
	for i := range n {
		fmt.Fprintf(&yaml, "  - {id: c%03d, name: C%03d, edition: enterprise, front: slack, back: slack, tam: chen}\n", i, i)
	}
	return yaml.String()
}

// What strangers say in rooms of nobody costs no look at the desks, however many
// customers have no room yet.
func TestStrangersCostNothing(t *testing.T) {
	var w watched
	s := newStage(t, many(300), watching(&w))
	s.says("C9", "U88", "hello") // a process may look once
	w.loads.Store(0)
	for i := range 100 {
		if err := s.b.Hear(s.ctx, s.message(fmt.Sprintf("C9%d", i%7), "U88", "hello")); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.loads.Load(); n != 0 {
		t.Errorf("100 messages of strangers had %d desks read", n)
	}
}

// A room that another process binds is heard at its first word, also when that
// process ended before it could say so, and after the config was read anew.
func TestARoomThatAnotherProcessBinds(t *testing.T) {
	for name, deaf := range map[string]func(string) bool{
		"":                       nil,
		"killed after the write": func(text string) bool { return !strings.HasPrefix(text, "moving/") },
	} {
		var w watched
		s := newStage(t, newCustomer)
		s.says("C9", "U88", "hello")
		s.says("C9", "U88", "hello again")
		first := s.b
		s.b = s.process(newCustomer, watching(&w))
		must(t, s.b.Apply(s.ctx))
		w.deaf = deaf
		s.types("C9", "U04", "/bind nova front")
		s.b = first
		s.says("C9", "U88", ransom)
		if n := len(s.desk("nova").Cases); n != 1 {
			t.Errorf("%s: nova has %d cases", name, n)
		}
		s.b.Renew(s.process(newCustomer).Directory())
		s.says("C9", "U88", "数据库也打不开了")
		if c, _ := s.desk("nova").Case(1); c.Adds != 1 {
			t.Errorf("%s: words after the config was read anew went nowhere", name)
		}
	}
}
