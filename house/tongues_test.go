package house

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"testing"
	"unicode"
)

// reasons are the types that carry why something could not be done to a card: Why is
// read by the log and on English cards, Zh on Chinese ones.
var reasons = []string{"chat.Never", "bot.Missed"}

// monoglot lists the reasons that are made without their Chinese, or whose Chinese
// is none. Tests may invent what they like.
func monoglot(tr tree) []string {
	var found []string
	for _, f := range tr.golang() {
		if f.isTest() || in(f.room(), "bot/bottest") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			sel, ok := lit.Type.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || !slices.Contains(reasons, x.Name+"."+sel.Sel.Name) || fieldOf(lit, "Why") == nil {
				return true
			}
			switch zh := fieldOf(lit, "Zh"); {
			case zh == nil:
				found = append(found, fmt.Sprintf("%s: %s.%s has a Why and no Zh: whoever reads Chinese cards reads English there", tr.at(lit.Pos()), x.Name, sel.Sel.Name))
			case foreign(zh):
				found = append(found, fmt.Sprintf("%s: %s.%s: its Zh is no Chinese", tr.at(lit.Pos()), x.Name, sel.Sel.Name))
			}
			return true
		})
	}
	return found
}

// fieldOf is the value that a literal gives to a field; nil when it gives none.
func fieldOf(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// foreign reports a string that stands there without a Chinese character. What is
// put together elsewhere has a test beside it.
func foreign(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return false
	}
	s, _ := strconv.Unquote(lit.Value)
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}

func TestEveryReasonIsInBothLanguages(t *testing.T) { keeps(t, monoglot(house(t))) }

func TestAReasonInOneLanguageIsFound(t *testing.T) {
	catches(t, monoglot(bad(t)),
		"integrations/slack/send.go:14: chat.Never has a Why and no Zh: whoever reads Chinese cards reads English there",
		"integrations/slack/send.go:16: chat.Never: its Zh is no Chinese",
	)
}
