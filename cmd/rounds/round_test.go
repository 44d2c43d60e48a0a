package rounds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot/desk"
)

const gambling = `<html><head><title>澳门新葡京娱乐城</title></head><body><h1>真人百家乐 时时彩 六合彩</h1><p>首存送彩金，注册送彩金，赌场 在线博彩</p></body></html>`

// The story of a page: found well, defaced, fixed, looked at again, with a proof. A
// visit that sees nothing new says nothing, and a restart changes nothing.
func TestAPageIsDefacedAndMended(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "every: 30m")
	p := w.start()
	if o := p.makeRound(); o.next.IsZero() {
		t.Errorf("%+v", o)
	}
	if d := w.desk(); w.looks() != 1 || len(d.Cases) != 0 || d.Inspection.Looks[desk.LayerApplication].Assets != 1 || d.Inspection.Tries == 0 || d.Inspection.Good != d.Inspection.Tries {
		t.Fatalf("the first look: %d inputs, %+v", w.looks(), d)
	}
	p.makeRound()
	before := s.seen("/")
	w.wait("2026-11-23T12:46:00+08:00")
	p.makeRound()
	if s.seen("/") == before || w.looks() != 1 {
		t.Errorf("a quiet visit: %d calls, %d inputs", s.seen("/")-before, w.looks())
	}

	p = w.start() // another process, with what the store holds
	before = s.seen("/")
	if p.makeRound(); s.seen("/") != before {
		t.Error("a restart looks again")
	}
	s.set(gambling)
	w.wait("2026-11-23T13:40:00+08:00")
	p.makeRound()
	f := w.finding("赌博")
	if c, ok := w.desk().Case(f.Case); !ok || c.Kind != desk.Incident || c.Category != desk.ContentSecurity || f.Severity != desk.High {
		t.Fatalf("%+v: %+v", f, w.desk().Cases)
	}

	s.set(shop)
	before = w.looks()
	p.says(zhang, desk.Retest{Finding: f.N})
	p.makeRound()
	f = w.finding("赌博")
	if _, told := w.record("retested"); f.Fixed.IsZero() || f.Proof == "" || len(told) == 0 {
		t.Errorf("after the retest: %+v, told %q", f, told)
	}
	p.makeRound()
	if n := w.looks() - before; n == 0 || n > 2 {
		t.Errorf("a retest is %d inputs", n)
	}
}

// Two processes find the same customer due, and one of them looks.
func TestTwoProcessesMakeOneRound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "")
	all := []*process{w.start(), w.start(), w.start()}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, p := range all {
		running.Go(func() { p.Run(ctx) })
		p.Beat()
	}
	for _, p := range all {
		p.quiet()
	}
	stop()
	running.Wait()
	var looks, skipped int64
	for _, p := range all {
		looks, skipped = looks+p.Count.Looks.Load(), skipped+p.Count.Skipped.Load()
	}
	if looks != 1 || w.looks() != 1 || skipped > 2 {
		t.Errorf("%d looks, %d left out, %d inputs", looks, skipped, w.looks())
	}
}

// quiet waits until nobody is due and nobody on their way.
func (p *process) quiet() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.busy > 0 || len(p.line) > 0 {
		p.idle.Wait()
	}
}

// A scan runs in the quiet window and with leave only; so does a retest of what it
// found, and whoever asks by day is told when.
func TestAScanWaitsForTheNight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.serve("/.git/HEAD", "ref: refs/heads/main\n")
	w := earth(t, s, "enterprise", `quiet: "01:00-05:00"
      scan: {by: 李华, until: 2026-11-25}`)
	p := w.start()
	p.makeRound()
	if s.seen("/.git/HEAD") != 0 {
		t.Fatal("it scans by day")
	}
	w.wait("2026-11-24T03:30:00+08:00")
	p.makeRound()
	f := w.finding("Git")
	if f.Severity != desk.High || f.Case == 0 {
		t.Errorf("%+v", f)
	}
	s.serve("/.git/HEAD", "")

	w.wait("2026-11-24T10:00:00+08:00")
	p.makeRound() // the daily look of that morning
	before := s.seen("/.git/HEAD")
	p.says(zhang, desk.Retest{Finding: f.N})
	o := p.makeRound()
	_, told := w.record("retested")
	if s.seen("/.git/HEAD") != before || len(told) != 1 || !strings.Contains(told[0], "2026-11-25 01:00–05:00 (Asia/Shanghai)") {
		t.Errorf("by day: %d calls, told %q", s.seen("/.git/HEAD")-before, told)
	}
	p.makeRound()
	if _, told := w.record("retested"); len(told) != 1 || o.next.IsZero() || o.next.After(at(t, "2026-11-25T01:00:00+08:00")) {
		t.Errorf("told %q, next at %s", told, o.next)
	}
	w.wait("2026-11-25T01:00:00+08:00")
	p.makeRound()
	f = w.finding("Git")
	if _, told := w.record("retested"); f.Fixed.IsZero() || f.Proof == "" || len(told) != 2 {
		t.Errorf("in the night: %+v, told %q", f, told)
	}

	before = s.seen("/.git/HEAD")
	w.wait("2026-11-26T03:30:00+08:00")
	if p.makeRound(); s.seen("/.git/HEAD") != before {
		t.Error("it scans after the leave has ended")
	}
}

