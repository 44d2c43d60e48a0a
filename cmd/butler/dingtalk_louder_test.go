package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// loudEdition is an edition whose urgent incidents are answered within 36 s. Its
// rungs stand at 0, 12, 19, 29 and 36; three means share the first twelve.
var loudEdition = strings.NewReplacer("8s", "36s", "id: quick", "id: loud").Replace(quick)

// dingRang are the means by which somebody was called about a case so far.
func dingRang(s *dingfake.Server, user, mark string) (means []int) {
	for _, d := range s.Dings(user) {
		if strings.Contains(d.Content, mark) {
			means = append(means, d.Means)
		}
	}
	return means
}

// A question that nobody sees goes up the means: a call in the app, an SMS, the
// telephone. Reading it ends that for its reader, and taking the case for everybody;
// nobody is called twice by the same means for the same rung.
func TestLouderOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	groups := func(i int) (front, back string) {
		return fmt.Sprintf("cidLOUD%d==", i), fmt.Sprintf("cidINSIDE%d==", i)
	}
	customers := ""
	for i, name := range []string{"silent", "seen", "taken"} {
		front, back := groups(i)
		s.Group(front, dingfake.With(dingZhang, dingLihua))
		s.Group(back, dingfake.With(dingZhang, dingChen))
		customers += fmt.Sprintf("  - {id: %s, name: %s, edition: loud, front: \"dingtalk:%s\", back: \"dingtalk:%s\"}\n", name, name, front, back)
	}
	dir := t.TempDir()
	write(t, dir, "loud.yaml", loudEdition)
	p := beginDingTalk(t, dir, dingHouse{dingtalk: s, ding: "[app, sms, phone]", extra: "editions: {loud: loud.yaml}\n", customers: customers})

	opened := time.Now()
	for i, mark := range []string{"silent-1", "seen-1", "taken-1"} {
		front, _ := groups(i)
		s.Say(front, dingLihua, dingReport(mark)).Acked()
	}
	pings := make([]dingfake.Message, 3)
	for i := range pings {
		_, back := groups(i)
		pings[i] = s.ExpectAt(back, dingZhang, "请接手")
	}
	for _, name := range []string{"silent", "seen", "taken"} {
		s.ExpectDing(dingZhang, dingfake.ByApp, name, "最迟响应")
	}
	s.Acked(s.Read(dingZhang, pings[1].Key))
	press(t, s, dingZhang, pings[2].Card, "接手", "").Acked()
	if gone := time.Since(opened); gone > 3500*time.Millisecond {
		t.Skipf("this machine is too busy: the SMS was due before the question was read, %v after the report", gone)
	}
	_, back := groups(0)
	s.Say(back, dingZhang, toManager("计时")).Acked()
	s.Expect(s.Direct(dingZhang), "接下来的计时", "未读升级")

	s.ExpectDing(dingZhang, dingfake.BySMS, "silent")
	if early := 4*time.Second - time.Since(opened); early > 300*time.Millisecond {
		t.Errorf("the SMS came %v before its share of the promise was over", early)
	}
	s.ExpectDing(dingZhang, dingfake.ByPhone, "silent")
	for _, name := range []string{"seen", "taken"} {
		if got := dingRang(s, dingZhang, name); fmt.Sprint(got) != "[1]" && time.Since(opened) < 12*time.Second {
			t.Errorf("%s: the expert was called by %v", name, got)
		}
	}
	// What was called by telephone is called so again at the next rung, and no more.
	s.ExpectAt(back, dingZhang, "请接手", "2/5")
	eventually(t, 5*time.Second, "the telephone rings again", func() error {
		if got := dingRang(s, dingZhang, "silent"); fmt.Sprint(got) != "[1 2 3 3]" {
			return fmt.Errorf("called by %v", got)
		}
		return nil
	})
	if got := dingRang(s, dingZhang, "taken"); fmt.Sprint(got) != "[1]" {
		t.Errorf("the case is taken, and the expert was called by %v", got)
	}
	p.well(s)
}

// An edition of DingTalk without telephone and SMS: what cannot ring is said to the
// operator, the next weaker means rings, and the message stands all the same.
func TestDingThatIsNotPaidFor(t *testing.T) {
	t.Parallel()
	s := organisation(t, dingfake.DingQuota(dingfake.ByApp, 0))
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s})
	s.Say(dingFront, dingLihua, dingReport("unpaid")).Acked()
	s.ExpectAt(dingBack, dingZhang, "请接手", "unpaid")
	p.unready("it says so", "DING by app does not work", "ding.serverquota.insufficient", "dingtalk.ding")
	if n := called(s, dingBack, dingZhang, "unpaid"); n != 1 {
		t.Errorf("the question stands %d times", n)
	}
	p.well(s)
}
