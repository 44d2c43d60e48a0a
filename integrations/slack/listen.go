package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"butler/bot"
	"butler/bot/chat"
)

// What bounds listening.
const (
	queued   = 4096 // envelopes that may wait in all
	perRoom  = 512  // envelopes that may wait in one room; Slack keeps what finds no place
	ackWait  = 2 * time.Second
	hearWait = 10 * time.Second // a store that hangs; Slack delivers again after 3 s anyway
)

// What bounds reconnecting. The library opens a connection anew at once, also
// when the server drops it at once: thousands of times a second.
const (
	stable   = 5 * time.Second // a connection that lives less is short
	shorts   = 2               // so many short ones in a row may be chance
	waitMin  = time.Second
	waitMax  = time.Minute
	recovers = time.Minute // a connection that lived so long starts the waits anew
)

// Refused is the end of Listen when Slack does not take a token at the start: no
// repetition helps, only another config.
type Refused struct{ why string }

// Error is one clear line that names the token and what to do.
func (r *Refused) Error() string { return r.why }

// Listen hears until ctx ends, and then returns nil. An envelope is acknowledged
// after hear has returned nil; what hear does not take Slack delivers again.
//
// Errors: *Refused for a token that Slack does not take at the start. Later on,
// and for everything else, it keeps trying and Ready says what is wrong.
func (p *Platform) Listen(ctx context.Context, hear bot.Hear) error {
	defer p.state.down("slack: nobody listens")
	defer p.transport.CloseIdleConnections()
	if err := p.identify(ctx); err != nil {
		return endOf(ctx, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	e := &ear{p: p, hear: hear, ctx: ctx, lanes: map[string][]job{}}
	e.past = &lookback{reach: p.reach, e: e, wake: make(chan struct{}, 1)}
	defer e.lanesDone.Wait()
	defer cancel()
	e.lanesDone.Go(func() { e.past.watch(ctx) })
	opened := p.Count.Opened.Load()
	for wait := waitMin; ; wait = min(2*wait, waitMax) {
		began := time.Now()
		err := e.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if final[code(err)] && p.Count.Opened.Load() == opened {
			return &Refused{line("apps.connections.open", err)}
		}
		if time.Since(began) > recovers {
			wait = waitMin
		}
		p.trouble(line("apps.connections.open", err), wait)
		if !rest(ctx, wait) {
			return nil
		}
	}
}

// identify asks who the app is, as long as it takes.
func (p *Platform) identify(ctx context.Context) error {
	for wait := waitMin; ; wait = min(2*wait, waitMax) {
		a, err := p.api.AuthTestContext(ctx)
		if err == nil {
			p.self.Store(&self{user: a.UserID, bot: a.BotID, url: a.URL})
			return nil
		}
		if final[code(err)] {
			return &Refused{line("auth.test", err)}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.trouble(line("auth.test", err), wait)
		if !rest(ctx, wait) {
			return ctx.Err()
		}
	}
}

func endOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (p *Platform) trouble(why string, wait time.Duration) {
	p.state.down(why)
	p.log.Warn("slack is not connected", "why", why, "again in", wait)
}

// rest waits for about d; false when ctx ends.
func rest(ctx context.Context, d time.Duration) bool { return idle(ctx, d/2+rand.N(d/2+1)) }

// ear is one Listen. Rooms are heard side by side, each in its order: a lane is
// what waits in one room, and lives as long as something does.
type ear struct {
	p      *Platform
	hear   bot.Hear
	ctx    context.Context // of Listen: the lanes end with it
	client atomic.Pointer[socketmode.Client]

	mu        sync.Mutex
	lanes     map[string][]job
	waiting   int
	lanesDone sync.WaitGroup

	past   *lookback
	asking atomic.Int64 // commands that wait for a form
	homes  homes
}

// job is one envelope on its way to the bot; without a message it is only
// acknowledged. What is not heard at all, a form or a page, says what to do.
type job struct {
	envelope string
	message  *chat.Message
	do       func(ctx context.Context)
}

// Why a client is given up that would go on by itself.
var (
	errFlapping = errors.New("Slack closes every connection at once")
	errSilent   = errors.New("Slack takes the connection and does not greet")
)

// connect listens on one client, which opens its connections itself, until ctx
// ends, a token is refused, or connections flap. The loop only hands on: whoever
// is slow here loses the connection.
func (e *ear) connect(ctx context.Context) error {
	p := e.p
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := socketmode.New(p.api, socketmode.OptionPingInterval(p.o.Silence), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	e.client.Store(client)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	p.state.down("slack: is connecting")
	defer func() { e.past.falls(wall()) }()
	var began time.Time
	short := 0
	var gaveUp error
	greeted := time.NewTimer(time.Hour)
	defer greeted.Stop()
	for {
		select {
		case err := <-ended:
			if gaveUp != nil {
				return gaveUp
			}
			return err
		case <-greeted.C:
			gaveUp = errSilent
			cancel()
		case event := <-client.Events:
			switch event.Type {
			case socketmode.EventTypeConnecting:
				if began.IsZero() {
					break // the first one, or one that never stood
				}
				if time.Since(began) < stable {
					short++
				} else {
					short = 0
				}
				began = time.Time{}
				e.past.falls(wall())
				greeted.Stop()
				p.state.down("slack: is connecting again")
				if short >= shorts {
					gaveUp = errFlapping
					cancel()
				}
			case socketmode.EventTypeConnected:
				began = time.Now()
				p.Count.Opened.Add(1)
				greeted.Reset(p.o.Silence)
			case socketmode.EventTypeHello:
				greeted.Stop()
				if r := event.Request; r != nil {
					p.isApp(r.ConnectionInfo.AppID)
				}
				e.past.stands(wall())
				p.state.up()
				p.log.Info("slack is connected")
			case socketmode.EventTypeConnectionError:
				if c, ok := event.Data.(*slack.ConnectionErrorEvent); ok && ctx.Err() == nil {
					p.trouble(line("apps.connections.open", c.ErrorObj), c.Backoff)
				}
			case socketmode.EventTypeErrorBadMessage:
				if bad, ok := event.Data.(*socketmode.ErrorBadMessage); ok {
					e.take(parsed(bad.Message))
				}
			default:
				if r := event.Request; r != nil && r.EnvelopeID != "" {
					e.take(envelope{ID: r.EnvelopeID, Type: r.Type, Payload: r.Payload})
				}
			}
		}
	}
}

// take hands an envelope to the worker of its room. A full queue keeps nothing:
// what is not acknowledged comes again.
func (e *ear) take(env envelope) {
	if env.ID == "" {
		e.p.Count.Poison.Add(1)
		return // nothing that could be acknowledged
	}
	if e.submitted(env) || e.homeOpened(env) {
		return
	}
	j, room := job{envelope: env.ID}, "" // noise has a lane of its own
	m, err := env.read(*e.p.self.Load(), time.Now().UTC())
	switch {
	case err == nil:
		j.message = &m
		room = e.asks(env, &j)
	case errors.Is(err, errNoise):
		e.p.Count.Noise.Add(1)
	default:
		e.p.Count.Poison.Add(1)
		e.p.log.Warn("slack: an envelope cannot be read; it is acknowledged, or it would come again for ever", "envelope", env.ID, "type", env.Type, "error", brief(err))
	}
	e.put(room, j)
}

// put queues an envelope, or counts that there is no place for it.
func (e *ear) put(lane string, j job) {
	if !e.queue(lane, j) {
		e.p.Count.Overflow.Add(1)
		e.p.log.Warn("slack: the queue is full; Slack will deliver again", "envelope", j.envelope, "room", lane)
	}
}

// queue puts a job behind the others of its room, and starts the lane when there
// are none; false when there is no place.
func (e *ear) queue(room string, j job) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	lane, runs := e.lanes[room]
	if e.waiting >= queued || len(lane) >= perRoom {
		return false
	}
	e.lanes[room] = append(lane, j)
	e.waiting++
	if !runs {
		e.lanesDone.Go(func() { e.run(room) })
	}
	return true
}

// run hears what waits in a room, one after the other.
func (e *ear) run(room string) {
	for {
		e.mu.Lock()
		lane := e.lanes[room]
		if len(lane) == 0 {
			delete(e.lanes, room)
			e.mu.Unlock()
			return
		}
		j := lane[0]
		e.lanes[room] = lane[1:]
		e.waiting--
		e.mu.Unlock()
		if e.ctx.Err() == nil {
			e.work(e.ctx, j)
		}
	}
}

// parsed reads an envelope that the library gave up on.
func parsed(raw json.RawMessage) (e envelope) {
	if json.Unmarshal(raw, &e) != nil {
		var id struct {
			ID string `json:"envelope_id"`
		}
		json.Unmarshal(raw, &id) // what cannot be read even so has no id
		return envelope{ID: id.ID}
	}
	return e
}

// brief keeps the words of people out of the log: errors of JSON may quote them.
func brief(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return cut(s, 120)
}

// work hears one envelope and acknowledges what was committed.
func (e *ear) work(ctx context.Context, j job) {
	switch {
	case j.do != nil:
		j.do(ctx)
	case j.message == nil:
		e.acknowledge(ctx, j.envelope, nil)
	default:
		if declined, ok := e.heard(ctx, j); ok {
			e.answer(ctx, j, declined)
		}
	}
}

// heard is true for what may be acknowledged; declined says what the asker should
// read.
func (e *ear) heard(ctx context.Context, j job) (declined *chat.Declined, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	err := e.p.complete(ctx, j.message)
	if errors.Is(err, errNoise) {
		e.p.Count.Noise.Add(1)
		return nil, true
	}
	if err == nil {
		err = e.hear(ctx, *j.message)
	}
	switch {
	case err == nil, errors.As(err, &declined):
		return declined, true
	}
	e.p.Count.Refused.Add(1)
	e.p.log.Error("slack: a message was not taken; it will be delivered again", "envelope", j.envelope, "room", j.message.Room.String(), "error", err)
	return nil, false
}

// acknowledge goes over the connection that stands now, whichever brought the
// envelope. An acknowledgement that is lost costs a redelivery of what is known.
// payload is what Slack shows the asker; nil for nothing.
func (e *ear) acknowledge(ctx context.Context, id string, payload any) {
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	if err := e.client.Load().AckCtx(ctx, id, payload); err != nil && ctx.Err() == nil {
		e.p.log.Warn("slack: an acknowledgement could not be sent", "envelope", id, "error", err)
	}
}
