package dingtalk

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"butler/bot"
	"butler/bot/chat"
)

// What bounds hearing.
const (
	hearWait   = 10 * time.Second        // of one attempt: a store that hangs
	pressWait  = 1500 * time.Millisecond // of a click: DingTalk shows an error after 2 s
	parting    = 2 * time.Second         // in which what has come is heard to its end when Listen ends
	againFirst = 200 * time.Millisecond  // before the second attempt; doubles
	againMost  = 5 * time.Second
)

// Refused is the end of Listen when DingTalk does not take the credentials at the
// start: no repetition helps, only another config.
type Refused struct{ why string }

// Error is one clear line that says what to do.
func (r *Refused) Error() string { return r.why }

// Listen hears until ctx ends, and then returns nil. A push is acknowledged after
// hear has returned nil; what hear does not take is tried again for a while,
// because DingTalk may not bring it again, and then its front is told.
//
// Errors: *Refused for credentials that DingTalk does not take at the start. Later
// on, and for everything else, it keeps trying and Ready says what is wrong.
func (p *Platform) Listen(ctx context.Context, hear bot.Hear) error {
	quiet()
	defer http.DefaultClient.CloseIdleConnections() // the SDK's
	defer p.http.CloseIdleConnections()
	defer p.settleBudget(ctx)
	defer p.health.down("nobody listens")

	outlive, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	e := &ear{p: p, hear: hear, ctx: outlive}
	e.lanes.work = e.work
	e.past = newWatch(e)
	s := &streams{ear: e, pace: p.pace, doubt: p.pace.doubt}

	first, err := s.first(ctx)
	if err != nil || first == nil {
		return err
	}
	watching, stop := context.WithCancel(outlive)
	var past, lines sync.WaitGroup
	past.Go(func() { e.past.run(watching) })
	for i := range s.pace.lines {
		lines.Go(func() { s.hold(ctx, first.onlyFor(i), i) })
	}
	<-ctx.Done()
	give := time.AfterFunc(parting, end)
	defer give.Stop()
	lines.Wait()
	e.retiring.Wait()
	e.lanes.finish()
	stop()
	past.Wait()
	e.aside.Wait()
	return nil
}

// ear is one Listen.
type ear struct {
	p     *Platform
	hear  bot.Hear
	ctx   context.Context // ends a little after that of Listen
	seen  seen
	lanes lanes
	past  *watch
	aside sync.WaitGroup // what is told beside hearing
	// retiring are connections that are replaced, and answer what they brought.
	retiring sync.WaitGroup
}

// Why a push is not acknowledged.
var (
	errFull = errors.New("too much waits to be heard")
	errLate = errors.New("it waited too long to be heard")
	errOver = errors.New("nobody listens any more")
)

// frame is a frame of the gateway, and its answer.
type (
	frame = payload.DataFrame
	reply = payload.DataFrameResponse
)

// onMessage hears what somebody said.
func (e *ear) onMessage(f *frame) *reply {
	p, now := e.p, wall()
	h, err := readMessage([]byte(f.Data), f.GetMessageId(), now)
	switch {
	case errors.Is(err, errBlank):
		p.Count.Blank.Add(1)
		p.health.broke("callbacks", "the callbacks of this month are used up (20001): messages come without their words; buy more at DingTalk, or wait for the next month")
		e.past.missed(h.message.Room, h.message.SentAt)
		return taken("")
	case err != nil:
		e.poison(f, err)
		return taken("")
	}
	p.health.works("callbacks")
	p.sessions.note(h.message.Room, h.webhook, h.until, now)
	if strings.HasPrefix(h.message.Sender.ID, extPrefix) {
		p.ciphers.put(h.message.Sender.ID, h.cipher)
	}
	h.message.Thread = p.refOf(h.message.Thread)
	err = e.take(h.message, now.Add(p.pace.trying), known{"said/" + h.message.Room.String() + "/" + h.message.ID, seenFor})
	if err != nil {
		return later()
	}
	return taken(`{"response":null}`)
}

