package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// dingTenants are n customers of an organisation, each with a group shared with it
// and one for the experts. The first of its people has a userid and is a contact,
// the others belong to other organisations.
func dingTenants(s *dingfake.Server, n int) (all []tenant, config string) {
	var b strings.Builder
	for i := range n {
		c := tenant{id: fmt.Sprintf("customer-%d", i), front: fmt.Sprintf("cidFRONT%d+/==", i), back: fmt.Sprintf("cidBACK%d+/==", i)}
		for k := range 3 {
			who := fmt.Sprintf("person%d-%d", i, k)
			s.Add(dingfake.User{ID: who, Name: fmt.Sprintf("客户%d-%d", i, k), External: k > 0})
			c.people = append(c.people, who)
		}
		s.Group(c.front, dingfake.With(append(slices.Clone(c.people), dingZhang)...))
		s.Group(c.back, dingfake.With(dingZhang, dingChen))
		fmt.Fprintf(&b, "  - {id: %s, name: 客户%d, edition: enterprise, front: \"dingtalk:%s\", back: \"dingtalk:%s\", tam: chen, contacts: [{id: p%d, name: 联系人, dingtalk: %s}]}\n",
			c.id, i, c.front, c.back, i, c.people[0])
		all = append(all, c)
	}
	return all, b.String()
}

// dingSaid is a report that somebody wrote, with its mark.
type dingSaid struct {
	*dingfake.Said
	tenant
	mark string
}

// dingReportAll lets people of every customer report in turn, n times each. before
// is called before the i-th report of all, with those that were said.
func dingReportAll(s *dingfake.Server, all []tenant, name string, n int, before func(i int, said []dingSaid)) (said []dingSaid) {
	for i := range n * len(all) {
		before(i, said)
		c := all[i%len(all)]
		mark := fmt.Sprintf("%s-%03d", name, i)
		said = append(said, dingSaid{s.Say(c.front, c.people[i/len(all)%len(c.people)], dingReport(mark)), c, mark})
	}
	return said
}

// dingEachOnce waits until every report that was acknowledged has its card in the
// front and its question in the back, and checks that each is there once, that no
// number is left out, and that nobody was called twice for one case.
func dingEachOnce(t *testing.T, s *dingfake.Server, all []tenant, said []dingSaid) {
	t.Helper()
	for _, one := range said {
		one.Acked()
	}
	for _, one := range said {
		s.Expect(one.front, one.mark)
		s.ExpectAt(one.back, dingZhang, "请接手", one.mark)
	}
	cases := map[string]int{}
	for _, one := range said {
		if n := len(dingBoards(s, one.front, "紧急安全事件", one.mark)); n != 1 {
			t.Errorf("%s: the report %s has %d cards", one.id, one.mark, n)
		}
		if n := called(s, one.back, dingZhang, one.mark); n != 1 {
			t.Errorf("%s: the expert is asked %d times to take %s", one.id, n, one.mark)
		}
		cases[one.id]++
	}
	rang := map[string]int{}
	for _, d := range s.Dings(dingZhang) {
		rang[d.Content]++
	}
	for content, n := range rang {
		if n > 1 {
			t.Errorf("the expert is called %d times: %s", n, content)
		}
	}
	for _, c := range all {
		boards := dingBoards(s, c.front, "紧急安全事件", "")
		var numbers []string
		for _, m := range boards {
			numbers = append(numbers, caseNumber.FindString(m.Params["title"]))
		}
		numbered(t, c, cases[c.id], numbers)
	}
}

// dingOnTheirWay counts the reports that nobody has acknowledged yet.
func dingOnTheirWay(said []dingSaid) (n int) {
	for _, one := range said {
		if !one.Delivery().Acknowledged() {
			n++
		}
	}
	return n
}

