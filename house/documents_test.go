package house

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"butler/bot/bottest"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/commands"
	"butler/config"
)

// documents are the pages for readers, by their path.
func documents(tr tree) []file {
	return slices.DeleteFunc(slices.Clone(tr.files), func(f file) bool {
		return path.Ext(f.path) != ".md" || in(f.path, "config") || in(f.path, "house")
	})
}

var link = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)

// dangling lists links to files that are not there.
func dangling(tr tree, pages []file) []string {
	var found []string
	for _, f := range pages {
		for _, m := range link.FindAllStringSubmatch(f.text, -1) {
			if m[1] == "" || strings.Contains(m[1], "://") {
				continue
			}
			to := path.Join(f.room(), m[1])
			if _, err := os.Stat(filepath.Join(tr.dir, to)); err != nil {
				found = append(found, fmt.Sprintf("%s: the link to %s leads nowhere", f.path, m[1]))
			}
		}
	}
	return found
}

var heading = regexp.MustCompile("(?m)^(#+) |^```(.*)$")

// unpaired lists pages whose other language is missing or has another shape:
// the same headings and the same blocks in the same order.
func unpaired(pages []file) []string {
	var found []string
	shape := map[string]string{}
	for _, f := range pages {
		var s strings.Builder
		open := false
		for _, m := range heading.FindAllStringSubmatch(f.text, -1) {
			switch fence := strings.HasPrefix(m[0], "```"); {
			case fence && open:
				open = false
			case fence:
				open = true
				s.WriteString("[" + m[2] + "]")
			case !open:
				s.WriteString(m[1] + " ")
			}
		}
		shape[f.path] = s.String()
	}
	for p, s := range shape {
		english, ok := strings.CutSuffix(p, ".zh-CN.md")
		if !ok {
			continue
		}
		switch other, ok := shape[english+".md"]; {
		case !ok:
			found = append(found, p+" has no English page beside it")
		case other != s:
			found = append(found, fmt.Sprintf("%s and its English page do not have the same parts:\n\t%s\n\t%s", p, s, other))
		}
	}
	return found
}

// translated are the pages that both languages have to have.
var translated = []string{"README", "docs/operations", "docs/plays", "docs/commands"}

func TestLinksLeadSomewhere(t *testing.T) {
	tr := house(t)
	keeps(t, dangling(tr, documents(tr)))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	tr := house(t)
	keeps(t, unpaired(documents(tr)))
	for _, p := range translated {
		for _, end := range []string{".md", ".zh-CN.md"} {
			tr.read(t, p+end)
		}
	}
}

func TestABrokenPageIsFound(t *testing.T) {
	tr := tree{dir: root(t)}
	catches(t, dangling(tr, []file{{path: "docs/x.md", text: "[a](../go.mod) [b](gone.md#part) [c](https://x.example/y) [d](#part)"}}),
		"docs/x.md: the link to gone.md leads nowhere")
	catches(t, unpaired([]file{
		{path: "a.md", text: "# A\n```sh\n# no heading\n```\n## B\n"}, {path: "a.zh-CN.md", text: "# A\n```sh\n```\n## B\n"},
		{path: "b.md", text: "# A\n## B\n"}, {path: "b.zh-CN.md", text: "# A\n"},
		{path: "c.zh-CN.md", text: "# A\n"},
	}),
		"b.zh-CN.md and its English page do not have the same parts:\n\t# \n\t# ## ",
		"c.zh-CN.md has no English page beside it")
}

// TestDecisionsAreShort: a decision is a page that people read to the end.
func TestDecisionsAreShort(t *testing.T) {
	for _, f := range documents(house(t)) {
		if !in(f.path, "docs/decisions") {
			continue
		}
		if n := strings.Count(f.text, "\n"); n > 40 {
			t.Errorf("%s: %d lines; a decision has at most 40", f.path, n)
		}
		for _, part := range []string{"**Situation.**", "**Decision.**", "**What we give up.**", "**When we would reverse it.**"} {
			if !strings.Contains(f.text, part) {
				t.Errorf("%s: has no %s", f.path, part)
			}
		}
	}
}

var block = regexp.MustCompile("(?ms)^```(play|yaml)\n(.*?)^```$")

// TestConfigsInDocumentsLoad reads every block of YAML that begins with
// "# butler.yaml" as butler does.
func TestConfigsInDocumentsLoad(t *testing.T) {
	n := 0
	for _, f := range documents(house(t)) {
		for _, m := range block.FindAllStringSubmatch(f.text, -1) {
			if m[1] != "yaml" || !strings.HasPrefix(m[2], "# butler.yaml") {
				continue
			}
			n++
			o := config.Options{Env: func(string) (string, bool) { return "a value that is long enough", true }}
			if _, err := config.Parse(f.path, t.TempDir(), []byte(m[2]), o); err != nil {
				t.Errorf("%s: a config in it does not load:\n%v", f.path, err)
			}
		}
	}
	if n == 0 {
		t.Error("no document holds a config any more; this test reads nothing")
	}
}

