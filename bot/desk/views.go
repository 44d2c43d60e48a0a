package desk

import (
	"slices"
	"strings"
	"time"

	"butler/sla"
)

// Phase is where a case stands, for the colour and headline of its board.
const (
	PhaseWaiting   = 1 // nobody took it
	PhaseClaimed   = 2 // taken, not yet answered
	PhaseResponded = 3 // an expert has answered; being worked on
	PhasePaused    = 4 // waiting for the customer
	PhaseResolved  = 5 // solved, in the safe period
	PhaseClosed    = 6
)

func (c *Case) phase() int {
	switch {
	case c.Status == Closed:
		return PhaseClosed
	case c.Respond.Open() && c.Claimed.IsZero():
		return PhaseWaiting
	case c.Respond.Open():
		return PhaseClaimed
	case c.Status == Resolved:
		return PhaseResolved
	case c.Asked != nil:
		return PhasePaused
	}
	return PhaseResponded
}

// fill completes the facts of a notice with what every view of a case shows.
// What the caller has set stays.
func (b *book) fill(c *Case, f Facts, lang string) *Facts {
	t := b.terms()
	f.Customer = t.Name
	if f.Customer == "" {
		f.Customer = b.d.Customer
	}
	f.Zone = b.zone().String()
	f.Now = b.now
	if f.By == "" && b.in.Actor.Role != System {
		f.By = b.by()
	}
	if f.Edition == "" {
		f.Edition = t.Edition.Called(lang)
	}
	if c != nil {
		caseFacts(b.d, c, &f, b.now)
	}
	return &f
}

// caseFacts writes what the customer may know of a case. Zero fields print nothing.
func caseFacts(d Desk, c *Case, f *Facts, now time.Time) {
	t, zone := d.Terms, zoneOf(d.Terms)
	f.N, f.Ref = c.N, refOf(d, c.N)
	f.Kind, f.Urgent, f.Severity, f.Category = c.Kind, c.Urgent, c.Severity, c.Category
	f.Title, f.Status, f.Reporter, f.Opened = c.Title, c.Status, c.Reporter.Name, c.Opened
	f.Phase = c.phase()
	if f.Clause == "" {
		f.Clause = c.Row.Clause
	}
	if !c.Claimed.IsZero() {
		f.Expert = t.Called(c.Assignee)
	}
	f.Stages = stageItems(c)
	for _, s := range c.Stages {
		f.Stage = s.Stage
	}
	if c.Respond.Promised() {
		s := c.Respond.State(now)
		switch {
		case s.Stopped.IsZero():
			f.RespondBy = s.Due
			f.Missed = s.Due.Before(now) || s.Due.Equal(now)
		case !s.Void:
			f.RespondedAt = s.Stopped
			f.Took = s.Stopped.Sub(s.Start).Truncate(time.Second)
			f.Missed = !s.Stopped.Before(s.Due)
		}
	}
	if c.Resolve.Open() {
		f.ResolveBy = c.Resolve.State(now).Due
		f.SolveMissed = !now.Before(f.ResolveBy)
	}
	for _, p := range c.Rungs.Pings {
		f.Told = appendTold(f.Told, Item{Label: t.Called(p.Person), At: p.At, Done: !p.Told.IsZero()})
	}
	if c.Asked != nil {
		f.Waiting, f.WaitingAt = c.Asked.Text, c.Asked.At
	}
	f.Adds, f.Last = c.Adds, c.Last
	f.Clues = nil
	for _, a := range c.Assets {
		f.Clues = append(f.Clues, Item{State: "asset", Value: strings.ReplaceAll(a, ".", "[.]")})
	}
	for _, k := range c.Clues {
		f.Clues = append(f.Clues, Item{State: k.Kind, Value: k.Text})
	}
	f.ResolvedAt, f.Summary, f.Confirmed = c.ResolvedAt, c.Summary, c.Confirmed
	if c.Status == Resolved && c.Row.SafeDays == 0 {
		f.ClosesAt = c.ResolvedAt.Add(autoclose)
	}
	f.Links = nil
	for _, n := range c.Links {
		f.Links = append(f.Links, Item{N: n})
	}
	if c.Status == Resolved && c.Row.SafeDays > 0 {
		f.SafeUntil, f.Days = c.safeUntil(zone), c.Row.SafeDays
	}
	if f.Why == "" {
		f.Why = c.Why
	}
	if f.Slip == 0 && c.Echo != 0 && c.Status == Open {
		f.Slip, f.Echo = c.Slip, c.Echo
	}
	if c.Merged != 0 && f.Other == 0 {
		f.Other = c.Merged
	}
}

// appendTold keeps one line per person: when they were told first.
func appendTold(list []Item, it Item) []Item {
	for _, have := range list {
		if have.Label == it.Label {
			return list
		}
	}
	return append(list, it)
}

