package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Resolver answers questions to the DNS.
type Resolver interface {
	// Ask returns what is known of a name. An error means that nobody could tell,
	// which is no property of the name.
	Ask(ctx context.Context, name string, t dnsmessage.Type) (Answer, error)
}

// Answer is what the DNS says about a name.
type Answer struct {
	None   bool     // there is no such name (NXDOMAIN); with a Chain: at its end
	Chain  []string // the CNAMEs that were followed, lower case, without the last dot
	Values []string // sorted: addresses; "10 mx.example.com"; names; texts
}

// NewResolver asks DNS servers (address or address:port), in their order, over UDP
// and where an answer is cut over TCP. Without servers it asks those of
// /etc/resolv.conf. Nothing is cached, and /etc/hosts is not read.
func NewResolver(servers ...string) (Resolver, error) {
	if len(servers) == 0 {
		b, err := os.ReadFile("/etc/resolv.conf")
		if err != nil {
			return nil, fmt.Errorf("probe: no DNS server is known; name one: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" {
				servers = append(servers, f[1])
			}
		}
	}
	var s stub
	for _, server := range servers {
		if ip, err := netip.ParseAddr(server); err == nil {
			server = netip.AddrPortFrom(ip, 53).String()
		}
		if _, err := netip.ParseAddrPort(server); err != nil {
			return nil, fmt.Errorf("probe: DNS server %q: write an address, or address:port", server)
		}
		s.servers = append(s.servers, server)
	}
	if len(s.servers) == 0 {
		return nil, errors.New("probe: no DNS server is known; name one")
	}
	s.wait = 2 * time.Second
	return s, nil
}

// stub is a stub resolver (RFC 1034 §5.3.1). The one of package net hides what is
// needed here: the CNAME of a name that does not exist, and "no such name" beside
// "nobody answered".
type stub struct {
	servers []string
	wait    time.Duration // for one answer
}

func (s stub) Ask(ctx context.Context, name string, t dnsmessage.Type) (Answer, error) {
	n, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return Answer{}, fmt.Errorf("%s is no name of the DNS", clean(name, 80))
	}
	q := dnsmessage.Question{Name: n, Type: t, Class: dnsmessage.ClassINET}
	for range 2 {
		for _, server := range s.servers {
			var m dnsmessage.Message
			if m, err = s.exchange(ctx, "udp", server, q); err == nil && m.Truncated {
				m, err = s.exchange(ctx, "tcp", server, q)
			}
			switch {
			case ctx.Err() != nil:
				return Answer{}, ctx.Err()
			case err != nil:
			case m.RCode == dnsmessage.RCodeSuccess || m.RCode == dnsmessage.RCodeNameError:
				return answer(m, q), nil
			default:
				err = fmt.Errorf("the DNS server says %s", strings.TrimPrefix(m.RCode.String(), "RCode"))
			}
		}
	}
	return Answer{}, fmt.Errorf("the DNS does not answer for %s: %w", name, err)
}

// exchange sends one question and waits for its answer; anything else that arrives
// meanwhile is not ours.
func (s stub) exchange(ctx context.Context, network, server string, q dnsmessage.Question) (m dnsmessage.Message, err error) {
	m.ID, m.RecursionDesired, m.Questions = uint16(rand.Uint32()), true, []dnsmessage.Question{q}
	packed, err := m.Pack()
	if err != nil {
		return m, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, network, server)
	if err != nil {
		return m, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })()
	if network == "tcp" {
		packed = append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)
	}
	if _, err := c.Write(packed); err != nil {
		return m, err
	}
	buf := make([]byte, 64<<10)
	for {
		n := 0
		if network == "tcp" {
			if _, err = io.ReadFull(c, buf[:2]); err == nil {
				n = int(binary.BigEndian.Uint16(buf))
				_, err = io.ReadFull(c, buf[:n])
			}
		} else {
			n, err = c.Read(buf)
		}
		if err != nil {
			return m, err
		}
		var got dnsmessage.Message
		if got.Unpack(buf[:n]) == nil && got.ID == m.ID && got.Response && len(got.Questions) == 1 &&
			got.Questions[0].Type == q.Type && strings.EqualFold(got.Questions[0].Name.String(), q.Name.String()) {
			return got, nil
		}
		if network == "tcp" {
			return m, errors.New("the DNS server answers another question")
		}
	}
}

// answer reads a message: the chain from the name asked for, and the values at its
// end. Records that do not belong to the chain are not believed.
func answer(m dnsmessage.Message, q dnsmessage.Question) Answer {
	a := Answer{None: m.RCode == dnsmessage.RCodeNameError}
	plain := func(n dnsmessage.Name) string { return strings.ToLower(strings.TrimSuffix(n.String(), ".")) }
	cname := map[string]string{}
	for _, r := range m.Answers {
		if c, ok := r.Body.(*dnsmessage.CNAMEResource); ok {
			cname[plain(r.Header.Name)] = plain(c.CNAME)
		}
	}
	end := plain(q.Name)
	for len(a.Chain) < 16 {
		next, ok := cname[end]
		if !ok {
			break
		}
		a.Chain, end = append(a.Chain, next), next
	}
	for _, r := range m.Answers {
		if plain(r.Header.Name) != end || r.Header.Type != q.Type {
			continue
		}
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			a.Values = append(a.Values, netip.AddrFrom4(b.A).String())
		case *dnsmessage.AAAAResource:
			a.Values = append(a.Values, netip.AddrFrom16(b.AAAA).String())
		case *dnsmessage.NSResource:
			a.Values = append(a.Values, plain(b.NS))
		case *dnsmessage.MXResource:
			a.Values = append(a.Values, fmt.Sprintf("%d %s", b.Pref, plain(b.MX)))
		case *dnsmessage.TXTResource:
			a.Values = append(a.Values, strings.Join(b.TXT, ""))
		}
	}
	slices.Sort(a.Values)
	a.Values = slices.Compact(a.Values)
	return a
}
