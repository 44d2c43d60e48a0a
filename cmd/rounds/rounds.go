package rounds

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/integrations/probe"
)

// Limits of the rounds.
const (
	// Parallel is how many customers are looked at side by side, where Options does
	// not say. A daily look takes some seconds, nearly all of them waiting, so that
	// 10,000 customers who want their summary at the same time are looked at within the
	// 45 min that their looks are spread over.
	Parallel = 32
	// Patience is how long one look at one customer's assets may take.
	Patience = 15 * time.Minute
	// turn is how long a process that does not come back keeps a customer from the
	// others: longer than a round.
	turn = 2*Patience + time.Minute
	// reserve is the end of a turn in which nothing is begun any more, so that clocks
	// may differ and the last words still be written.
	reserve = time.Minute
	// again is when a round that failed, or is being made elsewhere, is thought of again.
	again = time.Minute
	// politely is the same where the customer's servers were spoken to already: what
	// fails on our side must not become a burden to them.
	politely = 10 * time.Minute
	// settling is how long after a case was solved its finding is looked at again: what
	// was changed may still be on its way to every server.
	settling = 2 * time.Minute
	// grace is how long a prober may take to notice that its time is over, before it is
	// left behind.
	grace = 2 * time.Second
	// lastWords is how long writing may take when the service is ending.
	lastWords = time.Second
	// spare are the places beyond Parallel for what people wait for.
	spare = 4
	// maxSoon bounds the moments that are asked for of one customer.
	maxSoon = 50
)

// Prober looks at assets (probe.Prober).
type Prober interface {
	Look(ctx context.Context, job probe.Job) probe.Report
	Accept(ctx context.Context, customer, findingID string) error
}

// Store is what the rounds need of the bot's store.
type Store interface {
	Memory
	Load(ctx context.Context, customer string) (bot.Loaded, error)
}

// Turner is a store on which several processes work: Turn gives a piece of work to
// one of them for a span.
type Turner interface {
	Turn(ctx context.Context, job string, span time.Duration) (mine bool, err error)
}

// Options of Rounds. Log and the last three may be left out.
type Options struct {
	Prober    Prober
	Store     Store // where it is a Turner too, several processes share the rounds
	Directory func() *bot.Directory
	Handle    func(ctx context.Context, customer string, in desk.Input) error
	Log       *slog.Logger
	Now       func() time.Time
	Parallel  int           // customers side by side; Parallel when 0
	Patience  time.Duration // of one look; Patience when 0
}

// Rounds makes the rounds of all customers. It is safe for concurrent use.
type Rounds struct {
	o      Options
	log    *slog.Logger
	mu     sync.Mutex
	by     map[string]*entry
	line   []string // customers for whom something may be due, in order
	busy   int      // rounds on their way
	poke   chan struct{}
	idle   *sync.Cond      // nothing waits and nobody is on their way
	held   map[string]held // customer → the turn that is ours
	soon   int             // what people asked for and was not seen to
	failed map[string]*failures

	Count Counters
}

// Counters are what the operator's metrics show. They name no customer.
type Counters struct {
	Looks    atomic.Int64 // looks that came to their end
	Failed   atomic.Int64 // looks, or what belongs to them, that did not
	Findings atomic.Int64 // findings that were new
	Told     atomic.Int64 // commits that came of it
	Skipped  atomic.Int64 // rounds left out: another process makes them, or the last look hangs
	Spent    atomic.Int64 // time spent looking, in ns, of all looks side by side
}

// entry is a customer on the agenda.
type entry struct {
	rev    string      // of the terms the last round was made under
	next   time.Time   // when something may be due; zero: not before something changes
	known  bool        // there was a round in this process, and it saw all that was to be seen
	moved  bool        // something changed since the round began
	lined  bool        // it stands in line
	first  bool        // somebody waits for it
	busy   bool        // a round is on its way
	stuck  bool        // a prober was left behind with it
	soon   []time.Time // when to see to what people asked for
	scoped string      // the assets that were covered
}

// New returns Rounds. It starts nothing.
func New(o Options) *Rounds {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Parallel == 0 {
		o.Parallel = Parallel
	}
	if o.Patience == 0 {
		o.Patience = Patience
	}
	r := &Rounds{o: o, log: o.Log, by: map[string]*entry{}, poke: make(chan struct{}, 1), held: map[string]held{}, failed: map[string]*failures{}}
	r.idle = sync.NewCond(&r.mu)
	return r
}

// Run makes the rounds that Beat finds due and those that people ask for, some
// customers side by side, until ctx ends. Then it waits for those on their way, who
// stop at once; one that does not is left behind after a moment.
func (r *Rounds) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	tick := time.NewTicker(time.Second) // for what was asked for a later moment
	defer tick.Stop()
	for {
		for customer := r.take(ctx); customer != ""; customer = r.take(ctx) {
			all.Go(func() { r.done(customer, r.guarded(ctx, customer)) })
		}
		select {
		case <-ctx.Done():
			return
		case <-r.poke:
		case <-tick.C:
		}
		r.remind()
	}
}

