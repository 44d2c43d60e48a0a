package dingfake

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"butler/integrations/fakery"
)

// User is somebody who writes to the robot. ID is the userid of staff; for
// external members it is the test's own name for them, and is never sent.
type User struct {
	ID       string
	Name     string
	External bool   // of another organisation: senderStaffId is empty
	Admin    bool   // of the organisation of the staff: isAdmin
	Mobile   string // for at.atMobiles
	UnionID  string // "union-" and the ID unless said otherwise
	Hidden   bool   // outside of what the app may see: no message, no DING reaches them
}

// Cipher is the senderId of somebody: no userid, and nothing the API takes.
func (u User) Cipher() string { return "$:LWCP_v1:$" + u.ID }

// Link is a button of a message that is no card: it opens an address, and nothing
// is heard of it.
type Link struct{ Title, URL string }

// Message is one message of a group or a one-to-one chat as it stands now.
type Message struct {
	Room     string            // its openConversationId
	ID       string            // msgId of what people said; "" for the robot
	Key      string            // processQueryKey of what the robot said; "" at a session webhook
	User     string            // who said it; "" for the robot
	Kind     string            // text, markdown, richText, sampleMarkdown, card, …
	Title    string            // of markdown, links and action cards
	Text     string            // for people, @ and all
	Links    []Link            // below an action card
	Card     string            // outTrackId of the card that stands here
	Params   map[string]string // of that card, as everybody sees it
	At       []string          // who was really notified by an @
	AtAll    bool
	By       string // the path that made it; "" for people
	Recalled bool
	ReadBy   []string
	Time     time.Time
	change   int64 // the number of its last change
}

// Words is everything a person reads in the message.
func (m Message) Words() string {
	parts := []string{m.Title, m.Text}
	for _, l := range m.Links {
		parts = append(parts, l.Title)
	}
	for _, k := range slices.Sorted(maps.Keys(m.Params)) {
		parts = append(parts, m.Params[k])
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// Contains says whether a message holds some words.
func (m Message) Contains(part string) bool { return strings.Contains(m.Words(), part) }

// room is a group, or the chat of one person with the robot.
type room struct {
	ID, Title string
	With      string // the person of a one-to-one chat
	Members   []string
	Owner     string
	Template  string // of a scene group
	Outside   bool   // the robot is not in it
	Disbanded bool
}

func (r *room) has(user string) bool { return slices.Contains(r.Members, user) }

// Staff adds a member of the organisation.
func (s *Server) Staff(id, name string) { s.Add(User{ID: id, Name: name}) }

// External adds a person of another organisation, or of none: their messages come
// with an empty senderStaffId.
func (s *Server) External(id, name string) { s.Add(User{ID: id, Name: name, External: true}) }

// Add adds somebody, or changes them.
func (s *Server) Add(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		s.t.Fatal("dingfake: a user needs an id")
	}
	u.UnionID = cmp.Or(u.UnionID, "union-"+u.ID)
	s.users[u.ID] = &u
}

// GroupOption says what a group is like.
type GroupOption func(*room)

// With adds members.
func With(users ...string) GroupOption {
	return func(r *room) { r.Members = append(r.Members, users...) }
}

// Title names the group.
func Title(title string) GroupOption { return func(r *room) { r.Title = title } }

// WithoutRobot leaves the robot outside: it hears nothing and may not write.
func WithoutRobot() GroupOption { return func(r *room) { r.Outside = true } }

// Group adds a group with the robot in it, or changes one. Its id is an
// openConversationId: cid and base64, so / + = stand in it.
func (s *Server) Group(id string, opts ...GroupOption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		r = s.addRoom(id)
	}
	for _, o := range opts {
		o(r)
	}
}

func (s *Server) addRoom(id string) *room {
	r := &room{ID: id, Title: id}
	s.rooms[id] = r
	return r
}

// Disband ends a group.
func (s *Server) Disband(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustRoom(id).Disbanded = true
}

// Kick takes somebody out of a group, or the robot for "".
func (s *Server) Kick(id, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.mustRoom(id)
	if user == "" {
		r.Outside = true
	}
	r.Members = slices.DeleteFunc(r.Members, func(u string) bool { return u == user })
}

// Members lists who is in a group, without the robot.
func (s *Server) Members(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mustRoom(id).Members)
}

// Direct is the id of somebody's one-to-one chat with the robot.
func (s *Server) Direct(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(user)
	return s.direct(user).ID
}

func (s *Server) direct(user string) *room {
	id := "cidDIRECT+" + user + "=="
	if r := s.rooms[id]; r != nil {
		return r
	}
	r := s.addRoom(id)
	r.With, r.Members = user, []string{user}
	return r
}

// Unpublish takes a card template back to a draft: cards of it are refused.
func (s *Server) Unpublish(template string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unready[template] = true
}

func (s *Server) mustRoom(id string) *room {
	return fakery.Known(s.mu, s.rooms, id, "no group %q; add it with Group")
}

func (s *Server) mustUser(id string) *User {
	return fakery.Known(s.mu, s.users, id, "nobody with the id %q; add them with Staff or External")
}

// staff finds somebody by the userid the API takes: no external member has one.
func (s *Server) staff(userid string) *User {
	if u := s.users[userid]; u != nil && !u.External {
		return u
	}
	return nil
}

// store puts a message into its room.
func (s *Server) store(m *Message) *Message {
	m.Time = s.mu.Now()
	s.messages = append(s.messages, m)
	s.touch(m)
	return m
}

// touch notes that a message is not what it was.
func (s *Server) touch(m *Message) {
	s.changes++
	m.change = s.changes
	s.mu.Bump()
}

// keyed lists the messages of one processQueryKey: one in a group, one for each
// receiver of a batch.
func (s *Server) keyed(key string) []*Message {
	var all []*Message
	for _, m := range s.messages {
		if m.Key == key && key != "" {
			all = append(all, m)
		}
	}
	return all
}
