package desk

import (
	"slices"
	"time"

	"butler/sla"
)

// resolve says a case is solved, with a summary for the customer. The summary is
// an expert's words that the customer can see.
func (b *book) resolve(a Resolve) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	summary := b.cut(a.Summary)
	if summary == "" {
		b.refuse(WhyMissingText, c.N)
		return
	}
	b.goOnQuietly(c)
	if c.Respond.Open() || c.Claimed.IsZero() {
		b.respond(c, summary, b.at)
	}
	if c.Resolve.Open() {
		b.mark(c, "resolve", sla.Mark{At: b.at, Verb: sla.Stopped})
	}
	c.Status, c.Summary, c.ResolvedAt, c.ResolvedBy = Resolved, summary, b.at, b.in.Actor.ID
	c.Confirmed, c.Checks, c.Touched = time.Time{}, 0, b.at
	b.logBy(string(NResolved), c.N, summary)
	b.front(NResolved, c, Facts{Text: summary, By: b.by()})
	b.board(c, NResolved)
}

// goOnQuietly drops an open question that nobody needs answered any more.
func (b *book) goOnQuietly(c *Case) {
	if c.Asked != nil {
		c.Asked = nil
		b.mark(c, "resolve", sla.Mark{At: b.at, Verb: sla.Resumed})
	}
}

// confirm is the customer's word that it is solved.
func (b *book) confirm(a Confirm) {
	c := b.pickResolved(a.Case)
	if c == nil {
		return
	}
	if !c.Confirmed.IsZero() {
		b.refuse(WhyDone, c.N)
		return
	}
	c.Confirmed, c.Touched = b.at, b.at
	b.logBy("confirmed", c.N, "")
	if c.Row.SafeDays == 0 {
		b.end(c)
		b.log(Event{Kind: "closed", Case: c.N})
	}
	b.back(NResolved, c, "", Facts{Label: "confirmed"}, Inside{})
	b.board(c, NUpdated)
}

// pickResolved is pick for what happens to a solved case: without a number the
// only solved one.
func (b *book) pickResolved(n int) *Case {
	if n == 0 {
		n = b.in.Thread
	}
	if n == 0 {
		var solved []int
		for _, c := range b.d.Cases {
			if c.Status == Resolved {
				solved = append(solved, c.N)
			}
		}
		switch len(solved) {
		case 0:
			b.refuse(WhyMissingCase, 0)
			return nil
		case 1:
			n = solved[0]
		default:
			b.refuse(WhyWhichCase, 0, b.caseItems(solved, b.again())...)
			return nil
		}
	}
	switch c := b.find(n); {
	case c == nil && n > 0 && n <= b.d.NextCase:
		b.refuse(WhySafeOver, n) // it left the desk when everything was over
	case c == nil:
		b.refuse(WhyUnknownCase, n)
	case c.Status == Open:
		b.refuse(WhyNotResolved, n)
	default:
		return b.edit(n)
	}
	return nil
}

// reopen says it is not solved. When the customer says so, somebody must answer
// again: the response promise starts over.
func (b *book) reopen(a Reopen) {
	c := b.pickResolved(a.Case)
	if c == nil {
		return
	}
	b.takeBack(c, b.cut(a.Reason))
}

// takeBack reopens a solved case with its old expert.
func (b *book) takeBack(c *Case, reason string) { b.takeBackFor(c, reason, "") }

// takeBackFor is takeBack for a reason that the sheets word.
func (b *book) takeBackFor(c *Case, reason, why string) {
	b.logBy(string(NReopened), c.N, reason)
	if reason != "" {
		b.refer(c)
	}
	b.backToWork(c, false)
	b.front(NReopened, c, Facts{Text: reason, Label: why})
	mention := b.ownerBut(c, b.in.Actor.ID)
	if c.Respond.Open() {
		mention = "" // the ladder asks them
	}
	b.back(NReopened, c, mention, Facts{Text: reason, Label: why}, Inside{})
	b.board(c, NReopened)
}

// backToWork opens a solved or closed case again with its old expert. A
// recurrence starts both clocks over; a reopening lets the resolve clock go on
// where it stood, and asks for a new response only when the customer asked.
func (b *book) backToWork(c *Case, recurred bool) {
	if c.Resolve.Promised() {
		s := c.Resolve.State(b.at)
		m := sla.Mark{At: b.at, Verb: sla.Again, Promise: c.Row.Resolve}
		if !recurred && !s.Stopped.IsZero() {
			m.Due = s.Due.Add(b.at.Sub(s.Stopped))
			m.Promise = s.Promise
		}
		b.mark(c, "resolve", m)
		if recurred {
			c.Solving = Rungs{Round: c.Solving.Round + 1}
		}
	}
	c.Status, c.Touched, c.Merged, c.Summary = Open, b.at, 0, ""
	c.ResolvedAt, c.Confirmed, c.Checks = time.Time{}, time.Time{}, 0
	if c.Respond.Promised() && c.Row.Respond > 0 && (recurred || !b.in.Actor.Staff()) {
		b.answerAgain(c)
	}
}

