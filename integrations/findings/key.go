package findings

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// key is the token of a source as it is compared: hashed, so that its length
// shows nowhere.
type key struct {
	source Source
	sum    [sha256.Size]byte
}

func keysOf(sources []Source) []key {
	var keys []key
	for _, s := range sources {
		if s.Token != "" {
			keys = append(keys, key{s, sha256.Sum256([]byte(s.Token))})
		}
	}
	return keys
}

// known finds the source of a request. Every key is compared, each in constant
// time, so that how long it takes says nothing about any of them.
func (d *Door) known(r *http.Request) (src Source, ok bool) {
	token, loose := tokenOf(r)
	given := sha256.Sum256([]byte(token))
	for _, k := range d.keys {
		same := subtle.ConstantTimeCompare(given[:], k.sum[:]) == 1
		if same && token != "" && (!loose || k.source.Loose) {
			src, ok = k.source, true
		}
	}
	return src, ok
}

// tokenOf is the token of a request; loose says that it came by one of the ways
// that only some sources may use.
func tokenOf(r *http.Request) (token string, loose bool) {
	header := r.Header.Get("Authorization")
	if scheme, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest), false
	}
	if _, password, ok := r.BasicAuth(); ok {
		return password, true
	}
	if header != "" {
		return "", false
	}
	return r.URL.Query().Get("token"), true
}
