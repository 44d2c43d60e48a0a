package desk

import (
	"time"

	"butler/sla"
)

// onboard starts the onboarding by an expert's hand: the welcome card and the
// clock for the first contact (§3.2.1). Rooms that are missing come first, and
// those a manager asks for, as for the invitations. Once it has begun, or was made
// before, whoever names people to invite means no other onboarding.
func (b *book) onboard(a Onboard) {
	missing := b.d.Missing()
	if (len(missing) > 0 || len(a.Invite) > 0) && b.in.Actor.Role != Manager && b.in.Actor.Role != Admin {
		b.refuse(WhyNotAllowed, 0)
		return
	}
	if len(missing) > 0 {
		b.foundRooms(missing, a.Invite)
		return
	}
	if len(a.Invite) > 0 {
		b.invite(a.Invite)
		if b.d.Onboarding.Case != 0 {
			return
		}
	}
	if c := b.find(b.d.Onboarding.Case); c != nil && c.Status == Open {
		b.refuse(WhyOnboarded, c.N)
		return
	}
	b.beginOnboarding(b.at)
}

// welcomeMinute is when a new customer is greeted on the day of purchase: 09:00.
const welcomeMinute = 9 * 60

// onboardingStart is the moment at which the day of purchase is dealt with, when
// it has not been.
func (d Desk) onboardingStart() (time.Time, bool) {
	if d.Terms == nil || d.Terms.Since == "" || d.Terms.Since == d.Onboarding.Since {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation("2006-01-02", d.Terms.Since, zoneOf(d.Terms))
	if err != nil {
		return time.Time{}, false // config refuses such a day
	}
	return sla.At(day, 0, welcomeMinute).UTC(), true
}

// longAgo is how old a day of purchase may be for a welcome to make sense: a
// customer of old who is put into the config is not greeted.
const longAgo = 30 * 24 * time.Hour

// startOnboarding greets a new customer once, when the day of purchase has come.
func (b *book) startOnboarding(day time.Time) {
	b.d.Onboarding.Since = b.terms().Since
	if b.now.Sub(day) > longAgo || b.d.Onboarding.Case != 0 {
		return
	}
	b.in.Actor = Actor{Role: System}
	b.beginOnboarding(day)
}

func (b *book) beginOnboarding(start time.Time) {
	was := b.at
	b.at = start
	row, _ := b.terms().Edition.Row(sla.Onboarding)
	n := b.open(Onboarding, Verdict{}, row, b.terms().Name)
	b.at = was
	b.d.Onboarding.Case = n
	if b.terms().Since != "" {
		b.d.Onboarding.Since = b.terms().Since
	}
}

// startWorkdays starts a clock that counts working days: due at 24:00 of the
// n-th working day after the day of the start. A year the calendar does not
// cover is said loudly.
func (b *book) startWorkdays(c *Case, row sla.Row) {
	due, covered := b.terms().Calendar.DueAfter(b.at.In(b.zone()), row.RespondWorkdays)
	b.mark(c, "respond", sla.Mark{At: b.at, Verb: sla.Started, Due: due.UTC(), By: b.by()})
	if !covered {
		why := uncovered(due.Format("2006")).In(b.langOf(Back, ""))
		b.log(Event{Kind: "calendar", Case: c.N, Inside: why})
		b.back(NNote, c, "", Facts{Label: "calendar", From: due}, Inside{Note: why})
	}
}
