package desk

// contract puts new terms in force. Cases that are open keep the promise they
// were opened with; the new edition governs what is opened after it. Nothing is
// told by itself.
func (b *book) contract(a Contract) {
	old := b.d.Edition
	t := a.Terms
	b.d.Terms, b.d.TermsRev, b.d.Edition = t, t.Rev, t.Edition.ID
	if b.d.Customer == "" {
		b.d.Customer = t.Customer
	}
	if old != t.Edition.ID {
		b.log(Event{Kind: "contract", Text: t.Edition.ID})
	}
	// The hour or the zone may have moved: the next summary follows.
	b.d.Inspection.Next = nextInspection(t, b.now)
	if b.d.Inspection.Last.IsZero() && b.d.Inspection.Seen == nil {
		b.d.Inspection.Seen = map[string]string{}
	}
	// Whoever could not be reached may have new addresses.
	b.d.Unreachable = nil
}
