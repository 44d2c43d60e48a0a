package slackfake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// room is the channel of a call. Slack takes a user's id for their one-to-one
// chat; a private channel that the app is not in does not exist for it.
func (c *call) room(post bool) (*channel, *refusal) {
	ch := c.s.channels[c.Channel]
	if u := c.s.users[c.Channel]; ch == nil && u != nil && post {
		if u.Bot || u.Deleted {
			return nil, no("channel_not_found")
		}
		ch = c.s.direct(u.ID)
	}
	switch {
	case ch == nil, ch.Private && !ch.has(BotUser):
		return nil, no("channel_not_found")
	case post && ch.Archived:
		return nil, no("is_archived")
	case post && !ch.has(BotUser):
		return nil, no("not_in_channel")
	}
	return ch, nil
}

// content reads what a message says into m; what a call does not mention stays.
func (c *call) content(m *Message) *refusal {
	if c.Params.Has("text") {
		m.Text = c.get("text")
	}
	if b := c.get("blocks"); c.Params.Has("blocks") {
		if why := checkBlocks(b, maxMessageBlocks); len(why) > 0 {
			return invalid("invalid_blocks", why)
		}
		if why := c.s.unshowable(b); len(why) > 0 {
			return invalid("invalid_blocks", why)
		}
		m.Blocks = nil
		if strings.TrimSpace(b) != "[]" && b != "" {
			m.Blocks = json.RawMessage(b)
		}
	}
	if a := c.get("attachments"); c.Params.Has("attachments") {
		if !json.Valid([]byte(a)) {
			return no("invalid_attachments")
		}
		m.Attachments = nil
		if strings.TrimSpace(a) != "[]" {
			m.Attachments = json.RawMessage(a)
		}
	}
	if md := c.get("metadata"); md != "" {
		var meta Metadata
		var payload map[string]any
		if json.Unmarshal([]byte(md), &meta) != nil || meta.Type == "" || json.Unmarshal(meta.Payload, &payload) != nil {
			return no("invalid_metadata_format")
		}
		m.Metadata = &meta
	}
	if m.Text == "" && m.Blocks == nil && m.Attachments == nil && m.Files == nil {
		return no("no_text")
	}
	if len([]rune(m.Text)) > maxText {
		return no("msg_too_long")
	}
	return nil
}

func invalid(code string, why []string) *refusal {
	return &refusal{code: code, more: reply{"response_metadata": map[string]any{"messages": why}}}
}

func postMessage(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	if wait := c.s.spacing - c.At.Sub(c.s.lastPost[ch.ID]); c.s.spacing > 0 && wait > 0 {
		return nil, &refusal{code: "ratelimited", more: reply{"retry_after": int((wait + time.Second - 1) / time.Second)}}
	}
	m := &Message{Channel: ch.ID, User: BotUser, Team: Team, BotID: BotID, By: c.Method}
	if refused := c.content(m); refused != nil {
		return nil, refused
	}
	if m.Thread = c.get("thread_ts"); m.Thread != "" {
		if refused := c.s.under(m, c.yes("reply_broadcast")); refused != nil {
			return nil, refused
		}
	}
	c.s.lastPost[ch.ID] = c.At
	m.TS = c.s.newTS()
	c.s.store(m)
	if c.s.echo {
		c.s.announce(m)
	}
	return reply{"channel": ch.ID, "ts": m.TS, "message": c.s.messageObject(m, true)}, nil
}

// under hangs a message under the one it names. A thread outlives the message
// it began with.
func (s *Server) under(m *Message, broadcast bool) *refusal {
	parent := s.messages[m.Thread]
	if parent == nil || parent.Channel != m.Channel {
		return no("thread_not_found")
	}
	if parent.Thread != "" {
		m.Thread = parent.Thread // an answer to an answer hangs under the first message
	}
	if broadcast {
		m.SubType = "thread_broadcast"
	}
	return nil
}

// own finds the app's message that a call is about.
func (c *call) own(missing, foreign string) (*Message, *refusal) {
	ch, refused := c.room(false)
	if refused != nil {
		return nil, refused
	}
	m := c.s.messages[c.get("ts")]
	switch {
	case m == nil || m.Deleted || m.Channel != ch.ID:
		return nil, no(missing)
	case !m.bot():
		return nil, no(foreign)
	case ch.Archived:
		return nil, no("is_archived")
	case !ch.has(BotUser):
		return nil, no("not_in_channel")
	}
	return m, nil
}

