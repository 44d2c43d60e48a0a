package desk

// recall takes an expert's last answer back from the customer's room, where the
// platform can and while it can. The response it was stays one: somebody read it.
// An answer of which the platform gave no reference is asked for all the same: the
// platform says why it stays, and an earlier answer is not taken in its place.
func (b *book) recall(a Recall) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	if c.Replied.At.IsZero() {
		b.refuse(WhyGone, c.N)
		return
	}
	b.tell(Notice{Kind: NRecall, Case: c.N, Room: Front, Person: b.in.Actor.ID, Facts: b.fill(c, Facts{Line: c.Replied.ID}, b.langOf(Front, ""))})
}

// recalled hears that it is gone.
func (b *book) recalled(c *Case, by string) {
	c.Replied = Ref{}
	b.log(Event{Kind: string(NRecall), Case: c.N, By: b.terms().Called(by)})
	b.staffNotice(Notice{Kind: NAnswer, Sheet: "recalled", Room: Direct, Person: by}, c, Facts{}, Inside{})
}

// unrecalled tells who asked that it cannot be taken back.
func (b *book) unrecalled(c *Case, a Untold) {
	b.staffNotice(Notice{Kind: NAnswer, Sheet: "recalled", Room: Direct, Person: a.Person}, c, Facts{Label: "late"}, Inside{Note: Internal(a.Why)})
}
