package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"butler/sla"
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
	if b.terms().Edition.Inspection.Scope == "incident" && !b.incidentLives() || slices.Contains(b.d.Missing(), Front) {
		return
	}
	b.summary(false, b.lateBy(at))
}

// inspectNow tells the summary at once, whole.
func (b *book) inspectNow() {
	if b.terms().Edition.Inspection.Scope == "incident" && !b.incidentLives() {
		b.refuse(WhyNoInspection, 0)
		return
	}
	b.summary(true, 0)
}

// summary says in the front what is open, what changed since the last summary,
// what was found by layer, and what the customer must decide. An unchanged day
// is one line.
func (b *book) summary(whole bool, late time.Duration) {
	state := b.inspectionState()
	changed := b.changes(state)
	f := Facts{
		Quiet:  !whole && len(changed) == 0 && !b.d.Inspection.Last.IsZero(),
		Items:  b.openItems(),
		Layers: b.layerItems(),
		Decide: b.decideItems(),
		Late:   late,
	}
	if !b.d.Inspection.Last.IsZero() {
		f.From = b.d.Inspection.Last
	}
	f.Adds = len(f.Items)
	if f.Quiet {
		f.Items, f.Layers, f.Decide = nil, nil, nil
	} else {
		f.Told = changed
	}
	b.d.Inspection.Seen, b.d.Inspection.Last, b.d.Inspection.Flooded = state, b.now, false
	b.log(Event{At: b.now, Kind: string(NInspection)})
	b.front(NInspection, nil, f)
}

// inspectionState is what a summary says, item by item, for tomorrow's diff.
func (b *book) inspectionState() map[string]string {
	state := map[string]string{}
	for _, c := range b.d.Cases {
		if c.Status == Closed {
			continue
		}
		state[fmt.Sprintf("#%d", c.N)] = fmt.Sprintf("%s %d %d %v", c.Status, c.phase(), len(c.Stages), c.Asked != nil)
	}
	for _, f := range b.d.Findings {
		s := "open"
		if !f.Fixed.IsZero() {
			s = "fixed"
		}
		state[fmt.Sprintf("F%d", f.N)] = s + " " + string(f.Severity)
	}
	return state
}

