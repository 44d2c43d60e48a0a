package bottest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/sla"
)

// Watcher holds the invariants of the design, each checked against what the
// platforms received and what the journal says, not against the rules' own
// book-keeping.
type Watcher struct {
	w        *World
	told     int // tellings looked at
	pings    map[string]time.Time
	refusals map[string]int // customer → refused notices decided
	keep     map[string][]string
	downTill time.Time
	commits  map[string]int
	broken   error
}

// NewWatcher returns a watcher that has seen nothing.
func NewWatcher() *Watcher {
	return &Watcher{pings: map[string]time.Time{}, refusals: map[string]int{}, keep: map[string][]string{}, commits: map[string]int{}}
}

// mustKeep asks that words which were acknowledged stand on the timeline, once.
func (x *Watcher) mustKeep(customer, mark string) { x.keep[customer] = append(x.keep[customer], mark) }

// down excuses deliveries until the platform is back and has had time to retry.
func (x *Watcher) down(until time.Time) {
	if until.After(x.downTill) {
		x.downTill = until
	}
}

// committed looks at every change as it is committed.
func (x *Watcher) committed(c bot.Committed) {
	x.commits[c.Customer]++
	for _, n := range c.Change.Notices {
		if n.Kind == desk.NRefused {
			x.refusals[c.Customer]++
		}
		if n.Room == desk.Front && n.Inside != nil && x.broken == nil {
			x.broken = fmt.Errorf("a notice of the front carries the inside: %s", n.Kind)
		}
		if n.Customer != c.Customer && x.broken == nil {
			x.broken = fmt.Errorf("the desk of %s tells something to %s", c.Customer, n.Customer)
		}
	}
	if w := c.Change.Next.Wake(); !w.IsZero() && !w.After(c.Now) && x.broken == nil {
		x.broken = fmt.Errorf("%s wakes at %s, in the past of %s", c.Customer, w, c.Now)
	}
}

