package dingfake

import (
	"encoding/json"
	"maps"

	"github.com/gorilla/websocket"

	"butler/integrations/fakery"
)

// Hold keeps deliveries back until Flush.
func (s *Server) Hold() { s.shelf.Hold() }

// Flush delivers what was held back: in the order of the indices, or as it came
// without any. What no index names is delivered last.
func (s *Server) Flush(order ...int) { s.t.Helper(); s.shelf.Flush(order...) }

// Held counts what is held back.
func (s *Server) Held() int { return s.shelf.Held() }

// Twice makes everything from now on arrive twice, with the same msgId.
func (s *Server) Twice(on bool) { fakery.Set(s.mu, &s.twice, on) }

// Redeliver delivers once more what was delivered: the same data, and with it the
// same msgId, under the same messageId in the headers, or a new one with
// FreshPushIDs.
func (s *Server) Redeliver(d *Delivery) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.again(d)
}

func (s *Server) again(d *Delivery) *Delivery {
	next := &Delivery{s: s, Type: d.Type, Topic: d.Topic, Data: d.Data, headers: d.headers, within: d.within, pauses: d.pauses, id: d.id}
	if s.freshIDs {
		next.id = s.newID("push")
	}
	s.deliveries = append(s.deliveries, next)
	next.attempt()
	return next
}

// Deliver delivers anything at all under any type and topic. A string is the data
// as it stands; everything else is written as JSON.
func (s *Server) Deliver(kind, topic string, data any) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &Delivery{Type: kind, Topic: topic, within: s.repushAfter, pauses: s.pauses}
	if raw, ok := data.(string); ok {
		d.Data = json.RawMessage(raw)
	} else {
		d.Data = s.mu.JSON(data)
	}
	return s.push(d)
}

// Event delivers an event of any kind: robot_msg_read, chat_disband, …
func (s *Server) Event(kind string, data map[string]any) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.event(kind, data)
}

// Poison is a push that breaks careless readers.
type Poison int

// The poisons. The Go client answers the first two with 500 and never asks the
// bot; Headerless and Garbage are dropped in silence by it.
const (
	TextAsString  Poison = iota + 1 // a message whose text is a string, not an object
	EmptyClick                      // a click with an empty content
	UnknownTopic                    // a CALLBACK that nobody asked for
	UnknownKind                     // a message of msgtype unknownMsgType
	TooManyFields                   // a message with fields that nobody knows
	Headerless                      // a frame without headers
	Garbage                         // a frame that is no JSON
	StrayPong                       // a WebSocket pong that nobody asked for
)

// Poison delivers a poisoned push as if somebody had said it in a group. It
// returns nil for what no answer can name.
func (s *Server) Poison(p Poison, group, user string) *Delivery {
	s.t.Helper()
	switch p {
	case TextAsString:
		return s.Deliver("CALLBACK", TopicMessage, s.message(group, user, map[string]any{"msgtype": "text", "text": " 你好"}))
	case EmptyClick:
		return s.Deliver("CALLBACK", TopicCard, map[string]any{"type": "actionCallback", "outTrackId": "none", "corpId": Corp,
			"userId": user, "userIdType": 1, "spaceId": group, "spaceType": "IM_GROUP", "extension": "{}", "content": ""})
	case UnknownKind:
		return s.Deliver("CALLBACK", TopicMessage, s.message(group, user, map[string]any{"msgtype": "unknownMsgType", "content": map[string]any{}}))
	case TooManyFields:
		return s.Deliver("CALLBACK", TopicMessage, s.message(group, user, map[string]any{"msgtype": "text", "text": map[string]any{"content": " 你好"},
			"hostingContext": map[string]any{"depth": []any{1, "two", nil}}, "senderPlatform": "Quantum"}))
	case UnknownTopic:
		s.mu.Lock()
		defer s.mu.Unlock()
		live := s.sockets.Live()
		if len(live) == 0 {
			s.t.Fatal("dingfake: there is no connection for the poison")
		}
		d := &Delivery{s: s, Type: "CALLBACK", Topic: "/v1.0/telepathy", Data: json.RawMessage("{}"), id: s.newID("push"), tries: 1}
		s.pushes[d.id] = []*Delivery{d}
		live[0].Send(s.frame(d.Type, d.Topic, d.id, live[0], nil, "{}"))
		return d
	case Headerless:
		s.Frame(`{"specVersion":"1.0","type":"CALLBACK","data":"{}"}`)
	case Garbage:
		s.Frame(`<html>502 Bad Gateway</html>`)
	case StrayPong:
		s.sockets.Each(func(c *conn) { c.Control(websocket.PongMessage, "stray") })
	default:
		s.t.Fatalf("dingfake: no such poison: %d", p)
	}
	return nil
}

// message is the data of a message with its own parts.
func (s *Server) message(group, user string, parts map[string]any) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	data := s.callbackData(s.mustRoom(group), s.mustUser(user), s.newID("msg"), s.mu.Now(), true)
	maps.Copy(data, parts)
	return data
}
