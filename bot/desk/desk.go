package desk

import (
	"time"

	"butler/sla"
)

// Schema is the number of the stored form. Additive changes keep it; anything
// else raises it by one and adds an upgrade step (encode.go).
const Schema = 1

// Limits of one desk. Reaching one is an event that a person sees.
const (
	MaxOpen    = 200       // open cases of one customer
	MaxSlips   = 20        // front messages remembered for one-click correction
	MaxText    = 4000      // characters of one text that are kept; the rest is cut, and it says so
	MaxBytes   = 256 << 10 // of the stored cases: beyond it only incidents open, and the manager hears of it
	MaxClues   = 12        // facts remembered per case
	MaxAssets  = 20        // hosts, IPs and domains remembered per case
	MaxCheck   = 5000      // deadlines settled in one decision; more is a broken rule
	MaxFound   = 20        // open cases that findings opened; the other findings wait for the morning
	MaxFinding = 500       // open findings of one customer
	MaxAlone   = 20        // findings without a case that are told one by one in a day; the others wait for the morning
	MaxGone    = 100       // findings remembered of which was heard that they are fixed, and nothing before
)

// Desk is all that the service remembers about one customer. It is a value:
// Decide never writes to the desk it was given.
type Desk struct {
	Schema   int       `json:"schema"`
	Customer string    `json:"customer"`
	At       time.Time `json:"at,omitzero"` // of the last decision; time never runs backwards
	// Head is the hash of the last record of the journal: the chain (record.go).
	Head string `json:"head,omitempty"`
	// TermsRev is the revision of the terms the last decision was made under.
	TermsRev string `json:"terms,omitempty"`
	Edition  string `json:"edition,omitempty"`

	NextCase int `json:"next_case,omitempty"` // number of the last case given
	NextSlip int `json:"next_slip,omitempty"`
	NextKey  int `json:"next_key,omitempty"` // of the last notice

	// Cases are the open cases and those still looked after, by number.
	// Stored one field each; Encode leaves them out of the head.
	Cases []Case `json:"-"`

	Slips       []Slip               `json:"slips,omitempty"`
	Lately      []Late               `json:"lately,omitempty"` // said a moment ago, and gone nowhere yet
	Inspection  InspectionState      `json:"inspection,omitzero"`
	Findings    []Finding            `json:"findings,omitempty"`
	Heard       map[string]time.Time `json:"heard,omitempty"` // source → its last sign of life
	Onboarding  OnboardingState      `json:"onboarding,omitzero"`
	Gap         Gap                  `json:"gap,omitzero"`          // the last time in which nothing may have been heard
	GapMissed   []string             `json:"gap_missed,omitempty"`  // who said that they wrote something then
	Unreachable map[string]Reason    `json:"unreachable,omitempty"` // person → why the platform will not reach them
	Rooms       map[Room]string      `json:"rooms,omitempty"`       // addresses of rooms that were made or bound by hand
	RoomsSince  map[Room]time.Time   `json:"rooms_since,omitempty"` // when they were: of two customers with one front, the later has it

	// Terms is the customer's contract and roster, attached by the shell from
	// the config before every decision. Shared and immutable (ADR 0006).
	Terms *Terms `json:"-"`
}

// Kind is what a case is about.
type Kind string

// The kinds of cases.
const (
	Incident      Kind = "incident"
	Vulnerability Kind = "vulnerability"
	Consultation  Kind = "consultation"
	Policy        Kind = "policy"
	Onboarding    Kind = "onboarding"
)

// Severity of a vulnerability.
type Severity string

// The severities of the whitepaper, §5 漏洞管理.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// Category of an incident, by GB/Z 20986-2007 (whitepaper §3.1.3.3.2); cards
// show the GB/T 20986-2023 name beside it.
type Category string

// The categories of the whitepaper, §3.1.3.3.2.
const (
	Malware         Category = "malware"          // 有害程序事件
	NetworkAttack   Category = "network_attack"   // 网络攻击事件
	DataDestruction Category = "data_destruction" // 信息破坏事件
	ContentSecurity Category = "content_security" // 信息内容安全事件
)

