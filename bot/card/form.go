package card

import "strings"

// Form collects what a command lacks. All strings are plain text in Lang.
type Form struct {
	Lang    string
	Title   string
	About   string // one line above the fields; may be empty
	Command string // what the fields complete: "/reply 12"
	Fields  []Input
	Send    string // label of the button that sends
	Cancel  string // label of the button that does not
}

// Input is one field of a form: a choice when it has options, else text.
type Input struct {
	Label   string
	Hint    string // placeholder
	Options []Option
	Max     int // characters of a text; 0: the platform's own limit
}

// Option is one answer to a choice. Value is ours, a part of the command; of blanks
// alone it adds nothing.
type Option struct {
	Label string
	Value string
}

// Compose is the command that a filled form types: the command and the answers,
// in the order of the fields. Line ends of a text are kept.
func (f Form) Compose(answers []string) string {
	typed := f.Command
	for _, a := range answers {
		if a = strings.TrimSpace(a); a != "" {
			typed += " " + a
		}
	}
	return typed
}
