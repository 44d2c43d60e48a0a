package probe

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// place is where on a page something is said. Where visitors do not look but
// search engines do, the same word weighs more.
type place int

const (
	inBody place = iota
	inLink       // the text of a link to a foreign host
	inMeta       // description and keywords
	inTitle
	inHidden // text of a hidden link
)

// spot is what is said at a place: plain, sentence by sentence.
type spot struct {
	place place
	said  []string
}

// link is a link to a foreign host.
type link struct {
	host   string
	text   string
	hidden concealment
}

// concealment is how something is kept from visitors' eyes.
type concealment int

const (
	visible concealment = iota
	folded              // as menus and dialogs are: display:none, visibility:hidden, <noscript>
	sneaky              // as nobody does without intent: off the screen, of no size
)

// document is what is read of a page.
type document struct {
	title   string
	lines   []string // the visible text, block by block
	spots   []spot
	links   []link   // to foreign hosts
	hosts   []string // foreign hosts of scripts, frames and objects
	frames  []string // foreign hosts of frames that nobody can see
	packed  []string // foreign hosts in scripts that were packed to hide them
	refresh string   // the foreign host to which a meta refresh leads
}

// maxDepth is how deep a page is read; the parser itself stops at 512.
const maxDepth = 600

var errNoHTML = errors.New("it is no HTML")

// parse reads a page in whatever encoding it is written.
func parse(body []byte, contentType string, base *url.URL) (*document, error) {
	mime, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(mime) {
	case "text/html", "application/xhtml+xml":
	case "text/plain", "":
		if len(body) > 0 && !utf8.Valid(body) {
			return nil, errNoHTML
		}
	default:
		return nil, errNoHTML
	}
	if len(body) == 0 {
		return &document{}, nil
	}
	r, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return nil, fmt.Errorf("its encoding cannot be read: %w", err)
	}
	// Without scripts, as search engines read it: <noscript> is text and links.
	root, err := html.ParseWithOptions(r, html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, fmt.Errorf("it cannot be parsed: %w", err)
	}
	p := &parser{d: &document{}, base: base, own: site(base.Hostname()), said: map[string]int{}}
	p.styles(root, 0)
	p.walk(root, visible, 0)
	p.flush()
	p.d.hosts, p.d.frames, p.d.packed = unique(p.d.hosts), unique(p.d.frames), unique(p.d.packed)
	return p.d, nil
}

type parser struct {
	d     *document
	base  *url.URL
	own   string
	rules rules
	line  strings.Builder
	said  map[string]int // how often something was said at a place: more than mostTimes weighs no more
}

// styles reads the page's own style sheets first: they may stand behind what they
// hide.
func (p *parser) styles(n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	if n.DataAtom == atom.Style && n.FirstChild != nil {
		p.rules.read(n.FirstChild.Data)
	}
	if n.DataAtom == atom.Base {
		if u, err := p.base.Parse(attr(n, "href")); err == nil {
			p.base = u
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.styles(c, depth+1)
	}
}

// walk reads one node and what is below it; how is how the nodes above hide it.
func (p *parser) walk(n *html.Node, how concealment, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case html.TextNode:
		if how == visible {
			p.line.WriteString(n.Data)
			p.line.WriteByte(' ')
		}
		return
	case html.ElementNode:
		if how = max(how, p.rules.hides(n)); !p.element(n, how) {
			return
		}
	}
	if block[n.DataAtom] {
		p.flush()
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c, how, depth+1)
	}
	if block[n.DataAtom] {
		p.flush()
	}
}

