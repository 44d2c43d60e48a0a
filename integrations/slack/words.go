package slack

import (
	"regexp"
	"strings"
)

// marked is what stands between < and > in a text of Slack: a person, a channel,
// a group, a date, a link.
var marked = regexp.MustCompile(`<([^<>]*)>`)

var unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// words is a text as its writer saw it, without the mentions of this app, and
// whether there was one.
func words(text string, me self) (plain string, mentioned bool) {
	text = marked.ReplaceAllStringFunc(text, func(s string) string {
		to, label, _ := strings.Cut(s[1:len(s)-1], "|")
		switch {
		case to == "":
			return s
		case to[0] == '@' && me.user != "" && to[1:] == me.user:
			mentioned = true
			return " "
		case to[0] == '@':
			return to
		case to[0] == '#':
			return "#" + strings.TrimPrefix(first(label, to[1:]), "#")
		case strings.HasPrefix(to, "!date^"), strings.HasPrefix(to, "!subteam^"):
			return first(label, "@"+strings.TrimPrefix(to, "!subteam^"))
		case to[0] == '!':
			return first(label, "@"+to[1:])
		case strings.HasPrefix(to, "mailto:"), strings.HasPrefix(to, "tel:"):
			_, bare, _ := strings.Cut(to, ":")
			return bare
		case label != "" && (to == "http://"+label || to == "https://"+label):
			return label // the writer typed a bare domain
		}
		return to
	})
	plain = strings.TrimSpace(unescaped.Replace(text))
	if mentioned {
		plain = strings.TrimLeft(plain, " ,:，：、")
	}
	return plain, mentioned
}
