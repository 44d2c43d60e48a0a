package findings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// decode reads a body as its source speaks.
func (s Source) decode(b body) (*batch, error) {
	switch s.Format {
	case Alertmanager:
		return s.alerts(b)
	case Mapping:
		return s.mapped(b)
	}
	return native(b)
}

// native reads one object or a list, strictly. What is no JSON refuses the body;
// what is wrong with single objects is named together with all other mistakes.
func native(b body) (*batch, error) {
	if b.form {
		return nil, errors.New("the body cannot be read: a source of the format butler sends JSON")
	}
	d := json.NewDecoder(bytes.NewReader(b.text))
	got := &batch{whole: true}
	if b.text[0] != '[' {
		if err := got.next(d, b.text, 0); err != nil {
			return nil, err
		}
		return got, ends(d, b.text)
	}
	d.Token() // the bracket
	n := 0
	for ; d.More(); n++ {
		if err := got.next(d, b.text, n); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, unread(b.text, err)
	}
	got.empty = n == 0
	return got, ends(d, b.text)
}

// next reads the next object.
func (b *batch) next(d *json.Decoder, text []byte, n int) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return unread(text, err)
	}
	var it item
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&it); err != nil {
		b.bad(n, "%s: cannot be read: %s", spot(text, int(d.InputOffset())-len(raw)), unfit(err))
		return nil
	}
	b.items = append(b.items, placed{it, n})
	return nil
}

// unfit says in words why a JSON value is no finding.
func unfit(err error) string {
	var kind *json.UnmarshalTypeError
	var when *time.ParseError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Sprintf("a finding is an object, not a %s", kind.Value)
	case errors.As(err, &kind):
		return fmt.Sprintf("%s is a %s; give a text", kind.Field, kind.Value)
	case errors.As(err, &when):
		return fmt.Sprintf("seen_at: %q is no time; write one like 2026-11-23T02:00:00+08:00", cut(when.Value, 60))
	}
	return strings.TrimPrefix(err.Error(), "json: ") + "; known are customer, id, layer, asset, title, severity, status, detail, seen_at, matter, category, title_en, detail_en"
}

// ends makes sure that nothing stands behind the value.
func ends(d *json.Decoder, text []byte) error {
	rest := bytes.TrimLeft(text[d.InputOffset():], " \t\r\n")
	if len(rest) > 0 {
		return fmt.Errorf("the body cannot be read: %s: something stands behind the JSON value; send several findings as a list", spot(text, len(text)-len(rest)))
	}
	return nil
}

// unread says in words why a body is no JSON, and where. A decoder that reads on
// and on loses count; the whole text, read once more, tells the place.
func unread(text []byte, err error) error {
	at, what := 0, strings.TrimPrefix(err.Error(), "json: ")
	var value any
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(text, &value), &syntax) {
		if at = int(syntax.Offset); at < len(text) || !strings.Contains(syntax.Error(), "unexpected end") {
			at, what = max(0, at-1), syntax.Error()
		} else {
			what = "it breaks off here"
		}
	}
	return fmt.Errorf("the body cannot be read: %s: %s", spot(text, at), what)
}
