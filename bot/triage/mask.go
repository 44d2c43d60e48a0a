package triage

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Secret is something that Mask hid. It never holds the secret itself.
type Secret struct {
	Kind  string // access_key, private_key, password, token, national_id, phone, bank_card
	Shown string // what is left of it: LTAI…9xQz
	Start int    // bytes of the original text
	End   int
}

// The kinds of secrets.
const (
	AccessKey  = "access_key"
	PrivateKey = "private_key"
	Password   = "password"
	Token      = "token"
	NationalID = "national_id"
	Phone      = "phone"
	BankCard   = "bank_card"
)

// Mask replaces the secrets of a text by their first and last characters and
// says what it found, in order. It is called on every text before anything is
// stored. Masking a masked text changes nothing. What cannot be told from an
// ordinary number (an order number, a hash, an IP, a CVE id) is left alone.
func Mask(text string) (masked string, found []Secret) {
	var all []Secret
	for _, r := range maskRules {
		if !r.may(text) {
			continue
		}
		all = append(all, r.find(text)...)
	}
	if len(all) == 0 {
		return text, nil
	}
	// The earliest wins; of two that begin together the longer.
	slices.SortStableFunc(all, func(a, b Secret) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var b strings.Builder
	at := 0
	for _, s := range all {
		if s.Start < at {
			continue
		}
		s.Shown = shown(s.Kind, text[s.Start:s.End])
		b.WriteString(text[at:s.Start])
		b.WriteString(s.Shown)
		at = s.End
		found = append(found, s)
	}
	b.WriteString(text[at:])
	return b.String(), found
}

// shown is what stays readable: enough to recognise one's own key, never more
// than half of it.
func shown(kind, s string) string {
	first, last := 1, 1
	switch n := utf8.RuneCountInString(s); {
	case kind == PrivateKey || n >= 16:
		first, last = 4, 4
	case kind == Phone:
		first, last = 3, 4
	case kind == Password && n < 8, n < 6:
		return "…"
	}
	r := []rune(s)
	return string(r[:first]) + "…" + string(r[len(r)-last:])
}

// maskRule finds one kind of secret. may is a cheap test that spares the
// expression on most texts. Go's expressions run in linear time.
type maskRule struct {
	may  func(string) bool
	find func(string) []Secret
}

var maskRules = []maskRule{
	{has("PRIVATE KEY"), groups(PrivateKey, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\s*([A-Za-z0-9+/=\s:,\-]*?[A-Za-z0-9+/=])\s*(?:-----END|\\n-----END|$)`), long)},
	{has("LTAI", "AKIA", "ASIA", "AKID"), accessKeys},
	{has("gh", "gl", "xox", "xapp-", "sk-", "sk_", "rk_", "AIza", "eyJ", "SEC", "hf_", "npm_", "pypi-", "dop_", "hooks.slack.com"), groups(Token, regexp.MustCompile(
		`(?:^|[^A-Za-z0-9_])(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_\-]{16,}|xox[abeoprs]-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{10,}|sk-[A-Za-z0-9_\-]{20,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|AIza[A-Za-z0-9_\-]{35}|eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{6,}|SEC[0-9a-f]{64}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_\-]{30,}|dop_v1_[0-9a-f]{40,})`), nil)},
	{has("hooks.slack.com"), groups(Token, regexp.MustCompile(`hooks\.slack\.com/services/([A-Za-z0-9/]{20,})`), nil)},
	{hasFold("pass", "pwd", "密码", "密碼", "口令", "secret", "token", "密钥", "密鑰", "api_key", "apikey", "api-key", "access_key", "accesskey", "私钥"), named2},
	{has("://"), groups(Password, regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://[^\s:/@?#]*:([^\s/@?#…]{3,})@`), nil)},
	{hasFold("bearer ", "basic "), groups(Token, regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9_\-.+/=~]{16,})`), mixed)},
	{digits(15), groups(NationalID, regexp.MustCompile(`(?:^|[^0-9A-Za-z.])([1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])(?:[^0-9A-Za-z]|$)`), nationalID)},
	{digits(11), phones},
	{digits(13), cards},
}

// has makes a test for any of these words, hasFold without regard to case.
func has(words ...string) func(string) bool {
	return func(s string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
}

func hasFold(words ...string) func(string) bool {
	test := has(words...)
	return func(s string) bool { return test(strings.ToLower(s)) }
}

// digits makes a test for at least n digits.
func digits(n int) func(string) bool {
	return func(s string) bool {
		count := 0
		for i := 0; i < len(s); i++ {
			if s[i] >= '0' && s[i] <= '9' {
				if count++; count >= n {
					return true
				}
			}
		}
		return false
	}
}

// groups finds the first group of an expression, where ok agrees.
func groups(kind string, re *regexp.Regexp, ok func(string) bool) func(string) []Secret {
	return func(text string) []Secret {
		var out []Secret
		for at := 0; at < len(text); {
			m := re.FindStringSubmatchIndex(text[at:])
			if m == nil {
				break
			}
			start, end := at+m[2], at+m[3]
			if ok == nil || ok(text[start:end]) {
				out = append(out, Secret{Kind: kind, Start: start, End: end})
			}
			// The character that ends one may begin the next.
			at = max(end, at+1)
		}
		return out
	}
}

func long(s string) bool { return len(s) >= 16 }

// mixed reports whether a run of characters is more than a word.
func mixed(s string) bool { return strings.ContainsAny(s, "0123456789") }

var (
	keyID = regexp.MustCompile(`(?:^|[^A-Za-z0-9])(LTAI[A-Za-z0-9]{12,26}|A[KS]IA[A-Z0-9]{16}|AKID[A-Za-z0-9]{28,36})(?:[^A-Za-z0-9]|$)`)
	// The secrets that belong to them: 30 letters and digits (Alibaba Cloud), 40
	// of base64 (AWS), 32 (Tencent Cloud).
	keySecret = regexp.MustCompile(`(?:^|[^A-Za-z0-9/+])([A-Za-z0-9]{30}|[A-Za-z0-9]{32}|[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|$)`)
)

// accessKeys finds key ids and, beside an id, what looks like its secret.
func accessKeys(text string) []Secret {
	out := groups(AccessKey, keyID, nil)(text)
	if len(out) == 0 {
		return nil
	}
	return append(out, groups(AccessKey, keySecret, func(s string) bool {
		return mixed(s) && strings.ToLower(s) != s && strings.ToUpper(s) != s
	})(text)...)
}

var (
	// password=…, "token": "…", 密码：…
	assigned = regexp.MustCompile(`(?i)(?:password|passwd|passphrase|passwort|pwd|密码|密碼|口令|secret[_-]?(?:access[_-]?)?key|access[_-]?key[_-]?secret|app[_-]?secret|client[_-]?secret|secret|access[_-]?token|auth[_-]?token|token|api[_-]?key|密钥|密鑰|私钥)["']?[ \t]*(=|:|：|＝|=>)[ \t]*["'“‘]?([!-~]{3,})`)
	// 密码是 …, the password is …
	told = regexp.MustCompile(`(?i)(?:(?:password|passwd|pwd|token|passphrase)(?:\s+(?:is|was))|(?:密码|密碼|口令|密钥)(?:是|为|為|改成了|改成|改为|重置为))[ \t]*["'“‘]?([!-~]{4,})`)
)

// named2 finds what follows a name such as password or 密码.
func named2(text string) []Secret {
	var out []Secret
	for _, m := range assigned.FindAllStringSubmatchIndex(text, -1) {
		start, end := m[4], m[5]
		end = start + len(value(text[start:end]))
		s := text[start:end]
		tight := m[3] == start || strings.ContainsAny(text[m[3]:start], `"'`)
		if len(s) < 3 || placeholder(s) || !tight && !secretive(s) && !lastOfLine(text[end:]) {
			continue
		}
		out = append(out, Secret{Kind: kindOf(text[m[0]:m[2]]), Start: start, End: end})
	}
	for _, m := range told.FindAllStringSubmatchIndex(text, -1) {
		start := m[2]
		end := start + len(value(text[start:m[3]]))
		if s := text[start:end]; len(s) >= 4 && secretive(s) && !placeholder(s) {
			out = append(out, Secret{Kind: kindOf(text[m[0]:start]), Start: start, End: end})
		}
	}
	return out
}

// value cuts what follows the secret: a closing quote, a comma, the next field.
func value(s string) string {
	if i := strings.IndexAny(s, "\"'&<>"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, ",.;:)]}")
}

// secretive reports whether a word is more than a word of a language.
func secretive(s string) bool { return strings.ContainsAny(s, "0123456789!@#$%^*_+=~") }

// lastOfLine reports whether nothing follows but the end of a clause.
func lastOfLine(rest string) bool {
	rest = strings.TrimLeft(rest, "\"'”’ \t")
	return rest == "" || strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "，") || strings.HasPrefix(rest, "。")
}

