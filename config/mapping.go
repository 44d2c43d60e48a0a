package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"butler/bot/desk"
)

// The section map of a source of findings: where the fields of a finding stand in
// what a product sends. Paths are a part of JSONPath (RFC 9535): names and indexes,
// and [*] in each; what is written here means the same to other tools. Filters,
// slices and searches are left out on purpose: a map is read by whoever is on call.

// Map is a section map, read and checked.
type Map struct {
	Each   []string // steps to the list of findings; Every stands for all elements
	Fields map[string]Field
}

// Every is the step to all elements of a list.
const Every = "[*]"

// Field says how one field is taken: the first text that yields something, turned
// into another word by Values (by the word in lower case) or AtLeast (the largest
// bound first), or Otherwise.
type Field struct {
	Try       []Text
	Values    map[string]string
	AtLeast   []Bound
	Otherwise string
	As        string // of a time: unix, unix_ms, rfc3339 or a layout; "" when left out
	Zone      *time.Location
}

// Bound gives the word for numbers from a bound on.
type Bound struct {
	From float64
	Word string
}

// Text is fixed words and what stands at paths, one behind the other.
type Text []Piece

// Piece is one part of a text: fixed words, or a path.
type Piece struct {
	Fixed              string
	Path               []string
	IsPath, Whole, May bool // Whole: from the body ($$); May: it may lead nowhere ({$.a?})
}

// fieldNames are the fields of a finding, as POST /v1/findings names them.
var fieldNames = []string{"customer", "id", "layer", "asset", "title", "severity", "status", "detail", "seen_at", "matter", "category", "title_en", "detail_en"}

// words are those that a field may hold in the end; others hold any text. The
// status ignore makes something no finding, only a sign of life.
var words = map[string][]string{
	"layer":    layerNames(),
	"severity": {"high", "medium", "low"},
	"status":   {"open", "fixed", "ignore"},
	"matter":   {"incident", "vulnerability", "none"},
	"category": {string(desk.Malware), string(desk.NetworkAttack), string(desk.DataDestruction), string(desk.ContentSecurity)},
}

func layerNames() (names []string) {
	for _, l := range desk.Layers {
		names = append(names, string(l))
	}
	return names
}

type rawMap struct {
	at     pos
	each   value
	fields map[string]rawField
}

type rawField struct {
	at                  pos
	try                 []value
	values, atLeast     []rawWord
	otherwise, as, zone value
	long                bool // written as a mapping
}

type rawWord struct{ from, to value }

func (r *reader) rawMap(n ast.Node) *rawMap {
	m := &rawMap{fields: map[string]rawField{}}
	f := fields{"each": r.into(&m.each, "each")}
	for _, name := range fieldNames {
		f[name] = func(n ast.Node) { m.fields[name] = r.rawField(n, name) }
	}
	if m.at = r.object(n, "map", f); m.at == (pos{}) {
		return nil
	}
	return m
}

// rawField reads a field: a text, a list of texts of which the first that yields
// something is taken, or a mapping.
func (r *reader) rawField(n ast.Node, name string) rawField {
	f := rawField{at: place(n)}
	try := func(what string) func(ast.Node) {
		return func(n ast.Node) {
			if _, list := n.(*ast.SequenceNode); list {
				r.intoList(&f.try, what)(n)
				return
			}
			f.try = []value{r.text(n, what)}
		}
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		try(name)(n)
		return f
	}
	f.long = true
	pairs := func(list *[]rawWord, what string) func(ast.Node) {
		return func(n ast.Node) {
			r.entries(n, what, func(from value, n ast.Node) {
				*list = append(*list, rawWord{from, r.text(n, what+" of "+from.text)})
			})
		}
	}
	r.object(n, name, fields{
		"path":      try("path"),
		"values":    pairs(&f.values, "values"),
		"at_least":  pairs(&f.atLeast, "at_least"),
		"otherwise": r.into(&f.otherwise, "otherwise"),
		"as":        r.into(&f.as, "as"),
		"zone":      r.into(&f.zone, "zone"),
	})
	return f
}

// minURLToken is the least length of a token that may stand in a URL, where it is
// easier to come by.
const minURLToken = 16

