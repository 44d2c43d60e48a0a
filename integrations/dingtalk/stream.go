package dingtalk

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/logger"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"
)

// pace bounds connections, and what is told when they fail.
type pace struct {
	lines     int           // connections side by side
	look      time.Duration // between two looks at a connection
	openWait  time.Duration // of one attempt to open
	stable    time.Duration // a connection that lives less is short: the next one has to wait
	waitMin   time.Duration // before the gateway is asked again; doubles
	waitMax   time.Duration
	keepAlive time.Duration // without a frame, before the SDK pings; it waits pongWait for the answer
	mute      time.Duration // without any frame, where the gateway used to ping
	doubt     int           // pushes in a row that went to the others: chance is 1 in 2^doubt
	age       time.Duration // of a connection, when it is replaced in any case
	trying    time.Duration // a message that the bot does not take is tried again

	gap    gapPace
	closes time.Duration // in which a connection that is replaced answers what it brought
}

var usual = pace{lines: 2, look: 100 * time.Millisecond, openWait: 10 * time.Second, stable: 5 * time.Second, waitMin: time.Second, waitMax: time.Minute,
	keepAlive: 10 * time.Second, mute: time.Minute, doubt: 12, age: 4 * time.Hour, trying: 30 * time.Second, closes: 3 * time.Second,
	gap: gapPace{short: 2 * time.Second, cold: 4 * time.Second, pulse: 2 * time.Second, brief: time.Minute, apart: 10 * time.Minute}}

const (
	pongWait = 5 * time.Second // the SDK's
	handlers = 10000           // frames at work on one connection; what is beyond the SDK drops in silence
	stalled  = 10 * time.Second
	pingMost = 2 * time.Minute // between two pings of the gateway, as far as we believe it
)

// line is one connection to the gateway: one client of the SDK, used once.
type line struct {
	client *client.StreamClient
	opened time.Time

	mu       sync.Mutex
	last     time.Time // when a frame came
	pinged   time.Time // when the last SYSTEM ping came
	pushed   time.Time // when the last push came
	passed   int       // pushes that went to the others since
	busy     int       // pushes that are not answered yet
	farewell bool      // the gateway said that it will close
}

// streams are the connections of one Listen.
type streams struct {
	ear  *ear
	pace pace

	mu    sync.Mutex
	lines []*line       // that stand
	pings time.Duration // the longest time between two pings of the gateway so far; 0 when it does not ping
	doubt int           // doubles when it strikes: a gateway may have favourites
}

// ended is a context that is over: with it, Start does nothing where a connection
// stands, and fails at once where there is none. The SDK has no other way to ask.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// stands reports whether the SDK still holds the connection.
func (l *line) stands() bool { return l.client.Start(ended) == nil }

// onlyFor is the line for the first that holds one, and nil for the others.
func (l *line) onlyFor(i int) *line {
	if i > 0 {
		return nil
	}
	return l
}

// first opens the first connection, as long as it takes. Both results are nil when
// ctx ended before.
func (s *streams) first(ctx context.Context) (*line, error) {
	for wait := s.pace.waitMin; ctx.Err() == nil; wait = min(2*wait, s.pace.waitMax) {
		l, err := s.open(ctx)
		if err == nil {
			return l, nil
		}
		if refused(err) {
			return nil, &Refused{"dingtalk: " + badCredentials}
		}
		s.trouble(ctx, err, wait)
		about(ctx, wait)
	}
	return nil, nil
}

