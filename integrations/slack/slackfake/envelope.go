package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"butler/integrations/fakery"
)

// Delivery is one thing that the app is to hear: an event, a command or a click.
// Over all its attempts it keeps its event_id; each attempt is an envelope of its
// own.
type Delivery struct {
	Type    string // events_api, slash_commands, interactive
	EventID string // "" for commands and clicks
	Payload json.RawMessage

	s         *Server
	accepts   bool
	retries   []time.Duration
	repeated  bool // the first attempt already says retry_attempt 1
	envelopes []string
	tries     int
	began     time.Time
	acked     bool
	took      time.Duration
	lost      bool
	answer    json.RawMessage
	onAck     func(payload json.RawMessage)
	timer     *time.Timer
}

// event makes deliveries of an inner event about a channel; none when the app is
// not in it.
func (s *Server) event(channel string, inner map[string]any) []*Delivery {
	if c := s.channels[channel]; c != nil && !c.has(BotUser) || !s.subscribes(inner) {
		return nil
	}
	return []*Delivery{s.send(s.newEvent(channel, inner))}
}

// subscribes says whether the app's manifest asks for an event.
func (s *Server) subscribes(inner map[string]any) bool {
	name, _ := inner["type"].(string)
	if kind, ok := inner["channel_type"].(string); name == "message" && ok {
		name += map[string]string{"channel": ".channels", "group": ".groups", "im": ".im"}[kind]
	}
	return len(s.subscribed) == 0 || slices.Contains(s.subscribed, name)
}

// newEvent wraps an inner event as the Events API does.
func (s *Server) newEvent(channel string, inner map[string]any) *Delivery {
	id := s.newID("Ev")
	shared := false
	if c := s.channels[channel]; c != nil {
		shared = len(c.Connected) > 0
	}
	d := &Delivery{s: s, Type: "events_api", EventID: id, retries: s.retries}
	d.Payload = s.mu.JSON(map[string]any{
		"token": "fake", "team_id": Team, "context_team_id": Team, "context_enterprise_id": nil, "api_app_id": App, "event": inner,
		"type": "event_callback", "event_id": id, "event_time": s.mu.Now().Unix(), "is_ext_shared_channel": shared,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": Team, "user_id": BotUser, "is_bot": true, "is_enterprise_install": false}},
		"event_context":  "4-" + id,
	})
	return d
}

// send delivers, or holds back.
func (s *Server) send(d *Delivery) *Delivery {
	d.s, d.began = s, time.Now()
	s.deliveries = append(s.deliveries, d)
	if s.shelf.Holds(d) {
		return d
	}
	d.attempt()
	if s.twice && d.Type == "events_api" {
		s.again(d)
	}
	return d
}

// attempt gives the envelope to one connection; without one it waits for the
// next as long as for an acknowledgement.
func (d *Delivery) attempt() {
	d.tries++
	if c := d.s.next(); c != nil {
		d.deliver(c)
	} else {
		d.s.waiting = append(d.s.waiting, d)
		d.timer = time.AfterFunc(d.s.ackWithin, d.late)
	}
	d.s.mu.Bump()
}

// deliver writes one envelope.
func (d *Delivery) deliver(c *conn) {
	d.s.serial++
	id := fmt.Sprintf("env-%04d", d.s.serial)
	d.envelopes = append(d.envelopes, id)
	d.s.envelopes[id] = d
	e := map[string]any{"envelope_id": id, "type": d.Type, "accepts_response_payload": d.accepts, "payload": d.Payload}
	if d.Type == "events_api" {
		retry, reason := d.tries-1, ""
		if d.repeated {
			retry++
		}
		if retry > 0 {
			reason = "timeout"
		}
		e["retry_attempt"], e["retry_reason"] = retry, reason
	}
	if !c.Frozen {
		c.Send(d.s.mu.JSON(e))
	}
	d.stop()
	d.timer = time.AfterFunc(d.s.ackWithin, d.late)
}

func (d *Delivery) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// late is called when the time for an acknowledgement is over.
func (d *Delivery) late() {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.acked || s.mu.Closed() {
		return
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(w *Delivery) bool { return w == d })
	if d.tries > len(d.retries) {
		d.lost = true
		s.mu.Bump()
		return
	}
	pause := d.retries[d.tries-1]
	if pause == 0 {
		d.attempt()
		return
	}
	d.timer = time.AfterFunc(pause, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !d.acked && !s.mu.Closed() {
			d.attempt()
		}
	})
}

// ack takes an acknowledgement. The lock is held.
func (s *Server) ack(frame []byte) {
	var a struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(frame, &a); err != nil {
		s.mu.Complain("a frame of the app is no acknowledgement: %q", frame)
		return
	}
	d := s.envelopes[a.ID]
	switch {
	case d == nil:
		s.mu.Complain("the app acknowledged envelope %q, which was never sent", a.ID)
		return
	case len(frame) >= maxAck:
		return // Slack drops it without a word
	case d.acked:
		return
	case s.loseAcks > 0:
		s.loseAcks--
		return
	}
	d.acked, d.took = true, time.Since(d.began)
	d.stop()
	d.answer = a.Payload
	if d.onAck != nil {
		d.onAck(a.Payload)
	}
	s.mu.Bump()
}

// LoseAcks lets the next n acknowledgements get lost on their way: the app has
// done its work, and Slack sends the event again.
func (s *Server) LoseAcks(n int) { fakery.Set(s.mu, &s.loseAcks, n) }

