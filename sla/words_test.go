package sla

import (
	"fmt"
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	late := time.Date(2026, 11, 22, 18, 15, 59, 0, time.UTC)
	for _, c := range []struct {
		zone, lang, want string
	}{
		{"Asia/Shanghai", "zh-CN", "11-23 02:15 (UTC+8)"},
		{"Asia/Shanghai", "en", "23 Nov 02:15 (UTC+8)"},
		{"Asia/Kolkata", "en", "22 Nov 23:45 (UTC+5:30)"},
		{"Europe/London", "en", "22 Nov 18:15 (UTC+0)"},
		{"America/St_Johns", "zh-CN", "11-22 14:45 (UTC-3:30)"},
	} {
		if got := When(late, zone(c.zone), c.lang); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.zone, c.lang, got, c.want)
		}
	}
	if got := When(late, nil, "en"); got != "22 Nov 18:15 (UTC+0)" {
		t.Errorf("without a zone: %q", got)
	}
	if got := Exact(late, shanghai, "zh-CN"); got != "11-23 02:15:59 (UTC+8)" {
		t.Errorf("to the second: %q", got)
	}
}

func TestWhenNear(t *testing.T) {
	// 2027 in Shanghai, still 2026 in UTC: the reader's zone decides.
	newYear := time.Date(2026, 12, 31, 16, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		ref        time.Time
		lang, want string
	}{
		{newYear.Add(-time.Hour), "zh-CN", "2027-01-01 00:30 (UTC+8)"},
		{newYear.Add(-time.Hour), "en", "1 Jan 2027 00:30 (UTC+8)"},
		{newYear.Add(time.Hour), "zh-CN", "01-01 00:30 (UTC+8)"},
	} {
		if got := WhenNear(newYear, c.ref, shanghai, c.lang); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		zh, en string
	}{
		{0, "0 秒", "0 s"},
		{999 * time.Millisecond, "0 秒", "0 s"},
		{12 * time.Second, "12 秒", "12 s"},
		{6*time.Minute + 12*time.Second, "6 分 12 秒", "6 min 12 s"},
		{15 * time.Minute, "15 分钟", "15 min"},
		{80*time.Minute + 59*time.Second, "1 小时 20 分钟", "1 h 20 min"},
		{4 * time.Hour, "4 小时", "4 h"},
		{day, "1 天", "1 day"},
		{5 * day, "5 天", "5 days"},
		{2*day + 3*time.Hour + 59*time.Minute, "2 天 3 小时", "2 days 3 h"},
		{-3 * time.Minute, "-3 分钟", "-3 min"},
		{-999 * time.Millisecond, "0 秒", "0 s"},
	} {
		if got := Span(c.d, "zh-CN"); got != c.zh {
			t.Errorf("%s: %q, want %q", c.d, got, c.zh)
		}
		if got := Span(c.d, "en"); got != c.en {
			t.Errorf("%s: %q, want %q", c.d, got, c.en)
		}
	}
}

func ExampleWhen() {
	loc, _ := Zone("Asia/Shanghai")
	due := time.Date(2026, 11, 23, 2, 15, 0, 0, loc)
	fmt.Println(When(due, loc, "zh-CN"))
	fmt.Println(When(due, loc, "en"))
	// Output:
	// 11-23 02:15 (UTC+8)
	// 23 Nov 02:15 (UTC+8)
}

func ExampleSpan() {
	fmt.Println(Span(6*time.Minute+12*time.Second, "zh-CN"))
	fmt.Println(Span(6*time.Minute+12*time.Second, "en"))
	// Output:
	// 6 分 12 秒
	// 6 min 12 s
}
