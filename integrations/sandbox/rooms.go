package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
)

// maxMessages is how many messages of one room are kept; the oldest leave first.
const maxMessages = 500

// maxRooms bounds the rooms that are kept; a page has few.
const maxRooms = 4096

// message is one message of a room: somebody's words, a pressed button, or a
// card of the bot.
type message struct {
	id      string // sbx-1, …: unique on this page, over all rooms
	n       int    // order of arrival
	seq     int    // of the last change, see rooms.seq
	room    chat.Room
	at      time.Time
	person  Person // who spoke; zero for the bot
	text    string
	thread  string // id of the message this one hangs under
	click   string // label of the button whose press this is
	wrote   string // what was written into the button's form: the end of text
	mention bool   // the bot was addressed
	lost    bool   // nobody heard it yet

	card    *card.Card // of the bot; nil for people
	key     string     // of the notice
	kind    string
	asked   string // name of the person mentioned
	private string // platform user id of the only reader; "" for everybody
	urgent  bool
	updated time.Time // of the last edit; zero for none
}

// rooms holds the messages of every room. Every change has a number, so that a
// page asks only for what it has not seen.
type rooms struct {
	mu   sync.Mutex
	mark string // begins every id, after sbx-
	gen  int    // raised by every wipe: what a page remembers is worth nothing then
	seq  int    // number of the last change
	last int    // number of the last message
	all  map[string][]*message
}

// add appends a message and gives it its id. It returns false when there are
// too many rooms.
func (r *rooms) add(m message) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := m.room.String()
	if r.all == nil {
		r.all = map[string][]*message{}
	}
	if _, known := r.all[key]; !known && len(r.all) >= maxRooms {
		return "", false
	}
	r.seq++
	r.last++
	m.seq, m.n = r.seq, r.last
	m.id = "sbx-" + r.mark + strconv.Itoa(r.last)
	list := append(r.all[key], &m)
	if len(list) > maxMessages {
		list = slices.Clone(list[len(list)-maxMessages:]) // a clone, so that the old ones can go
	}
	r.all[key] = list
	return m.id, true
}

// change applies f to a message; false when it is not (or no longer) known.
func (r *rooms) change(room chat.Room, id string, f func(*message)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.all[room.String()] {
		if m.id == id {
			f(m)
			r.seq++
			m.seq = r.seq
			return true
		}
	}
	return false
}

// find returns a copy of the newest message of a room for which is holds.
func (r *rooms) find(room chat.Room, is func(*message) bool) (message, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.all[room.String()]
	for i := len(list) - 1; i >= 0; i-- {
		if is(list[i]) {
			return *list[i], true
		}
	}
	return message{}, false
}

// byID returns a copy of a message, wherever it stands.
func (r *rooms) byID(id string) (message, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, list := range r.all {
		for _, m := range list {
			if m.id == id {
				return *m, true
			}
		}
	}
	return message{}, false
}

// news returns copies of the messages of some rooms that changed after since,
// in the order of their arrival, with the numbers they stand for. A page of
// another generation gets everything.
func (r *rooms) news(list []chat.Room, gen, since int) (out []message, nowGen, nowSeq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if gen != r.gen || since > r.seq {
		since = -1
	}
	for _, room := range list {
		for _, m := range r.all[room.String()] {
			if m.seq > since {
				out = append(out, *m)
			}
		}
	}
	slices.SortFunc(out, func(a, b message) int { return a.n - b.n })
	return out, r.gen, r.seq
}

// touch counts a change that is not a message.
func (r *rooms) touch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
}

// stamp returns the generation and the number of the last change.
func (r *rooms) stamp() (gen, seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gen, r.seq
}

// wipe forgets all messages. Ids go on, so that an old reference never means a
// new message.
func (r *rooms) wipe() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gen++
	r.seq++
	r.all = nil
}

// cutMention takes a leading mention of the bot off a text.
func cutMention(text string) (string, bool) {
	t := strings.TrimSpace(text)
	for _, name := range []string{"@Butler", "@butler", "@安全管家", "＠安全管家"} {
		if rest, ok := strings.CutPrefix(t, name); ok {
			return strings.TrimLeft(rest, " \t\u00a0\u2005\u3000,，:："), true
		}
	}
	return t, false
}
