package card

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"butler/bot/desk"
)

// signatures of the functions with fixed types; the others are in call.
var signatures = map[string]struct {
	in  []reflect.Type
	out reflect.Type
}{
	"when":    {[]reflect.Type{timeType}, textType},
	"until":   {[]reflect.Type{timeType}, textType},
	"window":  {[]reflect.Type{timeType, timeType}, textType},
	"day":     {[]reflect.Type{timeType}, textType},
	"span":    {[]reflect.Type{spanType}, textType},
	"between": {[]reflect.Type{timeType, timeType}, spanType},
	"count":   {[]reflect.Type{numberType, textType, textType}, textType},
	"inc":     {[]reflect.Type{numberType}, numberType},
	"named":   {[]reflect.Type{reflect.TypeFor[desk.Kind](), boolType, reflect.TypeFor[desk.Severity]()}, textType},
	"ref":     {[]reflect.Type{textType}, textType},
	"at":      {nil, textType},
	"typed":   {[]reflect.Type{textType}, textType},
	"slash":   {[]reflect.Type{textType}, textType},
	"cap":     {[]reflect.Type{textType}, textType},
	"lt":      {[]reflect.Type{numberType, numberType}, boolType},
	"le":      {[]reflect.Type{numberType, numberType}, boolType},
	"gt":      {[]reflect.Type{numberType, numberType}, boolType},
	"ge":      {[]reflect.Type{numberType, numberType}, boolType},
}

// functions that a sheet knows, and known, the same for the template parser.
var (
	functions = slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(signatures)), "word", "and", "or", "not", "eq", "ne", "len")))
	known     = func() map[string]any {
		m := map[string]any{}
		for _, f := range functions {
			m[f] = true
		}
		return m
	}()
)

// call checks a function's arguments.
func (c checker) call(name string, args []operand, src string) (operand, error) {
	o := operand{typ: boolType, src: "(" + src + ")"}
	if sig, ok := signatures[name]; ok {
		if len(args) != len(sig.in) {
			return o, fmt.Errorf("%s: %s takes %d, not %d", src, name, len(sig.in), len(args))
		}
		for i, a := range args {
			if a.typ != sig.in[i] {
				return o, fmt.Errorf("%s: %s is a %s and %s takes a %s there", src, a.src, called(a.typ), name, called(sig.in[i]))
			}
		}
		o.typ = sig.out
		return o, nil
	}
	switch name {
	case "word":
		o.typ = textType
		return o, checkWord(args, src)
	case "and", "or", "not":
		if len(args) == 0 || name == "not" && len(args) > 1 {
			return o, fmt.Errorf("%s: wrong number of arguments", src)
		}
		for _, a := range args {
			if a.typ.Kind() == reflect.Struct {
				return o, alwaysTrue(a)
			}
		}
		if name != "not" && !slices.ContainsFunc(args, func(a operand) bool { return a.typ != args[0].typ }) {
			o.typ = args[0].typ
		}
		return o, nil
	case "eq", "ne":
		return o, checkEqual(args, src)
	case "len":
		o.typ = numberType
		if len(args) != 1 || args[0].typ.Kind() != reflect.Slice && args[0].typ != textType {
			return o, fmt.Errorf("%s: len takes one list or text", src)
		}
		return o, nil
	}
	return o, fmt.Errorf("there is no function %q; a sheet knows %s", name, strings.Join(functions, ", "))
}

// checkWord: one id, or the name of a domain and a text.
func checkWord(args []operand, src string) error {
	switch len(args) {
	case 1:
		if domainOf[args[0].typ] != "" || args[0].typ == textType {
			return nil
		}
	case 2:
		if args[0].kind == parse.NodeString && args[1].typ.Kind() == reflect.String && args[1].typ != internalType {
			if _, ok := chinese[args[0].lit]; ok {
				return nil
			}
			return fmt.Errorf("%s: %q is no kind of word; use one of %s", src, args[0].lit, strings.Join(domains, ", "))
		}
	}
	return fmt.Errorf(`%s: word takes an id, as in {{word .Kind}}, or a kind of word and an id, as in {{word "stage" .Stage}}`, src)
}

// checkEqual: both of a kind, and a constant beside an id is one of its ids.
func checkEqual(args []operand, src string) error {
	if len(args) < 2 {
		return fmt.Errorf("%s: eq and ne compare two values", src)
	}
	first := args[0]
	for _, a := range args[1:] {
		if k := first.typ.Kind(); k != a.typ.Kind() || k != reflect.String && k != reflect.Int && k != reflect.Bool {
			return fmt.Errorf("%s: %s and %s cannot be compared", src, first.src, a.src)
		}
		if d := domainOf[first.typ]; d != "" && a.kind == parse.NodeString {
			if _, ok := chinese[d][a.lit]; !ok {
				return fmt.Errorf("%s: %s is no %s; use one of %s", src, a.src, d, strings.Join(slices.Sorted(maps.Keys(chinese[d])), ", "))
			}
		}
	}
	return nil
}

func called(t reflect.Type) string {
	switch t {
	case timeType:
		return "moment"
	case spanType:
		return "length of time"
	case textType:
		return "text"
	case numberType:
		return "number"
	}
	return t.String()
}
