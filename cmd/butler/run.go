package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/google/uuid"

	"butler/bot"
	"butler/cmd/rounds"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/chart"
	"butler/integrations/dingtalk"
	"butler/integrations/findings"
	"butler/integrations/openai"
	"butler/integrations/redis"
	"butler/integrations/sandbox"
	"butler/integrations/slack"
	"butler/integrations/sqlite"
)

// run is the bot. It sends nothing by itself; it ends with 0 within 5 s of
// SIGTERM. stdout stays empty, logs go to stderr.
func run(ctx context.Context, a invocation) error {
	c, err := load(a, "run")
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level(c.LogLevel)}))
	s, err := newService(ctx, c, log)
	if err != nil {
		return err
	}
	return s.serve(ctx)
}

func level(name string) slog.Level {
	var l slog.Level
	if l.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return l
}

// service is a running bot with all that keeps it alive.
type service struct {
	config   *config.Config
	log      *slog.Logger
	store    bot.Store
	bot      *bot.Bot
	page     *sandbox.Page
	slack    *slack.Platform
	dingtalk *dingtalk.Platform
	model    *openai.Advisor
	rounds   *rounds.Rounds // nil when there is nothing to look at
	findings *findings.Door
	servers  []listener
	started  time.Time
	audit    auditState
	freed    chan struct{} // a letter has left its place
}

// listener is a server with the address it listens on already.
type listener struct {
	name  string
	ln    net.Listener
	serve func(ctx context.Context, ln net.Listener) error
}

// newService opens everything that can fail, before anything runs.
func newService(ctx context.Context, c *config.Config, log *slog.Logger) (s *service, err error) {
	s = &service{config: c, log: log, started: time.Now(), freed: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	view := &view{steps: map[string][]sandbox.Step{}}
	platforms, err := s.platforms(c, view) // before the store: what cannot run leaves no file behind
	if err != nil {
		return s, err
	}
	if s.store, err = openStore(ctx, c.Store, log); err != nil {
		return s, err
	}
	dir := wire.Directory(c, ownProbes)
	s.bot = bot.New(bot.Options{Store: s.store, Advisor: s.advisor(c), Directory: dir, Platforms: platforms, Log: log, Watch: s.watch(view), Freed: func() { poke(s.freed) }})
	s.rounds = s.makeRounds(c)
	for _, p := range platforms {
		if g, ok := p.(bot.Guest); ok {
			g.Meet(s.bot)
		}
	}
	view.set(s.bot, s.store)
	s.findings = findingsDoor(c, s.bot.Handle, time.Now, log)
	if s.page != nil {
		view.changed = s.page.Changed
	}
	if err := s.listen("listen", c.Listen, s.serveHTTP); err != nil {
		return s, err
	}
	if s.page != nil {
		if err := s.listen("sandbox.listen", c.Sandbox.Listen, s.page.Serve); err != nil {
			return s, err
		}
	}
	return s, nil
}

// watch shows what was committed to the pages that live: the sandbox, and the
// pages of one's own on Slack; and to our probes, which look again when asked.
func (s *service) watch(v *view) func(bot.Committed) {
	return func(c bot.Committed) {
		v.watch(c)
		if s.slack != nil {
			s.slack.Changed()
		}
		if s.rounds != nil {
			s.rounds.Watch(c)
		}
	}
}

// advisor is the model that is asked for second opinions; nil when none is
// configured.
func (s *service) advisor(c *config.Config) bot.Advisor {
	o := c.OpenAI
	if o == nil {
		return nil
	}
	s.model = openai.New(openai.Options{BaseURL: o.BaseURL, APIKey: o.APIKey.Reveal(), Model: o.Model, MonthlyTokens: int64(o.MonthlyTokens), Spend: s.store.Add, Log: s.log})
	return s.model
}

// openStore opens the store that the config names.
func openStore(ctx context.Context, url string, log *slog.Logger) (bot.Store, error) {
	if path, ok := strings.CutPrefix(url, "file:"); ok {
		s, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	s, err := redis.Open(ctx, url, redis.Options{Log: log})
	if err != nil {
		return nil, err
	}
	for _, w := range s.Warnings() {
		log.Warn("store", "warning", w)
	}
	return s, nil
}

// platforms makes every configured platform.
func (s *service) platforms(c *config.Config, v *view) ([]bot.Platform, error) {
	var out []bot.Platform
	if c.Slack != nil {
		s.slack = slack.New(slack.Options{AppToken: c.Slack.AppToken.Reveal(), BotToken: c.Slack.BotToken.Reveal(), APIURL: c.Slack.APIURL, Log: s.log, Draw: chart.Draw})
		out = append(out, s.slack)
	}
	if d := c.DingTalk; d != nil {
		o := dingtalk.Options{ClientID: d.ClientID, ClientSecret: d.ClientSecret.Reveal(), RobotCode: d.RobotCode, CardTemplate: d.CardTemplate,
			GroupTemplate: d.GroupTemplate, MonthlyCalls: int64(d.MonthlyCalls), APIURL: d.APIURL, OAPIURL: d.OAPIURL, Log: s.log, Draw: chart.Draw}
		for _, m := range d.Ding {
			o.Ding = append(o.Ding, m.String())
		}
		s.dingtalk = dingtalk.New(o)
		out = append(out, s.dingtalk)
	}
	if c.Sandbox != nil {
		page, err := sandbox.New(sandbox.Options{Service: v, Token: c.Sandbox.Token.Reveal(), Log: s.log, Stamp: rand.Text()[:8] + "-", Draw: chart.Draw})
		if err != nil {
			return nil, err
		}
		s.page = page
		out = append(out, page.Platform("sandbox"))
	}
	return out, nil
}

func (s *service) listen(key, addr string, serve func(context.Context, net.Listener) error) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %s cannot be listened on: %w", key, addr, err)
	}
	s.servers = append(s.servers, listener{key, ln, serve})
	return nil
}

