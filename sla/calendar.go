package sla

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Calendar knows which days are worked: Monday to Friday, except the days on
// which a government notice says otherwise (in China: 节假日 and 调休). It is
// immutable and may be shared. A nil *Calendar knows no year: weekends only.
type Calendar struct {
	work    map[date]bool // the days that differ from the weekday rule, or repeat it
	covered map[int]bool  // the years whose notice is in the table
}

// Override adds days and years to a calendar. Days are written YYYY-MM-DD.
type Override struct {
	Holidays []string // not worked, whatever the weekday
	Workdays []string // worked, whatever the weekday (调休)
	Covers   []int    // years that are complete with these days
}

// date is one day without a zone.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

// china is the sparse table of the State Council's notices: only the days that
// differ from "Monday to Friday". 2025: 国办 202411/content_6986383; 2026: 国办
// 202511/content_7047091. The notice for a year usually appears in the November
// before it; until then the config can add it (With), and an uncovered year is
// said aloud, never guessed.
var china = must((*Calendar)(nil).With(
	Override{
		Covers: []int{2025},
		Holidays: []string{
			"2025-01-01",                                           // 元旦
			"2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", // 春节
			"2025-02-03", "2025-02-04",
			"2025-04-04",                             // 清明
			"2025-05-01", "2025-05-02", "2025-05-05", // 劳动节
			"2025-06-02",                             // 端午
			"2025-10-01", "2025-10-02", "2025-10-03", // 国庆、中秋
			"2025-10-06", "2025-10-07", "2025-10-08",
		},
		Workdays: []string{"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"},
	},
	Override{
		Covers: []int{2026},
		Holidays: []string{
			"2026-01-01", "2026-01-02", // 元旦
			"2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23", // 春节
			"2026-04-06",                             // 清明
			"2026-05-01", "2026-05-04", "2026-05-05", // 劳动节
			"2026-06-19",                             // 端午
			"2026-09-25",                             // 中秋
			"2026-10-01", "2026-10-02", "2026-10-05", // 国庆
			"2026-10-06", "2026-10-07",
		},
		Workdays: []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"},
	},
))

// China returns the calendar of mainland China, which covers 2025 and 2026.
func China() *Calendar { return china }

// With returns the calendar with more days and years; a later override wins
// over an earlier one and over the table. The receiver is not changed. The
// error names every entry that is no day, and every day that one override calls
// both a holiday and a workday.
func (c *Calendar) With(overrides ...Override) (*Calendar, error) {
	next := &Calendar{work: map[date]bool{}, covered: map[int]bool{}}
	if c != nil {
		for d, w := range c.work {
			next.work[d] = w
		}
		for y := range c.covered {
			next.covered[y] = true
		}
	}
	var errs []error
	for _, o := range overrides {
		off := map[date]bool{}
		for _, s := range o.Holidays {
			d, err := parseDate(s)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			off[d] = true
			next.work[d] = false
		}
		for _, s := range o.Workdays {
			d, err := parseDate(s)
			if err == nil && off[d] {
				err = fmt.Errorf("%s is both a holiday and a workday", s)
			}
			if err != nil {
				errs = append(errs, err)
				continue
			}
			next.work[d] = true
		}
		for _, y := range o.Covers {
			if y < 1900 || y > 9999 {
				errs = append(errs, fmt.Errorf("%d is no year a calendar can cover", y))
				continue
			}
			next.covered[y] = true
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return next, nil
}

// Workday reports whether the day of the given moment, in its zone, is worked,
// and whether its year is in the table. Without the year the weekday decides.
func (c *Calendar) Workday(day time.Time) (work, covered bool) {
	d := dateOf(day)
	wd := day.Weekday()
	work = wd != time.Saturday && wd != time.Sunday
	if c == nil {
		return work, false
	}
	if w, ok := c.work[d]; ok {
		work = w
	}
	return work, c.covered[d.year]
}

// DueAfter returns 24:00 (00:00 of the next day, in t's zone) of the n-th
// working day after the day of t; with workdays < 1 it is the end of the day of
// t. covered is false when a day of a year outside the table had to be judged.
func (c *Calendar) DueAfter(t time.Time, workdays int) (due time.Time, covered bool) {
	covered = true
	// Days are counted on a clock without summer time; only the result is in t's zone.
	y, m, d := t.Date()
	noon := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	ahead := 0
	for left := workdays; left > 0; {
		ahead++
		work, known := c.Workday(noon.AddDate(0, 0, ahead))
		covered = covered && known
		if work {
			left--
		}
	}
	return DayStart(t, ahead+1), covered
}

// String writes the calendar on one line, days in order: "2025 2026;
// 2025-01-01 off, 2025-01-26 on, …". Equal calendars have equal strings.
func (c *Calendar) String() string {
	if c == nil {
		return "weekends only"
	}
	var years, days []string
	for y := range c.covered {
		years = append(years, fmt.Sprintf("%04d", y))
	}
	for d, work := range c.work {
		days = append(days, fmt.Sprintf("%04d-%02d-%02d %s", d.year, d.month, d.day, map[bool]string{true: "on", false: "off"}[work]))
	}
	slices.Sort(years)
	slices.Sort(days)
	return strings.Join(years, " ") + "; " + strings.Join(days, ", ")
}

func parseDate(s string) (date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return date{}, fmt.Errorf("%q is no day; write YYYY-MM-DD", s)
	}
	return dateOf(t), nil
}

// must is for the table above: a slip in it is a broken build, found by any test.
func must(c *Calendar, err error) *Calendar {
	if err != nil {
		panic(err)
	}
	return c
}
