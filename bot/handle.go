package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"butler/bot/desk"
)

// maxTries is how often a decision is made anew because the desk moved. With a
// lock per customer in each process, only another process moves it: one that
// never lets go is a fault, not a load.
const maxTries = 200

// Handle is the one door of a desk: load it with the time, decide, commit; on a
// conflict load and decide again. A broken rule parks the input and answers nil:
// the desk stays as it was, and the inside is told. Any other error means that
// nothing was written, or that the answer was lost; the caller may try again.
func (b *Bot) Handle(ctx context.Context, customer string, in desk.Input) error {
	_, err := b.handle(ctx, customer, masked(in))
	return err
}

// handle is Handle, and says whether anything was written.
func (b *Bot) handle(ctx context.Context, customer string, in desk.Input) (wrote bool, err error) {
	h, ok := b.Directory().Home(customer)
	if !ok {
		return false, fmt.Errorf("no customer is called %q", customer)
	}
	mu := b.lock(customer)
	mu.Lock()
	defer mu.Unlock()
	for try := 0; try < maxTries; try++ {
		l, guess, err := b.load(ctx, customer, try)
		if err != nil {
			return wrote, fmt.Errorf("loading the desk of %s: %w", customer, err)
		}
		d := l.Desk
		d.Customer = customer
		d.Terms = h.Terms
		step := in
		if in.Address != "" && slices.Contains(h.Terms.Unbound, in.Room) && d.Rooms[in.Room] != in.Address {
			if guess {
				b.cache.drop(customer)
				continue
			}
			b.settleRooms(customer, d.Rooms)
			return wrote, errMoved
		}
		renew := d.TermsRev != h.Terms.Rev
		if renew {
			// New terms come first, as an input of their own.
			step = desk.Input{At: l.Now, Actor: desk.Actor{Role: desk.System}, Act: desk.Contract{Terms: h.Terms}}
		}
		did, err := b.decide(ctx, l, d, step)
		wrote = wrote || did
		if guess && !did && err == nil {
			// Nothing to do, says a desk that may be old: ask the store.
			b.cache.drop(customer)
			continue
		}
		switch {
		case errors.Is(err, ErrConflict):
			b.Count.Conflicts.Add(1)
		case errors.Is(err, errParked):
			return wrote, nil // it is put aside, and those inside know
		case errors.Is(err, ErrSeen):
			b.Count.Seen.Add(1)
			return wrote, nil
		case err != nil:
			return wrote, fmt.Errorf("committing %s for %s: %w", desk.Name(step.Act), customer, err)
		case !renew:
			return wrote, nil
		}
	}
	return wrote, fmt.Errorf("the desk of %s moved %d times while %s was decided", customer, maxTries, desk.Name(in.Act))
}

// load returns a desk with the store's time: the one this process committed last,
// as a guess, on the first try; the one in the store otherwise.
func (b *Bot) load(ctx context.Context, customer string, try int) (l Loaded, guess bool, err error) {
	if r, ok := b.cache.get(customer); ok && try == 0 {
		if now, ok := b.o.Store.Clock(); ok {
			return Loaded{Desk: r.desk, Version: r.version, Now: now}, true, nil
		}
	}
	l, err = b.o.Store.Load(ctx, customer)
	return l, false, err
}

// decide makes one decision on a loaded desk and commits it. A change that does
// nothing is not written.
func (b *Bot) decide(ctx context.Context, l Loaded, d desk.Desk, in desk.Input) (wrote bool, err error) {
	if len(l.Desk.Customer) == 0 && l.Version == 0 {
		d.Schema = desk.Schema
	}
	ch, broken := b.guarded(d, in, l.Now)
	if broken != nil {
		if err := b.park(ctx, d, in, l.Now, broken); err != nil {
			return false, err
		}
		return false, errParked
	}
	_, contract := in.Act.(desk.Contract)
	if !contract && !desk.Moves(l.Desk, ch) {
		return false, nil
	}
	c := NewCommit(l.Version, b.id, in, ch, l.Now)
	moves := !maps.Equal(l.Desk.Rooms, c.Desk.Rooms)
	if moves {
		b.roomsMove(ctx, moving+c.Op)
	}
	err = b.o.Store.Commit(ctx, c)
	if moves { // whatever came of it: that the answer was lost does not undo it
		b.roomsMove(ctx, c.Op)
	}
	if err != nil {
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrSeen) {
			b.trouble.Store(&trouble{d.Customer, err.Error()})
		}
		if !errors.Is(err, ErrSeen) {
			b.cache.drop(d.Customer)
		}
		return false, err
	}
	b.cache.put(d.Customer, c.Desk, l.Version+1)
	b.trouble.Store(nil)
	b.Count.Committed.Add(1)
	b.consult(d.Customer, ch.Asks)
	if len(c.Desk.Rooms) > 0 {
		b.settleRooms(d.Customer, c.Desk.Rooms)
	}
	if moves {
		b.rouse(ctx, d.Customer)
	}
	b.log.Debug("committed", "customer", d.Customer, "version", l.Version+1, "input", desk.Name(in.Act), "id", in.ID,
		"events", len(ch.Events), "letters", len(c.Letters))
	if b.o.Watch != nil {
		b.o.Watch(Committed{Customer: d.Customer, Version: l.Version + 1, Input: in, Change: ch, Now: l.Now})
	}
	return true, nil
}

