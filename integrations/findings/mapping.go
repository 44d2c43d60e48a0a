package findings

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Map says where the fields of a finding stand in what a product sends. The config
// writes it as paths (config/mapping.go); here it is only followed.
type Map struct {
	// Each are the steps to the list of findings; the step Every stands for all
	// elements of a list. None: the body itself, be it one object or a list.
	Each   []string
	Fields map[string]Field // by the name of the field
}

// Every is the step to all elements of a list.
const Every = "[*]"

// Field says how one field is taken.
type Field struct {
	// Try are the ways to it; the first that yields something is taken. None: the
	// field is not given.
	Try []Text
	// Values turn what was found into another word, whatever its case; AtLeast do so
	// for numbers, the largest bound first. What neither knows is Otherwise, or a
	// mistake where there is none. With neither, what was found is taken as it is, and
	// Otherwise only where nothing was found.
	Values    map[string]string // by the word in lower case
	AtLeast   []Bound
	Otherwise string
	// As says how a time is written: TimeUnix, TimeUnixMilli, TimeRFC3339 or a layout
	// of package time; "" for RFC 3339 or a Unix time, of which the size tells the
	// unit. Zone is of times that name none; nil is UTC.
	As   string
	Zone *time.Location
}

// How a time may be written, beside the layouts of package time.
const (
	TimeUnix      = "unix"    // seconds
	TimeUnixMilli = "unix_ms" // milliseconds
	TimeRFC3339   = "rfc3339"
)

// Bound gives the word for numbers from a bound on.
type Bound struct {
	From float64
	Word string
}

// Text is fixed words and what stands at paths, one behind the other. It yields
// nothing when a path of it leads nowhere, unless that one may.
type Text []Piece

// Piece is one part of a text: fixed words, or a path.
type Piece struct {
	Fixed string
	Path  []string // keys of objects and indexes of lists; used when IsPath
	// IsPath: the path counts. Whole: it begins at the body and not at the finding.
	// May: it may lead nowhere.
	IsPath, Whole, May bool
}

// Ignore is a status: the finding is none, only a sign that its source lives.
const Ignore = "ignore"

// depth is how deep JSON inside texts of JSON is opened.
const depth = 3

// mapped reads a body as the config says.
func (s Source) mapped(b body) (*batch, error) {
	whole, err := b.value()
	if err != nil {
		return nil, err
	}
	return s.gather(whole, s.Map.Each, func(t *taker) {
		start := item{Status: "open"}
		if len(s.Layers) == 1 {
			start.Layer = s.Layers[0]
		}
		it := t.item(start, s)
		t.got.add(t.at, it, t.failed)
	})
}

// gather takes what the steps lead to one by one, and stops once it is more than
// one request may hold.
func (s Source) gather(whole any, steps []string, take func(*taker)) (*batch, error) {
	list, err := each(whole, steps)
	if err != nil {
		return nil, err
	}
	got := &batch{empty: len(list) == 0}
	for i, one := range list {
		if got.size() > MaxItems {
			break
		}
		if got.object(i, one) {
			take(&taker{got: got, at: i, one: one, whole: whole, fields: s.Map.Fields})
		}
	}
	return got, nil
}

// object notes when what should be one finding cannot be.
func (b *batch) object(at int, one any) bool {
	_, ok := one.(map[string]any)
	if !ok {
		b.bad(at, "is %s; a finding is an object", kindOf(one))
	}
	return ok
}

// add keeps a finding, unless it is none or could not be read.
func (b *batch) add(at int, it item, failed bool) {
	switch {
	case failed:
	case it.Status == Ignore:
		b.ignored++
	default:
		b.items = append(b.items, placed{it, at})
	}
}

// each lists what the steps lead to.
func each(body any, steps []string) ([]any, error) {
	if len(steps) == 0 {
		if list, ok := body.([]any); ok {
			return list, nil
		}
		return []any{body}, nil
	}
	now := []any{body}
	for i, step := range steps {
		var next []any
		for _, v := range now {
			v = opened(v, depth)
			switch list, ok := v.([]any); {
			case step != Every:
				if got, ok := child(v, step); ok {
					next = append(next, got)
				} else if len(now) == 1 {
					return nil, fmt.Errorf("each: the body has no %s", strings.Join(steps[:i+1], "."))
				}
			case ok:
				next = append(next, list...)
			case v == nil: // how some products write an empty list
			default:
				return nil, fmt.Errorf("each: %s is %s, not a list", orBody(steps[:i]), kindOf(v))
			}
		}
		now = next
	}
	return now, nil
}

func orBody(steps []string) string {
	if len(steps) == 0 {
		return "the body"
	}
	return strings.Join(steps, ".")
}

