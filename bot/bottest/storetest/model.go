package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"pgregory.net/rapid"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/desk"
)

var modelCases = []testCase{
	{"random calls have the results that the memory store gives", likeModel},
}

// likeModel makes the same random calls on the store and on the memory store,
// and compares everything that can be read. The memory lives by the store's
// time. Where that time cannot be moved, deadlines lie far from it, so that the
// milliseconds between two calls decide nothing.
func likeModel(s *suite) {
	round := 0
	rapid.Check(s.T, func(t *rapid.T) {
		round++
		r := newRival(s, t, round)
		defer r.leave()
		t.Repeat(map[string]func(*rapid.T){
			"":       r.compare,
			"commit": r.commit,
			"replay": r.replay,
			"claim":  r.claim,
			"settle": r.settle,
			"park":   r.park,
			"prune":  r.prune,
			"pass":   r.pass,
			"reopen": r.reopen,
		})
	})
}

// rival is the store and its model, side by side.
type rival struct {
	*suite
	t       *rapid.T
	model   *bottest.Mem
	at      time.Time // the model's time
	prefix  string    // of everything that belongs to this round
	before  int       // letters that an earlier round left to rest
	ops     int
	commits []bot.Commit
	claimed [][2]bot.Letter // the store's and the model's view of a claim
	parked  []bot.ParkedInput
}

func newRival(s *suite, t *rapid.T, round int) *rival {
	r := &rival{suite: s, t: t, prefix: fmt.Sprintf("round%d-", round), before: s.backlog().Letters}
	r.model = bottest.NewMem(func() time.Time { return r.at })
	r.sync()
	return r
}

// sync brings the model to the store's time.
func (r *rival) sync() { r.at = r.now() }

// pick draws one of a few.
func pick[T any](t *rapid.T, what string, of ...T) T { return rapid.SampledFrom(of).Draw(t, what) }

func (r *rival) customer(t *rapid.T) string {
	return r.prefix + pick(t, "customer", "acme", "nova", "third")
}

// answer is the class of an error: which of a store's answers it is.
func answer(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, bot.ErrConflict):
		return "conflict"
	case errors.Is(err, bot.ErrSeen):
		return "seen"
	}
	return err.Error()
}

func (r *rival) both(t *rapid.T, what string, call func(bot.Store) error) {
	r.sync()
	want, got := answer(call(r.model)), answer(call(r.store))
	if want != got {
		t.Fatalf("%s: the store says %q, the model %q", what, got, want)
	}
}

func (r *rival) commit(t *rapid.T) {
	r.sync()
	customer := r.customer(t)
	l, err := r.model.Load(r.Context(), customer)
	if err != nil {
		t.Fatal(err)
	}
	l.Version += pick(t, "off by", 0, 0, 0, 0, 0, -1, 1)
	if l.Version < 0 {
		l.Version = 0
	}
	r.ops++
	c := step(customer, l, fmt.Sprintf("%sop-%d", r.prefix, r.ops))
	c.Seen = pick(t, "input", "", "", "in-1", "in-2", "in-3", fmt.Sprintf("in-op-%d", r.ops))
	if c.Seen != "" {
		c.Seen = r.prefix + c.Seen
	}
	c.Desk.NextCase = r.ops
	c.Desk.Cases = slices.Clone(l.Desk.Cases)
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 0, 3, rapid.ID[int]).Draw(t, "touched") {
		c.Touched = append(c.Touched, n)
		c.Desk.Cases = slices.DeleteFunc(c.Desk.Cases, func(k desk.Case) bool { return k.N == n })
		if rapid.Bool().Draw(t, "keep") {
			k := aCase(n, l.Now)
			k.Adds = r.ops
			c.Desk.Cases = append(c.Desk.Cases, k)
		}
	}
	sort.Slice(c.Desk.Cases, func(i, k int) bool { return c.Desk.Cases[i].N < c.Desk.Cases[k].N })
	if at := pick(t, "wake in", 0, -3*time.Hour, -time.Hour, -time.Minute, time.Hour, 30*time.Hour); at != 0 {
		c.Wake = l.Now.Add(at)
	}
	for i := range pick(t, "letters", 0, 0, 1, 2, 3) {
		lane := customer + "/" + pick(t, "lane", "front", "back", "direct")
		c.Letters = append(c.Letters, aLetter(customer, lane, fmt.Sprintf("%s/%d", c.Op, i), rapid.Bool().Draw(t, "urgent")))
	}
	r.commits = append(r.commits, c)
	r.both(t, "Commit "+c.Op, func(st bot.Store) error { return st.Commit(r.Context(), c) })
}

