package dingfake

import "time"

// FailSocket lets the next n connections fail; every one for n = 0, until
// MendSockets.
func (s *Server) FailSocket(f SocketFault, n int) { s.sockets.Fail(f, n) }

// MendSockets takes back what FailSocket said about connections to come.
func (s *Server) MendSockets() { s.sockets.Mend() }

// Connected waits until the app has n connections.
func (s *Server) Connected(n int) { s.t.Helper(); s.sockets.WaitLive(n) }

// Opened waits until the app has tried to connect n times since the start, in
// vain or not.
func (s *Server) Opened(n int) { s.t.Helper(); s.sockets.WaitOpened(n) }

// Opens counts the connections that were tried, in vain or not.
func (s *Server) Opens() int { return s.sockets.Opened() }

// Connections counts those that live, zombies too.
func (s *Server) Connections() int { return s.sockets.Count() }

// Disconnect sends every connection a SYSTEM disconnect. It gets nothing more, and
// is closed when the time of Farewell is over.
func (s *Server) Disconnect() {
	s.sockets.Each(func(c *conn) {
		c.system("disconnect", `{"reason":"persistent connection is timeout"}`)
		c.Live = false
		time.AfterFunc(s.goodbye, c.Drop)
		s.mu.Bump()
	})
}

// DropSockets ends every connection with a reset, as a network does.
func (s *Server) DropSockets() { s.sockets.Drop() }

// Freeze makes every connection of now half-open: the client hears no error, and
// nothing else either.
func (s *Server) Freeze() { s.sockets.Each(func(c *conn) { c.Frozen = true }) }

// Undead makes every connection of now a zombie: pings are answered and sent, and
// nothing is delivered.
func (s *Server) Undead() { s.sockets.Each(func(c *conn) { c.zombie = true }) }

// Hush makes every connection of now a zombie that does not even ping: the
// client's own pings are answered, and no frame comes.
func (s *Server) Hush() { s.sockets.Each(func(c *conn) { c.zombie, c.mute = true, true }) }

// Frame sends a raw frame on one connection: what is no JSON at all, say.
func (s *Server) Frame(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := s.sockets.Live()
	if len(live) == 0 {
		s.t.Fatal("dingfake: there is no connection for the frame")
	}
	live[0].Send([]byte(raw))
}
