package dingfake

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Pressed is a click on a card, and what the app is to hear of it.
type Pressed struct {
	*Delivery
	card string
}

// Acked waits until the app has answered the click, and fails the test when that
// took longer than DingTalk waits: whoever clicked saw an error by then.
func (p *Pressed) Acked() {
	p.s.t.Helper()
	p.s.Acked(p.Delivery)
	if took := p.Took(); took > p.s.answerIn {
		p.s.t.Errorf("dingfake: a click on %s was answered after %s; DingTalk waits %s", p.card, took, p.s.answerIn)
	}
}

// Took is the time between the click and its answer.
func (p *Pressed) Took() time.Duration {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.took
}

// PressOption changes how a card is pressed.
type PressOption func(*pressing)

type pressing struct {
	room    string
	actions []string
}

// There presses the card where it stands in one of several rooms.
func There(room string) PressOption { return func(p *pressing) { p.room = room } }

// Action names the button by the id that the template gives it.
func Action(id string) PressOption { return func(p *pressing) { p.actions = []string{id} } }

// Press lets somebody press a button of a card, whose template sends params with
// it: {"command": "/claim 1"}. What the answer carries is shown on the card.
func (s *Server) Press(user, card string, params map[string]any, opts ...PressOption) *Pressed {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c := s.mustUser(user), s.cards[card]
	if c == nil {
		s.t.Fatalf("dingfake: there is no card %q; there are %v", card, slices.Sorted(maps.Keys(s.cards)))
	}
	p := pressing{actions: []string{"button"}}
	for _, o := range opts {
		o(&p)
	}
	for _, id := range c.Rooms {
		if p.room == "" && s.rooms[id].has(user) {
			p.room = id
		}
	}
	r := s.rooms[p.room]
	switch {
	case r == nil || !r.has(user):
		s.t.Fatalf("dingfake: %s is in none of the rooms of the card %s: %v", user, card, c.Rooms)
	case len(c.Recipient) > 0 && !slices.Contains(c.Recipient, user):
		s.t.Fatalf("dingfake: %s does not see the card %s", user, card)
	case c.Callback != "STREAM":
		s.t.Fatalf("dingfake: nobody hears a click on the card %s: its callbackType is %q", card, c.Callback)
	}
	if params == nil {
		params = map[string]any{}
	}
	content := s.mu.JSON(map[string]any{"cardPrivateData": map[string]any{"actionIds": p.actions, "params": params}})
	kind, id := "IM_GROUP", r.ID
	if r.With != "" {
		kind, id = "IM_ROBOT", r.With
	}
	who := u.ID
	if u.External {
		who = "" // not documented: an external member has no userid
	}
	data := map[string]any{"type": "actionCallback", "outTrackId": card, "corpId": Corp, "userId": who, "userIdType": 1,
		"spaceId": id, "spaceType": kind, "extension": "{}", "content": string(content)}
	pressed := &Pressed{card: card}
	d := &Delivery{Type: "CALLBACK", Topic: TopicCard, Data: s.mu.JSON(data), within: s.repushAfter, pauses: s.pauses}
	d.onAck = func(answer json.RawMessage) {
		if d.took <= s.answerIn {
			s.apply(c, user, answer)
		}
	}
	c.clicks = append(c.clicks, d)
	pressed.Delivery = s.push(d)
	return pressed
}

// apply shows what the answer to a click carries.
func (s *Server) apply(c *Card, user string, answer json.RawMessage) {
	var a struct {
		Response *struct {
			Options *struct {
				ByKey        bool `json:"updateCardDataByKey"`
				PrivateByKey bool `json:"updatePrivateDataByKey"`
			} `json:"cardUpdateOptions"`
			Data    *cardData `json:"cardData"`
			Private *cardData `json:"userPrivateData"`
		} `json:"response"`
	}
	if len(answer) == 0 || json.Unmarshal(answer, &a) != nil || a.Response == nil {
		return
	}
	byKey, mineByKey := false, false
	if o := a.Response.Options; o != nil {
		byKey, mineByKey = o.ByKey, o.PrivateByKey
	}
	public, r := a.Response.Data.strings()
	if r != nil {
		s.mu.Complain("the answer to a click on %s: %s", c.ID, r.message)
		return
	}
	mine, r := a.Response.Private.strings()
	if r != nil {
		s.mu.Complain("the answer to a click on %s: %s", c.ID, r.message)
		return
	}
	if a.Response.Data != nil {
		c.Params = merge(c.Params, public, byKey)
	}
	if a.Response.Private != nil {
		c.Private[user] = merge(c.Private[user], mine, mineByKey)
	}
	if a.Response.Data != nil || a.Response.Private != nil {
		s.show(c)
	}
}
