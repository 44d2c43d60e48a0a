package sandbox

import (
	"context"
	"time"

	"butler/bot/chat"
	"butler/bot/desk"
)

// Service is what the page asks of the service behind it. Reading only: what
// people do on the page travels as chat.Message through Listen, like on every
// platform. Lang is zh-CN or en; all words returned are for people, in that
// language, and are shown as plain text.
//
// Methods are called from several goroutines at once.
type Service interface {
	// Customers lists who can be played, in the order of the tabs. At least one.
	Customers() []Customer
	// Timers lists what the customer's desk has to do and when, earliest first.
	Timers(ctx context.Context, customer, lang string) ([]Timer, error)
	// Cases lists the customer's cases, newest first, closed ones included for
	// as long as the service can tell about them.
	Cases(ctx context.Context, customer, lang string) ([]CaseLine, error)
	// Case tells one case: its timeline and the arithmetic of its promises.
	// ErrNoCase for a number that does not exist.
	Case(ctx context.Context, customer string, n int, lang string) (CaseFile, error)
	// Complete lists the commands that fit what was typed so far in a room
	// ("front", "back" or "direct") by a person (Person.ID). Of an item the page
	// inserts Command, or Label when there is none; Value explains it.
	Complete(customer, person, room, prefix, lang string) []desk.Item
	// Inside lists the last inputs of the customer's desk and what each changed,
	// newest first; some dozens are enough, all of them travel at every change.
	Inside(customer, lang string) []Step
}

// World is the time of the demo. A page without a World shows real time and has
// neither time controls nor reset.
type World interface {
	// Advance brings the world to a moment: it runs everything that falls due up
	// to and including to, in order, each at its own time, tells what there is to
	// tell, and sets the clock (Clock.Set) on the way. The page never asks it to
	// pass over a deadline that Next knows of: to is that deadline or earlier.
	Advance(ctx context.Context, to time.Time) error
	// Next is the earliest deadline of a customer, of anybody when customer is
	// "". False when there is none.
	Next(ctx context.Context, customer string) (time.Time, bool)
	// Reset starts the world anew. It stops the old one, calls wipe once nothing
	// of it can speak any more (which forgets all messages and sets the clock
	// back), and begins afresh.
	Reset(ctx context.Context, wipe func()) error
}

// Customer is one customer with everybody who can be played.
type Customer struct {
	ID       string
	Name     string
	Edition  string            // the edition's id, for the colour of the badge
	Called   map[string]string // the edition's name by language (sla.Edition.Name)
	Language string            // of the front room
	Zone     string            // IANA; all times of this customer are shown in it
	Front    chat.Room
	Back     chat.Room
	People   []Person // customers first, then staff
}

// Person is somebody who can be played.
type Person struct {
	ID   string
	Name string
	// Role is customer, expert, manager or admin.
	Role string
	// Users are the person's user ids by platform name; where one is missing
	// the person's ID is used.
	Users map[string]string
	// Direct is the person's one-to-one chat with the bot; the zero room for
	// people without one.
	Direct chat.Room
}

// Staff reports whether the person belongs to the service and not to the customer.
func (p Person) Staff() bool { return p.Role != "customer" }

// User is the person's id on a platform.
func (p Person) User(platform string) string {
	if u := p.Users[platform]; u != "" {
		return u
	}
	return p.ID
}

// Person returns one of the customer's people.
func (c Customer) Person(id string) (Person, bool) {
	for _, p := range c.People {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// Timer is one line of the list of timers.
type Timer struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`           // e.g. "ping the backup expert"
	Case int       `json:"case,omitempty"` // 0: the desk itself
}

// CaseLine is one line of the list of cases.
type CaseLine struct {
	N      int       `json:"n"`
	Kind   string    `json:"kind"`   // as people read it
	Title  string    `json:"title"`  // the customer's words
	Status string    `json:"status"` // as people read it
	Phase  int       `json:"phase"`  // desk.Phase*, for the colour
	Urgent bool      `json:"urgent,omitempty"`
	Opened time.Time `json:"opened"`
	// Due is the deadline that counts now; zero for none.
	Due time.Time `json:"due,omitzero"`
}

// CaseFile is all there is to tell about one case.
type CaseFile struct {
	Line     CaseLine    `json:"line"`
	Timeline []EventLine `json:"timeline"` // oldest first
	Explain  []string    `json:"explain"`  // lines of arithmetic, see sla.Explain
}

// EventLine is one line of a timeline.
type EventLine struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"`           // what happened, as people read it
	By       string    `json:"by,omitempty"`   // "" for the service itself
	Text     string    `json:"text,omitempty"` // somebody's words
	Internal bool      `json:"internal,omitempty"`
}

// Step is one input of a desk and what it changed. It never holds the text of a
// message.
type Step struct {
	At      time.Time    `json:"at"`
	Input   string       `json:"input"`          // the word of the act, e.g. "said", "claim", "woke"
	By      string       `json:"by,omitempty"`   // name; "" for the service itself
	Note    string       `json:"note,omitempty"` // e.g. "incident, urgent"
	Changes []StepChange `json:"changes"`
}

// StepChange is one consequence of an input.
type StepChange struct {
	Kind string `json:"kind"` // event, notice, board, wake or ask
	Text string `json:"text"`
}
