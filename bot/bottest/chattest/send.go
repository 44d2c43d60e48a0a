package chattest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

var sendCases = []testCase{
	{"a receipt names the message, and an edit changes that one", editsThatOne},
	{"an edit of what is gone is refused for ever", editsGone},
	{"a private card is seen by one person", seenByOne},
	{"a person who is named is called, and nobody else", callsOne},
	{"what hangs in a thread hangs there, and a thread that is gone costs no words", inThread},
	{"what may have been said is looked up", lookedUp},
	{"limits are kept by a burst at that spacing", keepsLimits},
	{"its voice and its links are sane", voiceAndLinks},
}

func editsThatOne(s *suite) {
	p := s.fresh()
	one, two := s.sending(Board, "k/1", "工单一"), s.sending(Board, "k/2", "工单二")
	a, b := s.send(p, one), s.send(p, two)
	if a.Ref == "" || a.Ref == b.Ref || s.one("工单一").Ref != a.Ref || s.one("工单二").Ref != b.Ref {
		s.Fatalf("two boards have the references %q and %q; they are shown as %+v", a.Ref, b.Ref, s.Shown())
	}
	next := s.sending(Board, "k/3", "已接手一")
	next.Card.Buttons = []card.Button{{Label: "解决", Command: "/resolve 7"}}
	next.Card.Lines = next.Card.Lines[:1]
	for range 2 { // repeating it does no harm
		if r := s.edit(p, a.Ref, next); r.Ref != a.Ref {
			s.Errorf("the reference of an edited message is %q, was %q", r.Ref, a.Ref)
		}
	}
	m := s.one("已接手一")
	if m.Ref != a.Ref || !m.Edited || strings.Contains(m.Words, "工单一") || strings.Contains(m.Words, "请先断网") || !slices.Equal(m.Buttons, []string{"/resolve 7"}) {
		s.Errorf("edited, it is shown as %+v", m)
	}
	if other := s.one("工单二"); other.Edited || !slices.Equal(other.Buttons, []string{"/claim 7"}) || len(s.Shown()) != 2 {
		s.Errorf("the other board is %+v, and %d messages stand", other, len(s.Shown()))
	}
	// Another process edits it as well, by the reference alone.
	s.edit(s.fresh(), a.Ref, s.sending(Board, "k/4", "已解决一"))
	if m := s.one("已解决一"); m.Ref != a.Ref {
		s.Errorf("edited by another process, it is shown as %+v", m)
	}
}

func editsGone(s *suite) {
	p := s.fresh()
	out := s.sending(Board, "k/1", "工单一")
	s.send(p, out)
	s.send(p, s.sending(Board, "k/2", "工单二"))
	ref := s.Vanish(s.one("工单一"))
	before := len(s.Shown())
	out.Card.Title = "已接手"
	_, err := p.(bot.Editor).Edit(s.Context(), ref, out)
	s.never("the edit of a message that is gone", err)
	if len(s.sees("已接手")) != 0 || len(s.Shown()) != before {
		s.Errorf("it is shown all the same: %+v", s.Shown())
	}
}

func seenByOne(s *suite) {
	p := s.fresh()
	for i, who := range []Person{s.Expert, s.Customer} {
		for _, buttons := range [][]card.Button{nil, {{Label: "看", Command: "/list"}}} {
			word := fmt.Sprintf("只给你 %d %d", i, len(buttons))
			out := s.sending(Aside, "k/"+word, word)
			out.Person, out.Name, out.Card.Buttons = who.ID, who.Name, buttons
			s.send(p, out)
			if m := s.one(word); m.Only != who.ID || m.All {
				s.Errorf("what is for %s alone is shown as %+v", who.ID, m)
			}
		}
	}
	s.send(p, s.sending(Letter, "k/letter", "单聊一句"))
	if m := s.one("单聊一句"); m.Only != s.Expert.ID || !m.Room.Direct {
		s.Errorf("a letter is shown as %+v", m)
	}
}

func callsOne(s *suite) {
	p := s.fresh()
	for _, urgent := range []bool{true, false} {
		for _, w := range []Way{Ping, News, Board} {
			word := fmt.Sprintf("事情 %s %v", w, urgent)
			out := s.sending(w, "k/"+word, word)
			out.Urgent = urgent
			s.send(p, out)
			var want []string
			if w == Ping {
				want = []string{s.Expert.ID}
			}
			if m := s.one(word); !slices.Equal(m.To, want) || m.All || m.Only != "" || m.Room != out.Room {
				s.Errorf("%s (urgent %v) calls %v, want %v: %+v", w, urgent, m.To, want, m)
			}
		}
	}
	// Who reported is called in the front.
	out := s.sending(News, "k/reporter", "答复给您")
	out.Person, out.Name, out.Loud = s.Customer.ID, s.Customer.Name, true
	out.Card.Buttons = []card.Button{{Label: "好了", Command: "/confirm 7"}}
	s.send(p, out)
	if m := s.one("答复给您"); !slices.Equal(m.To, []string{s.Customer.ID}) || m.All || m.Only != "" {
		s.Errorf("an answer calls %v: %+v", m.To, m)
	}
}

