package triage

import (
	"slices"
	"strings"
	"testing"

	"butler/bot/desk"
)

func TestAssets(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.9 一直在扫 10.0.0.5:3306":                             "203.0.113.9 10.0.0.5",
		"https://Shop.Example.com/login?a=1 打不开":                     "shop.example.com",
		"钓鱼站 hxxps://login-acme[.]top/x 还有 1.2.3[.]4":                "login-acme.top 1.2.3.4",
		"官网www.example.com.cn被篡改":                                    "www.example.com.cn",
		"域名:example.org，www.example.org，EXAMPLE.org":                 "example.org www.example.org",
		"web-01 和 db-prod-3 中毒，i-bp1abcdef234 也是":                    "web-01 db-prod-3 i-bp1abcdef234",
		"it talks to pool.example-mine.com:4444.":                    "pool.example-mine.com",
		"IPv6 2001:db8::1 在连":                                        "2001:db8::1",
		"main.go 和 a.py、run.sh、readme.md 报错":                         "",
		"升级到 1.2.3 之后，版本 4.5.6.7 也不行":                                "",
		"nginx 1.24.0, openssl 3.0.2-rc1, v1.2.3.4":                  "",
		"os.exit(1) os.environ time.now() e.g. i.e. etc.":            "",
		"at com.demo.OrderService.create(OrderService.java:42)":      "",
		"写信给 someone@example.com":                                    "",
		"文件 /etc/init.d/a.sh、C:\\temp\\b.com":                        "",
		"CVE-2021-44228 GLIBC_2.28 TLS1.0 12:30:45 2026.11.23 3.5.1": "",
		"a…b。c，d": "",
	} {
		if got := strings.Join(Assets(text), " "); got != want {
			t.Errorf("Assets(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAssetsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		b.WriteString("10.0.")
		b.WriteString([]string{"1", "2"}[i%2])
		b.WriteString(".")
		b.WriteString(strings.Repeat("1", 1+i%2))
		b.WriteString(" h")
		b.WriteString(strings.Repeat("x", i%50))
		b.WriteString(".example.com ")
	}
	got := Assets(b.String())
	if len(got) != desk.MaxAssets {
		t.Errorf("%d assets, want %d", len(got), desk.MaxAssets)
	}
	slices.Sort(got)
	if len(slices.Compact(got)) != desk.MaxAssets {
		t.Error("an asset stands twice")
	}
}
