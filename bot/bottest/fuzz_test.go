package bottest_test

import (
	"os"
	"path/filepath"
	"testing"

	"butler/bot/bottest"
)

// FuzzParsePlay feeds the reader of plays with anything: it answers with a play
// or with errors that name lines, and never panics.
func FuzzParsePlay(f *testing.F) {
	files, _ := filepath.Glob("testdata/plays/c*.play")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(string(b))
		}
	}
	for _, s := range []string{"wait 12m", "at 2026-11-23T02:00:00+08:00\nat 2020-01-01T00:00:00Z", "acme/back#3 zhang：click /claim 1", "finding acme {", "show explain", "  line of nobody"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := bottest.ParsePlay("x.play", text)
		if err == nil && len(p.Steps) == 0 {
			t.Fatal("neither a play nor an error")
		}
	})
}

func TestParsePlayErrors(t *testing.T) {
	for text, want := range map[string]string{
		"": "x:1: the play is empty; write e.g. \"acme lihua: 网站打不开了\"",
		"at 2026-11-23T02:00:00+08:00\nwait 2h\nat 2026-11-23T03:00:00+08:00": "x:3: at 2026-11-23T03:00:00+08:00 lies in the past: the play stands at 2026-11-23T04:00:00+08:00; a play only goes forward",
		"wait soon\nwait -3m": "x:1: \"soon\" is no duration; write e.g. 90s, 12m, 20h or 15d\nx:2: \"-3m\" goes backwards; a play only goes forward",
		"down slack":          "x:1: down needs a platform and how long: down slack 10m",
		"at noon":             "x:1: at \"noon\" is no time; write it with its offset: at 2026-11-23T02:00:00+08:00",
		"  opened":            "x:1: a line of the bot stands before anything happened; begin with a verb such as at, wait, or CUSTOMER PERSON: words",
		"acme lihua:":         "x:1: lihua says nothing; write words behind the colon",
		"advise acme x {}":    "x:1: \"x\" is no case number: advise acme 1 {\"label\":\"incident\",\"urgent\":true,\"draft\":\"…\"}",
		"dance":               "x:1: \"dance\" is no line of a play; it is CUSTOMER[/back] PERSON: words, or one of at, wait, crash, down, redeliver, advise, finding, read, show",
	} {
		_, err := bottest.ParsePlay("x", text)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
