package commands

import "butler/bot/desk"

var resume = Command{
	Name:  "resume",
	Zh:    []string{"继续", "恢复计时"},
	En:    []string{"continue"},
	Act:   "resume",
	Usage: Words{"/继续 [编号]", "/resume [N]"},
	About: Words{"不再等待答复，解决时限继续计时。",
		"Stop waiting for the answer; the resolve clock runs again."},
	Examples: []Words{
		{"/继续 12", "/resume 12"},
	},
	read: caseOnly(func(n int) desk.Act { return desk.Resume{Case: n} }),
}
