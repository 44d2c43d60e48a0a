package desk

import (
	"slices"
	"time"
)

// A rung of an urgent case that nobody has seen goes up the means before the next
// rung comes: a call in the app, an SMS, a telephone call, as far as the platform
// of the back room has them and says what was read. The time between a rung and
// the next is shared among the means.

// meansFor is how somebody is called at first: about urgent matters by the weakest
// means beyond a message, or by the strongest that was used for them before.
func (b *book) meansFor(c *Case, person string) Means {
	if !c.pressing() || len(b.terms().Means) == 0 {
		return ByMessage
	}
	m := b.terms().Means[0]
	for _, p := range c.Rungs.Pings {
		if p.Person == person && p.Read.IsZero() {
			m = max(m, p.Means)
		}
	}
	return m
}

// pressing reports whether a case is worth more than a message: an urgent
// incident, a vulnerability of high severity (§5: 15 minutes).
func (c *Case) pressing() bool { return c.Urgent || c.Severity == High }

// louderAt is when a ping goes up to the next of the means; false when it does
// not: it was read, or failed, or nothing is stronger, or it is no longer the rung
// that speaks.
func (c *Case) louderAt(p Ping, means []Means, due time.Time) (at time.Time, next Means, ok bool) {
	i := slices.Index(means, p.Means)
	if i < 0 || i+1 >= len(means) || !p.Read.IsZero() || p.Failed != "" || p.Rung != c.Rungs.Told-1 {
		return time.Time{}, 0, false
	}
	then := due
	if p.Rung+1 < len(c.Row.Ladder) {
		then = c.rungAt(p.Rung+1, due, c.length(c.Respond))
	}
	if !then.After(p.At) {
		return time.Time{}, 0, false
	}
	share := then.Sub(p.At) / time.Duration(len(means))
	return p.At.Add(share * time.Duration(i+1)).Truncate(time.Millisecond), means[i+1], true
}

// stillAsked reports whether a ping asks for something yet: a claim answers the
// rungs of the experts, only a response those of the managers.
func (c *Case) stillAsked(p Ping) bool {
	return !slices.Contains(c.Rungs.Declined, p.Person) && (c.Claimed.IsZero() || speaksAfterClaim(c.Row.Ladder[p.Rung]))
}

// louder calls those of a rung by a stronger means who have not seen it.
func (b *book) louder(c *Case) {
	due, running := c.Respond.Running()
	if !running {
		return
	}
	for i := range c.Rungs.Pings {
		p := &c.Rungs.Pings[i]
		at, next, ok := c.louderAt(*p, b.terms().Means, due)
		if !ok || at.After(b.now) || !c.stillAsked(*p) {
			continue
		}
		p.Means = next
		n := Notice{Kind: NLouder, Room: Direct, Person: p.Person, Round: c.Rungs.Round, Means: next}
		b.staffNotice(n, c, Facts{}, Inside{Rung: p.Rung, Of: len(c.Row.Ladder)})
		b.log(Event{At: b.now, Kind: string(NLouder), Case: c.N, Who: []string{b.terms().Called(p.Person)}, Rung: ptr(p.Rung)})
	}
}
