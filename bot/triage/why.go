package triage

import (
	"cmp"
	"slices"
	"strings"

	"butler/bot/desk"
)

// maxSaid is how many of the writer's own words a reason quotes.
const maxSaid = 3

// why says in one line which words decided, in the language of the message:
// “勒索”＋“所有文件”，正在发生.
func (f *findings) why(v desk.Verdict, zh bool) string {
	key := slices.Index(keyNames[:], v.Label)
	said := f.said(key)
	if key == kIncident && f.doubts.said != "" {
		said = slices.DeleteFunc(said, func(s string) bool { return strings.Contains(f.doubts.said, s) })
		said = append([]string{oneLine(f.doubts.said)}, said[:min(len(said), maxSaid-1)]...)
	}
	quote := func(s string) string { return `"` + s + `"` }
	plus, comma := " + ", ", "
	if zh {
		quote = func(s string) string { return "“" + s + "”" }
		plus, comma = "＋", "，"
	}
	for i := range said {
		said[i] = quote(said[i])
	}
	out := strings.Join(said, plus)
	if out == "" {
		out = say(zh, "没有看到安全方面的词", "no words of security in it")
		if v.Label != desk.Chatter {
			out = say(zh, "整句的说法", "the wording as a whole")
		}
	}
	if tail := f.tail(v, zh); tail != "" {
		out += comma + tail
	}
	return out
}

// said returns the words that spoke most for key, longest first among equals.
func (f *findings) said(key int) []string {
	type vote struct {
		hit
		weight float64
	}
	var votes []vote
	for _, g := range f.found {
		w := lex.signals[g.signal].weight[key]
		if w < 0.5 {
			continue
		}
		h := slices.MaxFunc(g.hits, func(a, b hit) int { return cmp.Compare(len(a.said), len(b.said)) })
		votes = append(votes, vote{h, w * g.factor})
	}
	slices.SortStableFunc(votes, func(a, b vote) int { return cmp.Compare(b.weight, a.weight) })
	var out []string
	var chosen []hit
	for _, v := range votes {
		if len(out) == maxSaid {
			break
		}
		if !overlaps(chosen, v.hit) {
			chosen = append(chosen, v.hit)
			out = append(out, oneLine(v.said))
		}
	}
	return out
}

// tail is what the words say about how bad and how far.
func (f *findings) tail(v desk.Verdict, zh bool) string {
	switch {
	case v.Label == string(desk.Incident) && !v.Urgent && (f.worried || f.asked):
		return say(zh, "还说不准", "not clear yet")
	case v.Label == string(desk.Incident) && v.Urgent:
		return say(zh, "正在发生", "happening now")
	case v.Label == string(desk.Incident):
		return say(zh, "已过去或已受控", "over or under control")
	case v.Label == string(desk.Vulnerability) && v.Severity == desk.High:
		return say(zh, "按高危处理", "treated as high")
	case v.Label == string(desk.Vulnerability) && v.Severity == desk.Medium:
		return say(zh, "按中危处理", "treated as medium")
	case v.Label == string(desk.Vulnerability):
		return say(zh, "按低危处理", "treated as low")
	case v.Label == string(desk.Consultation):
		return say(zh, "想听建议", "asks for advice")
	case v.Label == string(desk.Policy):
		return say(zh, "要调整策略或设置", "asks for a change of a policy or setting")
	case v.Label == desk.OutOfScope:
		return say(zh, "有问题，但不是安全问题", "a problem, but not one of security")
	case f.denied:
		return say(zh, "说的是没有发生", "it says that nothing happened")
	}
	return ""
}

func say(zh bool, cn, en string) string {
	if zh {
		return cn
	}
	return en
}

// oneLine keeps a quoted word short and on one line.
func oneLine(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	r := []rune(s)
	if len(r) > 40 {
		s = string(r[:39]) + "…"
	}
	return s
}
