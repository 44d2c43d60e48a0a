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
