package desk

import (
	"fmt"
	"slices"
	"time"

	"butler/sla"
)

// Deadline is a moment at which a desk will have something to do. Deadlines are
// a view of the desk: nobody schedules, re-arms or cancels them.
type Deadline struct {
	At   time.Time
	What What
	Case int // 0: the desk itself
	Rung int // of the ladder, for rungs
}

// What is the kind of a deadline.
type What string

// The kinds, in the words of the list of timers.
const (
	DueRung       What = "rung"         // the next rung of an unanswered case
	DueBreach     What = "due"          // the response promise itself
	DueLouder     What = "louder"       // a rung nobody has seen goes up the means
	DueRemind     What = "remind"       // the claimer's one reminder
	DueOverdue    What = "overdue"      // a broken promise still has no answer: once a day
	DueSolveRung  What = "resolve-rung" // half and four fifths of the time to solve
	DueSolve      What = "resolve-due"
	DueCheck      What = "followup"
	DueSafe       What = "safe" // the closing card
	DueInspection What = "inspection"
	DueSilence    What = "silence"    // a source of findings says nothing
	DueAccepted   What = "accepted"   // an accepted risk ends
	DueOnboarding What = "onboarding" // the day of purchase arrives
	DueAutoclose  What = "autoclose"  // a solved matter without a safe period
	DueArchive    What = "archive"    // a closed case leaves the desk
)

// Days and hours of the follow-up (design §11): check-ins at 10:00 in the
// customer's zone on these days after the solution, which is day 0.
var checkDays = []int{1, 3, 7, 15}

const (
	checkMinute  = 10 * 60            // 10:00
	autoclose    = 72 * time.Hour     // time to object to a solution that has no safe period
	archiveAfter = 7 * 24 * time.Hour // a closed case can still be reopened so long
	freshFor     = 24 * time.Hour     // plain words belong to the one open case so long after its last activity
	remindNum    = 2                  // the claimer is reminded at 2/3 of the promise…
	remindDen    = 3
)

// solveLadder is when the resolve clock speaks: at 1/2, 4/5 and 1 (design §16).
var solveLadder = sla.Ladder{{Num: 1, Den: 2}, {Num: 4, Den: 5}, {Num: 1, Den: 1}}

// Deadlines lists every moment at which the desk will have something to do,
// earliest first.
func (d Desk) Deadlines() []Deadline {
	out := make([]Deadline, 0, 4+3*len(d.Cases))
	for i := range d.Cases {
		out = d.Cases[i].deadlines(d.Terms, out)
	}
	if !d.Inspection.Next.IsZero() {
		out = append(out, Deadline{At: d.Inspection.Next, What: DueInspection})
	}
	out = append(append(out, d.silences()...), d.acceptances()...)
	if at, ok := d.onboardingStart(); ok {
		out = append(out, Deadline{At: at, What: DueOnboarding})
	}
	slices.SortStableFunc(out, func(a, b Deadline) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.Case - b.Case
	})
	return out
}

// Wake is the earliest deadline; zero when the desk has nothing to wait for.
func (d Desk) Wake() time.Time {
	dl, _ := d.earliest()
	return dl.At
}

// earliest is the first of Deadlines, found without building the list.
func (d *Desk) earliest() (first Deadline, ok bool) {
	var room [16]Deadline
	take := func(list []Deadline) {
		for _, dl := range list {
			if !ok || dl.At.Before(first.At) {
				first, ok = dl, true
			}
		}
	}
	if !d.Inspection.Next.IsZero() {
		take(append(room[:0], Deadline{At: d.Inspection.Next, What: DueInspection}))
	}
	take(d.silences())
	take(d.acceptances())
	if at, has := d.onboardingStart(); has {
		take(append(room[:0], Deadline{At: at, What: DueOnboarding}))
	}
	for i := range d.Cases {
		take(d.Cases[i].deadlines(d.Terms, room[:0]))
	}
	return first, ok
}

// deadlines appends what one case waits for.
func (c *Case) deadlines(t *Terms, out []Deadline) []Deadline {
	zone := zoneOf(t)
	if due, running := c.Respond.Running(); running {
		p := c.length(c.Respond)
		// Expert rungs stop at a claim: the next rung that speaks is the manager's.
		for i := c.Rungs.Told; i < len(c.Row.Ladder); i++ {
			step := c.Row.Ladder[i]
			if c.Claimed.IsZero() || speaksAfterClaim(step) {
				w := DueRung
				if step.Breach() {
					w = DueBreach
				}
				out = append(out, Deadline{At: c.rungAt(i, due, p), What: w, Case: c.N, Rung: i})
				if step.Breach() {
					break
				}
			}
		}
		if c.Rungs.Told >= len(c.Row.Ladder) && len(c.Row.Ladder) > 0 {
			out = append(out, Deadline{At: c.nagAt(due), What: DueOverdue, Case: c.N})
		}
		if t != nil && len(t.Means) > 1 {
			for _, ping := range c.Rungs.Pings {
				if at, _, ok := c.louderAt(ping, t.Means, due); ok && c.stillAsked(ping) {
					out = append(out, Deadline{At: at, What: DueLouder, Case: c.N, Rung: ping.Rung})
				}
			}
		}
		if at, ok := c.remindAt(); ok {
			out = append(out, Deadline{At: at, What: DueRemind, Case: c.N, Rung: 0})
		}
	}
	if due, running := c.Resolve.Running(); running {
		for i := c.Solving.Told; i < len(solveLadder); i++ {
			w := DueSolveRung
			if solveLadder[i].Breach() {
				w = DueSolve
			}
			out = append(out, Deadline{At: solveLadder[i].At(due, c.length(c.Resolve)), What: w, Case: c.N, Rung: i})
		}
	}
	switch c.Status {
	case Resolved:
		switch {
		case c.Respond.Open():
			// The customer asked for help: check-ins and closing wait for the answer.
		case c.Row.SafeDays == 0:
			out = append(out, Deadline{At: c.ResolvedAt.Add(autoclose), What: DueAutoclose, Case: c.N, Rung: 0})
		default:
			if k := c.Checks; k < len(checkDays) && checkDays[k] <= c.Row.SafeDays {
				out = append(out, Deadline{At: c.checkAt(zone, checkDays[k]), What: DueCheck, Case: c.N, Rung: k})
			}
			out = append(out, Deadline{At: c.checkAt(zone, c.Row.SafeDays+1), What: DueSafe, Case: c.N, Rung: 0})
		}
	case Closed:
		out = append(out, Deadline{At: c.Touched.Add(archiveAfter), What: DueArchive, Case: c.N, Rung: 0})
	}
	return out
}

