//go:build linux

package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

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

// BenchmarkOpen measures a start on a large file: 1,000,000 customers with a
// wake, 100,000 of them with a desk at work (a head and a case of 1 KB each, five
// records), from Open to the first hundred due.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "butler.db")
	if err := mustOpen(b, path, Options{}).Close(); err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC()
	c := benchCommit("customer", 0, now)
	head, body, record := c.Desk.EncodeHead(), c.Desk.Cases[0].Encode(), c.Record.Encode()
	const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) "
	for _, q := range []string{
		fmt.Sprintf(numbers+`INSERT INTO desk SELECT 'customer-' || i, 5, %d + i*86400, CASE WHEN i <= 100000 THEN '%s' ELSE '{"schema":1}' END FROM n`, 1_000_000, now.Add(-time.Hour).UnixMilli(), head),
		fmt.Sprintf(numbers+`INSERT INTO "case" SELECT 'customer-' || i, 1, '%s' FROM n`, 100_000, body),
		fmt.Sprintf(numbers+`INSERT INTO journal SELECT 'customer-' || (1 + i/5), i%%5, i, '%s' FROM n`, 500_000, record),
	} {
		sqlOn(b, path, q)
	}
	var open, due []time.Duration
	for b.Loop() {
		at := time.Now()
		s, err := Open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		d, err := s.Due(b.Context(), 100)
		if err != nil || len(d.Wakes) < 40 || d.Next.IsZero() {
			b.Fatalf("%d due, next %v, %v", len(d.Wakes), d.Next, err)
		}
		due = append(due, time.Since(opened))
		open = append(open, opened.Sub(at))
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	info, _ := os.Stat(path)
	slices.Sort(open)
	slices.Sort(due)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(info.Size()>>20), "file-MB")
	b.ReportMetric(float64(open[len(open)/2].Microseconds())/1000, "open-ms")
	b.ReportMetric(float64(due[len(due)/2].Microseconds())/1000, "first-due-ms")
	b.ReportMetric(float64(open[len(open)-1].Microseconds())/1000, "open-max-ms")
}

// BenchmarkLoad measures the read before each decision: a desk with three cases.
func BenchmarkLoad(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "butler.db"), Options{})
	commitN(b, s, "acme", 0, 6)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if l, err := s.Load(context.Background(), "acme"); err != nil || len(l.Desk.Cases) != 3 {
				b.Errorf("%d cases, %v", len(l.Desk.Cases), err)
				return
			}
		}
	})
}
