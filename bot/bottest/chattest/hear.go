package chattest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"butler/bot/chat"
)

var hearCases = []testCase{
	{"a message is acknowledged when it was heard, and not before", acknowledgedAfter},
	{"what hear does not take is heard again under the same id", triedAgain},
	{"another delivery is the same message", sameMessage},
	{"a room is heard in its order", inOrder},
	{"a slow room delays no other", slowRoom},
	{"words are heard as they were written", asWritten},
	{"people are known by id, never by name", knownByID},
	{"a mention is no word, and an answer names its thread", mentionAndThread},
	{"what the bot says is not heard", notItself},
}

// gate holds hear back until it is opened; entered says that somebody waits.
type gate struct {
	entered, open chan struct{}
	in, out       sync.Once
}

func newGate() *gate { return &gate{entered: make(chan struct{}), open: make(chan struct{})} }

// pass waits for the gate to open, or for the end of hearing.
func (g *gate) pass(ctx context.Context) error {
	g.in.Do(func() { close(g.entered) })
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) release() { g.out.Do(func() { close(g.open) }) }

// held lets what is said in a room wait at a gate.
func (s *suite) held(e *ears, room chat.Room) *gate {
	g := newGate()
	s.Cleanup(g.release)
	e.says(func(ctx context.Context, m chat.Message) error {
		if m.Room == room {
			return g.pass(ctx)
		}
		return nil
	})
	return g
}

func (s *suite) entered(g *gate) {
	s.Helper()
	s.Until("hear is called", func() bool {
		select {
		case <-g.entered:
			return true
		default:
			return false
		}
	})
}

func acknowledgedAfter(s *suite) {
	e := s.listen(s.fresh())
	g := s.held(e, s.Front)
	// Not addressed where that is heard: some platforms bring a mention twice.
	said := s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "数据库主机出现勒索提示", Bot: !s.Unaddressed})
	s.entered(g)
	s.acked(s.says(s.Back, s.Expert.ID, "在看")) // the next acknowledgement has arrived
	if said.Acked() {
		s.Error("it is acknowledged while hear still works on it")
	}
	g.release()
	s.acked(said)
	all := e.got(2)
	m := all[slices.IndexFunc(all, func(m chat.Message) bool { return m.Room == s.Front })]
	if m.ID == "" || said.ID != "" && m.ID != said.ID || m.Text != "数据库主机出现勒索提示" || m.Sender.ID != s.Customer.ID || m.Sender.App ||
		m.Command || m.Form || m.Edits+m.Deletes+m.Marks+m.Thread != "" || m.SentAt.IsZero() || m.Delivery == "" {
		s.Errorf("heard %+v", m)
	}
	if d := s.Now().Sub(m.SentAt); d < -time.Minute || d > time.Minute {
		s.Errorf("it was said at %v, and it is %v", m.SentAt, s.Now())
	}
}

func triedAgain(s *suite) {
	e := s.listen(s.fresh())
	var mu sync.Mutex
	left := 2
	e.says(func(context.Context, chat.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if left--; left >= 0 {
			return errors.New("the store is away")
		}
		return nil
	})
	said := s.says(s.Front, s.Customer.ID, "网站打不开")
	for n := 1; s.ByHand && n < 3; n++ {
		s.Until("hear is called", func() bool { return e.attempts() >= n })
		said = s.Again(said)
	}
	s.acked(said)
	if m := e.got(1)[0]; m.Text != "网站打不开" || said.ID != "" && m.ID != said.ID {
		s.Errorf("heard %+v", m)
	}
	if calls := e.calls(); len(calls) != 1 || e.attempts() < 3 {
		s.Errorf("hear was called %d times, with %+v; want the same message three times", e.attempts(), calls)
	}
}

func sameMessage(s *suite) {
	e := s.listen(s.fresh())
	said := s.says(s.Front, s.Customer.ID, "网站打不开")
	s.acked(said)
	again := s.Again(said)
	s.acked(again, s.Again(said))
	s.acked(s.says(s.Front, s.Customer.ID, "还有邮件"))
	if all := e.got(2); all[0].Text != "网站打不开" || all[1].Text != "还有邮件" {
		s.Errorf("heard %+v", all)
	}
}

// typing is the time between two messages of somebody in a hurry. Nobody writes
// faster, and a platform may need it to tell which came first.
const typing = 5 * time.Millisecond

