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
	urgent := true
	step(0, lihua, nil, "")
	step(time.Minute, lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"}, "zhang asked #1, chen asked #1")
	step(11*time.Minute, desk.Actor{Role: desk.System}, desk.Woke{}, "zhang danger #1, wang danger #1, chen danger #1, zhao danger #1")
	step(4*time.Minute, desk.Actor{Role: desk.System}, desk.Woke{}, "zhang overdue #1, wang overdue #1, chen overdue #1, zhao overdue #1")
	step(time.Minute, zhang, desk.Claim{Case: 1}, "zhang overdue #1, chen overdue #1, zhao overdue #1")
	step(time.Minute, zhang, desk.Reply{Case: 1, Text: "在看"}, "zhang yours #1")
	step(time.Minute, zhang, desk.Ask{Case: 1, Question: "日志呢？"}, "zhang waiting #1")
	step(time.Minute, zhang, desk.Resolve{Case: 1, Summary: "好了"}, "")
}
