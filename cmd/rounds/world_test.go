package rounds

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/probe"
)

// site is a web site that can be changed and counts its visitors.
type site struct {
	*httptest.Server
	mu     sync.Mutex
	page   string
	paths  map[string]string
	visits map[string]int
}

const shop = `<html><head><title>示例商城</title></head><body><h1>欢迎光临</h1><p>正品保证，七天退换。</p></body></html>`

func newSite(t *testing.T) *site {
	s := &site{page: shop, paths: map[string]string{}, visits: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.visits[r.URL.Path]++
		switch body, there := s.paths[r.URL.Path]; {
		case r.URL.Path == "/":
			fmt.Fprint(w, s.page)
		case there:
			fmt.Fprint(w, body)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) set(page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = page
}

// serve has a path answer; "" takes it away.
func (s *site) serve(path, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths[path] = body
	if body == "" {
		delete(s.paths, path)
	}
}

func (s *site) seen(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visits[path]
}

// world is one store with its clock, and the processes that work on it.
type world struct {
	t     *testing.T
	mem   *bottest.Mem
	turns turns
	yaml  string
	mu    sync.Mutex
	now   time.Time
}

// turns gives a piece of work to one process, for good: no test lasts a turn.
type turns struct {
	mu    sync.Mutex
	taken map[string]bool
}

// shared is a store with turns, as on Redis.
type shared struct {
	*bottest.Mem
	turns *turns
}

func (s shared) Turn(_ context.Context, job string, _ time.Duration) (bool, error) {
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	if s.turns.taken[job] {
		return false, nil
	}
	s.turns.taken[job] = true
	return true, nil
}

// earth is a world in which it is noon in Shanghai and one customer has one site.
func earth(t *testing.T, s *site, edition, more string) *world {
	w := &world{t: t, now: at(t, "2026-11-23T12:00:00+08:00"), turns: turns{taken: map[string]bool{}}}
	w.mem = bottest.NewMem(w.time)
	w.yaml = fmt.Sprintf(`people:
  - {id: zhang, name: 张工, role: expert, slack: U1}
  - {id: chen, name: 陈经理, role: manager, slack: U4}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
  - id: acme
    name: 示例科技
    edition: %s
    front: slack:C1
    back: slack:C2
    tam: chen
    contacts: [{id: lihua, name: 李华, slack: U7, authorised: true}]
    inspection:
      assets: [{asset: %s/, private: true}]
      %s
`, edition, s.URL, more)
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(text string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = at(w.t, text)
}

// process is one that works on the world's store.
type process struct {
	*Rounds
	w   *world
	bot *bot.Bot
}

func (w *world) start() *process {
	w.t.Helper()
	c, err := config.Parse("butler.yaml", w.t.TempDir(), []byte(w.yaml), config.Options{Play: true})
	if err != nil {
		w.t.Fatal(err)
	}
	store := shared{w.mem.Reopen(), &w.turns}
	p, err := probe.New(probe.Options{Memory: store, Now: w.time})
	if err != nil {
		w.t.Fatal(err)
	}
	own := &process{w: w}
	own.bot = bot.New(bot.Options{Store: store, Directory: wire.Directory(c), Platforms: []bot.Platform{bottest.NewFake("slack", w.time)},
		Watch: func(c bot.Committed) { own.Watch(c) }})
	own.Rounds = New(Options{Prober: p, Store: store, Directory: own.bot.Directory, Handle: own.bot.Handle, Now: w.time})
	return own
}

// round makes what is due.
func (p *process) makeRound() outcome { return p.round(p.w.t.Context(), "acme") }

// says has somebody do something at the desk.
func (p *process) says(who desk.Actor, act desk.Act) {
	p.w.t.Helper()
	room := desk.Back
	if who.Role == desk.CustomerSide {
		room = desk.Front
	}
	if err := p.bot.Handle(p.w.t.Context(), "acme", desk.Input{At: p.w.time(), Actor: who, Room: room, Act: act}); err != nil {
		p.w.t.Fatal(err)
	}
}

var (
	zhang = desk.Actor{ID: "zhang", Name: "张工", Role: desk.Expert}
	lihua = desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide, Authorised: true}
)

// desk is what the store holds.
func (w *world) desk() desk.Desk {
	w.t.Helper()
	l, err := w.mem.Load(w.t.Context(), "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	return l.Desk
}

// finding is the desk's finding whose title has a word.
func (w *world) finding(word string) desk.Finding {
	w.t.Helper()
	for _, f := range w.desk().Findings {
		if strings.Contains(f.Title, word) {
			return f
		}
	}
	w.t.Fatalf("no finding speaks of %q: %+v", word, w.desk().Findings)
	return desk.Finding{}
}

// record lists the acts on the desk's journal, with the events of a kind.
func (w *world) record(kind string) (acts, events []string) {
	w.t.Helper()
	journal, err := w.mem.Journal(w.t.Context(), "acme", 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range journal {
		acts = append(acts, r.Act)
		for _, e := range r.Events {
			if e.Kind == kind {
				events = append(events, e.Text+string(e.Inside))
			}
		}
	}
	return acts, events
}

func (w *world) looks() (n int) {
	acts, _ := w.record("")
	for _, a := range acts {
		if a == "looked" {
			n++
		}
	}
	return n
}
