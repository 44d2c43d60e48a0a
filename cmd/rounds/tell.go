package rounds

import (
	"maps"
	"slices"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
)

// matters says what a finding of a kind is when it is severe; a kind that is not
// here is a vulnerability. A site that is down is not by itself a security matter
// (whitepaper §6.3).
var matters = map[string]struct {
	matter   desk.Kind
	category desk.Category
}{
	"page-gambling": {desk.Incident, desk.ContentSecurity},
	"page-porn":     {desk.Incident, desk.ContentSecurity},
	"page-fraud":    {desk.Incident, desk.ContentSecurity},
	"hidden-links":  {desk.Incident, desk.ContentSecurity}, // 暗链
	"hidden-new":    {desk.Incident, desk.ContentSecurity},
	"page-defaced":  {desk.Incident, desk.DataDestruction}, // 信息篡改
	"page-replaced": {desk.Incident, desk.DataDestruction},
	"refresh":       {desk.Incident, desk.DataDestruction},
	"redirect":      {desk.Incident, desk.DataDestruction},
	"hidden-frame":  {desk.Incident, desk.Malware}, // 网页内嵌恶意代码
	"packed-script": {desk.Incident, desk.Malware},
	"script-host":   {desk.Incident, desk.Malware},

	"down":          {desk.MatterNone, ""},
	"flaky":         {desk.MatterNone, ""},
	"slow":          {desk.MatterNone, ""},
	"gone":          {desk.MatterNone, ""},
	"broken":        {desk.MatterNone, ""},
	"redirect-loop": {desk.MatterNone, ""},
}

// found is a finding in the desk's words.
func found(f probe.Finding) desk.Found {
	m := matters[f.Kind]
	return desk.Found{
		Source: desk.Probe, ID: f.ID, Layer: f.Layer, Asset: f.Asset, Severity: f.Severity, SeenAt: f.Last,
		Title: f.Title.Zh, TitleEn: f.Title.En, Detail: f.Detail.Zh, DetailEn: f.Detail.En,
		Matter: m.matter, Category: m.category, Change: f.Change, Stale: f.Stale,
	}
}

// sight is what a look saw, and what it was a look at.
type sight struct {
	report probe.Report
	checks []probe.Check
	whole  bool // at all assets
	all    bool // with all checks of the layers it speaks of
	daily  bool // the desk hears of it, whatever it saw
	at     time.Time
	// answered is the finding about which the desk is told on its own (answer).
	answered string
	// desk are the findings on the desk; nil where nobody asked.
	desk []desk.Finding
}

// book takes into the state what a look saw, and owes the desk what there is to say.
// The desk hears when a finding is new, gone or another than it was told, when a layer
// cannot be looked at any more or can again, and once a day what could be looked at and how the assets answered; a quiet visit says nothing,
// for each saying is a line of the journal for ever. How many findings are new is
// returned.
func (s *State) book(customer string, g sight) (fresh int) {
	said := map[rowKey]probe.Seen{}
	for _, row := range g.report.Seen {
		said[rowKey{row.Asset, row.Check}] = row
		if row.Check == probe.Availability && row.Looked {
			s.Tries += row.Tries
			s.Good += row.Good
		}
	}
	news := g.daily
	if g.whole {
		news = s.layers(g) || news
	}
	l := desk.Looked{Source: desk.Probe}
	told := map[string]Told{}
	for _, f := range g.report.Open() {
		l.Findings = append(l.Findings, found(f))
		is := Told{Asset: f.Asset, Check: f.Check, Subject: f.Subject, Severity: f.Severity, Title: f.Title.Zh}
		was, known := s.Told[f.ID]
		if !known {
			fresh++
		}
		news = news || was != is && f.ID != g.answered
		told[f.ID] = is
	}
	for _, f := range g.report.Fixed {
		if f.ID != g.answered {
			l.Findings = append(l.Findings, fixed(found(f), said[rowKey{f.Asset, f.Check}]))
			news = true
		}
	}
	for _, f := range g.report.Left {
		l.Left = append(l.Left, f.ID)
	}
	for id, was := range s.Told {
		if _, open := told[id]; open || ended(g.report, id) {
			continue
		}
		// The report does not know it: the words about its end were lost with a process
		// that died between the look and this. The look says which end it was.
		row, asked := said[rowKey{was.Asset, was.Check}]
		switch {
		case asked && row.Looked:
			l.Findings = append(l.Findings, fixed(desk.Found{Source: desk.Probe, ID: id, Layer: was.Check.Layer(), Asset: was.Asset, Severity: was.Severity, Title: was.Title}, row))
			news = true
		case !asked && g.whole && slices.Contains(g.checks, was.Check):
			l.Left = append(l.Left, id)
		default:
			told[id] = was // the look did not ask
		}
	}
	for _, f := range g.desk { // of which nobody here knows any more
		if _, open := told[f.ID]; !open && g.daily && f.Source == desk.Probe && f.Fixed.IsZero() && !ended(g.report, f.ID) && s.Told[f.ID] == (Told{}) {
			l.Left = append(l.Left, f.ID)
		}
	}
	s.Told = told
	if !news && len(l.Left) == 0 {
		return fresh
	}
	slices.Sort(l.Left)
	s.tell(customer, l, g.at)
	return fresh
}

