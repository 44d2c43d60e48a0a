// Package card words the news: sheets in every language, one file per kind of
// notice, are filled from a view and become a Card, the platform-neutral value
// that each platform renders. Pure.
//
// The structure of a sheet is parsed before any value is known, so words of
// people can never become a field, a button or a template. A sheet whose name
// does not end in .back is for the front: Fill refuses any view that can hold
// desk.Internal there.
package card

// Card is one message, platform-neutral. All strings are plain text: a platform
// escapes them for its own markup and never interprets them.
type Card struct {
	Sheet   string // the sheet it was filled from, e.g. "opened" or "ping.back"
	Lang    string // zh-CN or en
	Tone    Tone   // colour of the edge
	Title   string
	Lines   []Line // in order
	Buttons []Button
	Links   []Link // to messages elsewhere; filled by the shell, not by a sheet
	Chart   *Chart // a small picture under the lines, where the platform can show one
	Foot    string // small print: clause, zone
}

// Chart is a picture of the last days: open findings, and how the assets answered.
// All its words are in the card's language; a platform draws it by the function
// it was given and shows Alt to those who cannot see it.
type Chart struct {
	Title             string
	High, Medium, Low string // legends of the bars
	Up                string // legend of the line
	Alt               string // the same in one sentence
	Days              []ChartDay
}

// ChartDay is one day of a chart. A day without a look at all is a hole: it stands
// for no findings as little as for some.
type ChartDay struct {
	Label             string // 11-23
	High, Medium, Low int
	Up                float64 // percent of visits that were answered; negative when nobody visited
	Hole              bool    // nobody counted that day; the numbers say nothing
}

// Link opens a message on the platform.
type Link struct {
	Label string
	URL   string
}

// Tone is the mood of a card, for colour.
type Tone string

// The tones.
const (
	Plain   Tone = ""
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
)

// Mark tells the tone before a title where there is no colour, by a shape that is
// no emoji, and a space; "" for Plain and Info.
func (t Tone) Mark() string {
	switch t {
	case Danger:
		return "■ "
	case Warning:
		return "▲ "
	case Success:
		return "✓ "
	}
	return ""
}

// tones are all but Plain, which a sheet writes as nothing.
var tones = []Tone{Info, Success, Warning, Danger}

// Line is one line of a card: a field with a label, a paragraph, or an item of
// a list.
type Line struct {
	Kind  LineKind
	Label string // of a field
	Text  string
}

// LineKind says how a line is shown.
type LineKind string

// The kinds of lines.
const (
	Field LineKind = "field" // Label: Text
	Text  LineKind = "text"  // a paragraph
	Quote LineKind = "quote" // somebody's words
	Item  LineKind = "item"  // a bullet
)

// Button is a command that one click types.
type Button struct {
	Label   string
	Command string // e.g. /claim 12; a click takes the same road as typing
	Style   string // "", "primary" or "danger"
	// Asks says that the command lacks its text: a platform with forms asks for
	// it, one without leaves the button out or shows how it is typed.
	Asks bool
}
