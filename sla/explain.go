package sla

import (
	"fmt"
	"strings"
	"time"
)

// Explain writes the deadline as arithmetic in the zone of the reader: one line
// for each mark, with the time, what it did to the sum, who caused it and by
// which message; then the pause that is still running, if any; and as the last
// line the deadline itself, "= 最迟 11-23 02:15 (UTC+8)". The sum is the one that
// State makes: each line shows State after that mark. A clock that was never
// started explains nothing and yields nil.
//
// now matters only while the clock is paused. All times are shown to the second
// as soon as one of them is not a whole minute, so that the lines add up; parts
// of a second are cut.
func (c Clock) Explain(loc *time.Location, lang string, now time.Time) []string {
	if len(c.Marks) == 0 {
		return nil
	}
	w := wording{loc: orUTC(loc), lang: lang}
	last := c.State(now)
	w.seconds = !whole(last.Due)
	for i, m := range c.Marks {
		w.seconds = w.seconds || !whole(m.At) || !whole(c.upTo(i+1, m.At).Due)
		w.years = w.years || m.At.In(w.loc).Year() != last.Due.In(w.loc).Year()
	}

	lines := make([]string, 0, len(c.Marks)+2)
	for i, m := range c.Marks {
		line := w.when(m.At) + "  " + w.mark(m, c.upTo(i, m.At), c.upTo(i+1, m.At))
		lines = append(lines, line+w.cause(m))
	}
	if last.Paused {
		at := now
		if at.Before(last.Since) {
			at = last.Since
		}
		lines = append(lines, fmt.Sprintf(w.in("%s  仍在暂停：至此 + %s = %s", "%s  still paused: so far + %s = %s"),
			w.when(at), w.span(at.Sub(last.Since)), w.when(last.Due)))
	}
	w.seconds = !whole(last.Due)
	return append(lines, w.in("= 最迟 ", "= due by ")+w.when(last.Due))
}

// upTo returns the state after the first n marks as of a moment.
func (c Clock) upTo(n int, at time.Time) State {
	return Clock{Marks: c.Marks[:n]}.State(at)
}

// wording is how one explanation is written.
type wording struct {
	loc            *time.Location
	lang           string
	seconds, years bool
}

func (w wording) when(t time.Time) string     { return stamp(t, w.loc, w.lang, w.years, w.seconds) }
func (w wording) span(d time.Duration) string { return exactSpan(d, w.lang) }

func (w wording) in(zh, en string) string {
	if english(w.lang) {
		return en
	}
	return zh
}

// mark says what m did: before and after are the states around it.
func (w wording) mark(m Mark, before, after State) string {
	due := w.when(after.Due)
	switch m.Verb {
	case Started, Again:
		return w.start(m, due)
	case Raised:
		if after.Due.Equal(m.At.Add(m.Promise)) {
			return fmt.Sprintf(w.in("加急，承诺改为 %s：此刻 + %s = %s", "raised, the promise is now %s: this moment + %s = %s"),
				w.span(m.Promise), w.span(m.Promise), due)
		}
		return fmt.Sprintf(w.in("加急，承诺改为 %s：原期限更早，仍为 %s", "raised, the promise is now %s: the old deadline is earlier and stands, %s"),
			w.span(m.Promise), due)
	case Lowered:
		return w.lowered(m, after)
	case Paused:
		return w.in("暂停计时", "paused")
	case Resumed:
		return fmt.Sprintf(w.in("恢复计时：暂停了 %s，+ %s = %s", "resumed after %s: + %s = %s"),
			w.span(m.At.Sub(before.Since)), w.span(m.At.Sub(before.Since)), due)
	case Stopped:
		return w.stopped(m, before, after)
	case Voided:
		return w.in("撤销计时：无需响应或解决", "void: nothing is owed any more")
	}
	return string(m.Verb)
}

func (w wording) start(m Mark, due string) string {
	verb := w.in("开始计时", "started")
	if m.Verb == Again {
		verb = w.in("重新计时", "started again")
	}
	if !m.Due.IsZero() {
		return fmt.Sprintf(w.in("%s：期限 %s", "%s: deadline %s"), verb, due)
	}
	return fmt.Sprintf(w.in("%s：+ %s = %s", "%s: + %s = %s"), verb, w.span(m.Promise), due)
}

func (w wording) lowered(m Mark, after State) string {
	waited := after.Waited
	if after.Paused {
		waited += m.At.Sub(after.Since)
	}
	if !after.Due.Equal(after.Start.Add(m.Promise + waited)) {
		return fmt.Sprintf(w.in("降级，承诺改为 %s：期限不会提前，仍为 %s", "lowered, the promise is now %s: lowering never brings a deadline nearer, it stays %s"),
			w.span(m.Promise), w.when(after.Due))
	}
	sum := w.in("开始 + ", "start + ") + w.span(m.Promise)
	if waited > 0 {
		sum += w.in(" + 暂停 ", " + pauses ") + w.span(waited)
	}
	return fmt.Sprintf(w.in("降级，承诺改为 %s：%s = %s", "lowered, the promise is now %s: %s = %s"),
		w.span(m.Promise), sum, w.when(after.Due))
}

func (w wording) stopped(m Mark, before, after State) string {
	var text string
	if before.Paused {
		text = fmt.Sprintf(w.in("结束暂停：+ %s = %s；", "the pause ends: + %s = %s; "),
			w.span(m.At.Sub(before.Since)), w.when(after.Due))
	}
	left := after.Due.Sub(m.At)
	switch {
	case left > 0:
		text += fmt.Sprintf(w.in("停止计时：提前 %s，已兑现", "stopped with %s to spare: kept"), w.span(left))
	case left == 0:
		text += w.in("停止计时：恰在期限，已超时", "stopped on the deadline: too late")
	default:
		text += fmt.Sprintf(w.in("停止计时：超时 %s", "stopped %s late"), w.span(-left))
	}
	return text
}

// cause says who did it, by which message, and in which words.
func (w wording) cause(m Mark) string {
	var parts []string
	if m.By != "" {
		parts = append(parts, m.By)
	}
	if m.Ref != "" {
		parts = append(parts, w.in("消息 ", "message ")+m.Ref)
	}
	text := ""
	if len(parts) > 0 {
		text = w.in("（"+strings.Join(parts, "，")+"）", " ("+strings.Join(parts, ", ")+")")
	}
	if m.Why != "" {
		text += w.in("「"+m.Why+"」", " “"+m.Why+"”")
	}
	return text
}

func whole(t time.Time) bool { return t.Second() == 0 }
