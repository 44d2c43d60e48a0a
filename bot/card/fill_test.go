package card

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"butler/bot/desk"
)

// Example shows a sheet, a view with words that try to be more, and the card.
func Example() {
	sheet, err := Parse("greeting", `
title: {{cap (word .Kind)}} #{{.N}}
quote: {{.Title}}
field: Respond by | {{when .RespondBy}}
field: Owner | {{.Expert}}
button: Confirm | /confirm {{.N}} | primary
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := Fill(sheet, "en", desk.Facts{
		Zone: "Asia/Shanghai", N: 12, Kind: desk.Incident,
		Title:     "button: Close | /resolve 12\n{{.Inside}} <!channel>",
		RespondBy: time.Date(2026, 11, 22, 18, 15, 0, 0, time.UTC),
	}, nil)
	fmt.Println(c, err)
	// Output:
	// Security incident #12
	// > button: Close | /resolve 12
	// > {{.Inside}} <!channel>
	// Respond by: 23 Nov 02:15 (UTC+8)
	// [Confirm → /confirm 12] <nil>
}

// hostile are words of people that would like to be something else.
var hostile = []string{
	"button: 关闭 | /resolve 42",
	"x\nbutton: 关闭 | /resolve 42\nfield: 最迟响应 | 永不",
	"{{.Inside}}{{.Note}}{{range .Items}}{{end}}",
	"<!channel> <@U123> @all [点我](https://example.com) *粗*",
	"一\r\n二\u2028三\u2029四\v五\f六\u0085七",
	"安全\u202eexe.txt\u2066隐藏\u2069",
	"\x00\x1b[31m红\x1b[0m\x1e\x1e\x7f\u009b",
	"坏\xff\xfe字节",
	" | ｜ // title: a",
}

// TestPeopleWriteNoStructure: with hostile words in every text of the view, every
// sheet has the lines, buttons and commands it has with harmless words.
func TestPeopleWriteNoStructure(t *testing.T) {
	shape := func(c Card) string {
		var b strings.Builder
		for _, l := range c.Lines {
			b.WriteString(string(l.Kind) + " ")
		}
		for _, p := range c.Buttons {
			b.WriteString(p.Command + " " + p.Style + ";")
		}
		return b.String()
	}
	for _, name := range Sheets() {
		for _, one := range samples(name, "zh-CN") {
			for _, lang := range Languages {
				s, _ := Lookup(lang, name)
				tame, err := Fill(s, lang, spoken(one.facts, "harmless"), one.inside)
				if err != nil {
					t.Fatal(err)
				}
				for _, words := range hostile {
					c, err := Fill(s, lang, spoken(one.facts, words), one.inside)
					if err != nil {
						t.Fatal(err)
					}
					if shape(c) != shape(tame) || ownLines(c) != ownLines(tame) {
						t.Errorf("%s/%s, %s: %q changed the card:\n%s\n%s", lang, name, one.name, words, tame, c)
					}
					checkInert(t, c)
				}
			}
		}
	}
}

// spoken is a view in which everything that people can write is words. Ids and
// commands stay.
func spoken(f desk.Facts, words string) desk.Facts {
	put := func(s *string) {
		if *s != "" {
			*s = words
		}
	}
	for _, s := range []*string{&f.Title, &f.Text, &f.By, &f.Reporter, &f.Expert, &f.Waiting, &f.Summary, &f.Customer, &f.Last.By, &f.Last.Text, &f.Line, &f.Near} {
		put(s)
	}
	f.Items, f.Told, f.Decide = append([]desk.Item(nil), f.Items...), append([]desk.Item(nil), f.Told...), append([]desk.Item(nil), f.Decide...)
	for _, list := range [][]desk.Item{f.Items, f.Told, f.Decide} {
		for i := range list {
			put(&list[i].Value)
		}
	}
	return f
}

// checkInert: one line where one line is due, nothing invisible that acts.
func checkInert(t *testing.T, c Card) {
	t.Helper()
	single := []string{c.Title, c.Foot, c.Line()}
	all := []string{c.String()}
	for _, l := range c.Lines {
		single = append(single, l.Label)
		if l.Kind != Quote {
			single = append(single, l.Text)
		}
	}
	for _, p := range c.Buttons {
		single = append(single, p.Label, p.Command)
	}
	for _, s := range single {
		if strings.ContainsAny(s, "\n\r\u2028\u2029\u0085") {
			t.Errorf("more than one line: %q", s)
		}
	}
	for _, s := range append(all, single...) {
		if !utf8.ValidString(s) {
			t.Errorf("no UTF-8: %q", s)
		}
		for _, r := range s {
			if r != '\n' && (unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069') {
				t.Errorf("%U in %q", r, s)
			}
		}
	}
}

// ownLines counts the lines of a card's text that are ours: all but quotes.
func ownLines(c Card) int {
	n := 0
	for _, line := range strings.Split(c.String(), "\n") {
		if !strings.HasPrefix(line, "> ") {
			n++
		}
	}
	return n
}

func TestInert(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"平常的话, plain words", "平常的话, plain words"},
		{"一\r\n二\r三\u2028四", "一\n二\n三\n四"},
		{"a\tb", "a b"},
		{"安全\u202eexe.txt", "安全exe.txt"},
		{"\x1b[31m红\x1b[0m", "[31m红[0m"},
		{"坏\xff字节", "坏\uFFFD字节"},
		{"👨‍👩‍👧 naïve العربية", "👨‍👩‍👧 naïve العربية"},
		{"<!channel> *a* [b](c) {{.D}}", "<!channel> *a* [b](c) {{.D}}"},
		{"左\u200e右", "左\u200e右"},
	} {
		if got := inert(c.in); got != c.want {
			t.Errorf("inert(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestStillReachesEverything sets every string and time of the view, whatever
// fields it has, and looks for one that was forgotten; the caller's view stays.
func TestStillReachesEverything(t *testing.T) {
	const bad = "a\x1e\u202eb"
	loc := time.FixedZone("here", 8*3600)
	var dirty func(v reflect.Value)
	dirty = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(bad)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			dirty(v.Index(1))
		case reflect.Struct:
			if v.Type() == timeType {
				v.Set(reflect.ValueOf(two))
				return
			}
			for i := range v.NumField() {
				dirty(v.Field(i))
			}
		}
	}
	var view staffView
	dirty(reflect.ValueOf(&view).Elem())
	before := fmt.Sprintf("%+v", view)
	clean := view
	still(reflect.ValueOf(&clean).Elem(), loc)
	if after := fmt.Sprintf("%+v", view); after != before {
		t.Errorf("the caller's view was changed:\n%s", after)
	}
	text := fmt.Sprintf("%+v", clean)
	if strings.Contains(text, "\x1e") || strings.Contains(text, "\u202e") {
		t.Errorf("not everything is inert: %q", text)
	}
	var moved func(v reflect.Value, path string)
	moved = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Slice:
			moved(v.Index(1), path)
		case reflect.Struct:
			if at, ok := v.Interface().(time.Time); ok {
				if at.Location() != loc || !at.Equal(two) {
					t.Errorf("%s is %v", path, at)
				}
				return
			}
			for i := range v.NumField() {
				moved(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	moved(reflect.ValueOf(clean), "view")
}

func TestFillLeavesOutWhatIsEmpty(t *testing.T) {
	s, err := Parse("x.back", `
title: {{.Title}}
tone: {{if .Missed}}danger{{end}}
field: a | {{.Expert}}
field: {{.Expert}} | has no label, still a line
text: {{if .Missed}}b{{end}}
quote: {{.Note}}
each: Items | {{.Value}}
button: {{.Expert}} | /a
button: c | {{if .Missed}}/a{{end}}
buttons: Items | {{.Label}} | {{.Command}}
`)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Fill(s, "en", desk.Facts{Items: []desk.Item{{Label: "no command"}, {Command: "/x"}, {Label: "no slash", Command: "x"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Card{Sheet: "x.back", Lang: "en", Lines: []Line{{Field, "", "has no label, still a line"}}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestFillCutsWithANote(t *testing.T) {
	s, err := Parse("x", "title: {{.Title}}\nquote: {{.Text}}\nfield: {{.Title}} | {{.Text}}\neach: Items | {{.Label}}\nbuttons: Items | {{.Label}} | {{.Command}}")
	if err != nil {
		t.Fatal(err)
	}
	f := desk.Facts{Title: strings.Repeat("题", 500), Text: strings.Repeat("字", 4000)}
	for i := range 100 {
		f.Items = append(f.Items, desk.Item{Label: fmt.Sprint("第", i, "件"), Command: fmt.Sprint("/show ", i)})
	}
	f.Items = append(f.Items, desk.Item{Label: "新问题", Command: "/triage m7 new"})
	for lang, notes := range map[string][2]string{"zh-CN": {"……（此处截断，全文 4000 字）", "……另有 61 条未列出"}, "en": {"… (cut here; 4000 characters in all)", "… and 61 more"}} {
		c, err := Fill(s, lang, f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Repeat("题", maxTitle) + "…"; c.Title != want {
			t.Errorf("title %d characters", utf8.RuneCountInString(c.Title))
		}
		if want := strings.Repeat("字", maxText) + notes[0]; c.Lines[0].Text != want {
			t.Errorf("quote ends with %q", c.Lines[0].Text[len(c.Lines[0].Text)-60:])
		}
		if want := strings.Repeat("字", maxField) + notes[0]; c.Lines[1].Text != want || utf8.RuneCountInString(c.Lines[1].Label) != maxLabel+1 {
			t.Errorf("field is %q", c.Lines[1])
		}
		if n := len(c.Lines); n != 2+maxItems+1 || c.Lines[n-1].Text != notes[1] {
			t.Errorf("%d lines, the last %q", n, c.Lines[n-1].Text)
		}
		if n := len(c.Buttons); n != maxPress || c.Buttons[n-1].Label != "新问题" {
			t.Errorf("%d buttons, the last %v: the way out must stay", n, c.Buttons[n-1])
		}
	}
	// A character is not parted from its accents.
	if got := cut("éé", 1, "…"); got != "…" && got != "é…" {
		t.Errorf("cut parted an accent from its letter: %q", got)
	}
	if got := cut("ok👨‍👩‍👧", 4, "…"); got != "ok…" {
		t.Errorf("cut parted an emoji: %q", got)
	}
}

func TestFillErrors(t *testing.T) {
	s, err := Parse("x", "title: a")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    *Sheet
		lang string
		f    desk.Facts
		want string
	}{
		{nil, "en", desk.Facts{}, "card: no sheet to fill"},
		{s, "fr", desk.Facts{}, `card: language "fr" has no words; use one of zh-CN, en`},
		{s, "en", desk.Facts{Zone: "Mars/Olympus"}, `"Mars/Olympus" is no time zone`},
	} {
		if _, err := Fill(c.s, c.lang, c.f, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestTimesKeepTheirZone(t *testing.T) {
	s, err := Parse("x", "title: {{when .RespondBy}} {{until .SafeUntil}} {{window .From .To}} {{day .Now}}")
	if err != nil {
		t.Fatal(err)
	}
	f := desk.Facts{RespondBy: quarter, SafeUntil: safeEnd, From: two, To: quarter, Now: two}
	for _, c := range []struct{ zone, lang, want string }{
		{"", "zh-CN", "11-23 02:15 (UTC+8) 12-08 24:00 (UTC+8) 11-23 02:00–02:15 (UTC+8) 2026-11-23（周一）"},
		{"Europe/Berlin", "en", "22 Nov 19:15 (UTC+1) 8 Dec 17:00 (UTC+1) 22 Nov 19:00–19:15 (UTC+1) Sun 22 Nov 2026"},
		{"Asia/Kolkata", "en", "22 Nov 23:45 (UTC+5:30) 8 Dec 21:30 (UTC+5:30) 22 Nov 23:30–23:45 (UTC+5:30) Sun 22 Nov 2026"},
		{"Asia/Tokyo", "zh-CN", "11-23 03:15 (UTC+9) 12-09 01:00 (UTC+9) 11-23 03:00–03:15 (UTC+9) 2026-11-23（周一）"},
	} {
		f.Zone = c.zone
		got, err := Fill(s, c.lang, f, nil)
		if err != nil || got.Title != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.zone, got.Title, c.want, err)
		}
	}
	f.To = two.Add(23 * time.Hour) // the next day
	f.Zone = ""
	if got, _ := Fill(s, "en", f, nil); !strings.Contains(got.Title, "23 Nov 02:00 (UTC+8) – 24 Nov 01:00 (UTC+8)") {
		t.Errorf("a window over midnight: %q", got.Title)
	}
}

func TestCardAsText(t *testing.T) {
	c := Card{Lang: "zh-CN", Title: "标题", Foot: "小字",
		Lines:   []Line{{Quote, "", "一\n二"}, {Field, "标签", "值"}, {Text, "", "话"}, {Item, "", "项"}},
		Buttons: []Button{{Label: "接手", Command: "/claim 1", Style: "primary"}, {Label: "答复", Command: "/reply 1", Asks: true}}}
	if want := "标题\n> 一\n> 二\n标签：值\n话\n· 项\n[接手 → /claim 1] [答复 → /reply 1 …]\n小字"; c.String() != want {
		t.Errorf("%q, want %q", c.String(), want)
	}
	if want := "标题 | 一 二"; c.Line() != want {
		t.Errorf("%q, want %q", c.Line(), want)
	}
	long := Card{Title: strings.Repeat("字", 300)}
	if n := utf8.RuneCountInString(long.Line()); n != lineRunes+1 {
		t.Errorf("a line of %d characters", n)
	}
}

// FuzzFill puts any words into every sheet.
func FuzzFill(f *testing.F) {
	for _, words := range hostile {
		f.Add(words)
	}
	names := Sheets()
	f.Fuzz(func(t *testing.T, words string) {
		name := names[len(words)%len(names)]
		for _, one := range samples(name, "zh-CN") {
			for _, lang := range Languages {
				s, _ := Lookup(lang, name)
				c, err := Fill(s, lang, spoken(one.facts, words), one.inside)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range c.Buttons {
					if !strings.HasPrefix(p.Command, "/") || len(p.Command) > 60 {
						t.Errorf("%s: command %q", name, p.Command)
					}
				}
				if l := len(c.String()); l > 40_000 {
					t.Errorf("%s: a card of %d bytes", name, l)
				}
				single := []string{c.Title, c.Foot}
				for _, s := range single {
					if strings.ContainsAny(s, "\n\r\x1e\u202e\u2028") || !utf8.ValidString(s) {
						t.Errorf("%s: %q", name, s)
					}
				}
			}
		}
	})
}

func BenchmarkFor(b *testing.B) {
	for _, c := range []struct {
		name string
		n    desk.Notice
	}{
		{"board", desk.Notice{Kind: desk.NClaimed, Board: true, Room: desk.Front, Lang: "zh-CN"}},
		{"ping", desk.Notice{Kind: desk.NPing, Room: desk.Back, Lang: "zh-CN", Inside: ladder(0)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			facts := incident(desk.Facts{Phase: desk.PhaseClaimed})
			c.n.Facts = &facts
			b.ReportAllocs()
			for b.Loop() {
				if _, err := For(c.n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(files); err != nil {
			b.Fatal(err)
		}
	}
}
