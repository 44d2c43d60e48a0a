package commands

import "butler/bot/desk"

var budget = Command{
	Name:  "budget",
	Zh:    []string{"额度"},
	Act:   "budget",
	Usage: Words{"/额度", "/budget"},
	About: Words{"查看平台本月调用额度：已用、上限、按现速何时用尽。",
		"Show what was spent of the platform's calls this month, and how long they last."},
	Examples: []Words{{"/额度", "/budget"}},
	read:     func(*args) desk.Act { return desk.Query{What: "budget"} },
}
