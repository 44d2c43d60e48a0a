package desk

import "time"

// Input is something that happened to one desk: who, where, when, and what.
type Input struct {
	// ID is the identity of what happened (platform + room + message id; the
	// message, not the delivery). A known identity is committed once. "" for
	// inputs that need no such mark (Woke).
	ID     string    `json:"id,omitempty"`
	At     time.Time `json:"at"` // the platform's time; the future counts as now
	Actor  Actor     `json:"actor"`
	Room   Room      `json:"room,omitempty"`   // where it was said
	Thread int       `json:"thread,omitempty"` // the case in whose thread it was said; 0: none
	// ThreadRef is the platform's id of the message it hangs under; Decide finds
	// the case (a board, or the customer's report).
	ThreadRef string `json:"thread_ref,omitempty"`
	Ref       string `json:"ref,omitempty"` // the platform's message id, for the timeline
	// Address is where it was heard, platform:id, where the shell must ask the desk
	// whether that is still this customer's; "" elsewhere.
	Address string `json:"-"`
	Act     Act    `json:"-"`
	Leaks   []Leak `json:"leaks,omitempty"` // secrets that stood in its words
}

// Actor is who did it. The shell fills it from the platform's user id; a person
// is never known by a display name.
type Actor struct {
	ID         string `json:"id"` // person id of the config; the platform's id for others
	Name       string `json:"name,omitempty"`
	Role       Role   `json:"role"` // customer for everybody in the front who is not staff
	Authorised bool   `json:"authorised,omitempty"`
}

// Staff reports whether the actor is one of the people of the service.
func (a Actor) Staff() bool { return a.Role == Expert || a.Role == Manager || a.Role == Admin }

// Room is where something is said, in the desk's words.
type Room string

// The rooms (design §10).
const (
	Front  Room = "front"  // shared with the customer
	Back   Room = "back"   // the experts' side
	Direct Room = "direct" // one-to-one with a person
)

// Act is what happened. The set is closed; one type per input, each handled in
// the file of its name.
type Act interface{ act() string }

