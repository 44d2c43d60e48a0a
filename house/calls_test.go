package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// clockNames are the ways to ask package time for the time, or to wait for it.
var clockNames = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// seededNames are what math/rand offers for a source of one's own. Everything
// else there draws from one that nobody can replay.
var seededNames = []string{"New", "NewSource", "NewZipf", "NewPCG", "NewChaCha8", "Rand", "Source", "Source64", "Zipf", "PCG", "ChaCha8"}

// outside are the rooms that stand in the world, tests included.
var outside = []string{"cmd", "integrations"}

// excused are files elsewhere that may ask for the time, each with its reason. An
// excuse that is not used any more is a mistake.
var excused = map[string]string{}

// timeless lists every use of the world's time or luck outside of cmd and
// integrations, tests included: time comes with the desk, and luck has a seed.
func timeless(tr tree, excused map[string]string) []string {
	var found []string
	used := map[string]bool{}
	for _, f := range tr.golang() {
		if slices.ContainsFunc(outside, func(room string) bool { return in(f.room(), room) }) {
			continue
		}
		for _, place := range tr.worldUses(f) {
			if excused[f.path] != "" {
				used[f.path] = true
				continue
			}
			found = append(found, place)
		}
	}
	for p := range excused {
		if !used[p] {
			found = append(found, p+" is excused and needs no excuse any more")
		}
	}
	return found
}

// worldUses lists them in one file. A use is enough, it need not be a call:
// handing time.Now on is asking for the time.
func (tr tree) worldUses(f file) []string {
	var found []string
	names := map[string]string{} // name in this file → import path
	for _, spec := range f.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if p != "time" && p != "math/rand" && p != "math/rand/v2" {
			continue
		}
		name := path.Base(strings.TrimSuffix(p, "/v2"))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			found = append(found, fmt.Sprintf("%s: imports %s with a dot, so nobody can see what is used of it", tr.at(spec.Pos()), p))
		}
		names[name] = p
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok || x.Obj != nil { // a variable of that name is no package
			return true
		}
		switch p := names[x.Name]; {
		case p == "time" && slices.Contains(clockNames, sel.Sel.Name):
			found = append(found, fmt.Sprintf("%s: uses time.%s; time comes with the desk", tr.at(sel.Pos()), sel.Sel.Name))
		case strings.HasPrefix(p, "math/rand") && !slices.Contains(seededNames, sel.Sel.Name):
			found = append(found, fmt.Sprintf("%s: uses rand.%s; luck has a seed, so that a failure can be played again", tr.at(sel.Pos()), sel.Sel.Name))
		}
		return true
	})
	return found
}

func TestNobodyInsideAsksForTheTime(t *testing.T) { keeps(t, timeless(house(t), excused)) }

func TestAskingForTheTimeIsFound(t *testing.T) {
	catches(t, timeless(bad(t), map[string]string{"sla/sla_test.go": "a reason", "sla/none.go": "a reason"}),
		"util/util.go:11: uses time.Now; time comes with the desk",
		"util/util.go:12: uses time.After; time comes with the desk",
		"util/util.go:13: uses rand.Intn; luck has a seed, so that a failure can be played again",
		"sla/none.go is excused and needs no excuse any more",
	)
}
