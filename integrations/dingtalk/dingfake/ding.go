package dingfake

import (
	"net/http"
	"slices"
	"time"
)

// The means of a DING.
const (
	ByApp   = 1
	BySMS   = 2
	ByPhone = 3
)

// Ding is one DING: what cannot be overlooked.
type Ding struct {
	ID       string // openDingId
	Means    int    // ByApp, BySMS, ByPhone
	Users    []string
	Failed   []string // of those, whom it did not reach
	Content  string
	Voice    string
	Recalled bool
	ReadBy   []string
	Time     time.Time
}

func dingSend(c *call) (reply, *refusal) {
	var q struct {
		Robot   string   `json:"robotCode"`
		Means   int      `json:"remindType"`
		Users   []string `json:"receiverUserIdList"`
		Content string   `json:"content"`
		Voice   string   `json:"callVoice"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	most := 20
	if q.Means == ByApp {
		most = 200
	}
	left, limited := c.s.dingLeft[q.Means]
	switch {
	case q.Robot != c.s.RobotCode:
		return nil, no("invalid.chatbotId")
	case q.Means < ByApp || q.Means > ByPhone || q.Content == "":
		return nil, no("invalidParameter.param.invalid")
	case len(q.Users) == 0:
		return nil, no("miss.staffId")
	case len(q.Users) > most:
		return nil, no("ding.receivercount.limit")
	case limited && left < len(q.Users):
		return nil, &refusal{status: http.StatusBadRequest, code: "ding.serverquota.insufficient", message: "ding server quota insufficient"}
	}
	if limited {
		c.s.dingLeft[q.Means] = left - len(q.Users)
	}
	d := &Ding{ID: c.s.newID("ding"), Means: q.Means, Users: q.Users, Content: q.Content, Voice: q.Voice, Time: c.s.mu.Now()}
	failed := map[string][]string{}
	for _, id := range q.Users {
		u := c.s.staff(id)
		switch {
		case u == nil || u.Hidden:
			failed["invalidStaffId"] = append(failed["invalidStaffId"], id)
		case slices.Contains(c.short.dingUsers, id):
			failed[c.short.dingReason] = append(failed[c.short.dingReason], id)
		default:
			continue
		}
		d.Failed = append(d.Failed, id)
	}
	c.s.dings = append(c.s.dings, d)
	c.s.mu.Bump()
	answer := reply{"openDingId": d.ID}
	if len(failed) > 0 {
		answer["failedList"] = failed
	}
	return answer, nil
}

// ding finds the DING of a call.
func (c *call) ding() (*Ding, *refusal) {
	var q struct {
		Robot string `json:"robotCode"`
		ID    string `json:"openDingId"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if q.Robot != c.s.RobotCode {
		return nil, no("invalid.chatbotId")
	}
	for _, d := range c.s.dings {
		if d.ID == q.ID {
			return d, nil
		}
	}
	return nil, no("invalidParameter.param.invalid")
}

func dingRecall(c *call) (reply, *refusal) {
	d, r := c.ding()
	if r != nil {
		return nil, r
	}
	d.Recalled = true
	c.s.mu.Bump()
	return reply{"openDingId": d.ID}, nil
}

func dingRead(c *call) (reply, *refusal) {
	d, r := c.ding()
	if r != nil {
		return nil, r
	}
	list := []reply{}
	for _, id := range d.Users {
		status := "UNREAD"
		if slices.Contains(d.ReadBy, id) {
			status = "READ"
		}
		list = append(list, reply{"userId": id, "readStatus": status})
	}
	return reply{"success": true, "result": reply{"robotDingReadInfoList": list}}, nil
}

// Dings lists the DINGs that reached somebody, oldest first; of everybody for "".
func (s *Server) Dings(user string) []Ding {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Ding
	for _, d := range s.dings {
		if user == "" || d.reached(user) {
			all = append(all, *d)
		}
	}
	return all
}

func (d *Ding) reached(user string) bool {
	return slices.Contains(d.Users, user) && !slices.Contains(d.Failed, user)
}

// ExpectDing waits for a DING that reaches somebody by a means and holds all the
// words, and returns the first.
func (s *Server) ExpectDing(user string, means int, words ...string) Ding {
	s.t.Helper()
	var found Ding
	if !s.mu.Until(func() bool {
		for _, d := range s.dings {
			if d.reached(user) && d.Means == means && !d.Recalled && holds(d.Content, words) {
				found = *d
				return true
			}
		}
		return false
	}) {
		s.t.Fatalf("dingfake: within %s no DING of means %d with %q reached %s; there are %+v", s.mu.Patience, means, words, user, s.Dings(""))
	}
	return found
}

// ReadDing lets somebody read a DING. DingTalk tells nobody; it can be asked.
func (s *Server) ReadDing(user, id string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.dings {
		if d.ID == id && d.reached(user) {
			d.ReadBy = append(d.ReadBy, user)
			s.mu.Bump()
			return
		}
	}
	s.t.Fatalf("dingfake: no DING %q reached %s", id, user)
}
