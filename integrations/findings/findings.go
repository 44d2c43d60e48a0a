// Package findings is the door for what scanners and products find:
// POST /v1/findings with the token of a source (design §16).
//
// A source of the format butler sends one object or a list of them, strictly:
//
//	{"customer":"acme","id":"scan-17","layer":"host","asset":"10.0.0.5",
//	 "title":"redis open to the internet","severity":"high","status":"open",
//	 "detail":"port 6379","seen_at":"2026-11-23T02:00:00+08:00"}
//
// Such a body is taken whole or not at all, and every mistake is named with the
// index of its object. A source of the format alertmanager speaks as Alertmanager's
// webhook does (alertmanager.go); of the format mapping, as a product pleases: the
// config says where each field stands (mapping.go). Nobody can correct what a
// product sends, so of those each finding is taken for itself.
//
// A finding that is sent twice changes nothing the second time, so a source may
// repeat a request whose answer it did not get. Whatever a source sends, be it an
// empty list, is a sign that it lives (heard.go).
package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"butler/bot/desk"
)

// Limits of one request.
const (
	MaxBody  = 1 << 20 // bytes, after decompression
	MaxItems = 1000
	maxField = 500 // characters of id, asset and title
	maxSaid  = 100 // mistakes that one answer names
)

// patience is how long one request may take to be kept: a thousand commits on a
// slow disk.
const patience = time.Minute

// Format is how a source speaks.
type Format string

// The formats.
const (
	Butler       Format = "butler"
	Alertmanager Format = "alertmanager"
	Mapping      Format = "mapping"
)

// Source is one sender with its own token and the customers it may speak about.
type Source struct {
	Name      string
	Token     string
	Customers []string
	Layers    []string // of which it speaks, for findings that name none
	Format    Format   // "" is Butler
	// Map says where each field stands: all of them for Mapping, those that differ
	// from the custom for Alertmanager.
	Map Map
	// Loose takes the token also as ?token= and as the password of HTTP Basic, for
	// products that cannot set a header.
	Loose bool
}

// Take hands one input to a customer's desk; nil means committed.
type Take func(ctx context.Context, customer string, in desk.Input) error

// Options are what a Door needs.
type Options struct {
	Sources []Source
	Take    Take
	// Judge says what a severe finding is when its source does not: an incident with
	// its category, or a vulnerability. nil leaves that to the desk.
	Judge func(title string) (desk.Kind, desk.Category)
	// Mask hides the secrets in a text; nil hides none.
	Mask func(text string) string
	Now  func() time.Time // nil: the clock of this machine
	Log  *slog.Logger     // nil: none
}

// Count is what came through the door since it was made.
type Count struct {
	Taken, Refused, Signs, Strangers atomic.Int64
}

// Door answers POST /v1/findings. It is safe for concurrent use.
type Door struct {
	Count Count
	o     Options
	keys  []key
	signs signs
}

// New makes a door.
func New(o Options) *Door {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Door{o: o, keys: keysOf(o.Sources), signs: signs{told: map[sign]int64{}}}
}

// answer is what the sender gets back.
type answer struct {
	Accepted int      `json:"accepted"`
	Ignored  int      `json:"ignored,omitempty"` // signs of life, and what the map says to ignore
	Errors   []string `json:"errors,omitempty"`
	Notes    []string `json:"notes,omitempty"` // taken, but not as meant
	Would    []item   `json:"would_take,omitempty"`
}

