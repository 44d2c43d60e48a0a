package slackfake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"butler/integrations/fakery"
)

// User is somebody whom users.info knows.
type User struct {
	ID    string
	Name  string
	Team  string // Team for the staff, another one for customers over Slack Connect
	Email string
	Zone  string // Asia/Shanghai; "" for none

	Stranger   bool // of another workspace, and not in any of ours
	Restricted bool // a guest
	Bot        bool
	Admin      bool
	Deleted    bool

	Uninvitable string // the word with which conversations.invite refuses them; "" for none
}

// Metadata is what an app attaches to its message for other programs.
type Metadata struct {
	Type    string          `json:"event_type"`
	Payload json.RawMessage `json:"event_payload"`
}

// File is a file that hangs at a message.
type File struct {
	ID, Name, Title, Mime string
	Size                  int
	URL                   string // url_private
	Content               []byte // of a file that the app uploaded
}

// Message is one message of a channel as Slack keeps it now.
type Message struct {
	Channel, TS    string
	Thread         string // ts of the message it hangs under; "" for the channel itself
	User, Team     string // "" where nobody wrote it
	BotID          string // of the app that wrote it
	SubType        string
	ClientMsgID    string
	Text           string
	Blocks         json.RawMessage
	Attachments    json.RawMessage
	Metadata       *Metadata
	Files          []File
	Reactions      map[string][]string // name → who
	Username       string              // chosen by a classic app
	Edits          int
	Deleted        bool
	By             string // the method that made it: chat.postMessage, response_url, …; "" for people
	extra          map[string]any
	editedBy, edit string
	change         int64 // the number of its last change
	tombstone      bool  // deleted, and its answers stay
}

// Words is everything a person reads in the message: its blocks, or its text
// where it has none.
func (m Message) Words() string {
	if w := words(m.Blocks); w != "" {
		return w
	}
	return m.Text
}

// Contains says whether the text or the blocks hold some words.
func (m Message) Contains(part string) bool {
	return strings.Contains(m.Text, part) || strings.Contains(words(m.Blocks), part) || strings.Contains(words(m.Attachments), part)
}

// Buttons lists the values of the buttons that can be pressed, top to bottom.
func (m Message) Buttons() []string {
	var values []string
	for _, e := range elements(m.Blocks) {
		if e["type"] == "button" {
			v, _ := e["value"].(string)
			values = append(values, v)
		}
	}
	return values
}

func (m *Message) bot() bool { return m.BotID == BotID }

// Ephemeral is a message that one person sees until they reload.
type Ephemeral struct {
	Channel, User, TS string
	Thread            string
	Text              string
	Blocks            json.RawMessage
	By                string // chat.postEphemeral, response_url, ack
	Deleted           bool
}

// Words is everything a person reads in it.
func (e Ephemeral) Words() string {
	if w := words(e.Blocks); w != "" {
		return w
	}
	return e.Text
}

// Contains says whether its text or its blocks hold some words.
func (e Ephemeral) Contains(part string) bool {
	return strings.Contains(e.Text, part) || strings.Contains(words(e.Blocks), part)
}

// channel is a conversation and who is in it.
type channel struct {
	ID, Name  string
	Creator   string
	Topic     string
	Purpose   string
	Private   bool
	Archived  bool
	IM        bool
	With      string // the person of an IM
	Connected []string
	Members   []string
	Invited   []string // over Slack Connect, and not here yet
	Created   time.Time
	messages  []*Message // by ts
}

func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