// Acked waits until the app has acknowledged every one of the deliveries.
func (s *Server) Acked(deliveries ...*Delivery) {
	s.t.Helper()
	for _, d := range deliveries {
		if !s.mu.Until(func() bool { return d.acked }) {
			s.t.Fatalf("slackfake: %s %s was not acknowledged within %s\n%s", d.Type, d.EventID, s.mu.Patience, d.Payload)
		}
	}
}

// Settled waits until every event, command and click so far is acknowledged.
func (s *Server) Settled() {
	s.t.Helper()
	s.Acked(fakery.Get(s.mu, &s.deliveries)...) // it only grows
}

// Acknowledged says whether it is acknowledged now.
func (d *Delivery) Acknowledged() bool { return fakery.Get(d.s.mu, &d.acked) }

// Took is the time from when it happened to its acknowledgement; 0 without one.
func (d *Delivery) Took() time.Duration { return fakery.Get(d.s.mu, &d.took) }

// Lost says whether Slack gave up after the last redelivery.
func (d *Delivery) Lost() bool { return fakery.Get(d.s.mu, &d.lost) }

// Tries says how often it was attempted.
func (d *Delivery) Tries() int { return fakery.Get(d.s.mu, &d.tries) }

// Tried waits until it was attempted n times.
func (d *Delivery) Tried(n int) {
	d.s.t.Helper()
	if !d.s.mu.Until(func() bool { return d.tries >= n }) {
		d.s.t.Fatalf("slackfake: %s was attempted %d times within %s, the test waits for %d", d.EventID, d.Tries(), d.s.mu.Patience, n)
	}
}

// Answer waits for the acknowledgement and returns its payload: the answer to a
// command, response_action of a modal.
func (d *Delivery) Answer() json.RawMessage {
	d.s.t.Helper()
	d.s.Acked(d)
	return fakery.Get(d.s.mu, &d.answer)
}

// Hold keeps deliveries back until Flush.
func (s *Server) Hold() { s.shelf.Hold() }

// Flush delivers what was held back: in the order of the indices, or as it came
// without any. What no index names is delivered last.
func (s *Server) Flush(order ...int) { s.t.Helper(); s.shelf.Flush(order...) }

// Held counts what is held back.
func (s *Server) Held() int { return s.shelf.Held() }

// Twice makes every event from now on arrive twice, with the same event_id.
func (s *Server) Twice(on bool) { fakery.Set(s.mu, &s.twice, on) }

// Redeliver delivers once more what was delivered: same event_id, another
// envelope, retry_attempt 1.
func (s *Server) Redeliver(d *Delivery) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.again(d)
}

func (s *Server) again(d *Delivery) *Delivery {
	next := &Delivery{s: s, Type: d.Type, EventID: d.EventID, Payload: d.Payload, accepts: d.accepts, retries: d.retries, repeated: true, onAck: d.onAck}
	s.deliveries = append(s.deliveries, next)
	next.attempt()
	return next
}

// Repeat delivers the same message under another event_id, as Slack does when an
// app is subscribed to it in two ways.
func (s *Server) Repeat(d *Delivery) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var outer map[string]any
	if d.Type != "events_api" || json.Unmarshal(d.Payload, &outer) != nil {
		s.t.Fatal("slackfake: only an event can be repeated under another event_id")
	}
	id := s.newID("Ev")
	outer["event_id"] = id
	return s.send(&Delivery{Type: d.Type, EventID: id, Payload: s.mu.JSON(outer), retries: d.retries})
}

// Deliver delivers anything at all under an envelope of any type.
func (s *Server) Deliver(envelope string, payload any) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(&Delivery{Type: envelope, Payload: s.mu.JSON(payload), retries: s.retries})
}

// Event delivers any inner event about a channel; "" for none.
func (s *Server) Event(channel string, inner map[string]any) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(s.newEvent(channel, inner))
}

// Poison is an event that breaks careless readers.
type Poison int

// The poisons. Clients turn each of them into an error instead of an event; when
// nobody acknowledges it, Slack sends it again.
const (
	UnknownEvent    Poison = iota + 1 // an inner event type that no library knows
	MalformedBlock                    // a message with a block whose fields have the wrong types
	UnknownEnvelope                   // an envelope type that no library knows
	UnknownBlock                      // a message with a block type that no library knows: readable
	BrokenPayload                     // a slash command whose payload is a list
)

// Poison delivers a poisoned event about a channel.
func (s *Server) Poison(p Poison, channel string) *Delivery {
	ts := ""
	s.mu.Lock()
	ts = s.newTS()
	s.mu.Unlock()
	message := func(block map[string]any) map[string]any {
		return map[string]any{"type": "message", "channel": channel, "channel_type": "channel", "user": BotUser, "bot_id": "B0OTHER",
			"text": "poison", "ts": ts, "event_ts": ts, "blocks": []any{block}}
	}
	switch p {
	case UnknownEvent:
		return s.Event(channel, map[string]any{"type": "quantum_leap", "channel": channel, "event_ts": ts})
	case MalformedBlock:
		return s.Event(channel, message(map[string]any{"type": "section", "text": 7, "fields": "none"}))
	case UnknownBlock:
		return s.Event(channel, message(map[string]any{"type": "hologram", "depth": 3}))
	case UnknownEnvelope:
		return s.Deliver("telepathy", map[string]any{"channel": channel})
	case BrokenPayload:
		return s.Deliver("slash_commands", []any{1, 2, 3})
	}
	s.t.Fatalf("slackfake: no such poison: %d", p)
	return nil
}
