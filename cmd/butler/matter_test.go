package main

import (
	"testing"

	"butler/bot/desk"
)

// What products call things, and what a severe one of them is. The titles are those
// of the products' own documents where they have one.
func TestMatterOfATitle(t *testing.T) {
	const vul = desk.Category("-")
	for title, want := range map[string]desk.Category{
		// Incidents.
		"webshell found on web-01":             desk.Malware,
		"网站后门-发现后门(Webshell)文件":                desk.Malware,
		"首页发现暗链":                               desk.Malware,
		"hidden links to gambling sites on /":  desk.Malware,
		"挖矿程序":                                 desk.Malware,
		"恶意进程（云查杀）-XorDDoS木马":                  desk.Malware,
		"Possible kernel level rootkit":        desk.Malware,
		"疑似勒索病毒加密行为":                           desk.Malware,
		"ClamAV: Virus detected":               desk.Malware,
		"网页被篡改":                                desk.DataDestruction,
		"website defaced":                      desk.DataDestruction,
		"数据库被拖库":                               desk.DataDestruction,
		"brute force succeeded: ssh root":      desk.NetworkAttack,
		"ECS暴力破解成功":                            desk.NetworkAttack,
		"异常登录-ECS在非常用地登录":                      desk.NetworkAttack,
		"Reverse shell detected":               desk.NetworkAttack,
		"进程异常行为-反弹Shell":                       desk.Malware,
		"CC攻击事件V3":                             desk.NetworkAttack,
		"CVE-2021-44228 exploitation detected": desk.NetworkAttack,
		"页面出现涉黄内容":                             desk.ContentSecurity,
		// Vulnerabilities, and what is at least none of the above.
		"redis open to the internet":                    vul,
		"port 6379 open":                                vul,
		"端口 22 对公网开放":                                   vul,
		"发现弱口令 root":                                    vul,
		"weak password on mysql":                        vul,
		"CVE-2021-44228 Log4j2 remote code execution":   vul,
		"fastjson <= 1.2.80 反序列化任意代码执行漏洞":               vul,
		"RHSA-2019:0230-Important: polkit update":       vul,
		"Webshell upload vulnerability in a plugin":     vul,
		"存在被挖矿木马利用的风险，CVE-2020-1938":                    vul,
		"存储型XSS漏洞":                                      vul,
		"阿里云标准-Docker 安全基线检查":                           vul,
		"TLS certificate expires in 7 days":             vul,
		"磁盘使用率 95%":                                     vul,
		"Instance https://server.example.org is down":   vul,
		".git/HEAD 可以公开访问":                              vul,
		"SSH 22 端口可被暴力破解":                               vul,
		"Unauthorized access possible: docker api 2375": vul,
	} {
		kind, category := matterOf(title)
		switch {
		case want == vul && (kind != desk.Vulnerability || category != ""):
			t.Errorf("%q is %s %s, want a vulnerability", title, kind, category)
		case want != vul && (kind != desk.Incident || category != want):
			t.Errorf("%q is %s %q, want an incident of %s", title, kind, category, want)
		}
	}
}
