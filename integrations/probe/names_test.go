package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot/desk"

	"golang.org/x/net/dns/dnsmessage"
)

func TestNames(t *testing.T) {
	for name, c := range map[string]struct {
		before, after map[string][]string
		want          []string
	}{
		"nothing changes":             {nil, nil, nil},
		"the provider moves a little": {nil, map[string][]string{"A www.acme.test": {"8.8.77.1", "8.8.78.1"}}, nil},
		"another network":             {nil, map[string][]string{"A www.acme.test": {"9.9.9.9"}}, []string{"dns-changed medium"}},
		"other name servers":          {nil, map[string][]string{"NS acme.test": {"ns1.evil.test"}}, []string{"dns-changed high"}},
		"one more name server":        {nil, map[string][]string{"NS acme.test": {"ns1.dns.test", "ns2.dns.test", "ns3.dns.test"}}, []string{"dns-changed medium"}},
		"mail goes elsewhere":         {nil, map[string][]string{"MX acme.test": {"10 mx.evil.test"}}, []string{"dns-changed medium"}},
		"the name is gone":            {nil, map[string][]string{"A www.acme.test": nil}, []string{"dns-gone medium"}},
		"a CDN comes": {nil, map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"acme.cdn.test"}, "A acme.cdn.test": {"9.9.9.9"}},
			[]string{"dns-changed medium"}},
		"a CDN changes addresses all day": {map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"acme.cdn.test"}, "A acme.cdn.test": {"9.9.9.9"}},
			map[string][]string{"A acme.cdn.test": {"4.4.4.4"}}, nil},
		"a CNAME changes": {map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"acme.cdn.test"}, "A acme.cdn.test": {"9.9.9.9"}, "A other.evil.test": {"9.9.9.9"}},
			map[string][]string{"CNAME www.acme.test": {"other.evil.test"}}, []string{"dns-changed medium"}},
		"a CNAME into nothing of one's own":           {nil, map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"old.acme.test"}}, []string{"dns-dangling medium"}},
		"a CNAME into a domain that anybody may buy":  {nil, map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"acme.unregistered.test"}}, []string{"dns-dangling high"}},
		"a CNAME into a service that anybody may use": {nil, map[string][]string{"A www.acme.test": nil, "CNAME www.acme.test": {"acme-old.github.io"}}, []string{"dns-dangling high"}},
		"an address of the inside":                    {nil, map[string][]string{"A www.acme.test": {"8.8.8.8", "10.0.0.1"}}, []string{"dns-changed medium", "dns-private low"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			set := func(m map[string][]string) {
				for k, v := range m {
					w.zone.set(k, v...)
				}
			}
			set(map[string][]string{"A www.acme.test": {"8.8.8.8"}, "NS acme.test": {"ns1.dns.test", "ns2.dns.test"}, "MX acme.test": {"10 mx.acme.test"}, "NS unrelated.test": {"x"}})
			set(c.before)
			wantKinds(t, w.look([]string{"www.acme.test"}, DNS))
			set(c.after)
			r := w.look([]string{"www.acme.test"}, DNS)
			wantKinds(t, r, c.want...)
			again := w.look([]string{"www.acme.test"}, DNS)
			wantKinds(t, again, c.want...)
			if len(again.New)+len(again.Fixed) > 0 {
				t.Errorf("the same answers are new again: %+v", again.Diff)
			}
		})
	}
}

// A change stays until it is undone, or until somebody says that it is meant.
func TestAcceptedChanges(t *testing.T) {
	w := earth(t)
	w.zone.set("A www.acme.test", "8.8.8.8")
	w.zone.set("NS acme.test", "ns1.dns.test")
	look := func() Report { t.Helper(); return w.look([]string{"https://www.acme.test"}, DNS) }
	look()
	w.zone.set("A www.acme.test", "9.9.9.9")
	first := look()
	wantKinds(t, first, "dns-changed medium")
	f := first.New[0]
	if !strings.Contains(f.Detail.En, "it was 8.8.8.8 and is 9.9.9.9") || !f.Change || f.Asset != "www.acme.test" {
		t.Errorf("%+v", f)
	}
	p := w.prober()
	if err := p.Accept(t.Context(), "nova", f.ID); err == nil {
		t.Error("another customer's finding was accepted")
	}
	for range 2 {
		if err := p.Accept(t.Context(), "acme", f.ID); err != nil {
			t.Fatal(err)
		}
	}
	if r := look(); len(r.Fixed) != 1 || len(r.Open()) != 0 {
		t.Errorf("accepted: %+v", r.Diff)
	}
	w.zone.set("A www.acme.test", "8.8.8.8") // now the old one is the change
	r := look()
	wantKinds(t, r, "dns-changed medium")
	if r.New[0].ID == f.ID {
		t.Error("a change back to what was is another matter")
	}
	w.zone.set("A www.acme.test", "9.9.9.9")
	if r := look(); len(r.Fixed) != 1 || len(r.Open()) != 0 {
		t.Errorf("undone: %+v", r.Diff)
	}
}

