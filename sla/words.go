package sla

import (
	"fmt"
	"strings"
	"time"
)

// When writes a moment for people, to the minute, with the offset of its zone:
// "11-23 02:15 (UTC+8)" in zh-CN, "23 Nov 02:15 (UTC+8)" in en, where 03-04
// would be read as March by some and as April by others. Seconds are cut, not
// rounded: a deadline is never shown later than it is. A nil loc is UTC.
func When(t time.Time, loc *time.Location, lang string) string {
	return stamp(t, loc, lang, false, false)
}

// WhenNear is When with the year in front (in en behind the month) if it is not
// the year of ref.
func WhenNear(t, ref time.Time, loc *time.Location, lang string) string {
	loc = orUTC(loc)
	return stamp(t, loc, lang, t.In(loc).Year() != ref.In(loc).Year(), false)
}

// Exact is When to the second: "11-23 02:15:07 (UTC+8)".
func Exact(t time.Time, loc *time.Location, lang string) string {
	return stamp(t, loc, lang, false, true)
}

func stamp(t time.Time, loc *time.Location, lang string, year, seconds bool) string {
	t = t.In(orUTC(loc))
	day, clock := "01-02", "15:04"
	switch {
	case english(lang) && year:
		day = "2 Jan 2006"
	case english(lang):
		day = "2 Jan"
	case year:
		day = "2006-01-02"
	}
	if seconds {
		clock = "15:04:05"
	}
	return t.Format(day+" "+clock) + " (" + Offset(t) + ")"
}

// Offset writes the offset of t's zone at t: "UTC+8", "UTC+5:30", "UTC-3", "UTC+0".
func Offset(t time.Time) string {
	_, sec := t.Zone()
	sign := "+"
	if sec < 0 {
		sign, sec = "-", -sec
	}
	if m := sec / 60 % 60; m != 0 {
		return fmt.Sprintf("UTC%s%d:%02d", sign, sec/3600, m)
	}
	return fmt.Sprintf("UTC%s%d", sign, sec/3600)
}

// Span writes a length of time for people: "6 分 12 秒", "15 分钟", "5 天" in
// zh-CN; "6 min 12 s", "1 h 20 min", "5 days" in en. A day is 24 hours. Seconds
// are left out from one hour on and minutes from one day on (cut, not rounded); a
// negative span has a minus in front.
func Span(d time.Duration, lang string) string {
	switch abs := d.Abs(); {
	case abs >= 24*time.Hour:
		d = d.Truncate(time.Hour)
	case abs >= time.Hour:
		d = d.Truncate(time.Minute)
	}
	return exactSpan(d, lang)
}

// exactSpan is Span with nothing left out down to the second.
func exactSpan(d time.Duration, lang string) string {
	sec := int64(d.Abs() / time.Second)
	parts := []struct {
		n        int64
		zh       string
		one, few string
	}{
		{sec / 86400, "天", "day", "days"},
		{sec / 3600 % 24, "小时", "h", "h"},
		{sec / 60 % 60, "分", "min", "min"},
		{sec % 60, "秒", "s", "s"},
	}
	var words []string
	for i, p := range parts {
		if p.n == 0 && (i < len(parts)-1 || len(words) > 0) {
			continue
		}
		unit := p.zh
		if unit == "分" && sec%60 == 0 {
			unit = "分钟" // 15 分钟, but 6 分 12 秒
		}
		if english(lang) {
			if unit = p.few; p.n == 1 {
				unit = p.one
			}
		}
		words = append(words, fmt.Sprintf("%d %s", p.n, unit))
	}
	text := strings.Join(words, " ")
	if d < 0 && sec > 0 {
		text = "-" + text
	}
	return text
}

func english(lang string) bool { return strings.HasPrefix(lang, "en") }

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}
