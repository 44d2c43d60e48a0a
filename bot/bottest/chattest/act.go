package chattest

import (
	"context"
	"slices"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

var actCases = []testCase{
	{"a command is heard as it was typed", typed},
	{"a button types its command", pressed},
	{"a button on a private card acts in the room", pressedAside},
	{"an edit and a deletion name their message", changed},
	{"what was declined is shown to the asker alone", declined},
}

func typed(s *suite) {
	e := s.listen(s.fresh())
	letter := chat.Room{Platform: s.Front.Platform, ID: s.Expert.ID, Direct: true}
	for i, c := range []struct {
		room chat.Room
		who  Person
		text string
	}{{s.Back, s.Expert, "/claim 7"}, {s.Front, s.Customer, "/urgent 7"}, {s.Back, s.Expert, "/reply 7 请先断网 <b>"}, {letter, s.Expert, "/list"}} {
		s.acked(s.Type(c.room, c.who.ID, c.text))
		m := e.got(i + 1)[i]
		if m.Text != c.text || m.Sender.ID != c.who.ID || m.Room != c.room || m.ID == "" || m.Form {
			s.Errorf("%s in %s is heard as %+v", c.text, c.room, m)
		}
	}
}

func pressed(s *suite) {
	e := s.listen(s.fresh())
	ping := s.send(e, s.sending(Ping, "k/press", "请接手"))
	s.acked(s.Press(s.Expert.ID, s.one("请接手"), "/claim 7"))
	m := e.got(1)[0]
	if m.Text != "/claim 7" || !m.Command || m.Sender.ID != s.Expert.ID || m.Room != s.Back || m.Thread != ping.Ref || m.ID == "" || m.SentAt.IsZero() {
		s.Errorf("a click on %q is heard as %+v", ping.Ref, m)
	}
}

func pressedAside(s *suite) {
	e := s.listen(s.fresh())
	out := s.sending(Aside, "k/aside", "哪个工单")
	out.Card.Buttons = []card.Button{{Label: "#7", Command: "/list acme"}}
	s.send(e, out)
	s.acked(s.Press(s.Expert.ID, s.one("哪个工单"), "/list acme"))
	if m := e.got(1)[0]; m.Text != "/list acme" || m.Room != s.Front || m.Sender.ID != s.Expert.ID {
		s.Errorf("a click on a private card of %s is heard as %+v", s.Front, m)
	}
}

func changed(s *suite) {
	e := s.listen(s.fresh())
	said := s.says(s.Front, s.Customer.ID, "数据库打不开")
	other := s.says(s.Front, s.Customer.ID, "别的事")
	s.acked(said, other)
	n := 2
	all := e.got(n)
	first := all[slices.IndexFunc(all, func(m chat.Message) bool { return m.Text == "数据库打不开" })]
	if s.Edit != nil {
		s.acked(s.Edit(said, "数据库主机打不开"))
		n++
		m := e.got(n)[n-1]
		if m.Edits != first.ID || m.Text != "数据库主机打不开" || m.ID == first.ID || m.Deletes != "" || m.Room != s.Front || m.Sender.ID != s.Customer.ID {
			s.Errorf("the edit of %s is heard as %+v", first.ID, m)
		}
	}
	if s.Delete != nil {
		s.acked(s.Delete(said))
		n++
		m := e.got(n)[n-1]
		if m.Deletes != first.ID || m.Edits != "" || m.Room != s.Front || m.ID == "" || m.ID == first.ID {
			s.Errorf("the deletion of %s is heard as %+v", first.ID, m)
		}
	}
	s.acked(s.says(s.Front, s.Customer.ID, "还在"))
	if m := e.got(n + 1)[n]; m.Edits+m.Deletes != "" || m.Text != "还在" {
		s.Errorf("heard %+v", m)
	}
}

func declined(s *suite) {
	e := s.listen(s.fresh())
	out := s.sending(Board, "k/declined", "工单七")
	s.send(e, out)
	e.says(func(_ context.Context, m chat.Message) error {
		return &chat.Declined{Text: "没有办：" + m.Text + " <!channel> *x*\n> y"}
	})
	s.acked(s.Type(s.Front, s.Customer.ID, "/close 7"), s.Press(s.Expert.ID, s.one("工单七"), "/claim 7"))
	for text, who := range map[string]Person{"没有办：/close 7": s.Customer, "没有办：/claim 7": s.Expert} {
		s.Until("the asker reads "+text, func() bool { return len(s.sees(text)) > 0 })
		m := s.one(text)
		if len(m.Acts) > 0 {
			s.Errorf("words of people in what was declined do %q: %s", m.Acts, m.Words)
		}
		if m.Only != who.ID || m.All || slices.ContainsFunc(m.To, func(id string) bool { return id != who.ID }) {
			s.Errorf("what %s asked for and was declined is shown as %+v", who.ID, m)
		}
	}
	if len(e.got(2)) != 2 {
		s.Error("what is declined was heard")
	}
}

// edit edits, and ends the test when that fails.
func (s *suite) edit(p bot.Platform, ref string, out bot.Sending) chat.Receipt {
	s.Helper()
	e, ok := p.(bot.Editor)
	if l, is := p.(*ears); is {
		e, ok = l.Platform.(bot.Editor)
	}
	if !ok {
		s.Fatalf("%s has boards and cannot edit them", p.Name())
	}
	s.Rest()
	r, err := e.Edit(s.Context(), ref, out)
	if err != nil {
		s.Fatalf("Edit(%s): %v", ref, err)
	}
	return r
}
