package desk

import (
	"maps"
	"slices"
	"time"

	"butler/sla"
)

// Change is what one input does to a desk. It is committed whole or not at all.
type Change struct {
	Next    Desk
	Touched []int     // numbers of the cases to write; a case that left Next.Cases is to be removed
	Events  []Event   // lines of the timeline, for ever
	Notices []Notice  // to tell, in order
	Asks    []Inquiry // questions to the advisor
}

// Event is one line of the timeline. It is written once and never changed.
type Event struct {
	At   time.Time `json:"at"`             // when it happened
	Kind string    `json:"kind"`           // opened, added, ping, claimed, …: mostly the words of NoticeKind
	Case int       `json:"case,omitempty"` // 0: the desk itself
	By   string    `json:"by,omitempty"`   // name of who did it; "" the service itself
	Text string    `json:"text,omitempty"` // public words
	// Inside is for staff only: it never enters a view of the front.
	Inside Internal  `json:"inside,omitempty"`
	Who    []string  `json:"who,omitempty"` // names of those told or concerned
	Rung   *int      `json:"rung,omitempty"`
	Ref    string    `json:"ref,omitempty"`   // message id
	Clock  string    `json:"clock,omitempty"` // respond or resolve, with Mark
	Mark   *sla.Mark `json:"mark,omitempty"`
	// Was is what triage had understood, where a person corrected it: Said are the
	// words, Text what they are.
	Was  *Verdict `json:"was,omitempty"`
	Said string   `json:"said,omitempty"`
}

// NoticeKind is the kind of a notice: the field "notice" of a play.
type NoticeKind string

// The kinds (design §16; answer is ours: the reply to a query, for the asker).
const (
	NOpened     NoticeKind = "opened"
	NAdded      NoticeKind = "added"
	NPing       NoticeKind = "ping"
	NRemind     NoticeKind = "remind"
	NWarned     NoticeKind = "warned"
	NBreached   NoticeKind = "breached"
	NClaimed    NoticeKind = "claimed"
	NResponded  NoticeKind = "responded"
	NRefused    NoticeKind = "refused"
	NAsked      NoticeKind = "asked"
	NResumed    NoticeKind = "resumed"
	NRaised     NoticeKind = "raised"
	NLowered    NoticeKind = "lowered"
	NResolved   NoticeKind = "resolved"
	NFollowup   NoticeKind = "followup"
	NSafe       NoticeKind = "safe"
	NRecurred   NoticeKind = "recurred"
	NReopened   NoticeKind = "reopened"
	NMerged     NoticeKind = "merged"
	NInspection NoticeKind = "inspection"
	NHandoff    NoticeKind = "handoff"
	NOnboarding NoticeKind = "onboarding"
	NNote       NoticeKind = "note"
	NHelp       NoticeKind = "help"
	NParked     NoticeKind = "parked"
	NAnswer     NoticeKind = "answer"
	NUpdated    NoticeKind = "updated"  // a board edited for a reason without a kind of its own
	NGap        NoticeKind = "gap"      // "I may have been deaf"
	NSecret     NoticeKind = "secret"   // a message held a key, a password, personal data
	NFound      NoticeKind = "found"    // a severe finding that opens no case
	NDecided    NoticeKind = "decided"  // what is done about a finding
	NRetested   NoticeKind = "retested" // what a second look at a finding showed
	// NFounding is told to nobody: it asks the platform to make the room it is for.
	NFounding NoticeKind = "founding"
	// NRecall is told to nobody either: it asks the platform to take a message back.
	NRecall NoticeKind = "recall"
	// NLouder calls somebody by a stronger means about a rung they were told of.
	NLouder NoticeKind = "louder"
)

// Notice is something to tell. News is frozen: it carries all it needs, so a
// retry says the same thing. A board carries only a case number and is rendered
// when it is sent.
type Notice struct {
	// Key is the identity of the telling, e.g. acme/42/ping/0.2/zhang. At most
	// one telling per key.
	Key  string     `json:"key"`
	Kind NoticeKind `json:"kind"` // for a board: why it changed
	// Sheet words it; "" is the sheet of its kind ("board" for a board). In the
	// back and in direct messages the sheet's staff form (".back") is used.
	Sheet    string    `json:"sheet,omitempty"`
	Customer string    `json:"customer"`
	Case     int       `json:"case,omitempty"`
	At       time.Time `json:"at"` // decided
	Room     Room      `json:"room"`
	// Person is who is told (direct), mentioned (back), or answered (front).
	Person string `json:"person,omitempty"`
	Rung   *int   `json:"rung,omitempty"`
	// Round and Clock say which ladder the rung belongs to: Clock is "" for the
	// response, "resolve" for the solution.
	Round   int    `json:"round,omitempty"`
	Clock   string `json:"clock,omitempty"`
	Board   bool   `json:"board,omitempty"`   // live: render the case's board
	Private bool   `json:"private,omitempty"` // for Person alone where the platform can (ephemeral)
	Urgent  bool   `json:"urgent,omitempty"`  // the fast lane
	Means   Means  `json:"means,omitempty"`   // how to call Person beside the message
	Thread  bool   `json:"thread,omitempty"`  // under the case's board where the platform has threads
	Lang    string `json:"lang"`              // zh-CN or en
	// Facts are fit for the customer; Inside is nil in the front, always.
	Facts  *Facts  `json:"facts,omitempty"`
	Inside *Inside `json:"inside,omitempty"`
}

