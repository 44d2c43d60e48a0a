package card

import "strings"

// String is the whole card as plain text, in reading order: title, lines,
// buttons as "[接手 → /claim 12]", small print. It is what plays call text, what
// logs of the sandbox show, and what a platform falls back to. Every line of a
// quote begins with "> ", so people's words cannot pass for lines of the card.
func (c Card) String() string {
	var b strings.Builder
	b.WriteString(c.Title)
	for _, l := range c.Lines {
		b.WriteByte('\n')
		b.WriteString(l.in(c.Lang))
	}
	for i, p := range c.Buttons {
		b.WriteByte("\n "[min(i, 1)])
		b.WriteString("[" + p.Label + " → " + p.Command)
		if p.Asks {
			b.WriteString(lacks)
		}
		b.WriteByte(']')
	}
	if c.Foot != "" {
		b.WriteString("\n" + c.Foot)
	}
	return b.String()
}

// lineRunes bounds Line: what fits beside time, room and kind in a play.
const lineRunes = 100

// Line is the card in one short line, for plays and lists: the title and the
// first of its lines.
func (c Card) Line() string {
	s := c.Title
	if len(c.Lines) > 0 {
		l := c.Lines[0]
		if l.Kind == Quote {
			l.Kind = Text
		}
		s += " | " + oneLine(l.in(c.Lang))
	}
	return cut(s, lineRunes, "…")
}

func (l Line) in(lang string) string {
	switch l.Kind {
	case Field:
		if lang == "en" {
			return l.Label + ": " + l.Text
		}
		return l.Label + "：" + l.Text
	case Quote:
		return "> " + strings.ReplaceAll(l.Text, "\n", "\n> ")
	case Item:
		return "· " + l.Text
	}
	return l.Text
}
