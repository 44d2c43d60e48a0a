package sla

import (
	"strings"
	"testing"
	"time"
)

var roster = Duty{
	Zone:     zone("Asia/Shanghai"),
	Primary:  []string{"zhang", "li"},
	Backup:   []string{"wang"},
	Manager:  []string{"chen", "zhao", "qian"},
	Handover: Handover{Day: time.Monday, Minute: 9 * 60},
}

func TestDutyTurnsAtTheHandover(t *testing.T) {
	for _, c := range []struct {
		when string
		week int
		want string
	}{
		{"11-23 08:59", 47, "li zhang"}, // Monday of week 48, before 09:00
		{"11-23 09:00", 48, "zhang li"},
		{"11-29 23:59", 48, "zhang li"}, // Sunday
		{"11-30 08:59", 48, "zhang li"},
		{"11-30 09:00", 49, "li zhang"},
	} {
		if got := strings.Join(roster.On(Primary, at(c.when)), " "); got != c.want || roster.Week(at(c.when)) != c.week {
			t.Errorf("%s: week %d, %s; want week %d, %s", c.when, roster.Week(at(c.when)), got, c.week, c.want)
		}
	}
}

// 2026 has 53 weeks. 53 and 1 are both odd, so in a list of two the same person
// has duty twice in a row; On documents it.
func TestDutyAtTheEndOfAYearWith53Weeks(t *testing.T) {
	for _, c := range []struct {
		when, primary, manager string
		week                   int
	}{
		{"2026-12-21 09:00", "zhang", "zhao", 52},
		{"2026-12-28 09:00", "li", "qian", 53},
		{"2027-01-01 00:00", "li", "qian", 53}, // the new year turns nothing
		{"2027-01-04 09:00", "li", "zhao", 1},
		{"2027-01-11 09:00", "zhang", "qian", 2},
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", c.when, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		p, m := roster.On(Primary, when)[0], roster.On(Manager, when)[0]
		if p != c.primary || m != c.manager || roster.Week(when) != c.week {
			t.Errorf("%s: week %d, %s, %s; want week %d, %s, %s", c.when, roster.Week(when), p, m, c.week, c.primary, c.manager)
		}
	}
}

func TestDutyElsewhere(t *testing.T) {
	friday := roster
	friday.Handover = Handover{Day: time.Friday, Minute: 18 * 60}
	if a, b := friday.Week(at("11-27 17:59")), friday.Week(at("11-27 18:00")); a != 47 || b != 48 {
		t.Errorf("handover Friday 18:00: weeks %d and %d, want 47 and 48", a, b)
	}
	// The roster's zone decides, not the zone of the moment.
	utc := at("11-23 09:00").UTC()
	if roster.Week(utc) != 48 {
		t.Errorf("week %d in UTC clothes, want 48", roster.Week(utc))
	}
	// A change of the clocks moves no handover: London, Monday 09:00 on both sides of it.
	london := Duty{Zone: zone("Europe/London"), Handover: roster.Handover}
	for _, s := range []string{"2026-03-30T08:59:59+01:00 13", "2026-03-30T09:00:00+01:00 14", "2026-10-26T08:59:59Z 43", "2026-10-26T09:00:00Z 44"} {
		stamp, week, _ := strings.Cut(s, " ")
		when, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			t.Fatal(err)
		}
		if got := london.Week(when); week != itoa(got) {
			t.Errorf("%s: week %d, want %s", stamp, got, week)
		}
	}
}

func TestDutyLists(t *testing.T) {
	when := at("11-23 10:00")
	if got := roster.On(Backup, when); len(got) != 1 || got[0] != "wang" {
		t.Errorf("a list of one: %v", got)
	}
	if got := roster.On(TAM, when); got != nil {
		t.Errorf("the roster knows no TAM, got %v", got)
	}
	if got := (Duty{}).On(Primary, when); got != nil {
		t.Errorf("an empty roster: %v", got)
	}
	got := roster.On(Manager, when)
	got[0] = "overwritten"
	if roster.Manager[0] != "chen" {
		t.Error("On hands out the roster's own list")
	}
}

func itoa(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