func TestMail(t *testing.T) {
	for name, c := range map[string]struct {
		mx, txt, dmarc []string
		want           []string
	}{
		"all is well":         {[]string{"10 mx.acme.test"}, []string{"v=spf1 include:spf.mail.test -all", "google-site-verification=x"}, []string{"v=DMARC1; p=reject; rua=mailto:a@acme.test"}, nil},
		"a redirect":          {[]string{"10 mx.acme.test"}, []string{"v=spf1 redirect=spf.mail.test"}, []string{"v=DMARC1;p=quarantine"}, nil},
		"nothing, with mail":  {[]string{"10 mx.acme.test"}, nil, nil, []string{"dmarc low", "spf medium"}},
		"nothing, no mail":    {nil, nil, nil, []string{"dmarc low", "spf low"}},
		"a null MX":           {[]string{"0 "}, nil, nil, []string{"dmarc low", "spf low"}},
		"anybody may send":    {nil, []string{"v=spf1 +all"}, []string{"v=DMARC1; p=none"}, []string{"dmarc low", "spf medium"}},
		"neutral":             {nil, []string{"v=spf1 a mx ?all"}, []string{"v=DMARC1; sp=reject"}, []string{"dmarc low", "spf low"}},
		"two SPF records":     {nil, []string{"v=spf1 -all", "v=spf1 a -all"}, []string{"v=DMARC1; p=reject"}, []string{"spf medium"}},
		"SPF 10 is no SPF":    {nil, []string{"v=spf10 -all"}, []string{"v=DMARC1; p=reject"}, []string{"spf low"}},
		"only a word like it": {nil, []string{"v=spf1 a:small -all"}, []string{"v=DMARC1 ; p = Reject"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			w.zone.set("NS acme.test", "ns1.dns.test")
			w.zone.set("MX acme.test", c.mx...)
			w.zone.set("TXT acme.test", c.txt...)
			w.zone.set("TXT _dmarc.acme.test", c.dmarc...)
			r := w.look([]string{"https://www.acme.test", "https://shop.acme.test"}, Mail)
			wantKinds(t, r, c.want...) // once for the domain, whatever is named of it
			if s := seen(t, r, "acme.test", Mail); !s.Looked || s.Layer != desk.LayerNetwork {
				t.Errorf("%+v", s)
			}
		})
	}
}

// dnsServer answers over UDP and TCP with what reply makes of a question.
func dnsServer(t *testing.T, reply func(network string, q dnsmessage.Message) []byte) string {
	t.Helper()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", u.LocalAddr().String())
	if err != nil {
		t.Skip("the port is taken on TCP")
	}
	var all sync.WaitGroup
	answer := func(network string, b []byte) []byte {
		var q dnsmessage.Message
		if q.Unpack(b) != nil {
			return nil
		}
		return reply(network, q)
	}
	all.Go(func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := u.ReadFrom(buf)
			if err != nil {
				return
			}
			if b := answer("udp", buf[:n]); b != nil {
				u.WriteTo(b, from)
			}
		}
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var size [2]byte
			c.SetDeadline(time.Now().Add(2 * time.Second))
			if _, err := io.ReadFull(c, size[:]); err == nil {
				b := make([]byte, binary.BigEndian.Uint16(size[:]))
				io.ReadFull(c, b)
				b = answer("tcp", b)
				c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
			}
			c.Close()
		}
	})
	t.Cleanup(func() { u.Close(); l.Close(); all.Wait() })
	return u.LocalAddr().String()
}

