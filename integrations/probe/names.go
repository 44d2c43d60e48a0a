package probe

import (
	"net/netip"
	"slices"
	"strings"

	"butler/bot/desk"

	"golang.org/x/net/dns/dnsmessage"
)

// takeover are ends of names that anybody can register for himself, so that a
// CNAME to one that is gone hands the subdomain to whoever comes first.
var takeover = []string{
	"github.io", "herokuapp.com", "azurewebsites.net", "cloudapp.net", "cloudapp.azure.com", "trafficmanager.net",
	"azureedge.net", "blob.core.windows.net", "elasticbeanstalk.com", "netlify.app", "pages.dev", "surge.sh", "readthedocs.io",
}

// dns compares what the DNS says with what it said when all was well, and looks
// for names that lead to nothing.
func (v *visit) dns() {
	var said []Words
	v.is.Records = v.was.clone().Records
	if v.is.Records == nil {
		v.is.Records = map[string][]string{}
	}
	ok := true
	if v.asset.kind != aDomain {
		ok = v.addresses(&said)
	}
	if ok && v.asset.host == site(v.asset.host) {
		ok = v.zone(&said)
	}
	if !ok {
		v.is.Records = v.was.Records
		return
	}
	v.saw(DNS, list(said))
}

// addresses looks at A, AAAA and CNAME of a host. False: it could not, and has said
// so.
func (v *visit) addresses(said *[]Words) bool {
	a, ok := v.question(dnsmessage.TypeA)
	if !ok {
		return false
	}
	aaaa, ok := v.question(dnsmessage.TypeAAAA)
	if !ok {
		return false
	}
	all := slices.Concat(a.Values, aaaa.Values)
	chain := a.Chain
	if len(chain) == 0 {
		chain = aaaa.Chain
	}
	*said = append(*said, say("地址 %s", "addresses %s", joined(all)))
	if len(chain) > 0 {
		*said = append(*said, say("CNAME %s", "CNAME %s", joined(chain)))
	}
	switch {
	case len(all) == 0 && len(chain) > 0 && (a.None || aaaa.None):
		v.dangling(chain[len(chain)-1])
		return true
	case len(all) == 0:
		v.find(DNS, "dns-gone", "", desk.Medium, Words{"域名没有解析结果", "The name leads nowhere"},
			say("%s 在 DNS 中没有任何地址", "%s has no address in the DNS", v.asset.host))
		return true
	}
	v.insideOut(all)
	// The addresses behind somebody else's name are his to change.
	foreign := len(chain) > 0 && site(chain[len(chain)-1]) != site(v.asset.host)
	v.compareRecords("CNAME", chain[:min(len(chain), 1)], desk.Medium)
	if !foreign {
		v.compareRecords("A", a.Values, desk.Medium)
		v.compareRecords("AAAA", aaaa.Values, desk.Medium)
	}
	return true
}

// zone looks at NS and MX of a registrable domain.
func (v *visit) zone(said *[]Words) bool {
	ns, ok := v.question(dnsmessage.TypeNS)
	if !ok {
		return false
	}
	mx, ok := v.question(dnsmessage.TypeMX)
	if !ok {
		return false
	}
	*said = append(*said, say("NS %s；MX %s", "NS %s; MX %s", joined(ns.Values), joined(mx.Values)))
	worst := desk.High // the whole domain answers to others
	if shares(v.was.Records["NS"], ns.Values) {
		worst = desk.Medium
	}
	v.compareRecords("NS", ns.Values, worst)
	v.compareRecords("MX", mx.Values, desk.Medium)
	return true
}

// question asks about the asset's host.
func (v *visit) question(t dnsmessage.Type) (Answer, bool) {
	got, err := v.p.resolver.Ask(v.ctx, v.asset.host, t)
	if err != nil {
		why, _ := v.trouble(v.ctx, &unresolved{err})
		v.missed(DNS, why)
		return got, false
	}
	return got, true
}

// compareRecords judges one type of record. The first answer is normal; so is one
// that only moves within the networks it was in.
func (v *visit) compareRecords(t string, now []string, s desk.Severity) {
	was, known := v.was.Records[t]
	switch {
	case !known, slices.Equal(was, now), (t == "A" || t == "AAAA") && len(now) > 0 && near(was, now):
		v.is.Records[t] = keep(now)
		return
	}
	subject := t + "=" + strings.Join(now, ",")
	title := say("DNS %s 记录有变化", "The DNS record %s has changed", t)
	if !v.changed(DNS, "dns-changed", subject, s, title, say("原为 %s，现为 %s", "it was %s and is %s", joined(was), joined(now))) {
		v.is.Records[t] = keep(now)
	}
}

// keep makes "no record" something that can be remembered.
func keep(values []string) []string {
	if len(values) == 0 {
		return []string{}
	}
	return values
}

// near says whether every address lies in a network (IPv4 /16, IPv6 /32) in which
// there was one: what a provider does by itself.
func near(was, now []string) bool {
	network := func(s string) netip.Prefix {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}
		}
		bits := 32
		if a.Is4() {
			bits = 16
		}
		p, _ := a.Prefix(bits)
		return p
	}
	for _, n := range now {
		if !slices.ContainsFunc(was, func(w string) bool { return network(w) == network(n) }) {
			return false
		}
	}
	return true
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// dangling is a CNAME to a name that does not exist. Where somebody else can
// register that name, the subdomain can be taken over.
func (v *visit) dangling(target string) {
	s, why := desk.Medium, Words{"目标域名不存在", "the target does not exist"}
	if slices.ContainsFunc(takeover, func(end string) bool { return strings.HasSuffix(target, "."+end) }) {
		s, why = desk.High, Words{"目标属于可公开注册的服务，他人注册后即可接管该子域名", "the target belongs to a service where anybody may register it, and with it this name"}
	} else if d := site(target); d != site(v.asset.host) {
		if got, err := v.p.resolver.Ask(v.ctx, d, dnsmessage.TypeNS); err == nil && got.None {
			s, why = desk.High, say("目标所在的域名 %s 未注册，他人注册后即可接管该子域名", "the target's domain %s is not registered: whoever registers it has this name", d)
		}
	}
	v.find(DNS, "dns-dangling", target, s, Words{"悬空的 CNAME 记录", "A CNAME leads to nothing"}, say("%s → %s：%s", "%s → %s: %s", v.asset.host, target, why))
}

// insideOut is a public name that shows an address of the inside.
func (v *visit) insideOut(all []string) {
	if v.job.private(v.asset.host) {
		return
	}
	var in []string
	for _, s := range all {
		if a, err := netip.ParseAddr(s); err == nil && inside(a) {
			in = append(in, s)
		}
	}
	if len(in) > 0 {
		v.find(DNS, "dns-private", "", desk.Low, Words{"公网域名解析到非公网地址", "A public name leads to an address that is not public"}, say("%s 解析到 %s", "%s leads to %s", v.asset.host, joined(in)))
	}
}
