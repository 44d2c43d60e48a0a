package desk_test

import (
	"fmt"
	"testing"
	"time"

	"butler/bot/desk"
)

// withCases is a desk with n open incidents.
func withCases(tb testing.TB, n int) (desk.Desk, time.Time) {
	d, now := sample(tb, "acme"), start
	urgent := true
	for i := range n {
		now = now.Add(time.Minute)
		d = desk.Decide(d, desk.Input{ID: fmt.Sprint("r", i), At: now, Actor: lihua, Room: desk.Front, Ref: fmt.Sprint("m", i),
			Act: desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: fmt.Sprintf("数据库主机 10.0.0.%d 出现勒索提示，所有文件都打不开了", i)}}, now).Next
	}
	return d, now
}

// BenchmarkDecide measures a decision on an ordinary desk, five open cases: a
// claim, and the rung of a ladder.
func BenchmarkDecide(b *testing.B) {
	d, now := withCases(b, 5)
	b.Run("claim", func(b *testing.B) {
		in := desk.Input{ID: "c", At: now, Actor: zhang, Room: desk.Back, Act: desk.Claim{Case: 3}}
		b.ReportAllocs()
		for b.Loop() {
			desk.Decide(d, in, now)
		}
	})
	b.Run("addition", func(b *testing.B) {
		in := desk.Input{ID: "c", At: now, Actor: lihua, Room: desk.Front, Thread: 2, Act: desk.Said{Text: "又有一台机器中招了"}}
		b.ReportAllocs()
		for b.Loop() {
			desk.Decide(d, in, now)
		}
	})
	b.Run("rung", func(b *testing.B) {
		at := d.Wake()
		in := desk.Input{At: at, Actor: system, Act: desk.Woke{}}
		b.ReportAllocs()
		for b.Loop() {
			desk.Decide(d, in, at)
		}
	})
}

// TestSizes keeps the stored form small: what is written at every change of a desk
// with one open case. A desk with all its cases may take 256 KiB.
func TestSizes(t *testing.T) {
	d, _ := withCases(t, 1)
	for what, stored := range map[string][]byte{"the head": d.EncodeHead(), "a case": d.Cases[0].Encode()} {
		if most := 1 << 10; len(stored) > most {
			t.Errorf("%s takes %d bytes, more than %d:\n%s", what, len(stored), most, stored)
		}
	}
}
