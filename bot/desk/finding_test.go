package desk_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

func (m *story) looks(a desk.Looked) *story {
	a.Source = desk.Probe
	return m.do(desk.Input{Act: a, Actor: system})
}

var (
	defaced = desk.Found{ID: "page/1", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "首页出现博彩词语", TitleEn: "Gambling words on the home page",
		Severity: desk.High, Matter: desk.Incident, Category: desk.ContentSecurity, Detail: "博彩, 澳门"}
	expiring = desk.Found{ID: "tls/1", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "证书将在 12 天后到期", Severity: desk.Medium, Detail: "notAfter 2026-12-05"}
)

// TestDefacementIsAnIncident: what cannot wait opens a case with its own clock; a
// second look that still sees it after it was called solved opens it again; a look
// that sees nothing closes the finding with its proof.
func TestDefacementIsAnIncident(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{defaced}})
	c, ok := m.d.Case(1)
	if !ok || c.Kind != desk.Incident || !c.Urgent || c.Category != desk.ContentSecurity {
		t.Fatalf("%+v", c)
	}
	if due, running := c.Respond.Running(); !running || due.Sub(c.Opened) != 15*time.Minute {
		t.Errorf("the clock ends %s", due)
	}
	if m.looks(desk.Looked{Findings: []desk.Found{defaced}}); len(m.d.Cases) != 1 || len(m.ch.Notices) > 0 {
		t.Error("the same again is news")
	}
	m.do(by(zhang, desk.Resolve{Case: 1, Summary: "已清除"}))
	m.looks(desk.Looked{Findings: []desk.Found{defaced}, Retest: true})
	if c, _ = m.d.Case(1); c.Status != desk.Open || !c.Respond.Open() || m.told(desk.NReopened, desk.Front) == nil {
		t.Errorf("not opened again: %s", c.Status)
	}
	fixed := defaced
	fixed.Fixed, fixed.Detail = true, "没有再看到博彩词语"
	m.looks(desk.Looked{Findings: []desk.Found{fixed}, Retest: true})
	n := m.told(desk.NRetested, desk.Back)
	if n == nil || n.Facts.Why != "retest-passed" || n.Inside.Note != "没有再看到博彩词语" || n.Person != "zhang" {
		t.Errorf("%+v", n)
	}
	if f := m.d.Findings[0]; f.Fixed.IsZero() || f.Proof != "没有再看到博彩词语" {
		t.Errorf("%+v", f)
	}
}

// TestACaseOfAFinding: the experts see on its card what was seen, and by whom; the
// customer reads no internal name, and the summary tells the matter once.
func TestACaseOfAFinding(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{defaced}})
	if _, in, _ := desk.Board(m.d, 1, desk.Back, m.now); in == nil || in.Note != "F1 · 博彩, 澳门 · probe" {
		t.Errorf("the experts see %+v", in)
	}
	other := newStory(t).do(desk.Input{Actor: desk.Actor{Role: desk.System, Name: "hids-2"}, Act: desk.Found{Source: "hids-2", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "弱口令", Severity: desk.High}})
	for _, d := range []desk.Desk{m.d, other.d} {
		if f, in, _ := desk.Board(d, 1, desk.Front, m.now); in != nil || f.Why != "" || f.Reporter != "" {
			t.Errorf("the customer reads %q, %q, %+v", f.Why, f.Reporter, in)
		}
	}
	if s := m.summary(); len(s.Told) != 1 || s.Told[0].Label != "#1" {
		t.Errorf("the summary tells %+v", s.Told)
	}
	m.do(by(zhang, desk.Resolve{Case: 1, Summary: "已清除"}))
	if s := m.summary(); len(s.Decide) != 1 || s.Decide[0].Command != "/confirm 1" {
		t.Errorf("the customer is to decide %+v", s.Decide)
	}
}

