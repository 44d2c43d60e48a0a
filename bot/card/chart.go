package card

import (
	"fmt"
	"slices"
	"time"

	"butler/bot/desk"
)

// maxChart bounds the days of a picture: the fortnight that the summary shows.
const maxChart = 14

// chartOf is the picture of the last days; nil for fewer than two that were looked
// at, which show nothing that the words do not.
func chartOf(days []desk.Day, lang string) *Chart {
	all := calendar(days)
	days = slices.DeleteFunc(slices.Clone(days), blind)
	if days = days[len(days)-looked(all):]; len(days) < 2 {
		return nil
	}
	word := func(id string) string { return WordIn(lang, "chart", id) }
	c := &Chart{High: word("high"), Medium: word("medium"), Low: word("low"), Up: word("up"), Days: all}
	sum := func(d desk.Day) int { return d.High + d.Medium + d.Low }
	c.Alt = fmt.Sprintf(word("alt"), len(all), sum(days[0]), sum(days[len(days)-1]))
	tries, good := 0, 0
	for _, d := range days {
		tries, good = tries+d.Tries, good+d.Good
	}
	title := "title-findings"
	if tries > 0 {
		title = "title"
		c.Alt += fmt.Sprintf(word("alt-up"), percent(good, tries))
	}
	c.Title = fmt.Sprintf(word(title), len(all))
	if holes := len(all) - len(days); holes > 0 {
		c.Alt += fmt.Sprintf(word("alt-holes"), holes)
	}
	return c
}

// calendar are the days of a chart, the last of them and no more than maxChart. A
// day that says nothing is a hole, as is a date between them that nobody wrote down.
func calendar(days []desk.Day) []ChartDay {
	var all []ChartDay
	var last time.Time
	for _, d := range days {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err == nil && !last.IsZero() {
			for range min(maxChart, int(at.Sub(last).Hours()/24)-1) {
				last = last.AddDate(0, 0, 1)
				all = append(all, ChartDay{Label: last.Format("01-02"), Up: -1, Hole: true})
			}
		}
		day := ChartDay{Label: d.Date, High: d.High, Medium: d.Medium, Low: d.Low, Up: -1, Hole: blind(d)}
		if err == nil {
			day.Label, last = at.Format("01-02"), at
		}
		if d.Tries > 0 {
			day.Up = 100 * float64(d.Good) / float64(d.Tries)
		}
		all = append(all, day)
	}
	all = all[max(0, len(all)-maxChart):]
	for len(all) > 0 && all[0].Hole { // it begins where somebody looked
		all = all[1:]
	}
	return all
}

// blind reports whether a day says nothing: nobody looked, and nothing was open
// from before.
func blind(d desk.Day) bool { return d.Blind && d.Tries == 0 && d.High+d.Medium+d.Low == 0 }

// looked is how many days are no holes.
func looked(all []ChartDay) (n int) {
	for _, d := range all {
		if !d.Hole {
			n++
		}
	}
	return n
}

// percent never rounds up to a hundred: one visit that failed is seen.
func percent(good, tries int) string {
	if good == tries {
		return "100%"
	}
	return fmt.Sprintf("%d.%d%%", 100*good/tries, 1000*good/tries%10)
}
