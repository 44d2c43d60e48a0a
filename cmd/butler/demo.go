package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/chart"
	"butler/integrations/sandbox"
	"butler/integrations/sqlite"
)

// demo serves the page on which anyone can play customer, expert and manager,
// on the embedded store in a folder that is gone afterwards.
func demo(ctx context.Context, a invocation) error {
	addr, lang := "127.0.0.1:8080", ""
	rest, err := a.flags("demo", func(fs *flag.FlagSet) {
		fs.StringVar(&addr, "addr", addr, "where the page is served")
		fs.StringVar(&lang, "lang", lang, "zh-CN or en; without it the browser's language")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Sprintf("it takes no %q", rest[0])}
	}
	if lang != "" {
		if err := language(lang); err != nil {
			return err
		}
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("the page cannot be served: %w; try another one: -addr 127.0.0.1:8090", err)
	}
	defer ln.Close()
	dir, err := os.MkdirTemp("", "butler-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	w, err := newDemoWorld(ctx, demoConfig(), dir, lang, log)
	if err != nil {
		return err
	}
	defer w.close()
	fmt.Fprintf(a.stderr, "安全管家 Butler: open http://%s in a browser. Ctrl-C ends it.\n", ln.Addr())
	return w.page.Serve(ctx, ln)
}

// demoScanner is the source whose reports the page sends (page/scan.js). Its token
// guards nothing: whoever reaches the page may play everybody.
const demoScanner = `
findings:
  - {source: scanner, token: demo, layers: [product, network, host, application, data]}
`

// demoConfig is the sample with a scanner connected.
func demoConfig() *config.Config {
	c, err := config.Parse("demo.yaml", ".", append(config.SampleSource(), demoScanner...), config.Options{Play: true})
	if err != nil {
		panic(err) // what is built in was tested
	}
	return c
}

// demoWorld is the service behind the page of the demo: one bot on an embedded
// store whose time the page owns.
type demoWorld struct {
	view
	config *config.Config
	dir    string
	log    *slog.Logger
	clock  *sandbox.Clock
	page   *sandbox.Page
	run    context.Context // ends with the demo

	mu    sync.Mutex // one thing happens at a time: time is what people say it is
	store *sqlite.Store
	round int
}

// demoStart is where time begins: now, on the minute, so that the page looks
// like today.
func demoStart() time.Time { return time.Now().UTC().Truncate(time.Minute) }

func newDemoWorld(ctx context.Context, c *config.Config, dir, lang string, log *slog.Logger) (*demoWorld, error) {
	w := &demoWorld{config: c, dir: dir, log: log, clock: sandbox.NewClock(demoStart()), run: ctx}
	w.view.steps = map[string][]sandbox.Step{}
	page, err := sandbox.New(sandbox.Options{Service: w, World: w, Clock: w.clock, Findings: findingsDoor(c, w.found, w.clock.Now, log), Draw: chart.Draw, Language: lang, Log: log})
	if err != nil {
		return nil, err
	}
	w.page, w.view.changed = page, page.Changed
	return w, w.begin(ctx)
}

// begin opens a fresh store and starts a bot on it.
func (w *demoWorld) begin(ctx context.Context) error {
	w.round++
	store, err := sqlite.Open(filepath.Join(w.dir, fmt.Sprintf("demo-%d.db", w.round)), sqlite.Options{Clock: w.clock.Now})
	if err != nil {
		return err
	}
	w.store = store
	dir := wire.Directory(w.config)
	var platforms []bot.Platform
	for _, name := range roomPlatforms(w.config) {
		platforms = append(platforms, w.page.Platform(name))
		dir.Recognise(name)
	}
	w.view.set(bot.New(bot.Options{Store: store, Directory: dir, Platforms: platforms, Parallel: 1, Log: w.log, Watch: w.view.watch}), store)
	for _, p := range platforms {
		go p.Listen(w.run, w.hear)
	}
	if err := w.view.b.Apply(ctx); err != nil {
		return err
	}
	_, err = w.view.b.Quiesce(ctx)
	return err
}

// roomPlatforms names every platform that a room is on.
func roomPlatforms(c *config.Config) []string {
	var names []string
	for _, cu := range c.Customers {
		for _, p := range []string{cu.Front.Platform, cu.Back.Platform} {
			if !slices.Contains(names, p) {
				names = append(names, p)
			}
		}
	}
	slices.Sort(names)
	return names
}

// hear is the road of every message: heard, then all that follows from it.
func (w *demoWorld) hear(ctx context.Context, m chat.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.view.b.Hear(ctx, m); err != nil {
		return err
	}
	_, err := w.view.b.Quiesce(ctx)
	return err
}

// found is the road of what the scanner found.
func (w *demoWorld) found(ctx context.Context, customer string, in desk.Input) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.view.b.Handle(ctx, customer, in); err != nil {
		return err
	}
	_, err := w.view.b.Quiesce(ctx)
	return err
}

// Advance brings the world to a moment.
func (w *demoWorld) Advance(ctx context.Context, to time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view.b.Advance(ctx, w.clock, to)
}

// Next is the earliest deadline of a customer, of anybody when customer is "".
func (w *demoWorld) Next(ctx context.Context, customer string) (time.Time, bool) {
	var next time.Time
	for _, id := range w.view.b.Directory().Customers() {
		if customer != "" && id != customer {
			continue
		}
		d, err := w.view.desk(ctx, id)
		if err != nil {
			continue
		}
		if at := d.Wake(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, !next.IsZero()
}

// Reset starts the world anew.
func (w *demoWorld) Reset(ctx context.Context, wipe func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.store
	wipe()
	w.view.forget()
	if err := w.begin(ctx); err != nil {
		return err
	}
	return old.Close()
}

func (w *demoWorld) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store.Close()
}
