package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"butler/sla"
)

func itoa(n int) string { return strconv.Itoa(n) }

// query shows the asker something, and nobody else.
func (b *book) query(a Query) {
	switch a.What {
	case "list":
		b.answer(NAnswer, "list", 0, Facts{Items: b.listItems()}, Inside{})
	case "show":
		if c := b.pickAny(a.Case); c != nil {
			b.answer(NAnswer, "show", c.N, Facts{}, Inside{})
		}
	case "explain":
		if c := b.pickAny(a.Case); c != nil {
			b.explain(c)
		}
	case "timers":
		b.answer(NAnswer, "timers", a.Case, Facts{Items: b.timerItems(a.Case)}, Inside{})
	case "timeline":
		if a.Case != 0 && len(a.Lines) == 0 {
			b.refuse(WhyUnknownCase, a.Case)
			return
		}
		b.answer(NAnswer, "timeline", a.Case, Facts{Items: b.timelineItems(a)}, Inside{})
	case "oncall":
		f := Facts{}
		for _, role := range []sla.Role{sla.Primary, sla.Backup, sla.Manager} {
			if who := b.terms().Duty.On(role, b.now); len(who) > 0 {
				f.Items = append(f.Items, Item{State: string(role), Label: b.terms().Called(who[0])})
			}
		}
		if t := b.terms().TAM; t != "" {
			f.Items = append(f.Items, Item{State: string(sla.TAM), Label: b.terms().Called(t)})
		}
		b.answer(NAnswer, "oncall", 0, f, Inside{})
	case "edition":
		f := Facts{Now: b.now}
		welcome(b.d, &f, b.langOf(b.in.Room, b.in.Actor.ID))
		b.answer(NAnswer, "edition", 0, Facts{Items: f.Items, Clause: "§5"}, Inside{})
	case "findings":
		b.listFindings(a)
	case "budget":
		b.answer(NAnswer, "budget", 0, Facts{Items: a.Items}, Inside{})
	case "help":
		b.answer(NHelp, "", 0, Facts{Items: a.Items, Line: a.Arg}, Inside{})
	default:
		b.refuseWith(0, Facts{Why: WhyUnknownCommand, Line: a.What})
	}
}

// pickAny is pick for looking: the case may be in any state.
func (b *book) pickAny(n int) *Case {
	if n == 0 {
		n = b.in.Thread
	}
	if n == 0 && len(b.openCases(true)) == 0 && len(b.d.Cases) == 1 {
		n = b.d.Cases[0].N
	}
	if n != 0 {
		if c := b.find(n); c != nil {
			return c
		}
		b.refuse(WhyUnknownCase, n)
		return nil
	}
	return b.pick(0)
}

func (b *book) listItems() []Item {
	var out []Item
	for _, c := range b.d.Cases {
		if c.Status == Closed {
			continue
		}
		out = append(out, Item{N: c.N, Label: hash(b.refFor(c.N)), Value: c.Title, State: "phase" + itoa(c.phase()), At: c.Due()})
	}
	return out
}

// explain prints the deadlines of a case as arithmetic: every start, pause,
// resumption and change, with the message that caused it.
func (b *book) explain(c *Case) {
	lang := b.langOf(b.in.Room, b.in.Actor.ID)
	b.answer(NAnswer, "explain", c.N, Facts{Items: ExplainItems(c, zoneOf(b.terms()), lang, b.now)}, Inside{})
}

// ExplainItems is the arithmetic of a case's clocks, one item a line; State says
// which clock. The sandbox and /explain show the same lines.
func ExplainItems(c *Case, zone *time.Location, lang string, now time.Time) []Item {
	var out []Item
	for _, k := range []struct {
		name  string
		clock sla.Clock
	}{{"respond", c.Respond}, {"resolve", c.Resolve}} {
		if !k.clock.Promised() {
			continue
		}
		for _, line := range k.clock.Explain(zone, lang, now) {
			out = append(out, Item{State: k.name, Value: line})
		}
	}
	return out
}

func (b *book) timerItems(n int) []Item {
	var out []Item
	for _, dl := range b.d.Deadlines() {
		if n != 0 && dl.Case != n {
			continue
		}
		it := Item{At: dl.At, State: string(dl.What), N: dl.Case}
		if dl.Case != 0 {
			it.Label = hash(b.refFor(dl.Case))
		}
		if dl.What == DueRung {
			it.Value = fmt.Sprint(dl.Rung + 1)
			if c := b.find(dl.Case); c != nil {
				it.Of = len(c.Row.Ladder)
			}
		}
		out = append(out, it)
	}
	return out
}

// timelineItems words the journal for the asker: the customer reads public words
// only.
func (b *book) timelineItems(a Query) []Item {
	var out []Item
	for _, e := range a.Lines {
		if it, ok := TimelineItem(e, b.in.Actor.Staff()); ok {
			out = append(out, it)
		}
	}
	const most = 60
	if len(out) > most {
		out = out[len(out)-most:]
	}
	return out
}

// hiddenKinds are lines of the timeline that are for staff alone.
var hiddenKinds = []string{string(NNote), "nobody", "unreachable", "refused", "parked", "advice", "told", "read", "cut", "calendar",
	string(NPing), string(NWarned), string(NRemind), "resolve-warned", "unclaimed", "assigned", "choose", "sort", "sorted", "finding-dropped", "finding-waits", "advice-asked", "bound", "spare", "roomless", "edited-inside", "deleted-inside", "invite", "invited", string(NFounding), string(NLouder)}

// TimelineItem words one line of the journal; ok is false when the reader must
// not see it.
func TimelineItem(e Event, staff bool) (Item, bool) {
	it := Item{At: e.At, State: e.Kind, Label: e.By, Value: e.Text, N: e.Case}
	if e.Mark != nil {
		it.State = "clock-" + string(e.Mark.Verb)
		it.Value = e.Clock
	}
	if len(e.Who) > 0 {
		it.Label = strings.Join(e.Who, ", ")
	}
	if !staff {
		return it, !slices.Contains(hiddenKinds, e.Kind)
	}
	if e.Inside != "" {
		it.Value = string(e.Inside)
		if act, why, ok := strings.Cut(it.Value, ": "); ok && e.Kind == "refused" {
			it.Kind, it.Value = act, why // ids that the sheets put into words
		}
		it.Done = true // marks words of the inside
	}
	return it, true
}

// misread answers a command nobody understood with the nearest right one.
func (b *book) misread(a Misread) {
	if a.Case != 0 && a.Why != WhyUnknownCommand && b.find(a.Case) == nil {
		b.refuseWith(a.Case, Facts{Why: WhyUnknownCase, Line: a.Line})
		return
	}
	f := Facts{Why: a.Why, Line: a.Line, Near: a.Near, Usage: a.Usage}
	for _, c := range a.Choices {
		it := Item{Label: c}
		if a.Again != "" {
			it.Command = a.Again + " " + c
		}
		f.Items = append(f.Items, it)
	}
	b.refuseWith(a.Case, f)
}
