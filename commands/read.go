package commands

import (
	"slices"
	"strings"
	"unicode/utf8"

	"butler/bot/desk"
)

// Context is what the shell knows about a text before it is read.
type Context struct {
	Room      desk.Room
	Addressed bool // the bot was mentioned
	Command   bool // a slash command or a pressed button: certainly a command
	Staff     bool // the speaker is one of the service's people
	// People resolves a name, an id, "@zhang", or a mention as the platform
	// writes it, to a person id. Nil: nobody is known.
	People func(name string) (id string, ok bool)
	// Customers reports whether a word is a customer's id, so that "acme 12"
	// and "/list acme" are understood in a shared back room. Nil: only acme#12
	// and acme# are.
	Customers func(id string) bool
}

// Reading is what was read.
type Reading struct {
	// Act is nil when the text is no command at all.
	Act desk.Act
	// Name is the command's name; "" when it is none or unknown.
	Name string
	// Customer is what was typed before the #; "" when nothing was. It is not
	// checked here.
	Customer string
	// Case is the number that was typed; 0 when none was. Bare: it was typed
	// without a customer, which is not enough in a shared back room.
	Case int
	Bare bool
	// Finding is the number of the finding that was typed; 0 when none was.
	Finding int
	// Rest is text that the command cannot carry, as in "/urgent 3 又有一台中招了":
	// the shell hears it as a plain message in the case, so that nothing a
	// person says is lost. Always "" for commands that take a text.
	Rest string
}

// Read reads one message. Mentions of the bot have been removed from it.
func Read(text string, in Context) Reading {
	word, rest, mode, ok := open(text, in)
	if !ok {
		return Reading{}
	}
	c, ok := Lookup(word)
	if !ok {
		return unknown(word, rest, mode)
	}
	a := &args{Context: in, mode: mode, word: foldWord(word), rest: rest, lookup: Lookup, near: Nearest}
	if mode != plain && first(skip(rest)) == '?' && (first(rest) == '?' || trim(skip(rest)) == "?") { // "/claim ?" asks what it does
		return Reading{Act: desk.Query{What: "help", Arg: c.Name}, Name: help.Name}
	}
	act := c.read(a)
	if mode == plain && !fits(c, a, act) {
		return Reading{}
	}
	r := Reading{Act: act, Name: c.Name, Customer: a.customer, Case: a.n, Bare: a.bare, Finding: a.f}
	if _, bad := act.(desk.Misread); !bad {
		if r.Rest = a.left(); strings.Trim(r.Rest, "?？") == "" {
			r.Rest = ""
		}
	}
	return r
}

// open finds the command word: after a slash, after an umbrella word, or at the
// beginning of a text that was addressed to the bot.
func open(text string, in Context) (word, rest string, m mode, ok bool) {
	s := strings.TrimLeftFunc(text, func(r rune) bool { return r == '\n' || blank(r) })
	s, slash := cutSlash(s)
	apart := slash && blank(first(s)) // "/ claim 1"
	s = skip(s)
	switch {
	case in.Command:
		m = certain
	case slash:
		m = slashed
	case first(s) == '、': // what a Chinese IME makes of the slash key
		s, m = strings.TrimPrefix(s, "、"), plain
	case in.Addressed:
		m = plain
	default:
		return "", "", plain, false
	}
	word, rest, ok = cutCommand(s)
	if slices.Contains(umbrella, foldWord(word)) {
		under, _ := cutSlash(skip(dropSeparators(rest)))
		under = skip(under)
		if trim(under) == "" {
			return help.Name, "", m, m != plain
		}
		word, rest, ok = cutCommand(under)
	}
	if m == certain {
		if word == "" && trim(s) == "" {
			word = help.Name
		}
		return word, rest, m, true
	}
	if _, known := Lookup(word); apart && !known {
		return "", "", m, false
	}
	return word, rest, m, ok
}

// cutSlash cuts a slash of either width.
func cutSlash(s string) (string, bool) {
	rest, ok := cutFold(s, "/")
	if !ok {
		return s, false
	}
	if first(rest) == '/' { // a comment, a URL without its scheme
		return s, false
	}
	return rest, true
}

