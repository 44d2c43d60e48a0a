package card

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"

	"butler/bot/desk"
)

// Sheet is the wording of one kind of card in one language: cells of text in a
// fixed structure. It is immutable and safe for concurrent use.
//
//	title: 安全事件 #{{.N}}             one, required
//	tone: {{if .Missed}}danger{{end}}   info, success, warning, danger or nothing
//	field: 最迟响应 | {{when .RespondBy}}
//	text: a paragraph in our words
//	quote: {{.Text}}                    people's words; only here their line ends stay
//	each: Items | {{.Label}}            one line for each element; . is the element, $ the view
//	button: 接手 | /claim {{.Ref}} | primary
//	button: 答复 | /reply {{.Ref}} …    … says that the button asks for the text
//	buttons: Items | {{.Label}} | {{.Command}}
//	foot: small print
//	// a comment
//
// A field without a value, an empty text and a button without a label or a
// command are left out of the card.
type Sheet struct {
	name string
	back bool
	rows []row
}

// Name is the sheet's name without language and ending, e.g. "ping.back".
func (s *Sheet) Name() string { return s.name }

// Back reports whether the sheet is for staff.
func (s *Sheet) Back() bool { return s.back }

// row is one line of a sheet.
type row struct {
	key   string
	line  int
	list  string // of each and buttons: the field of the view
	cells []cell // label and value, or command, in order
	style string // of a button
}

// manner is how a card is worded: its language, and how commands are typed there.
type manner struct {
	lang  string
	voice Voice
}

// cell is one text with its template in every manner (words differ, the tree is
// shared where it can be). A text without any action is kept as it is.
type cell struct {
	fixed string
	in    map[manner]*template.Template // nil: fixed
}

// views are what sheets see. The front's has no room for a word of the inside.
type staffView struct {
	desk.Facts
	desk.Inside
}

// grammar says how many cells a line of each kind has.
var grammar = map[string]struct {
	cells int
	form  string
}{
	"title":   {1, "title: TEXT"},
	"tone":    {1, "tone: info, success, warning, danger or nothing"},
	"field":   {2, "field: LABEL | VALUE"},
	"text":    {1, "text: TEXT"},
	"quote":   {1, "quote: TEXT"},
	"each":    {2, "each: LIST | TEXT"},
	"button":  {2, "button: LABEL | /COMMAND | STYLE"},
	"buttons": {3, "buttons: LIST | LABEL | {{.Command}} | STYLE"},
	"foot":    {1, "foot: TEXT"},
}

// keys of the grammar, in the order in which errors name them.
var keys = []string{"title", "tone", "field", "text", "quote", "each", "button", "buttons", "foot"}

var styles = []string{"primary", "danger"}

// Parse reads a sheet. The name says who reads the cards: "ping.back" or
// "en/ping.back.card" is for staff, any other for the front. All structure, all
// fields and all functions are checked here, before any value is known:
//
//   - a front sheet cannot name a field of desk.Inside or of type desk.Internal
//   - a moment, a span or an id cannot be printed but through when, span, word
//   - a command takes no words of people: numbers, .Ref, and .Command of an Item
//
// The error names every wrong line as name:line and what would be right.
func Parse(name, text string) (*Sheet, error) {
	base := strings.TrimSuffix(path.Base(name), ".card")
	s := &Sheet{name: base, back: strings.HasSuffix(base, ".back")}
	root := reflect.TypeFor[desk.Facts]()
	if s.back {
		root = reflect.TypeFor[staffView]()
	}
	p := &parser{name: name, check: checker{root: root, back: s.back}, seen: map[string]int{}, mold: map[manner]*template.Template{}}
	for _, lang := range Languages {
		for _, v := range Voices {
			p.mold[manner{lang, v}] = template.New(base).Funcs(funcs(lang, v))
		}
	}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		if r, ok := p.row(strings.TrimSpace(line)); ok {
			s.rows = append(s.rows, r)
		}
	}
	if p.seen["title"] == 0 {
		p.line = 1
		p.errorf("no title; every sheet has one line %q", grammar["title"].form)
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return s, nil
}

type parser struct {
	name  string
	line  int
	check checker
	seen  map[string]int // key → line, of the keys that come once
	mold  map[manner]*template.Template
	cells int // compiled so far, to name them
	errs  []error
}

func (p *parser) errorf(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %s", p.name, p.line, fmt.Sprintf(format, args...)))
}