// TestTheTimelineOfACaseNamesItsFinding: for staff, who work with its number.
func TestTheTimelineOfACaseNamesItsFinding(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring, defaced}})
	var lines []desk.Event // as the journal is read for /timeline 1
	for _, e := range m.ch.Events {
		if e.Case == 1 {
			lines = append(lines, e)
		}
	}
	m.do(by(zhang, desk.Query{What: "timeline", Case: 1, Lines: lines}))
	var read []string
	for _, it := range m.told(desk.NAnswer, desk.Back).Facts.Items {
		if it.State == "finding" {
			read = append(read, it.Value)
		}
	}
	same(t, "the timeline of case 1", strings.Join(read, ", "), "F2 首页出现博彩词语")
}

// TestStaleIsNotFixed: what could not be looked at again stays open and reopens
// nothing.
func TestStaleIsNotFixed(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{defaced}})
	m.do(by(zhang, desk.Resolve{Case: 1, Summary: "已清除"}))
	stale := defaced
	stale.Stale = true
	m.looks(desk.Looked{Findings: []desk.Found{stale}, Retest: true})
	if c, _ := m.d.Case(1); c.Status != desk.Resolved || !m.d.Findings[0].Fixed.IsZero() {
		t.Errorf("%s, %+v", c.Status, m.d.Findings[0])
	}
}

// TestARetestThatMustWait: whoever asked is told why, and goes on waiting.
func TestARetestThatMustWait(t *testing.T) {
	port := desk.Found{ID: "port/1", Layer: desk.LayerHost, Asset: "db.example.com", Title: "6379 端口暴露", Severity: desk.Medium, Detail: "无需口令"}
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{port}})
	wait := port
	wait.Stale, wait.Detail = true, "等到扫描时段"
	if m.looks(desk.Looked{Findings: []desk.Found{wait}, Retest: true}); len(m.ch.Notices) != 0 {
		t.Errorf("nobody asked, and was told %+v", m.ch.Notices)
	}
	m.do(by(zhang, desk.Retest{Finding: 1}))
	m.looks(desk.Looked{Findings: []desk.Found{wait}, Retest: true})
	if n := m.told(desk.NRetested, desk.Back); n == nil || n.Facts.Why != "retest-waits" || n.Inside.Note != "等到扫描时段" {
		t.Errorf("%+v", n)
	}
	if f := m.d.Findings[0]; f.Asked.IsZero() || f.Detail != "无需口令" || f.Stale {
		t.Errorf("what was known is lost: %+v", f)
	}
}

// TestDownIsNoCase: a site that does not answer is a finding, and no security case.
func TestDownIsNoCase(t *testing.T) {
	down := desk.Found{ID: "up/1", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "网站没有回应", Severity: desk.High, Matter: desk.MatterNone}
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{down}})
	if len(m.d.Cases) != 0 || len(m.d.Findings) != 1 || m.told(desk.NFound, desk.Back) == nil || len(m.ch.Notices) != 1 {
		t.Errorf("%d cases, %d findings, told %+v", len(m.d.Cases), len(m.d.Findings), m.ch.Notices)
	}
	down.Fixed = true
	if m.looks(desk.Looked{Findings: []desk.Found{down}}); m.told(desk.NRetested, desk.Back) == nil {
		t.Error("nobody hears that it is up again")
	}
}

