package card

import (
	"fmt"
	"time"

	"butler/bot/desk"
)

// chartOf is the picture of the last days; nil for fewer than two, which show
// nothing that the words do not.
func chartOf(days []desk.Day, lang string) *Chart {
	if len(days) < 2 {
		return nil
	}
	word := func(id string) string { return WordIn(lang, "chart", id) }
	c := &Chart{Title: fmt.Sprintf(word("title"), len(days)), High: word("high"), Medium: word("medium"), Low: word("low"), Up: word("up")}
	tries, good := 0, 0
	for _, d := range days {
		day := ChartDay{Label: d.Date, High: d.High, Medium: d.Medium, Low: d.Low, Up: -1}
		if at, err := time.Parse(time.DateOnly, d.Date); err == nil {
			day.Label = at.Format("01-02")
		}
		if d.Tries > 0 {
			day.Up = 100 * float64(d.Good) / float64(d.Tries)
		}
		tries, good = tries+d.Tries, good+d.Good
		c.Days = append(c.Days, day)
	}
	sum := func(d desk.Day) int { return d.High + d.Medium + d.Low }
	c.Alt = fmt.Sprintf(word("alt"), len(days), sum(days[0]), sum(days[len(days)-1]))
	if tries > 0 {
		c.Alt += fmt.Sprintf(word("alt-up"), percent(good, tries))
	}
	return c
}

// percent never rounds up to a hundred: one visit that failed is seen.
func percent(good, tries int) string {
	if good == tries {
		return "100%"
	}
	return fmt.Sprintf("%d.%d%%", 100*good/tries, 1000*good/tries%10)
}
