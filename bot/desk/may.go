package desk

// who is a set of sides that may do something.
type who uint8

const (
	customers who = 1 << iota // anybody on the customer's side
	experts
	managers // managers and admins
	staff    = experts | managers
	anyone   = customers | staff
)

// where is a set of rooms.
type where uint8

const (
	inFront where = 1 << iota
	inBack
	inDirect
	inside   = inBack | inDirect
	anywhere = inFront | inside
)

// rule is one row of the table of permissions.
type rule struct {
	who
	where
}

// rules is the one table of who may do what, and where. "not here" means that
// the customer would read words that are for the inside (design §10). Acts of
// the world are not in it: they have no actor.
var rules = map[string]rule{
	"report":   {anyone, anywhere},
	"claim":    {staff, anywhere},
	"unclaim":  {staff, anywhere},
	"assign":   {staff, anywhere},
	"reply":    {staff, anywhere},
	"note":     {staff, inside},
	"urgent":   {anyone, anywhere},
	"lower":    {staff, anywhere},
	"severity": {anyone, anywhere}, // the customer only upwards (severity.go)
	"category": {staff, anywhere},
	"ask":      {staff, anywhere},
	"resume":   {staff, anywhere},
	"stage":    {staff, anywhere},
	"resolve":  {staff, anywhere},
	"confirm":  {anyone, anywhere},
	"reopen":   {anyone, anywhere},
	"merge":    {staff, anywhere},
	"link":     {staff, anywhere},
	"close":    {staff, anywhere},
	"recur":    {anyone, anywhere},
	"fine":     {anyone, anywhere},
	"assist":   {anyone, anywhere},
	"triage":   {anyone, anywhere},
	"onboard":  {staff, anywhere}, // rooms are made for managers only (onboard.go)
	"recall":   {staff, anywhere},
	"missed":   {anyone, anywhere},
	"bind":     {managers, anywhere},
	"inspect":  {anyone, anywhere},

	"accept": {anyone, anywhere}, // authorised contacts and managers (decision.go)
	"fix":    {anyone, anywhere},
	"retest": {anyone, anywhere},

	// Queries, by what they ask.
	"list":     {anyone, anywhere},
	"show":     {anyone, anywhere},
	"explain":  {anyone, anywhere},
	"oncall":   {anyone, anywhere},
	"edition":  {anyone, anywhere},
	"help":     {anyone, anywhere},
	"timeline": {anyone, anywhere}, // the customer sees the public words only
	"findings": {anyone, anywhere}, // evidence for staff only
	"timers":   {staff, anywhere},
	"budget":   {staff, anywhere},
}

// May returns "" when the actor may do the named act in the room, otherwise the
// reason to refuse: WhyNotAllowed (never for this person) or WhyNotHere (not in
// this room). name is the word of the act, for a Query what it asks.
func May(a Actor, room Room, name string) string {
	r, ok := rules[name]
	if !ok {
		return WhyNotAllowed
	}
	var side who
	switch a.Role {
	case Expert:
		side = experts
	case Manager, Admin:
		side = managers
	case CustomerSide:
		side = customers
	}
	if r.who&side == 0 {
		return WhyNotAllowed
	}
	at := inFront
	switch room {
	case Back:
		at = inBack
	case Direct:
		at = inDirect
	}
	// The back room is staff's: a customer's act that arrives there is refused.
	if side == customers && at == inBack {
		return WhyNotAllowed
	}
	if r.where&at == 0 {
		return WhyNotHere
	}
	return ""
}
