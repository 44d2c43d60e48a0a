package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// tenant is one of many customers: its rooms and its people.
type tenant struct {
	id, front, back string
	people          []string // the first is a contact; the config does not know the others
}

// numbered checks that a customer's cases are #1 to #n, each with one card.
func numbered(t *testing.T, c tenant, n int, cards []string) {
	t.Helper()
	for i := range n {
		if !slices.Contains(cards, fmt.Sprintf("#%d", i+1)) {
			t.Errorf("%s: %d reports, and none is #%d: %v", c.id, n, i+1, cards)
		}
	}
	if len(cards) != n {
		t.Errorf("%s: %d reports, and the room has the cards %v", c.id, n, cards)
	}
}

// tenants are n customers of a workspace, each with a room shared with it, one
// for the experts, and three people.
func tenants(s *slackfake.Server, n int) (all []tenant, config string) {
	var b strings.Builder
	for i := range n {
		c := tenant{id: fmt.Sprintf("customer-%d", i), front: fmt.Sprintf("C0FRONT%d", i), back: fmt.Sprintf("C0BACK%d", i)}
		team := fmt.Sprintf("T0CUSTOMER%d", i)
		for k := range 3 {
			who := fmt.Sprintf("U7%dPERSON%d", i, k)
			s.Customer(who, fmt.Sprintf("客户%d-%d", i, k), team)
			c.people = append(c.people, who)
		}
		s.Channel(c.front, slackfake.SharedWith(team), slackfake.With(c.people...))
		s.Channel(c.back, slackfake.Private(), slackfake.With(zhang, chen))
		fmt.Fprintf(&b, "  - {id: %s, name: 客户%d, edition: enterprise, front: \"slack:%s\", back: \"slack:%s\", tam: chen, contacts: [{id: p%d, name: 联系人, slack: %s}]}\n",
			c.id, i, c.front, c.back, i, c.people[0])
		all = append(all, c)
	}
	return all, b.String()
}

// saidReport is a report that somebody wrote, with its mark.
type saidReport struct {
	*slackfake.Said
	tenant
	mark string
}

// reportAll lets people of every customer report in turn, n times each. before is
// called before the i-th report of all, with those that were said.
func reportAll(s *slackfake.Server, all []tenant, name string, n int, before func(i int, said []saidReport)) (said []saidReport) {
	for i := range n * len(all) {
		before(i, said)
		c := all[i%len(all)]
		mark := fmt.Sprintf("%s-%03d", name, i)
		said = append(said, saidReport{s.Say(c.front, c.people[i/len(all)%len(c.people)], report(mark)), c, mark})
	}
	return said
}

// eachOnce waits until every report has its card in the front and its question in
// the back, and checks that each is there once and nothing else is: no second
// case, no number left out, no letter told twice.
func eachOnce(t *testing.T, s *slackfake.Server, all []tenant, said []saidReport) {
	t.Helper()
	for _, one := range said {
		one.Acked()
	}
	for _, one := range said {
		s.Expect(one.front, one.mark)
		s.Expect(one.back, one.mark, "<@"+zhang+">")
	}
	cases := map[string]int{}
	for _, one := range said {
		if n := len(boards(s, one.front, one.mark)); n != 1 {
			t.Errorf("%s: the report %s has %d cards", one.id, one.mark, n)
		}
		if n := mentions(s, one.back, zhang, one.mark); n != 1 {
			t.Errorf("%s: the expert is asked %d times to take %s", one.id, n, one.mark)
		}
		cases[one.id]++
	}
	for _, c := range all {
		var numbers []string
		for _, m := range s.Posted(c.front) {
			if m.Thread == "" {
				numbers = append(numbers, caseNumber.FindString(m.Words()))
			}
		}
		numbered(t, c, cases[c.id], numbers)
	}
	toldOnce(t, s)
}

// toldOnce checks that no letter stands twice in the workspace: each carries its
// key with it.
func toldOnce(t *testing.T, s *slackfake.Server) {
	t.Helper()
	keys := map[string]int{}
	rooms := s.Rooms()
	for _, r := range rooms {
		for _, m := range s.Posted(r.ID) {
			if m.Metadata == nil {
				t.Errorf("a message in %s has no key: %s", r.ID, m.Words())
				continue
			}
			if key := string(m.Metadata.Payload); keys[key] > 0 {
				t.Errorf("%s is told twice, again in %s: %s", key, r.ID, m.Words())
			}
			keys[string(m.Metadata.Payload)]++
		}
	}
	if len(keys) == 0 {
		t.Error("nothing is told")
	}
}

