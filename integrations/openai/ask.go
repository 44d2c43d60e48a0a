package openai

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	api "github.com/sashabaranov/go-openai"
)

// Of repeating a question that failed for a moment.
const (
	retries    = 2
	firstPatch = 500 * time.Millisecond // before the first retry, twice that before the second, half to one and a half of it
)

// reply is what a model answered, not looked at yet, and what it cost.
type reply struct {
	choice *api.ChatCompletionChoice // nil: it chose nothing
	model  string
	tokens int64 // with those of attempts whose answer was lost, at their most
}

// failure is a question that got no answer. Its words hold nothing of the question
// and nothing secret.
type failure struct {
	why      string
	said     string        // the endpoint's own words, for the log alone
	status   int           // 0: no answer at all
	body     string        // what an error said, for telling what the endpoint does not take
	endpoint bool          // it concerns every question, not this one
	again    bool          // the next attempt may work
	final    bool          // only an operator can mend it
	perhaps  bool          // it may have cost something
	rest     time.Duration // the endpoint asked for it
}

// Error says why.
func (f *failure) Error() string { return f.why }

// manner is how an endpoint wants to be asked; what it does not take is left out.
type manner struct {
	format int  // one of the formats
	bare   bool // no temperature, and the limit under its new name: as reasoning models want it
	still  bool // told not to think aloud
}

// The formats in which an answer is asked for, the strictest first. Every answer
// is checked here all the same.
const (
	schema = iota
	loose
	plain
)

// without is the manner that leaves out what an endpoint's 400 complains of.
func (m manner) without(complaint string) (manner, bool) {
	complaint = strings.ToLower(complaint)
	about := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(complaint, w) {
				return true
			}
		}
		return false
	}
	switch {
	case !m.still && about("enable_thinking"):
		m.still = true
	case !m.bare && about("temperature", "max_tokens", "max_completion_tokens"):
		m.bare = true
	case m.format < plain && about("response_format", "response format", "json_schema", "json schema", "json_object", "json mode", "structured output"):
		m.format++
	default:
		return m, false
	}
	return m, true
}

// ask gets one answer: it repeats what failed for a moment, and leaves out what the
// endpoint does not take. What it had to leave out is remembered once that worked.
func (a *Advisor) ask(ctx context.Context, p prompt) (reply, *failure) {
	a.mu.Lock()
	m := a.manner
	a.mu.Unlock()
	var lost int64
	for try := 0; ; {
		r, f := a.once(ctx, p, m)
		if f == nil {
			a.mu.Lock()
			a.manner = m
			a.mu.Unlock()
			r.tokens += lost
			return r, nil
		}
		if f.perhaps {
			lost += p.estimate()
		}
		if f.status == http.StatusBadRequest || f.status == http.StatusUnprocessableEntity {
			if next, ok := m.without(f.body); ok {
				m = next
				continue
			}
		}
		pause := max(f.rest, time.Duration((0.5+rand.Float64())*float64(firstPatch<<try)))
		if end, ok := ctx.Deadline(); !f.again || try == retries || ok && time.Until(end) < pause {
			return reply{tokens: lost}, f
		}
		try++
		if a.wait(ctx, pause) != nil {
			return reply{tokens: lost}, f
		}
	}
}

// longest is how long an answer may be, in tokens, as far as the manner is known.
func (a *Advisor) longest() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := request(a.o.Model, prompt{}, a.manner)
	return int64(max(r.MaxTokens, r.MaxCompletionTokens))
}

// request is a question in a manner.
func request(model string, p prompt, m manner) api.ChatCompletionRequest {
	r := api.ChatCompletionRequest{Model: model, Messages: p.messages(), MaxTokens: answerTokens,
		Temperature: math.SmallestNonzeroFloat32} // 0 would not be sent
	switch m.format {
	case schema:
		r.ResponseFormat = &api.ChatCompletionResponseFormat{Type: api.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &api.ChatCompletionResponseFormatJSONSchema{Name: "advice", Schema: answerSchema, Strict: true}}
	case loose:
		r.ResponseFormat = &api.ChatCompletionResponseFormat{Type: api.ChatCompletionResponseFormatTypeJSONObject}
	}
	if m.bare || api.NewReasoningValidator().Validate(r) != nil {
		r.MaxTokens, r.Temperature, r.MaxCompletionTokens = 0, 0, reasoningTokens
	}
	return r
}

// once sends a question once.
func (a *Advisor) once(ctx context.Context, p prompt, m manner) (reply, *failure) {
	x := &exchange{still: m.still}
	a.Count.Calls.Add(1)
	resp, err := a.client.CreateChatCompletion(withExchange(ctx, x), request(a.o.Model, p, m))
	if err != nil || x.status >= 300 {
		return reply{}, a.failed(ctx, x, err)
	}
	r := reply{model: cleanLine(resp.Model, 80), tokens: int64(resp.Usage.TotalTokens)}
	if r.model == "" {
		r.model = a.o.Model
	}
	if len(resp.Choices) > 0 { // there may be none, without an error
		r.choice = &resp.Choices[0]
	}
	if most := 4 * (p.estimate() + reasoningTokens); r.tokens <= 0 || r.tokens > most {
		r.tokens = p.estimate() // it did not count, or not like this
	}
	return r, nil
}