func stageItems(c *Case) []Item {
	var items []Item
	for _, id := range Stages(c.Kind) {
		it := Item{State: id}
		for _, s := range c.Stages {
			if s.Stage == id {
				it.Done, it.At = true, s.At
			}
		}
		items = append(items, it)
	}
	return items
}

// Board is the live card of a case as a room sees it now: the facts, and for
// the back room the inside. ok is false when the case has left the desk.
func Board(d Desk, n int, room Room, now time.Time) (f Facts, in *Inside, ok bool) {
	c, ok := d.Case(n)
	if !ok || d.Terms == nil {
		return Facts{}, nil, false
	}
	t := d.Terms
	f = Facts{Customer: t.Name, Zone: zoneOf(t).String(), Now: now}
	lang := t.Language
	if room != Front && t.BackLanguage != "" {
		lang = t.BackLanguage
	}
	f.Edition = t.Edition.Called(lang)
	caseFacts(d, &c, &f, now)
	if c.Kind == Onboarding {
		welcome(d, &f, lang)
	}
	if room == Front {
		return f, nil, true
	}
	b := &book{d: d, now: now, owned: map[int]bool{}}
	in = &Inside{Rung: c.Rungs.Told - 1, Of: len(c.Row.Ladder)}
	if c.Assignee != "" {
		in.Owner = t.Called(c.Assignee)
	}
	if c.Respond.Open() {
		b.nextRung(&c, c.Rungs.Told, in)
	}
	in.Note = d.seenFor(n, lang)
	return f, in, true
}

// seenFor is the finding that a case is about, on one line: its number, what its source
// saw, and the source.
func (d Desk) seenFor(n int, lang string) Internal {
	for _, g := range d.Findings {
		if g.Case == n {
			return Internal(strings.Join(slices.DeleteFunc([]string{g.Label(), oneLine(g.evidence(lang)), g.Source}, func(s string) bool { return s == "" }), " · "))
		}
	}
	return ""
}

// welcome writes the promises of the edition and who is who, for the welcome card.
func welcome(d Desk, f *Facts, lang string) {
	t := d.Terms
	for _, r := range t.Edition.Rows {
		if !r.Included || r.Matter == sla.Onboarding {
			continue
		}
		it := Item{State: string(r.Matter), Value: r.Clause}
		if r.Respond > 0 {
			it.Label = sla.Span(r.Respond, lang)
		}
		f.Items = append(f.Items, it)
	}
	if t.TAM != "" {
		f.Decide = append(f.Decide, Item{State: string(sla.TAM), Label: t.Called(t.TAM)})
	}
	for _, role := range []sla.Role{sla.Primary, sla.Backup, sla.Manager} {
		if who := t.Duty.On(role, f.Now); len(who) > 0 {
			f.Decide = append(f.Decide, Item{State: string(role), Label: t.Called(who[0])})
		}
	}
}

// Wants reports whether a notice is still worth telling now: nobody is woken
// for a case that was taken a second ago, and of several rungs that waited out
// an outage of the platform a person hears the last only.
func Wants(d Desk, n Notice) bool {
	if n.Case == 0 {
		return true
	}
	c, ok := d.Case(n.Case)
	if !ok {
		return !n.Board && n.Rung == nil
	}
	switch n.Kind {
	case NLouder:
		return c.Respond.Open() && n.Round == c.Rungs.Round && slices.ContainsFunc(c.Rungs.Pings, func(p Ping) bool {
			return p.Person == n.Person && (n.Inside == nil || p.Rung == n.Inside.Rung) && p.Rung == c.Rungs.Told-1 && p.Means == n.Means && p.Read.IsZero() && c.stillAsked(p)
		})
	case NRemind, NPing, NWarned, NBreached:
		if n.Board {
			return true
		}
	case NFollowup:
		return c.Status == Resolved
	default:
		return true
	}
	ladder, clock := c.Rungs, c.Respond
	if n.Clock == "resolve" {
		ladder, clock = c.Solving, c.Resolve
	}
	if n.Kind == NWarned && n.Rung == nil {
		// News for those who can help: somebody or some room cannot be reached.
		// Only the daily word about an answer that is owed ends with the answer.
		return clock.Open() || n.Facts == nil || n.Facts.Label != "overdue"
	}
	if n.Kind == NBreached {
		return true // a broken promise is on the record whatever came after
	}
	if !clock.Open() {
		return n.Kind == NPing && n.Rung == nil && c.Status == Open && c.Claimed.IsZero()
	}
	if n.Rung == nil {
		return n.Kind != NPing || c.Claimed.IsZero()
	}
	if n.Round != ladder.Round {
		return false
	}
	if n.Clock == "" && n.Room == Back && n.Person != "" && !c.Claimed.IsZero() {
		return false
	}
	if n.Person == "" {
		return ladder.Told <= *n.Rung+1 // a line about a rung that a later one overtook
	}
	for _, p := range ladder.Pings {
		if p.Person == n.Person && p.Rung > *n.Rung {
			return false
		}
	}
	return true
}
