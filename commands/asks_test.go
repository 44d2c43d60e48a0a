package commands

import "testing"

func TestAsksForHelp(t *testing.T) {
	for text, want := range map[string]bool{
		"帮助": true, "help": true, "Help!": true, "请问你们能做什么？": true, "what can you do?": true, "你好，怎么用": true,
		"帮助我们查一下日志": false, "help, our site is down": false, "怎么用堡垒机": false, "": false,
	} {
		if got := AsksForHelp(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
