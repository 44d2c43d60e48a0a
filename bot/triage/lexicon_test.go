package triage

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"ＤＤＯＳ　Attack":         "ddos attack",
		"被 hack 了":            "被hack了",
		"勒 索":                 "勒索",
		"伺服器遭駭客入侵":            "伺服器遭骇客入侵",
		"a\u200bb  c":         "ab c",
		" line one \n\n two ": "line one\ntwo",
		"“引号”":                "\"引号\"",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnlink(t *testing.T) {
	for in, want := range map[string]string{
		"看https://a.com/src/x 这里": "看  这里",
		"<https://a.com|b> c":     "< > c",
		"hxxp://a.b":              " ",
		"no link: a//b":           "no link: a//b",
		"://":                     " ",
		"中文://x 中文":               "中文  中文",
	} {
		if got := unlink(in); got != want {
			t.Errorf("unlink(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestPatterns: parts in order, within one sentence, within the gap, words whole.
func TestPatterns(t *testing.T) {
	l := &lexicon{words: map[[3]byte][]word{}}
	_, err := l.read("test.txt", `
[a] incident 1   # a comment
(文件|数据)…被加密
hack*
rat
cc`, 0)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"文件都被加密":                               "文件…被加密",
		"被加密的文件":                               "",
		"文件在。数据没被加密":                           "数据…被加密",
		"文件。被加密":                               "",
		"文件" + strings.Repeat("很", 13) + "被加密": "",
		"hackers": "hack",
		"shack":   "",
		"a rat":   "rat",
		"rate":    "",
		"被cc了":    "cc",
		"access":  "",
	} {
		var got []string
		for _, h := range l.find(text) {
			got = append(got, h.said)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("find(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLexiconMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"勒索":                    "data/x.txt:1: a pattern before the first [section]",
		"[a] incident 1\n(文件":   "data/x.txt:2: pattern \"(文件\": ( without )",
		"[a] incident 1\n文件)":   "data/x.txt:2: pattern \"文件)\": ) or | without (",
		"[a] incidents 1":       "data/x.txt:1: section [a]: \"incidents 1\" is not a key and a weight",
		"[a] incident many":     "data/x.txt:1: section [a]: \"incident many\" is not a key and a weight",
		"[a] incident 1\n文件……x": "data/x.txt:2: pattern \"文件……x\" has an empty part",
		"[a":                    "data/x.txt:1: section \"[a\": want [name] key weight",
	} {
		l := &lexicon{words: map[[3]byte][]word{}}
		if _, err := l.read("x.txt", text, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
