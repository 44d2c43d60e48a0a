package triage

import (
	"math"
	"strings"

	"butler/bot/desk"
)

// Context is what is known about a message besides its words.
type Context struct {
	Addressed bool // the bot was @-ed, or /report was used: lowers the bar
	Staff     bool // written by staff, who rarely report: raises it
	OpenCase  bool // the customer has an open case: follow-up talk is likely
}

// Read says what a message is about. It never fails: what it does not
// understand is chatter with little confidence.
func Read(text string, c Context) desk.Verdict {
	assets := Assets(text)
	f := weigh(fold(unlink(text)), len(assets) > 0)
	f.learn()
	f.context(c)
	v := f.verdict()
	v.Why = f.why(v, chinese(text))
	v.Assets = assets
	if v.Label != desk.Chatter {
		v.Clues = Clues(text)
	}
	return v
}

// found is a signal of one text: a section of the lexicon that spoke.
type found struct {
	signal int
	hits   []hit
	factor float64 // 1 for one pattern, a third more for each further one
	asked  bool    // the writer only asks after all of it
}

// findings are all signals of one text and what they add up to.
type findings struct {
	text      string
	found     []found
	score     [keys]float64
	elsewhere bool
	backed    [keys]bool // a word of the lexicon speaks for it
	denied    bool       // an incident word stood under a negation

	doubts                   *doubts
	worried, asked           bool // the worry, or the question, is all there is (worry.go)
	hurried, alarmed, calmed bool // there is a word of hurry, of a product's alarm, or one against an incident
}

// bias is where every score starts: a message that says nothing is chatter,
// an incident is urgent until it says otherwise.
var bias = [keys]float64{kChatter: 2.2, kUrgent: 0.8, kMedium: 1.0, kHigh: 0.6}

// weigh finds the signals of a folded text and adds up their weights. addresses
// says that the text names a host.
func weigh(text string, addresses bool) *findings {
	f := &findings{text: text, score: bias}
	hits := lex.find(text)
	f.doubts = findDoubts(text, hits, addresses)
	negs := negations(hits, f.doubts)
	by := make([]int, len(lex.signals)) // signal → 1 + index in f.found
	for _, h := range hits {
		s := lex.patterns[h.pattern].signal
		sig := &lex.signals[s]
		switch {
		case sig.name == "elsewhere":
			f.elsewhere = true
			continue
		case sig.mark, f.doubts.unsays(sig, h):
			continue
		case sig.name == "ack" && !closes(text[h.end:]):
			continue
		case sig.weight[kIncident] > 0 && !sig.neutral && negated(text, negs, h):
			f.denied = true
			continue
		case sig.name == "hurry" && negated(text, negs, h):
			continue
		}
		asked := f.doubts.questions(text, h)
		if by[s] == 0 {
			f.found = append(f.found, found{signal: s, factor: 1, asked: asked})
			by[s] = len(f.found)
		} else if g := &f.found[by[s]-1]; g.factor < most(s) && !overlaps(g.hits, h) {
			g.factor += 1.0 / 3
		}
		g := &f.found[by[s]-1]
		g.asked = g.asked && asked
		g.hits = append(g.hits, h)
	}
	f.add()
	f.weighWorry()
	if f.denied {
		f.score[kChatter] += 1
	}
	return f
}

// add sums the weights, with four rules that no sum of words can say: what is
// about the writer's own systems is less likely to be gossip; a machine that
// fails under an attack that goes on is the attack's matter; so is the weakness
// that an intruder came through; and an error or a wish for advice that names no
// system at all is more likely talk.
func (f *findings) add() {
	ours, topic, strong, broken, over := false, false, false, false, false
	for _, g := range f.found {
		s := &lex.signals[g.signal]
		ours = ours || s.name == "ours"
		topic = topic || s.topic
		strong = strong || s.weight[kIncident] >= 2.4
		broken = broken || s.name == "intrusion"
		over = over || s.weight[kUrgent] < -3
	}
	for _, g := range f.found {
		s := &lex.signals[g.signal]
		for k, w := range s.weight {
			w *= g.factor
			switch {
			case s.gossip && ours && k == kIncident:
				w *= 0.5
			case g.asked && k == kIncident && w > 0:
				w *= 0.6
			case strong && !over && k == kOutOfScope && w > 0:
				w *= 0.4
			case broken && k == kVulnerability && w > 0:
				w *= 0.5
			case s.vague && !ours && !topic && w > 0:
				w *= 0.6
			}
			f.score[k] += w
			f.backed[k] = f.backed[k] || s.weight[k] >= backing
		}
	}
}

