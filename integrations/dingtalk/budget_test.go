package dingtalk

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/integrations/dingtalk/dingfake"
)

// limited gives a platform a number of calls a month.
func limited(n int64) func(*Platform) {
	return func(p *Platform) { p.o.MonthlyCalls, p.ledger.limit = n, n }
}

// on sets the time of the wall.
func on(when string) func(*Platform) {
	t, err := time.Parse(time.RFC3339, when)
	if err != nil {
		panic(err)
	}
	return func(p *Platform) { p.clock = func() time.Time { return t } }
}

// budgetOf fails when there is none.
func budgetOf(t *testing.T, p *Platform) bot.Budget {
	t.Helper()
	b, err := p.Budget(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEveryCallIsCounted, but those for tokens, and in the sums that all processes
// share.
func TestEveryCallIsCounted(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p, other := speaker(t, s, limited(5000), meets(h)), speaker(t, s, limited(5000), meets(h))
	for i := range 30 {
		sent(t, p, news(fmt.Sprint("p", i)))
	}
	for i := range 15 {
		sent(t, other, news(fmt.Sprint("o", i)))
	}
	s.Fail(groupPath, dingfake.QPS())
	if _, err := p.Send(t.Context(), news("limited")); err == nil {
		t.Fatal("it was to fail")
	}
	name := monthName(ledgerName(s.ClientID), p.now().In(china))
	h.mu.Lock()
	shared := h.tallies[name]
	h.mu.Unlock()
	if shared < 20 || shared > 45 {
		t.Errorf("%d calls in the shared sum: behind by more than %d a process", shared, flushCalls)
	}
	p.settleBudget(t.Context())
	other.settleBudget(t.Context())
	for _, x := range []*Platform{p, other} {
		if b := budgetOf(t, x); b.Spent != 46 || b.Limit != 5000 || b.Reserve != 500 || b.Platform != "dingtalk" {
			t.Errorf("%+v", b)
		}
	}
	if strings.Contains(name, s.ClientID) {
		t.Error("the client id is in the name of the sum")
	}
}

// TestALateFlush: a few calls are written within seconds, though nothing follows.
func TestALateFlush(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p := speaker(t, s, limited(5000), meets(h))
	sent(t, p, news("1"))
	name := monthName(ledgerName(s.ClientID), p.now().In(china))
	eventually(t, "the call is in the shared sum", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.tallies[name] == 1
	})
}

// TestMonthsOfChina: the month begins at midnight in Shanghai.
func TestMonthsOfChina(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, limited(100), on("2026-11-30T16:00:00Z"))
	b := budgetOf(t, p)
	if b.Since.Format(time.RFC3339) != "2026-12-01T00:00:00+08:00" || b.Until.Format(time.RFC3339) != "2027-01-01T00:00:00+08:00" {
		t.Errorf("%s – %s", b.Since, b.Until)
	}
}

// TestForecast: 按现速 23 日用尽.
func TestForecast(t *testing.T) {
	day := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 0, 0, 0, china) }
	b := bot.Budget{Since: day(1, 0), Until: day(31, 0), Limit: 5000}
	for _, c := range []struct {
		name                    string
		now                     time.Time
		month, today, yest      int64
		want                    time.Time
		wantPace, wantPaceLeast float64
	}{
		{name: "nothing spent", now: day(1, 1)},
		{name: "it lasts", now: day(11, 0), month: 1000},
		{name: "the month's mean", now: day(11, 0), month: 2272, want: day(23, 0)},
		{name: "a busy day counts more than the mean", now: day(11, 12), month: 1000, today: 300, yest: 1000, want: day(16, 12)},
		{name: "the first hour says little", now: day(1, 1), month: 20, today: 20},
		{name: "all is spent", now: day(20, 0), month: 5000, want: day(20, 0)},
	} {
		b.Spent = c.month
		got := empty(b, paceOf(b.Since, c.now, c.month, c.today, c.yest), c.now)
		if got.IsZero() != c.want.IsZero() || got.Sub(c.want).Abs() > time.Hour {
			t.Errorf("%s: empty on %s, want %s", c.name, got, c.want)
		}
	}
}

// spend counts calls that were made elsewhere.
func spend(t *testing.T, p *Platform, n int64) {
	t.Helper()
	if _, err := p.tally(t.Context(), monthName(p.ledger.name, p.now().In(china)), n); err != nil {
		t.Fatal(err)
	}
}

