package sla

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func onDay(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s+" 15:00", shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWorkdays(t *testing.T) {
	for _, c := range []struct {
		name, day     string
		work, covered bool
	}{
		{"an ordinary Monday", "2026-11-23", true, true},
		{"an ordinary Saturday", "2026-11-28", false, true},
		{"a 调休 Saturday", "2026-02-14", true, true},
		{"a 调休 Sunday", "2026-09-20", true, true},
		{"Spring Festival", "2026-02-17", false, true},
		{"the Sunday before Spring Festival 2025", "2025-01-26", true, true},
		{"the last day of Spring Festival 2025", "2025-02-04", false, true},
		{"National Day", "2026-10-07", false, true},
		{"the day after", "2026-10-08", true, true},
		{"an uncovered year: the weekday decides", "2027-01-01", true, false},
		{"its weekends", "2027-01-02", false, false},
	} {
		if work, covered := China().Workday(onDay(c.day)); work != c.work || covered != c.covered {
			t.Errorf("%s, %s: work %v covered %v", c.name, c.day, work, covered)
		}
	}
}

// The numbers of working days of the two years, as published: a slip in the
// table shows here.
func TestWorkdaysOfAYear(t *testing.T) {
	for year, want := range map[int]int{2025: 248, 2026: 248} {
		n := 0
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if work, _ := China().Workday(d); work {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
}

func TestDueAfter(t *testing.T) {
	for _, c := range []struct {
		name, day string
		n         int
		want      string
		covered   bool
	}{
		{"Monday: 24:00 of Tuesday", "2026-11-23", 1, "2026-11-25", true},
		{"Friday: Monday", "2026-11-27", 1, "2026-12-01", true},
		{"Friday before a 调休 Saturday", "2026-02-13", 1, "2026-02-15", true},
		{"the 调休 Saturday itself: over Spring Festival", "2026-02-14", 1, "2026-02-25", true},
		{"on a holiday", "2026-10-03", 1, "2026-10-09", true},
		{"five working days", "2026-09-30", 5, "2026-10-14", true},
		{"no working days: the end of the day", "2026-11-23", 0, "2026-11-24", true},
		{"the last day of the table", "2026-12-31", 1, "2027-01-02", false},
		{"into a year outside the table, by weekends", "2026-12-31", 2, "2027-01-05", false},
	} {
		due, covered := China().DueAfter(onDay(c.day), c.n)
		if got := due.Format("2006-01-02 15:04 -0700"); got != c.want+" 00:00 +0800" || covered != c.covered {
			t.Errorf("%s: due %s covered %v, want %s %v", c.name, got, covered, c.want, c.covered)
		}
	}
	var none *Calendar
	if due, covered := none.DueAfter(onDay("2026-02-13"), 1); covered || due.Format("01-02") != "02-17" {
		t.Errorf("no calendar: due %s covered %v; want Monday's end, not covered", due, covered)
	}
}

func TestDueAfterIsTheEndOfAWorkday(t *testing.T) {
	zones := []string{"Asia/Shanghai", "Europe/London", "America/New_York", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		from := time.Unix(rapid.Int64Range(1735660800, 1798732800).Draw(t, "from"), 0).In(loc) // 2025 and 2026
		n := rapid.IntRange(1, 12).Draw(t, "n")
		due, _ := China().DueAfter(from, n)
		if due.Hour() != 0 || due.Minute() != 0 || !due.After(from) {
			t.Fatalf("due %s", due)
		}
		last := due.Add(-time.Second)
		if work, _ := China().Workday(last); !work {
			t.Fatalf("%s is the end of a day that is not worked", due)
		}
		worked := 0
		for d := DayStart(from, 1); d.Before(due); d = DayStart(d, 1) {
			if work, _ := China().Workday(d); work {
				worked++
			}
		}
		if worked != n {
			t.Fatalf("%d working days between %s and %s, want %d", worked, from, due, n)
		}
	})
}

func TestCalendarWith(t *testing.T) {
	next, err := China().With(Override{Covers: []int{2027}, Holidays: []string{"2027-01-01"}, Workdays: []string{"2027-01-31", "2026-10-01"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day  string
		work bool
	}{{"2027-01-01", false}, {"2027-01-31", true}, {"2026-10-01", true}, {"2026-10-02", false}} {
		if work, covered := next.Workday(onDay(c.day)); work != c.work || !covered {
			t.Errorf("%s: work %v covered %v", c.day, work, covered)
		}
	}
	if work, _ := China().Workday(onDay("2026-10-01")); work {
		t.Error("the old calendar changed")
	}
	later, err := next.With(Override{Holidays: []string{"2027-01-31"}})
	if err != nil {
		t.Fatal(err)
	}
	if work, _ := later.Workday(onDay("2027-01-31")); work {
		t.Error("a later override must win")
	}

	_, err = China().With(Override{Holidays: []string{"1 May", "2027-02-30", "2027-05-01"}, Workdays: []string{"2027-05-01"}, Covers: []int{27}})
	if err == nil {
		t.Fatal("four mistakes were taken")
	}
	for _, want := range []string{`"1 May" is no day`, `"2027-02-30" is no day`, "2027-05-01 is both a holiday and a workday", "27 is no year"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func ExampleCalendar_DueAfter() {
	loc, _ := Zone("Asia/Shanghai")
	bought := time.Date(2026, 2, 14, 15, 0, 0, 0, loc) // a 调休 Saturday before Spring Festival
	due, covered := China().DueAfter(bought, 1)
	fmt.Println(When(due, loc, "zh-CN"), covered)
	// Output: 02-25 00:00 (UTC+8) true
}
