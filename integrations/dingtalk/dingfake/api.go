package dingfake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is one call that arrived, also one that failed.
type Call struct {
	Method, Path string
	Query        url.Values
	Body         json.RawMessage
	About        []string  // groups, people and cards it is about
	At           time.Time // by the clock of the fake
	Status       int       // of the answer; 0 while there is none, or for a planted fault
	Code         string    // that it was refused with; "" for success or for a planted fault
	Fault        bool      // a planted fault met it
}

// reply is what a call answers.
type reply map[string]any

// refusal is another answer than success.
type refusal struct {
	status  int
	code    string
	message string
	more    reply
}

// no refuses with 400, as most calls do.
func no(code string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, message: code}
}

// call is one call while it is worked on. Its methods hold the lock.
type call struct {
	s *Server
	Call
	short  shortfall // by a planted fault
	upload *file     // of a form with a file
}

// into reads the body; fields of the wrong type are refused, as DingTalk does.
func (c *call) into(v any) *refusal {
	if err := json.Unmarshal(c.Body, v); err != nil {
		return &refusal{status: http.StatusBadRequest, code: "invalidParameter.param.invalid", message: err.Error()}
	}
	return nil
}

// route is one call that the fake knows.
type route struct {
	method string
	do     func(*call) (reply, *refusal)
	needs  string // a permission
	free   bool   // of the quota of the month
	open   bool   // without a token
	old    bool   // of the old API: the token in the query, errcode in the answer
}

const sendMsg = "qyapi_robot_sendmsg"

// routes are the calls that the fake knows, by path.
var routes = map[string]route{
	"/v1.0/gateway/connections/open":        {method: "POST", do: connectionsOpen, free: true, open: true},
	"/v1.0/oauth2/accessToken":              {method: "POST", do: accessToken, free: true, open: true},
	"/v1.0/robot/groupMessages/send":        {method: "POST", do: groupSend, needs: sendMsg},
	"/v1.0/robot/groupMessages/query":       {method: "POST", do: groupQuery, needs: sendMsg},
	"/v1.0/robot/groupMessages/recall":      {method: "POST", do: groupRecall, needs: sendMsg},
	"/v1.0/robot/oToMessages/batchSend":     {method: "POST", do: batchSend, needs: sendMsg},
	"/v1.0/robot/oToMessages/readStatus":    {method: "GET", do: readStatus, needs: sendMsg},
	"/v1.0/robot/otoMessages/batchRecall":   {method: "POST", do: batchRecall, needs: sendMsg},
	"/v1.0/robot/messageFiles/download":     {method: "POST", do: download, needs: sendMsg},
	"/v1.0/robot/ding/send":                 {method: "POST", do: dingSend, needs: "Premium.Ding.Write"},
	"/v1.0/robot/ding/recall":               {method: "POST", do: dingRecall, needs: "Premium.Ding.Write"},
	"/v1.0/robot/ding/readStatuses/query":   {method: "POST", do: dingRead, needs: "Premium.Ding.Write"},
	"/v1.0/card/instances/createAndDeliver": {method: "POST", do: createAndDeliver, needs: "Card.Instance.Write"},
	"/v1.0/card/instances":                  {method: "PUT", do: updateCard, needs: "Card.Instance.Write"},
	"/v1.0/card/streaming":                  {method: "PUT", do: streamCard, needs: "Card.Streaming.Write"},
	"/v1.0/im/sceneGroup/create":            {method: "POST", do: sceneCreate, needs: "qyapi_chat_manage"},
	"/v1.0/im/sceneGroup/member/add":        {method: "POST", do: sceneAdd, needs: "qyapi_chat_manage"},
	"/v1.0/im/sceneGroups/query":            {method: "POST", do: sceneQuery, needs: "qyapi_chat_manage"},
	"/gettoken":                             {method: "GET", do: getToken, free: true, open: true, old: true},
	"/topapi/im/chat/scenegroup/create":     {method: "POST", do: oldSceneCreate, needs: "qyapi_chat_manage", old: true},
	"/topapi/im/chat/scenegroup/member/add": {method: "POST", do: oldSceneAdd, needs: "qyapi_chat_manage", old: true},
	"/topapi/im/chat/scenegroup/get":        {method: "POST", do: oldSceneGet, needs: "qyapi_chat_manage", old: true},
	"/media/upload":                         {method: "POST", do: mediaUpload, old: true},
	"/topapi/v2/user/get":                   {method: "POST", do: userGet, needs: "qyapi_get_member", free: true, old: true},
}

// Allow lets paths be called that the fake does not know; they answer 200 and {}.
// Every other unknown call fails the test.
func (s *Server) Allow(paths ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range paths {
		s.allowed[p] = true
	}
}

// serveAPI answers one call of either API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	upload, isUpload := uploaded(r, body)
	switch {
	case isUpload:
		body = []byte("{}")
	case !json.Valid(body):
		body = s.formAsJSON(r, body)
	}
	c := &call{s: s, upload: upload, Call: Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Body: body}}
	n, f := s.arrive(c)
	if !f.Before(w, r) {
		return
	}
	s.mu.Lock()
	result, refused := c.answer(r)
	c.Status = http.StatusOK
	if refused != nil {
		c.Status, c.Code = refused.status, refused.code
	}
	s.calls[n].Status, s.calls[n].Code = c.Status, c.Code
	s.mu.Bump()
	s.mu.Unlock()
	if !f.Behind(w, r) {
		return
	}
	if c.Path == "/v1.0/gateway/connections/open" && r.Header.Get("Accept") == "" {
		// Seen by the makers of the Node client: without Accept it is XML.
		w.Header().Set("Content-Type", "application/xml")
		io.WriteString(w, "<ConnectionsOpenResponse/>")
		return
	}
	if refused != nil {
		result = refused.body(routes[c.Path].old)
	}
	write(w, c.Status, result)
}

