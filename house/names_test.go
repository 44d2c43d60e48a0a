package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// described lists the packages that do not say what they are for, or say it
// twice. A package of tests says it in a test.
func described(tr tree) []string {
	var found []string
	said, names := map[string][]string{}, map[string]string{}
	tests := map[string]bool{} // rooms with nothing but tests
	for _, f := range tr.golang() {
		if _, ok := tests[f.room()]; !ok {
			tests[f.room()] = true
		}
		if !f.isTest() {
			tests[f.room()] = false
		}
	}
	for _, f := range tr.golang() {
		if f.isTest() && !tests[f.room()] {
			continue
		}
		names[f.room()] = f.ast.Name.Name
		if f.ast.Doc != nil {
			said[f.room()] = append(said[f.room()], f.path)
			want := "Package " + f.ast.Name.Name + " "
			if f.ast.Name.Name == "main" {
				want = "Command " + path.Base(f.room()) + " "
			}
			if !strings.HasPrefix(f.ast.Doc.Text(), want) {
				found = append(found, fmt.Sprintf("%s: the comment of the package does not begin with %q", f.path, want))
			}
		}
	}
	for r, name := range names {
		switch len(said[r]) {
		case 0:
			found = append(found, fmt.Sprintf("%s: package %s does not say what it is for", r, name))
		case 1:
		default:
			found = append(found, fmt.Sprintf("%s: package %s says what it is for in %s", r, name, strings.Join(said[r], " and in ")))
		}
	}
	return found
}

// explained lists exported names without a word beside them. A function or a
// type is explained by its own comment; a constant or a variable also by a
// comment behind it or above its group. A comment that stands above begins with
// the name, or is a full sentence.
func explained(tr tree) []string {
	var found []string
	complain := func(at token.Pos, name, what string) {
		found = append(found, fmt.Sprintf("%s: %s %s", tr.at(at), name, what))
	}
	check := func(at token.Pos, name string, doc *ast.CommentGroup) {
		switch {
		case doc == nil:
			complain(at, name, "is exported and has no comment")
		case !names(doc.Text(), name) && !sentence(doc.Text()):
			complain(at, name, "has a comment that neither begins with the name nor is a full sentence")
		}
	}
	for _, f := range tr.golang() {
		if f.isTest() {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					check(d.Pos(), d.Name.Name, d.Doc)
				}
				if m, ok := method(d); ok {
					check(d.Pos(), m, d.Doc)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							check(s.Pos(), s.Name.Name, first(s.Doc, d.Doc))
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() && first(s.Doc, s.Comment, d.Doc) == nil {
								complain(n.Pos(), n.Name, "is exported and has no comment")
							} else if n.IsExported() && !d.Lparen.IsValid() && d.Doc != nil {
								check(n.Pos(), n.Name, d.Doc)
							}
						}
					}
				}
			}
		}
	}
	return found
}

// plain are methods whose meaning the language gives.
var plain = []string{"String", "Error", "Unwrap", "Is", "As", "Len", "Less", "Swap", "Close", "Name",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "LogValue", "GoString", "Format"}

// method names an exported method of an exported type that has to be explained.
func method(d *ast.FuncDecl) (string, bool) {
	if d.Recv == nil || !d.Name.IsExported() || slices.Contains(plain, d.Name.Name) {
		return "", false
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return d.Name.Name, x.IsExported()
		default:
			return "", false
		}
	}
}

func first(groups ...*ast.CommentGroup) *ast.CommentGroup {
	for _, g := range groups {
		if g != nil {
			return g
		}
	}
	return nil
}

// names says whether a comment begins with a name, an article before it or not.
func names(comment, name string) bool {
	word := regexp.MustCompile(`^(?:An? |The )?` + regexp.QuoteMeta(name) + `\b`)
	return word.MatchString(comment)
}

// sentence says whether the first paragraph of a comment is written like one: it
// begins with a capital and ends with a stop, or with a colon before an example.
func sentence(comment string) bool {
	paragraph, _, _ := strings.Cut(comment, "\n\n")
	paragraph = strings.TrimSpace(paragraph)
	if paragraph == "" {
		return false
	}
	begin := []rune(paragraph)[0]
	return (unicode.IsUpper(begin) || !unicode.IsLetter(begin)) && strings.ContainsAny(paragraph[len(paragraph)-1:], ".:!?)")
}

// vague are names of rooms that say nothing about what is in them.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "lib", "base", "tools"}

// named lists the rooms whose names say nothing.
func named(tr tree) []string {
	var found []string
	seen := map[string]bool{}
	for _, f := range tr.golang() {
		for _, n := range []string{f.ast.Name.Name, path.Base(f.room())} {
			if slices.Contains(vague, n) && !seen[f.room()] {
				seen[f.room()] = true
				found = append(found, fmt.Sprintf("%s: a room called %s is a room for everything; name what is in it", f.room(), n))
			}
		}
	}
	return found
}

// maxLines is the longest that a file of code may be.
const maxLines = 700

// long lists files of code that nobody reads to the end.
func long(tr tree, most int) []string {
	var found []string
	for _, f := range tr.files {
		if !slices.Contains([]string{".go", ".lua", ".sql", ".js", ".css", ".html", ".awk"}, path.Ext(f.path)) {
			continue
		}
		if n := strings.Count(f.text, "\n"); n > most {
			found = append(found, fmt.Sprintf("%s: %d lines; more than %d is more than one matter", f.path, n, most))
		}
	}
	return found
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T)   { keeps(t, described(house(t))) }
func TestEveryExportedNameIsExplained(t *testing.T)  { keeps(t, explained(house(t))) }
func TestEveryRoomIsNamedForWhatIsInIt(t *testing.T) { keeps(t, named(house(t))) }
func TestNoFileIsTooLong(t *testing.T)               { keeps(t, long(house(t), maxLines)) }

func TestSilenceIsFound(t *testing.T) {
	catches(t, described(bad(t)),
		"util: package util does not say what it is for",
		"integrations/slack: package slack says what it is for in integrations/slack/send.go and in integrations/slack/slack.go",
		"sla/sla.go: the comment of the package does not begin with \"Package sla \"",
	)
	catches(t, explained(bad(t)),
		"util/util.go:10: Bad is exported and has no comment",
		"util/util.go:19: Worse has a comment that neither begins with the name nor is a full sentence",
		"util/util.go:21: Limit is exported and has no comment",
		"util/util.go:26: Run is exported and has no comment",
	)
}

func TestAVagueNameIsFound(t *testing.T) {
	catches(t, named(bad(t)), "util: a room called util is a room for everything; name what is in it")
}

func TestALongFileIsFound(t *testing.T) {
	catches(t, long(bad(t), 20), "util/util.go: 33 lines; more than 20 is more than one matter")
}
