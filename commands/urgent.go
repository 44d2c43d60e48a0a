package commands

import "butler/bot/desk"

var urgent = Command{
	Name:  "urgent",
	Zh:    []string{"加急", "紧急"},
	En:    []string{"raise"},
	Act:   "urgent",
	Usage: Words{"/加急 [编号]", "/urgent [N]"},
	About: Words{"提高一级：事件转为紧急，漏洞升一级。",
		"Raise it: an incident becomes urgent, a vulnerability goes up one level."},
	Examples: []Words{
		{"/加急 12", "/urgent 12"},
	},
	read: caseOnly(func(n int) desk.Act { return desk.Raise{Case: n} }),
}