// Means is how somebody is called beside a message that they may not see.
type Means int

// The means, each stronger than the one before (DingTalk's DING, remindType).
const (
	ByMessage Means = iota // the message is all
	ByApp                  // a call in the app that stays until it is seen
	BySMS
	ByPhone
)

// String is the word for it in the config.
func (m Means) String() string {
	if m < ByMessage || m > ByPhone {
		return "message"
	}
	return [...]string{"message", "app", "sms", "phone"}[m]
}

// Lane is the outbox lane of a notice: one per room or person, so that order
// holds where people read and one room delays no other.
func (n Notice) Lane() string {
	switch {
	case n.Kind == NFounding:
		return n.Customer + "/rooms" // what waits for the room must not stand before it
	case n.Room == Direct:
		return "@" + n.Person
	}
	return n.Customer + "/" + string(n.Room)
}

// Inquiry is a question to the advisor. It goes out beside the path; the answer
// comes back as Advised.
type Inquiry struct {
	Case    int      `json:"case,omitempty"`
	Slip    int      `json:"slip,omitempty"` // a message that opened nothing yet: the rules were unsure
	Text    string   `json:"text"`
	Before  []string `json:"before,omitempty"` // said earlier in the case
	Verdict Verdict  `json:"verdict"`          // of the rules
}

// Facts is the view of front sheets: nothing in it is internal. Zero fields
// print nothing.
type Facts struct {
	Customer string    `json:"customer,omitempty"` // the customer's name
	Edition  string    `json:"edition,omitempty"`  // edition's name in the language of the notice
	Zone     string    `json:"zone,omitempty"`     // IANA
	Now      time.Time `json:"now,omitzero"`       // of the decision
	By       string    `json:"by,omitempty"`       // name of who did it

	N        int      `json:"n,omitempty"`
	Ref      string   `json:"ref,omitempty"` // how staff writes it: "12", or "acme#12" in a shared back room
	Kind     Kind     `json:"kind,omitempty"`
	Urgent   bool     `json:"urgent,omitempty"`
	Severity Severity `json:"severity,omitempty"`
	Category Category `json:"category,omitempty"`
	Title    string   `json:"title,omitempty"`
	Status   Status   `json:"status,omitempty"`
	Stage    string   `json:"stage,omitempty"`  // id of the last one reached
	Stages   []Item   `json:"stages,omitempty"` // all, Done where reached
	Reporter string   `json:"reporter,omitempty"`
	Clues    []Item   `json:"clues,omitempty"`  // facts that stand in the words: State the kind; addresses are defanged
	Expert   string   `json:"expert,omitempty"` // name of the assignee who claimed
	Told     []Item   `json:"told,omitempty"`   // who was told when
	Clause   string   `json:"clause,omitempty"` // of the promise

	Opened      time.Time     `json:"opened,omitzero"`
	RespondBy   time.Time     `json:"respond_by,omitzero"` // while it stands
	RespondedAt time.Time     `json:"responded_at,omitzero"`
	Took        time.Duration `json:"took,omitempty"`      // report to response
	Missed      bool          `json:"missed,omitempty"`    // the response promise is broken
	ResolveBy   time.Time     `json:"resolve_by,omitzero"` // while it stands
	Waiting     string        `json:"waiting,omitempty"`   // the open question
	WaitingAt   time.Time     `json:"waiting_at,omitzero"`
	ResolvedAt  time.Time     `json:"resolved_at,omitzero"`
	SafeUntil   time.Time     `json:"safe_until,omitzero"`
	Confirmed   time.Time     `json:"confirmed,omitzero"`     // by the customer
	ClosesAt    time.Time     `json:"closes_at,omitzero"`     // by itself, when nobody objects
	SolveMissed bool          `json:"solve_missed,omitempty"` // the promise to resolve is broken
	Links       []Item        `json:"links,omitempty"`        // cases tied to this one, N set
	Summary     string        `json:"summary,omitempty"`

	Text   string        `json:"text,omitempty"`  // public words: reply, question, reason, summary
	Why    string        `json:"why,omitempty"`   // reason id or the reason of triage
	Line   string        `json:"line,omitempty"`  // a command as typed, its first word
	Near   string        `json:"near,omitempty"`  // the nearest right command
	Usage  string        `json:"usage,omitempty"` // how a command is written
	Echo   int           `json:"echo,omitempty"`  // the solved case this one may be a recurrence of
	Slip   int           `json:"slip,omitempty"`  // m7
	Label  string        `json:"label,omitempty"` // of the verdict
	Adds   int           `json:"adds,omitempty"`
	Last   Words         `json:"last,omitzero"`
	Day    int           `json:"day,omitempty"`   // of the follow-up
	Days   int           `json:"days,omitempty"`  // of the safe period
	Other  int           `json:"other,omitempty"` // another case: merged into, linked, old
	Late   time.Duration `json:"late,omitempty"`  // told this much after its time
	From   time.Time     `json:"from,omitzero"`
	To     time.Time     `json:"to,omitzero"`
	Items  []Item        `json:"items,omitempty"`  // lists: cases, choices, lines of an answer, changes
	Layers []Item        `json:"layers,omitempty"` // of the inspection
	Decide []Item        `json:"decide,omitempty"` // what the customer must decide
	Quiet  bool          `json:"quiet,omitempty"`  // an unchanged day
	Ageing []Item        `json:"ageing,omitempty"` // findings that nobody fixed yet, Of the days
	Taken  []Item        `json:"taken,omitempty"`  // risks that were accepted, At their end
	Notes  []Item        `json:"notes,omitempty"`  // of the inspection: what it could not do, State the reason
	Tries  int           `json:"tries,omitempty"`  // visits since the last summary
	Good   int           `json:"good,omitempty"`   // those that were answered
	Chart  []Day         `json:"chart,omitempty"`  // of the inspection: the last days
	Phase  int           `json:"phase,omitempty"`  // of the case, for tones: see Phase* in views.go
}

