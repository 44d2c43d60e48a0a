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
// zone. Where that wall time does not exist (a clock change), it is the first
// moment of the day.
func DayStart(t time.Time, days int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, t.Location())
}

// At returns the moment of a wall time (minutes after midnight) on the day that
// lies days after the day of t, in t's zone.
func At(t time.Time, days, minutes int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+days, minutes/60, minutes%60, 0, 0, t.Location())
}
