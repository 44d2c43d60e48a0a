package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"butler/integrations/dingtalk"
)

var inRow = regexp.MustCompile("(?m)^\\| (.*?) \\|")

// What the pages about DingTalk quote is what the program says: whoever searches for
// a line of the log finds it there.
func TestTheDingTalkPagesQuoteTheProgram(t *testing.T) {
	t.Parallel()
	source := ""
	for _, pattern := range []string{"../../integrations/dingtalk/*.go", "../../bot/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, f := range files {
			source += read(t, f)
		}
	}
	for page, heading := range map[string]string{"../../docs/dingtalk.md": "## When something is wrong", "../../docs/dingtalk.zh-CN.md": "## 出了问题"} {
		text := read(t, page)
		_, table, found := strings.Cut(text, heading)
		if !found {
			t.Fatalf("%s has no %q", page, heading)
		}
		quotes := 0
		for _, row := range inRow.FindAllStringSubmatch(table, -1) {
			for i, quote := range strings.Split(row[1], "`") {
				if i%2 == 0 {
					continue
				}
				quotes++
				for _, part := range strings.FieldsFunc(strings.Split(quote, " room=")[0], func(r rune) bool { return strings.ContainsRune("…()=", r) }) {
					if part = strings.TrimSpace(part); !strings.Contains(source, part) {
						t.Errorf("%s quotes %q, and the program never says %q", page, quote, part)
					}
				}
			}
		}
		if quotes < 15 {
			t.Errorf("%s: only %d quotes are found", page, quotes)
		}
		for _, variable := range []string{"title", "foot", "body8", "b8", "bN_command", "a3", "hint", "link2"} {
			if !strings.Contains(text, "`"+variable+"`") || !strings.Contains(dingtalk.CardTemplate(), strings.ReplaceAll(variable, "N", "1")) {
				t.Errorf("%s and the template do not agree on %s", page, variable)
			}
		}
	}
}
