package openai

import (
	"regexp"
	"strings"
	"unicode"
)

// Limits of what a model may say, in characters and lines.
const (
	mostWhy      = 200
	mostSummary  = 600
	mostDraft    = 1000
	summaryLines = 6
	draftLines   = 20
)

// clean makes words of a model fit for people to see: no control characters, no
// letters nobody sees, no piles of accents, no runs of empty lines; secrets masked,
// addresses defanged as on cards.
func clean(text string) string {
	var b strings.Builder
	marks := 0
	for _, r := range fold(text) {
		if unicode.Is(unicode.M, r) {
			if marks++; marks > 2 {
				continue
			}
		} else {
			marks = 0
		}
		if r == '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSpace(line)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return scheme.ReplaceAllString(hide(strings.TrimSpace(strings.Join(lines, "\n"))), "hxxp$1://")
}

var scheme = regexp.MustCompile(`(?i)\bhttp(s?)://`)

// cleanLine is clean in one line of at most so many characters.
func cleanLine(text string, most int) string {
	return shorten(strings.Join(strings.Fields(clean(text)), " "), most, 1)
}

// shorten keeps the beginning of a text.
func shorten(text string, most, lines int) string {
	if all := strings.Split(text, "\n"); len(all) > lines {
		text = strings.Join(all[:lines], "\n") + "…"
	}
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

// quoted are the words of others in a text.
var quoted = regexp.MustCompile(`“[^”]*”|‘[^’]*’|「[^」]*」|"[^"\n]*"`)

// speaks reports whether a text is in a language, quotations aside. A character of
// Chinese counts as much as a word of another script.
func speaks(lang, text string) bool {
	if rest := quoted.ReplaceAllString(text, " "); strings.TrimSpace(rest) != "" {
		text = rest
	}
	var han, latin, other, in int // in: the script of the word being read
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			han, in = han+1, 0
		case unicode.Is(unicode.Latin, r):
			if in != 1 {
				latin++
			}
			in = 1
		case unicode.IsLetter(r):
			if in != 2 {
				other++
			}
			in = 2
		case unicode.IsDigit(r) || strings.ContainsRune("-_./:@", r): // one word: db-01, CVE-2024-3094
		default:
			in = 0
		}
	}
	all := han + latin + other
	if lang == "en" {
		return latin > 0 && latin*10 >= all*7
	}
	return han > 0 && han*10 >= all*3
}

var (
	// linked is anything a platform may turn into a link or an address.
	linked = regexp.MustCompile(`(?i)[a-z][a-z0-9+.\-]{1,20}://|\bwww\.|\b[a-z0-9._%+\-]+@[a-z0-9\-]+\.[a-z]|\]\(|\b[a-z0-9][a-z0-9\-]*\.(?:com|cn|net|org|io|top|xyz|info|biz|ru|cc|me|co|app|dev|site|online|vip|link|click|shop)\b`)
	// calling is a call to people, in the words of a platform.
	calling = regexp.MustCompile(`@|<[@!#]`)
	// ordering is a line that a chat takes for a command.
	ordering = regexp.MustCompile(`(?m)^\s*(?:[>*\-•·]\s*)*[/／!！][\p{L}]`)
	// marked is markup of a card, a page or a template.
	marked = regexp.MustCompile("(?im)<\\s*/?\\s*[a-z!|]|```|\\{\\{|^\\s*(?:button|field|title|text)\\s*[:：]")
)

// sendable reports whether a draft has only what a first answer to a customer
// needs: words. A person reads it before it goes out, and a link slips past people.
func sendable(draft string) bool {
	for _, re := range []*regexp.Regexp{linked, calling, ordering, marked} {
		if re.MatchString(draft) {
			return false
		}
	}
	return true
}