// TestAcceptedRisk: who may take it, until when, and what becomes of it.
func TestAcceptedRisk(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	until := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	stranger := desk.Actor{ID: "U99", Role: desk.CustomerSide}
	for _, c := range []struct {
		who  desk.Actor
		act  desk.Accept
		want string
	}{
		{stranger, desk.Accept{Finding: 1, Until: until, Reason: "x"}, desk.WhyNotAuthorised},
		{zhang, desk.Accept{Finding: 1, Until: until, Reason: "x"}, desk.WhyNotAuthorised},
		{lihua, desk.Accept{Finding: 7, Until: until, Reason: "x"}, desk.WhyUnknownFinding},
		{lihua, desk.Accept{Finding: 1, Until: until, Reason: " "}, desk.WhyMissingReason},
		{lihua, desk.Accept{Finding: 1, Until: start.AddDate(0, 0, -1), Reason: "x"}, desk.WhyBadDay},
		{lihua, desk.Accept{Finding: 1, Until: start.AddDate(2, 0, 0), Reason: "x"}, desk.WhyBadDay},
		{lihua, desk.Accept{Finding: 1, Days: 367, Reason: "x"}, desk.WhyBadDay},
		{lihua, desk.Accept{Finding: 1, Days: 366, Reason: "x"}, ""},
		{lihua, desk.Accept{Finding: 1, Until: until, Reason: "旧系统年底下线"}, ""},
	} {
		if got := m.do(by(c.who, c.act)).refused(); got != c.want {
			t.Errorf("%s accepts %+v: %q, want %q", c.who.ID, c.act, got, c.want)
		}
	}
	f := m.d.Findings[0]
	if zone := m.d.Terms.Zone; f.Plan != desk.PlanAccept || !f.Until.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, zone)) {
		t.Fatalf("%+v", f)
	}
	if s := m.summary(); len(s.Taken) != 1 || len(s.Decide) != 0 || s.Layers[3].State != "unconnected" && s.Layers[3].State != "ok" {
		t.Errorf("%+v", s)
	}
	m.wait(time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC))
	if f := m.d.Findings[0]; f.Plan != "" {
		t.Errorf("the risk is still accepted: %+v", f)
	}
	m.do(by(lihua, desk.InspectNow{}))
	if n := m.told(desk.NInspection, desk.Front); n == nil || len(n.Facts.Decide) != 1 || n.Facts.Decide[0].Command != "/fix F1" {
		t.Errorf("the customer is not asked again: %+v", n)
	}
	// It got worse: what was accepted was something else.
	m.do(by(lihua, desk.Accept{Finding: 1, Days: 30, Reason: "x"}))
	worse := expiring
	worse.Severity = desk.High
	if m.looks(desk.Looked{Findings: []desk.Found{worse}}); m.d.Findings[0].Plan != "" || len(m.d.Cases) != 1 {
		t.Errorf("%+v, %d cases", m.d.Findings[0], len(m.d.Cases))
	}
}

// The experts read with the summary what was seen, and of what was fixed since the
// last one the proof; the customer reads neither.
func TestTheProofIsInTheExpertsSummary(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	for _, want := range []string{"F1 " + expiring.Asset + " · " + expiring.Detail, "F1 " + expiring.Asset + " · ✓ valid for 365 days", ""} {
		m.summary()
		var lines []desk.Internal
		if n := m.told(desk.NInspection, desk.Back); n != nil {
			lines = n.Inside.Lines
		}
		if want == "" && len(lines) > 0 || want != "" && (len(lines) != 1 || !strings.HasPrefix(string(lines[0]), want)) {
			t.Errorf("the experts read %q, want %q", lines, want)
		}
		fixed := expiring
		fixed.Fixed, fixed.Detail = true, "valid for 365 days"
		m.looks(desk.Looked{Findings: []desk.Found{fixed}})
	}
}

// TestFixAndRetest: a finding has an owner, and a second look is said to the experts.
func TestFixAndRetest(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	m.do(by(lihua, desk.Fix{Finding: 1, By: "wang"}))
	if f := m.d.Findings[0]; f.Plan != desk.PlanFix || f.Owner.ID != "wang" || m.told(desk.NDecided, desk.Front) == nil {
		t.Errorf("%+v", f)
	}
	m.do(by(zhang, desk.Retest{Finding: 1}))
	m.looks(desk.Looked{Findings: []desk.Found{expiring}, Retest: true})
	if n := m.told(desk.NRetested, desk.Back); n == nil || n.Facts.Why != "retest-failed" {
		t.Errorf("%+v", n)
	}
	m.looks(desk.Looked{Findings: []desk.Found{expiring}, Retest: true})
	if n := m.told(desk.NRetested, desk.Back); n != nil {
		t.Errorf("nobody asked: %+v", n)
	}
	other := newStory(t)
	other.do(desk.Input{Act: desk.Found{Source: "scanner", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "弱口令", Severity: desk.Low}})
	other.do(by(zhang, desk.Retest{Finding: 1}))
	if n := other.told(desk.NRefused, desk.Back); n == nil || n.Facts.Why != desk.WhyNotOurs {
		t.Errorf("%+v", other.ch.Notices)
	}
	m.under(time.Hour, func(terms *desk.Terms) { terms.Inspect.Every = 0 })
	m.do(by(zhang, desk.Retest{Finding: 1}))
	if n := m.told(desk.NRefused, desk.Back); n == nil || n.Facts.Why != desk.WhyNoProbes {
		t.Errorf("nobody looks, and it is promised: %+v", m.ch.Notices)
	}
}

