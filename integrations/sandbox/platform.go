package sandbox

import (
	"context"
	"errors"
	"fmt"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Platform is the page under one platform name. In the demo one page stands in
// for every platform of the config.
type Platform struct {
	page *Page
	name string
}

var (
	_ bot.Platform = (*Platform)(nil)
	_ bot.Editor   = (*Platform)(nil)
)

// Platform returns the page as the platform of that name: slack, dingtalk, sandbox.
func (p *Page) Platform(name string) *Platform { return &Platform{p, name} }

// Name is the word before the colon of the addresses the page stands in for.
func (p *Platform) Name() string { return p.name }

// Listen hands what people do on the page to hear, until ctx ends. A message
// that hear did not take is shown as such, and can be sent again under its id.
func (p *Platform) Listen(ctx context.Context, hear bot.Hear) error {
	p.page.ears.Store(p.name, hear)
	<-ctx.Done()
	p.page.ears.Delete(p.name)
	return nil
}

// Ready is nil while Listen runs.
func (p *Platform) Ready() error {
	if _, ok := p.page.ears.Load(p.name); !ok {
		return fmt.Errorf("sandbox: nobody listens for %s", p.name)
	}
	return nil
}

// Limits is nothing: memory has no rate.
func (p *Platform) Limits(chat.Room) chat.Limits { return chat.Limits{} }

// Send shows a card in its room. A key that the room already shows is not shown
// twice. Never: a room that is on nobody's page.
func (p *Platform) Send(_ context.Context, s bot.Sending) (chat.Receipt, error) {
	direct, ok := p.page.shows(s.Room)
	if !ok {
		return chat.Receipt{}, &chat.Never{Why: "no such room: " + s.Room.String()}
	}
	if s.Key != "" {
		if m, ok := p.page.rooms.find(s.Room, func(m *message) bool { return m.key == s.Key }); ok {
			return chat.Receipt{Ref: m.id}, nil
		}
	}
	m := message{
		room: s.Room, at: p.page.now(), thread: s.Thread,
		card: &s.Card, key: s.Key, kind: string(s.Kind), urgent: s.Urgent,
	}
	if !direct {
		m.asked = s.Name
		if s.Private {
			m.private, m.asked = s.Person, ""
		}
	}
	id, ok := p.page.rooms.add(m)
	if !ok {
		return chat.Receipt{}, &chat.Never{Why: fmt.Sprintf("the page already has %d rooms", maxRooms)}
	}
	if s.Kind == desk.NSafe {
		p.page.closed(s.Room)
	}
	p.page.hub.notify()
	return chat.Receipt{Ref: id}, nil
}

// Edit shows a card in the place of an earlier one. Never: the message is not
// (or no longer) on the page.
func (p *Platform) Edit(_ context.Context, ref string, s bot.Sending) (chat.Receipt, error) {
	ok := p.page.rooms.change(s.Room, ref, func(m *message) {
		m.card, m.updated, m.kind = &s.Card, p.page.now(), string(s.Kind)
	})
	if !ok {
		return chat.Receipt{}, &chat.Never{Why: "no such message: " + ref}
	}
	p.page.hub.notify()
	return chat.Receipt{Ref: ref}, nil
}

// errDeaf means that no bot listens for the platform of a room.
var errDeaf = errors.New("the service is not listening")

// tell hands a message to whoever listens for its platform.
func (p *Page) tell(ctx context.Context, m chat.Message) error {
	hear, ok := p.ears.Load(m.Room.Platform)
	if !ok {
		return errDeaf
	}
	return hear.(bot.Hear)(ctx, m)
}

// shows reports whether a room is on somebody's page, and whether it is a direct chat.
func (p *Page) shows(room chat.Room) (direct, ok bool) {
	for _, c := range p.service.Customers() {
		for i, r := range c.rooms() {
			if r.String() == room.String() {
				return i >= 2, true
			}
		}
	}
	return false, false
}

// rooms lists front, back, and the direct chats of all people.
func (c Customer) rooms() []chat.Room {
	list := []chat.Room{c.Front, c.Back}
	for _, p := range c.People {
		if p.Direct.ID != "" {
			list = append(list, p.Direct)
		}
	}
	return list
}
