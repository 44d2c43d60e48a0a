// Package house holds the rules of the house: who may import whom, who may ask
// for the time, what must be written beside a name, and that the documents tell
// the truth. It has tests only. Each rule is a function from a tree of files to
// the places that break it, so each is also run on testdata/bad, a small module
// that breaks them all; a rule that finds nothing there is no rule.
//
//	go test ./house/...             the rules
//	go test ./house/... -update     rewrites the generated documents
package house

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the generated documents")

// tree is a module as text: its Go files parsed, everything else as bytes.
type tree struct {
	dir   string
	fset  *token.FileSet
	files []file
}

// file is one text file of a tree.
type file struct {
	path string    // relative to the tree, with slashes
	text string    // as it stands
	ast  *ast.File // of Go files
}

func (f file) room() string { return path.Dir(f.path) }
func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// root is the directory of this module: where go.mod stands.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above this test")
		}
		dir = up
	}
}

// house is the tree of this module.
func house(t *testing.T) tree { return load(t, root(t)) }

// bad is the tree that breaks every rule.
func bad(t *testing.T) tree { return load(t, filepath.Join(root(t), "house", "testdata", "bad")) }

// load reads a tree. What the go command does not see is not seen here either:
// hidden folders and those called testdata (but the folder itself may be one).
func load(t *testing.T, dir string) tree {
	t.Helper()
	tr := tree{dir: dir, fset: token.NewFileSet()}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != dir && (name == "testdata" || name == "dist" || name == "node_modules" || name[0] == '.' && name != ".ci") {
				return filepath.SkipDir
			}
			return nil
		}
		if !isText(name) {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(rel), text: string(b)}
		if strings.HasSuffix(name, ".go") {
			if f.ast, err = parser.ParseFile(tr.fset, f.path, b, parser.ParseComments); err != nil {
				return err
			}
		}
		tr.files = append(tr.files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// textual are the endings of files that people write by hand.
var textual = []string{".go", ".md", ".yaml", ".yml", ".lua", ".sql", ".js", ".css", ".html", ".sh", ".awk", ".card", ".txt", ".play", ".mod"}

func isText(name string) bool {
	return slices.Contains(textual, path.Ext(name)) || slices.Contains([]string{"Makefile", "run", "tools"}, name)
}

// golang are the Go files of a tree.
func (tr tree) golang() []file {
	return slices.DeleteFunc(slices.Clone(tr.files), func(f file) bool { return f.ast == nil })
}

// at words a place: path:line.
func (tr tree) at(p token.Pos) string {
	at := tr.fset.Position(p)
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

// read returns a file of the tree by its path.
func (tr tree) read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(tr.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// keeps fails for every place that breaks a rule.
func keeps(t *testing.T, found []string) {
	t.Helper()
	slices.Sort(found)
	for _, f := range found {
		t.Error(f)
	}
}

// catches fails unless a rule finds exactly what is wrong with the bad tree.
func catches(t *testing.T, found []string, want ...string) {
	t.Helper()
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("on the tree that breaks it the rule found\n\t%s\nand should have found\n\t%s",
			strings.Join(found, "\n\t"), strings.Join(want, "\n\t"))
	}
}
