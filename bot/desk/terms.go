package desk

import (
	"time"

	"butler/sla"
)

// Terms is what the config says about one customer: contract, people, roster.
// Built once by package config, shared by all loads of the desk, never written
// to. A new revision reaches the desk as an input (Contract).
type Terms struct {
	Rev      string // changes whenever anything below changes
	Customer string // id
	Name     string
	Zone     *time.Location
	Language string // of the front room: zh-CN or en
	// BackLanguage is the language of the back room; "" is Language.
	BackLanguage string
	Edition      sla.Edition
	// Editions are all that the service knows, by id: a case keeps the promises
	// of the edition it was opened under.
	Editions map[string]sla.Edition
	Since    string // YYYY-MM-DD, the day of purchase; "" when not given
	Calendar *sla.Calendar

	TAM      string // person id
	Contacts []Contact
	Staff    []Person // everybody of people: who may work on this desk
	Duty     sla.Duty

	Inspect Inspect
	// Sources send findings about this customer. A layer of which nobody was heard
	// is 未接入, never "OK".
	Sources []Source
	// Unbound are the rooms for which the config names a platform and no address:
	// they are made by /onboard or bound by /bind (Desk.Rooms).
	Unbound []Room
	// Means are those that the platform of the back room has beyond a message, the
	// weakest first; it then says what was read. None: a message is all.
	Means []Means
	// Advised says that there is a model, and that it may be asked about this
	// customer.
	Advised bool
	// SharedBack says that the back room serves several customers: cases are
	// then written acme#1.
	SharedBack bool
}

// Role is what somebody is allowed to be.
type Role string

// The roles of people. TAM is whoever a customer's terms name.
const (
	Expert       Role = "expert"
	Manager      Role = "manager"
	Admin        Role = "admin"
	CustomerSide Role = "customer"
	System       Role = "system"
)

// Person is one of the staff.
type Person struct {
	ID       string
	Name     string
	Role     Role
	Language string
	// Reachable says that the person has an id on the platform of the back
	// room; Why says what is missing when not.
	Reachable bool
	Why       Reason
}

// Contact is one of the customer's named people.
type Contact struct {
	ID         string
	Name       string
	Authorised bool
}

// Inspect is the customer's daily inspection.
type Inspect struct {
	Minute int // minutes after midnight in the customer's zone
	Assets []Asset
	// Every is the time between two visits of the own probes; 0: they do not look.
	Every time.Duration
	// Quiet is when scans may run (whitepaper §6.2, 非业务繁忙时段).
	Quiet Quiet
	// Scan is the customer's leave to scan (§3.1.2, 授权说明).
	Scan Authority
}

// Asset is something of the customer's that the config names: a URL, a host, an IP.
type Asset struct {
	Name    string
	Key     bool // of the key business (重点业务); where one asset is, only those are
	Private bool // its address may be a private one
}

// Quiet is a span of every day, in minutes after midnight in the customer's zone;
// it may run past midnight. The zero value is none.
type Quiet struct{ From, To int }

// Holds reports whether a local time lies in it: from From until before To.
func (q Quiet) Holds(local time.Time) bool {
	m := local.Hour()*60 + local.Minute()
	if q.From <= q.To {
		return q.From <= m && m < q.To
	}
	return m >= q.From || m < q.To
}

// Authority is a leave that somebody of the customer gave; the zero value is none.
type Authority struct {
	By    string
	Until time.Time // 24:00 of its last day
}

// Holds reports whether it is in force.
func (a Authority) Holds(now time.Time) bool { return a.By != "" && now.Before(a.Until) }

// Source is one sender of findings, own probes included (Probe).
type Source struct {
	Name   string
	Layers []Layer // of which it speaks; none: of those it sent findings about
	// Silence is how long it may be silent before that is a finding itself; 0: for ever.
	Silence time.Duration
}

// Probe is the name of our own probes as a source of findings, and Watch the name
// under which the desk itself finds that a source fell silent.
const (
	Probe = "probe"
	Watch = "butler"
)

// Source returns a source by its name.
func (t *Terms) Source(name string) (Source, bool) {
	for _, s := range t.Sources {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

// Person returns one of the staff.
func (t *Terms) Person(id string) (Person, bool) {
	for _, p := range t.Staff {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// Called returns the name people know a staff member or contact by; the id
// when there is none.
func (t *Terms) Called(id string) string {
	if p, ok := t.Person(id); ok && p.Name != "" {
		return p.Name
	}
	for _, c := range t.Contacts {
		if c.ID == id && c.Name != "" {
			return c.Name
		}
	}
	return id
}
