package dingfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// founding is what makes a scene group.
type founding struct {
	Title    string
	Template string
	Owner    string
	Users    []string
	UUID     string
}

// found makes a scene group; the same uuid finds the one it made before.
func (c *call) found(q founding) (*room, *refusal) {
	if r := c.s.founded[q.UUID]; r != nil && q.UUID != "" {
		return r, nil
	}
	owner := c.s.staff(q.Owner)
	switch {
	case q.Title == "" || len([]rune(q.Title)) > 30:
		return nil, no("parameter.invalid")
	case q.Template != c.s.GroupTemplate:
		return nil, no("template.not.existed")
	case owner == nil:
		return nil, no("parameter.invalid")
	case owner.Hidden:
		return nil, &refusal{status: http.StatusBadRequest, code: "permession.checkFailed", message: "群主不在应用可见性内"}
	}
	r := c.s.addRoom(c.s.newID("cid+/") + "==")
	r.Title, r.Owner, r.Template, r.Members = q.Title, q.Owner, q.Template, []string{q.Owner}
	for _, id := range q.Users {
		if refused := c.join(r, id); refused != nil {
			delete(c.s.rooms, r.ID)
			return nil, refused
		}
	}
	if q.UUID != "" {
		c.s.founded[q.UUID] = r
	}
	c.s.mu.Bump()
	return r, nil
}

// join brings somebody into a group.
func (c *call) join(r *room, user string) *refusal {
	if c.s.staff(user) == nil {
		return &refusal{status: http.StatusBadRequest, code: "parameter.invalid", message: "user " + user + " does not exist"}
	}
	if !r.has(user) {
		r.Members = append(r.Members, user)
		c.s.mu.Bump()
	}
	return nil
}

func sceneCreate(c *call) (reply, *refusal) {
	var q struct {
		Title    string   `json:"title"`
		Template string   `json:"template_id"`
		Owner    string   `json:"owner_user_id"`
		Users    []string `json:"user_ids"`
		UUID     string   `json:"uuid"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.found(founding(q))
	if refused != nil {
		return nil, refused
	}
	return reply{"open_conversation_id": r.ID, "chat_id": "chat" + r.ID}, nil
}

func sceneAdd(c *call) (reply, *refusal) {
	var q struct {
		Room  string   `json:"open_conversation_id"`
		Users []string `json:"user_ids"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.group(q.Room)
	if refused != nil {
		return nil, refused
	}
	for _, id := range q.Users {
		if refused := c.join(r, id); refused != nil {
			return nil, refused
		}
	}
	return reply{"success": true}, nil
}

func sceneQuery(c *call) (reply, *refusal) {
	var q struct {
		Room string `json:"openConversationId"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.group(q.Room)
	if refused != nil {
		return nil, refused
	}
	return reply{"success": true, "openConversationId": r.ID, "title": r.Title, "ownerUserId": r.Owner, "templateId": r.Template, "status": 1}, nil
}

// The old API wants its lists as words parted by commas, and answers 200 with
// errcode and success.

func oldSceneCreate(c *call) (reply, *refusal) {
	var q struct {
		Title    string `json:"title"`
		Template string `json:"template_id"`
		Owner    string `json:"owner_user_id"`
		Users    string `json:"user_ids"`
		UUID     string `json:"uuid"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.found(founding{q.Title, q.Template, q.Owner, commas(q.Users), q.UUID})
	if refused != nil {
		return nil, refused
	}
	return reply{"errcode": 0, "errmsg": "ok", "success": true, "result": reply{"open_conversation_id": r.ID, "chat_id": "chat" + r.ID}}, nil
}

func oldSceneAdd(c *call) (reply, *refusal) {
	var q struct {
		Room  string `json:"open_conversation_id"`
		Users string `json:"user_ids"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.group(q.Room)
	if refused != nil {
		return nil, refused
	}
	for _, id := range commas(q.Users) {
		if refused := c.join(r, id); refused != nil {
			return nil, refused
		}
	}
	return reply{"errcode": 0, "errmsg": "ok", "success": true}, nil
}

func oldSceneGet(c *call) (reply, *refusal) {
	var q struct {
		Room string `json:"open_conversation_id"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	r, refused := c.group(q.Room)
	if refused != nil {
		return nil, refused
	}
	return reply{"errcode": 0, "errmsg": "ok", "success": true, "result": reply{"open_conversation_id": r.ID, "title": r.Title,
		"owner_user_id": r.Owner, "template_id": r.Template, "user_ids": r.Members, "status": 1}}, nil
}

func commas(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(id string) bool { return id == "" })
}

// userGet says who somebody is.
func userGet(c *call) (reply, *refusal) {
	var q struct {
		User json.RawMessage `json:"userid"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	u := c.s.staff(strings.Trim(string(q.User), `"`))
	if u == nil || u.Hidden {
		return nil, &refusal{status: http.StatusOK, code: "60121", message: "找不到该用户", more: reply{"errcode": 60121}}
	}
	return reply{"errcode": 0, "errmsg": "ok", "result": reply{"userid": u.ID, "name": u.Name, "unionid": u.UnionID, "mobile": u.Mobile,
		"admin": u.Admin, "active": true}}, nil
}
