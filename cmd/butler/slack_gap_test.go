package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// lost waits until Slack has given up telling the app of something.
func lost(t *testing.T, said ...*slackfake.Said) {
	t.Helper()
	eventually(t, 15*time.Second, "Slack gives up", func() error {
		for _, one := range said {
			for _, d := range one.Deliveries {
				if !d.Lost() {
					return fmt.Errorf("%s is still on its way", d.EventID)
				}
			}
		}
		return nil
	})
}

// The process is gone while people speak, for longer than Slack repeats itself.
// When it is back it fetches what was said and hears it as if it had been there:
// one case each, with clocks that began when it was written. Where it may not
// read, the customer is told from when to when it may have heard nothing.
func TestWhatIsMissedOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t, slackfake.Patience(40*time.Second), slackfake.Retries(0))
	all, config := slackTenants(s, 3)
	talk, quiet, shut := all[0], all[1], all[2]
	h := slackHouse{slack: s, customers: config}
	dir := t.TempDir()
	p := beginSlack(t, dir, h)
	open := []tenant{talk, shut}
	first := reportAll(onSlack{s}, open, "before", 1, func(int, []slackReport) {})
	eachOnce(t, onSlack{s}, open, first)
	board := s.Expect(talk.front, first[0].mark)
	p.well(s)
	stopped := time.Now()

	// Nobody hears this.
	missed := reportAll(onSlack{s}, open, "missed", 2, func(int, []slackReport) {})
	plain := s.Say(quiet.front, quiet.people[0], "网站首页被篡改，挂上了博彩链接")
	inThread := s.Say(talk.front, talk.people[1], "补充：这台主机今天重启过一次", slackfake.InThread(board.TS))
	chatter := s.Say(quiet.front, quiet.people[1], "大家辛苦了，晚安")
	inside := s.Say(talk.back, zhang, addressed("接手 1"))
	for _, one := range missed {
		lost(t, one.said)
	}
	lost(t, plain, inThread, chatter, inside)
	refused := s.Fail("conversations.history", slackfake.MissingScope("groups:history").In(shut.front).Always())
	back := time.Now()
	p = runSlack(t, dir, h)

	// Each report is a case, whose clock began when it was written.
	for _, one := range missed {
		if one.id == talk.id {
			card := s.Expect(talk.front, one.mark)
			if by := onCard(slackfake.Moment(one.said.TS).Add(15 * time.Minute)); !card.Contains(by) {
				t.Errorf("the promise for %s ends at %s, and the card says:\n%s", one.mark, by, card.Words())
			}
		}
	}
	s.Expect(quiet.front, "#1", "网站首页被篡改")
	s.Expect(talk.back, "这台主机今天重启过一次")
	s.ExpectEdit(board.TS, "张工 已接手")

	// Where it may not read it says so, in the customer's time.
	refused.Hit(1)
	told := s.Expect(shut.front, "我可能没听到")
	from, to := window(t, told.Words())
	if from.After(stopped) || from.Before(slackfake.Moment(first[0].said.TS).Add(-time.Minute)) {
		t.Errorf("it says %v, and it was stopped at %v: %s", from, stopped, told.Words())
	}
	if to.Before(back.Truncate(time.Minute)) || to.After(time.Now().Add(time.Minute)) {
		t.Errorf("it says %v, and it was back at %v: %s", to, back, told.Words())
	}
	eventually(t, 10*time.Second, "/readyz says which scope is missing", func() error {
		code, body := p.readyz()
		if code != http.StatusServiceUnavailable || !strings.Contains(body, "conversations.history") || !strings.Contains(body, "groups:history") {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	again := reportAll(onSlack{s}, []tenant{shut}, "again", 1, func(int, []slackReport) {}) // as it was asked to
	again[0].said.Acked()
	s.Expect(shut.front, again[0].mark)

	// Nothing is told of a gap where nothing was said, or where all of it was heard.
	for _, c := range []tenant{talk, quiet} {
		for _, m := range s.Posted(c.front) {
			if m.Contains("没听到") {
				t.Errorf("%s was read to its end, and is told: %s", c.id, m.Words())
			}
		}
	}
	if n := len(boards(s, quiet.front, "")); n != 1 {
		t.Errorf("one report and a good night have %d cards", n)
	}
	if n := len(boards(s, talk.front, "")); n != 3 {
		t.Errorf("three reports have %d cards", n)
	}
	for _, one := range missed {
		if want := map[string]int{talk.id: 1, shut.id: 0}[one.id]; len(boards(s, one.front, one.mark)) != want {
			t.Errorf("%s: %s has %d cards, want %d", one.id, one.mark, len(boards(s, one.front, one.mark)), want)
		}
	}
	toldOnce(t, s)
	p.well(s, "博彩", "重启过")
}

var windowed = regexp.MustCompile(`(\d\d-\d\d \d\d:\d\d)(?: \(UTC\+8\))? ?– ?((?:\d\d-\d\d )?\d\d:\d\d) \(UTC\+8\)`)

// window reads from when to when a card says that nothing may have been heard,
// in whole minutes.
func window(t *testing.T, text string) (from, to time.Time) {
	t.Helper()
	found := windowed.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("it does not say from when to when: %s", text)
	}
	if len(found[2]) == len("15:04") {
		found[2] = found[1][:len("01-02 ")] + found[2]
	}
	moment := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", time.Now().In(shanghai).Format("2006-")+s, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	return moment(found[1]), moment(found[2])
}