// arrive notes a call and finds what happens to it.
func (s *Server) arrive(c *call) (int, *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.At, c.About = s.mu.Now(), s.about(c.Body)
	f := s.faults.Find(c.Path, c.About...)
	c.Call.Fault = f != nil
	c.short, _ = f.Part().(shortfall)
	s.calls = append(s.calls, c.Call)
	s.mu.Bump()
	return len(s.calls) - 1, f
}

// about finds the groups, people and cards in a body.
func (s *Server) about(body []byte) []string {
	var b struct {
		Room      string `json:"openConversationId"`
		SnakeRoom string `json:"open_conversation_id"`
		Space     string `json:"openSpaceId"`
		Card      string `json:"outTrackId"`
		Ding      string `json:"openDingId"`
		Users     any    `json:"userIds"`
		SnakeUser any    `json:"user_ids"`
		Receivers any    `json:"receiverUserIdList"`
	}
	if json.Unmarshal(body, &b) != nil {
		return nil
	}
	all := []string{b.Room, b.SnakeRoom, b.Card, b.Ding}
	for _, v := range []any{b.Users, b.SnakeUser, b.Receivers} {
		list, _ := v.([]any)
		for _, e := range list {
			if id, ok := e.(string); ok {
				all = append(all, id)
			}
		}
	}
	for _, sp := range spaces(b.Space) {
		all = append(all, sp.id)
	}
	if c := s.cards[b.Card]; c != nil {
		all = append(all, c.Rooms...)
	}
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}

// answer checks who asks and does the work. The lock is held.
func (c *call) answer(r *http.Request) (reply, *refusal) {
	route, known := routes[c.Path]
	if !known || route.method != c.Method {
		if c.s.allowed[c.Path] {
			return reply{}, nil
		}
		c.s.mu.Complain("somebody called %s %s, which this fake does not know; Allow(%q) if the test expects it", c.Method, c.Path, c.Path)
		return nil, &refusal{status: http.StatusNotFound, code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method."}
	}
	if !route.free {
		month := c.s.mu.Now().In(china).Format("2006-01")
		if c.s.quota > 0 && c.s.spent[month] >= c.s.quota {
			return nil, &refusal{status: http.StatusForbidden, code: usedUp, message: "本月接口调用次数已达上限", more: reply{"errcode": 90020}}
		}
		c.s.spent[month]++
	}
	if c.crowded() {
		return nil, &refusal{status: http.StatusForbidden, code: throttled, message: "当前应用调用该接口过于频繁", more: reply{"errcode": 90018}}
	}
	token := r.Header.Get("x-acs-dingtalk-access-token")
	if route.old {
		token = c.Query.Get("access_token")
	}
	switch {
	case route.open:
	case token == "":
		return nil, &refusal{status: http.StatusBadRequest, code: "AuthenticationFailed.MissingParameter", message: "x-acs-dingtalk-access-token is required", more: reply{"errcode": 40014}}
	case token != c.s.token || c.s.mu.Now().Sub(c.s.tokenAge) >= tokenLife:
		return nil, &refusal{status: http.StatusBadRequest, code: badToken, message: "不合法的access_token", more: reply{"errcode": 40014}}
	case route.needs != "" && len(c.s.permissions) > 0 && !slices.Contains(c.s.permissions, route.needs):
		return nil, &refusal{status: http.StatusForbidden, code: denied, message: route.needs,
			more: reply{"errcode": 60011, "accessdenieddetail": reply{"requiredScopes": []string{route.needs}}}}
	}
	return route.do(c)
}

var china = time.FixedZone("China", 8*60*60)

// crowded says whether a path was called too often within a second.
func (c *call) crowded() bool {
	if c.s.qps <= 0 {
		return false
	}
	recent := slices.DeleteFunc(c.s.recent[c.Path], func(at time.Time) bool { return c.At.Sub(at) >= time.Second })
	c.s.recent[c.Path] = append(recent, c.At)
	return len(recent) >= c.s.qps
}

// body is how a refusal is written: the old API says it inside a 200.
func (r *refusal) body(old bool) reply {
	b := reply{}
	for k, v := range r.more {
		b[k] = v
	}
	if old {
		if b["errcode"] == nil {
			b["errcode"] = -1
		}
		b["errmsg"], b["success"] = r.message, false
		return b
	}
	delete(b, "errcode")
	b["code"], b["message"], b["requestid"] = r.code, r.message, "FAKE-REQUEST"
	return b
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r, ok := body.(reply); ok && r["errcode"] != nil {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // a client that went away: its own business
}

// formAsJSON reads the forms that clients of the old API send.
func (s *Server) formAsJSON(r *http.Request, body []byte) json.RawMessage {
	form, err := url.ParseQuery(string(body))
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	o := map[string]string{}
	for k := range form {
		o[k] = form.Get(k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(bytes.TrimSpace(body)) > 0 && (err != nil || !isForm) {
		s.mu.Complain("the body of %s %s is neither JSON nor a form: %.200q", r.Method, r.URL.Path, body)
		return json.RawMessage("{}")
	}
	return s.mu.JSON(o)
}
