package main

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ladder is the play of the design: nobody hears the first ping.
const ladder = `// Nobody hears the first ping; the ladder climbs until somebody answers.
at 2026-11-23T02:00:00+08:00
acme lihua: 数据库主机出现勒索提示
wait 12m
// Now somebody does.
acme zhang: /claim 1 我是张工，正在排查
wait 20h
`

func TestAPlayPassesOnceItIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := write(t, dir, "ladder.play", ladder)

	// As it is it says nothing of the bot: that is a difference.
	r := call(t, dir, "play", "ladder.play")
	r.wants(t, 1)
	says(t, "stdout", r.stdout, "ladder.play:3", "opened #1")
	if read(t, path) != ladder {
		t.Error("a play is rewritten without -update")
	}

	r = call(t, dir, "play", "-update", "ladder.play")
	r.wants(t, 0)
	written := read(t, path)
	for _, l := range lines(ladder) {
		if !slices.Contains(lines(written), l) {
			t.Errorf("-update lost the line %q", l)
		}
	}
	told := botLines(written)
	for _, want := range [][]string{
		{"11-23 02:00", "acme", "front", "opened #1"},
		{"11-23 02:00", "acme", "@zhang", "ping #1"},
		{"11-23 02:05", "acme", "@zhang", "ping #1"},
		{"11-23 02:08", "acme", "@wang", "ping #1"},
		{"11-23 02:12", "acme", "chen", "ping #1"},
		{"11-23 02:12", "acme", "front", "responded #1"},
	} {
		if !slices.ContainsFunc(told, func(l string) bool { return holds(l, want...) }) {
			t.Errorf("no line tells %q:\n%s", want, written)
		}
	}
	if after := slices.IndexFunc(told, func(l string) bool { return holds(l, "responded #1") }); slices.ContainsFunc(told[after:], func(l string) bool { return holds(l, " ping #1") }) {
		t.Errorf("somebody was asked after the answer:\n%s", written)
	}

	r = call(t, dir, "play", "ladder.play")
	r.wants(t, 0)
	silent(t, "stdout", r.stdout)
	silent(t, "stderr", r.stderr)

	// Written again nothing changes.
	call(t, dir, "play", "-update", "ladder.play").wants(t, 0)
	if read(t, path) != written {
		t.Error("-update is not stable")
	}
}

func TestADifferenceExitsOneAndShowsTheLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := write(t, dir, "ladder.play", ladder)
	call(t, dir, "play", "-update", "ladder.play").wants(t, 0)
	good := read(t, path)
	bad := strings.Replace(good, "@wang", "@li", 1)
	if bad == good {
		t.Fatalf("nobody asks wang:\n%s", good)
	}
	write(t, dir, "ladder.play", bad)
	write(t, dir, "same.play", good)

	r := call(t, dir, "play", "same.play", "ladder.play")
	r.wants(t, 1)
	says(t, "stdout", r.stdout, "ladder.play:", "@li", "@wang")
	if strings.Contains(r.stdout, "same.play") {
		t.Errorf("the play that passes is told too:\n%s", r.stdout)
	}
	if read(t, path) != bad {
		t.Error("a play is rewritten without -update")
	}
}

// toldFields are those of design §16; rung is absent where there is none.
var toldFields = []string{"at", "case", "customer", "edit", "notice", "person", "room", "text"}

