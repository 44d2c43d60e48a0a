package desk

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// found keeps what a source sent.
func (b *book) found(a Found) { b.keep(a, false) }

// looked keeps what our own probes saw.
func (b *book) looked(a Looked) {
	for _, f := range a.Findings {
		f.Source = a.Source
		b.keep(f, a.Retest)
	}
	for _, id := range a.Left {
		if i := b.findingOf(a.Source, id); i >= 0 && b.d.Findings[i].Fixed.IsZero() {
			b.leave(i)
		}
	}
	in := &b.d.Inspection
	in.Tries += a.Tries
	in.Good += a.Good
	if len(a.Layers) > 0 {
		in.Looks = maps.Clone(in.Looks)
		if in.Looks == nil {
			in.Looks = map[Layer]LayerLook{}
		}
		for _, l := range a.Layers {
			in.Looks[l.Layer] = l
		}
	}
	b.heard(Heard{Source: a.Source})
}

// keep remembers one finding. A retest that could not look changes nothing: whoever
// asked is told why, and goes on waiting. One of high severity does not wait for the morning: it
// opens a case with its own clock, where the edition covers that. One that is
// fixed is closed with its proof.
func (b *book) keep(a Found, retest bool) {
	i := b.findingOf(a.Source, a.ID)
	if retest && a.Stale && !a.Fixed {
		if i >= 0 && !b.d.Findings[i].Asked.IsZero() {
			why := a.Detail
			if b.langOf(Back, "") == "en" && a.DetailEn != "" {
				why = a.DetailEn
			}
			b.retested(&b.d.Findings[i], "retest-waits", Internal(b.cut(why)))
		}
		return
	}
	if i < 0 {
		if a.Fixed {
			b.gone(a) // never heard of, and already gone
			return
		}
		if b.wasGone(a) {
			return // seen before it was fixed, and held up on its way
		}
		if i = b.newFinding(a); i < 0 {
			return
		}
	}
	if f := b.d.Findings[i]; !a.Fixed && !f.open() && !a.SeenAt.IsZero() && a.SeenAt.Before(f.Gone) {
		return // seen before it was fixed, and held up on its way
	}
	b.d.Findings = slices.Clone(b.d.Findings)
	f := &b.d.Findings[i]
	was := *f
	if a.Fixed {
		if was.Fixed.IsZero() {
			b.fixed(i, a)
		}
		return
	}
	again := !was.Fixed.IsZero()
	f.Layer, f.Asset, f.Title, f.Severity, f.Last = a.Layer, oneLine(a.Asset), oneLine(a.Title), a.Severity, b.at
	f.Detail, f.TitleEn, f.DetailEn = b.cut(a.Detail), oneLine(a.TitleEn), b.cut(a.DetailEn)
	f.Matter, f.Category, f.Change, f.Stale = a.Matter, a.Category, a.Change, a.Stale
	worse := weight(f.Severity) > weight(was.Severity) && was.Title != ""
	if again || worse {
		// Whatever was decided was about something else.
		f.First, f.Fixed, f.Proof, f.Plan, f.Until, f.Reason = orTime(!again, was.First, b.at), time.Time{}, "", "", time.Time{}, ""
		f.Left, f.Gone = false, time.Time{}
	}
	if was.Title == "" || again || was.Severity != f.Severity || was.Title != f.Title || was.Asset != f.Asset {
		b.log(Event{Kind: "finding", Case: f.Case, Text: f.line()})
	}
	asked := !was.Asked.IsZero()
	if retest {
		f.Asked = time.Time{}
	}
	c := b.find(f.Case)
	worked := c != nil && c.active()
	switch {
	case again && !was.Left && worked: // they were told that it is gone
		b.retested(f, "back-again", Internal(f.evidence(b.langOf(Back, ""))))
	case f.Plan == PlanAccept && retest && asked:
		b.retested(f, "retest-failed", Internal(f.evidence(b.langOf(Back, ""))))
	case f.Plan == PlanAccept:
	case !worked && f.Severity == High && (was.Severity != High || again || was.Title == ""):
		b.openFound(i)
	case retest && b.solvedToo(f):
		b.notSolved(f)
	case retest && asked:
		b.retested(f, "retest-failed", Internal(f.evidence(b.langOf(Back, ""))))
	}
}