// Status of a case.
type Status string

// The statuses: open until somebody resolves it, resolved while the safe period
// (or the time to object) runs, closed when nothing more will be done.
const (
	Open     Status = "open"
	Resolved Status = "resolved"
	Closed   Status = "closed"
)

// Internal is text of the inside: notes, words of the back room, reasons that
// are not for the customer. It is a type of its own so that no view of a front
// sheet can hold it; the only way out is a person who publishes.
type Internal string

// Case is one matter from report to the end of its follow-up.
type Case struct {
	N        int       `json:"n"`
	Kind     Kind      `json:"kind"`
	Urgent   bool      `json:"urgent,omitempty"`   // incidents
	Severity Severity  `json:"severity,omitempty"` // vulnerabilities
	Category Category  `json:"category,omitempty"` // incidents
	Title    string    `json:"title"`              // the customer's first words, one line
	Status   Status    `json:"status"`
	Opened   time.Time `json:"opened"`
	Reporter Who       `json:"reporter"`
	Why      string    `json:"why,omitempty"` // why triage understood it so

	// Edition is the contract the case was opened under.
	Edition string `json:"edition,omitempty"`
	// Row is the promise frozen at opening (design §11).
	Row sla.Row `json:"row"`
	// Respond and Resolve are the two clocks; see sla.Clock.
	Respond sla.Clock `json:"respond,omitzero"`
	Resolve sla.Clock `json:"resolve,omitzero"`
	Rungs   Rungs     `json:"rungs,omitzero"`   // of the respond ladder
	Solving Rungs     `json:"solving,omitzero"` // of the resolve ladder: 1/2, 4/5, 1

	Assignee string    `json:"assignee,omitempty"` // person id: who has it, or is asked to take it
	Claimed  time.Time `json:"claimed,omitzero"`   // zero until the assignee said so
	Reminded bool      `json:"reminded,omitempty"` // the claimer's one reminder was told

	Asked   *Question   `json:"asked,omitempty"` // the open question to the customer
	Stages  []StageMark `json:"stages,omitempty"`
	Assets  []string    `json:"assets,omitempty"` // hosts, IPs, domains named in it
	Clues   []Clue      `json:"clues,omitempty"`  // facts that stand in its words
	Refs    []Ref       `json:"refs,omitempty"`   // the messages of its words, for edits and deletions
	Adds    int         `json:"adds,omitempty"`   // messages added
	Last    Words       `json:"last,omitzero"`    // the customer's last words in it
	Replied Answer      `json:"replied,omitzero"` // the last answer, while it can be taken back
	Touched time.Time   `json:"touched"`          // last activity of a person

	Summary    string    `json:"summary,omitempty"` // of the solution, for the customer
	ResolvedAt time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolved_by,omitempty"`
	Confirmed  time.Time `json:"confirmed,omitzero"` // by the customer
	Checks     int       `json:"checks,omitempty"`   // check-ins told so far
	Recurred   int       `json:"recurred,omitempty"`
	Merged     int       `json:"merged,omitempty"` // into this case
	Links      []int     `json:"links,omitempty"`
	Slip       int       `json:"slip,omitempty"`    // the message that opened it
	Echo       int       `json:"echo,omitempty"`    // the solved case it may be a recurrence of
	Finding    string    `json:"finding,omitempty"` // id of the finding that opened it

	Boards map[Room]Shown `json:"boards,omitempty"`
}

// Rungs is how far a ladder was climbed in the current round of its clock.
type Rungs struct {
	Round int    `json:"round,omitempty"` // raised, reopened, recurred: a new promise has rungs of its own
	Told  int    `json:"told,omitempty"`  // rungs below this number are done
	Pings []Ping `json:"pings,omitempty"` // who was told what, this round
	// Overdue counts the days on which the manager was told that a broken
	// promise has no answer yet.
	Overdue int `json:"overdue,omitempty"`
	// Declined gave the case back: they are not asked again this round.
	Declined []string `json:"declined,omitempty"`
}

