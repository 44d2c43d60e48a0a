package sandbox

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"butler/bot/card"
)

// minToken is the least length of Options.Token: 16 characters, which nobody guesses.
const minToken = 16

// Options says what the page shows and who may see it.
type Options struct {
	Service Service
	// World and Clock make time something people move: both in the demo, neither
	// elsewhere.
	World World
	Clock *Clock
	// Findings answers POST /v1/findings of the demo's scanner; nil for none.
	Findings http.Handler
	// Now is the time of the store where there is no Clock; nil is time.Now.
	Now func() time.Time
	// Language is zh-CN or en for people who did not choose one; "" asks the
	// browser.
	Language string
	// Token guards the page: needed when there is no World, at least 16
	// characters. ?token=… once sets a cookie.
	Token string
	// Path is where the page is mounted, for the cookie; "" is "/". It ends with "/".
	Path string
	Log  *slog.Logger // nil discards
	// Stamp begins every message id. Where the store outlives the page, or
	// several pages share one, it must differ from page to page: a message with
	// a known id is a message that was heard already.
	Stamp string
	// Draw makes the picture of a card's chart, a PNG; nil: its words have to do.
	Draw func(card.Chart) ([]byte, error)
}

// Page is the sandbox: a web page and the chat platforms it stands in for.
type Page struct {
	service  Service
	world    World
	clock    *Clock
	findings http.Handler
	now      func() time.Time
	language string
	token    string // hex SHA-256 of the token; "" for none
	path     string
	log      *slog.Logger

	rooms rooms
	turns turns
	hub   *hub
	ears  sync.Map // platform name → *ear

	painter painter

	mu      sync.Mutex
	trouble string // why time stands still; "" when it does not
}

// New checks the options and returns the page. All errors at once.
func New(o Options) (*Page, error) {
	var errs []error
	if o.Service == nil {
		errs = append(errs, errors.New("sandbox: no Service"))
	}
	if (o.World == nil) != (o.Clock == nil) {
		errs = append(errs, errors.New("sandbox: World and Clock go together; give both or neither"))
	}
	if o.World == nil && len(o.Token) < minToken {
		errs = append(errs, fmt.Errorf("sandbox: outside the demo the page needs a token of at least %d characters; it has %d", minToken, len(o.Token)))
	}
	if o.Language != "" && !isLanguage(o.Language) {
		errs = append(errs, fmt.Errorf("sandbox: %q is no language of the page; use zh-CN or en", o.Language))
	}
	if o.Path == "" {
		o.Path = "/"
	}
	if !strings.HasPrefix(o.Path, "/") || !strings.HasSuffix(o.Path, "/") {
		errs = append(errs, fmt.Errorf("sandbox: the path %q must begin and end with a slash", o.Path))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	p := &Page{
		service: o.Service, world: o.World, clock: o.Clock, findings: o.Findings, now: o.Now,
		language: o.Language, path: o.Path, log: o.Log, hub: newHub(),
	}
	p.rooms.mark, p.painter.draw = o.Stamp, o.Draw
	if o.Token != "" {
		p.token = digest(o.Token)
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	switch {
	case p.clock != nil:
		p.now = p.clock.Now
	case p.now == nil:
		p.now = time.Now
	}
	return p, nil
}

// Run moves time in the demo until ctx ends; elsewhere it only waits. On its way
// out it closes the event streams. Run it once.
func (p *Page) Run(ctx context.Context) {
	defer p.Close()
	if p.world == nil {
		<-ctx.Done()
		return
	}
	p.clock.drive(ctx, p.world, p.moved)
}

// Close ends all event streams and refuses new ones, so that an http.Server can
// shut down. It may be called more than once.
func (p *Page) Close() { p.hub.close() }

// Serve runs the page on a listener until ctx ends, and returns when nothing of
// it runs any more: 3 s for requests under way, then they are cut.
func (p *Page) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           p.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { p.Run(ctx) })
	wg.Go(func() {
		<-ctx.Done()
		p.Close()
		late, stop := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer stop()
		if srv.Shutdown(late) != nil {
			srv.Close()
		}
	})
	err := srv.Serve(ln)
	cancel()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Changed tells open pages to look again. The page notices messages and moves of
// its clock by itself; call it after anything else that people should see.
func (p *Page) Changed() {
	p.rooms.touch()
	p.hub.notify()
}

// moved is told of every move of the clock.
func (p *Page) moved(stops int, err error) {
	p.mu.Lock()
	if p.trouble = ""; err != nil {
		p.trouble = err.Error()
		p.log.Error("time stands still", "err", err)
	}
	p.mu.Unlock()
	if stops > 0 || err != nil {
		p.rooms.touch()
	}
	p.hub.notify()
}

// Handler serves the page. All its addresses are relative, so it may be mounted
// anywhere with http.StripPrefix, as long as its own address ends with a slash.
func (p *Page) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.index)
	mux.Handle("GET /static/", static())
	mux.HandleFunc("GET /events", p.events)
	mux.HandleFunc("GET /api/state", p.state)
	mux.HandleFunc("GET /api/case", p.caseFile)
	mux.HandleFunc("GET /api/picture", p.picture)
	mux.HandleFunc("GET /api/complete", p.complete)
	mux.HandleFunc("POST /api/say", post(p.say))
	mux.HandleFunc("POST /api/click", post(p.click))
	mux.HandleFunc("POST /api/again", post(p.again))
	if p.world != nil {
		mux.HandleFunc("POST /api/time", post(p.time))
		mux.HandleFunc("POST /api/reset", post(p.reset))
	}
	if p.findings != nil {
		mux.Handle("/v1/findings", p.findings)
	}
	return headers(http.NewCrossOriginProtection().Handler(p.guard(mux)))
}

