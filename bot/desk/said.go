package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// How sure triage must be, by who is spoken to. Unsure words are asked about
// with two buttons; small talk is left alone.
const (
	sureAlone     = 0.60 // to open a case from words nobody addressed to the bot
	sureAddressed = 0.40 // …or that were addressed to it
	unsure        = 0.35 // from here on it asks instead of guessing
)

// Sure reports whether a verdict opens a case by itself, although nobody was
// addressed: what an app says is taken at its word or not at all.
func Sure(v Verdict) bool {
	return (v.Label == string(Incident) || v.Label == string(Vulnerability)) && v.Confidence >= sureAlone
}

// said hears plain words. In the back room and in direct messages they are
// internal, always; in the front they are an expert's answer or the customer's
// report, addition or small talk.
func (b *book) said(a Said) {
	a.Text = b.cut(a.Text)
	switch {
	case b.in.Room == Back:
		b.saidInside(a)
	case b.in.Room == Direct && b.in.Actor.Staff():
		b.answer(NHelp, "", 0, Facts{}, Inside{})
	case a.Text == "":
		// A sticker, a huddle: nothing was said.
	case b.in.Actor.Staff():
		b.saidByExpert(a)
	default:
		b.saidByCustomer(a)
	}
}

// saidInside keeps words of the back room on the timeline of the case in whose
// thread they were said; other words there are nobody's business.
func (b *book) saidInside(a Said) {
	c := b.find(b.in.Thread)
	if c == nil || a.Text == "" || !b.in.Actor.Staff() {
		return
	}
	b.edit(c.N).Touched = b.at
	b.log(Event{Kind: string(NNote), Case: c.N, By: b.by(), Inside: Internal(a.Text)})
}

// saidByExpert takes an expert's words in the front as the answer to a case: the
// one of the thread, the only open one, or the newest they claimed. When none is
// clear the bot asks them.
func (b *book) saidByExpert(a Said) {
	n := b.in.Thread
	if b.find(n) == nil {
		n = 0
	}
	open := b.openCases(true)
	if n == 0 && len(open) == 1 {
		n = open[0]
	}
	if n == 0 {
		n = b.newestClaimed(b.in.Actor.ID)
	}
	switch {
	case n != 0:
		b.answered(b.edit(n), a.Text, b.at)
	case len(open) > 1:
		slip := b.slip(a.Text, a.Verdict)
		// Answered in a direct chat, which serves many customers: the command names this one.
		b.answer(NAsked, "choose", 0, Facts{Text: a.Text, Slip: slip, Items: b.caseItems(open, fmt.Sprintf("/triage %s#m%d", b.d.Customer, slip))}, Inside{})
	}
}

// answered records an expert's words that the customer can see: the response.
func (b *book) answered(c *Case, text string, at time.Time) {
	c.Touched = b.at
	b.respond(c, text, at)
	b.board(c, NResponded)
}

// saidByCustomer finds out what the customer's words are.
func (b *book) saidByCustomer(a Said) {
	v := a.Verdict
	if n := b.in.Thread; n != 0 {
		if c := b.find(n); c != nil && c.Status != Closed {
			b.saidInThread(c, a.Text, v)
			return
		}
	}
	if n := b.recurrenceOf(v); n != 0 {
		b.comeBack(b.edit(n), a.Text)
		return
	}
	open := b.openCases(false)
	if len(open) == 0 && v.Again && !v.Elsewhere && b.notGone(a.Text, v) {
		return
	}
	if n := b.belongsTo(open, a, v); n != 0 {
		slip := 0
		if v.Label != Chatter {
			slip = b.slip(a.Text, v)
			b.slipWent(slip, n, false)
		}
		b.addTo(n, a.Text, v, slip)
		return
	}
	b.hearNew(open, a, v)
}

// saidInThread takes the customer's words in a card's thread. Under a solved case
// they are a relapse when they report an incident, "not solved" when they say so,
// and otherwise a question that somebody must answer.
func (b *book) saidInThread(c *Case, text string, v Verdict) {
	switch {
	case c.Status == Resolved && v.Label == string(Incident) && v.Confidence >= unsure && b.inSafePeriod(c) && c.Row.SafeDays > 0:
		b.comeBack(b.edit(c.N), text)
	case c.Status == Resolved && v.Again:
		b.takeBack(b.edit(c.N), text)
	case c.Status == Resolved && v.Label != Chatter:
		b.addTo(c.N, text, v, 0)
		if c := b.edit(c.N); !c.Respond.Open() && c.Row.Respond > 0 {
			b.answerAgain(c)
		}
	default:
		b.addTo(c.N, text, v, 0)
	}
}

