package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
)

type event struct {
	Gen, Seq int
	Now      string
	Speed    int
}

// serve runs the page on a free port until stop is called, which reports how
// Serve ended.
func serve(t *testing.T, page *Page) (url string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- page.Serve(ctx, ln) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
	})
	return "http://" + ln.Addr().String(), stop
}

// follow reads events until until holds or the stream ends.
func follow(t *testing.T, body *bufio.Scanner, until func(event) bool) (last event, ended bool) {
	t.Helper()
	for body.Scan() {
		data, ok := strings.CutPrefix(body.Text(), "data: ")
		if !ok {
			continue
		}
		if err := json.Unmarshal([]byte(data), &last); err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if until(last) {
			return last, false
		}
	}
	return last, true
}

// A change reaches every open page, and the end of the service closes them all.
func TestStreams(t *testing.T) {
	page, f := newFake(t)
	f.clock.SetSpeed(0)
	url, stop := serve(t, page)
	var streams []*bufio.Scanner
	for range 8 {
		r, err := http.Get(url + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if ct := r.Header.Get("Content-Type"); ct != "text/event-stream" {
			t.Fatalf("the content type is %q", ct)
		}
		streams = append(streams, bufio.NewScanner(r.Body))
	}
	for _, s := range streams {
		if e, ended := follow(t, s, func(event) bool { return true }); ended || e.Now != stamp(start) || e.Speed != 0 {
			t.Fatalf("the first event is %+v", e)
		}
	}
	for i := range 50 {
		page.Platform("slack").Send(t.Context(), bot.Sending{Room: front, Card: card.Card{Title: fmt.Sprint(i)}})
	}
	_, seq := page.rooms.stamp()
	for _, s := range streams {
		if _, ended := follow(t, s, func(e event) bool { return e.Seq == seq }); ended {
			t.Error("a stream ended before it told the last change")
		}
	}
	before := time.Now()
	if err := stop(); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if took := time.Since(before); took > 2*time.Second {
		t.Errorf("open streams held the end up for %s", took)
	}
	for _, s := range streams {
		if _, ended := follow(t, s, func(event) bool { return false }); !ended {
			t.Error("a stream is still open")
		}
	}
}

// The number of streams is bounded, and a closed page opens none.
func TestStreamsAreBounded(t *testing.T) {
	page, _ := newFake(t)
	for range maxStreams {
		if _, ok := page.hub.join(); !ok {
			t.Fatal("the hub is full too early")
		}
	}
	w := get(t, page.Handler(), "/events")
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("one too many: %d", w.Code)
	}
	page, _ = newFake(t)
	page.Close()
	page.Close()
	if w := get(t, page.Handler(), "/events"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("after Close: %d", w.Code)
	}
}

// stalled is a reader that took the first event and then nothing more.
type stalled struct {
	*httptest.ResponseRecorder
	writes   int
	deadline time.Time
}

func (s *stalled) SetWriteDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

func (s *stalled) Write(b []byte) (int, error) {
	if s.writes++; s.writes > 1 {
		return 0, fmt.Errorf("write deadline %s exceeded", s.deadline)
	}
	return len(b), nil
}

// A reader that does not read is dropped, and holds nobody else up.
func TestSlowReaderIsDropped(t *testing.T) {
	page, _ := newFake(t)
	w := &stalled{ResponseRecorder: httptest.NewRecorder()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		page.events(w, httptest.NewRequestWithContext(t.Context(), "GET", "/events", nil))
	}()
	for range 10_000 {
		page.hub.notify() // never blocks
	}
	<-done
	if w.deadline.IsZero() {
		t.Error("the write had no deadline")
	}
	page.hub.mu.Lock()
	defer page.hub.mu.Unlock()
	if n := len(page.hub.streams); n != 0 {
		t.Errorf("%d streams are still joined", n)
	}
}

// Many people at once, with time running: for the race detector.
func TestCrowd(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	f.clock.SetSpeed(3600)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { page.Run(ctx) })
	h := page.Handler()
	for i := range 4 {
		wg.Go(func() {
			for j := range 5 {
				send(t, h, "/api/say", fmt.Sprintf(`{"customer":"acme","room":"front","person":"lihua","text":"%d.%d"}`, i, j))
				stateOf(t, h, "customer=acme&gen=0&seq=5")
			}
		})
	}
	wg.Go(func() {
		for range 5 {
			send(t, h, "/api/time", `{"op":"minute"}`)
			send(t, h, "/api/reset", `{}`)
			send(t, h, "/api/time", `{"op":"x3600"}`)
		}
	})
	time.Sleep(2 * beat)
	cancel()
	wg.Wait()
	if f.resets != 5 {
		t.Errorf("%d resets, want 5", f.resets)
	}
}
