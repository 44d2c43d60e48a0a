package card

import (
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"butler/bot/desk"
	"butler/sla"
)

// The functions a sheet knows. Times arrive in the zone of the card (still), so
// a function needs the manner alone and is bound once for each.
func funcs(lang string, v Voice) template.FuncMap {
	return template.FuncMap{
		// when writes a moment with its zone; "" for none.
		"when": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return sla.When(t, t.Location(), lang)
		},
		// until is when for the end of a day: midnight is the 24:00 of the day that
		// ends, because "until 12-09 00:00" is read as all of the ninth.
		"until": func(t time.Time) string {
			switch h, m, s := t.Clock(); {
			case t.IsZero():
				return ""
			case h+m+s == 0:
				return strings.Replace(sla.When(t.Add(-time.Minute), t.Location(), lang), "23:59", "24:00", 1)
			}
			return sla.When(t, t.Location(), lang)
		},
		// window writes from–to; the day and the zone once when they are the same.
		"window": func(from, to time.Time) string { return window(from, to, lang) },
		// day writes a date: 2026-11-23（周一）, Mon 23 Nov 2026.
		"day": func(t time.Time) string { return day(t, lang) },
		// span writes a length of time; "" for none.
		"span": func(d time.Duration) string {
			if d == 0 {
				return ""
			}
			return sla.Span(d, lang)
		},
		// between is the time from a to b; 0 when either is not set or b is not later.
		"between": func(a, b time.Time) time.Duration {
			if a.IsZero() || !b.After(a) {
				return 0
			}
			return b.Sub(a)
		},
		// word puts an id into words: {{word .Kind}}, {{word "stage" .Stage}}.
		"word": func(args ...any) string { return wordOf(lang, args) },
		// count writes a number and its noun: {{count .Days "day" "days"}}.
		"count": func(n int, one, many string) string {
			if n == 1 {
				return fmt.Sprintf("%d %s", n, one)
			}
			return fmt.Sprintf("%d %s", n, many)
		},
		// cap begins a title or label with a capital where the script has them.
		"cap": func(s string) string {
			r, n := utf8.DecodeRuneInString(s)
			if n == 0 {
				return ""
			}
			return string(unicode.ToUpper(r)) + s[n:]
		},
		// named says what a case is about: 紧急安全事件, high-severity vulnerability.
		"named": func(k desk.Kind, urgent bool, s desk.Severity) string { return named(lang, k, urgent, s) },
		// slash writes a command word as it is typed: /claim.
		"slash": func(s string) string {
			if s == "" {
				return s
			}
			return v.say(lang, "/"+strings.TrimPrefix(s, "/"))
		},
		// at is how the bot is addressed where it hears nothing else; "" where it
		// hears everything.
		"at": func() string { return v.address(lang) },
		// typed writes a command line of ours as it is typed.
		"typed": func(s string) string { return v.say(lang, s) },
		// inc turns a zero-based number into the one people count with.
		"inc": func(n int) int { return n + 1 },
		// ref writes the number of a case as people do: #12, acme#12.
		"ref": func(s string) string {
			switch strings.Count(s, "#") {
			case 0:
				if s == "" {
					return ""
				}
				return "#" + s
			case 1:
				return s
			}
			return strings.TrimPrefix(s, "#")
		},
	}
}

func window(from, to time.Time, lang string) string {
	a, b := sla.When(from, from.Location(), lang), sla.When(to, to.Location(), lang)
	day, clock := from.Format("2006-01-02"), " ("+sla.Offset(to)+")"
	if day != to.Format("2006-01-02") || !strings.HasSuffix(a, clock) {
		return a + " – " + b
	}
	return strings.TrimSuffix(a, clock) + "–" + to.Format("15:04") + clock
}

var weekdays = [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

func day(t time.Time, lang string) string {
	switch {
	case t.IsZero():
		return ""
	case lang == "en":
		return t.Format("Mon 2 Jan 2006")
	}
	return t.Format("2006-01-02") + "（" + weekdays[t.Weekday()] + "）"
}

func named(lang string, k desk.Kind, urgent bool, s desk.Severity) string {
	kind := Word(lang, k)
	switch {
	case lang == "en" && urgent:
		return "urgent " + kind
	case lang == "en" && s != "":
		return Word(lang, s) + "-severity " + kind
	case urgent:
		return "紧急" + kind
	}
	return Word(lang, s) + kind
}

func wordOf(lang string, args []any) string {
	w := tables[lang]
	if len(args) == 2 {
		id := fmt.Sprint(args[1])
		if s, ok := w[fmt.Sprint(args[0])][id]; ok {
			return s
		}
		return id
	}
	if len(args) != 1 {
		return ""
	}
	return Word(lang, args[0])
}
