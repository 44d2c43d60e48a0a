package bot

import (
	"context"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Platform is the port to one chat platform. What it can do beyond these
// methods it says by having more of them: Editor, Pager, Recaller.
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

// Hear takes a message that a platform heard. Nil means: committed, acknowledge it.
type Hear func(ctx context.Context, m chat.Message) error

// Sending is one card on its way.
type Sending struct {
	Key     string    // of the notice: travels with the message where the platform can
	Room    chat.Room // where to
	Person  string    // the platform's user id to mention, or to show a private card to; "" for nobody
	Name    string    // that person's name
	Private bool      // for Person alone where the platform can
	Urgent  bool
	Thread  string // reference of the message to hang under; "" for none
	Card    card.Card
	Kind    desk.NoticeKind
	Attempt int // more than 1: it may have been sent before
}

// Editor is a platform that can change a message in place.
type Editor interface {
	Edit(ctx context.Context, ref string, s Sending) (chat.Receipt, error)
}
