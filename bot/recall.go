package bot

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"butler/bot/desk"
)

// maxRecalls bounds the attempts to take a message back: behind the wish others
// wait to be told.
const maxRecalls = 8

// recall carries out the wish to take a message back, and tells the desk what
// became of it.
func (b *Bot) recall(ctx context.Context, d desk.Desk, n desk.Notice, l Letter, later laterFunc) Settlement {
	h, _ := b.Directory().Home(n.Customer)
	room := h.room(n.Room)
	r, ok := b.platforms[room.Platform].(Recaller)
	if !ok {
		return b.never(ctx, n, l, noRecall(room.Platform), later)
	}
	c, _ := d.Case(n.Case)
	switch {
	case c.Replied.Key != n.Facts.Line:
		return b.never(ctx, n, l, newerAnswer, later)
	case l.Attempt > maxRecalls:
		return b.never(ctx, n, l, silent(room.Platform), later)
	case !c.Replied.Told:
		return later(0, "the answer is on its way itself")
	}
	out, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	err := r.Recall(out, room, c.Replied.ID)
	if s, failed := b.failed(ctx, n, l, err, later); failed {
		return s
	}
	t := desk.Told{Key: n.Key, Kind: n.Kind, Case: n.Case, Room: n.Room, Who: n.Person, Ref: n.Facts.Line}
	if err := b.Handle(ctx, n.Customer, desk.Input{ID: "told/" + n.Key, Actor: desk.Actor{Role: desk.System}, Act: t}); err != nil {
		return later(0, err.Error())
	}
	return Settlement{Done: true}
}

// budgets are the calls of the platforms that count them by the month.
func (b *Bot) budgets(ctx context.Context) []desk.Item {
	var out []desk.Item
	for _, name := range slices.Sorted(maps.Keys(b.platforms)) {
		p, ok := b.platforms[name].(Budgeter)
		if !ok {
			continue
		}
		m, err := p.Budget(ctx)
		if err != nil {
			b.log.Error("reading a budget", "platform", name, "error", err)
			continue
		}
		if m.Limit > 0 {
			out = append(out, desk.Item{Label: name, N: int(m.Spent), Value: strconv.FormatInt(m.Limit, 10), At: m.Empty, Done: m.Thrifty})
		}
	}
	return out
}
