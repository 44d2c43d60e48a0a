package commands_test

import (
	"fmt"

	"butler/bot/desk"
	"butler/commands"
)

func ExampleRead() {
	in := commands.Context{Room: desk.Front, Addressed: true}
	for _, text := range []string{
		"／认领　１２：我是张工，正在排查",
		"确认 12",
		"确认一下网站是不是被黑了",
		"/etc/passwd 被改了",
		"/claims 12",
		"/lower 12",
	} {
		fmt.Printf("%+v\n", commands.Read(text, in).Act)
	}
	// Output:
	// {Case:12 Text:我是张工，正在排查}
	// {Case:12}
	// <nil>
	// <nil>
	// {Line:claims Case:12 Why:unknown-command Near:claim Usage: Choices:[] Again:}
	// {Line:lower Case:12 Why:missing-reason Near: Usage: Choices:[] Again:}
}

func ExampleNearest() {
	fmt.Println(commands.Nearest("resovle"), commands.Nearest("接受"))
	// Output: resolve 接手
}
