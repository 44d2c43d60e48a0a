package card

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
	"time"

	"butler/bot/desk"
)

// The check of a cell walks its parse tree with the types of the view. It is
// stricter than text/template, which finds a wrong field only when a customer's
// card is filled.

// mode says what a cell is for, and so what it may hold.
type mode int

const (
	words   mode = iota // shown to people
	tone                // one of the tones
	command             // typed by a click
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	spanType     = reflect.TypeFor[time.Duration]()
	internalType = reflect.TypeFor[desk.Internal]()
	itemType     = reflect.TypeFor[desk.Item]()
	insideType   = reflect.TypeFor[desk.Inside]()
	textType     = reflect.TypeFor[string]()
	numberType   = reflect.TypeFor[int]()
	boolType     = reflect.TypeFor[bool]()
)

type checker struct {
	root reflect.Type
	back bool
	mode mode
}

// operand is what an expression yields.
type operand struct {
	typ  reflect.Type
	ours bool   // a value of our own making, fit for a command
	lit  string // of a string constant
	kind parse.NodeType
	src  string
}

// list returns the element type of the list that each and buttons name.
func (c checker) list(name string) (reflect.Type, error) {
	o, err := c.field(c.root, strings.TrimPrefix(name, "."), name)
	if err != nil {
		return nil, err
	}
	if o.typ.Kind() != reflect.Slice {
		return nil, fmt.Errorf("%s is no list; use one of %s", name, strings.Join(c.lists(), ", "))
	}
	return o.typ.Elem(), nil
}

func (c checker) lists() (names []string) {
	for _, f := range reflect.VisibleFields(c.root) {
		if f.Type.Kind() == reflect.Slice && (c.back || !hides(f.Type)) {
			names = append(names, f.Name)
		}
	}
	return names
}

// cell checks a whole text.
func (c checker) cell(t *parse.Tree, dot reflect.Type, m mode) error {
	c.mode = m
	if m == command && len(t.Root.Nodes) > 0 {
		if text, ok := t.Root.Nodes[0].(*parse.TextNode); ok && !strings.HasPrefix(string(text.Text), "/") {
			return fmt.Errorf("a command begins with /, as in /claim {{.N}}; this one begins with %q", cut(string(text.Text), 20, "…"))
		}
	}
	return c.nodes(t.Root, operand{typ: dot})
}

func (c checker) nodes(l *parse.ListNode, dot operand) error {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		if err := c.node(n, dot); err != nil {
			return err
		}
	}
	return nil
}

func (c checker) node(n parse.Node, dot operand) error {
	switch n := n.(type) {
	case *parse.TextNode:
		if word := strings.TrimSpace(string(n.Text)); c.mode == tone && word != "" && !slices.Contains(tones, Tone(word)) {
			return fmt.Errorf("%q is no tone; use info, success, warning, danger or nothing", word)
		}
		return nil
	case *parse.CommentNode:
		return nil
	case *parse.ActionNode:
		return c.print(n.Pipe, dot)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, dot, func(operand) (operand, error) { return dot, nil })
	case *parse.WithNode:
		return c.branch(&n.BranchNode, dot, func(o operand) (operand, error) { return o, nil })
	case *parse.RangeNode:
		return c.branch(&n.BranchNode, dot, func(o operand) (operand, error) {
			if o.typ.Kind() != reflect.Slice {
				return o, fmt.Errorf("%s is no list; range over one of %s", o.src, strings.Join(c.lists(), ", "))
			}
			return operand{typ: o.typ.Elem()}, nil
		})
	}
	return fmt.Errorf("%s has no place in a sheet; use fields, functions, if, with and range", n)
}

func (c checker) branch(b *parse.BranchNode, dot operand, inner func(operand) (operand, error)) error {
	o, err := c.pipe(b.Pipe, dot)
	if err != nil {
		return err
	}
	if o.typ.Kind() == reflect.Struct {
		return alwaysTrue(o)
	}
	if o, err = inner(o); err != nil {
		return err
	}
	if err := c.nodes(b.List, o); err != nil {
		return err
	}
	return c.nodes(b.ElseList, dot)
}

func alwaysTrue(o operand) error {
	if o.typ == timeType {
		return fmt.Errorf("%s is true even when no time is set; ask {{if when %s}}", o.src, o.src)
	}
	return fmt.Errorf("%s is true even when it is empty; ask for one of its fields", o.src)
}

// print checks what an action writes.
func (c checker) print(p *parse.PipeNode, dot operand) error {
	o, err := c.pipe(p, dot)
	if err != nil {
		return err
	}
	switch {
	case c.mode == tone:
		return fmt.Errorf("a tone is one of our words; %s writes a value; use {{if}} around info, success, warning or danger", o.src)
	case c.mode == command && !o.ours:
		return fmt.Errorf("%s may hold words of people and has no place in a command; use a number, .Ref, or .Command of an item", o.src)
	case o.typ == timeType:
		return fmt.Errorf("%s is a moment; write {{when %s}}, so that its zone is shown", o.src, o.src)
	case o.typ == spanType:
		return fmt.Errorf("%s is a length of time; write {{span %s}}", o.src, o.src)
	case domainOf[o.typ] != "":
		return fmt.Errorf("%s is an id; write {{word %s}}", o.src, o.src)
	case o.typ != textType && o.typ != numberType && o.typ != internalType:
		return fmt.Errorf("%s is no text; print a text or a number", o.src)
	}
	return nil
}

