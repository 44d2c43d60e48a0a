package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"butler/bot/desk"
)

// Store is the port to durable memory. One suite (bottest/storetest) defines
// what every implementation promises; the memory, sqlite and redis stores pass
// it whole.
//
// Promises: Commit is atomic and durable when it returns nil; a commit that was
// already applied (same customer, version and op) answers nil again; time comes
// from the store and never runs backwards within one process.
type Store interface {
	// Load returns a customer's desk with its version and the store's time. An
	// unknown customer yields a zero desk at version 0. A desk of a newer
	// schema is an error that says what to do.
	Load(ctx context.Context, customer string) (Loaded, error)

	// Commit writes one change or nothing. A replay (same customer, version and
	// op) answers nil; else ErrSeen when the input is known to this customer's
	// desk; else ErrConflict when the desk has moved: load and decide again. Op is
	// never empty.
	Commit(ctx context.Context, c Commit) error

	// Due returns desks whose wake has come, earliest first, at most max, and
	// the earliest wake still in the future. Reading writes nothing; the commit
	// that moves the wake is the only write. Two processes may see the same
	// wake: one wins the version check. Processes share customers by hash, and
	// others step in after about 150 ms.
	Due(ctx context.Context, max int) (Due, error)

	// Claim leases the heads of outbox lanes that may be sent now, one per lane: at
	// most max, of them at most ordinary from lanes that hold no urgent letter.
	// Lanes that hold one come first however many others are ready; in a lane
	// urgent letters go before normal ones, and those of a kind in the order of
	// their commits. A lane that is leased is not offered again before the lease
	// ends, Settle is called, or the process that holds it is known to be gone: at
	// the opening of a store that one process owns, and within seconds on a shared
	// one.
	Claim(ctx context.Context, max, ordinary int, lease time.Duration) (Claimed, error)

	// Settle says what became of a claimed letter. A letter that is no longer
	// the head of its lane under this lease (another process took over)
	// changes nothing and answers nil.
	Settle(ctx context.Context, l Letter, s Settlement) error

	// Rouse ends the rest of a customer's lane in which letters wait, so that it is
	// offered at once: what it waited for is there. A lane that is leased, empty or
	// unknown stays as it is.
	Rouse(ctx context.Context, customer, lane string) error

	// Journal returns the records of a customer from index from (0-based), at most max.
	Journal(ctx context.Context, customer string, from, max int) ([]desk.Record, error)

	// Park keeps an input that broke a rule, for replay; Parked lists them,
	// newest last. Limit 1000, the oldest leave first.
	Park(ctx context.Context, p ParkedInput) error
	Parked(ctx context.Context) ([]ParkedInput, error)

	// Remember keeps a short text under a name until it is replaced; Recall
	// returns it, "" when there is none. For what belongs to no customer: when a
	// platform was heard last.
	Remember(ctx context.Context, name, text string) error
	Recall(ctx context.Context, name string) (string, error)

	// Add adds n to the number kept under a name, 0 at first, and returns the sum.
	// A repeated call whose answer was lost may count twice: for numbers that are
	// an upper bound.
	Add(ctx context.Context, name string, n int64) (sum int64, err error)

	// Overdue returns customers whose wake lies at least late in the past, and
	// how many desks have a wake at all: the auditor's question.
	Overdue(ctx context.Context, late time.Duration, max int) (Audit, error)

	// Outbox returns how many letters wait, and since when the oldest lane could
	// have been sent.
	Outbox(ctx context.Context) (Backlog, error)

	// Prune forgets seen-marks and other expired memory. Cheap; called hourly.
	Prune(ctx context.Context) error

	// Now returns the store's time. It fails when the store does not answer:
	// readiness asks it.
	Now(ctx context.Context) (time.Time, error)

	// Clock is the store's time without a trip: what this process heard last,
	// moved on by its own steady clock, so never ahead of the store. ok is false
	// when that was too long ago to go by.
	Clock() (now time.Time, ok bool)

	// Nudges delivers a value when a commit, here or in another process, brought
	// a wake that is due within a second, or a letter. A hint: it may come late,
	// twice or never, and one second of sleep is the bound on relying on it.
	Nudges() <-chan struct{}

	Close() error
}