// gone remembers when a source saw fixed what the desk does not know. Of a time in
// the future nothing is remembered: it would hide what is seen until then.
func (b *book) gone(a Found) {
	in := &b.d.Inspection
	if a.Source == Probe || a.SeenAt.IsZero() || a.SeenAt.After(b.now) || b.wasGone(a) {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(in.Gone), func(g Gone) bool { return g.Source == a.Source && g.ID == a.ID })
	rest = append(rest, Gone{Source: a.Source, ID: a.ID, At: a.SeenAt})
	in.Gone = rest[max(0, len(rest)-MaxGone):]
}

// wasGone reports whether its source saw it fixed after this.
func (b *book) wasGone(a Found) bool {
	return !a.SeenAt.IsZero() && slices.ContainsFunc(b.d.Inspection.Gone, func(g Gone) bool {
		return g.Source == a.Source && g.ID == a.ID && a.SeenAt.Before(g.At)
	})
}

func orTime(first bool, a, b time.Time) time.Time {
	if first {
		return a
	}
	return b
}

// findingOf is the place of a source's finding; -1 when it is not known.
func (b *book) findingOf(source, id string) int {
	return slices.IndexFunc(b.d.Findings, func(f Finding) bool { return f.Source == source && f.ID == id })
}

// newFinding makes room for one more; -1 when there is none.
func (b *book) newFinding(a Found) int {
	if len(b.d.Findings) >= MaxFinding && !b.forgetFinding() {
		b.log(Event{Kind: "finding-dropped", Inside: Internal(a.Source + " " + a.ID)})
		return -1
	}
	b.d.Inspection.NextFinding = max(b.d.Inspection.NextFinding, b.lastFinding()) + 1
	b.d.Findings = append(slices.Clone(b.d.Findings), Finding{N: b.d.Inspection.NextFinding, Source: a.Source, ID: a.ID, First: b.at})
	return len(b.d.Findings) - 1
}

func (b *book) lastFinding() (n int) {
	for _, f := range b.d.Findings {
		n = max(n, f.N)
	}
	return n
}

// line is a finding on the timeline.
func (f Finding) line() string { return fmt.Sprintf("%s %s", f.Label(), f.Title) }

// Label is how people write a finding: F12.
func (f Finding) Label() string { return fmt.Sprintf("F%d", f.N) }

// In is a finding's title in a language.
func (f Finding) In(lang string) string {
	if lang == "en" && f.TitleEn != "" {
		return f.TitleEn
	}
	return f.Title
}

// evidence is what the source saw, in a language.
func (f Finding) evidence(lang string) string {
	if lang == "en" && f.DetailEn != "" {
		return f.DetailEn
	}
	return f.Detail
}

// open reports whether a finding is not fixed.
func (f Finding) open() bool { return f.Fixed.IsZero() }

// fixed closes a finding with its proof. Our own probes have looked again (复测);
// another source says so. Whoever works on its case hears of it.
func (b *book) fixed(i int, a Found) {
	f := &b.d.Findings[i]
	asked := !f.Asked.IsZero()
	f.Fixed, f.Last, f.Asked, f.Stale = b.at, b.at, time.Time{}, false
	if a.Source != Probe && !a.SeenAt.After(b.now) {
		f.Gone = a.SeenAt
	}
	f.Proof, f.DetailEn = b.cut(a.Detail), ""
	proof := f.Proof
	if b.langOf(Back, "") == "en" && a.DetailEn != "" {
		proof = a.DetailEn
		f.Proof = b.cut(proof)
	}
	b.log(Event{Kind: "finding-fixed", Case: f.Case, Text: f.line(), Inside: Internal(proof)})
	c := b.find(f.Case)
	if c != nil && c.active() && f.Source == Probe {
		c = b.edit(c.N)
		if c.Kind == Vulnerability && !slices.ContainsFunc(c.Stages, func(s StageMark) bool { return s.Stage == "retest" }) {
			c.Stages = append(c.Stages, StageMark{Stage: "retest", At: b.at})
			b.log(Event{Kind: "stage", Case: c.N, Text: "retest"})
			b.board(c, NUpdated)
		}
	}
	if asked || c != nil && c.active() || f.Case == 0 && f.Severity == High && b.alone(1) {
		why := "source-fixed"
		if f.Source == Probe {
			why = "retest-passed"
		}
		b.retested(f, why, Internal(proof))
	}
}

// retested tells the experts what came of a look at a finding that somebody works
// on or asked about.
func (b *book) retested(f *Finding, why string, evidence Internal) {
	b.log(Event{Kind: string(NRetested), Case: f.Case, Text: f.line(), Inside: evidence})
	c := b.find(f.Case)
	mention := ""
	if c != nil {
		mention = c.Assignee
	}
	lang := b.langOf(Back, "")
	b.back(NRetested, c, mention, Facts{Label: f.Label(), Line: f.In(lang), Text: f.Asset, Why: why}, Inside{Note: evidence})
}

