// Package findings is the door for what scanners and products find:
// POST /v1/findings with a bearer token per source (design §16). The body is one
// object or a list of them:
//
//	{"customer":"acme","id":"scan-17","layer":"host","asset":"10.0.0.5",
//	 "title":"redis open to the internet","severity":"high","status":"open",
//	 "detail":"port 6379","seen_at":"2026-11-23T02:00:00+08:00"}
//
// A body is taken whole or not at all: every mistake is named, with the index of
// its object. A finding that is sent twice changes nothing the second time, so a
// source may repeat a request whose answer it did not get.
package findings

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"butler/bot/desk"
)

// Limits of one request.
const (
	MaxBody  = 1 << 20 // bytes
	MaxItems = 1000
	maxField = 500 // characters of id, asset and title
)

// Source is one sender with its own token and the customers it may speak about.
type Source struct {
	Name      string
	Token     string
	Customers []string
}

// Take hands one finding to a customer's desk; nil means committed.
type Take func(ctx context.Context, customer string, in desk.Input) error

// item is one finding as it is sent.
type item struct {
	Customer string    `json:"customer"`
	ID       string    `json:"id"`
	Layer    string    `json:"layer"`
	Asset    string    `json:"asset"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Status   string    `json:"status"`
	Detail   string    `json:"detail"`
	SeenAt   time.Time `json:"seen_at"`
}

// answer is what the sender gets back.
type answer struct {
	Accepted int      `json:"accepted"`
	Errors   []string `json:"errors,omitempty"`
}

// Handler serves POST /v1/findings: 202 when all are committed, 400 with every
// mistake, 401 without a known token, 403 for a customer the source is not bound
// to, 413 over the limits, 503 when the store does not take them (send again).
func Handler(sources []Source, take Take) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := func(status int, a answer) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(a)
		}
		src, ok := known(sources, r.Header.Get("Authorization"))
		if !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			reply(http.StatusUnauthorized, answer{Errors: []string{"send the token of a configured source: Authorization: Bearer …"}})
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			reply(http.StatusRequestEntityTooLarge, answer{Errors: []string{fmt.Sprintf("the body is larger than %d bytes; send it in parts", MaxBody)}})
			return
		}
		items, err := decode(body)
		switch {
		case err != nil:
			reply(http.StatusBadRequest, answer{Errors: []string{err.Error()}})
			return
		case len(items) > MaxItems:
			reply(http.StatusRequestEntityTooLarge, answer{Errors: []string{fmt.Sprintf("%d findings are more than %d; send them in parts", len(items), MaxItems)}})
			return
		}
		var wrong []string
		foreign := false
		for i, it := range items {
			wrong = append(wrong, it.check(i)...)
			if it.Customer != "" && !slices.Contains(src.Customers, it.Customer) {
				foreign = true
				wrong = append(wrong, fmt.Sprintf("[%d] customer: this source is not bound to %q", i, it.Customer))
			}
		}
		if len(wrong) > 0 {
			status := http.StatusBadRequest
			if foreign {
				status = http.StatusForbidden
			}
			reply(status, answer{Errors: wrong})
			return
		}
		for n, it := range items {
			if err := take(r.Context(), it.Customer, it.input(src.Name)); err != nil {
				w.Header().Set("Retry-After", "5")
				reply(http.StatusServiceUnavailable, answer{Accepted: n, Errors: []string{"not all were kept; send the same body again"}})
				return
			}
		}
		reply(http.StatusAccepted, answer{Accepted: len(items)})
	})
}

// known finds the source of a token, in constant time for each.
func known(sources []Source, header string) (Source, bool) {
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || token == "" {
		return Source{}, false
	}
	given := sha256.Sum256([]byte(token))
	for _, s := range sources {
		want := sha256.Sum256([]byte(s.Token))
		if s.Token != "" && subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
			return s, true
		}
	}
	return Source{}, false
}

// decode reads one object or a list, strictly.
func decode(body []byte) ([]item, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, fmt.Errorf("the body is empty; send one finding or a list of them")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var items []item
	var err error
	if body[0] == '[' {
		err = d.Decode(&items)
	} else {
		var one item
		err = d.Decode(&one)
		items = []item{one}
	}
	if err == nil && d.More() {
		err = fmt.Errorf("something stands behind the JSON value")
	}
	if err != nil {
		return nil, fmt.Errorf("the body cannot be read: %v", err)
	}
	return items, nil
}

// check names everything that is wrong with one finding.
func (it item) check(i int) (wrong []string) {
	bad := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("[%d] ", i)+fmt.Sprintf(format, args...))
	}
	for _, f := range []struct{ name, value string }{{"customer", it.Customer}, {"id", it.ID}, {"asset", it.Asset}, {"title", it.Title}} {
		switch {
		case strings.TrimSpace(f.value) == "":
			bad("%s: is missing", f.name)
		case utf8.RuneCountInString(f.value) > maxField:
			bad("%s: has more than %d characters", f.name, maxField)
		}
	}
	if !slices.Contains(desk.Layers, desk.Layer(it.Layer)) {
		bad("layer: %q is none of product, network, host, application, data", it.Layer)
	}
	if !slices.Contains([]string{"high", "medium", "low"}, it.Severity) {
		bad("severity: %q is none of high, medium, low", it.Severity)
	}
	if it.Status != "open" && it.Status != "fixed" {
		bad("status: %q is none of open, fixed", it.Status)
	}
	return wrong
}

// input is the finding as it reaches the desk. Its identity is its content: the
// same finding sent again is known.
func (it item) input(source string) desk.Input {
	b, _ := json.Marshal(it)
	sum := sha256.Sum256(b)
	return desk.Input{
		ID: "finding/" + source + "/" + hex.EncodeToString(sum[:16]), At: it.SeenAt, Actor: desk.Actor{Role: desk.System, Name: source},
		Act: desk.Found{Source: source, ID: it.ID, Layer: desk.Layer(it.Layer), Asset: it.Asset, Title: it.Title,
			Severity: desk.Severity(it.Severity), Fixed: it.Status == "fixed", Detail: it.Detail, SeenAt: it.SeenAt},
	}
}
