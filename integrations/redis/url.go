package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// place is what a URL says: where Redis is and how to enter.
type place struct {
	kind           string // "", cluster or sentinel
	tls            bool
	user, password string
	hosts          []string // host:port
	master         string   // with Sentinel
	db             int
}

const forms = "redis://user:password@host:6379/0, rediss:// for TLS, redis+cluster://h1,h2,h3 or redis+sentinel://h1,h2/master"

// parseURL reads a URL of the store. Its errors never quote the password.
func parseURL(raw string) (place, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	var p place
	switch scheme {
	case "redis":
	case "rediss":
		p.tls = true
	case "redis+cluster", "rediss+cluster":
		p.kind, p.tls = "cluster", scheme == "rediss+cluster"
	case "redis+sentinel", "rediss+sentinel":
		p.kind, p.tls = "sentinel", scheme == "rediss+sentinel"
	default:
		ok = false
	}
	if !ok {
		return place{}, errors.New("the store's URL has to be " + forms)
	}

	var errs []error
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		rest = rest[i+1:]
		var bad1, bad2 error
		p.user, bad1 = url.PathUnescape(user)
		p.password, bad2 = url.PathUnescape(password)
		if bad1 != nil || bad2 != nil {
			errs = append(errs, errors.New("a % in the user or password has to be written %25"))
		}
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		errs = append(errs, fmt.Errorf("%q is not understood: the URL takes no options", rest[i:]))
		rest = rest[:i]
	}
	hosts, path, _ := strings.Cut(rest, "/")
	errs = append(errs, p.readHosts(hosts), p.readPath(strings.Trim(path, "/")))
	if err := errors.Join(errs...); err != nil {
		return place{}, fmt.Errorf("the store's URL (%s://%s): %w", scheme, hosts, err)
	}
	return p, nil
}

func (p *place) readHosts(s string) error {
	port := "6379"
	if p.kind == "sentinel" {
		port = "26379"
	}
	for _, h := range strings.Split(s, ",") {
		host, given, err := net.SplitHostPort(h)
		if err != nil { // no port
			host, given = strings.Trim(h, "[]"), port
		}
		if n, err := strconv.Atoi(given); host == "" || err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q is no host:port", h)
		}
		p.hosts = append(p.hosts, net.JoinHostPort(host, given))
	}
	if p.kind == "" && len(p.hosts) > 1 {
		return errors.New("it names several hosts: write redis+cluster:// or redis+sentinel://")
	}
	return nil
}

// readPath reads what follows the hosts: /db, /master or /master/db.
func (p *place) readPath(path string) error {
	db := path
	switch p.kind {
	case "cluster":
		if path != "" && path != "0" {
			return fmt.Errorf("/%s: a Cluster has no database but 0", path)
		}
		return nil
	case "sentinel":
		p.master, db, _ = strings.Cut(path, "/")
		if p.master == "" {
			return errors.New("it lacks the name of the master: redis+sentinel://h1,h2/master")
		}
	}
	if db == "" {
		return nil
	}
	n, err := strconv.Atoi(db)
	if err != nil || n < 0 {
		return fmt.Errorf("/%s is no database number", db)
	}
	p.db = n
	return nil
}

// String names the place without its secrets.
func (p place) String() string {
	s := strings.Join(p.hosts, ",")
	if p.master != "" {
		s += "/" + p.master
	}
	return s
}

// Timeouts of one connection. With patience (gather.go) they bound how long a
// dead server is waited for.
const (
	dialTimeout = 800 * time.Millisecond
	ioTimeout   = time.Second
)

// connect makes the client. Nothing is sent yet. The client's own retries stay
// on (3, its default): every script may run twice.
func (p place) connect() redis.UniversalClient {
	var secure *tls.Config
	if p.tls {
		secure = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	backoff := [2]time.Duration{8 * time.Millisecond, 128 * time.Millisecond}
	switch p.kind {
	case "cluster":
		return redis.NewClusterClient(&redis.ClusterOptions{
			ClusterStateReloadInterval: 5 * time.Second,
			Addrs:                      p.hosts, Username: p.user, Password: p.password, TLSConfig: secure, Protocol: 2, DisableIdentity: true, PipelinePoolSize: 32,
			DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
			MinRetryBackoff: backoff[0], MaxRetryBackoff: backoff[1],
		})
	case "sentinel":
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: p.master, SentinelAddrs: p.hosts, DB: p.db,
			Username: p.user, Password: p.password, TLSConfig: secure, Protocol: 2, DisableIdentity: true, PipelinePoolSize: 32,
			DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
			MinRetryBackoff: backoff[0], MaxRetryBackoff: backoff[1],
		})
	}
	if secure != nil {
		secure.ServerName, _, _ = net.SplitHostPort(p.hosts[0])
	}
	return redis.NewClient(&redis.Options{
		Addr: p.hosts[0], DB: p.db, Username: p.user, Password: p.password, TLSConfig: secure, Protocol: 2, DisableIdentity: true, PipelinePoolSize: 32,
		DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
		MinRetryBackoff: backoff[0], MaxRetryBackoff: backoff[1],
	})
}
