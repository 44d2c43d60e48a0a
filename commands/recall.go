package commands

import "butler/bot/desk"

var recall = Command{
	Name:  "recall",
	Zh:    []string{"撤回"},
	Act:   "recall",
	Usage: Words{"/撤回 [编号]", "/recall [N]"},
	About: Words{"把最近一次发给客户的答复撤回，以平台允许的时间为限。",
		"Take the last answer to the customer back, while the platform allows it."},
	Examples: []Words{
		{"/撤回 12", "/recall 12"},
	},
	read: caseOnly(func(n int) desk.Act { return desk.Recall{Case: n} }),
}