// Acts of people, from messages, commands and buttons.
type (
	// Said is a plain message.
	Said struct {
		Text      string  `json:"text"`
		Verdict   Verdict `json:"verdict"`
		Addressed bool    `json:"addressed,omitempty"` // the bot was @-ed
		// Joined is what the words say together with those shortly before them
		// (Desk.Before); nil when there are none.
		Joined *Verdict `json:"joined,omitempty"`
	}
	// Edited is the new text of a message heard before.
	Edited struct {
		Of   string `json:"of"`
		Text string `json:"text"`
	}
	// Deleted says that a message heard before is gone.
	Deleted struct {
		Of string `json:"of"`
	}
	// Report opens exactly this. Empty Kind: triage decides by Verdict.
	Report struct {
		Kind     Kind     `json:"kind,omitempty"`
		Urgent   *bool    `json:"urgent,omitempty"` // nil: triage decides
		Severity Severity `json:"severity,omitempty"`
		Text     string   `json:"text"`
		Verdict  Verdict  `json:"verdict"`
		// Of is the message that somebody marked as a report, and Author its
		// writer; "" for a report in words of its own.
		Of     string `json:"of,omitempty"`
		Author Who    `json:"author,omitzero"`
	}
	// Claim takes a case; with Text it also answers the customer.
	Claim struct {
		Case int    `json:"case"`
		Text string `json:"text,omitempty"`
	}
	// Unclaim gives it back.
	Unclaim struct {
		Case   int    `json:"case"`
		Reason string `json:"reason,omitempty"` // internal
	}
	// Assign asks somebody else to take it.
	Assign struct {
		Case int    `json:"case"`
		To   string `json:"to"` // person id
	}
	// Reply publishes Text to the customer.
	Reply struct {
		Case int    `json:"case"`
		Text string `json:"text"`
	}
	// Note keeps Text inside.
	Note struct {
		Case int    `json:"case"`
		Text string `json:"text"`
	}
	// Raise makes an incident urgent, or a vulnerability one step more severe.
	Raise struct {
		Case int `json:"case"`
	}
	// Lower makes it less urgent or severe; the reason is visible to the customer.
	Lower struct {
		Case   int    `json:"case"`
		Reason string `json:"reason"`
	}
	// SetSeverity sets a vulnerability's severity; lowering needs a reason.
	SetSeverity struct {
		Case     int      `json:"case"`
		Severity Severity `json:"severity"`
		Reason   string   `json:"reason,omitempty"`
	}
	// SetCategory sets an incident's category.
	SetCategory struct {
		Case     int      `json:"case"`
		Category Category `json:"category"`
	}
	// Ask puts an open question to the customer and pauses the resolve clock.
	Ask struct {
		Case     int    `json:"case"`
		Question string `json:"question"`
	}
	// Resume ends the pause.
	Resume struct {
		Case int `json:"case"`
	}
	// Stage marks a step of the process as reached.
	Stage struct {
		Case  int    `json:"case"`
		Stage string `json:"stage"` // an id of Stages(kind)
	}
	// Resolve says it is solved, with a summary for the customer.
	Resolve struct {
		Case    int    `json:"case"`
		Summary string `json:"summary"`
	}
	// Confirm is the customer's word that it is solved.
	Confirm struct {
		Case int `json:"case"`
	}
	// Reopen says it is not.
	Reopen struct {
		Case   int    `json:"case"`
		Reason string `json:"reason,omitempty"`
	}
	// Merge folds a duplicate into another case.
	Merge struct {
		Case int `json:"case"`
		Into int `json:"into"`
	}
	// Link ties two cases together.
	Link struct {
		Case  int `json:"case"`
		Other int `json:"other"`
	}
	// Close ends a case without a solution (a mistake, withdrawn).
	Close struct {
		Case   int    `json:"case"`
		Reason string `json:"reason,omitempty"`
	}
	// Recur says it happened again within the safe period.
	Recur struct {
		Case int `json:"case"`
	}
	// Fine answers a check-in: all is well.
	Fine struct {
		Case int `json:"case"`
	}
	// Assist answers a check-in: the customer needs help.
	Assist struct {
		Case int `json:"case"`
	}
	// Sort corrects triage with one click: Slip (a remembered message) or Case
	// becomes As (a kind, "none", "new") or joins Into.
	Sort struct {
		Slip int    `json:"slip,omitempty"`
		Case int    `json:"case,omitempty"`
		As   string `json:"as,omitempty"`
		Into int    `json:"into,omitempty"`
	}
	// Onboard starts the onboarding and sends the welcome card.
	// Rooms that are missing are made first; Invite are e-mail addresses of people
	// of the customer to be invited to the front, also to one that stands.
	Onboard struct {
		Invite []string `json:"invite,omitempty"`
	}
	// Bind makes an existing room the customer's.
	Bind struct {
		Room    Room   `json:"room"`
		Address string `json:"address"` // platform:id
	}
	// Recall takes the last answer to the customer back.
	Recall struct {
		Case int `json:"case"`
	}
	// Missed says that the customer wrote something while the bot may have been
	// deaf.
	Missed struct{}
	// InspectNow asks for the inspection summary now, or for the last one again.
	InspectNow struct {
		Last bool `json:"last,omitempty"`
	}
	// Query asks for something to be shown to the asker alone.
	Query struct {
		What string `json:"what"` // list show timeline timers explain oncall edition help
		Case int    `json:"case,omitempty"`
		Arg  string `json:"arg,omitempty"`
		// Finding is the number of the finding to be shown; 0 for all.
		Finding int `json:"finding,omitempty"`
		// Lines is filled by the shell for what the desk does not hold (the
		// timeline, from the journal).
		Lines []Event `json:"-"`
		// Items is filled by the shell with the lines of the help.
		Items []Item `json:"-"`
	}
	// Misread is a command nobody understood, or one that lacks something.
	Misread struct {
		Line string `json:"line"`           // the command word only, never its text
		Case int    `json:"case,omitempty"` // the number that was typed
		Why  string `json:"why"`            // a reason id, see refuse.go
		Near string `json:"near,omitempty"` // the nearest right command
		// Usage is how the command is written, when something was missing.
		Usage string `json:"usage,omitempty"`
		// Choices are the ways to write it when a bare number is not enough
		// (acme#1, nova#1).
		Choices []string `json:"choices,omitempty"`
		// Again is the command a click on a choice types, without the choice; ""
		// when it carried words that no button can (Again).
		Again string `json:"again,omitempty"`
	}
)

