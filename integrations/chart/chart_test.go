package chart

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/go-analyze/charts"

	"butler/bot/card"
)

var update = flag.Bool("update", false, "rewrite the golden pictures; look at each of them")

// none is a day on which nobody looked.
const none = -1

// days are the last days up to 23 November, oldest first.
func days(all ...card.ChartDay) []card.ChartDay {
	for i := range all {
		d := 23 - len(all) + 1 + i
		if m := 11; d < 1 {
			m, d = m-1, d+31
			all[i].Label = fmt.Sprintf("%02d-%02d", m, d)
		} else {
			all[i].Label = fmt.Sprintf("11-%02d", d)
		}
	}
	return all
}

func day(high, medium, low int, up float64) card.ChartDay {
	return card.ChartDay{High: high, Medium: medium, Low: low, Up: up}
}

// same is a number of equal days.
func same(n int, d card.ChartDay) []card.ChartDay {
	all := make([]card.ChartDay, n)
	for i := range all {
		all[i] = d
	}
	return days(all...)
}

func chinese(all []card.ChartDay) card.Chart { return worded("zh-CN", all) }
func english(all []card.ChartDay) card.Chart { return worded("en", all) }

// worded is a chart in the words of the cards.
func worded(lang string, all []card.ChartDay) card.Chart {
	word := func(id string) string { return card.WordIn(lang, "chart", id) }
	return card.Chart{Title: fmt.Sprintf(word("title"), len(all)), High: word("high"), Medium: word("medium"), Low: word("low"), Up: word("up"), Days: all}
}

// usual is a fortnight as it may be: one bad day, one that was mended.
func usual() []card.ChartDay {
	return days(day(0, 1, 2, 100), day(0, 1, 2, 100), day(0, 2, 2, 100), day(0, 2, 3, 99.8), day(1, 2, 3, 99.2), day(1, 2, 3, 100), day(1, 2, 2, 100),
		day(0, 2, 2, 100), day(0, 2, 2, 100), day(0, 1, 2, 100), day(0, 1, 1, 99.9), day(0, 1, 1, 100), day(0, 1, 1, 100), day(1, 1, 1, 100))
}

// holes is a fortnight in which nobody visited on some days: alone, in a row, and
// around one that stands alone; on the last day, too. On two of them nobody looked
// at all.
func holes() []card.ChartDay {
	all := usual()
	for _, i := range []int{0, 5, 6, 7, 9, 13} {
		all[i].Up = none
	}
	for _, i := range []int{5, 6} {
		all[i].Hole = true
	}
	return all
}

var samples = []struct {
	name  string
	chart card.Chart
}{
	{"fortnight.zh-CN", chinese(usual())},
	{"fortnight.en", english(usual())},
	{"holes", chinese(holes())},
	{"holes.en", english(holes())},
	{"quiet", chinese(same(14, day(0, 0, 0, 100)))},
	{"unseen", english(same(14, day(0, 1, 0, none)))},
	{"one", chinese(days(day(1, 2, 1, 97.5)))},
	{"bad", chinese(days(day(3, 8, 21, 100), day(3, 8, 21, 96), day(9, 12, 22, 61.5), day(14, 15, 25, 0), day(14, 15, 25, 0), day(12, 15, 25, 42), day(9, 13, 25, 88),
		day(8, 12, 22, 97), day(5, 9, 20, 100), day(2, 6, 18, 100), day(1, 3, 12, 100), day(1, 3, 12, 100), day(0, 2, 8, 100), day(0, 1, 8, 100)))},
	{"most", card.Chart{Title: strings.Repeat("一个特别长的标题，", 9), High: strings.Repeat("高危", 20), Medium: "medium\nand more of it", Low: "低危", Up: "availability of the assets",
		Days: same(MaxDays, day(MaxCount, MaxCount, MaxCount, 33.3333))}},
}

func TestPicturesLookAsTheyDid(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			got, err := Draw(s.chart)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 100<<10 {
				t.Errorf("the picture has %d bytes; a chat should not wait for more than 100 KB", len(got))
			}
			golden := filepath.Join("testdata", s.name+".png")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			// Other machines round some edges of letters another way: that is far below
			// one level of 255 on average; a bar that is a pixel higher is not.
			if far := distance(t, got, want); far > 0.05 {
				t.Errorf("the picture differs from %s by %.3f levels of 255 on average; -update, and look at it", golden, far)
			}
		})
	}
}

