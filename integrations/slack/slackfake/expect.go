package slackfake

import (
	"fmt"
	"slices"
	"strings"
)

// Messages lists what stands in a channel now, oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Message
	for _, m := range s.mustChannel(channel).messages {
		if !m.Deleted {
			all = append(all, *m)
		}
	}
	return all
}

// Posted lists what the app said in a channel and what still stands there.
func (s *Server) Posted(channel string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return !m.bot() })
}

// Message returns a message as it is now; Deleted says whether it is gone.
func (s *Server) Message(ts string) Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[ts]
	if m == nil {
		s.t.Fatalf("slackfake: there never was a message %q", ts)
	}
	return *m
}

// Expect waits for a message of the app in a channel that holds all the words,
// and returns the first.
func (s *Server) Expect(channel string, words ...string) Message {
	s.t.Helper()
	return s.expect(channel, func(m *Message) bool { return holds(m.Contains, words) }, words)
}

// ExpectReply waits for one in a thread.
func (s *Server) ExpectReply(channel, thread string, words ...string) Message {
	s.t.Helper()
	return s.expect(channel, func(m *Message) bool { return m.Thread == thread && holds(m.Contains, words) }, words)
}

// ExpectEdit waits until a message holds all the words.
func (s *Server) ExpectEdit(ts string, words ...string) Message {
	s.t.Helper()
	channel := s.Message(ts).Channel
	return s.expect(channel, func(m *Message) bool { return m.TS == ts && holds(m.Contains, words) }, words)
}

func (s *Server) expect(channel string, wanted func(*Message) bool, words []string) Message {
	s.t.Helper()
	s.mu.Lock()
	c := s.channels[channel]
	s.mu.Unlock()
	if c == nil {
		s.t.Fatalf("slackfake: the test has no channel %q; add it with Channel", channel)
	}
	var found *Message
	var seen int64
	ok := s.mu.Until(func() bool {
		last := seen
		seen = s.changes
		for _, m := range c.messages {
			if m.change > last && m.bot() && !m.Deleted && wanted(m) {
				copied := *m
				found = &copied
				return true
			}
		}
		return false
	})
	if !ok {
		s.t.Fatalf("slackfake: within %s the app said nothing in %s with %q; what stands there:\n%s", s.mu.Patience, channel, words, s.shown(channel))
	}
	return *found
}

func holds(contains func(string) bool, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !contains(w) })
}

// shown is a channel as somebody reads it, for the message of a failure.
func (s *Server) shown(channel string) string {
	var b strings.Builder
	for _, m := range s.Messages(channel) {
		who := m.User
		if m.bot() {
			who = "the app"
		}
		fmt.Fprintf(&b, "  %s %s: %s\n", m.TS, who, strings.ReplaceAll(m.Words(), "\n", "\n      "))
	}
	return b.String()
}

// Ephemerals lists what a person was shown alone, oldest first.
func (s *Server) Ephemerals(user string) []Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Ephemeral
	for _, e := range s.ephemeral {
		if e.User == user && !e.Deleted {
			all = append(all, *e)
		}
	}
	return all
}

// ExpectEphemeral waits until a person is shown something alone that holds all
// the words, and returns the first.
func (s *Server) ExpectEphemeral(user string, words ...string) Ephemeral {
	s.t.Helper()
	var found Ephemeral
	if !s.mu.Until(func() bool {
		for _, e := range s.ephemeral {
			if e.User == user && !e.Deleted && holds(e.Contains, words) {
				found = *e
				return true
			}
		}
		return false
	}) {
		var seen []string
		for _, e := range s.Ephemerals(user) {
			seen = append(seen, "  "+e.Words())
		}
		s.t.Fatalf("slackfake: within %s %s was not shown %q alone, but:\n%s", s.mu.Patience, user, words, strings.Join(seen, "\n"))
	}
	return found
}

// Views lists the modals a person has open, oldest first.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []View
	for _, v := range s.views {
		if v.User == user && !v.Closed {
			all = append(all, *v)
		}
	}
	return all
}

// ExpectView waits until a person has a modal open that holds all the words, and
// returns the newest.
func (s *Server) ExpectView(user string, words ...string) View {
	s.t.Helper()
	var found View
	if !s.mu.Until(func() bool {
		for _, v := range slices.Backward(s.views) {
			if v.User == user && !v.Closed && holds(v.Contains, words) {
				found = *v
				return true
			}
		}
		return false
	}) {
		s.t.Fatalf("slackfake: within %s %s saw no modal with %q; open are %v", s.mu.Patience, user, words, s.Views(user))
	}
	return found
}

// ExpectHome waits until a person's App Home holds all the words.
func (s *Server) ExpectHome(user string, words ...string) View {
	s.t.Helper()
	var found View
	if !s.mu.Until(func() bool {
		v := s.homes[user]
		if v == nil || !holds(v.Contains, words) {
			return false
		}
		found = *v
		return true
	}) {
		s.t.Fatalf("slackfake: within %s the home of %s did not hold %q", s.mu.Patience, user, words)
	}
	return found
}

// ExpectReaction waits until the app has put an emoji at a message.
func (s *Server) ExpectReaction(ts, name string) {
	s.t.Helper()
	if !s.mu.Until(func() bool { m := s.messages[ts]; return m != nil && slices.Contains(m.Reactions[name], BotUser) }) {
		s.t.Fatalf("slackfake: within %s the app did not react with :%s: to %s", s.mu.Patience, name, ts)
	}
}
