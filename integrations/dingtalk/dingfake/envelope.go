package dingfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"butler/integrations/fakery"
)

// The topics of what is pushed.
const (
	TopicMessage = "/v1.0/im/bot/messages/get"     // CALLBACK: what people say to the robot
	TopicCard    = "/v1.0/card/instances/callback" // CALLBACK: a click on a card
)

// Delivery is one thing that the app is to hear: a message, a click or an event.
// Over all its attempts its data stays the same, and with it the msgId.
type Delivery struct {
	Type  string // CALLBACK, EVENT, SYSTEM
	Topic string
	Data  json.RawMessage

	s       *Server
	id      string // messageId of the push, in the headers
	headers map[string]string
	within  time.Duration
	pauses  []time.Duration
	tries   int
	seen    bool // by a connection that reads
	acked   bool
	lost    bool
	sentAt  time.Time
	took    time.Duration
	code    int // of the last answer
	answer  json.RawMessage
	onAck   func(data json.RawMessage)
	timer   *time.Timer
}

// push delivers, or holds back. The lock is held.
func (s *Server) push(d *Delivery) *Delivery {
	d.s = s
	if d.id == "" {
		d.id = s.newID("push")
	}
	s.deliveries = append(s.deliveries, d)
	if s.shelf.Holds(d) {
		return d
	}
	d.attempt()
	if s.twice {
		s.again(d)
	}
	return d
}

// callback makes a push of the kind that is not documented to come again.
func (s *Server) callback(topic string, data any) *Delivery {
	return s.push(&Delivery{Type: "CALLBACK", Topic: topic, Data: s.mu.JSON(data), within: s.repushAfter, pauses: s.pauses})
}

// event makes a push that comes again until it is answered with SUCCESS.
func (s *Server) event(kind string, data map[string]any) *Delivery {
	id, born := s.newID("event"), s.mu.Now().UnixMilli()
	if s.enveloped {
		data = map[string]any{"eventUnifiedAppId": App, "eventCorpId": Corp, "eventType": kind, "eventId": id, "eventBornTime": born, "data": data}
	}
	return s.push(&Delivery{Type: "EVENT", Topic: "*", Data: s.mu.JSON(data), within: s.repushAfter, pauses: s.eventPauses,
		headers: map[string]string{"eventId": id, "eventType": kind, "eventBornTime": fmt.Sprint(born), "eventCorpId": Corp, "eventUnifiedAppId": App}})
}

// attempt gives the push to one connection. Without one it counts as not
// acknowledged at once.
func (d *Delivery) attempt() {
	s := d.s
	if d.tries > 0 && s.freshIDs {
		d.id = s.newID("push")
	}
	d.tries++
	if !slices.Contains(s.pushes[d.id], d) {
		s.pushes[d.id] = append(s.pushes[d.id], d)
	}
	d.stop()
	d.sentAt = time.Now()
	if c := s.next(d.Type, d.Topic); c != nil {
		if !c.Frozen && !c.zombie {
			d.seen = true
			c.Send(s.frame(d.Type, d.Topic, d.id, c, d.headers, string(d.Data)))
		}
		d.timer = time.AfterFunc(d.within, d.late)
	} else {
		d.again()
	}
	s.mu.Bump()
}

func (d *Delivery) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// late is called when the time for an acknowledgement is over.
func (d *Delivery) late() {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if !d.acked && !d.s.mu.Closed() {
		d.again()
	}
}

// again plans the next attempt, if there is one. The lock is held.
func (d *Delivery) again() {
	if d.tries > len(d.pauses) {
		d.lost = true
		d.s.mu.Bump()
		return
	}
	d.timer = time.AfterFunc(d.pauses[d.tries-1], func() {
		d.s.mu.Lock()
		defer d.s.mu.Unlock()
		if !d.acked && !d.s.mu.Closed() {
			d.attempt()
		}
	})
}

