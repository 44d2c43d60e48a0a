package bottest

import (
	"cmp"
	"slices"
	"time"
)

// agenda is a set of names by time: the wakes of the desks, the ready times of
// the lanes. Names of the same time are in the order of the alphabet. It is a
// sorted slice: quick for the thousands of desks of a simulation.
type agenda struct {
	at   map[string]int64
	list []entry
}

type entry struct {
	ms   int64 // unix milliseconds
	name string
}

func (e entry) time() time.Time { return time.UnixMilli(e.ms).UTC() }

func byTime(a, b entry) int {
	return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.name, b.name))
}

// set gives a name its time, rounded up to the millisecond: never early.
func (a *agenda) set(name string, t time.Time) {
	ms := ceil(t).UnixMilli()
	if old, ok := a.at[name]; ok {
		if old == ms {
			return
		}
		a.remove(name)
	}
	if a.at == nil {
		a.at = map[string]int64{}
	}
	a.at[name] = ms
	i, _ := slices.BinarySearchFunc(a.list, entry{ms, name}, byTime)
	a.list = slices.Insert(a.list, i, entry{ms, name})
}

func (a *agenda) remove(name string) {
	ms, ok := a.at[name]
	if !ok {
		return
	}
	delete(a.at, name)
	i, _ := slices.BinarySearchFunc(a.list, entry{ms, name}, byTime)
	a.list = slices.Delete(a.list, i, i+1)
}

// when is a name's time; zero for none.
func (a *agenda) when(name string) time.Time {
	if ms, ok := a.at[name]; ok {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// until returns a copy of the entries up to and including now, at most max.
func (a *agenda) until(now time.Time, max int) []entry {
	n := min(a.past(now), max)
	if n <= 0 {
		return nil
	}
	return slices.Clone(a.list[:n])
}

// after is the earliest time later than now; zero for none.
func (a *agenda) after(now time.Time) time.Time {
	if i := a.past(now); i < len(a.list) {
		return a.list[i].time()
	}
	return time.Time{}
}

// first is the earliest time; zero for none.
func (a *agenda) first() time.Time {
	if len(a.list) == 0 {
		return time.Time{}
	}
	return a.list[0].time()
}

func (a *agenda) len() int { return len(a.list) }

// past counts the entries up to and including now.
func (a *agenda) past(now time.Time) int {
	i, _ := slices.BinarySearchFunc(a.list, entry{ms: now.UnixMilli() + 1}, byTime)
	return i
}

// ceil rounds up to the millisecond, the grain of a store's time.
func ceil(t time.Time) time.Time {
	if down := t.Truncate(time.Millisecond); down.Before(t) {
		return down.Add(time.Millisecond)
	}
	return t
}
