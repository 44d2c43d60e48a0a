package dingtalk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"butler/bot"
)

// Of the ledger of a month's calls.
const (
	flushCalls  = 20              // calls that may be missing in the shared sum
	flushAfter  = 3 * time.Second // and for how long
	flushLimit  = 3 * time.Second // of one write of the sum
	leastLeft   = 50              // calls of the reserve, at least
	thriftShare = 80              // per cent of the limit, beyond which it is saved
	boardPause  = time.Minute     // between two edits of one board while it is saved
	leastPace   = 24 * time.Hour  // a mean over less says little
)

const usedUpLine = "the month's calls of the organisation are used up (ApiCountLimitForOrg); DingTalk takes none until the next month begins or more are bought"

// china is where DingTalk's months begin. No summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// ledger counts the calls that count against the month's limit. All processes
// share the sums, by the host's Tally; a process writes its part in small batches.
type ledger struct {
	limit int64  // 0: nothing is counted
	name  string // of the sums: dingtalk/calls/<client>/
	clock func() time.Time
	tally func(ctx context.Context, name string, n int64) (int64, error)
	fail  func(error)

	mu      sync.Mutex
	pending map[string]int64 // by name of a sum, not written yet
	waiting int              // calls in pending
	sums    map[string]int64 // as last seen, with what was written
	asked   map[string]time.Time
	timer   *time.Timer
	shut    time.Time // when DingTalk said that nothing is left; zero: it did not
	probed  time.Time // when it was asked last all the same
}

// ledgerName begins the names of an app's sums. The app's id is nobody else's
// business.
func ledgerName(clientID string) string {
	sum := sha256.Sum256([]byte(clientID))
	return "dingtalk/calls/" + hex.EncodeToString(sum[:6]) + "/"
}

// spent counts a call. What DingTalk refused because nothing is left costs
// nothing; what got no answer may have cost a call, and counts.
func (p *Platform) spent(ctx context.Context, a answer) {
	p.Count.Calls.Add(1)
	if !a.overQuota() {
		p.ledger.count(ctx)
	}
}

func (l *ledger) count(ctx context.Context) {
	if l.limit == 0 || l.tally == nil {
		return
	}
	now := l.clock().In(china)
	l.mu.Lock()
	if l.pending == nil {
		l.pending = map[string]int64{}
	}
	l.pending[monthName(l.name, now)]++
	l.pending[dayName(l.name, now)]++
	l.waiting++
	full := l.waiting >= flushCalls
	if l.timer == nil && !full {
		l.timer = time.AfterFunc(flushAfter, func() { l.flush(context.WithoutCancel(ctx)) })
	}
	l.mu.Unlock()
	if full {
		l.flush(ctx)
	}
}

// flush writes what is not written yet. What cannot be written is kept.
func (l *ledger) flush(ctx context.Context) {
	l.mu.Lock()
	batch := l.pending
	l.pending, l.waiting = nil, 0
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	for name, n := range batch {
		sum, err := l.tally(ctx, name, n)
		l.mu.Lock()
		if err != nil {
			if l.pending == nil {
				l.pending = map[string]int64{}
			}
			l.pending[name] += n
		} else {
			l.know(name, sum)
		}
		l.mu.Unlock()
		if err != nil {
			l.fail(err)
		}
	}
}

// know remembers a sum. The lock is held.
func (l *ledger) know(name string, sum int64) {
	if l.sums == nil || len(l.sums) > 64 { // months go by
		l.sums, l.asked = map[string]int64{}, map[string]time.Time{}
	}
	l.sums[name], l.asked[name] = sum, l.clock()
}

// sum is a shared sum with what this process has not written yet. It is asked for
// anew when it is older than a time.
func (l *ledger) sum(ctx context.Context, name string, within time.Duration) (int64, error) {
	l.mu.Lock()
	sum, known := l.sums[name]
	old := !known || l.clock().Sub(l.asked[name]) >= within
	pending := l.pending[name]
	l.mu.Unlock()
	if !old {
		return sum + pending, nil
	}
	sum, err := l.tally(ctx, name, 0)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.know(name, sum)
	return sum + l.pending[name], nil
}

// close notes that DingTalk says nothing is left; open that it took a call again.
func (l *ledger) close(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut.IsZero() {
		l.shut = now
	}
	l.probed = now
}

func (l *ledger) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut, l.probed = time.Time{}, time.Time{}
}

// closed says for how long no call should be tried: DingTalk said that nothing is
// left. Now and then one is let through, to hear whether that changed; an urgent
// one sooner; the first of a new month at once.
func (l *ledger) closed(urgent bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if l.shut.IsZero() || monthName("", now.In(china)) != monthName("", l.shut.In(china)) {
		return 0
	}
	pause := quotaWait
	if urgent {
		pause = time.Minute
	}
	if left := pause - now.Sub(l.probed); left > 0 {
		return left
	}
	l.probed = now
	return 0
}