// TestPlaysInDocumentsAreTrue plays every block that is called a play, on the
// sample config, and compares. With -update the bot's lines are written anew.
func TestPlaysInDocumentsAreTrue(t *testing.T) {
	n := 0
	for _, f := range documents(house(t)) {
		text := block.ReplaceAllStringFunc(f.text, func(b string) string {
			m := block.FindStringSubmatch(b)
			if m[1] != "play" {
				return b
			}
			n++
			p, err := bottest.ParsePlay(f.path, m[2])
			if err != nil {
				t.Error(err)
				return b
			}
			now, diff, err := p.Script(context.Background(), bottest.WorldOptions{Directory: wire.Directory(config.Sample())})
			if err != nil {
				t.Error(err)
				return b
			}
			if *update {
				return "```play\n" + now + "```"
			}
			if len(diff) > 0 {
				t.Errorf("a play in %s is not what happens; if the change is meant: go test ./house -run Documents -update\n%s", f.path, strings.Join(diff, "\n"))
			}
			return b
		})
		if *update && text != f.text {
			if err := os.WriteFile(filepath.Join(root(t), f.path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n == 0 {
		t.Error("no document holds a play any more; this test plays nothing")
	}
}

// commandPage words the table of commands as a page.
func commandPage(lang string) string {
	say := func(zh, en string) string { return commands.Words{Zh: zh, En: en}.In(lang) }
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", say("命令", "Commands"))
	fmt.Fprintf(&b, "%s\n", say(
		"本页由 `commands` 的命令表生成：`go test ./house -run Commands -update`。方括号里的可以不写。按钮与输入同一条命令，走的是同一条路。在 Slack 上也可以写成 `/butler claim 1`。",
		"This page is generated from the table in `commands`: `go test ./house -run Commands -update`. What stands in brackets may be left out. A button and the typed command take the same road. On Slack, `/butler claim 1` works too."))
	seats := []struct {
		zh, en string
		role   desk.Role
		room   desk.Room
	}{
		{"客户，客户群", "customer, group", desk.CustomerSide, desk.Front},
		{"专家，客户群", "expert, group", desk.Expert, desk.Front},
		{"专家，专家群", "expert, experts' room", desk.Expert, desk.Back},
		{"经理，专家群", "manager, experts' room", desk.Manager, desk.Back},
	}
	fmt.Fprintf(&b, "\n## %s\n\n| %s | %s |", say("谁在哪里可以用什么", "Who may use what, where"), say("命令", "command"), say("作用", "what it does"))
	rows, offered := []desk.Item{}, map[string][]bool{}
	for i, seat := range seats {
		fmt.Fprintf(&b, " %s |", say(seat.zh, seat.en))
		for _, it := range commands.Help(seat.role, seat.room, lang) {
			if offered[it.Label] == nil {
				offered[it.Label] = make([]bool, len(seats))
				rows = append(rows, it)
			}
			offered[it.Label][i] = true
		}
	}
	fmt.Fprintf(&b, "\n%s\n", "|---|---|"+strings.Repeat("---|", len(seats)))
	for _, it := range rows {
		cell := strings.NewReplacer("|", `\|`, "\n", " ")
		fmt.Fprintf(&b, "| `%s` | %s |", cell.Replace(it.Label), cell.Replace(it.Value))
		for _, may := range offered[it.Label] {
			b.WriteString(map[bool]string{true: " ● |", false: " |"}[may])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n## %s\n\n| %s | %s | %s |\n|---|---|---|\n", say("每条命令的其他写法和例子", "Other words for each, and examples"),
		say("命令", "command"), say("也可以写成", "also"), say("例子", "examples"))
	for _, c := range commands.All {
		if c.Hidden {
			continue
		}
		var other, examples []string
		for _, w := range slices.Concat(c.Zh, c.En) {
			other = append(other, "`/"+w+"`")
		}
		for _, e := range c.Examples {
			examples = append(examples, "`"+strings.ReplaceAll(e.In(lang), "|", `\|`)+"`")
		}
		fmt.Fprintf(&b, "| `/%s` | %s | %s |\n", c.Name, strings.Join(other, " "), strings.Join(examples, "<br>"))
	}
	return b.String()
}

func TestCommandsAreDocumented(t *testing.T) {
	tr := house(t)
	for lang, p := range map[string]string{"en": "docs/commands.md", "zh-CN": "docs/commands.zh-CN.md"} {
		want := commandPage(lang)
		if *update {
			if err := os.WriteFile(filepath.Join(tr.dir, p), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if tr.read(t, p) != want {
			t.Errorf("%s is not what the table of commands says; go test ./house -run Commands -update", p)
		}
	}
}

var metric = regexp.MustCompile(`\bbutler_([a-z_]+)\b`)

// unmeasured lists metrics that a page names and the binary does not have.
func unmeasured(tr tree, pages []file) []string {
	var code strings.Builder
	for _, f := range tr.golang() {
		if in(f.path, "cmd/butler") && !f.isTest() {
			code.WriteString(f.text)
		}
	}
	var found []string
	for _, f := range pages {
		for _, m := range metric.FindAllStringSubmatch(f.text, -1) {
			if !strings.Contains(code.String(), `"`+m[1]+`"`) {
				found = append(found, fmt.Sprintf("%s: no metric is called %s", f.path, m[0]))
			}
		}
	}
	return found
}

func TestAlertsNameMetricsThatExist(t *testing.T) {
	tr := house(t)
	keeps(t, unmeasured(tr, documents(tr)))
	catches(t, unmeasured(tr, []file{{path: "x.md", text: "butler_told_total and butler_gone_total"}}), "x.md: no metric is called butler_gone_total")
}
