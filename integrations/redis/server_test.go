package redis

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a redis-server of our own: on a free port of this machine, in a
// directory that goes away, ended by its process id.
type server struct {
	tb   testing.TB
	dir  string
	port int
	args []string
	cmd  *exec.Cmd
}

// needRedis finds redis-server, or says how to get it.
func needRedis(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err == nil {
		return path
	}
	const how = "redis-server is not in the PATH: apt-get install redis-server"
	if os.Getenv("CI") == "true" {
		tb.Fatal(how)
	}
	tb.Skip(how)
	return ""
}

// startServer starts a server with the given settings. It keeps an append-only
// file and syncs it always, unless the settings say otherwise.
func startServer(tb testing.TB, args ...string) *server {
	tb.Helper()
	needRedis(tb)
	s := &server{tb: tb, dir: tempDir(tb), port: freePort(tb)}
	s.args = append([]string{
		"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--loglevel", "warning",
		"--logfile", filepath.Join(s.dir, "log"), "--appendonly", "yes", "--appendfsync", "always",
	}, args...)
	s.start()
	tb.Cleanup(s.kill)
	return s
}

// tempDir is a directory for a server. Those that outlive a test (see shared)
// are removed by TestMain.
func tempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "butler-redis-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *server) start() {
	s.tb.Helper()
	s.cmd = exec.Command(needRedis(s.tb), s.args...)
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	c := s.client()
	defer c.Close()
	eventually(s.tb, 10*time.Second, "redis-server answers", func() error { return c.Ping(context.Background()).Err() })
}

// kill ends the server as kill -9 does.
func (s *server) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

func (s *server) addr() string { return "127.0.0.1:" + strconv.Itoa(s.port) }
func (s *server) url() string  { return "redis://" + s.addr() }

// client is a plain client that neither retries nor waits.
func (s *server) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.addr(), MaxRetries: -1, DialerRetries: 1, Protocol: 2, DisableIdentity: true})
}

// pid of the running server.
func (s *server) pid() int { return s.cmd.Process.Pid }

// eventually tries until it works, and fails the test when it never does.
func eventually(tb testing.TB, limit time.Duration, what string, try func() error) {
	tb.Helper()
	end := time.Now().Add(limit)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			tb.Fatalf("%s: not within %v: %v", what, limit, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// shared is a server that all tests use, each under a prefix of its own.
var shared struct {
	once sync.Once
	tb   *outliving
	srv  *server
	n    atomic.Int64
}

func sharedServer(tb testing.TB) *server {
	tb.Helper()
	needRedis(tb)
	shared.once.Do(func() {
		shared.tb = &outliving{TB: tb}
		shared.srv = startServer(shared.tb)
	})
	return shared.srv
}

// outliving keeps clean-ups until TestMain calls them.
type outliving struct {
	testing.TB
	last []func()
}

func (o *outliving) Cleanup(f func()) { o.last = append(o.last, f) }

func (o *outliving) end() {
	if o == nil {
		return
	}
	for i := len(o.last) - 1; i >= 0; i-- {
		o.last[i]()
	}
}

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	// A hundred random runs, the default, would take the suite of a networked
	// store past a minute; -rapid.checks on the command line wins.
	_ = flag.Set("rapid.checks", "20")
	code := m.Run()
	shared.tb.end()
	os.Exit(code)
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// freshPrefix separates one test from the others on a shared server.
func freshPrefix() string { return fmt.Sprintf("t%d:", shared.n.Add(1)) }

// open opens a store and closes it when the test ends.
func open(tb testing.TB, url string, o Options) *Store {
	tb.Helper()
	s, err := Open(context.Background(), url, o)
	if err != nil {
		tb.Fatalf("Open(%s): %v", url, err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// openShared opens a store on the shared server, under a fresh prefix.
func openShared(tb testing.TB) *Store {
	tb.Helper()
	return open(tb, sharedServer(tb).url(), Options{Prefix: freshPrefix()})
}

// proxy stands between a client and a server and loses replies on request.
type proxy struct {
	net.Listener
	to string

	mu   sync.Mutex
	find []byte // a request that contains this…
	lose int    // …loses its reply, so many times
	lost int
}

func startProxy(tb testing.TB, to string) *proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{Listener: l, to: to}
	tb.Cleanup(func() { l.Close() })
	go p.serve()
	return p
}

func (p *proxy) url() string { return "redis://" + p.Addr().String() }

// loseReplies arms the proxy: the next n requests that contain text reach the
// server, which answers, but the answer is dropped and the connection cut.
func (p *proxy) loseReplies(text string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.find, p.lose, p.lost = []byte(text), n, 0
}

// losses is how many replies were lost since.
func (p *proxy) losses() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func (p *proxy) doomed(request []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lose == 0 || !bytes.Contains(request, p.find) {
		return false
	}
	p.lose--
	p.lost++
	return true
}

func (p *proxy) serve() {
	for {
		c, err := p.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			log.Print("proxy: ", err)
			return
		}
		go p.carry(c)
	}
}

func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	srv, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer srv.Close()
	var doom atomic.Bool
	go func() {
		defer srv.Close()
		buf := make([]byte, 1<<20)
		for {
			n, err := client.Read(buf)
			if n > 0 {
				if p.doomed(buf[:n]) {
					doom.Store(true)
				}
				if _, err := srv.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<20)
	for {
		n, err := srv.Read(buf)
		if doom.Load() { // it has answered; nobody will know
			return
		}
		if n > 0 {
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pause makes the server silent without closing its connections; wake ends it.
func (s *server) pause() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *server) wake()  { _ = s.cmd.Process.Signal(syscall.SIGCONT) }
