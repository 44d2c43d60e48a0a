package slackfake

import (
	"encoding/json"
	"slices"
)

// userObject is a person as commands and clicks name them.
func (s *Server) userObject(id string) map[string]any {
	u := s.mustUser(id)
	return map[string]any{"id": id, "username": u.object()["name"], "name": u.object()["name"], "team_id": u.Team}
}

func team() map[string]any { return map[string]any{"id": Team, "domain": "home"} }

// Slash lets somebody type a slash command: Slash("U01", "C0BACK", "/butler",
// "claim 1"). Slack never sends it again.
func (s *Server) Slash(user, channel, command, text string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.mustChannel(channel), s.mustUser(user)
	to := response{channel: channel, user: user}
	url := s.newResponse(to)
	name := c.Name
	if c.IM {
		name = "directmessage"
	}
	d := &Delivery{Type: "slash_commands", accepts: true, Payload: s.mu.JSON(map[string]any{
		"token": "fake", "team_id": u.Team, "team_domain": "home", "channel_id": channel, "channel_name": name,
		"user_id": user, "user_name": u.object()["name"], "command": command, "text": text, "api_app_id": App,
		"is_enterprise_install": "false", "response_url": url, "trigger_id": s.newTrigger(user),
	})}
	d.onAck = func(payload json.RawMessage) {
		var a said
		if len(payload) == 0 || json.Unmarshal(payload, &a) != nil || a.Text == "" && len(a.Blocks) == 0 {
			return
		}
		if refused := s.say(&to, a, "ack"); refused != nil {
			s.mu.Complain("the answer to %s %s in the acknowledgement: %s", command, text, refused.code)
		}
	}
	return s.send(d)
}

// interact delivers a click, a shortcut or a modal. Slack never sends it again.
func (s *Server) interact(user string, more map[string]any) *Delivery {
	p := map[string]any{"token": "fake", "team": team(), "user": s.userObject(user), "api_app_id": App, "enterprise": nil,
		"is_enterprise_install": false, "trigger_id": s.newTrigger(user)}
	for k, v := range more {
		p[k] = v
	}
	return s.send(&Delivery{Type: "interactive", Payload: s.mu.JSON(p), accepts: true})
}

// pressed finds what a person means by an action_id, a value or the text on a
// button, and writes it as Slack does.
func (s *Server) pressed(source json.RawMessage, which string) map[string]any {
	for _, e := range elements(source) {
		kind, _ := e["type"].(string)
		a := map[string]any{"type": kind, "action_id": e["action_id"], "block_id": e["in block"], "action_ts": s.newTS()}
		face, _ := e["text"].(map[string]any)
		if kind == "button" {
			if a["text"] = face; e["value"] != nil {
				a["value"] = e["value"]
			}
			if e["action_id"] == which || e["value"] == which || face["text"] == which {
				return a
			}
			continue
		}
		options, _ := e["options"].([]any)
		for _, o := range options {
			option, _ := o.(map[string]any)
			if option["value"] == which {
				a["selected_option"] = option
				return a
			}
		}
	}
	return nil
}

// Press lets somebody press a button at a message, one for them alone included:
// which is its action_id, its value, or the text on it, or the value of an option
// in a menu.
func (s *Server) Press(user, ts, which string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	channel, source, thread, hidden := "", json.RawMessage(nil), "", false
	var message map[string]any
	if i := slices.IndexFunc(s.ephemeral, func(e *Ephemeral) bool { return e.TS == ts && !e.Deleted && e.User == user }); i >= 0 {
		e := s.ephemeral[i]
		channel, source, thread, hidden = e.Channel, e.Blocks, e.Thread, true
	} else {
		m := s.mustMessage(ts)
		channel, source, thread, message = m.Channel, m.Blocks, m.Thread, s.messageObject(m, true)
	}
	a := s.pressed(source, which)
	if a == nil {
		s.t.Fatalf("slackfake: the message %s has no button %q; it says:\n%s", ts, which, words(source))
	}
	container := map[string]any{"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": hidden}
	if thread != "" {
		container["thread_ts"] = thread
	}
	p := map[string]any{"type": "block_actions", "actions": []any{a}, "container": container,
		"channel":      map[string]any{"id": channel, "name": s.channels[channel].Name},
		"response_url": s.newResponse(response{channel: channel, user: user, message: ts, thread: thread}),
		"state":        map[string]any{"values": map[string]any{}}}
	if message != nil {
		p["message"] = message // Slack leaves it out for what one person sees
	}
	return s.interact(user, p)
}

// PressView lets somebody press a button in a modal or in their App Home.
func (s *Server) PressView(user, viewID, which string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(viewID, user)
	a := s.pressed(v.Source, which)
	if a == nil {
		s.t.Fatalf("slackfake: the view %s has no button %q; it says:\n%s", viewID, which, v.Words())
	}
	return s.interact(user, map[string]any{"type": "block_actions", "actions": []any{a}, "view": v.object(),
		"container": map[string]any{"type": "view", "view_id": v.ID}, "state": map[string]any{"values": map[string]any{}}})
}

func (s *Server) mustView(id, user string) *View {
	v := s.view(id, "")
	if v == nil || v.Closed || v.User != user {
		s.t.Fatalf("slackfake: %s has no open view %q", user, id)
	}
	return v
}