// Check looks at all that became visible since the last time.
func (x *Watcher) Check(ctx context.Context) error {
	if x.broken != nil {
		return x.broken
	}
	if n := x.w.Bot.Count.Parked.Load(); n > 0 {
		parked, _ := x.w.Store.Parked(ctx)
		return fmt.Errorf("a rule broke: %s", parked[len(parked)-1].Why)
	}
	for ; x.told < len(x.w.Told); x.told++ {
		if err := x.telling(ctx, x.w.Told[x.told]); err != nil {
			return err
		}
	}
	for _, id := range x.w.Dir.Customers() {
		d, err := x.w.Desk(ctx, id)
		if err != nil {
			return err
		}
		if err := x.desk(d); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

// telling checks one message: no internal or foreign word in the front, nothing
// told twice, nobody asked for a case that was taken.
func (x *Watcher) telling(ctx context.Context, t bot.Telling) error {
	n, text := t.Notice, t.Card.String()
	if n.Room == desk.Front {
		if strings.Contains(text, "INTERNAL-") {
			return fmt.Errorf("internal words in the front of %s: %s", n.Customer, text)
		}
	}
	if n.Room != desk.Direct {
		for _, other := range x.w.Dir.Customers() {
			if other != n.Customer && strings.Contains(text, "-"+other+"-") && strings.Contains(text, "-zq") {
				return fmt.Errorf("words of %s in a room of %s: %s", other, n.Customer, text)
			}
		}
	}
	if n.Board {
		return nil
	}
	var key string
	switch {
	case n.Rung != nil:
		key = fmt.Sprintf("%s #%d %s round %d rung %d to %s/%s", n.Customer, n.Case, n.Clock, n.Round, *n.Rung, n.Room, n.Person)
	case n.Kind == desk.NFollowup && n.Room == desk.Front:
		key = fmt.Sprintf("%s #%d check-in of day %d after %s", n.Customer, n.Case, n.Facts.Day, n.Facts.ResolvedAt)
	case n.Kind == desk.NSafe:
		key = fmt.Sprintf("%s #%d end of the safe period after %s", n.Customer, n.Case, n.Facts.From)
	case n.Kind == desk.NInspection && n.Facts != nil && n.Facts.Now.Sub(n.At) == 0 && n.Private:
	default:
		key = n.Key
	}
	if was, twice := x.pings[key]; twice && key != "" {
		return fmt.Errorf("told twice: %s, at %s and %s", key, was, t.At)
	}
	x.pings[key] = t.At
	if n.Kind == desk.NPing && n.Rung != nil && n.Room == desk.Back && n.Person != "" {
		d, err := x.w.Desk(ctx, n.Customer)
		if err != nil {
			return err
		}
		if c, ok := d.Case(n.Case); ok && !c.Claimed.IsZero() && c.Claimed.Before(t.At) && c.Rungs.Round == n.Round {
			return fmt.Errorf("%s #%d: %s was pinged at %s for a case claimed at %s", n.Customer, n.Case, n.Person, t.At, c.Claimed)
		}
	}
	return nil
}

// desk checks a desk that has settled: no wake in the past, every rung that has
// come was told, response clocks never pause.
func (x *Watcher) desk(d desk.Desk) error {
	now := x.w.Clock.Now()
	if w := d.Wake(); !w.IsZero() && !w.After(now) {
		return fmt.Errorf("the wake %s lies in the past of %s", w, now)
	}
	for _, c := range d.Cases {
		for _, m := range c.Respond.Marks {
			if m.Verb == sla.Paused {
				return fmt.Errorf("#%d: a response clock was paused", c.N)
			}
		}
		if err := x.rungs(d, c, now); err != nil {
			return err
		}
	}
	return nil
}

// rungs asks of every rung that has come whether anybody was told of it: the
// promise must not pass in silence. Somebody told of a later rung in the same
// round covers the earlier ones (one honest catch-up).
func (x *Watcher) rungs(d desk.Desk, c desk.Case, now time.Time) error {
	due, running := c.Respond.Running()
	if !running || now.Before(x.downTill.Add(2*time.Minute)) {
		return nil
	}
	s := c.Respond.State(now)
	length := s.Promise
	if length == 0 {
		length = s.Due.Sub(s.Start)
	}
	for i, step := range c.Row.Ladder {
		at := step.At(due, length)
		if at.After(now) || at.Before(s.Start) && i > 0 {
			continue
		}
		manager := len(step.Who) == 1 && step.Who[0] == sla.Manager
		if !manager && !c.Claimed.IsZero() {
			continue
		}
		if !x.toldSince(d.Customer, c.N, c.Rungs.Round, i, manager) {
			return fmt.Errorf("#%d: rung %d came at %s and nobody was told (now %s)", c.N, i, at, now)
		}
	}
	return nil
}

// toldSince reports whether the platforms took rung i, or a later one, of a round.
func (x *Watcher) toldSince(customer string, n, round, i int, direct bool) bool {
	for _, t := range x.w.Told {
		m := t.Notice
		if m.Customer == customer && m.Case == n && m.Rung != nil && m.Clock == "" && m.Round == round && *m.Rung >= i && m.Person != "" {
			if !direct || m.Room == desk.Direct {
				return true
			}
		}
	}
	return false
}

// CheckJournals reads every journal: its length is the version, its chain is
// whole, the clocks that it adds up to are the live ones, refusals are on the
// record, and acknowledged words stand in it exactly once.
func (x *Watcher) CheckJournals(ctx context.Context) error {
	for _, id := range x.w.Dir.Customers() {
		l, err := x.w.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		records, err := x.w.Store.Journal(ctx, id, 0, l.Version+10)
		if err != nil {
			return err
		}
		if len(records) != l.Version {
			return fmt.Errorf("%s: version %d, but %d records", id, l.Version, len(records))
		}
		if err := chain(records, l.Desk.Head); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if err := x.clocks(l.Desk, records); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		refused, sorted, words, opened := 0, 0, strings.Builder{}, strings.Builder{}
		for _, r := range records {
			for _, e := range r.Events {
				switch e.Kind {
				case "refused":
					refused++
				case "sorted":
					sorted++
				case string(desk.NOpened):
					opened.WriteString(e.Text + "\n")
				}
				if e.Kind == string(desk.NOpened) || e.Kind == string(desk.NHandoff) || e.Kind == string(desk.NAdded) {
					words.WriteString(e.Text + "\n")
				}
			}
		}
		if refused != x.refusals[id] {
			return fmt.Errorf("%s: %d refusals were told, %d are on the record", id, x.refusals[id], refused)
		}
		for _, mark := range x.keep[id] {
			if strings.Count(words.String(), mark) == 0 {
				return fmt.Errorf("%s: the report %s was acknowledged and stands nowhere on the timeline", id, mark)
			}
			// A correction may open it anew; a delivery that came twice may not.
			if n := strings.Count(opened.String(), mark); n > 1+sorted {
				return fmt.Errorf("%s: the report %s opened %d cases", id, mark, n)
			}
		}
	}
	return nil
}

// chain checks that every record names the hash of the one before it.
func chain(records []desk.Record, head string) error {
	prev := ""
	for i, r := range records {
		if r.Prev != prev {
			return fmt.Errorf("the chain breaks at record %d", i)
		}
		prev = desk.Hash(r.Encode())
	}
	if prev != head {
		return fmt.Errorf("the desk's head is not the hash of the last record")
	}
	return nil
}

// clocks adds the marks of the journal up and compares them with the live clocks:
// explain(journal) equals what the engine does.
func (x *Watcher) clocks(d desk.Desk, records []desk.Record) error {
	type which struct {
		n    int
		name string
	}
	sum := map[which]sla.Clock{}
	for _, r := range records {
		for _, e := range r.Events {
			if e.Mark == nil {
				continue
			}
			k := which{e.Case, e.Clock}
			if e.Mark.Verb == sla.Started {
				sum[k] = sla.Start(*e.Mark)
			} else {
				sum[k] = sum[k].With(*e.Mark)
			}
		}
	}
	now := x.w.Clock.Now()
	for _, c := range d.Cases {
		for name, live := range map[string]sla.Clock{"respond": c.Respond, "resolve": c.Resolve} {
			told := sum[which{c.N, name}]
			a := strings.Join(told.Explain(time.UTC, "en", now), "\n")
			b := strings.Join(live.Explain(time.UTC, "en", now), "\n")
			if a != b {
				return fmt.Errorf("#%d: the %s clock is explained by the journal as\n%s\nand runs as\n%s", c.N, name, a, b)
			}
		}
	}
	return nil
}
