package commands

import "butler/bot/desk"

var fine = Command{
	Name:  "fine",
	Zh:    []string{"正常", "一切正常"},
	Act:   "fine",
	Usage: Words{"/正常 [编号]", "/fine [N]"},
	About: Words{"答复回访：一切正常。",
		"Answer a check-in: all is well."},
	Examples: []Words{
		{"/正常 12", "/fine 12"},
	},
	Answers: true,
	read:    caseOnly(func(n int) desk.Act { return desk.Fine{Case: n} }),
}
