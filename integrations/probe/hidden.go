package probe

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rules are the simple selectors (.class, #id, tag.class) by which a page's own
// style sheets hide something. Style sheets in files of their own are not read.
type rules map[string]concealment

var simple = regexp.MustCompile(`^[a-z0-9]*[.#][\w-]+$`)

// read takes the rules of one style sheet. Rules within @media and the like hold
// only sometimes and are passed over.
func (r *rules) read(css string) {
	if *r == nil {
		*r = rules{}
	}
	css = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, " ")
	for len(css) > 0 && len(*r) < 2000 {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		end, depth := open+1, 1
		for ; end < len(css) && depth > 0; end++ {
			switch css[end] {
			case '{':
				depth++
			case '}':
				depth--
			}
		}
		head, body := strings.TrimSpace(css[:open]), strings.TrimSuffix(css[open+1:end], "}")
		css = css[end:]
		if strings.HasPrefix(head, "@") {
			continue
		}
		how := hides(body)
		if how == visible {
			continue
		}
		for sel := range strings.SplitSeq(head, ",") {
			if sel = strings.TrimSpace(sel); simple.MatchString(strings.ToLower(sel)) {
				(*r)[sel] = max((*r)[sel], how)
			}
		}
	}
}

// hides says how an element is hidden, by itself.
func (r rules) hides(n *html.Node) concealment {
	how := hides(attr(n, "style"))
	tag := strings.ToLower(n.Data)
	if id := attr(n, "id"); id != "" {
		how = max(how, r["#"+id], r[tag+"#"+id])
	}
	for class := range strings.FieldsSeq(attr(n, "class")) {
		how = max(how, r["."+class], r[tag+"."+class])
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" {
			how = max(how, folded)
		}
	}
	switch {
	case n.DataAtom == atom.Noscript:
		how = max(how, folded)
	case n.DataAtom == atom.Marquee && speck(n):
		how = sneaky
	}
	return how
}

// hides says how a list of declarations hides. Closed menus are folded, and many
// an honest page has them; nobody puts links off the screen or writes them in
// letters of one pixel without intent.
func hides(css string) concealment {
	if css == "" {
		return visible
	}
	d := map[string]string{}
	for one := range strings.SplitSeq(strings.ToLower(css), ";") {
		k, x, _ := strings.Cut(one, ":")
		d[strings.TrimSpace(k)] = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(x), "!important"))
	}
	off := func(key string) bool { n, ok := pixels(d[key]); return ok && (n <= -500 || n >= 10000) }
	tiny := func(key string) bool { n, ok := pixels(d[key]); return ok && n >= 0 && n <= 1 }
	placed := d["position"] == "absolute" || d["position"] == "fixed"
	clipped := d["overflow"] == "hidden"
	switch {
	case placed && (off("left") || off("top") || off("right") || off("bottom")),
		off("margin-left"), off("margin-top"),
		tiny("font-size") && d["font-size"] != "",
		clipped && tiny("height") && !strings.Contains(d["clip"], "rect") && d["clip-path"] == "":
		return sneaky
	case d["display"] == "none", d["visibility"] == "hidden", d["opacity"] == "0":
		return folded
	}
	return visible
}

// pixels reads a length. Percentages and the like are none.
func pixels(s string) (float64, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "px"), "pt")
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return n, err == nil
}

// speck says whether an element is of no visible size.
func speck(n *html.Node) bool {
	for _, key := range []string{"width", "height"} {
		if x, ok := pixels(attr(n, key)); ok && x <= 2 {
			return true
		}
	}
	return false
}

var (
	escaped  = regexp.MustCompile(`(?:unescape|decodeURIComponent|decodeURI)\s*\(\s*(?:"([^"]{12,})"|'([^']{12,})')`)
	charCode = regexp.MustCompile(`fromCharCode\s*\(([\d\s,]{12,})\)`)
	inBase64 = regexp.MustCompile(`atob\s*\(\s*["']([A-Za-z0-9+/=]{16,})["']`)
	inScript = regexp.MustCompile(`(?i)(?:https?:)?//((?:[a-z0-9-]{1,63}\.)+[a-z]{2,24})[/"':?]`)
)

// unpacked are the hosts in the parts of a script that were packed so that nobody
// reads them: the usual shape of an injected script (挂马).
func unpacked(script string) (hosts []string) {
	if len(script) > 256<<10 {
		script = script[:256<<10]
	}
	var plain []string
	for _, m := range escaped.FindAllStringSubmatch(script, 20) {
		if s, err := url.PathUnescape(m[1] + m[2]); err == nil {
			plain = append(plain, s)
		}
	}
	for _, m := range charCode.FindAllStringSubmatch(script, 20) {
		var b strings.Builder
		for n := range strings.SplitSeq(m[1], ",") {
			if c, err := strconv.Atoi(strings.TrimSpace(n)); err == nil && c > 0 && c < 0x10000 {
				b.WriteRune(rune(c))
			}
		}
		plain = append(plain, b.String())
	}
	for _, m := range inBase64.FindAllStringSubmatch(script, 20) {
		if b, err := base64.StdEncoding.DecodeString(m[1]); err == nil {
			plain = append(plain, string(b))
		}
	}
	for _, s := range plain {
		low := strings.ToLower(s)
		if !strings.Contains(low, "<script") && !strings.Contains(low, "<iframe") && !strings.Contains(low, "location") && !strings.HasPrefix(low, "http") {
			continue
		}
		for _, m := range inScript.FindAllStringSubmatch(low+`"`, 20) {
			if host, err := ascii(m[1]); err == nil {
				hosts = append(hosts, host)
			}
		}
	}
	return hosts
}
