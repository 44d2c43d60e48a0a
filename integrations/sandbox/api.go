package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Limits of what a page may send and ask.
const (
	maxBody   = 64 << 10         // bytes of one request
	maxText   = 8000             // characters of one message; the desk keeps fewer (desk.MaxText)
	maxAnswer = desk.MaxText     // characters written into the form of a button: what the desk keeps
	maxPrefix = 200              // characters completed
	hearing   = 10 * time.Second // for the service to commit a message
	moving    = 60 * time.Second // for the world to move or start anew
)

// ErrNoCase is what Service.Case answers for a number that does not exist.
var ErrNoCase = errors.New("no such case")

// fault is a refusal: an HTTP status, an id that the page words, and a sentence
// for whoever reads the answer itself.
type fault struct {
	status int
	id     string
	why    string
}

func (f *fault) Error() string { return f.why }

func bad(id, format string, args ...any) error {
	return &fault{http.StatusBadRequest, id, fmt.Sprintf(format, args...)}
}

func refuse(w http.ResponseWriter, status int, id, why string) {
	answer(w, status, map[string]string{"id": id, "error": why})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The reader may be gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, err error) {
	if f, ok := errors.AsType[*fault](err); ok {
		refuse(w, f.status, f.id, f.why)
		return
	}
	refuse(w, http.StatusInternalServerError, "failed", err.Error())
}

// post wraps an action: one JSON object of type T in, {} or a fault out.
func post[T any](do func(ctx context.Context, in T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "bad-json", "the content type must be application/json")
			return
		}
		var in T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				refuse(w, http.StatusRequestEntityTooLarge, "too-long", fmt.Sprintf("the request has more than %d bytes", maxBody))
				return
			}
			refuse(w, http.StatusBadRequest, "bad-json", "the body must be one JSON object: "+err.Error())
			return
		}
		if _, err := dec.Token(); err != io.EOF {
			refuse(w, http.StatusBadRequest, "bad-json", "the body must be one JSON object and nothing after it")
			return
		}
		// What was begun is finished, also when the page that asked is closed.
		if err := do(context.WithoutCancel(r.Context()), in); err != nil {
			fail(w, err)
			return
		}
		answer(w, http.StatusOK, struct{}{})
	}
}

// place is where somebody acts: a customer's room and who speaks in it.
type place struct {
	Customer string `json:"customer"`
	Room     string `json:"room"` // front, back or direct
	Person   string `json:"person"`
}

// find resolves a place to the people and rooms it names.
func (p *Page) find(at place) (chat.Room, Person, error) {
	c, err := p.customer(at.Customer)
	if err != nil {
		return chat.Room{}, Person{}, err
	}
	who, ok := c.Person(at.Person)
	if !ok {
		return chat.Room{}, Person{}, bad("unknown-person", "%q is nobody of customer %s", at.Person, c.ID)
	}
	switch desk.Room(at.Room) {
	case desk.Front:
		return c.Front, who, nil
	case desk.Back:
		if !who.Staff() {
			return chat.Room{}, Person{}, bad("wrong-room", "%s is not in the experts' room", who.ID)
		}
		return c.Back, who, nil
	case desk.Direct:
		if who.Direct.ID == "" {
			return chat.Room{}, Person{}, bad("wrong-room", "%s has no direct chat with the bot", who.ID)
		}
		return who.Direct, who, nil
	}
	return chat.Room{}, Person{}, bad("wrong-room", "%q is no room; use front, back or direct", at.Room)
}

func (p *Page) customer(id string) (Customer, error) {
	list := p.service.Customers()
	for _, c := range list {
		if c.ID == id {
			return c, nil
		}
	}
	return Customer{}, bad("unknown-customer", "%q is no customer", id)
}

// say is somebody typing a message.
func (p *Page) say(ctx context.Context, in struct {
	place
	Text   string `json:"text"`
	Thread string `json:"thread"` // id of the message this one answers; "" for none
}) error {
	room, who, err := p.find(in.place)
	if err != nil {
		return err
	}
	in.Text = strings.TrimSpace(in.Text)
	if in.Text == "" || !utf8.ValidString(in.Text) {
		return bad("no-text", "the text is empty or no UTF-8")
	}
	if n := utf8.RuneCountInString(in.Text); n > maxText {
		return bad("too-long", "the text has %d characters; at most %d are taken", n, maxText)
	}
	if in.Thread != "" {
		if _, ok := p.rooms.find(room, func(m *message) bool { return m.id == in.Thread }); !ok {
			return bad("gone", "message %q is not in this room", in.Thread)
		}
	}
	return p.speak(ctx, message{room: room, person: who, text: in.Text, thread: in.Thread})
}

