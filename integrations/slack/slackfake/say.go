package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"butler/integrations/fakery"
)

// Said is something people did in a channel, and what the app is to hear of it.
type Said struct {
	Channel, TS string
	Deliveries  []*Delivery // message first, then app_mention; empty when the app is not to hear it
	s           *Server
}

// Acked waits until the app has acknowledged all of it.
func (a *Said) Acked() {
	a.s.t.Helper()
	a.s.Acked(a.Deliveries...)
}

// Pending counts the deliveries of it that are not acknowledged now.
func (a *Said) Pending() int { return fakery.Pending(a.Deliveries) }

// SayOption changes how something is said.
type SayOption func(*saying)

type saying struct {
	m         *Message
	at        time.Time
	broadcast bool
	unheard   bool
	blank     bool
}

// InThread hangs the message under another.
func InThread(ts string) SayOption { return func(a *saying) { a.m.Thread = ts } }

// Broadcast also shows an answer in a thread to the channel.
func Broadcast() SayOption { return func(a *saying) { a.broadcast = true } }

// WithFile hangs a file at the message, which makes it a file_share.
func WithFile(name string, size int) SayOption {
	return func(a *saying) {
		a.m.SubType = "file_share"
		a.m.Files = append(a.m.Files, File{Name: name, Title: name, Size: size, Mime: "application/octet-stream"})
	}
}

// SubType sets the subtype: me_message, channel_join, channel_topic,
// huddle_thread, …
func SubType(name string) SayOption { return func(a *saying) { a.m.SubType = name } }

// AsBot lets another app say it: a bot_message without a user.
func AsBot(botID string) SayOption {
	return func(a *saying) {
		a.m.SubType, a.m.BotID, a.m.Username, a.blank = "bot_message", botID, "Other App", true
	}
}

// AsApp lets another modern app say it: no subtype, a bot_id and a user.
func AsApp(botID string) SayOption { return func(a *saying) { a.m.BotID = botID } }

// AsWorkflow lets a workflow say it.
func AsWorkflow(id string) SayOption {
	return func(a *saying) {
		a.m.SubType, a.m.BotID, a.m.Username, a.blank = "bot_message", "B0WORKFLOW", "Workflow", true
		a.m.extra = map[string]any{"workflow_id": id}
	}
}

// Blank leaves the author out.
func Blank() SayOption { return func(a *saying) { a.blank = true } }

// WithBlocks adds blocks, as JSON. They are not checked.
func WithBlocks(source string) SayOption {
	return func(a *saying) { a.m.Blocks = json.RawMessage(source) }
}

// At says it at a moment of the past, or of the future.
func At(t time.Time) SayOption { return func(a *saying) { a.at = t } }

// Unheard keeps it in the history and tells the app nothing: what is said while a
// connection is away for long.
func Unheard() SayOption { return func(a *saying) { a.unheard = true } }

// WithField sets any field of the event that Slack might send.
func WithField(name string, value any) SayOption {
	return func(a *saying) {
		if a.m.extra == nil {
			a.m.extra = map[string]any{}
		}
		a.m.extra[name] = value
	}
}

// Say lets somebody write in a channel. The text is what Slack sends: & < > of
// people arrive as &amp; &lt; &gt;, mentions as <@U01>, links as <https://…>.
func (s *Server) Say(channel, user, text string, opts ...SayOption) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.mustChannel(channel), s.mustUser(user)
	s.serial++
	m := &Message{Channel: channel, User: user, Team: u.Team, Text: text, ClientMsgID: fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial)}
	a := saying{m: m}
	for _, o := range opts {
		o(&a)
	}
	if a.blank {
		m.User, m.Team = "", ""
	}
	if m.BotID != "" || m.SubType != "" && m.SubType != "file_share" && m.SubType != "me_message" {
		m.ClientMsgID = ""
	}
	if m.Blocks == nil && !a.blank && m.BotID == "" {
		m.Blocks = richText(text)
	}
	for i := range m.Files {
		f := &m.Files[i]
		f.ID = s.newID("F")
		f.URL = s.http.URL + "/files/" + f.ID
		s.files[f.ID] = &file{File: *f, done: true}
	}
	if m.TS = ""; !a.at.IsZero() {
		m.TS = s.tsAt(a.at)
	} else {
		m.TS = s.newTS()
	}
	if m.Thread != "" {
		if refused := s.under(m, a.broadcast); refused != nil {
			s.t.Fatalf("slackfake: there is no message %q to hang it under", m.Thread)
		}
	}
	if !c.IM && user != BotUser && !c.has(user) && !a.blank {
		c.Members = append(c.Members, user) // who speaks is there
	}
	s.store(m)
	said := &Said{s: s, Channel: channel, TS: m.TS}
	if !a.unheard {
		said.Deliveries = s.announce(m)
	}
	return said
}

