package triage

import (
	"slices"
	"strings"
)

// A worried customer does not know whether it is an attack. Their words are of
// two kinds: something odd about a thing of theirs (某个账号好像有点异常, a weird
// email), and a question after an attack (是不是被攻击了, could this be an
// attack?). Both are in doubt: they are asked about or opened without hurry, and
// neither chatter nor another label takes them away unless it is clear.

// How far apart, in bytes of the folded text, an odd word and its thing may
// stand: after the thing eight words or fifteen characters, before it two words
// or six characters; a word that asks by itself (要紧吗) reaches over a sentence.
// A question reaches as far as its clause, at most twenty characters.
const (
	oddAfter  = 45
	oddBefore = 18
	oddAsks   = 96
	asksFor   = 60
)

// The confidence of a doubt: enough to be asked about by the desk (0.35, with
// the bot addressed 0.40 to open), not enough to open a case alone (0.60).
const (
	leastDoubt = 0.42
	mostDoubt  = 0.55
)

// span is a piece of the folded text.
type span struct{ start, end int }

func (s span) overlaps(h hit) bool { return h.start < s.end && s.start < h.end }

// doubts is what a text says of not knowing.
type doubts struct {
	asking, asked []span // words that ask about what follows, about what went before
	maybe         []span // words that ask about what follows but may mean the future
	odds          []span // odd words, with or without a thing
	odd           span   // the odd word of the worry, when there is one
	said          string // thing and odd word, as they stand; empty without a worry
	thing         int    // the signal of the thing, or -1
	things        bool   // any thing of the writer is named
}

// findDoubts collects the marks of worry among the hits of a text. addresses
// says that the text names a host.
func findDoubts(text string, hits []hit, addresses bool) *doubts {
	d := &doubts{thing: -1, things: addresses}
	var odd, things []hit
	for _, h := range hits {
		switch name := lex.signals[lex.patterns[h.pattern].signal].name; {
		case name == "asking" || name == "asking.mark" && marked(text[h.end:]):
			d.asking = append(d.asking, first(h))
		case name == "asking.maybe":
			d.maybe = append(d.maybe, span{h.start, h.end})
		case name == "asking.end":
			d.asked = append(d.asked, span{h.start, h.end})
		case strings.HasPrefix(name, "odd"):
			odd = append(odd, h)
			d.odds = append(d.odds, span{h.start, h.end})
		case strings.HasPrefix(name, "thing"):
			things = append(things, h)
			d.things = true
		}
	}
	if len(odd) == 0 {
		return d
	}
	negs := negations(hits, d)
	for _, o := range odd {
		name := lex.signals[lex.patterns[o.pattern].signal].name
		if negated(text, negs, o) || name == "odd.abnormal" && code(hits, o) {
			continue
		}
		for _, t := range things {
			s := lex.patterns[t.pattern].signal
			if name == "odd.abnormal" && lex.signals[s].name == "thing.soft" || !near(text, t, o, name == "odd.worry") {
				continue
			}
			d.thing, d.odd = s, span{o.start, o.end}
			d.said = t.said + "…" + o.said
			if o.start < t.start {
				d.said = o.said + "…" + t.said
			}
			return d
		}
		if addresses && name == "odd.worry" && d.said == "" {
			d.odd, d.said = span{o.start, o.end}, o.said
		}
	}
	return d
}

// first is where the first part of a mark stands: could…be.
func first(h hit) span {
	said, _, _ := strings.Cut(h.said, "…")
	return span{h.start, h.start + len(said)}
}

// marked reports whether the sentence that goes on with rest ends as a question.
func marked(rest string) bool {
	i := strings.IndexAny(rest, "?!。\n")
	return i >= 0 && rest[i] == '?' && !strings.Contains(rest[:i], ". ")
}

// code reports whether an odd word is part of an error message: 空指针异常, 抛异常.
func code(hits []hit, o hit) bool {
	for _, h := range hits {
		if s := &lex.signals[lex.patterns[h.pattern].signal]; s.weight[kOutOfScope] > 0 && h.start <= o.start && o.end <= h.end {
			return true
		}
	}
	return false
}

