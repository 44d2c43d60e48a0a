package desk

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Missing lists the rooms of a customer that the config leaves open and nobody
// has made or bound yet.
func (d Desk) Missing() []Room {
	if d.Terms == nil {
		return nil
	}
	var out []Room
	for _, r := range d.Terms.Unbound {
		if d.Rooms[r] == "" {
			out = append(out, r)
		}
	}
	return out
}

// foundRooms asks the platform for the rooms that are missing. The asker hears
// what became of it.
func (b *book) foundRooms(missing []Room, invite []string) {
	b.d.Onboarding.Asked = Who{ID: b.in.Actor.ID, Name: b.by()}
	for _, r := range missing {
		if r == Front {
			b.askRoom(r, invite)
		} else {
			b.askRoom(r, nil)
		}
	}
	b.log(Event{Kind: string(NFounding), By: b.by()})
	b.tellRooms("asked", "", "", nil)
	if len(invite) > 0 && !slices.Contains(missing, Front) {
		b.invite(invite)
	}
}

// invite asks the platform to bring people of the customer into the front, which
// stands. The asker hears who could not be invited, and why.
func (b *book) invite(addresses []string) {
	b.d.Onboarding.Asked = Who{ID: b.in.Actor.ID, Name: b.by()}
	b.askRoom(Front, addresses)
	b.log(Event{Kind: "invite", By: b.by(), Inside: Internal(strings.Join(addresses, ", "))})
	b.tellRooms("inviting", strings.Join(addresses, ", "), "", nil)
}

// askRoom asks the platform for a room with people in it: it is made where it is
// missing.
func (b *book) askRoom(r Room, invite []string) {
	var people []Item
	for _, address := range invite {
		people = append(people, Item{Label: address})
	}
	b.tell(Notice{Kind: NFounding, Room: r, Urgent: true, Facts: b.fill(nil, Facts{Label: string(r), Items: people}, b.langOf(r, ""))})
}

// tellRooms tells the one who asked for the rooms how they stand: why one could not
// be made, and who could not be brought in.
func (b *book) tellRooms(how, line string, why Reason, missed []Reason) {
	if asked := b.d.Onboarding.Asked; asked.ID != "" {
		lang := b.langOf(Direct, asked.ID)
		in := Inside{Note: why.In(lang), Lines: readIn(missed, lang)}
		b.staffNotice(Notice{Kind: NAnswer, Sheet: "rooms", Room: Direct, Person: asked.ID}, nil, Facts{Label: how, Line: line, Items: roomItems(b.d)}, in)
	}
}

// founded takes a room that the platform has made. When it was the last one
// missing the onboarding begins: the welcome card, the first conversation. A room
// that somebody bound by hand in the meantime stays: the made one is named, so
// that somebody can use or archive it.
func (b *book) founded(a Founded) {
	if len(a.Invited) > 0 {
		b.invited(a)
		return
	}
	if a.Address == "" || b.d.Rooms[a.Room] == a.Address || !slices.Contains(b.terms().Unbound, a.Room) {
		return
	}
	if b.d.Rooms[a.Room] != "" {
		b.log(Event{Kind: "spare", Inside: Reason(a.Address).At(a.Room).In(b.langOf(Back, ""))})
		b.tellRooms("spare", string(a.Room), Reason(a.Address), nil)
		return
	}
	b.bindRoom(a.Room, a.Address)
	b.tellRooms("made", "", "", a.Missed)
	if len(b.d.Missing()) == 0 && b.d.Onboarding.Case == 0 {
		b.in.Actor = Actor{Role: System}
		b.beginOnboarding(b.at)
	}
}

// invited tells the asker who was invited into a room that stood already, and who
// could not be.
func (b *book) invited(a Founded) {
	b.log(Event{Kind: "invited", Inside: Internal(strings.Join(a.Invited, ", "))})
	b.tellRooms("invited", strings.Join(a.Invited, ", "), "", a.Missed)
}

// noRoom tells who manages, once, that letters wait for a room that nobody has made
// or bound yet.
func (b *book) noRoom() {
	m := b.manager(nil)
	if len(b.d.Missing()) == 0 || b.d.Onboarding.NoRoom || m == "" {
		return
	}
	b.d.Onboarding.NoRoom = true
	b.log(Event{Kind: "roomless"})
	b.staffNotice(Notice{Kind: NAnswer, Sheet: "rooms", Room: Direct, Person: m}, nil, Facts{Label: "waiting", Line: b.d.Customer, Items: roomItems(b.d)}, Inside{})
}

// unfounded tells the asker why a room could not be made, and what they can do.
func (b *book) unfounded(a Untold) {
	b.log(Event{Kind: "unreachable", Inside: a.Why.At(a.Room).In(b.langOf(Back, ""))})
	b.tellRooms("failed", string(a.Room), a.Why, nil)
}

// bind makes an existing room the customer's, by an administrator's word. Rooms
// that the config names are the config's.
func (b *book) bind(a Bind) {
	switch {
	case !slices.Contains(b.terms().Unbound, a.Room):
		b.refuse(WhyRoomFixed, 0)
		return
	case b.d.Rooms[a.Room] == a.Address:
		b.refuse(WhyDone, 0)
		return
	}
	for room, address := range b.d.Rooms {
		if address == a.Address && room != a.Room {
			b.refuse(WhyRoomTaken, 0)
			return
		}
	}
	b.d.Onboarding.Asked = Who{ID: b.in.Actor.ID, Name: b.by()}
	b.bindRoom(a.Room, a.Address)
	b.tellRooms("bound", "", "", nil)
}

// bindRoom remembers where a room is. Boards that stood elsewhere are told anew.
func (b *book) bindRoom(room Room, address string) {
	b.d.Rooms = maps.Clone(b.d.Rooms)
	if b.d.Rooms == nil {
		b.d.Rooms = map[Room]string{}
	}
	b.d.RoomsSince = maps.Clone(b.d.RoomsSince)
	if b.d.RoomsSince == nil {
		b.d.RoomsSince = map[Room]time.Time{}
	}
	moved := b.d.Rooms[room] != ""
	b.d.Rooms[room], b.d.RoomsSince[room] = address, b.now
	if len(b.d.Missing()) == 0 {
		b.d.Onboarding.NoRoom = false
	}
	b.log(Event{Kind: "bound", By: b.by(), Inside: Reason(address).At(room).In(b.langOf(Back, ""))})
	if !moved {
		return
	}
	for i := range b.d.Cases {
		c := b.edit(b.d.Cases[i].N)
		delete(c.Boards, room)
		if c.active() {
			b.boardIn(c, room, NUpdated)
		}
	}
}

// roomItems lists the rooms that can be made or bound, and where they are.
func roomItems(d Desk) []Item {
	var out []Item
	for _, r := range d.Terms.Unbound {
		out = append(out, Item{State: string(r), Value: d.Rooms[r], Done: d.Rooms[r] != ""})
	}
	return out
}
