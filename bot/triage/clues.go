package triage

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"butler/bot/desk"
)

// clueRules find what an expert looks for in a report, by kind. A text is searched
// without its secrets.
var clueRules = []struct {
	kind string
	may  func(string) bool
	find *regexp.Regexp
}{
	{"cve", hasFold("cve-"), regexp.MustCompile(`(?i)\bCVE-(?:19|20)\d{2}-\d{4,7}\b`)},
	{"url", has("://", "[://]"), regexp.MustCompile(`(?i)\b(?:h(?:tt|xx)ps?|ftp|ldaps?|rmi)(?:\[:\]|:)//[^\s"'<>，。；、）)】]+`)},
	{"hash", digits(4), regexp.MustCompile(`(?i)(?:^|[^0-9a-z])([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?:[^0-9a-z]|$)`)},
	{"file", has("/", `\`, "."), regexp.MustCompile(`(?i)(?:[a-z]:\\[^\s"'<>|，。；、]+|(?:^|[\s"'“（(：:])(/(?:etc|var|tmp|usr|opt|home|root|data|proc|dev|srv|mnt|www|bin|boot)(?:/[\w.\-]+)+)|[\w\-]+\.(?:exe|dll|sys|bat|ps1|vbs|js|jar|war|jsp|jspx|php|asp|aspx|sh|py|elf|so|apk|docm|xlsm|lnk|locked|encrypted|lockbit|bak|sql|tar\.gz|zip|rar|7z)(?:$|[^\w.]))`)},
	{"count", digits(1), regexp.MustCompile(`\d[\d,]*\s*(?:万|千)?\s*(?:台|个账号|个帐号|个文件|条记录|条数据|条|次|封|GB|TB|MB|Gbps|QPS|hosts?\b|servers?\b|accounts?\b|records?\b|files?\b)`)},
	{"time", digits(1), regexp.MustCompile(`(?:^|[^\d.:：])((?:(?:今天|昨天|今早|昨晚|凌晨|上午|下午|晚上|中午)\s*)?(?:\d{1,2}[:：]\d{2}(?::\d{2})?|\d{1,2}\s*点(?:半|\d{1,2}\s*分?)?))(?:$|[^\d:：.])`)},
}

// Clues are the facts in a report that an expert looks for: CVE numbers,
// addresses, hashes, files, counts and times, in that order, each once, at most
// desk.MaxClues. Addresses are defanged: nobody opens them by a slip.
func Clues(text string) []desk.Clue {
	text, _ = Mask(cut(text))
	var out []desk.Clue
	for _, r := range clueRules {
		if !r.may(text) {
			continue
		}
		for _, m := range r.find.FindAllStringSubmatch(text, desk.MaxClues) {
			said := strings.Trim(strings.TrimSpace(cmp.Or(last(m), m[0])), "`\"'“（(：:，。?？`")
			c := desk.Clue{Kind: r.kind, Text: said}
			switch r.kind {
			case "url":
				c.Text = Defang(strings.TrimRight(said, ".,;!?"))
			case "cve":
				c.Text = strings.ToUpper(said)
			}
			if c.Text != "" && len(c.Text) <= maxClue && !slices.Contains(out, c) && len(out) < desk.MaxClues {
				out = append(out, c)
			}
		}
	}
	return out
}

// maxClue is the longest clue that is kept, in bytes.
const maxClue = 200

// last is the last group of a match that took part.
func last(m []string) string {
	for _, s := range slices.Backward(m[1:]) {
		if s != "" {
			return s
		}
	}
	return ""
}

// Defang writes an address so that nobody and nothing opens it: hxxp://a[.]b.
func Defang(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return strings.ReplaceAll(refang(s), ".", "[.]")
	}
	host, path, _ := strings.Cut(rest, "/")
	if path != "" {
		path = "/" + path
	}
	return strings.Replace(strings.ToLower(scheme), "http", "hxxp", 1) + "://" + strings.ReplaceAll(strings.ReplaceAll(host, "[.]", "."), ".", "[.]") + path
}
