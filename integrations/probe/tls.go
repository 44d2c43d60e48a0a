package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"syscall"
	"time"

	"butler/bot/desk"
)

// everySuite are all cipher suites this process can speak, so that an old server
// is looked at and not only refused.
func everySuite() (ids []uint16) {
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	for _, s := range tls.InsecureCipherSuites() {
		ids = append(ids, s.ID)
	}
	return ids
}

// brokenSuites are those with RC4 (RFC 7465) and triple DES (Sweet32, CVE-2016-2183).
var brokenSuites = []uint16{
	tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA,
	tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
}

// tls looks at the certificate and at what is spoken: of a URL at its port, of a
// host or an address at 443, where one may also speak no TLS at all.
func (v *visit) tls() {
	port := 443
	if v.asset.kind == aURL {
		port = v.asset.port
	}
	addr := net.JoinHostPort(v.asset.host, strconv.Itoa(port))
	begin := time.Now()
	state, err := v.shake(addr, &tls.Config{MinVersion: tls.VersionTLS10, CipherSuites: everySuite()})
	if err != nil {
		v.noTLS(err)
		return
	}
	took := time.Since(begin)
	leaf := state.PeerCertificates[0]
	v.expiry(leaf)
	if trust := v.trust(state); trust != nil && !errors.As(trust, new(x509.SystemRootsError)) {
		v.find(TLS, "tls-chain", "", v.severe(), Words{"证书不受信任", "The certificate is not trusted"}, say("%s（签发者 %s）", "%s (issued by %s)", distrust(trust, leaf), clean(leaf.Issuer.String(), 100)))
	} else if trust != nil {
		v.missed(TLS, Words{"巡检端没有可用的根证书", "this machine has no root certificates"})
		return
	}
	if isName(v.asset.host) && leaf.VerifyHostname(v.asset.host) != nil {
		v.find(TLS, "tls-name", "", v.severe(), Words{"证书与域名不符", "The certificate is for another name"},
			say("证书用于 %s，而不是 %s", "it is for %s, not for %s", joined(leaf.DNSNames), v.asset.host))
	}
	if weak := weakKey(leaf); weak != "" {
		v.find(TLS, "tls-key", "", desk.Medium, Words{"证书密钥过短", "The certificate's key is too short"}, Words{weak, weak})
	}
	v.old(addr)
	s := v.saw(TLS, say("%s，证书有效期至 %s，签发者 %s", "%s, valid until %s, issued by %s", tls.VersionName(state.Version),
		leaf.NotAfter.UTC().Format("2006-01-02 15:04 UTC"), clean(leaf.Issuer.CommonName, 60)))
	s.Took = took
}

// shake makes one handshake without believing the certificate.
func (v *visit) shake(addr string, c *tls.Config) (tls.ConnectionState, error) {
	c.InsecureSkipVerify = true
	if isName(v.asset.host) {
		c.ServerName = v.asset.host
	}
	ctx, cancel := context.WithTimeout(v.ctx, v.p.pace.handshake)
	defer cancel()
	raw, err := v.dial(ctx, "tcp", addr)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer raw.Close()
	t := tls.Client(raw, c)
	if err := t.HandshakeContext(ctx); err != nil {
		return tls.ConnectionState{}, err
	}
	return t.ConnectionState(), nil
}

// noTLS says why there is nothing to look at. A host that simply has no web server
// is fine.
func (v *visit) noTLS(err error) {
	said, ours := v.trouble(v.ctx, err)
	switch {
	case !ours && v.asset.kind != aURL && errors.Is(err, syscall.ECONNREFUSED):
		v.saw(TLS, Words{"443 端口未开放，没有需要检查的证书", "port 443 is closed: there is no certificate to look at"})
	default:
		v.missed(TLS, say("TLS 握手失败：%s", "no handshake: %s", said))
	}
}

// severe is how bad a certificate is that browsers refuse: on a site that people
// visit, very.
func (v *visit) severe() desk.Severity {
	if v.asset.kind == aURL && !v.job.private(v.asset.host) {
		return desk.High
	}
	return desk.Medium
}