func TestTheResolver(t *testing.T) {
	n := dnsmessage.MustNewName
	a := func(name string, ip string) dnsmessage.Resource {
		return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: n(name), Class: dnsmessage.ClassINET}, Body: &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()}}
	}
	cname := func(name, to string) dnsmessage.Resource {
		return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: n(name), Class: dnsmessage.ClassINET}, Body: &dnsmessage.CNAMEResource{CNAME: n(to)}}
	}
	server := dnsServer(t, func(network string, q dnsmessage.Message) []byte {
		m := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true}, Questions: q.Questions}
		switch name := q.Questions[0].Name.String(); name {
		case "plain.test.":
			m.Answers = []dnsmessage.Resource{a("PLAIN.test.", "8.8.8.8"), a("plain.test.", "8.8.4.4"), a("foreign.test.", "127.0.0.1")}
		case "chain.test.":
			m.Answers = []dnsmessage.Resource{cname("chain.test.", "middle.test."), cname("middle.test.", "End.test."), a("end.test.", "9.9.9.9")}
		case "circle.test.":
			m.Answers = []dnsmessage.Resource{cname("circle.test.", "circle.test.")}
		case "dangling.test.":
			m.RCode, m.Answers = dnsmessage.RCodeNameError, []dnsmessage.Resource{cname("dangling.test.", "gone.test.")}
		case "none.test.":
			m.RCode = dnsmessage.RCodeNameError
		case "fails.test.":
			m.RCode = dnsmessage.RCodeServerFailure
		case "long.test.":
			if network == "udp" {
				m.Truncated = true
			} else {
				for i := range 100 {
					m.Answers = append(m.Answers, a("long.test.", netip.AddrFrom4([4]byte{9, 9, 9, byte(i)}).String()))
				}
			}
		case "mail.test.":
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: n("mail.test."), Class: dnsmessage.ClassINET}, Body: &dnsmessage.MXResource{Pref: 10, MX: n("MX.test.")}}}
		case "other.test.": // somebody else's answer
			m.Questions = []dnsmessage.Question{{Name: n("evil.test."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}
		case "forged.test.":
			m.ID++
		case "garbage.test.":
			return []byte("garbage")
		case "silent.test.":
			return nil
		}
		b, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return b
	})
	r, err := NewResolver(server)
	if err != nil {
		t.Fatal(err)
	}
	s := r.(stub)
	s.wait = 100 * time.Millisecond
	for _, c := range []struct {
		name  string
		kind  dnsmessage.Type
		chain string
		want  string
		none  bool
	}{
		{"plain.test", dnsmessage.TypeA, "", "8.8.4.4 8.8.8.8", false},
		{"chain.test", dnsmessage.TypeA, "middle.test end.test", "9.9.9.9", false},
		{"dangling.test", dnsmessage.TypeA, "gone.test", "", true},
		{"none.test", dnsmessage.TypeA, "", "", true},
		{"mail.test", dnsmessage.TypeMX, "", "10 mx.test", false},
	} {
		got, err := s.Ask(t.Context(), c.name, c.kind)
		if err != nil || strings.Join(got.Chain, " ") != c.chain || strings.Join(got.Values, " ") != c.want || got.None != c.none {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if got, err := s.Ask(t.Context(), "long.test", dnsmessage.TypeA); err != nil || len(got.Values) != 100 {
		t.Errorf("over TCP: %d values, %v", len(got.Values), err)
	}
	if got, err := s.Ask(t.Context(), "circle.test", dnsmessage.TypeA); err != nil || len(got.Chain) > 16 || len(got.Values) > 0 {
		t.Errorf("a circle: %+v, %v", got, err)
	}
	for _, name := range []string{"fails.test", "other.test", "forged.test", "garbage.test", "silent.test", strings.Repeat("a", 300)} {
		if got, err := s.Ask(t.Context(), name, dnsmessage.TypeA); err == nil {
			t.Errorf("%.20s: believed %+v", name, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Ask(ctx, "silent.test", dnsmessage.TypeA); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, bad := range []string{"dns.test", "8.8.8.8:dns", ""} {
		if _, err := NewResolver(bad); err == nil {
			t.Errorf("%q is taken for a server", bad)
		}
	}
}

func TestSites(t *testing.T) {
	for host, want := range map[string]string{"www.acme.com.cn": "acme.com.cn", "acme.com": "acme.com", "a.b.acme.test": "acme.test", "8.8.8.8": "8.8.8.8", "com": "com", "x.github.io": "x.github.io"} {
		if got := site(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
	var hosts []string
	for _, a := range relatives([]asset{mustRead(t, "https://www.acme.test/a"), mustRead(t, "https://www.acme.test/b"), mustRead(t, "db.nova.test"), mustRead(t, "8.8.8.8"), mustRead(t, "https://例子.中国/")}) {
		hosts = append(hosts, a.text)
	}
	if want := []string{"www.acme.test", "xn--fsqu00a.xn--fiqs8s", "acme.test", "nova.test"}; !slices.Equal(hosts, want) {
		t.Errorf("%q, want %q", hosts, want)
	}
}
