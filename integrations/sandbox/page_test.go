package sandbox

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewRefuses(t *testing.T) {
	_, f := newFake(t)
	_, err := New(Options{World: f, Language: "fr", Path: "sandbox"})
	for _, want := range []string{"no Service", "World and Clock go together", `"fr" is no language`, `"sandbox" must begin and end with a slash`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
	if _, err := New(Options{Service: f, Token: "short"}); err == nil || !strings.Contains(err.Error(), "at least 16 characters") {
		t.Errorf("a short token: %v", err)
	}
}

// Both languages say the same things, and everything the page asks for is there.
func TestWords(t *testing.T) {
	zh, en := wordsOf("zh-CN"), wordsOf("en")
	for _, k := range slices.Sorted(maps.Keys(zh)) {
		if en[k] == "" {
			t.Errorf("en lacks %q", k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(en)) {
		if zh[k] == "" {
			t.Errorf("zh-CN lacks %q", k)
		}
	}
	hole := regexp.MustCompile(`\{\w+\}`)
	for k := range zh {
		if a, b := hole.FindAllString(zh[k], -1), hole.FindAllString(en[k], -1); !slices.Equal(a, b) {
			t.Errorf("%q is filled from %v in zh-CN and from %v in en", k, a, b)
		}
	}
	asked := regexp.MustCompile(`\bw\('([A-Za-z0-9-]+)'`)
	for _, name := range scripts(t) {
		for _, m := range asked.FindAllStringSubmatch(read(t, name), -1) {
			if zh[m[1]] == "" {
				t.Errorf("%s asks for the words %q, which do not exist", name, m[1])
			}
		}
	}
	ids := regexp.MustCompile(`(?:bad\(|fault\{http\.\w+, |refuse\(w, http\.\w+, )"([a-z-]+)"`)
	for _, name := range []string{"api.go", "page.go", "events.go", "state.go"} {
		for _, m := range ids.FindAllStringSubmatch(source(t, name), -1) {
			if zh["e-"+m[1]] == "" {
				t.Errorf("%s refuses with %q, which has no words", name, m[1])
			}
		}
	}
}

// No script of the page can turn text into markup.
func TestScriptsHoldNoMarkup(t *testing.T) {
	sinks := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|srcdoc|setHTML`)
	outside := regexp.MustCompile(`https?://|//[a-z0-9.-]+\.[a-z]{2,}/`)
	for _, name := range scripts(t) {
		text := read(t, name)
		if hit := sinks.FindString(text); hit != "" {
			t.Errorf("%s uses %s", name, hit)
		}
		if hit := outside.FindString(text); hit != "" {
			t.Errorf("%s names an address elsewhere: %s", name, hit)
		}
	}
	html := read(t, "index.html")
	for _, re := range []string{`<script(?: type="module")?>`, `\sstyle=`, `\son\w+=`, `<style`, `https?:`} {
		if hit := regexp.MustCompile(re).FindString(html); hit != "" {
			t.Errorf("index.html holds %q, which the policy forbids", hit)
		}
	}
}

// Every handle that doc.go promises for browser tests exists.
func TestHandles(t *testing.T) {
	page, _ := newFake(t)
	all := get(t, page.Handler(), "/?lang=en").Body.String()
	for _, name := range scripts(t) {
		all += read(t, name)
	}
	for _, id := range []string{
		"customer-", "lang", "clock", "time-pause", "time-x1", "time-x60", "time-x3600", "time-minute", "time-next", "reset", "reset-yes",
		"tab-front", "tab-timers", "view-timers", "room-back", "log-direct", "direct-", "say-front", "send-back", "speaker-direct", "complete-front",
		"message", "card", "card-title", "card-field", "card-text", "card-button", "card-link", "form", "form-text", "form-send", "form-cancel", "form-problem", "updated", "lost", "panel-cases", "timer", "case", "step",
		"timeline", "explain", "event", "story", "story-", "story-close", "toast", "trouble", "offline",
	} {
		if !strings.Contains(all, `data-testid="`+id) && !strings.Contains(all, `testid: '`+id) && !strings.Contains(all, "testid: `"+id) && !strings.Contains(all, `dataset.testid = '`+id) {
			t.Errorf("nothing carries the handle %q", id)
		}
	}
}

func TestIndexLanguage(t *testing.T) {
	_, f := newFake(t)
	page, err := New(Options{Service: f, World: f, Clock: f.clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ url, accept, cookie, want string }{
		{"/", "", "", "zh-CN"},
		{"/", "en-GB,en;q=0.9,zh;q=0.8", "", "en"},
		{"/", "fr, zh-TW;q=0.5", "", "zh-CN"},
		{"/", "zh", "en", "en"},
		{"/?lang=en", "zh", "zh-CN", "en"},
		{"/?lang=<script>", "", "", "zh-CN"},
	} {
		r := httptest.NewRequest("GET", test.url, nil)
		r.Header.Set("Accept-Language", test.accept)
		if test.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "butler_lang", Value: test.cookie})
		}
		w := httptest.NewRecorder()
		page.Handler().ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `<html lang="`+test.want+`">`) {
			t.Errorf("%s, %q, cookie %q: not in %s", test.url, test.accept, test.cookie, test.want)
		}
	}
}