// notGone hears "it is still there" and "it is back" about what was solved. A
// solution the customer has not confirmed is taken back; one that is confirmed
// has come back when the words report an incident, in its safe period.
func (b *book) notGone(text string, v Verdict) bool {
	for i := len(b.d.Cases) - 1; i >= 0; i-- {
		c := &b.d.Cases[i]
		switch {
		case c.Status != Resolved:
			continue
		case c.Confirmed.IsZero():
			b.takeBack(b.edit(c.N), text)
			return true
		case b.inSafePeriod(c) && v.Label == string(Incident):
			b.comeBack(b.edit(c.N), text)
			return true
		}
	}
	return false
}

// hearNew makes of words that belong to no open case what triage says: a case, a
// hand-off, a question, or nothing.
func (b *book) hearNew(open []int, a Said, v Verdict) {
	alone, cases, slips := a, len(b.d.Cases), b.d.NextSlip
	text, v, before := b.together(a)
	a.Text = text
	defer func() {
		switch {
		case len(b.d.Cases) > cases:
			b.gathered(before, b.d.NextCase)
		case b.d.NextSlip > slips:
			b.remember(alone.Text, alone.Verdict, b.d.NextSlip)
		default:
			b.remember(alone.Text, alone.Verdict, 0)
		}
	}()
	sure := sureAlone
	if a.Addressed {
		sure = sureAddressed
	}
	switch {
	case v.Label == Chatter || v.Label == "":
		switch {
		case len(open) > 1:
			b.askWhich(open, a.Text, v)
		case a.Addressed:
			b.answer(NHelp, "", 0, Facts{}, Inside{})
		case len(v.Assets) > 0 && v.Confidence < sureAlone:
			// Words about a machine that say nothing triage knows: better asked
			// than left unanswered.
			v.Label = string(Incident)
			b.askSort(a.Text, v)
		}
	case v.Confidence < unsure && !a.Addressed:
		// Too little to disturb people who talk among themselves.
	case len(open) > 1 && !b.clearlyNew(open, v, sure):
		b.askWhich(open, a.Text, v)
	case v.Confidence < sure:
		b.askSort(a.Text, v)
	case v.Label == OutOfScope:
		slip := b.slip(a.Text, v)
		b.handOff(Facts{Text: a.Text, Label: OutOfScope, Slip: slip, Why: v.Why})
	default:
		slip := b.slip(a.Text, v)
		b.openOrHandOff(Kind(v.Label), v, a.Text, slip)
	}
}

// belongsTo finds the open case to which the customer's words belong: the only
// open one while it is fresh, or the only one that waits for an answer; 0 when
// they are something else or nobody can tell.
func (b *book) belongsTo(open []int, a Said, v Verdict) int {
	switch {
	case len(open) == 1:
		c := b.find(open[0])
		if b.elsewhere(c, v) {
			return 0
		}
		fresh := c.Asked != nil || b.at.Sub(c.Touched) <= freshFor
		if fresh || (v.Label != Chatter && v.Confidence < sureAlone) {
			return c.N
		}
	case len(open) > 1:
		var waiting []int
		for _, n := range open {
			if b.find(n).Asked != nil {
				waiting = append(waiting, n)
			}
		}
		if len(waiting) == 1 && !b.elsewhere(b.find(waiting[0]), v) {
			return waiting[0]
		}
		// Small talk beside several cases asks nobody anything; it is kept with
		// the one that moved last, so that no word is lost.
		if (v.Label == Chatter || v.Label == "") && !asks(a.Text, v) {
			return b.lastTouched(open)
		}
	}
	return 0
}

// asks reports whether small talk may be a question to us: beside several cases
// it is better asked about than guessed.
func asks(text string, v Verdict) bool {
	return v.Confidence < 0.85 && strings.ContainsAny(text, "?？")
}

