package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"butler/sla"
)

// book is a decision being written: a copy of the desk on which the rules work,
// and what they want to be told and remembered.
type book struct {
	d       Desk
	in      Input
	now     time.Time    // of the decision
	at      time.Time    // when the input happened, never later than now
	owned   map[int]bool // cases already copied for writing
	events  []Event
	notices []Notice
	asks    []Inquiry
}

func openBook(d Desk, in Input, now time.Time) *book {
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(d.At) {
		now = d.At
	}
	at := in.At.UTC().Truncate(time.Millisecond)
	if at.IsZero() || at.After(now) {
		at = now
	}
	d.At = now
	d.Schema = Schema
	if in.Thread == 0 {
		in.Thread = d.ThreadOf(in.ThreadRef)
	}
	d.Cases = slices.Clone(d.Cases)
	return &book{d: d, in: in, now: now, at: at, owned: map[int]bool{}}
}

// close hands the change over, after checking the invariants that every commit
// relies on. A broken one panics: the input is parked, the desk stays as it was.
func (b *book) close() Change {
	if w := b.d.Wake(); !w.IsZero() && !w.After(b.now) {
		panic(fmt.Sprintf("desk %s would wake at %s, not after now %s: %+v", b.d.Customer, w, b.now, b.d.Deadlines()[0]))
	}
	for i := range b.d.Cases {
		if c := &b.d.Cases[i]; c.Status == Closed && (c.Respond.Open() || c.Resolve.Open()) {
			panic(fmt.Sprintf("case %d of %s is closed, and a clock of it runs", c.N, b.d.Customer))
		}
	}
	touched := slices.Sorted(maps.Keys(b.owned))
	for _, n := range b.notices {
		if n.Customer != b.d.Customer {
			panic(fmt.Sprintf("a notice for %s from the desk of %s", n.Customer, b.d.Customer))
		}
		if n.Room == Front && n.Inside != nil {
			panic(fmt.Sprintf("internal words on the way to the front: %s", n.Kind))
		}
	}
	return Change{Next: b.d, Touched: touched, Events: b.events, Notices: b.notices, Asks: b.asks}
}

// find returns a case for reading, nil when there is none of that number.
func (b *book) find(n int) *Case {
	for i := range b.d.Cases {
		if b.d.Cases[i].N == n {
			return &b.d.Cases[i]
		}
	}
	return nil
}

// edit returns a case for writing. The pointer is good until the next case opens.
func (b *book) edit(n int) *Case {
	c := b.find(n)
	if c == nil {
		panic(fmt.Sprintf("desk %s has no case %d", b.d.Customer, n))
	}
	if !b.owned[n] {
		b.owned[n] = true
		c.Rungs.Pings = slices.Clone(c.Rungs.Pings)
		c.Solving.Pings = slices.Clone(c.Solving.Pings)
		c.Stages = slices.Clone(c.Stages)
		c.Assets = slices.Clone(c.Assets)
		c.Refs = slices.Clone(c.Refs)
		c.Links = slices.Clone(c.Links)
		c.Boards = maps.Clone(c.Boards)
	}
	return c
}

// archive takes a case off the desk; the journal keeps its story.
func (b *book) archive(n int) {
	b.owned[n] = true
	b.d.Cases = slices.DeleteFunc(b.d.Cases, func(c Case) bool { return c.N == n })
}

func (b *book) terms() *Terms { return b.d.Terms }

func (b *book) zone() *time.Location { return zoneOf(b.d.Terms) }

func zoneOf(t *Terms) *time.Location {
	if t == nil || t.Zone == nil {
		return time.UTC
	}
	return t.Zone
}

// staff is the actor's name when they are staff, as the customer may read it.
func (b *book) by() string {
	if b.in.Actor.Name != "" {
		return b.in.Actor.Name
	}
	return b.in.Actor.ID
}

// log writes a line of the timeline.
func (b *book) log(e Event) {
	if e.At.IsZero() {
		e.At = b.at
	}
	if e.Ref == "" {
		e.Ref = b.in.Ref
	}
	b.events = append(b.events, e)
}

// logBy writes a line of the timeline in the actor's name.
func (b *book) logBy(kind string, n int, text string) {
	b.log(Event{Kind: kind, Case: n, By: b.by(), Text: text})
}

// mark puts a mark on a clock and on the timeline: explain(journal) and the live
// clock are sums of the same marks.
func (b *book) mark(c *Case, clock string, m sla.Mark) {
	if m.By == "" && m.Verb != sla.Started {
		m.By = b.by()
	}
	if m.Ref == "" {
		m.Ref = b.in.Ref
	}
	which := &c.Respond
	if clock == "resolve" {
		which = &c.Resolve
	}
	var next sla.Clock
	if m.Verb == sla.Started && !which.Promised() {
		next = sla.Start(m)
	} else {
		next = which.With(m)
	}
	if len(next.Marks) == len(which.Marks) {
		return // it changed nothing
	}
	*which = next
	m = next.Marks[len(next.Marks)-1]
	b.log(Event{At: m.At, Kind: "clock", Case: c.N, By: m.By, Clock: clock, Mark: &m})
}

