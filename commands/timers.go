package commands

var timers = Command{
	Name:  "timers",
	Zh:    []string{"计时", "闹钟"},
	Act:   "timers",
	Usage: Words{"/计时 [编号]", "/timers [N]"},
	About: Words{"列出所有将要到点的时刻。",
		"List every moment at which something falls due."},
	Examples: []Words{
		{"/计时", "/timers"},
		{"/计时 12", "/timers 12"},
	},
	read: caseQuery("timers"),
}