// expiry warns 30, 14, 7 and 1 days before a certificate ends: one finding that
// grows.
func (v *visit) expiry(leaf *x509.Certificate) {
	now := v.p.now()
	left := leaf.NotAfter.Sub(now)
	until := leaf.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
	days := int(left.Hours() / 24)
	switch {
	case now.Before(leaf.NotBefore):
		v.find(TLS, "tls-early", "", v.severe(), Words{"证书尚未生效", "The certificate is not valid yet"},
			say("生效时间 %s", "it is valid from %s", leaf.NotBefore.UTC().Format("2006-01-02 15:04 UTC")))
	case left <= 0:
		v.find(TLS, "tls-expiry", "", v.severe(), Words{"证书已过期", "The certificate has expired"}, say("已于 %s 过期", "it expired on %s", until))
	case left <= 24*time.Hour:
		v.find(TLS, "tls-expiry", "", v.severe(), Words{"证书将在一天内过期", "The certificate expires within a day"}, say("%s 过期", "it expires on %s", until))
	case days < 7:
		v.find(TLS, "tls-expiry", "", desk.Medium, Words{"证书将在 7 天内过期", "The certificate expires within 7 days"}, say("还有 %d 天，%s 过期", "%d days left; it expires on %s", days, until))
	case days < 14:
		v.find(TLS, "tls-expiry", "", desk.Medium, Words{"证书将在 14 天内过期", "The certificate expires within 14 days"}, say("还有 %d 天，%s 过期", "%d days left; it expires on %s", days, until))
	case days < 30:
		v.find(TLS, "tls-expiry", "", desk.Low, Words{"证书将在 30 天内过期", "The certificate expires within 30 days"}, say("还有 %d 天，%s 过期", "%d days left; it expires on %s", days, until))
	}
}

// trust builds the chain to a root. A certificate that has run out is judged as it
// was while it lived: that it has run out is another finding.
func (v *visit) trust(s tls.ConnectionState) error {
	leaf, now := s.PeerCertificates[0], v.p.now()
	if now.After(leaf.NotAfter) {
		now = leaf.NotAfter
	}
	if now.Before(leaf.NotBefore) {
		now = leaf.NotBefore
	}
	middle := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		middle.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: v.p.roots, Intermediates: middle, CurrentTime: now})
	return err
}

// distrust words why a chain leads nowhere.
func distrust(err error, leaf *x509.Certificate) Words {
	var invalid x509.CertificateInvalidError
	switch {
	case leaf.Issuer.String() == leaf.Subject.String() && leaf.CheckSignatureFrom(leaf) == nil || leaf.Subject.String() == leaf.Issuer.String():
		return Words{"自签名证书", "it is signed by itself"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Words{"证书链中有证书过期", "a certificate of its chain has expired"}
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return Words{"证书链不完整，或签发机构不受信任", "its chain is incomplete, or leads to nobody who is trusted"}
	}
	return say("证书链校验失败：%s", "its chain fails: %s", reason(err))
}

// weakKey names a key that the CA/Browser Forum's baseline requirements (§6.1.5)
// do not allow.
func weakKey(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < 2048 {
			return "RSA " + strconv.Itoa(n)
		}
	case *ecdsa.PublicKey:
		if n := k.Params().BitSize; n < 256 {
			return "ECDSA " + strconv.Itoa(n)
		}
	}
	return ""
}

// old tries what should be refused: TLS 1.0 and 1.1 (RFC 8996), and broken suites.
func (v *visit) old(addr string) {
	if s, err := v.shake(addr, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, CipherSuites: everySuite()}); err == nil {
		v.find(TLS, "tls-version", "", desk.Low, Words{"仍支持过时的 TLS 版本", "Old versions of TLS are still spoken"},
			say("接受 %s（RFC 8996 已弃用）", "%s is accepted (deprecated by RFC 8996)", tls.VersionName(s.Version)))
	}
	if s, err := v.shake(addr, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, CipherSuites: brokenSuites}); err == nil {
		v.find(TLS, "tls-suite", "", desk.Low, Words{"仍支持不安全的加密套件", "Broken cipher suites are still spoken"},
			say("接受 %s", "%s is accepted", tls.CipherSuiteName(s.CipherSuite)))
	}
}
