package desk

import (
	"slices"
	"time"

	"butler/sla"
)

// maxAccept is for how many days from today a risk may be accepted at most: a year, so
// that somebody thinks of it again.
const maxAccept = 366

// accept takes the risk of a finding until the end of a day. It is the customer's
// to take: one of the contacts who are authorised, or a manager for them.
func (b *book) accept(a Accept) {
	i := b.pickFinding(a.Finding)
	if i < 0 {
		return
	}
	day := time.Date(a.Until.Year(), a.Until.Month(), a.Until.Day(), 0, 0, 0, 0, b.zone())
	if a.Days > 0 {
		day = b.now.In(b.zone()).AddDate(0, 0, a.Days)
	}
	until := sla.DayStart(day, 1)
	reason := b.cut(a.Reason)
	switch {
	case !b.mayAccept():
		b.refuse(WhyNotAuthorised, 0)
		return
	case reason == "":
		b.refuse(WhyMissingReason, 0)
		return
	case !until.After(b.now) || until.After(sla.DayStart(b.now.In(b.zone()), maxAccept+1)):
		b.refuse(WhyBadDay, 0)
		return
	}
	f := b.editFinding(i)
	f.Plan, f.By, f.Owner, f.Until, f.Reason = PlanAccept, b.whoIsIt(), Who{}, until.UTC(), reason
	b.log(Event{Kind: "accepted", Case: f.Case, By: b.by(), Text: f.line() + "：" + reason})
	b.decided(f)
}

// mayAccept: contacts who are authorised, or any of the customer's people where
// nobody is; managers for them.
func (b *book) mayAccept() bool {
	a := b.in.Actor
	if a.Role != CustomerSide {
		return a.Role == Manager || a.Role == Admin || a.ID == b.terms().TAM && a.ID != ""
	}
	return a.Authorised || !slices.ContainsFunc(b.terms().Contacts, func(c Contact) bool { return c.Authorised })
}

// fix says that a finding will be fixed, and by whom.
func (b *book) fix(a Fix) {
	i := b.pickFinding(a.Finding)
	if i < 0 {
		return
	}
	f := b.editFinding(i)
	owner := b.whoIsIt()
	if a.By != "" {
		owner = Who{ID: a.By, Name: b.terms().Called(a.By)}
	}
	if f.Plan == PlanFix && f.Owner == owner {
		b.refuse(WhyDone, 0)
		return
	}
	f.Plan, f.By, f.Owner, f.Until, f.Reason = PlanFix, b.whoIsIt(), owner, time.Time{}, ""
	b.log(Event{Kind: "to-fix", Case: f.Case, By: b.by(), Text: f.line() + " → " + owner.Name})
	b.decided(f)
}

func (b *book) whoIsIt() Who { return Who{ID: b.in.Actor.ID, Name: b.by()} }

// decided tells both sides what was decided about a finding.
func (b *book) decided(f *Finding) {
	item := func(lang string) Facts {
		return Facts{Label: f.Label(), Line: f.In(lang), Text: f.Asset, Why: string(f.Plan), Expert: f.Owner.Name, Summary: f.Reason, To: f.Until}
	}
	b.front(NDecided, nil, item(b.langOf(Front, "")))
	b.back(NDecided, nil, "", item(b.langOf(Back, "")), Inside{})
}

// retest asks our own probes to look at a finding again. What comes of it arrives
// as Looked.
func (b *book) retest(a Retest) {
	i := b.pickFinding(a.Finding)
	if i < 0 {
		return
	}
	if b.d.Findings[i].Source != Probe {
		b.refuse(WhyNotOurs, 0)
		return
	}
	if b.terms().Inspect.Every == 0 {
		b.refuse(WhyNoProbes, 0)
		return
	}
	f := b.editFinding(i)
	f.Asked = b.at
	b.logBy("retest-asked", f.Case, f.line())
	b.answer(NAnswer, "retest", 0, Facts{Label: f.Label(), Line: f.In(b.langOf(Front, "")), Text: f.Asset}, Inside{})
}

