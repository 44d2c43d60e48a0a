package card

import (
	"regexp"
	"strings"
	"testing"
)

// typed are the parts of a Chinese card that are Latin by right: what is typed, and
// addresses.
var typed = regexp.MustCompile("/[a-z]+( [a-z]+#[0-9F]*)?|butler replay|https?://\\S+|`[^`]*`")

// englishRun is a run of two English words, which no code of a platform, no product and
// no abbreviation is.
var englishRun = regexp.MustCompile(`[A-Za-z]{2,}'?[a-z]* [a-z]{2,}`)

var hanOnce = regexp.MustCompile(`\p{Han}`)

// TestChineseCardsAreChinese: no words of a Chinese card are English, but for
// names, codes, commands and what people said.
func TestChineseCardsAreChinese(t *testing.T) {
	for _, name := range Sheets() {
		if name == "parked.back" {
			continue // it quotes the error of a broken rule as the log has it
		}
		s, _ := Lookup("zh-CN", name)
		for _, one := range samples(name, "zh-CN") {
			c, err := Fill(s, "zh-CN", one.facts, one.inside)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(c.String(), "\n") {
				if run := englishRun.FindString(typed.ReplaceAllString(line, " ")); run != "" {
					t.Errorf("%s, %s: %q is English in %q", name, one.name, run, line)
				}
			}
		}
	}
}

// TestChineseWordsAreChinese: every word of the Chinese vocabulary has a Chinese
// character, and none of the English one has.
func TestChineseWordsAreChinese(t *testing.T) {
	for domain, words := range chinese {
		for id, w := range words {
			if !hanOnce.MatchString(w) {
				t.Errorf("%s %s: %q is no Chinese", domain, id, w)
			}
			if en := english[domain][id]; hanOnce.MatchString(en) {
				t.Errorf("%s %s: %q is no English", domain, id, en)
			}
		}
	}
}
