package probe

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words are a short text in both languages of the service.
type Words struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// In picks the text for a language tag: Chinese for zh and zh-CN, else English.
func (w Words) In(language string) string {
	if strings.HasPrefix(language, "zh") {
		return w.Zh
	}
	return w.En
}

// say words something in both languages with the same arguments; Words among them
// speak each language.
func say(zh, en string, args ...any) Words {
	if len(args) == 0 {
		return Words{zh, en}
	}
	a, b := make([]any, len(args)), make([]any, len(args))
	for i, x := range args {
		a[i], b[i] = x, x
		if w, ok := x.(Words); ok {
			a[i], b[i] = w.Zh, w.En
		}
	}
	return Words{fmt.Sprintf(zh, a...), fmt.Sprintf(en, b...)}
}

// list strings words together; nothing for nothing.
func list(all []Words) Words {
	var zh, en []string
	for _, w := range all {
		zh, en = append(zh, w.Zh), append(en, w.En)
	}
	return Words{strings.Join(zh, "；"), strings.Join(en, "; ")}
}

// clean makes text of strangers fit for one line: no control or direction
// characters, no runs of blanks, at most most characters.
func clean(s string, most int) string {
	if len(s) > 8*most {
		s = s[:8*most]
	}
	s = strings.ToValidUTF8(s, "·")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// size words a number of bytes.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