// answerAgain starts the response promise over; the old expert is asked first.
func (b *book) answerAgain(c *Case) {
	b.mark(c, "respond", sla.Mark{At: b.at, Verb: sla.Again, Promise: c.Row.Respond})
	c.Claimed = time.Time{}
	b.newRound(c)
}

// ownerBut is the assignee, unless that is the given person: nobody is pinged
// for their own action.
func (b *book) ownerBut(c *Case, person string) string {
	if c.Assignee == person {
		return ""
	}
	return c.Assignee
}

// merge folds a duplicate into another case. The stricter of the two response
// promises stays.
func (b *book) merge(a Merge) {
	if a.Case == a.Into && a.Case != 0 {
		b.refuse(WhySame, a.Case)
		return
	}
	if b.find(a.Into) == nil {
		b.refuse(WhyUnknownCase, a.Into)
		return
	}
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	into := b.edit(a.Into)
	if into.Status == Closed {
		b.refuse(WhyNotOpen, into.N)
		return
	}
	if c.N == into.N {
		b.refuse(WhySame, c.N)
		return
	}
	from, runs := c.Respond.Running()
	to, both := into.Respond.Running()
	if runs && both && from.Before(to) && from.After(b.at) {
		b.mark(into, "respond", sla.Mark{At: b.at, Verb: sla.Raised, Promise: from.Sub(b.at)})
	}
	into.Assets = b.assets(into.Assets, c.Assets)
	into.Refs = append(into.Refs, c.Refs...)
	into.Touched = b.at
	if into.Kind == c.Kind {
		into.Urgent = into.Urgent || c.Urgent
		if weight(c.Severity) > weight(into.Severity) {
			into.Severity = c.Severity
		}
	}
	if row := b.row(into.Kind, Verdict{Urgent: into.Urgent, Severity: into.Severity}, into.Edition); into.Kind == c.Kind && row.Respond > 0 && row.Respond < into.Row.Respond {
		into.Row = row // its deadline is the merged case's, set above
	}
	b.logBy(string(NMerged), c.N, "")
	b.log(Event{Kind: string(NMerged), Case: into.N, By: b.by(), Text: hash(b.refFor(c.N))})
	c.Merged = into.N
	b.end(c)
	b.front(NMerged, c, Facts{Other: into.N})
	b.board(c, NMerged)
	b.board(into, NMerged)
}

// end closes a case and its clocks.
func (b *book) end(c *Case) {
	b.goOnQuietly(c)
	if c.Respond.Open() {
		b.mark(c, "respond", sla.Mark{At: b.at, Verb: sla.Voided})
	}
	if c.Resolve.Open() {
		b.mark(c, "resolve", sla.Mark{At: b.at, Verb: sla.Voided})
	}
	c.Status, c.Touched = Closed, b.at
}

// link ties two cases together.
func (b *book) link(a Link) {
	if a.Case == a.Other {
		b.refuse(WhySame, a.Case)
		return
	}
	for _, n := range []int{a.Case, a.Other} {
		if b.find(n) == nil {
			b.refuse(WhyUnknownCase, n)
			return
		}
	}
	x, y := b.edit(a.Case), b.edit(a.Other)
	if slices.Contains(x.Links, y.N) {
		b.refuse(WhyDone, x.N)
		return
	}
	x.Links, y.Links = append(x.Links, y.N), append(y.Links, x.N)
	b.logBy("linked", x.N, hash(b.refFor(y.N)))
	b.logBy("linked", y.N, hash(b.refFor(x.N)))
	b.board(x, NUpdated)
	b.board(y, NUpdated)
}

// closeCase ends a case without a solution: a mistake, or withdrawn. Nobody
// answers a customer's report by closing it in silence: while the response is
// owed, a reason is needed, and the customer reads it.
func (b *book) closeCase(a Close) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	reason := b.cut(a.Reason)
	switch {
	case c.Status == Closed:
		b.refuse(WhyNotOpen, c.N)
		return
	case c.Respond.Open() && reason == "":
		b.refuse(WhyMissingReason, c.N)
		return
	}
	b.withdraw(c, reason)
}

// withdraw closes a case with words the customer reads.
func (b *book) withdraw(c *Case, reason string) {
	if reason != "" && c.Status != Resolved { // the conclusion of a solved case stays
		c.Summary = reason
	}
	b.end(c)
	b.logBy("closed", c.N, reason)
	b.board(c, NUpdated)
}
