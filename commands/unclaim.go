package commands

import "butler/bot/desk"

var unclaim = Command{
	Name:  "unclaim",
	Zh:    []string{"放弃", "释放"},
	En:    []string{"release"},
	Act:   "unclaim",
	Usage: Words{"/放弃 [编号] [原因]", "/unclaim [N] [REASON]"},
	About: Words{"交还工单，重新找人接手；原因仅内部可见。",
		"Give the case back so that somebody else is found; the reason stays inside."},
	Examples: []Words{
		{"/放弃 12 我要上飞机了", "/unclaim 12 I am boarding a plane"},
	},
	read: caseAndWords(func(n int, text string) desk.Act { return desk.Unclaim{Case: n, Reason: text} }),
}
