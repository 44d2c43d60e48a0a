package desk

import (
	"slices"
	"strings"
	"time"
)

// People report in several messages: "the site is down", "it shows gambling
// pages", "10.0.0.5". What one person says within a short while and what has gone
// nowhere yet is read together with what they say next.

// Bounds of what is read together.
const (
	togetherFor  = 2 * time.Minute // from one message to the next
	togetherMost = 5               // messages
	togetherText = 300             // characters of each
)

// Late is something that was said a moment ago and has gone nowhere yet.
type Late struct {
	By   string    `json:"by"` // actor's id
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	Ref  string    `json:"ref,omitempty"`
	Slip int       `json:"slip,omitempty"`
}

// Before lists what somebody said so shortly before at that it belongs to what
// they say then, oldest first.
func (d Desk) Before(by string, at time.Time) []Late {
	var out []Late
	for _, l := range slices.Backward(d.Lately) {
		if l.By != by {
			continue
		}
		if at.Sub(l.At) > togetherFor || at.Before(l.At) {
			break
		}
		at = l.At
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

// remember keeps words that have gone nowhere, for the next ones of the same
// person. Small talk is none: nothing is written for it.
func (b *book) remember(text string, v Verdict, slip int) {
	if v.Label == Chatter || v.Label == "" {
		return
	}
	if r := []rune(text); len(r) > togetherText {
		text = string(r[:togetherText]) + "…"
	}
	b.forgetOld()
	b.d.Lately = append(b.d.Lately, Late{By: b.in.Actor.ID, Text: text, At: b.at, Ref: b.in.Ref, Slip: slip})
	if over := len(b.d.Lately) - togetherMost; over > 0 {
		b.d.Lately = b.d.Lately[over:]
	}
}

// forgetOld drops what can belong to nothing any more.
func (b *book) forgetOld() {
	var kept []Late
	for _, l := range b.d.Lately {
		if b.at.Sub(l.At) <= togetherMost*togetherFor {
			kept = append(kept, l)
		}
	}
	b.d.Lately = kept
}

// together is what somebody's words say with those before them. Together they can
// say more than alone, never less.
func (b *book) together(a Said) (text string, v Verdict, before []Late) {
	before = b.d.Before(b.in.Actor.ID, b.at)
	v, j := a.Verdict, a.Joined
	if len(before) == 0 || j == nil || weightOf(*j) < weightOf(v) {
		return a.Text, v, nil
	}
	var parts []string
	for _, l := range before {
		parts = append(parts, l.Text)
	}
	joined := *j
	joined.Elsewhere, joined.Again = v.Elsewhere, v.Again
	return strings.Join(append(parts, a.Text), "\n"), joined, before
}

// weightOf orders verdicts by what is lost when they are missed; of two of a kind
// the surer one is more.
func weightOf(v Verdict) float64 {
	rank := map[string]float64{string(Incident): 5, string(Vulnerability): 4, string(Policy): 3, string(Consultation): 3, OutOfScope: 2, Chatter: 1}[v.Label]
	if v.Confidence < unsure {
		rank = min(rank, 1)
	}
	if v.Urgent {
		rank += 0.5
	}
	return rank + v.Confidence/10
}

// tookWith says that what somebody said shortly before and after a message went
// where that went: it is asked about, and opens, no more.
func (b *book) tookWith(s Slip, n int) {
	if n == 0 {
		return
	}
	var all []Late
	for _, l := range b.d.Lately {
		if l.By == s.By.ID && s.At.Sub(l.At).Abs() <= togetherFor && l.Slip != s.N {
			all = append(all, l)
		}
	}
	b.gathered(all, n)
	b.d.Lately = slices.DeleteFunc(slices.Clone(b.d.Lately), func(l Late) bool { return l.By == s.By.ID })
}

// gathered says that words went to a case together with what opened it.
func (b *book) gathered(before []Late, n int) {
	c := b.find(n)
	if c == nil || len(before) == 0 {
		return
	}
	c = b.edit(n)
	b.d.Slips = slices.Clone(b.d.Slips)
	for _, l := range before {
		if l.Ref != "" {
			c.Refs = append(c.Refs, Ref{ID: l.Ref, At: l.At})
		}
		for i := range b.d.Slips {
			if s := &b.d.Slips[i]; s.N == l.Slip && s.Case == 0 {
				s.Case, s.Joined = n, true
			}
		}
	}
	b.d.Lately = slices.DeleteFunc(slices.Clone(b.d.Lately), func(l Late) bool { return l.By == b.in.Actor.ID })
}
