package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// The commit of the benchmarks: what one message to a working desk writes. A
// case of 1 KB, a record of half a KB, one letter or two, a wake, a seen-mark.
func benchCommit(customer string, version int, now time.Time) bot.Commit {
	d := desk.Desk{Schema: desk.Schema, Customer: customer, At: now, NextCase: 1, Edition: "enterprise", Inspection: desk.InspectionState{Next: now.Add(time.Hour)}}
	c := desk.Case{
		N: 1 + version%3, Kind: desk.Incident, Urgent: true, Status: desk.Open, Opened: now, Touched: now, Adds: version,
		Title: "数据库主机出现勒索提示", Reporter: desk.Who{ID: "U77", Name: "李华"}, Assets: []string{"db01.example.com", "10.0.0.7"},
		Last: desk.Words{By: "李华", Text: strings.Repeat("又来了。", 20), At: now}, Summary: strings.Repeat("已隔离主机。", 15),
	}
	d.Cases = []desk.Case{c}
	op := fmt.Sprintf("slack:C0FRONT:%s:%d", customer, version)
	letters := []bot.Letter{{Customer: customer, Lane: customer + "/front", ID: op + "/front", Body: []byte(strings.Repeat("{通知}", 60))}}
	if version%2 == 0 {
		letters = append(letters, bot.Letter{Customer: customer, Lane: customer + "/back", ID: op + "/back", Urgent: true, Body: []byte(strings.Repeat("{通知}", 60))})
	}
	return bot.Commit{
		Customer: customer, Version: version, Op: op + "/1", Seen: op, Desk: d, Touched: []int{c.N}, Wake: now.Add(time.Hour), Letters: letters,
		Record: desk.Record{Op: op, At: now, Act: "said", Prev: strings.Repeat("h", 43), Events: []desk.Event{{At: now, Kind: "added", Case: 1, By: "李华", Text: strings.Repeat("又来了。", 25)}}},
	}
}

// measured is what a number of writers reached in a while.
type measured struct {
	rate     float64 // a second
	p50, p99 time.Duration
}

func measure(took []time.Duration, whole time.Duration) measured {
	slices.Sort(took)
	return measured{float64(len(took)) / whole.Seconds(), took[len(took)/2], took[len(took)*99/100]}
}

// commits lets writers commit for a while, each to a customer of its own.
func commits(b *testing.B, s *Store, writers int, prefix string, while time.Duration) measured {
	took := make([][]time.Duration, writers)
	begun := time.Now()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for v := 0; time.Since(begun) < while; v++ {
				c := benchCommit(fmt.Sprintf("%s-%d", prefix, i), v, time.Now().UTC())
				at := time.Now()
				if err := s.Commit(context.Background(), c); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(at))
			}
		})
	}
	wg.Wait()
	return measure(slices.Concat(took...), time.Since(begun))
}

// syncs appends and fdatasyncs the same number of bytes as a commit's texts, one
// after the other: what the disk does when nobody shares.
func syncs(b *testing.B, dir string, while time.Duration) measured {
	f, err := os.Create(filepath.Join(dir, "fdatasync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	body := make([]byte, 4096)
	var took []time.Duration
	begun := time.Now()
	for time.Since(begun) < while {
		at := time.Now()
		if _, err := f.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	return measure(took, time.Since(begun))
}

// BenchmarkCommit measures durable commits a second, alone and with 64 writers,
// against an fdatasync loop of the same run. Targets: 64 writers reach at least
// twice the rate of one, and 1.2 times that of the loop.
func BenchmarkCommit(b *testing.B) {
	const while = time.Second
	var disk, one, many []measured
	for round := 0; b.Loop(); round++ {
		dir := b.TempDir()
		s := mustOpen(b, filepath.Join(dir, "butler.db"), Options{})
		commits(b, s, 8, "warm", while/4)
		disk = append(disk, syncs(b, dir, while/2))
		one = append(one, commits(b, s, 1, "one", while))
		many = append(many, commits(b, s, 64, "many", while))
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	d, o, m := middle(disk), middle(one), middle(many)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(d.rate, "fdatasync/s")
	b.ReportMetric(o.rate, "alone/s")
	b.ReportMetric(m.rate, "with64/s")
	b.ReportMetric(m.rate/o.rate, "with64/alone")
	b.ReportMetric(m.rate/d.rate, "with64/fdatasync")
	b.ReportMetric(float64(o.p99.Microseconds())/1000, "alone-p99-ms")
	b.ReportMetric(float64(m.p50.Microseconds())/1000, "with64-p50-ms")
	b.ReportMetric(float64(m.p99.Microseconds())/1000, "with64-p99-ms")
}

// middle is the median by rate.
func middle(m []measured) measured {
	slices.SortFunc(m, func(a, b measured) int { return int(a.rate - b.rate) })
	return m[len(m)/2]
}
