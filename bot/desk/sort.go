package desk

import (
	"slices"

	"butler/sla"
)

// sort corrects triage with one click: a remembered message, or a case, becomes
// something else, joins another case, or is nothing at all.
func (b *book) sort(a Sort) {
	if a.Slip != 0 {
		b.sortSlip(a)
		return
	}
	c := b.pickOpen(a.Case)
	switch {
	case c == nil:
	case a.As == "none":
		b.corrected(c.N, a.As, b.saidIn(c), c.verdict())
		b.withdraw(c, "")
	case a.Into != 0 && !b.in.Actor.Staff():
		b.refuse(WhyNotAllowed, c.N) // merging cases is staff's
	case a.Into != 0:
		b.merge(Merge{Case: c.N, Into: a.Into})
	default:
		b.turnInto(c, a.As)
	}
}

// corrected puts on the timeline what a person makes of words that triage had
// understood otherwise: the next round of triage learns from it.
func (b *book) corrected(n int, as, said string, was Verdict) {
	if as == "" || as == "new" {
		b.log(Event{Kind: "sorted", Case: n, By: b.by(), Text: as})
		return
	}
	b.log(Event{Kind: "sorted", Case: n, By: b.by(), Text: as, Was: &was, Said: said})
}

// verdict is what a case was understood as.
func (c *Case) verdict() Verdict {
	return Verdict{Label: string(c.Kind), Urgent: c.Urgent, Severity: c.Severity, Category: c.Category, Why: c.Why}
}

// saidIn are the words that opened a case: whole while they are remembered, else
// its title.
func (b *book) saidIn(c *Case) string {
	for _, s := range b.d.Slips {
		if s.N == c.Slip && s.N != 0 {
			return s.Text
		}
	}
	return c.Title
}

// sortSlip decides anew about a message.
func (b *book) sortSlip(a Sort) {
	i := slices.IndexFunc(b.d.Slips, func(s Slip) bool { return s.N == a.Slip })
	if i < 0 {
		b.refuse(WhyGone, 0)
		return
	}
	s := b.d.Slips[i]
	if s.Staff && !b.in.Actor.Staff() {
		b.refuse(WhyNotAllowed, 0)
		return
	}
	// What was said counts from when it was said, by who said it.
	clicker := b.in.Actor
	b.corrected(s.Case, a.As, s.Text, s.Verdict)
	b.at, b.in.Ref = s.At, s.Ref
	b.in.Actor = Actor{ID: s.By.ID, Name: s.By.Name, Role: CustomerSide}
	if s.Staff {
		b.in.Actor = clicker
		b.in.Actor.ID, b.in.Actor.Name = s.By.ID, s.By.Name
	}
	b.in.Room = Front
	switch {
	case s.Joined && a.As != "new" && a.Into == 0 && b.find(s.Case) != nil:
		b.in.Actor = clicker
		b.refuse(WhyDone, s.Case) // it went to that case with what was said next
	case a.As == "none":
		b.dropSlip(s)
		b.d.Slips = slices.Clone(b.d.Slips)
		b.d.Slips[i].None = true
	case a.Into != 0 && b.find(a.Into) == nil:
		b.in.Actor = clicker
		b.refuse(WhyUnknownCase, a.Into)
	case a.Into != 0 && s.Staff:
		b.slipWent(s.N, a.Into, false)
		b.answered(b.edit(a.Into), s.Text, s.At)
	case a.Into != 0 && b.inSafePeriod(b.find(a.Into)) && b.find(a.Into).Kind == Incident:
		b.dropSlip(s) // the same again, within the guarantee
		b.slipWent(s.N, a.Into, false)
		b.at = b.now
		b.comeBack(b.edit(a.Into), s.Text)
	case a.Into != 0:
		b.dropSlip(s)
		b.slipWent(s.N, a.Into, false)
		v := s.Verdict
		v.Label = "" // said to belong there: no longer small talk
		b.addTo(a.Into, s.Text, v, s.N)
	case s.Opened && b.find(s.Case) != nil && b.find(s.Case).Status == Open:
		if a.As == "new" {
			b.in.Actor = clicker
			b.refuse(WhyDone, s.Case)
			return
		}
		b.turnInto(b.edit(s.Case), a.As)
	default:
		kind := Kind(a.As)
		if a.As == "new" || a.As == "" {
			kind = kindOf(s.Verdict)
		}
		v := s.Verdict
		if kind != Kind(v.Label) && kind == Incident {
			v.Urgent = false
		}
		b.tookWith(s, b.openOrHandOff(kind, v, s.Text, s.N))
	}
}

