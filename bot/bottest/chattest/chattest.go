// Package chattest is the definition of a bot.Platform as a program: every
// platform passes Run whole on a fake of its server, so that the bot can rely on
// one set of promises wherever people write.
//
// What the suite fixes beyond the words of bot.Platform:
//
//   - A message is its Room and ID, whatever delivers it: live, again, or fetched
//     later. It may be heard several times under them; the bot knows it then.
//   - What hear did not take is heard again, in time or at the latest when
//     somebody asks for it. It is acknowledged when hear took it, never before.
//   - The messages of a room are heard in the order in which they were written,
//     the next when hear has returned from the one before. Rooms wait for no other.
//   - Words are heard as they were written: without the platform's escapes, and
//     without the mention of the bot. What the bot says itself is not heard.
//   - Words of people do nothing where they are shown: the card that quotes them
//     calls, links and formats what the same card does with any other words.
//   - A receipt's Ref is what Edit changes, what an answer in a thread and a
//     pressed button name as their Thread.
//   - What is for one person's eyes is seen by that person alone, and a button on
//     it acts in the room for which it was sent.
//   - Send answers nil, Later or Never. Later when the server is away, too busy,
//     or refuses the bot's credentials; Never, with a reason an operator
//     understands, when the room or the reader is gone. Nothing is too long.
//   - A thread whose beginning is gone costs the thread, not the words.
//   - Once Ready was nil, no trouble ends Listen but the end of its context.
//
// That somebody who is called in a room has left it no platform says: it is
// looked for by butler doctor.
//
// The suite owns no time. Where platforms differ by right, a field of Harness says
// so, and how the case goes on then.
package chattest

import (
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// Harness is a fake server with two rooms and some people, and the ways to act as
// them. Run asks for a fresh one per case; the harness cleans up with t.Cleanup.
type Harness struct {
	// New is one more process of the bot at the server. It does not listen yet; the
	// suite is its host where it asks for one, and lets it listen.
	New func() bot.Platform

	Front, Back chat.Room

	// Expert is of the service, in both rooms; Customer and Namesake are of the
	// customer, in the front. Namesake writes under the name of Expert.
	Expert, Customer, Namesake Person

	// Say lets somebody write. Type lets them write a command as people do there:
	// /claim 1. Press lets them press the button of a command.
	Say   func(Words) Said
	Type  func(room chat.Room, who, command string) Said
	Press func(who string, on Shown, command string) Said

	// Again delivers once more what was said. Where ByHand is set the platform
	// itself brings nothing again: it shows that something was not taken, and
	// somebody asks for it by Again.
	Again  func(Said) Said
	ByHand bool

	// Edit and Delete let a writer change or take back what they said. Nil where
	// the platform does not tell of it.
	Edit   func(said Said, text string) Said
	Delete func(Said) Said

	// Unaddressed says that what is not addressed to the bot is heard in a room,
	// too.
	Unaddressed bool

	// Shown is what the bot said, and what of it still stands, oldest first.
	Shown func() []Shown

	// Vanish makes a message of the bot go away, or what the platform knows of it,
	// and returns the reference by which it could have been changed.
	Vanish func(Shown) (ref string)

	// Unknown is a reference that the server never gave, in the shape of its own.
	Unknown string

	// Threads says that a message can hang under another one.
	Threads bool

	// Rest lets the spacing of a room pass at the server, without waiting. The
	// case of limits does not use it.
	Rest func()

	// Fail plants a trouble until lift is called. Room is where, for what concerns
	// one; nil where there is no server that could have any.
	Fail func(trouble Trouble, room chat.Room) (lift func())

	// Shared says that a limit is one of the whole app, and others have to wait as
	// long as the room that met it.
	Shared bool

	// Twice are the ways in which what may have been said is said a second time,
	// each with the reason why it cannot be known. All others are looked up first.
	Twice map[Way]string

	// RoomGone is a room that was, and in which nothing can be said now; PersonGone
	// somebody who cannot be told anything any more.
	RoomGone   func() chat.Room
	PersonGone func() (id string)

	// Disconnect takes the connection away, and keeps it away until mend is called.
	// Nil where there is none.
	Disconnect func() (mend func())

	// Gap says what becomes of words that were said while nobody listened. They
	// are said with Words.Unheard; MinGap is how long a gap must be to matter.
	Gap    Gap
	MinGap time.Duration

	// OpenHome lets somebody open their own page, and returns what they read there.
	// Nil where there are none.
	OpenHome func(who string) (words func() string)

	// Fill lets somebody send the form they see off; ok is false while they see
	// none. Nil where there are none.
	Fill func(who, text string) (said Said, ok bool)

	// Now is the time of the server. Pass lets time pass by it.
	Now  func() time.Time
	Pass func(d time.Duration)

	// Until waits until something is true, and ends the test when it does not come
	// true in a while: some seconds.
	Until func(what string, is func() bool)
}

// Person is somebody: the id by which the platform knows them, and what they call
// themselves.
type Person struct{ ID, Name string }

// Words are something to be said.
type Words struct {
	Room    chat.Room
	Who     string // their id
	Text    string // as they see it
	Thread  string // reference or id of the message it answers; "" for none
	Bot     bool   // it is addressed to the bot
	Unheard bool   // while nobody listens
}

// Said is something people did.
type Said struct {
	// ID is that of the message, as it must be heard; "" where it is known only
	// when it is heard: of a command, an edit, a click.
	ID string
	// Acked says whether it is acknowledged by now.
	Acked func() bool
	// Of is what the harness itself needs to know of it.
	Of any
}

// Shown is a message of the bot as people see it.
type Shown struct {
	Room    chat.Room // where it stands
	Ref     string    // what its receipt said
	Words   string    // what people read, without markup
	Acts    []string  // what does something beside being read, by its source: "bold", "link https://…"; buttons are none
	To      []string  // ids of people whom it called
	All     bool      // it called everybody
	Only    string    // the id of the one person who sees it; "" for the whole room
	Thread  string    // the message it hangs under
	Edited  bool
	Buttons []string // the commands that can be pressed
}

// Trouble is a way in which a server fails.
type Trouble int

// The troubles.
const (
	Busy        Trouble = iota + 1 // too much was said in a room: the next message is refused for a while
	Away                           // the server answers 503 to everything
	Silence                        // the next message is taken, and the answer is lost
	Credentials                    // the server does not take who we say we are
)

// Way is a kind of message that the bot sends.
type Way string

// The ways.
const (
	News   Way = "news"   // words in a room, said once
	Board  Way = "board"  // a card with buttons that will be edited
	Ping   Way = "ping"   // an urgent card in the back that calls somebody
	Aside  Way = "aside"  // for one person's eyes in a room
	Letter Way = "letter" // in somebody's own chat with the bot
)

var ways = []Way{News, Board, Ping, Aside, Letter}

// Gap is what a platform does about words said while nobody listened.
type Gap int

// The ways to deal with a gap.
const (
	LooksBack Gap = iota + 1 // they are heard later, under their own id
	SaysDeaf                 // the host is told from when to when the front was not heard
	NoGap                    // nothing can be said while nobody listens but what its writer sees was lost
)

// Run runs the suite: each case on a harness of its own, side by side.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := fresh(t)
			c.run(&suite{T: t, Harness: h, host: newHost(h)})
		})
	}
}

type testCase struct {
	name string
	run  func(*suite)
}

var cases = concat(hearCases, actCases, sendCases, inertCases, longCases, failCases, lineCases, hostCases)

func concat(lists ...[]testCase) []testCase {
	var all []testCase
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
