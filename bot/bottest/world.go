package bottest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Clock is a clock that moves only when it is told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a moment.
func NewClock(t time.Time) *Clock { return &Clock{now: t.UTC()} }

// Now is where it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves it forward; backwards it does not go.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t.UTC()
	}
}

// World is one bot on one store with owned time and platforms that can fail.
type World struct {
	Clock *Clock
	Store bot.Store
	Bot   *bot.Bot
	Dir   *bot.Directory
	Fakes map[string]*Fake
	Told  []bot.Telling // everything told so far

	o     WorldOptions
	last  *chat.Message
	lastC string // the customer spoken of last
	n     int
}

// WorldOptions is what a World is made of.
type WorldOptions struct {
	Directory *bot.Directory
	Start     time.Time
	Store     bot.Store // nil: memory
	Clock     *Clock    // nil: a new one at Start
	Decide    desk.Decision
	Log       *slog.Logger
	Watch     func(bot.Committed)
}

// NewWorld starts a bot at the beginning of time and gives every desk its terms.
func NewWorld(ctx context.Context, o WorldOptions) (*World, error) {
	if o.Start.IsZero() {
		o.Start = DefaultStart
	}
	w := &World{Dir: o.Directory, Fakes: map[string]*Fake{}, o: o, Clock: o.Clock, Store: o.Store}
	if w.Clock == nil {
		w.Clock = NewClock(o.Start)
	}
	if w.Store == nil {
		w.Store = NewMem(w.Clock.Now)
	}
	for _, id := range w.Dir.Customers() {
		h, _ := w.Dir.Home(id)
		for _, name := range []string{h.Front.Platform, h.Back.Platform} {
			if w.Fakes[name] == nil {
				w.Fakes[name] = NewFake(name, w.Clock.Now)
			}
			w.Dir.Recognise(name)
		}
	}
	w.boot()
	return w, w.settle(ctx)
}

// boot starts a process on the store as it stands.
func (w *World) boot() {
	var platforms []bot.Platform
	names := make([]string, 0, len(w.Fakes))
	for name := range w.Fakes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		platforms = append(platforms, w.Fakes[name])
	}
	w.Bot = bot.New(bot.Options{Store: w.Store, Directory: w.Dir, Platforms: platforms, Parallel: 1, Decide: w.o.Decide, Log: w.o.Log,
		Watch: w.o.Watch, Told: func(t bot.Telling) { w.Told = append(w.Told, t) }})
}

func (w *World) settle(ctx context.Context) error {
	if err := w.Bot.Apply(ctx); err != nil {
		return err
	}
	_, err := w.Bot.Quiesce(ctx)
	return err
}

// Wait lets time pass; everything due on the way happens at its own moment.
func (w *World) Wait(ctx context.Context, d time.Duration) error {
	return w.Bot.Advance(ctx, w.Clock, w.Clock.Now().Add(d))
}

// Crash kills the process and starts another one on the same store after d.
func (w *World) Crash(ctx context.Context, d time.Duration) error {
	w.Clock.Set(w.Clock.Now().Add(d))
	w.boot()
	return w.settle(ctx)
}

// Say lets a person speak in a room of a customer, optionally in the thread of a
// case.
func (w *World) Say(ctx context.Context, customer, room, person, text string, thread int) error {
	m, err := w.message(customer, room, person, text)
	if err != nil {
		return err
	}
	if thread != 0 {
		l, err := w.Store.Load(ctx, customer)
		if err != nil {
			return err
		}
		c, ok := l.Desk.Case(thread)
		if !ok || c.Boards[desk.Room(room)].Ref == "" {
			return fmt.Errorf("%s has no board of case %d in the %s room", customer, thread, room)
		}
		m.Thread = c.Boards[desk.Room(room)].Ref
	}
	return w.hear(ctx, m)
}

func (w *World) hear(ctx context.Context, m chat.Message) error {
	w.last = &m
	if err := w.Bot.Hear(ctx, m); err != nil {
		return err
	}
	_, err := w.Bot.Quiesce(ctx)
	return err
}

