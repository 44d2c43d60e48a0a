package desk

import (
	"slices"
	"time"

	"butler/sla"
)

// telling is one person to be told of one rung.
type telling struct {
	person string
	rung   int
	role   sla.Role
}

// climb tells the rungs of a case's response ladder that have come. After an
// outage several may have: each person still due is told once, about the last of
// theirs, and the breach when it passed. A rung whose experts cannot be reached
// does not wait: the next one is told at once, and told why. hurry asks for the
// next rung before its time: somebody gave the case back.
func (b *book) climb(c *Case, hurry bool) {
	due, running := c.Respond.Running()
	if !running {
		return
	}
	p := c.length(c.Respond)
	var tellings []telling
	var skips []Reason
	rung := c.Rungs.Told
	first := time.Time{}
	for ; rung < len(c.Row.Ladder); rung++ {
		step := c.Row.Ladder[rung]
		at := c.rungAt(rung, due, p)
		if at.After(b.now) && (!hurry || step.Breach()) {
			break
		}
		if first.IsZero() {
			first = at
		}
		if !c.Claimed.IsZero() && !speaksAfterClaim(step) {
			continue
		}
		people, missing, asked := b.rungPeople(c, step)
		for _, m := range missing {
			if !slices.Contains(skips, m) {
				skips = append(skips, m)
			}
		}
		for _, t := range people {
			t.rung = rung
			tellings = slices.DeleteFunc(tellings, func(old telling) bool { return old.person == t.person })
			tellings = append(tellings, t)
		}
		hurry = asked && !slices.ContainsFunc(people, func(t telling) bool { return t.role != sla.TAM })
	}
	if rung == c.Rungs.Told {
		return
	}
	c.Rungs.Told = rung
	for _, t := range tellings {
		b.tellRung(c, t, skips, first)
	}
	breached := rung == len(c.Row.Ladder)
	if len(tellings) == 0 {
		b.nobody(c, skips, breached)
	}
	if breached {
		told := slices.DeleteFunc(slices.Clone(tellings), func(t telling) bool { return t.rung != rung-1 })
		b.log(Event{At: due, Kind: string(NBreached), Case: c.N, Who: b.names(told), Rung: ptr(rung - 1)})
		b.boardIn(c, Front, NBreached)
	}
	if len(tellings) > 0 || breached {
		b.boardIn(c, Back, NUpdated)
	}
}

// rungPeople says who is to be told of a rung now, who of them cannot be
// reached, and whether the rung asked for anybody who could take the case.
func (b *book) rungPeople(c *Case, step sla.Step) (people []telling, missing []Reason, asked bool) {
	for _, role := range step.Who {
		who := b.onDuty(c, role)
		asked = asked || role != sla.TAM
		for _, id := range who {
			if slices.Contains(c.Rungs.Declined, id) {
				missing = append(missing, gaveBack.About(b.terms().Called(id)))
				continue
			}
			if why := b.unreachable(id); why != "" {
				missing = append(missing, why.About(b.terms().Called(id)))
				continue
			}
			if !slices.ContainsFunc(people, func(t telling) bool { return t.person == id }) {
				people = append(people, telling{person: id, role: role})
			}
			break
		}
	}
	return people, missing, asked
}

// onDuty lists who fills a role for a case, in the order in which they are
// tried. Primary, backup and TAM are one person each: if they cannot be reached
// the next rung is told. Behind the manager on duty stand the other managers, the
// TAM and the admins: somebody must hear it.
func (b *book) onDuty(c *Case, role sla.Role) []string {
	t := b.terms()
	switch role {
	case sla.TAM:
		if t.TAM == "" {
			return nil
		}
		return []string{t.TAM}
	case sla.Primary:
		if c.Assignee != "" { // assigned, or the old expert of a recurrence
			return []string{c.Assignee}
		}
		return firstOf(t.Duty.On(role, b.now))
	case sla.Backup:
		return firstOf(t.Duty.On(role, b.now))
	}
	managers := slices.Clone(t.Duty.On(sla.Manager, b.now))
	for _, next := range []func(Person) bool{
		func(p Person) bool { return p.Role == Manager },
		func(p Person) bool { return p.ID == t.TAM },
		func(p Person) bool { return p.Role == Admin },
	} {
		for _, p := range t.Staff {
			if next(p) && !slices.Contains(managers, p.ID) {
				managers = append(managers, p.ID)
			}
		}
	}
	return managers
}

