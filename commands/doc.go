// Package commands reads what people type at the bot and turns it into an act
// of package desk. It is pure: one table (All), one file per command.
//
//	r := commands.Read("/claim 12 我是张工，正在排查", commands.Context{Room: desk.Back})
//	// r.Act is desk.Claim{Case: 12, Text: "我是张工，正在排查"}
//
// What it promises:
//
//   - A text that is no command gives a Reading whose Act is nil; it goes on to
//     triage as a plain message, untouched.
//   - A text that begins with a slash and a command word is that command, or a
//     desk.Misread that says what is missing. A Misread never repeats people's
//     own words, only the command word.
//   - Without a slash a text that was addressed to the bot is a command only
//     when nothing in it is left unexplained: "认领 1" is one, "报告一下昨天的情况"
//     and "关闭 3389 端口" are not. A command that publishes or records free
//     text then needs its case number.
//   - Full-width letters, digits and the punctuation of a Chinese IME are
//     understood in the command word and its arguments. Free text stays exactly
//     as it was typed, only trimmed.
//
// What it leaves to others: which case is meant when no number was typed (the
// desk), which customer is meant in a shared back room (the shell, with
// Reading.Customer and Reading.Bare), who may do what (desk.May, which the help
// asks too, so that help and permission cannot differ).
//
// A new command is one file here, one line in All, one act in package desk.
package commands
