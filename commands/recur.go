package commands

import "butler/bot/desk"

var recur = Command{
	Name:  "recur",
	Zh:    []string{"复发", "又出现了"},
	En:    []string{"again"},
	Act:   "recur",
	Usage: Words{"/复发 [编号]", "/recur [N]"},
	About: Words{"同样的问题在保障期内又出现了。",
		"Say that it happened again within the safe period."},
	Examples: []Words{
		{"/复发 12", "/recur 12"},
	},
	read: caseOnly(func(n int) desk.Act { return desk.Recur{Case: n} }),
}
