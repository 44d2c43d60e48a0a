package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mistakes is a config with one mistake on each of some lines.
const mistakes = `store: file:butler.db
frobnicate: true
listen: 8080
sandbox: {listen: 127.0.0.1:8081, token: "${NOBODY_SETS_THIS}"}
people:
  - {id: zhang, name: 张工, role: boss}
duty:
  security: {primary: [zhang, zang], manager: [zhang]}
customers:
  - id: acme
    name: 示例科技
    edition: gold
    zone: Asia/Peking
    front: sandbox:acme
    back: sandbox:acme
`

var place = regexp.MustCompile(`^butler\.yaml:(\d+):(\d+): \S`)

func TestCheckTellsEveryMistakeWithItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "butler.yaml", mistakes)
	r := call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 1)
	silent(t, "stdout", r.stdout)

	var at []string
	for _, l := range lines(r.stderr) {
		m := place.FindStringSubmatch(l)
		if m == nil {
			t.Errorf("not of the form file:line:column: what: %s", l)
			continue
		}
		at = append(at, m[1])
	}
	for _, want := range []string{"2", "3", "4", "6", "8", "12", "13", "15"} {
		if !slices.Contains(at, want) {
			t.Errorf("the mistake of line %s is not told:\n%s", want, r.stderr)
		}
	}
	says(t, "stderr", r.stderr, `"frobnicate"`, `${NOBODY_SETS_THIS}`, `"boss"`, `"zang"`, `"gold"`, `"Asia/Peking"`)

	// run tells the same and starts nothing.
	run := call(t, dir, "run", "-c", "butler.yaml")
	run.wants(t, 1)
	silent(t, "stdout of run", run.stdout)
	if run.stderr != r.stderr {
		t.Errorf("run says something else than check:\n%s", run.stderr)
	}
	onlyFile(t, dir, "butler.yaml")
}

func TestCheckOfAGoodConfigIsOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "butler.yaml", house{store: "file:butler.db", listen: "127.0.0.1:8080", page: "127.0.0.1:8081"}.yaml())
	r := call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 0)
	if n := len(lines(r.stdout)); n != 1 {
		t.Errorf("stdout has %d lines:\n%s", n, r.stdout)
	}
	silent(t, "stderr", r.stderr)
	onlyFile(t, dir, "butler.yaml")
}

func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "butler.yaml", "no such file")

	write(t, dir, "butler.yaml", "customers: [\n")
	r = call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "butler.yaml:")

	write(t, dir, "butler.yaml", "")
	r = call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "butler.yaml")
}

// The example that documents every key is a good config, once its secrets are
// there.
func TestCheckOfTheExample(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "butler.yaml", read(t, filepath.Join("..", "..", "config", "butler.example.yaml")))
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dingtalk", "openai", "scanner"} {
		write(t, dir, filepath.Join("secrets", name), "secret-"+name+"\n")
	}
	p := start(t, dir, []string{"SLACK_APP_TOKEN=xapp-1-A", "SLACK_BOT_TOKEN=xoxb-1", "DINGTALK_CLIENT_ID=ding1",
		"SANDBOX_TOKEN=0123456789abcdef", "WAF_TOKEN=waf"}, "check", "-c", "butler.yaml")
	code := p.end(callLimit)
	result{code, p.stdout.String(), p.stderr.String()}.wants(t, 0)
	if strings.Contains(p.stdout.String()+p.stderr.String(), "secret-") {
		t.Errorf("a secret was printed:\n%s%s", p.stdout, p.stderr)
	}
}

// onlyFile checks that a directory holds one file and nothing that was started
// left behind.
func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != name {
			t.Errorf("%s was made", e.Name())
		}
	}
}