// endAccepted ends an accepted risk whose day has come: the next summary asks for
// a decision again.
func (b *book) endAccepted(i int) {
	f := b.editFinding(i)
	f.Plan, f.Until = "", time.Time{}
	b.log(Event{At: b.now, Kind: "acceptance-ended", Case: f.Case, Text: f.line()})
}

// acceptances lists when accepted risks end.
func (d *Desk) acceptances() []Deadline {
	var out []Deadline
	for i, f := range d.Findings {
		if f.Plan == PlanAccept && f.open() {
			out = append(out, Deadline{At: f.Until, What: DueAccepted, Rung: i})
		}
	}
	return out
}

// pickFinding is the place of the open finding of a number; the only open one
// without a number. -1 when none fits, and that was said.
func (b *book) pickFinding(n int) int {
	var open []int
	for i, f := range b.d.Findings {
		switch {
		case f.N == n && !f.open():
			b.refuse(WhyFixed, 0)
			return -1
		case f.N == n:
			return i
		case f.open():
			open = append(open, i)
		}
	}
	if n == 0 && len(open) == 1 {
		return open[0]
	}
	if n == 0 && len(open) > 1 {
		b.refuse(WhyMissingFinding, 0)
		return -1
	}
	b.refuse(WhyUnknownFinding, 0)
	return -1
}

// editFinding returns a finding for writing.
func (b *book) editFinding(i int) *Finding {
	b.d.Findings = slices.Clone(b.d.Findings)
	return &b.d.Findings[i]
}

// listFindings shows the findings that are open and those fixed lately, or one of
// them; the evidence to staff alone.
func (b *book) listFindings(a Query) {
	lang := b.langOf(b.in.Room, b.in.Actor.ID)
	if a.Finding == 0 {
		var open, fixed []Item
		for _, f := range worstFirst(slices.Clone(b.d.Findings)) {
			it := b.findingItem(f, lang)
			switch {
			case f.open():
				open = append(open, it)
			case !f.Left && b.now.Sub(f.Fixed) < archiveAfter:
				fixed = append(fixed, it)
			}
		}
		b.answer(NAnswer, "findings", 0, Facts{Items: open[:min(len(open), 3*most)], Told: fixed[:min(len(fixed), most)], Adds: len(open)}, Inside{})
		return
	}
	i := slices.IndexFunc(b.d.Findings, func(f Finding) bool { return f.N == a.Finding })
	if i < 0 {
		b.refuse(WhyUnknownFinding, 0)
		return
	}
	f := b.d.Findings[i]
	evidence := Internal(f.evidence(lang))
	if !f.open() {
		evidence = Internal(f.Proof)
	}
	b.answer(NAnswer, "finding", f.Case, Facts{Label: f.Label(), Line: f.In(lang), Text: f.Asset, Items: []Item{b.findingItem(f, lang)},
		From: f.First, To: f.Last, Expert: f.Owner.Name, Why: string(f.Plan), Summary: f.Reason, Other: f.Case, Adds: days(f.First, b.now)},
		Inside{Note: evidence, Owner: f.Source})
}

// findingItem is a finding on one line: Kind its severity, State its plan, Who
// has it, Of its age in days, At the end of an accepted risk or when it was fixed.
func (b *book) findingItem(f Finding, lang string) Item {
	it := Item{N: f.N, Label: f.Label(), Value: f.In(lang) + " · " + f.Asset, Kind: string(f.Severity), State: string(f.Plan), Who: f.Owner.Name, Of: days(f.First, b.now), Done: !f.open()}
	if f.Plan == "" {
		it.State = "undecided"
	}
	switch {
	case f.Left:
		it.At, it.State = f.Fixed, "left"
	case !f.open():
		it.At, it.State = f.Fixed, "fixed"
	case f.Plan == PlanAccept:
		it.At, it.Who = f.Until, f.By.Name
	case f.Plan == "" && f.Case != 0:
		it.State, it.Who = "case", hash(b.refFor(f.Case))
	case f.Stale:
		it.State = "stale"
	}
	return it
}