func (c checker) pipe(p *parse.PipeNode, dot operand) (operand, error) {
	if len(p.Decl) > 0 {
		return operand{}, fmt.Errorf("{{%s}}: a sheet has no variables; name the field where it is shown", p)
	}
	var last *operand
	for _, cmd := range p.Cmds {
		o, err := c.command(cmd, dot, last)
		if err != nil {
			return operand{}, err
		}
		if o.src == "" {
			o.src = cmd.String()
		}
		last = &o
	}
	if len(p.Cmds) > 1 {
		last.src = "(" + p.String() + ")"
	}
	return *last, nil
}

func (c checker) command(cmd *parse.CommandNode, dot operand, last *operand) (operand, error) {
	id, isCall := cmd.Args[0].(*parse.IdentifierNode)
	if !isCall {
		if len(cmd.Args) > 1 || last != nil {
			return operand{}, fmt.Errorf("%s takes no arguments; only functions do", cmd.Args[0])
		}
		return c.value(cmd.Args[0], dot)
	}
	var args []operand
	for _, n := range cmd.Args[1:] {
		o, err := c.value(n, dot)
		if err != nil {
			return operand{}, err
		}
		args = append(args, o)
	}
	if last != nil {
		args = append(args, *last)
	}
	return c.call(id.Ident, args, cmd.String())
}

func (c checker) value(n parse.Node, dot operand) (operand, error) {
	switch n := n.(type) {
	case *parse.DotNode:
		dot.src = "."
		return dot, nil
	case *parse.FieldNode:
		return c.path(dot.typ, n.Ident, n.String())
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			return c.path(c.root, n.Ident[1:], n.String())
		}
	case *parse.StringNode:
		return operand{typ: textType, lit: n.Text, kind: parse.NodeString, src: n.String()}, nil
	case *parse.NumberNode:
		if n.IsInt {
			return operand{typ: numberType, src: n.String()}, nil
		}
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.IdentifierNode:
		return c.call(n.Ident, nil, n.Ident)
	}
	return operand{}, fmt.Errorf("%s has no place in a sheet; use fields, $.Fields, functions, texts and whole numbers", n)
}

func (c checker) path(t reflect.Type, names []string, src string) (o operand, err error) {
	for _, name := range names {
		if o, err = c.field(t, name, src); err != nil {
			return o, err
		}
		t = o.typ
	}
	o.src = src
	return o, nil
}

// field resolves one name. The wall of design §10 stands here: what is of the
// inside, or could hold it, is not for a front sheet.
func (c checker) field(t reflect.Type, name, src string) (operand, error) {
	if t == timeType || t == spanType {
		return operand{}, fmt.Errorf("%s: a time has no fields here; write {{when …}} or {{span …}}", src)
	}
	f, ok := reflect.StructField{}, false
	if t.Kind() == reflect.Struct {
		f, ok = t.FieldByName(name)
	}
	if _, inside := insideType.FieldByName(name); !c.back && (ok && hides(f.Type) || !ok && inside && t == c.root) {
		return operand{}, fmt.Errorf("%s is for staff only and this is a front sheet; write it into the .back sheet, or leave it out", src)
	}
	if !ok || !f.IsExported() {
		return operand{}, fmt.Errorf("%s: there is no field %s; %s", src, name, c.nearest(t, name))
	}
	own := f.Type.Kind() == reflect.Int || f.Type == textType && (name == "Ref" && t == c.root || name == "Command" && t == itemType)
	return operand{typ: f.Type, ours: own, src: src}, nil
}

func (c checker) nearest(t reflect.Type, name string) string {
	if t.Kind() != reflect.Struct {
		return "a " + t.Kind().String() + " has none; write . for it, and $. for the view"
	}
	best, least := "", len(name)
	for _, f := range reflect.VisibleFields(t) {
		if d := distance(strings.ToLower(name), strings.ToLower(f.Name)); d < least && !f.Anonymous && (c.back || !hides(f.Type)) {
			best, least = f.Name, d
		}
	}
	if best == "" {
		return "see desk.Facts for those there are"
	}
	return "the nearest is " + best
}

// hides reports whether a type is of the inside or can hold something of it.
func hides(t reflect.Type) bool {
	switch {
	case t == internalType || t == insideType:
		return true
	case t == timeType:
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		return hides(t.Elem())
	case reflect.Interface, reflect.Func, reflect.Chan:
		return true
	case reflect.Struct:
		for i := range t.NumField() {
			if hides(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// distance is the number of letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