// placeholder reports whether a value stands for a secret instead of being one.
func placeholder(s string) bool {
	if strings.Trim(s, "*xX.-_") == "" || strings.ContainsAny(s[:1], "<{[(") || strings.HasPrefix(s, "${") || strings.HasPrefix(s, "$(") {
		return true
	}
	switch strings.ToLower(s) {
	case "null", "none", "nil", "true", "false", "undefined", "empty", "string", "required", "password", "wrong", "incorrect", "invalid", "error", "changed", "yes":
		return true
	}
	return strings.HasPrefix(s, "//") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

func kindOf(name string) string {
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "token") || strings.Contains(name, "api"):
		return Token
	case strings.Contains(name, "access") || strings.Contains(name, "secret"):
		return AccessKey
	}
	return Password
}

// nationalID checks the last character of an 18-digit id (GB 11643-1999).
func nationalID(s string) bool {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	want := "10X98765432"[sum%11]
	return s[17] == want || want == 'X' && s[17] == 'x'
}

var (
	phone = regexp.MustCompile(`(?:^|[^0-9A-Za-z.\-_/])(?:\+?86[ \-]?)?(1[3-9][0-9]{9}|1[3-9][0-9][ \-][0-9]{4}[ \-][0-9]{4})(?:[^0-9A-Za-z_]|$)`)
	card  = regexp.MustCompile(`(?:^|[^0-9A-Za-z.\-_/])([2-6][0-9]{3}(?:[ \-]?[0-9]{4}){2}[ \-]?[0-9]{1,4}(?:[ \-]?[0-9]{1,3})?)(?:[^0-9A-Za-z_]|$)`)
)

