package triage

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var crossOnly = flag.String("only", "", "with TestCross: judge messages whose id begins so")

var train = flag.Bool("train", false, "train data/weights.tsv from testdata/learn*.jsonl and talk*.txt")

// Of the training: plain values, chosen once by cross-validation.
const (
	rounds   = 300
	rate     = 1
	decay    = 0.0004 // L2
	minCount = 2      // messages in which a run must stand
	minHund  = 4      // hundredths below which a weight is not worth its line
)

// example is a message as the trainer sees it.
type example struct {
	names  []string
	values []float64
	group  [4]target
	weight float64
	base   [keys]float64 // what the rules say by themselves
}

// target is the right key among from…to; none when from < 0.
type target struct{ from, to, want int }

func examples(all []sample) []example {
	out := make([]example, len(all))
	for i, s := range all {
		e := example{weight: 1}
		f := weigh(fold(unlink(s.Text)), len(Assets(s.Text)) > 0)
		for k := range e.base {
			e.base[k] = trust * f.score[k]
		}
		at := map[string]int{}
		f.features(func(name string, value float64) {
			if j, ok := at[name]; ok {
				e.values[j] += value
				return
			}
			at[name] = len(e.names)
			e.names, e.values = append(e.names, strings.Clone(name)), append(e.values, value)
		})
		e.group[0] = target{kIncident, kChatter, slices.Index(keyNames[:], s.Label)}
		for j := 1; j < 4; j++ {
			e.group[j].from = -1
		}
		if s.Category != nil {
			e.group[1] = target{kMalware, kContentSecurity, slices.Index(keyNames[:], string(*s.Category))}
		}
		if s.Severity != nil {
			e.group[2] = target{kHigh, kLow, slices.Index(keyNames[:], string(*s.Severity))}
		}
		if s.Urgent != nil {
			want := 0
			if *s.Urgent {
				want = 1
			}
			e.group[3] = target{kUrgent, kUrgent, want}
		}
		out[i] = e
	}
	return out
}

