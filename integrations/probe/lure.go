package probe

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The lists of words stand in files of their own, each with its comments.
//
//go:embed words/*.txt
var files embed.FS

// lure is a list of words that a page of that trade uses.
type lure struct {
	name   string
	called Words
	words  []weighed
}

// weighed is one word. A word of Latin letters counts only as a whole word.
type weighed struct {
	word   string
	weight int
	whole  *regexp.Regexp // nil for words without word boundaries
}

var (
	lures = []lure{
		{"gambling", Words{"赌博", "gambling"}, load("gambling")},
		{"porn", Words{"色情", "pornography"}, load("porn")},
		{"fraud", Words{"诈骗", "fraud"}, load("fraud")},
	}
	defaced = load("defaced")
	against = load("against")
	common  = load("hosts")
)

// load reads a list: a weight and a word on each line, comments behind #. The lists
// are part of the program: a mistake in them is one of ours.
func load(name string) (list []weighed) {
	b, err := files.ReadFile("words/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		weight, word, ok := strings.Cut(strings.TrimSpace(line), " ")
		if weight == "" {
			continue
		}
		n, err := strconv.Atoi(weight)
		if word = strings.TrimSpace(word); name != "hosts" {
			word = plain(word)
		}
		if !ok || err != nil || n < 1 || word == "" {
			panic(fmt.Sprintf("probe: words/%s.txt: %q: write a weight and a word", name, line))
		}
		w := weighed{word: word, weight: n}
		if !strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			w.whole = regexp.MustCompile(`(?:^|[^\pL\pN])` + regexp.QuoteMeta(word) + `(?:$|[^\pL\pN])`)
		}
		list = append(list, w)
	}
	return list
}

// plain is a text as words are compared: lower case, full-width forms as ASCII,
// and without the blanks, dots and invisible characters that are put between
// Chinese characters so that nobody finds them.
func plain(s string) string {
	var out []rune
	gap := false
	for _, r := range strings.ToLower(s) {
		if r >= '！' && r <= '～' {
			r = unicode.ToLower(r - '！' + '!')
		}
		switch {
		case unicode.Is(unicode.Cf, r):
			continue
		case unicode.IsSpace(r) || strings.ContainsRune("·•・|_*-~—.", r):
			gap = true
			continue
		}
		if gap && len(out) > 0 && !(unicode.Is(unicode.Han, r) && unicode.Is(unicode.Han, out[len(out)-1])) {
			out = append(out, ' ')
		}
		gap, out = false, append(out, r)
	}
	return string(out)
}

// in counts a word in a plain text.
func (w weighed) in(text string) int {
	if w.whole != nil {
		if !strings.Contains(text, w.word) {
			return 0
		}
		return len(w.whole.FindAllStringIndex(text, -1))
	}
	return strings.Count(text, w.word)
}

// The scale. A word in the body counts at most three times, so that a news site
// that writes about lotteries is none; where search engines look it weighs more. A
// page is of the trade from enough points of at least two words.
const (
	mostTimes = 3
	enough    = 12
	several   = 2
)

var placeWeight = map[place]int{inBody: 1, inLink: 2, inMeta: 3, inTitle: 3, inHidden: 3}

// weight is how much of a trade a page has in it.
type weight struct {
	points int
	placed int      // of them: from where search engines look, or links lead away
	words  []string // the heaviest first
}

func (w weight) tells() bool { return w.points >= enough && len(w.words) >= several }

// sentences are a text as words are looked for in it: plain, sentence by sentence.
func sentences(s string) (said []string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("。！？!?\n", r) }) {
		said = append(said, plain(part))
	}
	return said
}

// warns says whether a sentence is one of those who warn, forbid and report.
func warns(text string) bool {
	return slices.ContainsFunc(against, func(a weighed) bool { return a.in(text) > 0 })
}

// weigh reads a page for the words of one trade. A sentence that warns of it
// (反诈, 打击, 举报) does not count.
func weigh(spots []spot, l lure) weight {
	type tally struct{ points, body, other, placed int }
	by := map[string]*tally{}
	for _, s := range spots {
		for _, text := range s.said {
			for _, w := range l.words {
				t := by[w.word]
				if t == nil {
					t = &tally{}
				}
				count := &t.other
				if s.place == inBody {
					count = &t.body
				}
				if *count == mostTimes {
					continue
				}
				n := min(w.in(text), mostTimes-*count)
				if n == 0 {
					continue
				}
				if warns(text) {
					break
				}
				by[w.word] = t
				*count += n
				t.points += n * w.weight * placeWeight[s.place]
				if s.place != inBody {
					t.placed += n * w.weight * placeWeight[s.place]
				}
			}
		}
	}
	var sum weight
	for _, t := range by {
		sum.points += t.points
		sum.placed += t.placed
	}
	sum.words = slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(by[b].points, by[a].points), cmp.Compare(a, b))
	})
	return sum
}

// wellKnown says whether a host belongs to those that half of the web links to or
// takes scripts from.
func wellKnown(host string) bool {
	return slices.ContainsFunc(common, func(w weighed) bool { return host == w.word || strings.HasSuffix(host, "."+w.word) })
}

// mark is the sign that a defacer leaves: in the title, or on a page that has
// little else to say; "" for none. An article about a defacement is long.
func mark(d *document) string {
	short := letters(d.lines) < 1000
	for _, s := range d.spots {
		if s.place != inTitle && !short {
			continue
		}
		for _, text := range s.said {
			for _, w := range defaced {
				if w.in(text) > 0 && !warns(text) {
					return w.word
				}
			}
		}
	}
	return ""
}