// Acts of the world.
type (
	// Found is a finding of a probe, scanner or product.
	Found struct {
		Source   string    `json:"source"`
		ID       string    `json:"id"`
		Layer    Layer     `json:"layer"`
		Asset    string    `json:"asset"`
		Title    string    `json:"title"`
		Severity Severity  `json:"severity"`
		Fixed    bool      `json:"fixed,omitempty"`
		Detail   string    `json:"detail,omitempty"` // the evidence, for experts; of a fixed one the proof
		SeenAt   time.Time `json:"seen_at"`
		// Matter says what a high one opens: incident or vulnerability; "" is the
		// latter. Category is of an incident.
		Matter   Kind     `json:"matter,omitempty"`
		Category Category `json:"category,omitempty"`
		// TitleEn and DetailEn are in English where the source speaks both languages.
		TitleEn  string `json:"title_en,omitempty"`
		DetailEn string `json:"detail_en,omitempty"`
		// Change: it is a difference from what was normal, and accepting it makes it
		// normal. Stale: it was found earlier and could not be looked at again.
		Change bool `json:"change,omitempty"`
		Stale  bool `json:"stale,omitempty"`
	}
	// Looked says what our own probes saw: every finding that is open, those that
	// are gone, what of each layer could be looked at, and how the assets answered
	// since the last Looked.
	Looked struct {
		Source   string      `json:"source"`
		Findings []Found     `json:"findings,omitempty"`
		Left     []string    `json:"left,omitempty"` // ids of findings of assets that nobody names any more
		Layers   []LayerLook `json:"layers,omitempty"`
		Tries    int         `json:"tries,omitempty"` // of availability
		Good     int         `json:"good,omitempty"`  // those that were answered
		// Retest: it was asked for, so that what still stands is said.
		Retest bool `json:"retest,omitempty"`
	}
	// Heard says that a source lives: it sent something, be it that nothing is wrong.
	Heard struct {
		Source string `json:"source"`
	}
	// Accept takes the risk of a finding until a day.
	Accept struct {
		Finding int       `json:"finding"`
		Until   time.Time `json:"until,omitzero"` // any time of that day in UTC's date
		Days    int       `json:"days,omitempty"` // instead of Until: so many days from today
		Reason  string    `json:"reason"`
	}
	// Fix says that a finding will be fixed, and by whom: a person's id or name; ""
	// is who says it.
	Fix struct {
		Finding int    `json:"finding"`
		By      string `json:"by,omitempty"`
	}
	// Retest asks the own probes to look again now.
	Retest struct {
		Finding int `json:"finding"`
	}
	// Advised is a model's advice, about a case or about a message the rules were
	// unsure of. It may raise; it may only propose lowering. Failed says why there
	// is none.
	Advised struct {
		Case    int     `json:"case,omitempty"`
		Slip    int     `json:"slip,omitempty"`
		Model   string  `json:"model,omitempty"`
		Failed  string  `json:"failed,omitempty"`
		Verdict Verdict `json:"verdict"`
		Draft   string  `json:"draft,omitempty"`
		Summary string  `json:"summary,omitempty"`
	}
	// ReadBy says that a person read a notice.
	ReadBy struct {
		Key    string `json:"key"`
		Person string `json:"person"`
	}
	// Told says that the platform took a notice.
	Told struct {
		Key   string     `json:"key"`
		Kind  NoticeKind `json:"kind"`
		Case  int        `json:"case,omitempty"`
		Room  Room       `json:"room"`
		Board bool       `json:"board,omitempty"`
		Ref   string     `json:"ref,omitempty"`
		Hash  string     `json:"hash,omitempty"` // of what was shown, for boards
		Who   string     `json:"who,omitempty"`  // the person told
		Rung  *int       `json:"rung,omitempty"`
	}
	// Untold says that the platform will never take a notice.
	Untold struct {
		Key    string     `json:"key"`
		Kind   NoticeKind `json:"kind"`
		Case   int        `json:"case,omitempty"`
		Room   Room       `json:"room"`
		Board  bool       `json:"board,omitempty"`
		Person string     `json:"person,omitempty"`
		Rung   *int       `json:"rung,omitempty"`
		Why    Reason     `json:"why"`
	}
	// Founded says that the platform has made a room, or, with Invited, that it
	// was asked to invite those people into the room as it stands.
	Founded struct {
		Room    Room     `json:"room"`
		Address string   `json:"address"`          // platform:id
		Missed  []Reason `json:"missed,omitempty"` // who could not be brought in, and why
		Invited []string `json:"invited,omitempty"`
	}
	// NoRoom says that a letter waits for a room that is still to be made or bound.
	NoRoom struct{}
	// Gap says that the bot may have been deaf.
	Gap struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
	}
	// Contract puts new terms in force.
	Contract struct {
		Terms *Terms `json:"-"`
	}
	// Parked says that an input broke a rule and was put aside.
	Parked struct {
		Input string `json:"input"`
		Why   string `json:"why"`
	}
	// Woke says that the desk's alarm went off.
	Woke struct{}
)