// used reports whether DingTalk said this month that nothing is left.
func (l *ledger) used() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.shut.IsZero() && monthName("", l.clock().In(china)) == monthName("", l.shut.In(china))
}

func monthName(prefix string, t time.Time) string { return prefix + t.Format("2006-01") }
func dayName(prefix string, t time.Time) string   { return prefix + t.Format("2006-01-02") }

// Budget is what was spent of this month's calls. Without a limit in the config
// nothing is counted, and Limit is 0.
func (p *Platform) Budget(ctx context.Context) (bot.Budget, error) { return p.budget(ctx, 0) }

// budget is Budget with sums that may be as old as a time.
func (p *Platform) budget(ctx context.Context, within time.Duration) (bot.Budget, error) {
	l := &p.ledger
	now := l.clock().In(china)
	b := bot.Budget{Platform: p.Name(), Limit: l.limit, Since: time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, china)}
	b.Until = b.Since.AddDate(0, 1, 0)
	if l.limit == 0 || l.tally == nil {
		return b, nil
	}
	month, err := l.sum(ctx, monthName(l.name, now), within)
	if err != nil {
		return b, err
	}
	today, err := l.sum(ctx, dayName(l.name, now), within)
	if err != nil {
		return b, err
	}
	yesterday, err := l.sum(ctx, dayName(l.name, now.AddDate(0, 0, -1)), max(within, time.Minute))
	if err != nil {
		return b, err
	}
	b.Spent = month
	if l.used() {
		b.Spent = max(b.Spent, b.Limit) // others of the organisation spend too
	}
	b.Reserve = reserveOf(b.Limit)
	b.Empty = empty(b, paceOf(b.Since, now, month, today, yesterday), now)
	b.Thrifty = !b.Empty.IsZero() || b.Spent*100 >= b.Limit*thriftShare
	return b, nil
}

// reserveOf is the end of the limit that is kept for urgent cases: a tenth, and at
// least 50 calls.
func reserveOf(limit int64) int64 { return min(max(limit/10, leastLeft), limit) }

// paceOf is how many calls a day are spent: the month's mean or the last 24 hours,
// whichever is more. Of yesterday the part counts that is less than 24 hours ago.
func paceOf(since, now time.Time, month, today, yesterday int64) float64 {
	mean := float64(month) / (max(now.Sub(since), leastPace).Hours() / 24)
	morning := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	rest := 1 - now.Sub(morning).Hours()/24
	return max(mean, float64(today)+float64(yesterday)*rest)
}

// empty is when the limit is reached at a pace a day; zero when it lasts until the
// month ends.
func empty(b bot.Budget, pace float64, now time.Time) time.Time {
	left := b.Limit - b.Spent
	if left <= 0 {
		return now
	}
	if pace <= 0 {
		return time.Time{}
	}
	if days := float64(left) / pace; days < b.Until.Sub(now).Hours()/24 {
		return now.Add(time.Duration(days * 24 * float64(time.Hour)))
	}
	return time.Time{}
}

// freshFor is how old the sums may be by which sendings are let through.
const freshFor = 10 * time.Second

// afford says whether a sending may cost calls now; nil, or a Later. What DingTalk
// refuses because nothing is left is not tried, and the reserve is for urgent
// cases alone. The wait is short, and costs no call: a room rests as a whole, and
// what is urgent must not wait behind what is not.
func (p *Platform) afford(ctx context.Context, urgent bool) error {
	if wait := p.ledger.closed(urgent); wait > 0 {
		return notNow(codeSaving, min(wait, savingWait), usedUpLine)
	}
	if urgent || p.ledger.limit == 0 || p.ledger.tally == nil {
		return nil
	}
	b, err := p.budget(ctx, freshFor)
	if err != nil {
		p.log.Warn("dingtalk: the month's calls could not be read; sending goes on", "error", err)
		return nil
	}
	if b.Limit-b.Spent > b.Reserve {
		return nil
	}
	return notNow(codeSaving, savingWait, fmt.Sprintf("%d of the month's %d calls are spent: the last %d are for urgent cases, until %s or until monthly_calls is raised",
		b.Spent, b.Limit, b.Reserve, b.Until.Format("01-02 15:04 (UTC+8)")))
}

// thrifty reports whether calls are saved now.
func (p *Platform) thrifty(ctx context.Context) bool {
	b, err := p.budget(ctx, freshFor)
	return err == nil && b.Thrifty
}

// settleBudget writes what was counted and not written yet: when listening ends.
func (p *Platform) settleBudget(ctx context.Context) { p.ledger.flush(context.WithoutCancel(ctx)) }
