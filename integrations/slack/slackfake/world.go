package slackfake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
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
	Private   bool
	Archived  bool
	IM        bool
	With      string // the person of an IM
	Connected []string
	Members   []string
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

// SharedWith makes it a Slack Connect channel with other workspaces.
func SharedWith(teams ...string) ChannelOption {
	return func(c *channel) { c.Connected = append(c.Connected, teams...) }
}

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
	c := &channel{ID: id, Name: name, Created: s.now()}
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
	c := s.channels[id]
	if c == nil {
		s.t.Fatalf("slackfake: the test has no channel %q; add it with Channel", id)
	}
	return c
}

func (s *Server) mustUser(id string) *User {
	u := s.users[id]
	if u == nil {
		s.t.Fatalf("slackfake: the test has nobody with the id %q; add them with Staff, Customer or Guest", id)
	}
	return u
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
	s.bump()
}

// object is the message as Slack writes it.
func (m *Message) object(metadata bool) map[string]any {
	if m.tombstone {
		return map[string]any{"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT",
			"hidden": true, "ts": m.TS, "thread_ts": m.TS}
	}
	o := map[string]any{"type": "message", "text": m.Text, "ts": m.TS}
	for k, v := range m.extra {
		o[k] = v
	}
	put := func(key, value string) {
		if value != "" {
			o[key] = value
		}
	}
	put("user", m.User)
	put("team", m.Team)
	put("bot_id", m.BotID)
	put("subtype", m.SubType)
	put("client_msg_id", m.ClientMsgID)
	put("thread_ts", m.Thread)
	put("username", m.Username)
	if m.BotID == BotID {
		o["app_id"] = App
		o["bot_profile"] = map[string]any{"id": BotID, "app_id": App, "name": "butler", "team_id": Team, "deleted": false}
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		o["attachments"] = m.Attachments
	}
	if metadata && m.Metadata != nil {
		o["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		o["edited"] = map[string]any{"user": m.editedBy, "ts": m.edit}
	}
	if len(m.Files) > 0 {
		var files []map[string]any
		for _, f := range m.Files {
			files = append(files, f.object())
		}
		o["files"] = files
		o["upload"] = false
	}
	if len(m.Reactions) > 0 {
		var all []map[string]any
		for name, who := range m.Reactions {
			all = append(all, map[string]any{"name": name, "users": who, "count": len(who)})
		}
		o["reactions"] = all
	}
	return o
}

func (f File) object() map[string]any {
	return map[string]any{"id": f.ID, "name": f.Name, "title": f.Title, "mimetype": f.Mime, "size": f.Size,
		"mode": "hosted", "url_private": f.URL, "url_private_download": f.URL, "permalink": "https://home.slack.com/files/" + f.ID}
}

// messageObject adds to a message what Slack counts about its thread.
func (s *Server) messageObject(m *Message, metadata bool) map[string]any {
	o := m.object(metadata)
	var replies []*Message
	var who []string
	for _, r := range s.threads[m.TS] {
		if !r.Deleted {
			replies = append(replies, r)
			if !slices.Contains(who, r.User) {
				who = append(who, r.User)
			}
		}
	}
	if n := len(replies); n > 0 {
		o["thread_ts"], o["reply_count"], o["reply_users"] = m.TS, n, who
		o["reply_users_count"], o["latest_reply"] = len(who), replies[n-1].TS
	} else if m.Thread != "" {
		if parent := s.messages[m.Thread]; parent != nil {
			o["parent_user_id"] = parent.User
		}
	}
	return o
}

func (u *User) object() map[string]any {
	zone := u.Zone
	if zone == "" {
		zone = "Asia/Shanghai"
	}
	return map[string]any{
		"id": u.ID, "team_id": u.Team, "name": strings.ToLower(u.ID), "real_name": u.Name, "deleted": u.Deleted,
		"tz": zone, "is_bot": u.Bot, "is_admin": u.Admin, "is_owner": false, "is_restricted": u.Restricted,
		"is_ultra_restricted": false, "is_stranger": u.Stranger, "is_app_user": false, "updated": 1700000000,
		"profile": map[string]any{"real_name": u.Name, "display_name": u.Name, "email": u.Email, "team": u.Team},
	}
}

func (s *Server) channelObject(c *channel) map[string]any {
	if c.IM {
		return map[string]any{"id": c.ID, "created": c.Created.Unix(), "is_im": true, "user": c.With, "is_archived": c.Archived, "is_open": true}
	}
	return map[string]any{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "created": c.Created.Unix(), "creator": c.Creator,
		"is_channel": !c.Private, "is_group": c.Private, "is_im": false, "is_mpim": false, "is_private": c.Private,
		"is_archived": c.Archived, "is_member": c.has(BotUser), "is_general": false,
		"is_shared": len(c.Connected) > 0, "is_ext_shared": len(c.Connected) > 0, "is_org_shared": false,
		"connected_team_ids": c.Connected, "shared_team_ids": append([]string{Team}, c.Connected...),
		"context_team_id": Team, "num_members": len(c.Members),
		"topic":   map[string]any{"value": c.Topic, "creator": "", "last_set": 0},
		"purpose": map[string]any{"value": "", "creator": "", "last_set": 0},
	}
}