// TestALateRepetitionIsOld: what a source saw before it saw that a finding is fixed opens
// nothing again, however late it arrives; what it saw after that does.
func TestALateRepetitionIsOld(t *testing.T) {
	m := newStory(t)
	f := desk.Found{Source: "scanner", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "弱口令", Severity: desk.High}
	for _, c := range []struct {
		seen, heard time.Duration
		fixed, open bool
	}{{0, 0, false, true}, {2 * time.Hour, 2 * time.Hour, true, false}, {time.Hour, 3 * time.Hour, false, false},
		{time.Hour, 72 * time.Hour, false, false}, {4 * time.Hour, 73 * time.Hour, false, true}} {
		f.SeenAt, f.Fixed = start.Add(c.seen), c.fixed
		m.at(c.heard, desk.Input{Act: f, Actor: system})
		if got := m.d.Findings[0].Fixed.IsZero(); got != c.open {
			t.Errorf("seen %s and heard %s after the start: open %v, want %v", c.seen, c.heard, got, c.open)
		}
	}
}

// TestFixedBeforeItWasOpen: a source delivers at least once and in any order. That a
// finding is fixed may be heard before that it was there; then it is not opened, unless
// it was seen again after that. Little is remembered of what the desk never knew.
func TestFixedBeforeItWasOpen(t *testing.T) {
	m := newStory(t)
	hear := func(source string, id int, seen time.Duration, fixed bool) {
		m.do(desk.Input{Actor: system, Act: desk.Found{Source: source, ID: fmt.Sprint(id), Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "弱口令", Severity: desk.High, SeenAt: start.Add(seen), Fixed: fixed}})
	}
	hear("scanner", 1, -time.Hour, true)
	hear("scanner", 1, -3*time.Hour, true) // an older one takes nothing back
	hear("scanner", 1, -2*time.Hour, false)
	if len(m.d.Findings)+len(m.d.Cases)+len(m.ch.Notices) != 0 {
		t.Fatalf("what is fixed was opened: %+v", m.d.Findings)
	}
	hear("hids", 1, -2*time.Hour, false)
	hear("scanner", 2, -2*time.Hour, false)
	hear("scanner", 1, -30*time.Minute, false)
	if len(m.d.Findings) != 3 || len(m.d.Cases) != 3 {
		t.Errorf("of another source, of another finding, and seen again: %+v", m.d.Findings)
	}
	for i := range desk.MaxGone + 1 {
		hear("scanner", 1000+i, -time.Hour, true)
	}
	if n := len(m.d.Inspection.Gone); n != desk.MaxGone {
		t.Errorf("%d are remembered", n)
	}
	hear("scanner", 1001, -2*time.Hour, false)
	if len(m.d.Findings) != 3 {
		t.Error("one of the newest is forgotten")
	}
	if hear("scanner", 1000, -2*time.Hour, false); len(m.d.Findings) != 4 {
		t.Error("the oldest is remembered, over the limit")
	}
	hear("scanner", 5000, 400*24*time.Hour, true) // a clock that is wrong hides nothing for a year
	if hear("scanner", 5000, 0, false); len(m.d.Findings) != 5 {
		t.Error("fixed in the future, and so never opened")
	}
}

