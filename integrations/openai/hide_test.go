package openai

import (
	"strings"
	"testing"

	"butler/bot/desk"
	"butler/integrations/openai/openaifake"
)

// Whatever of these a question holds, in whatever field, no request has it. The
// secrets are made up, and put together here so that no scanner takes them for real.
func TestNoSecretLeavesTheHouse(t *testing.T) {
	hex := strings.Repeat("9f86d081884c7d65", 4)
	for name, c := range map[string]struct{ text, secret string }{
		"a private key":           {"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx1\nQzY9f8bVw2\n-----END RSA PRIVATE KEY-----", "QzY9f8bVw2"},
		"half a private key":      {"看这个 -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkt\ndjEAAAAABG5v", "djEAAAAABG5v"},
		"Alibaba Cloud, id":       {"AK 是 LTAI" + "5tQ8xYz7Kp3mNvBc 被泄露", "5tQ8xYz7Kp3mNvBc"},
		"Alibaba Cloud, secret":   {"SK: Zk8" + "sT2vQ9wXr4LmP7nB1cY6dHfJ3gA", "sT2vQ9wXr4LmP7nB1cY6dHfJ"},
		"AWS, id":                 {"AKIA" + "IOSFODNN7EXAMPLQ", "IOSFODNN7EXAMPLQ"},
		"AWS, secret":             {"wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY9", "K7MDENG"},
		"Tencent Cloud":           {"AKID" + "z8krbsJ5yKBZQpn74WFkmLPx3gnPhESA", "z8krbsJ5yKBZQpn74WFkmLPx3"},
		"OpenAI":                  {"用的 sk-" + "proj-abcDEF123456ghiJKL789", "abcDEF123456ghiJKL"},
		"GitHub":                  {"token ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912"},
		"Slack":                   {"xoxb-" + "1234567890-abcdefghij", "1234567890-abcdefghij"},
		"a JWT":                   {"eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "dozjgNryP4J3jVmN"},
		"long hex":                {"key=" + hex, hex[8:40]},
		"a webhook of DingTalk":   {"https://oapi.dingtalk.com/robot/send?access_token=" + hex, hex[8:40]},
		"a webhook of Slack":      {"https://hooks.slack.com/services/T000/B000/" + "XXXXyyyyZZZZ1234", "XXXXyyyyZZZZ1234"},
		"a password, assigned":    {"spring.datasource.password=Hunter2!x", "Hunter2!x"},
		"a password in JSON":      {`{"password": "Hunter2!x"}`, "Hunter2!x"},
		"a password, told":        {"root 密码是 Hunter2!x，帮忙看看", "Hunter2!x"},
		"a password, in English":  {"the password is Hunter2!x ok?", "Hunter2!x"},
		"a password of a URL":     {"redis://default:Hunter2x@10.0.0.5:6379/0", "Hunter2x"},
		"a header":                {"Authorization: Bearer abc123def456ghi789", "abc123def456ghi789"},
		"a cookie":                {"Cookie: JSESSIONID=1A2B3C4D5E", "1A2B3C4D5E"},
		"full-width":              {"密码：Ｈｕｎｔｅｒ２ｘ９", "unter2x9"},
		"full-width, as it was":   {"ＬＴＡＩ" + "５ｔＱ８ｘＹｚ７Ｋｐ３ｍＮｖＢｃ", "５ｔＱ８ｘＹｚ７Ｋｐ３ｍＮ"},
		"split by what is unseen": {"AKIA\u200bIOSF\u200bODNN\u200b7EXA\u200bMPLQ", "ODNN"},
		"a mobile number":         {"联系我 13812345678 谢谢", "13812345678"},
		"a mobile with blanks":    {"138 1234 5678", "1234 5678"},
		"a national id":           {"身份证 11010519491231002X", "491231002"},
		"a bank card":             {"卡号 6222 0212 3456 7890 128", "0212 3456 7890"},
		"one after another":       {"sk-" + "abcdefghijkl0123456789 sk-" + "zyxwvutsrqpo9876543210", "xwvutsrqpo98765"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.e.Answer(openaifake.Says(good))
			q := question()
			q.Text, q.Before, q.Edition, q.Verdict.Why = "看一下 "+c.text, []string{c.text, "x " + c.text + " y"}, c.text, c.text
			if _, err := h.Advise(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			if body := h.e.Last().Body; strings.Contains(body, c.secret) {
				t.Errorf("%q left the house:\n%s", c.secret, body)
			}
			if again := hide(hide(fold(c.text))); again != hide(fold(c.text)) {
				t.Errorf("masked twice it is another: %q, %q", hide(fold(c.text)), again)
			}
		})
	}
}

// What a person writes about security is still there to be understood.
func TestOrdinaryWordsLeaveAsTheyAre(t *testing.T) {
	for _, s := range []string{
		"数据库主机 10.0.0.5 弹出勒索提示，文件后缀变成 .locked，时间 2026-11-23 02:15:08",
		"CVE-2024-3094 影响我们吗？主机 db-prod-01.internal，端口 6379",
		"the password is wrong, we cannot log in since yesterday",
		"密码是什么时候泄露的？token 过期了怎么办",
		"disk-encryption-failed-on-host risk-assessment-of-the-cluster",
		"process kdevtmpfsi eats CPU, /var/spool/cron/root has been changed, user www-data",
		"请求 id 3f2504e0-4f89-11d3-9a0c-0305e82c3301 报 500",
		"订单 2026112300018 退款",
		"AK 是 LTAI…3mBc，已经轮换",
	} {
		if got := hide(fold(s)); got != s {
			t.Errorf("%q\nleaves as\n%q", s, got)
		}
	}
}

// What names the customer stays at home, and nothing is kept from one question to
// the next.
func TestAQuestionHoldsOneCustomersMatterAndNoName(t *testing.T) {
	h := newHouse(t)
	h.e.Answer(openaifake.Says(good))
	q := question()
	q.ID, q.Text, q.Before = "globex/7", "globex 的内网主机 secret-host-7 被入侵", []string{"之前说过 marker-9921"}
	if _, err := h.Advise(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if body := h.e.Last().Body; !strings.Contains(body, "marker-9921") || strings.Contains(body, "globex/7") {
		t.Errorf("the question is\n%s", body)
	}
	mustAdvise(t, h)
	if body := h.e.Last().Body; strings.Contains(body, "globex") || strings.Contains(body, "marker-9921") || strings.Contains(body, "acme") {
		t.Errorf("the next customer's question is\n%s", body)
	}
}

func TestALongQuestionIsCut(t *testing.T) {
	q := question()
	q.Text = strings.Repeat("被入侵了。", 10000)
	q.Before = nil
	for range 50 {
		q.Before = append(q.Before, strings.Repeat("早。", 1000))
	}
	q.Edition, q.Verdict.Why = strings.Repeat("版", 500), strings.Repeat("因", 5000)
	p := newPrompt(q)
	if n := len([]rune(p.data)); n > desk.MaxText+(mostEarlier+1)*(mostBefore+10)+500 {
		t.Errorf("the data has %d characters", n)
	}
	if n := p.estimate(); n > 20000 {
		t.Errorf("it may cost %d tokens", n)
	}
}
