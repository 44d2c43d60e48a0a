package slack

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"butler/integrations/slack/slackfake"
)

// app is the manifest as far as its limits and our promises go
// (docs.slack.dev/reference/app-manifest).
type app struct {
	Display struct {
		Name, Description string
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Tab      bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Shortcuts []struct {
			Name, Type, Description string
			Callback                string `yaml:"callback_id"`
		}
		Slash []struct {
			Command, Description string
			Hint                 string `yaml:"usage_hint"`
			Escape               bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	}
	OAuth struct {
		Scopes struct{ Bot []string }
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			On bool `yaml:"is_enabled"`
		}
		Socket bool `yaml:"socket_mode_enabled"`
	}
}

// manifestOf reads the manifest.
func manifestOf(t *testing.T) app {
	t.Helper()
	var a app
	if err := yaml.Unmarshal([]byte(Manifest()), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheManifestMakesTheAppThatTheCodeNeeds(t *testing.T) {
	a := manifestOf(t)
	if !a.Settings.Socket || !a.Settings.Interactivity.On {
		t.Error("Socket Mode and interactivity are on")
	}
	if h := a.Features.Home; !h.Tab || !h.Messages || h.ReadOnly {
		t.Errorf("App Home and the chat with the app are %+v", h)
	}
	if c := a.Features.Slash; len(c) != 1 || c[0].Command != "/butler" || !c[0].Escape {
		t.Errorf("commands %+v: one umbrella, and people in it by their ids", c)
	}
	if s := a.Features.Shortcuts; len(s) != 1 || s[0].Type != "message" || s[0].Callback != reportCallback || len(s[0].Name) > 24 {
		t.Errorf("shortcuts %+v", s)
	}
	for _, text := range []string{a.Features.Slash[0].Description, a.Features.Slash[0].Hint, a.Features.Shortcuts[0].Description} {
		if length(text) > 100 {
			t.Errorf("%q is longer than Slack shows", text)
		}
	}
	if length(a.Display.Name) > 35 || length(a.Display.Description) > 140 {
		t.Error("Slack cuts the name at 35 and the description at 140 characters")
	}
}

// Every method of the Web API that this package calls, with the scopes it needs in
// the rooms where it is called. A method that is not here fails the test below.
var called = map[string][]string{
	"apps.connections.open":        nil, // connections:write, of the app-level token
	"auth.test":                    nil,
	"chat.postEphemeral":           {"chat:write"},
	"chat.postMessage":             {"chat:write"},
	"chat.delete":                  {"chat:write"},
	"chat.update":                  {"chat:write"},
	"conversations.create":         {"groups:write"},
	"conversations.history":        {"channels:history", "groups:history", "im:history"},
	"conversations.invite":         {"groups:write"},
	"conversations.inviteShared":   {"conversations.connect:write"},
	"conversations.open":           {"im:write"},
	"conversations.replies":        {"channels:history", "groups:history", "im:history"},
	"conversations.setPurpose":     {"groups:write"},
	"conversations.setTopic":       {"groups:write"},
	"files.completeUploadExternal": {"files:write"},
	"files.getUploadURLExternal":   {"files:write"},
	"users.conversations":          {"groups:read"},
	"users.info":                   {"users:read"},
	"users.lookupByEmail":          {"users:read", "users:read.email"}, // the second is not given without the first
	"views.open":                   nil,
	"views.publish":                nil,
}

// library is how slack-go calls them.
var library = map[string]string{
	"AuthTestContext":                   "auth.test",
	"CompleteUploadExternalContext":     "files.completeUploadExternal",
	"GetUploadURLExternalContext":       "files.getUploadURLExternal",
	"UploadToURL":                       "files.getUploadURLExternal", // goes to the address that this one gave
	"CreateConversationContext":         "conversations.create",
	"GetConversationHistoryContext":     "conversations.history",
	"GetConversationRepliesContext":     "conversations.replies",
	"GetConversationsForUserContext":    "users.conversations",
	"GetUserByEmailContext":             "users.lookupByEmail",
	"InviteSharedToConversationContext": "conversations.inviteShared",
	"InviteUsersToConversationContext":  "conversations.invite",
	"OpenConversationContext":           "conversations.open",
	"OpenViewContext":                   "views.open",
	"PostEphemeralContext":              "chat.postEphemeral",
	"PostMessageContext":                "chat.postMessage",
	"PublishViewContext":                "views.publish",
	"SetPurposeOfConversationContext":   "conversations.setPurpose",
	"SetTopicOfConversationContext":     "conversations.setTopic",
	"DeleteMessageContext":              "chat.delete",
	"UpdateMessageContext":              "chat.update",
}

// subscribed are the events that this package hears, with the scopes they need.
var subscribed = map[string][]string{
	"app_home_opened":  nil,
	"app_mention":      {"app_mentions:read"},
	"message.channels": {"channels:history"},
	"message.groups":   {"groups:history"},
	"message.im":       {"im:history"},
	"reaction_added":   {"reactions:read"},
}

// The app has the scopes that its calls and events need, and no other.
func TestTheManifestHasTheScopesThatTheCodeNeeds(t *testing.T) {
	a := manifestOf(t)
	methods, words := inSource(t)
	need := map[string]bool{"commands": true} // of the slash command and the shortcut
	for _, m := range methods {
		scopes, listed := called[m]
		if !listed {
			t.Errorf("this package calls %s: list it in called, with the scopes it needs", m)
		}
		pattern, known := slackfake.Scope(m)
		if !known {
			t.Errorf("the fake does not know %s, which this package calls", m)
		}
		for _, s := range scopes {
			need[s] = true
			kind, _, _ := strings.Cut(s, ":")
			if able := strings.NewReplacer("?", kind, "manage", "write").Replace(pattern); strings.HasPrefix(pattern, "?") && able != s {
				t.Errorf("%s is listed with %s, the fake wants %s", m, s, able)
			}
		}
		if pattern != "" && !strings.HasPrefix(pattern, "?") && !slices.Contains(scopes, pattern) {
			t.Errorf("%s is listed with %q, the fake wants %s", m, scopes, pattern)
		}
	}
	for _, e := range a.Settings.Events.Bot {
		scopes, listed := subscribed[e]
		if kind, _, _ := strings.Cut(e, "."); !listed || !slices.Contains(words, kind) {
			t.Errorf("nobody hears the event %s", e)
		}
		for _, s := range scopes {
			need[s] = true
		}
	}
	if len(a.Settings.Events.Bot) != len(subscribed) {
		t.Errorf("events %q, the code hears %q", a.Settings.Events.Bot, slices.Sorted(maps.Keys(subscribed)))
	}
	if want := slices.Sorted(maps.Keys(need)); !slices.Equal(a.OAuth.Scopes.Bot, want) {
		t.Errorf("scopes\n%q, the code needs\n%q", a.OAuth.Scopes.Bot, want)
	}
}

// inSource reads this package: the methods of the Web API that it names or calls by
// the library, and all its words in quotes.
func inSource(t *testing.T) (methods, words []string) {
	t.Helper()
	web := regexp.MustCompile(`^(api|apps|auth|bots|chat|conversations|files|reactions|team|users|views)(\.[a-zA-Z]+)+$`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if word, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					words = append(words, word)
					if web.MatchString(word) {
						methods = append(methods, word)
					}
				}
			case *ast.CallExpr:
				call, _ := n.Fun.(*ast.SelectorExpr)
				if call == nil {
					return true
				}
				if on, _ := call.X.(*ast.SelectorExpr); on != nil && on.Sel.Name == "api" {
					m, listed := library[call.Sel.Name]
					if !listed {
						t.Errorf("%s calls %s of slack-go: list in library which method of the Web API it is", name, call.Sel.Name)
						return true
					}
					methods = append(methods, m)
				}
			}
			return true
		})
	}
	slices.Sort(methods)
	return slices.Compact(methods), words
}

// Both pages say what every scope is for, and speak of no other.
func TestTheDocumentsNameEveryScope(t *testing.T) {
	a := manifestOf(t)
	for _, page := range []string{"../../docs/slack.md", "../../docs/slack.zh-CN.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.]+:[a-z.]+|commands)` \\|").FindAllStringSubmatch(string(text), -1) {
			rows = append(rows, m[1])
		}
		if want := append(slices.Clone(a.OAuth.Scopes.Bot), "connections:write"); !slices.Equal(rows, want) {
			t.Errorf("%s explains %q, the app has %q", page, rows, want)
		}
		if !strings.Contains(string(text), "butler slack-manifest") {
			t.Errorf("%s does not say how to get the manifest", page)
		}
	}
}
