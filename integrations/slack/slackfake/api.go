package slackfake

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one call of the Web API that arrived, also one that failed.
type Call struct {
	Method  string
	Params  url.Values // JSON values as text; without the token
	Channel string     // the room it is about; "" for none
	At      time.Time  // by the clock of the fake
	Error   string     // that it was answered with; "" for ok or for a planted fault
	Fault   bool       // a planted fault met it
}

// reply is what a method answers beside ok:true.
type reply map[string]any

// refusal is ok:false.
type refusal struct {
	code string
	more reply
}

func no(code string) *refusal { return &refusal{code: code} }

// call is one call while it is worked on. Its methods hold the lock.
type call struct {
	s *Server
	Call
}

func (c *call) get(key string) string { return c.Params.Get(key) }

func (c *call) yes(key string) bool {
	v := c.get(key)
	return v == "1" || v == "true"
}

func (c *call) number(key string, otherwise, most int) int {
	n, err := strconv.Atoi(c.get(key))
	if err != nil || n <= 0 {
		n = otherwise
	}
	return min(n, most)
}

// list reads names parted by commas, or a list in JSON.
func (c *call) list(key string) []string {
	v := c.get(key)
	var all []string
	if json.Unmarshal([]byte(v), &all) == nil {
		return all
	}
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
}

// method is one method of the Web API: what it does and the scope it needs; a
// question mark stands for the kind of the channel.
type method struct {
	do    func(*call) (reply, *refusal)
	scope string
}

// methods are those that the fake knows.
var methods = map[string]method{
	"api.test":                     {do: func(*call) (reply, *refusal) { return nil, nil }},
	"auth.test":                    {do: authTest},
	"apps.connections.open":        {do: connectionsOpen},
	"chat.postMessage":             {do: postMessage, scope: "chat:write"},
	"chat.update":                  {do: chatUpdate, scope: "chat:write"},
	"chat.delete":                  {do: chatDelete, scope: "chat:write"},
	"chat.postEphemeral":           {do: postEphemeral, scope: "chat:write"},
	"chat.getPermalink":            {do: getPermalink},
	"conversations.info":           {do: conversationsInfo, scope: "?:read"},
	"conversations.open":           {do: conversationsOpen, scope: "im:write"},
	"conversations.history":        {do: conversationsHistory, scope: "?:history"},
	"conversations.replies":        {do: conversationsReplies, scope: "?:history"},
	"conversations.create":         {do: conversationsCreate, scope: "?:manage"},
	"conversations.invite":         {do: conversationsInvite, scope: "?:manage"},
	"conversations.inviteShared":   {do: inviteShared, scope: "conversations.connect:write"},
	"conversations.list":           {do: conversationsList, scope: "?:read"},
	"conversations.members":        {do: conversationsMembers, scope: "?:read"},
	"conversations.setTopic":       {do: setTopic, scope: "?:manage"},
	"conversations.setPurpose":     {do: setPurpose, scope: "?:manage"},
	"conversations.join":           {do: conversationsJoin, scope: "channels:join"},
	"users.info":                   {do: usersInfo, scope: "users:read"},
	"users.lookupByEmail":          {do: lookupByEmail, scope: "users:read.email"},
	"users.conversations":          {do: conversationsList, scope: "?:read"},
	"views.open":                   {do: viewsOpen},
	"views.push":                   {do: viewsOpen},
	"views.update":                 {do: viewsUpdate},
	"views.publish":                {do: viewsPublish},
	"reactions.add":                {do: reactionsAdd, scope: "reactions:write"},
	"reactions.remove":             {do: reactionsRemove, scope: "reactions:write"},
	"files.getUploadURLExternal":   {do: getUploadURL, scope: "files:write"},
	"files.completeUploadExternal": {do: completeUpload, scope: "files:write"},
}

// Allow lets a method be called that the fake does not know; it answers ok:true
// and nothing else. Every other unknown method fails the test.
func (s *Server) Allow(methods ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range methods {
		s.allowed[m] = true
	}
}

// Calls lists the calls of a method so far, oldest first; of all for "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callsOf(method)
}

// callsOf is Calls with the lock held.
func (s *Server) callsOf(method string) []Call {
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return method != "" && c.Method != method })
}

// Called waits until a method was called at least n times.
func (s *Server) Called(method string, n int) {
	s.t.Helper()
	if !s.mu.Until(func() bool { return len(s.callsOf(method)) >= n }) {
		s.t.Fatalf("slackfake: %s was called %d times within %s, the test waits for %d", method, len(s.Calls(method)), s.mu.Patience, n)
	}
}

