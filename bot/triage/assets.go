package triage

import (
	"net/netip"
	"slices"
	"strings"

	"butler/bot/desk"
)

// Assets returns the hosts, IPs and domains that a text names, lower case, in
// the order of their first mention, at most desk.MaxAssets. Defanged forms are
// understood (hxxp://a[.]b, 1.2.3[.]4). Version numbers, file names and code
// (main.go, os.environ) are none.
func Assets(text string) []string {
	var out []string
	text = refang(cut(text))
	for at := 0; len(out) < desk.MaxAssets; {
		i := strings.IndexFunc(text[at:], hostRune)
		if i < 0 {
			break
		}
		start := at + i
		end := len(text)
		if n := strings.IndexFunc(text[start:], func(r rune) bool { return !hostRune(r) }); n >= 0 {
			end = start + n
		}
		at = end
		if a := asset(text[start:end], text[:start], text[end:]); a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// cut keeps at most desk.MaxText characters.
func cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > desk.MaxText {
			return text[:i]
		}
	}
	return text
}

// fanged undoes what people do to addresses so that nobody clicks them.
var fanged = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[://]", "://", "。", " ", "．", ".")

func refang(text string) string { return fanged.Replace(strings.ToLower(text)) }

func hostRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r == ':'
}

// asset returns what a run of host characters names, or "".
func asset(token, before, after string) string {
	token = strings.Trim(token, ".-_:")
	scheme := false
	if i := strings.LastIndex(token, ":"); i >= 0 && strings.Count(token, ":") == 1 {
		switch rest := token[i+1:]; {
		case port(rest): // host:port
			token = token[:i]
		default: // 域名:example.com, host:example.com
			token = rest
		}
	}
	if strings.HasSuffix(before, "://") {
		scheme = true
	}
	if ip, err := netip.ParseAddr(token); err == nil {
		if ip.Is6() && strings.Count(token, ":") < 2 || versionBefore(before) {
			return ""
		}
		return ip.String()
	}
	if strings.Contains(token, ":") || len(token) > 253 {
		return ""
	}
	if strings.HasSuffix(before, "@") { // an address of a person: its domain is seldom the matter
		return ""
	}
	labels := strings.Split(token, ".")
	if len(labels) == 1 {
		if named(token) && !scheme {
			return token
		}
		return ""
	}
	if strings.HasPrefix(after, "(") && !scheme { // code: os.exit(
		return ""
	}
	if strings.HasSuffix(before, "/") && !scheme || strings.HasSuffix(before, "\\") { // a path: /etc/a.sh
		return ""
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return ""
		}
	}
	tld := labels[len(labels)-1]
	if !topLevel[tld] || !scheme && fileEnding[tld] {
		return ""
	}
	if strings.Contains(labels[len(labels)-2], "_") {
		return ""
	}
	return token
}

func port(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// versionBefore reports whether a dotted number is announced as a version.
func versionBefore(before string) bool {
	before = strings.TrimRight(before, " :：")
	for _, w := range []string{"version", "版本", "版本号", "ver", "v", "升级到", "upgrade to"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// named reports whether a single word is a host by its form: letters, a dash
// and a number, such as web-01, db-prod-3, or an instance id.
func named(s string) bool {
	if len(s) < 5 || len(s) > 40 || !strings.Contains(s, "-") || strings.Contains(s, "_") {
		return false
	}
	if strings.HasPrefix(s, "i-") && len(s) >= 10 { // ECS, EC2
		return true
	}
	last := s[strings.LastIndexByte(s, '-')+1:]
	if last == "" || len(last) > 3 || !port(last) {
		return false
	}
	first := s[:strings.IndexByte(s, '-')]
	return hostWord[first]
}

// hostWord are the words with which names of hosts begin.
var hostWord = set("web app db api mysql redis mongo pg node host srv server prod prd test dev uat stage staging gw gateway nginx proxy lb slb ecs vm cache mq kafka es elk log logs mail ftp file nas vpn jump bastion oa erp crm pay order user admin backend frontend front back data win linux master worker k8s docker ci jenkins git gitlab")

// fileEnding are endings that are domains too but mean files when there is no
// scheme before them.
var fileEnding = set("sh py pl rs md zip mov ps ai app mk so cc java js cn2 go ts do")

// topLevel are the top-level domains that are taken for domains in a chat.
var topLevel = set("com cn net org io co me info biz top xyz club shop site online vip cc tv gov edu mil int hk tw mo jp kr sg us uk de fr ru eu in au ca br nl it es se no ch at be pl fi dk cz ua id th vn my ph asia tech dev app cloud ai so ly to la pw wang ren link live pro mobi store work fun ltd group gg sh icu space website wiki ink kim red pub host press win bid loan men name aero tk ml ga cf gq onion example test home localdomain arpa local internal lan corp intra zip mov py rs md do")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
