package bot

import (
	"context"

	"butler/bot/desk"
)

// waitForRoom settles a letter whose room is still to be made: the desk tells who
// manages, once, and the letter rests until somebody makes or binds the room.
func (b *Bot) waitForRoom(ctx context.Context, n desk.Notice, l Letter, why string, later laterFunc) Settlement {
	if err := b.Handle(ctx, n.Customer, desk.Input{Actor: desk.Actor{Role: desk.System}, Act: desk.NoRoom{}}); err != nil {
		return later(0, err.Error())
	}
	b.roomless.Store(l.Lane, place{n.Customer, n.Room})
	return later(noRoomWait, why)
}

// rouse wakes the lanes of a customer's rooms, of which one has changed.
func (b *Bot) rouse(ctx context.Context, customer string) {
	for _, room := range []desk.Room{desk.Front, desk.Back} {
		b.rouseLane(ctx, customer, desk.Notice{Customer: customer, Room: room}.Lane())
	}
}

func (b *Bot) rouseLane(ctx context.Context, customer, lane string) {
	if err := b.o.Store.Rouse(ctx, customer, lane); err != nil {
		b.log.Warn("a lane could not be roused; its letters wait up to an hour", "lane", lane, "error", err)
		return
	}
	b.roomless.Delete(lane)
}

// rouseWaiting wakes the lanes that this process saw waiting and whose room is
// there: the letter may have been on its way when the room was bound, or who bound
// it ended before it roused them.
func (b *Bot) rouseWaiting(ctx context.Context) {
	dir := b.Directory()
	b.roomless.Range(func(lane, v any) bool {
		p := v.(place)
		if h, ok := dir.Home(p.customer); ok && h.room(p.room).ID != "" {
			b.rouseLane(ctx, p.customer, lane.(string))
		}
		return ctx.Err() == nil
	})
}

// rouseAll wakes the lanes of all rooms that were made or bound by hand, at the
// start: what an earlier process saw waiting is not known any more.
func (b *Bot) rouseAll(ctx context.Context) {
	dir := b.Directory()
	for _, id := range dir.Customers() {
		h, _ := dir.Home(id)
		for _, room := range h.Terms.Unbound {
			if h.room(room).ID != "" {
				b.rouseLane(ctx, id, desk.Notice{Customer: id, Room: room}.Lane())
			}
		}
	}
}
