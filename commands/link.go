package commands

import "butler/bot/desk"

var link = Command{
	Name:  "link",
	Zh:    []string{"关联"},
	Act:   "link",
	Usage: Words{"/关联 编号 编号", "/link N N"},
	About: Words{"把两个有关系的工单连起来。",
		"Tie two related cases together."},
	Examples: []Words{
		{"/关联 12 13", "/link 12 13"},
	},
	read: func(a *args) desk.Act {
		other, why := a.two()
		if why != "" {
			return a.miss(why)
		}
		return desk.Link{Case: a.n, Other: other}
	},
}
