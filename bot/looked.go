package bot

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
)

// lastMove is the name under which the store keeps the last change of a room that
// the config leaves open. moving begins it while the change is being written.
const (
	lastMove = "rooms/moved"
	moving   = "moving/"
)

// looked is how far this process knows the rooms that were made or bound: words
// in a room of nobody must not cost a look at every desk.
type looked struct {
	renewals atomic.Int64 // of the directory
	mu       sync.Mutex   // held while the desks are read
	ever     bool
	renewal  int64
	move     string
}

// roomsMove notes that a room is about to change, and that it has: other processes
// ask for this note alone when they hear a room of nobody. One that ends in between
// leaves them to read the desks until the next note.
func (b *Bot) roomsMove(ctx context.Context, note string) {
	if err := b.o.Store.Remember(ctx, lastMove, note); err != nil {
		b.log.Warn("that a room changes could not be noted; others see it within half a minute", "error", err)
	}
}

// roomsAnew is Rooms where something may have changed since this process looked
// last; else it costs one read, however many customers there are.
func (b *Bot) roomsAnew(ctx context.Context) error {
	move, err := b.o.Store.Recall(ctx, lastMove)
	if err != nil {
		return err
	}
	renewal := b.looked.renewals.Load()
	b.looked.mu.Lock()
	defer b.looked.mu.Unlock()
	if b.looked.ever && b.looked.move == move && b.looked.renewal == renewal && !strings.HasPrefix(move, moving) {
		return nil
	}
	if err := b.Rooms(ctx); err != nil {
		return err
	}
	b.looked.ever, b.looked.move, b.looked.renewal = true, move, renewal
	return nil
}
