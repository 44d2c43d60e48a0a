package triage

import "testing"

// pem is a private key by its form only, split so that scanners of this
// repository do not stop at it.
const pem = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq3\nZ2VuZXJhdGVkIGZvciBhIHRlc3Q=\n-----END RSA " + "PRIVATE KEY-----"

func TestMaskHidesSecrets(t *testing.T) {
	for name, c := range map[string]struct{ in, want, kind string }{
		"alibaba key":       {"ak是 LTAI5tExampleExample9xQz 帮看下", "ak是 LTAI…9xQz 帮看下", AccessKey},
		"alibaba pair":      {"LTAI5tExampleExample9xQz / aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vWx", "LTAI…9xQz / aB3d…9vWx", AccessKey},
		"aws key":           {"AKIAIOSFODNN7EXAMPLE was used", "AKIA…MPLE was used", AccessKey},
		"aws pair":          {"id AKIAIOSFODNN7EXAMPLE key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "id AKIA…MPLE key wJal…EKEY", AccessKey},
		"private key":       {"看这个 " + pem, "看这个 -----BEGIN RSA " + "PRIVATE KEY-----\nMIIE…c3Q=\n-----END RSA " + "PRIVATE KEY-----", PrivateKey},
		"password equals":   {"password=S3cret!pass99 doesn't work", "password=S…9 doesn't work", Password},
		"short password":    {"root密码：abc123", "root密码：…", Password},
		"chinese colon":     {"密码：Admin@12345，你登上看看", "密码：A…5，你登上看看", Password},
		"password told":     {"密码是 Qwer!2345678 别外传", "密码是 Q…8 别外传", Password},
		"english told":      {"the password is hunter2hunter2", "the password is h…2", Password},
		"json":              {`{"user":"a","password":"letmein2024"}`, `{"user":"a","password":"l…4"}`, Password},
		"url":               {"mysql://app:Sup3rS3cretPw@10.0.0.3/db", "mysql://app:S…w@10.0.0.3/db", Password},
		"github":            {"token ghp_0123456789abcdefghijABCDEFGHIJ012345", "token ghp_…2345", Token},
		"slack":             {"xoxb-123456789012-abcdefABCDEF", "xoxb…CDEF", Token},
		"jwt":               {"cookie eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl ok", "cookie eyJh…dXJl ok", Token},
		"bearer":            {"Authorization: Bearer 0123456789abcdef0123", "Authorization: Bearer 0123…0123", Token},
		"national id":       {"身份证11010519491231002X泄露了", "身份证1101…002X泄露了", NationalID},
		"phone":             {"联系人13800138000，张三", "联系人138…8000，张三", Phone},
		"phone with prefix": {"+86 139-1234-5678", "+86 139…5678", Phone},
		"two phones":        {"13800138000,13912345678", "138…8000,139…5678", Phone},
		"bank card":         {"卡号 4111 1111 1111 1111 过期", "卡号 4111…1111 过期", BankCard},
		"union pay":         {"退到6222021234567890128", "退到6222…0128", BankCard},
	} {
		t.Run(name, func(t *testing.T) {
			got, found := Mask(c.in)
			if got != c.want {
				t.Errorf("Mask(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			if len(found) == 0 || found[0].Kind != c.kind {
				t.Errorf("found %v, want kind %s", found, c.kind)
			}
			if again, more := Mask(got); again != got || len(more) != 0 {
				t.Errorf("masking twice: %q, %v", again, more)
			}
		})
	}
}

func TestMaskLeavesOrdinaryTextAlone(t *testing.T) {
	for _, text := range []string{
		"CVE-2021-44228 影响我们吗",
		"203.0.113.45 和 10.0.0.5:3306 连不上",
		"订单号 13800138000 付了两次",
		"order 4111111111111111 is stuck",
		"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"md5 d41d8cd98f00b204e9800998ecf8427e 的文件",
		"commit 2aba74180c7e647318a5f71eec8ec8223a49baba",
		"时间 2026-11-23T02:00:00+08:00, 1763834400000",
		"uuid 123e4567-e89b-12d3-a456-426614174000",
		"密码策略改成 90 天一换",
		"password: how do I reset it",
		"忘了密码，怎么重置",
		"the password is wrong",
		"passwords are stored in plain text",
		"token expired, what now",
		"版本 1.2.3.4567890123",
		"身份证号 110105194912310021 校验不过", // wrong check digit
		"i-bp1abcdef234567890 的 ECS",
		"password: <your password>, token=${TOKEN}, pwd=******",
		"实例 rm-bp1234567890123 连接数满了",
		"电话 010-88886666",
	} {
		if got, found := Mask(text); got != text {
			t.Errorf("Mask(%q) = %q, %v", text, got, found)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"", "密码：abc12345", "LTAI5tExampleExample9xQz", "13800138000", pem, "a://b:c@d", "password=\xff\xfe12345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked, found := Mask(text)
		at := 0
		for _, s := range found {
			if s.Start < at || s.End <= s.Start || s.End > len(text) || s.Kind == "" {
				t.Fatalf("found %+v in %q", s, text)
			}
			at = s.End
		}
		if len(found) == 0 && masked != text {
			t.Fatalf("%q changed to %q without a finding", text, masked)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	for name, text := range map[string]string{
		"talk":   "好的，辛苦了，等我问下领导再回你",
		"alert":  "主机 10.2.3.17 从 203.0.113.9 登录失败 4921 次，最近一次 2026-11-23 02:00:00，请尽快处理",
		"secret": "数据库密码：Admin@12345，ak LTAI5tExampleExample9xQz，电话13800138000",
		"hostile": func() string {
			s := ""
			for range 400 {
				s += "sk-a eyJa. token=: "
			}
			return s
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Mask(text)
			}
		})
	}
}
