package commands

import "strings"

// A case is written 12, #12, １２, 12号, 工单12, case 12 or acme#12; acme# names
// the customer alone.

// maxDigits is the longest number read as a case: longer ones are telephone
// numbers and the like.
const maxDigits = 9

// ref is a case as it was typed.
type ref struct {
	customer string
	n        int
	hashed   bool // a # stood before it: nothing else can be meant
}

// found says what stands where a case number may stand.
type found int

const (
	nothing   found = iota // no number
	number                 // a case
	lookalike              // digits that are part of something else: 3台, 12:30, 10.0.0.1
	wrong                  // meant as a case, but none can have it: 0, #12ab
)

// nouns may stand before a number.
var nouns = []string{"工单", "事件", "案件", "case", "ticket", "incident"}

// units make a bare number a quantity: "2 小时内给您结果" is not about case 2.
var units = []string{
	"分钟", "小时", "个小时", "个半小时", "秒", "天内", "天后", "个工作日", "工作日", "个自然日",
	"台服务器", "台主机", "台机器", "台电脑", "台设备", "台ecs", "端口", "端口号",
	"minute", "min ", "mins", "hour", "hr ", "hrs", "day ", "days", "second", "secs", "week", "working day", "port ",
}

// cutRef reads a case number at the beginning of s, with the separators that
// touch it.
func cutRef(s string) (ref, string, found) {
	r, rest, digits := cutNumber(s)
	switch {
	case digits == 0 && r.hashed && r.customer != "" && bounded(rest):
		return r, dropSeparators(rest), number // acme#
	case digits == 0:
		if sign, after := first(rest), strings.TrimLeft(rest, "-+"); (sign == '-' || sign == '+') && digit(first(after)) {
			return ref{}, s, lookalike
		}
		return ref{}, s, nothing
	}
	odd := lookalike
	if r.hashed {
		odd = wrong
	}
	if digits > maxDigits {
		return ref{}, s, odd
	}
	if rest, ok := cutHao(rest); ok {
		if !r.hashed && !bounded(rest) && first(rest) != '我' {
			return ref{}, s, lookalike // 3号机房
		}
		return r.checked(s, rest)
	}
	if r.hashed && first(rest) > 0x7F {
		return r.checked(s, rest) // #12我来处理
	}
	if !bounded(rest) || !r.hashed && quantity(rest) {
		return ref{}, s, odd
	}
	return r.checked(s, rest)
}

// checked ends a successful reading; there is no case 0.
func (r ref) checked(s, rest string) (ref, string, found) {
	if r.n == 0 {
		return ref{}, s, wrong
	}
	return r, strings.TrimLeftFunc(rest, closer), number
}

// cutNumber reads [noun] [customer] [#] digits without looking at what follows.
func cutNumber(s string) (r ref, rest string, digits int) {
	rest = skip(s)
	for _, noun := range nouns {
		if after, ok := cutFold(rest, noun); ok {
			if f := first(skip(after)); f == '#' || digit(f) {
				rest = skip(after)
				break
			}
		}
	}
	id, after := cutRun(rest, func(r rune) bool { return latin(r) || digit(r) || r == '-' || r == '_' })
	if first(after) == '#' {
		r.customer, r.hashed = foldWidth(id), true
		rest, _ = cutFold(after, "#")
	}
	run, after := cutRun(rest, digit)
	for _, d := range run {
		if digits++; digits <= maxDigits {
			r.n = r.n*10 + int(fold(d)-'0')
		}
	}
	return r, after, digits
}

// foldWidth folds width alone: a customer's id keeps its case.
func foldWidth(s string) string { return strings.Map(fold, s) }

// cutHao cuts the 号 (号工单, 号事件) after a number.
func cutHao(s string) (string, bool) {
	rest, ok := cutFold(skip(s), "号")
	if !ok {
		return s, false
	}
	for _, noun := range nouns[:3] {
		if after, ok := cutFold(rest, noun); ok {
			return after, true
		}
	}
	return rest, true
}

// bounded reports whether a number may end here. A colon before two digits is a
// time of day; a point or comma before a digit is part of a larger number.
func bounded(s string) bool {
	f := first(s)
	if f == 0 || f == '\n' || blank(f) {
		return true
	}
	after, _ := cutRun(s, func(r rune) bool { return fold(r) == f })
	next := s[len(after):]
	switch f {
	case ':':
		run, rest := cutRun(next, digit)
		return len([]rune(run)) != 2 || first(rest) == '.'
	case '.':
		return !digit(first(next)) && !latin(first(next))
	case ',':
		return strings.HasPrefix(s, "，") || !digit(first(next))
	case '?', '!', ')', '>', ']':
		return true
	}
	return separator(f)
}

// quantity reports whether a unit follows the number.
func quantity(rest string) bool {
	rest = skip(rest) + " "
	for _, u := range units {
		if _, ok := cutFold(rest, u); ok {
			return true
		}
	}
	return false
}

// joints stand between the two numbers of /merge and /link.
var joints = []string{"合并到", "并入", "into", "with", "and", "->", "=>", "→", "&", "+", "to", "in", "到", "进", "入", "至", "和", "与", "跟"}

// cutJoint drops what stands between two numbers.
func cutJoint(s string) string {
	s = skip(dropSeparators(skip(s)))
	for _, j := range joints {
		if rest, ok := cutFold(s, j); ok {
			return skip(rest)
		}
	}
	return s
}
