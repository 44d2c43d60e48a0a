package probe

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how much of a page's stable text is remembered, in bytes. It is enough
// to tell a page from another, and all assets of a customer fit into one memory.
const maxText = 6 << 10

// stable is the text of a page without what changes at every visit: numbers, times,
// tokens.
func stable(lines []string) (out []string) {
	for _, l := range lines {
		var keep []string
		for w := range strings.FieldsSeq(l) {
			w = strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return -1
				}
				return r
			}, w)
			token := utf8.RuneCountInString(w) > 24 && len(w) == utf8.RuneCountInString(w)
			if w != "" && !token && strings.ContainsFunc(w, unicode.IsLetter) {
				keep = append(keep, w)
			}
		}
		if len(keep) > 0 {
			out = append(out, clean(strings.Join(keep, " "), 300))
		}
	}
	return out
}

// fingerprint is a short hash of a text.
func fingerprint(lines []string) string {
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:4])
}

// kept is the share of a text, by characters, that stands in another: 1 for all of
// it and for an empty text.
func kept(was, now []string) float64 {
	left := map[string]int{}
	for _, l := range now {
		left[l]++
	}
	all, same := 0, 0
	for _, l := range was {
		n := utf8.RuneCountInString(l)
		all += n
		if left[l] > 0 {
			left[l]--
			same += n
		}
	}
	if all == 0 {
		return 1
	}
	return float64(same) / float64(all)
}

// difference shows what a page said and what it says instead, shortly: lines that
// are gone with a minus, new ones with a plus.
func difference(was, now []string) string {
	const most, width = 5, 80
	var b strings.Builder
	show := func(sign string, these, others []string) {
		have := map[string]int{}
		for _, l := range others {
			have[l]++
		}
		n := 0
		for _, l := range these {
			if have[l] > 0 {
				have[l]--
				continue
			}
			if n++; n > most {
				continue
			}
			b.WriteString("\n" + sign + " " + clean(l, width))
		}
		if n > most {
			b.WriteString("\n" + sign + " …")
		}
	}
	show("-", was, now)
	show("+", now, was)
	return strings.TrimPrefix(b.String(), "\n")
}