// failed says what is wrong when no answer came. The status counts more than the
// client's error, which is empty for some forms of an error.
func (a *Advisor) failed(ctx context.Context, x *exchange, err error) *failure {
	f := &failure{status: x.status, body: string(x.body)}
	word := codeOf(x.body)
	if a.holdsKey(word) {
		word = ""
	}
	status := strconv.Itoa(x.status)
	if word != "" {
		status += ", " + word
	}
	switch {
	case ctx.Err() != nil:
		f.why, f.endpoint, f.perhaps = fmt.Sprintf("no answer within %s", a.o.Timeout), true, true
	case errors.Is(err, errRedirected):
		f.why, f.endpoint, f.final = errRedirected.Error(), true, true
	case x.status == 0:
		f.why, f.endpoint = "the endpoint cannot be reached: "+a.plainly(err), true
		var cert *tls.CertificateVerificationError
		var op *net.OpError
		f.final = errors.As(err, &cert)
		f.again = !f.final
		f.perhaps = !f.final && !(errors.As(err, &op) && op.Op == "dial") // it may have heard us
	case x.status < 300:
		f.endpoint, f.perhaps = true, true
		switch {
		case errors.Is(err, errTooLong):
			f.why = errTooLong.Error()
		case cut(err):
			f.why, f.again = "the connection ended in the middle of an answer", true
		default:
			f.why = "the endpoint answers something else than chat completions; is base_url right?"
		}
	case broke[word] || x.status == http.StatusPaymentRequired:
		f.why, f.endpoint, f.final = fmt.Sprintf("the account at the endpoint has nothing left (%s)", status), true, true
	case x.status == http.StatusUnauthorized:
		f.why, f.endpoint, f.final = fmt.Sprintf("the endpoint does not take the key (%s)", status), true, true
	case x.status == http.StatusNotFound || x.status == http.StatusMethodNotAllowed:
		f.why, f.endpoint, f.final = fmt.Sprintf("the endpoint knows no such address or model (%s)", status), true, true
	case x.status == http.StatusForbidden:
		f.why, f.endpoint = fmt.Sprintf("the endpoint forbids it (%s)", status), true
	case x.status == http.StatusTooManyRequests:
		f.why, f.endpoint, f.again = fmt.Sprintf("the endpoint has too many questions (%s)", status), true, true
		f.rest = retryAfter(x.header, a.o.Now())
	case x.status == http.StatusRequestTimeout || x.status == http.StatusConflict || x.status >= 500:
		f.why, f.endpoint, f.again = fmt.Sprintf("the endpoint has trouble (%s)", status), true, true
		f.rest = retryAfter(x.header, a.o.Now())
		f.perhaps = x.status == http.StatusGatewayTimeout
	default:
		f.why = fmt.Sprintf("the endpoint did not take the question (%s)", status)
	}
	if f.endpoint && x.status >= 400 && x.status < 500 { // other errors may quote the question
		f.said = a.saidIn(x.body)
	}
	return f
}

// broke are codes of an account that has to be paid or opened again, of OpenAI and
// DashScope. DeepSeek answers 402.
var broke = map[string]bool{"insufficient_quota": true, "billing_hard_limit_reached": true, "account_deactivated": true,
	"Arrearage": true, "insufficient_balance": true}

// cut reports whether an answer ended in the middle.
func cut(err error) bool {
	var n interface{ Timeout() bool } // of package net: a reset, a broken pipe
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &n)
}

// plainly is an error of the network without the address, which may hold a
// password, and never with the key.
func (a *Advisor) plainly(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := cleanLine(hide(err.Error()), 160)
	if a.holdsKey(text) {
		return "see the address and the key in the config"
	}
	return text
}

// holdsKey reports whether a text shows the key, or eight characters of it.
func (a *Advisor) holdsKey(text string) bool {
	key := a.o.APIKey
	if key == "" {
		return false
	}
	for i := 0; i == 0 || i+8 <= len(key); i++ {
		if strings.Contains(text, key[i:min(i+8, len(key))]) {
			return true
		}
	}
	return false
}

// errorBody are the forms of an error: {"error":{…}}, {"error":"…"}, and the
// native one of DashScope and vLLM, {"code":…,"message":…}.
type errorBody struct {
	Error   json.RawMessage `json:"error"`
	Code    any             `json:"code"`
	Type    string          `json:"type"`
	Message string          `json:"message"`
}

func parseError(body []byte) (e errorBody) {
	json.Unmarshal(body, &e) // what cannot be read says nothing
	var inner errorBody
	if json.Unmarshal(e.Error, &inner) == nil {
		return inner
	}
	json.Unmarshal(e.Error, &e.Message)
	return e
}

var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\-]{1,63}$`)

// codeOf is the word for an error; "" when there is none or it is more than a word.
func codeOf(body []byte) string {
	e := parseError(body)
	if word, _ := e.Code.(string); plainWord.MatchString(word) {
		return word
	}
	if plainWord.MatchString(e.Type) {
		return e.Type
	}
	return ""
}

// saidIn is the message of an error, for the log.
func (a *Advisor) saidIn(body []byte) string {
	text := cleanLine(hide(parseError(body).Message), 200)
	if a.holdsKey(text) {
		return ""
	}
	return text
}

// retryAfter is how long an endpoint wants to be left alone; 0: it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return bound(ms / 1000)
	}
	text := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(text, 64); err == nil && s > 0 {
		return bound(s)
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return bound(at.Sub(now).Seconds())
	}
	return 0
}

func bound(seconds float64) time.Duration {
	return time.Duration(min(seconds, longestRest.Seconds()) * float64(time.Second))
}
