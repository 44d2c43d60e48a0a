package card

import (
	"flag"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"butler/bot/desk"
)

var update = flag.Bool("update", false, "write testdata/*/*.txt anew; read the difference before committing it")

// TestGolden holds the whole text of every sheet, in both languages, rich and at
// its edges. The files are for people to read.
func TestGolden(t *testing.T) {
	for _, lang := range Languages {
		for _, name := range Sheets() {
			all := samples(name)
			if len(all) == 0 {
				t.Errorf("sheet %s has no sample", name)
			}
			s, _ := Lookup(lang, name)
			var b strings.Builder
			for _, one := range all {
				c, err := Fill(s, lang, one.facts, one.inside)
				if err != nil {
					t.Errorf("%s/%s, %s: %v", lang, name, one.name, err)
					continue
				}
				if !s.Back() && !strings.Contains(c.String(), "(UTC") {
					t.Errorf("%s/%s, %s: a card of the front names no time with its zone:\n%s", lang, name, one.name, c)
				}
				fmt.Fprintf(&b, "-- %s -- %s\n%s\n\n", one.name, c.Tone, c)
			}
			file := filepath.Join("testdata", lang, name+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			} else if b.String() != string(want) {
				t.Errorf("%s differs (go test ./bot/card -update, then read the difference):\n%s", file, diff(string(want), b.String()))
			}
		}
	}
	files, _ := filepath.Glob("testdata/*/*.txt")
	if want := len(Languages) * len(Sheets()); len(files) != want {
		t.Errorf("%d goldens for %d sheets: one is left from a sheet that is gone", len(files), want)
	}
}

// diff is the first line that differs.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\n  want %s\n  got  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(w), len(g))
}

