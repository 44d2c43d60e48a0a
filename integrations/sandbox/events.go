package sandbox

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// The pace of the event stream.
const (
	// maxStreams is how many pages may be open at once. Each costs a goroutine
	// and a few kilobytes.
	maxStreams = 64
	// minGap is the least time between two events of one stream: a page that
	// follows ×3600 redraws five times a second, not more.
	minGap = 200 * time.Millisecond
	// pulse is how often a stream speaks when nothing happens: the clock of the
	// page, and the sign that the line is alive.
	pulse = time.Second
	// patience is how long a write to a slow reader may take before it is dropped.
	patience = 5 * time.Second
)

// hub wakes the open event streams. A stream that is already awake is not woken
// twice: an event says only where things stand, so none can be missed.
type hub struct {
	mu      sync.Mutex
	streams map[chan struct{}]bool
	done    chan struct{} // closed by close
	closed  bool
}

func newHub() *hub {
	return &hub{streams: map[chan struct{}]bool{}, done: make(chan struct{})}
}

// join returns a channel that is woken by notify; false when the hub is closed
// or full.
func (h *hub) join() (chan struct{}, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.streams) >= maxStreams {
		return nil, false
	}
	wake := make(chan struct{}, 1)
	h.streams[wake] = true
	return wake, true
}

func (h *hub) leave(wake chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, wake)
}

// notify wakes all streams.
func (h *hub) notify() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for wake := range h.streams {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.done)
	}
}

// events streams where things stand: generation, number of the last change,
// time, speed, and whether it is on a ride. A page that is behind asks for the state.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	wake, ok := p.hub.join()
	if !ok {
		refuse(w, http.StatusServiceUnavailable, "busy", fmt.Sprintf("%d pages are open already, or the service is stopping", maxStreams))
		return
	}
	defer p.hub.leave(wake)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	// The server's limit on reading a request would end the stream. Where
	// deadlines are not supported there is no such limit either.
	_ = out.SetReadDeadline(time.Time{})
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	gap := time.NewTimer(minGap)
	defer gap.Stop()
	// The pause before the browser comes back after a lost line.
	line := "retry: 1000\n"
	for {
		gen, seq := p.rooms.stamp()
		line += fmt.Sprintf("data: {\"gen\":%d,\"seq\":%d,\"now\":%q,\"speed\":%d,\"riding\":%t}\n\n", gen, seq, stamp(p.now()), p.speed(), p.riding())
		// An error here means that deadlines are not supported: then the
		// server's own limits hold.
		_ = out.SetWriteDeadline(time.Now().Add(patience))
		if _, err := w.Write([]byte(line)); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		line = ""
		gap.Reset(minGap)
		select {
		case <-r.Context().Done():
			return
		case <-p.hub.done:
			return
		case <-gap.C:
		}
		select {
		case <-r.Context().Done():
			return
		case <-p.hub.done:
			return
		case <-wake:
		case <-beat.C:
		}
	}
}

// speed is that of the clock; real time runs at 1.
func (p *Page) speed() int {
	if p.clock == nil {
		return 1
	}
	return p.clock.Speed()
}

// riding reports whether the clock hops from deadline to deadline.
func (p *Page) riding() bool { return p.clock != nil && p.clock.Riding() }

// stamp writes a moment for scripts: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
