package commands

import (
	"strings"

	"butler/bot/desk"
)

// Command is one row of the table.
type Command struct {
	// Name is the canonical English word, without the slash.
	Name string
	// Zh and En are further words for it. The first of Zh is the one that
	// Chinese help shows.
	Zh, En []string
	// Act is the word desk.May knows it by.
	Act string
	// Usage shows how it is written, with the slash; [ ] may be left out.
	Usage Words
	// About says in one sentence what it does.
	About Words
	// Examples are complete command lines; a test reads each of them.
	Examples []Words
	// Hidden leaves it out of help and completion: it is a button's payload.
	Hidden bool
	// Answers says that it answers a question the service put to the customer;
	// help lists it for them alone.
	Answers bool

	// read reads the arguments. It returns a desk.Misread for what is missing.
	read func(*args) desk.Act
	// loose, where set, says whether a text without a slash that would
	// otherwise fit is meant as this command.
	loose func(*args, desk.Act) bool
}

// Words is one wording in both languages.
type Words struct{ Zh, En string }

// In returns the wording in a language: English for "en", Chinese otherwise.
func (w Words) In(lang string) string {
	if english(lang) {
		return w.En
	}
	return w.Zh
}

func english(lang string) bool { return strings.HasPrefix(strings.ToLower(lang), "en") }

// All is the table, in the order in which help lists it: what everybody needs,
// then working on a case, then ending it, then the rest.
var All = []Command{
	report, list, show, timeline, explain, urgent, severity,
	claim, unclaim, assign, reply, note, ask, resume, stage, category, lower, link, merge,
	recall, resolve, confirm, reopen, recur, fine, assist, closing,
	inspect, findings, fix, accept, retest, oncall, edition, timers, budget, onboard, bind, triage, missed, help,
}

// Lookup finds a command by its name or any of its other words, in any case and
// width.
func Lookup(word string) (Command, bool) {
	word = foldWord(word)
	for _, c := range All {
		for _, w := range c.words() {
			if w == word {
				return c, true
			}
		}
	}
	return Command{}, false
}

// words are all words of the command, its name first.
func (c Command) words() []string {
	all := make([]string, 0, 1+len(c.Zh)+len(c.En))
	all = append(all, c.Name)
	all = append(all, c.Zh...)
	return append(all, c.En...)
}

// umbrella are the words before a command word: /butler claim 1.
var umbrella = []string{"butler", "安全管家", "管家"}