// ServeHTTP answers 202 when everything was kept, 400 with every mistake, 401
// without a known token, 403 for a customer the source is not bound to, 405 for
// another method than POST, 413 over the limits, 415 for a body that is neither
// JSON nor a form, 503 when the store does not take it (send again). With
// ?dry_run=1 nothing is kept, and 200 says what would be.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		reply(w, http.StatusMethodNotAllowed, answer{Errors: []string{"findings are sent with POST"}})
		return
	}
	src, ok := d.known(r)
	if !ok {
		d.Count.Strangers.Add(1)
		w.Header().Set("WWW-Authenticate", "Bearer")
		reply(w, http.StatusUnauthorized, answer{Errors: []string{"send the token of a configured source: Authorization: Bearer …"}})
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // a recorder of a test has none
	b, status, err := read(w, r)
	if err != nil {
		d.refuse(w, src, status, answer{Errors: []string{err.Error()}})
		return
	}
	got, err := src.decode(b)
	switch {
	case err != nil:
		d.refuse(w, src, http.StatusBadRequest, answer{Errors: []string{err.Error()}})
		return
	case got.size() > MaxItems:
		d.refuse(w, src, http.StatusRequestEntityTooLarge, answer{Errors: []string{fmt.Sprintf("%d findings are more than %d; send them in parts", got.size(), MaxItems)}})
		return
	}
	foreign := got.check(src)
	if got.whole && len(got.wrong) > 0 {
		got.items = nil
	}
	a := answer{Ignored: got.ignored, Errors: got.mistakes(), Notes: got.notes}
	if r.URL.Query().Get("dry_run") == "1" {
		for _, it := range got.items {
			a.Would = append(a.Would, it.item)
		}
		reply(w, http.StatusOK, a)
		return
	}
	if len(got.notes) > 0 {
		d.o.Log.Warn("findings were taken, but not as meant", "source", src.Name, "notes", len(got.notes), "first", got.notes[0])
	}
	if err := d.keep(r.Context(), src, got, &a); err != nil {
		d.o.Log.Warn("findings were not all kept; the source is asked to send them again", "source", src.Name, "kept", a.Accepted, "of", len(got.items), "err", err)
		w.Header().Set("Retry-After", "5")
		a.Errors = append(a.Errors, "not all were kept; send the same body again")
		reply(w, http.StatusServiceUnavailable, a)
		return
	}
	switch {
	case foreign:
		d.refuse(w, src, http.StatusForbidden, a)
	case len(got.wrong) > 0:
		d.refuse(w, src, http.StatusBadRequest, a)
	default:
		reply(w, http.StatusAccepted, a)
	}
}

// keep hands every good finding to its desk, and then the sign of life of its
// source to all desks it speaks about. A body of which nothing could be read is
// no sign of life: nobody would learn that the source has become mute.
func (d *Door) keep(ctx context.Context, src Source, got *batch, a *answer) error {
	now := d.o.Now()
	for _, it := range got.items {
		if err := d.o.Take(ctx, it.Customer, d.input(it.item, src.Name, now)); err != nil {
			return err
		}
		a.Accepted++
		d.Count.Taken.Add(1)
	}
	if !got.alive() {
		return nil
	}
	return d.heard(ctx, src, now)
}

// refuse answers and leaves a line in the log: a product's own log is rarely read.
func (d *Door) refuse(w http.ResponseWriter, src Source, status int, a answer) {
	d.Count.Refused.Add(1)
	d.o.Log.Warn("findings were refused", "source", src.Name, "status", status, "kept", a.Accepted, "mistakes", len(a.Errors), "first", a.Errors[0])
	reply(w, status, a)
}

func reply(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(a)
}

// batch is what one body came to.
type batch struct {
	items   []placed
	ignored int
	wrong   []string
	notes   []string
	whole   bool // one mistake refuses all
	empty   bool // a list of nothing
	dead    int  // heartbeats that ended
}

// placed is one finding with its place in the body, from 0.
type placed struct {
	item
	at int
}

func (b *batch) size() int { return len(b.items) + b.ignored + b.dead }

// alive reports whether the body shows that its source works.
func (b *batch) alive() bool { return b.empty || len(b.items) > 0 || b.ignored > 0 }

// bad notes a mistake of one finding.
func (b *batch) bad(at int, format string, args ...any) {
	b.wrong = append(b.wrong, fmt.Sprintf("[%d] ", at)+fmt.Sprintf(format, args...))
}

// note notes what was taken otherwise than it stood there.
func (b *batch) note(at int, format string, args ...any) {
	if len(b.notes) < maxSaid {
		b.notes = append(b.notes, fmt.Sprintf("[%d] ", at)+fmt.Sprintf(format, args...))
	}
}

// check keeps the findings that are right, names what is wrong with the others,
// and reports whether one speaks about a customer of somebody else.
func (b *batch) check(src Source) (foreign bool) {
	b.items = slices.DeleteFunc(b.items, func(it placed) bool {
		before := len(b.wrong)
		for _, w := range it.check() {
			b.bad(it.at, "%s", w)
		}
		// What is said is the same whether or not there is such a customer.
		if it.Customer != "" && !slices.Contains(src.Customers, it.Customer) {
			foreign = true
			b.bad(it.at, "customer: this source is not bound to %q", cut(it.Customer, maxField))
		}
		return len(b.wrong) > before
	})
	return foreign
}

// mistakes are what the answer says is wrong.
func (b *batch) mistakes() []string {
	if more := len(b.wrong) - maxSaid; more > 0 {
		return append(slices.Clone(b.wrong[:maxSaid]), fmt.Sprintf("and %d more", more))
	}
	return b.wrong
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}