type rowKey struct {
	asset string
	check probe.Check
}

// tell owes the desk a Looked, with all that was seen of layers and visits since the
// last one.
func (s *State) tell(customer string, l desk.Looked, at time.Time) {
	for _, layer := range desk.Layers {
		if look, ok := s.Layers[layer]; ok {
			l.Layers = append(l.Layers, look)
		}
	}
	l.Tries, l.Good = s.Tries, s.Good
	s.Layers, s.Tries, s.Good = nil, 0, 0
	s.owe(customer, at, l)
}

// ended reports whether a report says that a finding is fixed or left.
func ended(r probe.Report, id string) bool {
	is := func(f probe.Finding) bool { return f.ID == id }
	return slices.ContainsFunc(r.Fixed, is) || slices.ContainsFunc(r.Left, is)
}

// fixed is a finding that is gone, with what the check saw this time for a proof.
func fixed(f desk.Found, proof probe.Seen) desk.Found {
	f.Fixed, f.Stale, f.SeenAt = true, false, proof.At
	f.Detail, f.DetailEn = proof.Detail.Zh, proof.Detail.En
	return f
}

// layers takes what a look at all assets saw of each layer: of how many assets
// something was looked at, and of how many nothing could be. A visit speaks of some
// of the assets only; the others stay as they were. It reports whether a layer became
// blind somewhere, or is so no longer.
func (s *State) layers(g sight) (changed bool) {
	type tally struct {
		at    time.Time
		asset map[string]bool // looked at
	}
	by := map[desk.Layer]*tally{}
	for _, row := range g.report.Seen {
		if row.Layer == "" || row.Asset == "" || row.Check == probe.Paths {
			continue // about the look itself; or about a list of paths, without which a site is still looked at
		}
		t := by[row.Layer]
		if t == nil {
			t = &tally{asset: map[string]bool{}}
			by[row.Layer] = t
		}
		if row.At.After(t.at) {
			t.at = row.At
		}
		t.asset[row.Asset] = t.asset[row.Asset] || row.Looked
	}
	for layer, t := range by {
		was, known := s.Sight[layer]
		is := t.asset
		if known && !g.all {
			is = maps.Clone(was)
			maps.Copy(is, t.asset)
		}
		if s.Sight == nil {
			s.Sight = map[desk.Layer]map[string]bool{}
		}
		if s.Layers == nil {
			s.Layers = map[desk.Layer]desk.LayerLook{}
		}
		dark := blind(is)
		s.Sight[layer] = is
		s.Layers[layer] = desk.LayerLook{Layer: layer, At: t.at, Assets: len(is) - dark, Blind: dark}
		changed = changed || known && (dark > 0) != (blind(was) > 0)
	}
	return changed
}

// blind counts the assets that could not be looked at.
func blind(sight map[string]bool) (n int) {
	for _, looked := range sight {
		if !looked {
			n++
		}
	}
	return n
}

// answer owes the desk what a retest saw of one finding, and of nothing else: what
// the others are like this look does not know. It reports whether the look knew the
// finding at all.
func (s *State) answer(customer string, r probe.Report, id string, at time.Time) bool {
	row := func(f probe.Finding) (seen probe.Seen) {
		for _, row := range r.Seen {
			if row.Asset == f.Asset && row.Check == f.Check {
				seen = row
			}
		}
		return seen
	}
	l := desk.Looked{Source: desk.Probe, Retest: true}
	for _, f := range r.Open() {
		if f.ID != id {
			continue
		}
		is := found(f)
		if f.Stale {
			is = unseen(is, row(f).Detail)
		}
		l.Findings = append(l.Findings, is)
	}
	for _, f := range r.Fixed {
		if f.ID == id {
			l.Findings = append(l.Findings, fixed(found(f), row(f)))
		}
	}
	if len(l.Findings) > 0 {
		s.owe(customer, at, l)
	}
	return len(l.Findings) > 0
}

// unseen is a finding that could not be looked at again, and why.
func unseen(f desk.Found, why probe.Words) desk.Found {
	f.Stale, f.Detail, f.DetailEn = true, why.Zh, why.En
	return f
}
