package chattest

import (
	"context"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

var lineCases = []testCase{
	{"ready says how the connection stands", ready},
	{"listen ends with its context, also while hear works", ends},
	{"credentials that are refused end the start", refusedAtStart},
	{"credentials that are refused later end nothing", refusedLater},
	{"what was said between two processes is heard, or the front is told", gapBetween},
	{"what was said while the connection was away is heard, or the front is told", gapWithin},
}

// notReady expects one line for the operator.
func (s *suite) notReady(when string, p bot.Platform) {
	s.Helper()
	err := p.Ready()
	if err == nil {
		s.Fatalf("%s it is ready", when)
	}
	s.reads(when, err.Error())
	if !strings.Contains(err.Error(), p.Name()) && !strings.Contains(err.Error(), "sandbox") {
		s.Errorf("%s: %q does not say which platform it is", when, err)
	}
}

func ready(s *suite) {
	p := s.fresh()
	s.notReady("before Listen", p)
	e := s.listen(p)
	if s.Disconnect != nil {
		mend := s.Disconnect()
		s.Until("Ready says that the connection is away", func() bool { return p.Ready() != nil })
		s.notReady("without a connection", p)
		mend()
		s.Until("it is ready again", func() bool { return p.Ready() == nil })
	}
	s.acked(s.says(s.Front, s.Customer.ID, "在吗"))
	e.got(1)
	e.stop()
	s.notReady("after Listen", p)
}

func ends(s *suite) {
	e := s.listen(s.fresh())
	e.stop() // says so when it takes too long
	e = s.listen(s.fresh())
	var after error
	e.says(func(ctx context.Context, _ chat.Message) error {
		<-ctx.Done()
		s.Pass(typing) // what it works on is not dropped at once
		after = ctx.Err()
		return after
	})
	said := s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "在吗", Bot: !s.Unaddressed})
	s.Until("hear is called", func() bool { return e.attempts() > 0 })
	e.stop()
	if after == nil {
		s.Error("Listen ended, and left hear at work")
	}
	if said.Acked() {
		s.Error("what hear could not finish is acknowledged")
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.fresh().Listen(over, e.hear); err != nil {
		s.Errorf("Listen with a context that is over ends with %v, want nil", err)
	}
}

func refusedAtStart(s *suite) {
	if s.Fail == nil {
		return // it knows nobody by credentials
	}
	s.Fail(Credentials, chat.Room{})
	p := s.fresh()
	ctx, cancel := context.WithTimeout(context.Background(), 3*ending)
	defer cancel()
	err := p.Listen(ctx, func(context.Context, chat.Message) error { return nil })
	if err == nil || ctx.Err() != nil {
		s.Fatalf("Listen with credentials that are refused ends with %v (%v)", err, ctx.Err())
	}
	s.reads("the end of Listen", err.Error())
	s.notReady("with credentials that are refused", p)
}

func refusedLater(s *suite) {
	if s.Fail == nil {
		return // it knows nobody by credentials
	}
	p := s.fresh()
	e := s.listen(p)
	lift := s.Fail(Credentials, chat.Room{})
	mend := s.Disconnect()
	s.Until("Ready says that the connection is away", func() bool { return p.Ready() != nil })
	mend()
	for w, err := range s.all(p, "refused") {
		s.later(string(w)+" with credentials that are refused", err)
	}
	s.notReady("with credentials that are refused", p)
	lift()
	s.Until("it is ready again", func() bool {
		if p.Ready() == nil {
			return true
		}
		s.Rest() // what was refused for sending is known to be good when sending works
		p.Send(s.Context(), s.sending(Ping, "k/mended", "好了"))
		p.Send(s.Context(), s.sending(Letter, "k/mended", "好了"))
		p.Send(s.Context(), s.sending(Aside, "k/mended", "好了"))
		p.Send(s.Context(), s.sending(News, "k/mended", "好了"))
		return false
	})
	s.acked(s.says(s.Front, s.Customer.ID, "在吗"))
	e.got(1)
}

// noted waits until it is noted that the platform hears now.
func (s *suite) noted() {
	s.Helper()
	if s.Gap != NoGap {
		since := s.Now()
		s.Until("it is noted that the bot hears", func() bool { return s.host.heardAt(since) })
	}
}

func gapBetween(s *suite) {
	first := s.listen(s.fresh())
	s.acked(s.says(s.Front, s.Customer.ID, "第一句"))
	first.got(1)
	s.noted()
	first.stop()
	s.whileAway(func() *ears { return s.listen(s.fresh()) })
}

func gapWithin(s *suite) {
	if s.Disconnect == nil {
		return // there is no connection that could be away
	}
	e := s.listen(s.fresh())
	s.noted()
	mend := s.Disconnect()
	s.Until("Ready says that the connection is away", func() bool { return e.Ready() != nil })
	s.whileAway(func() *ears {
		mend()
		s.Until("it is ready again", func() bool { return e.Ready() == nil })
		return e
	})
}

// whileAway lets people write while nobody listens, and looks what becomes of it
// when somebody does again.
func (s *suite) whileAway(back func() *ears) {
	s.Helper()
	from := s.Now()
	missed := s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "有人吗", Bot: true, Unheard: true})
	inside := s.Say(Words{Room: s.Back, Who: s.Expert.ID, Text: "我在看", Bot: true, Unheard: true})
	s.Pass(s.MinGap)
	if missed.Acked() {
		s.Error("it is acknowledged, and nobody listens")
	}
	to := s.Now()
	e := back()
	has := func(text, id string) bool {
		for _, m := range e.heard() {
			if m.Text == text && (id == "" || m.ID == id) {
				return true
			}
		}
		return false
	}
	switch s.Gap {
	case LooksBack:
		s.Until("what was said meanwhile is heard", func() bool { return has("有人吗", missed.ID) && has("我在看", inside.ID) })
		if g := s.host.gaps(); len(g) != 0 {
			s.Errorf("the host is told of %+v, and all was heard", g)
		}
	case SaysDeaf:
		s.Until("the host is told of the gap", func() bool { return len(s.host.gaps()) > 0 })
		for _, g := range s.host.gaps() {
			if g.room != s.Front || g.from.After(from.Add(time.Second)) || g.to.Before(to.Add(-time.Second)) || !g.from.Before(g.to) {
				s.Errorf("told %+v; nobody heard %s from %v to %v", g, s.Front, from, to)
			}
		}
	case NoGap:
		s.acked(s.Again(missed), s.Again(inside))
		if !has("有人吗", missed.ID) || !has("我在看", inside.ID) {
			s.Errorf("heard %+v", e.heard())
		}
	default:
		s.Fatal("the harness does not say what becomes of a gap")
	}
	s.acked(s.says(s.Front, s.Customer.ID, "又好了"))
	s.Until("it hears again", func() bool { return has("又好了", "") })
}
