package dingtalk

import (
	"regexp"
	"testing"
)

var han = regexp.MustCompile(`\p{Han}.*\p{Han}`)

func chinese(s string) bool { return han.MatchString(s) }

// Every reason that a card may show has its line in both languages.
func TestReasonsHaveBothLanguages(t *testing.T) {
	for code, w := range lost {
		if w.en == "" || han.MatchString(w.en) || !chinese(w.zh) {
			t.Errorf("%s: %q, %q", code, w.en, w.zh)
		}
	}
}