// caution is the lead that an incident gets: a missed incident costs more than a
// false alarm.
const caution = 0.55

// backing is the weight from which a section counts as evidence for a label.
const backing = 0.9

// most is how much the further patterns of a section may add.
func most(signal int) float64 {
	if lex.signals[signal].neutral {
		return 1.3
	}
	return 1.9
}

func overlaps(hits []hit, h hit) bool {
	for _, o := range hits {
		if h.start < o.end && o.start < h.end {
			return true
		}
	}
	return false
}

// context moves the bar: somebody who addressed the bot wants something; staff
// rarely report to themselves.
func (f *findings) context(c Context) {
	if c.Addressed {
		f.score[kChatter] -= 1
	}
	if c.Staff && !c.Addressed {
		f.score[kChatter] += 1.5
	}
	if c.OpenCase && !c.Addressed {
		f.score[kChatter] += 0.3
	}
}

// verdict picks the best label and what belongs to it.
func (f *findings) verdict() desk.Verdict {
	label := best(f.score[:], kIncident, kChatter)
	label, confidence := f.inDoubt(label, share(f.score[:], label, kIncident, kChatter))
	v := desk.Verdict{Label: keyNames[label], Confidence: confidence, Elsewhere: f.elsewhere}
	switch label {
	case kIncident:
		v.Urgent = f.score[kUrgent] > 0
		v.Category = desk.Category(keyNames[best(f.score[:], kMalware, kContentSecurity)])
	case kVulnerability:
		v.Severity = desk.Severity(keyNames[best(f.score[:], kHigh, kLow)])
	}
	return v
}

// best returns the key with the highest score in from…to; the first of equals.
func best(score []float64, from, to int) int {
	b := from
	for k := from; k <= to; k++ {
		if score[k] > score[b] {
			b = k
		}
	}
	return b
}

// share is the softmax of one key among from…to, with two decimals.
func share(score []float64, key, from, to int) float64 {
	sum := 0.0
	for k := from; k <= to; k++ {
		sum += math.Exp(score[k] - score[key])
	}
	return math.Round(100/sum) / 100
}

// denial is a negating word and how far it reaches.
type denial struct{ end, reach int }

// reach is how far a negation reaches, in bytes of the folded text: six
// Chinese characters, three English words.
const reach = 18

// negations returns the negating words of a text; those that are part of a
// question (是不是) are none.
func negations(hits []hit, d *doubts) []denial {
	var out []denial
	for _, h := range hits {
		s := &lex.signals[lex.patterns[h.pattern].signal]
		if !s.mark || d.unsays(s, h) {
			continue
		}
		switch s.name {
		case "negator":
			out = append(out, denial{h.end, reach})
		case "negator.near":
			out = append(out, denial{h.end, 1})
		}
	}
	return out
}

// negated reports whether a negation stands shortly before h in its clause.
func negated(text string, negs []denial, h hit) bool {
	for _, n := range negs {
		if n.end <= h.start && h.start-n.end <= n.reach && !strings.ContainsAny(text[n.end:h.start], ",，。;；!！?？\n.") {
			return true
		}
	}
	return false
}

// closes reports whether an acknowledgement ends here: 收到 alone, at the end,
// or before thanks, not the 收到 of 收到一封邮件.
func closes(rest string) bool {
	rest = strings.TrimLeft(rest, "了啦哈的呢哦嗯~ ")
	if rest == "" || strings.ContainsAny(rest[:1], ",.;!?\n") {
		return true
	}
	for _, w := range []string{"，", "。", "！", "；", "…", "谢", "多谢", "感谢", "辛苦", "收到", "好的", "ok"} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// chinese reports whether a text is to be answered in Chinese.
func chinese(text string) bool {
	for _, r := range text {
		if r >= 0x3400 && r < 0xa000 {
			return true
		}
	}
	return false
}
