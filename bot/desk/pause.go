package desk

import "butler/sla"

// ask puts a concrete open question to the customer. It is the only thing that
// pauses the resolve clock, and any word of the customer in the case ends the
// pause. The question is an expert's words the customer can see: a response.
func (b *book) ask(a Ask) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	q := b.cut(a.Question)
	switch {
	case q == "":
		b.refuse(WhyMissingText, c.N)
		return
	case c.Asked != nil:
		b.refuseWith(c.N, Facts{Why: WhyAsking, Text: c.Asked.Text})
		return
	}
	c.Asked = &Question{Text: q, At: b.at, By: b.by()}
	c.Touched = b.at
	b.logBy(string(NAsked), c.N, q)
	b.front(NAsked, c, Facts{Text: q, By: b.by()})
	b.mark(c, "resolve", sla.Mark{At: b.at, Verb: sla.Paused, Why: q})
	b.respond(c, q, b.at)
	b.board(c, NAsked)
}

// resume ends the pause by an expert's hand.
func (b *book) resume(a Resume) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	if !b.goOn(c) {
		b.refuse(WhyNotWaiting, c.N)
		return
	}
	c.Touched = b.at
	b.board(c, NResumed)
}

// goOn ends an open question; false when there was none.
func (b *book) goOn(c *Case) bool {
	if c.Asked == nil {
		return false
	}
	c.Asked = nil
	b.mark(c, "resolve", sla.Mark{At: b.at, Verb: sla.Resumed})
	b.logBy(string(NResumed), c.N, "")
	mention := c.Assignee
	if mention == b.in.Actor.ID {
		mention = ""
	}
	label := ""
	if b.in.Actor.Staff() {
		label = "by-hand"
	}
	b.back(NResumed, c, mention, Facts{Label: label}, Inside{})
	return true
}