// ack takes an answer of the app. The lock is held.
func (s *Server) ack(frame []byte) {
	var a struct {
		Code    int               `json:"code"`
		Headers map[string]string `json:"headers"`
		Message string            `json:"message"`
		Data    string            `json:"data"`
	}
	if err := json.Unmarshal(frame, &a); err != nil {
		s.mu.Complain("a frame of the app is no answer: %q", frame)
		return
	}
	var d *Delivery // of several with one messageId: the first that still waits
	for _, d = range s.pushes[a.Headers["messageId"]] {
		if !d.acked {
			break
		}
	}
	switch {
	case d == nil:
		s.systemAck(a.Headers["messageId"], frame)
		return
	case d.Type == "SYSTEM":
		if a.Code != 200 || a.Data != string(d.Data) {
			s.mu.Complain("a ping with %s was answered by %s", d.Data, frame)
		}
		return
	case s.loseAcks > 0:
		s.loseAcks--
		return
	}
	d.code = a.Code
	good := a.Code == 200
	if d.Type == "EVENT" {
		var status struct{ Status string }
		good = good && json.Unmarshal([]byte(a.Data), &status) == nil && status.Status == "SUCCESS"
	}
	if good && !d.acked {
		d.acked, d.lost = true, false
		d.took = time.Since(d.sentAt)
		d.stop()
		if json.Valid([]byte(a.Data)) {
			d.answer = json.RawMessage(a.Data)
		}
		if d.onAck != nil {
			d.onAck(d.answer)
		}
	}
	if d.Type == "EVENT" && !good && !d.acked { // LATER is no silence
		d.stop()
		d.again()
	}
	s.mu.Bump()
}

// systemAck lets pass what answers a SYSTEM frame that wants no answer.
func (s *Server) systemAck(id string, frame []byte) {
	if len(id) < 3 || id[:3] != "sys" {
		s.mu.Complain("the app answered the push %q, which was never sent: %s", id, frame)
	}
}

// LoseAcks lets the next n acknowledgements get lost on their way: the app has
// done its work, and DingTalk does not know.
func (s *Server) LoseAcks(n int) { fakery.Set(s.mu, &s.loseAcks, n) }

// Acked waits until the app has acknowledged every one of the deliveries, with
// code 200, and each event with SUCCESS.
func (s *Server) Acked(deliveries ...*Delivery) {
	s.t.Helper()
	for _, d := range deliveries {
		ended := func() bool { return d.acked || d.lost }
		if s.mu.Until(ended); !d.Acknowledged() {
			s.t.Fatalf("dingfake: %s %s was not acknowledged within %s; the last answer had the code %d\n%s", d.Type, d.Topic, s.mu.Patience, d.Code(), d.Data)
		}
	}
}

// Settled waits until every push so far is acknowledged.
func (s *Server) Settled() {
	s.t.Helper()
	s.Acked(fakery.Get(s.mu, &s.deliveries)...) // it only grows
}

// Acknowledged says whether it is acknowledged now.
func (d *Delivery) Acknowledged() bool { return fakery.Get(d.s.mu, &d.acked) }

// Lost says whether DingTalk gave up: nobody was there, or the time for the last
// acknowledgement is over.
func (d *Delivery) Lost() bool { return fakery.Get(d.s.mu, &d.lost) }

// Code is that of the last answer: 200, 404, 500; 0 for none.
func (d *Delivery) Code() int { return fakery.Get(d.s.mu, &d.code) }

// Answered waits until the app answered with a code, good or not.
func (d *Delivery) Answered(code int) {
	d.s.t.Helper()
	if !d.s.mu.Until(func() bool { return d.code == code }) {
		d.s.t.Fatalf("dingfake: %s %s was answered with %d within %s, the test waits for %d", d.Type, d.Topic, d.Code(), d.s.mu.Patience, code)
	}
}

// Tries says how often it was attempted.
func (d *Delivery) Tries() int { return fakery.Get(d.s.mu, &d.tries) }

// Tried waits until it was attempted n times.
func (d *Delivery) Tried(n int) {
	d.s.t.Helper()
	if !d.s.mu.Until(func() bool { return d.tries >= n }) {
		d.s.t.Fatalf("dingfake: %s was attempted %d times within %s, the test waits for %d", d.Topic, d.Tries(), d.s.mu.Patience, n)
	}
}

// Gone waits until DingTalk gave it up.
func (d *Delivery) Gone() {
	d.s.t.Helper()
	if !d.s.mu.Until(func() bool { return d.lost }) {
		d.s.t.Fatalf("dingfake: %s was not given up within %s", d.Topic, d.s.mu.Patience)
	}
}

// Answer waits for the acknowledgement and returns its data.
func (d *Delivery) Answer() json.RawMessage {
	d.s.t.Helper()
	d.s.Acked(d)
	return fakery.Get(d.s.mu, &d.answer)
}
