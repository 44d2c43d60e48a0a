package dingfake

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WebhookPath is where session webhooks lead; faults are planted for it.
const WebhookPath = "/robot/sendBySession"

// session is the right to answer in a room without a token.
type session struct {
	room  string
	until time.Time
}

// pace is how fast a robot wrote to its webhooks.
type pace struct {
	sent    []time.Time
	blocked time.Time // until when
}

// newSession makes a session webhook.
func (s *Server) newSession(r *room, life time.Duration) string {
	id := strings.ToLower(s.newID("session"))
	s.sessions[id] = &session{room: r.ID, until: s.mu.Now().Add(life)}
	return s.http.URL + WebhookPath + "?session=" + id
}

// Webhook is a session webhook of a room, as the last message there brought it, and
// when it ends: for tests that speak without having heard.
func (s *Server) Webhook(room string) (url string, until time.Time) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newSession(s.mustRoom(room), s.webhookLife), s.mu.Now().Add(s.webhookLife)
}

// ExpireWebhooks ends every session webhook of now, whatever time it was given.
func (s *Server) ExpireWebhooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// webhookMessage is what a webhook takes.
type webhookMessage struct {
	Kind string `json:"msgtype"`
	Text struct {
		Content string `json:"content"`
	} `json:"text"`
	Markdown struct{ Title, Text string } `json:"markdown"`
	Card     struct {
		Title   string                              `json:"title"`
		Text    string                              `json:"text"`
		Single  string                              `json:"singleTitle"`
		URL     string                              `json:"singleURL"`
		Buttons []struct{ Title, ActionURL string } `json:"btns"`
	} `json:"actionCard"`
	Link struct{ Title, Text, MessageURL string } `json:"link"`
	Feed struct {
		Links []struct{ Title, MessageURL string } `json:"links"`
	} `json:"feedCard"`
	At struct {
		Users   []string `json:"atUserIds"`
		Mobiles []string `json:"atMobiles"`
		Ciphers []string `json:"atDingtalkIds"`
		All     bool     `json:"isAtAll"`
	} `json:"at"`
}

// serveWebhook takes an answer at a session webhook.
func (s *Server) serveWebhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	c := &call{s: s, Call: Call{Method: r.Method, Path: WebhookPath, Query: r.URL.Query(), Body: body}}
	s.mu.Lock()
	to := s.sessions[r.URL.Query().Get("session")]
	c.At = s.mu.Now()
	if to != nil {
		c.About = []string{to.room}
	}
	f := s.faults.Find(c.Path, c.About...)
	c.Call.Fault = f != nil
	s.calls = append(s.calls, c.Call)
	n := len(s.calls) - 1
	s.mu.Bump()
	s.mu.Unlock()
	if !f.Before(w, r) {
		return
	}
	s.mu.Lock()
	code, message := s.atWebhook(to, r, body)
	s.calls[n].Status = http.StatusOK
	if code != 0 {
		s.calls[n].Code = strconv.Itoa(code)
	}
	s.mu.Bump()
	s.mu.Unlock()
	if !f.Behind(w, r) {
		return
	}
	if s.stringCodes {
		write(w, http.StatusOK, map[string]any{"errcode": strconv.Itoa(code), "errmsg": message})
		return
	}
	write(w, http.StatusOK, map[string]any{"errcode": code, "errmsg": message})
}

// atWebhook does what a webhook does. The lock is held.
func (s *Server) atWebhook(to *session, r *http.Request, body []byte) (int, string) {
	var m webhookMessage
	switch {
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return 43004, "无效的HTTP HEADER Content-Type"
	case to == nil || s.mu.Now().After(to.until):
		return 300001, "session 不存在"
	case json.Unmarshal(body, &m) != nil:
		return 40035, "不合法的参数"
	case s.tooFast(to.room):
		return 410100, "发送速度太快而限流"
	}
	room := s.rooms[to.room]
	if room.Outside || room.Disbanded {
		return 310000, "机器人已被移出群"
	}
	said := &Message{Room: room.ID, Kind: m.Kind, By: WebhookPath}
	switch m.Kind {
	case "text":
		said.Text = m.Text.Content
	case "markdown":
		said.Title, said.Text = m.Markdown.Title, m.Markdown.Text
	case "actionCard":
		said.Title, said.Text = m.Card.Title, m.Card.Text
		if m.Card.Single != "" {
			said.Links = append(said.Links, Link{m.Card.Single, m.Card.URL})
		}
		for _, b := range m.Card.Buttons {
			said.Links = append(said.Links, Link{b.Title, b.ActionURL})
		}
	case "link":
		said.Title, said.Text, said.Links = m.Link.Title, m.Link.Text, []Link{{m.Link.Title, m.Link.MessageURL}}
	case "feedCard":
		for _, l := range m.Feed.Links {
			said.Links = append(said.Links, Link{l.Title, l.MessageURL})
		}
	default:
		return 400301, "不支持的消息类型"
	}
	if strings.TrimSpace(said.Words()) == "" || m.Kind == "markdown" && said.Title == "" {
		return 400402, "消息内容为空"
	}
	s.mention(said, room, &m)
	s.store(said)
	return 0, "ok"
}

// tooFast notes a message, and says whether the robot is blocked.
func (s *Server) tooFast(room string) bool {
	who := "robot"
	if s.perRoom {
		who = room
	}
	p := s.paces[who]
	if p == nil {
		p = &pace{}
		s.paces[who] = p
	}
	now := s.mu.Now()
	if now.Before(p.blocked) {
		return true
	}
	p.sent = slices.DeleteFunc(p.sent, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(p.sent) >= webhookPace {
		p.blocked, p.sent = now.Add(webhookBlock), nil
		return true
	}
	p.sent = append(p.sent, now)
	return false
}

// mention finds whom a message really notifies: people of the group, and in
// markdown only those who stand in the text.
func (s *Server) mention(m *Message, r *room, w *webhookMessage) {
	m.AtAll = w.At.All
	for _, id := range r.Members {
		u := s.users[id]
		if u == nil {
			continue
		}
		by := ""
		switch {
		case !u.External && slices.Contains(w.At.Users, u.ID):
			by = u.ID
		case u.Mobile != "" && slices.Contains(w.At.Mobiles, u.Mobile):
			by = u.Mobile
		case slices.Contains(w.At.Ciphers, u.Cipher()):
			by = u.Cipher()
		}
		if by != "" && (m.Kind == "text" || strings.Contains(m.Text, "@"+by)) {
			m.At = append(m.At, u.ID)
		}
	}
}
