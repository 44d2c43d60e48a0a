package util

import (
	"math/rand"
	"time"
)

type clock struct{ Now func() int }

func Bad(now func() time.Time) int {
	now = time.Now
	<-time.After(1)
	n := rand.Intn(6) + rand.New(rand.NewSource(1)).Intn(6)
	time := clock{Now: func() int { return 1 }}
	return n + time.Now() + now().Day()
}

// worse than the others
type Worse struct{} // TODO: tell the manager too

var Limit = 3

// Good is explained.
type Good struct{} // TODO: shown.play shows what is missing

func (Good) Run() {}

// String needs no word.
func (Good) String() string { return "good" }

const (
	Small = 1 // FIXME: none.play shows nothing
)