// SeenFor is how long an input's identity is remembered. Platforms redeliver
// for minutes; the design asks for at least 24 h (§6).
const SeenFor = 72 * time.Hour

// Errors of a store.
var (
	ErrConflict = errors.New("the desk has moved")
	ErrSeen     = errors.New("this input is known")
)

// Loaded is a desk as it stands in the store.
type Loaded struct {
	Desk    desk.Desk
	Version int       // length of the journal
	Now     time.Time // the store's time, truncated to milliseconds, UTC
}

// Commit is one atomic write.
type Commit struct {
	Customer string
	Version  int         // the version that was loaded; after the commit it is Version+1
	Op       string      // identity of this commit; a replay finds it at index Version
	Seen     string      // identity of the input to remember; "" for none
	Desk     desk.Desk   // the next desk
	Touched  []int       // cases to write; those no longer in Desk.Cases are removed
	Record   desk.Record // appended to the journal
	Wake     time.Time   // the desk's next wake; zero for none
	Letters  []Letter    // appended to their lanes, in order
}

// Check refuses a commit for which no store could keep its promises: all that is
// wrong with it at once.
func (c Commit) Check() error {
	var errs []error
	if c.Customer == "" {
		errs = append(errs, errors.New("it names no customer"))
	}
	if c.Op == "" {
		errs = append(errs, errors.New("it has no op, so a replay could not be told from another commit"))
	}
	if c.Version < 0 {
		errs = append(errs, fmt.Errorf("its version is %d; versions begin at 0", c.Version))
	}
	for i, l := range c.Letters {
		if l.Lane == "" || l.ID == "" {
			errs = append(errs, fmt.Errorf("letter %d has no lane or no id", i))
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("commit refused: %w", errors.Join(errs...))
	}
	return nil
}

// Letter is one message of the outbox.
type Letter struct {
	Customer string
	Lane     string // desk.Notice.Lane
	ID       string // unique in its lane: the notice's key
	Urgent   bool
	Body     []byte // the notice as JSON

	// Filled by Claim.
	Attempt int       // 1 for the first
	Lease   string    // proves the claim at Settle
	Queued  time.Time // when it was committed
}

// Settlement is what became of a letter.
type Settlement struct {
	Done bool // sent, or never to be sent: it leaves the lane
	// After is how long the lane must rest: the platform's spacing when Done,
	// the time to the next attempt otherwise.
	After time.Duration
}

// Due is what the alarm clock says.
type Due struct {
	Now   time.Time
	Wakes []Wake
	Next  time.Time // earliest wake after Now among all desks; zero for none
}

// Wake is one desk that is due.
type Wake struct {
	Customer string
	At       time.Time
}

// Claimed is what the outbox offers.
type Claimed struct {
	Now     time.Time
	Letters []Letter
	// Next is when the earliest resting or leased lane may be asked again; zero for
	// none. When no ordinary letters were asked for, lanes without an urgent letter
	// may be left out.
	Next time.Time
}

// Audit is the auditor's reading.
type Audit struct {
	Now   time.Time
	Late  []Wake
	Desks int // with a wake
}

// Backlog is the state of the outbox.
type Backlog struct {
	Now     time.Time
	Letters int
	Oldest  time.Time // zero when nothing waits
}

// ParkedInput is an input that broke a rule.
type ParkedInput struct {
	Customer string    `json:"customer"`
	At       time.Time `json:"at"`
	Act      string    `json:"act"`
	Input    []byte    `json:"input"` // desk.EncodeInput
	Why      string    `json:"why"`
	Stack    string    `json:"stack"`
}
