package commands

import "butler/bot/desk"

var missed = Command{
	Name:  "missed",
	Zh:    []string{"漏听"},
	Act:   "missed",
	Usage: Words{"/漏听", "/missed"},
	About: Words{"说明在可能漏听的时间里发过消息。",
		"Say that you wrote something while Butler may not have heard."},
	Examples: []Words{{"/漏听", "/missed"}},
	Hidden:   true,
	read:     func(*args) desk.Act { return desk.Missed{} },
}
