package openai

import (
	"context"
	"fmt"
	"sync"
	"time"

	"butler/bot"
)

// settleLimit bounds one write of the sum when a question is over.
const settleLimit = 3 * time.Second

// china is where the months of a budget begin, as those of other budgets do. No
// summer time since 1991.
var china = time.FixedZone("UTC+8", 8*60*60)

// budget is what a month may cost. Before a question its estimate is set aside in
// the shared sum, so that processes that ask at once stay within it together; what
// was not needed goes back. Who dies in between has spent the estimate.
type budget struct {
	limit int64
	spend func(ctx context.Context, name string, n int64) (int64, error) // nil: own counts

	mu  sync.Mutex
	own map[string]int64
}

// stake is what was set aside for a question, and in which month.
type stake struct {
	name string
	n    int64
}

// sumName is the name of a month's sum.
func sumName(now time.Time) string { return "openai/tokens/" + now.In(china).Format("2006-01") }

// monthEnd is the beginning of the next month.
func monthEnd(now time.Time) time.Time {
	y, m, _ := now.In(china).Date()
	return time.Date(y, m+1, 1, 0, 0, 0, 0, china)
}

// stake sets n tokens aside. *bot.Unavailable says that the month has none left,
// or that nobody can tell: what cannot be counted is not spent.
func (b *budget) stake(ctx context.Context, now time.Time, n int64) (stake, error) {
	if b.limit <= 0 {
		return stake{}, nil
	}
	s := stake{sumName(now), n}
	sum, err := b.add(ctx, s.name, n)
	if err != nil {
		return stake{}, &bot.Unavailable{Why: "the month's budget cannot be read: " + err.Error()}
	}
	if sum <= b.limit {
		return s, nil
	}
	end := monthEnd(now)
	why := fmt.Sprintf("the month's %d tokens are spent, until %s", b.limit, end.Format("2006-01-02 15:04 (UTC-07)"))
	if err := b.settle(ctx, s, 0); err != nil {
		why += "; " + err.Error()
	}
	return stake{}, &bot.Unavailable{After: end.Sub(now), Why: why}
}

// settle replaces what was set aside by what was spent, also for a question whose
// time is over.
func (b *budget) settle(ctx context.Context, s stake, spent int64) error {
	if s.name == "" || spent == s.n {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLimit)
	defer cancel()
	_, err := b.add(ctx, s.name, spent-s.n)
	return err
}

func (b *budget) add(ctx context.Context, name string, n int64) (int64, error) {
	if b.spend != nil {
		return b.spend(ctx, name, n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own == nil {
		b.own = map[string]int64{}
	}
	b.own[name] += n
	return b.own[name], nil
}
