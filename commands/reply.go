package commands

import "butler/bot/desk"

var reply = Command{
	Name:  "reply",
	Zh:    []string{"回复"},
	Act:   "reply",
	Usage: Words{"/回复 [编号] 内容", "/reply [N] TEXT"},
	About: Words{"把内容发给客户。",
		"Publish the text to the customer."},
	Examples: []Words{
		{"/回复 12 后门已清除，正在恢复业务", "/reply 12 The backdoor is gone, we are restoring service"},
	},
	read: caseAndText(desk.WhyMissingText, func(n int, text string) desk.Act {
		return desk.Reply{Case: n, Text: text}
	}),
}
