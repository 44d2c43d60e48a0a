package config

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of a file. The YAML parser takes seconds for thousands of nested
// brackets; no honest config has more than a handful.
const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 50      // open brackets
)

// ${NAME} may stand inside a flow mapping, {token: ${NAME}}, where YAML does not
// allow braces in plain text. So the braces become two private characters before
// parsing; each is one column wide, so places stay right.
const braceOpen, braceClose = "\ue000", "\ue001"

var (
	envInSource = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
	envInText   = regexp.MustCompile(`\$` + braceOpen + `([A-Za-z_][A-Za-z0-9_]*)` + braceClose)
)

// parse returns the one document of the source; nil when it is not YAML.
func (r *reader) parse(src []byte) ast.Node {
	text := strings.TrimPrefix(string(src), "\ufeff")
	switch {
	case len(src) > maxFile:
		r.wrong(pos{}, "the file has %d bytes; at most %d are read", len(src), maxFile)
		return nil
	case !utf8.ValidString(text):
		r.wrong(pos{}, "the file is not UTF-8; save it as UTF-8")
		return nil
	case strings.ContainsAny(text, braceOpen+braceClose):
		r.wrong(pos{}, "the file holds the private characters U+E000 or U+E001; remove them")
		return nil
	}
	if line := tooDeep(text); line > 0 {
		r.wrong(pos{line, 1}, "more than %d brackets are open; close them", maxDepth)
		return nil
	}
	text = envInSource.ReplaceAllString(text, "$$"+braceOpen+"$1"+braceClose)
	file, err := parseYAML(text)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			p := syntax.Token.Position
			r.wrong(pos{p.Line, p.Column}, "this is not YAML: %s", restore(syntax.Message))
		} else {
			r.wrong(pos{}, "this is not YAML: %s", restore(err.Error()))
		}
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.wrong(place(doc.Body), "a second document begins here; put everything into one")
			break
		}
		body = doc.Body
	}
	if body == nil {
		r.wrong(pos{}, "the file is empty")
	}
	return body
}

// parseYAML keeps a panic of the parser from ending the program: what a person
// typed must never do that.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, errors.New("the parser cannot read it")
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

// tooDeep returns the line on which more than maxDepth brackets are open; 0 for none.
func tooDeep(text string) int {
	line, depth := 1, 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if depth++; depth > maxDepth {
				return line
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return 0
}

func restore(s string) string {
	return strings.NewReplacer(braceOpen, "{", braceClose, "}").Replace(s)
}
