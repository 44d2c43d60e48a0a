package sla

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var stories = []struct {
	name string
	c    Clock
	now  string
}{
	{"kept", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: 15 * time.Minute, By: "李华", Ref: "m1"},
		Mark{Verb: Stopped, At: at("11-23 02:06:12"), By: "张工", Ref: "m4"},
	), "11-23 03:00"},
	{"five days with a question", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: 5 * day, By: "李华", Ref: "m1"},
		Mark{Verb: Paused, At: at("11-24 10:00"), By: "张工", Ref: "m9", Why: "请提供 11-22 的登录日志"},
		Mark{Verb: Resumed, At: at("11-24 11:20"), By: "李华", Ref: "m12"},
		Mark{Verb: Stopped, At: at("11-28 04:00"), By: "张工"},
	), "11-29 00:00"},
	{"still paused", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: 5 * day, By: "李华"},
		Mark{Verb: Paused, At: at("11-24 10:00"), By: "张工", Why: "哪台主机？"},
	), "11-24 12:30"},
	{"raised and lowered", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: time.Hour, By: "李华", Ref: "m1"},
		Mark{Verb: Raised, At: at("11-23 02:10"), Promise: 15 * time.Minute, By: "李华", Ref: "m2"},
		Mark{Verb: Lowered, At: at("11-23 02:12"), Promise: time.Hour, By: "张工", Ref: "m3", Why: "扫描误报"},
	), "11-23 02:12"},
	{"raised too late to matter, lowered to less", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: time.Hour, By: "李华"},
		Mark{Verb: Raised, At: at("11-23 02:50"), Promise: 15 * time.Minute, By: "李华"},
		Mark{Verb: Lowered, At: at("11-23 02:51"), Promise: 10 * time.Minute, By: "张工"},
	), "11-23 02:51"},
	{"lowered with a pause behind it, stopped in a pause", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: 2 * time.Hour},
		Mark{Verb: Paused, At: at("11-23 02:10")},
		Mark{Verb: Resumed, At: at("11-23 02:40")},
		Mark{Verb: Lowered, At: at("11-23 02:50"), Promise: 4 * time.Hour, By: "张工"},
		Mark{Verb: Paused, At: at("11-23 03:00")},
		Mark{Verb: Stopped, At: at("11-23 03:10"), By: "张工"},
	), "11-23 04:00"},
	{"late, and again", clock(
		Mark{Verb: Started, At: at("11-23 02:00"), Promise: 15 * time.Minute, By: "李华"},
		Mark{Verb: Stopped, At: at("11-23 02:18"), By: "张工"},
		Mark{Verb: Again, At: at("11-30 09:00"), Promise: 15 * time.Minute, By: "李华", Ref: "m40"},
		Mark{Verb: Stopped, At: at("11-30 09:15"), By: "张工"},
	), "11-30 10:00"},
	{"over the end of the year, by working days", clock(
		Mark{Verb: Started, At: at("12-31 15:00"), Due: at("12-31 00:00").AddDate(0, 0, 5), By: "陈经理"},
	), "12-31 15:00"},
}

// The words are reviewed by people: UPDATE=1 go test ./sla, then read the diff.
func TestExplainGolden(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en"} {
		var b strings.Builder
		for _, s := range stories {
			fmt.Fprintf(&b, "# %s\n%s\n\n", s.name, strings.Join(s.c.Explain(shanghai, lang, at(s.now)), "\n"))
		}
		golden(t, "testdata/explain."+lang+".txt", b.String())
	}
}

func TestExplainOfNothing(t *testing.T) {
	if got := (Clock{}).Explain(shanghai, "zh-CN", at("11-23 02:00")); got != nil {
		t.Errorf("a clock that never ran explains %q", got)
	}
}

// Whatever happened, the last line is the deadline of State, and there is one
// line for every mark.
func TestExplainEndsWithTheDeadline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := history(t)
		now := lastMark(c).Add(time.Duration(rapid.Int64Range(0, 1<<46).Draw(t, "later")))
		s := c.State(now)
		lines := c.Explain(shanghai, "zh-CN", now)
		want := len(c.Marks) + 1
		if s.Paused {
			want++
		}
		if len(lines) != want {
			t.Fatalf("%d lines for %d marks:\n%s", len(lines), len(c.Marks), strings.Join(lines, "\n"))
		}
		last := lines[len(lines)-1]
		if due := s.Due.In(shanghai).Format("01-02 15:04"); !strings.HasPrefix(last, "= 最迟 ") || !strings.Contains(last, due) {
			t.Fatalf("last line %q, deadline %s", last, due)
		}
	})
}

func ExampleClock_Explain() {
	loc, _ := Zone("Asia/Shanghai")
	start := time.Date(2026, 11, 23, 2, 0, 0, 0, loc)
	c := Start(Mark{At: start, Promise: time.Hour, By: "李华", Ref: "m1"})
	c = c.With(Mark{At: start.Add(10 * time.Minute), Verb: Raised, Promise: 15 * time.Minute, By: "李华", Ref: "m2"})
	for _, line := range c.Explain(loc, "zh-CN", start) {
		fmt.Println(line)
	}
	// Output:
	// 11-23 02:00 (UTC+8)  开始计时：+ 1 小时 = 11-23 03:00 (UTC+8)（李华，消息 m1）
	// 11-23 02:10 (UTC+8)  加急，承诺改为 15 分钟：此刻 + 15 分钟 = 11-23 02:25 (UTC+8)（李华，消息 m2）
	// = 最迟 11-23 02:25 (UTC+8)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run UPDATE=1 go test, read the diff, commit what you can explain. Got:\n%s", path, got)
	}
}
