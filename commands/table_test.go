package commands

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"butler/bot/desk"
)

// update rewrites the golden help: go test ./commands -run Help -update, then
// read the diff.
var update = flag.Bool("update", false, "rewrite testdata")

// TestWords: every word leads to one command, and each command has Chinese and
// English words.
func TestWords(t *testing.T) {
	seen := map[string]string{}
	for _, u := range umbrella {
		seen[u] = "the umbrella"
	}
	for _, c := range All {
		if len(c.Zh) == 0 {
			t.Errorf("%s has no Chinese word", c.Name)
		}
		for _, w := range c.words() {
			if by, ok := seen[w]; ok {
				t.Errorf("%q belongs to %s and %s", w, by, c.Name)
			}
			seen[w] = c.Name
			if w != foldWord(w) || strings.ContainsAny(w, " /#") {
				t.Errorf("%s: %q cannot be typed as one folded word", c.Name, w)
			}
			if han(first(w)) && utf8.RuneCountInString(w) > longestHan {
				t.Errorf("%q is longer than longestHan", w)
			}
		}
		for _, p := range paths {
			if slices.Contains(c.words(), p) {
				t.Errorf("%q is a command and a path", p)
			}
		}
	}
}

// TestRulesHaveCommands: the table of commands and the table of permissions
// name the same acts.
func TestRulesHaveCommands(t *testing.T) {
	boss := desk.Actor{Role: desk.Manager}
	var acts []string
	for _, c := range All {
		acts = append(acts, c.Act)
		if why := desk.May(boss, desk.Back, c.Act); why != "" {
			t.Errorf("%s: desk.May knows no %q (%s)", c.Name, c.Act, why)
		}
	}
	// desk.May has no list of its rules; these are all acts that people have
	// and all queries. Said, Edited and Deleted need no command.
	for _, a := range []desk.Act{
		desk.Report{}, desk.Claim{}, desk.Unclaim{}, desk.Assign{}, desk.Reply{}, desk.Note{}, desk.Raise{}, desk.Lower{}, desk.SetSeverity{}, desk.SetCategory{},
		desk.Ask{}, desk.Resume{}, desk.Stage{}, desk.Resolve{}, desk.Confirm{}, desk.Reopen{}, desk.Merge{}, desk.Link{}, desk.Close{}, desk.Recur{}, desk.Fine{},
		desk.Assist{}, desk.Sort{}, desk.Onboard{}, desk.Bind{}, desk.Recall{}, desk.Missed{}, desk.InspectNow{}, desk.Accept{}, desk.Fix{}, desk.Retest{},
	} {
		if !slices.Contains(acts, desk.Name(a)) {
			t.Errorf("no command for %s", desk.Name(a))
		}
	}
	for _, q := range []string{"list", "show", "explain", "oncall", "edition", "help", "timeline", "timers", "budget", "findings"} {
		if !slices.Contains(acts, q) {
			t.Errorf("no command for the query %s", q)
		}
	}
	if len(acts) != 31+10 {
		t.Errorf("%d commands", len(acts))
	}
}

// TestExamples: every example is understood, in both languages, as the command
// it explains, and every usage begins with a word of its command.
func TestExamples(t *testing.T) {
	for _, c := range All {
		if len(c.Examples) == 0 {
			t.Errorf("%s has no example", c.Name)
		}
		for _, lang := range []string{"zh-CN", "en"} {
			for _, e := range c.Examples {
				r := Read(e.In(lang), typedBy)
				if _, bad := r.Act.(desk.Misread); bad || r.Name != c.Name || r.Rest != "" {
					t.Errorf("%s: %q is read as %#v", c.Name, e.In(lang), r)
				}
			}
			word := strings.Fields(c.Usage.In(lang))[0]
			if !slices.Contains(c.words(), strings.TrimPrefix(word, "/")) {
				t.Errorf("%s: usage begins with %s", c.Name, word)
			}
			if lang == "zh-CN" && word != "/"+c.Zh[0] {
				t.Errorf("%s: the Chinese usage shows %s, its first word is %s", c.Name, word, c.Zh[0])
			}
			if about := c.About.In(lang); !strings.HasSuffix(about, "。") && !strings.HasSuffix(about, ".") {
				t.Errorf("%s: %q is no sentence", c.Name, about)
			}
		}
	}
}

