package triage

import (
	"fmt"
	"strings"
	"testing"
)

func TestClues(t *testing.T) {
	for text, want := range map[string]string{
		"CVE-2021-44228 影响我们吗，还有cve-2019-0708":    "cve CVE-2021-44228, cve CVE-2019-0708",
		"跳转到 http://evil.example.com/x.php?id=1。": "url hxxp://evil[.]example[.]com/x.php?id=1, file x.php",
		"hxxps://a[.]b/c":                      "url hxxps://a[.]b/c",
		"md5 d41d8cd98f00b204e9800998ecf8427e": "hash d41d8cd98f00b204e9800998ecf8427e",
		"/tmp/kdevtmpfsi 删了又有，C:\\Users\\Public\\svc.exe 也在": "file /tmp/kdevtmpfsi, file C:\\Users\\Public\\svc.exe",
		"readme.locked 和 a.php": "file readme.locked, file a.php",
		"凌晨3点开始，30 台机器，约 5 万条数据，10:20 才发现": "count 30 台, count 5 万条数据, time 凌晨3点, time 10:20",
		"jndi:ldap://1.2.3.4:1389/a": "url ldap://1[.]2[.]3[.]4:1389/a",
		"我们用的是 v2.4.1，版本 10.0.3":     "",
		"密码是 Passw0rd!2026":          "",
		"下午三点开会":                     "",
	} {
		var got []string
		for _, c := range Clues(text) {
			got = append(got, c.Kind+" "+c.Text)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%q: %s\nwant %s", text, s, want)
		}
	}
	many := strings.Repeat("/tmp/a", 1)
	for i := range 100 {
		many += fmt.Sprintf(" /tmp/f%d", i)
	}
	if n := len(Clues(many)); n != 12 {
		t.Errorf("%d clues", n)
	}
}