func (Said) act() string        { return "said" }
func (Edited) act() string      { return "edited" }
func (Deleted) act() string     { return "deleted" }
func (Report) act() string      { return "report" }
func (Claim) act() string       { return "claim" }
func (Unclaim) act() string     { return "unclaim" }
func (Assign) act() string      { return "assign" }
func (Reply) act() string       { return "reply" }
func (Note) act() string        { return "note" }
func (Raise) act() string       { return "urgent" }
func (Lower) act() string       { return "lower" }
func (SetSeverity) act() string { return "severity" }
func (SetCategory) act() string { return "category" }
func (Ask) act() string         { return "ask" }
func (Resume) act() string      { return "resume" }
func (Stage) act() string       { return "stage" }
func (Resolve) act() string     { return "resolve" }
func (Confirm) act() string     { return "confirm" }
func (Reopen) act() string      { return "reopen" }
func (Merge) act() string       { return "merge" }
func (Link) act() string        { return "link" }
func (Close) act() string       { return "close" }
func (Recur) act() string       { return "recur" }
func (Fine) act() string        { return "fine" }
func (Assist) act() string      { return "assist" }
func (Sort) act() string        { return "triage" }
func (Onboard) act() string     { return "onboard" }
func (Bind) act() string        { return "bind" }
func (NoRoom) act() string      { return "roomless" }
func (Founded) act() string     { return "founded" }
func (Recall) act() string      { return "recall" }
func (Missed) act() string      { return "missed" }
func (InspectNow) act() string  { return "inspect" }
func (Query) act() string       { return "query" }
func (Misread) act() string     { return "misread" }
func (Found) act() string       { return "found" }
func (Looked) act() string      { return "looked" }
func (Heard) act() string       { return "heard" }
func (Accept) act() string      { return "accept" }
func (Fix) act() string         { return "fix" }
func (Retest) act() string      { return "retest" }
func (Advised) act() string     { return "advised" }
func (ReadBy) act() string      { return "read" }
func (Told) act() string        { return "told" }
func (Untold) act() string      { return "untold" }
func (Gap) act() string         { return "gap" }
func (Contract) act() string    { return "contract" }
func (Parked) act() string      { return "parked" }
func (Woke) act() string        { return "woke" }

// Name returns the word of an act, as logs and the sandbox print it.
func Name(a Act) string {
	if a == nil {
		return ""
	}
	return a.act()
}

// LayerLook is what a look saw of one layer.
type LayerLook struct {
	Layer  Layer     `json:"layer"`
	At     time.Time `json:"at"`
	Assets int       `json:"assets"`          // that were looked at
	Blind  int       `json:"blind,omitempty"` // that could not be, wholly
}

// Clue is a fact that stands in a report.
type Clue struct {
	Kind string `json:"kind"` // cve, url (defanged), hash, file, count, time
	Text string `json:"text"`
}

// Verdict is what triage understood, with the reason a person understands.
type Verdict struct {
	// Label is incident, vulnerability, consultation, policy, out_of_scope or chatter.
	Label      string   `json:"label"`
	Urgent     bool     `json:"urgent,omitempty"`
	Severity   Severity `json:"severity,omitempty"`
	Category   Category `json:"category,omitempty"`
	Confidence float64  `json:"confidence,omitempty"` // 0…1
	Why        string   `json:"why,omitempty"`
	Assets     []string `json:"assets,omitempty"` // hosts, IPs, domains, lower case
	Clues      []Clue   `json:"clues,omitempty"`  // what else an expert looks for
	// Elsewhere: the words say outright that this is another matter ("另外一个问题").
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Again: the words say that something is back, or was never gone ("又来了",
	// "还是打不开").
	Again bool `json:"again,omitempty"`
}

// The labels that open no case.
const (
	OutOfScope = "out_of_scope"
	Chatter    = "chatter"
)

// Stages returns the ids of the steps of a kind's process in order: the six of
// §3.2.2 for incidents, the five of §3.1.4 for vulnerabilities, the five topics
// of the first conversation (§3.2.1) for onboarding; none for the others.
func Stages(k Kind) []string {
	switch k {
	case Incident:
		return []string{"classify", "contain", "eradicate", "recover", "harden", "reassess"}
	case Vulnerability:
		return []string{"identify", "scope", "verify", "fix", "retest"}
	case Onboarding:
		return []string{"business", "architecture", "operations", "security", "plan"}
	}
	return nil
}
