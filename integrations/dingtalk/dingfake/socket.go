package dingfake

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// SocketFault is a way in which the next connection fails.
type SocketFault int

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
	s      *Server
	ws     *websocket.Conn
	id     string
	topics []subscription

	live   bool // counts as connected, and gets its share of what is delivered
	frozen bool // half-open
	zombie bool
	mute   bool // a zombie that does not even ping

	mu    sync.Mutex
	queue [][]byte
	more  chan struct{}
	gone  chan struct{}
	once  sync.Once
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
	if len(c.s.socketFaults) > 0 && c.s.socketFaults[0] == RefusesOpen {
		c.s.socketFaults = c.s.socketFaults[1:]
		c.s.opened++
		return nil, &refusal{status: http.StatusServiceUnavailable, code: "ServiceUnavailable", message: "The request has failed due to a temporary failure of the server."}
	}
	id := strings.ToLower(c.s.newID("ticket-")) // neither + nor / nor =: the Go client does not escape it
	c.s.tickets[id] = &ticket{born: c.s.now(), topics: q.Topics}
	return reply{"endpoint": "ws" + strings.TrimPrefix(c.s.http.URL, "http") + "/connect", "ticket": id}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveConnect is one socket, from the handshake to its end.
func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("ticket")
	s.mu.Lock()
	t := s.tickets[id]
	delete(s.tickets, id) // good for one handshake
	expired := t != nil && s.now().Sub(t.born) > ticketLife
	var fault SocketFault
	if t != nil && !expired && len(s.socketFaults) > 0 && s.socketFaults[0] != RefusesOpen {
		fault, s.socketFaults = s.socketFaults[0], s.socketFaults[1:]
	}
	if t != nil {
		s.opened++
		s.bump()
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
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the client went away
	}
	c := &conn{s: s, ws: ws, id: "conn-" + id, topics: t.topics, frozen: fault == HalfOpen, zombie: fault == Zombie || fault == Mute, mute: fault == Mute,
		more: make(chan struct{}, 1), gone: make(chan struct{})}
	s.mu.Lock()
	if s.closed || fault == DropAtOnce {
		s.mu.Unlock()
		c.drop()
		return
	}
	s.running.Add(1)
	defer s.running.Done()
	c.live = true
	s.conns = append(s.conns, c)
	if s.greets && !c.frozen {
		c.system("CONNECTED", `{}`)
		c.system("REGISTERED", `{}`)
	}
	s.bump()
	s.mu.Unlock()

	written := make(chan struct{})
	go func() { defer close(written); c.write() }()
	c.read()
	c.drop()
	<-written
	s.mu.Lock()
	c.live = false
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == c })
	s.bump()
	s.mu.Unlock()
}

// system sends a SYSTEM frame. The lock is held.
func (c *conn) system(topic, data string) string {
	id := c.s.newID("sys")
	c.send(c.s.frame("SYSTEM", topic, id, c, nil, data))
	return id
}

// frame is one frame of the gateway.
func (s *Server) frame(kind, topic, id string, c *conn, more map[string]string, data string) []byte {
	headers := map[string]string{"topic": topic, "messageId": id, "contentType": "application/json",
		"time": fmt.Sprint(s.now().UnixMilli()), "appId": App, "connectionId": c.id}
	for k, v := range more {
		headers[k] = v
	}
	raw, err := json.Marshal(map[string]any{"specVersion": "1.0", "type": kind, "headers": headers, "data": data})
	if err != nil {
		s.complain("a frame cannot be written: %v", err)
	}
	return raw
}

// send queues a frame: the client's slowness is the client's own.
func (c *conn) send(frame []byte) {
	c.mu.Lock()
	c.queue = append(c.queue, frame)
	c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// write sends what is queued, and pings by SYSTEM frames.
func (c *conn) write() {
	ping := time.NewTicker(c.s.pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.more:
			c.mu.Lock()
			frames := c.queue
			c.queue = nil
			c.mu.Unlock()
			for _, f := range frames {
				c.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
				if c.ws.WriteMessage(websocket.TextMessage, f) != nil {
					c.drop()
					return
				}
			}
		case <-ping.C:
			c.ping()
		case <-c.gone:
			return
		}
	}
}

// ping asks for an echo; a client that says farewell is left alone.
func (c *conn) ping() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.frozen || c.mute || !c.live {
		return
	}
	data := fmt.Sprintf(`{"opaque":"%s"}`, c.s.newID("ping"))
	id := c.system("ping", data)
	c.s.pushes[id] = []*Delivery{{s: c.s, Type: "SYSTEM", Topic: "ping", Data: json.RawMessage(data)}}
}

// read takes acknowledgements until the client is gone. The client's own pings
// are answered, unless the connection is half-open.
func (c *conn) read() {
	pong := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error {
		c.s.mu.Lock()
		frozen := c.frozen
		c.s.mu.Unlock()
		if frozen {
			return nil
		}
		return pong(data)
	})
	for {
		_, frame, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		c.s.mu.Lock()
		if !c.frozen {
			c.s.ack(frame)
		}
		c.s.mu.Unlock()
	}
}

// drop ends the connection with a reset.
func (c *conn) drop() {
	c.once.Do(func() {
		close(c.gone)
		if tcp, ok := c.ws.NetConn().(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		c.ws.Close()
	})
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
	var live []*conn
	for _, c := range s.conns {
		if c.live && c.wants(kind, topic) {
			live = append(live, c)
		}
	}
	if len(live) == 0 {
		return nil
	}
	return live[s.luck.IntN(len(live))]
}
