package card

import (
	"reflect"
	"strings"
	"testing"

	"butler/bot/desk"
)

// TestParseErrors: what is wrong, where, and what would be right.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no title", "text: hello", `x:1: no title; every sheet has one line "title: TEXT"`},
		{"unknown key", "title: a\nbuton: b | /claim 1", `x:2: "buton" begins no line of a sheet; use one of title, tone, field, text, quote, each, button, buttons, foot, or // for a comment`},
		{"no key at all", "title: a\n接手这件事", `x:2: "接手这件事" begins no line of a sheet`},
		{"full-width colon", "title： a", `x:1: the colon after title is a full-width one; write "title: TEXT"`},
		{"second title", "title: a\ntitle: b", `x:2: a second title; the first is in line 1, and a card has one`},
		{"field without value", "title: a\nfield: 最迟响应", `x:2: the line does not have the form "field: LABEL | VALUE"`},
		{"empty cell", "title: a\nfield: | {{.Title}}", `x:2: the line does not have the form "field: LABEL | VALUE"`},
		{"too many cells", "title: a | b", `x:1: the line does not have the form "title: TEXT"`},
		{"unknown style", "title: a\nbutton: b | /claim 1 | red", `x:2: "red" is no style of a button; use primary or danger, or leave it out`},
		{"unknown tone", "title: a\ntone: {{if .Missed}}red{{end}}", `x:2: "red" is no tone; use info, success, warning, danger or nothing`},
		{"tone of a value", "title: a\ntone: {{.Title}}", `x:2: a tone is one of our words; .Title writes a value`},
		{"unknown field", "title: {{.Respondby}}", `x:1: .Respondby: there is no field Respondby; the nearest is RespondBy`},
		{"field of an item", "title: a\neach: Items | {{.Titel}}", `x:2: .Titel: there is no field Titel; `},
		{"no list", "title: a\neach: Title | {{.}}", `x:2: Title is no list; use one of Stages, Clues, Told, Links, Items, Layers, Decide`},
		{"range over no list", "title: {{range .Title}}a{{end}}", `x:1: .Title is no list; range over one of Stages`},
		{"unknown function", "title: {{upper .Title}}", `x:1: there is no function "upper"; a sheet knows and, `},
		{"builtin that formats", "title: {{printf \"%s\" .Title}}", `x:1: there is no function "printf"`},
		{"raw moment", "title: {{.RespondBy}}", `x:1: .RespondBy is a moment; write {{when .RespondBy}}, so that its zone is shown`},
		{"raw span", "title: {{.Took}}", `x:1: .Took is a length of time; write {{span .Took}}`},
		{"raw id", "title: {{.Kind}}", `x:1: .Kind is an id; write {{word .Kind}}`},
		{"raw bool", "title: {{.Urgent}}", `x:1: .Urgent is no text; print a text or a number`},
		{"raw list", "title: {{.Items}}", `x:1: .Items is no text; print a text or a number`},
		{"if a moment", "title: {{if .RespondBy}}a{{end}}", `x:1: .RespondBy is true even when no time is set; ask {{if when .RespondBy}}`},
		{"not a moment", "title: {{if not .RespondBy}}a{{end}}", `x:1: .RespondBy is true even when no time is set; ask {{if when .RespondBy}}`},
		{"method of a time", "title: {{.Now.Unix}}", `x:1: .Now.Unix: a time has no fields here; write {{when …}} or {{span …}}`},
		{"wrong argument", "title: {{when .Title}}", `x:1: when .Title: .Title is a text and when takes a moment there`},
		{"missing argument", "title: {{count .Days}}", `x:1: count .Days: count takes 3, not 1`},
		{"unknown id", `title: {{if eq .Kind "incidnt"}}a{{end}}`, `"incidnt" is no kind; use one of consultation, incident, onboarding, policy, vulnerability`},
		{"unlike things", `title: {{if eq .N "1"}}a{{end}}`, `x:1: eq .N "1": .N and "1" cannot be compared`},
		{"unknown words", `title: {{word "colour" .Stage}}`, `x:1: word "colour" .Stage: "colour" is no kind of word; use one of state`},
		{"variable", "title: {{$x := .Title}}{{$x}}", `a sheet has no variables`},
		{"define", `title: a{{define "b"}}c{{end}}`, `x:1: {{define}} and {{block}} have no place in a sheet`},
		{"template", `title: {{template "b"}}`, `x:1: {{template "b"}} has no place in a sheet`},
		{"not closed", "title: {{if .Urgent}}a", `x:1: unexpected EOF`},
		{"control character", "title: a\x1eb", `x:1: a control character at byte 9; a sheet holds none`},
		{"command without slash", "title: a\nbutton: b | claim {{.N}}", `x:2: a command begins with /, as in /claim {{.N}}; this one begins with "claim "`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse("x", c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if s != nil {
				t.Error("a sheet beside the error")
			}
		})
	}
	_, err := Parse("x", "titel: a\n\ntext: {{.Titel}}\nbutton: a | b | c")
	if n := strings.Count(err.Error(), "x:"); n != 5 {
		t.Errorf("%d errors, want all 5 at once:\n%v", n, err)
	}
}

