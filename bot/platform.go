package bot

import (
	"context"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Platform is the port to one chat platform. What it can do beyond these
// methods it says by having more of them: Editor, Guest, Founder, Inviter, Linker, Speaker.
type Platform interface {
	// Name is the word before the colon in an address: slack, dingtalk, sandbox.
	Name() string

	// Listen hands every message to hear until ctx ends. It acknowledges to its
	// server only when hear has returned nil: after the commit.
	Listen(ctx context.Context, hear Hear) error

	// Send tells one card. Errors: nil, *chat.Later, *chat.Never; anything else
	// counts as Later.
	Send(ctx context.Context, s Sending) (chat.Receipt, error)

	// Limits is what the platform allows in a room.
	Limits(room chat.Room) chat.Limits

	// Ready is nil while the platform is connected; the error is one clear line
	// for the operator.
	Ready() error
}

// Hear takes a message that a platform heard. Nil means: committed, acknowledge
// it. *chat.Declined means: acknowledge it, and show the asker its text.
type Hear func(ctx context.Context, m chat.Message) error

// Sending is one card on its way.
type Sending struct {
	Key     string    // of the notice: travels with the message where the platform can
	Room    chat.Room // where to
	Person  string    // the platform's user id to mention, or to show a private card to; "" for nobody
	Name    string    // that person's name
	Private bool      // for Person alone where the platform can
	Inside  bool      // Room is the experts', who may read what is for one of them
	Urgent  bool      // it, or its case: what is counted by the month has calls left for it
	Thread  string    // reference of the message to hang under; "" for none
	Loud    bool      // for the whole room to see, although it hangs in a thread
	Card    card.Card
	Kind    desk.NoticeKind
	Means   desk.Means // how to call Person beside the message, where the platform can
	Attempt int        // more than 1: it may have been sent before
}

// Editor is a platform that can change a message in place.
type Editor interface {
	Edit(ctx context.Context, ref string, s Sending) (chat.Receipt, error)
}

// Guest is a platform that asks its host for more than Hear gives: forms, a page
// of one's own, what it may have missed. Meet is called once, before Listen.
type Guest interface {
	Meet(h Host)
}

// Host is what a platform may ask of the bot. All methods are safe for concurrent
// use, and read only, except Deaf and Hearing.
type Host interface {
	// Form says which form collects what the command of m lacks: the text of
	// /reply 1, the case and the text of /reply. ok is false when it lacks
	// nothing, has no form, or is not m.Sender's to give: then it is for Hear.
	Form(ctx context.Context, m chat.Message) (f card.Form, ok bool)

	// Home is somebody's own page: an expert's queue, a manager's dangers, a
	// contact's cases; for anybody else a word of welcome. One card per case.
	Home(ctx context.Context, platform, user string) ([]card.Card, error)

	// Staff reports whether a platform's user is one of the service's people.
	Staff(platform, user string) bool

	// Read says that somebody has read what was told to them under a key: how the
	// desk knows that no stronger means is needed.
	Read(ctx context.Context, platform, user, key string, at time.Time) error

	// Tally adds n to a number that all processes share and returns the sum; 0
	// only asks. For what a platform counts by the month.
	Tally(ctx context.Context, name string, n int64) (sum int64, err error)

	// Ears lists the rooms of a platform that are listened to, fronts first, each
	// with the threads in which words may be missed.
	Ears(ctx context.Context, platform string) ([]Ear, error)

	// Hearing notes that a platform is connected now; LastHearing is when it was
	// noted last, by this process or another: zero when never.
	Hearing(ctx context.Context, platform string) error
	LastHearing(ctx context.Context, platform string) (time.Time, error)

	// Deaf says in a room that the bot may have heard nothing there from–to.
	// Rooms of nobody and back rooms are not told.
	Deaf(ctx context.Context, room chat.Room, from, to time.Time) error
}

// Ear is a room that is listened to.
type Ear struct {
	Room    chat.Room
	Front   bool
	Threads []string // references of messages of open cases: boards and reports
}

// Founder is a platform that can make rooms.
type Founder interface {
	// Found makes a room and brings people in. Repeating it does no harm: the room
	// it made before is found by its name. Errors as of Send.
	Found(ctx context.Context, f Founding) (Founded, error)
}

// Inviter is a platform that can invite people into a room that stands.
type Inviter interface {
	// Invite invites people of the customer by their e-mail addresses into a front.
	// missed says who could not be, and why, for an administrator.
	// Errors as of Send. Repeating it may send an invitation twice.
	Invite(ctx context.Context, room chat.Room, emails []string) (missed []Missed, err error)
}

// Founding is a room to be made.
type Founding struct {
	Name   string   // lower-case letters, digits and hyphens, at most 60
	Topic  string   // one line of plain text
	Staff  []string // the platform's ids of people of the service
	Guests []string // the platform's ids of people of the customer; a back room has none
	Emails []string // of people of the customer who have no id there yet
	Front  bool     // shared with the customer
}

// Founded is a room that stands. Missed says who could not be brought in, for an
// administrator.
type Founded struct {
	Room   chat.Room
	Missed []Missed
}

// Missed is somebody who could not be brought into a room, and why: one line of
// English, and the same in Chinese.
type Missed struct {
	Who string // the platform's id, or an address
	Why string
	Zh  string
}

// Recaller is a platform that can take a message back.
type Recaller interface {
	// Recall takes a message back, by its reference. Never: it is too late, or the
	// message is gone. Repeating it does no harm.
	Recall(ctx context.Context, room chat.Room, ref string) error
}

// Budgeter is a platform whose calls are counted by the month.
type Budgeter interface {
	Budget(ctx context.Context) (Budget, error)
}

// Budget is what was spent of a month's calls.
type Budget struct {
	Since    time.Time // the beginning of the month
	Until    time.Time // its end
	Spent    int64
	Limit    int64
	Reserve  int64     // the last calls of the limit, for urgent cases alone
	Empty    time.Time // when the limit is reached at the present pace; zero when it lasts
	Thrifty  bool      // boards and digests are merged already
	Platform string
}

// Linker is a platform whose messages have addresses of their own.
type Linker interface {
	// Link opens a message; "" when it is not known.
	Link(room chat.Room, ref string) string
}

// Speaker is a platform on which commands are typed in a way of its own.
type Speaker interface {
	Voice() card.Voice
}
