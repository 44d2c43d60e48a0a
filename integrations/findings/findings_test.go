package findings

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"butler/bot/desk"
)

const good = `{"customer":"acme","id":"f1","layer":"host","asset":"10.0.0.5","title":"redis open","severity":"high","status":"open","seen_at":"2026-11-23T02:00:00+08:00"}`

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		name, token, body string
		down              bool
		status            int
		taken             int
		says              []string
	}{
		{"one", "s3cret", good, false, 202, 1, nil},
		{"a list", "s3cret", "[" + good + "," + strings.Replace(good, "f1", "f2", 1) + "]", false, 202, 2, nil},
		{"no token", "", good, false, 401, 0, []string{"Bearer"}},
		{"a wrong token", "s3cre", good, false, 401, 0, nil},
		{"a foreign customer", "s3cret", strings.Replace(good, "acme", "nova", 1), false, 403, 0, []string{`[0] customer`, "nova"}},
		{"nothing", "s3cret", "", false, 400, 0, []string{"empty"}},
		{"no JSON", "s3cret", "{", false, 400, 0, []string{"cannot be read"}},
		{"an unknown key", "s3cret", `{"colour":"red"}`, false, 400, 0, []string{"colour"}},
		{"every mistake at once, and nothing is taken", "s3cret", `[` + good + `,{"customer":"acme","layer":"moon","severity":"bad","status":"maybe"}]`, false, 400, 0,
			[]string{"[1] id", "[1] asset", "[1] title", "[1] layer", "[1] severity", "[1] status"}},
		{"the store is down", "s3cret", good, true, 503, 0, []string{"again"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			taken := 0
			h := Handler([]Source{{Name: "scanner", Token: "s3cret", Customers: []string{"acme"}}}, func(_ context.Context, customer string, in desk.Input) error {
				if c.down {
					return errors.New("down")
				}
				if customer != "acme" || in.Act.(desk.Found).Source != "scanner" {
					t.Errorf("took %s %+v", customer, in)
				}
				taken++
				return nil
			})
			r := httptest.NewRequest(http.MethodPost, "/v1/findings", strings.NewReader(c.body))
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || taken != c.taken {
				t.Fatalf("status %d, %d taken; want %d, %d: %s", w.Code, taken, c.status, c.taken, w.Body)
			}
			var a answer
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
			for _, s := range c.says {
				if !strings.Contains(strings.Join(a.Errors, "\n"), s) {
					t.Errorf("%q is not in %q", s, a.Errors)
				}
			}
		})
	}
}

// A repeated body is the same input, so the desk knows it.
func TestIdentity(t *testing.T) {
	a, _ := decode([]byte(good))
	b, _ := decode([]byte(" " + good))
	c, _ := decode([]byte(strings.Replace(good, `"open"`, `"fixed"`, 1)))
	if a[0].input("s").ID != b[0].input("s").ID || a[0].input("s").ID == c[0].input("s").ID {
		t.Error("identity is not the content")
	}
}