// richText is what the composer of Slack makes of words, beside the text.
func richText(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	return json.RawMessage(`[{"type":"rich_text","block_id":"rt","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":` + string(quoted) + `}]}]}]`)
}

// announce tells the app of a message: by message, and by app_mention when it is
// addressed.
func (s *Server) announce(m *Message) []*Delivery {
	c := s.channels[m.Channel]
	o := s.messageObject(m, true)
	o["channel"], o["channel_type"], o["event_ts"] = m.Channel, c.kind(), m.TS
	for _, derived := range []string{"reply_count", "reply_users", "reply_users_count", "latest_reply"} {
		delete(o, derived)
	}
	if u := s.users[m.User]; u != nil && u.Team != Team {
		o["user_team"], o["source_team"] = u.Team, u.Team
	}
	if m.SubType == "thread_broadcast" {
		if root := s.messages[m.Thread]; root != nil {
			o["root"] = s.messageObject(root, false)
		}
	}
	all := s.event(m.Channel, o)
	if strings.Contains(m.Text, "<@"+BotUser+">") && !c.IM && !m.bot() && (m.SubType == "" || m.SubType == "file_share") {
		mention := map[string]any{}
		for k, v := range o {
			mention[k] = v
		}
		mention["type"] = "app_mention"
		delete(mention, "channel_type")
		delete(mention, "subtype")
		all = append(all, s.event(m.Channel, mention)...)
	}
	return all
}

// Edit lets the author change their message.
func (s *Server) Edit(ts, text string) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mustMessage(ts)
	next := *m
	next.Text, next.Blocks = text, richText(text)
	return &Said{s: s, Channel: m.Channel, TS: ts, Deliveries: s.change(m, next, m.User, true)}
}

// Unfurl lets Slack show a preview below a message: message_changed without an
// edit by anybody.
func (s *Server) Unfurl(ts, title string) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mustMessage(ts)
	before := m.object(true)
	m.Attachments = s.mu.JSON([]any{map[string]any{"id": 1, "title": title, "fallback": title, "from_url": "https://example.com"}})
	s.touch(m)
	return &Said{s: s, Channel: m.Channel, TS: ts, Deliveries: s.event(m.Channel, s.aside(m, "message_changed", map[string]any{
		"message": s.messageObject(m, true), "previous_message": before}))}
}

// Delete lets somebody delete a message, the app's own too. When answers hang
// under it, the app hears message_changed to a tombstone instead of
// message_deleted.
func (s *Server) Delete(ts string) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mustMessage(ts)
	return &Said{s: s, Channel: m.Channel, TS: ts, Deliveries: s.remove(m, true)}
}

// React lets somebody put an emoji at a message: rotating_light for 🚨.
func (s *Server) React(user, ts, name string) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(user)
	m := s.mustMessage(ts)
	return &Said{s: s, Channel: m.Channel, TS: ts, Deliveries: s.react(m, user, name)}
}

// Unreact lets them take it away.
func (s *Server) Unreact(user, ts, name string) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(user)
	m := s.mustMessage(ts)
	return &Said{s: s, Channel: m.Channel, TS: ts, Deliveries: s.unreact(m, user, name)}
}

func (s *Server) react(m *Message, user, name string) []*Delivery {
	if m.Reactions == nil {
		m.Reactions = map[string][]string{}
	}
	m.Reactions[name] = append(m.Reactions[name], user)
	s.mu.Bump()
	return s.reaction("reaction_added", m, user, name)
}

func (s *Server) unreact(m *Message, user, name string) []*Delivery {
	m.Reactions[name] = slices.DeleteFunc(m.Reactions[name], func(u string) bool { return u == user })
	if len(m.Reactions[name]) == 0 {
		delete(m.Reactions, name)
	}
	s.mu.Bump()
	return s.reaction("reaction_removed", m, user, name)
}

func (s *Server) reaction(kind string, m *Message, user, name string) []*Delivery {
	return s.event(m.Channel, map[string]any{"type": kind, "user": user, "reaction": name, "item_user": m.User,
		"item": map[string]any{"type": "message", "channel": m.Channel, "ts": m.TS}, "event_ts": s.newTS()})
}
