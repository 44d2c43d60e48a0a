package commands

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"butler/bot/desk"
)

// FuzzRead: whatever is typed, there is no panic; an act is a known one; a
// refusal repeats one short word at most; free text is part of what was typed.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"/claim 1", "／认领　１：好", "/report 紧急事件 x", "/assign 1 <@U1|x>", "/merge a#1->b#2", "/triage m7 #3", "、", "/butler", "工单1号", "\xff/\xfe"} {
		f.Add(s, byte(0))
		f.Add(s, byte(7))
	}
	f.Fuzz(func(t *testing.T, text string, how byte) {
		in := Context{Addressed: how&1 != 0, Command: how&2 != 0, Staff: how&4 != 0, People: people}
		if how&8 != 0 {
			in.Customers = customers
		}
		r := Read(text, in)
		if r.Act == nil {
			if r != (Reading{}) {
				t.Fatalf("no act, but %+v", r)
			}
			return
		}
		said := r.Rest
		switch a := r.Act.(type) {
		case desk.Misread:
			if strings.ContainsFunc(a.Line, unicode.IsSpace) || utf8.RuneCountInString(a.Line) > longestLine {
				t.Fatalf("line %q", a.Line)
			}
			if a.Why == "" || a.Case != r.Case {
				t.Fatalf("%+v of %+v", a, r)
			}
		case desk.Report:
			said = a.Text
		case desk.Claim:
			said = a.Text
		case desk.Reply:
			said = a.Text
		case desk.Note:
			said = a.Text
		case desk.Ask:
			said = a.Question
		case desk.Query:
			if a.What == "" {
				t.Fatalf("%+v", a)
			}
		}
		if !strings.Contains(text, said) {
			t.Fatalf("%q is not in %q", said, text)
		}
		if desk.Name(r.Act) != "misread" && r.Name == "" || r.Case < 0 {
			t.Fatalf("%+v", r)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name, text string
		in         Context
	}{
		{"command", "/claim 12 我是张工，正在排查", typedBy},
		{"chat", "我们的网站从早上开始就很慢，请帮忙看一下", typedBy},
		{"addressed", "确认一下网站是不是被黑了", toBot},
		{"unknown", "/claims 12", typedBy},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Read(c.text, c.in)
			}
		})
	}
}
