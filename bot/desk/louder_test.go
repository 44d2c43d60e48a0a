package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestLouder: an urgent ping that nobody reads goes up the means before the next
// rung comes; a read one does not, and a claim ends it.
func TestLouder(t *testing.T) {
	urgent := true
	begin := func(means ...desk.Means) (desk.Desk, []string) {
		d := sample(t, "acme")
		terms := *d.Terms
		terms.Means = means
		d.Terms = &terms
		in := by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"})
		in.At = start
		ch := desk.Decide(d, in, start)
		return ch.Next, calls(ch)
	}
	run := func(d desk.Desk, until time.Duration) (desk.Desk, []string) {
		var out []string
		for w := d.Wake(); !w.IsZero() && !w.After(start.Add(until)); w = d.Wake() {
			ch := desk.Decide(d, desk.Input{Act: desk.Woke{}, Actor: desk.Actor{Role: desk.System}}, w)
			for _, c := range calls(ch) {
				out = append(out, fmt.Sprintf("%s %s", w.Sub(start).Truncate(time.Second), c))
			}
			d = ch.Next
		}
		return d, out
	}
	same := func(what string, got []string, want string) {
		t.Helper()
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %s\nwant %s", what, s, want)
		}
	}

	d, told := begin(desk.ByApp, desk.BySMS, desk.ByPhone)
	same("the first rung", told, "ping zhang 1")
	_, told = run(d, 7*time.Minute)
	same("nobody reads", told, "1m40s louder zhang 2, 3m20s louder zhang 3, 5m0s ping zhang 3")

	read := desk.Decide(d, desk.Input{Act: desk.ReadBy{Person: "zhang"}, Actor: desk.Actor{Role: desk.System}}, start.Add(time.Minute)).Next
	_, told = run(read, 5*time.Minute)
	same("it was read", told, "5m0s ping zhang 1")

	claimed := by(zhang, desk.Claim{Case: 1})
	claimed.At = start.Add(time.Minute)
	_, told = run(desk.Decide(d, claimed, claimed.At).Next, 7*time.Minute)
	same("somebody took it", told, "")

	d, told = begin(desk.ByApp)
	same("one means", told, "ping zhang 1")
	_, told = run(d, 5*time.Minute)
	same("nothing is stronger", told, "5m0s ping zhang 1")

	d, told = begin()
	same("no means", told, "")
	if _, told = run(d, 5*time.Minute); len(told) > 0 {
		t.Errorf("no means, and %v", told)
	}
}

// calls lists the notices that use more than a message: kind, person, means.
func calls(ch desk.Change) []string {
	var out []string
	for _, n := range ch.Notices {
		if n.Means > desk.ByMessage {
			out = append(out, fmt.Sprintf("%s %s %d", n.Kind, n.Person, n.Means))
		}
	}
	return out
}
