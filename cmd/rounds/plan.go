package rounds

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
	"butler/sla"
)

// Visits are the checks of a visit, every Inspect.Every.
var Visits = []probe.Check{probe.Availability, probe.Page}

// Times of a customer's day.
const (
	ahead  = time.Hour        // before the summary, from when on the daily look is made
	spread = 45 * time.Minute // over which the daily looks of all customers are spread: the rest is time to look
)

// Look is one look that is due now.
type Look struct {
	Checks []probe.Check
	Daily  bool      // every gentle check; also the first look at an asset
	Scan   bool      // in the quiet window, with the customer's leave
	Until  time.Time // when it must be over; zero where nothing says so
}

// Due is what Plan found.
type Due struct {
	// Assets are those that the contract covers now.
	Assets []desk.Asset
	Looks  []Look
	// Withdraw: nothing is covered any more, and the desk holds findings of ours.
	Withdraw bool
	// Next is when there may be something to do again; zero: not before the terms or
	// the cases change.
	Next time.Time
}

// Plan says what of a customer's is to be looked at now, and when to ask again. It is
// the whole schedule; whitepaper §3.1.3.1 (daily), §5 (what an edition covers), §6.2
// (when to scan), §3.1.2 (by whose leave).
//
//   - A visit every Inspect.Every, each customer with an offset of their own; one that
//     was missed is made once, late.
//   - Every gentle check once a day in the hour before the summary, and at once where
//     an asset is new.
//   - Scans once a day inside the quiet window, while the leave holds.
func Plan(t *desk.Terms, d desk.Desk, s State, now time.Time) Due {
	if t.Inspect.Every <= 0 {
		return Due{Withdraw: len(s.Told) > 0}
	}
	due := Due{Assets: Scope(t, d, now)}
	if len(due.Assets) == 0 {
		due.Withdraw = len(s.Told) > 0
		if len(t.Inspect.Assets) > 0 {
			due.Next = now.Add(t.Inspect.Every) // an incident may begin
		}
		return due
	}
	fresh := slices.ContainsFunc(due.Assets, func(a desk.Asset) bool { return !slices.Contains(s.Known, a.Name) })
	daily := dailyBefore(t, now)
	visit := nextVisit(t, s.Visit)
	switch {
	case fresh, s.Daily.Before(daily):
		due.Looks = append(due.Looks, Look{Checks: probe.Gentle, Daily: true})
		visit = nextVisit(t, now)
	case !now.Before(visit):
		due.Looks = append(due.Looks, Look{Checks: Visits})
		visit = nextVisit(t, now)
	}
	due.Next = earliest(visit, dailyAfter(t, now))
	if t.Inspect.Scan.Holds(now) && window(t) {
		from, begin, end := quiet(t, now)
		last := s.Scan
		if now.Before(end) && !now.Before(begin) && last.Before(from) {
			due.Looks = append(due.Looks, Look{Checks: probe.Scans, Scan: true, Until: earliest(end, t.Inspect.Scan.Until)})
			last = now
		}
		if now.Before(begin) && last.Before(from) {
			due.Next = earliest(due.Next, begin)
		} else {
			_, begin, _ = quiet(t, opening(t, from))
			due.Next = earliest(due.Next, begin)
		}
	}
	return due
}

// Scope is what the customer's edition has us look at (whitepaper §5 安全检查): the
// named assets, those of the key business, or those of an incident.
func Scope(t *desk.Terms, d desk.Desk, now time.Time) []desk.Asset {
	all := t.Inspect.Assets
	switch t.Edition.Inspection.Scope {
	case "named":
		return all
	case "key":
		if key := slices.DeleteFunc(slices.Clone(all), func(a desk.Asset) bool { return !a.Key }); len(key) > 0 {
			return key
		}
		return all
	case "incident":
		return slices.DeleteFunc(slices.Clone(all), func(a desk.Asset) bool { return !struck(d, a, zone(t), now) })
	}
	return nil
}

// struck reports whether a living incident names an asset: by the same rule as the
// desk's, so that what is looked at is what the summary speaks of.
func struck(d desk.Desk, a desk.Asset, zone *time.Location, now time.Time) bool {
	host := desk.HostOf(a.Name)
	return slices.ContainsFunc(d.Cases, func(c desk.Case) bool {
		return lives(c, zone, now) && (slices.Contains(c.Assets, host) || slices.Contains(c.Assets, strings.ToLower(a.Name)))
	})
}

