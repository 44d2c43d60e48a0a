package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"butler/bot/desk"
	"butler/config"
	"butler/sla"
)

// Two processes on one Redis look at a customer's site: one of them finds it defaced,
// a case is opened at once, and dies. The other one is asked for a retest after the
// page was mended: the finding is closed with its proof, and the summary says so.
func TestFromADefacedPageToTheProof(t *testing.T) {
	t.Parallel()
	var page atomic.Value
	var visits atomic.Int64
	page.Store(`<title>澳门新葡京娱乐城</title><h1>真人百家乐 时时彩 六合彩</h1><p>注册送彩金，在线博彩</p>`)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			visits.Add(1)
		}
		fmt.Fprint(w, page.Load())
	}))
	t.Cleanup(site.Close)
	server := startRedis(t)
	dir := t.TempDir()
	house := func() house {
		h := newHouse(t, server.store())
		h.extra = fmt.Sprintf(`  - {id: shop, name: 示例商城, edition: enterprise, front: sandbox:shop, back: sandbox:shop-back, tam: chen, contacts: [{id: lin, name: 林经理}], inspection: {assets: [{asset: "%s/", private: true}]}}
`, site.URL)
		return h
	}
	a, b := begin(t, dir, house()), begin(t, dir, house())
	eventually(t, time.Minute, "a case of the defaced page", func() error {
		if s, err := a.look("shop"); err != nil || len(s.Cases) != 1 || !strings.Contains(s.Cases[0].Title, "赌博") {
			return fmt.Errorf("%+v, %v", s.Cases, err)
		}
		return nil
	})
	var looks int
	eventually(t, 30*time.Second, "one look on record", func() error {
		if looks = counted(t, a, "butler_looks_total") + counted(t, b, "butler_looks_total"); looks == 0 {
			return fmt.Errorf("no look has come to its end")
		}
		return nil
	})
	seen := visits.Load()
	if looks != 1 {
		t.Errorf("%d looks by two processes", looks)
	}
	a.kill()

	page.Store(`<title>示例商城</title><h1>欢迎光临</h1>`)
	// told waits for a card on the page of b that says something.
	told := func(room, kind, want string) string {
		t.Helper()
		var text string
		eventually(t, 30*time.Second, "a card "+kind+" in the "+room, func() error {
			var all []string
			for _, m := range b.mustLook("shop").Messages {
				if m.Card == nil {
					continue
				}
				text = m.Card.Title
				for _, l := range m.Card.Lines {
					text += "\n" + l.Label + " " + l.Text
				}
				if m.Room == room && m.Kind == kind && regexp.MustCompile(want).MatchString(text) {
					return nil
				}
				all = append(all, m.Room+" "+m.Kind+": "+text)
			}
			return fmt.Errorf("none says %s:\n%s", want, strings.Join(all, "\n\n"))
		})
		return text
	}
	const found = `(F\d+)[^\n]*赌博`
	b.mustSay("shop", "back", "zhang", "/findings")
	label := regexp.MustCompile(found).FindStringSubmatch(told("back", "answer", found))[1]
	b.mustSay("shop", "back", "zhang", "/retest "+label)
	told("back", "retested", `复测通过(?s:.*)证据`)
	if visits.Load() == seen {
		t.Error("the proof is none: nobody looked")
	}
	b.mustSay("shop", "back", "zhang", "/inspect now")
	told("front", "inspection", `(?s)(赌博.*缺少安全响应头|缺少安全响应头.*赌博)`)
	if n := len(b.mustLook("shop").Cases); n != 1 {
		t.Errorf("%d cases of one finding", n)
	}
}

// A site that never answers keeps nobody from ending.
func TestItEndsInTheMiddleOfALook(t *testing.T) {
	t.Parallel()
	visited, over := make(chan struct{}, 100), make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		visited <- struct{}{}
		<-over
	}))
	t.Cleanup(site.Close)
	t.Cleanup(func() { close(over) })
	h := newHouse(t, "file:butler.db")
	h.extra = fmt.Sprintf(`  - {id: shop, name: 示例商城, edition: enterprise, front: sandbox:shop, back: sandbox:shop-back, tam: chen, inspection: {assets: [{asset: "%s/", private: true}]}}
`, site.URL)
	b := begin(t, t.TempDir(), h)
	select {
	case <-visited:
	case <-time.After(time.Minute):
		t.Fatal("nobody visits the site")
	}
	if code, _ := fetch(b.listen + "/readyz"); code != http.StatusOK {
		t.Errorf("/readyz is %d during a look", code)
	}
	if took := b.terminate(); took > 5*time.Second || b.code != 0 {
		t.Errorf("it ended with %d after %s", b.code, took)
	}
}

// counted is a number of /metrics.
func counted(t *testing.T, r *running, name string) int {
	t.Helper()
	_, body := fetch(r.listen + "/metrics")
	for _, line := range strings.Split(body, "\n") {
		if v, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("/metrics has no %s", name)
	return 0
}

// Our own probes are a source like any other, so that their silence is noticed; but
// not where they do not look, and never for an edition that looks only at incidents.
func TestTheSilenceOfOurOwnProbes(t *testing.T) {
	assets := []desk.Asset{{Name: "www.example.com"}}
	other := []desk.Source{{Name: "waf"}}
	for _, c := range []struct {
		name  string
		terms desk.Terms
		want  []desk.Source
	}{
		{"looked at", desk.Terms{Sources: other, Inspect: desk.Inspect{Assets: assets, Every: time.Hour}}, []desk.Source{{Name: "waf"}, {Name: desk.Probe, Silence: 36 * time.Hour}}},
		{"no assets", desk.Terms{Sources: other, Inspect: desk.Inspect{Every: time.Hour}}, other},
		{"never", desk.Terms{Sources: other, Inspect: desk.Inspect{Assets: assets}}, other},
		{"emergency", desk.Terms{Edition: sla.Edition{Inspection: sla.Inspection{Scope: "incident"}}, Inspect: desk.Inspect{Assets: assets, Every: time.Hour}}, []desk.Source{{Name: desk.Probe}}},
	} {
		ownProbes(&c.terms)
		if got := fmt.Sprint(c.terms.Sources); got != fmt.Sprint(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, fmt.Sprint(c.want))
		}
	}
}

// The example of the document, in both languages, is a config.
func TestTheExampleOfTheInspection(t *testing.T) {
	for _, name := range []string{"inspection.md", "inspection.zh-CN.md"} {
		text, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(text), "```yaml\n")
		example, _, closed := strings.Cut(rest, "```")
		if !ok || !closed {
			t.Fatalf("%s has no example", name)
		}
		c, err := config.Parse(name, t.TempDir(), []byte(example), config.Options{Play: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		in := c.Terms()["acme"].Inspect
		if in.Every != 30*time.Minute || in.Quiet != (desk.Quiet{From: 60, To: 300}) || in.Scan.By == "" || len(in.Assets) != 4 || !in.Assets[3].Private {
			t.Errorf("%s: %+v", name, in)
		}
	}
}