// element reads what an element is. False: what is below it is no text.
func (p *parser) element(n *html.Node, how concealment) bool {
	switch n.DataAtom {
	case atom.Style, atom.Template, atom.Svg:
		return false
	case atom.Title:
		if p.d.title == "" {
			p.d.title = clean(text(n), 200)
			p.add(inTitle, p.d.title)
		}
		return false
	case atom.Meta:
		p.meta(n)
	case atom.Script:
		if host := p.foreign(attr(n, "src")); host != "" {
			p.d.hosts = append(p.d.hosts, host)
		}
		if n.FirstChild != nil {
			for _, host := range unpacked(n.FirstChild.Data) {
				if site(host) != p.own && !wellKnown(host) {
					p.d.packed = append(p.d.packed, host)
				}
			}
		}
		return false
	case atom.Iframe, atom.Frame, atom.Embed, atom.Object:
		host := p.foreign(attr(n, "src") + attr(n, "data"))
		if host == "" {
			return true
		}
		p.d.hosts = append(p.d.hosts, host)
		if (how > visible || speck(n)) && !wellKnown(host) && n.DataAtom != atom.Embed {
			p.d.frames = append(p.d.frames, host)
		}
		return n.DataAtom == atom.Object
	case atom.A, atom.Area:
		host := p.foreign(attr(n, "href"))
		if host == "" || wellKnown(host) {
			break
		}
		l := link{host: host, text: clean(text(n), 100), hidden: how}
		p.d.links = append(p.d.links, l)
		if how == visible {
			p.add(inLink, l.text)
		} else {
			p.add(inHidden, l.text)
		}
	}
	return true
}

// meta reads what search engines are told, and where browsers are sent.
func (p *parser) meta(n *html.Node) {
	switch strings.ToLower(attr(n, "name")) {
	case "description", "keywords":
		p.add(inMeta, attr(n, "content"))
	}
	if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
		_, where, _ := strings.Cut(attr(n, "content"), ";")
		if i := strings.Index(strings.ToLower(where), "url="); i >= 0 {
			p.d.refresh = p.foreign(strings.Trim(strings.TrimSpace(where[i+4:]), `"'`))
		}
	}
}

func (p *parser) add(where place, text string) {
	text = clean(text, 2000)
	key := string(rune(where)) + text
	if p.said[key]++; text != "" && p.said[key] <= mostTimes {
		p.d.spots = append(p.d.spots, spot{where, sentences(text)})
	}
}

// flush ends a block of text. A long one is several lines.
func (p *parser) flush() {
	for all := p.line.String(); all != ""; {
		n := min(len(all), 2000)
		for n < len(all) && !utf8.RuneStart(all[n]) {
			n++
		}
		if s := clean(all[:n], 2000); s != "" {
			p.d.lines = append(p.d.lines, s)
			p.add(inBody, s)
		}
		all = all[n:]
	}
	p.line.Reset()
}

// foreign is the host that a reference leads to, "" for the page's own site and
// for what is no web address.
func (p *parser) foreign(ref string) string {
	if ref = strings.TrimSpace(ref); ref == "" || len(ref) > 8000 {
		return ""
	}
	u, err := p.base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	host, err := hostOf(u)
	if err != nil || site(host) == p.own {
		return ""
	}
	return host
}

// block are the elements that begin a line.
var block = func() map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, a := range []atom.Atom{atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Center, atom.Dd, atom.Div, atom.Dl, atom.Dt,
		atom.Fieldset, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Head, atom.Header, atom.Hr, atom.Li,
		atom.Main, atom.Marquee, atom.Nav, atom.Noscript, atom.Ol, atom.Option, atom.P, atom.Pre, atom.Section, atom.Table, atom.Td, atom.Textarea, atom.Th, atom.Tr, atom.Ul} {
		m[a] = true
	}
	return m
}()

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val
		}
	}
	return ""
}

// text is all text below a node.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && b.Len() < 4000 {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
		if alt := attr(c, "alt"); c.DataAtom == atom.Img && alt != "" && b.Len() < 4000 {
			b.WriteString(alt + " ")
		}
	}
	return b.String()
}

// unique are values once each, sorted, at most a hundred: no honest page takes
// scripts from more hosts.
func unique(values []string) []string {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	return values[:min(len(values), 100)]
}

// letters counts the characters of a text.
func letters(lines []string) (n int) {
	for _, l := range lines {
		n += utf8.RuneCountInString(l)
	}
	return n
}
