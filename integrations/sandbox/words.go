package sandbox

import (
	"encoding/json"
	"strings"
)

// languages are those of the page.
var languages = []string{"zh-CN", "en"}

func isLanguage(s string) bool { return s == "zh-CN" || s == "en" }

// words holds the words of the page by language, from page/words.*.json.
var words = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range languages {
		b, err := files.ReadFile("page/words." + lang + ".json")
		if err != nil {
			panic(err) // unreachable: the file is embedded
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			panic("sandbox: page/words." + lang + ".json: " + err.Error()) // a test reads it
		}
		all[lang] = m
	}
	return all
}()

func wordsOf(lang string) map[string]string { return words[lang] }

// preferred reads Accept-Language as far as two languages need: the first of
// zh and en that is named wins; zh-CN when neither is.
func preferred(header string) string {
	for _, part := range strings.Split(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary {
		case "zh":
			return "zh-CN"
		case "en":
			return "en"
		}
	}
	return "zh-CN"
}
