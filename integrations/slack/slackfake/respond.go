package slackfake

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// response is the right to answer a command or a click for 30 minutes, five times.
type response struct {
	channel, user string
	thread        string
	message       string // ts of the message that was clicked; "" for a command
	at            time.Time
	uses          int
}

// newResponse makes a response_url.
func (s *Server) newResponse(r response) string {
	id := s.newID("R")
	r.at = s.mu.Now()
	s.responses[id] = &r
	return s.http.URL + "/respond/" + id
}

// said is what an app answers to a command: at a response_url, or in the
// acknowledgement of a slash command.
type said struct {
	Type        string          `json:"response_type"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks"`
	Attachments json.RawMessage `json:"attachments"`
	Thread      string          `json:"thread_ts"`
	Replace     bool            `json:"replace_original"`
	Delete      bool            `json:"delete_original"`
}

// serveResponse takes an answer at a response_url. Faults are planted for the
// method "response_url".
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var a said
	c := &call{s: s, Call: Call{Method: "response_url", Params: map[string][]string{"body": {string(body)}}}}
	s.mu.Lock()
	to := s.responses[strings.TrimPrefix(r.URL.Path, "/respond/")]
	c.At = s.mu.Now()
	if to != nil {
		c.Channel = to.channel
	}
	s.calls = append(s.calls, c.Call)
	f := s.faults.Find(c.Method, c.Channel)
	s.mu.Bump()
	s.mu.Unlock()
	if !f.Before(w, r) {
		return
	}
	s.mu.Lock()
	var refused *refusal
	switch {
	case to == nil, c.At.Sub(to.at) > responseLife:
		refused = no("expired_url")
	case to.uses >= responseUses:
		refused = no("used_url")
	case err != nil || json.Unmarshal(body, &a) != nil:
		refused = no("invalid_payload")
	default:
		to.uses++
		refused = s.say(to, a, c.Method)
	}
	s.mu.Bump()
	s.mu.Unlock()
	if !f.Behind(w, r) {
		return
	}
	if refused != nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		json.NewEncoder(w).Encode(reply{"ok": false, "error": refused.code})
		return
	}
	write(w, c, nil, nil)
}

// say does what an answer asks for. The lock is held.
func (s *Server) say(to *response, a said, by string) *refusal {
	if string(a.Blocks) == "null" || string(a.Blocks) == "[]" {
		a.Blocks = nil
	}
	if string(a.Attachments) == "null" {
		a.Attachments = nil
	}
	if len(a.Blocks) > 0 {
		if why := checkBlocks(string(a.Blocks), maxMessageBlocks); len(why) > 0 {
			return invalid("invalid_blocks", why)
		}
	}
	original := s.messages[to.message]
	var hidden *Ephemeral
	for _, e := range s.ephemeral {
		if to.message != "" && e.TS == to.message && !e.Deleted {
			hidden = e
		}
	}
	switch {
	case a.Delete && hidden != nil:
		hidden.Deleted = true
	case a.Delete && original != nil && !original.Deleted:
		s.remove(original, s.echo)
	case a.Delete:
	case a.Text == "" && a.Blocks == nil && a.Attachments == nil:
		return no("no_text")
	case a.Replace && hidden != nil:
		hidden.Text, hidden.Blocks = a.Text, a.Blocks
	case a.Replace && original != nil && !original.Deleted:
		next := *original
		next.Text, next.Blocks, next.Attachments = a.Text, a.Blocks, a.Attachments
		s.change(original, next, BotUser, s.echo)
	case a.Type == "in_channel":
		m := &Message{Channel: to.channel, TS: s.newTS(), Thread: a.Thread, User: BotUser, Team: Team, BotID: BotID, SubType: "bot_message",
			Text: a.Text, Blocks: a.Blocks, Attachments: a.Attachments, By: by}
		s.store(m)
		if s.echo {
			s.announce(m)
		}
	default:
		s.whisper(&Ephemeral{Channel: to.channel, User: to.user, Thread: a.Thread, Text: a.Text, Blocks: a.Blocks, By: by})
	}
	return nil
}
