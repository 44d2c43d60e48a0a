package card

import (
	"reflect"
	"slices"

	"butler/bot/desk"
	"butler/sla"
)

// vocabulary is the words of one language: domain → id → word.
type vocabulary map[string]map[string]string

// tables holds the words of every language; words_zh.go and words_en.go.
var tables = map[string]vocabulary{"zh-CN": chinese, "en": english}

// Languages lists the languages of sheets and words; the first is the fallback.
var Languages = []string{"zh-CN", "en"}

// domains in the order in which an id of no known domain is looked up.
var domains = []string{"state", "item", "phase", "clock", "kind", "severity", "category", "status", "label", "stage", "role", "layer", "matter", "event", "timer", "why", "choice", "turn", "secret", "room", "link", "form", "finding", "note", "retest", "chart"}

// domainOf is the domain of the ids that have a type of their own.
var domainOf = map[reflect.Type]string{
	reflect.TypeFor[desk.Kind]():       "kind",
	reflect.TypeFor[desk.Severity]():   "severity",
	reflect.TypeFor[desk.Category]():   "category",
	reflect.TypeFor[desk.Status]():     "status",
	reflect.TypeFor[desk.Role]():       "role",
	reflect.TypeFor[sla.Role]():        "role",
	reflect.TypeFor[desk.Layer]():      "layer",
	reflect.TypeFor[desk.NoticeKind](): "event",
	reflect.TypeFor[sla.Matter]():      "matter",
}

// WordIn puts an id of one domain into words; the id itself when it is unknown.
func WordIn(lang, domain, id string) string {
	if word, ok := tables[language(lang)][domain][id]; ok {
		return word
	}
	return id
}

// Word puts an id into words, in zh-CN or en. An id with a type of its own
// (desk.Kind, desk.Severity, …) is looked up among its like, a plain string
// wherever it is found first. What is no known id is returned as it is: it was
// words already.
func Word(lang string, id any) string {
	v := reflect.ValueOf(id)
	if v.Kind() != reflect.String {
		return ""
	}
	s, w := v.String(), tables[language(lang)]
	if domain, ok := domainOf[v.Type()]; ok {
		if word, ok := w[domain][s]; ok {
			return word
		}
		return s
	}
	for _, d := range domains {
		if word, ok := w[d][s]; ok {
			return word
		}
	}
	return s
}

// language returns a language that has sheets: zh-CN for any other.
func language(lang string) string {
	if slices.Contains(Languages, lang) {
		return lang
	}
	return Languages[0]
}
