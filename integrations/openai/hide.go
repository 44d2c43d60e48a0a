package openai

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// secret is a shape that must not leave the house, here hidden a second time: what
// comes in was masked when it was heard. It is coarse on purpose. A hash or a long
// order number that is hidden by mistake costs the model nothing.
type secret struct {
	what string
	re   *regexp.Regexp
	ok   func(string) bool // nil: always
}

// named are the words before a secret.
const named = `(?i)(?:passw(?:or)?d|passphrase|\bpwd|\bpass|密码|密碼|口令|secret|token|api[_\- ]?key|access[_\- ]?key|密钥|密鑰|私钥|私鑰|凭证|authorization|cookie)`

var secrets = []secret{
	{"private key", regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(?:-----END [A-Z0-9 ]*-----|$))`), nil},
	{"userinfo of a URL", regexp.MustCompile(`(?i)[a-z][a-z0-9+.\-]{1,20}://([^\s/@?#…]{3,})@`), nil},
	{"assigned", regexp.MustCompile(named + `[a-z_\- ]{0,12}["']?\s*(?:=>|=|:)\s*["'“‘]?((?:bearer |basic )?[!-~]{4,})`), notMasked},
	{"told", regexp.MustCompile(named + `\s*(?:是|为|為|改成了?|改为|\bis\b|\bwas\b)\s*["'“‘]?([!-~]{4,})`), unlikeWord},
	{"bearer", regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9_\-.+/=~]{12,})`), nil},
	{"key id", regexp.MustCompile(`(?:^|[^A-Za-z0-9])(LTAI[A-Za-z0-9]{8,}|A[KS]IA[A-Z0-9]{8,}|AKID[A-Za-z0-9]{8,}|AIza[A-Za-z0-9_\-]{20,})`), nil},
	{"token by its prefix", regexp.MustCompile(`(?:^|[^A-Za-z0-9_])((?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|sk-|[sr]k_(?:live|test)_|hf_|npm_|pypi-|dop_v1_|eyJ)[A-Za-z0-9_\-.]{10,})`), nil},
	{"webhook", regexp.MustCompile(`(?i)(?:hooks\.slack\.com/services/|robot/send\?access_token=|webhook/send\?key=|bot/v2/hook/)([A-Za-z0-9/_\-]{12,})`), nil},
	{"long hex", regexp.MustCompile(`([0-9A-Fa-f]{32,})`), nil},
	{"long base64", regexp.MustCompile(`([A-Za-z0-9+/]{40,}={0,2})`), mixed},
	{"random run", regexp.MustCompile(`([A-Za-z0-9_\-+]{24,}={0,2})`), mixed},
	{"card or id", regexp.MustCompile(`([0-9](?:[ \-]?[0-9]){14,18}[Xx]?)`), nil},
	{"mobile", regexp.MustCompile(`(?:^|[^0-9A-Za-z.])(1[3-9][0-9](?:[ \-]?[0-9]{4}){2})(?:[^0-9]|$)`), nil},
}

// mixed reports whether a run has capitals, small letters and digits: chance
// writes so, and people seldom do.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ToLower(s) != s && strings.ToUpper(s) != s
}

// notMasked reports whether a value is more than what masking left of it.
func notMasked(s string) bool { return strings.Trim(s, "*xX.-_\"'") != "" }

// unlikeWord reports whether a value is more than a word of a language: "the
// password is wrong" tells no password.
func unlikeWord(s string) bool { return strings.ContainsAny(s, "0123456789!@#$%^*_+=~") }

// hide masks what looks like a secret. What is masked already stays as it is.
func hide(text string) string {
	for _, s := range secrets {
		text = hideOne(text, s)
	}
	return text
}

func hideOne(text string, s secret) string {
	var b strings.Builder
	at, from := 0, 0
	for from <= len(text) {
		m := s.re.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		start, end := from+m[2], from+m[3]
		from = max(end, from+1) // what ends one may begin the next
		if s.ok != nil && !s.ok(text[start:end]) {
			continue
		}
		b.WriteString(text[at:start])
		b.WriteString(remains(text[start:end]))
		at = end
	}
	if at == 0 {
		return text
	}
	return b.String() + text[at:]
}

// remains is what people recognise a secret by: the ends of a long one.
func remains(s string) string {
	if len(s) < 16 || strings.Contains(s, "PRIVATE KEY") {
		return "…"
	}
	return s[:3] + "…" + s[len(s)-2:]
}

// fold makes letters plain that only look different: full-width ASCII, and
// characters nobody sees, in which a secret or an order to the model can hide
// (zero width, direction, tags). Line ends stay.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085':
			return '\n'
		case r == utf8.RuneError, unicode.Is(unicode.C, r), r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u034f':
			return -1
		case r >= '\uff10' && r <= '\uff19', r >= '\uff21' && r <= '\uff3a', r >= '\uff41' && r <= '\uff5a', // ０-９ Ａ-Ｚ ａ-ｚ
			r == '\uff0b', r == '\uff0d', r == '\uff0f', r == '\uff1d', r == '\uff1a', r == '\uff20', r == '\uff3f': // ＋－／＝：＠＿
			return r - 0xfee0
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, text)
}