// distance is the mean difference of two pictures, in levels of 255 and over all
// colours; pictures of unlike size are as far from each other as can be.
func distance(t *testing.T, a, b []byte) float64 {
	t.Helper()
	x, y := decode(t, a), decode(t, b)
	if x.Bounds() != y.Bounds() {
		return 255
	}
	sum := 0
	for i := range x.Pix {
		sum += max(int(x.Pix[i]), int(y.Pix[i])) - min(int(x.Pix[i]), int(y.Pix[i]))
	}
	return float64(sum) / float64(len(x.Pix)*3/4) // of four bytes one says how opaque
}

func decode(t *testing.T, b []byte) *image.RGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds().Dx() != Width || img.Bounds().Dy() != Height {
		t.Fatalf("the picture is %v, not %d × %d", img.Bounds(), Width, Height)
	}
	pixels := image.NewRGBA(img.Bounds())
	draw.Draw(pixels, img.Bounds(), img, image.Point{}, draw.Src)
	return pixels
}

// The tolerance must not swallow a finding more, or one day of availability less.
func TestTheToleranceSeesOneFinding(t *testing.T) {
	base, err := Draw(chinese(usual()))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*card.ChartDay){
		"a finding more":       func(d *card.ChartDay) { d.Low++ },
		"another severity":     func(d *card.ChartDay) { d.High, d.Low = d.High+1, d.Low-1 },
		"a day nobody visited": func(d *card.ChartDay) { d.Up = none },
		"a day nobody looked":  func(d *card.ChartDay) { *d = card.ChartDay{Label: d.Label, Up: none, Hole: true} },
		"99.8 percent":         func(d *card.ChartDay) { d.Up = 99.8 },
	} {
		c := chinese(usual())
		change(&c.Days[8])
		got, err := Draw(c)
		if err != nil {
			t.Fatal(err)
		}
		if far := distance(t, base, got); far <= 0.05 {
			t.Errorf("%s: the picture differs by %.3f only, which the goldens do not see", name, far)
		}
	}
}

// Our own words have room: none of them is cut, and so the picture is another one
// when a word is longer.
func TestNoWordOfOursIsCut(t *testing.T) {
	for _, lang := range card.Languages {
		whole, err := Draw(worded(lang, usual()))
		if err != nil {
			t.Fatal(err)
		}
		for name, longer := range map[string]func(*card.Chart){
			"title": func(c *card.Chart) { c.Title += "A" }, "high": func(c *card.Chart) { c.High += "A" }, "medium": func(c *card.Chart) { c.Medium += "A" },
			"low": func(c *card.Chart) { c.Low += "A" }, "up": func(c *card.Chart) { c.Up += "A" },
		} {
			a, b := worded(lang, usual()), worded(lang, usual())
			longer(&a)
			longer(&b)
			longer(&b)
			one, err1 := Draw(a)
			two, err2 := Draw(b)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if bytes.Equal(one, two) || bytes.Equal(whole, one) {
				t.Errorf("%s: there is no room for the word of %s", lang, name)
			}
		}
	}
}

// No visit is not the same as no answer: nothing is drawn at 0 percent.
func TestADayNobodyLookedIsAGap(t *testing.T) {
	blueAt := func(c card.Chart) (n int) {
		b, err := Draw(c)
		if err != nil {
			t.Fatal(err)
		}
		img := decode(t, b)
		for y := plotTop; y < Height; y++ {
			for x := range Width {
				if at := img.RGBAAt(x, y); at.R == blue.R && at.G == blue.G && at.B == blue.B {
					n++
				}
			}
		}
		return n
	}
	if n := blueAt(chinese(same(14, day(0, 0, 0, none)))); n != 0 {
		t.Errorf("nobody looked on any day, and %d points of the line are drawn", n)
	}
	all, some := blueAt(chinese(same(14, day(0, 0, 0, 100)))), same(14, day(0, 0, 0, 100))
	some[6].Up = none
	if n := blueAt(chinese(some)); n == 0 || n > all*13/14 {
		t.Errorf("a day nobody looked leaves %d points of %d of the line; two of its parts should be missing", n, all)
	}
}

func BenchmarkDraw(b *testing.B) {
	for b.Loop() {
		if _, err := Draw(samples[0].chart); err != nil {
			b.Fatal(err)
		}
	}
}

func TestDrawIsTheSameEveryTimeAndFromManySides(t *testing.T) {
	want, err := Draw(samples[0].chart)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for _, s := range samples[i%2 : i%2+1] {
				got, err := Draw(s.chart)
				if err != nil || i%2 == 0 && !bytes.Equal(got, want) {
					t.Errorf("drawn beside others it is another picture (%v)", err)
				}
			}
		})
	}
	all.Wait()
}

func TestWhatCannotBeDrawnSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name string
		days []card.ChartDay
		want []string
	}{
		{"no day", nil, []string{"0 days; 1 to 18"}},
		{"too many days", make([]card.ChartDay, MaxDays+1), []string{"19 days; 1 to 18"}},
		{"numbers that cannot be", days(day(-1, 0, 0, 100), day(0, MaxCount+1, 0, 100), day(0, 0, 0, 100.5), day(0, 0, 0, math.NaN()), day(0, 0, math.MaxInt, math.Inf(1))),
			[]string{`day 1 ("11-19"): -1 findings`, `day 2 ("11-20"): 100000 findings; 0 to 99999`, `day 3 ("11-21"): 100.5 percent`, `day 4 ("11-22"): NaN percent`, `day 5 ("11-23"): 9223372036854775807`, `day 5 ("11-23"): +Inf`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Draw(chinese(test.days))
			if err == nil || got != nil {
				t.Fatalf("drawn: %d bytes, %v", len(got), err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestOddWordsAndNumbersMakeAPicture(t *testing.T) {
	for name, c := range map[string]card.Chart{
		"no words":           {Days: []card.ChartDay{{}}},
		"minus infinity":     chinese(days(day(0, 0, 0, math.Inf(-1)))),
		"a hair below 100":   chinese(days(day(0, 0, 0, math.Nextafter(100, 0)))),
		"broken UTF-8":       {Title: "\xff\xfe高", High: "\x80", Days: days(day(1, 0, 0, 1))},
		"other scripts":      {Title: "אבג عربي 🙂 ไทย \u202e", High: "é", Medium: "한국", Low: "日本", Up: "Ω", Days: days(day(1, 1, 1, 1))},
		"a label like a day": {Days: []card.ChartDay{{Label: strings.Repeat("十一月二十三日", 100)}}},
		"a novel":            {Title: strings.Repeat("w", 1<<20), Days: days(day(1, 1, 1, 1))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Draw(c)
			if err != nil {
				t.Fatal(err)
			}
			decode(t, got)
		})
	}
}

// A hole says nothing: its numbers, whatever they are, neither stand in the picture
// nor move its axes.
func TestTheNumbersOfAHoleAreNotRead(t *testing.T) {
	draw := func(hole card.ChartDay) []byte {
		all := usual()
		hole.Label, hole.Hole = all[5].Label, true
		all[5] = hole
		b, err := Draw(chinese(all))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(draw(card.ChartDay{Up: none}), draw(day(-3, 900, MaxCount+1, 3))) {
		t.Error("the numbers of a hole change the picture")
	}
	zero := usual()
	zero[5] = card.ChartDay{Label: zero[5].Label, Up: none}
	b, err := Draw(chinese(zero))
	if err != nil {
		t.Fatal(err)
	}
	if far := distance(t, b, draw(card.ChartDay{Up: none})); far <= 0.05 {
		t.Errorf("a day nobody looked differs by %.3f from one without findings", far)
	}
}

// What the font has no shape for is left out: it would be a box.
func TestNoBoxIsDrawn(t *testing.T) {
	draw := func(title, high string) []byte {
		c := chinese(usual())
		c.Title, c.High = title, high
		b, err := Draw(c)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(draw("高危 \u9f98\U0001f642", "\ue000"), draw("高危", "")) {
		t.Error("a character that the font does not have leaves something in the picture")
	}
}

// Every character of the words that can stand in a picture has a shape in the
// font: those of the chart in each language, and all of the inspection's sheets.
func TestTheFontHasEveryCharacter(t *testing.T) {
	if err := install(); err != nil {
		t.Fatal(err)
	}
	words := "0123456789-%.… "
	for _, lang := range card.Languages {
		c := worded(lang, usual())
		if c.Title == "title" || c.High == "high" {
			t.Fatalf("%s has no words for a chart", lang)
		}
		words += c.Title + c.High + c.Medium + c.Low + c.Up
	}
	sheets, err := filepath.Glob("../../bot/card/*/inspection*.card")
	if err != nil || len(sheets) < 4 {
		t.Fatalf("%d sheets of the inspection, %v", len(sheets), err)
	}
	for _, sheet := range sheets {
		b, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		words += strings.Join(strings.Fields(string(b)), " ")
	}
	font := charts.GetFont(family)
	for _, r := range words {
		if font.Index(r) == 0 {
			t.Errorf("the font has no %q: run font/subset.py again and commit what it makes", r)
		}
	}
	if font.Index('\u9f98') != 0 || utf8.RuneCountInString(words) < 100 {
		t.Error("this test cannot fail")
	}
	if len(ttf) > 300<<10 {
		t.Errorf("the font has %d bytes; the repository and the binary should carry less than 300 KB", len(ttf))
	}
}