func (r *rival) replay(t *rapid.T) {
	if len(r.commits) == 0 {
		t.Skip("nothing to replay")
	}
	c := rapid.SampledFrom(r.commits).Draw(t, "commit")
	if rapid.Bool().Draw(t, "by another") {
		r.ops++
		c.Op = fmt.Sprintf("%sop-%d", r.prefix, r.ops)
	}
	r.both(t, "replay of "+c.Op, func(st bot.Store) error { return st.Commit(r.Context(), c) })
}

func (r *rival) claim(t *rapid.T) {
	r.sync()
	lease := pick(t, "lease", 0, time.Hour, 2*time.Hour)
	want, err := r.model.Claim(r.Context(), 1000, 1000, lease)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.store.Claim(r.Context(), 1000, 1000, lease)
	if err != nil {
		t.Fatal(err)
	}
	if !want.Next.IsZero() && (got.Next.IsZero() || got.Next.After(want.Next.Add(r.grain()))) {
		t.Fatalf("Claim: Next %v is later than %v", got.Next, want.Next)
	}
	byLane := map[string]bot.Letter{}
	for _, l := range got.Letters {
		if strings.HasPrefix(l.Customer, r.prefix) {
			byLane[l.Lane] = l
		}
	}
	for _, w := range want.Letters {
		g, ok := byLane[w.Lane]
		if !ok {
			t.Fatalf("lane %s: the store offers nothing, the model %s", w.Lane, w.ID)
		}
		delete(byLane, w.Lane)
		r.claimed = append(r.claimed, [2]bot.Letter{g, w})
		if g.Lease == "" {
			t.Fatalf("lane %s: no lease", w.Lane)
		}
		if d := g.Queued.Sub(w.Queued).Abs(); d > r.grain() {
			t.Fatalf("%s: queued %v, the model says %v", w.ID, g.Queued, w.Queued)
		}
		g.Lease, w.Lease, g.Queued, w.Queued = "", "", time.Time{}, time.Time{}
		if !reflect.DeepEqual(w, g) {
			t.Fatalf("lane %s: the store offers %+v, the model %+v", w.Lane, g, w)
		}
	}
	for lane, l := range byLane {
		t.Fatalf("lane %s: the store offers %s, the model nothing", lane, l.ID)
	}
}

// grain is how far apart two times may lie that mean the same: nothing where the
// suite owns time.
func (r *rival) grain() time.Duration {
	if r.Free {
		return 0
	}
	return 5 * time.Second
}

func (r *rival) settle(t *rapid.T) {
	if len(r.claimed) == 0 {
		t.Skip("nothing was claimed")
	}
	pair := rapid.SampledFrom(r.claimed).Draw(t, "letter") // perhaps settled before, perhaps overtaken
	how := bot.Settlement{Done: rapid.Bool().Draw(t, "done"), After: pick(t, "after", 0, 0, time.Hour)}
	r.sync()
	if err := errors.Join(r.model.Settle(r.Context(), pair[1], how), r.store.Settle(r.Context(), pair[0], how)); err != nil {
		t.Fatal(err)
	}
}

func (r *rival) park(t *rapid.T) {
	p := bot.ParkedInput{Customer: r.customer(t), At: r.now(), Act: "said", Input: []byte("{}"), Why: fmt.Sprint(r.prefix, len(r.parked))}
	if err := r.store.Park(r.Context(), p); err != nil {
		t.Fatal(err)
	}
	r.parked = append(r.parked, p)
}

