package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests of this package drive the program as its users do: built once, run
// as a process, spoken to over its files, its exit code and its addresses.

// binary is the program under test.
var binary string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "butler-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "butler")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the program cannot be built:", err)
		return 1
	}
	return m.Run()
}

// process is the program while it runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr *buffer
	ended          chan struct{} // closed when it has ended
	code           int           // its exit code then; -1 when a signal ended it
}

// start runs the program in a directory, with nothing in its environment but
// what a program needs and what is given. It is ended with the test.
func start(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, stdout: &buffer{}, stderr: &buffer{}, ended: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		p.code = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() && p.stderr.String() != "" {
			t.Logf("butler %s said:\n%s", strings.Join(args, " "), tail(p.stderr.String(), 40))
		}
	})
	return p
}

// kill is kill -9.
func (p *process) kill() {
	p.cmd.Process.Kill() // an error means that it has ended already
	<-p.ended
}

// terminate asks it to end, and returns how long that took.
func (p *process) terminate() time.Duration {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("SIGTERM: %v; it said:\n%s", err, p.stderr)
	}
	p.end(10 * time.Second)
	return time.Since(began)
}

// end waits until it has ended and returns its exit code.
func (p *process) end(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.code
	case <-time.After(limit):
		p.t.Fatalf("the program still runs after %v; it said:\n%s", limit, p.stderr)
		return -1
	}
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// result is what a call of the program came to.
type result struct {
	code           int
	stdout, stderr string
}

// callLimit is how long a call that ends by itself may take on a busy machine.
const callLimit = 30 * time.Second

// call runs the program to its end in a directory.
func call(t *testing.T, dir string, args ...string) result {
	t.Helper()
	p := start(t, dir, nil, args...)
	code := p.end(callLimit)
	return result{code, p.stdout.String(), p.stderr.String()}
}

// wants checks an exit code and says what the program said when it is another.
func (r result) wants(t *testing.T, code int) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit %d, want %d\nstdout:\n%s\nstderr:\n%s", r.code, code, r.stdout, r.stderr)
	}
}

// says checks that a text holds each of some words.
func says(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}

// silent checks that a stream stayed empty.
func silent(t *testing.T, what, text string) {
	t.Helper()
	if text != "" {
		t.Errorf("%s is not empty:\n%s", what, text)
	}
}

// lines splits a text without its last newline.
func lines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func tail(text string, n int) string {
	all := lines(text)
	return strings.Join(all[max(0, len(all)-n):], "\n")
}

// eventually tries until it works, and fails the test when it never does.
func eventually(t *testing.T, limit time.Duration, what string, try func() error) {
	t.Helper()
	end := time.Now().Add(limit)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v: %v", what, limit, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// write puts a file into a directory and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ports are those given out already: two tests at once never get the same.
var ports struct {
	sync.Mutex
	given map[int]bool
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	if ports.given == nil {
		ports.given = map[int]bool{}
	}
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if !ports.given[port] {
			ports.given[port] = true
			return port
		}
	}
}

// need finds a program, or says how to get it: on CI it must be there.
func need(t *testing.T, program, how string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if !errors.Is(err, exec.ErrNotFound) {
		t.Fatal(err)
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// buffer is a bytes.Buffer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

var _ io.Writer = (*buffer)(nil)

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
