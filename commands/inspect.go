package commands

import "butler/bot/desk"

var inspect = Command{
	Name:  "inspect",
	Zh:    []string{"巡检"},
	En:    []string{"inspection"},
	Act:   "inspect",
	Usage: Words{"/巡检 [上次]", "/inspect [now|last]"},
	About: Words{"现在就发一次巡检摘要；“上次”只给您看最近一次的。",
		"Send the inspection summary now; \"last\" shows you the last one."},
	Examples: []Words{
		{"/巡检", "/inspect"},
		{"/巡检 现在", "/inspect now"},
		{"/巡检 上次", "/inspect last"},
	},
	read: func(a *args) desk.Act {
		a.ofCustomer()
		if when, _ := a.oneOf(times); when == "last" {
			a.ofCustomer()
			return desk.InspectNow{Last: true}
		}
		a.ofCustomer()
		return desk.InspectNow{}
	},
}

// times are those at which an inspection can be asked for.
var times = map[string]string{"now": "", "现在": "", "立即": "", "马上": "", "立刻": "", "last": "last", "上次": "last", "最近": "last", "上一次": "last"}