// Item is one line of a list in a view. Text of people stays in Label and Value;
// Command is ours.
type Item struct {
	Label   string    `json:"label,omitempty"`
	Value   string    `json:"value,omitempty"`
	State   string    `json:"state,omitempty"` // an id the sheets put into words
	Command string    `json:"command,omitempty"`
	N       int       `json:"n,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Done    bool      `json:"done,omitempty"`
	Kind    string    `json:"kind,omitempty"` // another id: a severity, a phase
	Who     string    `json:"who,omitempty"`  // name of who has it
	Of      int       `json:"of,omitempty"`   // a second number
}

// Inside is the view of staff sheets beside Facts.
type Inside struct {
	Note   Internal   `json:"note,omitempty"`  // a note, a word of the back room, a reason kept inside
	Skips  []Internal `json:"skips,omitempty"` // who was skipped on the ladder, and why
	Lines  []Internal `json:"lines,omitempty"` // lines of an answer that staff alone may read
	Draft  Internal   `json:"draft,omitempty"` // the advisor's draft
	Owner  string     `json:"owner,omitempty"` // assignee's name
	Rung   int        `json:"rung,omitempty"`
	Of     int        `json:"of,omitempty"`   // rungs in all
	Next   string     `json:"next,omitempty"` // name of who is told next
	NextAt time.Time  `json:"next_at,omitzero"`
}

// Record is one element of the journal: the change k → k+1 of a desk.
type Record struct {
	Op     string    `json:"op"` // identity of the input
	At     time.Time `json:"at"`
	Act    string    `json:"act"`
	Events []Event   `json:"events,omitempty"`
	Prev   string    `json:"prev,omitempty"` // hash of the record before
}

// Decision is the signature of Decide, for those who pass it around.
type Decision func(d Desk, in Input, now time.Time) Change

// Moves reports whether a change has anything to write: a desk that only got
// older stays as it is.
func Moves(old Desk, ch Change) bool {
	if len(ch.Events) > 0 || len(ch.Notices) > 0 || len(ch.Touched) > 0 {
		return true
	}
	n := ch.Next
	return len(n.Rooms) != len(old.Rooms) || !slices.Equal(n.Lately, old.Lately) || n.NextKey != old.NextKey || n.NextSlip != old.NextSlip || !n.Inspection.Next.Equal(old.Inspection.Next) ||
		n.Onboarding != old.Onboarding || n.TermsRev != old.TermsRev || len(n.Findings) != len(old.Findings) ||
		!maps.Equal(n.Heard, old.Heard) || n.Inspection.Tries != old.Inspection.Tries || !maps.Equal(n.Inspection.Looks, old.Inspection.Looks)
}

// ThreadOf returns the case under whose board, or under whose report, a message
// hangs; 0 when none.
func (d Desk) ThreadOf(ref string) int {
	if ref == "" {
		return 0
	}
	for _, c := range d.Cases {
		for _, s := range c.Boards {
			if s.Ref == ref {
				return c.N
			}
		}
		for _, r := range c.Refs {
			if r.ID == ref {
				return c.N
			}
		}
	}
	return 0
}
