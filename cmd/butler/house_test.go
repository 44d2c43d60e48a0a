package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const token = "correct-horse-battery-staple"

// house is a config with the sandbox for its only platform: three customers,
// one of each edition.
type house struct {
	store        string
	listen, page string
	extra        string // more sections
	nova         string // the edition of the customer nova; "" for emergency
	noToken      bool   // take it from an environment that nobody sets
}

func (h house) yaml() string {
	tok := token
	if h.noToken {
		tok = "${SANDBOX_TOKEN}"
	}
	if h.nova == "" {
		h.nova = "emergency"
	}
	return fmt.Sprintf(`store: %s
listen: %s
sandbox: {listen: %s, token: "%s"}
people:
  - {id: zhang, name: 张工, role: expert}
  - {id: wang, name: 王工, role: expert}
  - {id: chen, name: 陈经理, role: manager}
duty:
  security: {primary: [zhang], backup: [wang], manager: [chen]}
customers:
  - {id: acme, name: 示例科技, edition: enterprise, front: sandbox:acme, back: sandbox:acme-back, tam: chen, contacts: [{id: lihua, name: 李华}]}
  - {id: nova, name: 新星电商, edition: %s, front: sandbox:nova, back: sandbox:nova-back, tam: chen, contacts: [{id: sunyue, name: 孙悦}]}
  - {id: globex, name: Globex Ltd, edition: escort, zone: Europe/London, language: en, front: sandbox:globex, back: sandbox:globex-back, tam: chen, contacts: [{id: kate, name: Kate}]}
%s`, h.store, h.listen, h.page, tok, h.nova, h.extra)
}

// customers of a house and who reports for them.
var customers = []struct{ id, contact string }{{"acme", "lihua"}, {"nova", "sunyue"}, {"globex", "kate"}}

// running is one `butler run` and its addresses.
type running struct {
	*process
	listen, page string
	http         *http.Client // with the page's cookie
}

// newHouse is a house with free addresses on a store; relative files are in dir.
func newHouse(t *testing.T, store string) house {
	return house{store: store, listen: "127.0.0.1:" + strconv.Itoa(freePort(t)), page: "127.0.0.1:" + strconv.Itoa(freePort(t))}
}

// begin writes a house into a directory, runs it, and waits until it is ready.
func begin(t *testing.T, dir string, h house) *running {
	t.Helper()
	name := "butler-" + strings.ReplaceAll(h.listen, ":", "-") + ".yaml"
	write(t, dir, name, h.yaml())
	r := &running{process: start(t, dir, nil, "run", "-c", name), listen: "http://" + h.listen, page: "http://" + h.page}
	eventually(t, 15*time.Second, "the bot is ready", func() error {
		if !r.running() {
			t.Fatalf("it ended with %d:\n%s", r.code, r.stderr)
		}
		code, body := fetch(r.listen + "/readyz")
		if code != http.StatusOK {
			return fmt.Errorf("/readyz is %d: %s", code, body)
		}
		return nil
	})
	r.logIn()
	return r
}

