package bottest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// Fake is a platform that takes every message at once, keeps it, and can be
// told to be down, to refuse people, or to lose its answers.
type Fake struct {
	name string
	now  func() time.Time

	mu     sync.Mutex
	n      int
	until  time.Time         // down until
	gone   map[string]string // room or user id → why it will never take a message
	Sent   []Posted          // every message, edits included
	NoEdit bool
}

// Posted is one message as the platform shows it.
type Posted struct {
	Ref  string
	Edit bool
	At   time.Time
	bot.Sending
}

// NewFake returns a platform of that name on an owned clock.
func NewFake(name string, now func() time.Time) *Fake {
	return &Fake{name: name, now: now, gone: map[string]string{}}
}

// Name is the platform's name.
func (f *Fake) Name() string { return f.name }

// Listen waits for the end: messages of a play come through the World.
func (f *Fake) Listen(ctx context.Context, _ bot.Hear) error {
	<-ctx.Done()
	return ctx.Err()
}

// Ready is nil unless the platform is down.
func (f *Fake) Ready() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now().Before(f.until) {
		return fmt.Errorf("%s is down until %s", f.name, f.until)
	}
	return nil
}

// Limits: none.
func (f *Fake) Limits(chat.Room) chat.Limits { return chat.Limits{} }

// Down makes the platform answer Later until a moment.
func (f *Fake) Down(until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = until
}

// Gone makes the platform refuse a room or person for ever; "" takes it back.
func (f *Fake) Gone(id, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if why == "" {
		delete(f.gone, id)
		return
	}
	f.gone[id] = why
}

// Send takes a message.
func (f *Fake) Send(_ context.Context, s bot.Sending) (chat.Receipt, error) {
	return f.post(s, "")
}

// Edit changes a message in place.
func (f *Fake) Edit(_ context.Context, ref string, s bot.Sending) (chat.Receipt, error) {
	return f.post(s, ref)
}

func (f *Fake) post(s bot.Sending, edit string) (chat.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Before(f.until) {
		return chat.Receipt{}, &chat.Later{Why: f.name + " is down"}
	}
	if why, ok := f.gone[s.Room.ID]; ok {
		return chat.Receipt{}, &chat.Never{Why: why, Zh: "平台不接收（" + why + "）"}
	}
	ref := edit
	if ref == "" {
		f.n++
		ref = fmt.Sprintf("%s-%d", f.name, f.n)
	}
	f.Sent = append(f.Sent, Posted{Ref: ref, Edit: edit != "", At: now, Sending: s})
	return chat.Receipt{Ref: ref}, nil
}

// Showing returns what a message shows now, after its edits.
func (f *Fake) Showing(ref string) (Posted, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.Sent) - 1; i >= 0; i-- {
		if f.Sent[i].Ref == ref {
			return f.Sent[i], true
		}
	}
	return Posted{}, false
}