// speaks checks how a source speaks, and fills in src with it.
func (s rawSource) speaks(r *reader, src *Source) {
	r.oneOf(s.format, "format", "butler", "alertmanager", "mapping")
	src.Format = s.format.or("butler")
	for _, v := range s.layers {
		src.Layers = append(src.Layers, v.text)
	}
	src.TokenInURL = s.tokenURL
	if n := len(src.Token.Reveal()); s.tokenURL && n > 0 && n < minURLToken && !r.opts.Play {
		at := s.token.direct.at
		if !s.token.direct.given() {
			at = s.token.file.at
		}
		r.wrong(at, "token: has %d characters; one that may stand in a URL has at least %d", n, minURLToken)
	}
	m := s.mapping
	switch {
	case m == nil && src.Format == "mapping":
		r.wrong(s.at, "%s has no map; add map: with id, asset, title, severity", called("source", s.name))
		return
	case m == nil:
		return
	case src.Format == "butler":
		r.wrong(m.at, "map: a source of the format butler has none; add format: mapping or format: alertmanager, or remove the map")
		return
	}
	src.Map = m.resolve(r, src)
}

// resolve checks every field of a map.
func (m *rawMap) resolve(r *reader, src *Source) *Map {
	out := &Map{Fields: map[string]Field{}}
	if v := m.each; v.text != "" && !v.loose {
		if src.Format == "alertmanager" {
			r.wrong(v.at, "each: Alertmanager's alerts stand in $.alerts; remove each")
		}
		p, rest, err := path(v.text, true)
		switch {
		case err != nil:
			r.wrong(v.at, "each: %v", err)
		case rest != "":
			r.wrong(v.at, "each: %q stands behind the path; write a path like $.events[*]", rest)
		case p.Whole:
			r.wrong(v.at, "each: begin with $.; $$ is the body seen from a finding")
		}
		out.Each = p.Path
	}
	for _, name := range fieldNames {
		if f, ok := m.fields[name]; ok {
			out.Fields[name] = f.resolve(r, name, src)
		}
	}
	if src.Format != "mapping" {
		return out
	}
	need := []string{"id", "asset", "title", "severity"}
	if len(src.Layers) != 1 {
		need = append(need, "layer")
	}
	if len(src.Customers) != 1 {
		need = append(need, "customer")
	}
	for _, name := range need {
		if _, ok := m.fields[name]; !ok {
			r.wrong(m.at, "map has no %s; add %s: %s", name, name, examples[name])
		}
	}
	return out
}

// examples show what would be right where a field is missing.
var examples = map[string]string{
	"id": "$.id", "asset": "$.ip", "title": "$.name",
	"severity": "{path: $.level, values: {serious: high}, otherwise: medium}",
	"layer":    "with one of " + strings.Join(layerNames(), ", ") + ", or name one layer in layers",
	"customer": "{path: $.account, values: {ACCOUNT: CUSTOMER}}, or name one customer in customers",
}

// resolve checks one field.
func (f rawField) resolve(r *reader, name string, src *Source) Field {
	out := Field{Otherwise: f.otherwise.or("")}
	allowed := words[name]
	if name == "customer" {
		allowed = src.Customers
	}
	ends := func(v value) {
		if len(allowed) > 0 && v.text != "" && !v.loose && !slices.Contains(allowed, v.text) {
			r.wrong(v.at, "%s: %q is none of %s", name, v.text, strings.Join(allowed, ", "))
		}
	}
	translated := len(f.values) > 0 || len(f.atLeast) > 0
	if f.long && len(f.try) == 0 && !r.reported(f.at) {
		r.wrong(f.at, "%s has no path; add path: $.NAME", name)
	}
	for _, v := range f.try {
		if v.text == "" || v.loose {
			continue
		}
		text, err := template(v.text)
		if err != nil {
			r.wrong(v.at, "%s: %v", name, err)
			continue
		}
		switch {
		case !text.fixed():
		case translated || name == "seen_at":
			r.wrong(v.at, "%s: %q is no path; a path begins with $, e.g. $.level", name, v.text)
		default:
			ends(v)
		}
		out.Try = append(out.Try, text)
	}
	ends(f.otherwise)
	if len(f.values) > 0 {
		out.Values = map[string]string{}
	}
	for _, w := range f.values {
		ends(w.to)
		from := strings.ToLower(strings.TrimSpace(w.from.text))
		if _, twice := out.Values[from]; twice {
			r.wrong(w.from.at, "values: %q stands here twice; upper and lower case are the same", w.from.text)
		}
		out.Values[from] = w.to.text
	}
	for _, w := range f.atLeast {
		ends(w.to)
		n, err := strconv.ParseFloat(w.from.text, 64)
		if err != nil {
			r.wrong(w.from.at, "at_least: %q is no number", w.from.text)
		}
		out.AtLeast = append(out.AtLeast, Bound{n, w.to.text})
	}
	slices.SortStableFunc(out.AtLeast, func(a, b Bound) int { return cmp.Compare(b.From, a.From) })
	f.time(r, name, translated, &out)
	return out
}

