package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// reader reads one file strictly and collects what is wrong in it.
type reader struct {
	name string // as errors show it
	dir  string // to which its paths are relative
	opts Options
	errs *[]Error
}

// pos is a place in the file, from 1. The zero pos means "not there".
type pos struct{ line, col int }

// value is one scalar of the file with its place.
type value struct {
	text string
	at   pos
	// loose says that the text is not what will stand there in earnest: a
	// ${NAME} that is not set, in a play. It is not to be checked.
	loose bool
}

func (v value) given() bool { return v.at.line > 0 }

// or returns the text, or a default when nothing was given or the text does not count.
func (v value) or(def string) string {
	if v.text == "" || v.loose {
		return def
	}
	return v.text
}

func (r *reader) wrong(at pos, format string, args ...any) {
	*r.errs = append(*r.errs, Error{File: r.name, Line: at.line, Column: at.col, Message: fmt.Sprintf(format, args...)})
}

// place is where a node begins.
func place(n ast.Node) pos {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return place(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(n.Key)
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return pos{1, 1}
	}
	p := n.GetToken().Position
	return pos{max(1, p.Line), max(1, p.Column)}
}

// fields are the keys of a mapping and what reads each.
type fields map[string]func(ast.Node)

// object reads a mapping: every key must be one of f, and stand once. It returns
// where the mapping begins, the zero pos when n is none.
func (r *reader) object(n ast.Node, what string, f fields) pos {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.notA(n, what, "a mapping of keys and values")
		return pos{}
	}
	first := map[string]pos{}
	for _, v := range values {
		key, at := restore(keyText(v.Key)), place(v.Key)
		read, known := f[key]
		if was, twice := first[key]; twice {
			r.wrong(at, "%s stands here twice, first on line %d; keep one", key, was.line)
			continue
		}
		first[key] = at
		switch {
		case !known:
			r.wrong(at, "unknown key %q in %s; known are %s", key, what, strings.Join(slices.Sorted(maps.Keys(f)), ", "))
		default:
			read(v.Value)
		}
	}
	return place(n)
}

// entries reads a mapping whose keys are names: each gets the name and its place.
func (r *reader) entries(n ast.Node, what string, each func(name value, n ast.Node)) {
	f := fields{}
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	}
	for _, v := range values {
		name := value{text: restore(keyText(v.Key)), at: place(v.Key)}
		f[name.text] = func(n ast.Node) { each(name, n) }
	}
	r.object(n, what, f)
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.GetToken().Value
}

// notA reports a value of the wrong type.
func (r *reader) notA(n ast.Node, what, want string) {
	switch n.(type) {
	case nil, *ast.NullNode:
		r.wrong(place(n), "%s is empty; give %s or leave the key out", what, want)
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		r.wrong(place(n), "%s: anchors, aliases and tags are not read; write the value out", what)
	default:
		r.wrong(place(n), "%s is %s; give %s", what, kindOf(n), want)
	}
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	}
	return "a text"
}

// list reads a list; a single value is not taken for a list of one.
func (r *reader) list(n ast.Node, what string, each func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.notA(n, what, "a list")
		return
	}
	for _, v := range seq.Values {
		each(v)
	}
}

// into returns a field that reads a text into v.
func (r *reader) into(v *value, what string) func(ast.Node) {
	return func(n ast.Node) { *v = r.text(n, what) }
}

// intoList returns a field that reads a list of texts into list.
func (r *reader) intoList(list *[]value, what string) func(ast.Node) {
	return func(n ast.Node) {
		*list = []value{}
		r.list(n, what, func(n ast.Node) {
			if v := r.text(n, "an entry of "+what); v.text != "" {
				*list = append(*list, v)
			}
		})
	}
}

// text reads a scalar as text, with every ${NAME} filled in. Numbers are taken
// as they are written: an id may be 0123. On a mistake the text is "".
func (r *reader) text(n ast.Node, what string) value {
	v := value{at: place(n)}
	switch n := n.(type) {
	case *ast.StringNode:
		v.text = n.Value
	case *ast.LiteralNode:
		v.text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		v.text = n.GetToken().Value
	default:
		r.notA(n, what, "a text")
		return v
	}
	v = r.expand(v, what)
	if v.text == "" && !v.loose && !r.reported(v.at) {
		r.wrong(v.at, "%s is empty; give a text or leave the key out", what)
	}
	return v
}

func (r *reader) reported(at pos) bool {
	for _, e := range *r.errs {
		if e.File == r.name && e.Line == at.line && e.Column == at.col {
			return true
		}
	}
	return false
}

// expand fills in every ${NAME}. One that is not set is a mistake; in a play it
// stands for its own name. A value that comes from the environment is taken as
// it is.
func (r *reader) expand(v value, what string) value {
	if strings.Contains(v.text, "${") { // every good ${NAME} has other braces by now
		r.wrong(v.at, "%s: ${…} takes one name of letters, digits and _, nothing else", what)
		v.text = ""
		return v
	}
	missing := false
	v.text = envInText.ReplaceAllStringFunc(v.text, func(ref string) string {
		name := envInText.FindStringSubmatch(ref)[1]
		if r.opts.Env != nil {
			if got, ok := r.opts.Env(name); ok {
				return got
			}
		}
		if r.opts.Play {
			v.loose = true
			return name
		}
		r.wrong(v.at, "%s: ${%s} is not set; set it in the environment", what, name)
		missing = true
		return ""
	})
	if missing {
		v.text = ""
	}
	return v
}

// number reads a whole number between lo and hi.
func (r *reader) number(n ast.Node, what string, lo, hi int) (int, bool) {
	v := r.text(n, what)
	if v.text == "" || v.loose {
		return 0, false
	}
	got, err := strconv.Atoi(v.text)
	if err != nil || got < lo || got > hi {
		r.wrong(v.at, "%s is %q; give a whole number from %d to %d", what, v.text, lo, hi)
		return 0, false
	}
	return got, true
}

// flag reads true or false.
func (r *reader) flag(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.notA(n, what, "true or false")
		return false
	}
	return b.Value
}

// need reports a key that is not there, at the place of the mapping.
func (r *reader) need(v value, at pos, what, key, example string) {
	if !v.given() {
		r.wrong(at, "%s has no %s; add %s: %s", what, key, key, example)
	}
}

// called names a thing in a message: "person zhang", or "a person" without an id.
func called(kind string, id value) string {
	if id.text == "" {
		return "a " + kind
	}
	return kind + " " + id.text
}

// among writes the choices for a message, each once.
func among(ids []string) string {
	var list []string
	for _, id := range ids {
		if id != "" && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return "there is none"
	}
	return "known are " + strings.Join(list, ", ")
}

// oneOf checks a word against the words that are allowed.
func (r *reader) oneOf(v value, what string, allowed ...string) {
	if v.text != "" && !v.loose && !slices.Contains(allowed, v.text) {
		r.wrong(v.at, "%s: %q is unknown; use %s", what, v.text, strings.Join(allowed, ", "))
	}
}

// path makes a path of the file relative to the file.
func (r *reader) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(r.dir, p)
}

func fileProblem(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return fmt.Sprintf("%s cannot be read: %v", pe.Path, pe.Err)
	}
	return err.Error()
}