// phones finds mobile numbers of mainland China that are not announced as
// something else.
func phones(text string) []Secret {
	return slices.DeleteFunc(groups(Phone, phone, nil)(text), func(s Secret) bool { return numbered(text[:s.Start]) })
}

// cards finds bank cards: a known prefix, a right length, a right Luhn digit.
func cards(text string) []Secret {
	return slices.DeleteFunc(groups(BankCard, card, bankCard)(text), func(s Secret) bool { return numbered(text[:s.Start]) })
}

func bankCard(s string) bool {
	var d []byte
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			d = append(d, s[i]-'0')
		}
	}
	n := len(d)
	two := int(d[0])*10 + int(d[1])
	switch {
	case two == 62 && n >= 16 && n <= 19: // UnionPay
	case d[0] == 4 && n == 16: // Visa
	case (two >= 51 && two <= 55 || two >= 22 && two <= 27) && n == 16: // Mastercard
	case (two == 34 || two == 37) && n == 15: // American Express
	case (two == 35 || two == 65 || two == 60) && n == 16: // JCB, Discover
	default:
		return false
	}
	sum := 0
	for i := range d {
		v := int(d[n-1-i])
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// numbered reports whether the words before a number call it an order, a
// ticket, a serial number.
func numbered(before string) bool {
	before = strings.TrimRight(strings.ToLower(before), " :：#=\"'是为")
	for _, w := range []string{"订单", "订单号", "单号", "流水号", "工单", "编号", "序列号", "交易号", "运单", "order", "order no", "order id", "ticket", "serial", "trace", "traceid", "request id", "requestid", "id", "timestamp", "时间戳"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}