// Beat finds out for whom something may be due, and puts them in line. It costs no
// trip to the store: who is due is on an agenda in memory, and what is due the round
// itself finds out. It belongs to the metronome.
func (r *Rounds) Beat() {
	dir, now := r.o.Directory(), r.o.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range dir.Customers() {
		h, _ := dir.Home(id)
		e := r.entry(id)
		if !e.known || e.rev != h.Terms.Rev || !e.next.IsZero() && !now.Before(e.next) {
			r.enqueue(id, e, false)
		}
	}
}

// Watch sees what was committed, and has what people asked for looked at at once: a
// retest, a finding whose case was solved, a change that was accepted; and where cases
// decide what the contract covers, a case that names another asset. What it is to be
// the round reads from the desk; this is a hint, and returns at once.
func (r *Rounds) Watch(c bot.Committed) {
	now := r.o.Now()
	switch c.Input.Act.(type) {
	case desk.Retest, desk.Accept:
		r.ask(c.Customer, now)
	case desk.Resolve:
		r.ask(c.Customer, now.Add(settling))
	}
	h, ok := r.o.Directory().Home(c.Customer)
	if !ok || h.Terms.Edition.Inspection.Scope != "incident" || len(h.Terms.Inspect.Assets) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.entry(c.Customer); e.known && e.scoped != scoped(Scope(h.Terms, c.Change.Next, now)) {
		e.moved = e.busy // the next beat sees to it
		r.enqueue(c.Customer, e, true)
	}
}

// ask has a customer seen to at a moment.
func (r *Rounds) ask(customer string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entry(customer)
	if len(e.soon) >= maxSoon {
		return // a round is on its way, and the next one sees all
	}
	e.soon = append(e.soon, at)
	r.soon++
	r.wake()
}

// remind puts those in line for whom a moment that was asked for has come.
func (r *Rounds) remind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.soon == 0 {
		return
	}
	now := r.o.Now()
	for id, e := range r.by {
		if slices.ContainsFunc(e.soon, func(at time.Time) bool { return !now.Before(at) }) {
			r.enqueue(id, e, true)
		}
	}
}

func (r *Rounds) entry(customer string) *entry {
	e := r.by[customer]
	if e == nil {
		e = &entry{}
		r.by[customer] = e
	}
	return e
}

// enqueue puts a customer in line, once; in front where somebody waits for it.
func (r *Rounds) enqueue(customer string, e *entry, first bool) {
	switch {
	case e.lined && first && !e.first:
		r.line = slices.DeleteFunc(r.line, func(c string) bool { return c == customer })
	case e.lined, e.busy:
		return
	}
	e.lined, e.first = true, first
	if first {
		r.line = slices.Insert(r.line, 0, customer)
	} else {
		r.line = append(r.line, customer)
	}
	r.wake()
}

// wake has Run look at the line.
func (r *Rounds) wake() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

// take takes the next customer out of the line; "" when there is none, or no room to
// go.
func (r *Rounds) take(ctx context.Context) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.line) == 0 || ctx.Err() != nil {
		return ""
	}
	customer := r.line[0]
	e, now := r.by[customer], r.o.Now()
	room := r.o.Parallel
	if e.first {
		room += spare
	}
	if r.busy >= room {
		return ""
	}
	r.line = r.line[1:]
	e.lined, e.busy, e.moved = false, true, false
	r.soon -= len(e.soon)
	e.soon = slices.DeleteFunc(e.soon, func(at time.Time) bool { return !now.Before(at) })
	r.soon += len(e.soon)
	r.busy++
	return customer
}

// held is a turn that is ours.
type held struct {
	number int       // of the round before
	until  time.Time // when it is safe to say so no longer
}

// outcome is how a round ended.
type outcome struct {
	rev    string
	next   time.Time
	scoped string
}

// done notes how a round ended.
func (r *Rounds) done(customer string, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	e := r.by[customer]
	e.busy, e.known, e.rev, e.next, e.scoped = false, !e.moved, o.rev, o.next, o.scoped
	if r.busy == 0 && len(r.line) == 0 {
		r.idle.Broadcast()
	}
	r.wake()
}

// guarded makes a round; a mistake of ours in it is this customer's alone.
func (r *Rounds) guarded(ctx context.Context, customer string) (o outcome) {
	defer func() {
		if e := recover(); e != nil {
			r.Count.Failed.Add(1)
			r.log.Error("rounds: a round failed inside", "customer", customer, "error", fmt.Sprint(e), "stack", string(debug.Stack()))
			o = outcome{next: r.o.Now().Add(turn)} // not at once: it would fail again
		}
	}()
	return r.round(ctx, customer)
}