// open opens one connection. The gateway's ticket is good for one.
func (s *streams) open(ctx context.Context) (*line, error) {
	p := s.ear.p
	l := &line{}
	l.client = client.NewStreamClient(
		client.WithAppCredential(client.NewAppCredentialConfig(p.o.ClientID, p.o.ClientSecret)),
		client.WithOpenApiHost(p.o.APIURL),
		client.WithAutoReconnect(false), // it would wait 3 s first
		client.WithKeepAlive(s.pace.keepAlive),
		client.WithMaxPendingHandlers(handlers),
		client.WithSubscription("SYSTEM", "ping", func(_ context.Context, f *frame) (*reply, error) {
			s.pinged(l)
			return pong(f), nil
		}),
		client.WithSubscription("SYSTEM", "disconnect", func(context.Context, *frame) (*reply, error) {
			l.frame(func() { l.farewell = true })
			return nil, nil
		}),
		client.WithSubscription("CALLBACK", payload.BotMessageCallbackTopic, s.pushes(l, s.ear.onMessage)),
		client.WithSubscription("CALLBACK", payload.CardInstanceCallbackTopic, s.pushes(l, s.ear.onPress)),
		client.WithSubscription("EVENT", "*", s.pushes(l, s.ear.onEvent)),
	)
	ctx, cancel := context.WithTimeout(ctx, s.pace.openWait)
	defer cancel()
	l.opened = wall()
	l.last, l.pushed = l.opened, l.opened
	if err := l.client.Start(ctx); err != nil {
		l.client.Close()
		if refused(err) {
			p.health.broke("credentials", badCredentials)
		}
		return nil, err
	}
	p.Count.Opened.Add(1)
	p.health.works("credentials")
	s.mu.Lock()
	s.lines = append(s.lines, l)
	n := len(s.lines)
	p.health.up()
	s.mu.Unlock()
	s.ear.past.stands(wall())
	p.log.Info("dingtalk is connected", "connections", n)
	return l, nil
}

// hold keeps one connection until ctx ends: it opens the next when one is lost,
// and before one is given up.
func (s *streams) hold(ctx context.Context, l *line, slot int) {
	wait := s.pace.waitMin
	for ctx.Err() == nil {
		if l == nil {
			var err error
			if l, err = s.open(ctx); err != nil {
				s.trouble(ctx, err, wait)
				about(ctx, wait)
				wait = min(2*wait, s.pace.waitMax)
				continue
			}
		}
		lived := l.opened
		l = s.keep(ctx, l, s.lifetime(slot))
		if slot++; wall().Sub(lived) >= s.pace.stable {
			wait = s.pace.waitMin
		} else if l == nil && ctx.Err() == nil { // the gateway closes what it opens
			about(ctx, wait)
			wait = min(2*wait, s.pace.waitMax)
		}
	}
	if l != nil {
		s.retire(l)
	}
}

// lifetime is when a connection is replaced in any case; the first ones not all
// at once.
func (s *streams) lifetime(nth int) time.Duration {
	d := s.pace.age
	if nth == 1 {
		d /= 2
	}
	return d - rand.N(d/8+1)
}

// keep looks after a connection until it is lost (nil), is replaced, or ctx ends
// (the line itself).
func (s *streams) keep(ctx context.Context, l *line, life time.Duration) *line {
	look := time.NewTicker(s.pace.look)
	defer look.Stop()
	looked, again := wall(), time.Time{}
	for {
		select {
		case <-ctx.Done():
			return l
		case <-look.C:
		}
		now := wall()
		slept := now.Sub(looked) > s.pace.look+stalled
		looked = now
		if !l.stands() {
			s.lost(l, now)
			return nil
		}
		why, deaf := s.stale(l, now, life)
		if slept && why == "" {
			why = "the process stood still"
		}
		if why == "" || now.Before(again) {
			continue
		}
		next, err := s.open(ctx)
		if err != nil {
			again = now.Add(s.pace.waitMax)
			s.trouble(ctx, err, s.pace.waitMax)
			continue
		}
		s.ear.p.log.Info("dingtalk: a connection is replaced", "why", why)
		if !deaf.IsZero() {
			s.ear.p.Count.Zombies.Add(1)
			s.ear.past.swallowed(deaf, now)
		}
		s.remove(l, "")
		s.ear.retiring.Go(func() { s.retire(l) })
		return next
	}
}

