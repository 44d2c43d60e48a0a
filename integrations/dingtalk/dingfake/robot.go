package dingfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the robot's messages. Source: open.dingtalk.com, robot pages.
const (
	maxParam    = 15000 // bytes of msgParam
	maxBatch    = 20    // receivers of one batch
	maxRecall   = 20    // keys of one recall
	defaultRead = 50    // people of one page of readers
)

func accessToken(c *call) (reply, *refusal) {
	var q struct{ AppKey, AppSecret string }
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if q.AppKey != c.s.ClientID || q.AppSecret != c.s.ClientSecret {
		return nil, &refusal{status: 400, code: "invalidClientIdOrSecret", message: "无效的clientId或者clientSecret"}
	}
	token, left := c.s.issue()
	return reply{"accessToken": token, "expireIn": left}, nil
}

func getToken(c *call) (reply, *refusal) {
	if c.Query.Get("appkey") != c.s.ClientID || c.Query.Get("appsecret") != c.s.ClientSecret {
		return nil, &refusal{status: 200, code: "40089", message: "不合法的corpid或corpsecret", more: reply{"errcode": 40089}}
	}
	token, left := c.s.issue()
	return reply{"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": left}, nil
}

// issue returns the token of now and how many seconds it is good for: the same one
// while it lives.
func (s *Server) issue() (string, int) {
	age := s.mu.Now().Sub(s.tokenAge)
	if s.token == "" || age >= tokenLife {
		s.token, s.tokenAge, age = strings.ToLower(s.newID("token")), s.mu.Now(), 0
	}
	return s.token, int((tokenLife - age).Seconds())
}

// RevokeToken ends the access token of now before its time.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// robot checks the robotCode of a call.
func (c *call) robot(code string) *refusal {
	switch code {
	case "":
		return no("invalidParameter.robotCode.empty")
	case c.s.RobotCode:
		return nil
	}
	return no("invalidParameter.robotCode.auth")
}

// group finds the group of a call, with the robot in it.
func (c *call) group(id string) (*room, *refusal) {
	r := c.s.rooms[id]
	switch {
	case id == "":
		return nil, no("miss.openConversationId")
	case r == nil || r.With != "":
		return nil, no("invalid.openConversationId")
	case r.Disbanded:
		return nil, no("group.disbanded")
	case r.Outside:
		return nil, no("invalidParameter.robotCode.notExsit") // spelled so by DingTalk
	}
	return r, nil
}

// templates are the messages of a robot and what they must have; sampleActionCard2
// to 5 have two to five buttons besides.
var templates = map[string][]string{
	"sampleText": {"content"}, "sampleMarkdown": {"title", "text"}, "sampleImageMsg": {"photoURL"},
	"sampleLink": {"text", "title", "messageUrl"}, "sampleActionCard": {"title", "text", "singleTitle", "singleURL"},
	"sampleActionCard6": {"title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"},
	"sampleAudio":       {"mediaId", "duration"}, "sampleFile": {"mediaId", "fileName", "fileType"},
	"sampleVideo": {"duration", "videoMediaId", "videoType", "picMediaId"},
}

// needs lists what a template must have; ok is false when there is none.
func needs(key string) (need []string, ok bool) {
	var n int
	if _, err := fmt.Sscanf(key, "sampleActionCard%d", &n); err != nil || n < 2 || n > 5 {
		need, ok = templates[key]
		return need, ok
	}
	need = []string{"title", "text"}
	for i := 1; i <= n; i++ {
		need = append(need, fmt.Sprint("actionTitle", i), fmt.Sprint("actionURL", i))
	}
	return need, true
}

// compose makes a message of a template and its parameters.
func compose(key, param string) (Message, *refusal) {
	need, known := needs(key)
	var p map[string]any
	switch {
	case key == "":
		return Message{}, no("invalidParameter.msgKey.empty")
	case !known:
		return Message{}, no("invalidParameter.msgKey.invalid")
	case len(param) > maxParam:
		return Message{}, no("invalidParameter.msgParam.tooLong")
	case json.Unmarshal([]byte(param), &p) != nil || !utf8.ValidString(param):
		return Message{}, no("invalidParameter.msgParam.invalid")
	}
	for _, n := range need {
		if v, _ := p[n].(string); v == "" {
			return Message{}, &refusal{status: 400, code: "invalidParameter.msgParam.invalid", message: "the template " + key + " needs " + n}
		}
	}
	word := func(k string) string { v, _ := p[k].(string); return v }
	m := Message{Kind: key, Title: word("title"), Text: word("text") + word("content") + word("fileName")}
	link := func(title, url string) {
		if word(title) != "" {
			m.Links = append(m.Links, Link{word(title), word(url)})
		}
	}
	link("singleTitle", "singleURL")
	for i := 1; i <= 5; i++ {
		link(fmt.Sprint("actionTitle", i), fmt.Sprint("actionURL", i))
		link(fmt.Sprint("buttonTitle", i), fmt.Sprint("buttonUrl", i))
	}
	return m, nil
}

// newKey is a processQueryKey: base64, so it has to be escaped in a query.
func (s *Server) newKey() string { return s.newID("pqk+/") + "=" }

