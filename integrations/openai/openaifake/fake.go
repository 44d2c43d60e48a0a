// Package openaifake is an endpoint for tests that speaks OpenAI's chat
// completions on a free port of 127.0.0.1, and fails when a test tells it to. What
// a model says is whatever the test wants it to say, also the worst.
//
//	e := openaifake.New(t)
//	e.Answer(openaifake.Says(`{"label":"incident", …}`))
//	e.Answer(openaifake.Status(429, `{"error":{…}}`).After("7"), openaifake.Says("…"))
//	// ask with e.URL()
//	e.Asked()[0].Body
//
// The answers are given in their order, the last one for ever.
package openaifake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Endpoint is one fake. Use New.
type Endpoint struct {
	t      testing.TB
	server *httptest.Server

	mu      sync.Mutex
	answers []Answer
	asked   []Request
}

// Request is one request as it arrived.
type Request struct {
	Path   string
	Header http.Header
	Body   string
	Asks   struct {
		Model               string   `json:"model"`
		Temperature         *float64 `json:"temperature"`
		MaxTokens           int      `json:"max_tokens"`
		MaxCompletionTokens int      `json:"max_completion_tokens"`
		EnableThinking      *bool    `json:"enable_thinking"`
		Messages            []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		ResponseFormat *struct {
			Type string `json:"type"`
		} `json:"response_format"`
	}
}

// Format is the form of answer that was asked for; "" for none.
func (r Request) Format() string {
	if r.Asks.ResponseFormat == nil {
		return ""
	}
	return r.Asks.ResponseFormat.Type
}

// Answer is what the fake does with one request.
type Answer func(w http.ResponseWriter, r *http.Request, q Request)

// New starts an endpoint that ends with the test.
func New(t testing.TB) *Endpoint {
	e := &Endpoint{t: t}
	e.server = httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.server.Close)
	return e
}

// URL is the base URL.
func (e *Endpoint) URL() string { return e.server.URL + "/v1" }

// Answer sets what the next requests get; the last answer is given for ever.
func (e *Endpoint) Answer(answers ...Answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers = answers
}

// Asked are the requests so far.
func (e *Endpoint) Asked() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Request(nil), e.asked...)
}

// Last is the last request.
func (e *Endpoint) Last() Request {
	e.t.Helper()
	all := e.Asked()
	if len(all) == 0 {
		e.t.Fatal("nobody asked anything")
	}
	return all[len(all)-1]
}

func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q := Request{Path: r.URL.Path, Header: r.Header.Clone(), Body: string(body)}
	if err := json.Unmarshal(body, &q.Asks); err != nil {
		e.t.Errorf("a request is no JSON: %v", err)
	}
	e.mu.Lock()
	e.asked = append(e.asked, q)
	if len(e.answers) == 0 {
		e.mu.Unlock()
		e.t.Error("a request came, and the test gave no answer")
		w.WriteHeader(http.StatusTeapot)
		return
	}
	answer := e.answers[0]
	if len(e.answers) > 1 {
		e.answers = e.answers[1:]
	}
	e.mu.Unlock()
	answer(w, r, q)
}

// Says answers with words of a model, finished, at 100 tokens.
func Says(content string) Answer { return Finished(content, "stop") }

// Finished is Says with a reason for its end.
func Finished(content, reason string) Answer {
	return Message(map[string]any{"role": "assistant", "content": content}, reason)
}

// Message answers with any message.
func Message(message map[string]any, reason string) Answer {
	return Whole(map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "model": "fake-1",
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": reason}},
		"usage":   map[string]any{"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100},
	})
}

// Whole answers 200 with any value as JSON.
func Whole(v any) Answer {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return Status(http.StatusOK, string(b))
}

// Status answers with a status and a body as it stands.
func Status(status int, body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// With is an answer with a header.
func (a Answer) With(key, value string) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Request) {
		w.Header().Set(key, value)
		a(w, r, q)
	}
}

// After is an answer with Retry-After.
func (a Answer) After(text string) Answer { return a.With("Retry-After", text) }

// Once waits until the test closes a channel, or everybody has gone.
func (a Answer) Once(ready <-chan struct{}) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Request) {
		select {
		case <-ready:
			a(w, r, q)
		case <-r.Context().Done():
		}
	}
}

// Hang never answers.
func Hang() Answer {
	return func(_ http.ResponseWriter, r *http.Request, _ Request) { <-r.Context().Done() }
}

// Drop closes the connection without a word.
func Drop() Answer {
	return func(http.ResponseWriter, *http.Request, Request) { panic(http.ErrAbortHandler) }
}

// Cut begins an answer and closes the connection in the middle.
func Cut() Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) {
		w.Header().Set("Content-Length", "4000")
		io.WriteString(w, `{"choices":[{"message":{"content":"`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Flood sends so many bytes of an answer that does not end.
func Flood(status, n int) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) {
		w.WriteHeader(status)
		io.WriteString(w, `{"choices":[{"message":{"content":"`)
		chunk := make([]byte, 64<<10)
		for i := range chunk {
			chunk[i] = 'x'
		}
		for sent := 0; sent < n; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}

// Trickle sends a byte now and then, for ever.
func Trickle(next <-chan struct{}) Answer {
	return func(w http.ResponseWriter, r *http.Request, _ Request) {
		for {
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
		}
	}
}