// TestLanguagesAgree: the same sheets with the same lines, lists, buttons,
// commands and styles. Words differ, structure does not.
func TestLanguagesAgree(t *testing.T) {
	shape := func(lang, name string) (lines []string) {
		text, err := files.ReadFile(lang + "/" + name + ".card")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			key, rest, ok := strings.Cut(line, ":")
			if !ok || strings.HasPrefix(line, "//") {
				continue
			}
			parts := split(rest)
			switch key {
			case "tone":
				lines = append(lines, line)
			case "each":
				lines = append(lines, key+" "+parts[0])
			case "button":
				lines = append(lines, key+" "+strings.Join(parts[1:], " | "))
			case "buttons":
				lines = append(lines, key+" "+parts[0]+" "+strings.Join(parts[2:], " | "))
			default:
				lines = append(lines, key)
			}
		}
		return lines
	}
	for _, name := range Sheets() {
		for _, lang := range Languages[1:] {
			if _, ok := Lookup(lang, name); !ok || sheets[lang+"/"+name] == nil {
				t.Errorf("%s has no %s.card", lang, name)
				continue
			}
			if a, b := shape(Languages[0], name), shape(lang, name); !slices.Equal(a, b) {
				t.Errorf("%s.card differs between %s and %s:\n%s\n%s", name, Languages[0], lang, strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
		}
	}
	if len(sheets) != len(Languages)*len(Sheets()) {
		t.Errorf("%d sheets in all, %d in %s: a language has one of its own", len(sheets), len(Sheets()), Languages[0])
	}
}

// TestLanguagesFillAlike: filled from the same sample, both languages have the
// same number of lines and the same commands.
func TestLanguagesFillAlike(t *testing.T) {
	for _, name := range Sheets() {
		for _, one := range samples(name) {
			var first string
			for i, lang := range Languages {
				s, _ := Lookup(lang, name)
				c, err := Fill(s, lang, one.facts, one.inside)
				if err != nil {
					t.Fatal(err)
				}
				var kinds []string
				for _, l := range c.Lines {
					kinds = append(kinds, string(l.Kind))
				}
				var typed []string
				for _, b := range c.Buttons {
					typed = append(typed, b.Command+" "+b.Style)
				}
				shape := fmt.Sprint(c.Tone, kinds, typed, c.Foot != "")
				if i == 0 {
					first = shape
				} else if shape != first {
					t.Errorf("%s, %s:\n%s %s\n%s %s", name, one.name, Languages[0], first, lang, shape)
				}
			}
		}
	}
}

// spare are sheets for which today's rules have a better place (the board, the
// other room); they stay so that a rule may choose them.
var spare = []string{"raised", "resumed", "answer", "answer.back", "asked.back", "responded.back", "lowered.back", "merged.back", "safe.back",
	"onboarding.back", "gap.back", "sort.back"}

// TestEveryNoticeHasItsSheet reads the rules for what they tell where, and asks
// for the sheet of each; and for a use of every sheet.
func TestEveryNoticeHasItsSheet(t *testing.T) {
	told := notices(t)
	// Kinds that the rules choose at run time.
	for _, k := range []desk.NoticeKind{desk.NPing, desk.NWarned, desk.NBreached, desk.NRemind, desk.NLouder} {
		told = append(told, desk.Notice{Kind: k, Room: desk.Back}, desk.Notice{Kind: k, Room: desk.Direct})
	}
	for _, room := range []desk.Room{desk.Front, desk.Back} {
		for _, k := range []desk.NoticeKind{desk.NOpened, desk.NClaimed, desk.NUpdated, desk.NBreached} {
			told = append(told, desk.Notice{Kind: k, Board: true, Room: room})
		}
	}
	told = append(told, desk.Notice{Kind: desk.NLowered, Room: desk.Front}, desk.Notice{Kind: desk.NOpened, Sheet: "onboarding", Board: true, Room: desk.Front})
	// Pages of one's own, which are no notices.
	used := map[string]bool{"home": true, "home.back": true, "queue": true, "queue.back": true}
	for _, n := range told {
		name := SheetOf(n)
		used[name] = true
		for _, lang := range Languages {
			if _, ok := Lookup(lang, name); !ok {
				t.Errorf("the rules tell %s in the %s and there is no %s/%s.card", n.Kind, n.Room, lang, name)
			}
		}
	}
	for _, name := range Sheets() {
		if used[name] == slices.Contains(spare, name) {
			t.Errorf("sheet %s: used by the rules %v, named in spare %v", name, used[name], slices.Contains(spare, name))
		}
	}
	if len(told) < 60 {
		t.Errorf("only %d notices were found in the rules: the reader of the rules is out of date", len(told))
	}
}

// notices reads the rules of package desk and returns what they tell: calls of
// front, back, direct, answer and refuse, and Notice literals with a Sheet.
func notices(t *testing.T) (found []desk.Notice) {
	kinds := map[string]desk.NoticeKind{}
	rules(t, func(n ast.Node) {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "NoticeKind" {
				kinds[v.Names[0].Name] = desk.NoticeKind(literal(v.Values[0]))
			}
		}
	})
	rules(t, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) == 0 {
				return
			}
			id, _ := n.Args[0].(*ast.Ident)
			if id == nil || kinds[id.Name] == "" {
				return
			}
			kind := kinds[id.Name]
			switch sel.Sel.Name {
			case "front":
				found = append(found, desk.Notice{Kind: kind, Room: desk.Front})
			case "back":
				found = append(found, desk.Notice{Kind: kind, Room: desk.Back})
			case "direct":
				found = append(found, desk.Notice{Kind: kind, Room: desk.Direct})
			case "answer":
				sheet := literal(n.Args[1])
				found = append(found, desk.Notice{Kind: kind, Sheet: sheet, Room: desk.Back})
				if sheet != "timers" && sheet != "choose" && sheet != "budget" { // staff alone are answered so
					found = append(found, desk.Notice{Kind: kind, Sheet: sheet, Room: desk.Front})
				}
			}
		case *ast.CompositeLit:
			if id, ok := n.Type.(*ast.Ident); !ok || id.Name != "Notice" {
				return
			}
			fields := map[string]ast.Expr{}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					fields[kv.Key.(*ast.Ident).Name] = kv.Value
				}
			}
			if sheet := literal(fields["Sheet"]); sheet != "" {
				room := desk.Back
				if id, ok := fields["Room"].(*ast.Ident); ok && id.Name == "Front" {
					room = desk.Front
				}
				found = append(found, desk.Notice{Kind: "any", Sheet: sheet, Room: room})
			}
		}
	})
	return found
}

