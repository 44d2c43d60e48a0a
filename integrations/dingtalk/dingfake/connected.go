package dingfake

import (
	"slices"
	"time"
)

// FailSocket lets the next n connections fail; every one for n = 0, until
// MendSockets.
func (s *Server) FailSocket(f SocketFault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 {
		n = 1 << 16
	}
	s.socketFaults = append(s.socketFaults, slices.Repeat([]SocketFault{f}, n)...)
}

// MendSockets takes back what FailSocket said about connections to come.
func (s *Server) MendSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socketFaults = nil
}

// Connected waits until the app has n connections.
func (s *Server) Connected(n int) {
	s.t.Helper()
	if !s.until(func() bool { return s.count() == n }) {
		s.t.Fatalf("dingfake: %d connections after %s, the test waits for %d", s.Connections(), s.patience, n)
	}
}

// Opened waits until the app has tried to connect n times since the start, in
// vain or not.
func (s *Server) Opened(n int) {
	s.t.Helper()
	if !s.until(func() bool { return s.opened >= n }) {
		s.t.Fatalf("dingfake: connections were tried fewer than %d times within %s", n, s.patience)
	}
}

// Opens counts the connections that were tried, in vain or not.
func (s *Server) Opens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Connections counts those that live, zombies too.
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

// Disconnect sends every connection a SYSTEM disconnect. It gets nothing more, and
// is closed when the time of Farewell is over.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.system("disconnect", `{"reason":"persistent connection is timeout"}`)
		c.live = false
		time.AfterFunc(s.goodbye, c.drop)
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
func (s *Server) Freeze() { s.spoil(func(c *conn) { c.frozen = true }) }

// Undead makes every connection of now a zombie: pings are answered and sent, and
// nothing is delivered.
func (s *Server) Undead() { s.spoil(func(c *conn) { c.zombie = true }) }

// Hush makes every connection of now a zombie that does not even ping: the
// client's own pings are answered, and no frame comes.
func (s *Server) Hush() { s.spoil(func(c *conn) { c.zombie, c.mute = true, true }) }

func (s *Server) spoil(how func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		how(c)
	}
}

// Frame sends a raw frame on one connection: what is no JSON at all, say.
func (s *Server) Frame(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if c.live {
			c.send([]byte(raw))
			return
		}
	}
	s.t.Fatal("dingfake: there is no connection for the frame")
}