func chatUpdate(c *call) (reply, *refusal) {
	m, refused := c.own("message_not_found", "cant_update_message")
	if refused != nil {
		return nil, refused
	}
	next := *m
	if refused := c.content(&next); refused != nil {
		return nil, refused
	}
	c.s.change(m, next, BotUser, c.s.echo)
	return reply{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": c.s.messageObject(m, true)}, nil
}

// change puts a message's new content in its place and tells of it.
func (s *Server) change(m *Message, next Message, by string, tell bool) []*Delivery {
	before := m.object(true)
	*m = next
	m.Edits++
	m.editedBy, m.edit = by, s.newTS()
	s.touch(m)
	if !tell {
		return nil
	}
	return s.event(m.Channel, s.aside(m, "message_changed", map[string]any{
		"message": s.messageObject(m, true), "previous_message": before,
	}))
}

// aside is an event about a message that is not itself a message.
func (s *Server) aside(m *Message, subtype string, more map[string]any) map[string]any {
	at := s.newTS()
	e := map[string]any{"type": "message", "subtype": subtype, "hidden": true, "channel": m.Channel,
		"channel_type": s.channels[m.Channel].kind(), "ts": at, "event_ts": at}
	for k, v := range more {
		e[k] = v
	}
	return e
}

func chatDelete(c *call) (reply, *refusal) {
	m, refused := c.own("message_not_found", "cant_delete_message")
	if refused != nil {
		return nil, refused
	}
	c.s.remove(m, c.s.echo)
	return reply{"channel": m.Channel, "ts": m.TS}, nil
}

// remove deletes a message and tells of it. A message with answers leaves a
// tombstone, and its deletion arrives as message_changed.
func (s *Server) remove(m *Message, tell bool) []*Delivery {
	before := m.object(true)
	m.Deleted = true
	for _, answer := range s.threads[m.TS] {
		m.tombstone = m.tombstone || !answer.Deleted
	}
	s.touch(m)
	if !tell {
		return nil
	}
	if m.tombstone {
		return s.event(m.Channel, s.aside(m, "message_changed", map[string]any{
			"message": s.messageObject(m, false), "previous_message": before}))
	}
	return s.event(m.Channel, s.aside(m, "message_deleted", map[string]any{"deleted_ts": m.TS, "previous_message": before}))
}

func postEphemeral(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	user := c.get("user")
	if !ch.has(user) {
		return nil, no("user_not_in_channel")
	}
	m := &Message{}
	if refused := c.content(m); refused != nil {
		return nil, refused
	}
	e := c.s.whisper(&Ephemeral{Channel: ch.ID, User: user, Thread: c.get("thread_ts"), Text: m.Text, Blocks: m.Blocks, By: c.Method})
	return reply{"message_ts": e.TS}, nil
}

// whisper keeps a message for one person.
func (s *Server) whisper(e *Ephemeral) *Ephemeral {
	e.TS = s.newTS()
	s.ephemeral = append(s.ephemeral, e)
	s.mu.Bump()
	return e
}

func getPermalink(c *call) (reply, *refusal) {
	ch, refused := c.room(false)
	if refused != nil {
		return nil, refused
	}
	m := c.s.messages[c.get("message_ts")]
	if m == nil || m.Channel != ch.ID || m.Deleted {
		return nil, no("message_not_found")
	}
	link := "https://home.slack.com/archives/" + ch.ID + "/p" + strings.Replace(m.TS, ".", "", 1)
	if m.Thread != "" && m.Thread != m.TS {
		link += "?thread_ts=" + m.Thread + "&cid=" + ch.ID
	}
	return reply{"channel": ch.ID, "permalink": link}, nil
}

func reactionsAdd(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	m, name := c.s.messages[c.get("timestamp")], c.get("name")
	switch {
	case m == nil || m.Channel != ch.ID || m.Deleted:
		return nil, no("message_not_found")
	case name == "" || strings.Contains(name, ":"):
		return nil, no("invalid_name")
	case slices.Contains(m.Reactions[name], BotUser):
		return nil, no("already_reacted")
	}
	c.s.react(m, BotUser, name)
	return nil, nil
}

func reactionsRemove(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	m, name := c.s.messages[c.get("timestamp")], c.get("name")
	if m == nil || m.Channel != ch.ID || !slices.Contains(m.Reactions[name], BotUser) {
		return nil, no("no_reaction")
	}
	c.s.unreact(m, BotUser, name)
	return nil, nil
}
