package commands

import "butler/bot/desk"

var bind = Command{
	Name:  "bind",
	Zh:    []string{"绑定"},
	Act:   "bind",
	Usage: Words{"/绑定 客户 [客户群|专家群]", "/bind CUSTOMER [front|back]"},
	About: Words{"把这个群绑定为某家客户的客户群或专家群。",
		"Make this channel the front or the back of a customer."},
	Examples: []Words{
		{"/绑定 acme 客户群", "/bind acme front"},
		{"/绑定 acme", "/bind acme"},
	},
	read: func(a *args) desk.Act {
		if r, rest, what := cutRef(a.rest); what == number && r.n == 0 {
			a.take(r, rest)
		} else {
			word, rest := cutRun(skip(a.rest), func(r rune) bool { return r != '\n' && !blank(r) && !separator(r) })
			a.customer, a.rest = foldWord(word), dropSeparators(rest)
		}
		if a.customer == "" {
			return a.miss(desk.WhyUnknownCust)
		}
		room, _ := a.oneOf(sides)
		return desk.Bind{Room: desk.Room(room)}
	},
	loose: func(a *args, _ desk.Act) bool { return a.Staff && a.Customers != nil && a.Customers(a.customer) },
}

// sides are the words for the two rooms of a customer. None: the one that is
// missing, the front first.
var sides = map[string]string{
	"front": string(desk.Front), "客户群": string(desk.Front), "客户侧": string(desk.Front),
	"back": string(desk.Back), "专家群": string(desk.Back), "内部群": string(desk.Back),
}
