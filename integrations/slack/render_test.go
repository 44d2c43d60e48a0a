package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"butler/bot/bottest/chattest"
	"butler/bot/card"
	"butler/bot/chat"
)

var update = flag.Bool("update", false, "write testdata anew; read the difference before committing it")

// filled is a sheet in a language, filled, in the voice of Slack.
func filled(t *testing.T, lang, name string) card.Card {
	t.Helper()
	return chattest.Sheet(t, card.Umbrella, lang, name, chattest.Written{
		Title: "数据库主机出现勒索提示 <!channel>", Item: "官网首页 <!channel> *被篡改*",
		Text: "请先断网。\n不要重启 `db_01`，见 <http://x|y>", Note: "疑似弱口令 <@U1>",
	})
}

// TestGolden holds the Block Kit of every sheet in both languages. Paste one into
// Slack's Block Kit Builder to see it.
func TestGolden(t *testing.T) {
	for _, lang := range card.Languages {
		for _, name := range card.Sheets() {
			r := render(filled(t, lang, name), "U01ZHANG", "张工", "")
			chattest.Golden(t, *update, lang, name, map[string]any{"text": r.text, "blocks": r.blocks})
			obeys(t, lang+"/"+name, r)
		}
	}
}

// block is what the limits speak of.
type block struct {
	Type     string
	Text     *object
	Fields   []object
	Elements []struct {
		Type, ActionID, Value, URL string
		Text                       json.RawMessage
	}
}

type object struct{ Type, Text string }

