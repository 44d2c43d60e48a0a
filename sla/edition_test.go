package sla

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDefaultLadder(t *testing.T) {
	for _, c := range []struct {
		promise time.Duration
		want    []time.Duration
	}{
		{15 * time.Minute, []time.Duration{0, 5 * time.Minute, 8 * time.Minute, 12 * time.Minute, 15 * time.Minute}},
		{time.Hour, []time.Duration{0, 20 * time.Minute, 32 * time.Minute, 48 * time.Minute, time.Hour}},
		{4 * time.Hour, []time.Duration{0, 80 * time.Minute, 128 * time.Minute, 192 * time.Minute, 4 * time.Hour}},
	} {
		start := at("11-23 02:00")
		for i, s := range DefaultLadder {
			if got := s.At(start.Add(c.promise), c.promise).Sub(start); got != c.want[i] {
				t.Errorf("promise of %s, rung %d at %s, want %s", c.promise, i, got, c.want[i])
			}
		}
	}
}

// A promise that was shortened late has rungs in the past, none after its end.
func TestRungsHangFromTheDeadline(t *testing.T) {
	due := at("11-23 03:00") // raised at 02:50 from 1 h to 15 min: the old deadline stands
	var got []string
	for _, s := range DefaultLadder {
		got = append(got, s.At(due, 15*time.Minute).Format("15:04"))
	}
	if want := "02:45 02:50 02:53 02:57 03:00"; strings.Join(got, " ") != want {
		t.Errorf("rungs at %s, want %s", strings.Join(got, " "), want)
	}
}

func TestRungsRiseAndEndAtTheDeadline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := time.Duration(rapid.Int64Range(int64(time.Second), int64(1000*time.Hour)).Draw(t, "promise"))
		due := at("11-23 02:00").Add(p)
		last := due.Add(-p - 1)
		for i, s := range DefaultLadder {
			when := s.At(due, p)
			if !when.After(last) {
				t.Fatalf("rung %d at %s is not after %s", i, when, last)
			}
			last = when
		}
		if !last.Equal(due) {
			t.Fatalf("the last rung is at %s, the deadline %s", last, due)
		}
	})
}

func TestParseLadder(t *testing.T) {
	got, err := ParseLadder(" 0 primary, tam;1/3 primary;  8/15 backup; 4/5 manager; 1 manager ")
	if err != nil || !reflect.DeepEqual(got, DefaultLadder) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := ParseLadder("  "); got != nil || err != nil {
		t.Errorf("blank: %v, %v", got, err)
	}
	for _, c := range []struct{ in, want string }{
		{"0 primary; 6/5 manager; 1 manager", "rung 1: 6/5 lies after the deadline"},
		{"0 primary; 1/2 primary; 1/3 backup; 1 manager", "rung 2: 1/3 does not come after the rung before it"},
		{"0 primary; 1/2 boss; 1 manager", `rung 1: "boss" is no role; use primary, backup, manager or tam`},
		{"0 primary; 1/2; 1 manager", `rung 1: "" is no role`},
		{"0 primary,primary; 1 manager", "rung 0: primary stands there twice"},
		{"0 primary; half manager; 1 manager", `rung 1: "half" is no fraction`},
		{"0 primary; -1/2 manager; 1 manager", `rung 1: "-1/2" is no fraction`},
		{"0 primary; 1/0 manager", `rung 1: "1/0" is no fraction`},
		{"0 primary; 4/5 manager", "the last rung stands at 4/5; it must stand at 1"},
		{"0 primary; 1 manager;", `rung 2: "" is no fraction`},
	} {
		if _, err := ParseLadder(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.in, err, c.want)
		}
	}
}

// FuzzParseLadder: nothing panics, and whatever is read can be written and read
// again.
func FuzzParseLadder(f *testing.F) {
	for _, s := range []string{"", DefaultLadder.String(), "0 primary; 1 manager", "0/7 tam; 7/7 manager", "9999999999/1 tam", ";;", "1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLadder(s)
		if err != nil || l == nil {
			return
		}
		again, err := ParseLadder(l.String())
		if err != nil || !reflect.DeepEqual(l, again) {
			t.Fatalf("%q → %v → %q → %v, %v", s, l, l.String(), again, err)
		}
		for _, step := range l {
			due := time.Unix(0, 0)
			if when := step.At(due, time.Hour); when.After(due) || when.Before(due.Add(-time.Hour)) {
				t.Fatalf("%q: a rung at %s of the deadline", s, when.Sub(due))
			}
		}
	})
}

func TestLadderAsJSON(t *testing.T) {
	b, err := json.Marshal(Row{Matter: Policy, Ladder: DefaultLadder})
	if err != nil || !strings.Contains(string(b), DefaultLadder.String()) {
		t.Fatalf("%s, %v", b, err)
	}
	var r Row
	if err := json.Unmarshal(b, &r); err != nil || !reflect.DeepEqual(r.Ladder, DefaultLadder) {
		t.Errorf("%v, %v", r.Ladder, err)
	}
}

func TestEdition(t *testing.T) {
	e := Edition{ID: "escort", Name: map[string]string{"zh-CN": "护航版"}, Rows: []Row{{Matter: Policy, Respond: time.Hour}}}
	if r, ok := e.Row(Policy); !ok || r.Respond != time.Hour {
		t.Error("the row of a matter")
	}
	if _, ok := e.Row(Consultation); ok {
		t.Error("a row that is not there")
	}
	if e.Called("zh-CN") != "护航版" || e.Called("fr") != "escort" {
		t.Error("a name falls back to the id")
	}
}

func ExampleParseLadder() {
	l, err := ParseLadder("0 primary; 1/2 backup; 1 manager")
	fmt.Println(l, err)
	_, err = ParseLadder("0 primary; 3/2 backup; 1 manager")
	fmt.Println(err)
	// Output:
	// 0 primary; 1/2 backup; 1 manager <nil>
	// rung 1: 3/2 lies after the deadline; a rung stands between 0 and 1
}
