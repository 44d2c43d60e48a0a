package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// served is one `butler run` that can be asked how it is.
type served struct {
	*process
	listen string // host and port
}

// serve writes a config, made for a place of its own to listen on, into a directory
// and runs it.
func serve(t *testing.T, dir string, config func(listen string) string) *served {
	t.Helper()
	listen := "127.0.0.1:" + strconv.Itoa(freePort(t))
	name := "butler-" + strings.ReplaceAll(listen, ":", "-") + ".yaml"
	write(t, dir, name, config(listen))
	return &served{start(t, dir, nil, "run", "-c", name), listen}
}

// ready waits until the bot is connected.
func (p *served) ready() {
	p.t.Helper()
	eventually(p.t, 15*time.Second, "the bot is ready", func() error {
		if !p.running() {
			p.t.Fatalf("it ended with %d:\n%s", p.code, p.stderr)
		}
		if code, body := p.readyz(); code != http.StatusOK {
			return fmt.Errorf("/readyz is %d: %s", code, body)
		}
		return nil
	})
}

// unready waits until /readyz says all the words in one line about a platform.
func (p *served) unready(platform, what string, words ...string) {
	p.t.Helper()
	eventually(p.t, 20*time.Second, what, func() error {
		code, body := p.readyz()
		if code != http.StatusServiceUnavailable {
			return fmt.Errorf("/readyz is %d: %s", code, body)
		}
		for _, w := range append(words, fmt.Sprintf(`"%s":"%s: `, platform, platform)) {
			if !strings.Contains(body, w) {
				return fmt.Errorf("/readyz does not say %q: %s", w, body)
			}
		}
		if strings.Contains(body, `\n`) {
			p.t.Errorf("/readyz says it in several lines: %s", body)
		}
		return nil
	})
}

// well ends it as an operator does, and checks that nothing was put aside, that
// the log holds no secret and no word of anybody, and that it ended in time.
func (p *served) well(secrets ...string) {
	p.t.Helper()
	p.counts("butler_parked_total", 0)
	if took := p.terminate(); took > 5*time.Second || p.code != 0 {
		p.t.Errorf("it ended with %d after %v", p.code, took)
	}
	silent(p.t, "stdout", p.stdout.String())
	for _, secret := range secrets {
		if strings.Contains(p.stderr.String(), secret) {
			p.t.Errorf("the log holds %q", secret)
		}
	}
}

func (p *served) readyz() (code int, body string) {
	return fetch("http://" + p.listen + "/readyz")
}

// counts checks a counter of /metrics.
func (p *served) counts(name string, want int) {
	p.t.Helper()
	_, body := fetch("http://" + p.listen + "/metrics")
	for _, line := range lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if value != strconv.Itoa(want) {
				p.t.Errorf("%s is %s, want %d", name, value, want)
			}
			return
		}
	}
	p.t.Errorf("/metrics has no %s", name)
}
