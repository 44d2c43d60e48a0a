package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
)

// dingTenants are n customers of an organisation. The first of its people has a
// userid, the others belong to other organisations.
func dingTenants(s *dingfake.Server, n int) (all []tenant, config string) {
	return tenants("dingtalk", n, func(i int) tenant {
		c := tenant{front: fmt.Sprintf("cidFRONT%d+/==", i), back: fmt.Sprintf("cidBACK%d+/==", i)}
		for k := range 3 {
			who := fmt.Sprintf("person%d-%d", i, k)
			s.Add(dingfake.User{ID: who, Name: fmt.Sprintf("客户%d-%d", i, k), External: k > 0})
			c.people = append(c.people, who)
		}
		s.Group(c.front, dingfake.With(append(slices.Clone(c.people), dingZhang)...))
		s.Group(c.back, dingfake.With(dingZhang, dingChen))
		return c
	})
}

// dingReported is a report that somebody wrote on DingTalk.
type dingReported = reported[*dingfake.Said]

// onDingTalk is an organisation on which customers report.
type onDingTalk struct{ *dingfake.Server }

func (s onDingTalk) report(in, who, mark string) *dingfake.Said {
	return s.Say(in, who, dingReport(mark))
}

func (s onDingTalk) wait(c tenant, mark string) {
	s.Expect(c.front, mark)
	s.ExpectAt(c.back, dingZhang, "请接手", mark)
}

func (s onDingTalk) cards(front, mark string) (numbers []string) {
	for _, m := range dingBoards(s.Server, front, "紧急安全事件", mark) {
		numbers = append(numbers, caseNumber.FindString(m.Params["title"]))
	}
	return numbers
}

func (s onDingTalk) asked(back, mark string) int { return called(s.Server, back, dingZhang, mark) }

// once checks that nobody was called twice for one case.
func (s onDingTalk) once(t *testing.T) {
	t.Helper()
	rang := map[string]int{}
	for _, d := range s.Dings(dingZhang) {
		rang[d.Content]++
	}
	for content, n := range rang {
		if n > 1 {
			t.Errorf("the expert is called %d times: %s", n, content)
		}
	}
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
	said := reportAll(onDingTalk{s}, all, "kill", 3, func(i int, said []dingReported) {
		switch i {
		case 4, 11: // a card is made, and nobody will know
			unanswered = s.Fail("/v1.0/card/instances/createAndDeliver", dingfake.HangsAfter())
		case 6, 13: // it is in the middle of it
			said[i-4].said.Acked()
		case 8, 15:
			unanswered.Hit(1)
			p.kill()
			s.Release()
			t.Logf("at the kill %d reports were on their way", pending(said))
			p = beginDingTalk(t, dir, h)
		}
	})
	eachOnce(t, onDingTalk{s}, all, said)
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
	said := reportAll(onDingTalk{s}, all, "kept", 4, func(int, []dingReported) {})
	said[len(said)-1].said.Acked()
	p.kill()
	p = beginDingTalk(t, dir, h)
	kept := slices.DeleteFunc(said, func(one dingReported) bool { return one.said.Pending() > 0 })
	for _, one := range kept {
		onDingTalk{s}.wait(one.tenant, one.mark)
		if n := len(onDingTalk{s}.cards(one.front, one.mark)); n != 1 {
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

	said := reportAll(onDingTalk{s}, all, "both", 4, func(i int, said []dingReported) {
		switch i {
		case 8:
			said[3].said.Acked() // both are in the middle of it
		case 14:
			a.kill()
			t.Logf("at the kill %d reports were on their way", pending(said))
		}
	})
	a = beginDingTalk(t, dir, h)
	eachOnce(t, onDingTalk{s}, all, said)

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