func firstOf(list []string) []string { return list[:min(1, len(list))] }

// unreachable says why a person cannot be told; "" when they can.
func (b *book) unreachable(id string) Reason {
	p, ok := b.terms().Person(id)
	switch {
	case !ok:
		return notInPeople
	case !p.Reachable:
		if p.Why != "" {
			return p.Why
		}
		return noAccount
	}
	return b.d.Unreachable[id]
}

// tellRung tells one person of one rung: experts and the TAM in the back room
// with a mention, managers directly with one line in the back.
func (b *book) tellRung(c *Case, t telling, skips []Reason, since time.Time) {
	step := c.Row.Ladder[t.rung]
	kind := NPing
	switch {
	case step.Breach():
		kind = NBreached
	case !c.Claimed.IsZero():
		kind = NWarned
	}
	due, _ := c.Respond.Running()
	f := Facts{Late: b.lateBy(c.rungAt(t.rung, due, c.length(c.Respond)))}
	in := Inside{Rung: t.rung, Of: len(c.Row.Ladder)}
	b.nextRung(c, max(t.rung+1, c.Rungs.Told), &in)
	if t.role == sla.TAM {
		f.Label = "inform" // the account manager is told, not asked
	}
	n := Notice{Kind: kind, Rung: ptr(t.rung), Round: c.Rungs.Round, Room: Back, Person: t.person, Thread: true}
	if t.role != sla.TAM {
		n.Means = b.meansFor(c, t.person)
	}
	if t.role != sla.Manager && slices.Contains(b.d.Missing(), Back) {
		n.Room, n.Thread = Direct, false // there is no back room yet
	}
	if t.role == sla.Manager {
		n.Room, n.Thread = Direct, false
		// One line in the back says who was told.
		line := Notice{Kind: kind, Sheet: "rung", Rung: ptr(t.rung), Round: c.Rungs.Round, Room: Back, Thread: true}
		b.staffNotice(line, c, Facts{Line: b.terms().Called(t.person), Label: string(kind), Late: f.Late}, Inside{Skips: readIn(skips, b.langOf(Back, ""))})
	}
	in.Skips = readIn(skips, b.langOf(n.Room, n.Person))
	b.staffNotice(n, c, f, in)
	c.Rungs.Pings = append(c.Rungs.Pings, Ping{Person: t.person, Rung: t.rung, At: b.now, Means: n.Means})
	if !step.Breach() { // the breach is one line of the timeline, written by climb
		b.log(Event{At: b.now, Kind: string(kind), Case: c.N, Who: []string{b.terms().Called(t.person)}, Rung: ptr(t.rung)})
	}
}

// nextRung writes who is told next, and when.
func (b *book) nextRung(c *Case, from int, in *Inside) {
	due, _ := c.Respond.Running()
	for i := from; i < len(c.Row.Ladder); i++ {
		step := c.Row.Ladder[i]
		if !c.Claimed.IsZero() && !speaksAfterClaim(step) {
			continue
		}
		for _, role := range step.Who {
			for _, id := range b.onDuty(c, role) {
				if b.unreachable(id) == "" && !slices.Contains(c.Rungs.Declined, id) {
					in.Next = b.terms().Called(id)
					in.NextAt = c.rungAt(i, due, c.length(c.Respond))
					return
				}
			}
		}
	}
}

