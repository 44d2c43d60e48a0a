package commands

import "butler/bot/desk"

var note = Command{
	Name:  "note",
	Zh:    []string{"备注", "笔记"},
	Act:   "note",
	Usage: Words{"/备注 [编号] 内容", "/note [N] TEXT"},
	About: Words{"记一条内部备注，客户看不到。",
		"Keep an internal note that the customer never sees."},
	Examples: []Words{
		{"/备注 12 疑似同一攻击者", "/note 12 Looks like the same attacker"},
	},
	read: caseAndText(desk.WhyMissingText, func(n int, text string) desk.Act {
		return desk.Note{Case: n, Text: text}
	}),
}
