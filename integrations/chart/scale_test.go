package chart

import (
	"testing"

	"butler/bot/card"
)

func TestTheFindingsHaveWholeTicks(t *testing.T) {
	for _, test := range []struct {
		most int
		step float64
	}{{0, 1}, {1, 1}, {2, 1}, {3, 2}, {5, 3}, {7, 3}, {8, 4}, {10, 5}, {14, 6}, {19, 8}, {20, 10}, {100, 50}, {297, 200}, {3 * MaxCount, 200000}} {
		s := countScale([]card.ChartDay{{}, {Low: test.most}})
		if s.from != 0 || s.step != test.step {
			t.Errorf("%d findings: from %v in steps of %v, want steps of %v", test.most, s.from, s.step, test.step)
		}
		if float64(test.most) > share*s.to() {
			t.Errorf("%d findings reach into the line's part: the axis ends at %v", test.most, s.to())
		}
	}
}

func TestTheAvailabilityEndsAtAHundred(t *testing.T) {
	for _, test := range []struct {
		worst, from float64
		low         string
	}{{100, 98, "98.0%"}, {99.9, 98, "98.0%"}, {99.2, 98, "98.0%"}, {98, 96, "96%"}, {95.5, 92, "92%"}, {90, 80, "80%"}, {50, 0, "0%"}, {0, 0, "0%"}} {
		s, ok := upScale([]card.ChartDay{{Up: 100}, {Up: test.worst}, {Up: -1}})
		if !ok || s.from != test.from || s.to() != 100 {
			t.Errorf("worst %v: %v to %v (%v), want from %v to 100", test.worst, s.from, s.to(), ok, test.from)
		}
		if got := s.word(s.from); got != test.low {
			t.Errorf("worst %v: the lowest tick reads %s, want %s", test.worst, got, test.low)
		}
		if got := s.word(s.to()); got != "100%" {
			t.Errorf("worst %v: the highest tick reads %s", test.worst, got)
		}
	}
	if _, ok := upScale([]card.ChartDay{{Up: -1}, {Up: -0.5}}); ok {
		t.Error("nobody looked, and there is an axis for what was seen")
	}
}