// learned are all messages to learn from: the labelled ones, every line of
// ordinary talk, and every other one of the sets that measure. What is measured
// is the other half (heldOut).
func learned(t testing.TB) []sample {
	var all []sample
	files, err := filepath.Glob("testdata/learn*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "testdata/second.jsonl")
	slices.Sort(files)
	for _, f := range files {
		all = append(all, samples(t, f)...)
	}
	for i, s := range samples(t, "testdata/heldout.jsonl") {
		if !heldOut(i) {
			all = append(all, s)
		}
	}
	talks, err := filepath.Glob("testdata/learn*.txt")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(talks)
	for _, f := range talks {
		for _, line := range talk(t, f) {
			all = append(all, sample{Text: line, Label: "chatter"})
		}
	}
	for i, line := range talk(t, "testdata/heldout.txt") {
		if !heldOut(i) {
			all = append(all, sample{Text: line, Label: "chatter"})
		}
	}
	apart := map[string]bool{}
	for i, s := range samples(t, "testdata/heldout.jsonl") {
		apart[fold(s.Text)] = heldOut(i)
	}
	return slices.DeleteFunc(all, func(s sample) bool { return apart[fold(s.Text)] })
}

// heldOut says which half of the measuring sets nothing learns from.
func heldOut(i int) bool { return i%2 == 1 }

// talk are the lines of a file of ordinary talk.
func talk(t testing.TB, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// fit is multinomial logistic regression by gradient descent with a fixed number
// of rounds: the same data give the same weights.
func fit(all []example) map[string]*[keys]float64 {
	count := map[string]int{}
	for _, e := range all {
		for _, g := range e.names {
			count[g]++
		}
	}
	var names []string
	for g, n := range count {
		if n >= minCount {
			names = append(names, g)
		}
	}
	slices.Sort(names)
	index := map[string]int32{}
	for i, g := range names {
		index[g] = int32(i)
	}
	weights := make([][keys]float64, len(names))
	squares := make([][keys]float64, len(names))
	type seen struct {
		at    int32
		value float64
	}
	rows := make([][]seen, len(all))
	for i, e := range all {
		for j, g := range e.names {
			if at, ok := index[g]; ok {
				rows[i] = append(rows[i], seen{at, e.values[j]})
			}
		}
	}
	grad := make([][keys]float64, len(names))
	n := float64(len(all))
	for range rounds {
		clear(grad)
		for i := range all {
			score := all[i].base
			var d [keys]float64
			for _, r := range rows[i] {
				w := &weights[r.at]
				for k := range score {
					score[k] += r.value * w[k]
				}
			}
			for _, t := range all[i].group {
				if t.from >= 0 {
					t.slope(&score, &d)
				}
			}
			for _, r := range rows[i] {
				g := &grad[r.at]
				for k := range d {
					g[k] += r.value * d[k] * all[i].weight
				}
			}
		}
		for j := range weights {
			for k := range weights[j] {
				g := grad[j][k]/n + decay*weights[j][k]/10
				squares[j][k] += g * g
				weights[j][k] -= rate * g / (1e-7 + math.Sqrt(squares[j][k]))
			}
		}
	}
	w := map[string]*[keys]float64{}
	for i, g := range names {
		w[g] = &weights[i]
	}
	return w
}

// slope adds the derivative of the loss of one choice.
func (t target) slope(score, d *[keys]float64) {
	if t.from == t.to { // yes or no
		d[t.from] += 1/(1+math.Exp(-score[t.from])) - float64(t.want)
		return
	}
	sum := 0.0
	for k := t.from; k <= t.to; k++ {
		sum += math.Exp(score[k])
	}
	for k := t.from; k <= t.to; k++ {
		d[k] += math.Exp(score[k]) / sum
	}
	d[t.want]--
}

// TestTrain trains and writes the weights when asked to.
func TestTrain(t *testing.T) {
	if !*train {
		t.Skip("no -train")
	}
	all := examples(learned(t))
	w := fit(all)
	var names []string
	for g := range w {
		names = append(names, g)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("# Written by go test ./bot/triage -run TestTrain -train. Hundredths.\n")
	lines := 0
	for _, g := range names {
		var f []string
		for k, v := range w[g] {
			if n := int(math.Round(v * 100)); n >= minHund || n <= -minHund {
				f = append(f, fmt.Sprintf("%s:%d", keyNames[k], n))
			}
		}
		if len(f) > 0 {
			lines++
			fmt.Fprintf(&b, "%s\t%s\n", g, strings.Join(f, " "))
		}
	}
	if err := os.WriteFile("data/weights.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages, %d features, %d bytes", len(all), lines, b.Len())
}

// TestCross says how good the whole is on messages it did not learn from: five
// times, with a fifth of them held back. Slow, so only with -train.
func TestCross(t *testing.T) {
	if !*train {
		t.Skip("no -train")
	}
	all := learned(t)
	ex := examples(all)
	const folds = 5
	kept := model
	defer func() { model = kept }()
	var m measure
	var talk tally
	for fold := range folds {
		var in []example
		for i := range ex {
			if i%folds != fold {
				in = append(in, ex[i])
			}
		}
		model = map[string]*featureWeights{}
		for name, w := range fit(in) {
			var f featureWeights
			for k, v := range w {
				f[k] = float32(v)
			}
			model[name] = &f
		}
		for i, s := range all {
			if i%folds == fold {
				if s.ID == "" {
					v := Read(s.Text, Context{})
					if talk.add(!disturbs(v)); disturbs(v) && *evalShow {
						t.Logf("talk %s (%.2f): %s", short(v), v.Confidence, s.Text)
					}
					continue
				}
				if strings.HasPrefix(s.ID, *crossOnly) {
					m.judge(t, s, *evalShow)
				}
			}
		}
	}
	m.log(t, len(all))
	t.Logf("talk left alone %.4f of %d", talk.rate(), talk.of)
}
