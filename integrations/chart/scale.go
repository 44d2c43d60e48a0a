package chart

import (
	"strconv"

	"butler/bot/card"
)

// steps is how many parts both axes have, so that they share the lines across.
const steps = 4

// share is how much of its height each of the two needs: bars the lower part, the
// line the upper, so that they meet only in bad times.
const share = 0.62

// scale is an axis: where it begins and how far apart its ticks are.
type scale struct {
	from, step float64
	unit       string // behind each number
}

func (s scale) to() float64 { return s.from + steps*s.step }

// word writes the number of a tick, with as many digits as the ticks need.
func (s scale) word(v float64) string {
	digits := 0
	if s.step < 1 {
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if v == 100 && s.unit != "" {
		text = "100"
	}
	return text + s.unit
}

// countScale is the axis of the findings: from 0, in whole numbers.
func countScale(days []card.ChartDay) scale {
	most := 0
	for _, d := range days {
		if d.Hole {
			continue
		}
		most = max(most, d.High+d.Medium+d.Low)
	}
	for decade := 1; ; decade *= 10 {
		for _, n := range []int{1, 2, 3, 4, 5, 6, 8} {
			if share*steps*float64(n*decade) >= float64(most) {
				return scale{step: float64(n * decade)}
			}
		}
	}
}

// upScale is the axis of the availability: to 100, from as near as shows the worst
// day well, and never nearer than 98, where noise would look like trouble. It is
// not ok when nobody looked on any day.
func upScale(days []card.ChartDay) (s scale, ok bool) {
	worst := 100.0
	for _, d := range days {
		if d.Up >= 0 && !d.Hole {
			worst, ok = min(worst, d.Up), true
		}
	}
	s = scale{unit: "%"}
	for _, s.step = range []float64{0.5, 1, 2, 5, 10, 20, 25} {
		if share*steps*s.step >= 100-worst {
			break
		}
	}
	s.from = 100 - steps*s.step
	return s, ok
}
