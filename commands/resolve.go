package commands

import "butler/bot/desk"

var resolve = Command{
	Name:  "resolve",
	Zh:    []string{"解决", "已解决"},
	En:    []string{"resolved"},
	Act:   "resolve",
	Usage: Words{"/解决 [编号] 小结", "/resolve [N] SUMMARY"},
	About: Words{"宣布已解决，并附上给客户的小结。",
		"Say that it is solved, with a summary for the customer."},
	Examples: []Words{
		{"/解决 12 木马已清除，弱口令已更换", "/resolve 12 Trojan removed, weak passwords changed"},
	},
	read: caseAndText(desk.WhyMissingText, func(n int, text string) desk.Act {
		return desk.Resolve{Case: n, Summary: text}
	}),
}