// headers forbids everything the page does not do. There is no inline script or
// style, nothing comes from elsewhere, and no script can turn text into markup.
func headers(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// tokenCookie holds a digest of the token, never the token.
const tokenCookie = "butler_sandbox"

// guard asks for the token where there is one. ?token=… on the page itself sets
// the cookie and leaves the address bar.
func (p *Page) guard(next http.Handler) http.Handler {
	if p.token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := r.URL.Query().Get("token"); t != "" && r.URL.Path == "/" && same(digest(t), p.token) {
			http.SetCookie(w, &http.Cookie{
				Name: tokenCookie, Value: p.token, Path: p.path, HttpOnly: true, SameSite: http.SameSiteLaxMode,
				Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
			})
			q := r.URL.Query()
			q.Del("token")
			to := "./"
			if len(q) > 0 {
				to += "?" + q.Encode()
			}
			// Not http.Redirect: a prefix that was stripped would be missing.
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		if c, err := r.Cookie(tokenCookie); err != nil || !same(c.Value, p.token) {
			refuse(w, http.StatusUnauthorized, "token", "this page needs its token: open it once with ?token=…")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func digest(token string) string {
	sum := sha256.Sum256([]byte("butler sandbox\x00" + token))
	return hex.EncodeToString(sum[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

//go:embed page
var files embed.FS

var frame = template.Must(template.ParseFS(files, "page/index.html"))

// static serves scripts, styles and the icon.
func static() http.Handler {
	sub, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // unreachable: the folder is embedded
	}
	server := http.StripPrefix("/static/", http.FileServerFS(sub))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, ".js"), strings.HasSuffix(r.URL.Path, ".css"), strings.HasSuffix(r.URL.Path, ".svg"):
			server.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// index serves the frame of the page; scripts fill it.
func (p *Page) index(w http.ResponseWriter, r *http.Request) {
	lang := p.language
	if q := r.URL.Query().Get("lang"); isLanguage(q) {
		lang = q
	} else if c, err := r.Cookie("butler_lang"); err == nil && isLanguage(c.Value) {
		lang = c.Value
	} else if lang == "" {
		lang = preferred(r.Header.Get("Accept-Language"))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := frame.Execute(w, struct {
		Lang    string
		W       map[string]string
		Virtual bool
		Rooms   []string
		Panels  []string
	}{lang, wordsOf(lang), p.world != nil, []string{"front", "back", "direct"}, []string{"timers", "cases", "inside"}})
	if err != nil {
		p.log.Debug("the page was not read to its end", "err", err)
	}
}
