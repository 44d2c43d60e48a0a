package findings

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot/desk"
)

const good = `{"customer":"acme","id":"f1","layer":"host","asset":"10.0.0.5","title":"redis open","severity":"high","status":"open","seen_at":"2026-11-23T02:00:00+08:00"}`

// clock is when the tests are: 10:00 in Shanghai.
var clock = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// world is a door with what came through it.
type world struct {
	*Door
	mu    sync.Mutex
	taken []taken
	down  bool
	log   bytes.Buffer
}

type taken struct {
	customer string
	desk.Input
}

func open(sources ...Source) *world {
	w := &world{}
	w.Door = New(Options{Sources: sources, Now: func() time.Time { return clock }, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Take: func(_ context.Context, customer string, in desk.Input) error {
			if w.down {
				return errors.New("the store is down")
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.taken = append(w.taken, taken{customer, in})
			return nil
		}})
	return w
}

// found are the findings that were taken.
func (w *world) found() (list []desk.Found) {
	for _, in := range w.taken {
		if f, ok := in.Act.(desk.Found); ok {
			list = append(list, f)
		}
	}
	return list
}

// heard are the customers that heard of a sign of life.
func (w *world) heard() (list []string) {
	for _, in := range w.taken {
		if _, ok := in.Act.(desk.Heard); ok {
			list = append(list, in.customer)
		}
	}
	slices.Sort(list)
	return list
}

var scanner = Source{Name: "scanner", Token: "s3cret", Customers: []string{"acme"}}

// post sends a body with the scanner's token.
func (w *world) post(t *testing.T, body string, with ...func(*http.Request)) (int, answer) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/findings", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer s3cret")
	for _, f := range with {
		f(r)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var a answer
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	return rec.Code, a
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestTheFormatButler(t *testing.T) {
	for _, c := range []struct {
		name, body string
		down       bool
		status     int
		taken      int
		says       []string
	}{
		{"one", good, false, 202, 1, nil},
		{"a list", "[" + good + "," + strings.Replace(good, "f1", "f2", 1) + "]", false, 202, 2, nil},
		{"a sign of life", "[]", false, 202, 0, nil},
		{"a foreign customer", strings.Replace(good, "acme", "nova", 1), false, 403, 0, []string{`[0] customer`, "nova"}},
		{"nothing", "", false, 400, 0, []string{"empty"}},
		{"no JSON", "{", false, 400, 0, []string{"cannot be read: line 1, column 2: it breaks off"}},
		{"wrong JSON has a place", "[" + good + ",\n  {\"id\": x}]", false, 400, 0, []string{"line 2, column 10: invalid character 'x'"}},
		{"something behind it", good + good, false, 400, 0, []string{"something stands behind", "as a list"}},
		{"an unknown key", `{"colour":"red"}`, false, 400, 0, []string{`[0] line 1, column 1: cannot be read: unknown field "colour"; known are customer`}},
		{"unknown keys in several", `[{"colour":"red"}, {"size":1},` + good + `]`, false, 400, 0, []string{"[0]", "colour", "[1] line 1, column 20", "size"}},
		{"a wrong type", `{"id":17}`, false, 400, 0, []string{"id is a number; give a text"}},
		{"no object", `[17]`, false, 400, 0, []string{"a finding is an object, not a number"}},
		{"a wrong time", strings.Replace(good, "2026-11-23T02:00:00+08:00", "yesterday", 1), false, 400, 0, []string{`seen_at: "yesterday" is no time`, "2026-11-23T02:00:00+08:00"}},
		{"every mistake at once, and nothing is taken", `[` + good + `,{"customer":"acme","layer":"moon","severity":"bad","status":"maybe","matter":"x","category":"y"}]`, false, 400, 0,
			[]string{"[1] id", "[1] asset", "[1] title", "[1] layer", "[1] severity", "[1] status", "[1] matter", "[1] category"}},
		{"a category of a vulnerability", strings.Replace(good, `"open"`, `"open","matter":"vulnerability","category":"malware"`, 1), false, 400, 0, []string{"category: is of an incident"}},
		{"a long title", strings.Replace(good, "redis open", strings.Repeat("长", 501), 1), false, 400, 0, []string{"title: has more than 500"}},
		{"the store is down", good, true, 503, 0, []string{"again"}},
		{"the store is down for a sign of life", "[]", true, 503, 0, []string{"again"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(scanner)
			w.down = c.down
			status, a := w.post(t, c.body)
			if status != c.status || len(w.found()) != c.taken || a.Accepted != c.taken {
				t.Fatalf("status %d, %d taken, %d accepted; want %d, %d: %q", status, len(w.found()), a.Accepted, c.status, c.taken, a.Errors)
			}
			for _, s := range c.says {
				if !strings.Contains(strings.Join(a.Errors, "\n"), s) {
					t.Errorf("%q is not in %q", s, a.Errors)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	w := open(scanner)
	many := make([]string, MaxItems+1)
	for i := range many {
		many[i] = strings.Replace(good, "f1", fmt.Sprint("f", i), 1)
	}
	if status, a := w.post(t, "["+strings.Join(many, ",")+"]"); status != 413 || len(w.taken) > 0 {
		t.Errorf("%d findings: %d %q, %d taken", len(many), status, a.Errors, len(w.taken))
	}
	if status, a := w.post(t, "["+strings.Join(many[1:], ",")+"]"); status != 202 || a.Accepted != MaxItems {
		t.Errorf("%d findings: %d, %d accepted", MaxItems, status, a.Accepted)
	}
	if status, a := w.post(t, strings.Repeat("[]"+strings.Repeat(" ", 1<<10), 1<<10)); status != 413 {
		t.Errorf("a long body: %d %q", status, a.Errors)
	}
	if status, a := w.post(t, "["+strings.TrimSuffix(strings.Repeat("1,", MaxItems), ",")+"]"); status != 400 || len(a.Errors) != maxSaid+1 || !strings.HasPrefix(a.Errors[maxSaid], "and 900 more") {
		t.Errorf("many mistakes: %d, %d named, the last %q", status, len(a.Errors), a.Errors[len(a.Errors)-1])
	}
}

func TestTheBody(t *testing.T) {
	zipped := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(s))
		z.Close()
		return b.String()
	}
	gz := header("Content-Encoding", "gzip")
	for _, c := range []struct {
		name, body string
		with       func(*http.Request)
		status     int
		says       string
	}{
		{"gzip", zipped(good), gz, 202, ""},
		{"no gzip", good, gz, 400, "not gzip"},
		{"half of it", zipped(good)[:60], gz, 400, "breaks off"},
		{"a bomb", zipped("[" + strings.Repeat(" ", 20<<20) + "]"), gz, 413, "larger than"},
		{"brotli", good, header("Content-Encoding", "br"), 415, "plain or as gzip"},
		{"JSON of a kind", good, header("Content-Type", "application/vnd.x+json; charset=utf-8"), 202, ""},
		{"what curl says", good, header("Content-Type", "application/x-www-form-urlencoded"), 202, ""},
		{"a form", "a=b", header("Content-Type", "application/x-www-form-urlencoded"), 400, "sends JSON"},
		{"XML", "<a/>", header("Content-Type", "text/xml"), 415, "application/json"},
		{"GBK", good, header("Content-Type", "application/json; charset=gbk"), 415, "UTF-8"},
		{"not UTF-8", strings.Replace(good, "redis", "\xc1\xd0", 1), header("X", "y"), 400, "UTF-8"},
		{"a byte order mark", "\ufeff" + good, header("X", "y"), 202, ""},
		{"GET", good, func(r *http.Request) { r.Method = http.MethodGet }, 405, "POST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, a := open(scanner).post(t, c.body, c.with)
			if status != c.status || !strings.Contains(strings.Join(a.Errors, "\n"), c.says) {
				t.Errorf("%d %q, want %d %q", status, a.Errors, c.status, c.says)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	loose := Source{Name: "loose", Token: "in-the-url", Customers: []string{"acme"}, Loose: true}
	none := Source{Name: "none", Customers: []string{"acme"}}
	for _, c := range []struct {
		name, header, url string
		source            string // "": refused
	}{
		{"the token", "Bearer s3cret", "", "scanner"},
		{"in small letters", "bearer s3cret", "", "scanner"},
		{"a loose one by header", "Bearer in-the-url", "", "loose"},
		{"in the URL", "", "?token=in-the-url", "loose"},
		{"as a password", "Basic YW55Ym9keTppbi10aGUtdXJs", "", "loose"},
		{"none", "", "", ""},
		{"an empty one", "Bearer ", "", ""},
		{"an empty one in the URL", "", "?token=", ""},
		{"a wrong one", "Bearer s3cre", "", ""},
		{"without the word", "s3cret", "", ""},
		{"a strict one in the URL", "", "?token=s3cret", ""},
		{"a strict one as a password", "Basic eDpzM2NyZXQ=", "", ""},
		{"a wrong one hides the one in the URL", "Bearer x", "?token=in-the-url", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(scanner, loose, none)
			status, a := w.post(t, good, func(r *http.Request) {
				r.URL.RawQuery = strings.TrimPrefix(c.url, "?")
				r.Header.Del("Authorization")
				if c.header != "" {
					r.Header.Set("Authorization", c.header)
				}
			})
			if c.source == "" {
				if status != 401 || len(w.taken) > 0 || !strings.Contains(a.Errors[0], "Bearer") {
					t.Errorf("%d %q, %d taken", status, a.Errors, len(w.taken))
				}
				return
			}
			if status != 202 || w.found()[0].Source != c.source {
				t.Errorf("%d %q, %+v", status, a.Errors, w.taken)
			}
		})
	}
}

// No token reaches the log, and nothing of a finding but what is wrong with it.
func TestTheLogIsDiscreet(t *testing.T) {
	w := open(Source{Name: "loose", Token: "in-the-url", Customers: []string{"acme"}, Loose: true})
	for _, body := range []string{good, "{", strings.Replace(good, "acme", "nova", 1)} {
		w.post(t, body, func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "token=in-the-url" })
		w.post(t, body, header("Authorization", "Bearer stolen-token"))
	}
	if !strings.Contains(w.log.String(), "status=403") {
		t.Errorf("the log says nothing: %s", w.log.String())
	}
	for _, secret := range []string{"in-the-url", "stolen-token", "redis open", "10.0.0.5"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log holds %q: %s", secret, w.log.String())
		}
	}
}

func TestADryRunKeepsNothing(t *testing.T) {
	w := open(scanner)
	status, a := w.post(t, good, func(r *http.Request) { r.URL.RawQuery = "dry_run=1" })
	if status != 200 || len(w.taken) > 0 || len(a.Would) != 1 || a.Would[0].ID != "f1" || a.Accepted != 0 {
		t.Errorf("%d %+v, %d taken", status, a, len(w.taken))
	}
}

// What was kept before the store failed is known when the body is sent again.
func TestARepetitionIsKnown(t *testing.T) {
	w := open(scanner)
	body := "[" + good + "," + strings.Replace(good, "f1", "f2", 1) + "]"
	w.post(t, body)
	w.post(t, " "+strings.Replace(body, ":", " : ", 1))
	ids := map[string]int{}
	for _, in := range w.taken {
		ids[in.ID]++
	}
	if len(ids) != 3 { // two findings and the sign of life, which was told once
		t.Errorf("ids: %v", ids)
	}
}