// fetch gets an address; 0 when nobody answers.
func fetch(address string) (code int, body string) {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(address)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// logIn opens the page once with its token and keeps the cookie.
func (r *running) logIn() {
	r.t.Helper()
	jar, _ := cookiejar.New(nil) // never fails without options
	r.http = &http.Client{Jar: jar, Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	r.t.Cleanup(r.http.CloseIdleConnections)
	resp, err := r.http.Get(r.page + "/?token=" + token)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("the page answers its token with %d", resp.StatusCode)
	}
}

// post sends one JSON object to the page.
func (r *running) post(path string, in any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := r.http.Post(r.page+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d: %s", path, resp.StatusCode, answer)
	}
	return nil
}

// say types a message; nil means that the bot has acknowledged it.
func (r *running) say(customer, room, person, text string) error {
	return r.post("/api/say", map[string]string{"customer": customer, "room": room, "person": person, "text": text})
}

func (r *running) mustSay(customer, room, person, text string) {
	r.t.Helper()
	if err := r.say(customer, room, person, text); err != nil {
		r.t.Fatalf("%s says %q: %v", person, text, err)
	}
}

// shown is what the page shows of a customer.
type shown struct {
	Messages []struct {
		ID, Room, At, Kind, Asked, Text string
		Card                            *struct {
			Title string
			Lines []struct{ Kind, Label, Text string }
		}
	}
	Timers []struct {
		At   time.Time
		What string
		Case int
	}
	Cases []struct {
		N             int
		Title, Status string
		Phase         int
	}
	Trouble string
}

// told is one line of a case's timeline.
type told struct {
	At             time.Time
	What, By, Text string
	Internal       bool
}

func (r *running) get(path string, params url.Values, into any) error {
	resp, err := r.http.Get(r.page + path + "?" + params.Encode())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s answers %d: %s", path, resp.StatusCode, b)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// look returns what the page shows of a customer now.
func (r *running) look(customer string) (s shown, err error) {
	err = r.get("/api/state", url.Values{"customer": {customer}, "lang": {"en"}, "gen": {"-1"}, "seq": {"-1"}}, &s)
	if err == nil && s.Trouble != "" {
		err = errors.New(s.Trouble)
	}
	return s, err
}

func (r *running) mustLook(customer string) shown {
	r.t.Helper()
	s, err := r.look(customer)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// timeline returns what is on the record of a case.
func (r *running) timeline(customer string, n int) []told {
	r.t.Helper()
	var file struct{ Timeline []told }
	if err := r.get("/api/case", url.Values{"customer": {customer}, "case": {strconv.Itoa(n)}, "lang": {"en"}}, &file); err != nil {
		r.t.Fatal(err)
	}
	return file.Timeline
}

// pings returns the messages that ask somebody to take a case, by "#n @name"
// (in a direct chat by "#n dm"), with how often each is shown.
func (s shown) pings() map[string]int {
	count := map[string]int{}
	for _, m := range s.Messages {
		if m.Kind != "ping" || m.Card == nil {
			continue
		}
		n := caseNumber.FindString(m.Card.Title)
		to := "@" + m.Asked
		if m.Asked == "" {
			to = m.Room
		}
		count[n+" "+to]++
	}
	return count
}

// breaches counts the direct messages that tell of a broken promise.
func (s shown) breaches() (n int) {
	for _, m := range s.Messages {
		if m.Kind == "breached" && strings.HasPrefix(m.Room, "direct:") {
			n++
		}
	}
	return n
}

// redisServer is a redis-server of the test's own, which keeps what it confirmed.
type redisServer struct {
	t    *testing.T
	path string
	dir  string
	port int
	cmd  *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	s := &redisServer{t: t, path: need(t, "redis-server", "redis-server is not in the PATH: apt-get install redis-server"), dir: t.TempDir(), port: freePort(t)}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.path, "--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning", "--logfile", filepath.Join(s.dir, "log"))
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, 10*time.Second, "redis-server answers", func() error { return s.ask("PING", "+PONG") })
}

// ask sends one inline command and checks how the answer begins.
func (s *redisServer) ask(command, want string) error {
	c, err := net.DialTimeout("tcp", s.addr(), time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(c, command+"\r\n"); err != nil {
		return err
	}
	answer := make([]byte, len(want))
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != want {
		return fmt.Errorf("%s is answered with %q, %v", command, answer, err)
	}
	return nil
}

// kill ends the server by its process id, as kill -9 does.
func (s *redisServer) kill() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s.cmd = nil
	}
}

func (s *redisServer) addr() string  { return "127.0.0.1:" + strconv.Itoa(s.port) }
func (s *redisServer) store() string { return "redis://" + s.addr() + "/0" }

// onEachStore runs a story on the embedded store and on a real Redis.
func onEachStore(t *testing.T, story func(t *testing.T, dir string, h house)) {
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		story(t, t.TempDir(), newHouse(t, "file:butler.db"))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		story(t, t.TempDir(), newHouse(t, startRedis(t).store()))
	})
}

// demoRun is a running `butler demo`.
type demoRun struct {
	*process
	addr string
}

// startDemo runs the demo on a free port and waits until its page is there.
func startDemo(t *testing.T, lang string) *demoRun {
	t.Helper()
	addr := "127.0.0.1:" + strconv.Itoa(freePort(t))
	args := []string{"demo", "-addr", addr}
	if lang != "" {
		args = append(args, "-lang", lang)
	}
	d := &demoRun{start(t, t.TempDir(), nil, args...), addr}
	eventually(t, 15*time.Second, "the page is there", func() error {
		if code, body := fetch("http://" + addr + "/"); code != http.StatusOK {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	return d
}