// Shortcut lets somebody choose a shortcut of the app in the menu of a message.
func (s *Server) Shortcut(user, callback, ts string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mustMessage(ts)
	return s.interact(user, map[string]any{"type": "message_action", "callback_id": callback, "action_ts": s.newTS(), "message_ts": ts,
		"message": s.messageObject(m, true), "channel": map[string]any{"id": m.Channel, "name": s.channels[m.Channel].Name},
		"response_url": s.newResponse(response{channel: m.Channel, user: user})})
}

// GlobalShortcut lets somebody choose a shortcut in the search or the composer:
// it belongs to no channel.
func (s *Server) GlobalShortcut(user, callback string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.interact(user, map[string]any{"type": "shortcut", "callback_id": callback, "action_ts": s.newTS()})
}

// OpenHome lets somebody open the app's page.
func (s *Server) OpenHome(user string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustUser(user)
	e := map[string]any{"type": "app_home_opened", "user": user, "channel": s.direct(user).ID, "tab": "home", "event_ts": s.newTS()}
	if v := s.homes[user]; v != nil {
		e["view"] = v.object()
	}
	if all := s.event("", e); len(all) > 0 {
		return all[0]
	}
	s.t.Fatal("slackfake: the app is not subscribed to app_home_opened: it hears nothing of its home")
	return nil
}

// Submit lets somebody send a modal off. Values are what they typed or chose, by
// the block_id or the action_id of the input; what is not named stays as the
// modal proposes. The answer of the app is applied: errors keep it open, update
// changes it, nothing closes it.
func (s *Server) Submit(user, viewID string, values map[string]string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(viewID, user)
	o := v.object()
	state, unknown := filled(v.Source, values)
	if len(unknown) > 0 {
		s.t.Fatalf("slackfake: the modal %s has no input %q", viewID, unknown)
	}
	o["state"] = map[string]any{"values": state}
	d := s.interact(user, map[string]any{"type": "view_submission", "view": o, "response_urls": []any{}})
	d.onAck = func(payload json.RawMessage) { s.submitted(v, payload) }
	return d
}

// filled writes the state of a modal's inputs.
func filled(source json.RawMessage, values map[string]string) (map[string]map[string]any, []string) {
	state := map[string]map[string]any{}
	used := map[string]bool{}
	for _, e := range elements(source) {
		block, _ := e["in block"].(string)
		action, _ := e["action_id"].(string)
		kind, _ := e["type"].(string)
		if kind == "button" {
			continue
		}
		value, given := values[block]
		if given {
			used[block] = true
		} else if value, given = values[action]; given {
			used[action] = true
		}
		entry := map[string]any{"type": kind}
		if options, ok := e["options"].([]any); ok {
			entry["selected_option"] = e["initial_option"]
			for _, o := range options {
				if option, _ := o.(map[string]any); given && option["value"] == value {
					entry["selected_option"] = option
				}
			}
		} else {
			if entry["value"] = e["initial_value"]; given {
				entry["value"] = value
			}
			if entry["value"] == "" {
				entry["value"] = nil
			}
		}
		if state[block] == nil {
			state[block] = map[string]any{}
		}
		state[block][action] = entry
	}
	var unknown []string
	for name := range values {
		if !used[name] {
			unknown = append(unknown, name)
		}
	}
	return state, unknown
}

// submitted applies what the app answered to a modal.
func (s *Server) submitted(v *View, payload json.RawMessage) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(payload) > 0 {
		if err := json.Unmarshal(payload, &a); err != nil {
			s.mu.Complain("the answer to a modal is not understood: %s", payload)
			return
		}
	}
	var refused *refusal
	switch a.Action {
	case "":
		v.Closed = true
	case "clear":
		for _, other := range s.views {
			other.Closed = other.Closed || other.User == v.User
		}
	case "errors":
		var blocks []string
		for _, e := range elements(v.Source) {
			block, _ := e["in block"].(string)
			blocks = append(blocks, block)
		}
		for block := range a.Errors {
			if !slices.Contains(blocks, block) {
				s.mu.Complain("the answer to a modal names an error at %q, which it has no input for", block)
			}
		}
		if len(a.Errors) == 0 {
			s.mu.Complain("the answer to a modal speaks of errors and names none")
		}
	case "update":
		refused = s.show(v, string(a.View), "modal")
	case "push":
		next := &View{ID: s.newID("V"), User: v.User}
		if refused = s.show(next, string(a.View), "modal"); refused == nil {
			s.views = append(s.views, next)
		}
	default:
		s.mu.Complain("the answer to a modal has the response_action %q, which Slack does not have", a.Action)
	}
	if refused != nil {
		s.mu.Complain("the answer to a modal holds a view that Slack refuses: %s %v", refused.code, refused.more)
	}
}

// Dismiss lets somebody close a modal; the app hears of it when it asked to.
func (s *Server) Dismiss(user, viewID string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustView(viewID, user)
	v.Closed = true
	s.mu.Bump()
	var head struct {
		Notify bool `json:"notify_on_close"`
	}
	if json.Unmarshal(v.Source, &head) != nil || !head.Notify {
		return nil
	}
	return s.interact(user, map[string]any{"type": "view_closed", "view": v.object(), "is_cleared": false})
}
