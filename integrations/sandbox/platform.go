package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"butler/bot"
	"butler/bot/chat"
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

// Listen hands what people do on the page to hear, until ctx ends, and
// returns when hear works on none any more. A message that hear did not take is
// shown as such, and can be sent again under its id.
func (p *Platform) Listen(ctx context.Context, hear bot.Hear) error {
	e := &ear{hear: hear, over: ctx}
	p.page.ears.Store(p.name, e)
	<-ctx.Done()
	p.page.ears.CompareAndDelete(p.name, e)
	e.working.Lock() // what hear works on ends first
	return nil
}

// ear is one Listen.
type ear struct {
	hear    bot.Hear
	over    context.Context // of Listen
	working sync.RWMutex    // read while hear works
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
// twice. Never: a room that is on nobody's page, and what is for one person alone
// whom the room's page does not know.
func (p *Platform) Send(_ context.Context, s bot.Sending) (chat.Receipt, error) {
	direct, ok := p.page.shows(s.Room)
	if !ok {
		return chat.Receipt{}, &chat.Never{Why: "no such room: " + s.Room.String()}
	}
	if s.Private && !direct && !p.page.knows(s.Room, s.Person) {
		return chat.Receipt{}, &chat.Never{Why: fmt.Sprintf("nobody in %s is the person %q", s.Room, s.Person)}
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
	p.page.arrived(s.Room, s.Kind)
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
	found, ok := p.ears.Load(m.Room.Platform)
	if !ok {
		return errDeaf
	}
	e := found.(*ear)
	e.working.RLock()
	defer e.working.RUnlock()
	if e.over.Err() != nil {
		return errDeaf
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.over, cancel)()
	return e.hear(ctx, m)
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

// knows reports whether somebody is one of the people of a room's page.
func (p *Page) knows(room chat.Room, user string) bool {
	for _, c := range p.service.Customers() {
		here := slices.ContainsFunc(c.rooms(), func(r chat.Room) bool { return r.String() == room.String() })
		if here && slices.ContainsFunc(c.People, func(who Person) bool { return who.User(room.Platform) == user }) {
			return true
		}
	}
	return false
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
