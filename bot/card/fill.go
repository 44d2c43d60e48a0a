package card

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"butler/bot/desk"
	"butler/sla"
)

// Fill makes a card of a sheet and a view, in a language (zh-CN or en) and with
// times in the view's zone (Facts.Zone, Asia/Shanghai when empty). People's text
// in the view is inert: it can become neither a line nor a button nor markup.
//
// Errors: no such language or zone, and a view with an Inside for a sheet of the
// front, which is refused whatever the Inside holds. Filling never panics and
// never changes the view. A nil Inside is an empty one to a staff sheet.
func Fill(s *Sheet, lang string, f desk.Facts, in *desk.Inside) (Card, error) {
	return FillFor(Slash, s, lang, f, in)
}

// FillFor is Fill where commands are typed in a voice.
func FillFor(v Voice, s *Sheet, lang string, f desk.Facts, in *desk.Inside) (Card, error) {
	if language(lang) == "en" {
		if c, ok := clauses[f.Clause]; ok {
			f.Clause = c
		}
	}
	if s == nil {
		return Card{}, fmt.Errorf("card: no sheet to fill")
	}
	if !s.back && in != nil {
		return Card{}, fmt.Errorf("card: the view for sheet %s holds desk.Inside, and this sheet is for the front; use a .back sheet, or publish the words as Facts", s.name)
	}
	if !slices.Contains(Languages, lang) {
		return Card{}, fmt.Errorf("card: language %q has no words; use one of %s", lang, strings.Join(Languages, ", "))
	}
	loc, err := sla.Zone(f.Zone)
	if err != nil {
		return Card{}, fmt.Errorf("card: sheet %s: %w", s.name, err)
	}
	fill := filler{lang: lang, manner: manner{lang, v}, card: Card{Sheet: s.name, Lang: lang}}
	if s.back {
		v := staffView{Facts: f}
		if in != nil {
			v.Inside = *in
		}
		still(reflect.ValueOf(&v).Elem(), loc)
		fill.view = &v
	} else {
		still(reflect.ValueOf(&f).Elem(), loc)
		fill.view = &f
	}
	for _, r := range s.rows {
		if err := fill.row(r); err != nil {
			return Card{}, fmt.Errorf("card: sheet %s, line %d: %w", s.name, r.line, err)
		}
	}
	fill.card.Chart = chartOf(f.Chart, language(lang))
	return fill.card, nil
}

// filler is one filling.
type filler struct {
	lang   string
	manner manner
	view   any
	card   Card
	buf    strings.Builder
}

func (f *filler) row(r row) error {
	texts := make([]string, len(r.cells))
	for i, c := range r.cells {
		var err error
		if texts[i], err = f.cell(c); err != nil {
			return err
		}
	}
	c := &f.card
	switch r.key {
	case "title":
		c.Title = cut(oneLine(texts[0]), maxTitle, "…")
	case "tone":
		c.Tone = Tone(strings.TrimSpace(texts[0]))
	case "foot":
		c.Foot = cut(oneLine(texts[0]), maxFoot, "…")
	case "field":
		if value := f.bound(oneLine(texts[1]), maxField); value != "" {
			c.Lines = append(c.Lines, Line{Field, cut(oneLine(texts[0]), maxLabel, "…"), value})
		}
	case "text":
		if s := f.bound(oneLine(texts[0]), maxText); s != "" {
			c.Lines = append(c.Lines, Line{Kind: Text, Text: s})
		}
	case "quote":
		if s := f.bound(manyLines(texts[0]), maxText); s != "" {
			c.Lines = append(c.Lines, Line{Kind: Quote, Text: s})
		}
	case "each":
		f.each(texts[0])
	case "button":
		f.button(texts[0], texts[1], r.style)
	case "buttons":
		f.buttons(elements(texts[0]), elements(texts[1]), r.style)
	}
	return nil
}

func (f *filler) cell(c cell) (string, error) {
	t := c.in[f.manner]
	if t == nil {
		return c.fixed, nil
	}
	f.buf.Reset()
	err := t.Execute(&f.buf, f.view)
	return f.buf.String(), err
}

// each adds a line for every element that has one, and counts those that a card
// has no room for.
func (f *filler) each(text string) {
	shown, left := 0, 0
	for _, e := range elements(text) {
		switch s := f.bound(oneLine(e), maxField); {
		case s == "":
		case shown == maxItems:
			left++
		default:
			shown++
			f.card.Lines = append(f.card.Lines, Line{Kind: Item, Text: s})
		}
	}
	if left > 0 {
		f.card.Lines = append(f.card.Lines, Line{Kind: Item, Text: moreNote(left, f.lang)})
	}
}

// lacks ends the command of a button that asks for its text.
const lacks = " …"

// button adds a button unless it lacks something: a label, or a command that a
// click could type. The lines of the card say what a lacking button would do, so
// a card without it is still better than none.
func (f *filler) button(label, typed, style string) {
	label, typed = oneLine(label), oneLine(typed)
	if label == "" || !strings.HasPrefix(typed, "/") || len(f.card.Buttons) == maxPress {
		return
	}
	typed, asks := strings.CutSuffix(typed, lacks)
	f.card.Buttons = append(f.card.Buttons, Button{Label: cut(label, maxButton, "…"), Command: typed, Style: style, Asks: asks})
}

// buttons adds a button for every element. Of a list that is too long the last
// stays: it is the way out ("a new matter").
func (f *filler) buttons(labels, commands []string, style string) {
	n := min(len(labels), len(commands))
	room := maxPress - len(f.card.Buttons)
	for i := range n {
		if i < room-1 || i == n-1 {
			f.button(labels[i], commands[i], style)
		}
	}
}

func (f *filler) bound(s string, n int) string { return cut(s, n, cutNote(s, f.lang)) }

// elements splits what a list cell wrote.
func elements(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, mark), mark)
}
