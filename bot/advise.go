package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"butler/bot/desk"
	"butler/bot/triage"
)

// What bounds asking the advisor: it is beside the path, and nobody waits for it.
const (
	advising = 4   // questions on their way at once
	inquired = 256 // that wait; what finds no place is not asked
	adviseIn = time.Minute
)

// inquiry is a question of one desk.
type inquiry struct {
	customer string
	desk.Inquiry
}

// consult hands a desk's questions to the advisor, if there is one and a place.
func (b *Bot) consult(customer string, asks []desk.Inquiry) {
	if b.o.Advisor == nil {
		return
	}
	for _, q := range asks {
		b.inquiring.Add(1)
		select {
		case b.inquiries <- inquiry{customer, q}:
		default:
			b.inquiring.Add(-1)
			b.log.Warn("the advisor has too many questions; one is not asked", "customer", customer, "case", q.Case)
		}
	}
}

// Advise asks the advisor what the desks want to know and brings the answers back
// as inputs, until ctx ends. Without an advisor it returns at once. A question
// that was on its way when the process ended is not asked again: the case is
// worked on without it.
func (b *Bot) Advise(ctx context.Context) {
	if b.o.Advisor == nil {
		return
	}
	var workers sync.WaitGroup
	for range advising {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case q := <-b.inquiries:
					b.advise(ctx, q)
					b.inquiring.Add(-1)
				}
			}
		})
	}
	workers.Wait()
}

// Inquiries is how many questions wait or are on their way.
func (b *Bot) Inquiries() int { return int(b.inquiring.Load()) }

// advise asks one question. Whatever goes wrong is on the timeline, and nowhere
// else: the rules have decided already.
func (b *Bot) advise(ctx context.Context, q inquiry) {
	h, ok := b.Directory().Home(q.customer)
	if !ok {
		return
	}
	asking, cancel := context.WithTimeout(ctx, adviseIn)
	defer cancel()
	text, _ := triage.Mask(q.Text) // it was masked when it was heard; twice is safe
	t := h.Terms
	a, err := b.o.Advisor.Advise(asking, Question{ID: fmt.Sprintf("%s/%d/m%d", q.customer, q.Case, q.Slip), Text: text, Before: q.Before,
		Lang: t.Language, BackLang: t.BackLanguage, Edition: t.Edition.Called(t.BackLanguage), Verdict: q.Verdict, Unsure: q.Slip != 0})
	if ctx.Err() != nil {
		return
	}
	act := desk.Advised{Case: q.Case, Slip: q.Slip, Verdict: a.Verdict, Summary: a.Summary, Draft: a.Draft, Model: a.Model}
	if err != nil {
		act = desk.Advised{Case: q.Case, Slip: q.Slip, Failed: err.Error()}
		if un := new(Unavailable); !errors.As(err, &un) {
			b.log.Warn("the advisor did not answer", "customer", q.customer, "case", q.Case, "error", err)
		}
	}
	in := desk.Input{ID: fmt.Sprintf("advised/%s/%d/m%d", q.customer, q.Case, q.Slip), Actor: desk.Actor{Role: desk.System}, Act: act}
	if err := b.Handle(ctx, q.customer, in); err != nil && ctx.Err() == nil {
		b.log.Error("bringing advice to its desk", "customer", q.customer, "case", q.Case, "error", err)
	}
}
