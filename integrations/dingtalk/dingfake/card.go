package dingfake

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Limits of cards. Source: open.dingtalk.com, card pages.
const (
	maxTrack = 64   // characters of an outTrackId
	maxKey   = 100  // bytes of a key of cardParamMap
	maxValue = 1024 // bytes of a value
)

// Card is an interactive card as it stands now, wherever it stands.
type Card struct {
	ID        string // outTrackId
	Template  string
	Params    map[string]string            // as everybody sees it
	Private   map[string]map[string]string // as one person sees it
	Rooms     []string                     // where it was delivered
	Callback  string                       // STREAM: only then is a click heard
	Recipient []string                     // who sees it in a group; everybody when empty
	Updates   int
	Streamed  bool // a part of it was written by streaming
	Time      time.Time
	clicks    []*Delivery
}

// copy is the card without what still changes.
func (c *Card) copy() Card {
	one := *c
	one.Private, one.clicks = maps.Clone(c.Private), nil
	return one
}

// awaited says whether the app has heard a click that it may still answer.
func (c *Card) awaited(limit time.Duration) bool {
	return slices.ContainsFunc(c.clicks, func(d *Delivery) bool {
		return d.seen && !d.acked && !d.lost && d.code == 0 && time.Since(d.sentAt) < limit
	})
}

// space is a part of an openSpaceId.
type space struct{ kind, id string }

// spaces reads dtv1.card//IM_GROUP.cid…;IM_ROBOT.staff01.
func spaces(open string) []space {
	rest, ok := strings.CutPrefix(open, "dtv1.card//")
	if !ok {
		return nil
	}
	var all []space
	for part := range strings.SplitSeq(rest, ";") {
		kind, id, ok := strings.Cut(part, ".")
		if !ok || id == "" {
			return nil
		}
		all = append(all, space{strings.ToUpper(kind), id})
	}
	return all
}

// cardData is what a card shows.
type cardData struct {
	Params map[string]json.RawMessage `json:"cardParamMap"`
}

// strings reads the values: anything but strings is refused.
func (d *cardData) strings() (map[string]string, *refusal) {
	all := map[string]string{}
	if d == nil {
		return all, nil
	}
	for k, raw := range d.Params {
		var v string
		if json.Unmarshal(raw, &v) != nil {
			return nil, &refusal{status: http.StatusBadRequest, code: "param.invalid", message: "cardParamMap." + k + " is no string"}
		}
		if len(k) > maxKey || len(v) > maxValue {
			return nil, &refusal{status: http.StatusBadRequest, code: "param.invalid", message: "cardParamMap." + k + " is too long"}
		}
		all[k] = v
	}
	return all, nil
}

