package commands

import "butler/bot/desk"

var onboard = Command{
	Name:  "onboard",
	Zh:    []string{"入驻"},
	Act:   "onboard",
	Usage: Words{"/入驻", "/onboard"},
	About: Words{"开始入驻：发出欢迎卡片，建立首次沟通工单。",
		"Start the onboarding: the welcome card and the first conversation."},
	Examples: []Words{
		{"/入驻", "/onboard"},
	},
	read: func(a *args) desk.Act {
		a.ofCustomer()
		return desk.Onboard{}
	},
}
