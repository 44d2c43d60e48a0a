package slackfake

import (
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"butler/integrations/fakery"
)

// SocketFault is a way in which the next connection fails.
type SocketFault = fakery.SocketFault

// The ways in which a socket fails.
const (
	DropAtOnce  SocketFault = iota + 1 // taken, told too_many_websockets, and closed
	HalfOpen                           // taken and greeted; then neither pings, nor delivers, nor reads
	NoHello                            // taken and never greeted, nothing is delivered; pings come
	RefusesLink                        // the handshake is answered with 500
)

// conn is one socket of the app. A half-open one loses what it gets.
type conn struct{ *fakery.Socket }

func connectionsOpen(c *call) (reply, *refusal) {
	ticket := c.s.newID("ticket")
	c.s.tickets[ticket] = time.Now()
	return reply{"url": "ws" + strings.TrimPrefix(c.s.http.URL, "http") + "/link?ticket=" + ticket + "&app_id=" + App}, nil
}

// FailSocket lets the next n connections fail; every one for n = 0, until
// MendSockets.
func (s *Server) FailSocket(f SocketFault, n int) { s.sockets.Fail(f, n) }

// MendSockets takes back what FailSocket said about connections to come.
func (s *Server) MendSockets() { s.sockets.Mend() }

// serveLink is one socket, from the handshake to its end.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	born, known := s.tickets[ticket]
	delete(s.tickets, ticket) // good for one handshake
	fault := s.sockets.Fault(func(SocketFault) bool { return known })
	s.mu.Unlock()
	if !known || time.Since(born) > ticketLife {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	if fault == RefusesLink {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	socket := fakery.Upgrade(w, r)
	if socket == nil {
		return // the client went away
	}
	c := &conn{socket}
	c.Frozen = fault == HalfOpen
	s.mu.Lock()
	if s.mu.Closed() {
		s.mu.Unlock()
		c.Drop()
		return
	}
	s.sockets.Opening()
	alive := len(s.sockets.Live())
	if fault == DropAtOnce || alive >= maxConnections {
		s.mu.Unlock()
		c.DropAfter(disconnect("too_many_websockets"))
		return
	}
	s.sockets.Join(c)
	if fault != NoHello {
		c.Live = true
		c.Send(s.mu.JSON(map[string]any{"type": "hello", "num_connections": alive + 1,
			"debug_info":      map[string]any{"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060},
			"connection_info": map[string]any{"app_id": App}}))
	}
	if c.Live && !c.Frozen {
		for _, d := range s.waiting {
			d.deliver(c)
		}
		s.waiting = nil
	}
	s.mu.Unlock()

	ping := func() { // clients reconnect without
		if !fakery.Get(s.mu, &c.Frozen) {
			c.Control(websocket.PingMessage, "fake")
		}
	}
	ping()
	s.sockets.Serve(c, s.pingEvery, ping, s.ack)
}

func disconnect(reason string) []byte {
	return []byte(`{"type":"disconnect","reason":"` + reason + `","debug_info":{"host":"applink-fake"}}`)
}

// next is the connection whose turn it is; nil when there is none. A half-open
// one gets its turn too, and what it gets is lost.
func (s *Server) next() *conn {
	live := s.sockets.Live()
	if len(live) == 0 {
		return nil
	}
	s.turn++
	return live[s.turn%len(live)]
}

// Connected waits until the app has n connections that were greeted.
func (s *Server) Connected(n int) { s.t.Helper(); s.sockets.WaitLive(n) }

// Opened waits until the app has opened a socket n times since the start,
// those that failed included.
func (s *Server) Opened(n int) { s.t.Helper(); s.sockets.WaitOpened(n) }

// Opens counts the sockets that were opened, those that failed included.
func (s *Server) Opens() int { return s.sockets.Opened() }

// Connections counts those that were greeted and live.
func (s *Server) Connections() int { return s.sockets.Count() }

// Disconnect tells every connection to go: warning, refresh_requested,
// link_disabled. After a warning it goes on as before; otherwise it gets nothing
// more, and is closed when the time of an acknowledgement has passed.
func (s *Server) Disconnect(reason string) {
	s.sockets.Each(func(c *conn) {
		c.Send(disconnect(reason))
		if reason == "warning" {
			return
		}
		c.Live = false
		time.AfterFunc(s.ackWithin, c.Drop)
		s.mu.Bump()
	})
}

// DropSockets ends every connection with a reset, as a network does.
func (s *Server) DropSockets() { s.sockets.Drop() }

// Freeze makes every connection of now half-open: the client hears no error, and
// nothing else either.
func (s *Server) Freeze() { s.sockets.Each(func(c *conn) { c.Frozen = true }) }

// Frame sends a raw frame on one connection: what is no JSON at all, say.
func (s *Server) Frame(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.next()
	if c == nil {
		s.t.Fatal("slackfake: there is no connection for the frame")
	}
	c.Send([]byte(raw))
}
