package commands

var timeline = Command{
	Name:  "timeline",
	Zh:    []string{"时间线"},
	Act:   "timeline",
	Usage: Words{"/时间线 [编号]", "/timeline [N]"},
	About: Words{"按时间列出一个工单的全部经过。",
		"List everything that happened in a case, in order."},
	Examples: []Words{
		{"/时间线 12", "/timeline 12"},
	},
	read: caseQuery("timeline"),
}
