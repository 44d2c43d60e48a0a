package findings

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// body is what was sent, unpacked.
type body struct {
	text []byte
	form bool // key=value&key=value
}

// read unpacks a body, or says why it cannot be and with which status.
func read(w http.ResponseWriter, r *http.Request) (body, int, error) {
	form, err := formOf(r.Header.Get("Content-Type"))
	if err != nil {
		return body{}, http.StatusUnsupportedMediaType, err
	}
	in := io.Reader(http.MaxBytesReader(w, r.Body, MaxBody))
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return body{}, http.StatusBadRequest, errors.New("the body is not gzip, though Content-Encoding says so")
		}
		in = z
	default:
		return body{}, http.StatusUnsupportedMediaType, fmt.Errorf("Content-Encoding %q is not read; send the body plain or as gzip", cut(encoding, 40))
	}
	text, err := io.ReadAll(io.LimitReader(in, MaxBody+1))
	var tooLong *http.MaxBytesError
	switch {
	case len(text) > MaxBody, errors.As(err, &tooLong):
		return body{}, http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d bytes; send it in parts", MaxBody)
	case err != nil:
		return body{}, http.StatusBadRequest, errors.New("the body breaks off; send it again")
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	switch {
	case len(text) == 0:
		return body{}, http.StatusBadRequest, errors.New("the body is empty; send one finding or a list of them")
	case !utf8.Valid(text):
		return body{}, http.StatusBadRequest, errors.New("the body is not UTF-8")
	}
	// curl -d says that a body is a form whatever it is.
	return body{text: text, form: form && text[0] != '{' && text[0] != '['}, 0, nil
}

// formOf reports whether a content type says that a body is a form. A product
// that says nothing, or only text, sends JSON.
func formOf(header string) (bool, error) {
	if header == "" {
		return false, nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return false, nil // a header nobody can read says nothing
	}
	if charset := strings.ToLower(params["charset"]); charset != "" && charset != "utf-8" && charset != "utf8" && charset != "us-ascii" {
		return false, fmt.Errorf("the charset %q is not read; send UTF-8", cut(charset, 40))
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		return true, nil
	case kind == "application/json", strings.HasSuffix(kind, "+json"), kind == "text/plain", kind == "application/octet-stream":
		return false, nil
	}
	return false, fmt.Errorf("Content-Type %q is not read; send application/json", cut(kind, 80))
}

// value reads the body as any JSON value; a form is an object of texts, and of
// lists of texts where a key stands several times.
func (b body) value() (any, error) {
	if b.form {
		fields, err := url.ParseQuery(string(b.text))
		if err != nil {
			return nil, errors.New("the body is no form: a key or value is not encoded rightly")
		}
		o := map[string]any{}
		for k, list := range fields {
			o[k] = list[0]
			if len(list) > 1 {
				all := make([]any, len(list))
				for i, v := range list {
					all[i] = v
				}
				o[k] = all
			}
		}
		return o, nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(b.text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, unread(b.text, err)
	}
	if err := ends(d, b.text); err != nil {
		return nil, err
	}
	return v, nil
}

// spot is a place in a text as people count: line and column, from 1.
func spot(text []byte, at int) string {
	before := string(text[:min(at, len(text))])
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
	return fmt.Sprintf("line %d, column %d", line+1, column+1)
}
