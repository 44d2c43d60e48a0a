package rounds

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
)

// round makes one customer's round: what is owed to the desk, what people asked for,
// what is due. The order of its writes is what nothing is lost by:
//
//  1. The prober looks, and remembers what is open and what is normal.
//  2. The state is written: what is open, and beside it, owed, the words for the desk
//     with their identity. A process that dies between 1 and 2 loses only the words;
//     the next look finds the desk's knowledge and the prober's apart (State.book).
//  3. The desk commits the words. Dying here, the next round says them again under the
//     same identity, and the desk takes them once.
//  4. The state is written again, with the words crossed out and the next number of
//     the round, which frees the customer for other processes.
//
// A quiet visit has no words: it is step 1 and step 4.
func (r *Rounds) round(ctx context.Context, customer string) outcome {
	h, ok := r.o.Directory().Home(customer)
	if !ok {
		return outcome{}
	}
	ended := func(next time.Time, assets []desk.Asset) outcome { return outcome{h.Terms.Rev, next, scoped(assets)} }
	later := func(assets []desk.Asset) outcome { return ended(r.o.Now().Add(again), assets) }
	s, err := r.recall(ctx, customer)
	if err != nil {
		r.fail(ctx, "recall", customer, err)
		return later(nil)
	}
	l, err := r.o.Store.Load(ctx, customer)
	if err != nil {
		r.fail(ctx, "load", customer, fmt.Errorf("loading the desk of %s: %w", customer, err))
		return later(nil)
	}
	now := l.Now // the store's, so that all processes plan alike
	due := Plan(h.Terms, l.Desk, s, now)
	o := &one{Rounds: r, customer: customer, terms: h.Terms, desk: l.Desk, assets: due.Assets, state: &s, now: now}
	pressing := retests(o.desk, s, now)
	if len(due.Looks)+len(s.Owed) == 0 && !due.Withdraw && !slices.ContainsFunc(pressing, o.urgent) {
		return ended(o.next(due.Next, pressing), due.Assets)
	}
	if r.isStuck(customer) {
		r.Count.Skipped.Add(1)
		return later(due.Assets)
	}
	until, mine, err := r.mine(ctx, customer, s.Round)
	if err != nil {
		r.fail(ctx, "turn", customer, err)
		return later(due.Assets)
	}
	if !mine {
		r.Count.Skipped.Add(1)
		return later(due.Assets) // somebody else is at it
	}
	within, cancel := context.WithDeadline(ctx, until) // no longer is the turn surely ours
	defer cancel()
	well := o.settle(within) && o.look(within, due, pressing)
	if within.Err() != nil {
		r.fail(ctx, "long", customer, fmt.Errorf("a round of %s took longer than %s and was broken off", customer, turn-reserve))
	}
	s.Round++
	if err := r.remember(within, customer, s); err != nil {
		r.fail(ctx, "remember", customer, err)
		return later(due.Assets)
	}
	if !well {
		return later(due.Assets)
	}
	return ended(o.next(due.Next, pressing), due.Assets)
}

// one is a round of one customer on its way.
type one struct {
	*Rounds
	customer string
	terms    *desk.Terms
	desk     desk.Desk
	assets   []desk.Asset
	state    *State
	now      time.Time
}

// next is when there may be something to do again: a retest that is a scan waits for
// the quiet window.
func (o *one) next(next time.Time, pressing []retest) time.Time {
	for _, a := range pressing {
		if a.asked.IsZero() || !o.scans(a.f) || o.state.Tried[a.f.ID].Asked.Equal(a.asked) {
			continue
		}
		if from, _, ok := nextQuiet(o.terms, o.now); ok && (next.IsZero() || from.Before(next)) {
			next = from
		}
	}
	return next
}

// look makes the looks of a round and tells the desk of them. False: something is
// still to be done.
func (o *one) look(ctx context.Context, due Due, pressing []retest) bool {
	s := o.state
	s.Known = slices.DeleteFunc(s.Known, func(k string) bool {
		return !slices.ContainsFunc(due.Assets, func(a desk.Asset) bool { return a.Name == k })
	})
	s.forget(o.desk)
	well := true
	for _, a := range pressing {
		if o.urgent(a) {
			well = o.lookAgain(ctx, a) && well
		}
	}
	if due.Withdraw {
		due.Looks = append(due.Looks, Look{Checks: slices.Concat(probe.Gentle, probe.Scans)})
	}
	for _, l := range due.Looks {
		if !l.Until.IsZero() && !o.o.Now().Before(l.Until) {
			continue
		}
		report, ok := o.report(ctx, probe.Job{Checks: l.Checks}, l.Until)
		if !ok {
			return false
		}
		for _, a := range pressing {
			if o.answers(report, a) {
				s.answer(o.customer, report, a.f.ID, o.o.Now())
			}
		}
		o.Count.Findings.Add(int64(s.book(o.customer, sight{report: report, checks: l.Checks, whole: true, daily: l.Daily, desk: o.desk.Findings, at: o.o.Now()})))
		switch {
		case l.Scan:
			s.Scan = o.now
		case l.Daily:
			s.Daily, s.Visit, s.Known = o.now, o.now, nil
			for _, a := range due.Assets {
				s.Known = append(s.Known, a.Name)
			}
		case !due.Withdraw:
			s.Visit = o.now
		}
		well = o.say(ctx) && well
	}
	return well
}

