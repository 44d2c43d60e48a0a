package bot

import (
	"context"
	"time"

	"butler/bot/desk"
)

// Tolerance is how late a desk or a letter may be before the auditor speaks.
const Tolerance = 10 * time.Second

// AuditReport is what the auditor saw.
type AuditReport struct {
	Desks   int           // with a wake
	Late    []Wake        // wakes that should have been served
	Worst   time.Duration // the latest of them
	Waiting int           // letters in the outbox
	Stuck   time.Duration // how long the oldest lane has been ready to send
}

// Well reports whether nothing is late.
func (r AuditReport) Well() bool { return len(r.Late) == 0 && r.Stuck < Tolerance }

// Audit compares every desk's wake with the clock and says loudly when anything
// is late; then it wakes what is. It looks at lateness, not at errors: a loop
// that died quietly makes no errors.
func (b *Bot) Audit(ctx context.Context) (AuditReport, error) {
	a, err := b.o.Store.Overdue(ctx, Tolerance, 100)
	if err != nil {
		return AuditReport{}, err
	}
	box, err := b.o.Store.Outbox(ctx)
	if err != nil {
		return AuditReport{}, err
	}
	r := AuditReport{Desks: a.Desks, Waiting: box.Letters}
	for _, w := range a.Late {
		if !b.Directory().has(w.Customer) {
			continue
		}
		r.Late = append(r.Late, w)
		r.Worst = max(r.Worst, a.Now.Sub(w.At))
		b.Count.Late.Add(1)
		b.log.Error("a desk is late", "customer", w.Customer, "due", w.At, "late", a.Now.Sub(w.At))
		if err := b.Handle(ctx, w.Customer, desk.Input{Actor: desk.Actor{Role: desk.System}, Act: desk.Woke{}}); err != nil {
			b.log.Error("waking a late desk", "customer", w.Customer, "error", err)
		}
	}
	if !box.Oldest.IsZero() {
		r.Stuck = max(0, box.Now.Sub(box.Oldest))
	}
	if r.Stuck >= Tolerance {
		b.log.Error("letters are late", "waiting", r.Waiting, "oldest", r.Stuck)
	}
	return r, nil
}
