package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Many customers report at once, on whichever platform: what is said is the same,
// and so is what has to stand there afterwards.

// tenant is one of many customers: its rooms and its people.
type tenant struct {
	id, front, back string
	people          []string // the first is a contact; the config does not know the others
}

// tenants are n customers, settled on a platform one by one: each with a room for
// both sides, one for the experts, and three people.
func tenants(platform string, n int, settle func(i int) tenant) (all []tenant, config string) {
	var b strings.Builder
	for i := range n {
		c := settle(i)
		c.id = fmt.Sprintf("customer-%d", i)
		fmt.Fprintf(&b, "  - {id: %s, name: 客户%d, edition: enterprise, front: \"%s:%s\", back: \"%s:%s\", tam: chen, contacts: [{id: p%d, name: 联系人, %s: %s}]}\n",
			c.id, i, platform, c.front, platform, c.back, i, platform, c.people[0])
		all = append(all, c)
	}
	return all, b.String()
}

// word is what somebody said, as a fake platform keeps it.
type word interface {
	Acked()       // waits until all of it is acknowledged
	Pending() int // deliveries of it that nobody has acknowledged yet
}

// reported is a report that somebody wrote, with its mark.
type reported[W word] struct {
	said W
	tenant
	mark string
}

// ground is a fake platform on which customers report.
type ground[W word] interface {
	report(in, who, mark string) W
	// wait waits until a report has its card in the front and its question in the
	// back.
	wait(c tenant, mark string)
	// cards are the numbers of the cards that stand in a front, with a mark; of all
	// for "".
	cards(front, mark string) []string
	// asked counts how often the expert is asked in a back to take a report.
	asked(back, mark string) int
	// once checks that nothing else was told twice.
	once(t *testing.T)
}

// reportAll lets people of every customer report in turn, n times each. before is
// called before the i-th report of all, with those that were said.
func reportAll[W word](on ground[W], all []tenant, name string, n int, before func(i int, said []reported[W])) (said []reported[W]) {
	for i := range n * len(all) {
		before(i, said)
		c := all[i%len(all)]
		mark := fmt.Sprintf("%s-%03d", name, i)
		said = append(said, reported[W]{on.report(c.front, c.people[i/len(all)%len(c.people)], mark), c, mark})
	}
	return said
}

// eachOnce waits until every report is acknowledged and has its card in the front
// and its question in the back, and checks that each is there once and nothing else
// is: no second case, no number left out, nothing told twice.
func eachOnce[W word](t *testing.T, on ground[W], all []tenant, said []reported[W]) {
	t.Helper()
	for _, one := range said {
		one.said.Acked()
	}
	for _, one := range said {
		on.wait(one.tenant, one.mark)
	}
	cases := map[string]int{}
	for _, one := range said {
		if n := len(on.cards(one.front, one.mark)); n != 1 {
			t.Errorf("%s: the report %s has %d cards", one.id, one.mark, n)
		}
		if n := on.asked(one.back, one.mark); n != 1 {
			t.Errorf("%s: the expert is asked %d times to take %s", one.id, n, one.mark)
		}
		cases[one.id]++
	}
	for _, c := range all {
		numbered(t, c, cases[c.id], on.cards(c.front, ""))
	}
	on.once(t)
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

// pending counts the deliveries that nobody has acknowledged yet.
func pending[W word](said []reported[W]) (n int) {
	for _, one := range said {
		n += one.said.Pending()
	}
	return n
}
