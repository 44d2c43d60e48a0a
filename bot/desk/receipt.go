package desk

import (
	"fmt"
	"maps"
	"strings"
)

// told keeps what the platform said of a notice: where a board stands, when a
// ping went out.
func (b *book) told(a Told) {
	c := b.find(a.Case)
	if c == nil {
		return
	}
	if a.Board {
		c = b.edit(c.N)
		if c.Boards == nil {
			c.Boards = map[Room]Shown{}
		}
		shown := Shown{Ref: a.Ref, Hash: a.Hash}
		if shown.Ref == "" {
			shown.Ref = c.Boards[a.Room].Ref
		}
		c.Boards[a.Room] = shown
		return
	}
	switch {
	case a.Kind == NResponded && a.Room == Front:
		if c.Replied.Key == a.Key {
			c = b.edit(c.N)
			c.Replied.Told, c.Replied.ID = true, a.Ref
		}
		return
	case a.Kind == NRecall:
		b.recalled(b.edit(c.N), a)
		return
	case a.Rung == nil || a.Who == "":
		return
	}
	c = b.edit(c.N)
	for _, pings := range [][]Ping{c.Rungs.Pings, c.Solving.Pings} {
		for i := range pings {
			if p := &pings[i]; p.Person == a.Who && p.Rung == *a.Rung && p.Told.IsZero() {
				p.Told = b.at
				b.log(Event{Kind: "told", Case: c.N, Who: []string{b.terms().Called(a.Who)}, Rung: a.Rung})
				return
			}
		}
	}
}

// untold hears that a notice will never arrive. A person whom the platform will
// not reach is skipped and reported; a room that is gone is the manager's
// business. A ping nobody can receive is a rule, not a log line.
func (b *book) untold(a Untold) {
	if a.Kind == NFounding {
		b.unfounded(a)
		return
	}
	c := b.find(a.Case)
	if c != nil {
		c = b.edit(c.N)
	}
	if a.Kind == NRecall && c != nil {
		b.unrecalled(c, a)
		return
	}
	b.log(Event{Kind: "unreachable", Case: numberOf(c), Who: nonEmpty(b.terms().Called(a.Person)), Inside: a.Why.In(b.langOf(Back, ""))})
	if c != nil && a.Board {
		delete(c.Boards, a.Room)
	}
	switch {
	case a.Room == Direct:
		b.lost(c, a)
	case a.Person != "" && a.Rung != nil && c != nil:
		// The back room did not take it: the person is told directly, same rung.
		b.staffNotice(Notice{Kind: a.Kind, Rung: a.Rung, Round: c.Rungs.Round, Room: Direct, Person: a.Person}, c,
			Facts{}, Inside{Skips: []Internal{a.Why.In(b.langOf(Direct, a.Person))}, Rung: *a.Rung, Of: len(c.Row.Ladder)})
		b.roomGone(c, a)
	default:
		b.roomGone(c, a)
	}
}

// lost marks a person as unreachable and tells the next on the ladder at once
// when nobody else was told of that rung.
func (b *book) lost(c *Case, a Untold) {
	switch a.Kind {
	case NAnswer, NHelp, NRefused, NAsked, NLouder:
		return // an answer that did not fit, or a means that failed, says nothing about the person
	}
	b.d.Unreachable = maps.Clone(b.d.Unreachable)
	if b.d.Unreachable == nil {
		b.d.Unreachable = map[string]Reason{}
	}
	b.d.Unreachable[a.Person] = a.Why
	if c == nil || a.Rung == nil {
		return
	}
	alone := true
	for i := range c.Rungs.Pings {
		p := &c.Rungs.Pings[i]
		if p.Person == a.Person {
			p.Failed = a.Why
		} else if p.Rung == *a.Rung && p.Failed == "" {
			alone = false
		}
	}
	if alone && c.Respond.Open() && c.Rungs.Told == *a.Rung+1 {
		b.skipTo(c, *a.Rung, a.Why.About(b.terms().Called(a.Person)))
	}
}

// skipTo tells the rung after one that reached nobody, before its time; the
// breach alone is never told early. When no rung is left before the breach, the
// others who manage are told in its place.
func (b *book) skipTo(c *Case, from int, why Reason) {
	next := from + 1
	if next < len(c.Row.Ladder) && !c.Row.Ladder[next].Breach() {
		people, missing, _ := b.rungPeople(c, c.Row.Ladder[next])
		c.Rungs.Told = next + 1
		for _, t := range people {
			t.rung = next
			b.tellRung(c, t, append([]Reason{why}, missing...), b.now)
		}
		if len(people) == 0 {
			b.skipTo(c, next, why)
		}
		return
	}
	if m := b.manager(c); m != "" && !b.wasTold(c, m, from) {
		b.tellRung(c, telling{person: m, rung: from, role: "manager"}, []Reason{why}, b.now)
		return
	}
	b.nobody(c, []Reason{why}, false)
}

func (b *book) wasTold(c *Case, person string, rung int) bool {
	for _, p := range c.Rungs.Pings {
		if p.Person == person && p.Rung == rung {
			return true
		}
	}
	return false
}

// roomGone reports a room that takes no messages: to the manager, directly, and
// to the back room when it was the front that failed.
func (b *book) roomGone(c *Case, a Untold) {
	f := Facts{Label: "room-" + string(a.Room), Line: string(a.Kind)}
	n := Notice{Kind: NWarned, Sheet: "undelivered", Thread: c != nil}
	if a.Room == Front {
		n.Room = Back
		b.staffNotice(n, c, f, Inside{Note: a.Why.In(b.langOf(Back, ""))})
	}
	if a.Kind == NWarned && a.Rung == nil {
		return // the report itself failed: one report is enough
	}
	if m := b.manager(c); m != "" {
		n.Room, n.Person, n.Thread = Direct, m, false
		b.staffNotice(n, c, f, Inside{Note: a.Why.In(b.langOf(Direct, m))})
	}
}

// asking are the notices of which a receipt says that somebody knows of a rung.
var asking = map[NoticeKind]bool{NPing: true, NWarned: true, NBreached: true, NLouder: true}

// readBy keeps that a person read a ping.
func (b *book) readBy(a ReadBy) {
	part := strings.Split(a.Key, "/") // acme/1/ping/3
	for _, c := range b.d.Cases {
		if a.Key != "" && (len(part) != 4 || part[1] != fmt.Sprint(c.N) || !asking[NoticeKind(part[2])]) {
			continue
		}
		for i, p := range c.Rungs.Pings {
			if !p.At.After(b.at) && p.Person == a.Person && p.Read.IsZero() && c.Respond.Open() {
				b.edit(c.N).Rungs.Pings[i].Read = b.at
				b.log(Event{Kind: "read", Case: c.N, Who: []string{b.terms().Called(a.Person)}, Rung: ptr(p.Rung)})
			}
		}
	}
}

// parked tells the inside that an input broke a rule and was put aside.
func (b *book) parked(a Parked) {
	b.log(Event{Kind: string(NParked), Inside: Internal(a.Input + ": " + a.Why)})
	b.back(NParked, nil, "", Facts{Line: a.Input}, Inside{Note: Internal(a.Why)})
	if m := b.manager(nil); m != "" {
		b.direct(NParked, nil, m, Facts{Line: a.Input}, Inside{Note: Internal(a.Why)})
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
