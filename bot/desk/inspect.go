package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"butler/sla"
)

const (
	ageing    = 7                   // days: what is open longer stands among the ageing
	buttons   = 3                   // findings that are decided by a button; the others by a command
	most      = 10                  // lines of one list of a summary; the rest is counted
	chartDays = 14                  // days of the picture
	leaveEnds = 14 * 24 * time.Hour // so long before its end the leave to scan is spoken of
	seenFor   = 48 * time.Hour      // a layer counts as looked at so long after the last look
)

// nextInspection is the next time the customer's hour strikes after t. Where a
// clock change swallows the hour, Go's calendar moves it by the change.
func nextInspection(t *Terms, after time.Time) time.Time {
	local := after.In(zoneOf(t))
	for days := 0; ; days++ {
		if at := sla.At(local, days, t.Inspect.Minute); at.After(after) {
			return at.UTC()
		}
	}
}

// inspect tells the daily summary. After an outage one summary speaks for all
// the mornings that were missed.
func (b *book) inspect() {
	at := b.d.Inspection.Next
	b.d.Inspection.Next = nextInspection(b.terms(), b.now)
	if b.onlyIncidents() && !b.incidentLives() || slices.Contains(b.d.Missing(), Front) {
		return
	}
	b.summary(false, b.lateBy(at))
}

// inspectNow tells the summary at once, whole, or shows the asker the last one.
func (b *book) inspectNow(a InspectNow) {
	switch {
	case a.Last && b.d.Inspection.Shown == nil:
		b.refuse(WhyNoSummary, 0)
	case a.Last:
		b.lastSummary()
	case b.onlyIncidents() && !b.incidentLives():
		b.refuse(WhyNoInspection, 0)
	default:
		b.summary(true, 0)
	}
}

// lastSummary shows the last summary again, to the asker alone.
func (b *book) lastSummary() {
	f := *b.d.Inspection.Shown
	f.Chart = b.d.Inspection.Days
	b.answer(NAnswer, "inspection", 0, f, Inside{})
	b.notices[len(b.notices)-1].Facts.Now = f.Now
}

// onlyIncidents reports whether the edition inspects nothing but what an incident
// touches (whitepaper §5: 事件相关业务的安全检查).
func (b *book) onlyIncidents() bool { return b.terms().Edition.Inspection.Scope == "incident" }

// summary says in the front what the customer must decide, what changed since the
// last summary, what is ageing, and how the layers stand. An unchanged day is one
// line. The experts read the same with the evidence.
func (b *book) summary(whole bool, late time.Duration) {
	in := &b.d.Inspection
	state := b.inspectionState()
	f := Facts{Late: late, Tries: in.Tries, Good: in.Good}
	if !in.Last.IsZero() {
		f.From = in.Last
	}
	told := map[string]bool{}
	f.Decide = b.decideItems(told)
	f.Told = b.changes(state, told)
	f.Items = b.openItems(told)
	for _, it := range append(slices.Clone(f.Decide), f.Told...) {
		if strings.HasPrefix(it.Label, "#") && it.State != "closed" {
			f.Adds++ // in progress, wherever it stands
		}
	}
	f.Adds += len(f.Items)
	f.Quiet = !whole && !in.Last.IsZero() && len(b.changes(state, map[string]bool{})) == 0
	b.day()
	if f.Quiet {
		for _, it := range f.Decide {
			if it.State != "confirm" { // which nobody must
				f.Day++
			}
		}
		f.Items, f.Decide = nil, nil
	} else {
		f.Ageing, f.Taken = b.ageingItems(told)
		f.Layers, f.Notes = b.layerItems(), b.notes()
		f.Chart = in.Days
	}
	in.Seen, in.Last, in.Flooded, in.Tries, in.Good = state, b.now, false, 0, 0
	b.log(Event{At: b.now, Kind: string(NInspection)})
	b.front(NInspection, nil, f)
	shown := *b.notices[len(b.notices)-1].Facts
	shown.Chart = nil // it stands beside
	in.Shown = &shown
	if lines := b.evidence(f.From); !f.Quiet && len(lines) > 0 && !slices.Contains(b.d.Missing(), Back) {
		b.back(NInspection, nil, "", b.inLanguage(f), Inside{Lines: lines})
	}
}