// tell adds news. The caller sets kind, room, person and facts.
func (b *book) tell(n Notice) {
	b.d.NextKey++
	n.Customer = b.d.Customer
	n.At = b.now
	if n.Lang == "" {
		n.Lang = b.langOf(n.Room, n.Person)
	}
	n.Key = fmt.Sprintf("%s/%d/%s/%d", b.d.Customer, n.Case, n.Kind, b.d.NextKey)
	switch n.Kind {
	case NPing, NWarned, NBreached, NRemind, NLouder:
		n.Urgent = true
	}
	b.notices = append(b.notices, n)
}

// board asks for a case's live card to be brought up to date in both rooms, and
// says why.
func (b *book) board(c *Case, kind NoticeKind) {
	b.boardIn(c, Front, kind)
	b.boardIn(c, Back, kind)
}

func (b *book) boardIn(c *Case, room Room, kind NoticeKind) {
	sheet := ""
	if c.Kind == Onboarding && room == Front {
		sheet = "onboarding" // the welcome card is that case's board
	}
	b.tell(Notice{Kind: kind, Case: c.N, Room: room, Board: true, Sheet: sheet, Urgent: kind == NOpened})
}

// front tells the customer's group.
func (b *book) front(kind NoticeKind, c *Case, f Facts) {
	b.tell(Notice{Kind: kind, Case: numberOf(c), Room: Front, Thread: c != nil, Facts: b.fill(c, f, b.langOf(Front, ""))})
}

// back tells the experts' room and mentions a person, "" for nobody.
func (b *book) back(kind NoticeKind, c *Case, person string, f Facts, in Inside) {
	b.staffNotice(Notice{Kind: kind, Room: Back, Person: person, Thread: c != nil}, c, f, in)
}

// direct tells one of the staff alone.
func (b *book) direct(kind NoticeKind, c *Case, person string, f Facts, in Inside) {
	b.staffNotice(Notice{Kind: kind, Room: Direct, Person: person}, c, f, in)
}

func (b *book) staffNotice(n Notice, c *Case, f Facts, in Inside) {
	n.Case = numberOf(c)
	n.Lang = b.langOf(n.Room, n.Person)
	n.Facts = b.fill(c, f, n.Lang)
	if c != nil && n.Room == Direct {
		n.Facts.Ref = fmt.Sprintf("%s#%d", b.d.Customer, c.N) // one chat, many customers
	}
	if c != nil && in.Owner == "" && c.Assignee != "" {
		in.Owner = b.terms().Called(c.Assignee)
	}
	n.Inside = &in
	b.tell(n)
}

// answer tells the asker alone, where they asked; staff who asked in the front
// are answered in a direct message, because the customer reads along there.
func (b *book) answer(kind NoticeKind, sheet string, n int, f Facts, in Inside) {
	a := b.in.Actor
	out := Notice{Kind: kind, Sheet: sheet, Case: n, Room: b.in.Room, Person: a.ID, Private: true}
	if out.Room == "" || (a.Staff() && out.Room == Front) {
		out.Room = Direct
	}
	if a.Staff() {
		out.Lang = b.langOf(Direct, a.ID)
		out.Inside = &in
	} else {
		out.Room = Front
		out.Lang = b.langOf(Front, "")
	}
	c := b.find(n)
	out.Facts = b.fill(c, f, out.Lang)
	if c == nil {
		out.Facts.N = n
		out.Facts.Ref = b.ref(n)
	}
	if n != 0 && out.Room == Direct {
		out.Facts.Ref = fmt.Sprintf("%s#%d", b.d.Customer, n)
	}
	b.tell(out)
}

// refuse answers that it cannot be done, and puts it on the record. items are
// the choices there are.
func (b *book) refuse(why string, n int, items ...Item) {
	b.refuseWith(n, Facts{Why: why, Items: items})
}

func (b *book) refuseWith(n int, f Facts) {
	if f.Line == "" {
		if f.Line = Name(b.in.Act); f.Line == "query" {
			f.Line = b.in.Act.(Query).What
		}
	}
	b.log(Event{Kind: "refused", Case: n, By: b.by(), Inside: Internal(Name(b.in.Act) + ": " + f.Why)})
	b.answer(NRefused, "", n, f, Inside{})
}

func (b *book) langOf(room Room, person string) string {
	t := b.terms()
	if person != "" && room != Front {
		if p, ok := t.Person(person); ok && p.Language != "" && room == Direct {
			return p.Language
		}
	}
	if room != Front && t.BackLanguage != "" {
		return t.BackLanguage
	}
	if t.Language != "" {
		return t.Language
	}
	return "zh-CN"
}

// ref is how staff writes a case: acme#12 in a shared back room, else 12.
func (b *book) ref(n int) string { return refOf(b.d, n) }

func refOf(d Desk, n int) string {
	if d.Terms != nil && d.Terms.SharedBack {
		return fmt.Sprintf("%s#%d", d.Customer, n)
	}
	return fmt.Sprint(n)
}

