package sla

import (
	"fmt"
	"sync/atomic"
	"time"
)

// zones remembers loaded zones: loading one reads a file, and a desk asks at
// every decision. The map is replaced, never written to.
var zones atomic.Pointer[map[string]*time.Location]

// Zone returns the IANA zone of that name, e.g. Asia/Shanghai. "" is
// Asia/Shanghai, the default of a customer (design §16).
func Zone(name string) (*time.Location, error) {
	if name == "" {
		name = "Asia/Shanghai"
	}
	if m := zones.Load(); m != nil {
		if loc := (*m)[name]; loc != nil {
			return loc, nil
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%q is no time zone; use an IANA name such as Asia/Shanghai", name)
	}
	next := map[string]*time.Location{name: loc}
	if m := zones.Load(); m != nil {
		for k, v := range *m {
			next[k] = v
		}
	}
	zones.Store(&next)
	return loc, nil
}

// DayStart returns 00:00 of the day that lies days after the day of t, in t's
// zone. Where the clocks skip that midnight, it is the first moment after the
// gap; where they pass it twice, the first of the two.
func DayStart(t time.Time, days int) time.Time { return At(t, days, 0) }

// At returns the moment of a wall time (minutes after midnight) on the day that
// lies days after the day of t, in t's zone. A wall time that the clocks skip is
// the first moment after the gap; one that they show twice is the first of the
// two.
func At(t time.Time, days, minutes int) time.Time {
	// time.Date promises only "one of the two zones involved": for a skipped
	// midnight it may answer with 23:00 of the day before.
	y, m, d := t.Date()
	loc := t.Location()
	got := time.Date(y, m, d+days, 0, minutes, 0, 0, loc)
	before := got.Add(-24 * time.Hour)
	_, early := before.Zone()
	_, late := got.Add(24 * time.Hour).Zone()
	if early == late {
		return got
	}
	wall := time.Date(y, m, d+days, 0, minutes, 0, 0, time.UTC)
	first := time.Time{}
	for _, offset := range [2]int{early, late} {
		at := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, o := at.Zone(); o == offset && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() {
		_, first = before.ZoneBounds() // the moment of the change: the end of the gap
	}
	return first
}
