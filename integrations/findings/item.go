package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"butler/bot/desk"
)

// item is one finding as a source of the format butler sends it, and as the other
// formats are understood.
type item struct {
	Customer string    `json:"customer"`
	ID       string    `json:"id"`
	Layer    string    `json:"layer"`
	Asset    string    `json:"asset"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Status   string    `json:"status"`
	Detail   string    `json:"detail,omitempty"`
	SeenAt   time.Time `json:"seen_at,omitzero"`
	// What a severe one opens: incident or vulnerability, or none; the category is of
	// an incident.
	Matter   string `json:"matter,omitempty"`
	Category string `json:"category,omitempty"`
	// The same words for whoever reads English.
	TitleEn  string `json:"title_en,omitempty"`
	DetailEn string `json:"detail_en,omitempty"`
}

// The words of a finding's fields.
var (
	severities = []string{string(desk.High), string(desk.Medium), string(desk.Low)}
	statuses   = []string{"open", "fixed"}
	matters    = []string{string(desk.Incident), string(desk.Vulnerability), "none"}
	categories = []string{string(desk.Malware), string(desk.NetworkAttack), string(desk.DataDestruction), string(desk.ContentSecurity)}
)

// check names everything that is wrong with one finding.
func (it item) check() (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, f := range []struct{ name, value string }{{"customer", it.Customer}, {"id", it.ID}, {"asset", it.Asset}, {"title", it.Title}} {
		switch {
		case strings.TrimSpace(f.value) == "":
			bad("%s: is missing", f.name)
		case utf8.RuneCountInString(f.value) > maxField:
			bad("%s: has more than %d characters", f.name, maxField)
		}
	}
	layers := make([]string, len(desk.Layers))
	for i, l := range desk.Layers {
		layers[i] = string(l)
	}
	for _, f := range []struct {
		name, value string
		words       []string
		need        bool
	}{
		{"layer", it.Layer, layers, true}, {"severity", it.Severity, severities, true}, {"status", it.Status, statuses, true},
		{"matter", it.Matter, matters, false}, {"category", it.Category, categories, false},
	} {
		if (f.need || f.value != "") && !slices.Contains(f.words, f.value) {
			bad("%s: %q is none of %s", f.name, cut(f.value, 80), strings.Join(f.words, ", "))
		}
	}
	if it.Category != "" && it.Matter != "" && it.Matter != string(desk.Incident) {
		bad("category: is of an incident; %q has none", it.Matter)
	}
	if utf8.RuneCountInString(it.TitleEn) > maxField {
		bad("title_en: has more than %d characters", maxField)
	}
	return wrong
}

// held is how old a finding may be to count as one that was held up on its way:
// as long as the identity of an input is remembered (design §6). Its clock starts
// when it was seen; that of an older one, which nobody could have sent before,
// when it is heard.
const held = 24 * time.Hour

// input is the finding as it reaches the desk. Its identity is its content, so
// that one sent again is known. One that does not say when it was seen may be
// found, fixed and found again in the same words: its identity is also the minute
// in which it came.
func (d *Door) input(it item, source string, now time.Time) desk.Input {
	b, _ := json.Marshal(it) // a time that was parsed can be written
	sum := sha256.Sum256(b)
	id := "finding/" + source + "/" + hex.EncodeToString(sum[:16])
	at := it.SeenAt
	if it.SeenAt.IsZero() {
		id += now.UTC().Format("/200601021504")
		it.SeenAt = now
	}
	if at.Before(now.Add(-held)) || at.After(now) {
		at = now
	}
	f := desk.Found{Source: source, ID: it.ID, Layer: desk.Layer(it.Layer), Asset: it.Asset, Severity: desk.Severity(it.Severity),
		Fixed: it.Status == "fixed", SeenAt: it.SeenAt, Matter: desk.Kind(it.Matter), Category: desk.Category(it.Category),
		Title: d.masked(it.Title), TitleEn: d.masked(it.TitleEn), Detail: d.masked(it.Detail), DetailEn: d.masked(it.DetailEn)}
	if f.Matter == "" && f.Category != "" {
		f.Matter = desk.Incident
	}
	if d.o.Judge != nil && !f.Fixed {
		kind, category := d.o.Judge(it.Title)
		if f.Matter == "" {
			f.Matter = kind
		}
		if f.Matter == desk.Incident && f.Category == "" {
			f.Category = category
		}
	}
	return desk.Input{ID: id, At: at, Actor: desk.Actor{Role: desk.System, Name: source}, Act: f}
}

func (d *Door) masked(s string) string {
	if d.o.Mask == nil || s == "" {
		return s
	}
	return d.o.Mask(s)
}
