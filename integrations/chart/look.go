package chart

import (
	_ "embed"
	"sort"
	"strings"
	"sync"

	"github.com/go-analyze/charts"

	"butler/bot/card"
)

// Places and sizes, in pixels of the picture; those of letters in points, of which
// the library makes 92/72 pixels. At a third of the size, as a chat shows it, the
// words are 10 pixels high.
const (
	edge       = 30
	titleLine  = 58  // where the title stands
	legendLine = 110 // where the legend stands
	plotTop    = 150
	titleSize  = 27.0
	wordSize   = 22.5
	labelSlot  = 100 // what a day's label needs, with the space beside it
	labelDrop  = 8   // between the numbers of the axes and the labels of the days
	dot        = 7   // radius of a point of the line; one that stands alone must be seen
)

// The colours: what is worse is warmer, and nothing shouts.
var (
	white  = charts.ColorFromHex("#ffffff")
	ink    = charts.ColorFromHex("#1d2939")
	pencil = charts.ColorFromHex("#475467")
	ruler  = charts.ColorFromHex("#e4e7ec")
	red    = charts.ColorFromHex("#d14343")
	amber  = charts.ColorFromHex("#f2ab3c")
	slate  = charts.ColorFromHex("#a9b4c4")
	blue   = charts.ColorFromHex("#1f6fd1")
	mist   = charts.ColorFromHex("#eff2f6") // where nobody looked
)

var theme = charts.MakeTheme(charts.ThemeOption{
	BackgroundColor:    white,
	AxisStrokeColor:    charts.ColorFromHex("#c3cad5"),
	AxisSplitLineColor: ruler,
	TextColor:          pencil,
	SeriesColors:       []charts.Color{red, amber, slate, mist, blue},
})

//go:embed font/NotoSansSC-chart.ttf
var ttf []byte

// family is the name by which the library knows the font.
const family = "butler chart"

var install = sync.OnceValue(func() error { return charts.InstallFont(family, ttf) })

// plot says how the bars, the line and their axes look.
func plot(c card.Chart) charts.ChartOption {
	c.Days = full(c.Days)
	n := len(c.Days)
	high, medium, low, hole, up := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	counts := countScale(c.Days)
	for i, d := range c.Days {
		high[i], medium[i], low[i], up[i] = float64(d.High), float64(d.Medium), float64(d.Low), d.Up
		if d.Hole {
			high[i], medium[i], low[i], hole[i], up[i] = 0, 0, 0, counts.to(), -1
		}
		if up[i] < 0 {
			up[i] = charts.GetNullValue()
		}
	}
	words := letters(wordSize, pencil)
	opt := charts.ChartOption{
		OutputFormat:    charts.ChartOutputPNG,
		Width:           Width,
		Height:          Height,
		Padding:         charts.NewBox(edge, plotTop, edge, 22),
		Theme:           theme,
		Title:           charts.TitleOption{Show: charts.Ptr(false)},
		Legend:          charts.LegendOption{Show: charts.Ptr(false)},
		XAxis:           charts.XAxisOption{Labels: labels(c.Days), LabelCount: n, LabelFontStyle: words, LabelOffset: charts.OffsetInt{Top: labelDrop}, BoundaryGap: charts.Ptr(true)},
		YAxis:           []charts.YAxisOption{axis(counts, words)},
		StackSeries:     charts.Ptr(true),
		BarSize:         0.62,
		LineStrokeWidth: 5,
		Symbol:          charts.Symbol{Shape: charts.SymbolDot, Size: dot},
		SeriesList: charts.GenericSeriesList{
			{Type: charts.ChartTypeBar, Values: high},
			{Type: charts.ChartTypeBar, Values: medium},
			{Type: charts.ChartTypeBar, Values: low},
			{Type: charts.ChartTypeBar, Values: hole},
		},
	}
	if s, ok := upScale(c.Days); ok {
		opt.YAxis = append(opt.YAxis, axis(s, words))
		opt.SeriesList = append(opt.SeriesList, charts.GenericSeries{Type: charts.ChartTypeLine, Values: up, YAxisIndex: 1})
	}
	return opt
}

// full are the days with empty ones before them where there are few: a picture
// fills from the right, and its bars are no walls. They are no holes: the service
// had not begun.
func full(days []card.ChartDay) []card.ChartDay {
	before := make([]card.ChartDay, max(0, 7-len(days)))
	for i := range before {
		before[i].Up = -1
	}
	return append(before, days...)
}

// axis is a scale with a line across the picture at each of its ticks.
func axis(s scale, words charts.FontStyle) charts.YAxisOption {
	return charts.YAxisOption{Min: charts.Ptr(s.from), Max: charts.Ptr(s.to()), LabelCount: steps + 1,
		PreferNiceIntervals: charts.Ptr(false), LabelFontStyle: words, ValueFormatter: s.word}
}

// labels are those of the days as far as there is room for them, always that of
// the last.
func labels(days []card.ChartDay) []string {
	every := (len(days)*labelSlot + plotWidth - 1) / plotWidth
	out := make([]string, len(days))
	for i := len(days) - 1; i >= 0; i -= every {
		out[i] = cut(line(cut(days[i].Label, 40)), 8)
	}
	return out
}

// plotWidth is about what the days share: the axes beside them need the rest.
const plotWidth = Width - 2*edge - 160

// head writes the title and the legend above the plot. The library could do it,
// but not in letters of this size.
func head(p *charts.Painter, c card.Chart) {
	p.Text(fit(p, c.Title, titleSize, Width-2*edge), edge, titleLine, 0, letters(titleSize, ink))
	const sign, gap, beside = 26, 12, 44
	type entry struct {
		word  string
		color charts.Color
	}
	all := []entry{{c.High, red}, {c.Medium, amber}, {c.Low, slate}}
	if _, ok := upScale(c.Days); ok {
		all = append(all, entry{c.Up, blue})
	}
	x := edge
	for i, e := range all {
		room := (Width-edge-x)/(len(all)-i) - sign - gap - beside // short words leave theirs to the next
		if e.color == blue {
			middle := legendLine - 10
			p.LineStroke([]charts.Point{{X: x - 4, Y: middle}, {X: x + sign + 4, Y: middle}}, blue, 5)
			p.Circle(dot+1, x+sign/2, middle, blue, blue, 0)
		} else {
			p.FilledRect(x, legendLine-23, x+sign, legendLine+3, e.color, e.color, 0)
		}
		word := fit(p, e.word, wordSize, room)
		style := letters(wordSize, pencil)
		x += sign + gap
		p.Text(word, x, legendLine, 0, style)
		x += p.MeasureText(word, 0, style).Width() + beside
	}
}

// letters are those of a size in points.
func letters(size float64, color charts.Color) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: color, Font: charts.GetFont(family)}
}

// fit returns words in so many pixels, the last character an ellipsis where some
// are missing.
func fit(p *charts.Painter, words string, size float64, room int) string {
	words = line(cut(words, 200)) // no need to measure a novel
	wide := func(n int) bool { return p.MeasureText(cut(words, n), 0, letters(size, ink)).Width() > room }
	n := len([]rune(words))
	if n == 0 || !wide(n) {
		return words
	}
	return cut(words, max(1, sort.Search(n, wide)-1))
}

// line is words on one line, without what the font has no shape for: it would draw
// a box.
func line(s string) string {
	font := charts.GetFont(family)
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if font.Index(r) == 0 {
			return ' '
		}
		return r
	}, s)), " ")
}

// cut returns s in at most n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