// A page that names no customer shows the first whose cards are in its language.
func TestFirstCustomer(t *testing.T) {
	page, _ := newFake(t)
	for query, want := range map[string]string{"lang=zh-CN": "acme", "lang=en": "nova", "lang=en&customer=lan": "lan", "": "acme"} {
		if s := stateOf(t, page.Handler(), query); s.Customer.ID != want {
			t.Errorf("%q shows %s, want %s", query, s.Customer.ID, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	page, _ := newFake(t)
	w := get(t, page.Handler(), "/")
	csp := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s: %s", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is unsafe: %s", csp)
	}
	for _, path := range []string{"/static/app.js", "/static/app.css", "/static/icon.svg"} {
		if w := get(t, page.Handler(), path); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/static/", "/static/index.html", "/static/words.en.json", "/static/../page.go", "/nothing"} {
		if w := get(t, page.Handler(), path); w.Code == 200 {
			t.Errorf("%s is served", path)
		}
	}
}

// Outside the demo the page wants its token and has no time controls.
func TestToken(t *testing.T) {
	_, f := newFake(t)
	const token = "a-long-enough-token"
	page, err := New(Options{Service: f, Token: token, Path: "/sandbox/"})
	if err != nil {
		t.Fatal(err)
	}
	h := http.StripPrefix("/sandbox", page.Handler())
	for _, path := range []string{"/sandbox/", "/sandbox/?token=wrong", "/sandbox/api/state", "/sandbox/events", "/sandbox/static/app.js", "/sandbox/api/state?token=" + token} {
		if w := get(t, h, path); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without the token: %d", path, w.Code)
		}
	}
	w := get(t, h, "/sandbox/?lang=en&token="+token)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./?lang=en" {
		t.Fatalf("the token itself: %d, to %q", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	if cookie.Path != "/sandbox/" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || strings.Contains(cookie.Value, token) {
		t.Errorf("the cookie is %+v", cookie)
	}
	r := httptest.NewRequest("GET", "/sandbox/", nil)
	r.AddCookie(cookie)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 || strings.Contains(w.Body.String(), "time-pause") || strings.Contains(w.Body.String(), `data-testid="reset"`) {
		t.Errorf("with the cookie: %d, and it must have neither time controls nor reset", w.Code)
	}
	for _, path := range []string{"/sandbox/api/time", "/sandbox/api/reset"} {
		r := httptest.NewRequest("POST", path, strings.NewReader(`{"op":"next"}`))
		r.Header.Set("Content-Type", "application/json")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s outside the demo: %d", path, w.Code)
		}
	}
}

// --- helpers ---

func scripts(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(files, "page/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "page/")
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := files.ReadFile("page/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func get(t *testing.T, h http.Handler, url string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that a stream, too, ends at once
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", url, nil))
	return w
}

// send posts a body and returns the status with the id of a refusal.
func send(t *testing.T, h http.Handler, path, body string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out struct{ ID, Error string }
	json.Unmarshal(w.Body.Bytes(), &out)
	if w.Code != 200 && (out.ID == "" || out.Error == "") && w.Code != http.StatusForbidden && w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%s %s: a refusal without words: %d %s", path, body, w.Code, w.Body)
	}
	return w.Code, out.ID
}

// stateOf asks for the state of a customer.
func stateOf(t *testing.T, h http.Handler, query string) state {
	t.Helper()
	w := get(t, h, "/api/state?"+query)
	if w.Code != 200 {
		t.Fatalf("state %s: %d %s", query, w.Code, w.Body)
	}
	var s state
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}