// serveAPI answers one call of the Web API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	params, token, err := read(r)
	c := &call{s: s, Call: Call{Method: name, Params: params}}
	if errors.Is(err, io.ErrUnexpectedEOF) || err != nil && r.Context().Err() != nil {
		return // who called is gone in the middle of it: kill -9, a dropped connection
	}
	if err != nil {
		s.mu.Complain("%s: the body cannot be read: %v", name, err)
		write(w, c, nil, no("invalid_form_data"))
		return
	}
	c.Channel = cmp.Or(c.get("channel"), c.get("channel_id"))

	s.mu.Lock()
	c.At = s.mu.Now()
	s.calls = append(s.calls, c.Call)
	n := len(s.calls) - 1
	f := s.faults.Find(name, c.Channel)
	s.calls[n].Fault = f != nil
	s.mu.Bump()
	s.mu.Unlock()

	if !f.Before(w, r) {
		return
	}

	s.mu.Lock()
	result, refused := c.answer(token)
	if refused != nil {
		s.calls[n].Error = refused.code
	}
	scopes := s.scopes
	s.mu.Bump()
	s.mu.Unlock()

	if !f.Behind(w, r) {
		return
	}
	if len(scopes) > 0 {
		w.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	}
	write(w, c, result, refused)
}

// answer checks who asks and does the work. The lock is held.
func (c *call) answer(token string) (reply, *refusal) {
	m, known := methods[c.Method]
	if !known {
		if c.s.allowed[c.Method] {
			return nil, nil
		}
		c.s.mu.Complain("the bot called %s, which this fake does not know; Allow(%q) if the test expects it", c.Method, c.Method)
		return nil, no("unknown_method")
	}
	app := c.Method == "apps.connections.open"
	switch {
	case token == "":
		return nil, no("not_authed")
	case token != c.s.AppToken && token != c.s.BotToken:
		return nil, no("invalid_auth")
	case app != (token == c.s.AppToken) && c.Method != "auth.test" && c.Method != "api.test":
		return nil, no("not_allowed_token_type")
	}
	for _, need := range c.needs(m.scope) {
		if len(c.s.scopes) > 0 && !slices.Contains(c.s.scopes, need) {
			return nil, &refusal{code: "missing_scope", more: reply{"needed": need, "provided": strings.Join(c.s.scopes, ",")}}
		}
	}
	return m.do(c)
}

// Scope is the scope that a method needs, as far as the fake knows it: "" for
// none, and with a question mark for the kind of the channel, as in ?:history.
func Scope(name string) (scope string, known bool) {
	m, known := methods[name]
	return m.scope, known
}

// needs are the scopes of a call by the kind of its channel: channels:history for
// a public one, groups:history for a private one, im:history for a chat of two.
func (c *call) needs(scope string) []string {
	action, byKind := strings.CutPrefix(scope, "?:")
	if !byKind {
		return slices.DeleteFunc([]string{scope}, func(s string) bool { return s == "" })
	}
	var kinds []string
	switch ch := c.s.channels[c.Channel]; {
	case ch != nil && ch.IM:
		kinds = []string{"im"}
	case ch != nil && ch.Private, ch == nil && c.yes("is_private"):
		kinds = []string{"groups"}
	case ch == nil:
		for _, t := range c.list("types") {
			kinds = append(kinds, map[string]string{"private_channel": "groups", "im": "im", "mpim": "mpim"}[t])
		}
	}
	if len(kinds) == 0 {
		kinds = []string{""}
	}
	for i, kind := range kinds {
		switch {
		case kind == "":
			kinds[i] = "channels:" + action
		case action == "manage":
			kinds[i] = kind + ":write"
		default:
			kinds[i] = kind + ":" + action
		}
	}
	return kinds
}

func write(w http.ResponseWriter, c *call, result reply, refused *refusal) {
	body := reply{"ok": refused == nil}
	if refused != nil {
		body["error"] = refused.code
		result = refused.more
	}
	for k, v := range result {
		body[k] = v
	}
	if after, ok := body["retry_after"].(int); ok {
		delete(body, "retry_after")
		w.Header().Set("Retry-After", strconv.Itoa(after))
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(body) // a client that went away: its own business
}

// read takes the parameters from the query, a form or JSON, and the token from
// the body or the header: clients use all of these.
func read(r *http.Request) (url.Values, string, error) {
	params := r.URL.Query()
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, "", err
		}
		if len(body) > 0 {
			var object map[string]json.RawMessage
			if err := json.Unmarshal(body, &object); err != nil {
				return nil, "", err
			}
			for k, v := range object {
				var text string
				if json.Unmarshal(v, &text) != nil {
					text = string(v)
				}
				if text != "null" {
					params.Set(k, text)
				}
			}
		}
	case "multipart/form-data":
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, "", err
		}
		for k, v := range r.MultipartForm.Value {
			params[k] = v
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, "", err
		}
		params = r.Form
	}
	token := params.Get("token")
	params.Del("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return params, token, nil
}

func authTest(c *call) (reply, *refusal) {
	return reply{"url": "https://home.slack.com/", "team": "Home", "team_id": Team, "user": "butler", "user_id": BotUser,
		"bot_id": BotID, "is_enterprise_install": false}, nil
}

func usersInfo(c *call) (reply, *refusal) {
	u := c.s.users[c.get("user")]
	if u == nil {
		return nil, no("user_not_found")
	}
	return reply{"user": u.object()}, nil
}

func lookupByEmail(c *call) (reply, *refusal) {
	for _, u := range c.s.users {
		if u.Email != "" && u.Email == c.get("email") && !u.Stranger {
			return reply{"user": u.object()}, nil
		}
	}
	return nil, no("users_not_found")
}
