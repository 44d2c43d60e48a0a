package probe

import (
	"cmp"
	"slices"

	"butler/bot/desk"
)

// Diff is two looks side by side. Every finding of either stands in exactly one
// of the four lists.
type Diff struct {
	New   []Finding `json:"new,omitempty"`   // not known before
	Same  []Finding `json:"same,omitempty"`  // known, and still so; or Stale; or not asked about
	Fixed []Finding `json:"fixed,omitempty"` // known, looked at again, and gone
	Left  []Finding `json:"left,omitempty"`  // known, of an asset that nobody names any more
}

// Open are the findings that are open after the look.
func (d Diff) Open() []Finding { return sorted(slices.Concat(d.New, d.Same)) }

// fate is what became of the check that made a finding.
type fate int

const (
	lookedAgain fate = iota
	notLooked        // it was asked for, and could not be made
	notAsked         // this look was about something else
	notNamed
)

// compare puts what was open beside what is found now. Comparing what is open
// afterwards with the same look again finds nothing new and nothing fixed.
func compare(open, now []Finding, of func(Finding) fate) Diff {
	var d Diff
	was := map[string]Finding{}
	for _, f := range open {
		was[f.ID] = f
	}
	is := map[string]bool{}
	for _, f := range now {
		if is[f.ID] {
			continue // the same matter twice in one look
		}
		is[f.ID] = true
		if old, known := was[f.ID]; known {
			f.First = old.First
			d.Same = append(d.Same, f)
		} else {
			d.New = append(d.New, f)
		}
	}
	for id, f := range was {
		if is[id] {
			continue
		}
		switch of(f) {
		case lookedAgain:
			f.Stale = false
			d.Fixed = append(d.Fixed, f)
		case notLooked:
			f.Stale = true
			d.Same = append(d.Same, f)
		case notAsked:
			d.Same = append(d.Same, f)
		case notNamed:
			d.Left = append(d.Left, f)
		}
	}
	for _, l := range []*[]Finding{&d.New, &d.Same, &d.Fixed, &d.Left} {
		*l = sorted(*l)
	}
	return d
}

// sorted puts the worst first, then by asset and matter, so that two reports of
// the same state are equal.
func sorted(all []Finding) []Finding {
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(a.Asset, b.Asset), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func rank(s desk.Severity) int {
	return slices.Index([]desk.Severity{desk.High, desk.Medium, desk.Low}, s)
}
