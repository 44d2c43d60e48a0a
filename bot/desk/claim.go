package desk

import (
	"slices"
	"time"

	"butler/sla"
)

// claim takes a case. A claim is not a response: it stops the rungs that ask
// somebody to take the case and starts one reminder. With words it is also an
// answer, because the customer reads them.
func (b *book) claim(a Claim) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	me := b.in.Actor.ID
	text := b.cut(a.Text)
	switch {
	case c.Status != Open && !c.Respond.Open():
		b.refuse(WhyNotOpen, c.N)
		return
	case !c.Claimed.IsZero() && c.Assignee != me:
		b.refuseWith(c.N, Facts{Why: WhyTaken, By: b.terms().Called(c.Assignee)})
		return
	case !c.Claimed.IsZero() && text == "":
		b.refuse(WhyDone, c.N)
		return
	}
	fresh := c.Claimed.IsZero()
	if fresh {
		b.take(c, me)
	}
	if text != "" {
		b.publish(c, text)
	}
	if fresh {
		b.took(c)
	}
}

// take makes a person the owner of a case.
func (b *book) take(c *Case, person string) {
	c.Assignee, c.Claimed, c.Reminded, c.Touched = person, b.at, false, b.at
	c.Rungs.Declined = slices.DeleteFunc(slices.Clone(c.Rungs.Declined), func(id string) bool { return id == person })
	delete(b.forgive(), person)
	b.log(Event{Kind: string(NClaimed), Case: c.N, By: b.terms().Called(person)})
	b.board(c, NClaimed)
}

// took says in the back room, in one line, who has it.
func (b *book) took(c *Case) {
	b.staffNotice(Notice{Kind: NClaimed, Sheet: "took", Room: Back, Thread: true}, c, Facts{}, Inside{})
}

// forgive returns the map of unreachable people, copied for writing: whoever
// acts is there.
func (b *book) forgive() map[string]Reason {
	next := make(map[string]Reason, len(b.d.Unreachable))
	for k, v := range b.d.Unreachable {
		next[k] = v
	}
	b.d.Unreachable = next
	return next
}

// unclaim gives a case back: the ladder goes on at once, without the one who gave
// it back.
func (b *book) unclaim(a Unclaim) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	if c.Claimed.IsZero() {
		b.refuse(WhyNotTaken, c.N)
		return
	}
	if c.Assignee != b.in.Actor.ID && b.in.Actor.Role == Expert {
		b.refuseWith(c.N, Facts{Why: WhyTaken, By: b.terms().Called(c.Assignee)})
		return
	}
	b.log(Event{Kind: "unclaimed", Case: c.N, By: b.by(), Inside: Internal(b.cut(a.Reason))})
	was := c.Assignee
	c.Assignee, c.Claimed, c.Touched = "", time.Time{}, b.at
	c.Rungs.Declined = append(slices.Clone(c.Rungs.Declined), was)
	if reason := b.cut(a.Reason); reason != "" {
		b.back(NNote, c, "", Facts{Label: "unclaimed"}, Inside{Note: Internal(reason)})
	}
	if told := c.Rungs.Told; c.Respond.Open() {
		b.climb(c, true)
		if told == c.Rungs.Told {
			b.askToTake(c) // only the breach is left on the ladder
		}
	} else {
		b.askToTake(c)
	}
	b.board(c, NUpdated)
}

// askToTake asks the primary, or the backup when the primary is one who let go,
// to take a case outside the ladder: its promise is kept, or all its rungs are
// told.
func (b *book) askToTake(c *Case) {
	for _, role := range []sla.Role{sla.Primary, sla.Backup, sla.Manager} {
		for _, id := range b.onDuty(c, role) {
			if slices.Contains(c.Rungs.Declined, id) || b.unreachable(id) != "" {
				continue
			}
			b.log(Event{Kind: string(NPing), Case: c.N, Who: []string{b.terms().Called(id)}})
			if role == sla.Manager {
				b.direct(NPing, c, id, Facts{}, Inside{})
			} else {
				b.back(NPing, c, id, Facts{}, Inside{})
			}
			return
		}
	}
	b.nobody(c, []Reason{noTaker}, false)
}

// newRound starts the ladder anew, for a promise that is new or free again.
func (b *book) newRound(c *Case) {
	c.Rungs = Rungs{Round: c.Rungs.Round + 1}
	c.Reminded = false
}

// assign asks a person to take a case. They are told at once; until they claim
// it the ladder goes on, with them in the place of the primary.
func (b *book) assign(a Assign) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	p, ok := b.terms().Person(a.To)
	switch {
	case !ok:
		b.refuseWith(c.N, Facts{Why: WhyUnknownPerson, Line: a.To, Items: b.staffItems()})
		return
	case c.Assignee == a.To && !c.Claimed.IsZero():
		b.refuse(WhyDone, c.N)
		return
	case a.To == b.in.Actor.ID:
		b.take(c, a.To)
		b.took(c)
		return
	}
	c.Assignee, c.Claimed, c.Touched = a.To, time.Time{}, b.at
	b.log(Event{Kind: "assigned", Case: c.N, By: b.by(), Who: []string{p.Name}})
	if why := b.unreachable(a.To); why != "" {
		b.back(NWarned, c, b.in.Actor.ID, Facts{Label: "unreachable"}, Inside{Skips: []Internal{why.About(b.terms().Called(a.To)).In(b.langOf(Back, ""))}})
	} else {
		b.back(NPing, c, a.To, Facts{}, Inside{Of: len(c.Row.Ladder)})
	}
	b.board(c, NUpdated)
}

func (b *book) staffItems() []Item {
	var items []Item
	for _, p := range b.terms().Staff {
		items = append(items, Item{Label: p.ID, Value: p.Name})
	}
	return items
}
