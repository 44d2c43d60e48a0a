package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "butler"

// wall is what one room may import beside the standard library, and why.
type wall struct {
	room    string   // below the module; a last /* means every room below
	own     []string // rooms of this module
	third   []string // modules of others
	notStd  []string // packages of the standard library it may not import
	because string
}

// worldly are the packages through which the world comes in. sync/atomic is not
// sync: it waits for nobody.
var worldly = []string{"os", "os/*", "net", "net/*", "context", "log", "log/*", "sync"}

// walls is design §4. A room without a line has no walls yet, and that is a
// mistake. The first line that fits a room counts.
var walls = []wall{
	{room: "sla", notStd: worldly,
		because: "arithmetic has no world"},
	{room: "bot/desk", own: []string{"sla"}, notStd: worldly,
		because: "a rule that can do I/O will"},
	{room: "bot/chat",
		because: "words that every room and every platform share lean on none of them"},
	{room: "commands", own: []string{"bot/desk", "sla"}, notStd: worldly,
		because: "it reads what people type; it neither decides nor sends"},
	{room: "bot/triage", own: []string{"bot/chat", "bot/desk", "sla"}, notStd: []string{"os", "os/*", "net", "net/http", "context", "log", "log/*"},
		because: "it reads messages; it neither decides nor sends"},
	{room: "bot/card", own: []string{"bot/desk", "sla"}, notStd: []string{"os", "os/*", "net", "net/*", "context", "log", "log/*"},
		because: "it words what was decided; it neither decides nor sends"},
	{room: "bot/report", own: []string{"bot/desk", "sla"}, notStd: []string{"os", "os/*", "net", "net/*", "context", "log", "log/*"},
		because: "it words what was decided; it neither decides nor sends"},
	{room: "bot", own: pure, notStd: []string{"os", "os/*", "net", "net/*"},
		because: "the shell is testable with nothing installed: no third party, and the world comes in through its ports"},
	{room: "bot/bottest", own: append([]string{"bot"}, pure...),
		because: "a world for tests leans on nothing that has to be installed, and on no config"},
	{room: "bot/bottest/*", own: append([]string{"bot", "bot/bottest"}, pure...), third: []string{"pgregory.net/rapid"},
		because: "a suite that every store or platform must pass knows none of them"},
	{room: "integrations/redis", own: stores, third: []string{"github.com/redis/go-redis/v9"},
		because: "a store knows its server and the port it implements, and no other integration"},
	{room: "integrations/sqlite", own: stores, third: []string{"modernc.org/sqlite"},
		because: "a store knows its file and the port it implements, and no other integration"},
	{room: "integrations/slack", own: platforms, third: []string{"github.com/slack-go/slack", "github.com/gorilla/websocket"},
		because: "a platform knows its SDK and the neutral words, and no other integration"},
	{room: "integrations/dingtalk", own: append([]string{"bot/desk"}, platforms...), third: []string{"github.com/open-dingtalk/dingtalk-stream-sdk-go", "github.com/gorilla/websocket"},
		because: "a platform knows its SDK and the neutral words, and no other integration; this one also knows how strongly somebody is called"},
	{room: "integrations/sandbox", own: append([]string{"bot/desk", "bot"}, platforms...),
		because: "it is a platform that also shows desks; no third party, so that the demo needs nothing"},
	{room: "integrations/openai", own: []string{"bot", "bot/desk"}, third: []string{"github.com/sashabaranov/go-openai"},
		because: "an advisor knows questions and answers, and neither chats nor stores"},
	{room: "integrations/fakery", third: []string{"github.com/gorilla/websocket"},
		because: "what a fake Slack and a fake DingTalk share knows neither, and nothing of the bot"},
	{room: "integrations/slack/slackfake", own: fakes, third: []string{"github.com/gorilla/websocket"},
		because: "a fake Slack for tests speaks the protocol bare, and knows nothing of the bot"},
	{room: "integrations/dingtalk/dingfake", own: fakes, third: []string{"github.com/gorilla/websocket"},
		because: "a fake DingTalk for tests speaks the protocol bare, and knows nothing of the bot"},
	{room: "integrations/chart", own: []string{"bot/card"}, third: []string{"github.com/go-analyze/charts"},
		because: "it draws a chart that is worded already, and knows neither desks nor chats"},
	{room: "integrations/probe", own: []string{"bot/desk"}, third: []string{"golang.org/x/net"},
		because: "a probe looks at the world and knows findings; it neither stores nor tells them"},
	{room: "integrations/*", own: []string{"bot", "bot/desk", "bot/chat", "bot/card"},
		because: "no integration knows another, and none knows the config"},
	{room: "config", own: []string{"bot/desk", "sla"}, third: []string{"github.com/goccy/go-yaml"},
		because: "config turns text into domain values, not into clients"},
	{room: "cmd/*", own: []string{"*"}, third: []string{"*"},
		because: "someone must know everybody"},
	{room: "integrations", own: []string{"*"},
		because: "the table of platforms knows every platform and nothing else"},
	{room: "house",
		because: "it has tests only"},
}

