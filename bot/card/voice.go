package card

import (
	"regexp"
	"text/template/parse"

	"butler/bot/desk"
)

// Voice is how a command is typed where a card is read.
type Voice string

// The voices.
const (
	Slash    Voice = ""         // /claim 1
	Umbrella Voice = "umbrella" // /butler claim 1: Slack keeps a bare slash for itself
	Mention  Voice = "mention"  // @安全管家 /claim 1: DingTalk hears only what is @-ed
)

// Voices lists them.
var Voices = []Voice{Slash, Umbrella, Mention}

// commandWord is a command as our own words write it: a slash before a word, and
// nothing before the slash that would make it a path or a date.
var commandWord = regexp.MustCompile(`(^|[^\p{L}\p{N}/.:_-])/(\p{L}+)`)

// say writes the commands in words of ours as they are typed. It is never asked
// about words of people.
func (v Voice) say(lang, s string) string {
	switch {
	case v == Umbrella:
		return commandWord.ReplaceAllString(s, "$1/butler $2")
	case v == Mention && lang == "en":
		return commandWord.ReplaceAllString(s, "$1@Butler /$2")
	case v == Mention:
		return commandWord.ReplaceAllString(s, "$1@安全管家 /$2")
	}
	return s
}

// address is what stands in our words where people have to address the bot to be
// heard.
func (v Voice) address(lang string) string {
	switch {
	case v != Mention:
		return ""
	case lang == "en":
		return " to @Butler"
	}
	return " @安全管家 "
}

// inVoice is a cell's tree with the commands of its own words in a voice. Values
// are filled in later, and stay as they are.
func inVoice(t *parse.Tree, lang string, v Voice) *parse.Tree {
	if v == Slash {
		return t
	}
	t = t.Copy()
	var walk func(n parse.Node)
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				walk(n)
			}
		}
	}
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.TextNode:
			n.Text = []byte(v.say(lang, string(n.Text)))
		case *parse.ListNode:
			list(n)
		case *parse.IfNode:
			list(n.List)
			list(n.ElseList)
		case *parse.RangeNode:
			list(n.List)
			list(n.ElseList)
		case *parse.WithNode:
			list(n.List)
			list(n.ElseList)
		}
	}
	list(t.Root)
	return t
}

// ForVoice is For where commands are typed in a voice.
func ForVoice(n desk.Notice, v Voice) (Card, error) {
	s, lang, err := sheetFor(n)
	if err != nil {
		return Card{}, err
	}
	return FillFor(v, s, lang, *n.Facts, n.Inside)
}