// An address that the config does not allow is not spoken to, and that is said.
func TestAPrivateAddressIsNotSpokenTo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "")
	w.yaml = strings.Replace(w.yaml, "private: true", "private: false", 1)
	w.start().makeRound()
	d := w.desk()
	if s.seen("/") != 0 || d.Inspection.Looks[desk.LayerApplication].Blind != 1 || len(d.Cases) != 0 {
		t.Errorf("%d calls; %+v", s.seen("/"), d.Inspection.Looks)
	}
}

// A site that cannot be looked at any more is told with the next visit, once.
func TestALayerThatCannotBeLookedAtAnyMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "")
	w.start().makeRound()
	w.yaml = strings.Replace(w.yaml, "private: true", "private: false", 1)
	p := w.start()
	for i, now := range []string{"2026-11-23T12:46:00+08:00", "2026-11-23T13:46:00+08:00"} {
		w.wait(now)
		p.makeRound()
		if look := w.desk().Inspection.Looks[desk.LayerApplication]; look.Blind != 1 || w.looks() != 2 {
			t.Errorf("visit %d: %+v, %d inputs", i+1, look, w.looks())
		}
	}
}

// The emergency edition looks at what an incident names, and at nothing without one.
func TestOnlyWhatTheIncidentNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "emergency", "")
	p := w.start()
	p.makeRound()
	if s.seen("/") != 0 || w.looks() != 0 {
		t.Fatal("it looks without an incident")
	}
	p.entry("acme").known = true // as after a round of Run's
	p.says(lihua, desk.Report{Kind: desk.Incident, Text: "127.0.0.1 主机被入侵", Verdict: desk.Verdict{Label: string(desk.Incident), Urgent: true, Assets: []string{"127.0.0.1"}}})
	p.mu.Lock()
	hurry := slices.Contains(p.line, "acme")
	p.mu.Unlock()
	if p.makeRound(); !hurry || s.seen("/") == 0 || w.looks() != 1 {
		t.Errorf("in line %t, %d calls, %d inputs", hurry, s.seen("/"), w.looks())
	}
}

// A process that dies between looking and telling loses nothing and says nothing
// twice: the words are in the store with their identity.
func TestDyingBeforeTheDeskIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.set(gambling)
	w := earth(t, s, "enterprise", "")
	p := w.start()
	handle := p.o.Handle
	p.o.Handle = func(context.Context, string, desk.Input) error { return fmt.Errorf("the store is gone") }
	p.makeRound()
	if w.looks() != 0 || p.Count.Failed.Load() != 1 {
		t.Fatalf("%d inputs, %d failures", w.looks(), p.Count.Failed.Load())
	}
	calls := s.seen("/")
	next := w.start()
	next.o.Handle = func(ctx context.Context, customer string, in desk.Input) error {
		if err := handle(ctx, customer, in); err != nil {
			return err
		}
		return fmt.Errorf("the answer was lost")
	}
	next.makeRound()
	w.start().makeRound()
	if w.looks() != 1 || len(w.desk().Cases) != 1 || s.seen("/") != calls {
		t.Errorf("%d inputs, %d cases, %d more calls", w.looks(), len(w.desk().Cases), s.seen("/")-calls)
	}
}

// A round never outlives its turn.
func TestALongRoundIsBrokenOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "")
	p := w.start()
	p.held["acme"] = held{0, time.Now().Add(50 * time.Millisecond)}
	if o := p.makeRound(); w.looks() != 0 || p.Count.Failed.Load() == 0 || !o.next.Equal(w.time().Add(politely)) {
		t.Errorf("%d inputs, %d failures, next %s", w.looks(), p.Count.Failed.Load(), o.next)
	}
	if p.makeRound(); w.looks() != 1 {
		t.Error("the next round does not make up for it")
	}
}

// A case that was solved is looked at again; where the trouble is still to be seen,
// it is opened again.
func TestASolvedCaseIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.set(gambling)
	w := earth(t, s, "enterprise", "")
	p := w.start()
	p.makeRound()
	n := w.finding("赌博").Case
	p.says(zhang, desk.Claim{Case: n, Text: "正在处理"})
	p.says(zhang, desk.Resolve{Case: n, Summary: "已清除"})
	before := s.seen("/")
	if p.makeRound(); s.seen("/") != before {
		t.Error("it looks before the change can have arrived everywhere")
	}
	w.wait("2026-11-23T12:02:00+08:00")
	p.makeRound()
	if c, _ := w.desk().Case(n); c.Status != desk.Open {
		t.Errorf("the case is %s", c.Status)
	}
}

// A change that the customer accepts is normal from then on.
func TestAnAcceptedChangeIsNormal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := earth(t, s, "enterprise", "")
	p := w.start()
	p.makeRound()
	s.set(strings.Replace(shop, "</body>", `<script src="https://static.partner.test/x.js"></script></body>`, 1))
	w.wait("2026-11-23T12:46:00+08:00")
	p.makeRound()
	f := w.finding("脚本")
	if !f.Change {
		t.Fatalf("%+v", f)
	}
	p.says(lihua, desk.Accept{Finding: f.N, Days: 30, Reason: "合作方的统计"})
	p.makeRound()
	if f = w.finding("脚本"); f.Fixed.IsZero() {
		t.Errorf("%+v", f)
	}
	w.wait("2026-11-23T13:46:00+08:00")
	if p.makeRound(); w.finding("脚本").Fixed.IsZero() {
		t.Error("it is found again")
	}
}
