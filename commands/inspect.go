package commands

import "butler/bot/desk"

var inspect = Command{
	Name:  "inspect",
	Zh:    []string{"巡检"},
	En:    []string{"inspection"},
	Act:   "inspect",
	Usage: Words{"/巡检", "/inspect [now]"},
	About: Words{"现在就看一次巡检摘要。",
		"Show the inspection summary now."},
	Examples: []Words{
		{"/巡检", "/inspect"},
		{"/巡检 现在", "/inspect now"},
	},
	read: func(a *args) desk.Act {
		a.ofCustomer()
		a.oneOf(now)
		return desk.InspectNow{}
	},
}

// now is the only time at which an inspection can be asked for.
var now = map[string]string{"now": "", "现在": "", "立即": "", "马上": "", "立刻": ""}
