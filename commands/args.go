package commands

import (
	"strings"

	"butler/bot/desk"
)

// args is what stands behind the command word. Readers take from it from left
// to right; what they do not understand stays in rest.
type args struct {
	Context
	mode   mode
	word   string                       // the command word as it was typed, folded
	rest   string                       // not yet read, exactly as typed
	lookup func(string) (Command, bool) // in fields, because the table refers to its readers
	near   func(string) string

	customer string
	n        int
	f        int  // the finding that was typed
	typed    bool // a case number was typed
	bare     bool // without a customer
	said     string
}

// mode is how sure it is that a text is a command.
type mode int

const (
	plain   mode = iota // no slash: it must fit exactly
	slashed             // somebody typed a slash
	certain             // the platform says so: a slash command or a button
)

// miss is the answer to a command that lacks something.
func (a *args) miss(why string) desk.Misread {
	return desk.Misread{Line: a.word, Case: a.n, Why: why}
}

// one reads the optional case number of a command. A number that cannot be
// meant as a case is refused, never guessed at.
func (a *args) one() (why string) {
	r, rest, what := cutRef(a.rest)
	if what == nothing {
		if id, after, ok := a.cutCustomer(); ok { // acme 12
			if r, rest, what = cutRef(after); what == number && !r.hashed {
				r.customer = id
			} else {
				what = nothing
			}
		}
	}
	switch what {
	case wrong:
		return desk.WhyUnknownCase
	case lookalike:
		return desk.WhyBadArgument
	case number:
		a.take(r, rest)
	}
	return ""
}

// oneBeforeText is one for commands that are mostly free text: there, digits
// that look like something else are the beginning of the text.
func (a *args) oneBeforeText() (why string) {
	why = a.one()
	if why == desk.WhyBadArgument {
		return ""
	}
	return why
}

// take notes a case that was typed.
func (a *args) take(r ref, rest string) {
	if r.customer != "" {
		a.customer = r.customer
	}
	if r.n != 0 {
		a.n, a.typed = r.n, true
		a.bare = a.bare || r.customer == ""
	}
	a.rest = rest
}

// ofCustomer reads "acme#" or, where the shell knows it for one, "acme": whose
// desk a command without a case is about.
func (a *args) ofCustomer() {
	if r, rest, what := cutRef(a.rest); what == number && r.n == 0 {
		a.take(r, rest)
		return
	}
	if id, rest, ok := a.cutCustomer(); ok {
		a.customer, a.rest = id, rest
	}
}

// cutCustomer splits off the next word where the shell knows it for a customer.
func (a *args) cutCustomer() (id, rest string, ok bool) {
	if a.Customers == nil {
		return "", a.rest, false
	}
	word, rest := cutRun(skip(a.rest), func(r rune) bool { return r != '\n' && !blank(r) && !separator(r) })
	id = foldWidth(word)
	return id, dropSeparators(rest), id != "" && a.Customers(id)
}

// text takes all that remains, exactly as typed, trimmed.
func (a *args) text() string {
	a.said, a.rest = trim(a.rest), ""
	return a.said
}

// oneOf takes the next word when the table knows it.
func (a *args) oneOf(table map[string]string) (string, bool) {
	word, rest := cutWord(a.rest)
	v, ok := table[word]
	if ok {
		a.rest = rest
	}
	return v, ok
}

// polite says nothing that a command must not lose.
var polite = map[string]bool{
	"谢谢": true, "多谢": true, "谢了": true, "感谢": true, "辛苦了": true, "麻烦了": true, "谢谢您": true,
	"thanks": true, "thank you": true, "thx": true, "please": true, "pls": true, "👍": true, "🙏": true,
}

// left is what a command could not carry: neither punctuation nor a thank-you.
func (a *args) left() string {
	s := strings.TrimFunc(a.rest, func(r rune) bool { return r == '\n' || blank(r) || closer(r) })
	if polite[foldWord(s)] {
		return ""
	}
	return s
}

// caseOnly reads a command that takes a case and nothing else.
func caseOnly(act func(n int) desk.Act) func(*args) desk.Act {
	return func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		return act(a.n)
	}
}

// caseAndWords reads a command that takes a case and, if people like, a text.
func caseAndWords(act func(n int, text string) desk.Act) func(*args) desk.Act {
	return func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		if run, rest := cutRun(trim(a.rest), digit); run != "" && rest == "" {
			return a.miss(desk.WhyBadArgument) // a second number: which is the case?
		}
		return act(a.n, a.text())
	}
}

// caseAndText reads a command that takes a case and must have a text.
func caseAndText(missing string, act func(n int, text string) desk.Act) func(*args) desk.Act {
	return func(a *args) desk.Act {
		if why := a.oneBeforeText(); why != "" {
			return a.miss(why)
		}
		text := a.text()
		if text == "" {
			return a.miss(missing)
		}
		return act(a.n, text)
	}
}

// caseQuery reads a command that shows something about a case.
func caseQuery(what string) func(*args) desk.Act {
	return func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		if !a.typed {
			a.ofCustomer()
		}
		return desk.Query{What: what, Case: a.n}
	}
}

// deskQuery reads a command that shows something about the whole desk.
func deskQuery(what string) func(*args) desk.Act {
	return func(a *args) desk.Act {
		a.ofCustomer()
		return desk.Query{What: what}
	}
}
