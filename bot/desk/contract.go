package desk

import (
	"time"

	"butler/sla"
)

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
	b.d.Inspection.Next = b.nextUnder(t)
	if b.d.Inspection.Last.IsZero() && b.d.Inspection.Seen == nil {
		b.d.Inspection.Seen = map[string]string{}
	}
	// Whoever could not be reached may have new addresses.
	b.d.Unreachable = nil
}

// nextUnder is the next summary under new terms: not twice on one day, and not
// skipped because the new hour of today has passed while the old one had not.
func (b *book) nextUnder(t *Terms) time.Time {
	next, old, told := nextInspection(t, b.now), b.d.Inspection.Next, b.d.Inspection.Last
	if old.After(b.now) && nextInspection(t, old.Add(-1)).Equal(old) {
		return old // the hour is the same; a summary on demand does not stand for it
	}
	day := func(at time.Time) time.Time { return sla.DayStart(at.In(zoneOf(t)), 0) }
	if !told.IsZero() && day(next).Equal(day(told)) {
		return nextInspection(t, next)
	}
	today := day(b.now)
	if old.After(b.now) && day(old).Equal(today) && !day(next).Equal(today) && !day(told).Equal(today) {
		return old
	}
	return next
}
