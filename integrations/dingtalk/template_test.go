package dingtalk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"butler/bot/card"
)

// TestTheTemplateHasEveryVariable, and no other; whatever a component shows is one.
func TestTheTemplateHasEveryVariable(t *testing.T) {
	var file struct{ Type, Mode, EditorData string }
	if err := json.Unmarshal([]byte(CardTemplate()), &file); err != nil {
		t.Fatal(err)
	}
	var editor struct {
		VariableList, ExpList, LocalList []struct{ Name, Type string }
		Schema                           struct {
			ComponentsTree []struct {
				Children []struct {
					ComponentName string
					Props         json.RawMessage
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(file.EditorData), &editor); err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, v := range editor.VariableList {
		have = append(have, v.Name)
	}
	slices.Sort(have)
	want := slices.Sorted(maps.Keys(params(card.Card{}, form{})))
	if !slices.Equal(have, want) {
		t.Errorf("the template has %v, a card fills %v", have, want)
	}
	shown := ""
	for _, c := range editor.Schema.ComponentsTree[0].Children {
		shown += string(c.Props)
	}
	for _, name := range want {
		if name == "lang" || name == "tone" || strings.HasSuffix(name, "_style") {
			continue // they choose colours and words
		}
		if !strings.Contains(shown, `"`+name+`"`) && !strings.Contains(shown, "${"+name+"}") {
			t.Errorf("no component shows or sends %s", name)
		}
	}
	for _, slot := range []string{"b8_command", "a3_command"} {
		if !strings.Contains(shown, `"variable":"`+slot+`","value":"","name":"command"`) {
			t.Errorf("%s is not sent as params.command", slot)
		}
	}
}
