package commands

import "butler/bot/desk"

var confirm = Command{
	Name:  "confirm",
	Zh:    []string{"确认"},
	Act:   "confirm",
	Usage: Words{"/确认 [编号]", "/confirm [N]"},
	About: Words{"确认问题已经解决。",
		"Confirm that it is solved."},
	Examples: []Words{
		{"/确认 12", "/confirm 12"},
	},
	read: caseOnly(func(n int) desk.Act { return desk.Confirm{Case: n} }),
}
