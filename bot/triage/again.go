package triage

import "strings"

// back are words that say that something has come back, or was never gone.
var back = strings.Fields("又来了 又出现 又发现 又被 又中 又开始 又打不开 再次 复发 死灰复燃 还是打不开 还是不行 还是一样 还是没好 还是有 还在 仍然 仍旧 没好 没有解决 没解决 没修好 依然 " +
	"still_there still_not still_down still_happening still_the_same still_see still_getting not_fixed not_resolved not_solved is_back are_back came_back it's_back came_again happened_again happening_again once_more back_again again")

// Again reports whether a text says that something is back, or was never gone:
// "又来了", "还是打不开", "it is back". What it is about the desk finds out.
func Again(text string) bool {
	folded := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, w := range back {
		if w = strings.ReplaceAll(w, "_", " "); strings.Contains(folded, w) {
			return true
		}
	}
	return false
}