func TestJSONHasTheFieldsOfTheContract(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "ladder.play", ladder)
	r := call(t, dir, "play", "-json", "ladder.play")
	r.wants(t, 0) // nothing is compared
	silent(t, "stderr", r.stderr)
	rungs := map[int]bool{}
	for _, l := range lines(r.stdout) {
		o := object(t, l)
		fields := slices.Sorted(maps.Keys(o))
		if _, ok := o["rung"]; ok {
			fields = slices.DeleteFunc(fields, func(f string) bool { return f == "rung" })
		}
		if !slices.Equal(fields, toldFields) {
			t.Errorf("the fields are %q, want %q and perhaps rung: %s", fields, toldFields, l)
			continue
		}
		var told struct {
			At                                   string
			Customer, Room, Person, Notice, Text string
			Case                                 int
			Rung                                 *int
			Edit                                 bool
		}
		if err := json.Unmarshal([]byte(l), &told); err != nil {
			t.Errorf("%v: %s", err, l)
			continue
		}
		if _, err := time.Parse(time.RFC3339, told.At); err != nil {
			t.Errorf("at: %v", err)
		}
		offset := map[string]string{"acme": "+08:00", "nova": "+08:00", "globex": "Z"}[told.Customer]
		if offset == "" || !strings.HasSuffix(told.At, offset) {
			t.Errorf("at %s is not in the zone of %s", told.At, told.Customer)
		}
		if !slices.Contains([]string{"front", "back", "direct"}, told.Room) {
			t.Errorf("room %q", told.Room)
		}
		if told.Text == "" || told.Notice == "" {
			t.Errorf("without words: %s", l)
		}
		if told.Notice == "ping" {
			if told.Rung == nil || told.Case != 1 {
				t.Errorf("a ping without its rung and case: %s", l)
				continue
			}
			rungs[*told.Rung] = true
		}
	}
	// At 0, 5, 8 and 12 minutes.
	if got := slices.Sorted(maps.Keys(rungs)); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("the rungs %v were told, want 0 to 3:\n%s", got, r.stdout)
	}
}

func TestShowPrintsObjects(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "show.play", ladder+"show desk\nshow timers\nshow timeline 1\nshow explain 1\n")
	r := call(t, dir, "play", "-json", "show.play")
	r.wants(t, 0)
	var shown []string
	for _, l := range lines(r.stdout) {
		o := object(t, l)
		if _, ok := o["notice"]; ok {
			continue
		}
		what, _ := o["show"].(string)
		shown = append(shown, what)
	}
	if want := []string{"desk", "timers", "timeline", "explain"}; !slices.Equal(shown, want) {
		t.Errorf("shown are %q, want %q", shown, want)
	}
}

func TestAPlayThatCannotBeReadNamesTheLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "bad.play", "at 2026-11-23T02:00:00+08:00\nacme lihua: 网站打不开了\nwait soon\nfly away\nat 2026-11-22T02:00:00+08:00\n")
	for _, args := range [][]string{{"play", "bad.play"}, {"play", "-json", "bad.play"}, {"play", "-update", "bad.play"}} {
		r := call(t, dir, args...)
		r.wants(t, 1)
		silent(t, "stdout", r.stdout)
		says(t, "stderr", r.stderr, "bad.play:3:", "bad.play:4:", "bad.play:5:")
	}
	r := call(t, dir, "play", "nowhere.play")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "nowhere.play")

	// A step that reads well and cannot be played names its line too.
	write(t, dir, "nobody.play", "acme lihua: 网站打不开了\nnorthwind bob: 在吗\n")
	r = call(t, dir, "play", "nobody.play")
	r.wants(t, 1)
	says(t, "stderr", r.stderr, "nobody.play:2:", "northwind")
}

// A play rehearses the operator's own config: without secrets, network or a
// secret's environment.
func TestAPlayNeedsNoSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "butler.yaml", read(t, filepath.Join("..", "..", "config", "butler.example.yaml")))
	write(t, dir, "example.play", "at 2026-11-23T02:00:00+08:00\nacme lihua: 数据库主机出现勒索提示\n")
	call(t, dir, "play", "-c", "butler.yaml", "-update", "example.play").wants(t, 0)
	call(t, dir, "play", "-c", "butler.yaml", "example.play").wants(t, 0)
	says(t, "the play", read(t, filepath.Join(dir, "example.play")), "acme front", "opened #1", "ping #1")

	r := call(t, dir, "check", "-c", "butler.yaml")
	r.wants(t, 1)
	says(t, "check, for which they are mistakes,", r.stderr, "${SLACK_APP_TOKEN}")
}

// holds reports whether a line has all of some words.
func holds(line string, words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) })
}

// botLines are the lines of a play that the bot speaks.
func botLines(play string) []string {
	return slices.DeleteFunc(lines(play), func(l string) bool { return !strings.HasPrefix(l, " ") })
}

func object(t *testing.T, line string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(line), &o); err != nil {
		t.Fatalf("no JSON object: %v: %s", err, line)
	}
	return o
}
