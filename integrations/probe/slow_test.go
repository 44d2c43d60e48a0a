package probe

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// Pages that are made to keep a reader busy are read in linear time: a second
// alone, some more under the race detector on a busy machine.
func TestPagesThatAreMadeToBeSlow(t *testing.T) {
	for name, body := range map[string]string{
		"deep":            strings.Repeat("<div>", 200000),
		"deep formatting": strings.Repeat("<a><b><font>", 80000),
		"many attributes": "<a " + strings.Repeat("x=1 ", 200000) + ">",
		"many rules":      "<style>" + strings.Repeat(".a{left:-999px;position:absolute}", 30000) + "</style>",
		"open rules":      "<style>" + strings.Repeat("{", 900000) + "</style>",
		"open comments":   "<style>" + strings.Repeat("/*", 400000) + "</style>",
		"packed":          "<script>" + strings.Repeat("unescape('%3Cscript//a.b/", 40000) + "</script>",
		"one long line":   strings.Repeat("博彩 casino ", 60000),
		"many blocks":     strings.Repeat("<p>casino", 100000),
		"many links":      strings.Repeat("<a href=//x.test>casino</a>", 35000),
		"links in links":  strings.Repeat("<a href=//x.test><table>", 40000),
		"entities":        strings.Repeat("&#x535A;&#24425;", 60000),
	} {
		body = "<html><body>" + body[:min(len(body), maxPage)]
		begin := time.Now()
		d, err := parse([]byte(body), "text/html", &url.URL{Scheme: "https", Host: "www.acme.test"})
		if err == nil {
			for _, l := range lures {
				weigh(d.spots, l)
			}
			mark(d)
			cutText(stable(d.lines), maxText)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: it took %s", name, took)
		} else {
			t.Logf("%s: %s, %v", name, took.Round(time.Millisecond), err)
		}
	}
}