// inLanguage is a summary for the back room: findings by their titles there.
func (b *book) inLanguage(f Facts) Facts {
	lang := b.langOf(Back, "")
	if lang == b.langOf(Front, "") {
		return f
	}
	title := map[string]string{}
	for _, g := range b.findings() {
		title[g.Label()] = g.In(lang)
	}
	for _, list := range []*[]Item{&f.Decide, &f.Told, &f.Ageing, &f.Taken} {
		*list = slices.Clone(*list)
		for i, it := range *list {
			if t, ok := title[it.Label]; ok {
				(*list)[i].Value = t
			}
		}
	}
	return f
}

// day writes today's figures for the picture, once a day: the last word counts.
func (b *book) day() {
	in := &b.d.Inspection
	d := Day{Date: b.now.In(b.zone()).Format(time.DateOnly), Tries: in.Tries, Good: in.Good,
		Blind: !slices.ContainsFunc(Layers, b.lookedAt)}
	for _, f := range b.findings() {
		if !f.open() || f.Plan == PlanAccept {
			continue
		}
		switch f.Severity {
		case High:
			d.High++
		case Medium:
			d.Medium++
		default:
			d.Low++
		}
	}
	days := slices.Clone(in.Days)
	if n := len(days); n > 0 && days[n-1].Date == d.Date {
		d.Tries, d.Good = d.Tries+days[n-1].Tries, d.Good+days[n-1].Good
		d.Blind = d.Blind && days[n-1].Blind
		days = days[:n-1]
	}
	days = append(days, d)
	in.Days = days[max(0, len(days)-chartDays):]
}

// findings are those that the edition's inspection speaks of: all, or those about
// what a living incident touches.
func (b *book) findings() []Finding {
	if !b.onlyIncidents() {
		return b.d.Findings
	}
	var out []Finding
	for _, f := range b.d.Findings {
		if b.touches(f) {
			out = append(out, f)
		}
	}
	return out
}

// touches reports whether a living incident names a finding's asset.
func (b *book) touches(f Finding) bool {
	host := HostOf(f.Asset)
	return slices.ContainsFunc(b.d.Cases, func(c Case) bool {
		return c.Kind == Incident && (c.Status == Open || c.Status == Resolved) && (c.N == f.Case || slices.Contains(c.Assets, host) || slices.Contains(c.Assets, strings.ToLower(f.Asset)))
	})
}

// HostOf is the host of an asset, be it a URL, host:port, a host or an IP; lower case.
func HostOf(asset string) string {
	h := strings.ToLower(strings.TrimSpace(asset))
	if _, rest, ok := strings.Cut(h, "://"); ok {
		h = rest
	}
	if i := strings.IndexAny(h, "/?#"); i >= 0 {
		h = h[:i]
	}
	h = h[strings.LastIndex(h, "@")+1:]
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(h, "["), "]"); ok && strings.HasPrefix(h, "[") && (rest == "" || rest[0] == ':') {
		return inner
	}
	if strings.Count(h, ":") == 1 {
		h, _, _ = strings.Cut(h, ":")
	}
	return h
}

// inspectionState is what a summary says, item by item, for tomorrow's diff.
func (b *book) inspectionState() map[string]string {
	state := map[string]string{}
	for _, c := range b.d.Cases {
		if c.Status != Closed {
			state[fmt.Sprintf("#%d", c.N)] = fmt.Sprintf("%s %d %d %v", c.Status, c.phase(), len(c.Stages), c.Asked != nil)
		}
	}
	for _, f := range b.findings() {
		s := "open"
		if !f.open() {
			s = "fixed"
		}
		if f.Left {
			s = "left"
		}
		state[f.Label()] = s + " " + string(f.Severity)
	}
	return state
}

