package dingtalk

import (
	"slices"
	"sync"
	"time"

	"butler/bot/chat"
)

// What bounds what waits to be heard.
const (
	queued  = 4096 // messages in all
	perRoom = 512  // messages in one room
	// settle is how long a lane waits before its first message: the SDK gives each
	// frame a goroutine of its own, so two that came one behind the other may arrive
	// the other way round.
	settle = 20 * time.Millisecond
)

// job is one message on its way to the bot.
type job struct {
	message chat.Message
	until   time.Time // when it is given up
	end     func(error)
}

// lanes hear rooms side by side, each in the order in which people wrote. A lane is
// what waits in one room, and lives as long as something does.
type lanes struct {
	work func(*job)

	mu      sync.Mutex
	all     map[string][]*job
	waiting int
	shut    bool
	running sync.WaitGroup
}

// put queues a message behind what was written before it. Errors: errFull when
// there is no place, errOver when nobody listens any more.
func (l *lanes) put(room string, j *job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	lane, runs := l.all[room]
	switch {
	case l.shut:
		return errOver
	case l.waiting >= queued || len(lane) >= perRoom:
		return errFull
	}
	at := len(lane)
	for at > 0 && j.message.SentAt.Before(lane[at-1].message.SentAt) {
		at--
	}
	if l.all == nil {
		l.all = map[string][]*job{}
	}
	l.all[room] = slices.Insert(lane, at, j)
	l.waiting++
	if !runs {
		l.running.Go(func() { l.run(room) })
	}
	return nil
}

// finish hears what waits, and nothing more.
func (l *lanes) finish() {
	l.mu.Lock()
	l.shut = true
	l.mu.Unlock()
	l.running.Wait()
}

// run hears what waits in a room, one after the other.
func (l *lanes) run(room string) {
	time.Sleep(settle)
	for {
		l.mu.Lock()
		lane := l.all[room]
		if len(lane) == 0 {
			delete(l.all, room)
			l.mu.Unlock()
			return
		}
		j := lane[0]
		l.all[room] = lane[1:]
		l.waiting--
		l.mu.Unlock()
		l.work(j)
	}
}
