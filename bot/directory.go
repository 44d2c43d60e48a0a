package bot

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sort"
	"strings"

	"butler/bot/chat"
	"butler/bot/desk"
)

// Directory says who is who and where: which room belongs to which customer,
// which platform user is which person. Immutable once built.
type Directory struct {
	customers []string // sorted
	homes     map[string]Home
	rooms     map[string][]place           // address → whose rooms it is
	people    map[string]desk.Person       // by id
	ids       map[string]map[string]string // person → platform → user id
	users     map[string]string            // platform:user id → person id
}

// Home is one customer's terms and rooms. A room without an ID is still to be
// made or bound.
type Home struct {
	Terms *desk.Terms
	Front chat.Room
	Back  chat.Room
	// Contacts maps the customer's people: platform:user id → contact id.
	Contacts map[string]string

	own *desk.Terms // as the config has them: Terms may say more (shareBacks)
}

func (h Home) room(r desk.Room) chat.Room {
	if r == desk.Front {
		return h.Front
	}
	return h.Back
}

// bound is the home with the rooms that were made or bound by hand.
func (h Home) bound(rooms map[desk.Room]string) Home {
	for _, r := range h.Terms.Unbound {
		platform, id, ok := strings.Cut(rooms[r], ":")
		switch {
		case !ok:
		case r == desk.Front:
			h.Front = chat.Room{Platform: platform, ID: id}
		default:
			h.Back = chat.Room{Platform: platform, ID: id}
		}
	}
	return h
}

type place struct {
	customer string
	room     desk.Room
}

// Staff is one of the people with their ids on the platforms.
type Staff struct {
	Person desk.Person
	IDs    map[string]string // platform → user id
}

// NewDirectory builds a directory. The config has checked its parts.
func NewDirectory(homes []Home, staff []Staff) *Directory {
	d := &Directory{homes: map[string]Home{}, people: map[string]desk.Person{},
		ids: map[string]map[string]string{}, users: map[string]string{}}
	for _, h := range homes {
		id := h.Terms.Customer
		d.customers = append(d.customers, id)
		h.own = h.Terms
		d.homes[id] = h
	}
	sort.Strings(d.customers)
	d.rooms = d.whereabouts()
	for _, s := range staff {
		d.people[s.Person.ID] = s.Person
		d.ids[s.Person.ID] = s.IDs
		for platform, user := range s.IDs {
			d.users[platform+":"+user] = s.Person.ID
		}
	}
	return d
}

// Customers lists the customer ids in order.
func (d *Directory) Customers() []string { return d.customers }

// Home returns a customer's terms and rooms.
func (d *Directory) Home(customer string) (Home, bool) {
	h, ok := d.homes[customer]
	return h, ok
}

// errNoRoom: the room is still to be made, by /onboard, or bound, by /bind.
var errNoRoom = errors.New("there is no room yet")

// with is the directory with a customer's home as it is now.
func (d *Directory) with(customer string, h Home) *Directory {
	next := *d
	next.homes = maps.Clone(d.homes)
	next.homes[customer] = h
	next.rooms = next.whereabouts()
	next.shareBacks()
	return &next
}

func (h Home) rooms() [2]chat.Room { return [2]chat.Room{h.Front, h.Back} }

// withAll is with for many rooms, in their order; one that is another's by then is
// left out.
func (d *Directory) withAll(stand []standing, log *slog.Logger) *Directory {
	next := *d
	next.homes = maps.Clone(d.homes)
	next.rooms = maps.Clone(d.rooms)
	for _, s := range stand { // where they were is free
		was := next.homes[s.customer].room(s.room).String()
		next.rooms[was] = slices.DeleteFunc(slices.Clone(next.rooms[was]), func(p place) bool { return p == s.place })
	}
	for _, s := range stand {
		h, ok := next.homes[s.customer]
		if !ok {
			continue
		}
		h = next.free(s.customer, h.bound(map[desk.Room]string{s.room: s.address}), log)
		next.homes[s.customer] = h
		if at := h.room(s.room); at.ID != "" {
			next.rooms[at.String()] = append(slices.Clip(next.rooms[at.String()]), s.place)
		}
	}
	next.rooms = next.whereabouts()
	next.shareBacks()
	return &next
}

// free is a home without the rooms that are another customer's already: a front is
// one customer's, and no room is both a front and a back. The home's other room
// stays: the customer must be heard.
func (d *Directory) free(customer string, h Home, log *slog.Logger) Home {
	taken := func(room chat.Room, side desk.Room) bool {
		i := slices.IndexFunc(d.whose(room), func(p place) bool {
			return p.customer != customer && (p.room == desk.Front || side == desk.Front)
		})
		if room.ID == "" || i < 0 {
			return false
		}
		log.Error("a room bound by hand is another's; it is not listened to: bind another", "customer", customer, "side", side, "room", room.String(), "other", d.whose(room)[i].customer)
		return true
	}
	if taken(h.Front, desk.Front) {
		h.Front.ID = ""
	}
	if taken(h.Back, desk.Back) {
		h.Back.ID = ""
	}
	return h
}

