package dingtalk

import (
	"regexp"
	"strings"
)

// What people write stands in markdown as it was written, and does nothing there.
// DingTalk documents no way to escape: a character that would act is shown by its
// full-width twin (＃ ＊ ［), which reads the same. A character that cannot act
// where it stands is left alone, so that paths, host names and commands can still
// be copied: the # of issue#3, the _ of db_01, the * of SELECT * FROM.

// ends are the ends of lines that markdown knows, all as the one that we write.
var ends = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// inert makes text inert, line by line.
func inert(s string) string {
	s = ends.Replace(s)
	if !strings.ContainsAny(s, "#>*_`[]!<@~&:-+=\t \u00a00123456789|\\") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = inertLine(l)
	}
	return strings.Join(lines, "\n")
}

// inertAfter is inert for what follows something else on its first line, where
// nothing acts that needs the beginning of a line: ### #12.
func inertAfter(s string) string {
	first, rest, more := strings.Cut(ends.Replace(s), "\n")
	first = inline(first)
	if !more {
		return first
	}
	return first + "\n" + inert(rest)
}

// own is how our own words say what to type: no one is notified by it.
var own = strings.NewReplacer("＠安全管家 ", "@安全管家 ", "＠Butler", "@Butler")

func inertLine(l string) string { return lineStart(inline(indent(l))) }

func inline(l string) string {
	l = always.Replace(l)
	l = escape.ReplaceAllString(l, "＼$1")
	l = entity.ReplaceAllString(l, "＆$1")
	l = atWord.ReplaceAllString(l, "${1}＠")
	l = own.Replace(l)
	return inertRuns(l)
}

// always act wherever they stand: links, images, tags, code, strikethrough, and
// addresses that become links by themselves; https：// cannot be opened by a slip
// of the finger, which matters where people report harmful pages.
var always = strings.NewReplacer("[", "［", "]", "］", "<", "＜", "`", "｀", "~~", "～～", "://", "：//")

// escape is a backslash that would hide, and free, the character after it.
var escape = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

// entity is what HTML would read as another character.
var entity = regexp.MustCompile(`&(#?[0-9A-Za-z]+;)`)

// atWord is an @ that begins a word: @all, @所有人, @张三. That of an address
// (a@b.cn) calls nobody.
var atWord = regexp.MustCompile(`(^|[^0-9A-Za-z.+-])@`)

// indent shows the blanks at the beginning of a line by wide ones: four plain ones
// would make it code.
func indent(l string) string {
	rest := strings.TrimLeft(l, " \t\u00a0")
	if rest == l {
		return l
	}
	n := len([]rune(l)) - len([]rune(rest))
	return strings.Repeat("\u3000", min((n+1)/2, 8)) + rest
}

// inertRuns takes * and _ the power to emphasise: a * between blanks and a _
// between letters or digits have none.
func inertRuns(l string) string {
	if !strings.ContainsAny(l, "*_") {
		return l
	}
	runes := []rune(l)
	out := make([]rune, len(runes))
	side := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	for i, r := range runes {
		switch {
		case r == '*' && !(side(i-1) == ' ' && side(i+1) == ' '):
			r = '＊'
		case r == '_' && !(plain(side(i-1)) && plain(side(i+1))):
			r = '＿'
		}
		out[i] = r
	}
	return string(out)
}

// What acts only at the beginning of a line.
var (
	heading  = regexp.MustCompile(`^(\x{3000}*)#`)
	quoting  = regexp.MustCompile(`^(\x{3000}*)>`)
	bullet   = regexp.MustCompile(`^(\x{3000}*)([-+*])( |$)`)
	numbered = regexp.MustCompile(`^(\x{3000}*)(\d{1,9})([.)])( |$)`)
	ruled    = regexp.MustCompile(`^\s*([-=*_|:]\s*){2,}$`)
)

var wide = strings.NewReplacer("-", "－", "+", "＋", "*", "＊", "=", "＝", "_", "＿", "|", "｜", ".", "．", ")", "）", "#", "＃", ">", "＞", ":", "：")

func lineStart(l string) string {
	if ruled.MatchString(l) {
		return wide.Replace(l)
	}
	for _, re := range []*regexp.Regexp{heading, quoting, bullet, numbered} {
		if loc := re.FindStringIndex(l); loc != nil {
			return wide.Replace(l[:loc[1]]) + l[loc[1]:]
		}
	}
	return l
}
