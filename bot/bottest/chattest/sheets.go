package chattest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"butler/bot/card"
	"butler/bot/desk"
)

// Written is what people wrote into a case: words that would do something on the
// platform of a test, were they not made harmless.
type Written struct{ Title, Item, Text, Note string }

// Sheet is a sheet in a language, in the voice of a platform, filled with
// something for every line of it.
func Sheet(t testing.TB, voice card.Voice, lang, name string, w Written) card.Card {
	t.Helper()
	s, ok := card.Lookup(lang, name)
	if !ok {
		t.Fatalf("no sheet %s/%s", lang, name)
	}
	facts, in := w.facts()
	if !s.Back() {
		in = nil
	}
	c, err := card.FillFor(voice, s, lang, facts, in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// facts has something for every line of every sheet.
func (w Written) facts() (desk.Facts, *desk.Inside) {
	two := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	items := []desk.Item{
		{N: 12, Label: "#12", Value: "数据库主机出现勒索提示", State: "incident", Command: "/claim 12", At: two},
		{N: 9, Label: "#9", Value: w.Item, State: "vulnerability", Command: "/claim 9", At: two, Done: true},
	}
	return desk.Facts{
			Customer: "示例科技", Edition: "企业版", Zone: "Asia/Shanghai", Now: two, By: "李华",
			N: 12, Ref: "12", Kind: desk.Incident, Urgent: true, Category: desk.Malware, Title: w.Title,
			Status: desk.Open, Reporter: "李华", Told: []desk.Item{{Label: "张工", At: two, Done: true}}, Clause: "§5 安全事件管理",
			Opened: two, RespondBy: two.Add(15 * time.Minute), ResolveBy: two.Add(120 * time.Hour), SafeUntil: two.Add(360 * time.Hour),
			Text: w.Text, Why: "提到“勒索”", Line: "clam", Near: "claim", Slip: 7, Adds: 1,
			Last: desk.Words{By: "李华", Text: "备份也打不开", At: two}, Day: 3, Days: 15, From: two, To: two.Add(time.Hour),
			Items: items, Decide: items, Phase: desk.PhaseWaiting, Summary: "已隔离主机",
		}, &desk.Inside{Note: desk.Internal(w.Note), Skips: []desk.Internal{"王工: not in people"}, Owner: "张工", Rung: 1, Of: 5,
			Next: "王工", NextAt: two.Add(5 * time.Minute), Draft: "您好"}
}

// Golden compares what a platform gets, written as JSON, with a file below the
// testdata of the calling test, or writes it there anew.
func Golden(t testing.TB, update bool, lang, name string, v any) {
	t.Helper()
	got := JSON(t, v)
	file := filepath.Join("testdata", lang, name+".json")
	if update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run this package's tests with -run Golden -update, then read the difference):\n%s", file, got)
	}
}

// JSON writes something down so that people can read it: indented, and with < > &
// as they are.
func JSON(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
