package probe

import (
	"strings"

	"butler/bot/desk"

	"golang.org/x/net/dns/dnsmessage"
)

// mail looks at who may send mail in the name of a domain: SPF (RFC 7208) and
// DMARC (RFC 7489). The domain need not receive mail to be forged.
func (v *visit) mail() {
	var got [3]Answer
	for i, q := range []struct {
		name string
		t    dnsmessage.Type
	}{{v.asset.host, dnsmessage.TypeMX}, {v.asset.host, dnsmessage.TypeTXT}, {"_dmarc." + v.asset.host, dnsmessage.TypeTXT}} {
		var err error
		if got[i], err = v.p.resolver.Ask(v.ctx, q.name, q.t); err != nil {
			why, _ := v.trouble(v.ctx, &unresolved{err})
			v.missed(Mail, why)
			return
		}
	}
	receives := false
	for _, mx := range got[0].Values {
		receives = receives || !strings.HasSuffix(mx, " ") // "0 ." says: no mail here (RFC 7505)
	}
	spf, dmarc := tagged(got[1].Values, "v=spf1"), tagged(got[2].Values, "v=dmarc1")
	if s, why := judgeSPF(spf, receives); s != "" {
		v.find(Mail, "spf", "", s, Words{"SPF 记录缺失或无效", "The SPF record is missing or weak"}, why)
	}
	if s, why := judgeDMARC(dmarc); s != "" {
		v.find(Mail, "dmarc", "", s, Words{"DMARC 记录缺失或无效", "The DMARC record is missing or weak"}, why)
	}
	v.saw(Mail, say("SPF %s；DMARC %s", "SPF %s; DMARC %s", joined(spf), joined(dmarc)))
}

// tagged picks the texts that begin with a version tag.
func tagged(texts []string, tag string) (out []string) {
	for _, t := range texts {
		if head, _, _ := strings.Cut(strings.TrimSpace(t), ";"); strings.EqualFold(strings.Fields(head + " -")[0], tag) {
			out = append(out, t)
		}
	}
	return out
}

// judgeSPF says what is wrong with a domain's SPF records; "" for nothing.
func judgeSPF(spf []string, receives bool) (desk.Severity, Words) {
	switch {
	case len(spf) == 0 && receives:
		return desk.Medium, Words{"收发邮件的域名没有 SPF 记录，任何人都可以冒名发信", "a domain with mail has no SPF record: anybody may send in its name"}
	case len(spf) == 0:
		return desk.Low, Words{"没有 SPF 记录；不发信的域名建议设为 v=spf1 -all", "there is no SPF record; a domain that sends no mail should say v=spf1 -all"}
	case len(spf) > 1:
		return desk.Medium, say("有 %d 条 SPF 记录，按 RFC 7208 视为无效", "there are %d SPF records, which counts as none (RFC 7208 §4.5)", len(spf))
	}
	end := ""
	for _, term := range strings.Fields(strings.ToLower(spf[0])) {
		switch {
		case strings.HasSuffix(term, "all") && len(term) <= 4:
			end = term
		case strings.HasPrefix(term, "redirect="):
			end = term
		}
	}
	switch end {
	case "+all", "all":
		return desk.Medium, Words{"SPF 以 +all 结尾，等于允许任何人发信", "it ends in +all: anybody may send"}
	case "", "?all":
		return desk.Low, Words{"SPF 没有以 -all 或 ~all 结尾，不起约束作用", "it does not end in -all or ~all, and so forbids nothing"}
	}
	return "", Words{}
}

// judgeDMARC says what is wrong with a domain's DMARC records; "" for nothing.
func judgeDMARC(dmarc []string) (desk.Severity, Words) {
	switch len(dmarc) {
	case 0:
		return desk.Low, Words{"没有 DMARC 记录，收件方不知道如何处理冒名邮件", "there is no DMARC record: receivers are not told what to do with forged mail"}
	case 1:
	default:
		return desk.Low, say("有 %d 条 DMARC 记录，视为无效", "there are %d DMARC records, which counts as none", len(dmarc))
	}
	for tag := range strings.SplitSeq(dmarc[0], ";") {
		k, x, _ := strings.Cut(tag, "=")
		if strings.EqualFold(strings.TrimSpace(k), "p") {
			switch strings.ToLower(strings.TrimSpace(x)) {
			case "quarantine", "reject":
				return "", Words{}
			case "none":
				return desk.Low, Words{"DMARC 策略为 p=none，只观察不拦截", "its policy is p=none: forged mail is watched, not stopped"}
			}
		}
	}
	return desk.Low, Words{"DMARC 记录没有有效的策略（p=）", "it has no valid policy (p=)"}
}
