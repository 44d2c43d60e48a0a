package commands

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold maps a full-width form to its plain one: U+FF01–FF5E to ASCII and the
// ideographic space U+3000 to a space (Unicode, Halfwidth and Fullwidth Forms).
func fold(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000:
		return ' '
	}
	return r
}

// foldWord folds width and case of a word.
func foldWord(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(fold(r)) }, s)
}

// blank reports a space within a line, also the invisible ones that chat
// clients leave around mentions.
func blank(r rune) bool {
	switch r {
	case '\n':
		return false
	case 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF: // zero width
		return true
	}
	return unicode.IsSpace(r)
}

// separator reports the punctuation people put between arguments.
func separator(r rune) bool {
	switch fold(r) {
	case ':', ',', ';', '、', '。':
		return true
	}
	return false
}

// closing punctuation says nothing: "认领 1。", "加急！"
func closer(r rune) bool {
	switch fold(r) {
	case '.', '!', '。', '~', '…':
		return true
	}
	return separator(r)
}

func digit(r rune) bool { r = fold(r); return r >= '0' && r <= '9' }

func latin(r rune) bool { r = unicode.ToLower(fold(r)); return r >= 'a' && r <= 'z' }

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// skip drops leading blanks.
func skip(s string) string { return strings.TrimLeftFunc(s, blank) }

// trim drops what can be neither seen nor read at both ends.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r == '\n' || blank(r) })
}

// first returns the first rune, folded; 0 at the end.
func first(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return fold(r)
}

// cutRun splits s after its leading run of runes.
func cutRun(s string, in func(rune) bool) (run, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return !in(r) })
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// cutWord splits the next word of the first line, folded, from what follows it.
// A separator that touches the word goes with it.
func cutWord(s string) (word, rest string) {
	word, rest = cutRun(skip(s), func(r rune) bool { return r != '\n' && !blank(r) && !separator(r) })
	return foldWord(word), dropSeparators(rest)
}

// dropSeparators drops separators that stand right here.
func dropSeparators(s string) string { return strings.TrimLeftFunc(s, separator) }

// cutFold cuts a prefix that is compared folded.
func cutFold(s, prefix string) (string, bool) {
	rest := s
	for _, want := range prefix {
		if rest == "" {
			return s, false
		}
		r, n := utf8.DecodeRuneInString(rest)
		if unicode.ToLower(fold(r)) != want {
			return s, false
		}
		rest = rest[n:]
	}
	return rest, true
}