// TestTheReserve is for urgent cases alone, until the month ends or the limit is
// raised; what costs no call still goes.
func TestTheReserve(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p := speaker(t, s, limited(1000), meets(h))
	spend(t, p, 900)
	_, err := p.Send(t.Context(), news("1"))
	l := isLater(t, err, "900 of the month's 1000 calls", "the last 100 are for urgent cases")
	if l.After <= 0 || l.After > savingWait {
		t.Errorf("after %s: what is urgent would wait behind it", l.After)
	}
	urgent := ping(t, "2")
	sent(t, p, urgent)
	if n := len(s.Calls(groupPath)); n != 0 {
		t.Errorf("%d calls were spent", n)
	}
	url, until := s.Webhook(front)
	p.sessions.note(room(front), url, until, wall())
	sent(t, p, news("3"))
	s.Expect(front, "张工 答复")
	_, err = p.Send(t.Context(), board(t, "4", front, desk.NUpdated))
	if l := isLater(t, err); !l.Merge {
		t.Error("a board's change holds up what comes after it")
	}
	if r := sent(t, p, board(t, "4b", front, desk.NOpened)); r.Ref != "" { // somebody waits for it
		t.Errorf("a board of a webhook has the reference %q", r.Ref)
	}
	asked := bot.Sending{Key: "4a", Room: room(back), Person: zhang, Private: true, Card: filled(t, "zh-CN", "refused.back")}
	_, err = p.Send(t.Context(), asked)
	isLater(t, err)
	url, until = s.Webhook(s.Direct(zhang))
	p.sessions.note(direct(zhang), url, until, wall())
	sent(t, p, asked)
	if n := len(s.Posted(s.Direct(zhang))); n != 1 || len(s.Calls(groupPath))+len(s.Calls(otoPath)) != 0 {
		t.Errorf("%d answers", n)
	}

	sent(t, speaker(t, s, limited(2000), meets(h)), news("5"))
	s.Skip(31 * 24 * time.Hour)
	sent(t, p, board(t, "6", front, desk.NOpened))
}

// TestThrift: while calls are saved a board is edited once a minute, but an urgent
// one at once.
func TestThrift(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, limited(1000))
	r := sent(t, p, board(t, "1", front, desk.NOpened))
	edit := func(urgent bool) error {
		b := board(t, "2", front, desk.NUpdated)
		b.Urgent = urgent
		_, err := p.Edit(t.Context(), r.Ref, b)
		return err
	}
	for range 3 {
		if err := edit(false); err != nil {
			t.Fatalf("saved too early: %v", err)
		}
	}
	spend(t, p, 800)
	s.Skip(freshFor)
	if b := budgetOf(t, p); !b.Thrifty {
		t.Fatalf("%+v", b)
	}
	if l := isLater(t, edit(false), "once a minute"); l.After > savingWait || !l.Merge {
		t.Errorf("%+v", l)
	}
	if err := edit(true); err != nil {
		t.Error(err)
	}
	s.Skip(boardPause)
	if err := edit(false); err != nil {
		t.Error(err)
	}
	isLater(t, edit(false))
}

// TestDingTalkKnowsBetter: others of the organisation spend too. When DingTalk says
// that nothing is left it is not asked for everything, Budget says so, and it is
// tried again now and then, and when a month begins.
func TestDingTalkKnowsBetter(t *testing.T) {
	s := organisation(t, dingfake.Quota(10))
	p := speaker(t, s, limited(5000))
	p.health.up()
	sent(t, p, news("1"))
	s.Spend(9)
	_, err := p.Send(t.Context(), news("2"))
	isLater(t, err, "used up")
	calls := len(s.Calls(groupPath))
	for range 5 {
		_, err = p.Send(t.Context(), news("2"))
		isLater(t, err, "used up")
	}
	if n := len(s.Calls(groupPath)); n != calls {
		t.Errorf("DingTalk was asked %d times more", n-calls)
	}
	if b := budgetOf(t, p); b.Spent != b.Limit || b.Empty.IsZero() || !b.Thrifty {
		t.Errorf("%+v", b)
	}
	s.Skip(time.Minute)
	rung := ping(t, "3")
	_, err = p.Send(t.Context(), rung)
	isLater(t, err)
	if len(s.Calls(deliverPath)) != 1 {
		t.Error("an urgent one was not tried after a minute")
	}
	s.Skip(31 * 24 * time.Hour)
	sent(t, p, news("2"))
	if b := budgetOf(t, p); b.Spent >= b.Limit {
		t.Errorf("%+v", b)
	}
}

// TestNotCounted: without a limit in the config there is nothing to keep.
func TestNotCounted(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p := speaker(t, s, meets(h))
	sent(t, p, news("1"))
	if b := budgetOf(t, p); b.Limit != 0 || b.Thrifty {
		t.Errorf("%+v", b)
	}
	for name := range h.tallies {
		if strings.HasPrefix(name, "dingtalk/calls/") {
			t.Errorf("%s is counted without a limit", name)
		}
	}
}

// away is a host whose store does not take sums.
type away struct {
	*host
	down atomic.Bool
}

func (a *away) Tally(ctx context.Context, name string, n int64) (int64, error) {
	if a.down.Load() {
		return 0, errAway
	}
	return a.host.Tally(ctx, name, n)
}

// TestAStoreThatIsAway holds nothing back, and nothing is forgotten.
func TestAStoreThatIsAway(t *testing.T) {
	s := organisation(t)
	h := &away{host: newHost()}
	p := speaker(t, s, limited(1000), func(p *Platform) { p.Meet(h) })
	h.down.Store(true)
	for i := range 25 {
		sent(t, p, news(fmt.Sprint(i)))
	}
	if _, err := p.Budget(t.Context()); err == nil {
		t.Error("a budget that nobody could read")
	}
	h.down.Store(false)
	if b := budgetOf(t, p); b.Spent != 25 {
		t.Errorf("%+v", b)
	}
	p.settleBudget(t.Context())
	if b := budgetOf(t, p); b.Spent != 25 {
		t.Errorf("%+v", b)
	}
}