// near reports whether an odd word speaks of a thing.
func near(text string, thing, odd hit, asks bool) bool {
	between, reach := "", oddAfter
	switch {
	case thing.end <= odd.start:
		between = text[thing.end:odd.start]
	case odd.end <= thing.start:
		between, reach = text[odd.end:thing.start], oddBefore
	default:
		return asks // is this link safe
	}
	if asks {
		return len(between) <= oddAsks
	}
	return len(between) <= reach && !ends(between) && (reach == oddAfter || !strings.ContainsAny(between, ",，"))
}

// questions reports whether a hit is what is asked after: "…was it an attack?"
// asks, and so does 被攻击了吗.
func (d *doubts) questions(text string, h hit) bool {
	for _, a := range slices.Concat(d.asking, d.maybe) {
		to := h.start
		if to < a.end {
			to = h.end // asked in the middle: 电脑…会不会中毒
		}
		if a.end <= to && to-a.end <= asksFor && !strings.ContainsAny(text[a.end:to], ",，。;；!！?？\n.") {
			return true
		}
	}
	for _, a := range d.asked {
		if a.start >= h.end && a.start-h.end <= 6 || a.start < h.end && h.end <= a.end && h.start < a.start {
			return true
		}
	}
	return false
}

// unsays reports whether a hit is only part of how a doubt is put: the 不是 of
// 是不是, the advice of "should we be worried".
func (d *doubts) unsays(s *signal, h hit) bool {
	if d.said != "" && d.odd.overlaps(h) && s.weight[kIncident] < 1 {
		return true
	}
	part := func(of []span) bool {
		return slices.ContainsFunc(of, func(a span) bool { return a.overlaps(h) })
	}
	switch s.name {
	case "advice":
		return part(d.odds)
	case "negator", "negator.near":
		return part(d.asking) || part(d.maybe)
	case "benign.cause", "hypothetical":
		return part(d.asking)
	}
	return false
}

// weighWorry adds what a doubt says: something may be the matter with a thing,
// and nobody says that it is happening now.
func (f *findings) weighWorry() {
	d := f.doubts
	if d.said != "" {
		f.score[kIncident] += worryWeight
		f.backed[kIncident] = true
		if d.thing >= 0 {
			for k := kMalware; k <= kContentSecurity; k++ {
				f.score[k] += lex.signals[d.thing].weight[k]
			}
		}
	}
	plain, asks, talk, ours := false, false, false, d.things
	strongly := false
	for _, g := range f.found {
		s := &lex.signals[g.signal]
		ours = ours || s.name == "ours"
		strong := s.weight[kIncident] >= 2
		plain = plain || strong && !g.asked
		strongly = strongly || strong && g.asked
		asks = asks || g.asked && s.weight[kIncident] >= 1 && s.name != "alert"
		talk = talk || s.gossip || s.name == "code.talk"
		f.calmed = f.calmed || s.weight[kIncident] <= -1
		f.hurried = f.hurried || s.name == "hurry"
		f.alarmed = f.alarmed || s.name == "alert"
	}
	f.worried = d.said != "" && !plain
	f.asked = (strongly || asks && (ours || !talk)) && !plain
	if (f.worried || f.asked) && !f.hurried {
		f.score[kUrgent] -= noHurry
	}
}

// worryWeight is what something odd about a thing speaks for an incident: less
// than a strong word, more than a weak one.
const worryWeight = 2.0

// noHurry is how much a doubt takes from the urgency, unless somebody hurries; a
// business that stands still together with "now" outweighs it.
const noHurry = 2.8

// inDoubt returns the label and the confidence of a text in doubt: it stays an
// incident unless something else is clear.
func (f *findings) inDoubt(label int, confidence float64) (int, float64) {
	if !f.worried && !f.asked || f.calmed && label != kIncident {
		return label, confidence
	}
	switch {
	case label == kIncident:
	case label == kChatter && confidence < 0.85, label == kOutOfScope && confidence < 0.80, confidence < 0.50:
		label, confidence = kIncident, leastDoubt
	default:
		return label, confidence
	}
	confidence = max(confidence, leastDoubt)
	if f.worried && !f.asked && !f.hurried && !f.alarmed {
		confidence = min(confidence, mostDoubt)
	}
	return label, confidence
}
