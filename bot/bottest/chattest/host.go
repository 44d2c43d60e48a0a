package chattest

import (
	"context"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

// host is the bot as far as platforms ask it, shared by all processes of a case.
type host struct {
	h Harness

	mu      sync.Mutex
	last    time.Time
	tallies map[string]int64
	forms   map[string]card.Form // by command
	deaf    []deafness
}

// deafness is what the host was told of a gap.
type deafness struct {
	room     chat.Room
	from, to time.Time
}

func newHost(h Harness) *host {
	return &host{h: h, tallies: map[string]int64{}, forms: map[string]card.Form{}}
}

func (h *host) Form(_ context.Context, m chat.Message) (card.Form, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, ok := h.forms[m.Text]
	return f, ok
}

// Home is a page of one card that names its owner.
func (h *host) Home(_ context.Context, platform, user string) ([]card.Card, error) {
	return []card.Card{aCard("home", "这是 "+user+" 的一页")}, nil
}

func (h *host) Staff(platform, user string) bool { return user == h.h.Expert.ID }

func (h *host) Read(context.Context, string, string, string, time.Time) error { return nil }

func (h *host) Tally(_ context.Context, name string, n int64) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tallies[name] += n
	return h.tallies[name], nil
}

func (h *host) Ears(context.Context, string) ([]bot.Ear, error) {
	return []bot.Ear{{Room: h.h.Front, Front: true}, {Room: h.h.Back}}, nil
}

func (h *host) Hearing(context.Context, string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = h.h.Now()
	return nil
}

func (h *host) LastHearing(context.Context, string) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last, nil
}

func (h *host) Deaf(_ context.Context, room chat.Room, from, to time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = append(h.deaf, deafness{room, from, to})
	return nil
}

// asks makes a command have a form.
func (h *host) asks(f card.Form) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forms[f.Command] = f
}

// gaps is what was told so far.
func (h *host) gaps() []deafness {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.deaf)
}

// heardAt reports whether it was noted that a platform hears, at a time or later.
func (h *host) heardAt(at time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.last.IsZero() && !h.last.Before(at)
}