// Kill -9 while messages arrive and a card is made, twice. DingTalk may bring again
// what was not acknowledged, as here: every report is a case, once, and every card
// stands once, also the one of which nobody learned that it was made.
func TestKilledOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t, dingfake.Repush(5*time.Second, 2*time.Second, 5*time.Second, 10*time.Second), dingfake.FreshPushIDs())
	all, config := dingTenants(s, 6)
	h := dingHouse{dingtalk: s, customers: config}
	dir := t.TempDir()
	p := beginDingTalk(t, dir, h)
	s.Connected(2)
	var unanswered *dingfake.Planted
	said := dingReportAll(s, all, "kill", 3, func(i int, said []dingSaid) {
		switch i {
		case 4, 11: // a card is made, and nobody will know
			unanswered = s.Fail("/v1.0/card/instances/createAndDeliver", dingfake.HangsAfter())
		case 6, 13: // it is in the middle of it
			said[i-4].Acked()
		case 8, 15:
			unanswered.Hit(1)
			p.kill()
			s.Release()
			t.Logf("at the kill %d reports were on their way", dingOnTheirWay(said))
			p = beginDingTalk(t, dir, h)
		}
	})
	dingEachOnce(t, s, all, said)
	p.ready()
	p.well(s, "勒索")
}

// What was acknowledged needs nobody to bring it again: it is committed.
func TestAcknowledgedOnDingTalkIsKept(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	all, config := dingTenants(s, 3)
	h := dingHouse{dingtalk: s, customers: config}
	dir := t.TempDir()
	p := beginDingTalk(t, dir, h)
	s.Connected(2)
	said := dingReportAll(s, all, "kept", 4, func(int, []dingSaid) {})
	said[len(said)-1].Acked()
	p.kill()
	p = beginDingTalk(t, dir, h)
	kept := slices.DeleteFunc(said, func(one dingSaid) bool { return !one.Delivery().Acknowledged() })
	for _, one := range kept {
		s.Expect(one.front, one.mark)
		s.ExpectAt(one.back, dingZhang, "请接手", one.mark)
		if n := len(dingBoards(s, one.front, "紧急安全事件", one.mark)); n != 1 {
			t.Errorf("%s: the report %s has %d cards", one.id, one.mark, n)
		}
	}
	p.well(s)
}

// Two processes share one Redis and one app: each push goes to one of four
// connections. One process is killed in the middle of the reports, and comes back.
func TestTwoProcessesOnDingTalk(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	s := organisation(t, dingfake.Repush(5*time.Second, 2*time.Second, 5*time.Second, 10*time.Second))
	all, config := dingTenants(s, 6)
	h := dingHouse{dingtalk: s, store: server.store(), customers: config}
	dir := t.TempDir()
	a, b := runDingTalk(t, dir, h), runDingTalk(t, dir, h)
	a.ready()
	b.ready()
	s.Connected(4)

	said := dingReportAll(s, all, "both", 4, func(i int, said []dingSaid) {
		switch i {
		case 8:
			said[3].Acked() // both are in the middle of it
		case 14:
			a.kill()
			t.Logf("at the kill %d reports were on their way", dingOnTheirWay(said))
		}
	})
	a = beginDingTalk(t, dir, h)
	dingEachOnce(t, s, all, said)

	// The work goes on from either, and a click is pressed once however often.
	one := said[len(said)-1]
	ping := s.ExpectAt(one.back, dingZhang, "请接手", one.mark)
	n := strings.TrimPrefix(caseNumber.FindString(ping.Params["title"]), "#")
	press(t, s, dingZhang, ping.Card, "接手", "").Acked()
	s.ExpectCard(dingBoards(s, one.front, "紧急安全事件", one.mark)[0].Card, "张工 已接手")
	s.Say(one.back, dingZhang, toManager("回复 "+n+" 我是张工，正在排查。")).Acked()
	s.Expect(one.front, "我是张工，正在排查。")
	s.Settled()
	for _, c := range all {
		if len(dingBoards(s, c.front, "没听到", "")) > 0 {
			t.Errorf("%s is told of a gap, and one of two always heard", c.id)
		}
	}
	a.well(s, "勒索", "我是张工")
	b.well(s, "勒索", "我是张工")
}
