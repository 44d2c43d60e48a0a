package commands

import (
	"slices"
	"strings"
)

// asking are the words with which newcomers ask what this is, without a slash
// and to nobody in particular.
var asking = []string{"help", "menu", "commands", "帮助", "菜单", "使用说明", "你能做什么", "你们能做什么", "你会什么", "怎么用", "如何使用",
	"what can you do", "how does this work", "how do i use this", "who are you", "你是谁"}

// AsksForHelp reports whether the whole text is a newcomer's question about the
// bot itself: it is answered with the help, and opens no case.
func AsksForHelp(text string) bool {
	s := strings.ToLower(strings.TrimSpace(strings.Map(fold, text)))
	s = strings.Trim(s, " ?!.,？！。，~～")
	for _, polite := range []string{"请问", "你好", "您好", "hello", "hi", ",", "，", " "} {
		s = strings.TrimPrefix(s, polite)
	}
	return slices.Contains(asking, strings.TrimSpace(s))
}
