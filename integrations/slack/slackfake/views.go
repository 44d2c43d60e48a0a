package slackfake

import (
	"encoding/json"
	"strings"
	"time"
)

// maxView is the size of a view in bytes. Source: docs.slack.dev, views.publish.
const maxView = 250_000

// View is a modal or somebody's App Home.
type View struct {
	ID, User string
	Kind     string // modal or home
	Callback string // callback_id
	Private  string // private_metadata
	External string // external_id
	Hash     string
	Source   json.RawMessage // as the app sent it
	Versions int             // 1 when it was opened
	Closed   bool
}

// Words is everything a person reads in the view.
func (v View) Words() string { return words(v.Source) }

// Contains says whether the view holds some words.
func (v View) Contains(part string) bool { return strings.Contains(words(v.Source), part) }

// trigger is the right to open a modal.
type trigger struct {
	user string
	at   time.Time
	used bool
}

// newTrigger gives a user the right to see a modal for 3 s.
func (s *Server) newTrigger(user string) string {
	id := s.newID("") + ".trigger"
	s.triggers[id] = &trigger{user: user, at: s.mu.Now()}
	return id
}

func viewsOpen(c *call) (reply, *refusal) {
	t := c.s.triggers[c.get("trigger_id")]
	switch {
	case t == nil:
		return nil, no("invalid_trigger_id")
	case t.used:
		return nil, no("exchanged_trigger_id")
	case c.At.Sub(t.at) > triggerLife:
		return nil, no("expired_trigger_id")
	}
	v := &View{ID: c.s.newID("V"), User: t.user}
	if refused := c.s.show(v, c.get("view"), "modal"); refused != nil {
		return nil, refused
	}
	t.used = true
	c.s.views = append(c.s.views, v)
	return reply{"view": v.object()}, nil
}

func viewsUpdate(c *call) (reply, *refusal) {
	v := c.s.view(c.get("view_id"), c.get("external_id"))
	switch {
	case v == nil || v.Closed:
		return nil, no("not_found")
	case c.get("hash") != "" && c.get("hash") != v.Hash:
		return nil, no("hash_conflict")
	}
	if refused := c.s.show(v, c.get("view"), v.Kind); refused != nil {
		return nil, refused
	}
	return reply{"view": v.object()}, nil
}

func viewsPublish(c *call) (reply, *refusal) {
	u := c.s.users[c.get("user_id")]
	if u == nil || u.Bot {
		return nil, no("user_not_found")
	}
	v := c.s.homes[u.ID]
	if v == nil {
		v = &View{ID: c.s.newID("V"), User: u.ID}
	} else if c.get("hash") != "" && c.get("hash") != v.Hash {
		return nil, no("hash_conflict")
	}
	if refused := c.s.show(v, c.get("view"), "home"); refused != nil {
		return nil, refused
	}
	c.s.homes[u.ID] = v
	return reply{"view": v.object()}, nil
}

// view finds an open view.
func (s *Server) view(id, external string) *View {
	for _, v := range s.views {
		if id != "" && v.ID == id || external != "" && v.External == external && !v.Closed {
			return v
		}
	}
	for _, v := range s.homes {
		if id != "" && v.ID == id {
			return v
		}
	}
	return nil
}

// show puts new content into a view.
func (s *Server) show(v *View, source, kind string) *refusal {
	if len(source) > maxView {
		return no("view_too_large")
	}
	if why := checkView(source, kind); len(why) > 0 {
		return invalid("invalid_arguments", why)
	}
	var head struct {
		Type     string `json:"type"`
		Callback string `json:"callback_id"`
		Private  string `json:"private_metadata"`
		External string `json:"external_id"`
	}
	if err := json.Unmarshal([]byte(source), &head); err != nil {
		return no("invalid_arguments")
	}
	if other := s.view("", head.External); head.External != "" && other != nil && other != v {
		return no("duplicate_external_id")
	}
	v.Kind, v.Callback, v.Private, v.External = head.Type, head.Callback, head.Private, head.External
	v.Source = json.RawMessage(source)
	v.Versions++
	v.Hash = s.newTS() + ".hash"
	s.mu.Bump()
	return nil
}

// object is the view as Slack writes it.
func (v *View) object() map[string]any {
	var o map[string]any
	if err := json.Unmarshal(v.Source, &o); err != nil {
		o = map[string]any{}
	}
	o["id"], o["hash"], o["team_id"], o["app_id"], o["bot_id"] = v.ID, v.Hash, Team, App, BotID
	o["root_view_id"], o["previous_view_id"] = v.ID, nil
	o["app_installed_team_id"], o["callback_id"], o["private_metadata"], o["external_id"] = Team, v.Callback, v.Private, v.External
	if o["state"] == nil {
		o["state"] = map[string]any{"values": map[string]any{}}
	}
	return o
}
