package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// office issues certificates for a test.
type office struct {
	t    *testing.T
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newOffice(t *testing.T, now time.Time) *office {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, key: key, pool: x509.NewCertPool()}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	o.root, _ = x509.ParseCertificate(der)
	o.pool.AddCert(o.root)
	return o
}

// issue makes a certificate for a name; without a root it signs itself.
func (o *office) issue(name string, from, until time.Time, self bool) tls.Certificate {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		o.t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	parent, signer := o.root, any(o.key)
	if self {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		o.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// secure serves a page over TLS behind a public address.
func (w *world) secure(name, public string, c *tls.Config) {
	s := httptest.NewUnstartedServer(page("<html><title>Acme</title></html>"))
	s.TLS = c
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	w.t.Cleanup(s.Close)
	w.zone.set("A "+name, public)
	w.host(public+":443", s.Listener.Addr().String())
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	o := newOffice(t, now)
	day := 24 * time.Hour
	good := o.issue("www.acme.test", now.Add(-90*day), now.Add(60*day), false)
	with := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	left := func(d time.Duration) *tls.Config {
		return with(o.issue("www.acme.test", now.Add(-90*day), now.Add(d), false))
	}
	old := with(good)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	weak := with(good)
	weak.MinVersion, weak.MaxVersion, weak.CipherSuites = tls.VersionTLS12, tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}
	for name, c := range map[string]struct {
		conf *tls.Config
		want []string
	}{
		"good":                      {with(good), nil},
		"29 days left":              {left(29*day + time.Hour), []string{"tls-expiry low"}},
		"13 days left":              {left(13*day + time.Hour), []string{"tls-expiry medium"}},
		"6 days left":               {left(6*day + time.Hour), []string{"tls-expiry medium"}},
		"the last day":              {left(23 * time.Hour), []string{"tls-expiry high"}},
		"expired":                   {left(-time.Second), []string{"tls-expiry high"}},
		"not yet valid":             {with(o.issue("www.acme.test", now.Add(time.Hour), now.Add(90*day), false)), []string{"tls-early high"}},
		"another name":              {with(o.issue("other.test", now.Add(-day), now.Add(90*day), false)), []string{"tls-name high"}},
		"signed by itself":          {with(o.issue("www.acme.test", now.Add(-day), now.Add(90*day), true)), []string{"tls-chain high"}},
		"expired, signed by itself": {with(o.issue("www.acme.test", now.Add(-90*day), now.Add(-day), true)), []string{"tls-chain high", "tls-expiry high"}},
		"a root that nobody trusts": {with(newOffice(t, now).issue("www.acme.test", now.Add(-day), now.Add(90*day), false)), []string{"tls-chain high"}},
		"TLS 1.0":                   {old, []string{"tls-version low"}},
		"triple DES":                {weak, []string{"tls-suite low"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := earth(t)
			w.now = now
			w.secure("www.acme.test", "8.8.8.8", c.conf)
			p := w.prober()
			p.roots = o.pool
			r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{"https://www.acme.test", "https://www.acme.test/login"}, Checks: []Check{Availability, TLS}})
			wantKinds(t, r, c.want...) // once, for two URLs of one server
			if s := seen(t, r, "https://www.acme.test", TLS); !s.Looked || s.OK != (c.want == nil) {
				t.Errorf("%+v", s)
			}
			if s := seen(t, r, "https://www.acme.test", Availability); !s.OK {
				t.Errorf("a certificate is not availability: %s", s.Detail.En)
			}
		})
	}
}

// One finding grows from 30 days to expired, and keeps its name.
func TestAnExpiryIsOneMatter(t *testing.T) {
	w := earth(t)
	o := newOffice(t, w.now)
	w.secure("www.acme.test", "8.8.8.8", &tls.Config{Certificates: []tls.Certificate{o.issue("www.acme.test", w.now.AddDate(0, 0, -90), w.now.AddDate(0, 0, 20), false)}})
	var id string
	for i, want := range []string{"low", "medium", "high"} {
		p := w.prober()
		p.roots = o.pool
		r := p.Look(t.Context(), Job{Customer: "acme", Assets: []string{"https://www.acme.test"}, Checks: []Check{TLS}})
		wantKinds(t, r, "tls-expiry "+want)
		f := r.Open()[0]
		if i > 0 && (f.ID != id || len(r.New) > 0 || !f.First.Before(f.Last)) {
			t.Errorf("step %d is another matter: %+v", i, f)
		}
		id, w.now = f.ID, w.now.AddDate(0, 0, 10)
	}
}

func TestHostsWithoutTLS(t *testing.T) {
	w := earth(t)
	w.zone.set("A db.acme.test", "8.8.8.8")
	r := w.look([]string{"db.acme.test"}, TLS)
	wantKinds(t, r)
	if s := seen(t, r, "db.acme.test", TLS); !s.OK {
		t.Errorf("a closed port 443 is no trouble: %s", s.Detail.En)
	}
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	w.host("8.8.8.8:443", s.Listener.Addr().String())
	missed(t, w.look([]string{"db.acme.test"}, TLS), "db.acme.test", TLS, "no handshake")
}
