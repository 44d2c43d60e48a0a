package triage

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The lexicon knows words; how a sentence is put together it does not. A small
// linear model over short runs of characters and words adds what the labelled
// messages of testdata/train.jsonl say about that. It is trained by
//
//	go test ./bot/triage -run TestTrain -train
//
// which writes data/weights.tsv: one run a line, with its weights in hundredths.

//go:embed data/weights.tsv
var weightsFile string

// model holds the weights of each run.
var model = mustModel(weightsFile)

type gramWeights [keys]float32

// mustModel reads "run<TAB>key:weight key:weight".
func mustModel(text string) map[string]*gramWeights {
	m := map[string]*gramWeights{}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		gram, rest, ok := strings.Cut(line, "\t")
		if !ok {
			panic(fmt.Sprintf("triage: data/weights.tsv:%d: want run<TAB>key:weight …", i+1))
		}
		w := new(gramWeights)
		for _, f := range strings.Fields(rest) {
			key, num, _ := strings.Cut(f, ":")
			k := slices.Index(keyNames[:], key)
			n, err := strconv.Atoi(num)
			if k < 0 || err != nil {
				panic(fmt.Sprintf("triage: data/weights.tsv:%d: %q is not key:weight", i+1, f))
			}
			w[k] = float32(n) / 100
		}
		m[gram] = w
	}
	return m
}

// trust is how much the model's word counts beside the lexicon's.
const trust = 0.7

// addModel adds what the model says of a folded text. For a label that no word
// of the lexicon speaks for it may say little: a sentence that only sounds like
// a report is talk.
func addModel(score *[keys]float64, backed *[keys]bool, text string) {
	var sum gramWeights
	n := 0
	grams(text, func(g string) {
		n++
		if w := model[g]; w != nil {
			for k := range w {
				sum[k] += w[k]
			}
		}
	})
	if n == 0 {
		return
	}
	scale := trust / math.Sqrt(float64(n))
	for k := range sum {
		w := scale * float64(sum[k])
		if k < kChatter && !backed[k] {
			w = min(w, alone)
		}
		score[k] += w
	}
}

// alone is the most the model may add to a label that no word speaks for.
const alone = 0.5

// maxGrams bounds the runs that are looked at: a long paste says what it says
// early, and the time per message stays small.
const maxGrams = 1500

// grams calls f for each run of one or two tokens, and of three Chinese
// characters, in a folded text. A token is a Chinese character or a word; digits
// read as 0.
func grams(text string, f func(string)) {
	type span struct {
		start, end int
		wide       bool
	}
	var a, b span // the two tokens before
	have := 0
	n := 0
	emit := func(s string) {
		if n++; n <= maxGrams {
			f(s)
		}
	}
	for i := 0; i < len(text) && n < maxGrams; {
		c := text[i]
		t := span{start: i}
		switch {
		case alnum(c):
			for i < len(text) && (alnum(text[i]) || text[i] == '\'') {
				i++
			}
			t.end = i
		case c < 0x80:
			i++
			if c == '\n' || c == '.' || c == '?' || c == '!' || c == ',' {
				have = 0
			}
			continue
		default:
			i++
			for i < len(text) && text[i]&0xc0 == 0x80 {
				i++
			}
			t.end, t.wide = i, true
			if r := text[t.start:t.end]; r == "，" || r == "。" || r == "、" || r == "…" || r == "？" || r == "！" {
				have = 0
				continue
			}
		}
		emit(text[t.start:t.end])
		if have > 0 {
			emit(text[b.start:t.end])
		}
		if have > 1 && a.wide && b.wide && t.wide {
			emit(text[a.start:t.end])
		}
		a, b = b, t
		have++
	}
}