// TestWhoWaitsIsAnswered: whoever asked for a second look hears what it saw, also of a
// risk that was accepted and of one that got worse; and whoever was told that a finding
// is gone hears when it is back.
func TestWhoWaitsIsAnswered(t *testing.T) {
	why := func(m *story) string {
		if n := m.told(desk.NRetested, desk.Back); n != nil {
			return n.Facts.Why
		}
		return ""
	}
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	m.do(by(lihua, desk.Accept{Finding: 1, Days: 30, Reason: "x"}))
	m.do(by(zhang, desk.Retest{Finding: 1}))
	same(t, "accepted", why(m.looks(desk.Looked{Findings: []desk.Found{expiring}, Retest: true})), "retest-failed")

	milder, gone := defaced, defaced
	milder.Severity, gone.Fixed = desk.Medium, true
	m = newStory(t).looks(desk.Looked{Findings: []desk.Found{defaced}}).looks(desk.Looked{Findings: []desk.Found{milder}})
	m.do(by(zhang, desk.Retest{Finding: 1}))
	same(t, "worse", why(m.looks(desk.Looked{Findings: []desk.Found{defaced}, Retest: true})), "retest-failed")

	m.do(by(zhang, desk.Claim{Case: 1}))
	m.looks(desk.Looked{Findings: []desk.Found{gone}})
	same(t, "back again", why(m.looks(desk.Looked{Findings: []desk.Found{defaced}})), "back-again")
	if n := m.told(desk.NRetested, desk.Back); n.Person != "zhang" || len(m.d.Cases) != 1 {
		t.Errorf("%+v, %d cases", n, len(m.d.Cases))
	}
}

// TestSilentSource: a source that was heard and then says nothing is a finding, until
// it is heard again; one that was never heard is not connected, and one may be
// silent for ever.
func TestSilentSource(t *testing.T) {
	m := newStory(t)
	m.terms().Sources = []desk.Source{{Name: "waf", Layers: []desk.Layer{desk.LayerNetwork}, Silence: 48 * time.Hour}, {Name: "audit", Layers: []desk.Layer{desk.LayerData}, Silence: 48 * time.Hour},
		{Name: "scanner", Layers: []desk.Layer{desk.LayerHost}}}
	heard := func(source string) { m.do(desk.Input{Act: desk.Heard{Source: source}}) }
	heard("waf")
	heard("scanner")
	heard("somebody else")
	layers := func() (out []string) {
		m.do(by(lihua, desk.InspectNow{}))
		for _, l := range m.told(desk.NInspection, desk.Front).Facts.Layers {
			out = append(out, l.State)
		}
		return out
	}
	if got := layers(); !slices.Equal(got, []string{"unconnected", "ok", "ok", "unconnected", "unconnected"}) {
		t.Errorf("%v", got)
	}
	m.wait(start.Add(72 * time.Hour))
	if len(m.d.Findings) != 1 || m.d.Findings[0].Asset != "waf" || m.d.Findings[0].Severity != desk.Medium || len(m.d.Cases) != 0 {
		t.Fatalf("%+v", m.d.Findings)
	}
	if got := layers(); got[1] != "attention" && got[1] != "unconnected" {
		t.Errorf("%v", got)
	}
	if heard("waf"); m.d.Findings[0].Fixed.IsZero() {
		t.Error("heard again, and still silent")
	}
	m.wait(start.Add(200 * time.Hour))
	if len(m.d.Findings) != 1 || !m.d.Findings[0].Fixed.IsZero() {
		t.Errorf("silent a second time: %+v", m.d.Findings)
	}
}

