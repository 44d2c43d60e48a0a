package desk

import (
	"time"
)

// check sends the check-in of the day; after an outage only the last that passed.
func (b *book) check(c *Case) {
	k := c.Checks
	for k+1 < len(checkDays) && checkDays[k+1] <= c.Row.SafeDays && !c.checkAt(b.zone(), checkDays[k+1]).After(b.now) {
		k++
	}
	day := checkDays[k]
	c.Checks = k + 1
	b.log(Event{At: b.now, Kind: string(NFollowup), Case: c.N, Text: itoa(day)})
	b.front(NFollowup, c, Facts{Day: day, Days: c.Row.SafeDays, Late: b.lateBy(c.checkAt(b.zone(), day))})
}

// endSafe closes the book on the morning after the safe period.
func (b *book) endSafe(c *Case, at time.Time) {
	b.log(Event{At: b.now, Kind: string(NSafe), Case: c.N})
	b.front(NSafe, c, Facts{Days: c.Row.SafeDays, From: c.ResolvedAt, To: c.safeUntil(b.zone()), Late: b.lateBy(at)})
	b.at = b.now
	b.end(c)
	b.board(c, NSafe)
}

// endQuietly closes a solved matter that has no safe period and that nobody
// objected to.
func (b *book) endQuietly(c *Case, at time.Time) {
	b.at = b.now
	b.end(c)
	b.log(Event{At: b.now, Kind: "closed", Case: c.N})
	b.board(c, NUpdated)
}

// recur says, by anyone's word, that a solved matter happened again.
func (b *book) recur(a Recur) {
	c := b.pickResolved(a.Case)
	if c == nil {
		return
	}
	switch {
	case !b.inSafePeriod(c):
		b.refuse(WhySafeOver, c.N)
	case c.Row.SafeDays == 0: // no guarantee to speak of: it is simply not solved
		b.takeBack(c, "")
	default:
		b.comeBack(c, "")
	}
}

// inSafePeriod: the guarantee of a solved case holds to 24:00 of its last day.
// A solved matter without a safe period can come back while it is not closed.
func (b *book) inSafePeriod(c *Case) bool {
	return c.Status == Resolved && (c.Row.SafeDays == 0 || b.at.Before(c.safeUntil(b.zone())))
}

// recurrenceOf finds the solved case in its safe period that names the same
// host, IP or domain as a customer's incident; 0 when there is none.
func (b *book) recurrenceOf(v Verdict) int {
	if v.Label != string(Incident) || v.Confidence < unsure {
		return 0
	}
	for i := len(b.d.Cases) - 1; i >= 0; i-- {
		c := &b.d.Cases[i]
		if b.inSafePeriod(c) && overlap(v.Assets, c.Assets) {
			return c.N
		}
	}
	return 0
}

// comeBack reopens a case within its guarantee: the old expert is asked, the
// manager is told, and the guarantee starts over.
func (b *book) comeBack(c *Case, text string) {
	c.Recurred++
	b.logBy(string(NRecurred), c.N, text)
	b.backToWork(c, true)
	if text != "" {
		c.Adds++
		c.Last = Words{By: b.by(), Text: oneLine(text), At: b.at}
		b.refer(c)
	}
	f := Facts{Text: text, Days: c.Row.SafeDays}
	b.front(NRecurred, c, f)
	b.back(NRecurred, c, "", f, Inside{})
	if m := b.manager(c); m != "" {
		b.direct(NRecurred, c, m, f, Inside{})
	}
	b.board(c, NRecurred)
}

// fine answers a check-in: all is well.
func (b *book) fine(a Fine) {
	c := b.pickResolved(a.Case)
	if c == nil {
		return
	}
	c.Touched = b.at
	b.logBy("fine", c.N, "")
	b.back(NFollowup, c, "", Facts{Label: "fine"}, Inside{})
}

// assist answers a check-in: the customer needs help. Somebody must answer and
// see it through, so the case is open again.
func (b *book) assist(a Assist) {
	c := b.pickResolved(a.Case)
	if c == nil {
		return
	}
	b.logBy("assist", c.N, "")
	b.back(NFollowup, c, "", Facts{Label: "assist"}, Inside{})
	b.takeBack(c, "")
}
