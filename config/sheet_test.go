package config

import (
	"os"
	"strings"
	"testing"
)

// The promise sheet is reviewed by the service manager: UPDATE=1 go test
// ./config, then read the diff.
func TestPromiseSheetGolden(t *testing.T) {
	all := Editions()
	for _, lang := range []string{"zh-CN", "en"} {
		var sheets []string
		for _, id := range EditionIDs {
			sheets = append(sheets, PromiseSheet(lang, all[id]))
		}
		golden(t, "testdata/promises."+lang+".md", strings.Join(sheets, "\n"))
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run UPDATE=1 go test, read the diff, commit what you can explain. Got:\n%s", path, got)
	}
}