func (s *service) close() {
	for _, l := range s.servers {
		l.ln.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
}

// serve runs until ctx ends: servers, platforms, the two loops, the metronome.
func (s *service) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	failed := make(chan error, len(s.servers)+3) // each server and each platform fails once
	start := func(f func()) {
		wg.Add(1)
		go func() { defer wg.Done(); f() }()
	}
	for _, l := range s.servers {
		start(func() {
			if err := l.serve(ctx, l.ln); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("%s: %w", l.name, err)
			}
		})
	}
	for _, name := range []string{"slack", "dingtalk", "sandbox"} {
		if p, ok := s.bot.Platform(name); ok {
			start(func() {
				if err := s.keepListening(ctx, p); err != nil {
					failed <- err
				}
			})
		}
	}
	tick, deliver := make(chan struct{}, 1), s.freed
	start(func() { fanOut(ctx, s.store.Nudges(), tick, deliver) })
	start(func() { s.tickLoop(ctx, tick) })
	start(func() { s.deliverLoop(ctx, deliver) })
	start(func() { s.bot.Advise(ctx) })
	if s.rounds != nil {
		start(func() { s.rounds.Run(ctx) })
	}
	start(func() {
		if err := s.bot.Apply(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("bringing the desks under the present config", "error", err)
		}
	})
	metronome, err := s.metronome(ctx, tick, deliver)
	if err != nil {
		cancel()
		wg.Wait()
		s.close()
		return err
	}
	metronome.Start()
	s.log.Info("butler is running", "customers", len(s.config.Customers), "store", kindOfStore(s.config.Store), "listen", s.config.Listen)

	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	done := make(chan struct{})
	go func() { metronome.Shutdown(); wg.Wait(); s.bot.Drain(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		s.log.Warn("something would not end; leaving all the same: what is committed is safe")
	}
	s.close()
	return err
}

func kindOfStore(url string) string {
	kind, _, _ := strings.Cut(url, ":")
	return kind
}

// fanOut passes every nudge of the store on to both loops.
func fanOut(ctx context.Context, from <-chan struct{}, to ...chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-from:
			for _, c := range to {
				poke(c)
			}
		}
	}
}

// poke wakes a loop; one that is awake already needs no second poke.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// tickLoop serves the alarms: it sleeps until the next one on its own timer, and
// never longer than bot.MaxSleep.
func (s *service) tickLoop(ctx context.Context, nudge <-chan struct{}) {
	var trouble complaint
	for {
		wait, err := s.bot.Tick(ctx)
		if ctx.Err() == nil && trouble.say(s.log, "tick", err) {
			wait = bot.MaxSleep
		}
		if !sleep(ctx, wait, nudge) {
			return
		}
	}
}

// deliverLoop empties the outbox and sleeps until a lane may speak again.
func (s *service) deliverLoop(ctx context.Context, nudge <-chan struct{}) {
	var trouble complaint
	for {
		_, next, err := s.bot.Deliver(ctx)
		wait := bot.MaxSleep
		switch {
		case ctx.Err() == nil && trouble.say(s.log, "deliver", err):
		case !next.IsZero():
			if now, err := s.store.Now(ctx); err == nil {
				wait = min(max(next.Sub(now), time.Millisecond), bot.MaxSleep)
			}
		}
		if !sleep(ctx, wait, nudge) {
			return
		}
	}
}

