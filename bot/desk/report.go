package desk

import (
	"slices"
	"strings"

	"butler/sla"
)

// report opens exactly what was asked for; what was left out triage decides.
func (b *book) report(a Report) {
	text := b.cut(a.Text)
	if text == "" {
		b.refuse(WhyMissingText, 0)
		return
	}
	if n := b.d.ThreadOf(a.Of); n != 0 {
		b.refuse(WhyDone, n)
		return
	}
	v := a.Verdict
	kind := a.Kind
	if kind == "" {
		switch v.Label {
		case OutOfScope, Chatter, "":
			kind = Incident // somebody says it is a report: a missed incident is the worst error
		default:
			kind = Kind(v.Label)
		}
	}
	if a.Urgent != nil {
		v.Urgent = *a.Urgent
	} else if a.Kind == Incident && v.Label != string(Incident) {
		v.Urgent = false
	}
	if a.Severity != "" {
		v.Severity = a.Severity
	}
	slip := b.slip(text, v)
	b.openOrHandOff(kind, v, text, slip)
}

// openOrHandOff opens a case, or says kindly that the edition does not cover the
// matter. It returns the case's number, 0 when none was opened.
func (b *book) openOrHandOff(kind Kind, v Verdict, text string, slip int) int {
	row := b.row(kind, v, b.terms().Edition.ID)
	if !row.Included || (row.Scope == "incident" && !b.incidentLives()) {
		b.handOff(Facts{Text: text, Label: string(kind), Clause: row.Clause, Slip: slip, Why: scopeOf(row)})
		b.answeredSlip(slip)
		return 0
	}
	if b.full(kind) {
		b.refuse(WhyTooManyOpen, 0)
		if m := b.manager(nil); m != "" {
			b.direct(NWarned, nil, m, Facts{Text: text, Why: WhyTooManyOpen}, Inside{})
		}
		return 0
	}
	n := b.open(kind, v, row, text)
	if r, ok := b.in.Act.(Report); ok && r.Author.ID != "" {
		b.edit(n).Reporter = r.Author
	}
	b.slipWent(slip, n, true)
	for _, s := range b.d.Slips {
		if s.Case == 0 && s.Ref != "" && s.Ref == b.in.Ref {
			b.slipWent(s.N, n, true) // the same message, asked about before
		}
	}
	c := b.edit(n)
	c.Slip = slip
	if kind == Incident {
		c.Echo = b.echoOf(c)
	}
	return n
}

// full reports whether the desk takes no more cases of a kind. An incident has
// twice the room: a report of one is the last thing to be refused.
func (b *book) full(kind Kind) bool {
	open := len(b.openCases(true))
	if kind == Incident {
		return open >= 2*MaxOpen
	}
	n := 0
	for _, c := range b.d.Cases {
		n += len(c.Encode())
	}
	return open >= MaxOpen || n > MaxBytes
}

// open opens a case and starts its clocks at the time of the customer's message.
func (b *book) open(kind Kind, v Verdict, row sla.Row, text string) int {
	b.d.NextCase++
	n := b.d.NextCase
	c := Case{
		N: n, Kind: kind, Title: oneLine(text), Status: Open, Opened: b.at, Touched: b.at,
		Reporter: Who{ID: b.in.Actor.ID, Name: b.by()}, Why: v.Why,
		Row: row, Edition: b.terms().Edition.ID,
		Assets: b.assets(nil, v.Assets), Clues: addClues(nil, v.Clues),
	}
	b.refer(&c)
	switch kind {
	case Incident:
		c.Urgent, c.Category = v.Urgent, v.Category
	case Vulnerability:
		c.Severity = v.Severity
		if c.Severity == "" {
			c.Severity = Medium
		}
	}
	b.d.Cases = append(b.d.Cases, c)
	b.owned[n] = true
	p := b.find(n)
	b.logBy(string(NOpened), n, text)
	if row.Respond > 0 {
		b.mark(p, "respond", sla.Mark{At: b.at, Verb: sla.Started, Promise: row.Respond, By: b.by()})
	}
	if row.RespondWorkdays > 0 {
		b.startWorkdays(p, row)
	}
	if row.Resolve > 0 {
		b.mark(p, "resolve", sla.Mark{At: b.at, Verb: sla.Started, Promise: row.Resolve, By: b.by()})
	}
	if kind == Onboarding {
		b.boardIn(p, Front, NOnboarding) // the welcome card
		b.boardIn(p, Back, NOpened)
	} else {
		b.board(p, NOpened)
	}
	if kind != Onboarding {
		b.inquire(Inquiry{Case: n, Text: text, Verdict: v})
	}
	return n
}

