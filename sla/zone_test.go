package sla

import (
	"strings"
	"testing"
	"time"
)

func TestZone(t *testing.T) {
	if loc, err := Zone(""); err != nil || loc.String() != "Asia/Shanghai" {
		t.Errorf("the default zone is %v, %v", loc, err)
	}
	for _, name := range []string{"Local", "Mars/Olympus", "+08:00"} {
		if _, err := Zone(name); err == nil || !strings.Contains(err.Error(), "Asia/Shanghai") {
			t.Errorf("%s: error %v; want one that shows what would be right", name, err)
		}
	}
}

// The clocks change at different hours in different countries; some skip or
// repeat midnight itself.
func TestWallTimes(t *testing.T) {
	for _, c := range []struct {
		name, zone, from string
		days, minutes    int
		want             string
	}{
		{"an ordinary day", "Asia/Shanghai", "2026-11-23T02:00:00+08:00", 1, 600, "2026-11-24T10:00:00+08:00"},
		{"the same day", "Asia/Shanghai", "2026-11-23T02:00:00+08:00", 0, 0, "2026-11-23T00:00:00+08:00"},
		{"over the end of the year", "Asia/Shanghai", "2026-12-31T23:59:00+08:00", 1, 0, "2027-01-01T00:00:00+08:00"},
		{"London, the morning after the spring change", "Europe/London", "2026-03-28T12:00:00Z", 1, 540, "2026-03-29T09:00:00+01:00"},
		{"London, the spring gap", "Europe/London", "2026-03-28T12:00:00Z", 1, 90, "2026-03-29T02:00:00+01:00"},
		{"London, the hour that comes twice", "Europe/London", "2026-10-24T12:00:00+01:00", 1, 90, "2026-10-25T01:30:00+01:00"},
		{"London, after it", "Europe/London", "2026-10-24T12:00:00+01:00", 1, 120, "2026-10-25T02:00:00Z"},
		{"Cairo skips midnight", "Africa/Cairo", "2024-04-25T12:00:00+02:00", 1, 0, "2024-04-26T01:00:00+03:00"},
		{"São Paulo skipped midnight", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", 1, 0, "2018-11-04T01:00:00-02:00"},
		{"Havana shows midnight twice", "America/Havana", "2024-11-02T12:00:00-04:00", 1, 0, "2024-11-03T00:00:00-04:00"},
		{"Lord Howe moves by half an hour", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", 1, 135, "2026-10-04T02:30:00+11:00"},
		{"Samoa left out a whole day", "Pacific/Apia", "2011-12-29T12:00:00-10:00", 1, 600, "2011-12-31T00:00:00+14:00"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		got := At(from.In(zone(c.zone)), c.days, c.minutes).Format(time.RFC3339)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A safe period of 15 days ends at 24:00 of day 15 also when the clocks change
// in between.
func TestDayStartOverAChangeOfTheClocks(t *testing.T) {
	london := zone("Europe/London")
	resolved := time.Date(2026, 10, 20, 15, 0, 0, 0, london)
	if got := DayStart(resolved, 16).Format(time.RFC3339); got != "2026-11-05T00:00:00Z" {
		t.Errorf("the safe period ends %s", got)
	}
}