// nobody reports a rung that reached no one: to the back room, and to every
// manager who can be reached.
func (b *book) nobody(c *Case, skips []Reason, breached bool) {
	if len(skips) == 0 && !breached {
		return // all rungs passed in silence after a claim
	}
	n := Notice{Kind: NWarned, Room: Back, Thread: true, Round: c.Rungs.Round}
	if breached {
		n.Kind, n.Rung = NBreached, ptr(len(c.Row.Ladder)-1)
	}
	b.log(Event{At: b.now, Kind: "nobody", Case: c.N, Inside: joinInside(readIn(skips, b.langOf(Back, "")))})
	b.staffNotice(n, c, Facts{}, Inside{Skips: readIn(skips, b.langOf(Back, "")), Of: len(c.Row.Ladder)})
}

// remind gives the claimer their one reminder.
func (b *book) remind(c *Case, at time.Time) {
	c.Reminded = true
	b.back(NRemind, c, c.Assignee, Facts{Late: b.lateBy(at)}, Inside{})
	b.log(Event{At: b.now, Kind: string(NRemind), Case: c.N, Who: []string{b.terms().Called(c.Assignee)}})
}

// overdue tells the manager, once a day, that a broken promise still has no
// answer; after an outage once for all the days.
func (b *book) overdue(c *Case, at time.Time) {
	due, _ := c.Respond.Running()
	for !c.nagAt(due).After(b.now) {
		c.Rungs.Overdue++
	}
	if m := b.manager(c); m != "" {
		b.direct(NWarned, c, m, Facts{Label: "overdue", Late: b.lateBy(at)}, Inside{})
		b.log(Event{At: b.now, Kind: string(NWarned), Case: c.N, Who: []string{b.terms().Called(m)}})
	}
}

// pressSolving tells the assignee and the manager at 1/2, 4/5 and the end of
// the time to solve; after an outage only the last that passed.
func (b *book) pressSolving(c *Case) {
	due, running := c.Resolve.Running()
	if !running {
		return
	}
	p := c.length(c.Resolve)
	rung := c.Solving.Told - 1
	for i := c.Solving.Told; i < len(solveLadder) && !solveLadder[i].At(due, p).After(b.now); i++ {
		rung = i
	}
	if rung < c.Solving.Told {
		return
	}
	c.Solving.Told = rung + 1
	step := solveLadder[rung]
	late := b.lateBy(step.At(due, p))
	worker, boss := NRemind, NWarned
	if step.Breach() {
		worker, boss = NBreached, NBreached
	}
	in := Inside{Rung: rung, Of: len(solveLadder)}
	var told []string
	notice := func(kind NoticeKind, room Room, person string) {
		b.staffNotice(Notice{Kind: kind, Rung: ptr(rung), Round: c.Solving.Round, Clock: "resolve", Room: room, Person: person,
			Sheet: "solve"}, c, Facts{Late: late}, in)
		c.Solving.Pings = append(c.Solving.Pings, Ping{Person: person, Rung: rung, At: b.now})
		told = append(told, b.terms().Called(person))
	}
	owner := c.Assignee
	if owner == "" {
		owner = first(b.terms().Duty.On(sla.Primary, b.now))
	}
	if owner != "" {
		notice(worker, Back, owner)
	}
	if m := b.manager(c); m != "" {
		notice(boss, Direct, m)
	}
	b.log(Event{At: b.now, Kind: "resolve-" + string(boss), Case: c.N, Who: told, Rung: ptr(rung)})
	if step.Breach() {
		b.board(c, NBreached)
	}
}

// manager is the manager on duty who can be reached; "" when none can.
func (b *book) manager(c *Case) string {
	for _, id := range b.onDuty(c, sla.Manager) {
		if b.unreachable(id) == "" {
			return id
		}
	}
	return ""
}

func (b *book) names(ts []telling) []string {
	var out []string
	for _, t := range ts {
		out = append(out, b.terms().Called(t.person))
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func joinInside(list []Internal) Internal {
	var out Internal
	for i, s := range list {
		if i > 0 {
			out += "; "
		}
		out += s
	}
	return out
}
