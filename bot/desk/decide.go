package desk

import (
	"fmt"
	"time"
)

// Decide says what one input does to a desk at now. It settles what fell due
// before the knock, applies the input, and settles again, so that after it the
// desk's Wake is zero or later than now. It never fails: a refusal is an answer
// to the asker. A broken rule panics, and the caller parks the input.
//
// Time never runs backwards: now earlier than the desk's last decision counts
// as that. An input whose own time lies in the future counts as now.
func Decide(d Desk, in Input, now time.Time) Change {
	b := openBook(d, in, now)
	if c, ok := in.Act.(Contract); ok && b.d.Terms == nil {
		b.d.Terms = c.Terms // the very first input of a desk brings its terms
	}
	if b.d.Terms == nil {
		panic(fmt.Sprintf("desk %s has no terms", d.Customer))
	}
	b.settle()
	b.apply()
	b.warnOfLeaks()
	b.settle()
	return b.close()
}

// apply hands the input to the file of its name.
func (b *book) apply() {
	in := b.in
	if why := b.mayNot(); why != "" {
		b.refuse(why, caseOf(in.Act))
		return
	}
	switch a := in.Act.(type) {
	case Said:
		b.said(a)
	case Edited:
		b.edited(a)
	case Deleted:
		b.deleted(a)
	case Report:
		b.report(a)
	case Claim:
		b.claim(a)
	case Unclaim:
		b.unclaim(a)
	case Assign:
		b.assign(a)
	case Reply:
		b.reply(a)
	case Note:
		b.note(a)
	case Raise:
		b.raise(a)
	case Lower:
		b.lower(a)
	case SetSeverity:
		b.severity(a)
	case SetCategory:
		b.category(a)
	case Ask:
		b.ask(a)
	case Resume:
		b.resume(a)
	case Stage:
		b.stage(a)
	case Resolve:
		b.resolve(a)
	case Confirm:
		b.confirm(a)
	case Reopen:
		b.reopen(a)
	case Merge:
		b.merge(a)
	case Link:
		b.link(a)
	case Close:
		b.closeCase(a)
	case Recur:
		b.recur(a)
	case Fine:
		b.fine(a)
	case Assist:
		b.assist(a)
	case Sort:
		b.sort(a)
	case Onboard:
		b.onboard(a)
	case Bind:
		b.bind(a)
	case Founded:
		b.founded(a)
	case NoRoom:
		b.noRoom()
	case Recall:
		b.recall(a)
	case Missed:
		b.missed()
	case InspectNow:
		b.inspectNow(a)
	case Query:
		b.query(a)
	case Misread:
		b.misread(a)
	case Found:
		b.found(a)
	case Looked:
		b.looked(a)
	case Heard:
		b.heard(a)
	case Accept:
		b.accept(a)
	case Fix:
		b.fix(a)
	case Retest:
		b.retest(a)
	case Advised:
		b.advised(a)
	case ReadBy:
		b.readBy(a)
	case Told:
		b.told(a)
	case Untold:
		b.untold(a)
	case Gap:
		b.gap(a)
	case Contract:
		b.contract(a)
	case Parked:
		b.parked(a)
	case Woke:
		// What fell due was settled before the knock.
	default:
		panic(fmt.Sprintf("no rule for the input %T", in.Act))
	}
}

// mayNot returns the reason why the actor may not do this here; "" when they may.
// Plain words and acts of the world need no permission.
func (b *book) mayNot() string {
	name := Name(b.in.Act)
	if q, ok := b.in.Act.(Query); ok {
		name = q.What
	}
	if _, listed := rules[name]; !listed {
		return ""
	}
	return May(b.in.Actor, b.in.Room, name)
}

// caseOf returns the number that was typed, for a refusal.
func caseOf(a Act) int {
	switch a := a.(type) {
	case Claim:
		return a.Case
	case Unclaim:
		return a.Case
	case Assign:
		return a.Case
	case Reply:
		return a.Case
	case Note:
		return a.Case
	case Raise:
		return a.Case
	case Lower:
		return a.Case
	case SetSeverity:
		return a.Case
	case SetCategory:
		return a.Case
	case Ask:
		return a.Case
	case Resume:
		return a.Case
	case Stage:
		return a.Case
	case Resolve:
		return a.Case
	case Confirm:
		return a.Case
	case Reopen:
		return a.Case
	case Merge:
		return a.Case
	case Link:
		return a.Case
	case Close:
		return a.Case
	case Recur:
		return a.Case
	case Fine:
		return a.Case
	case Assist:
		return a.Case
	case Sort:
		return a.Case
	case Recall:
		return a.Case
	case Query:
		return a.Case
	case Misread:
		return a.Case
	}
	return 0
}