// changes lists what differs from the last summary, cases first, each in the order
// of its numbers. What told holds is said elsewhere.
func (b *book) changes(state map[string]string, told map[string]bool) []Item {
	var out []Item
	add := func(it Item) {
		if !told[it.Label] {
			told[it.Label] = true
			out = append(out, it)
		}
	}
	old := b.d.Inspection.Seen
	said := map[int]bool{} // new cases that a finding opened
	for i := range b.d.Cases {
		c := &b.d.Cases[i]
		it := b.caseItem(c)
		was, had := old[it.Label]
		switch {
		case c.Status == Closed && had:
			it.State = "closed"
			add(it)
		case c.Status == Closed:
		case !had:
			it.State = "new"
			said[c.N] = c.Finding != ""
			add(it)
		case was != state[it.Label]:
			it.State = "changed"
			add(it)
		}
	}
	lang := b.langOf(Front, "")
	for _, f := range b.findings() {
		it := Item{Label: f.Label(), Value: f.In(lang), Who: f.Asset, Kind: string(f.Severity)}
		was, had := old[it.Label]
		switch {
		case f.Source == Watch && !f.open() && !had:
		case f.Left && !had: // nobody was told of it
		case f.Left && was != state[it.Label]:
			it.State = "left"
			it.At = f.Fixed
			add(it)
		case !f.open() && !had && f.Fixed.After(b.d.Inspection.Last) && f.First.After(b.d.Inspection.Last):
			it.State = "passed" // it came and went between two summaries
			it.At = f.First
			add(it)
		case f.open() && f.Plan == PlanAccept: // it stands among those
		case f.open() && state[it.Label] != was && said[f.Case]: // its case was opened for it, and stands there
			told[it.Label] = true
		case !had && f.open():
			it.State = "new"
			add(it)
		case had && was != state[it.Label] && !f.open():
			it.State = "fixed"
			it.At = f.Fixed
			add(it)
		case had && was != state[it.Label]:
			it.State = "changed"
			if !strings.HasPrefix(was, "open") {
				it.State = "again"
			}
			add(it)
		}
	}
	return out
}

// caseItem is a case on one line: its phase, and its deadline or the end of its
// safe period.
func (b *book) caseItem(c *Case) Item {
	it := Item{N: c.N, Label: fmt.Sprintf("#%d", c.N), Value: c.Title, Kind: "phase" + itoa(c.phase())}
	switch {
	case c.Status == Open:
		it.At = c.Due()
	case c.Status == Resolved && c.Row.SafeDays > 0:
		it.At = c.safeUntil(b.zone())
	}
	return it
}

// openItems lists the cases in progress of which nothing else is said.
func (b *book) openItems(told map[string]bool) []Item {
	var out []Item
	for i := range b.d.Cases {
		c := &b.d.Cases[i]
		if it := b.caseItem(c); c.Status != Closed && !told[it.Label] {
			it.State = it.Kind
			out = append(out, it)
		}
	}
	return out
}

// layerItems says for each of the five layers of §3.1.3.1 how it stands. A layer
// nobody looks at is unconnected, never "OK".
func (b *book) layerItems() []Item {
	var out []Item
	for _, l := range Layers {
		it := Item{Label: string(l), State: "unconnected"}
		if b.lookedAt(l) {
			it.State = "ok"
		}
		if look, ok := b.d.Inspection.Looks[l]; ok && it.State == "ok" && look.Blind > 0 && b.fresh(look.At) {
			it.State, it.Of = "attention", look.Blind
		}
		for _, f := range b.findings() {
			if f.Layer != l {
				continue
			}
			if it.State == "unconnected" && f.Source != Watch && b.speaks(f) {
				it.State = "ok"
			}
			if !f.open() || f.Plan == PlanAccept {
				continue
			}
			it.N++
			switch {
			case f.Severity == High:
				it.State = "alarm"
			case it.State != "alarm":
				it.State = "attention"
			}
		}
		out = append(out, it)
	}
	return out
}

func (b *book) fresh(at time.Time) bool { return b.now.Sub(at) < seenFor }

// lookedAt reports whether somebody looks at a layer: our probes did lately, or a
// source that speaks of it lives.
func (b *book) lookedAt(l Layer) bool {
	if look, ok := b.d.Inspection.Looks[l]; ok && b.fresh(look.At) {
		return true
	}
	return slices.ContainsFunc(b.terms().Sources, func(s Source) bool {
		at, heard := b.d.Heard[s.Name]
		return heard && slices.Contains(s.Layers, l) && (s.Silence == 0 || b.now.Sub(at) < s.Silence) && s.Name != Probe
	})
}

// speaks reports whether a finding shows that somebody looks at its layer: it was heard
// of lately, or its source lives.
func (b *book) speaks(f Finding) bool {
	if b.fresh(f.Last) {
		return true
	}
	s, ok := b.terms().Source(f.Source)
	at, heard := b.d.Heard[f.Source]
	return ok && heard && f.Source != Probe && (s.Silence == 0 || b.now.Sub(at) < s.Silence)
}

