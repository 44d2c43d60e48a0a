package rounds

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
	"butler/sla"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func in(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// terms are those of a customer with everything on.
func terms(t *testing.T) *desk.Terms {
	return &desk.Terms{Rev: "1", Customer: "acme", Zone: in(t, "Asia/Shanghai"), Edition: sla.Edition{ID: "enterprise", Inspection: sla.Inspection{Scope: "named"}},
		Inspect: desk.Inspect{Minute: 9 * 60, Every: 30 * time.Minute, Quiet: desk.Quiet{From: 60, To: 300}, Assets: []desk.Asset{{Name: "https://www.example.com"}, {Name: "db.example.com"}},
			Scan: desk.Authority{By: "李华", Until: at(t, "2027-01-01T00:00:00+08:00")}}}
}

// words names what is due.
func words(d Due) string {
	var out []string
	for _, l := range d.Looks {
		switch {
		case l.Daily:
			out = append(out, "daily")
		case l.Scan:
			out = append(out, "scan")
		default:
			out = append(out, "visit")
		}
	}
	if d.Withdraw {
		out = append(out, "withdraw")
	}
	return strings.Join(out, " ")
}

func TestPlan(t *testing.T) {
	known := []string{"https://www.example.com", "db.example.com"}
	noon := at(t, "2026-11-23T12:00:00+08:00")
	looked := State{Visit: noon, Daily: noon, Scan: noon, Known: known}
	for _, c := range []struct {
		name   string
		change func(*desk.Terms, *State)
		now    string
		want   string
	}{
		{"the first look, in the day", func(_ *desk.Terms, s *State) { *s = State{} }, "2026-11-23T12:00:00+08:00", "daily"},
		{"the first look, in the night", func(_ *desk.Terms, s *State) { *s = State{} }, "2026-11-23T04:00:00+08:00", "daily scan"},
		{"just looked", nil, "2026-11-23T12:01:00+08:00", ""},
		{"the next visit", nil, "2026-11-23T12:46:00+08:00", "visit"},
		{"a day without us: once, late", nil, "2026-11-24T23:00:00+08:00", "daily"},
		{"before the hour before the summary", func(_ *desk.Terms, s *State) { s.Visit = at(t, "2026-11-24T07:50:00+08:00") }, "2026-11-24T07:59:59+08:00", ""},
		{"at its end at the latest", func(_ *desk.Terms, s *State) { s.Visit = at(t, "2026-11-24T08:40:00+08:00") }, "2026-11-24T08:45:00+08:00", "daily"},
		{"once", func(_ *desk.Terms, s *State) {
			s.Visit, s.Daily = at(t, "2026-11-24T08:45:00+08:00"), at(t, "2026-11-24T08:45:00+08:00")
		}, "2026-11-24T08:50:00+08:00", ""},
		{"a new asset", func(_ *desk.Terms, s *State) { s.Known = known[:1] }, "2026-11-23T12:01:00+08:00", "daily"},
		{"before the quiet window", func(_ *desk.Terms, s *State) { s.Visit = at(t, "2026-11-24T00:45:00+08:00") }, "2026-11-24T00:59:00+08:00", ""},
		{"in it", func(_ *desk.Terms, s *State) { s.Visit = at(t, "2026-11-24T02:55:00+08:00") }, "2026-11-24T03:00:00+08:00", "scan"},
		{"at its end", func(_ *desk.Terms, s *State) { s.Visit = at(t, "2026-11-24T04:55:00+08:00") }, "2026-11-24T05:00:00+08:00", ""},
		{"once in it", func(_ *desk.Terms, s *State) {
			s.Visit, s.Scan = at(t, "2026-11-24T02:55:00+08:00"), at(t, "2026-11-24T02:30:00+08:00")
		}, "2026-11-24T03:00:00+08:00", ""},
		{"without leave", func(x *desk.Terms, s *State) {
			x.Inspect.Scan = desk.Authority{}
			s.Visit = at(t, "2026-11-24T02:55:00+08:00")
		}, "2026-11-24T03:00:00+08:00", ""},
		{"after the leave has ended", func(x *desk.Terms, s *State) {
			x.Inspect.Scan.Until = at(t, "2026-11-24T00:00:00+08:00")
			s.Visit = at(t, "2026-11-24T02:55:00+08:00")
		}, "2026-11-24T03:00:00+08:00", ""},
		{"no window", func(x *desk.Terms, s *State) {
			x.Inspect.Quiet = desk.Quiet{}
			s.Visit = at(t, "2026-11-24T02:55:00+08:00")
		}, "2026-11-24T03:00:00+08:00", ""},
		{"a window past midnight", func(x *desk.Terms, s *State) {
			x.Inspect.Quiet = desk.Quiet{From: 23 * 60, To: 60}
			s.Visit = at(t, "2026-11-24T00:25:00+08:00")
		}, "2026-11-24T00:30:00+08:00", "scan"},
		{"never", func(x *desk.Terms, s *State) { x.Inspect.Every = 0 }, "2026-11-24T09:00:00+08:00", ""},
		{"never, and something open", func(x *desk.Terms, s *State) { x.Inspect.Every, s.Told = 0, map[string]Told{"x": {}} }, "2026-11-24T09:00:00+08:00", "withdraw"},
		{"no assets", func(x *desk.Terms, s *State) { x.Inspect.Assets = nil }, "2026-11-24T09:00:00+08:00", ""},
		{"an edition that covers nothing now", func(x *desk.Terms, s *State) { x.Edition.Inspection.Scope = "incident" }, "2026-11-24T09:00:00+08:00", ""},
	} {
		x, s := terms(t), looked
		if c.change != nil {
			c.change(x, &s)
		}
		now := at(t, c.now)
		due := Plan(x, desk.Desk{}, s, now)
		if got := words(due); got != c.want {
			t.Errorf("%s: %q is due, want %q", c.name, got, c.want)
		}
		if !due.Next.IsZero() && !due.Next.After(now) {
			t.Errorf("%s: the next time is %s", c.name, due.Next)
		}
		for _, l := range due.Looks {
			if l.Scan && (!l.Until.After(now) || slices.Contains(l.Checks, probe.Page)) || !l.Scan && slices.ContainsFunc(l.Checks, func(c probe.Check) bool { return slices.Contains(probe.Scans, c) }) {
				t.Errorf("%s: %+v", c.name, l)
			}
		}
	}
}

// Following Next never misses anything: a schedule kept by it is the one kept by
// asking every minute, across a change of the clocks.
func TestNextIsEnough(t *testing.T) {
	for i := range 6 {
		x := terms(t)
		x.Customer, x.Zone = fmt.Sprintf("c%d", i), in(t, "Europe/London")
		x.Inspect.Minute = []int{0, 9 * 60, 23*60 + 30}[i%3]
		x.Inspect.Quiet = []desk.Quiet{{From: 60, To: 120}, {From: 23 * 60, To: 300}, {From: 0, To: 30}}[i%3]
		begin := at(t, "2026-10-23T12:00:00Z")
		run := func(step func(now, next time.Time) time.Time) (log []string) {
			var s State
			next := begin
			for now := begin; now.Before(begin.AddDate(0, 0, 3)); now = step(now, next) {
				due := Plan(x, desk.Desk{}, s, now)
				if next = due.Next; !next.After(now) {
					t.Fatalf("%s at %s: next is %s", x.Customer, now, next)
				}
				for _, l := range due.Looks {
					switch {
					case l.Scan:
						s.Scan = now
					case l.Daily:
						s.Daily, s.Visit, s.Known = now, now, []string{"https://www.example.com", "db.example.com"}
					default:
						s.Visit = now
					}
				}
				if len(due.Looks) > 0 {
					log = append(log, now.Format(time.RFC3339)+" "+words(due))
				}
			}
			return log
		}
		often := run(func(now, _ time.Time) time.Time { return now.Add(time.Minute) })
		seldom := run(func(_, next time.Time) time.Time { return next })
		// Who asks every minute finds each up to a minute later.
		if !slices.EqualFunc(often, seldom, func(o, s string) bool {
			late := at(t, strings.Fields(o)[0]).Sub(at(t, strings.Fields(s)[0]))
			return 0 <= late && late < time.Minute && strings.SplitN(o, " ", 2)[1] == strings.SplitN(s, " ", 2)[1]
		}) {
			t.Fatalf("%s: by Next\n%s\nby asking all the time\n%s", x.Customer, strings.Join(seldom, "\n"), strings.Join(often, "\n"))
		}
		var daily, scans int
		for _, l := range often {
			daily += strings.Count(l, "daily")
			scans += strings.Count(l, "scan")
		}
		if daily < 3 || daily > 4 || scans < 2 || scans > 3 {
			t.Errorf("%s: %d daily looks and %d scans in three days:\n%s", x.Customer, daily, scans, strings.Join(often, "\n"))
		}
	}
}

// The hour before the summary is the customer's, also on the day the clocks change.
func TestTheDailyLookFollowsTheCustomersClock(t *testing.T) {
	x := terms(t)
	x.Zone = in(t, "Europe/London")
	for _, c := range []struct{ now, summary string }{
		{"2026-10-24T12:00:00Z", "2026-10-25T09:00:00Z"}, // 09:00 BST of the 24th is over; the 25th has GMT
		{"2026-10-23T12:00:00Z", "2026-10-24T08:00:00Z"},
		{"2026-03-28T12:00:00Z", "2026-03-29T08:00:00Z"},
	} {
		got, summary := dailyAfter(x, at(t, c.now)), at(t, c.summary)
		if got.Before(summary.Add(-ahead)) || !got.Before(summary.Add(-ahead+spread)) {
			t.Errorf("after %s: %s, want it in the 45 min from an hour before %s", c.now, got, summary)
		}
	}
}

func TestScope(t *testing.T) {
	now := at(t, "2026-11-23T12:00:00+08:00")
	solved := func(day string, days int, assets ...string) desk.Case {
		return desk.Case{Kind: desk.Incident, Status: desk.Resolved, ResolvedAt: at(t, day+"T12:00:00+08:00"), Row: sla.Row{SafeDays: days}, Assets: assets}
	}
	for _, c := range []struct {
		name, scope string
		key         bool
		cases       []desk.Case
		want        []string
	}{
		{"enterprise", "named", true, nil, []string{"https://www.example.com/a", "db.example.com", "10.0.0.8"}},
		{"escort, marked", "key", true, nil, []string{"db.example.com"}},
		{"escort, nothing marked", "key", false, nil, []string{"https://www.example.com/a", "db.example.com", "10.0.0.8"}},
		{"emergency, no incident", "incident", true, nil, nil},
		{"emergency, a host", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Open, Assets: []string{"www.example.com"}}}, []string{"https://www.example.com/a"}},
		{"emergency, a domain above", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Open, Assets: []string{"example.com"}}}, nil},
		{"emergency, a page", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Open, Assets: []string{"https://www.example.com/a"}}}, []string{"https://www.example.com/a"}},
		{"emergency, part of a name", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Open, Assets: []string{"ple.com", "com"}}}, nil},
		{"emergency, an address", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Open, Assets: []string{"10.0.0.8"}}}, []string{"10.0.0.8"}},
		{"emergency, the last day", "incident", false, []desk.Case{solved("2026-11-08", 15, "10.0.0.8")}, []string{"10.0.0.8"}},
		{"emergency, the day after", "incident", false, []desk.Case{solved("2026-11-07", 15, "10.0.0.8")}, nil},
		{"emergency, another matter", "incident", false, []desk.Case{{Kind: desk.Vulnerability, Status: desk.Open, Assets: []string{"10.0.0.8"}}}, nil},
		{"emergency, closed", "incident", false, []desk.Case{{Kind: desk.Incident, Status: desk.Closed, Assets: []string{"10.0.0.8"}}}, nil},
	} {
		x := terms(t)
		x.Edition.Inspection.Scope = c.scope
		x.Inspect.Assets = []desk.Asset{{Name: "https://www.example.com/a"}, {Name: "db.example.com", Key: c.key}, {Name: "10.0.0.8"}}
		var got []string
		for _, a := range Scope(x, desk.Desk{Cases: c.cases}, now) {
			got = append(got, a.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Ten thousand customers who want their summary at the same time are spread evenly.
func TestCustomersAreSpread(t *testing.T) {
	var minutes [45]int
	x := terms(t)
	for i := range 10_000 {
		x.Customer = fmt.Sprintf("customer-%d", i)
		minutes[int(share(x.Customer, "daily", spread)/time.Minute)]++
	}
	for m, n := range minutes {
		if n < 150 || n > 300 {
			t.Errorf("minute %d has %d of 10,000, want about 222", m, n)
		}
	}
}
