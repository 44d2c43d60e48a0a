package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// judges is where the types by the makers of Slack are installed, and the
// compiler that reads them.
const judges = "slackfake/testdata/types"

// golden is one of the files that hold what Slack is sent.
type golden struct {
	name string // zh-CN/board
	text []byte // JSON
}

// kind is modal or home; "" for a message.
func (g golden) kind(t *testing.T) string {
	t.Helper()
	var top struct{ Type string }
	if err := json.Unmarshal(g.text, &top); err != nil {
		t.Fatalf("%s: %v", g.name, err)
	}
	return top.Type
}

// goldens are all of them: messages, and views where there are some.
func goldens(t *testing.T) []golden {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.ToSlash(strings.TrimSuffix(strings.TrimPrefix(file, "testdata"+string(filepath.Separator)), ".json"))
		all = append(all, golden{name, b})
	}
	return all
}

// wrongOnes are messages that Slack would refuse: while one of them is let through,
// the judge judges nothing.
var wrongOnes = []golden{
	{"a key too many", []byte(`{"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x", "emojis": false}}]}`)},
	{"a block of no kind", []byte(`{"text": "x", "blocks": [{"type": "headline", "text": {"type": "plain_text", "text": "x"}}]}`)},
	{"a header without text", []byte(`{"text": "x", "blocks": [{"type": "header"}]}`)},
	{"mrkdwn in a header", []byte(`{"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}`)},
	{"a colour of no button", []byte(`{"text": "x", "blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "a", "style": "green", "text": {"type": "plain_text", "text": "x"}}]}]}`)},
	{"a quote outside of rich text", []byte(`{"text": "x", "blocks": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]}]}`)},
	{"a modal without a title", []byte(`{"type": "modal", "blocks": []}`)},
	{"a home with a block of no kind", []byte(`{"type": "home", "blocks": [{"type": "banner"}]}`)},
}

// TestTheTypesAgree compiles every golden as a literal of the official types: what
// a message and a view may hold is said by the makers of Slack.
func TestTheTypesAgree(t *testing.T) {
	tsc := compiler(t)
	dir := t.TempDir()
	from, err := filepath.Abs(judges)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "tsconfig.json"), fmt.Sprintf(`{"extends": %q, "include": ["**/*.ts"]}`, filepath.ToSlash(filepath.Join(from, "tsconfig.json"))))
	all := goldens(t)
	for _, g := range all {
		writeFile(t, filepath.Join(dir, g.name+".ts"), literal(t, g))
	}
	for _, g := range wrongOnes {
		writeFile(t, filepath.Join(dir, "wrong", g.name+".ts"), literal(t, g))
	}
	cmd := exec.Command(tsc, "--project", dir)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	verdicts := verdict(string(out))
	for _, g := range wrongOnes {
		if verdicts["wrong/"+g.name] == "" {
			t.Errorf("the judge let %s through", g.name)
		}
		delete(verdicts, "wrong/"+g.name)
	}
	for _, g := range all {
		if why := verdicts[g.name]; why != "" {
			t.Errorf("the types of Slack refuse testdata/%s.json (lines are those of the file):%s", g.name, why)
		}
		delete(verdicts, g.name)
	}
	for what, why := range verdicts {
		t.Errorf("the compiler failed: %s%s", what, why)
	}
}

// compiler finds tsc, or skips where it is not installed. A version that is not
// the pinned one judges nothing.
func compiler(t *testing.T) string {
	t.Helper()
	const how = "with node and npm, run `npm ci` in integrations/slack/" + judges
	var pinned struct{ Dependencies map[string]string }
	readJSON(t, filepath.Join(judges, "package.json"), &pinned)
	_, err := exec.LookPath("node")
	for module, version := range pinned.Dependencies {
		file := filepath.Join(judges, "node_modules", filepath.FromSlash(module), "package.json")
		if _, missing := os.Stat(file); err != nil || missing != nil {
			t.Skip("the official types are not installed: " + how)
		}
		var installed struct{ Version string }
		if readJSON(t, file, &installed); installed.Version != version {
			t.Fatalf("%s %s is installed and %s is pinned: %s", module, installed.Version, version, how)
		}
	}
	tsc, err := filepath.Abs(filepath.Join(judges, "node_modules", ".bin", "tsc"))
	if err != nil {
		t.Fatal(err)
	}
	return tsc
}

// literal is a golden as TypeScript, with its lines where they are: JSON is a
// literal there too.
func literal(t *testing.T, g golden) string {
	t.Helper()
	kind, ok := map[string]string{"": "Message", "modal": "ModalView", "home": "HomeView"}[g.kind(t)]
	if !ok {
		t.Fatalf("%s: a view is a modal or a home, not %q", g.name, g.kind(t))
	}
	return fmt.Sprintf("import type { %s } from \"judge\"; export const golden: %[1]s = %s", kind, g.text)
}

var complaint = regexp.MustCompile(`^(.+)\.ts\((\d+),\d+\): error (.*)$`)

// verdict sorts what the compiler says by file; what names no file stands under
// its own words.
func verdict(out string) map[string]string {
	found := map[string]string{}
	at := ""
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		switch m := complaint.FindStringSubmatch(line); {
		case m != nil:
			at = m[1]
			found[at] += "\n\tline " + m[2] + ": " + m[3]
		case strings.HasPrefix(line, " "):
			found[at] += "\n\t" + line
		case line != "":
			at = line
			found[at] += " "
		}
	}
	return found
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
