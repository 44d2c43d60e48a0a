// Package chart draws the small picture of the daily summary: how many findings
// stood open on each of the last days, by severity, and how many visits to the
// assets were answered.
//
// The picture is made for a phone: three times as large as a chat shows it there,
// so its letters are sharp and about as large as those of the message. Its font is
// in the binary (font/, a part of Noto Sans SC); nothing has to be installed.
package chart

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-analyze/charts"

	"butler/bot/card"
)

// Width and Height are the size of a picture in pixels: three times the 360 × 180
// at which a chat on a phone shows it.
const (
	Width  = 1080
	Height = 540
)

// MaxDays and MaxCount are the most that is drawn. Below 40 pixels a day, which 18
// days still have, the library moves the points of a line away from their bars;
// numbers of more digits leave no room for the bars.
const (
	MaxDays  = 18
	MaxCount = 99999 // findings of one severity on one day
)

// Draw makes a PNG of Width × Height, the same bytes for the same chart. The bars
// stand on each other, the worst at the bottom, where heights compare best. The
// line has an axis of its own, on the right; where nobody visited it has a gap. A
// day on which nobody looked at all is a pale column, which is no zero. Words that
// are too long for their place are cut, and characters that the font does not have
// are left out. It may be called from many
// goroutines.
//
// Errors: a chart with no day or with more than MaxDays, and numbers that cannot
// be; all at once.
func Draw(c card.Chart) (picture []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // a picture is never worth a process
			picture, err = nil, fmt.Errorf("chart: the library gave up: %v", p)
		}
	}()
	if err := errors.Join(wrong(c)...); err != nil {
		return nil, err
	}
	if err := install(); err != nil {
		return nil, fmt.Errorf("chart: the font: %w", err)
	}
	canvas, err := charts.Render(plot(c))
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	head(canvas, c)
	if picture, err = canvas.Bytes(); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return picture, nil
}

// wrong lists what no picture can be made of.
func wrong(c card.Chart) []error {
	if len(c.Days) == 0 || len(c.Days) > MaxDays {
		return []error{fmt.Errorf("chart: %d days; 1 to %d can be drawn", len(c.Days), MaxDays)}
	}
	var all []error
	for i, d := range c.Days {
		if d.Hole { // its numbers are not looked at
			continue
		}
		for _, n := range []int{d.High, d.Medium, d.Low} {
			if n < 0 || n > MaxCount {
				all = append(all, fmt.Errorf("chart: day %d (%q): %d findings; 0 to %d can be drawn", i+1, d.Label, n, MaxCount))
			}
		}
		if math.IsNaN(d.Up) || d.Up > 100 {
			all = append(all, fmt.Errorf("chart: day %d (%q): %v percent; 0 to 100 can be drawn, and less than 0 means that nobody looked", i+1, d.Label, d.Up))
		}
	}
	return all
}