func createAndDeliver(c *call) (reply, *refusal) {
	var q struct {
		Template string               `json:"cardTemplateId"`
		ID       string               `json:"outTrackId"`
		Callback string               `json:"callbackType"`
		Data     *cardData            `json:"cardData"`
		Private  map[string]*cardData `json:"privateData"`
		Space    string               `json:"openSpaceId"`
		Group    *struct {
			Robot string            `json:"robotCode"`
			At    map[string]string `json:"atUserIds"`
			To    []string          `json:"recipients"`
		} `json:"imGroupOpenDeliverModel"`
		Robot *struct {
			Space string `json:"spaceType"`
			Robot string `json:"robotCode"`
		} `json:"imRobotOpenDeliverModel"`
		GroupSpace *struct{} `json:"imGroupOpenSpaceModel"`
		RobotSpace *struct{} `json:"imRobotOpenSpaceModel"`
		At         []string  `json:"cardAtUserIds"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	to := spaces(q.Space)
	switch {
	case q.Template == "":
		return nil, no("param.cardTemplateIdEmpty")
	case c.s.unready[q.Template]:
		return nil, no("param.templateUnpublished")
	case q.Template != c.s.Template:
		return nil, no("param.templateNotExist")
	case q.ID == "":
		return nil, no("param.outTrackIdEmpty")
	case len([]rune(q.ID)) > maxTrack:
		return nil, no("param.invalid")
	case c.s.cards[q.ID] != nil:
		return nil, no("param.cardAlreadyExist")
	case q.Space == "":
		return nil, no("param.openSpaceIdEmpty")
	case to == nil:
		return nil, no("param.openSpaceIdInvalid")
	case q.Data == nil:
		return nil, no("param.cardPublicDataEmpty")
	}
	params, r := q.Data.strings()
	if r != nil {
		return nil, r
	}
	card := &Card{ID: q.ID, Template: q.Template, Params: params, Private: map[string]map[string]string{}, Callback: q.Callback, Time: c.s.mu.Now()}
	for user, d := range q.Private {
		if card.Private[user], r = d.strings(); r != nil {
			return nil, r
		}
	}
	for _, sp := range to { // what is missing altogether is refused before anything is made
		switch {
		case sp.kind == "IM_GROUP" && q.Group == nil, sp.kind == "IM_ROBOT" && q.Robot == nil:
			return nil, no("param.openDeliverModelEmpty")
		case sp.kind == "IM_GROUP" && q.GroupSpace == nil, sp.kind == "IM_ROBOT" && q.RobotSpace == nil:
			return nil, no("param.openSpaceModelInvalid")
		}
	}
	c.s.cards[q.ID] = card
	results := []reply{}
	for _, sp := range to {
		m := &Message{Kind: "card", Card: q.ID, Params: card.Params, By: c.Path, Key: c.s.newKey()}
		why := c.short.undelivered
		switch room, u := c.s.rooms[sp.id], c.s.staff(sp.id); {
		case why != "":
		case sp.kind == "IM_GROUP" && (room == nil || room.With != "" || room.Disbanded):
			why = "spaceId is illegal"
		case sp.kind == "IM_GROUP" && (q.Group.Robot != c.s.RobotCode || room.Outside):
			why = "chatbot not exist"
		case sp.kind == "IM_GROUP":
			m.Room, card.Recipient = room.ID, q.Group.To
			c.s.cardAt(m, room, q.Group.At, q.At)
		case sp.kind == "IM_ROBOT" && (u == nil || u.Hidden):
			why = "userId is illegal"
		case sp.kind == "IM_ROBOT" && q.Robot.Space != "IM_ROBOT":
			why = "openDeliverModel is illegal"
		case sp.kind == "IM_ROBOT":
			m.Room = c.s.direct(u.ID).ID
		default:
			why = "spaceType is not supported"
		}
		one := reply{"spaceType": sp.kind, "spaceId": sp.id, "success": why == ""}
		if why == "" {
			card.Rooms = append(card.Rooms, m.Room)
			c.s.store(m)
			one["carrierId"] = m.Key
		} else {
			one["errorMsg"] = why
		}
		results = append(results, one)
	}
	return reply{"success": true, "result": reply{"outTrackId": q.ID, "deliverResults": results}}, nil
}

// cardAt finds whom a card in a group notifies: atUserIds maps a userid to a name,
// or @ALL.
func (s *Server) cardAt(m *Message, r *room, at map[string]string, more []string) {
	for id := range at {
		if id == "@ALL" {
			m.AtAll = true
		}
		more = append(more, id)
	}
	for _, id := range more {
		if s.staff(id) != nil && r.has(id) {
			m.At = append(m.At, id)
		}
	}
}

func updateCard(c *call) (reply, *refusal) {
	var q struct {
		ID      string               `json:"outTrackId"`
		Data    *cardData            `json:"cardData"`
		Private map[string]*cardData `json:"privateData"`
		Options struct {
			ByKey        bool `json:"updateCardDataByKey"`
			PrivateByKey bool `json:"updatePrivateDataByKey"`
		} `json:"cardUpdateOptions"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	card := c.s.cards[q.ID]
	switch {
	case q.ID == "":
		return nil, no("param.outTrackIdEmpty")
	case card == nil:
		return nil, no("param.cardNotExist")
	case card.awaited(c.s.answerIn):
		c.s.mu.Complain("the card %s is updated while a click on it is not answered yet: DingTalk wants the answer first, or the new data in it", q.ID)
	}
	params, r := q.Data.strings()
	if r != nil {
		return nil, r
	}
	for user, d := range q.Private {
		mine, r := d.strings()
		if r != nil {
			return nil, r
		}
		card.Private[user] = merge(card.Private[user], mine, q.Options.PrivateByKey)
	}
	if q.Data != nil {
		card.Params = merge(card.Params, params, q.Options.ByKey)
	}
	c.s.show(card)
	return reply{"success": true, "result": true}, nil
}

// merge is an update by key, or one that overwrites everything.
func merge(old, next map[string]string, byKey bool) map[string]string {
	all := map[string]string{}
	if byKey {
		maps.Copy(all, old)
	}
	maps.Copy(all, next)
	return all
}

// show shows a card as it is now wherever it stands.
func (s *Server) show(card *Card) {
	card.Updates++
	for _, m := range s.messages {
		if m.Card == card.ID {
			m.Params = card.Params
			s.touch(m)
		}
	}
}

func streamCard(c *call) (reply, *refusal) {
	var q struct {
		ID       string `json:"outTrackId"`
		GUID     string `json:"guid"`
		Key      string `json:"key"`
		Content  string `json:"content"`
		Full     bool   `json:"isFull"`
		Finalize bool   `json:"isFinalize"`
		Error    bool   `json:"isError"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	card := c.s.cards[q.ID]
	switch {
	case card == nil:
		return nil, no("param.cardNotExist")
	case q.GUID == "" || q.Key == "":
		return nil, no("param.invalid")
	}
	content := q.Content
	if !q.Full {
		content = card.Params[q.Key] + content
	}
	card.Params, card.Streamed = merge(card.Params, map[string]string{q.Key: content}, true), true
	c.s.show(card)
	return reply{"success": true, "result": true}, nil
}