// lastTouched is the case in which something happened last.
func (b *book) lastTouched(open []int) int {
	last := open[0]
	for _, n := range open {
		if !b.find(n).Touched.Before(b.find(last).Touched) {
			last = n
		}
	}
	return last
}

// elsewhere reports whether words clearly report something else than a case.
func (b *book) elsewhere(c *Case, v Verdict) bool {
	opens := v.Label == string(Incident) || v.Label == string(Vulnerability) || v.Label == string(Consultation) || v.Label == string(Policy)
	if !opens || v.Confidence < sureAlone {
		return false
	}
	if v.Elsewhere {
		return true
	}
	otherAssets := len(v.Assets) > 0 && len(c.Assets) > 0 && !overlap(v.Assets, c.Assets)
	if v.Label == string(c.Kind) {
		// One more machine is the same incident spreading; one more machine with
		// another kind of trouble is not.
		return otherAssets && v.Category != c.Category
	}
	// Another kind: an incident or a vulnerability beside a question is news; a
	// question beside an incident is part of it.
	return v.Label == string(Incident) || v.Label == string(Vulnerability) && c.Kind != Incident || otherAssets
}

// clearlyNew reports whether words are something else than every open case.
func (b *book) clearlyNew(open []int, v Verdict, sure float64) bool {
	if v.Confidence < sure || v.Label == OutOfScope {
		return false
	}
	return !slices.ContainsFunc(open, func(n int) bool { return !b.elsewhere(b.find(n), v) })
}

// addTo adds the customer's words to a case: they are passed to the experts, and
// they end a pause. Small talk is kept, and nobody is disturbed in the front.
func (b *book) addTo(n int, text string, v Verdict, slip int) {
	c := b.edit(n)
	quiet := v.Label == Chatter && c.Asked == nil // an answer is no small talk
	firstSince := c.Last.At.IsZero() || b.at.Sub(c.Last.At) > 10*time.Minute
	c.Touched = b.at
	c.Assets = b.assets(c.Assets, v.Assets)
	c.Clues = addClues(c.Clues, v.Clues)
	b.refer(c)
	b.logBy(string(NAdded), n, text)
	resumed := b.goOn(c)
	mention := ""
	if !c.Claimed.IsZero() && !quiet && !resumed { // resumed mentions them already
		mention = c.Assignee
	}
	b.back(NAdded, c, mention, Facts{Text: text}, Inside{})
	if quiet {
		if resumed {
			b.board(c, NResumed)
		}
		return
	}
	c.Adds++
	c.Last = Words{By: b.by(), Text: oneLine(text), At: b.at, Slip: slip}
	if firstSince && b.in.Thread == 0 {
		b.front(NAdded, c, Facts{Text: oneLine(text), Slip: slip})
	}
	kind := NAdded
	if resumed {
		kind = NResumed
	}
	b.board(c, kind)
}

// askWhich asks the customer which of several cases is meant.
func (b *book) askWhich(open []int, text string, v Verdict) {
	slip := b.slip(text, v)
	items := b.caseItems(open, fmt.Sprintf("/triage m%d", slip))
	items = append(items, Item{State: "new", Command: fmt.Sprintf("/triage m%d new", slip)})
	b.log(Event{Kind: "choose", By: b.by(), Text: text})
	b.tell(Notice{Kind: NAsked, Sheet: "choose", Room: Front, Person: b.in.Actor.ID,
		Facts: b.fill(nil, Facts{Text: text, Slip: slip, Items: items}, b.langOf(Front, ""))})
}

// askSort asks, with two buttons, whether unclear words need an expert.
func (b *book) askSort(text string, v Verdict) {
	label := v.Label
	if label == OutOfScope {
		label = string(Incident)
	}
	slip := b.slip(text, v)
	b.log(Event{Kind: "sort", By: b.by(), Text: text})
	b.inquire(Inquiry{Slip: slip, Text: text, Verdict: v})
	b.tell(Notice{Kind: NAsked, Sheet: "sort", Room: Front, Person: b.in.Actor.ID,
		Facts: b.fill(nil, Facts{Text: text, Slip: slip, Label: label, Why: v.Why, Items: []Item{
			{State: label, Command: fmt.Sprintf("/triage m%d %s", slip, label)},
			{State: "none", Command: fmt.Sprintf("/triage m%d none", slip)},
		}}, b.langOf(Front, ""))})
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
