package sandbox

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

// charted is a card with a chart, whose first day has so many findings.
func charted(high int) bot.Sending {
	return bot.Sending{Key: fmt.Sprint("k", high), Room: chat.Room{Platform: "slack", ID: "C0FRONT"}, Card: card.Card{Title: "巡检", Lang: "zh-CN",
		Chart: &card.Chart{Title: "近 2 天", Alt: "从 3 项到 1 项", Days: []card.ChartDay{{Label: "11-22", High: high}, {Label: "11-23"}}}}}
}

// drawing is a page that draws, its words, and what it logs.
func drawing(t *testing.T) (*Page, http.Handler, *strings.Builder) {
	page, f := newFake(t)
	f.listen(t)
	var log strings.Builder
	page.log = slog.New(slog.NewTextHandler(&log, nil))
	page.painter.draw = func(c card.Chart) ([]byte, error) {
		if c.Days[0].High < 0 {
			return nil, errors.New("chart: -1 findings")
		}
		return fmt.Appendf(nil, "\x89PNG\r\n\x1a\n %d", c.Days[0].High), nil
	}
	return page, page.Handler(), &log
}

// chartOn is the chart of a message as the page gets it.
func chartOn(t *testing.T, p *Page, ref string) *chartWire {
	t.Helper()
	m, ok := p.rooms.byID(ref)
	if !ok {
		t.Fatalf("no message %s", ref)
	}
	return p.wireMessage(p.service.Customers()[0], m).Card.Chart
}

func fetch(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/"+path, nil))
	return w
}

func TestAPictureIsDrawnWhenItIsAskedFor(t *testing.T) {
	page, h, _ := drawing(t)
	p := page.Platform("slack")
	r, err := p.Send(t.Context(), charted(3))
	if err != nil {
		t.Fatal(err)
	}
	c := chartOn(t, page, r.Ref)
	w := fetch(h, c.Src)
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || !strings.HasSuffix(w.Body.String(), " 3") || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
	if c.Alt != "从 3 项到 1 项" {
		t.Errorf("it says %q", c.Alt)
	}
	if _, err := p.Edit(t.Context(), r.Ref, charted(4)); err != nil {
		t.Fatal(err)
	}
	now := chartOn(t, page, r.Ref)
	if now.Src == c.Src {
		t.Error("another chart has the address of the first, which browsers keep")
	}
	if w := fetch(h, now.Src); !strings.HasSuffix(w.Body.String(), " 4") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	for _, gone := range []string{c.Src, "api/picture", "api/picture?message=sbx-99&of=x"} {
		if w := fetch(h, gone); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", gone, w.Code)
		}
	}
}

func TestAPictureThatCannotBeDrawnIsSaidOnce(t *testing.T) {
	page, h, log := drawing(t)
	r, err := page.Platform("slack").Send(t.Context(), charted(-1))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if w := fetch(h, chartOn(t, page, r.Ref).Src); w.Code != http.StatusInternalServerError {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	}
	if strings.Count(log.String(), "could not be drawn") != 1 {
		t.Errorf("logged %q", log)
	}
}

func TestAPageThatDrawsNothingShowsWords(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	r, err := page.Platform("slack").Send(t.Context(), charted(3))
	if err != nil {
		t.Fatal(err)
	}
	if c := chartOn(t, page, r.Ref); c.Src != "" || c.Alt == "" {
		t.Errorf("%+v", c)
	}
}

// The picture is behind the token of the page, like all of it.
func TestAPictureNeedsTheToken(t *testing.T) {
	page, _ := newFake(t)
	guarded, err := New(Options{Service: page.service, Token: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	if w := fetch(guarded.Handler(), "api/picture?message=sbx-1&of=x"); w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}
