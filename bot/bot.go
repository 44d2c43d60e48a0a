package bot

import (
	"context"
	"hash/maphash"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// Options is what a Bot is made of.
type Options struct {
	Store     Store
	Directory *Directory
	Platforms []Platform
	// Log receives one line per commit, key-value; never message text, never
	// secrets. nil: silence.
	Log *slog.Logger
	// Advisor is asked for second opinions; nil: nobody is.
	Advisor Advisor
	// Parallel bounds how many letters are on their way at once; 0 means 16. A
	// quarter of them, 4 of 16, is kept for urgent ones.
	// 1 keeps their order in one process, for plays.
	Parallel int
	// Decide is desk.Decide; a test may put a faulty one in its place.
	Decide desk.Decision
	// Watch sees every committed change, Told every delivered card. Both are
	// for the sandbox and the plays; they must return quickly.
	Watch func(Committed)
	Told  func(Telling)
	// Freed is called when a letter has left its place: there may be room for the
	// next. It must return quickly.
	Freed func()
}

// Committed is one input and what it did.
type Committed struct {
	Customer string
	Version  int
	Input    desk.Input
	Change   desk.Change
	Now      time.Time
}

// Telling is one card that a platform took.
type Telling struct {
	Notice desk.Notice
	Card   card.Card
	Room   chat.Room
	Edit   bool
	At     time.Time // the store's time
}

// Bot carries messages, deadlines and letters between the platforms, the desks
// and the store. It is safe for concurrent use.
type Bot struct {
	o         Options
	log       *slog.Logger
	platforms map[string]Platform
	locks     [256]sync.Mutex // a customer's inputs are serial in this process: no needless conflicts
	seed      maphash.Seed
	id        string   // of this process, random
	stale     sync.Map // customer → wake that led to nothing, see Tick
	dir       atomic.Pointer[Directory]
	cache     cache
	looked    looked
	inquiries chan inquiry
	inquiring atomic.Int64  // questions that wait or are on their way
	places    chan struct{} // one for each letter on its way
	ordinary  chan struct{} // one for each of them that is not urgent
	onTheWay  sync.WaitGroup
	trouble   atomic.Pointer[trouble]
	unsettled sync.Map // lease → unsettled: what the store did not take
	unknown   sync.Map // notice key → sent: told, but the desk has not heard of it
	poisoned  sync.Map // customer → wake that breaks a rule
	roomless  sync.Map // lane → place: its letters wait for that room
	owed      sync.Map // board → Letter: a change that its platform passed over
	Count     Counters
}

// trouble is a write that the store did not take.
type trouble struct {
	customer string
	why      string
}

// Trouble says why the last write to the store failed; "" when it did not.
func (b *Bot) Trouble() string {
	if t := b.trouble.Load(); t != nil {
		return t.why
	}
	return ""
}

// Probe writes something harmless while there is trouble, so that a store that is
// well again is known to be so although nobody says anything. It belongs to the
// metronome.
func (b *Bot) Probe(ctx context.Context) error {
	t := b.trouble.Load()
	if t == nil {
		return nil
	}
	if err := b.rewake(ctx, t.customer); err != nil {
		return err
	}
	b.trouble.CompareAndSwap(t, nil)
	return nil
}

// Counters are what the operator's metrics show. They name no customer.
type Counters struct {
	Heard, Unknown, Committed, Conflicts, Seen, Told, Edited, Unwanted, Merged, Later, Never, Parked, Woken, Late atomic.Int64
}

// New returns a Bot. It starts nothing.
func New(o Options) *Bot {
	if o.Parallel == 0 {
		o.Parallel = 16
	}
	if o.Decide == nil {
		o.Decide = desk.Decide
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	b := &Bot{o: o, log: o.Log, platforms: map[string]Platform{}, seed: maphash.MakeSeed()}
	for _, p := range o.Platforms {
		b.platforms[p.Name()] = p
	}
	b.id = strconv.FormatUint(maphash.String(b.seed, "process")&(1<<20-1), 36) // short: it stands in every record
	b.inquiries = make(chan inquiry, inquired)
	b.places = make(chan struct{}, o.Parallel)
	b.ordinary = make(chan struct{}, o.Parallel-o.Parallel/4)
	b.dir.Store(o.Directory)
	return b
}

// Directory is the directory in force.
func (b *Bot) Directory() *Directory { return b.dir.Load() }

// Renew puts a new directory in force; the desks learn of their new terms with
// their next input, or through Apply.
func (b *Bot) Renew(d *Directory) {
	b.dir.Store(d)
	b.looked.renewals.Add(1)
}

// Platform returns a platform by its name.
func (b *Bot) Platform(name string) (Platform, bool) {
	p, ok := b.platforms[name]
	return p, ok
}

func (b *Bot) lock(customer string) *sync.Mutex {
	return &b.locks[maphash.String(b.seed, customer)%uint64(len(b.locks))]
}

// Apply brings every desk of the directory under its present terms: after a
// start or a change of the config. It sends nothing by itself. Desks whose terms
// are up to date cost one read.
func (b *Bot) Apply(ctx context.Context) error {
	if err := b.Rooms(ctx); err != nil {
		return err
	}
	b.rouseAll(ctx)
	for _, id := range b.Directory().Customers() {
		if err := b.Handle(ctx, id, desk.Input{Act: desk.Woke{}, Actor: desk.Actor{Role: desk.System}}); err != nil {
			return err
		}
	}
	return nil
}
