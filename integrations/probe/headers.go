package probe

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"butler/bot/desk"
)

// sessionName is how cookies are called that must not be stolen.
var sessionName = regexp.MustCompile(`(?i)(sess|token|auth|^sid$|login|jwt|phpsessid)`)

// headers looks at what the page's answer tells browsers to refuse. One finding
// per asset for the headers and one for the cookies: a list of seven would hide
// the rest of the summary.
func (v *visit) headers() {
	a := v.visited(Headers)
	switch {
	case a == nil:
		return
	case a.away != nil:
		v.missed(Headers, a.why)
		return
	case a.status >= 400:
		v.missed(Headers, say("页面返回 %d", "the page answers %d", a.status))
		return
	}
	https := a.url.Scheme == "https"
	if missing := missingHeaders(a.header, https); len(missing) > 0 {
		list := strings.Join(missing, ", ")
		v.find(Headers, "headers", "", desk.Low, Words{"缺少安全响应头", "Security headers are missing"}, say("缺少：%s", "missing: %s", list))
	}
	if weak := weakCookies(a.header, https); len(weak) > 0 {
		list := joined(weak)
		v.find(Headers, "cookies", "", desk.Low, Words{"会话 Cookie 缺少保护属性", "Session cookies lack protection"}, Words{list, list})
	}
	if !https {
		v.find(Headers, "no-https", "", desk.Low, Words{"网站未使用 HTTPS", "The site does not use HTTPS"},
			say("%s 以明文提供页面", "%s serves the page in the clear", bareURL(a.url)))
	}
	v.saw(Headers, say("已检查 %s 的响应头", "looked at the headers of %s", bareURL(a.url)))
}

// missingHeaders lists what the OWASP Secure Headers Project asks of every page
// and this one lacks.
func missingHeaders(h http.Header, https bool) (missing []string) {
	csp := strings.ToLower(h.Get("Content-Security-Policy"))
	for _, r := range []struct {
		name string
		fine bool
	}{
		{"Strict-Transport-Security", !https || maxAge(h.Get("Strict-Transport-Security")) > 0},
		{"Content-Security-Policy", csp != ""},
		{"X-Content-Type-Options", strings.EqualFold(strings.TrimSpace(h.Get("X-Content-Type-Options")), "nosniff")},
		{"X-Frame-Options", h.Get("X-Frame-Options") != "" || strings.Contains(csp, "frame-ancestors")},
		{"Referrer-Policy", h.Get("Referrer-Policy") != ""},
	} {
		if !r.fine {
			missing = append(missing, r.name)
		}
	}
	return missing
}

// maxAge is the age in an HSTS header (RFC 6797 §6.1.1); 0 switches it off.
func maxAge(hsts string) int {
	for d := range strings.SplitSeq(hsts, ";") {
		if k, x, _ := strings.Cut(strings.TrimSpace(d), "="); strings.EqualFold(k, "max-age") {
			n, _ := strconv.Atoi(strings.Trim(x, `" `))
			return n
		}
	}
	return 0
}

// weakCookies names session cookies without HttpOnly, or without Secure on https.
// Their values are nobody's business.
func weakCookies(h http.Header, https bool) (weak []string) {
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if !sessionName.MatchString(c.Name) || strings.Contains(strings.ToLower(c.Name), "csrf") || strings.Contains(strings.ToLower(c.Name), "xsrf") {
			continue // a CSRF token is for scripts to read
		}
		var lacks []string
		if !c.HttpOnly {
			lacks = append(lacks, "HttpOnly")
		}
		if https && !c.Secure {
			lacks = append(lacks, "Secure")
		}
		if len(lacks) > 0 {
			weak = append(weak, clean(c.Name, 40)+" ("+strings.Join(lacks, ", ")+")")
		}
	}
	return weak
}