// Ping is one telling of one rung to one person.
type Ping struct {
	Person string    `json:"person"`
	Rung   int       `json:"rung"`
	At     time.Time `json:"at,omitzero"`      // decided
	Told   time.Time `json:"told,omitzero"`    // the platform took it
	Read   time.Time `json:"read,omitzero"`    // the platform says it was read
	Failed Reason    `json:"failed,omitempty"` // the platform will never deliver it
	Means  Means     `json:"means,omitempty"`  // the strongest used so far
}

// Question is an open question to the customer. It pauses the resolve clock.
type Question struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
}

// StageMark says when a step of the process was reached.
type StageMark struct {
	Stage string    `json:"stage"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// Answer is what an expert published last, while it can be taken back: the key of
// its notice, and where the platform put it once it is told.
type Answer struct {
	Key  string `json:"key,omitempty"`
	Told bool   `json:"told,omitempty"`
	ID   string `json:"id,omitempty"` // "" where the platform gives none
}

// Ref ties a platform message to a case, so that its edit or deletion is known.
type Ref struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Room Room      `json:"room,omitempty"` // where it stands; "" is the front
}

// Words are somebody's words with their time.
type Words struct {
	By   string    `json:"by,omitempty"` // name
	Text string    `json:"text,omitempty"`
	At   time.Time `json:"at,omitzero"`
	Slip int       `json:"slip,omitempty"`
}

// Shown is a board as it stands in a room.
type Shown struct {
	Ref  string `json:"ref,omitempty"`  // the platform's reference, for edits
	Hash string `json:"hash,omitempty"` // of what was last shown
}

// Who is a person as the desk remembers them.
type Who struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Slip is a front message remembered for a while with what was made of it, so
// that one click can make something else of it.
type Slip struct {
	N       int       `json:"n"` // m1, m2, …
	Ref     string    `json:"ref"`
	By      Who       `json:"by"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Staff   bool      `json:"staff,omitempty"` // an expert's words in the front
	Verdict Verdict   `json:"verdict"`
	Case    int       `json:"case,omitempty"`   // where it went; 0: nowhere yet
	Opened  bool      `json:"opened,omitempty"` // it opened that case
	Joined  bool      `json:"joined,omitempty"` // it is a part of that case's report
	None    bool      `json:"none,omitempty"`   // somebody said that it is nothing
}

// InspectionState is where the daily inspection stands.
type InspectionState struct {
	Next time.Time         `json:"next,omitzero"`  // the next summary
	Last time.Time         `json:"last,omitzero"`  // the last one told
	Seen map[string]string `json:"seen,omitempty"` // what the last summary said: item → state
	// Flooded: the manager was told that findings wait for the next summary.
	Flooded bool `json:"flooded,omitempty"`
	// Alone is how many findings without a case the experts were told of one by one, and
	// of how many the end, since AloneFrom, when a day of counting began.
	Alone     [2]int    `json:"alone,omitzero"`
	AloneFrom time.Time `json:"alone_from,omitzero"`
	// Looks is what the own probes saw last, by layer; Tries and Good are their
	// visits since the last summary.
	Looks map[Layer]LayerLook `json:"looks,omitempty"`
	Tries int                 `json:"tries,omitempty"`
	Good  int                 `json:"good,omitempty"`
	// Days are the figures of the last summaries, one a day, the oldest first.
	Days []Day `json:"days,omitempty"`
	// NextFinding is the number of the last finding given.
	NextFinding int `json:"next_finding,omitempty"`
	// Gone are findings that the desk did not know when it heard that they are fixed, the
	// newest last: their own report may still be on its way.
	Gone []Gone `json:"gone,omitempty"`
	// Shown is the last summary as it was told, for /inspect last.
	Shown *Facts `json:"shown,omitempty"`
}