// click is somebody pressing a button of a card. The button must stand on the
// card as it is now: a page that shows an older one is told so. One that asks
// for its text takes it from the page's form, and types both.
func (p *Page) click(ctx context.Context, in struct {
	place
	Message string `json:"message"`
	Command string `json:"command"`
	Text    string `json:"text"` // of a button that asks for it; "" for all others
}) error {
	room, who, err := p.find(in.place)
	if err != nil {
		return err
	}
	m, ok := p.rooms.find(room, func(m *message) bool {
		return m.id == in.Message && m.card != nil && (m.private == "" || m.private == who.User(room.Platform))
	})
	var pressed card.Button
	if ok {
		i := slices.IndexFunc(m.card.Buttons, func(b card.Button) bool { return b.Command == in.Command })
		if ok = i >= 0; ok {
			pressed = m.card.Buttons[i]
		}
	}
	if !ok {
		return &fault{http.StatusConflict, "gone", "the card has no such button any more"}
	}
	typed, wrote, err := press(pressed, in.Text)
	if err != nil {
		return err
	}
	return p.speak(ctx, message{room: room, person: who, text: typed, thread: m.id, click: pressed.Label, wrote: wrote})
}

// press is what pressing a button types: its command, and behind it what was
// written into its form, where it has one. The command comes from the card and
// never from the page, so the words stay words: they end the command and cannot
// become another.
func press(b card.Button, text string) (typed, wrote string, err error) {
	wrote = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(wrote); {
	case !b.Asks && text != "":
		return "", "", bad("no-form", "the button %q takes no text", b.Label)
	case !b.Asks:
		return b.Command, "", nil
	case wrote == "" || !utf8.ValidString(wrote):
		return "", "", bad("no-text", "the button %q asks for a text, and it is empty or no UTF-8", b.Label)
	case n > maxAnswer:
		return "", "", bad("form-too-long", "the text has %d characters; at most %d are taken", n, maxAnswer)
	}
	return b.Command + " " + wrote, wrote, nil
}

// speak puts a message into its room and hands it to the service. Not heard, it
// stays, marked, and can be sent again under the same id.
func (p *Page) speak(ctx context.Context, m message) error {
	m.at = p.now()
	id, turn, ok := p.line(m)
	if !ok {
		return &fault{http.StatusServiceUnavailable, "busy", fmt.Sprintf("the page already has %d rooms", maxRooms)}
	}
	m.id = id
	p.hub.notify()
	return p.hand(ctx, m, turn)
}

// line puts a message into its room and gives it its turn to be heard.
func (p *Page) line(m message) (id string, t turn, ok bool) {
	p.turns.mu.Lock()
	defer p.turns.mu.Unlock()
	if id, ok = p.rooms.add(m); ok {
		t = p.turns.next(m.room)
	}
	return id, t, ok
}

// hand gives a message to the service when its turn comes, and marks what became
// of it. Why it was declined is shown to who wrote it.
func (p *Page) hand(ctx context.Context, m message, t turn) error {
	defer t.end()
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	if err := t.wait(ctx); err != nil {
		return p.settled(m, err)
	}
	text, mention := cutMention(m.text)
	err := p.tell(ctx, chat.Message{
		Room: m.room, ID: m.id, Thread: m.thread, Delivery: m.id,
		Sender: chat.Person{ID: m.person.User(m.room.Platform), Name: m.person.Name},
		Text:   text, SentAt: m.at, Mention: mention,
		Command: m.click != "" || strings.HasPrefix(text, "/"),
	})
	if declined, ok := errors.AsType[*chat.Declined](err); ok {
		p.decline(m, declined.Text)
		err = nil
	}
	return p.settled(m, err)
}

// settled marks whether a message was heard.
func (p *Page) settled(m message, err error) error {
	if lost := err != nil; lost != m.lost {
		p.rooms.change(m.room, m.id, func(m *message) { m.lost = lost })
	}
	p.Changed()
	if err != nil {
		return &fault{http.StatusBadGateway, "unheard", "the service did not take the message: " + err.Error()}
	}
	return nil
}

// decline shows one person why what they asked for was not done.
func (p *Page) decline(to message, text string) {
	first, rest, more := strings.Cut(text, "\n")
	m := message{room: to.room, at: p.now(), thread: to.thread, card: &card.Card{Tone: card.Warning, Title: first}}
	if more {
		m.card.Lines = []card.Line{{Kind: card.Text, Text: rest}}
	}
	if !to.room.Direct {
		m.private = to.person.User(to.room.Platform)
	}
	p.rooms.add(m) // its room is there
}