// obeys checks a message against the limits of Block Kit, and that mrkdwn holds
// nothing but what we wrote.
func obeys(t *testing.T, what string, r shown) {
	t.Helper()
	raw, err := json.Marshal(r.blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	if err := json.Unmarshal(bytes.ReplaceAll(raw, []byte("action_id"), []byte("ActionID")), &blocks); err != nil {
		t.Fatal(err)
	}
	bad := func(format string, args ...any) { t.Helper(); t.Errorf(what+": "+format, args...) }
	fits := func(s string, n int) {
		t.Helper()
		if k := utf8.RuneCountInString(s); k == 0 || k > n {
			bad("%d characters where 1 to %d may be", k, n)
		}
	}
	if len(blocks) == 0 || len(blocks) > 50 {
		bad("%d blocks", len(blocks))
	}
	fits(r.text, 40000)
	ids := map[string]bool{}
	for _, b := range blocks {
		if b.Text != nil {
			fits(b.Text.Text, map[string]int{"header": 150, "section": 3000}[b.Type])
			calm(t, what, *b.Text)
		}
		if len(b.Fields) > 10 {
			bad("%d fields", len(b.Fields))
		}
		for _, f := range b.Fields {
			fits(f.Text, 2000)
			calm(t, what, f)
		}
		if b.Type != "actions" {
			continue
		}
		if len(b.Elements) == 0 || len(b.Elements) > 25 {
			bad("%d buttons", len(b.Elements))
		}
		for _, e := range b.Elements {
			var label object
			json.Unmarshal(e.Text, &label)
			fits(label.Text, 75)
			if e.URL != "" {
				fits(e.URL, 3000)
			} else {
				fits(e.Value, 2000)
			}
			if ids[e.ActionID] {
				bad("the action id %q stands twice", e.ActionID)
			}
			ids[e.ActionID] = true
		}
	}
}

var ours = regexp.MustCompile(`^<@[UW][A-Z0-9]+>$|^\*[^*<>]+\*$|^@[^<>]+$`)

func calm(t *testing.T, what string, o object) {
	t.Helper()
	if o.Type == "mrkdwn" && !ours.MatchString(strings.ReplaceAll(o.Text, "*\u200b", "")) {
		t.Errorf("%s: mrkdwn holds more than a mention or a label: %q", what, o.Text)
	}
}

func TestLimitsAreKeptByConstruction(t *testing.T) {
	long := strings.Repeat("很长的一句话，没有尽头。👩‍🚒", 900)
	c := card.Card{Title: long, Tone: card.Danger, Foot: long}
	for i := range 80 {
		c.Lines = append(c.Lines, card.Line{Kind: card.Field, Label: long, Text: long}, card.Line{Kind: card.Text, Text: long},
			card.Line{Kind: card.Quote, Text: long}, card.Line{Kind: card.Item, Text: long}, card.Line{Kind: card.Field, Text: "x"})
		c.Buttons = append(c.Buttons, card.Button{Label: long, Command: fmt.Sprintf("/claim %d", i), Style: "primary"})
	}
	for i := range 30 {
		c.Links = append(c.Links, card.Link{Label: long, URL: fmt.Sprintf("https://home.slack.com/archives/C1/p%d", i)})
	}
	c.Links = append(c.Links, card.Link{Label: "x", URL: "https://x/" + long}, card.Link{Label: "x", URL: "javascript:alert(1)"}, card.Link{URL: "https://x/"})
	c.Buttons = append(c.Buttons, card.Button{Label: "too long to type", Command: "/note 1 " + long}, card.Button{Command: "/claim 1"})
	r := render(c, "U1", "", "")
	obeys(t, "everything too long", r)
	if raw := string(chattest.JSON(t, r.blocks)); strings.Contains(raw, "/note") || !strings.Contains(raw, "/claim 79") {
		t.Error("a button whose command does not fit is left out, and only that one")
	} else if strings.Count(raw, `"url"`) != 30 || strings.Contains(raw, "javascript") {
		t.Error("a link that leads to no page is left out, and only that one")
	}
	obeys(t, "an empty card", render(card.Card{Title: "x"}, "", "", ""))
}

// People's words stay words wherever they stand.
func TestWordsOfPeopleStayInert(t *testing.T) {
	evil := "<!channel> <@U2> <http://x|y> *b* _i_ ~s~ `c` &lt; @here #general"
	c := card.Card{Title: evil, Foot: evil, Buttons: []card.Button{{Label: evil, Command: "/claim 1"}}, Lines: []card.Line{
		{Kind: card.Field, Label: evil, Text: evil}, {Kind: card.Text, Text: evil}, {Kind: card.Quote, Text: evil}, {Kind: card.Item, Text: evil}}}
	r := render(c, "", "", "")
	obeys(t, "evil words", r)
	for _, bad := range []string{"<!", "<@", "<http", "*b*", "_i_", "~s~", "`c`"} {
		if strings.Contains(r.text, bad) {
			t.Errorf("the plain text holds %q: %s", bad, r.text)
		}
	}
	raw := string(chattest.JSON(t, r.blocks))
	if n := strings.Count(raw, `"text": "`+strings.ReplaceAll(evil, `"`, `\"`)); n < 3 {
		t.Errorf("values are shown as they were written, %d of them are:\n%s", n, raw)
	}
	if strings.Contains(raw, "mrkdwn") { // only a mention needs it
		t.Errorf("words of people stand in mrkdwn:\n%s", raw)
	}
}

// A button that asks for its text is a button like any other; links stand after
// the buttons, in the same row.
func TestButtonsAndLinks(t *testing.T) {
	c := card.Card{Title: "x", Buttons: []card.Button{{Label: "接手", Command: "/claim 1", Style: "primary"}, {Label: "回复", Command: "/reply 1", Asks: true}},
		Links: []card.Link{{Label: "打开", URL: "https://home.slack.com/archives/C1/p1"}}}
	r := render(c, "", "", "")
	obeys(t, "buttons and a link", r)
	got, err := json.Marshal(r.blocks[1])
	want := `{"type":"actions","elements":[` +
		`{"type":"button","text":{"type":"plain_text","text":"接手","emoji":false},"action_id":"butler.press.0","value":"/claim 1","style":"primary"},` +
		`{"type":"button","text":{"type":"plain_text","text":"回复","emoji":false},"action_id":"butler.press.1","value":"/reply 1"},` +
		`{"type":"button","text":{"type":"plain_text","text":"打开","emoji":false},"action_id":"butler.link.0","url":"https://home.slack.com/archives/C1/p1"}]}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func TestLink(t *testing.T) {
	p := New(Options{})
	room := chat.Room{Platform: "slack", ID: "C0FRONT"}
	if got := p.Link(room, "1700000000.123456"); got != "" {
		t.Errorf("before Slack has said where it is, a link is %q", got)
	}
	p.self.Store(&self{user: "U0BUTLER", url: "https://home.slack.com/"})
	for _, c := range []struct {
		room      chat.Room
		ref, want string
	}{
		{room, "1700000000.123456", "https://home.slack.com/archives/C0FRONT/p1700000000123456"},
		{room, "", ""},
		{room, "slash/t1", ""},
		{room, "17|<!channel>.1", ""},
		{chat.Room{Platform: "slack", ID: "../C1"}, "1700000000.123456", ""},
		{chat.Room{Platform: "slack", ID: "U1", Direct: true}, "1700000000.123456", ""},
	} {
		if got := p.Link(c.room, c.ref); got != c.want {
			t.Errorf("Link(%v, %q) = %q, want %q", c.room, c.ref, got, c.want)
		}
	}
	if p.Voice() != card.Umbrella {
		t.Error("on Slack a command is typed with /butler")
	}
}

func TestMention(t *testing.T) {
	for _, c := range []struct{ person, name, want string }{
		{"", "张工", ""},
		{"U01ZHANG", "张工", "<@U01ZHANG>"},
		{"W9", "", "<@W9>"},
		{"!channel", "张工", "@张工"},
		{"U1> <!here", "", "@U1&gt; &lt;!here"},
		{"zhang", "", "@zhang"},
	} {
		if got := mention(c.person, c.name); got != c.want {
			t.Errorf("mention(%q, %q) = %q, want %q", c.person, c.name, got, c.want)
		}
	}
	r := render(card.Card{Title: "t"}, "U1", "", "")
	if !strings.HasPrefix(r.text, "<@U1> t") || !strings.Contains(string(chattest.JSON(t, r.blocks)), "<@U1>") {
		t.Errorf("a ping notifies in the text and in the blocks: %q", r.text)
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"", 5, nil},
		{"  short ", 5, []string{"short"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"第一句。第二句。", 5, []string{"第一句。", "第二句。"}},
		{"line one\nline two", 12, []string{"line one", "line two"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"👍👍👍", 4, []string{"👍👍", "👍"}},
		{"abe\u0301c", 3, []string{"ab", "e\u0301c"}},
	} {
		got := split(c.text, c.n)
		if strings.Join(got, "|") != strings.Join(c.want, "|") || len(got) != len(c.want) {
			t.Errorf("split(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("第一句。e\u0301\u200d👩‍🚒 second\nline", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if !utf8.ValidString(s) || n < 2 || n > 5000 {
			return
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		parts := split(s, n)
		if bare(strings.Join(parts, "")) != bare(s) {
			t.Errorf("split(%q, %d) lost something: %q", s, n, parts)
		}
		for _, p := range parts {
			if length(p) > n {
				t.Errorf("split(%q, %d) has %q", s, n, p)
			}
		}
	})
}