// Gone is that a source saw a finding fixed.
type Gone struct {
	Source string    `json:"source"`
	ID     string    `json:"id"`
	At     time.Time `json:"at"` // when it saw that
}

// Day is what a day's summary counted.
type Day struct {
	Date   string `json:"date"`           // YYYY-MM-DD in the customer's zone
	High   int    `json:"high,omitempty"` // open findings
	Medium int    `json:"medium,omitempty"`
	Low    int    `json:"low,omitempty"`
	Tries  int    `json:"tries,omitempty"` // visits since the summary before
	Good   int    `json:"good,omitempty"`
	Blind  bool   `json:"blind,omitempty"` // no layer was looked at: that nothing is open says nothing
}

// OnboardingState is where the onboarding stands.
type OnboardingState struct {
	Since string `json:"since,omitempty"` // the day that was dealt with, YYYY-MM-DD
	Case  int    `json:"case,omitempty"`
	Asked Who    `json:"asked,omitzero"` // for the rooms, and is told what became of them
	// NoRoom: who manages was told that letters wait for a room.
	NoRoom bool `json:"no_room,omitempty"`
}

// Layer is one of the five layers of the daily inspection (whitepaper §3.1.3.1).
type Layer string

// The layers.
const (
	LayerProduct     Layer = "product"     // 安全产品及策略
	LayerNetwork     Layer = "network"     // 网络安全层
	LayerHost        Layer = "host"        // 云服务器操作系统层
	LayerApplication Layer = "application" // 应用安全层
	LayerData        Layer = "data"        // 数据层
)

// Layers in the whitepaper's order.
var Layers = []Layer{LayerProduct, LayerNetwork, LayerHost, LayerApplication, LayerData}

// Finding is what a probe, a scanner or a product reported.
type Finding struct {
	N        int       `json:"n"` // F1, F2, …
	Source   string    `json:"source"`
	ID       string    `json:"id"` // the source's own id
	Layer    Layer     `json:"layer"`
	Asset    string    `json:"asset"`
	Title    string    `json:"title"`
	Severity Severity  `json:"severity"`
	Detail   string    `json:"detail,omitempty"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Fixed    time.Time `json:"fixed,omitzero"`
	Case     int       `json:"case,omitempty"`
	Matter   Kind      `json:"matter,omitempty"`
	Category Category  `json:"category,omitempty"`
	TitleEn  string    `json:"title_en,omitempty"`
	DetailEn string    `json:"detail_en,omitempty"`
	Change   bool      `json:"change,omitempty"` // accepting it makes it normal
	Stale    bool      `json:"stale,omitempty"`  // could not be looked at again
	Proof    string    `json:"proof,omitempty"`  // that it is fixed
	// Left: it is open no longer because nobody names its asset any more; nobody saw it
	// fixed.
	Left bool `json:"left,omitempty"`
	// Gone is when another source than our probes saw that it is fixed: what it saw
	// before is no news, however late it comes.
	Gone time.Time `json:"gone,omitzero"`

	Plan   Plan      `json:"plan,omitempty"`   // what was decided
	Owner  Who       `json:"owner,omitzero"`   // who fixes it
	By     Who       `json:"by,omitzero"`      // who decided
	Until  time.Time `json:"until,omitzero"`   // of an accepted risk: 24:00 of its last day
	Reason string    `json:"reason,omitempty"` // why it is accepted
	Asked  time.Time `json:"asked,omitzero"`   // for a retest that has not been made
}

// MatterNone is the Matter of a finding that opens no case however severe it is: a
// site that is down is not by itself a security matter (whitepaper §6.3).
const MatterNone Kind = "none"

// Plan is what was decided about a finding.
type Plan string

// The decisions; "" is none yet.
const (
	PlanFix    Plan = "fix"
	PlanAccept Plan = "accept"
)

// Case returns the case with that number.
func (d Desk) Case(n int) (Case, bool) {
	for _, c := range d.Cases {
		if c.N == n {
			return c, true
		}
	}
	return Case{}, false
}