// solvedToo reports whether a finding's case counts as solved since before this look.
func (b *book) solvedToo(f *Finding) bool {
	c := b.find(f.Case)
	return c != nil && c.Status == Resolved && c.ResolvedAt.Before(b.at)
}

// notSolved reopens the case of a finding that our probes still see after it was
// said to be solved.
func (b *book) notSolved(f *Finding) {
	c := b.edit(f.Case)
	b.log(Event{Kind: string(NRetested), Case: c.N, Text: f.line(), Inside: Internal(f.Detail)})
	b.takeBackFor(c, f.In(b.langOf(Front, "")), "retest-failed")
}

// leave forgets that a finding is open: nobody names its asset any more. Whoever
// waits for a second look at it hears that there will be none.
func (b *book) leave(i int) {
	b.d.Findings = slices.Clone(b.d.Findings)
	f := &b.d.Findings[i]
	asked := !f.Asked.IsZero()
	f.Fixed, f.Asked, f.Left = b.at, time.Time{}, true
	b.log(Event{Kind: "finding-left", Case: f.Case, Text: f.line()})
	if asked {
		b.retested(f, "asset-left", "")
	}
}

// openFound opens a case for a finding that cannot wait for the morning, unless
// its case is on the desk already, or so many came at once that cases would bury
// people: then the manager is told once and the inspection lists them. Of one that
// is no matter for a case, or none of the edition's, the experts hear at once.
func (b *book) openFound(i int) {
	f := b.d.Findings[i]
	if c := b.find(f.Case); c != nil && c.active() {
		return
	}
	kind := Vulnerability
	if f.Matter == Incident {
		kind = Incident
	}
	v := Verdict{Label: string(kind), Severity: High, Urgent: kind == Incident, Category: f.Category, Assets: []string{f.Asset}}
	row := b.row(kind, v, b.terms().Edition.ID)
	if !row.Included || f.Matter == MatterNone {
		if !b.alone(0) {
			b.flooded(f)
			return
		}
		b.back(NFound, nil, "", Facts{Label: f.Label(), Line: f.In(b.langOf(Back, "")), Text: f.Asset}, Inside{Note: Internal(f.evidence(b.langOf(Back, "")))})
		return
	}
	open := 0
	for _, c := range b.d.Cases {
		if c.Finding != "" && c.active() {
			open++
		}
	}
	if open >= MaxFound {
		b.flooded(f)
		return
	}
	n := b.open(kind, v, row, f.In(b.langOf(Front, ""))+" ("+f.Asset+")")
	c := b.edit(n)
	c.Finding, c.Reporter = f.ID, Who{} // the name of a source is ours, and the experts see it beside the evidence
	b.d.Findings[i].Case = n
	for k, e := range b.events {
		if e.Kind == "finding" && e.Case == 0 && e.Text == f.line() {
			b.events[k].Case = n // its line was written before there was a case
		}
	}
}

// flooded tells the manager, once, that findings wait for the summary.
func (b *book) flooded(f Finding) {
	if m := b.manager(nil); m != "" && !b.d.Inspection.Flooded {
		b.direct(NWarned, nil, m, Facts{Why: "too-many-findings", Label: "findings"}, Inside{})
	}
	b.d.Inspection.Flooded = true
	b.log(Event{Kind: "finding-waits", Inside: Internal(f.Label())})
}

// alone counts a finding without a case of which the experts are to be told (0), or
// of whose end (1), and reports whether they can be: a storm of them waits for the
// summary.
func (b *book) alone(end int) bool {
	in := &b.d.Inspection
	if b.now.Sub(in.AloneFrom) >= 24*time.Hour {
		in.Alone, in.AloneFrom = [2]int{}, b.now
	}
	if in.Alone[end] >= MaxAlone {
		return false
	}
	in.Alone[end]++
	return true
}

// forgetFinding makes room by forgetting the finding that was fixed longest ago.
func (b *book) forgetFinding() bool {
	oldest := -1
	for i, f := range b.d.Findings {
		if !f.open() && (oldest < 0 || f.Fixed.Before(b.d.Findings[oldest].Fixed)) {
			oldest = i
		}
	}
	if oldest < 0 {
		return false
	}
	b.d.Findings = slices.Delete(slices.Clone(b.d.Findings), oldest, oldest+1)
	return true
}
