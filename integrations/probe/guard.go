package probe

import (
	"fmt"
	"net/netip"
)

// special is a range of addresses that no customer's asset has in public. What is
// never is not opened by AllowPrivate either.
type special struct {
	prefix netip.Prefix
	what   Words
	never  bool
}

func at(prefix, zh, en string) special {
	return special{prefix: netip.MustParsePrefix(prefix), what: Words{zh, en}}
}

func never(prefix, zh, en string) special { s := at(prefix, zh, en); s.never = true; return s }

// specials are the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and
// its updates), and the metadata services of the clouds, which stand first because
// some of them lie within a wider range.
var specials = []special{
	never("169.254.169.254/32", "云元数据服务", "a cloud's metadata service"),
	never("169.254.170.2/32", "云元数据服务", "a cloud's metadata service"),
	never("100.100.100.200/32", "云元数据服务", "a cloud's metadata service"), // Alibaba Cloud
	never("168.63.129.16/32", "云元数据服务", "a cloud's metadata service"),   // Azure
	never("192.0.0.192/32", "云元数据服务", "a cloud's metadata service"),     // Oracle Cloud
	never("fd00:ec2::/32", "云元数据服务", "a cloud's metadata service"),
	never("fd20:ce::254/128", "云元数据服务", "a cloud's metadata service"),

	never("0.0.0.0/8", "“本机”地址", "an address of “this host”"),
	at("10.0.0.0/8", "内网地址", "a private address"),
	at("100.64.0.0/10", "运营商级 NAT 地址", "a carrier-grade NAT address"),
	at("127.0.0.0/8", "环回地址", "a loopback address"),
	at("169.254.0.0/16", "链路本地地址", "a link-local address"),
	at("172.16.0.0/12", "内网地址", "a private address"),
	at("192.0.0.0/24", "IETF 保留地址", "an IETF reserved address"),
	at("192.0.2.0/24", "文档示例地址", "a documentation address"),
	at("192.88.99.0/24", "6to4 中继地址", "a 6to4 relay address"),
	at("192.168.0.0/16", "内网地址", "a private address"),
	at("198.18.0.0/15", "测试地址", "a benchmarking address"),
	at("198.51.100.0/24", "文档示例地址", "a documentation address"),
	at("203.0.113.0/24", "文档示例地址", "a documentation address"),
	never("224.0.0.0/4", "组播地址", "a multicast address"),
	never("240.0.0.0/4", "保留地址", "a reserved address"),

	never("::/128", "“本机”地址", "an address of “this host”"),
	at("::1/128", "环回地址", "a loopback address"),
	never("ff00::/8", "组播地址", "a multicast address"),
	at("fc00::/7", "内网地址", "a private address"),
	at("fe80::/10", "链路本地地址", "a link-local address"),
	never("64:ff9b:1::/48", "NAT64 地址", "a local NAT64 address"), // RFC 8215: which IPv4 address it hides only its operator knows
	never("2001::/32", "Teredo 隧道地址", "a Teredo tunnel address"),
	at("2001:db8::/32", "文档示例地址", "a documentation address"),
	never("2002::/16", "6to4 隧道地址", "a 6to4 tunnel address"),
	at("3fff::/20", "文档示例地址", "a documentation address"),
}

// public6 is all of IPv6 that is given to anybody (RFC 4291 §2.4).
var public6 = netip.MustParsePrefix("2000::/3")

// nat64 hides an IPv4 address in its last four bytes (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// bare is the address that is really spoken to: an IPv4 address within an IPv6 one
// is that IPv4 address, and a zone is no part of it.
func bare(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// forbidden is the refusal to speak to an address.
type forbidden struct {
	addr netip.Addr
	what Words
}

func (f *forbidden) Error() string { return fmt.Sprintf("%s is %s", f.addr, f.what.En) }

func (f *forbidden) words() Words { return say("%s 是%s", "%s is %s", f.addr, f.what) }

// guard refuses addresses that must not be spoken to. Private says that the config
// allows private ones for the name the address belongs to.
func guard(addr netip.Addr, private bool) error {
	a := bare(addr)
	if !a.IsValid() {
		return &forbidden{addr, Words{"无效地址", "no address"}}
	}
	for _, s := range specials {
		if s.prefix.Contains(a) && (s.never || !private) {
			return &forbidden{addr, s.what}
		}
	}
	if a.Is6() && !public6.Contains(a) && !private {
		return &forbidden{addr, Words{"非公网地址", "no public address"}}
	}
	return nil
}

// inside says whether an address is one that only AllowPrivate opens.
func inside(addr netip.Addr) bool { return guard(addr, false) != nil }
