package card

import (
	"fmt"
	"strings"
	"testing"

	"butler/bot/desk"
)

func days(all ...desk.Day) []desk.Day { return all }

// shape is a chart in one line: a day's sum and its availability, _ for a hole.
func shape(c *Chart) string {
	if c == nil {
		return "none"
	}
	var parts []string
	for _, d := range c.Days {
		switch {
		case d.Hole:
			parts = append(parts, d.Label+" _")
		case d.Up < 0:
			parts = append(parts, fmt.Sprintf("%s %d", d.Label, d.High+d.Medium+d.Low))
		default:
			parts = append(parts, fmt.Sprintf("%s %d %.0f%%", d.Label, d.High+d.Medium+d.Low, d.Up))
		}
	}
	return strings.Join(parts, ", ")
}

func TestADayThatNobodyLookedAtIsAHole(t *testing.T) {
	seen := func(date string, low int) desk.Day { return desk.Day{Date: date, Low: low, Tries: 4, Good: 4} }
	dark := func(date string) desk.Day { return desk.Day{Date: date, Blind: true} }
	month := make([]desk.Day, 30)
	for i := range month {
		month[i] = seen(fmt.Sprintf("2026-11-%02d", i+1), i)
	}
	for name, test := range map[string]struct {
		days []desk.Day
		want string
	}{
		"nothing":                          {nil, "none"},
		"one day":                          {days(seen("2026-11-23", 1)), "none"},
		"two days":                         {days(seen("2026-11-22", 2), seen("2026-11-23", 1)), "11-22 2 100%, 11-23 1 100%"},
		"a date is missing":                {days(seen("2026-11-20", 2), seen("2026-11-23", 1)), "11-20 2 100%, 11-21 _, 11-22 _, 11-23 1 100%"},
		"over the end of a year":           {days(seen("2026-12-31", 2), seen("2027-01-02", 1)), "12-31 2 100%, 01-01 _, 01-02 1 100%"},
		"nobody looked in between":         {days(seen("2026-11-21", 2), dark("2026-11-22"), seen("2026-11-23", 0)), "11-21 2 100%, 11-22 _, 11-23 0 100%"},
		"nobody looked today":              {days(seen("2026-11-21", 2), seen("2026-11-22", 2), dark("2026-11-23")), "11-21 2 100%, 11-22 2 100%, 11-23 _"},
		"nobody looked yet":                {days(dark("2026-11-20"), dark("2026-11-21"), seen("2026-11-22", 1), seen("2026-11-23", 1)), "11-22 1 100%, 11-23 1 100%"},
		"nobody ever looked":               {days(dark("2026-11-21"), dark("2026-11-22"), dark("2026-11-23")), "none"},
		"nobody looked, but this is known": {days(seen("2026-11-22", 2), desk.Day{Date: "2026-11-23", High: 1, Blind: true}), "11-22 2 100%, 11-23 1"},
		"a long silence":                   {days(seen("2026-09-01", 2), seen("2026-11-22", 2), seen("2026-11-23", 1)), "11-22 2 100%, 11-23 1 100%"},
		"more than a fortnight":            {month[:16], shape(&Chart{Days: calendar(month[2:16])})},
		"a clock that went back":           {days(seen("2026-11-23", 2), seen("2026-11-22", 1)), "11-23 2 100%, 11-22 1 100%"},
		"no date":                          {days(seen("yesterday", 2), seen("today", 1)), "yesterday 2 100%, today 1 100%"},
	} {
		if got := shape(chartOf(test.days, "en")); got != test.want {
			t.Errorf("%s: %s\nwant %s", name, got, test.want)
		}
	}
	if n := len(calendar(month)); n != maxChart {
		t.Errorf("%d days, want %d", n, maxChart)
	}
}

func TestTheWordsOfAChart(t *testing.T) {
	all := days(desk.Day{Date: "2026-11-20", High: 1, Medium: 2, Tries: 500, Good: 499}, desk.Day{Date: "2026-11-23", Low: 1, Tries: 500, Good: 500})
	for lang, want := range map[string]string{
		"zh-CN": "近 4 天，未修复的发现从 3 项到 1 项，可用率 99.9%，其中 2 天没有巡检",
		"en":    "Over 4 days open findings went from 3 to 1; availability 99.9%; no look on 2 of them",
	} {
		if got := chartOf(all, lang).Alt; got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

// A picture without visits does not speak of availability.
func TestTheTitleOfAChart(t *testing.T) {
	findings := days(desk.Day{Date: "2026-11-22", High: 1}, desk.Day{Date: "2026-11-23", Low: 1})
	visited := days(desk.Day{Date: "2026-11-22", High: 1}, desk.Day{Date: "2026-11-23", Low: 1, Tries: 4, Good: 4})
	for _, c := range []struct {
		days []desk.Day
		want string
	}{{findings, "近 2 天未修复的发现"}, {visited, "近 2 天未修复的发现与可用率"}} {
		if got := chartOf(c.days, "zh-CN").Title; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
