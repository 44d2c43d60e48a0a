package commands

import "butler/bot/desk"

var reopen = Command{
	Name:  "reopen",
	Zh:    []string{"重开", "重新打开"},
	Act:   "reopen",
	Usage: Words{"/重开 [编号] [原因]", "/reopen [N] [REASON]"},
	About: Words{"问题还没有解决，重新打开。",
		"Say that it is not solved after all."},
	Examples: []Words{
		{"/重开 12 首页又打不开了", "/reopen 12 The home page is down again"},
	},
	read: caseAndWords(func(n int, text string) desk.Act { return desk.Reopen{Case: n, Reason: text} }),
}