func inOrder(s *suite) {
	e := s.listen(s.fresh())
	g := s.held(e, s.Front)
	var want []string
	var all []Said
	for i := range 20 {
		text := "第 " + strings.Repeat("一", i+1) + " 条"
		who := s.Customer
		if i%3 == 0 {
			who = s.Expert
		}
		all, want = append(all, s.says(s.Front, who.ID, text)), append(want, text)
		if i == 0 {
			s.entered(g)
		}
		s.Pass(typing)
	}
	if n := len(e.calls()); n != 1 {
		s.Errorf("hear was called for %d messages of one room at a time", n)
	}
	g.release()
	s.acked(all...)
	var texts []string
	for _, m := range e.got(len(want)) {
		texts = append(texts, m.Text)
	}
	if !slices.Equal(texts, want) {
		s.Errorf("heard %q, want %q", texts, want)
	}
}

func slowRoom(s *suite) {
	e := s.listen(s.fresh())
	g := s.held(e, s.Front)
	slow := s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "慢", Bot: !s.Unaddressed})
	s.entered(g)
	var quick []Said
	for _, text := range []string{"一", "二", "三"} {
		quick = append(quick, s.says(s.Back, s.Expert.ID, text))
		s.Pass(typing)
	}
	s.acked(quick...)
	if slow.Acked() || e.Ready() != nil {
		s.Errorf("acknowledged %v, ready %v while one room is slow", slow.Acked(), e.Ready())
	}
	g.release()
	s.acked(slow)
	e.got(4)
}

// written are texts that a platform writes in another way than people do.
var written = []string{
	"a < b && c > d; x &lt; y &amp; z",
	"第一行\n第二行",
	"见 https://example.com/a?b=1&c=2",
	"*星* _线_ ~波~ `码` # 号",
	"大家好 @all 👩‍🚒 🇨🇳",
	`"引号" \n 'x' {{.Case}} %s`,
	"问题 issue#3，主机 db_01_x，路径 C:\\temp\\x",
}

func asWritten(s *suite) {
	e := s.listen(s.fresh())
	for i, text := range written {
		said := s.says(s.Front, s.Customer.ID, text)
		s.acked(said)
		if m := e.got(i + 1)[i]; m.Text != text {
			s.Errorf("heard %q, and %q was written", m.Text, text)
		}
	}
}

func knownByID(s *suite) {
	e := s.listen(s.fresh())
	if s.Namesake.Name != s.Expert.Name || s.Namesake.ID == s.Expert.ID {
		s.Fatalf("a namesake has the name and not the id of %+v: %+v", s.Expert, s.Namesake)
	}
	for i, who := range []Person{s.Expert, s.Namesake, s.Customer, s.Namesake} {
		s.acked(s.says(s.Front, who.ID, "我是谁"))
		m := e.got(i + 1)[i]
		if m.Sender.ID != who.ID || m.Sender.App || m.Sender.Name != "" && m.Sender.Name != who.Name {
			s.Errorf("%+v is heard as %+v", who, m.Sender)
		}
	}
}

func mentionAndThread(s *suite) {
	e := s.listen(s.fresh())
	s.acked(s.says(s.Front, s.Customer.ID, "在吗"))
	if m := e.got(1)[0]; m.Text != "在吗" || !m.Mention || m.Thread != "" {
		s.Errorf("heard %+v", m)
	}
	n := 1
	if s.Unaddressed {
		s.acked(s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "随便说说"}))
		if n++; e.got(n)[1].Text != "随便说说" || e.got(n)[1].Mention {
			s.Errorf("heard %+v", e.got(n)[1])
		}
	}
	board := s.send(e, s.sending(Board, "k/thread", "工单七"))
	s.acked(s.Say(Words{Room: s.Front, Who: s.Customer.ID, Text: "补充一条", Thread: board.Ref, Bot: true}))
	if m := e.got(n + 1)[n]; m.Text != "补充一条" || m.Thread != board.Ref {
		s.Errorf("an answer to %q is heard as %+v", board.Ref, m)
	}
}

func notItself(s *suite) {
	e := s.listen(s.fresh())
	for _, w := range ways {
		s.send(e, s.sending(w, "k/own/"+string(w), "工单 "+string(w)))
	}
	board := s.one("工单 board")
	s.edit(e, board.Ref, s.sending(Board, "k/own/edit", "工单改了"))
	s.acked(s.says(s.Front, s.Customer.ID, "收到"), s.says(s.Back, s.Expert.ID, "收到"))
	for _, m := range e.got(2) {
		if m.Text != "收到" {
			s.Errorf("heard %+v", m)
		}
	}
}
