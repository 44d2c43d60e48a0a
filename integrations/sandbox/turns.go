package sandbox

import (
	"context"
	"errors"
	"sync"

	"butler/bot/chat"
)

// turns let the messages of a room be heard one after the other, in the order in
// which they stand there, although each is a request of its own. Rooms wait for no
// other. The zero value is ready.
type turns struct {
	mu   sync.Mutex
	last map[string]chan struct{} // by room: closed when its last message was heard
}

// turn is the place of one message: it waits for before, and others for over.
type turn struct {
	all          *turns
	room         string
	before, over chan struct{} // before is nil for the first
}

// errQueue means that the messages before this one took too long.
var errQueue = errors.New("what was written before it is still waiting to be heard")

// next is the turn after all others in a room. The lock is held.
func (t *turns) next(room chat.Room) turn {
	if t.last == nil {
		t.last = map[string]chan struct{}{}
	}
	one := turn{all: t, room: room.String(), before: t.last[room.String()], over: make(chan struct{})}
	t.last[one.room] = one.over
	return one
}

// wait returns when it is this message's turn, or why it does not come.
func (t turn) wait(ctx context.Context) error {
	if t.before == nil {
		return nil
	}
	select {
	case <-t.before:
		return nil
	case <-ctx.Done():
		return errQueue
	}
}

// end lets the next message have its turn: when those before are heard, too.
func (t turn) end() {
	if t.before != nil {
		select {
		case <-t.before:
		default:
			go func() { // a turn that was given up
				<-t.before
				t.leave()
			}()
			return
		}
	}
	t.leave()
}

func (t turn) leave() {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	if t.all.last[t.room] == t.over {
		delete(t.all.last, t.room)
	}
	close(t.over)
}
