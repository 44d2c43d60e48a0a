package commands

import "butler/bot/desk"

var claim = Command{
	Name:  "claim",
	Zh:    []string{"接手", "认领"},
	En:    []string{"take"},
	Act:   "claim",
	Usage: Words{"/接手 [编号] [给客户的话]", "/claim [N] [TEXT]"},
	About: Words{"接手工单；附上给客户的话，就同时算作响应。",
		"Take the case; with words for the customer it also counts as the response."},
	Examples: []Words{
		{"/接手 12", "/claim 12"},
		{"/接手 12 我是张工，正在排查", "/claim 12 This is Zhang, I am looking into it"},
	},
	read: caseAndWords(func(n int, text string) desk.Act { return desk.Claim{Case: n, Text: text} }),
}