// checkAt is 10:00 on a day after the solution.
func (c *Case) checkAt(zone *time.Location, day int) time.Time {
	return sla.At(c.ResolvedAt.In(zone), day, checkMinute).UTC()
}

// safeUntil is 24:00 of the last day of the safe period.
func (c *Case) safeUntil(zone *time.Location) time.Time {
	return sla.DayStart(c.ResolvedAt.In(zone), c.Row.SafeDays+1).UTC()
}

// Due is the deadline that counts now: of the response while it is owed, else of
// the solution; zero when none runs.
func (c *Case) Due() time.Time {
	for _, clock := range []sla.Clock{c.Respond, c.Resolve} {
		if due, running := clock.Running(); running {
			return due
		}
	}
	return time.Time{}
}

// length is the length of the running promise: the time its ladder divides.
func (c *Case) length(k sla.Clock) time.Duration {
	s := k.State(time.Time{})
	if s.Promise > 0 {
		return s.Promise
	}
	return s.Due.Sub(s.Start)
}

// rungAt is the moment of a rung. Of a promise in working days the rungs between
// the first and the last come at 10:00 of the day it is due: nobody is asked on
// a Sunday night for what is due on Monday.
func (c *Case) rungAt(i int, due time.Time, p time.Duration) time.Time {
	step := c.Row.Ladder[i]
	if c.Row.RespondWorkdays > 0 && i > 0 && !step.Breach() {
		return due.Add(-14 * time.Hour) // 24:00 less 14 h is 10:00
	}
	return step.At(due, p)
}

// speaksAfterClaim: a bare claim stops the rungs that ask somebody to take the
// case; the manager's rungs stay until the response (design §11).
func speaksAfterClaim(s sla.Step) bool { return slices.Contains(s.Who, sla.Manager) }

// nagAt is when the manager hears again of a promise that is broken and still
// unanswered: a day after the breach, and every day after that.
func (c *Case) nagAt(due time.Time) time.Time {
	return due.Add(time.Duration(c.Rungs.Overdue+1) * 24 * time.Hour)
}

// remindAt is the claimer's one reminder: at 2/3 of the promise, or half way
// between the claim and the deadline when that is later; never after it.
func (c *Case) remindAt() (time.Time, bool) {
	due, running := c.Respond.Running()
	if !running || c.Claimed.IsZero() || c.Reminded || !c.Claimed.Before(due) {
		return time.Time{}, false
	}
	p := c.length(c.Respond)
	at := due.Add(-p / remindDen * (remindDen - remindNum))
	if half := c.Claimed.Add(due.Sub(c.Claimed) / 2); half.After(at) {
		at = half
	}
	return at.Truncate(time.Millisecond), true
}

// settle does everything that has fallen due by now, in order.
func (b *book) settle() {
	for i := 0; ; i++ {
		dl, ok := b.d.earliest()
		if !ok || dl.At.After(b.now) {
			return
		}
		if i > MaxCheck {
			panic(fmt.Sprintf("desk %s: more than %d deadlines at once, the first %+v", b.d.Customer, MaxCheck, dl))
		}
		b.fire(dl)
	}
}

// fire does what a deadline is for. Whatever it does, the deadline must leave
// the view, or Decide would never end.
func (b *book) fire(dl Deadline) {
	switch dl.What {
	case DueRung, DueBreach:
		b.climb(b.edit(dl.Case), false)
	case DueLouder:
		b.louder(b.edit(dl.Case))
	case DueRemind:
		b.remind(b.edit(dl.Case), dl.At)
	case DueOverdue:
		b.overdue(b.edit(dl.Case), dl.At)
	case DueSolveRung, DueSolve:
		b.pressSolving(b.edit(dl.Case))
	case DueCheck:
		b.check(b.edit(dl.Case))
	case DueSafe:
		b.endSafe(b.edit(dl.Case), dl.At)
	case DueAutoclose:
		b.endQuietly(b.edit(dl.Case), dl.At)
	case DueArchive:
		b.archive(dl.Case)
	case DueInspection:
		b.inspect()
	case DueSilence:
		b.silent(dl)
	case DueAccepted:
		b.endAccepted(dl.Rung)
	case DueOnboarding:
		b.startOnboarding(dl.At)
	default:
		panic(fmt.Sprintf("no rule for the deadline %q", dl.What))
	}
}

// lateBy is how much later than its time something is told, when that is worth
// saying: under half a minute nobody needs to hear of it.
func (b *book) lateBy(at time.Time) time.Duration {
	if late := b.now.Sub(at); late >= 30*time.Second {
		return late.Truncate(time.Second)
	}
	return 0
}
