package probe

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// kind is what an asset is, and with it what may be looked at.
type kind int

const (
	aURL    kind = iota // a visit
	aHost               // its ports too
	anIP                // its ports too
	aName               // the host of a URL: DNS only
	aDomain             // the registrable domain of something named: NS, MX and mail only
)

// asset is one thing the config names.
type asset struct {
	text string // as the report says it
	kind kind
	host string // lower case, ASCII, no brackets; an address in its shortest form
	port int    // URLs: given or of the scheme
	url  *url.URL
	lead bool // URLs: the first one of its host and port, which stands for all of them
}

// read takes an asset as a person writes it: a web URL, a host, an address.
func read(text string) (asset, error) {
	text = strings.TrimSpace(text)
	a := asset{text: text}
	if text == "" || len(text) > 2000 {
		return a, errors.New("an asset is a URL, a host or an address")
	}
	if strings.Contains(text, "://") {
		return readURL(text)
	}
	if ip, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		a.kind, a.host = anIP, bare(ip).String()
		return a, nil
	}
	host, err := ascii(text)
	if err != nil {
		return a, errors.New("it is neither a web URL (https://…), nor a host, nor an address")
	}
	a.kind, a.host = aHost, host
	return a, nil
}

// Host is the host or the address of an asset as the config writes it, lower case;
// "" for what is no asset.
func Host(asset string) string {
	a, err := read(asset)
	if err != nil {
		return ""
	}
	return a.host
}

func readURL(text string) (asset, error) {
	a := asset{text: text, kind: aURL}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return a, errors.New("the URL cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return a, errors.New("only http and https are looked at")
	case u.User != nil:
		a.text = u.Redacted()
		return a, errors.New("a URL with a password in it is not looked at")
	}
	u.Fragment = ""
	a.url = u
	if a.host, err = hostOf(u); err != nil {
		return a, err
	}
	if a.port, err = portOf(u); err != nil {
		return a, err
	}
	if a.port == map[string]int{"http": 80, "https": 443}[u.Scheme] {
		u.Host = bracket(a.host)
	} else {
		u.Host = net.JoinHostPort(a.host, strconv.Itoa(a.port))
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return a, nil
}

// hostOf is the host of a URL, comparable with others.
func hostOf(u *url.URL) (string, error) {
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return bare(ip).String(), nil
	}
	return ascii(u.Hostname())
}

// portOf is the port of a URL.
func portOf(u *url.URL) (int, error) {
	switch p := u.Port(); {
	case p != "":
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return 0, errors.New("the port is not between 1 and 65535")
		}
		return n, nil
	case u.Scheme == "http":
		return 80, nil
	}
	return 443, nil
}

// ascii is a host name in the form of the DNS. A name made of numbers is refused:
// the many ways to write 127.0.0.1 (0x7f.1, 2130706433) are not names.
func ascii(name string) (string, error) {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || host == "" || len(host) > 253 {
		return "", errors.New("the host is no name of the DNS")
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || last[0] >= '0' && last[0] <= '9' {
		return "", errors.New("the host is no name of the DNS")
	}
	for l := range strings.SplitSeq(host, ".") {
		if l == "" || len(l) > 63 {
			return "", errors.New("the host is no name of the DNS")
		}
	}
	return host, nil
}

func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// isName says whether a host is a name and not an address.
func isName(host string) bool { _, err := netip.ParseAddr(host); return err != nil }

// site is the registrable domain of a host (RFC 9499 "registered domain", by the
// Public Suffix List); a host that has none is its own site.
func site(host string) string {
	if !isName(host) {
		return host
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

// named says whether the config names it, rather than something it belongs to.
func (a asset) named() bool { return a.kind != aName && a.kind != aDomain }

// relatives are the hosts of the named URLs and the registrable domains of all, as
// far as they are not named themselves; and it marks the lead of each origin, so
// that ten URLs of one server do not make ten findings of one certificate.
func relatives(named []asset) []asset {
	have := map[string]bool{}
	lead := map[string]int{}
	for i, a := range named {
		if a.kind == aHost {
			have[a.host] = true
		}
		if a.kind == aURL {
			origin := a.url.Scheme + "://" + a.url.Host
			if j, ok := lead[origin]; !ok || a.text < named[j].text {
				lead[origin] = i
			}
		}
	}
	for _, i := range lead {
		named[i].lead = true
	}
	var more []asset
	add := func(host string, k kind) {
		if isName(host) && strings.Contains(host, ".") && !have[host] {
			have[host] = true
			more = append(more, asset{text: host, kind: k, host: host})
		}
	}
	for _, a := range named {
		if a.kind == aURL {
			add(a.host, aName)
		}
	}
	for _, a := range named {
		add(site(a.host), aDomain)
	}
	return more
}
