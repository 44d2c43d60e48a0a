package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

func says(text string, v desk.Verdict, at time.Time, ref string) desk.Input {
	in := by(lihua, desk.Said{Text: text, Verdict: v})
	in.Room, in.At, in.Ref = desk.Front, at, ref
	return in
}

// words too faint to be asked about are remembered, but the change is not written
func TestMoves(t *testing.T) {
	d := sample(t, "acme")
	ch := desk.Decide(d, says("后台有点怪", desk.Verdict{Label: "incident", Confidence: 0.2}, start, "1"), start)
	if len(ch.Next.Lately) != 1 {
		t.Fatal("not remembered")
	}
	if !desk.Moves(d, ch) {
		t.Error("the words are remembered, and Moves says there is nothing to write")
	}
}

// two messages of one matter, both unsure: advice on both opens two cases
func TestAdviceTwice(t *testing.T) {
	d := sample(t, "acme")
	terms := *d.Terms
	terms.Advised = true
	d.Terms = &terms
	v := desk.Verdict{Label: "incident", Confidence: 0.45}
	c1 := desk.Decide(d, says("网站有点不对", v, start, "1"), start)
	in := says("10.0.0.5 上", v, start.Add(10*time.Second), "2")
	said := in.Act.(desk.Said)
	said.Joined = &v
	in.Act = said
	c2 := desk.Decide(c1.Next, in, start.Add(10*time.Second))
	t.Log("asks", len(c1.Asks), len(c2.Asks), c2.Asks)
	d = c2.Next
	for _, slip := range []int{1, 2} {
		adv := desk.Input{Actor: desk.Actor{Role: desk.System}, Act: desk.Advised{Slip: slip, Verdict: desk.Verdict{Label: "incident", Urgent: true, Confidence: 0.9}}}
		d = desk.Decide(d, adv, start.Add(20*time.Second)).Next
	}
	if len(d.Cases) > 1 {
		t.Errorf("%d cases of one matter: %q, %q", len(d.Cases), d.Cases[0].Title, d.Cases[1].Title)
	}
}

// after downtime somebody is called by every means at once
func TestLouderAfterDowntime(t *testing.T) {
	urgent := true
	d := sample(t, "acme")
	terms := *d.Terms
	terms.Means = []desk.Means{desk.ByApp, desk.BySMS, desk.ByPhone}
	d.Terms = &terms
	in := by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"})
	in.At = start
	d = desk.Decide(d, in, start).Next
	ch := desk.Decide(d, desk.Input{Act: desk.Woke{}, Actor: desk.Actor{Role: desk.System}}, start.Add(6*time.Minute))
	t.Log(calls(ch))
	n := 0
	for _, no := range ch.Notices {
		if no.Person == "zhang" && no.Means > 0 && desk.Wants(ch.Next, no) {
			n++
		}
	}
	if n > 1 {
		t.Errorf("zhang is called %d times at once", n)
	}
}

// the platform was away: louder letters that waited are all told
func TestLouderAfterOutage(t *testing.T) {
	urgent := true
	d := sample(t, "acme")
	terms := *d.Terms
	terms.Means = []desk.Means{desk.ByApp, desk.BySMS, desk.ByPhone}
	d.Terms = &terms
	in := by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"})
	in.At = start
	d = desk.Decide(d, in, start).Next
	var waiting []desk.Notice
	for w := d.Wake(); !w.After(start.Add(6 * time.Minute)); w = d.Wake() {
		ch := desk.Decide(d, desk.Input{Act: desk.Woke{}, Actor: desk.Actor{Role: desk.System}}, w)
		for _, no := range ch.Notices {
			if no.Means > 0 {
				waiting = append(waiting, no)
			}
		}
		d = ch.Next
	}
	n := 0
	for _, no := range waiting {
		if desk.Wants(d, no) {
			t.Log(no.Kind, no.Person, no.Means)
			n++
		}
	}
	if n > 1 {
		t.Errorf("%d calls in a row when the platform is back", n)
	}
}

