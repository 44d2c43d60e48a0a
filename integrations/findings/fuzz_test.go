package findings

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"butler/bot/desk"
)

// Whatever a body holds: no panic, an answer in words with a status of the
// contract, and nothing taken that a desk could not hold.
func FuzzBodies(f *testing.F) {
	samples, err := filepath.Glob("testdata/*.[jf]*")
	if err != nil || len(samples) == 0 {
		f.Fatal(err, "no samples")
	}
	for _, s := range samples {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), strings.HasSuffix(s, ".form"))
	}
	for _, s := range []string{good, "[" + good + "]", "[]", "{", "[{]", "null", `"a"`, `{"alerts":null}`, `{"a":"{\"b\":\"[1]\"}"}`, "a=%7B%7D&a=b"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	p := func(steps ...string) Piece { return Piece{IsPath: true, Path: steps, May: true} }
	any := func(steps ...string) Field { return Field{Try: []Text{{p(steps...)}, {{Fixed: "x"}}}} }
	wild := Map{Each: []string{"alerts", Every}, Fields: map[string]Field{
		"id": any("fingerprint"), "asset": any("labels", "instance"), "title": any("annotations", "0", "x"), "layer": any("labels", "layer"),
		"severity": {Try: any("labels", "severity").Try, AtLeast: []Bound{{9, "high"}}, Otherwise: "low"}, "seen_at": any("startsAt"),
	}}
	flat := minimal(func(m map[string]Field) { m["seen_at"] = any("timestamp") })
	f.Fuzz(func(t *testing.T, text string, form bool) {
		for _, src := range []Source{{Format: Butler}, {Format: Alertmanager}, {Format: Mapping, Map: wild}, {Format: Mapping, Map: flat}} {
			src.Name, src.Token, src.Customers = "s", "s3cret", []string{"acme"}
			w := open(src)
			r := httptest.NewRequest(http.MethodPost, "/v1/findings", strings.NewReader(text))
			r.Header.Set("Authorization", "Bearer s3cret")
			if form {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			rec := httptest.NewRecorder()
			w.ServeHTTP(rec, r)
			var a answer
			if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
				t.Fatalf("%v: %s", err, rec.Body)
			}
			switch rec.Code {
			case http.StatusAccepted:
			case http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge:
				if len(a.Errors) == 0 || !utf8.ValidString(strings.Join(a.Errors, "")) {
					t.Errorf("%d without a word: %s", rec.Code, rec.Body)
				}
			default:
				t.Errorf("status %d", rec.Code)
			}
			for _, in := range w.taken {
				f, ok := in.Act.(desk.Found)
				if ok && (in.customer != "acme" || f.ID == "" || f.Title == "" || len([]rune(f.Title)) > maxField || in.At.IsZero() || in.At.After(clock)) {
					t.Errorf("taken: %+v", in)
				}
			}
		}
	})
}
