package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// a message that the rules were unsure of is marked by staff; the advice on it, or the button, opens it again
func TestMarkThenAdvice(t *testing.T) {
	for _, how := range []string{"advice", "button"} {
		d := sample(t, "acme")
		terms := *d.Terms
		terms.Advised = true
		d.Terms = &terms
		v := desk.Verdict{Label: "incident", Confidence: 0.45}
		d = desk.Decide(d, says("网站有点不对", v, start, "100.1"), start).Next
		mark := by(zhang, desk.Report{Text: "网站有点不对", Verdict: v, Of: "100.1", Author: desk.Who{ID: "lihua", Name: "李华"}})
		mark.Room, mark.Ref, mark.At = desk.Front, "100.1", start.Add(5*time.Second)
		d = desk.Decide(d, mark, start.Add(5*time.Second)).Next
		in := desk.Input{Actor: desk.Actor{Role: desk.System}, Act: desk.Advised{Slip: 1, Verdict: desk.Verdict{Label: "incident", Confidence: 0.9}}}
		if how == "button" {
			in = by(lihua, desk.Sort{Slip: 1, As: "incident"})
			in.Room = desk.Front
		}
		d = desk.Decide(d, in, start.Add(10*time.Second)).Next
		if len(d.Cases) != 1 {
			t.Errorf("%s: message 100.1 is %d cases", how, len(d.Cases))
		}
	}
}

// handed off by the button, then handed off again by the advice
func TestHandedOffTwice(t *testing.T) {
	d := sample(t, "acme")
	terms := *d.Terms
	terms.Advised = true
	terms.Edition = terms.Editions["emergency"]
	d.Terms = &terms
	v := desk.Verdict{Label: "vulnerability", Confidence: 0.45}
	d = desk.Decide(d, says("有个漏洞吗", v, start, "100.1"), start).Next
	click := by(lihua, desk.Sort{Slip: 1, As: "vulnerability"})
	click.Room = desk.Front
	c1 := desk.Decide(d, click, start.Add(5*time.Second))
	c2 := desk.Decide(c1.Next, desk.Input{Actor: desk.Actor{Role: desk.System}, Act: desk.Advised{Slip: 1, Verdict: desk.Verdict{Label: "vulnerability", Severity: desk.High, Confidence: 0.9}}}, start.Add(10*time.Second))
	n := 0
	for _, no := range append(c1.Notices, c2.Notices...) {
		if no.Kind == desk.NHandoff && no.Room == desk.Front {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d hand-offs of one message", n)
	}
}

// who gave the case back is rung up about it
func TestDeclined(t *testing.T) {
	urgent := true
	d := sample(t, "acme")
	terms := *d.Terms
	terms.Means = []desk.Means{desk.ByApp, desk.BySMS, desk.ByPhone}
	d.Terms = &terms
	in := by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"})
	in.At = start
	d = desk.Decide(d, in, start).Next
	wake := func(at time.Time) desk.Change {
		ch := desk.Decide(d, desk.Input{Act: desk.Woke{}, Actor: desk.Actor{Role: desk.System}}, at)
		d = ch.Next
		return ch
	}
	for w := d.Wake(); !w.After(start.Add(12 * time.Minute)); w = d.Wake() {
		wake(w)
	}
	chen := desk.Actor{ID: "chen", Name: "陈经理", Role: desk.Manager}
	at := start.Add(12*time.Minute + 10*time.Second)
	for _, act := range []desk.Act{desk.Claim{Case: 1}, desk.Unclaim{Case: 1}} {
		in := by(chen, act)
		in.At = at
		d = desk.Decide(d, in, at).Next
	}
	for w := d.Wake(); w.Before(start.Add(15 * time.Minute)); w = d.Wake() {
		for _, c := range calls(wake(w)) {
			t.Error(w.Sub(start), c)
		}
	}
}
