package slack

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// app is the manifest as far as its limits and our promises go
// (docs.slack.dev/reference/app-manifest).
type app struct {
	Display struct {
		Name, Description string
	} `yaml:"display_information"`
	Features struct {
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

func TestTheManifestMakesTheAppThatTheCodeNeeds(t *testing.T) {
	var a app
	if err := yaml.Unmarshal([]byte(Manifest()), &a); err != nil {
		t.Fatal(err)
	}
	if !a.Settings.Socket || !a.Settings.Interactivity.On {
		t.Error("Socket Mode and interactivity are on")
	}
	if want := []string{"app_mention", "message.channels", "message.groups", "message.im"}; !slices.Equal(a.Settings.Events.Bot, want) {
		t.Errorf("events %q, the code hears %q", a.Settings.Events.Bot, want)
	}
	if c := a.Features.Slash; len(c) != 1 || c[0].Command != "/butler" || !c[0].Escape {
		t.Errorf("commands %+v: one umbrella, and people in it by their ids", c)
	}
	if s := a.Features.Shortcuts; len(s) != 1 || s[0].Type != "message" || s[0].Callback != reportCallback || len(s[0].Name) > 24 {
		t.Errorf("shortcuts %+v", s)
	}
	if length(a.Display.Name) > 35 || length(a.Display.Description) > 140 {
		t.Error("Slack cuts the name at 35 and the description at 140 characters")
	}
}

// Both pages say what every scope is for, and speak of no other.
func TestTheDocumentsNameEveryScope(t *testing.T) {
	var a app
	if err := yaml.Unmarshal([]byte(Manifest()), &a); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"../../docs/slack.md", "../../docs/slack.zh-CN.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.]+:[a-z]+|commands)` \\|").FindAllStringSubmatch(string(text), -1) {
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