// TestCommandsHoldNoWordsOfPeople: of every field of the view and of an item,
// only numbers, Ref and Command may stand in a command.
func TestCommandsHoldNoWordsOfPeople(t *testing.T) {
	allowed := func(f reflect.StructField, own string) bool { return f.Type.Kind() == reflect.Int || f.Name == own }
	for _, f := range reflect.VisibleFields(reflect.TypeFor[desk.Facts]()) {
		for _, form := range []string{"{{.%s}}", "{{$.%s}}", "{{if .Urgent}}{{.%s}}{{end}}", "{{with .Items}}{{$.%s}}{{end}}", "{{with .%s}}{{.}}{{end}}", "{{or .%s .%[1]s}}", `{{.%s | ref}}`} {
			text := "title: a\nbutton: b | /claim " + strings.NewReplacer("%[1]s", f.Name, "%s", f.Name).Replace(form)
			_, err := Parse("x.back", text)
			if ok := allowed(f, "Ref"); err == nil && !ok {
				t.Errorf("%s was taken", text)
			} else if ok && err != nil && (form == "{{.%s}}" || form == "{{$.%s}}") {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[desk.Item]()) {
		text := "title: a\nbuttons: Items | b | {{." + f.Name + "}}"
		if _, err := Parse("x", text); (err == nil) != allowed(f, "Command") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestFrontNeverSeesTheInside: a sheet of the front that names anything of
// desk.Inside is refused, wherever it stands; the same sheet is fine in the back.
func TestFrontNeverSeesTheInside(t *testing.T) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[desk.Inside]()) {
		for _, text := range []string{
			"title: {{if ." + f.Name + "}}a{{end}}",
			"title: a\ntext: {{with .Items}}{{if $." + f.Name + "}}a{{end}}{{end}}",
			"title: a\nbutton: {{if ." + f.Name + "}}a{{end}} | /help",
		} {
			if f.Type == timeType {
				text = strings.Replace(text, "{{if ", "{{if when ", 1)
			}
			_, err := Parse("x", text)
			if err == nil || !strings.Contains(err.Error(), "for staff only and this is a front sheet") {
				t.Errorf("the front took %q: %v", text, err)
			}
			if _, err := Parse("x.back", text); err != nil {
				t.Errorf("the back refused %q: %v", text, err)
			}
		}
	}
	for _, list := range []string{"Skips", "Lines"} {
		if _, err := Parse("x", "title: a\neach: "+list+" | {{.}}"); err == nil || !strings.Contains(err.Error(), "front sheet") {
			t.Errorf("each: %s: %v", list, err)
		}
	}
	// A front sheet refuses a view with an Inside, even an empty one.
	s, err := Parse("x", "title: a")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Fill(s, "en", desk.Facts{}, &desk.Inside{}); err == nil || c.Title != "" {
		t.Errorf("filled: %+v", c)
	}
}

// TestFactsHoldNothingInternal fails on the day somebody adds a field to Facts
// that is, or can hold, a word of the inside.
func TestFactsHoldNothingInternal(t *testing.T) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[desk.Facts]()) {
		if hides(f.Type) {
			t.Errorf("desk.Facts.%s can hold desk.Internal, and front sheets see desk.Facts", f.Name)
		}
	}
	type leaky struct{ Deep []struct{ Why desk.Internal } }
	if !hides(reflect.TypeFor[leaky]()) || !hides(reflect.TypeFor[any]()) || hides(reflect.TypeFor[desk.Item]()) {
		t.Error("hides does not know what it looks for")
	}
	if _, err := (checker{root: reflect.TypeFor[leaky]()}).field(reflect.TypeFor[leaky](), "Deep", ".Deep"); err == nil {
		t.Error("a field of the view that holds desk.Internal deep down was taken in a front sheet")
	}
}

func FuzzParse(f *testing.F) {
	for _, lang := range Languages {
		for _, name := range Sheets() {
			text, err := files.ReadFile(lang + "/" + name + ".card")
			if err != nil {
				f.Fatal(err)
			}
			f.Add(name, string(text))
		}
	}
	f.Add("x", "title: {{range .Items}}{{.Label}}{{end}}{{with .Last}}{{.Text}}{{end}}\nbuttons: Items | {{.N}} | /a {{.Command}}")
	f.Add("x.back", "title: {{/* nothing */}}\nbutton: a | {{/* */}}")
	facts, inside := incident(desk.Facts{Items: cases, Waiting: "?", WaitingAt: half}), ladder(1)
	f.Fuzz(func(t *testing.T, name, text string) {
		s, err := Parse(name, text)
		if err != nil {
			return
		}
		view := inside
		if !s.Back() {
			view = nil
		}
		// Whatever parses fills: the check has seen every field and function.
		for _, lang := range Languages {
			if _, err := Fill(s, lang, facts, view); err != nil {
				t.Errorf("parsed, but does not fill: %v", err)
			}
			if _, err := Fill(s, lang, desk.Facts{}, nil); err != nil {
				t.Errorf("parsed, but does not fill from nothing: %v", err)
			}
		}
	})
}