func numberOf(c *Case) int {
	if c == nil {
		return 0
	}
	return c.N
}

// cut keeps at most MaxText characters of a text and says so on the timeline.
func (b *book) cut(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= MaxText || utf8.RuneCountInString(s) <= MaxText {
		return s
	}
	b.log(Event{Kind: "cut", By: b.by(), Inside: Internal(fmt.Sprintf("%d characters, %d kept", utf8.RuneCountInString(s), MaxText))})
	return string([]rune(s)[:MaxText]) + "…"
}

// titleWidth is how wide a title may be: 60 Chinese characters, 120 Latin ones.
const titleWidth = 120

// oneLine makes a title: the first words, cut by width, where possible between
// two words.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	width, space := 0, 0
	for i, r := range s {
		if r == ' ' {
			space = i
		}
		width++
		if r >= 0x1100 { // wide scripts take two columns
			width++
		}
		if width > titleWidth {
			if space < i/2 {
				space = i
			}
			return s[:space] + "…"
		}
	}
	return s
}

// pick finds the case a command means: the number typed; else the thread it was
// typed in; else the only open one; else, for staff, the newest they claimed.
// When none fits it refuses and returns nil.
func (b *book) pick(n int) *Case {
	if n == 0 {
		n = b.in.Thread
	}
	if n != 0 {
		if c := b.find(n); c != nil {
			return b.edit(n)
		}
		b.refuse(WhyUnknownCase, n)
		return nil
	}
	open := b.openCases(true)
	switch len(open) {
	case 0:
		b.refuse(WhyMissingCase, 0)
		return nil
	case 1:
		return b.edit(open[0])
	}
	if b.in.Actor.Staff() {
		if n := b.newestClaimed(b.in.Actor.ID); n != 0 {
			return b.edit(n)
		}
	}
	b.refuse(WhyWhichCase, 0, b.caseItems(open, b.again())...)
	return nil
}

// again is the command that was typed, for buttons that repeat it with a number;
// "" for one with words, which no button can carry.
func (b *book) again() string { return Again(b.in.Act) }

// Again is the command of an act that carries no words, without its number, so
// that a button can type it once more for a case that was not clear; "" for all
// others.
func Again(act Act) string {
	switch a := act.(type) {
	case Claim:
		if a.Text != "" {
			return ""
		}
	case Query:
		return "/" + a.What
	case Fix:
		if a.By != "" {
			return ""
		}
	case Retest:
	case Raise, Resume, Confirm, Recur, Fine, Assist, InspectNow:
	default:
		return ""
	}
	return "/" + Name(act)
}

// pickOpen is pick for commands that need an open case.
func (b *book) pickOpen(n int) *Case {
	c := b.pick(n)
	if c != nil && c.Status != Open {
		b.refuse(WhyNotOpen, c.N)
		return nil
	}
	return c
}

// active reports whether somebody works on a case, or owes it an answer: it is
// open, or the customer asked for help in its safe period.
func (c *Case) active() bool { return c.Status == Open || c.Status == Resolved && c.Respond.Open() }

// openCases lists the numbers of the active cases; the onboarding counts only
// for staff who ask for it.
func (b *book) openCases(onboarding bool) []int {
	var open []int
	for _, c := range b.d.Cases {
		if c.active() && (onboarding || c.Kind != Onboarding) {
			open = append(open, c.N)
		}
	}
	return open
}

// newestClaimed is the number of the open case the person claimed last; 0: none.
func (b *book) newestClaimed(person string) int {
	n, at := 0, time.Time{}
	for _, c := range b.d.Cases {
		if c.active() && c.Assignee == person && !c.Claimed.IsZero() && !c.Claimed.Before(at) {
			n, at = c.N, c.Claimed
		}
	}
	return n
}

// caseItems lists cases as choices; command is put before the number, "" for none.
func (b *book) caseItems(numbers []int, command string) []Item {
	items := make([]Item, 0, len(numbers))
	for _, n := range numbers {
		c := b.find(n)
		it := Item{N: n, Label: hash(b.refFor(n)), Value: c.Title, State: string(c.Kind)}
		switch {
		case strings.HasPrefix(command, "/triage"):
			it.Command = command + fmt.Sprintf(" #%d", n)
		case command != "" && b.in.Actor.Staff():
			it.Command = fmt.Sprintf("%s %s#%d", command, b.d.Customer, n)
		case command != "":
			it.Command = fmt.Sprintf("%s %d", command, n)
		}
		items = append(items, it)
	}
	return items
}

// hash writes a number as #12; acme#12 has its mark already.
func hash(ref string) string {
	if strings.Contains(ref, "#") {
		return ref
	}
	return "#" + ref
}

// refFor is ref for staff and the bare number for the customer.
func (b *book) refFor(n int) string {
	if b.in.Actor.Staff() {
		return b.ref(n)
	}
	return fmt.Sprint(n)
}

func ptr[T any](v T) *T { return &v }
