package commands

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"butler/bot/desk"
)

// A finding is written F12, f12, 发现12 or acme#F12.

// findingNouns may stand for the F.
var findingNouns = []string{"发现", "finding", "f"}

// finding reads the number of a finding; 0 when none stands there.
func (a *args) finding() int {
	s := skip(a.rest)
	id, after := cutRun(s, func(r rune) bool { return latin(r) || digit(r) || r == '-' || r == '_' })
	customer := ""
	if first(after) == '#' {
		customer = foldWidth(id)
		s, _ = cutFold(after, "#")
	} else if id, rest, ok := a.cutCustomer(); ok {
		customer, s = id, skip(rest)
	}
	s, _ = cutFold(s, "#")
	for _, noun := range findingNouns {
		rest, ok := cutLetters(s, noun)
		run, rest := cutRun(skip(rest), digit)
		if !ok || run == "" || len([]rune(run)) > maxDigits || !bounded(rest) {
			continue
		}
		n, _ := strconv.Atoi(foldWidth(run))
		a.customer, a.rest = customer, dropSeparators(rest)
		a.f, a.bare = n, customer == ""
		return n
	}
	return 0
}

// cutLetters is cutFold for words whose case does not matter.
func cutLetters(s, word string) (string, bool) {
	for _, want := range word {
		if s == "" || unicode.ToLower(first(s)) != want {
			return s, false
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s, true
}

var findings = Command{
	Name:  "findings",
	Zh:    []string{"巡检发现", "发现列表", "全部发现"},
	En:    []string{"finding"},
	Act:   "findings",
	Usage: Words{"/巡检发现 [F编号]", "/findings [F1]"},
	About: Words{"列出巡检发现：级别、存在多久、谁在修复、怎么决定的；写明编号则看这一项。",
		"List what the inspection found: how severe, how old, whose, and what was decided; with a number, that one alone."},
	Examples: []Words{
		{"/巡检发现", "/findings"},
		{"/巡检发现 F12", "/findings F12"},
	},
	read: func(a *args) desk.Act {
		n := a.finding()
		if n == 0 {
			a.ofCustomer()
		}
		return desk.Query{What: "findings", Finding: n}
	},
}

var accept = Command{
	Name:  "accept",
	Zh:    []string{"接受风险", "风险接受"},
	Act:   "accept",
	Usage: Words{"/接受风险 F编号 至 到期日 原因", "/accept F1 until DATE REASON"},
	About: Words{"接受一项发现的风险，写明到期日和原因；到期后会再请您决定。",
		"Accept the risk of a finding until a day, for a reason; after that day you are asked again."},
	Examples: []Words{
		{"/接受风险 F12 至 2026-12-31 旧系统年底下线", "/accept F12 until 2026-12-31 it is switched off at the end of the year"},
		{"/接受风险 F12 90天 等待厂商补丁", "/accept F12 90d waiting for the vendor's patch"},
	},
	read: func(a *args) desk.Act {
		n := a.finding()
		if n == 0 {
			return a.miss(desk.WhyMissingFinding)
		}
		if trim(a.rest) == "" {
			return a.miss(desk.WhyMissingReason)
		}
		act := desk.Accept{Finding: n}
		if !a.until(&act) {
			return a.miss(desk.WhyBadDay)
		}
		if act.Reason = a.text(); act.Reason == "" {
			return a.miss(desk.WhyMissingReason)
		}
		return act
	},
}

// until reads the last day: a date in one of the usual forms, or a number of days
// from today.
func (a *args) until(act *desk.Accept) bool {
	s := skip(dropSeparators(skip(a.rest)))
	for _, word := range []string{"until", "till", "直到", "截至", "至", "到"} {
		if rest, ok := cutLetters(s, word); ok {
			s = skip(dropSeparators(skip(rest)))
			break
		}
	}
	run, rest := cutRun(s, digit)
	n, err := strconv.Atoi(foldWidth(run))
	if err != nil {
		return false
	}
	if rest, ok := cutUnit(skip(rest)); ok && n > 0 && n <= 366 {
		act.Days, a.rest = n, dropSeparators(rest)
		return true
	}
	parts := []int{n}
	for len(parts) < 3 {
		if !strings.ContainsRune("-/.年月", first(rest)) || rest == "" {
			return false
		}
		_, rest = cutRun(rest, func(r rune) bool { return strings.ContainsRune("-/.年月", fold(r)) })
		run, rest = cutRun(rest, digit)
		if n, err = strconv.Atoi(foldWidth(run)); err != nil {
			return false
		}
		parts = append(parts, n)
	}
	day := time.Date(parts[0], time.Month(parts[1]), parts[2], 0, 0, 0, 0, time.UTC)
	if parts[0] < 2000 || parts[0] > 9999 || day.Month() != time.Month(parts[1]) || day.Day() != parts[2] {
		return false // 2026-02-30
	}
	if day, ok := cutFold(rest, "日"); ok {
		rest = day
	} else {
		rest, _ = cutFold(rest, "号")
	}
	act.Until, a.rest = day, dropSeparators(rest)
	return true
}

// cutUnit cuts the word for days behind a number.
func cutUnit(s string) (string, bool) {
	for _, unit := range []string{"天", "日", "days", "day", "d"} {
		if rest, ok := cutLetters(s, unit); ok && (rest == "" || !latin(first(rest))) {
			return rest, true
		}
	}
	return s, false
}

var fix = Command{
	Name:  "fix",
	Zh:    []string{"修复", "登记修复"},
	Act:   "fix",
	Usage: Words{"/修复 F编号 [@某人]", "/fix F1 [@SOMEBODY]"},
	About: Words{"登记一项发现将被修复，由谁负责。",
		"Say that a finding will be fixed, and by whom."},
	Examples: []Words{
		{"/修复 F12", "/fix F12"},
		{"/修复 F12 @zhang", "/fix F12 @zhang"},
	},
	read: func(a *args) desk.Act {
		n := a.finding()
		if n == 0 {
			return a.miss(desk.WhyMissingFinding)
		}
		act := desk.Fix{Finding: n}
		if trim(a.rest) != "" {
			who, ok := a.person()
			if !ok {
				return a.miss(desk.WhyUnknownPerson)
			}
			act.By = who
		}
		return act
	},
}

var retest = Command{
	Name:  "retest",
	Zh:    []string{"复测"},
	Act:   "retest",
	Usage: Words{"/复测 F编号", "/retest F1"},
	About: Words{"立即再看一次这项发现，证实是否已修复。",
		"Look at a finding again now, to prove whether it is fixed."},
	Examples: []Words{{"/复测 F12", "/retest F12"}},
	read: func(a *args) desk.Act {
		n := a.finding()
		if n == 0 {
			return a.miss(desk.WhyMissingFinding)
		}
		return desk.Retest{Finding: n}
	},
}