// message builds what the platform would hear.
func (w *World) message(customer, room, person, text string) (chat.Message, error) {
	h, ok := w.Dir.Home(customer)
	if !ok {
		return chat.Message{}, fmt.Errorf("no customer is called %q; there are %s", customer, strings.Join(w.Dir.Customers(), ", "))
	}
	w.lastC = customer
	w.n++
	m := chat.Message{Room: h.Front, ID: fmt.Sprintf("m%d", w.n), SentAt: w.Clock.Now(), Text: text}
	switch desk.Room(room) {
	case desk.Back:
		m.Room = h.Back
	case desk.Direct:
		r, err := w.Dir.Room(customer, desk.Direct, person)
		if err != nil {
			return m, err
		}
		m.Room = r
	}
	m.Sender = chat.Person{ID: w.Dir.User(customer, person, m.Room.Platform), Name: w.Dir.Name(customer, person)}
	if m.Sender.ID == "" {
		m.Sender.ID = person // known by the World under their own id
	}
	for _, call := range []string{"@管家", "@安全管家", "@butler", "@Butler"} {
		if rest, ok := strings.CutPrefix(m.Text, call); ok {
			m.Text, m.Mention = strings.TrimSpace(rest), true
		}
	}
	return m, nil
}

// ErrNoButton says that nobody can press what is not there.
var ErrNoButton = errors.New("no visible button")

// Click presses the newest visible button with that payload.
func (w *World) Click(ctx context.Context, customer, room, person, command string) error {
	h, ok := w.Dir.Home(customer)
	if !ok {
		return fmt.Errorf("no customer is called %q; there are %s", customer, strings.Join(w.Dir.Customers(), ", "))
	}
	address := h.Front
	switch desk.Room(room) {
	case desk.Back:
		address = h.Back
	case desk.Direct:
		r, err := w.Dir.Room(customer, desk.Direct, person)
		if err != nil {
			return err
		}
		address = r
	}
	fake := w.Fakes[address.Platform]
	seen := map[string]bool{}
	var there []string
	for i := len(fake.Sent) - 1; i >= 0; i-- {
		p := fake.Sent[i]
		if p.Room.ID != address.ID || seen[p.Ref] {
			continue // an older state of a message that was edited since
		}
		seen[p.Ref] = true
		for _, btn := range p.Card.Buttons {
			there = append(there, btn.Command)
			if btn.Command == command {
				m, err := w.message(customer, room, person, command)
				if err != nil {
					return err
				}
				m.Command = true
				return w.hear(ctx, m)
			}
		}
	}
	return fmt.Errorf("%w %q in the %s room of %s; there are: %s", ErrNoButton, command, room, customer, strings.Join(there, " · "))
}

// Redeliver lets the platform deliver its last message once more.
func (w *World) Redeliver(ctx context.Context) error {
	if w.last == nil {
		return errors.New("nothing was said that could be delivered again")
	}
	m := *w.last
	m.Delivery = fmt.Sprintf("again-%d", w.n)
	if err := w.Bot.Hear(ctx, m); err != nil {
		return err
	}
	_, err := w.Bot.Quiesce(ctx)
	return err
}

// Act hands an input of the world (a finding, advice, a receipt) to a desk.
func (w *World) Act(ctx context.Context, customer string, act desk.Act) error {
	w.n++
	w.lastC = customer
	in := desk.Input{ID: fmt.Sprintf("world/%d", w.n), At: w.Clock.Now(), Actor: desk.Actor{Role: desk.System}, Act: act}
	if err := w.Bot.Handle(ctx, customer, in); err != nil {
		return err
	}
	_, err := w.Bot.Quiesce(ctx)
	return err
}

// Desk returns a customer's desk as it stands, with its terms.
func (w *World) Desk(ctx context.Context, customer string) (desk.Desk, error) {
	l, err := w.Store.Load(ctx, customer)
	if err != nil {
		return desk.Desk{}, err
	}
	h, _ := w.Dir.Home(customer)
	l.Desk.Terms = h.Terms
	return l.Desk, nil
}
