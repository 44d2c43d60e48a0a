package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
)

// TestQueue: whose business a case is, as it goes from a report to its solution.
func TestQueue(t *testing.T) {
	d, now := sample(t, "acme"), start
	zhangs := desk.Person{ID: "zhang", Role: desk.Expert}
	wangs := desk.Person{ID: "wang", Role: desk.Expert}
	chens := desk.Person{ID: "chen", Role: desk.Manager}
	zhaos := desk.Person{ID: "zhao", Role: desk.Admin}
	step := func(after time.Duration, who desk.Actor, act desk.Act, want string) {
		t.Helper()
		now = now.Add(after)
		if act != nil {
			in := by(who, act)
			in.At = now
			d = desk.Decide(d, in, now).Next
		}
		var got []string
		for _, p := range []desk.Person{zhangs, wangs, chens, zhaos} {
			for _, q := range d.Queue(p, now) {
				got = append(got, fmt.Sprintf("%s %s #%d", p.ID, q.Turn, q.N))
			}
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("after %v: %s\nwant %s", act, s, want)
		}
	}
	step(0, lihua, nil, "")
	step(time.Minute, lihua, urgently().Act, "zhang asked #1, chen asked #1")
	step(11*time.Minute, system, desk.Woke{}, "zhang danger #1, wang danger #1, chen danger #1, zhao danger #1")
	step(4*time.Minute, system, desk.Woke{}, "zhang overdue #1, wang overdue #1, chen overdue #1, zhao overdue #1")
	step(time.Minute, zhang, desk.Claim{Case: 1}, "zhang overdue #1, chen overdue #1, zhao overdue #1")
	step(time.Minute, zhang, desk.Reply{Case: 1, Text: "在看"}, "zhang yours #1")
	step(time.Minute, zhang, desk.Ask{Case: 1, Question: "日志呢？"}, "zhang waiting #1")
	step(time.Minute, zhang, desk.Resolve{Case: 1, Summary: "好了"}, "")
}

// TestQueueOrder: what is most pressing stands first: by the turn, and within it by
// the deadline; what has none is last.
func TestQueueOrder(t *testing.T) {
	m := newStory(t)
	m.at(0, by(lihua, reportIncident))             // #1, due after an hour
	m.at(time.Minute, urgently())                  // #2, due after 16 minutes
	m.at(2*time.Minute, by(lihua, reportIncident)) // #3, claimed
	m.at(3*time.Minute, by(lihua, reportIncident)) // #4, answered: no deadline
	m.at(4*time.Minute, by(zhang, desk.Claim{Case: 3})).at(4*time.Minute, by(zhang, desk.Reply{Case: 4, Text: "在看"}))
	for after, want := range map[time.Duration]string{
		5 * time.Minute:  "asked #2, asked #1, yours #3, yours #4",
		13 * time.Minute: "danger #2, asked #1, yours #3, yours #4",
		58 * time.Minute: "overdue #2, danger #1, danger #3, yours #4",
	} {
		var got []string
		for _, q := range m.d.Queue(desk.Person{ID: "zhang", Role: desk.Expert}, start.Add(after)) {
			got = append(got, fmt.Sprintf("%s #%d", q.Turn, q.N))
		}
		same(t, after.String(), strings.Join(got, ", "), want)
	}
	early, late := start, start.Add(time.Second)
	for _, c := range []struct {
		a, b time.Time
		want int
	}{{early, late, -1}, {late, early, 1}, {early, early, 0}, {time.Time{}, late, 1}, {late, time.Time{}, -1}, {time.Time{}, time.Time{}, 0}} {
		if got := desk.CompareDue(c.a, c.b); got != c.want {
			t.Errorf("%v before %v: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
