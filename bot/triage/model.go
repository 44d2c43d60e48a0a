package triage

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The lexicon knows words; how a sentence is put together it does not. A linear
// model weighs both: what the rules found, and short runs of characters and words.
// It is trained on the labelled messages of testdata/learn*.jsonl by
//
//	go test ./bot/triage -run TestTrain -train
//
// which writes data/weights.tsv: one feature a line, with its weights in
// hundredths. Features of the rules begin with §, so nobody has to guess what
// weighs how much.

//go:embed data/weights.tsv
var weightsFile string

// model holds the weights of each feature.
var model = mustModel(weightsFile)

type featureWeights [keys]float32

// mustModel reads "feature<TAB>key:weight key:weight".
func mustModel(text string) map[string]*featureWeights {
	m := map[string]*featureWeights{}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, ok := strings.Cut(line, "\t")
		if !ok {
			panic(fmt.Sprintf("triage: data/weights.tsv:%d: want feature<TAB>key:weight …", i+1))
		}
		w := new(featureWeights)
		for _, f := range strings.Fields(rest) {
			key, num, _ := strings.Cut(f, ":")
			k := slices.Index(keyNames[:], key)
			n, err := strconv.Atoi(num)
			if k < 0 || err != nil {
				panic(fmt.Sprintf("triage: data/weights.tsv:%d: %q is not key:weight", i+1, f))
			}
			w[k] = float32(n) / 100
		}
		m[name] = w
	}
	return m
}

// trust is how much the rules count by themselves: for words that the model has
// never seen they decide alone. The model learns what is to be added.
const trust = 0.6

// alone is what a label loses for which no word of the lexicon speaks: a sentence
// that only sounds like a report is more likely talk.
const alone = 0.6

// idle is what the labels lose that open nothing urgent: a group that chats is left
// alone unless it is plain that somebody wants something.
const idle = 0.2

// learn replaces the sums of the rules by what the model makes of them and of the
// wording.
func (f *findings) learn() {
	sum := f.score
	for k := range sum {
		sum[k] *= trust
	}
	f.features(func(name string, value float64) {
		if w := model[name]; w != nil {
			for k := range w {
				sum[k] += value * float64(w[k])
			}
		}
	})
	f.score = sum
	for k := kIncident; k < kChatter; k++ {
		if !f.backed[k] {
			f.score[k] -= alone
		}
		if k != kIncident && k != kVulnerability {
			f.score[k] -= idle
		}
	}
	f.score[kIncident] += caution
}

// Names of the features that are not runs of characters.
var (
	sumNames, hasNames = prefixed("§sum "), prefixed("§has ")
	signalNames        = func() []string {
		out := make([]string, len(lex.signals))
		for i, s := range lex.signals {
			out[i] = "§" + s.name
		}
		return out
	}()
)

func prefixed(prefix string) (out [keys]string) {
	for k, name := range keyNames {
		out[k] = prefix + name
	}
	return out
}

// features calls emit for everything that is weighed: what the rules found, and
// every run of characters, together as much as one.
func (f *findings) features(emit func(name string, value float64)) {
	emit("§", 1)
	for k, s := range f.score {
		if v := s - bias[k]; v != 0 {
			emit(sumNames[k], max(-2, min(2, v/3)))
		}
		if f.backed[k] {
			emit(hasNames[k], 1)
		}
	}
	for _, g := range f.found {
		emit(signalNames[g.signal], g.factor/2)
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{
		{"§denied", f.denied}, {"§asked", f.asked}, {"§worried", f.worried}, {"§calmed", f.calmed}, {"§hurried", f.hurried}, {"§alarmed", f.alarmed},
		{"§address", f.doubts.things}, {"§?", strings.ContainsAny(f.text, "?？")}, {"§!", strings.ContainsAny(f.text, "!！")},
		{"§short", len(f.text) <= 24}, {"§long", len(f.text) > 300},
	} {
		if flag.on {
			emit(flag.name, 1)
		}
	}
	n := 0
	grams(f.text, func(string) { n++ })
	if n == 0 {
		return
	}
	share := 6 / math.Sqrt(float64(n+40))
	grams(f.text, func(g string) { emit(g, share) })
}

// maxGrams bounds the runs that are looked at: a long paste says what it says
// early, and the time per message stays small.
const maxGrams = 1500

// grams calls f for each run of one or two tokens, and of three or four Chinese
// characters, in a folded text. A token is a Chinese character or a word; digits
// read as 0.
func grams(text string, f func(string)) {
	type span struct {
		start, end int
		wide       bool
	}
	var z, a, b span // the tokens before, b the last
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
		if have > 2 && z.wide && a.wide && b.wide && t.wide {
			emit(text[z.start:t.end])
		}
		z, a, b = a, b, t
		have++
	}
}