// onPress hears a click. It is answered within 2 s, and its answer changes nothing
// on the card: the board does that by itself.
func (e *ear) onPress(f *frame) *reply {
	m, same, err := readPress([]byte(f.Data), f.GetMessageId(), wall())
	switch {
	case errors.Is(err, errNoise):
		e.p.Count.Noise.Add(1)
	case err != nil:
		e.poison(f, err)
	default:
		defer e.p.clicked(m.Thread)()
		if asked, ok := e.p.roomOf(m.Thread); ok && m.Room.Direct {
			m.Room = asked // a private answer stands in a one-to-one chat, and belongs to a group
		}
		now := wall()
		if e.take(m, now.Add(pressWait), known{m.ID, seenFor}, known{same, pressFor}) != nil {
			return later() // who pressed sees that it failed
		}
	}
	return taken(`{"response":{}}`)
}

// take hears a message once, whichever of its copies this is, and returns when the
// bot has it: nil, or why it has not.
func (e *ear) take(m chat.Message, until time.Time, names ...known) error {
	o, mine := e.seen.begin(wall(), names...)
	if !mine {
		e.p.Count.Again.Add(1)
	} else if err := e.lanes.put(m.Room.String(), &job{message: m, until: until, end: func(err error) { e.seen.end(o, err) }}); err != nil {
		e.lose(m, err)
		e.seen.end(o, err)
	}
	late := (<-chan time.Time)(nil)
	if m.Command {
		timer := time.NewTimer(until.Sub(wall()))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-o.done:
		if isDeclined(o.err) {
			return nil
		}
		return o.err
	case <-late:
		return errLate
	case <-e.ctx.Done():
		return e.ctx.Err()
	}
}

// work hears one message until the bot has it, or until it is given up. However
// long it waited in its lane, words are tried once; whoever pressed saw an error.
func (e *ear) work(j *job) {
	err := error(errLate)
	wait := againFirst
	for first := !j.message.Command; first || j.until.After(wall()); first, wait = false, min(2*wait, againMost) {
		if err = e.once(j); err == nil || isDeclined(err) || e.ctx.Err() != nil || !about(e.ctx, min(wait, time.Until(j.until))) {
			break
		}
	}
	var declined *chat.Declined
	switch {
	case errors.As(err, &declined):
		e.beside(func(ctx context.Context) {
			if err := e.p.whisper(ctx, j.message.Room, j.message.Sender.ID, declined.Text); err != nil {
				e.p.log.Warn("dingtalk: somebody could not be told why a command was declined", "room", j.message.Room.String(), "error", clean(err))
			}
		})
	case err != nil:
		e.lose(j.message, err)
	}
	j.end(err)
}

// once is one attempt. A click has no longer than its answer.
func (e *ear) once(j *job) error {
	until := wall().Add(hearWait)
	if j.message.Command && j.until.Before(until) {
		until = j.until
	}
	ctx, cancel := context.WithDeadline(e.ctx, until)
	defer cancel()
	return e.hear(ctx, j.message)
}

// lose is what is left to do for what the bot did not take: whoever pressed sees an
// error, and a front is told that something may have gone unheard.
func (e *ear) lose(m chat.Message, why error) {
	e.p.Count.Refused.Add(1)
	e.p.log.Error("dingtalk: a message was not taken", "room", m.Room.String(), "message", m.ID, "push", m.Delivery, "error", clean(why))
	if !m.Command {
		e.past.missed(m.Room, m.SentAt)
	}
}

// beside does something that nobody waits for, but the end of Listen.
func (e *ear) beside(do func(ctx context.Context)) {
	e.aside.Go(func() {
		ctx, cancel := context.WithTimeout(e.ctx, callTimeout)
		defer cancel()
		do(ctx)
	})
}

// poison counts what cannot be read. It is acknowledged, or it might come for ever.
func (e *ear) poison(f *frame, err error) {
	e.p.Count.Poison.Add(1)
	e.p.log.Warn("dingtalk: a push cannot be read; it is acknowledged, or it might come for ever", "push", f.GetMessageId(), "topic", f.GetTopic(), "error", clean(err))
}

// taken acknowledges a push.
func taken(data string) *reply {
	r := payload.NewSuccessDataFrameResponse()
	r.Data = data
	return r
}

// later asks for a push again. The documents promise it for events alone.
func later() *reply {
	r := payload.NewDataFrameResponse(payload.DataFrameResponseStatusCodeKInternalError)
	r.Message = "later"
	return r
}

func isDeclined(err error) bool {
	var d *chat.Declined
	return errors.As(err, &d)
}

// about waits for about d, at least half of it; false when ctx ends.
func about(ctx context.Context, d time.Duration) bool {
	d = max(0, d)
	t := time.NewTimer(d/2 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
