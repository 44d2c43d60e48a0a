package card

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"butler/bot/desk"
)

//go:embed zh-CN/*.card en/*.card
var files embed.FS

// sheets holds every sheet by "language/name". Built once, never written to.
var sheets = must(load(files))

func must(m map[string]*Sheet, err error) map[string]*Sheet {
	if err != nil {
		panic(err) // a sheet of this binary is wrong: the tests say so first
	}
	return m
}

// load parses every sheet of a tree; the error names every wrong line.
func load(tree fs.FS) (map[string]*Sheet, error) {
	all := map[string]*Sheet{}
	var errs []error
	names, err := fs.Glob(tree, "*/*.card")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s, err := Parse(name, string(text))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all[path.Dir(name)+"/"+s.name] = s
	}
	return all, errors.Join(errs...)
}

// Sheets lists the names of the sheets, e.g. "board" and "ping.back".
func Sheets() []string {
	var names []string
	for key := range maps.Keys(sheets) {
		if lang, name, _ := strings.Cut(key, "/"); lang == Languages[0] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Lookup returns a sheet in a language (zh-CN for one that has none); false when
// there is none of that name.
func Lookup(lang, name string) (*Sheet, bool) {
	s, ok := sheets[language(lang)+"/"+name]
	return s, ok
}

// SheetOf names the sheet that words a notice: its own choice or that of its
// kind, in the staff form unless it is for the front. What changes a case and
// has no news of its own is the board.
func SheetOf(n desk.Notice) string {
	name := n.Sheet
	if name == "" {
		name = string(n.Kind)
		if n.Board || n.Kind == desk.NOpened || n.Kind == desk.NClaimed || n.Kind == desk.NUpdated {
			name = "board"
		}
	}
	if n.Room != desk.Front {
		name += ".back"
	}
	return name
}

// For words a notice: the sheet of SheetOf in the notice's language (zh-CN for
// one that has none), filled. Errors: no such sheet, no Facts (a board that was
// not rendered), or what Fill refuses.
func For(n desk.Notice) (Card, error) {
	return ForVoice(n, Slash)
}

// sheetFor finds a notice's sheet, and makes sure that it can be filled.
func sheetFor(n desk.Notice) (*Sheet, string, error) {
	name, lang := SheetOf(n), language(n.Lang)
	s, ok := Lookup(lang, name)
	if !ok {
		return nil, "", fmt.Errorf("card: notice %s: there is no sheet %s/%s.card", n.Key, lang, name)
	}
	if n.Facts == nil {
		return nil, "", fmt.Errorf("card: notice %s for sheet %s carries no facts; a board is rendered before it is worded", n.Key, name)
	}
	return s, lang, nil
}
