package commands

import "butler/bot/desk"

var merge = Command{
	Name:  "merge",
	Zh:    []string{"合并"},
	Act:   "merge",
	Usage: Words{"/合并 编号 到 编号", "/merge N into N"},
	About: Words{"把重复的工单并入另一个。",
		"Fold a duplicate into another case."},
	Examples: []Words{
		{"/合并 13 到 12", "/merge 13 into 12"},
	},
	read: func(a *args) desk.Act {
		other, why := a.two()
		if why != "" {
			return a.miss(why)
		}
		return desk.Merge{Case: a.n, Into: other}
	},
}

// two reads the two case numbers of /merge and /link: 3 into 2, 3 2, 3到2,
// #3、#2. Two customers are never mixed.
func (a *args) two() (other int, why string) {
	from, rest, digits := cutNumber(a.rest)
	if digits == 0 {
		return 0, desk.WhyMissingCase
	}
	if from.n == 0 || digits > maxDigits {
		return 0, desk.WhyUnknownCase
	}
	if after, ok := cutHao(rest); ok {
		rest = after
	}
	into, rest, what := cutRef(cutJoint(rest))
	a.take(from, a.rest)
	switch {
	case what == wrong:
		return 0, desk.WhyUnknownCase
	case what != number || into.n == 0:
		return 0, desk.WhyMissingCase
	case from.customer != "" && into.customer != "" && from.customer != into.customer:
		return 0, desk.WhyBadArgument
	}
	if into.customer == "" {
		into.customer = from.customer // acme#3 into 2
	}
	a.bare = into.customer == ""
	a.customer, a.rest = into.customer, rest
	return into.n, ""
}
