package fakery

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Socket is one WebSocket of the app. Live and Frozen are under the lock of the
// fake.
type Socket struct {
	// Live says whether it counts as connected, and gets its share of what is
	// delivered.
	Live bool
	// Frozen makes it half-open: the fake neither pings, nor delivers, nor reads.
	Frozen bool

	ws    *websocket.Conn
	mu    sync.Mutex
	queue [][]byte
	more  chan struct{}
	gone  chan struct{}
	once  sync.Once
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// Upgrade takes the handshake; nil when the client went away.
func Upgrade(w http.ResponseWriter, r *http.Request) *Socket {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	return &Socket{ws: ws, more: make(chan struct{}, 1), gone: make(chan struct{})}
}

func (c *Socket) socket() *Socket { return c }

// Send queues a frame: the client's slowness is the client's own.
func (c *Socket) Send(frame []byte) {
	c.mu.Lock()
	c.queue = append(c.queue, frame)
	c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// Control writes a control frame at once: websocket.PingMessage or PongMessage.
func (c *Socket) Control(kind int, data string) {
	c.ws.WriteControl(kind, []byte(data), time.Now().Add(time.Second)) // a client that went away is found by who reads
}

// Drop ends the connection with a reset.
func (c *Socket) Drop() {
	c.once.Do(func() {
		close(c.gone)
		reset(c.ws.NetConn())
		c.ws.Close()
	})
}

// DropAfter sends a last frame before it ends the connection with a reset. Nobody
// serves the connection yet.
func (c *Socket) DropAfter(frame []byte) {
	c.ws.WriteMessage(websocket.TextMessage, frame)
	c.Drop()
}

// write sends what is queued, and pings.
func (c *Socket) write(every time.Duration, ping func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
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
					c.Drop()
					return
				}
			}
		case <-tick.C:
			ping()
		case <-c.gone:
			return
		}
	}
}

// read takes frames until the client is gone. The client's pings are answered,
// unless the connection is half-open.
func (c *Socket) read(mu *Monitor, heard func(frame []byte)) {
	pong := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error {
		if Get(mu, &c.Frozen) {
			return nil
		}
		return pong(data)
	})
	for {
		_, frame, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		mu.Lock()
		if !c.Frozen {
			heard(frame)
		}
		mu.Unlock()
	}
}

// SocketFault is a way in which the next connection fails; each fake names its own,
// and 0 is none.
type SocketFault int

// Connection is a socket and what a fake knows of it besides: a struct in which a
// *Socket is embedded.
type Connection interface{ socket() *Socket }

// Sockets are the connections of the app.
type Sockets[C Connection] struct {
	mu      *Monitor
	all     []C
	opened  int
	faults  []SocketFault
	running sync.WaitGroup
}

// NewSockets returns none yet.
func NewSockets[C Connection](mu *Monitor) *Sockets[C] { return &Sockets[C]{mu: mu} }

// Fail lets the next n connections fail; every one for n = 0, until Mend.
func (ss *Sockets[C]) Fail(f SocketFault, n int) {
	const every = 1 << 16 // more than a test sees
	if n == 0 {
		n = every
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.faults = append(ss.faults, slices.Repeat([]SocketFault{f}, min(n, every))...)
}

// Mend takes back what Fail said about connections to come.
func (ss *Sockets[C]) Mend() { Set(ss.mu, &ss.faults, nil) }

// Fault takes the fault of the next connection, if it is a wanted one; 0 for none.
// The lock is held.
func (ss *Sockets[C]) Fault(wanted func(SocketFault) bool) SocketFault {
	if len(ss.faults) == 0 || !wanted(ss.faults[0]) {
		return 0
	}
	f := ss.faults[0]
	ss.faults = ss.faults[1:]
	return f
}

// Opening counts one more that was opened, in vain or not. The lock is held.
func (ss *Sockets[C]) Opening() {
	ss.opened++
	ss.mu.Bump()
}

// Join makes a connection one of them; Serve has to follow, for that Close waits.
// The lock is held.
func (ss *Sockets[C]) Join(c C) {
	ss.running.Add(1)
	ss.all = append(ss.all, c)
	ss.mu.Bump()
}

// Serve writes and reads until the connection is gone, and asks for a ping as
// often as said. What the app sends is heard with the lock held.
func (ss *Sockets[C]) Serve(c C, every time.Duration, ping func(), heard func(frame []byte)) {
	defer ss.running.Done()
	s := c.socket()
	written := make(chan struct{})
	go func() { defer close(written); s.write(every, ping) }()
	s.read(ss.mu, heard)
	s.Drop()
	<-written
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s.Live = false
	ss.all = slices.DeleteFunc(ss.all, func(other C) bool { return other.socket() == s })
	ss.mu.Bump()
}

// All are those that live or are half dead. The lock is held.
func (ss *Sockets[C]) All() []C { return ss.all }

// Live are those that count as connected. The lock is held.
func (ss *Sockets[C]) Live() (live []C) {
	for _, c := range ss.all {
		if c.socket().Live {
			live = append(live, c)
		}
	}
	return live
}

// Count counts those that count as connected.
func (ss *Sockets[C]) Count() int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return len(ss.Live())
}

// Opened counts those that were opened, in vain or not.
func (ss *Sockets[C]) Opened() int { return Get(ss.mu, &ss.opened) }

// WaitLive waits until exactly n count as connected.
func (ss *Sockets[C]) WaitLive(n int) {
	ss.mu.t.Helper()
	if !ss.mu.Until(func() bool { return len(ss.Live()) == n }) {
		ss.mu.t.Fatalf("%s: %d connections after %s, the test waits for %d", ss.mu.name, ss.Count(), ss.mu.Patience, n)
	}
}

// WaitOpened waits until at least n were opened, in vain or not.
func (ss *Sockets[C]) WaitOpened(n int) {
	ss.mu.t.Helper()
	if !ss.mu.Until(func() bool { return ss.opened >= n }) {
		ss.mu.t.Fatalf("%s: %d connections were tried within %s, the test waits for %d", ss.mu.name, ss.Opened(), ss.mu.Patience, n)
	}
}

// Each does something to every connection of now, with the lock held.
func (ss *Sockets[C]) Each(do func(C)) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for _, c := range ss.all {
		do(c)
	}
}

// Drop ends every connection with a reset, as a network does.
func (ss *Sockets[C]) Drop() {
	ss.mu.Lock()
	all := slices.Clone(ss.all)
	for _, c := range all {
		c.socket().Live = false
	}
	ss.mu.Bump()
	ss.mu.Unlock()
	for _, c := range all {
		c.socket().Drop()
	}
}

// Close ends every connection, and waits until nobody serves one any more.
func (ss *Sockets[C]) Close() {
	ss.Drop()
	ss.running.Wait()
}
