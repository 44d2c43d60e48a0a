package bot

import (
	"context"

	"butler/bot/desk"
)

// board names one board: a case in a room of a customer.
type board struct {
	customer string
	number   int
	room     desk.Room
}

// owe remembers a board whose platform passed over a change (chat.Later.Merge). In
// memory only: a board shows all that is true, so the next change of its case pays
// as well.
func (b *Bot) owe(n desk.Notice, l Letter) {
	b.Count.Merged.Add(1)
	b.owed.Store(board{n.Customer, n.Case, n.Room}, l)
}

// Repay shows the boards that are behind, as they are now, where their platform
// takes it. The metronome calls it.
func (b *Bot) Repay(ctx context.Context) {
	b.owed.Range(func(k, v any) bool {
		b.owed.Delete(k)
		l := v.(Letter)
		now, err := b.o.Store.Now(ctx)
		if err != nil || !b.send(ctx, Letter{ID: l.ID, Body: l.Body}, now).Done {
			b.owed.LoadOrStore(k, v)
		}
		return ctx.Err() == nil
	})
}
