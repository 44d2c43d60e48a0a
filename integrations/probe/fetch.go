package probe

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxHops is how many redirects are followed.
const maxHops = 5

// answered is what an asset answered to one visit.
type answered struct {
	url    *url.URL // the last one asked
	status int
	header http.Header
	body   []byte
	cut    bool          // the body is longer than what was read
	broken error         // the body ended badly, or is not what it says
	took   time.Duration // until the header of the last answer had come, redirects included
	hops   []string      // the URLs that were redirected, without their queries
	away   *url.URL      // a redirect that was not followed
	why    Words         // the reason
	loop   bool          // more redirects than are followed
}

// client speaks HTTP/1.1, one connection for one request, through dial. What a
// certificate is worth is the TLS check's matter: a page behind a bad one is
// looked at like any other, and nothing secret is sent.
func (v *visit) client() *http.Transport {
	return &http.Transport{
		DialContext:            v.dial,
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, CipherSuites: everySuite()},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		TLSHandshakeTimeout:    v.p.pace.handshake,
		ResponseHeaderTimeout:  v.p.pace.header,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true,
		DisableCompression:     true, // read by ourselves, within limits
	}
}

// visitURL asks for a URL and follows its redirects. An error means that there was
// no answer at all.
func (v *visit) visitURL(ctx context.Context, u *url.URL, most int64) (*answered, error) {
	ctx, cancel := context.WithTimeout(ctx, v.p.pace.try)
	defer cancel()
	begin := time.Now()
	var hops []string
	for {
		a, err := v.ask(ctx, u, most, nil)
		if err != nil {
			return nil, err
		}
		a.took, a.hops = time.Since(begin)-a.took, hops // ask leaves in took what the body needed
		if a.status < 300 || a.status > 399 || a.header.Get("Location") == "" {
			return a, nil
		}
		next, err := u.Parse(a.header.Get("Location"))
		if err != nil {
			a.broken = errors.New("the redirect cannot be read")
			return a, nil
		}
		if why, ok := v.mayFollow(next); !ok {
			a.away, a.why = next, why
			return a, nil
		}
		if hops = append(hops, bareURL(u)); len(hops) > maxHops {
			a.hops, a.loop = hops, true
			return a, nil
		}
		next.Fragment = ""
		u = next
	}
}

// try asks for the first bytes of a URL, in its own time and without following a
// redirect.
func (v *visit) try(u *url.URL, most int64) (*answered, error) {
	ctx, cancel := context.WithTimeout(v.ctx, v.p.pace.try)
	defer cancel()
	return v.ask(ctx, u, most, map[string]string{"Range": fmt.Sprintf("bytes=0-%d", most-1), "Accept-Encoding": "identity", "Accept": "*/*"})
}

// ask makes one GET request and reads at most most bytes of its body.
func (v *visit) ask(ctx context.Context, u *url.URL, most int64, header map[string]string) (*answered, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", v.p.agent)
	r.Header.Set("Accept", "text/html,*/*;q=0.8")
	r.Header.Set("Accept-Encoding", "gzip")
	for k, x := range header {
		r.Header.Set(k, x)
	}
	resp, err := v.http.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &answered{url: u, status: resp.StatusCode, header: resp.Header}
	begin := time.Now()
	a.body, a.cut, a.broken = v.read(resp, most)
	a.took = time.Since(begin)
	if errors.Is(a.broken, errBudget) {
		return nil, errBudget
	}
	return a, nil
}

// read reads a body, unpacked, within its own limit and the asset's.
func (v *visit) read(resp *http.Response, most int64) (body []byte, cut bool, err error) {
	most = min(most, v.body.Load())
	if most <= 0 {
		return nil, false, errBudget
	}
	var r io.Reader = resp.Body
	switch e := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); e {
	case "", "identity":
	case "gzip", "x-gzip":
		if r, err = gzip.NewReader(resp.Body); err != nil {
			return nil, false, errors.New("the body is not the gzip it says it is")
		}
	default:
		return nil, false, fmt.Errorf("the body is packed as %s, which was not asked for", clean(e, 20))
	}
	body, err = io.ReadAll(io.LimitReader(r, most))
	v.body.Add(-int64(len(body)))
	if err == nil && int64(len(body)) == most {
		return body, true, nil
	}
	return body, false, err
}

// mayFollow says whether a redirect leads to what the config covers: the same
// registrable domain, or another named host, at a port where one expects a web
// server. What may be on the inside is visited where the config names it, not wherever
// a page in public sends us. Where its address leads is decided when it is dialled.
func (v *visit) mayFollow(u *url.URL) (Words, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return say("重定向到 %s 协议", "the redirect leads to the scheme %s", clean(u.Scheme, 20)), false
	}
	host, err := hostOf(u)
	if err != nil {
		return Words{"重定向目标的主机名无效", "the redirect leads to a host that is no name"}, false
	}
	port, err := portOf(u)
	if err != nil {
		return Words{"重定向目标的端口无效", "the redirect leads to a port that is none"}, false
	}
	named := slices.ContainsFunc(v.job.assets, func(a asset) bool { return a.named() && a.host == host })
	if !named && host != v.asset.host && (!isName(host) || site(host) != site(v.asset.host)) {
		return say("重定向到 %s，不在约定的资产范围内", "it redirects to %s, which the config does not name", clean(host, 80)), false
	}
	if v.job.private(host) && !v.job.private(v.asset.host) {
		return say("重定向到允许内网访问的资产 %s", "it redirects to %s, which may be on the inside", clean(host, 80)), false
	}
	ports := slices.ContainsFunc(v.job.assets, func(a asset) bool { return a.named() && a.host == host && a.port == port })
	if port != 80 && port != 443 && port != v.asset.port && !ports {
		return say("重定向到端口 %d", "the redirect leads to port %d", port), false
	}
	return Words{}, true
}

// bareURL is a URL without what may be secret: its query and its user.
func bareURL(u *url.URL) string {
	return clean((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), 160)
}
