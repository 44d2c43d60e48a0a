package slackfake

import (
	"slices"
	"strings"
)

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
		"purpose": map[string]any{"value": c.Purpose, "creator": "", "last_set": 0},
	}
}
