package redis

import (
	"context"
	"time"
)

// publishRest is the least time between two nudges to other processes: under
// load one says as much as hundreds.
const publishRest = 2 * time.Millisecond

// nudger wakes the sleepers: those of this process at once, others through
// pub/sub. Nothing depends on it; a sleeper looks by itself each second.
type nudger struct {
	out  chan struct{} // Nudges
	wish chan struct{} // something to publish
}

// tell nudges this process and asks for the others to be nudged.
func (n *nudger) tell() {
	n.poke()
	select {
	case n.wish <- struct{}{}:
	default: // one is on its way
	}
}

// poke nudges this process.
func (n *nudger) poke() {
	select {
	case n.out <- struct{}{}:
	default: // it has one it did not read yet
	}
}

// Nudges delivers a value when a commit, here or in another process, brought a
// wake that is due within a second, or a letter.
func (s *Store) Nudges() <-chan struct{} { return s.nudge.out }

// publish tells the other processes, until ctx ends.
func (s *Store) publish(ctx context.Context) {
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.nudge.wish:
		}
		if len(s.live.list()) > 1 {
			short, cancel := context.WithTimeout(ctx, patience)
			_ = s.rdb.Publish(short, s.names.channel(), s.id).Err() // a hint, no more
			cancel()
		}
		rest.Reset(publishRest)
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
	}
}

// listen passes on the nudges of other processes, until ctx ends. The client
// subscribes again after a lost connection.
func (s *Store) listen(ctx context.Context) {
	sub := s.rdb.Subscribe(ctx, s.names.channel())
	defer sub.Close()
	heard := sub.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-heard:
			if !ok {
				return
			}
			if m.Payload != s.id {
				s.nudge.poke()
			}
		}
	}
}
