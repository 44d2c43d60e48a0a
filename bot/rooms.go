package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"butler/bot/chat"
	"butler/bot/desk"
	"butler/commands"
)

// unbound hears a message from a room that belongs to no customer. Staff can bind
// it; a command is answered, or its writer would wonder; the rest is one line of
// the log.
func (b *Bot) unbound(ctx context.Context, m chat.Message) error {
	dir := b.Directory()
	if m.Deletes == "" && m.Edits == "" && m.Marks == "" && !m.Sender.App {
		r := commands.Read(m.Text, commands.Context{Room: desk.Back, Addressed: m.Mention, Command: m.Command,
			Staff: dir.staffOf(m.Room, m.Sender.ID), Customers: dir.has})
		if bind, ok := r.Act.(desk.Bind); ok && !m.Room.Direct {
			return b.bind(ctx, m, r.Customer, bind)
		}
	}
	b.Count.Unknown.Add(1)
	b.log.Warn("message from a room that belongs to no customer", "room", m.Room.String(), "sender", m.Sender.ID)
	if m.Command {
		return b.decline(m, desk.WhyUnbound)
	}
	return nil
}

// bind makes the room in which it was asked for a customer's. What no desk can
// answer, because there is none yet, is declined.
func (b *Bot) bind(ctx context.Context, m chat.Message, customer string, act desk.Bind) error {
	dir := b.Directory()
	if !dir.staffOf(m.Room, m.Sender.ID) {
		if len(dir.whose(m.Room)) > 0 {
			return b.decline(m, desk.WhyNotAllowed)
		}
		return b.decline(m, desk.WhyUnbound)
	}
	if m.Room.Direct {
		return b.decline(m, desk.WhyRoomOnly)
	}
	customer = dir.spelled(customer)
	h, ok := dir.Home(customer)
	if !ok {
		return b.decline(m, desk.WhyUnknownCust)
	}
	if act.Room == "" {
		switch {
		case h.Front.ID == "":
			act.Room = desk.Front
		case h.Back.ID == "":
			act.Room = desk.Back
		default: // none is missing: which side is meant must be said
			return b.decline(m, desk.WhyBadArgument)
		}
	}
	if h.room(act.Room).Platform != m.Room.Platform {
		return b.decline(m, desk.WhyRoomFixed)
	}
	for _, p := range dir.whose(m.Room) {
		if p.room != act.Room || act.Room == desk.Front && p.customer != customer {
			return b.decline(m, desk.WhyRoomTaken) // a room is never both, and a front one customer's
		}
	}
	act.Address = m.Room.String()
	actor := dir.actor(customer, m)
	return b.Handle(ctx, customer, desk.Input{ID: identity(m), At: m.SentAt, Ref: m.ID, Actor: actor, Room: desk.Direct, Act: act})
}

// settleRooms puts a customer's rooms in force as they stand on the desk.
func (b *Bot) settleRooms(customer string, rooms map[desk.Room]string) {
	for {
		old := b.dir.Load()
		h, ok := old.Home(customer)
		if !ok {
			return
		}
		next := old.free(customer, h.bound(rooms), b.log)
		if next.rooms() == h.rooms() || b.dir.CompareAndSwap(old, old.with(customer, next)) {
			return
		}
	}
}

// settleAll is settleRooms for many at once: the directory is built anew once.
func (b *Bot) settleAll(stand []standing) {
	// Two customers may claim one room: one of them was not in the config when the
	// other bound it. The later has it.
	slices.SortStableFunc(stand, func(x, y standing) int { return y.since.Compare(x.since) })
	for len(stand) > 0 {
		old := b.dir.Load()
		if b.dir.CompareAndSwap(old, old.withAll(stand, b.log)) {
			return
		}
	}
}

// standing is a room that was made or bound by hand, as its customer's desk
// remembers it.
type standing struct {
	place
	address string
	since   time.Time
}

// Rooms puts in force the rooms that were made or bound by hand, here or by
// another process: at the start, and from time to time. It reads the desks of
// those customers alone for whom the config leaves a room open.
func (b *Bot) Rooms(ctx context.Context) error {
	dir := b.Directory()
	var errs []error
	var stand []standing
	for _, id := range dir.Customers() {
		if h, _ := dir.Home(id); len(h.Terms.Unbound) == 0 {
			continue
		}
		l, err := b.o.Store.Load(ctx, id)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", id, err)) // the others are heard all the same
			continue
		}
		if h, _ := b.Directory().Home(id); h.bound(l.Desk.Rooms).rooms() != h.rooms() {
			for room, address := range l.Desk.Rooms {
				stand = append(stand, standing{place{id, room}, address, l.Desk.RoomsSince[room]})
			}
		}
	}
	b.settleAll(stand)
	b.rouseWaiting(ctx)
	return errors.Join(errs...)
}

