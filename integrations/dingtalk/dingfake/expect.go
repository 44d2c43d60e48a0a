package dingfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func millis(n int64) string { return strconv.FormatInt(n, 10) }

// Messages lists what stands in a room now, oldest first.
func (s *Server) Messages(room string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustRoom(room)
	var all []Message
	for _, m := range s.messages {
		if m.Room == room && !m.Recalled {
			all = append(all, *m)
		}
	}
	return all
}

// Posted lists what the robot said in a room and what still stands there.
func (s *Server) Posted(room string) []Message {
	return slices.DeleteFunc(s.Messages(room), func(m Message) bool { return m.User != "" })
}

// Message returns a message as it is now, by its msgId, its processQueryKey, or
// the outTrackId of its card; Recalled says whether it is gone.
func (s *Server) Message(ref string) Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if ref != "" && (m.ID == ref || m.Key == ref || m.Card == ref) {
			return *m
		}
	}
	s.t.Fatalf("dingfake: there never was a message %q", ref)
	return Message{}
}

// Cards lists the cards that stand in a room, oldest first; everywhere for "".
func (s *Server) Cards(room string) []Card {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Card
	seen := map[string]bool{}
	for _, m := range s.messages {
		if c := s.cards[m.Card]; c != nil && !m.Recalled && !seen[c.ID] && (room == "" || m.Room == room) {
			seen[c.ID] = true
			all = append(all, c.copy())
		}
	}
	return all
}

// Card returns a card as it is now, delivered or not.
func (s *Server) Card(id string) Card {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cards[id]
	if c == nil {
		s.t.Fatalf("dingfake: there never was a card %q", id)
	}
	return c.copy()
}

// Expect waits for a message of the robot in a room that holds all the words, and
// returns the first. A card counts as a message: its words are its parameters.
func (s *Server) Expect(room string, words ...string) Message {
	s.t.Helper()
	return s.expect(room, "holds the words", func(m *Message) bool { return holds(m.Words(), words) }, words)
}

// ExpectAt waits for one that really notifies a person.
func (s *Server) ExpectAt(room, user string, words ...string) Message {
	s.t.Helper()
	return s.expect(room, "notifies "+user, func(m *Message) bool {
		return (slices.Contains(m.At, user) || m.AtAll) && holds(m.Words(), words)
	}, words)
}

// ExpectCard waits until a card holds all the words.
func (s *Server) ExpectCard(card string, words ...string) Message {
	s.t.Helper()
	m := s.Message(card)
	return s.expect(m.Room, "is the card "+card, func(m *Message) bool { return m.Card == card && holds(m.Words(), words) }, words)
}

// ExpectRecalled waits until the robot's message with a key is gone.
func (s *Server) ExpectRecalled(key string) {
	s.t.Helper()
	if !s.mu.Until(func() bool {
		of := s.keyed(key)
		return len(of) > 0 && of[0].Recalled
	}) {
		s.t.Fatalf("dingfake: within %s the message %s was not recalled", s.mu.Patience, key)
	}
}

// ExpectNone fails the test when the robot says something in a room, now or
// within a time, that holds all the words.
func (s *Server) ExpectNone(room string, within time.Duration, words ...string) {
	s.t.Helper()
	var found Message
	if s.mu.Within(within, func() bool {
		for _, m := range s.messages {
			if m.Room == room && m.User == "" && !m.Recalled && holds(m.Words(), words) {
				found = *m
				return true
			}
		}
		return false
	}) {
		s.t.Errorf("dingfake: the robot said in %s what it should not have said: %s", room, found.Words())
	}
}

func (s *Server) expect(room, what string, wanted func(*Message) bool, words []string) Message {
	s.t.Helper()
	s.mu.Lock()
	s.mustRoom(room)
	s.mu.Unlock()
	var found Message
	var seen int64
	ok := s.mu.Until(func() bool {
		last := seen
		seen = s.changes
		for _, m := range s.messages {
			if m.change > last && m.Room == room && m.User == "" && !m.Recalled && wanted(m) {
				found = *m
				return true
			}
		}
		return false
	})
	if !ok {
		s.t.Fatalf("dingfake: within %s the robot said nothing in %s that %s, with %q; what stands there:\n%s", s.mu.Patience, room, what, words, s.shown(room))
	}
	return found
}

func holds(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// shown is a room as somebody reads it, for the message of a failure.
func (s *Server) shown(room string) string {
	var b strings.Builder
	for _, m := range s.Messages(room) {
		who := m.User
		if who == "" {
			who = "the robot, by " + m.By
		}
		fmt.Fprintf(&b, "  %s: %s\n", who, strings.ReplaceAll(m.Words(), "\n", "\n      "))
	}
	return b.String()
}

// Calls lists the calls of a path so far, oldest first; of all for "".
func (s *Server) Calls(path string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callsOf(path)
}

// callsOf is Calls with the lock held.
func (s *Server) callsOf(path string) []Call {
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return path != "" && c.Path != path })
}

// Called waits until a path was called at least n times.
func (s *Server) Called(path string, n int) {
	s.t.Helper()
	if !s.mu.Until(func() bool { return len(s.callsOf(path)) >= n }) {
		s.t.Fatalf("dingfake: %s was called %d times within %s, the test waits for %d", path, len(s.Calls(path)), s.mu.Patience, n)
	}
}

// Spent counts the calls of this month, in the zone of China, that count against
// the quota of the organisation.
func (s *Server) Spent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spent[s.mu.Now().In(china).Format("2006-01")]
}

// Spend counts n calls more, as other apps of the organisation make them.
func (s *Server) Spend(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spent[s.mu.Now().In(china).Format("2006-01")] += n
}
