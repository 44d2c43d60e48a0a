package commands

import "butler/bot/desk"

// closing is /close; the name close is the language's own.
var closing = Command{
	Name:  "close",
	Zh:    []string{"关闭"},
	Act:   "close",
	Usage: Words{"/关闭 [编号] [原因]", "/close [N] [REASON]"},
	About: Words{"不经处理直接结束工单，例如误报或客户撤回。",
		"End a case without a solution, such as a false alarm or one withdrawn."},
	Examples: []Words{
		{"/关闭 12 客户确认是内部演练", "/close 12 The customer says it was a drill"},
	},
	read: caseAndWords(func(n int, text string) desk.Act { return desk.Close{Case: n, Reason: text} }),
}
