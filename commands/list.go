package commands

import "butler/bot/desk"

var list = Command{
	Name:  "list",
	Zh:    []string{"列表", "工单"},
	En:    []string{"cases"},
	Act:   "list",
	Usage: Words{"/列表", "/list"},
	About: Words{"列出未结束的工单。",
		"List the cases that are not finished."},
	Examples: []Words{
		{"/列表", "/list"},
	},
	read: func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		if a.typed {
			return desk.Query{What: "show", Case: a.n} // "工单 12" asks for that one
		}
		a.ofCustomer()
		return desk.Query{What: "list"}
	},
}