// TestADeadSourceIsNotOK: what a source once found and called fixed does not make its
// layer OK for ever: somebody must have been heard of it lately.
func TestADeadSourceIsNotOK(t *testing.T) {
	m := newStory(t)
	m.terms().Sources = []desk.Source{{Name: "hids", Silence: 48 * time.Hour}}
	f := desk.Found{Source: "hids", ID: "1", Layer: desk.LayerData, Asset: "10.0.0.5", Title: "弱口令", Severity: desk.Medium}
	for _, f.Fixed = range []bool{false, true} {
		m.do(desk.Input{Act: desk.Heard{Source: "hids"}})
		m.do(desk.Input{Act: f, Actor: system})
	}
	state := func() string {
		return m.do(by(lihua, desk.InspectNow{})).told(desk.NInspection, desk.Front).Facts.Layers[4].State
	}
	same(t, "it lives", state(), "ok")
	m.wait(m.now.Add(20 * 24 * time.Hour))
	same(t, "it is dead", state(), "unconnected")
}

// TestLastSummary is shown again to the asker alone.
func TestLastSummary(t *testing.T) {
	m := newStory(t).do(by(lihua, desk.InspectNow{Last: true}))
	if n := m.told(desk.NRefused, desk.Front); n == nil || n.Facts.Why != desk.WhyNoSummary {
		t.Errorf("%+v", m.ch.Notices)
	}
	m.looks(desk.Looked{Findings: []desk.Found{expiring}})
	s := m.summary()
	m.do(by(lihua, desk.InspectNow{Last: true}))
	n := m.ch.Notices[0]
	if n.Sheet != "inspection" || n.Person != lihua.ID || len(n.Facts.Decide) != len(s.Decide) || !n.Facts.Now.Equal(s.Now) {
		t.Errorf("%+v", n.Facts)
	}
}

// TestADayWithoutALookIsNoZero: the picture must know that nobody looked.
func TestADayWithoutALookIsNoZero(t *testing.T) {
	m := newStory(t)
	m.do(by(lihua, desk.InspectNow{}))
	last := func() desk.Day { all := m.d.Inspection.Days; return all[len(all)-1] }
	if d := last(); !d.Blind {
		t.Errorf("nobody looked: %+v", d)
	}
	m.looks(desk.Looked{Layers: []desk.LayerLook{{Layer: desk.LayerApplication, At: m.now, Assets: 1}}, Tries: 3, Good: 3})
	if m.do(by(lihua, desk.InspectNow{})); last().Blind || last().Tries != 3 || len(m.d.Inspection.Days) != 1 {
		t.Errorf("somebody looked later that day: %+v", m.d.Inspection.Days)
	}
}

