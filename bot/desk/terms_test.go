package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// TestQuiet: the hours in which nothing is probed, also past midnight; none at all
// by default.
func TestQuiet(t *testing.T) {
	day, night := desk.Quiet{From: 9 * 60, To: 18 * 60}, desk.Quiet{From: 22 * 60, To: 6 * 60}
	for _, c := range []struct {
		quiet desk.Quiet
		at    string
		want  bool
	}{
		{day, "08:59", false}, {day, "09:00", true}, {day, "17:59", true}, {day, "18:00", false},
		{night, "21:59", false}, {night, "22:00", true}, {night, "00:00", true}, {night, "05:59", true}, {night, "06:00", false},
		{desk.Quiet{}, "00:00", false}, {desk.Quiet{}, "12:00", false},
	} {
		local, err := time.Parse("15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.quiet.Holds(local); got != c.want {
			t.Errorf("%+v at %s: %v, want %v", c.quiet, c.at, got, c.want)
		}
	}
}

// TestAuthority: a leave to probe needs a name and ends with its last day.
func TestAuthority(t *testing.T) {
	for _, c := range []struct {
		leave desk.Authority
		want  bool
	}{
		{desk.Authority{}, false},
		{desk.Authority{Until: start.Add(time.Hour)}, false},
		{desk.Authority{By: "lihua", Until: start.Add(time.Second)}, true},
		{desk.Authority{By: "lihua", Until: start}, false},
		{desk.Authority{By: "lihua"}, false},
	} {
		if got := c.leave.Holds(start); got != c.want {
			t.Errorf("%+v: %v, want %v", c.leave, got, c.want)
		}
	}
}
