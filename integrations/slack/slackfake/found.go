package slackfake

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var channelName = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{Nd}_-]+$`)

func conversationsCreate(c *call) (reply, *refusal) {
	name := c.get("name")
	switch {
	case name == "":
		return nil, no("invalid_name_required")
	case utf8.RuneCountInString(name) > 80:
		return nil, no("invalid_name_maxlength")
	case !channelName.MatchString(name):
		return nil, no("invalid_name_specials")
	}
	for _, ch := range c.s.channels {
		if ch.Name == name {
			return nil, no("name_taken")
		}
	}
	ch := c.s.addChannel(c.s.newID("C"), name)
	ch.Private, ch.Creator, ch.Members = c.yes("is_private"), BotUser, []string{BotUser}
	c.s.mu.Bump()
	return reply{"channel": c.s.channelObject(ch)}, nil
}

// conversationsInvite brings all of them in or nobody, and says who is in the way.
func conversationsInvite(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	users := c.list("users")
	if len(users) == 0 {
		return nil, no("no_user")
	}
	if len(users) > mostInvited {
		return nil, no("too_many_users")
	}
	var errors []map[string]any
	for _, id := range users {
		if code := c.s.uninvitable(ch, id); code != "" {
			errors = append(errors, map[string]any{"user": id, "ok": false, "error": code})
		}
	}
	if len(errors) > 0 {
		return nil, &refusal{code: errors[0]["error"].(string), more: reply{"errors": errors}}
	}
	for _, id := range users {
		ch.Members = append(ch.Members, id)
		c.s.event(ch.ID, map[string]any{"type": "member_joined_channel", "user": id, "channel": ch.ID, "channel_type": "C",
			"team": Team, "inviter": BotUser, "event_ts": c.s.newTS()})
	}
	return reply{"channel": c.s.channelObject(ch)}, nil
}

// mostInvited is how many people one conversations.invite takes.
const mostInvited = 100

// uninvitable is Slack's word for why somebody cannot be invited to a channel.
func (s *Server) uninvitable(ch *channel, id string) string {
	u := s.users[id]
	switch {
	case u == nil, u.Deleted:
		return "user_not_found"
	case id == BotUser:
		return "cant_invite_self"
	case ch.has(id):
		return "already_in_channel"
	case u.Uninvitable != "":
		return u.Uninvitable
	case u.Team != Team:
		return "user_team_not_in_channel"
	}
	return ""
}

// inviteShared sends an invitation of Slack Connect. While one is waiting for the
// same person the next is refused.
func inviteShared(c *call) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	emails, users := c.list("emails"), c.list("user_ids")
	switch {
	case len(emails)+len(users) == 0:
		return nil, no("recipients_not_specified")
	case len(emails) > 0 && len(users) > 0, len(emails)+len(users) > 1:
		return nil, no("too_many_emails") // one at a time over the Web API
	case len(emails) == 1 && !strings.Contains(emails[0], "@"):
		return nil, no("invalid_email")
	case len(users) == 1 && c.s.users[users[0]] == nil:
		return nil, no("user_not_found")
	case len(users) == 1 && ch.has(users[0]):
		return nil, no("already_in_channel")
	}
	whom := append(emails, users...)[0]
	if slices.Contains(ch.Invited, whom) {
		return nil, no("connection_limit_exceeded_pending")
	}
	ch.Invited = append(ch.Invited, whom)
	c.s.mu.Bump()
	id := c.s.newID("I")
	r := reply{"invite_id": id, "is_legacy_shared_channel": false}
	if c.get("external_limited") == "false" {
		r["conf_code"], r["url"] = "000000", "https://join.slack.com/share/"+id+"/"+ch.ID
	}
	return r, nil
}

func conversationsJoin(c *call) (reply, *refusal) {
	ch, refused := c.room(false)
	switch {
	case refused != nil:
		return nil, refused
	case ch.Private, ch.IM:
		return nil, no("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, no("is_archived")
	case !ch.has(BotUser):
		ch.Members = append(ch.Members, BotUser)
		c.s.mu.Bump()
	}
	return reply{"channel": c.s.channelObject(ch)}, nil
}

func setTopic(c *call) (reply, *refusal) { return c.describe("topic") }

func setPurpose(c *call) (reply, *refusal) { return c.describe("purpose") }

// describe changes the topic or the purpose of a channel, 250 characters at most.
func (c *call) describe(what string) (reply, *refusal) {
	ch, refused := c.room(true)
	if refused != nil {
		return nil, refused
	}
	text := c.get(what)
	if utf8.RuneCountInString(text) > 250 {
		return nil, no("too_long")
	}
	if what == "topic" {
		ch.Topic = text
	} else {
		ch.Purpose = text
	}
	c.s.mu.Bump()
	return reply{"channel": c.s.channelObject(ch)}, nil
}

// Room is a channel as its settings show it.
type Room struct {
	ID, Name, Creator string
	Topic, Purpose    string
	Private, Archived bool
	Members           []string // in the order in which they came
	Invited           []string // addresses and ids with an invitation of Slack Connect
}

// Rooms lists the channels of the workspace, oldest first.
func (s *Server) Rooms() []Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Room
	for _, id := range s.order {
		if c := s.channels[id]; !c.IM {
			all = append(all, Room{c.ID, c.Name, c.Creator, c.Topic, c.Purpose, c.Private, c.Archived,
				slices.Clone(c.Members), slices.Clone(c.Invited)})
		}
	}
	return all
}
