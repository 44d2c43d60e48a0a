package slackfake

import (
	"encoding/json"
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
	DropAtOnce  SocketFault = iota + 1 // taken, told too_many_websockets, and closed
	HalfOpen                           // taken and greeted; then neither pings, nor delivers, nor reads
	NoHello                            // taken and never greeted, nothing is delivered; pings come
	RefusesLink                        // the handshake is answered with 500
)

// conn is one socket of the app.
type conn struct {
	s  *Server
	ws *websocket.Conn
	n  int

	live   bool // greeted, and good for deliveries
	frozen bool // half-open

	mu    sync.Mutex
	queue [][]byte
	more  chan struct{}
	gone  chan struct{}
	once  sync.Once
}

func connectionsOpen(c *call) (reply, *refusal) {
	ticket := c.s.newID("ticket")
	c.s.tickets[ticket] = time.Now()
	return reply{"url": "ws" + strings.TrimPrefix(c.s.http.URL, "http") + "/link?ticket=" + ticket + "&app_id=" + App}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// FailSocket lets the next n connections fail; every one for n = 0, until
// MendSockets.
func (s *Server) FailSocket(f SocketFault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 {
		n = 1 << 20
	}
	s.socketFaults = append(s.socketFaults, slices.Repeat([]SocketFault{f}, min(n, 1<<16))...)
}

// MendSockets takes back what FailSocket said about connections to come.
func (s *Server) MendSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socketFaults = nil
}

// serveLink is one socket, from the handshake to its end.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	born, known := s.tickets[ticket]
	delete(s.tickets, ticket) // good for one handshake
	var fault SocketFault
	if known && len(s.socketFaults) > 0 {
		fault, s.socketFaults = s.socketFaults[0], s.socketFaults[1:]
	}
	s.mu.Unlock()
	if !known || time.Since(born) > ticketLife {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	if fault == RefusesLink {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the client went away
	}
	c := &conn{s: s, ws: ws, frozen: fault == HalfOpen, more: make(chan struct{}, 1), gone: make(chan struct{})}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		c.drop()
		return
	}
	s.opened++
	c.n = s.opened
	alive := 0
	for _, other := range s.conns {
		if other.live {
			alive++
		}
	}
	if fault == DropAtOnce || alive >= maxConnections {
		s.bump()
		s.mu.Unlock()
		ws.WriteMessage(websocket.TextMessage, disconnect("too_many_websockets"))
		c.drop()
		return
	}
	s.conns = append(s.conns, c)
	if fault != NoHello {
		c.live = true
		c.send(map[string]any{"type": "hello", "num_connections": alive + 1,
			"debug_info":      map[string]any{"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060},
			"connection_info": map[string]any{"app_id": App}})
	}
	if !c.frozen {
		waiting := s.waiting
		s.waiting = nil
		if !c.live {
			s.waiting = waiting
		} else {
			for _, d := range waiting {
				d.deliver(c)
			}
		}
	}
	s.bump()
	s.mu.Unlock()

	go c.write()
	c.read()
	c.drop()
	s.mu.Lock()
	c.live = false
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == c })
	s.bump()
	s.mu.Unlock()
}

func disconnect(reason string) []byte {
	return []byte(`{"type":"disconnect","reason":"` + reason + `","debug_info":{"host":"applink-fake"}}`)
}

// send queues a frame: the client's slowness is the client's own.
func (c *conn) send(v any) {
	frame, ok := v.([]byte)
	if !ok {
		var err error
		if frame, err = json.Marshal(v); err != nil {
			c.s.complainLocked("a frame cannot be written: %v", err)
			return
		}
	}
	c.mu.Lock()
	c.queue = append(c.queue, frame)
	c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// write sends what is queued, and pings: clients reconnect without them.
func (c *conn) write() {
	ping := time.NewTicker(c.s.pingEvery)
	defer ping.Stop()
	first := make(chan struct{}, 1)
	first <- struct{}{}
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
		case <-first:
			c.ping()
		case <-ping.C:
			c.ping()
		case <-c.gone:
			return
		}
	}
}

func (c *conn) ping() {
	c.s.mu.Lock()
	frozen := c.frozen
	c.s.mu.Unlock()
	if !frozen {
		c.ws.WriteControl(websocket.PingMessage, []byte("fake"), time.Now().Add(time.Second))
	}
}

// read takes acknowledgements until the client is gone. The client's pings are
// answered, unless the connection is half-open.
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

// next is the connection whose turn it is; nil when there is none. A half-open
// one gets its turn too, and what it gets is lost.
func (s *Server) next() *conn {
	var live []*conn
	for _, c := range s.conns {
		if c.live {
			live = append(live, c)
		}
	}
	if len(live) == 0 {
		return nil
	}
	s.turn++
	return live[s.turn%len(live)]
}

// Connected waits until the app has n connections that were greeted.
func (s *Server) Connected(n int) {
	s.t.Helper()
	if !s.until(func() bool { return s.count() == n }) {
		s.t.Fatalf("slackfake: %d connections after %s, the test waits for %d", s.Connections(), s.patience, n)
	}
}

// Opened waits until the app has opened a socket n times since the start,
// those that failed included.
func (s *Server) Opened(n int) {
	s.t.Helper()
	if !s.until(func() bool { return s.opened >= n }) {
		s.t.Fatalf("slackfake: sockets were opened fewer than %d times within %s", n, s.patience)
	}
}

// Opens counts the sockets that were opened, those that failed included.
func (s *Server) Opens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Connections counts those that were greeted and live.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count()
}

func (s *Server) count() int {
	n := 0
	for _, c := range s.conns {
		if c.live {
			n++
		}
	}
	return n
}

// Disconnect tells every connection to go: warning, refresh_requested,
// link_disabled. After a warning it goes on as before; otherwise it gets nothing
// more, and is closed when the time of an acknowledgement has passed.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.send(disconnect(reason))
		if reason == "warning" {
			continue
		}
		c.live = false
		time.AfterFunc(s.ackWithin, c.drop)
	}
	s.bump()
}

// DropSockets ends every connection with a reset, as a network does.
func (s *Server) DropSockets() {
	s.mu.Lock()
	conns := slices.Clone(s.conns)
	for _, c := range conns {
		c.live = false
	}
	s.bump()
	s.mu.Unlock()
	for _, c := range conns {
		c.drop()
	}
}

// Freeze makes every connection of now half-open: the client hears no error, and
// nothing else either.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.frozen = true
	}
}

// Frame sends a raw frame on one connection: what is no JSON at all, say.
func (s *Server) Frame(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.next()
	if c == nil {
		s.t.Fatal("slackfake: there is no connection for the frame")
	}
	c.send([]byte(raw))
}