// again sends a message that was not heard once more, under its own id: like a
// platform that redelivers.
func (p *Page) again(ctx context.Context, in struct {
	place
	Message string `json:"message"`
}) error {
	room, _, err := p.find(in.place)
	if err != nil {
		return err
	}
	m, ok := p.rooms.find(room, func(m *message) bool { return m.id == in.Message && m.card == nil })
	if !ok {
		return bad("gone", "message %q is not in this room", in.Message)
	}
	p.turns.mu.Lock()
	t := p.turns.next(room)
	p.turns.mu.Unlock()
	return p.hand(ctx, m, t)
}

var noDeadline = &fault{http.StatusConflict, "no-deadline", "nothing is due, ever"}

// time moves the clock: pause, x1, x60, x3600, minute (one minute on), next (to
// the next deadline of the customer, of anybody when it is ""), closing or
// inspection (from deadline to deadline of the customer until a closing card or the
// day's inspection; see ride.go). Each of them ends what another began.
func (p *Page) time(ctx context.Context, in struct {
	Op       string `json:"op"`
	Customer string `json:"customer"`
}) error {
	var to func(now time.Time) (time.Time, bool)
	switch in.Op {
	case "pause", "x1", "x60", "x3600":
		// Atoi of "ause" is 0: paused.
		speed, _ := strconv.Atoi(in.Op[1:])
		p.clock.SetSpeed(speed)
		p.moved(0, nil)
		return nil
	case "closing", "inspection":
		if _, err := p.customer(in.Customer); err != nil {
			return err
		}
		if _, ok := p.world.Next(ctx, in.Customer); !ok {
			return noDeadline
		}
		p.clock.board(in.Customer, rides[in.Op])
		p.moved(0, nil)
		return nil
	case "minute":
		to = func(now time.Time) (time.Time, bool) { return now.Add(time.Minute), true }
	case "next":
		if in.Customer != "" {
			if _, err := p.customer(in.Customer); err != nil {
				return err
			}
		}
		to = func(time.Time) (time.Time, bool) { return p.world.Next(ctx, in.Customer) }
	default:
		return bad("bad-op", "%q moves no clock; use pause, x1, x60, x3600, minute, next, closing or inspection", in.Op)
	}
	p.clock.alight()
	ctx, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	none := false
	stops, err := p.clock.advance(ctx, p.world, func(now time.Time) (time.Time, bool) {
		t, ok := to(now)
		none = !ok
		return t, ok
	})
	if none {
		return noDeadline
	}
	p.moved(stops, err)
	p.Changed()
	return err
}

// reset starts the demo anew.
func (p *Page) reset(ctx context.Context, _ struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	p.clock.turn.Lock()
	defer p.clock.turn.Unlock()
	err := p.world.Reset(ctx, func() {
		p.rooms.wipe()
		p.clock.reset()
	})
	p.moved(0, err)
	p.Changed()
	return err
}

// caseFile tells one case.
func (p *Page) caseFile(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c, err := p.customer(q.Get("customer"))
	if err != nil {
		fail(w, err)
		return
	}
	n, err := strconv.Atoi(q.Get("case"))
	if err != nil || n < 1 {
		fail(w, bad("unknown-case", "%q is no case number", q.Get("case")))
		return
	}
	file, err := p.service.Case(r.Context(), c.ID, n, language(q.Get("lang")))
	if errors.Is(err, ErrNoCase) {
		err = &fault{http.StatusNotFound, "unknown-case", fmt.Sprintf("%s has no case %d", c.ID, n)}
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, file)
}

// complete lists the commands that fit.
func (p *Page) complete(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	at := place{q.Get("customer"), q.Get("room"), q.Get("person")}
	if _, _, err := p.find(at); err != nil {
		fail(w, err)
		return
	}
	prefix := q.Get("prefix")
	if utf8.RuneCountInString(prefix) > maxPrefix {
		answer(w, http.StatusOK, []item{})
		return
	}
	items := []item{}
	for _, it := range p.service.Complete(at.Customer, at.Person, at.Room, prefix, language(q.Get("lang"))) {
		insert := it.Command
		if insert == "" {
			insert = it.Label
		}
		items = append(items, item{Label: it.Label, Value: it.Value, Insert: insert})
	}
	answer(w, http.StatusOK, items)
}

// item is one completion.
type item struct {
	Label  string `json:"label"`
	Value  string `json:"value,omitempty"`
	Insert string `json:"insert"`
}

func language(s string) string {
	if isLanguage(s) {
		return s
	}
	return languages[0]
}
