package dingfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"butler/integrations/fakery"
)

// SocketFault is a way in which the next connection fails.
type SocketFault = fakery.SocketFault

// The ways in which a socket fails.
const (
	RefusesOpen   SocketFault = iota + 1 // connections/open answers 503
	RefusesSocket                        // the handshake is answered with 500
	DropAtOnce                           // taken, and closed
	HalfOpen                             // taken; then neither pings, nor delivers, nor reads
	Zombie                               // taken; pings are answered and sent, and nothing is delivered
	Mute                                 // taken; pings are answered, and no frame comes, not even a SYSTEM ping
)

// subscription is a topic that a connection asked for.
type subscription struct {
	Type  string `json:"type"`
	Topic string `json:"topic"`
}

// ticket is the right to one connection.
type ticket struct {
	born   time.Time
	topics []subscription
}

// conn is one socket of the app.
type conn struct {
	*fakery.Socket
	s      *Server
	id     string
	topics []subscription
	zombie bool
	mute   bool // a zombie that does not even ping
}

func connectionsOpen(c *call) (reply, *refusal) {
	var q struct {
		ID     string         `json:"clientId"`
		Secret string         `json:"clientSecret"`
		Topics []subscription `json:"subscriptions"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	switch {
	case q.ID != c.s.ClientID || q.Secret != c.s.ClientSecret:
		return nil, &refusal{status: http.StatusUnauthorized, code: "authFailed", message: "鉴权失败"}
	case len(q.Topics) == 0:
		return nil, no("subscriptionsEmpty")
	}
	if c.s.sockets.Fault(refusesOpen) != 0 {
		c.s.sockets.Opening()
		return nil, &refusal{status: http.StatusServiceUnavailable, code: "ServiceUnavailable", message: "The request has failed due to a temporary failure of the server."}
	}
	id := strings.ToLower(c.s.newID("ticket-")) // neither + nor / nor =: the Go client does not escape it
	c.s.tickets[id] = &ticket{born: c.s.mu.Now(), topics: q.Topics}
	return reply{"endpoint": "ws" + strings.TrimPrefix(c.s.http.URL, "http") + "/connect", "ticket": id}, nil
}

func refusesOpen(f SocketFault) bool { return f == RefusesOpen }

// serveConnect is one socket, from the handshake to its end.
func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("ticket")
	s.mu.Lock()
	t := s.tickets[id]
	delete(s.tickets, id) // good for one handshake
	expired := t != nil && s.mu.Now().Sub(t.born) > ticketLife
	fault := s.sockets.Fault(func(f SocketFault) bool { return t != nil && !expired && !refusesOpen(f) })
	if t != nil {
		s.sockets.Opening()
	}
	s.mu.Unlock()
	if t == nil || expired {
		http.Error(w, "ticket invalid", http.StatusUnauthorized)
		return
	}
	if fault == RefusesSocket {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	socket := fakery.Upgrade(w, r)
	if socket == nil {
		return // the client went away
	}
	c := &conn{Socket: socket, s: s, id: "conn-" + id, topics: t.topics, zombie: fault == Zombie || fault == Mute, mute: fault == Mute}
	c.Frozen = fault == HalfOpen
	s.mu.Lock()
	if s.mu.Closed() || fault == DropAtOnce {
		s.mu.Unlock()
		c.Drop()
		return
	}
	s.sockets.Join(c)
	c.Live = true
	if s.greets && !c.Frozen {
		c.system("CONNECTED", `{}`)
		c.system("REGISTERED", `{}`)
	}
	s.mu.Unlock()
	s.sockets.Serve(c, s.pingEvery, c.ping, s.ack)
}

// system sends a SYSTEM frame. The lock is held.
func (c *conn) system(topic, data string) string {
	id := c.s.newID("sys")
	c.Send(c.s.frame("SYSTEM", topic, id, c, nil, data))
	return id
}

// frame is one frame of the gateway.
func (s *Server) frame(kind, topic, id string, c *conn, more map[string]string, data string) []byte {
	headers := map[string]string{"topic": topic, "messageId": id, "contentType": "application/json",
		"time": fmt.Sprint(s.mu.Now().UnixMilli()), "appId": App, "connectionId": c.id}
	for k, v := range more {
		headers[k] = v
	}
	return s.mu.JSON(map[string]any{"specVersion": "1.0", "type": kind, "headers": headers, "data": data})
}

// ping asks for an echo; a client that says farewell is left alone.
func (c *conn) ping() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.Frozen || c.mute || !c.Live {
		return
	}
	data := fmt.Sprintf(`{"opaque":"%s"}`, c.s.newID("ping"))
	id := c.system("ping", data)
	c.s.pushes[id] = []*Delivery{{s: c.s, Type: "SYSTEM", Topic: "ping", Data: json.RawMessage(data)}}
}

// wants says whether a connection asked for a topic.
func (c *conn) wants(kind, topic string) bool {
	return slices.ContainsFunc(c.topics, func(t subscription) bool {
		return t.Type == kind && (t.Topic == topic || kind == "EVENT" && t.Topic == "*")
	})
}

// next is the connection that gets a push: any that asked for it, at random. What
// a half-open one or a zombie gets is lost.
func (s *Server) next(kind, topic string) *conn {
	live := slices.DeleteFunc(s.sockets.Live(), func(c *conn) bool { return !c.wants(kind, topic) })
	if len(live) == 0 {
		return nil
	}
	return live[s.luck.IntN(len(live))]
}