// shareBacks marks the customers whose back room, bound by hand, serves others
// too: their cases are written acme#1 there.
func (d *Directory) shareBacks() {
	for id, h := range d.homes {
		shared := h.Back.ID != "" && len(d.whose(h.Back)) > 1
		switch {
		case shared == h.Terms.SharedBack:
		case shared:
			t := *h.own
			t.SharedBack = true
			h.Terms = &t
			d.homes[id] = h
		case !h.own.SharedBack:
			h.Terms = h.own
			d.homes[id] = h
		}
	}
}

// whereabouts maps every address to those whose room it is.
func (d *Directory) whereabouts() map[string][]place {
	rooms := map[string][]place{}
	for _, id := range d.customers {
		for _, p := range []place{{id, desk.Front}, {id, desk.Back}} {
			if room := d.homes[id].room(p.room); room.ID != "" {
				rooms[room.String()] = append(rooms[room.String()], p)
			}
		}
	}
	return rooms
}

// Room is where a notice goes. Direct messages go to the person on the platform
// of the back room; a customer's own person is answered in the front.
func (d *Directory) Room(customer string, room desk.Room, person string) (chat.Room, error) {
	h, ok := d.homes[customer]
	if !ok {
		return chat.Room{}, fmt.Errorf("no customer is called %q", customer)
	}
	if room == desk.Front || room == desk.Back {
		if h.room(room).ID == "" {
			return h.room(room), fmt.Errorf("the %s of %s: %w", room, customer, errNoRoom)
		}
		return h.room(room), nil
	}
	if user := d.ids[person][h.Back.Platform]; user != "" {
		return chat.Room{Platform: h.Back.Platform, ID: user, Direct: true}, nil
	}
	return chat.Room{}, fmt.Errorf("%s has no %s id in the config", person, h.Back.Platform)
}

// User is a person's id on a platform; for people of the customer's side the id
// is theirs already.
func (d *Directory) User(customer, person, platform string) string {
	if _, staff := d.people[person]; staff {
		return d.ids[person][platform]
	}
	for address, contact := range d.homes[customer].Contacts {
		if contact == person && strings.HasPrefix(address, platform+":") {
			return strings.TrimPrefix(address, platform+":")
		}
	}
	return person
}

// Name is what a person is called.
func (d *Directory) Name(customer, person string) string {
	if p, ok := d.people[person]; ok {
		return p.Name
	}
	if h, ok := d.homes[customer]; ok {
		return h.Terms.Called(person)
	}
	return person
}

// actor says who spoke: one of the people by their user id, else the customer.
func (d *Directory) actor(customer string, m chat.Message) desk.Actor {
	address := m.Room.Platform + ":" + m.Sender.ID
	if id, ok := d.users[address]; ok {
		p := d.people[id]
		return desk.Actor{ID: p.ID, Name: p.Name, Role: p.Role}
	}
	a := desk.Actor{ID: m.Sender.ID, Name: m.Sender.Name, Role: desk.CustomerSide}
	if h, ok := d.homes[customer]; ok {
		if id, ok := h.Contacts[address]; ok {
			a.ID = id
			for _, c := range h.Terms.Contacts {
				if c.ID == id {
					a.Authorised = c.Authorised
					if c.Name != "" {
						a.Name = c.Name
					}
				}
			}
		}
	}
	return a
}

// resolve finds a person of the staff by what somebody typed: id, name, or the
// user id of a mention.
func (d *Directory) resolve(platform, typed string) (string, bool) {
	typed = strings.TrimPrefix(strings.TrimSpace(typed), "@")
	typed = strings.TrimSuffix(strings.TrimPrefix(typed, "<@"), ">")
	if _, ok := d.people[typed]; ok {
		return typed, true
	}
	if id, ok := d.users[platform+":"+typed]; ok {
		return id, true
	}
	var found []string
	for id, p := range d.people {
		if strings.EqualFold(p.Name, typed) || strings.EqualFold(id, typed) {
			found = append(found, id)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return "", false
}

// whose lists the places an address stands for: one front, or one or more backs.
func (d *Directory) whose(room chat.Room) []place { return d.rooms[room.String()] }

// staffOf reports whether a platform user is one of the people.
func (d *Directory) staffOf(room chat.Room, user string) bool {
	_, ok := d.users[room.Platform+":"+user]
	return ok
}

// spelled is a customer's id as the config writes it.
func (d *Directory) spelled(typed string) string {
	if d.has(typed) {
		return typed
	}
	for _, id := range d.customers {
		if strings.EqualFold(id, typed) {
			return id
		}
	}
	return typed
}

// has reports whether a customer is in the directory.
func (d *Directory) has(customer string) bool {
	_, ok := d.homes[customer]
	return ok
}

// Recognise lets every person of the staff be known on a platform by their own
// id where the config gives them none there: in plays people speak under the
// names of the config.
func (d *Directory) Recognise(platform string) {
	for id := range d.people {
		if d.ids[id][platform] == "" {
			d.users[platform+":"+id] = id
		}
	}
}