// say writes down what is owed, and tells the desk.
func (o *one) say(ctx context.Context) bool {
	if len(o.state.Owed) == 0 {
		return true
	}
	if err := o.remember(ctx, o.customer, *o.state); err != nil {
		o.fail(ctx, "remember", o.customer, err)
		return false
	}
	return o.settle(ctx)
}

// settle tells the desk what it is owed. False: it could not be told all of it.
func (o *one) settle(ctx context.Context) bool {
	for len(o.state.Owed) > 0 {
		owed := o.state.Owed[0]
		in := desk.Input{ID: owed.ID, At: owed.At, Actor: desk.Actor{Role: desk.System}, Act: owed.Looked}
		if err := o.o.Handle(ctx, o.customer, in); err != nil {
			o.fail(ctx, "tell", o.customer, fmt.Errorf("telling the desk of %s what was seen: %w", o.customer, err))
			return false
		}
		o.Count.Told.Add(1)
		o.state.Owed = o.state.Owed[1:]
	}
	return true
}

// report makes one look within its time. False: there is nothing to go by, because
// the service is ending, the prober hangs, or its memory failed.
func (o *one) report(ctx context.Context, job probe.Job, until time.Time) (probe.Report, bool) {
	patience := o.o.Patience
	if !until.IsZero() {
		patience = min(patience, until.Sub(o.o.Now()))
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	private := map[string]bool{}
	job.Customer = o.customer
	for _, a := range o.assets {
		job.Assets = append(job.Assets, a.Name)
		private[a.Name] = a.Private
	}
	job.AllowPrivate = func(asset string) bool { return private[asset] }
	began := time.Now()
	report, ok := o.await(within, job)
	o.Count.Spent.Add(int64(time.Since(began)))
	switch {
	case ctx.Err() != nil:
		return report, false
	case !ok:
		o.fail(ctx, "look", o.customer, fmt.Errorf("a look at the assets of %s came to no end", o.customer))
		return report, false
	case report.Alone():
		o.fail(ctx, "memory", o.customer, fmt.Errorf("a look at the assets of %s could not be compared with the one before", o.customer))
		return report, false
	}
	o.Count.Looks.Add(1)
	return report, true
}

// await waits for the prober to come back; one that does not when its time is over is
// left behind, and its customer is not looked at until it does.
func (o *one) await(ctx context.Context, job probe.Job) (probe.Report, bool) {
	type result struct {
		report probe.Report
		ok     bool
	}
	done := make(chan result, 1)
	o.setStuck(o.customer, true)
	go func() {
		var out result
		defer func() {
			if e := recover(); e != nil {
				o.log.Error("rounds: a look failed inside", "customer", o.customer, "error", fmt.Sprint(e), "stack", string(debug.Stack()))
			}
			o.setStuck(o.customer, false)
			done <- out
		}()
		out = result{o.o.Prober.Look(ctx, job), true}
	}()
	select {
	case out := <-done:
		return out.report, out.ok
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case out := <-done:
		return out.report, out.ok
	case <-late.C:
		return probe.Report{}, false
	}
}

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
		return probe.Words{Zh: "复测需要扫描，而目前没有覆盖下一个扫描时段的授权或时段；请客户补充授权后会自动进行",
			En: "the retest is a scan, and there is no leave or no quiet window for the next one; it will be made once the customer has given leave"}
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

// mine reports whether the round after a number is ours to make: of several processes
// one takes the turn, and keeps it until the next number is written. Until is when
// the round must be over, for soon after another process may take the turn.
func (r *Rounds) mine(ctx context.Context, customer string, number int) (until time.Time, mine bool, err error) {
	now := time.Now() // turns end by the clock of the world
	until = now.Add(turn - reserve)
	shared, ok := r.o.Store.(Turner)
	if !ok {
		return until, true, nil
	}
	r.mu.Lock()
	h := r.held[customer]
	r.mu.Unlock()
	if h.number == number && now.Before(h.until) {
		return h.until, true, nil // the last write failed, and the turn is still ours
	}
	mine, err = shared.Turn(ctx, fmt.Sprintf("round:%s:%d", customer, number), turn)
	if err != nil {
		return until, false, fmt.Errorf("asking whose round of %s it is: %w", customer, err)
	}
	if mine {
		r.mu.Lock()
		r.held[customer] = held{number, until}
		r.mu.Unlock()
	}
	return until, mine, nil
}

func (r *Rounds) isStuck(customer string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry(customer).stuck
}

func (r *Rounds) setStuck(customer string, stuck bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entry(customer).stuck = stuck
}

// fail says that a round failed, unless the service is ending. A store that is down
// fails for all customers at once: of each class of failures one line a minute is
// written, which counts the others.
func (r *Rounds) fail(ctx context.Context, class, customer string, err error) {
	if ctx.Err() != nil {
		return
	}
	r.Count.Failed.Add(1)
	r.mu.Lock()
	c := r.failed[class]
	if c == nil {
		c = &failures{}
		r.failed[class] = c
	}
	now, more := time.Now(), c.more
	if !c.said.IsZero() && now.Sub(c.said) < time.Minute {
		c.more++
		r.mu.Unlock()
		return
	}
	c.said, c.more = now, 0
	r.mu.Unlock()
	r.log.Error("rounds: not all could be looked at or told", "what", class, "customer", customer, "error", err, "more since the last line", more)
}

// failures of one class.
type failures struct {
	said time.Time
	more int // of which no line was written
}

// scoped is a list of assets as one text, to be compared.
func scoped(assets []desk.Asset) string {
	var names []string
	for _, a := range assets {
		names = append(names, a.Name)
	}
	return strings.Join(names, "\n")
}
