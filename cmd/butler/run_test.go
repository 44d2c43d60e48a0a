package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var caseNumber = regexp.MustCompile(`#\d+`)

// A day in short: it starts, hears, pings, answers its probes, and ends.
func TestRun(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, dir string, h house) {
		b := begin(t, dir, h)
		if code, body := fetch(b.listen + "/healthz"); code != http.StatusOK {
			t.Errorf("/healthz is %d: %s", code, body)
		}
		for _, c := range customers {
			if s := b.mustLook(c.id); len(s.Messages) > 0 {
				t.Errorf("a start tells %s something: %+v", c.id, s.Messages)
			}
		}

		b.mustSay("acme", "front", "lihua", "数据库主机出现勒索提示，文件被加密")
		eventually(t, 5*time.Second, "the case is open and the ping is in the back", func() error {
			s := b.mustLook("acme")
			if len(s.Cases) != 1 || s.pings()["#1 @张工"] != 1 {
				return fmt.Errorf("cases %+v, pings %v", s.Cases, s.pings())
			}
			return nil
		})
		b.mustSay("acme", "back", "zhang", "/claim 1 我是张工，正在排查")
		eventually(t, 5*time.Second, "the answer is in the front", func() error {
			for _, m := range b.mustLook("acme").Messages {
				if m.Kind == "responded" && m.Room == "front" {
					return nil
				}
			}
			return fmt.Errorf("not yet")
		})

		code, metrics := fetch(b.listen + "/metrics")
		if code != http.StatusOK {
			t.Errorf("/metrics is %d", code)
		}
		says(t, "/metrics", metrics, "butler_heard_total 2", "butler_told_total", "go_goroutines")
		for _, secret := range []string{"acme", "示例科技", "nova", "globex", "lihua", "李华", "zhang", "勒索", token} {
			if strings.Contains(metrics, secret) {
				t.Errorf("/metrics names %q", secret)
			}
		}
		for _, secret := range []string{"勒索", "我是张工", token} {
			if strings.Contains(b.stderr.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}

		// An open page does not hold it up.
		stream, err := b.http.Get(b.page + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		if took := b.terminate(); b.code != 0 || took > 5*time.Second {
			t.Errorf("exit %d after %v; want 0 within 5 s", b.code, took)
		}
		silent(t, "stdout", b.stdout.String())
	})
}

func TestThePageAsksForItsToken(t *testing.T) {
	t.Parallel()
	b := begin(t, t.TempDir(), newHouse(t, "file:butler.db"))
	body := `{"customer":"acme","room":"front","person":"lihua","text":"数据库主机出现勒索提示"}`
	for _, c := range []struct{ name, query, cookie string }{
		{"without", "", ""},
		{"in the address of an action", "?token=" + token, ""},
		{"with a wrong cookie", "", "butler_sandbox=" + token},
	} {
		req, err := http.NewRequest("POST", b.page+"/api/say"+c.query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if c.cookie != "" {
			req.Header.Set("Cookie", c.cookie)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", c.name, resp.StatusCode)
		}
	}
	for _, path := range []string{"/", "/?token=wrong", "/api/state?customer=acme", "/events", "/api/case?customer=acme&case=1"} {
		if code, _ := fetch(b.page + path); code != http.StatusUnauthorized && code != http.StatusForbidden {
			t.Errorf("%s without the token: %d", path, code)
		}
	}
	// Another site's script in a browser that has the cookie.
	req, _ := http.NewRequest("POST", b.page+"/api/say", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a request of another site: %d", resp.StatusCode)
	}
	// Time cannot be moved outside the demo.
	if err := b.post("/api/time", map[string]string{"op": "next"}); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("time of a running bot: %v", err)
	}
	if s := b.mustLook("acme"); len(s.Cases)+len(s.Messages) != 0 {
		t.Errorf("something was heard: %+v", s)
	}
}

// Relative files are beside the config, wherever the program is started.
func TestTheStoreIsBesideTheConfig(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	h := newHouse(t, "file:data.db")
	path := write(t, dir, "butler.yaml", h.yaml())
	p := start(t, elsewhere, nil, "run", "-c", path)
	eventually(t, 10*time.Second, "the store is there", func() error {
		_, err := os.Stat(filepath.Join(dir, "data.db"))
		return err
	})
	p.terminate()
}

// The store goes away: the probe says so, nobody's words are acknowledged, and
// all goes on when it is back.
func TestTheStoreGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	b := begin(t, t.TempDir(), newHouse(t, server.store()))
	b.mustSay("acme", "front", "lihua", "/report incident urgent 主机一被入侵")
	eachAsked(t, b, prompt)

	server.kill()
	eventually(t, 10*time.Second, "/readyz names the store", func() error {
		code, body := fetch(b.listen + "/readyz")
		if code != http.StatusServiceUnavailable || !strings.Contains(body, `"store"`) {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	if code, _ := fetch(b.listen + "/healthz"); code != http.StatusOK {
		t.Errorf("/healthz is %d: the process lives", code)
	}
	if err := b.say("acme", "front", "lihua", "/report incident urgent 主机二被入侵"); err == nil {
		t.Error("a message is acknowledged that is written nowhere")
	}

	server.start()
	eventually(t, 10*time.Second, "/readyz is well again", func() error {
		if code, body := fetch(b.listen + "/readyz"); code != http.StatusOK {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	b.mustSay("acme", "front", "lihua", "/report incident urgent 主机三被入侵")
	eventually(t, 5*time.Second, "the work goes on", func() error {
		s := b.mustLook("acme")
		for _, c := range s.Cases {
			if strings.Contains(c.Title, "主机三") {
				if s.pings()["#"+strconv.Itoa(c.N)+" @张工"] == 1 {
					return nil
				}
			}
		}
		return fmt.Errorf("cases %+v, pings %v", s.Cases, s.pings())
	})
}
