package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"butler/bot/card"
)

// Pictures are drawn when a page asks for one: it keeps them by their address, which
// changes with the chart.

// painter draws one picture at a time, some 40 ms each.
type painter struct {
	mu   sync.Mutex
	draw func(card.Chart) ([]byte, error)
	sick atomic.Bool // the last one failed, and that was said
}

func (p *painter) paint(c card.Chart) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.draw(c)
}

// chartWire is a chart on the wire: without an address the words have to do.
type chartWire struct {
	Src string `json:"src,omitempty"` // relative to the page
	Alt string `json:"alt"`
}

// wireChart is a message's chart; nil when it has none.
func (p *Page) wireChart(m message) *chartWire {
	if m.card == nil || m.card.Chart == nil {
		return nil
	}
	out := &chartWire{Alt: m.card.Chart.Alt}
	if p.painter.draw != nil {
		out.Src = "api/picture?" + url.Values{"message": {m.id}, "of": {fingerprint(*m.card.Chart)}}.Encode()
	}
	return out
}

// fingerprint changes with a chart.
func fingerprint(c card.Chart) string {
	b, _ := json.Marshal(c)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// picture draws the chart of a message. 404 when the message is gone or shows
// another chart by now; 500 when the chart cannot be drawn, and the page shows its
// words.
func (p *Page) picture(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	m, ok := p.rooms.byID(q.Get("message"))
	if !ok || p.painter.draw == nil || m.card == nil || m.card.Chart == nil || fingerprint(*m.card.Chart) != q.Get("of") {
		refuse(w, http.StatusNotFound, "unknown-picture", "there is no such picture")
		return
	}
	png, err := p.painter.paint(*m.card.Chart)
	if err != nil {
		if !p.painter.sick.Swap(true) {
			p.log.Warn("a picture could not be drawn; its words are shown", "err", err)
		}
		refuse(w, http.StatusInternalServerError, "picture", "the picture could not be drawn")
		return
	}
	p.painter.sick.Store(false)
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	_, _ = w.Write(png) // the reader may be gone
}