// TestTypedWords: every word of every argument table is understood where the
// table is used.
func TestTypedWords(t *testing.T) {
	for cmd, table := range map[string]map[string]string{"severity": severities, "category": categories, "stage": stages, "triage": outcomes} {
		for w := range table {
			r := Read("/"+cmd+" 12 "+w, typedBy)
			if _, bad := r.Act.(desk.Misread); bad || r.Case != 12 {
				t.Errorf("/%s 12 %s: %#v", cmd, w, r.Act)
			}
		}
	}
	for _, k := range []desk.Kind{desk.Incident, desk.Vulnerability, desk.Onboarding} {
		for _, id := range desk.Stages(k) {
			if stages[id] != id {
				t.Errorf("the step %s of %s cannot be typed", id, k)
			}
		}
	}
}

// TestHelp compares the help of every role in every room with the golden files;
// roles and rooms that see the same stand together.
func TestHelp(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en"} {
		var order []string
		who := map[string][]string{}
		for _, role := range []desk.Role{desk.CustomerSide, desk.Expert, desk.Manager, desk.Admin, desk.System} {
			for _, room := range []desk.Room{desk.Front, desk.Back, desk.Direct} {
				var b strings.Builder
				for _, it := range Help(role, room, lang) {
					b.WriteString(it.Label + "\n    " + it.Value + "\n")
				}
				text := b.String()
				if who[text] == nil {
					order = append(order, text)
				}
				who[text] = append(who[text], string(role)+"/"+string(room))
			}
		}
		var b strings.Builder
		for _, text := range order {
			if text == "" {
				b.WriteString("# nothing: " + strings.Join(who[text], " ") + "\n\n")
				continue
			}
			b.WriteString("# " + strings.Join(who[text], " ") + "\n" + text + "\n")
		}
		for _, c := range All {
			b.WriteString("# help " + c.Name + "\n")
			for _, it := range HelpFor(c.Name, lang) {
				b.WriteString(it.Label + " | " + it.Value + "\n")
			}
			b.WriteString("\n")
		}
		golden(t, "testdata/help."+lang+".txt", b.String())
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the diff", file)
	}
}

func TestHelpFor(t *testing.T) {
	for _, word := range []string{"claim", "认领", "ＣＬＡＩＭ"} {
		items := HelpFor(word, "en")
		if len(items) < 4 || items[0].Label != "/claim [N] [TEXT]" {
			t.Errorf("%s: %+v", word, items)
		}
	}
	if items := HelpFor("nonsense", "en"); items != nil {
		t.Errorf("%+v", items)
	}
}

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		typed string
		role  desk.Role
		room  desk.Room
		want  string // what to put in, joined
	}{
		{"/re", desk.CustomerSide, desk.Front, "/report /reopen /recur /retest "},
		{"/re", desk.Expert, desk.Back, "/report /release /reply /resume /recall /resolve /reopen /recur /retest "},
		{"/认", desk.Expert, desk.Back, "/认领 "},
		{"/认", desk.CustomerSide, desk.Front, ""},
		{"／ＣＬ", desk.Expert, desk.Front, "/claim /close "},
		{"/butler cla", desk.Expert, desk.Front, "/claim "},
		{"cla", desk.Expert, desk.Front, "/claim "},
		{"/claim 12", desk.Expert, desk.Front, "/claim "},
		{"/note", desk.Expert, desk.Front, ""}, // not in the customer's room
		{"/note", desk.Expert, desk.Back, "/note "},
		{"/triage", desk.Expert, desk.Back, ""},
		{"/zzz", desk.Manager, desk.Back, ""},
	} {
		var got string
		for _, it := range Complete(c.typed, c.role, c.room, "en") {
			got += it.Command
		}
		if got != c.want {
			t.Errorf("%q for %s in %s: got %q, want %q", c.typed, c.role, c.room, got, c.want)
		}
	}
	all := Complete("/", desk.CustomerSide, desk.Front, "zh-CN")
	if len(all) != len(Help(desk.CustomerSide, desk.Front, "zh-CN")) || all[0].Command != "/报告 " {
		t.Errorf("/ completes to %+v", all)
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"claims": "claim", "clam": "claim", "calim": "claim", "rport": "report", "assing": "assign", "sevrity": "severity", "timelin": "timeline", "hlep": "help",
		"tim": "timeline", "ｃｌａｍ": "claim", "认令": "认领", "接受": "接手", "认领一下": "认领", "请认领": "认领",
		"frobnicate": "", "status": "", "x": "", "": "", "天气": "", "我们的网站": "", "escalate": "",
	} {
		if got := Nearest(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	for _, c := range All {
		for _, w := range c.words() {
			if got := Nearest(w); utf8.RuneCountInString(w) > 1 && got != w {
				t.Errorf("%q: nearest is %q", w, got)
			}
		}
	}
}
