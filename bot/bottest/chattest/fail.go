package chattest

import (
	"fmt"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

var failCases = []testCase{
	{"where too much is said it says for how long, and other rooms go on", busy},
	{"while the server is away it says later", away},
	{"a room that is gone is refused for ever, with the reason", roomGone},
	{"somebody who is gone is refused for ever, with the reason", personGone},
}

// all sends one message in every way, and returns what came of it.
func (s *suite) all(p bot.Platform, key string) map[Way]error {
	came := map[Way]error{}
	for _, w := range ways {
		s.Rest()
		_, came[w] = p.Send(s.Context(), s.sending(w, "k/"+key+"/"+string(w), key+" "+string(w)))
		if isNot(came[w]) {
			s.Errorf("%s: the error is neither Later nor Never: %v", w, came[w])
		}
	}
	return came
}

// arrive repeats what had to wait, until it is there, once.
func (s *suite) arrive(p bot.Platform, key string, after time.Duration) {
	s.Helper()
	for _, w := range ways {
		out := s.sending(w, "k/"+key+"/"+string(w), key+" "+string(w))
		if len(s.sees(out.Card.Title)) > 0 {
			continue
		}
		s.Pass(after)
		after = 0
		out.Attempt = 2
		s.send(p, out)
		s.one(out.Card.Title)
	}
}

func busy(s *suite) {
	if s.Fail == nil {
		if l := s.fresh().Limits(s.Front); l != (chat.Limits{}) {
			s.Errorf("it has the limits %+v, and never says that one is met", l)
		}
		return
	}
	p := s.fresh()
	lift := s.Fail(Busy, s.Front)
	s.Rest()
	_, err := p.Send(s.Context(), s.sending(News, "k/busy/news", "busy news"))
	wait := s.later("a room in which too much was said", err).After
	if wait <= 0 {
		s.Error("the server says how long to wait, and Later does not")
	}
	lift()
	others := 0
	for _, w := range []Way{Ping, Letter} {
		s.Rest()
		_, err := p.Send(s.Context(), s.sending(w, "k/busy/"+string(w), "busy "+string(w)))
		switch {
		case err == nil:
			others++
		case s.Shared:
			if l := s.later(string(w), err); l.After <= 0 || l.After > wait {
				s.Errorf("%s has to wait %s, and the room that met the limit %s", w, l.After, wait)
			}
		default:
			s.Errorf("%s in another room: %v", w, err)
		}
	}
	if others == 0 {
		s.Error("one room's limit stops everything")
	}
	s.arrive(p, "busy", wait)
}

func away(s *suite) {
	if s.Fail == nil {
		return // no server that could be away
	}
	p := s.fresh()
	stands := s.send(p, s.sending(Board, "k/stands", "这里有"))
	lift := s.Fail(Away, chat.Room{})
	var longest time.Duration
	for w, err := range s.all(p, "away") {
		longest = max(longest, s.later(string(w)+" while the server is away", err).After)
	}
	if longest > 5*time.Second {
		s.Errorf("it waits %s for a server that is away: somebody may wait for a ping", longest)
	}
	_, err := p.(bot.Editor).Edit(s.Context(), stands.Ref, s.sending(Board, "k/away/edit", "改"))
	s.later("an edit while the server is away", err)
	lift()
	s.arrive(p, "away", longest)
}

func roomGone(s *suite) {
	p := s.fresh()
	gone := s.RoomGone()
	for _, w := range []Way{News, Board, Ping} {
		out := s.sending(w, "k/gone/"+string(w), "无处可去")
		out.Room = gone
		s.Rest()
		_, err := p.Send(s.Context(), out)
		n := s.never(fmt.Sprintf("%s to a room that is gone", w), err)
		if why := strings.ToLower(n.Why); !strings.Contains(why, "room") && !strings.Contains(why, "channel") && !strings.Contains(why, "group") {
			s.Errorf("%s to a room that is gone: %q does not say that it is the room", w, n.Why)
		}
	}
	for _, m := range s.sees("无处可去") {
		if m.Only != s.Expert.ID { // who was to be called there may have been told alone
			s.Errorf("what was for a room that is gone is shown as %+v", m)
		}
	}
	s.send(p, s.sending(News, "k/there", "这里还在"))
}

func personGone(s *suite) {
	p := s.fresh()
	gone := s.PersonGone()
	for _, w := range []Way{Letter, Aside} {
		out := s.sending(w, "k/gone/"+string(w), "无人可告")
		out.Person, out.Name = gone, "走了的人"
		out.Card.Sheet = "refused.back" // of the service: it may go to nobody else instead
		if w == Letter {
			out.Room.ID = gone
		}
		s.Rest()
		_, err := p.Send(s.Context(), out)
		n := s.never(fmt.Sprintf("%s to somebody who is gone", w), err)
		if why := strings.ToLower(n.Why); !strings.Contains(why, "person") && !strings.Contains(why, "user") && !strings.Contains(n.Why, gone) {
			s.Errorf("%s to somebody who is gone: %q does not say that it is the person", w, n.Why)
		}
	}
	if n := len(s.sees("无人可告")); n != 0 {
		s.Errorf("%d messages arrived all the same", n)
	}
	s.send(p, s.sending(Letter, "k/there", "这人还在"))
}
