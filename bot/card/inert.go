package card

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// People's text is inert before any sheet sees it. Only what could change the
// meaning of text around it is taken out; the rest is shown as it was written,
// and a platform escapes it for its own markup.

// Limits of a card, in characters: what a phone shows and every platform takes
// (a Slack section holds 3,000, a header 150, a button 75). Text that is longer
// is cut with a note.
const (
	maxTitle  = 150
	maxLabel  = 40
	maxField  = 600
	maxText   = 2000
	maxFoot   = 300
	maxButton = 40
	maxItems  = 40 // lines of one list; the rest is counted
	maxPress  = 20 // buttons of one card (Slack takes 25)
)

// mark ends an element of a list while it is rendered. It is a control
// character: no value holds one (inert), and no sheet may (Parse).
const mark = "\x1e"

// inert returns text without control characters, without the marks that turn
// the direction of reading around, and with valid UTF-8. Line ends become \n.
func inert(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' && s[i] != '\n' || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1 // bidi embeddings, overrides and isolates
		}
		return r
	}, s)
}

// still makes a whole view inert, whatever fields it has or will have, and moves
// its times to the zone in which they are shown. v must be settable; slices are
// copied, so that the caller's view stays as it was.
func still(v reflect.Value, loc *time.Location) {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); s != "" {
			v.SetString(inert(s))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		twin := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(twin, v)
		for i := range twin.Len() {
			still(twin.Index(i), loc)
		}
		v.Set(twin)
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			if !t.IsZero() {
				*t = t.In(loc)
			}
			return
		}
		for i := range v.NumField() {
			still(v.Field(i), loc)
		}
	}
}

// oneLine folds every run of white space into one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// manyLines keeps the lines of a quote, trimmed, with at most one empty line in
// a row.
func manyLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	kept := lines[:0]
	for i, l := range lines {
		l = strings.TrimRightFunc(l, unicode.IsSpace)
		if l == "" && i > 0 && kept[len(kept)-1] == "" {
			continue
		}
		kept = append(kept, l)
	}
	return strings.Join(kept, "\n")
}

// cut returns at most n characters of s, followed by the note when something
// was cut. A character is not parted from its accents or its emoji joiner.
func cut(s string, n int, note string) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for i := range s {
		if n--; n < 0 {
			end = i
			break
		}
	}
	for end > 0 {
		next, _ := utf8.DecodeRuneInString(s[end:])
		last, size := utf8.DecodeLastRuneInString(s[:end])
		if !unicode.Is(unicode.M, next) && last != '\u200d' && next != '\u200d' {
			break
		}
		end -= size
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + note
}

// cutNote says that a text goes on, and how long it is.
func cutNote(s, lang string) string {
	n := utf8.RuneCountInString(s)
	if lang == "en" {
		return fmt.Sprintf("… (cut here; %d characters in all)", n)
	}
	return fmt.Sprintf("……（此处截断，全文 %d 字）", n)
}

func moreNote(n int, lang string) string {
	if lang == "en" {
		return fmt.Sprintf("… and %d more", n)
	}
	return fmt.Sprintf("……另有 %d 条未列出", n)
}