// onTheirWay counts the deliveries that nobody has acknowledged yet.
func onTheirWay(said []saidReport) (n int) {
	for _, one := range said {
		for _, d := range one.Deliveries {
			if !d.Acknowledged() {
				n++
			}
		}
	}
	return n
}

// Kill -9 while messages arrive and a card is posted, twice: every report that was
// said is a case, once, and every card stands once.
func TestKilledOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t, slackfake.Patience(40*time.Second))
	all, config := tenants(s, 8)
	h := slackHouse{slack: s, customers: config}
	dir := t.TempDir()
	p := beginSlack(t, dir, h)
	var unanswered *slackfake.Planted
	said := reportAll(s, all, "kill", 3, func(i int, said []saidReport) {
		switch i {
		case 6, 14: // a card is posted, and nobody will know
			unanswered = s.Fail("chat.postMessage", slackfake.HangsAfter())
		case 8, 16: // it is in the middle of it
			said[i-4].Acked()
		case 12, 20:
			unanswered.Hit(1)
			p.kill()
			s.Release()
			t.Logf("at the kill %d deliveries were on their way", onTheirWay(said))
			p = runSlack(t, dir, h)
		}
	})
	p.ready()
	eachOnce(t, s, all, said)
	p.well(s, "勒索")
}

// A letter that is on its way when the program is asked to end arrives, and the
// next process knows that it did. Words for one person's eyes could not be found
// again.
func TestALetterOnItsWayAtTheEnd(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	h := slackHouse{slack: s}
	dir := t.TempDir()
	p := beginSlack(t, dir, h)
	s.Say(front, lihua, report("end")).Acked()
	s.Expect(back, "<@"+zhang+">", "end")

	slow := s.Fail("chat.postEphemeral", slackfake.HangsAfter())
	s.Acked(s.Slash(zhang, back, "/butler", "timers"))
	slow.Hit(1)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it is ending", func() error {
		if code, _ := p.readyz(); code != 0 {
			return fmt.Errorf("/readyz is %d", code)
		}
		return nil
	})
	s.Release()
	if code := p.end(5 * time.Second); code != 0 {
		t.Errorf("it ended with %d", code)
	}

	p = beginSlack(t, dir, h)
	s.Acked(s.Slash(zhang, back, "/butler", "oncall"))
	s.ExpectEphemeral(zhang, "值班")
	timers := 0
	for _, e := range s.Ephemerals(zhang) {
		if e.Contains("接下来的计时") {
			timers++
		}
	}
	if timers != 1 {
		t.Errorf("the expert is shown the timers %d times", timers)
	}

	// But it waits for nobody who never answers.
	mute := s.Fail("chat.postEphemeral", slackfake.Hangs())
	s.Acked(s.Slash(zhang, back, "/butler", "list"))
	mute.Hit(1)
	p.well(s)
}

// Two processes share one Redis and one workspace; Slack gives each event to one
// of them. One is killed in the middle of forty reports, and comes back: every
// report is one case, once, whoever heard it and whoever was about to tell it.
func TestTwoProcessesOnSlack(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	s := slackWorkspace(t, slackfake.Patience(40*time.Second))
	all, config := tenants(s, 10)
	h := slackHouse{slack: s, store: server.store(), customers: config}
	dir := t.TempDir()
	a, b := runSlack(t, dir, h), runSlack(t, dir, h)
	a.ready()
	b.ready()
	s.Connected(2)

	said := reportAll(s, all, "both", 4, func(i int, said []saidReport) {
		switch i {
		case 10:
			said[5].Acked() // both are in the middle of it
			return
		case 20:
			a.kill()
		default:
			return
		}
		t.Logf("at the kill %d deliveries were on their way", onTheirWay(said))
	})
	a = beginSlack(t, dir, h) // it looks back, and finds everything known
	eachOnce(t, s, all, said)

	// The work goes on from either.
	one := said[len(said)-1]
	ping := s.Expect(one.back, one.mark, "<@"+zhang+">")
	n := strings.TrimPrefix(caseNumber.FindString(ping.Words()), "#")
	s.Acked(s.Press(zhang, ping.TS, "接手"))
	s.Acked(s.Slash(zhang, one.back, "/butler", "reply "+n+" 我是张工，正在排查。"))
	s.Expect(one.front, "我是张工，正在排查。")
	s.Settled()
	toldOnce(t, s)
	a.well(s, "勒索", "我是张工")
	b.well(s, "勒索", "我是张工")
}
