package commands

import "butler/bot/desk"

var ask = Command{
	Name:  "ask",
	Zh:    []string{"追问", "提问"},
	Act:   "ask",
	Usage: Words{"/追问 [编号] 问题", "/ask [N] QUESTION"},
	About: Words{"向客户提一个问题；等待答复期间，解决时限暂停计时。",
		"Ask the customer a question; the resolve clock pauses until they answer."},
	Examples: []Words{
		{"/追问 12 这台主机最近一次快照是什么时候？", "/ask 12 When was the last snapshot of this host taken?"},
	},
	read: caseAndText(desk.WhyMissingText, func(n int, text string) desk.Act {
		return desk.Ask{Case: n, Question: text}
	}),
}