func inThread(s *suite) {
	p := s.fresh()
	board := s.send(p, s.sending(Board, "k/1", "工单一"))
	out := s.sending(News, "k/2", "进展")
	out.Thread = board.Ref
	s.send(p, out)
	if m := s.one("进展"); m.Room != s.Front || s.Threads && m.Thread != board.Ref {
		s.Errorf("an answer in the thread %q is shown as %+v", board.Ref, m)
	}
	gone := s.sending(News, "", "")
	for i, thread := range []string{s.Vanish(s.one("工单一")), s.Unknown} {
		for attempt := 1; attempt <= 2; attempt++ { // the second one looks for it, where it can
			word := fmt.Sprintf("后来的进展 %d %d", i, attempt)
			gone.Key, gone.Card.Title, gone.Thread, gone.Attempt = "k/"+word, word, thread, attempt
			s.send(p, gone)
			if m := s.one(word); m.Room != s.Front {
				s.Errorf("in a thread that is gone, it is shown as %+v", m)
			}
		}
	}
}

// lookedUp repeats sendings that went through: after an answer that was lost, and
// by another process that knows nothing.
func lookedUp(s *suite) {
	for _, w := range ways {
		most := 1
		if why := s.Twice[w]; why != "" {
			most = 2
		}
		for _, lost := range []bool{true, false} {
			word := fmt.Sprintf("说一遍 %s %v", w, lost)
			out := s.sending(w, "k/"+word, word)
			p := s.fresh()
			switch {
			case lost && s.Fail == nil:
				continue
			case lost:
				lift := s.Fail(Silence, out.Room)
				s.Rest()
				_, err := p.Send(s.Context(), out)
				s.later("an answer that was lost", err)
				lift()
			default:
				s.send(p, out)
				p = s.fresh()
			}
			if n := len(s.sees(word)); n != 1 {
				s.Fatalf("%s: %d messages say it after the first attempt", w, n)
			}
			out.Attempt = 2
			r := s.send(p, out)
			all := s.sees(word)
			if len(all) > most {
				s.Errorf("%s (answer lost %v) is said %d times, want %d at most", w, lost, len(all), most)
			}
			if n := len(all); n == 0 || all[n-1].Ref != r.Ref {
				s.Errorf("%s (answer lost %v): the receipt names %q; it is shown as %+v", w, lost, r.Ref, all)
			}
		}
	}
	// The same words under another key are another message.
	out := s.sending(News, "k/other", "说一遍 news")
	out.Attempt = 2
	before := len(s.sees("说一遍 news"))
	s.send(s.fresh(), out)
	if n := len(s.sees("说一遍 news")); n != before+1 {
		s.Errorf("%d messages say it, want %d: what was looked up is another notice", n, before+1)
	}
}

func keepsLimits(s *suite) {
	p := s.fresh()
	for _, room := range []chat.Room{s.Front, s.Back, s.sending(Letter, "", "").Room, {Platform: s.Front.Platform, ID: "nowhere"}} {
		l := p.Limits(room)
		if l.Spacing < 0 || l.PerMinute < 0 || l.PerMonth < 0 || l.Body < 0 || l.Mentions < 0 {
			s.Errorf("the limits of %s are %+v", room, l)
		}
	}
	var rooms sync.WaitGroup
	defer rooms.Wait()
	for _, w := range []Way{News, Ping, Letter} {
		rooms.Go(func() {
			out := s.sending(w, "", "")
			for i := range 3 {
				if i > 0 {
					s.Pass(p.Limits(out.Room).Spacing)
				}
				out.Key = fmt.Sprintf("k/%s/%d", w, i)
				if _, err := p.Send(s.Context(), out); err != nil {
					s.Errorf("%s number %d, at the spacing of %s: %v", w, i+1, p.Limits(out.Room).Spacing, err)
				}
			}
		})
	}
}

func voiceAndLinks(s *suite) {
	p := s.fresh()
	if p.Name() != s.Front.Platform || p.Name() != s.Back.Platform {
		s.Errorf("it is called %q, and its rooms %s and %s", p.Name(), s.Front, s.Back)
	}
	if v, ok := p.(bot.Speaker); ok && !slices.Contains(card.Voices, v.Voice()) {
		s.Errorf("it speaks in the voice %q", v.Voice())
	}
	l, ok := p.(bot.Linker)
	if !ok {
		return
	}
	check := func(room chat.Room, ref string) string {
		link := l.Link(room, ref)
		if u, err := url.Parse(link); link != "" && (err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(link, " \n<>\"")) {
			s.Errorf("the link to %q in %s is %q", ref, room, link)
		}
		return link
	}
	board := s.send(p, s.sending(Board, "k/1", "工单一"))
	check(s.Front, board.Ref) // before it has ever connected
	s.listen(p)
	if check(s.Front, board.Ref) == "" {
		s.Error("a message that stands has no link, though the platform makes them")
	}
	for _, ref := range []string{"", "x", "<!channel>", "1 2\n3", "../../admin"} {
		if link := check(s.Front, ref); link != "" {
			s.Errorf("what is no reference, %q, has the link %q", ref, link)
		}
	}
	check(chat.Room{Platform: p.Name(), ID: "<x>"}, board.Ref)
	check(chat.Room{}, board.Ref)
}

// isNot reports whether an error is neither Later nor Never.
func isNot(err error) bool {
	var l *chat.Later
	var n *chat.Never
	return err != nil && !errors.As(err, &l) && !errors.As(err, &n)
}
