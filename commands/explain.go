package commands

var explain = Command{
	Name:  "explain",
	Zh:    []string{"解释"},
	Act:   "explain",
	Usage: Words{"/解释 [编号]", "/explain [N]"},
	About: Words{"一步一步说明时限是怎么算出来的。",
		"Show step by step how a deadline was worked out."},
	Examples: []Words{
		{"/解释 12", "/explain 12"},
	},
	read: caseQuery("explain"),
}
