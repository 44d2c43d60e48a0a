package desk

import "butler/sla"

// raise makes an incident urgent, a vulnerability one step more severe. It is
// anyone's right, also the customer's (design §11).
func (b *book) raise(a Raise) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	v := Verdict{Urgent: true, Severity: c.Severity}
	switch {
	case c.Kind == Incident && !c.Urgent:
	case c.Kind == Vulnerability && c.Severity == Low:
		v.Severity = Medium
	case c.Kind == Vulnerability && c.Severity == Medium:
		v.Severity = High
	default:
		b.refuse(WhyHighest, c.N)
		return
	}
	b.become(c, v, "")
}

// lower makes it less urgent or severe: staff only, with a reason that the
// customer reads.
func (b *book) lower(a Lower) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	reason := b.cut(a.Reason)
	if reason == "" {
		b.refuse(WhyMissingReason, c.N)
		return
	}
	v := Verdict{Severity: c.Severity}
	switch {
	case c.Kind == Incident && c.Urgent:
	case c.Kind == Vulnerability && c.Severity == High:
		v.Severity = Medium
	case c.Kind == Vulnerability && c.Severity == Medium:
		v.Severity = Low
	default:
		b.refuse(WhyLowest, c.N)
		return
	}
	b.become(c, v, reason)
}

// severity sets a vulnerability's severity. Up is anyone's right; down needs
// staff and a reason.
func (b *book) severity(a SetSeverity) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	reason := b.cut(a.Reason)
	switch {
	case c.Kind != Vulnerability:
		b.refuse(WhyNotVuln, c.N)
		return
	case weight(a.Severity) == 0:
		b.refuse(WhyBadSeverity, c.N)
		return
	case a.Severity == c.Severity:
		b.refuse(WhyDone, c.N)
		return
	case weight(a.Severity) < weight(c.Severity) && !b.in.Actor.Staff():
		b.refuse(WhyNotAllowed, c.N)
		return
	case weight(a.Severity) < weight(c.Severity) && reason == "":
		b.refuse(WhyMissingReason, c.N)
		return
	}
	b.become(c, Verdict{Severity: a.Severity}, reason)
}

func weight(s Severity) int {
	switch s {
	case High:
		return 3
	case Medium:
		return 2
	case Low:
		return 1
	}
	return 0
}

// become gives a case another urgency or severity, and the promise that goes
// with it. A reason means it was lowered.
func (b *book) become(c *Case, v Verdict, reason string) {
	up := weight(v.Severity) > weight(c.Severity) || v.Urgent && !c.Urgent
	c.Urgent, c.Severity, c.Touched = v.Urgent && c.Kind == Incident, v.Severity, b.at
	b.promise(c, b.row(c.Kind, v, c.Edition), reason)
	kind := NLowered
	if up {
		kind = NRaised
	}
	b.logBy(string(kind), c.N, reason)
	if up {
		mention := ""
		if !c.Claimed.IsZero() {
			mention = c.Assignee
		}
		if mention == b.in.Actor.ID {
			mention = "" // never ping the actor of the action
		}
		b.back(kind, c, mention, Facts{Text: reason}, Inside{})
	} else {
		b.front(kind, c, Facts{Text: reason})
	}
	b.board(c, kind)
}

// promise puts another row in force for a running case. A shorter promise: the
// deadline is the earlier of the old one and now + promise, and its rungs are
// told anew. A longer one counts from the start; rungs that were told stay told.
// Pauses belong to the case and survive either.
func (b *book) promise(c *Case, row sla.Row, why string) {
	old := c.Row
	c.Row = row
	if !c.Respond.Open() {
		return
	}
	switch {
	case row.Respond == old.Respond:
	case row.Respond < old.Respond:
		b.mark(c, "respond", sla.Mark{At: b.at, Verb: sla.Raised, Promise: row.Respond, Why: why})
		b.newRound(c)
	case b.overdueNow(c):
		// A promise that is broken stays broken: no later word moves its deadline.
	default:
		b.mark(c, "respond", sla.Mark{At: b.at, Verb: sla.Lowered, Promise: row.Respond, Why: why})
	}
}

// overdueNow reports whether a response that is still owed is late.
func (b *book) overdueNow(c *Case) bool {
	due, running := c.Respond.Running()
	return running && !b.now.Before(due)
}

// category says by the national standard what kind of incident it is.
func (b *book) category(a SetCategory) {
	c := b.pickOpen(a.Case)
	switch {
	case c == nil:
	case c.Kind != Incident:
		b.refuse(WhyNotIncident, c.N)
	case a.Category != Malware && a.Category != NetworkAttack && a.Category != DataDestruction && a.Category != ContentSecurity:
		b.refuse(WhyBadCategory, c.N)
	case a.Category == c.Category:
		b.refuse(WhyDone, c.N)
	default:
		c.Category, c.Touched = a.Category, b.at
		b.logBy("category", c.N, string(a.Category))
		b.board(c, NUpdated)
	}
}
