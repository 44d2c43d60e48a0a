package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// slackTenants are n customers of a workspace, each met over Slack Connect.
func slackTenants(s *slackfake.Server, n int) (all []tenant, config string) {
	return tenants("slack", n, func(i int) tenant {
		c := tenant{front: fmt.Sprintf("C0FRONT%d", i), back: fmt.Sprintf("C0BACK%d", i)}
		team := fmt.Sprintf("T0CUSTOMER%d", i)
		for k := range 3 {
			who := fmt.Sprintf("U7%dPERSON%d", i, k)
			s.Customer(who, fmt.Sprintf("客户%d-%d", i, k), team)
			c.people = append(c.people, who)
		}
		s.Channel(c.front, slackfake.SharedWith(team), slackfake.With(c.people...))
		s.Channel(c.back, slackfake.Private(), slackfake.With(zhang, chen))
		return c
	})
}

// slackReport is a report that somebody wrote on Slack.
type slackReport = reported[*slackfake.Said]

// onSlack is a workspace on which customers report.
type onSlack struct{ *slackfake.Server }

func (s onSlack) report(in, who, mark string) *slackfake.Said { return s.Say(in, who, report(mark)) }

func (s onSlack) wait(c tenant, mark string) {
	s.Expect(c.front, mark)
	s.Expect(c.back, mark, "<@"+zhang+">")
}

func (s onSlack) cards(front, mark string) (numbers []string) {
	for _, m := range boards(s.Server, front, mark) {
		numbers = append(numbers, caseNumber.FindString(m.Words()))
	}
	return numbers
}

func (s onSlack) asked(back, mark string) int { return mentions(s.Server, back, zhang, mark) }

func (s onSlack) once(t *testing.T) {
	t.Helper()
	toldOnce(t, s.Server)
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

// Kill -9 while messages arrive and a card is posted, twice: every report that was
// said is a case, once, and every card stands once.
func TestKilledOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t, slackfake.Patience(40*time.Second))
	all, config := slackTenants(s, 8)
	h := slackHouse{slack: s, customers: config}
	dir := t.TempDir()
	p := beginSlack(t, dir, h)
	var unanswered *slackfake.Planted
	said := reportAll(onSlack{s}, all, "kill", 3, func(i int, said []slackReport) {
		switch i {
		case 6, 14: // a card is posted, and nobody will know
			unanswered = s.Fail("chat.postMessage", slackfake.HangsAfter())
		case 8, 16: // it is in the middle of it
			said[i-4].said.Acked()
		case 12, 20:
			unanswered.Hit(1)
			p.kill()
			s.Release()
			t.Logf("at the kill %d deliveries were on their way", pending(said))
			p = runSlack(t, dir, h)
		}
	})
	p.ready()
	eachOnce(t, onSlack{s}, all, said)
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
	all, config := slackTenants(s, 10)
	h := slackHouse{slack: s, store: server.store(), customers: config}
	dir := t.TempDir()
	a, b := runSlack(t, dir, h), runSlack(t, dir, h)
	a.ready()
	b.ready()
	s.Connected(2)

	said := reportAll(onSlack{s}, all, "both", 4, func(i int, said []slackReport) {
		switch i {
		case 10:
			said[5].said.Acked() // both are in the middle of it
			return
		case 20:
			a.kill()
		default:
			return
		}
		t.Logf("at the kill %d deliveries were on their way", pending(said))
	})
	a = beginSlack(t, dir, h) // it looks back, and finds everything known
	eachOnce(t, onSlack{s}, all, said)

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
