package openai

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	api "github.com/sashabaranov/go-openai"

	"butler/bot"
)

const (
	usualTimeout = 20 * time.Second // of a question with its retries; advice that comes later is of little use
	atOnce       = 4                // questions on their way at once
)

// Options say whom to ask and what it may cost.
type Options struct {
	BaseURL string        // https://api.openai.com/v1; a slash at the end does no harm
	APIKey  string        // "" for endpoints that want none
	Model   string        // as the endpoint calls it
	Timeout time.Duration // of one question with its retries; 0 means 20 s

	// MonthlyTokens is what a month may cost in tokens, in and out; 0: no limit, and
	// nothing is counted. Months begin at 00:00 UTC+8.
	MonthlyTokens int64
	// Spend adds n (which may be negative: what was set aside and not needed) to the
	// sum under a name, and returns the sum. All processes share it; bot.Tally is one.
	// nil: this process counts for itself, and forgets when it ends.
	Spend func(ctx context.Context, name string, n int64) (int64, error)

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // never gets words of people, and never the key; nil: silence
}

// Counters are for operators; each only grows.
type Counters struct {
	Asked       atomic.Int64 // questions
	Answered    atomic.Int64 // with advice
	Unfit       atomic.Int64 // answers that were not taken: refused, filtered, out of form
	Unavailable atomic.Int64 // questions that found the endpoint down or the budget spent
	Calls       atomic.Int64 // requests sent, with retries
	Tokens      atomic.Int64 // spent, as the endpoint counted, or estimated where it did not
}

// Advisor asks one model at one endpoint. Use New; it is safe for concurrent use.
type Advisor struct {
	Count Counters

	o       Options
	log     *slog.Logger
	client  *api.Client
	slots   chan struct{}
	breaker breaker
	budget  budget
	wait    func(ctx context.Context, d time.Duration) error

	mu     sync.Mutex
	manner manner // in which the endpoint took the last question
}

var _ bot.Advisor = (*Advisor)(nil)

// New makes an advisor. It asks nothing yet, so an endpoint that is down does not
// keep anybody from starting.
func New(o Options) *Advisor {
	if o.Timeout <= 0 {
		o.Timeout = usualTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	cfg := api.DefaultConfig(o.APIKey)
	cfg.BaseURL = o.BaseURL
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 64 << 10
	cfg.HTTPClient = &http.Client{Transport: &door{next: transport}}
	return &Advisor{
		o: o, log: o.Log, client: api.NewClientWithConfig(cfg),
		slots:  make(chan struct{}, atOnce),
		budget: budget{limit: o.MonthlyTokens, spend: o.Spend},
		wait:   wait,
	}
}

// wait returns after a time, or when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Advise asks the model one question, at most Timeout long.
//
// Errors: *bot.Unavailable while the endpoint is down or the month's budget is
// spent; ctx's error when the caller gave up; anything else says why this one
// answer was not taken. No error holds words of people or the key: it may stand on
// a timeline.
func (a *Advisor) Advise(ctx context.Context, q bot.Question) (bot.Advice, error) {
	a.Count.Asked.Add(1)
	advice, err := a.advise(ctx, q)
	var away *bot.Unavailable
	switch {
	case err == nil:
		a.Count.Answered.Add(1)
		a.log.Debug("openai: advice", "question", q.ID, "model", advice.Model, "tokens", advice.Tokens)
	case errors.As(err, &away):
		a.Count.Unavailable.Add(1)
	case ctx.Err() == nil:
		a.Count.Unfit.Add(1)
		a.log.Debug("openai: no advice", "question", q.ID, "error", err)
	}
	return advice, err
}

func (a *Advisor) advise(parent context.Context, q bot.Question) (bot.Advice, error) {
	ctx, cancel := context.WithTimeout(parent, a.o.Timeout)
	defer cancel()
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		if parent.Err() != nil {
			return bot.Advice{}, parent.Err()
		}
		return bot.Advice{}, &bot.Unavailable{Why: fmt.Sprintf("%d questions are on their way already", atOnce)}
	}
	pass, err := a.breaker.enter(a.o.Now())
	if err != nil {
		return bot.Advice{}, err
	}
	p := newPrompt(q)
	p.answer = a.longest()
	r, err := a.paid(ctx, p)
	var f *failure
	errors.As(err, &f)
	switch {
	case parent.Err() != nil:
		a.leave(pass, unknown, nil)
		return bot.Advice{}, parent.Err()
	case f != nil && f.endpoint:
		a.leave(pass, failing, f)
		return bot.Advice{}, &bot.Unavailable{After: a.breaker.left(a.o.Now()), Why: f.why}
	case err != nil && f == nil:
		a.leave(pass, unknown, nil) // the budget: nothing was sent
		return bot.Advice{}, err
	}
	a.leave(pass, working, nil) // whatever it said, it answered
	if err != nil {
		return bot.Advice{}, err
	}
	advice, err := read(r.choice, q)
	if err != nil {
		return bot.Advice{}, fmt.Errorf("the model's answer was not taken: %w", err)
	}
	advice.Model, advice.Tokens = r.model, int(r.tokens)
	return advice, nil
}

// paid asks within the month's budget.
func (a *Advisor) paid(ctx context.Context, p prompt) (reply, error) {
	s, err := a.budget.stake(ctx, a.o.Now(), p.estimate())
	if err != nil {
		return reply{}, err
	}
	r, f := a.ask(ctx, p)
	a.Count.Tokens.Add(r.tokens)
	if err := a.budget.settle(ctx, s, r.tokens); err != nil {
		a.log.Warn("openai: what a question did not need could not be given back to the month's budget", "tokens", s.n-r.tokens, "error", err)
	}
	if f != nil {
		return reply{}, f
	}
	return r, nil
}

// leave tells the breaker how a question went, and the log when that changed
// something.
func (a *Advisor) leave(p pass, s sign, f *failure) {
	switch pause, changed := a.breaker.leave(p, s, f, a.o.Now()); {
	case !changed:
	case pause > 0:
		a.log.Warn("openai: the endpoint is left alone for a while", "for", pause.Round(time.Second), "why", f.why, "said", f.said)
	default:
		a.log.Info("openai: the endpoint answers again")
	}
}
