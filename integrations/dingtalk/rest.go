package dingtalk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// tokenHeader carries the access token of the OpenAPI.
const tokenHeader = "x-acs-dingtalk-access-token"

// request is one call of the OpenAPI.
type request struct {
	method string
	path   string     // below the API's address, with its slash
	query  url.Values // may be nil
	in     any        // becomes JSON; nil for nothing
	out    any        // what the answer is read into; nil when only success counts
	open   bool       // without an access token, and free of the month's calls
}

// call asks the OpenAPI and reads its answer into out. The call is counted in the
// budget. An access token that DingTalk does not take is replaced once.
//
// Errors are *failure: they know DingTalk's code, unwrap to *chat.Later or
// *chat.Never, and hold no secret.
func (p *Platform) call(ctx context.Context, method, path string, in, out any) error {
	return p.do(ctx, request{method: method, path: path, in: in, out: out})
}

// do is call for every kind of request.
func (p *Platform) do(ctx context.Context, r request) error {
	if wait := p.rests.left(r.path); wait > 0 {
		return notNow(codeResting, wait, r.path+": DingTalk asked for a pause")
	}
	token := ""
	if !r.open {
		var err error
		if token, err = p.token(ctx); err != nil {
			return err
		}
	}
	a, err := p.ask(ctx, r, token)
	if err == nil && !r.open && a.tokenRefused() {
		p.tokens.drop(token)
		if token, err = p.token(ctx); err != nil {
			return err
		}
		a, err = p.ask(ctx, r, token)
	}
	if !r.open {
		p.spent(ctx, a)
	}
	return p.verdict(r, a, err)
}

// answer is what came back: of whatever shape, for the verdict to read.
type answer struct {
	status  int
	page    bool   // a page of HTML instead of JSON
	empty   bool   // nothing at all
	code    string // of the error; "" for success
	message string
	scopes  []string // the permissions that lack
}

// ask sends one request and reads the answer: every shape in which DingTalk says
// that something failed. The error is one of the transport.
func (p *Platform) ask(ctx context.Context, r request, token string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	address := strings.TrimSuffix(p.o.APIURL, "/") + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	return p.post(ctx, r.method, address, token, r.in, r.out)
}

// post is one exchange of JSON with any address of DingTalk.
func (p *Platform) post(ctx context.Context, method, address, token string, in, out any) (answer, error) {
	var body io.Reader
	if in != nil {
		raw, err := encode(in)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return answer{}, errors.New("the address is not valid")
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if token != "" {
		req.Header.Set(tokenHeader, token)
	}
	return p.exchange(req, out)
}

// exchange sends a request and reads the answer into out.
func (p *Platform) exchange(req *http.Request, out any) (answer, error) {
	res, err := p.http.Do(req)
	if err != nil {
		return answer{}, bare(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, bare(err)
	}
	a := read(res.StatusCode, raw)
	if a.code == "" && !a.page && !a.empty && a.status/100 == 2 && out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			a.code, a.message = codeUnread, "the answer cannot be read"
		}
	}
	return a, nil
}

// encode is JSON in which <, > and & stand as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// read finds the failure in an answer. A 200 may hold one: an errcode other than
// 0, as a number or as a string, or success:false.
func read(status int, raw []byte) answer {
	a := answer{status: status}
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0:
		a.empty = true
		return a
	case text[0] == '<':
		a.page = true
		return a
	}
	var f struct {
		Code    json.RawMessage `json:"code"`
		Errcode json.RawMessage `json:"errcode"`
		SubCode string          `json:"sub_code"`
		Message string          `json:"message"`
		Errmsg  string          `json:"errmsg"`
		Success *bool           `json:"success"`
		Detail  struct {
			Scopes []string `json:"requiredScopes"`
		} `json:"accessdenieddetail"`
	}
	if json.Unmarshal(text, &f) != nil {
		a.code, a.message = codeUnread, "the answer is no JSON of DingTalk"
		return a
	}
	a.scopes = f.Detail.Scopes
	a.message = f.Message + f.Errmsg
	if code := word(f.Errcode); code != "" && code != "0" {
		a.code = code
		if f.SubCode != "" {
			a.code = f.SubCode
		}
		return a
	}
	if status/100 != 2 {
		a.code = word(f.Code)
		return a
	}
	if f.Success != nil && !*f.Success {
		if a.code = word(f.Code); a.code == "" {
			a.code = codeUnsuccessful
		}
	}
	return a
}

// word is a code that may be a number or a string.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// bare is an error of the transport without the address, which may hold a secret.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