// NewCommit turns a change into the one atomic write it asks for. Its op names
// the input, the version and the process: a repeated write finds itself, and two
// processes that decide on the same input or wake make two different commits, of
// which one is refused.
func NewCommit(version int, process string, in desk.Input, ch desk.Change, now time.Time) Commit {
	next := ch.Next
	op := in.ID
	if op == "" {
		op = desk.Name(in.Act)
	}
	r := desk.Record{Op: fmt.Sprintf("%s@%d/%s", op, version, process), At: now, Act: desk.Name(in.Act), Events: ch.Events, Prev: next.Head}
	next.Head = desk.Hash(r.Encode())
	c := Commit{Customer: next.Customer, Version: version, Op: r.Op, Seen: in.ID, Desk: next, Touched: ch.Touched, Record: r, Wake: next.Wake()}
	for _, n := range ch.Notices {
		c.Letters = append(c.Letters, Letter{Customer: n.Customer, Lane: n.Lane(), ID: n.Key, Urgent: n.Urgent, Body: desk.EncodeNotice(n)})
	}
	return c
}

// errMoved: the room is no longer this customer's.
var errMoved = errors.New("the room was bound elsewhere")

// errParked: the input broke a rule and was put aside.
var errParked = errors.New("parked")

// broken is a rule that panicked.
type broken struct {
	why   string
	stack string
}

// guarded calls Decide and catches a broken rule.
func (b *Bot) guarded(d desk.Desk, in desk.Input, now time.Time) (ch desk.Change, bad *broken) {
	defer func() {
		if p := recover(); p != nil {
			bad = &broken{why: fmt.Sprint(p), stack: string(debug.Stack())}
		}
	}()
	return b.o.Decide(d, in, now), nil
}

// park puts an input that broke a rule aside and tells the inside. When the
// telling breaks too, the operator's log is all there is.
func (b *Bot) park(ctx context.Context, d desk.Desk, in desk.Input, now time.Time, bad *broken) error {
	name := desk.Name(in.Act)
	if _, woke := in.Act.(desk.Woke); woke {
		// A deadline that breaks a rule stays due: it is parked and told once.
		if old, ok := b.poisoned.Swap(d.Customer, in.At); ok && old.(time.Time).Equal(in.At) {
			return nil
		}
	}
	b.Count.Parked.Add(1)
	b.log.Error("a rule broke: the input is parked, the desk stays as it was", "customer", d.Customer, "input", name, "id", in.ID, "why", bad.why)
	err := b.o.Store.Park(ctx, ParkedInput{Customer: d.Customer, At: now, Act: name, Input: desk.EncodeInput(in), Why: bad.why, Stack: bad.stack})
	if err != nil {
		return fmt.Errorf("parking: %w", err)
	}
	if _, again := in.Act.(desk.Parked); again {
		return nil
	}
	tell := desk.Input{ID: "parked/" + in.ID, At: now, Actor: desk.Actor{Role: desk.System}, Act: desk.Parked{Input: name, Why: bad.why}}
	if in.ID == "" {
		tell.ID = fmt.Sprintf("parked/%s/%d", name, now.UnixMilli())
	}
	// A desk that breaks at every touch (a poisoned deadline) breaks here as
	// well: then the poison is left where it is, and the log is all there is.
	l, err := b.o.Store.Load(ctx, d.Customer)
	if err != nil {
		return err
	}
	fresh := l.Desk
	fresh.Customer, fresh.Terms = d.Customer, d.Terms
	ch, worse := b.guarded(fresh, tell, l.Now)
	if worse != nil {
		b.log.Error("the desk breaks at every touch", "customer", d.Customer, "why", worse.why)
		return nil
	}
	b.cache.drop(d.Customer)
	return b.o.Store.Commit(ctx, NewCommit(l.Version, b.id, tell, ch, l.Now))
}