// complaint says the same trouble at most once a minute, and says when it is over.
type complaint struct {
	since, said time.Time
}

// say logs an error of a loop and reports whether there is one.
func (c *complaint) say(log *slog.Logger, what string, err error) bool {
	now := time.Now()
	switch {
	case err == nil && !c.since.IsZero():
		log.Info(what+" works again", "after", now.Sub(c.since).Round(time.Second))
		*c = complaint{}
	case err != nil && c.since.IsZero():
		c.since, c.said = now, now
		log.Error(what, "error", err)
	case err != nil && now.Sub(c.said) >= time.Minute:
		c.said = now
		log.Error(what, "error", err, "for", now.Sub(c.since).Round(time.Second))
	}
	return err != nil
}

// sleep waits for a duration, a nudge or the end; false at the end.
func sleep(ctx context.Context, d time.Duration, nudge <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-nudge:
	case <-t.C:
	}
	return ctx.Err() == nil
}

// keepListening restarts a platform that stopped, with a wait that grows to a
// minute. The error is a token that nothing but another config mends.
func (s *service) keepListening(ctx context.Context, p bot.Platform) error {
	wait := time.Second
	for {
		began := time.Now()
		err := p.Listen(ctx, s.bot.Hear)
		if ctx.Err() != nil {
			return nil
		}
		if errors.As(err, new(*slack.Refused)) || errors.As(err, new(*dingtalk.Refused)) {
			return err
		}
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		s.log.Error("a platform stopped listening", "platform", p.Name(), "error", err, "again in", wait)
		if !sleep(ctx, wait, nil) {
			return nil
		}
		wait = min(2*wait, time.Minute)
	}
}

// metronome is gocron: it holds no business time. If it restarts, nothing is
// lost. Jobs are named, single, and a panic in one is logged and survived. What
// concerns the store is done by one replica at a time; what concerns this
// process (its audit, its loops) by each.
func (s *service) metronome(ctx context.Context, tick, deliver chan struct{}) (gocron.Scheduler, error) {
	options := []gocron.SchedulerOption{
		gocron.WithLocation(time.UTC),
		gocron.WithStopTimeout(2 * time.Second),
		gocron.WithGlobalJobOptions(
			gocron.WithSingletonMode(gocron.LimitModeReschedule),
			gocron.WithContext(ctx),
			gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, p any) {
				s.log.Error("a job of the metronome panicked", "job", name, "panic", fmt.Sprint(p))
			})),
		),
	}
	m, err := gocron.NewScheduler(options...)
	if err != nil {
		return nil, err
	}
	for _, j := range []struct {
		name   string
		every  time.Duration
		shared bool // one replica at a time
		do     func(context.Context)
	}{
		{"safety-tick", 5 * time.Second, false, func(ctx context.Context) { poke(tick); poke(deliver); s.bot.Probe(ctx) }},
		{"audit", 10 * time.Second, false, s.runAudit},
		{"rooms", 30 * time.Second, false, s.runRooms},
		{"boards", time.Minute, false, s.bot.Repay},
		{"homes", time.Minute, false, s.runHomes},
		{"prune", time.Hour, true, s.runPrune},
		{"rounds", 10 * time.Second, true, s.runRounds},
	} {
		how := []gocron.JobOption{gocron.WithName("butler:" + j.name)}
		if store, ok := s.store.(turner); ok && j.shared {
			how = append(how, gocron.WithDistributedJobLocker(locker{store, j.every / 2}))
		}
		_, err := m.NewJob(gocron.DurationJob(j.every), gocron.NewTask(func(ctx context.Context) { j.do(ctx) }), how...)
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (s *service) runAudit(ctx context.Context) {
	r, err := s.bot.Audit(ctx)
	if err != nil {
		s.log.Error("audit", "error", err)
	}
	s.audit.set(r, err)
}

// runRooms learns of rooms that another process made or bound.
func (s *service) runRooms(ctx context.Context) {
	if err := s.bot.Rooms(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("rooms", "error", err)
	}
}

// runHomes brings the pages that somebody has open up to date with what other
// processes did.
func (s *service) runHomes(context.Context) {
	if s.slack != nil {
		s.slack.Changed()
	}
}

// runRounds finds out whose assets are due to be looked at. It takes no time: the
// looking is done beside.
func (s *service) runRounds(context.Context) {
	if s.rounds != nil {
		s.rounds.Beat()
	}
}

func (s *service) runPrune(ctx context.Context) {
	if err := s.store.Prune(ctx); err != nil {
		s.log.Error("prune", "error", err)
	}
}
