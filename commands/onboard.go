package commands

import (
	"regexp"
	"strings"

	"butler/bot/desk"
)

var onboard = Command{
	Name:  "onboard",
	Zh:    []string{"入驻"},
	Act:   "onboard",
	Usage: Words{"/入驻 [客户] [邮箱 …]", "/onboard [CUSTOMER] [EMAIL …]"},
	About: Words{"开始入驻：发出欢迎卡片，建立首次沟通工单；还没有群时由经理发起建群。写上邮箱则邀请客户入群（仅经理）。",
		"Start the onboarding: the welcome card and the first conversation. A manager has missing rooms made, and the people invited whose addresses are given."},
	Examples: []Words{
		{"/入驻", "/onboard"},
		{"/入驻 li@example.com", "/onboard li@example.com"},
	},
	read: func(a *args) desk.Act {
		a.ofCustomer()
		o := desk.Onboard{}
		for {
			address, rest, ok := cutAddress(a.rest)
			if !ok {
				return o
			}
			o.Invite, a.rest = append(o.Invite, address), rest
		}
	},
}

// cutAddress splits off the next word where it is an e-mail address.
func cutAddress(s string) (found, rest string, ok bool) {
	word, rest := cutRun(skip(dropSeparators(s)), func(r rune) bool { return r != '\n' && !blank(r) && !strings.ContainsRune(",;，；、", r) })
	if word = foldWidth(word); len(word) > 254 || !address.MatchString(word) {
		return "", s, false
	}
	return word, dropSeparators(rest), true
}

// address is what an invitation can be sent to; RFC 5321 allows 254 bytes.
var address = regexp.MustCompile(`^[^@<>"'\s\x00-\x20]+@[^@<>"'\s]+\.[a-zA-Z]{2,}$`)
