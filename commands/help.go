package commands

import (
	"strings"

	"butler/bot/desk"
)

var help = Command{
	Name:  "help",
	Zh:    []string{"帮助"},
	En:    []string{"?", "commands"},
	Act:   "help",
	Usage: Words{"/帮助 [指令]", "/help [COMMAND]"},
	About: Words{"列出您在这里可以用的指令，或说明其中一条。",
		"List the commands you can use here, or explain one of them."},
	Examples: []Words{
		{"/帮助", "/help"},
		{"/帮助 接手", "/help claim"},
	},
	read: func(a *args) desk.Act {
		word, rest := cutWord(a.rest)
		for strings.HasPrefix(word, "/") {
			word = word[1:]
		}
		if trimmed := trimClosers(word); trimmed == "" {
			return desk.Query{What: "help"}
		} else if c, ok := a.lookup(trimmed); ok {
			a.rest = rest
			return desk.Query{What: "help", Arg: c.Name}
		}
		if near := a.near(word); near != "" {
			m := a.miss(desk.WhyBadArgument)
			m.Near = near
			return m
		}
		return desk.Query{What: "help"} // "/help 我们被黑了": the words are in Reading.Rest
	},
	// "help urgent" may be a cry for help; from staff it is a question.
	loose: func(a *args, act desk.Act) bool {
		q, ok := act.(desk.Query)
		return a.Staff || ok && q.Arg == ""
	},
}