func (c *channel) kind() string {
	switch {
	case c.IM:
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

// insert puts a message at its place by ts.
func (c *channel) insert(m *Message) {
	i, _ := slices.BinarySearchFunc(c.messages, m.TS, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	c.messages = slices.Insert(c.messages, i, m)
}

// Staff adds a member of the workspace.
func (s *Server) Staff(id, name string) { s.Add(User{ID: id, Name: name, Team: Team}) }

// Customer adds a person of another workspace, met over Slack Connect.
func (s *Server) Customer(id, name, team string) {
	s.Add(User{ID: id, Name: name, Team: team, Stranger: true})
}

// Guest adds a restricted member of the workspace.
func (s *Server) Guest(id, name string) {
	s.Add(User{ID: id, Name: name, Team: Team, Restricted: true})
}

// Add adds somebody, or changes them.
func (s *Server) Add(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		s.t.Fatal("slackfake: a user needs an id")
	}
	if u.Team == "" {
		u.Team = Team
	}
	s.users[u.ID] = &u
}

// ChannelOption says what a channel is like.
type ChannelOption func(*channel)

// Private makes the channel private.
func Private() ChannelOption { return func(c *channel) { c.Private = true } }

// Public makes a private channel public.
func Public() ChannelOption { return func(c *channel) { c.Private = false } }

// SharedWith makes it a Slack Connect channel with other workspaces.
func SharedWith(teams ...string) ChannelOption {
	return func(c *channel) { c.Connected = append(c.Connected, teams...) }
}

// Named gives it a name; it is its id in lower-case letters otherwise.
func Named(name string) ChannelOption { return func(c *channel) { c.Name = name } }

// CreatedBy says who made it: nobody otherwise.
func CreatedBy(user string) ChannelOption { return func(c *channel) { c.Creator = user } }

// With adds members.
func With(users ...string) ChannelOption {
	return func(c *channel) { c.Members = append(c.Members, users...) }
}

// WithoutApp leaves the app outside: it hears nothing there and may not post.
func WithoutApp() ChannelOption {
	return func(c *channel) {
		c.Members = slices.DeleteFunc(c.Members, func(u string) bool { return u == BotUser })
	}
}

// Channel adds a channel with the app in it, or changes one.
func (s *Server) Channel(id string, opts ...ChannelOption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	if c == nil {
		c = s.addChannel(id, strings.ToLower(id))
		c.Members = []string{BotUser}
	}
	for _, o := range opts {
		o(c)
	}
}

func (s *Server) addChannel(id, name string) *channel {
	c := &channel{ID: id, Name: name, Created: s.mu.Now()}
	s.channels[id] = c
	s.order = append(s.order, id)
	return c
}

// Archive archives a channel, or takes it out of the archive.
func (s *Server) Archive(id string, archived bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustChannel(id).Archived = archived
}

// Kick takes somebody, the app too, out of a channel, without an event.
func (s *Server) Kick(id, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustChannel(id)
	c.Members = slices.DeleteFunc(c.Members, func(u string) bool { return u == user })
}

func (s *Server) mustChannel(id string) *channel {
	return fakery.Known(s.mu, s.channels, id, "no channel %q; add it with Channel")
}

func (s *Server) mustUser(id string) *User {
	return fakery.Known(s.mu, s.users, id, "nobody with the id %q; add them with Staff, Customer or Guest")
}

func (s *Server) mustMessage(ts string) *Message {
	m := s.messages[ts]
	if m == nil || m.Deleted {
		s.t.Fatalf("slackfake: there is no message %q", ts)
	}
	return m
}

// direct returns the one-to-one chat of the app with a user.
func (s *Server) direct(user string) *channel {
	for _, id := range s.order {
		if c := s.channels[id]; c.IM && c.With == user {
			return c
		}
	}
	c := s.addChannel(s.newID("D"), "")
	c.IM, c.With, c.Members = true, user, []string{BotUser, user}
	return c
}

// Direct is the id of the app's one-to-one chat with a user.
func (s *Server) Direct(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(user)
	return s.direct(user).ID
}

// store puts a message into its channel.
func (s *Server) store(m *Message) *Message {
	s.messages[m.TS] = m
	s.channels[m.Channel].insert(m)
	if m.Thread != "" && m.Thread != m.TS {
		s.threads[m.Thread] = append(s.threads[m.Thread], m)
	}
	s.touch(m)
	return m
}

// touch notes that a message is not what it was.
func (s *Server) touch(m *Message) {
	s.changes++
	m.change = s.changes
	s.mu.Bump()
}