// rules walks the source of package desk.
func rules(t *testing.T, visit func(ast.Node)) {
	t.Helper()
	names, err := filepath.Glob("../desk/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal("no source of package desk", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool { visit(n); return true })
	}
}

// literal is the value of a string literal, "" for anything else.
func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

func TestFor(t *testing.T) {
	facts := incident(desk.Facts{})
	board, err := For(desk.Notice{Kind: desk.NClaimed, Board: true, Room: desk.Front, Lang: "fr", Facts: &facts})
	if err != nil || board.Sheet != "board" || board.Lang != "zh-CN" {
		t.Errorf("a board in an unknown language: %s %s %v", board.Sheet, board.Lang, err)
	}
	ping, err := For(desk.Notice{Kind: desk.NPing, Room: desk.Direct, Lang: "en", Facts: &facts, Inside: ladder(0)})
	if err != nil || ping.Sheet != "ping.back" || ping.Lang != "en" {
		t.Errorf("a ping: %s %s %v", ping.Sheet, ping.Lang, err)
	}
	for _, bad := range []struct {
		n    desk.Notice
		want string
	}{
		{desk.Notice{Key: "acme/1/ping/2", Kind: desk.NPing, Room: desk.Front, Facts: &facts}, "card: notice acme/1/ping/2: there is no sheet zh-CN/ping.card"},
		{desk.Notice{Key: "acme/1/opened/1", Kind: desk.NOpened, Board: true, Room: desk.Front}, "carries no facts"},
		{desk.Notice{Kind: desk.NResolved, Room: desk.Front, Facts: &facts, Inside: &desk.Inside{}}, "holds desk.Inside"},
	} {
		if c, err := For(bad.n); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("want an error with %q, got %v and %+v", bad.want, err, c)
		}
	}
}

// TestLoad: all wrong sheets of a tree are named at once.
func TestLoad(t *testing.T) {
	_, err := load(fstest.MapFS{
		"en/a.card":    {Data: []byte("title: {{.Titel}}")},
		"zh-CN/b.card": {Data: []byte("tone: blue")},
		"en/c.card":    {Data: []byte("title: fine")},
	})
	want := `en/a.card:1: .Titel: there is no field Titel; the nearest is Title
zh-CN/b.card:1: "blue" is no tone; use info, success, warning, danger or nothing
zh-CN/b.card:1: no title; every sheet has one line "title: TEXT"`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestBoardsStandStill: a board says the same whenever it is rendered, so that
// nothing is edited for nothing; while paused that holds for the deadline too,
// which moves with the clock.
func TestBoardsStandStill(t *testing.T) {
	for _, name := range []string{"board", "board.back", "onboarding"} {
		for _, one := range samples(name) {
			for _, lang := range Languages {
				s, _ := Lookup(lang, name)
				a, err := Fill(s, lang, one.facts, one.inside)
				if err != nil {
					t.Fatal(err)
				}
				later := one.facts
				later.Now = later.Now.Add(time.Hour)
				if later.Phase == desk.PhasePaused {
					later.ResolveBy = later.ResolveBy.Add(time.Hour)
				}
				if b, _ := Fill(s, lang, later, one.inside); b.String() != a.String() {
					t.Errorf("%s/%s, %s: an hour later %s", lang, name, one.name, diff(a.String(), b.String()))
				}
			}
		}
	}
}
