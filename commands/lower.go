package commands

import "butler/bot/desk"

var lower = Command{
	Name:  "lower",
	Zh:    []string{"降级"},
	Act:   "lower",
	Usage: Words{"/降级 [编号] 原因", "/lower [N] REASON"},
	About: Words{"降低一级；客户会看到原因。",
		"Lower it one level; the customer sees the reason."},
	Examples: []Words{
		{"/降级 12 已确认仅影响测试环境", "/lower 12 Only the test environment is affected"},
	},
	read: caseAndText(desk.WhyMissingReason, func(n int, text string) desk.Act {
		return desk.Lower{Case: n, Reason: text}
	}),
}