// dropSlip takes a message back: a case that it opened is withdrawn.
func (b *book) dropSlip(s Slip) {
	if s.Opened {
		if c := b.find(s.Case); c != nil && c.Status == Open {
			b.withdraw(b.edit(c.N), "")
		}
	}
	b.slipWent(s.N, 0, false)
	b.d.Lately = slices.DeleteFunc(slices.Clone(b.d.Lately), func(l Late) bool { return l.Slip == s.N })
}

// kindOf is the kind of case that a verdict asks for; a consultation when it
// asks for none but a person does.
func kindOf(v Verdict) Kind {
	switch k := Kind(v.Label); k {
	case Incident, Vulnerability, Policy:
		return k
	}
	return Consultation
}

// turnInto makes a case one of another kind, with the promise that goes with it,
// or the one it has when that is the stricter.
// A kind that the edition does not cover is handed off.
func (b *book) turnInto(c *Case, as string) {
	kind := Kind(as)
	switch kind {
	case Incident, Vulnerability, Consultation, Policy:
	default:
		b.refuseWith(c.N, Facts{Why: WhyBadArgument, Line: as})
		return
	}
	switch {
	case kind == c.Kind:
		b.refuse(WhyDone, c.N)
		return
	case c.Kind == Onboarding:
		b.refuse(WhyNotIncident, c.N) // the first contact is nothing else
		return
	}
	v := Verdict{Severity: Medium}
	row := b.row(kind, v, c.Edition)
	if !row.Included || (row.Scope == "incident" && !b.incidentLives()) {
		b.handOff(Facts{Text: c.Title, Label: as, Clause: row.Clause, Why: scopeOf(row)})
		return
	}
	if row.Respond == 0 || row.Respond > c.Row.Respond {
		// A correction never lowers a promise by the back door: that is /lower,
		// by staff, with a reason (design §11).
		if !b.in.Actor.Staff() {
			b.refuse(WhyNotAllowed, c.N)
			return
		}
		row.Respond, row.Ladder = c.Row.Respond, c.Row.Ladder
	}
	row.SafeDays = max(row.SafeDays, c.Row.SafeDays) // the guarantee stays as well
	if row.Resolve == 0 || c.Row.Resolve > 0 && c.Row.Resolve < row.Resolve {
		row.Resolve = c.Row.Resolve
	}
	was := c.verdict()
	c.Kind, c.Urgent, c.Severity, c.Category, c.Touched = kind, false, "", "", b.at
	if kind == Vulnerability {
		c.Severity = v.Severity
	}
	c.Stages = nil
	b.promise(c, row, "")
	if row.Resolve > 0 && !c.Resolve.Promised() {
		b.mark(c, "resolve", sla.Mark{At: c.Opened, Verb: sla.Started, Promise: row.Resolve, By: b.by()})
	}
	if s, ok := b.in.Act.(Sort); ok && s.Slip == 0 { // of a message it is said already
		b.corrected(c.N, as, b.saidIn(c), was)
	}
	b.staffNotice(Notice{Kind: NUpdated, Sheet: "raised", Room: Back, Person: b.ownerBut(c, b.in.Actor.ID), Thread: true}, c, Facts{Label: "sorted"}, Inside{})
	b.board(c, NUpdated)
}
