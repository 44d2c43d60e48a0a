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
	o := &one{Rounds: r, customer: customer, terms: h.Terms}
	later := func(assets []desk.Asset) outcome {
		if o.visited {
			return ended(r.o.Now().Add(politely), assets)
		}
		return ended(r.o.Now().Add(again), assets)
	}
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
	o.desk, o.assets, o.state, o.now = l.Desk, due.Assets, &s, now
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
	visited  bool // somebody's servers were spoken to
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
		o.Count.Findings.Add(int64(s.book(o.customer, sight{report: report, checks: l.Checks, whole: true, all: l.Daily || l.Scan, daily: l.Daily, desk: o.desk.Findings, at: o.o.Now()})))
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
	o.visited = true
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

// scoped is a list of assets as one text, to be compared.
func scoped(assets []desk.Asset) string {
	var names []string
	for _, a := range assets {
		names = append(names, a.Name)
	}
	return strings.Join(names, "\n")
}