func groupSend(c *call) (reply, *refusal) {
	var q struct {
		Key   string `json:"msgKey"`
		Param string `json:"msgParam"`
		Room  string `json:"openConversationId"`
		Robot string `json:"robotCode"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if r := c.robot(q.Robot); r != nil {
		return nil, r
	}
	room, r := c.group(q.Room)
	if r != nil {
		return nil, r
	}
	m, r := compose(q.Key, q.Param)
	if r != nil {
		return nil, r
	}
	m.Room, m.Key, m.By = room.ID, c.s.newKey(), c.Path
	c.s.store(&m)
	return reply{"processQueryKey": m.Key}, nil
}

func batchSend(c *call) (reply, *refusal) {
	var q struct {
		Key   string   `json:"msgKey"`
		Param string   `json:"msgParam"`
		Users []string `json:"userIds"`
		Robot string   `json:"robotCode"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if r := c.robot(q.Robot); r != nil {
		return nil, r
	}
	switch {
	case len(q.Users) == 0:
		return nil, no("invalidParameter.userIds.empty")
	case len(q.Users) > maxBatch:
		return nil, no("invalidParameter.userIds.overMax")
	}
	m, r := compose(q.Key, q.Param)
	if r != nil {
		return nil, r
	}
	m.Key, m.By = c.s.newKey(), c.Path
	invalid, flow, filtered := []string{}, []string{}, []string{}
	for _, id := range q.Users {
		u := c.s.staff(id)
		switch {
		case u == nil || u.Hidden || slices.Contains(c.short.invalid, id):
			invalid = append(invalid, id)
		case slices.Contains(c.short.flow, id):
			flow = append(flow, id)
		case slices.Contains(c.short.filtered, id):
			filtered = append(filtered, id)
		default:
			one := m
			one.Room = c.s.direct(id).ID
			c.s.store(&one)
		}
	}
	return reply{"processQueryKey": m.Key, "invalidStaffIdList": invalid, "flowControlledStaffIdList": flow, "filteredStaffIdList": filtered}, nil
}

// recallQuery is the body of both recalls.
type recallQuery struct {
	Room  string   `json:"openConversationId"`
	Keys  []string `json:"processQueryKeys"`
	Robot string   `json:"robotCode"`
}

func groupRecall(c *call) (reply, *refusal) { return c.recall(true) }
func batchRecall(c *call) (reply, *refusal) { return c.recall(false) }

func (c *call) recall(group bool) (reply, *refusal) {
	var q recallQuery
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if r := c.robot(q.Robot); r != nil {
		return nil, r
	}
	if group {
		if _, r := c.group(q.Room); r != nil {
			return nil, r
		}
	}
	if len(q.Keys) == 0 || len(q.Keys) > maxRecall {
		return nil, no("invalidParameter.processQueryKey.missing")
	}
	gone, failed := []string{}, map[string]string{}
	for _, key := range q.Keys {
		of := c.s.keyed(key)
		switch {
		case len(of) == 0, group && of[0].Room != q.Room, !group && c.s.rooms[of[0].Room].With == "":
			failed[key] = "invalid processQueryKey"
		case c.s.mu.Now().Sub(of[0].Time) > keyLife:
			failed[key] = "message expired"
		case of[0].Recalled:
			failed[key] = "message already recalled"
		default:
			for _, m := range of {
				m.Recalled = true
				c.s.touch(m)
			}
			gone = append(gone, key)
		}
	}
	return reply{"successResult": gone, "failedResult": failed}, nil
}

// readers finds the messages of a key while they can be asked about.
func (c *call) readers(key string) ([]*Message, *refusal) {
	of := c.s.keyed(key)
	switch {
	case key == "":
		return nil, no("invalidParameter.processQueryKey.missing")
	case len(of) == 0 || c.s.mu.Now().Sub(of[0].Time) > keyLife:
		return nil, no("invalid.processQueryKey")
	}
	return of, nil
}

func groupQuery(c *call) (reply, *refusal) {
	var q struct {
		Room  string `json:"openConversationId"`
		Key   string `json:"processQueryKey"`
		Robot string `json:"robotCode"`
		Max   int    `json:"maxResults"`
		Next  string `json:"nextToken"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if r := c.robot(q.Robot); r != nil {
		return nil, r
	}
	if _, r := c.group(q.Room); r != nil {
		return nil, r
	}
	of, r := c.readers(q.Key)
	if r != nil {
		return nil, r
	}
	if q.Max <= 0 {
		q.Max = defaultRead
	}
	start := 0
	fmt.Sscanf(q.Next, "after-%d", &start)
	read := []string{}
	for _, id := range of[0].ReadBy {
		if c.s.staff(id) != nil {
			read = append(read, id)
		}
	}
	start = min(start, len(read))
	end := min(start+q.Max, len(read))
	page := reply{"sendStatus": sendStatus(of[0]), "readUserIds": read[start:end], "hasMore": end < len(read)}
	if end < len(read) {
		page["nextToken"] = fmt.Sprintf("after-%d", end)
	}
	return page, nil
}

func readStatus(c *call) (reply, *refusal) {
	if r := c.robot(c.Query.Get("robotCode")); r != nil {
		return nil, r
	}
	of, r := c.readers(c.Query.Get("processQueryKey"))
	if r != nil {
		return nil, r
	}
	list := []reply{}
	for _, m := range of {
		id := c.s.rooms[m.Room].With
		one := reply{"userId": id, "name": "", "readStatus": "UNREAD"}
		if u := c.s.users[id]; u != nil {
			one["name"] = u.Name
		}
		if slices.Contains(m.ReadBy, id) {
			one["readStatus"], one["readTimestamp"] = "READ", c.s.mu.Now().UnixMilli()
		}
		list = append(list, one)
	}
	return reply{"sendStatus": sendStatus(of[0]), "messageReadInfoList": list}, nil
}

func sendStatus(m *Message) string {
	if m.Recalled {
		return "RECALLED"
	}
	return "SUCCESS"
}
