package slackfake

import (
	"slices"
	"strconv"
	"strings"
)

func conversationsInfo(c *call) (reply, *refusal) {
	ch, refused := c.room(false)
	if refused != nil {
		return nil, refused
	}
	return reply{"channel": c.s.channelObject(ch)}, nil
}

func conversationsOpen(c *call) (reply, *refusal) {
	users := c.list("users")
	if len(users) != 1 {
		return nil, no("users_list_not_supplied") // one-to-one only: the bot opens no groups
	}
	u := c.s.users[users[0]]
	switch {
	case u == nil:
		return nil, no("user_not_found")
	case u.Deleted:
		return nil, no("user_disabled")
	case u.Bot:
		return nil, no("cannot_dm_bot")
	}
	return reply{"channel": map[string]any{"id": c.s.direct(u.ID).ID}}, nil
}

func conversationsHistory(c *call) (reply, *refusal) {
	ch, refused := c.read()
	if refused != nil {
		return nil, refused
	}
	return c.page(ch.messages, "", true, func(m *Message) bool {
		return m.Thread == "" || m.Thread == m.TS || m.SubType == "thread_broadcast"
	}), nil
}

func conversationsReplies(c *call) (reply, *refusal) {
	ch, refused := c.read()
	if refused != nil {
		return nil, refused
	}
	parent := c.s.messages[c.get("ts")]
	if parent == nil || parent.Channel != ch.ID || parent.Deleted && !parent.tombstone {
		return nil, no("thread_not_found")
	}
	first := root(parent)
	return c.page(ch.messages, first, false, func(m *Message) bool { return m.TS == first || m.Thread == first }), nil
}

// root is the ts under which the thread of a message hangs.
func root(m *Message) string {
	if m.Thread != "" {
		return m.Thread
	}
	return m.TS
}

// read is the channel whose messages a call reads: the app has to be in it.
func (c *call) read() (*channel, *refusal) {
	ch, refused := c.room(false)
	if refused != nil {
		return nil, refused
	}
	if !ch.has(BotUser) {
		return nil, no("not_in_channel")
	}
	return ch, nil
}

// page answers with one page of messages between oldest and latest. History
// begins with the newest, replies with the oldest; the first message of a thread
// comes whatever its age.
func (c *call) page(all []*Message, first string, newest bool, wanted func(*Message) bool) reply {
	oldest, latest := c.get("oldest"), c.get("latest")
	if oldest == "0" {
		oldest = ""
	}
	inclusive := c.yes("inclusive")
	var found []*Message
	for _, m := range all {
		below := oldest != "" && (m.TS < oldest || m.TS == oldest && !inclusive)
		above := latest != "" && (m.TS > latest || m.TS == latest && !inclusive)
		if (!m.Deleted || m.tombstone) && wanted(m) && (m.TS == first || !below && !above) {
			found = append(found, m)
		}
	}
	if newest {
		slices.Reverse(found)
	}
	most := 999
	if c.s.history > 0 {
		most = c.s.history
	}
	limit := c.number("limit", min(100, most), most)
	start, _ := strconv.Atoi(strings.TrimPrefix(c.get("cursor"), "page:")) // no cursor is the first page
	start = min(max(start, 0), len(found))
	end := min(start+limit, len(found))
	messages := []map[string]any{}
	for _, m := range found[start:end] {
		messages = append(messages, c.s.messageObject(m, c.yes("include_all_metadata")))
	}
	r := reply{"messages": messages, "has_more": end < len(found), "pin_count": 0}
	if end < len(found) {
		r["response_metadata"] = map[string]any{"next_cursor": "page:" + strconv.Itoa(end)}
	}
	return r
}

func conversationsList(c *call) (reply, *refusal) {
	types := c.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	var found []map[string]any
	for _, id := range c.s.order {
		ch := c.s.channels[id]
		kind := map[string]string{"channel": "public_channel", "group": "private_channel", "im": "im"}[ch.kind()]
		hidden := ch.Private && !ch.has(BotUser) || c.Method == "users.conversations" && !ch.has(BotUser)
		if slices.Contains(types, kind) && !hidden && !(c.yes("exclude_archived") && ch.Archived) {
			found = append(found, c.s.channelObject(ch))
		}
	}
	from, to, next := c.cut(len(found))
	return reply{"channels": append([]map[string]any{}, found[from:to]...), "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func conversationsMembers(c *call) (reply, *refusal) {
	ch, refused := c.room(false)
	if refused != nil {
		return nil, refused
	}
	from, to, next := c.cut(len(ch.Members))
	return reply{"members": append([]string{}, ch.Members[from:to]...), "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// cut finds where the page of a list begins and ends, and what follows it.
func (c *call) cut(all int) (from, to int, next string) {
	from, _ = strconv.Atoi(strings.TrimPrefix(c.get("cursor"), "page:")) // no cursor is the first page
	from = min(max(from, 0), all)
	to = min(from+c.number("limit", 100, 999), all)
	if to < all {
		next = "page:" + strconv.Itoa(to)
	}
	return from, to, next
}