// changes lists what differs from the last summary, in a stable order.
func (b *book) changes(state map[string]string) []Item {
	old := b.d.Inspection.Seen
	keys := slices.Sorted(maps.Keys(state))
	slices.SortStableFunc(keys, func(x, y string) int { return len(x) - len(y) })
	var out []Item
	for _, k := range keys {
		was, had := old[k]
		switch {
		case !had && strings.HasPrefix(state[k], "fixed"):
		case !had:
			out = append(out, b.changeItem(k, "new"))
		case was != state[k] && strings.HasPrefix(state[k], "fixed"):
			out = append(out, b.changeItem(k, "fixed"))
		case was != state[k]:
			out = append(out, b.changeItem(k, "changed"))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(old)) {
		if _, still := state[k]; !still && strings.HasPrefix(k, "#") {
			out = append(out, b.changeItem(k, "closed"))
		}
	}
	return out
}

func (b *book) changeItem(key, state string) Item {
	it := Item{Label: key, State: state}
	var n int
	if _, err := fmt.Sscanf(key, "#%d", &n); err == nil {
		if c := b.find(n); c != nil {
			it.Value = c.Title
		}
		return it
	}
	fmt.Sscanf(key, "F%d", &n)
	for _, f := range b.d.Findings {
		if f.N == n {
			it.Value = f.Title
		}
	}
	return it
}

// openItems lists the open cases with their clocks.
func (b *book) openItems() []Item {
	var out []Item
	for _, c := range b.d.Cases {
		if c.Status == Closed {
			continue
		}
		it := Item{N: c.N, Label: fmt.Sprintf("#%d", c.N), Value: c.Title, State: "phase" + itoa(c.phase())}
		switch {
		case c.Status == Open:
			it.At = c.Due()
		case c.Row.SafeDays > 0:
			it.At = c.safeUntil(b.zone())
		}
		out = append(out, it)
	}
	return out
}

// layerItems says for each of the five layers of §3.1.3.1 how it stands. A layer
// nobody looks at is unconnected, never "OK".
func (b *book) layerItems() []Item {
	var out []Item
	for _, l := range Layers {
		it := Item{Label: string(l), State: "unconnected"}
		for _, f := range b.d.Findings {
			if f.Layer != l {
				continue
			}
			if it.State == "unconnected" {
				it.State = "ok"
			}
			if !f.Fixed.IsZero() {
				continue
			}
			it.N++
			switch {
			case f.Severity == High:
				it.State = "alarm"
			case it.State == "ok":
				it.State = "attention"
			}
		}
		out = append(out, it)
	}
	return out
}

// decideItems lists what waits for the customer's word.
func (b *book) decideItems() []Item {
	var out []Item
	for _, c := range b.d.Cases {
		switch {
		case c.Asked != nil && c.Status == Open:
			out = append(out, Item{N: c.N, Label: fmt.Sprintf("#%d", c.N), Value: c.Asked.Text, State: "asked"})
		case c.Status == Resolved && c.Confirmed.IsZero():
			out = append(out, Item{N: c.N, Label: fmt.Sprintf("#%d", c.N), Value: c.Title, State: "confirm", Command: fmt.Sprintf("/confirm %d", c.N)})
		}
	}
	return out
}

// found keeps a finding. One of high severity does not wait for the morning: it
// opens a vulnerability with its own clock, where the edition covers that.
func (b *book) found(a Found) {
	i := slices.IndexFunc(b.d.Findings, func(f Finding) bool { return f.Source == a.Source && f.ID == a.ID })
	b.d.Findings = slices.Clone(b.d.Findings)
	if i < 0 {
		if a.Fixed {
			return // never heard of, and already gone
		}
		if len(b.d.Findings) >= MaxFinding && !b.forgetFinding() {
			b.log(Event{Kind: "finding-dropped", Inside: Internal(a.Source + " " + a.ID)})
			return
		}
		n := 1
		for _, f := range b.d.Findings {
			n = max(n, f.N+1)
		}
		b.d.Findings = append(b.d.Findings, Finding{N: n, Source: a.Source, ID: a.ID, First: b.at})
		i = len(b.d.Findings) - 1
	}
	f := &b.d.Findings[i]
	was := *f
	f.Layer, f.Asset, f.Title, f.Severity, f.Detail, f.Last = a.Layer, oneLine(a.Asset), oneLine(a.Title), a.Severity, b.cut(a.Detail), b.at
	line := fmt.Sprintf("F%d %s", f.N, f.Title)
	switch {
	case a.Fixed && was.Fixed.IsZero():
		f.Fixed = b.at
		b.log(Event{Kind: "finding-fixed", Case: f.Case, Text: line})
		return
	case a.Fixed:
		return
	case was.Title == "" || !was.Fixed.IsZero() || was.Severity != f.Severity || was.Title != f.Title || was.Asset != f.Asset:
		f.Fixed = time.Time{}
		b.log(Event{Kind: "finding", Case: f.Case, Text: line})
	}
	if f.Severity == High && (was.Severity != High || !was.Fixed.IsZero()) {
		b.openFound(i, a.Source)
	}
}

// openFound opens a vulnerability for a finding that cannot wait for the morning,
// unless its case is on the desk already, the edition does not cover it, or so
// many came at once that cases would bury people: then the manager is told once
// and the inspection lists them.
func (b *book) openFound(i int, source string) {
	f := b.d.Findings[i]
	if c := b.find(f.Case); c != nil && c.active() {
		return
	}
	v := Verdict{Label: string(Vulnerability), Severity: High, Assets: []string{f.Asset}, Why: source}
	row := b.row(Vulnerability, v, b.terms().Edition.ID)
	if !row.Included {
		return
	}
	open := 0
	for _, c := range b.d.Cases {
		if c.Finding != "" && c.active() {
			open++
		}
	}
	if open >= MaxFound {
		if m := b.manager(nil); m != "" && !b.d.Inspection.Flooded {
			b.direct(NWarned, nil, m, Facts{Why: "too-many-findings", Label: "findings"}, Inside{})
		}
		b.d.Inspection.Flooded = true
		b.log(Event{Kind: "finding-waits", Inside: Internal(fmt.Sprintf("F%d", f.N))})
		return
	}
	n := b.open(Vulnerability, v, row, f.Title+" ("+f.Asset+")")
	b.edit(n).Finding = f.ID
	b.d.Findings[i].Case = n
}

// forgetFinding makes room by forgetting the finding that was fixed longest ago.
func (b *book) forgetFinding() bool {
	oldest := -1
	for i, f := range b.d.Findings {
		if !f.Fixed.IsZero() && (oldest < 0 || f.Fixed.Before(b.d.Findings[oldest].Fixed)) {
			oldest = i
		}
	}
	if oldest < 0 {
		return false
	}
	b.d.Findings = slices.Delete(b.d.Findings, oldest, oldest+1)
	return true
}
