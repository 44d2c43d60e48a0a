package dingtalk

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The people and the groups of every test.
const (
	front = "cidFRONT+/0==" // the group with the customer
	back  = "cidBACK+/1=="  // the group of the experts
	zhang = "staff01"       // an expert
	wang  = "staff02"       // another
	lihua = "lihua"         // a contact of the customer, in another organisation
	hong  = "staff09"       // a contact of the customer with a userid
)

// organisation is a fake DingTalk with two groups.
func organisation(t *testing.T, opts ...dingfake.Option) *dingfake.Server {
	t.Helper()
	s := dingfake.New(t, append([]dingfake.Option{dingfake.PingEvery(20 * time.Millisecond), dingfake.Farewell(50 * time.Millisecond)}, opts...)...)
	s.Staff(zhang, "张工")
	s.Staff(wang, "王工")
	s.Staff(hong, "小红")
	s.External(lihua, "李华")
	s.Group(front, dingfake.With(zhang, hong, lihua))
	s.Group(back, dingfake.With(zhang, wang))
	return s
}

// quick is the pace of tests: everything that waits for chance or age is far away.
var quick = pace{lines: 2, look: 5 * time.Millisecond, openWait: 5 * time.Second, stable: 20 * time.Millisecond, waitMin: 20 * time.Millisecond, waitMax: 200 * time.Millisecond,
	keepAlive: 3 * time.Second, mute: time.Hour, doubt: 1 << 20, age: time.Hour, trying: 10 * time.Second, closes: time.Second,
	gap: gapPace{short: 50 * time.Millisecond, cold: 200 * time.Millisecond, pulse: 20 * time.Millisecond, brief: time.Hour, apart: time.Hour}}

// platformOf is a platform at a fake, at the pace of tests.
func platformOf(s *dingfake.Server, h bot.Host, log *slog.Logger) *Platform {
	p := New(Options{ClientID: s.ClientID, ClientSecret: s.ClientSecret, RobotCode: s.RobotCode, CardTemplate: s.Template, APIURL: s.URL(), OAPIURL: s.URL(), Log: log})
	p.pace = quick
	if h != nil {
		p.Meet(h)
	}
	return p
}

// listener is a platform that listens, and what it heard.
type listener struct {
	*Platform
	t     *testing.T
	end   func() // ends Listen, and waits for it
	heard *heap
}

// heap is what was heard, in the order in which hear returned nil.
type heap struct {
	mu      sync.Mutex
	all     []chat.Message
	changed chan struct{}
	answer  func(chat.Message) error // what hear says; nil for nil
}

func (h *heap) hear(ctx context.Context, m chat.Message) error {
	h.mu.Lock()
	answer := h.answer
	h.mu.Unlock()
	if answer != nil {
		if err := answer(m); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, m)
	close(h.changed)
	h.changed = make(chan struct{})
	return nil
}

// says sets what hear answers from now on.
func (h *heap) says(answer func(chat.Message) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// listen starts a platform and waits until both its connections stand.
func listen(t *testing.T, s *dingfake.Server, change ...func(*Platform)) *listener {
	t.Helper()
	l := start(t, s, change...)
	s.Connected(l.pace.lines)
	eventually(t, "the platform is ready", func() bool { return l.Ready() == nil })
	return l
}

// start starts a platform.
func start(t *testing.T, s *dingfake.Server, change ...func(*Platform)) *listener {
	t.Helper()
	p := platformOf(s, nil, nil)
	for _, c := range change {
		c(p)
	}
	h := &heap{changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Listen(ctx, h.hear) }()
	l := &listener{Platform: p, t: t, heard: h, end: sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Listen ended with %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Listen did not end")
		}
	})}
	t.Cleanup(l.end)
	return l
}

// got waits until n messages are heard, and returns them.
func (l *listener) got(n int) []chat.Message {
	l.t.Helper()
	timeout := time.After(15 * time.Second)
	for {
		l.heard.mu.Lock()
		all, changed := slices.Clone(l.heard.all), l.heard.changed
		l.heard.mu.Unlock()
		if len(all) > n {
			l.t.Fatalf("heard %d messages, want %d: %+v", len(all), n, all)
		}
		if len(all) == n {
			return all
		}
		select {
		case <-changed:
		case <-timeout:
			l.t.Fatalf("heard %d messages within 15 s, want %d: %+v", len(all), n, all)
		}
	}
}

// eventually waits for what changes without a sign.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

// host is the bot as far as listening asks it.
type host struct {
	mu      sync.Mutex
	ears    []bot.Ear
	last    time.Time
	hearing int
	deaf    []told3
	reads   []readOf
	failing int // so many calls of Deaf and Read fail
	tallies map[string]int64
}

type told3 struct {
	room     chat.Room
	from, to time.Time
}

type readOf struct {
	user, key string
	at        time.Time
}

var errAway = errors.New("the store is away")

func newHost() *host {
	return &host{ears: []bot.Ear{{Room: room(front), Front: true}, {Room: room(back)}}, tallies: map[string]int64{}}
}

func (h *host) Form(context.Context, chat.Message) (f card.Form, ok bool) { return f, false }
func (h *host) Home(context.Context, string, string) ([]card.Card, error) { return nil, nil }
func (h *host) Staff(_, user string) bool                                 { return user == zhang || user == wang }

func (h *host) Read(_ context.Context, _, user, key string, at time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failing > 0 {
		h.failing--
		return errAway
	}
	h.reads = append(h.reads, readOf{user, key, at})
	return nil
}

func (h *host) Tally(_ context.Context, name string, n int64) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tallies[name] += n
	return h.tallies[name], nil
}

func (h *host) Ears(context.Context, string) ([]bot.Ear, error) { return h.ears, nil }

func (h *host) Hearing(context.Context, string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hearing++
	h.last = wall()
	return nil
}

func (h *host) LastHearing(context.Context, string) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last, nil
}

func (h *host) Deaf(_ context.Context, in chat.Room, from, to time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failing > 0 {
		h.failing--
		return errAway
	}
	h.deaf = append(h.deaf, told3{in, from, to})
	return nil
}

// gaps are what was told so far.
func (h *host) gaps() []told3 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.deaf)
}

// notes counts how often it was noted that we hear.
func (h *host) notes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hearing
}

// meets gives a listener a host.
func meets(h *host) func(*Platform) { return func(p *Platform) { p.Meet(h) } }

// logbook keeps what is logged.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// logs gives a listener a logbook.
func logs(l *logbook) func(*Platform) { return func(p *Platform) { p.log = l.logger() } }
