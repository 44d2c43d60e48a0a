package desk

import (
	"slices"
	"time"

	"butler/sla"
)

// Turn is why a case stands in somebody's queue.
type Turn string

// The turns, the most pressing first.
const (
	TurnOverdue Turn = "overdue" // a promise is broken and still owed
	TurnDanger  Turn = "danger"  // a promise is about to break
	TurnAsked   Turn = "asked"   // they were asked to take it, and nobody has
	TurnYours   Turn = "yours"   // they have it
	TurnWaiting Turn = "waiting" // they have it, and the customer has the word
)

// Turns lists them in that order.
var Turns = []Turn{TurnOverdue, TurnDanger, TurnAsked, TurnYours, TurnWaiting}

// Rank orders the turns, 0 first.
func (t Turn) Rank() int { return slices.Index(Turns, t) }

// Queued is one case in somebody's queue.
type Queued struct {
	N    int
	Turn Turn
	Due  time.Time // the next deadline; zero for none
}

// A promise is in danger when a third of a response's time is left, or a fifth
// of a solution's: the last rungs of the ladders before the breach (design §11).
const (
	dangerRespond = 3
	dangerResolve = 5
)

// Queue lists the open cases of a desk that are somebody's business at now, the
// most pressing first: what they have, what they were asked to take, and, for
// those who manage this desk, what is in danger.
func (d Desk) Queue(person Person, now time.Time) []Queued {
	var out []Queued
	for i := range d.Cases {
		c := &d.Cases[i]
		if !c.active() {
			continue
		}
		if t := d.turn(c, person, now); t != "" {
			out = append(out, Queued{c.N, t, c.Due()})
		}
	}
	slices.SortStableFunc(out, func(a, b Queued) int {
		if a.Turn != b.Turn {
			return a.Turn.Rank() - b.Turn.Rank()
		}
		return CompareDue(a.Due, b.Due)
	})
	return out
}

// CompareDue puts the earlier deadline first, and none last.
func CompareDue(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
}

// turn says why a case is a person's business; "" when it is not.
func (d Desk) turn(c *Case, p Person, now time.Time) Turn {
	has := c.Assignee == p.ID && !c.Claimed.IsZero()
	asked := c.Claimed.IsZero() && (c.Assignee == p.ID || c.Respond.Open() && c.pinged(p.ID))
	danger := c.danger(now)
	switch {
	case !has && !asked && (danger == "" || !d.manages(p)):
		return ""
	case danger != "":
		return danger
	case asked:
		return TurnAsked
	case c.Asked != nil:
		return TurnWaiting
	}
	return TurnYours
}

func (c *Case) pinged(person string) bool {
	return slices.ContainsFunc(c.Rungs.Pings, func(p Ping) bool { return p.Person == person })
}

// danger says how the promises of a case stand: overdue, in danger, or well.
func (c *Case) danger(now time.Time) Turn {
	worst := Turn("")
	for _, k := range []struct {
		clock sla.Clock
		share time.Duration
	}{{c.Respond, dangerRespond}, {c.Resolve, dangerResolve}} {
		due, runs := k.clock.Running()
		if !runs {
			continue
		}
		switch s := k.clock.State(now); {
		case !now.Before(due):
			return TurnOverdue
		case due.Sub(now) <= due.Sub(s.Start)/k.share:
			worst = TurnDanger
		}
	}
	return worst
}

// manages reports whether somebody answers for this desk: a manager of its
// roster, its TAM, or an administrator.
func (d Desk) manages(p Person) bool {
	return p.Role == Admin || d.Terms.TAM == p.ID || slices.Contains(d.Terms.Duty.Manager, p.ID)
}
