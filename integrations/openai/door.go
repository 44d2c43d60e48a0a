package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Limits of an answer, in bytes.
const (
	mostAnswer = 1 << 20  // of one that is read
	mostError  = 16 << 10 // of what is kept of an error
)

var (
	errTooLong    = errors.New("the answer is longer than 1 MB")
	errRedirected = errors.New("the endpoint sends questions to another address; put the final one in base_url")
)

// exchange is what one request came to, as far as the client does not show it. It
// travels in the request's context.
type exchange struct {
	still  bool // add enable_thinking=false
	status int  // 0: no answer
	header http.Header
	body   []byte // of an error, its beginning
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// door is where requests leave. It bounds answers, follows no redirect, and keeps
// in the request's exchange what the client does not show.
type door struct{ next http.RoundTripper }

// RoundTrip sends one request.
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		x = &exchange{}
	}
	if x.still && r.Body != nil {
		var err error
		if r, err = still(r); err != nil {
			return nil, err
		}
	}
	resp, err := d.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.status, x.header = resp.StatusCode, resp.Header
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		resp.Body.Close()
		return nil, errRedirected
	case resp.StatusCode >= 400:
		x.body, err = io.ReadAll(io.LimitReader(resp.Body, mostError))
		resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(x.body))
		if err != nil && r.Context().Err() != nil {
			return nil, err
		}
		return resp, nil
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: mostAnswer}
	return resp, nil
}

// still is a request that asks a model not to think aloud.
func still(r *http.Request) (*http.Request, error) {
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	fields["enable_thinking"] = json.RawMessage("false")
	if raw, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.ContentLength = int64(len(raw))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	r.Body, _ = r.GetBody()
	return r, nil
}

// bounded is a body that ends with an error when it is too long.
type bounded struct {
	io.ReadCloser
	left int
}

// Read reads on while the limit allows it.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