// TestEmergencyLooksAtTheIncidentAlone: other assets are not spoken of.
func TestEmergencyLooksAtTheIncidentAlone(t *testing.T) {
	m := newStory(t)
	m.terms().Edition.Inspection.Scope = "incident"
	report := reportIncident // names 10.0.0.5
	m.do(by(lihua, report))
	m.do(desk.Input{Act: desk.Found{Source: "scanner", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.5:6379", Title: "redis", Severity: desk.Medium}})
	m.do(desk.Input{Act: desk.Found{Source: "scanner", ID: "2", Layer: desk.LayerHost, Asset: "10.0.0.9", Title: "redis", Severity: desk.Medium}})
	s := m.summary()
	if len(s.Decide) != 1 || s.Decide[0].Label != "F1" || s.Layers[2].N != 1 {
		t.Errorf("%+v", s)
	}
}

// TestHostOf finds the host in everything that names one.
func TestHostOf(t *testing.T) {
	for asset, want := range map[string]string{
		"https://WWW.Example.com/a?b": "www.example.com", "http://user:pw@example.com:8080": "example.com", "example.com": "example.com", "10.0.0.5:6379": "10.0.0.5",
		"[2001:db8::1]:443": "2001:db8::1", "https://[2001:db8::1]/": "2001:db8::1", "2001:db8::1": "2001:db8::1", "": "", "example.com/path": "example.com",
	} {
		if got := desk.HostOf(asset); got != want {
			t.Errorf("HostOf(%q) = %q, want %q", asset, got, want)
		}
	}
}

// TestSummaryIsADiff: whatever happens between two summaries, each thing stands in
// the next one exactly once, nothing that changed is left out, and a day on which
// nothing changed is one line.
func TestSummaryIsADiff(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := newStory(t)
		open := map[int]bool{}
		var log []string
		for day := range 6 {
			changed := map[string]bool{}
			for range r.IntN(4) {
				n := r.IntN(5)
				f := desk.Found{ID: fmt.Sprint(n), Layer: desk.Layers[n], Asset: fmt.Sprintf("10.0.0.%d", n), Title: fmt.Sprintf("t%d", n), Severity: []desk.Severity{desk.Medium, desk.Low}[n%2], Fixed: r.IntN(2) == 0}
				before := slices.Clone(m.d.Findings)
				m.looks(desk.Looked{Findings: []desk.Found{f}})
				log = append(log, fmt.Sprintf("day %d: %s fixed=%v", day, f.ID, f.Fixed))
				if f.Fixed == open[n] { // it was the other way round
					open[n] = !f.Fixed
					for i, g := range m.d.Findings {
						if i >= len(before) || !slices.Contains([]bool{g.Fixed.IsZero()}, before[i].Fixed.IsZero()) {
							changed[g.Label()] = true
						}
					}
				}
			}
			// What came back to where it was is no change.
			for _, f := range m.d.Findings {
				was := m.d.Inspection.Seen[f.Label()]
				now := map[bool]string{true: "open", false: "fixed"}[f.Fixed.IsZero()] + " " + string(f.Severity)
				if was == now {
					delete(changed, f.Label())
				}
			}
			first := m.d.Inspection.Last.IsZero()
			s := m.summary()
			seen := map[string]int{}
			for _, list := range [][]desk.Item{s.Decide, s.Told, s.Items, s.Ageing, s.Taken} {
				for _, it := range list {
					seen[it.Label]++
				}
			}
			for label, n := range seen {
				if n != 1 {
					t.Fatalf("seed %d: %s stands %d times\n%s", seed, label, n, strings.Join(log, "\n"))
				}
			}
			for label := range changed {
				if seen[label] == 0 {
					t.Fatalf("seed %d, day %d: %s changed, and the summary does not say so\n%s", seed, day, label, strings.Join(log, "\n"))
				}
			}
			if s.Quiet != (len(changed) == 0 && !first) {
				t.Fatalf("seed %d, day %d: quiet %v, changed %v\n%s", seed, day, s.Quiet, changed, strings.Join(log, "\n"))
			}
		}
	}
}

// TestLeftFinding: when nobody names an asset any more its findings are open no
// longer, but nobody says that they were mended.
func TestLeftFinding(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	m.looks(desk.Looked{Left: []string{expiring.ID, "never heard of"}})
	if f := m.d.Findings[0]; f.Fixed.IsZero() || f.Proof != "" {
		t.Errorf("%+v", f)
	}
	same(t, "told", m.tellings(), "")
	if len(m.ch.Events) != 1 || m.ch.Events[0].Kind != "finding-left" {
		t.Errorf("the timeline says %+v", m.ch.Events)
	}
	m = newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	m.summary()
	m.looks(desk.Looked{Left: []string{expiring.ID}})
	if s := m.summary(); len(s.Told) != 1 || s.Told[0].State != "left" {
		t.Errorf("the summary says %+v", s.Told)
	}
	m.looks(desk.Looked{Findings: []desk.Found{expiring}})
	m.do(by(lihua, desk.Fix{Finding: 1}))
	if s := m.summary(); len(s.Told) != 1 || s.Told[0].State != "again" {
		t.Errorf("the asset is named again: %+v", s.Told)
	}
}

// TestARetestOfWhatLeft: whoever asked for a second look hears that there will be none.
func TestARetestOfWhatLeft(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{defaced}})
	m.do(by(zhang, desk.Claim{Case: 1}))
	m.do(by(zhang, desk.Retest{Finding: 1}))
	m.looks(desk.Looked{Left: []string{defaced.ID}})
	if n := m.told(desk.NRetested, desk.Back); n == nil || n.Facts.Why != "asset-left" || n.Person != "zhang" || n.Facts.Label != "F1" {
		t.Errorf("%+v", m.ch.Notices)
	}
	if f := m.d.Findings[0]; !f.Asked.IsZero() || !f.Left {
		t.Errorf("%+v", f)
	}
}