// found carries out the wish for a room: the platform makes it, and the desk
// hears where it is.
func (b *Bot) found(ctx context.Context, n desk.Notice, l Letter, later laterFunc) Settlement {
	h, _ := b.Directory().Home(n.Customer)
	room := h.room(n.Room)
	if room.ID != "" {
		return b.invite(ctx, n, room, later) // it stood already, or somebody bound one meanwhile
	}
	f, ok := b.platforms[room.Platform].(Founder)
	if !ok {
		return b.never(ctx, n, l, noRooms(room.Platform, n), later)
	}
	making, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	made, err := f.Found(making, b.founding(h, n))
	if s, failed := b.failed(ctx, n, l, err, later); failed {
		return s
	}
	for _, p := range b.Directory().whose(made.Room) {
		if p.customer != n.Customer || p.room != n.Room { // two ids may make one name
			return b.never(ctx, n, l, roomOf(p.customer, made.Room, n), later)
		}
	}
	in := desk.Input{ID: "founded/" + n.Key, Actor: desk.Actor{Role: desk.System}, Act: desk.Founded{Room: n.Room, Address: made.Room.String(), Missed: leftOut(made.Missed)}}
	if err := b.Handle(ctx, n.Customer, in); err != nil {
		return later(0, err.Error())
	}
	return Settlement{Done: true}
}

// invite carries out the wish for people in a room that stands. What one platform
// cannot do, or not for somebody, is said of each of them.
func (b *Bot) invite(ctx context.Context, n desk.Notice, room chat.Room, later laterFunc) Settlement {
	emails := invited(n)
	if len(emails) == 0 {
		return Settlement{Done: true}
	}
	each := func(why, zh string) (missed []Missed) {
		for _, address := range emails {
			missed = append(missed, Missed{Who: address, Why: why, Zh: zh})
		}
		return missed
	}
	var missed []Missed
	if p, ok := b.platforms[room.Platform].(Inviter); ok {
		inviting, cancel := context.WithTimeout(ctx, lease/2)
		defer cancel()
		var err error
		var no *chat.Never
		var wait *chat.Later
		switch missed, err = p.Invite(inviting, room, emails); {
		case errors.As(err, &no):
			missed = each(no.Why, no.Zh)
		case errors.As(err, &wait):
			return later(wait.After, wait.Why)
		case err != nil:
			return later(0, err.Error())
		}
	} else {
		missed = each(fmt.Sprintf("butler invites nobody by e-mail on %s; invite them into the room by hand", room.Platform),
			fmt.Sprintf("管家不能在平台 %s 上用邮箱邀请，请在群里手动邀请", room.Platform))
	}
	in := desk.Input{ID: "founded/" + n.Key, Actor: desk.Actor{Role: desk.System},
		Act: desk.Founded{Room: n.Room, Address: room.String(), Invited: emails, Missed: leftOut(missed)}}
	if err := b.Handle(ctx, n.Customer, in); err != nil {
		return later(0, err.Error())
	}
	return Settlement{Done: true}
}

// invited are the addresses that a wish for a room names.
func invited(n desk.Notice) (emails []string) {
	if n.Facts == nil {
		return nil
	}
	for _, it := range n.Facts.Items {
		emails = append(emails, it.Label)
	}
	return emails
}

// founding says who belongs into a customer's room: the roster and the TAM, and
// in the front the customer's own people.
func (b *Bot) founding(h Home, n desk.Notice) Founding {
	t, dir := h.Terms, b.Directory()
	platform := h.room(n.Room).Platform
	f := Founding{Name: "butler-" + roomName(t.Customer), Topic: t.Name, Front: n.Room == desk.Front}
	people := slices.Concat(t.Duty.Primary, t.Duty.Backup, t.Duty.Manager, []string{t.TAM})
	slices.Sort(people)
	for _, p := range slices.Compact(people) {
		if id := dir.ids[p][platform]; id != "" {
			f.Staff = append(f.Staff, id)
		}
	}
	if !f.Front {
		f.Name += "-inside"
		return f
	}
	for _, address := range slices.Sorted(maps.Keys(h.Contacts)) {
		if id, ok := strings.CutPrefix(address, platform+":"); ok {
			f.Guests = append(f.Guests, id)
		}
	}
	f.Emails = invited(n)
	return f
}

// roomName makes a customer's id a part of a room's name.
func roomName(id string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, id)
	name = name[:min(len(name), 40)]
	if name != id || strings.HasSuffix(name, "-inside") {
		sum := fnv.New32a()
		sum.Write([]byte(id)) // two ids must not make one name
		name += fmt.Sprintf("-%04x", sum.Sum32()&0xffff)
	}
	return name
}