// row is the promise for a matter in an edition.
func (b *book) row(kind Kind, v Verdict, edition string) sla.Row {
	e := b.terms().Edition
	if other, ok := b.terms().Editions[edition]; ok {
		e = other
	}
	r, _ := e.Row(matter(kind, v.Urgent, v.Severity))
	return r
}

// matter is the line of the contract for a kind of case.
func matter(kind Kind, urgent bool, s Severity) sla.Matter {
	switch kind {
	case Incident:
		if urgent {
			return sla.IncidentUrgent
		}
		return sla.IncidentNormal
	case Vulnerability:
		switch s {
		case High:
			return sla.VulnHigh
		case Low:
			return sla.VulnLow
		}
		return sla.VulnMedium
	case Policy:
		return sla.Policy
	case Onboarding:
		return sla.Onboarding
	}
	return sla.Consultation
}

// handOff answers kindly what is not ours to do: out of scope (§6.3), or not in
// this edition.
func (b *book) handOff(f Facts) {
	b.log(Event{Kind: string(NHandoff), By: b.by(), Text: f.Text})
	f.By = b.by()
	b.front(NHandoff, nil, f)
	b.back(NHandoff, nil, "", f, Inside{})
}

// echoOf finds the newest solved incident of the same category whose safe period
// runs: the card of a new one asks, with one button, whether it is the same.
func (b *book) echoOf(c *Case) int {
	for i := len(b.d.Cases) - 1; i >= 0; i-- {
		old := &b.d.Cases[i]
		if old.Kind == Incident && b.inSafePeriod(old) && old.Category == c.Category {
			return old.N
		}
	}
	return 0
}

// scopeOf is "incident" when a matter is in the edition, but only beside an
// incident, and none lives.
func scopeOf(r sla.Row) string {
	if r.Included {
		return r.Scope
	}
	return ""
}

// incidentLives reports whether an incident is open or in its safe period.
func (b *book) incidentLives() bool {
	return slices.ContainsFunc(b.d.Cases, func(c Case) bool {
		return c.Kind == Incident && (c.Status == Open || c.Status == Resolved)
	})
}

// assets adds hosts, IPs and domains to those a case names already.
func (b *book) assets(have, more []string) []string {
	for _, a := range more {
		a = strings.ToLower(a)
		if len(have) < MaxAssets && !slices.Contains(have, a) {
			have = append(have, a)
		}
	}
	return have
}

// addClues adds facts to those a case has, each once.
func addClues(have, more []Clue) []Clue {
	for _, c := range more {
		if len(have) < MaxClues && !slices.Contains(have, c) {
			have = append(slices.Clip(have), c)
		}
	}
	return have
}

// maxSlip is how many characters of a message are remembered for correction.
const maxSlip = 600

// slip remembers a front message for one-click correction and returns its number.
func (b *book) slip(text string, v Verdict) int {
	b.d.NextSlip++
	if r := []rune(text); len(r) > maxSlip {
		text = string(r[:maxSlip]) + "…" // the timeline has all of it
	}
	s := Slip{N: b.d.NextSlip, Ref: b.in.Ref, By: Who{ID: b.in.Actor.ID, Name: b.by()}, Text: text, At: b.at,
		Staff: b.in.Actor.Staff(), Verdict: v}
	b.d.Slips = append(slices.Clone(b.d.Slips), s)
	if over := len(b.d.Slips) - MaxSlips; over > 0 {
		b.d.Slips = b.d.Slips[over:]
	}
	return s.N
}

// answeredSlip notes that somebody has decided about a message that went nowhere:
// advice that comes later does not.
func (b *book) answeredSlip(slip int) {
	b.d.Slips = slices.Clone(b.d.Slips)
	for i := range b.d.Slips {
		if b.d.Slips[i].N == slip {
			b.d.Slips[i].None = true
		}
	}
}

// slipWent remembers where a message went.
func (b *book) slipWent(slip, n int, opened bool) {
	b.d.Slips = slices.Clone(b.d.Slips)
	for i := range b.d.Slips {
		if b.d.Slips[i].N == slip {
			b.d.Slips[i].Case, b.d.Slips[i].Opened = n, opened
		}
	}
}
