package desk

// recall takes an expert's last answer back from the customer's room, where the
// platform can and while it can. The response it was stays one: somebody read it.
// It is known by the key of its notice, so that an earlier answer is never taken in
// its place; the platform says why one without a reference stays.
func (b *book) recall(a Recall) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	if c.Replied.Key == "" {
		b.refuse(WhyGone, c.N)
		return
	}
	b.tell(Notice{Kind: NRecall, Case: c.N, Room: Front, Person: b.in.Actor.ID, Facts: b.fill(c, Facts{Line: c.Replied.Key}, b.langOf(Front, ""))})
}

// recalled hears that it is gone. Ref is the key of the answer that was taken back;
// a newer one stays.
func (b *book) recalled(c *Case, a Told) {
	if c.Replied.Key == a.Ref {
		c.Replied = Answer{}
	}
	b.log(Event{Kind: string(NRecall), Case: c.N, By: b.terms().Called(a.Who)})
	b.staffNotice(Notice{Kind: NAnswer, Sheet: "recalled", Room: Direct, Person: a.Who}, c, Facts{}, Inside{})
}

// unrecalled tells who asked that it cannot be taken back.
func (b *book) unrecalled(c *Case, a Untold) {
	b.staffNotice(Notice{Kind: NAnswer, Sheet: "recalled", Room: Direct, Person: a.Person}, c, Facts{Label: "late"}, Inside{Note: a.Why.In(b.langOf(Direct, a.Person))})
}