// notes says what the inspection could not do, and why.
func (b *book) notes() []Item {
	var out []Item
	in := b.terms().Inspect
	switch s := in.Scan; {
	case s.By == "":
	case !s.Holds(b.now):
		out = append(out, Item{State: "leave-over", At: s.Until, Who: s.By})
	case s.Until.Sub(b.now) < leaveEnds:
		out = append(out, Item{State: "leave-ends", At: s.Until, Who: s.By})
	}
	if b.onlyIncidents() && len(in.Assets) > 0 && !slices.ContainsFunc(in.Assets, func(a Asset) bool { return b.touches(Finding{Asset: a.Name, Case: -1}) }) {
		out = append(out, Item{State: "no-asset"})
	}
	return out
}

// decideItems lists what waits for the customer's word: a question, a solution to
// confirm, a finding that nobody decided about. They come with buttons.
func (b *book) decideItems(told map[string]bool) []Item {
	var out []Item
	for i := range b.d.Cases {
		c := &b.d.Cases[i]
		it := b.caseItem(c)
		switch {
		case c.Asked != nil && c.Status == Open:
			it.Value, it.State = c.Asked.Text, "asked"
		case c.Status == Resolved && c.Confirmed.IsZero():
			it.State, it.Command = "confirm", fmt.Sprintf("/confirm %d", c.N)
		default:
			continue
		}
		it.At = time.Time{}
		told[it.Label] = true
		out = append(out, it)
	}
	lang := b.langOf(Front, "")
	pressed := 0
	for _, f := range b.undecided() {
		if len(out) >= most {
			break
		}
		it := Item{N: f.N, Label: f.Label(), Value: f.In(lang), Who: f.Asset, State: "finding", Kind: string(f.Severity), Of: days(f.First, b.now)}
		if pressed < buttons {
			pressed++
			it.Command = "/fix " + it.Label
		}
		it.Done = b.d.Inspection.Seen[it.Label] == "" // it is new
		told[it.Label] = true
		out = append(out, it)
	}
	return out
}

// undecided are the open findings about which the customer said nothing and on
// which nobody works, the worst and oldest first. Small ones need no word.
func (b *book) undecided() []Finding {
	var out []Finding
	for _, f := range b.findings() {
		if !f.open() || f.Plan != "" || f.Severity == Low || f.Source == Watch {
			continue
		}
		if c := b.find(f.Case); c != nil && (c.active() || c.Status == Resolved && c.Confirmed.IsZero()) {
			continue // they are asked whether it is solved
		}
		out = append(out, f)
	}
	return worstFirst(out)
}

func worstFirst(list []Finding) []Finding {
	slices.SortStableFunc(list, func(x, y Finding) int {
		return cmp.Or(weight(y.Severity)-weight(x.Severity), x.First.Compare(y.First), x.N-y.N)
	})
	return list
}

// days is how many whole days lie between two times.
func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// ageingItems lists what is open for a week and longer, and the risks that were
// accepted.
func (b *book) ageingItems(told map[string]bool) (old, taken []Item) {
	lang := b.langOf(Front, "")
	for _, f := range worstFirst(slices.Clone(b.findings())) {
		if !f.open() || told[f.Label()] {
			continue
		}
		it := Item{Label: f.Label(), Value: f.In(lang), State: string(f.Severity), Of: days(f.First, b.now), Who: f.Owner.Name}
		switch {
		case f.Plan == PlanAccept:
			it.At, it.Who = f.Until, f.By.Name
			taken = append(taken, it)
		case it.Of >= ageing:
			old = append(old, it)
		}
	}
	return old, taken
}

// evidence is what the sources saw of each open finding, and of what was fixed
// since the last summary the proof, for the experts.
func (b *book) evidence(since time.Time) []Internal {
	lang := b.langOf(Back, "")
	var out []Internal
	var open, fixed []Finding
	for _, f := range b.findings() {
		switch {
		case f.open() && f.Plan != PlanAccept:
			open = append(open, f)
		case f.Left:
		case f.Fixed.After(since): // the zero time is after none
			fixed = append(fixed, f)
		}
	}
	list := append(worstFirst(open), worstFirst(fixed)...)
	for i, f := range list {
		if i == 2*most {
			out = append(out, Internal(fmt.Sprintf("… +%d /findings", len(list)-i)))
			break
		}
		seen := f.evidence(lang)
		if !f.open() {
			seen = "✓ " + f.Proof
		}
		parts := []string{f.Label() + " " + f.Asset, oneLine(seen), f.Source}
		out = append(out, Internal(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")))
	}
	return out
}