// time checks what only seen_at has, and that it has nothing else.
func (f rawField) time(r *reader, name string, translated bool, out *Field) {
	if name != "seen_at" {
		for _, v := range []value{f.as, f.zone} {
			if v.given() {
				r.wrong(v.at, "%s: as and zone are of seen_at", name)
			}
		}
		return
	}
	if translated || f.otherwise.given() {
		r.wrong(f.at, "seen_at: takes path, as and zone; values, at_least and otherwise are of other fields")
	}
	if f.zone.given() {
		out.Zone = r.zone(f.zone, "zone")
	}
	if out.As = f.as.or(""); out.As != "" && !slices.Contains([]string{"unix", "unix_ms", "rfc3339"}, out.As) && !isLayout(out.As) {
		r.wrong(f.as.at, "as: %q is no way to write a time; use unix, unix_ms, rfc3339, or write 2006-01-02 15:04:05 as the product would", out.As)
	}
}

// isLayout reports whether a layout of package time says day and time: a moment
// written with it can be read again.
func isLayout(layout string) bool {
	at := time.Date(2031, 11, 23, 17, 46, 0, 0, time.UTC)
	again, err := time.Parse(layout, at.Format(layout))
	return err == nil && again.Equal(at)
}

func (t Text) fixed() bool { return !slices.ContainsFunc(t, func(p Piece) bool { return p.IsPath }) }

// template reads a path, or a text with {$.path} inside.
func template(s string) (Text, error) {
	if strings.HasPrefix(s, "$") {
		p, rest, err := path(s, false)
		if err == nil && rest != "" {
			err = fmt.Errorf("%q stands behind the path; write words and paths together as \"{$.a} {$.b}\"", rest)
		}
		return Text{p}, err
	}
	var text Text
	for {
		before, after, found := strings.Cut(s, "{$")
		if before != "" {
			text = append(text, Piece{Fixed: before})
		}
		if !found {
			return text, nil
		}
		p, rest, err := path("$"+after, false)
		if err != nil {
			return nil, err
		}
		rest, p.May = strings.CutPrefix(rest, "?")
		if s, found = strings.CutPrefix(rest, "}"); !found {
			return nil, fmt.Errorf("{$%s is not closed; write {$.path}", after)
		}
		text = append(text, p)
	}
}

// step is one step of a path: .name, ['any name'], [0] or [*].
var step = regexp.MustCompile(`^(?:\.([^\s.\[\]{}'"*?$]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(0|[1-9][0-9]{0,5})\]|(\[\*\]))`)

// path reads a path as far as it goes, and returns what stands behind it.
func path(s string, every bool) (p Piece, rest string, err error) {
	p = Piece{IsPath: true}
	rest = strings.TrimPrefix(s, "$")
	if rest == s {
		return p, s, fmt.Errorf("%q is no path; a path begins with $, e.g. $.level", s)
	}
	rest, p.Whole = strings.CutPrefix(rest, "$")
	for {
		m := step.FindStringSubmatch(rest)
		switch {
		case m == nil && strings.HasPrefix(rest, "[*"), m != nil && m[5] != "" && !every:
			return p, rest, errors.New("[*] stands in each alone; here name one element, e.g. [0]")
		case m == nil && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "[")):
			return p, rest, fmt.Errorf("a step of the path cannot be read at %q; write .name, ['any name'] or [0]", rest)
		case m == nil:
			return p, rest, nil
		}
		p.Path = append(p.Path, m[1]+m[2]+m[3]+m[4]+m[5])
		rest = rest[len(m[0]):]
	}
}