// stale says why a connection that stands is not good any more, and since when it
// may have delivered nothing; zero when nothing speaks for that.
func (s *streams) stale(l *line, now time.Time, life time.Duration) (why string, deaf time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.passed >= s.doubt:
		s.doubt *= 2
		return fmt.Sprintf("the last %d pushes all came over others", l.passed), l.pushed
	case s.pings > 0 && now.Sub(l.last) > max(s.pace.mute, 4*s.pings):
		return "nothing came over it, not even a ping", l.last
	case now.Sub(l.opened) > life:
		return "its age", time.Time{}
	}
	return "", time.Time{}
}

// lost notes that a connection is gone. One that died without a word was dead
// since its last one: the SDK pings after keepAlive, and waits for the answer.
func (s *streams) lost(l *line, now time.Time) {
	l.mu.Lock()
	silent := !l.farewell && now.Sub(l.last) >= s.pace.keepAlive+pongWait
	last := l.last
	l.mu.Unlock()
	l.client.Close()
	if silent {
		s.ear.past.swallowed(last, now)
	}
	s.ear.p.log.Info("dingtalk: a connection is lost", "lived", now.Sub(l.opened).Round(time.Second), "silent", now.Sub(last).Round(time.Second))
	s.remove(l, "lost its connections and opens them again")
}

// remove takes a connection out of those that stand.
func (s *streams) remove(l *line, why string) {
	s.mu.Lock()
	s.lines = slices.DeleteFunc(s.lines, func(other *line) bool { return other == l })
	none := len(s.lines) == 0
	if none {
		s.ear.p.health.down(why)
	}
	s.mu.Unlock()
	if none {
		s.ear.past.falls(wall())
	}
}

// retire closes a connection when what it brought is answered.
func (s *streams) retire(l *line) {
	for end := time.Now().Add(s.pace.closes); time.Now().Before(end) && l.working() && s.ear.ctx.Err() == nil; {
		time.Sleep(5 * time.Millisecond)
	}
	s.remove(l, "nobody listens")
	l.client.Close()
}

// trouble says why there is no connection, or not one more.
func (s *streams) trouble(ctx context.Context, err error, wait time.Duration) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	n := len(s.lines)
	if n == 0 {
		s.ear.p.health.down("the gateway does not connect: " + clean(err))
	}
	s.mu.Unlock()
	s.ear.p.log.Warn("dingtalk: the gateway does not connect", "why", clean(err), "connections", n, "again in", wait)
}

// pushes answers the pushes of a connection.
func (s *streams) pushes(l *line, answer func(*frame) *reply) func(context.Context, *frame) (*reply, error) {
	return func(_ context.Context, f *frame) (*reply, error) {
		s.mu.Lock()
		for _, other := range s.lines {
			if other != l {
				other.mu.Lock()
				other.passed++
				other.mu.Unlock()
			}
		}
		s.mu.Unlock()
		l.frame(func() {
			l.pushed, l.passed = l.last, 0
			l.busy++
		})
		defer l.frame(func() { l.busy-- })
		return answer(f), nil
	}
}

// frame notes something that came, or was answered.
func (l *line) frame(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = wall()
	do()
}

func (l *line) working() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busy > 0
}

// pinged notes a ping of the gateway, and how often they come.
func (s *streams) pinged(l *line) {
	var before, now time.Time
	l.frame(func() { before, now, l.pinged = l.pinged, l.last, l.last })
	if d := now.Sub(before); !before.IsZero() && d < pingMost {
		s.mu.Lock()
		s.pings = max(s.pings, d)
		s.mu.Unlock()
	}
}

// pong echoes a ping.
func pong(f *frame) *reply {
	r := payload.NewDataFrameAckPong(f.GetMessageId())
	r.Data = f.Data
	return r
}

// quiet keeps the SDK from writing anything: it logs the secret, tickets, and what
// people said. Its logger is one variable without a lock.
var quiet = sync.OnceFunc(func() { logger.SetLogger(silence{}) })

type silence struct{}

func (silence) Debugf(string, ...any)   {}
func (silence) Infof(string, ...any)    {}
func (silence) Warningf(string, ...any) {}
func (silence) Errorf(string, ...any)   {}
func (silence) Fatalf(string, ...any)   {}