// row reads one line; false for an empty one, a comment, or one with an error.
func (p *parser) row(line string) (row, bool) {
	if line == "" || strings.HasPrefix(line, "//") {
		return row{}, false
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }); i >= 0 {
		p.errorf("a control character at byte %d; a sheet holds none", i+1)
		return row{}, false
	}
	key, rest, ok := strings.Cut(line, ":")
	key = strings.TrimSpace(key)
	g, known := grammar[key]
	if wide, _, found := strings.Cut(line, "："); found && slices.Contains(keys, strings.TrimSpace(wide)) {
		p.errorf("the colon after %s is a full-width one; write %q", strings.TrimSpace(wide), grammar[strings.TrimSpace(wide)].form)
		return row{}, false
	}
	if !ok || !known {
		p.errorf("%q begins no line of a sheet; use one of %s, or // for a comment", cut(key, 30, "…"), strings.Join(keys, ", "))
		return row{}, false
	}
	if key == "title" || key == "tone" || key == "foot" {
		if was := p.seen[key]; was > 0 {
			p.errorf("a second %s; the first is in line %d, and a card has one", key, was)
			return row{}, false
		}
		p.seen[key] = p.line
	}
	before := len(p.errs)
	r := p.parts(key, g.cells, g.form, split(rest))
	return r, len(p.errs) == before
}

// parts makes a row of the cells of a line.
func (p *parser) parts(key string, want int, form string, parts []string) row {
	r := row{key: key, line: p.line}
	if key == "button" || key == "buttons" {
		if len(parts) == want+1 {
			if r.style = parts[want]; !slices.Contains(styles, r.style) {
				p.errorf("%q is no style of a button; use %s, or leave it out", r.style, strings.Join(styles, " or "))
			}
			parts = parts[:want]
		}
	}
	if len(parts) != want || slices.Contains(parts, "") {
		p.errorf("the line does not have the form %q", form)
		return r
	}
	dot := p.check.root
	if key == "each" || key == "buttons" {
		elem, err := p.check.list(parts[0])
		if err != nil {
			p.errorf("%v", err)
			return r
		}
		dot, r.list, parts = elem, strings.TrimPrefix(parts[0], "."), parts[1:]
	}
	for i, text := range parts {
		mode := words
		switch {
		case key == "tone":
			mode = tone
		case (key == "button" || key == "buttons") && i == 1:
			mode = command
		}
		r.cells = append(r.cells, p.cell(text, dot, mode, r.list))
	}
	return r
}

// cell checks one text and compiles it, once for each language.
func (p *parser) cell(text string, dot reflect.Type, mode mode, list string) cell {
	tree := p.tree(text)
	if tree == nil {
		return cell{}
	}
	if err := p.check.cell(tree, dot, mode); err != nil {
		p.errorf("%v", err)
		return cell{}
	}
	if list != "" {
		// The checks are done; now the same text once for each element.
		tree = p.tree("{{range ." + list + "}}" + text + mark + "{{end}}")
	} else if fixed, ok := constant(tree); ok && (mode == command || !commandWord.MatchString(fixed)) {
		return cell{fixed: fixed}
	}
	c := cell{in: make(map[manner]*template.Template, len(p.mold))}
	p.cells++
	for m, mold := range p.mold {
		said := tree
		if mode != command {
			said = inVoice(tree, m.lang, m.voice)
		}
		t, err := mold.AddParseTree(fmt.Sprintf("line %d, cell %d", p.line, p.cells), said)
		if err != nil { // the names are ours and differ: not reached
			p.errorf("%v", err)
			return cell{}
		}
		c.in[m] = t
	}
	return c
}

func (p *parser) tree(text string) *parse.Tree {
	t := parse.New(p.name)
	set := map[string]*parse.Tree{}
	if _, err := t.Parse(text, "{{", "}}", set, known); err != nil {
		msg := strings.TrimPrefix(err.Error(), "template: "+p.name+":1: ")
		if fn, ok := strings.CutPrefix(msg, "function "); ok {
			msg = "there is no function " + strings.TrimSuffix(fn, " not defined") + "; a sheet knows " + strings.Join(functions, ", ")
		}
		p.errorf("%s", msg)
		return nil
	}
	if len(set) > 1 || set[p.name] == nil && len(set) > 0 {
		p.errorf("{{define}} and {{block}} have no place in a sheet; write the text where it is shown")
		return nil
	}
	return t
}

// constant returns the text of a cell without actions.
func constant(t *parse.Tree) (string, bool) {
	var b strings.Builder
	for _, n := range t.Root.Nodes {
		text, ok := n.(*parse.TextNode)
		if !ok {
			return "", false
		}
		b.Write(text.Text)
	}
	return b.String(), true
}

// split cuts a line at the bars that stand outside of {{ }}.
func split(s string) []string {
	var parts []string
	start, deep := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "{{"):
			deep = true
		case strings.HasPrefix(s[i:], "}}"):
			deep = false
		case s[i] == '|' && !deep:
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}
