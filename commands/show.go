package commands

var show = Command{
	Name:  "show",
	Zh:    []string{"查看"},
	En:    []string{"view"},
	Act:   "show",
	Usage: Words{"/查看 [编号]", "/show [N]"},
	About: Words{"看一个工单的现状和时限。",
		"Show where a case stands and what is due when."},
	Examples: []Words{
		{"/查看 12", "/show 12"},
	},
	read: caseQuery("show"),
}
