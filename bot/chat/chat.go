// Package chat is the neutral vocabulary between the bot and the platforms it
// speaks on: messages that were heard, rooms, receipts, limits and the two ways
// in which speaking can fail. Only types; a platform translates its own world
// into them and back, and knows no other platform.
package chat

import (
	"fmt"
	"time"
)

// Room is a place on a platform where messages are: a channel, a group, a
// one-to-one chat.
type Room struct {
	Platform string // "slack", "dingtalk", "sandbox"
	ID       string // the platform's own id, e.g. C0FRONT or cid…
	Direct   bool   // a one-to-one chat with the bot
}

// String is the address as the config writes it: platform:id.
func (r Room) String() string { return r.Platform + ":" + r.ID }

// Message is something a platform heard.
type Message struct {
	Room     Room
	ID       string    // the platform's id of the message, the same at every delivery
	Thread   string    // id of the message this one hangs under; "" for the room itself
	Sender   Person    // never known by name, always by id
	Text     string    // plain text, mentions of the bot removed
	SentAt   time.Time // the platform's time of the message
	Mention  bool      // the bot was addressed (@)
	Command  bool      // a slash command or a pressed button: Text is a command text
	Edits    string    // id of the message of which this is the new text
	Deletes  string    // id of the message that was deleted
	Marks    string    // id of an earlier message that the sender marks as a report (🚨, a shortcut): Text is that message's
	Author   Person    // who wrote the marked message
	Form     bool      // the text of Command was asked for by a form, which can still say what is wrong
	Delivery string    // id of this delivery, for logs only; redeliveries differ
}

// Person is who sent a message, by the platform's user id. The name is for
// reading only: nobody is ever recognised by it.
type Person struct {
	ID   string
	Name string
	App  bool // an app or a workflow, not a person: it can neither command nor be asked
}

// Senders without an id of their own.
const (
	AppPrefix = "app/"    // begins the id of an app: app/B012
	Unknown   = "unknown" // of whom the platform says nothing
)

// Receipt is what a platform returns for a message it took: the reference by
// which it can be edited, recalled, or found as the thread of an answer.
type Receipt struct {
	Ref string
}

// Limits is what a platform allows. Zero means no limit.
type Limits struct {
	Spacing   time.Duration // between two messages to one room
	PerMinute int           // messages to one room in any minute
	PerMonth  int           // calls of one organisation in a month
	Body      int           // bytes of one message
	Mentions  int           // people mentioned in one message
}

// Later is the answer of a platform that cannot take a message now: limits,
// outages. After is the least time to wait; 0 when the platform does not say.
type Later struct {
	After time.Duration
	Why   string
	// Merge: a change of a board need not be waited for. What comes after it in its
	// room goes on, and the board is shown as it then is when it can be again.
	Merge bool
}

// Error says why and how long.
func (l *Later) Error() string { return fmt.Sprintf("later (after %s): %s", l.After, l.Why) }

// Never is the answer of a platform that will not take this message however
// often it is asked: the person left, the room is gone, the text is too large.
//
// Why is one line of English, for the log too; Zh says the same in Chinese. Words of
// the platform itself and its codes stand in both as they are.
type Never struct {
	Why string
	Zh  string
}

// Error says why.
func (n *Never) Error() string { return "never: " + n.Why }

// Declined is the answer of Hear to a command or a form that was not taken
// because of what it says: nothing was committed, and no repetition helps. It is
// acknowledged, and its text shown to who asked, and to nobody else.
type Declined struct {
	Text string // plain text, in the asker's language
}

// Error is the text.
func (d *Declined) Error() string { return d.Text }