func (r *rival) prune(t *rapid.T) {
	r.both(t, "Prune", func(st bot.Store) error { return st.Prune(r.Context()) })
}

func (r *rival) pass(t *rapid.T) {
	if !r.Free {
		t.Skip("time does not pass on request")
	}
	r.Pass(pick(t, "pass", time.Millisecond, time.Minute, time.Hour, 25*time.Hour, bot.SeenFor))
}

func (r *rival) reopen(t *rapid.T) {
	if !rapid.Bool().Draw(t, "really") {
		t.Skip("not this time")
	}
	r.suite.reopen()
	if !r.Shared {
		r.model.FreeLeases()
	}
}

// compare reads everything from both.
func (r *rival) compare(t *rapid.T) {
	for _, name := range []string{"acme", "nova", "third"} {
		customer := r.prefix + name
		w, err := r.model.Load(r.Context(), customer)
		if err != nil {
			t.Fatal(err)
		}
		g := r.load(customer)
		if w.Version != g.Version || !reflect.DeepEqual(w.Desk, g.Desk) {
			t.Fatalf("%s: the store has version %d, %+v; the model %d, %+v", customer, g.Version, g.Desk, w.Version, w.Desk)
		}
		wj, err := r.model.Journal(r.Context(), customer, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if gj := r.journal(customer, 0, 1000); !reflect.DeepEqual(wj, gj) && len(wj)+len(gj) > 0 {
			t.Fatalf("%s: the store's journal is %+v, the model's %+v", customer, gj, wj)
		}
	}
	r.compareWakes(t)
	r.sync()
	wb, err := r.model.Outbox(r.Context())
	if err != nil {
		t.Fatal(err)
	}
	if gb := r.backlog(); gb.Letters-r.before != wb.Letters {
		t.Fatalf("%d letters wait, the model says %d", gb.Letters-r.before, wb.Letters)
	}
	if len(r.parked) > 0 {
		got, err := r.store.Parked(r.Context())
		got = slices.DeleteFunc(got, func(p bot.ParkedInput) bool { return !strings.HasPrefix(p.Customer, r.prefix) })
		if err != nil || !reflect.DeepEqual(got, r.parked) {
			t.Fatalf("parked %+v, %v; want %+v", got, err, r.parked)
		}
	}
}

// compareWakes asks both alarm clocks, a few times where processes share the
// desks and may need a moment to step in for one that left.
func (r *rival) compareWakes(t *rapid.T) {
	var want, got bot.Due
	for range 50 {
		r.sync()
		var err error
		if want, err = r.model.Due(r.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		got = r.due(1000)
		if reflect.DeepEqual(want.Wakes, got.Wakes) && want.Next.Equal(got.Next) {
			break
		}
		r.Pass(10 * time.Millisecond)
	}
	if !reflect.DeepEqual(want.Wakes, got.Wakes) || !want.Next.Equal(got.Next) {
		t.Fatalf("due %v then %v; the model says %v then %v", got.Wakes, got.Next, want.Wakes, want.Next)
	}
	wa, err := r.model.Overdue(r.Context(), time.Hour, 2)
	if err != nil {
		t.Fatal(err)
	}
	if ga := r.audit(time.Hour, 2); wa.Desks != ga.Desks || !reflect.DeepEqual(wa.Late, ga.Late) {
		t.Fatalf("audit %+v, the model says %+v", ga, wa)
	}
}

// leave clears what a next round would trip over: wakes, and letters that can be
// sent. Lanes that rest for an hour stay, and the next round counts around them.
func (r *rival) leave() {
	for _, name := range []string{"acme", "nova", "third"} {
		r.ops++
		r.setUp(r.prefix+name, fmt.Sprintf("%sop-%d", r.prefix, r.ops), time.Time{})
	}
	for _, pair := range r.claimed {
		r.suite.settle(pair[0], true, 0)
	}
	if r.Free {
		r.Pass(3 * time.Hour)
	}
	r.sendAll()
}