var (
	pure      = []string{"bot/chat", "bot/card", "bot/desk", "bot/triage", "bot/report", "commands", "sla"}
	stores    = []string{"bot", "bot/desk"}
	platforms = []string{"bot", "bot/chat", "bot/card"}
	fakes     = []string{"integrations/fakery"}
)

// room is one package as the go command lists it.
type room struct {
	ImportPath, Dir                    string
	Standard                           bool
	Imports, TestImports, XTestImports []string
}

// rooms asks the go command for every package of the module and all they need.
func rooms(t *testing.T, dir string) (own []room, std map[string]bool) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Dir,Standard,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaint)
	}
	std = map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var r room
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			return own, std
		} else if err != nil {
			t.Fatal(err)
		}
		std[r.ImportPath] = r.Standard
		if in(r.ImportPath, module) {
			own = append(own, r)
		}
	}
}

// in says whether a package is a path or below it.
func in(pkg, path string) bool { return pkg == path || strings.HasPrefix(pkg, path+"/") }

// fits matches a room with a pattern: equal, or below a pattern that ends in /*.
func fits(pattern, room string) bool {
	if below, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(room, below+"/")
	}
	return pattern == "*" || pattern == room
}

// breaches lists every import that goes through a wall. Production code is held
// to its line; tests of an integration may use the suites, but no other
// integration.
func breaches(own []room, std map[string]bool) []string {
	var found []string
	for _, r := range own {
		name := strings.TrimPrefix(strings.TrimPrefix(r.ImportPath, module), "/")
		i := slices.IndexFunc(walls, func(w wall) bool { return fits(w.room, name) })
		if i < 0 {
			found = append(found, fmt.Sprintf("%s has no line in house/imports_test.go: say what it may import, and why", name))
			continue
		}
		w := walls[i]
		for _, imp := range r.Imports {
			if !w.allows(imp, std[imp]) {
				found = append(found, fmt.Sprintf("%s imports %s; it may not, because %s", name, imp, w.because))
			}
		}
		if path.Dir(name) != "integrations" {
			continue
		}
		for _, imp := range slices.Concat(r.TestImports, r.XTestImports) {
			other, isOne := strings.CutPrefix(imp, module+"/integrations/")
			if isOne && !in(other, path.Base(name)) {
				found = append(found, fmt.Sprintf("a test of %s imports %s; it may not, because no integration knows another", name, imp))
			}
		}
	}
	return found
}

// allows says whether a room may import a package.
func (w wall) allows(imp string, std bool) bool {
	may := func(patterns []string, s string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, s) })
	}
	if own, ok := strings.CutPrefix(imp, module+"/"); ok {
		return may(w.own, own)
	}
	if std {
		return !may(w.notStd, imp)
	}
	return slices.ContainsFunc(w.third, func(m string) bool { return m == "*" || in(imp, m) })
}

func TestNobodyImportsThroughAWall(t *testing.T) {
	own, std := rooms(t, root(t))
	if len(own) < 10 {
		t.Fatalf("go list found %d packages; that is not this house", len(own))
	}
	keeps(t, breaches(own, std))
}

func TestABreachIsFound(t *testing.T) {
	own, std := rooms(t, bad(t).dir)
	catches(t, breaches(own, std),
		"sla imports os; it may not, because arithmetic has no world",
		"bot/desk imports butler/bot/chat; it may not, because a rule that can do I/O will",
		"bot imports example.com/queue; it may not, because the shell is testable with nothing installed: no third party, and the world comes in through its ports",
		"integrations/slack imports butler/integrations/redis; it may not, because a platform knows its SDK and the neutral words, and no other integration",
		"a test of integrations/redis imports butler/integrations/slack; it may not, because no integration knows another",
		"util has no line in house/imports_test.go: say what it may import, and why",
	)
}