// cutCommand splits the command word, a run of Latin letters or of Han, from
// its arguments. It is none when the word goes on as paths and addresses do:
// /etc/passwd, /show.php, /list?id=1.
func cutCommand(s string) (word, rest string, ok bool) {
	switch f := first(s); {
	case latin(f):
		word, rest = cutRun(s, latin)
	case han(f):
		word, rest = cutRun(s, han)
	case f == '?':
		word, rest = cutRun(s, func(r rune) bool { return fold(r) == '?' })
		return "?", rest, trim(rest) == ""
	default:
		return "", s, false
	}
	switch f := first(rest); f {
	case '/', '\\', '-', '_', '=', '&', '%', '+', '(', '[', '{', '*', '$', '|':
		return "", s, false
	case '.', '?', '!', '~': // at the end it is punctuation
		_, after := cutRun(rest, func(r rune) bool { return fold(r) == f })
		if a := first(after); a != 0 && a != '\n' && !blank(a) && f != '!' {
			return "", s, false
		}
		if f != '?' {
			rest = after
		}
	case ':':
		if strings.HasPrefix(dropSeparators(rest), "//") {
			return "", s, false // http://…
		}
	}
	return word, dropSeparators(rest), true
}

// unknown answers a word that is in no row of the table.
func unknown(word, rest string, m mode) Reading {
	if m == plain {
		return Reading{}
	}
	near := Nearest(word)
	if m == slashed && !resembles(word, rest, near) {
		return Reading{}
	}
	// A number that was typed goes with the refusal.
	var a args
	if f := first(rest); blank(f) || f == '#' {
		if r, _, what := cutRef(rest); what == number {
			a.take(r, "")
		}
	}
	return Reading{
		Act:      desk.Misread{Line: quotable(word), Case: a.n, Why: desk.WhyUnknownCommand, Near: near},
		Customer: a.customer, Case: a.n, Bare: a.bare,
	}
}

// resembles reports whether an unknown word behind a slash was meant as a
// command rather than being a path or a sentence.
func resembles(word, rest, near string) bool {
	w := foldWord(word)
	glued, _ := cutRun(rest, func(r rune) bool { return r != '\n' && !blank(r) })
	switch {
	case strings.ContainsAny(glued, `/\.=&?%@`):
		return false // /oauth2/token, /admin@example.com
	case slices.Contains(paths, w):
		return false // /tmp
	case near != "":
		return true
	case digit(first(rest)):
		return false // /v1
	case latin(first(w)):
		return true
	}
	return utf8.RuneCountInString(w) <= longestHan
}

// longestHan is the most characters of a Chinese command word.
const longestHan = 4

// longestLine is the most characters of a word that a refusal repeats. Longer
// ones are somebody's text without a space.
const longestLine = 16

// quotable is the word as a refusal may repeat it: "" for what may be more than
// a mistyped command word.
func quotable(word string) string {
	w := foldWord(word)
	n := utf8.RuneCountInString(w)
	if r := first(w); han(r) && n > longestHan || n > longestLine {
		return ""
	}
	return w
}

// paths are first parts of paths that customers write about: the directories of
// the Filesystem Hierarchy Standard and common web paths.
var paths = []string{
	"bin", "boot", "data", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
	"admin", "api", "app", "backup", "cgi", "console", "download", "images", "index", "js", "login", "manager", "static", "upload", "uploads",
	"user", "wp", "www",
}

// fits reports whether a text without a slash is nothing but the command: a
// sentence that happens to begin with one of its words is left to triage.
func fits(c Command, a *args, act desk.Act) bool {
	_, bad := act.(desk.Misread)
	_, query := act.(desk.Query)
	left := a.left()
	if query {
		left = strings.Trim(left, "?？")
	}
	switch {
	case bad:
		return a.typed && left == "" && a.said == "" // a command word and a number, and something is missing
	case left != "":
		return false
	case a.said != "" && c.Name != report.Name && (!a.typed || particle(a.said)):
		return false
	case !a.Staff && c.staffOnly() && (!a.typed || a.said != ""):
		return false
	}
	return c.loose == nil || c.loose(a, act)
}

// staffOnly reports whether customers may never do it.
func (c Command) staffOnly() bool {
	return desk.May(desk.Actor{Role: desk.CustomerSide}, desk.Front, c.Act) == desk.WhyNotAllowed
}

// particle reports a text that continues a sentence: "回复 3 了吗", "关闭 3 的原因".
func particle(text string) bool { return strings.ContainsRune("了的吗呢吧么没", first(text)) }

// trimClosers drops punctuation that says nothing at the end of a word.
func trimClosers(s string) string { return strings.TrimRightFunc(s, closer) }