// TestRoomForFindings: a desk that is full of open findings takes no more, and says
// so on the timeline; the one that was fixed longest ago makes room first.
func TestRoomForFindings(t *testing.T) {
	m := newStory(t)
	found := func(id int, fixed bool) *story {
		return m.do(desk.Input{Actor: system, Act: desk.Found{Source: "scanner", ID: fmt.Sprint(id), Layer: desk.LayerHost, Asset: "10.0.0.5", Title: "port", Severity: desk.Low, Fixed: fixed}})
	}
	known := func(id int) bool {
		return slices.ContainsFunc(m.d.Findings, func(f desk.Finding) bool { return f.ID == fmt.Sprint(id) })
	}
	for i := range desk.MaxFinding {
		found(i, false)
	}
	if found(1000, false); len(m.d.Findings) != desk.MaxFinding || known(1000) || m.ch.Events[0].Kind != "finding-dropped" {
		t.Errorf("%d findings, the timeline says %+v", len(m.d.Findings), m.ch.Events)
	}
	found(7, true)
	found(3, true)
	if found(1001, false); known(7) || !known(3) || !known(1001) || len(m.d.Findings) != desk.MaxFinding {
		t.Errorf("%d findings: 7 %v, 3 %v, 1001 %v", len(m.d.Findings), known(7), known(3), known(1001))
	}
	if f := m.d.Findings[desk.MaxFinding-1]; f.N != desk.MaxFinding+1 {
		t.Errorf("the number of a finding is given twice: %s", f.Label())
	}
}

// TestWhichFinding: a command on a finding means the only open one, or says why not.
func TestWhichFinding(t *testing.T) {
	other, mended := expiring, expiring
	other.ID, mended.Fixed = "tls/2", true
	m := newStory(t)
	for _, c := range []struct {
		name  string
		looks []desk.Found
		n     int
		want  string
	}{
		{"none", nil, 0, desk.WhyUnknownFinding},
		{"the only one", []desk.Found{expiring}, 0, ""},
		{"one of two", []desk.Found{other}, 0, desk.WhyMissingFinding},
		{"the second", nil, 2, ""},
		{"no such", nil, 9, desk.WhyUnknownFinding},
		{"a mended one", []desk.Found{mended}, 1, desk.WhyFixed},
	} {
		m.looks(desk.Looked{Findings: c.looks})
		same(t, c.name, m.do(by(zhang, desk.Fix{Finding: c.n})).refused(), c.want)
	}
	same(t, "the same again", m.do(by(zhang, desk.Fix{Finding: 2})).refused(), desk.WhyDone)
}

// TestEvidenceIsForStaff: what a source saw is shown to the experts; the customer
// reads that there is a finding.
func TestEvidenceIsForStaff(t *testing.T) {
	m := newStory(t).looks(desk.Looked{Findings: []desk.Found{expiring}})
	for _, c := range []struct {
		who  desk.Actor
		want bool
	}{{lihua, false}, {zhang, true}} {
		for _, n := range []int{0, 1} {
			m.do(by(c.who, desk.Query{What: "findings", Finding: n}))
			text := ""
			for _, n := range m.ch.Notices {
				text += fmt.Sprintf("%+v %+v", *n.Facts, n.Inside)
			}
			if !strings.Contains(text, "F1") {
				t.Errorf("%s is not shown the finding: %s", c.who.ID, text)
			}
			if got := strings.Contains(text, expiring.Detail); got != (c.want && n == 1) {
				t.Errorf("%s asks for finding %d, and reads the evidence: %v\n%s", c.who.ID, n, got, text)
			}
		}
	}
}
