package desk

import (
	"slices"
	"time"
)

// What bounds the answers to a gap. A week, because a room may be silent over the
// longest public holidays: who comes back then must still be able to say so. Later
// than that nobody knows at which minute they wrote, and the button of an old card
// would be taken for the last gap.
const (
	missedFor = 7 * 24 * time.Hour
	maxMissed = 20 // people of one gap who are told to the experts; the rest is answered alone
)

// gap says honestly that the bot may have been deaf.
func (b *book) gap(a Gap) {
	// Whole minutes, outwards: a card says minutes, and must not say less.
	a.From = a.From.UTC().Truncate(time.Minute)
	if to := a.To.UTC().Truncate(time.Minute); to.Before(a.To) {
		a.To = to.Add(time.Minute)
	} else {
		a.To = to
	}
	b.d.Gap, b.d.GapMissed = a, nil
	b.log(Event{Kind: string(NGap), Text: a.From.Format("15:04:05") + "–" + a.To.Format("15:04:05")})
	b.front(NGap, nil, Facts{From: a.From, To: a.To})
}

// missed hears the customer say that they wrote something in that time: they are
// asked to write it again, and the experts know that something is coming. It counts
// once for each person.
func (b *book) missed() {
	if b.in.Actor.Staff() {
		b.refuse(WhyNotAllowed, 0)
		return
	}
	if b.d.Gap.From.IsZero() || b.at.Sub(b.d.Gap.To) > missedFor {
		b.refuse(WhyGone, 0)
		return
	}
	if slices.Contains(b.d.GapMissed, b.in.Actor.ID) {
		b.refuse(WhyDone, 0)
		return
	}
	f := Facts{From: b.d.Gap.From, To: b.d.Gap.To}
	b.logBy("missed", 0, "")
	b.tell(Notice{Kind: NAnswer, Sheet: "missed", Room: Front, Person: b.in.Actor.ID, Private: true, Facts: b.fill(nil, f, b.langOf(Front, ""))})
	if len(b.d.GapMissed) >= maxMissed {
		return
	}
	b.d.GapMissed = append(slices.Clip(b.d.GapMissed), b.in.Actor.ID)
	f.Label, f.By = "missed", b.by()
	b.back(NNote, nil, "", f, Inside{})
}