// child is what one step leads to: a key of an object, or an index of a list.
func child(v any, step string) (any, bool) {
	switch v := opened(v, depth).(type) {
	case map[string]any:
		got, ok := v[step]
		return got, ok
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

// opened is the value inside a text that is JSON itself; every other value as it is.
func opened(v any, deep int) any {
	s, ok := v.(string)
	if s = strings.TrimSpace(s); !ok || deep == 0 || s == "" || s[0] != '{' && s[0] != '[' {
		return v
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var inside any
	if err := d.Decode(&inside); err != nil {
		return v
	}
	return opened(inside, deep-1)
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "empty"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	case bool:
		return "true or false"
	}
	return "a number"
}

// taker takes the fields of one finding.
type taker struct {
	got        *batch
	at         int
	one, whole any
	fields     map[string]Field
	failed     bool
}

// item fills in what the map says, and leaves the rest as it is.
func (t *taker) item(it item, s Source) item {
	if it.Customer == "" && len(s.Customers) == 1 {
		it.Customer = s.Customers[0]
	}
	for _, f := range []struct {
		name string
		to   *string
		most int // characters; 0: any
	}{
		{"status", &it.Status, 0}, // first: of what is ignored the rest does not matter
		{"customer", &it.Customer, 0}, {"id", &it.ID, 0}, {"layer", &it.Layer, 0}, {"severity", &it.Severity, 0},
		{"matter", &it.Matter, 0}, {"category", &it.Category, 0}, {"asset", &it.Asset, maxField}, {"title", &it.Title, maxField},
		{"title_en", &it.TitleEn, maxField}, {"detail", &it.Detail, 0}, {"detail_en", &it.DetailEn, 0},
	} {
		if it.Status == Ignore {
			return it
		}
		if field, ok := t.fields[f.name]; ok {
			if text, ok := t.word(f.name, field); ok {
				*f.to = text
				if f.most > 0 {
					*f.to = cut(text, f.most)
				}
			}
		}
	}
	if len([]rune(it.ID)) > maxField { // nobody can make a product choose a shorter one
		it.ID = "sha256-" + digest(it.ID)
	}
	if field, ok := t.fields["seen_at"]; ok {
		it.SeenAt = t.when(field)
	}
	return it
}

// word takes one field; false when nothing is there.
func (t *taker) word(name string, f Field) (string, bool) {
	text := t.first(f)
	if len(f.Values) == 0 && len(f.AtLeast) == 0 {
		if text == "" {
			text = f.Otherwise
		}
		return text, text != ""
	}
	if word, ok := f.Values[strings.ToLower(text)]; ok {
		return word, true
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(n) {
		if i := slices.IndexFunc(f.AtLeast, func(b Bound) bool { return n >= b.From }); i >= 0 {
			return f.AtLeast[i].Word, true
		}
	}
	switch {
	case f.Otherwise != "":
		return f.Otherwise, true
	case text == "":
		return "", false
	}
	t.failed = true
	t.got.bad(t.at, "%s: %q stands neither in values nor in at_least, and there is no otherwise", name, cut(text, 80))
	return "", false
}

// first is what the first way yields that yields something.
func (t *taker) first(f Field) string {
	for _, way := range f.Try {
		if text, ok := t.text(way); ok {
			return text
		}
	}
	return ""
}

func (t *taker) text(way Text) (string, bool) {
	var s strings.Builder
	for _, p := range way {
		if !p.IsPath {
			s.WriteString(p.Fixed)
			continue
		}
		from := t.one
		if p.Whole {
			from = t.whole
		}
		found := said(follow(from, p.Path))
		if found == "" && !p.May {
			return "", false
		}
		s.WriteString(found)
	}
	text := strings.TrimSpace(s.String())
	return text, text != ""
}

// follow is what a path leads to; nil when it leads nowhere.
func follow(v any, path []string) any {
	for _, step := range path {
		next, ok := child(v, step)
		if !ok {
			return nil
		}
		v = next
	}
	return v
}

// said writes a value as a text: a list of plain values with commas, an object as
// JSON.
func said(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case []any:
		var parts []string
		for _, one := range v {
			if s := said(one); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	}
	b, _ := json.Marshal(v) // it came from JSON
	return string(b)
}

// when takes a time. One that cannot be read costs the time and not the finding.
func (t *taker) when(f Field) time.Time {
	text := t.first(f)
	if text == "" {
		return time.Time{}
	}
	at, err := moment(text, f.As, f.Zone)
	if err != nil {
		t.got.note(t.at, "seen_at: %v; taken as now", err)
		return time.Time{}
	}
	return at
}

// The years a time may lie in: what lies elsewhere was read in the wrong unit, or
// is how a product writes "never".
const firstYear, lastYear = 1990, 2200

// moment reads a time.
func moment(text, as string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64)
	number := err == nil
	var at time.Time
	switch {
	case as == TimeUnix && number:
		at = time.Unix(n, 0)
	case as == TimeUnixMilli && number, as == "" && number && n >= 1e11: // 1e11 s is the year 5138
		at = time.UnixMilli(n)
	case as == "" && number:
		at = time.Unix(n, 0)
	case as == TimeUnix, as == TimeUnixMilli:
		return at, fmt.Errorf("%q is no Unix time", cut(text, 60))
	case as == "", as == TimeRFC3339:
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return at, fmt.Errorf("%q is no time like 2026-11-23T02:00:00+08:00; say how it is written with as", cut(text, 60))
		}
	default:
		if at, err = time.ParseInLocation(as, text, zone); err != nil {
			return at, fmt.Errorf("%q is not written like %q", cut(text, 60), as)
		}
	}
	if y := at.UTC().Year(); y < firstYear || y > lastYear {
		return time.Time{}, fmt.Errorf("%q lies in the year %d", cut(text, 60), y)
	}
	return at, nil
}
