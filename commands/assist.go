package commands

import "butler/bot/desk"

var assist = Command{
	Name:  "assist",
	Zh:    []string{"求助", "需要帮助"},
	Act:   "assist",
	Usage: Words{"/求助 [编号]", "/assist [N]"},
	About: Words{"答复回访：需要帮助。",
		"Answer a check-in: help is needed."},
	Examples: []Words{
		{"/求助 12", "/assist 12"},
	},
	Answers: true,
	// Without a number it may be a cry for help of any kind: triage reads that.
	loose: func(a *args, _ desk.Act) bool { return a.typed },
	read:  caseOnly(func(n int) desk.Act { return desk.Assist{Case: n} }),
}