// lives reports whether a case is an incident that is open or in its safe period,
// which ends at 24:00 of its last day.
func lives(c desk.Case, zone *time.Location, now time.Time) bool {
	switch {
	case c.Kind != desk.Incident:
		return false
	case c.Status == desk.Open:
		return true
	case c.Status != desk.Resolved:
		return false
	}
	return c.Row.SafeDays == 0 || now.Before(sla.DayStart(c.ResolvedAt.In(zone), c.Row.SafeDays+1))
}

// nextVisit is when the visit after one at last is due: at the customer's own offset
// in the first period that begins at least half a period later. Zero when there was
// none yet: at once.
func nextVisit(t *desk.Terms, last time.Time) time.Time {
	if last.IsZero() {
		return time.Time{}
	}
	every := t.Inspect.Every
	offset := share(t.Customer, "visit", every)
	slot := last.Add(-offset).Truncate(every).Add(offset)
	for slot.Sub(last) < every/2 {
		slot = slot.Add(every)
	}
	return slot
}

// dailyBefore is the latest moment at or before now at which the daily look was due:
// in the hour before a summary, by the customer's clock.
func dailyBefore(t *desk.Terms, now time.Time) time.Time {
	for days := 2; ; days-- {
		if at := daily(t, now, days); !at.After(now) {
			return at
		}
	}
}

// dailyAfter is the next such moment after now.
func dailyAfter(t *desk.Terms, now time.Time) time.Time {
	for days := -2; ; days++ {
		if at := daily(t, now, days); at.After(now) {
			return at
		}
	}
}

// daily is the moment of the daily look before the summary of a day.
func daily(t *desk.Terms, now time.Time, days int) time.Time {
	return sla.At(now.In(zone(t)), days, t.Inspect.Minute).Add(share(t.Customer, "daily", spread) - ahead).UTC()
}

// quiet is the quiet window that now lies in, or else the last one before: from when
// to when it is, and when in it this customer's scan begins, in its first half so that
// it can end in it.
func quiet(t *desk.Terms, now time.Time) (from, begin, end time.Time) {
	local, q := now.In(zone(t)), t.Inspect.Quiet
	next := 0 // days from its begin to its end
	if q.To <= q.From {
		next = 1
	}
	for days := 1; ; days-- {
		if from = sla.At(local, days, q.From); from.After(now) {
			continue
		}
		end = sla.At(local, days+next, q.To)
		begin = from.Add(share(t.Customer, "scan", max(end.Sub(from)/2, time.Nanosecond)))
		return from.UTC(), begin.UTC(), end.UTC()
	}
}

// window reports whether the customer has a quiet window at all.
func window(t *desk.Terms) bool { return t.Inspect.Quiet != (desk.Quiet{}) }

// mayScan reports whether a scan may run now, and until when.
func mayScan(t *desk.Terms, now time.Time) (until time.Time, may bool) {
	if !window(t) || !t.Inspect.Scan.Holds(now) {
		return time.Time{}, false
	}
	_, _, end := quiet(t, now)
	return earliest(end, t.Inspect.Scan.Until), now.Before(end)
}

// nextQuiet is the next quiet window that begins after now, if the leave to scan
// still holds then.
func nextQuiet(t *desk.Terms, now time.Time) (from, end time.Time, ok bool) {
	if !window(t) {
		return from, end, false
	}
	from = opening(t, now)
	_, _, end = quiet(t, from)
	return from, end, t.Inspect.Scan.Holds(from)
}

// opening is when the next quiet window begins.
func opening(t *desk.Terms, after time.Time) time.Time {
	for days := 0; ; days++ {
		if from := sla.At(after.In(zone(t)), days, t.Inspect.Quiet.From).UTC(); from.After(after) {
			return from
		}
	}
}

// share is a customer's own part of a span, so that not all are visited at once. The
// same after every restart and in every process.
func share(customer, what string, span time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(what + "/" + customer))
	x := h.Sum64()
	x ^= x >> 33 // FNV mixes its last bytes little
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return time.Duration(x % uint64(span)).Truncate(time.Second)
}

func zone(t *desk.Terms) *time.Location {
	if t.Zone != nil {
		return t.Zone
	}
	return time.UTC
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
