package chattest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// suite is what a case works with: a harness, the host of every platform on it,
// and helpers that end the test when something fails that should not.
type suite struct {
	*testing.T
	Harness
	host *host
}

// fresh is a platform that does not listen yet.
func (s *suite) fresh() bot.Platform {
	s.Helper()
	p := s.New()
	if g, ok := p.(bot.Guest); ok {
		g.Meet(s.host)
	}
	return p
}

// ears is a platform that listens, and what it heard.
type ears struct {
	bot.Platform
	s    *suite
	stop func() // ends Listen and waits until it has ended

	mu     sync.Mutex
	all    []chat.Message // for which hear returned nil or Declined
	tried  []chat.Message // with which hear was called
	answer func(context.Context, chat.Message) error
}

// listen starts a platform and waits until it is ready.
func (s *suite) listen(p bot.Platform) *ears {
	s.Helper()
	e := s.start(p)
	s.Until("it is ready", func() bool { return p.Ready() == nil })
	return e
}

// start lets a platform listen until the case ends or stops it.
func (s *suite) start(p bot.Platform) *ears {
	s.Helper()
	e := &ears{Platform: p, s: s}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Listen(ctx, e.hear) }()
	e.stop = sync.OnceFunc(func() {
		cancel()
		late, end := context.WithTimeout(context.Background(), ending)
		defer end()
		select {
		case err := <-done:
			if err != nil {
				s.Errorf("Listen ended with %v when its context ended; want nil", err)
			}
		case <-late.Done():
			s.Errorf("Listen did not end within %s of its context", ending)
		}
	})
	s.Cleanup(e.stop)
	return e
}

// ending is how long Listen may take to end: a process has 5 s for all it does
// after SIGTERM.
const ending = 4 * time.Second

func (e *ears) hear(ctx context.Context, m chat.Message) error {
	e.mu.Lock()
	e.tried = append(e.tried, m)
	answer := e.answer
	e.mu.Unlock()
	var err error
	if answer != nil {
		err = answer(ctx, m)
	}
	var declined *chat.Declined
	if err == nil || errors.As(err, &declined) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.all = append(e.all, m)
	}
	return err
}

// says sets what hear answers from now on.
func (e *ears) says(answer func(context.Context, chat.Message) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

// identity is by what the bot knows a message.
func identity(m chat.Message) string { return m.Room.String() + "/" + m.ID }

// heard is what was heard, each message once, in the order of its first hearing.
func (e *ears) heard() []chat.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return once(e.all)
}

// calls is what hear was called with, each message once.
func (e *ears) calls() []chat.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return once(e.tried)
}

// attempts counts how often hear was called.
func (e *ears) attempts() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.tried)
}

func once(all []chat.Message) []chat.Message {
	var first []chat.Message
	for _, m := range all {
		if !slices.ContainsFunc(first, func(f chat.Message) bool { return identity(f) == identity(m) }) {
			first = append(first, m)
		}
	}
	return first
}

// got waits until n messages were heard, and returns them.
func (e *ears) got(n int) []chat.Message {
	e.s.Helper()
	e.s.Until("it is heard", func() bool { return len(e.heard()) >= n })
	all := e.heard()
	if len(all) != n {
		e.s.Fatalf("heard %d messages, want %d: %+v", len(all), n, all)
	}
	return all
}

// acked waits until it is acknowledged.
func (s *suite) acked(said ...Said) {
	s.Helper()
	for _, a := range said {
		s.Until("it is acknowledged", a.Acked)
	}
}

// says lets somebody write to the bot in a room.
func (s *suite) says(room chat.Room, who, text string) Said {
	s.Helper()
	return s.Say(Words{Room: room, Who: who, Text: text, Bot: true})
}

// send sends, and ends the test when that fails. It waits for the spacing of the
// room.
func (s *suite) send(p bot.Platform, out bot.Sending) chat.Receipt {
	s.Helper()
	s.Rest()
	r, err := p.Send(s.Context(), out)
	if err != nil {
		s.Fatalf("Send(%s to %s): %v", out.Key, out.Room, err)
	}
	return r
}

// sees is everything of the bot that holds some words.
func (s *suite) sees(words string) []Shown {
	s.Helper()
	var all []Shown
	for _, m := range s.Shown() {
		if strings.Contains(m.Words, words) {
			all = append(all, m)
		}
	}
	return all
}

// one is the one message of the bot that holds some words.
func (s *suite) one(words string) Shown {
	s.Helper()
	all := s.sees(words)
	if len(all) != 1 {
		s.Fatalf("%d messages say %q, want 1: %+v", len(all), words, all)
	}
	return all[0]
}

// later expects a Later, and nothing that an operator could not read.
func (s *suite) later(what string, err error) *chat.Later {
	s.Helper()
	var l *chat.Later
	if !errors.As(err, &l) {
		s.Fatalf("%s: %v, want Later", what, err)
	}
	if l.After < 0 || l.After > time.Hour {
		s.Errorf("%s: to wait for %s is no answer", what, l.After)
	}
	s.reads(what, l.Why)
	return l
}

// never expects a Never.
func (s *suite) never(what string, err error) *chat.Never {
	s.Helper()
	var n *chat.Never
	if !errors.As(err, &n) {
		s.Fatalf("%s: %v, want Never", what, err)
	}
	s.reads(what, n.Why)
	s.reads(what+" in Chinese", n.Zh)
	if !strings.ContainsFunc(n.Zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		s.Errorf("%s: %q is no Chinese", what, n.Zh)
	}
	return n
}

// reads checks a line for the operator.
func (s *suite) reads(what, line string) {
	s.Helper()
	if strings.TrimSpace(line) == "" || strings.ContainsAny(line, "\n\r") || len(line) > 600 {
		s.Errorf("%s: %q is not one line that an operator reads", what, line)
	}
}

// sending is a card in one of the ways, with a word of its own.
func (s *suite) sending(w Way, key, word string) bot.Sending {
	out := bot.Sending{Key: key, Room: s.Front, Attempt: 1, Card: aCard("responded", word)}
	press := []card.Button{{Label: "接手", Command: "/claim 7", Style: "primary"}}
	switch w {
	case Board:
		out.Card, out.Kind = aCard("board", word), desk.NOpened
		out.Card.Buttons = press
	case Ping:
		out.Room, out.Card, out.Kind = s.Back, aCard("ping.back", word), desk.NPing
		out.Person, out.Name, out.Urgent, out.Card.Buttons = s.Expert.ID, s.Expert.Name, true, press
	case Aside:
		out.Card = aCard("help", word)
		out.Person, out.Name, out.Private = s.Expert.ID, s.Expert.Name, true
	case Letter:
		out.Room = chat.Room{Platform: s.Front.Platform, ID: s.Expert.ID, Direct: true}
		out.Person, out.Name = s.Expert.ID, s.Expert.Name
	}
	return out
}

func aCard(sheet, word string) card.Card {
	return card.Card{Sheet: sheet, Lang: "zh-CN", Tone: card.Warning, Title: word,
		Lines: []card.Line{{Kind: card.Field, Label: "状态", Text: "等待接手"}, {Kind: card.Text, Text: "请先断网。"}}, Foot: "北京时间"}
}