// a receipt for one case silences another
func TestReadOfAnother(t *testing.T) {
	urgent := true
	d := sample(t, "acme")
	var keys []string
	for i := range 2 {
		in := by(lihua, desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "勒索"})
		in.At = start
		ch := desk.Decide(d, in, start.Add(time.Duration(i)*time.Second))
		for _, n := range ch.Notices {
			if n.Kind == desk.NPing && n.Person == "zhang" {
				keys = append(keys, n.Key)
			}
		}
		d = ch.Next
	}
	d = desk.Decide(d, desk.Input{Act: desk.ReadBy{Key: keys[0], Person: "zhang"}, Actor: desk.Actor{Role: desk.System}}, start.Add(time.Minute)).Next
	t.Log(keys)
	for _, c := range d.Cases[1:] {
		for _, p := range c.Rungs.Pings {
			if p.Person == "zhang" && !p.Read.IsZero() {
				t.Errorf("case %d counts as read by the receipt %s", c.N, keys[0])
			}
		}
	}
}

// a late receipt of the first rung silences the second
// "just chatting", says the customer of A; B said after that drags A along
func TestNoneIsForgotten(t *testing.T) {
	d := sample(t, "acme")
	v := desk.Verdict{Label: "incident", Confidence: 0.45}
	d = desk.Decide(d, says("网站有点不对", v, start, "1"), start).Next
	click := by(lihua, desk.Sort{Slip: 1, As: "none"})
	click.Room = desk.Front
	click.At = start.Add(5 * time.Second)
	d = desk.Decide(d, click, start.Add(5*time.Second)).Next
	if b := d.Before(lihua.ID, start.Add(10*time.Second)); len(b) > 0 {
		t.Errorf("words that are nothing, says their writer, are joined to the next: %+v", b)
	}
}
func TestTakenIsForgotten(t *testing.T) {
	d := sample(t, "acme")
	v := desk.Verdict{Label: "incident", Confidence: 0.45}
	d = desk.Decide(d, says("网站有点不对", v, start, "1"), start).Next
	click := by(lihua, desk.Sort{Slip: 1, As: "incident"})
	click.Room = desk.Front
	click.At = start.Add(5 * time.Second)
	d = desk.Decide(d, click, start.Add(5*time.Second)).Next
	t.Log(len(d.Cases))
	j := desk.Verdict{Label: "incident", Confidence: 0.9}
	in := says("另外一个问题：官网被篡改", desk.Verdict{Label: "incident", Confidence: 0.9, Elsewhere: true}, start.Add(15*time.Second), "2")
	said := in.Act.(desk.Said)
	said.Joined = &j
	in.Act = said
	d = desk.Decide(d, in, start.Add(15*time.Second)).Next
	for _, c := range d.Cases {
		t.Log(c.N, c.Title, c.Refs)
	}
	if len(d.Cases) == 2 && len(d.Cases[1].Refs) > 1 {
		t.Error("the words of case 1 are in case 2 as well")
	}
}

// the second answer is recalled though only the first was asked for
func TestRecallThenReply(t *testing.T) {
	d := sample(t, "acme")
	in := by(lihua, desk.Report{Kind: desk.Incident, Text: "勒索"})
	d = desk.Decide(d, in, start).Next
	sys := desk.Actor{Role: desk.System}
	told := func(ref string) {
		d = desk.Decide(d, desk.Input{Actor: sys, Act: desk.Told{Key: d.Cases[0].Replied.Key, Kind: desk.NResponded, Case: 1, Room: desk.Front, Ref: ref}}, start.Add(time.Minute)).Next
	}
	d = desk.Decide(d, by(zhang, desk.Reply{Case: 1, Text: "A"}), start.Add(time.Minute)).Next
	told("A")
	first := d.Cases[0].Replied.Key
	d = desk.Decide(d, by(zhang, desk.Recall{Case: 1}), start.Add(time.Minute)).Next
	d = desk.Decide(d, by(zhang, desk.Reply{Case: 1, Text: "B"}), start.Add(time.Minute)).Next
	told("B")
	d = desk.Decide(d, desk.Input{Actor: sys, Act: desk.Told{Kind: desk.NRecall, Case: 1, Room: desk.Front, Who: "zhang", Ref: first}}, start.Add(time.Minute)).Next
	if d.Cases[0].Replied.ID != "B" {
		t.Errorf("A was taken back, B can no longer be: %+v", d.Cases[0].Replied)
	}
}
