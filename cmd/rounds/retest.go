package rounds

import (
	"context"
	"slices"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
)

// retest is a finding that is to be looked at again.
type retest struct {
	f      desk.Finding
	asked  time.Time // by a person, then; zero: by nobody
	solved time.Time // its case was solved then
	accept bool      // it is to become normal first
}

// retests lists the findings of a desk that are to be looked at again, and were not
// yet: people asked for it, their case counts as solved, or they were accepted as
// what is normal from now on.
func retests(d desk.Desk, s State, now time.Time) (out []retest) {
	for _, f := range d.Findings {
		if f.Source != desk.Probe || !f.Fixed.IsZero() {
			continue
		}
		a, tried := retest{f: f}, s.Tried[f.ID]
		if !f.Asked.IsZero() && !tried.Answered.Equal(f.Asked) {
			a.asked = f.Asked
		}
		for _, c := range d.Cases {
			if c.N == f.Case && c.Status == desk.Resolved && !now.Before(c.ResolvedAt.Add(settling)) && !tried.Solved.Equal(c.ResolvedAt) {
				a.solved = c.ResolvedAt
			}
		}
		a.accept = f.Change && f.Plan == desk.PlanAccept && !tried.Accepted.Equal(f.Until)
		if a.accept || !a.asked.IsZero() || !a.solved.IsZero() {
			out = append(out, a)
		}
	}
	return out
}

// urgent reports whether a retest is to be made now, rather than with the next look
// that comes by. What was asked for is tried once; if it could not be looked at, the
// next look that can answers. A knock or a forbidden path waits for the quiet window
// and needs the leave to scan, whoever asks (whitepaper §6.2); who asked is told when
// it will be.
func (o *one) urgent(a retest) bool {
	tried := o.state.Tried[a.f.ID]
	waits := !a.asked.IsZero() && !tried.Asked.Equal(a.asked)
	if !o.scans(a.f) {
		return waits || a.accept || !a.solved.IsZero()
	}
	_, may := mayScan(o.terms, o.now)
	return waits && (may || !tried.Said.Equal(a.asked))
}

// scans reports whether looking at a finding is a scan.
func (o *one) scans(f desk.Finding) bool {
	return slices.Contains(probe.Scans, o.state.Told[f.ID].Check)
}

// lookAgain makes one retest.
func (o *one) lookAgain(ctx context.Context, a retest) bool {
	s, id := o.state, a.f.ID
	var until time.Time // of the look; zero where nothing says so
	var may bool
	told, known := s.Told[id]
	job := probe.Job{Only: []string{told.Asset}, Checks: []probe.Check{told.Check}, Subject: told.Subject}
	switch {
	case !known: // what we know of it is lost; every gentle check of its asset may see it
		job = probe.Job{Only: []string{a.f.Asset}, Checks: probe.Gentle}
	case o.scans(a.f):
		if until, may = mayScan(o.terms, o.o.Now()); !may {
			s.owe(o.customer, o.o.Now(), desk.Looked{Source: desk.Probe, Retest: true, Findings: []desk.Found{unseen(desk.Found{
				Source: desk.Probe, ID: id, Layer: a.f.Layer, Asset: a.f.Asset, Title: a.f.Title, TitleEn: a.f.TitleEn, Severity: a.f.Severity}, o.whenAgain())}})
			s.said(a)
			return o.say(ctx)
		}
	}
	if a.accept {
		if err := o.o.Prober.Accept(ctx, o.customer, id); err != nil {
			o.log.Warn("rounds: what was accepted does not become normal", "customer", o.customer, "finding", id, "error", err)
		}
	}
	report, ok := o.report(ctx, job, until)
	if !ok {
		return false
	}
	answered := ""
	if !a.asked.IsZero() || o.answers(report, a) {
		if s.answer(o.customer, report, id, o.o.Now()) {
			answered = id
		}
	}
	s.tried(a, looked(report, a.f.ID))
	o.Count.Findings.Add(int64(s.book(o.customer, sight{report: report, checks: job.Checks, answered: answered, at: o.o.Now()})))
	return o.say(ctx)
}

// whenAgain says when a retest that is a scan will be made.
func (o *one) whenAgain() probe.Words {
	from, end, ok := nextQuiet(o.terms, o.o.Now())
	if !ok {
		return probe.Words{Zh: "复测需要扫描，但下一个扫描时段没有有效的授权；客户补充授权后，将在扫描时段内自动进行",
			En: "the retest is a scan, and no leave covers the next quiet window; once the customer has given leave it will be made in one"}
	}
	z := zone(o.terms)
	span := from.In(z).Format("2006-01-02 15:04") + "–" + end.In(z).Format("15:04") + " (" + z.String() + ")"
	return probe.Words{Zh: "复测需要扫描，将在扫描时段 " + span + " 内进行", En: "the retest is a scan and will be made in the quiet window " + span}
}

// answers reports whether a look says what became of a retest, and notes that.
func (o *one) answers(report probe.Report, a retest) bool {
	tried := o.state.Tried[a.f.ID]
	open := !a.asked.IsZero() && !tried.Answered.Equal(a.asked) || !a.solved.IsZero() && !tried.Solved.Equal(a.solved)
	if !open || !looked(report, a.f.ID) {
		return false
	}
	o.state.tried(a, true)
	return true
}

// looked reports whether a report has looked at a finding of earlier looks again.
func looked(report probe.Report, id string) bool {
	if slices.ContainsFunc(report.Fixed, func(f probe.Finding) bool { return f.ID == id }) {
		return true
	}
	return slices.ContainsFunc(report.Open(), func(f probe.Finding) bool { return f.ID == id && !f.Last.Before(report.From) })
}

// tried notes that a retest was tried, and whether the finding could be looked at.
func (s *State) tried(a retest, looked bool) {
	try := s.Tried[a.f.ID]
	if !a.asked.IsZero() {
		try.Asked = a.asked
		if looked {
			try.Answered = a.asked
		}
	}
	if !a.solved.IsZero() && looked {
		try.Solved = a.solved
	}
	if a.accept {
		try.Accepted = a.f.Until
	}
	if s.Tried == nil {
		s.Tried = map[string]Try{}
	}
	s.Tried[a.f.ID] = try
}

// said notes that whoever asked was told that the retest must wait.
func (s *State) said(a retest) {
	if s.Tried == nil {
		s.Tried = map[string]Try{}
	}
	try := s.Tried[a.f.ID]
	try.Said = a.asked
	s.Tried[a.f.ID] = try
}

// forget drops what is remembered of retests of findings that are no longer open.
func (s *State) forget(d desk.Desk) {
	for id := range s.Tried {
		if !slices.ContainsFunc(d.Findings, func(f desk.Finding) bool { return f.ID == id && f.Fixed.IsZero() }) {
			delete(s.Tried, id)
		}
	}
}
