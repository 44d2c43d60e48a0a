package triage

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var train = flag.Bool("train", false, "train data/weights.tsv from testdata/train.jsonl")

// Of the training: plain values, not tuned.
const (
	rounds   = 400
	rate     = 0.5
	decay    = 0.004 // L2
	minCount = 2     // messages in which a run must stand
	minHund  = 3     // hundredths below which a weight is not worth its line
)

// example is a message as the trainer sees it.
type example struct {
	grams []string
	group [4]target
}

// target is the right key among from…to; none when from < 0.
type target struct{ from, to, want int }

func examples(all []sample) []example {
	out := make([]example, len(all))
	for i, s := range all {
		e := example{}
		grams(fold(unlink(s.Text)), func(g string) { e.grams = append(e.grams, g) })
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

// fit is multinomial logistic regression by full gradient descent with a fixed
// number of rounds: the same data give the same weights.
func fit(all []example) map[string]*[keys]float64 {
	count := map[string]int{}
	for _, e := range all {
		seen := map[string]bool{}
		for _, g := range e.grams {
			if !seen[g] {
				seen[g] = true
				count[g]++
			}
		}
	}
	w := map[string]*[keys]float64{}
	var names []string
	for g, n := range count {
		if n >= minCount {
			w[g] = new([keys]float64)
			names = append(names, g)
		}
	}
	slices.Sort(names)
	index := map[string]int{}
	for i, g := range names {
		index[g] = i
	}
	weights := make([][keys]float64, len(names))
	squares := make([][keys]float64, len(names))
	var biases [keys]float64
	ids := make([][]int, len(all))
	for i, e := range all {
		for _, g := range e.grams {
			if j, ok := index[g]; ok {
				ids[i] = append(ids[i], j)
			}
		}
	}
	for range rounds {
		grad := make([][keys]float64, len(names))
		var bgrad [keys]float64
		for i, e := range all {
			x := 1 / math.Sqrt(float64(max(1, len(e.grams))))
			score := biases
			for _, j := range ids[i] {
				for k := range score {
					score[k] += x * weights[j][k]
				}
			}
			var d [keys]float64
			for _, t := range e.group {
				if t.from >= 0 {
					t.slope(&score, &d)
				}
			}
			for k, v := range d {
				bgrad[k] += v
			}
			for _, j := range ids[i] {
				for k, v := range d {
					grad[j][k] += x * v
				}
			}
		}
		n := float64(len(all))
		for k := range biases {
			biases[k] -= rate * bgrad[k] / n
		}
		for j := range weights {
			for k := range weights[j] {
				g := grad[j][k]/n + decay*weights[j][k]/10
				squares[j][k] += g * g
				weights[j][k] -= rate * g / (1e-6 + math.Sqrt(squares[j][k]))
			}
		}
	}
	for i, g := range names {
		*w[g] = weights[i]
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
	all := examples(samples(t, "testdata/train.jsonl"))
	cross(t, all)
	w := fit(all)
	var names []string
	for g := range w {
		names = append(names, g)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("# Written by go test ./bot/triage -run TestTrain -train. Hundredths.\n")
	for _, g := range names {
		var f []string
		for k, v := range w[g] {
			if n := int(math.Round(v * 100)); n >= minHund || n <= -minHund {
				f = append(f, fmt.Sprintf("%s:%d", keyNames[k], n))
			}
		}
		if len(f) > 0 {
			fmt.Fprintf(&b, "%s\t%s\n", g, strings.Join(f, " "))
		}
	}
	if err := os.WriteFile("data/weights.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d runs, %d bytes", len(names), b.Len())
}

// cross says how good the model alone is, without the lexicon and its biases, on
// messages it was not trained on: a weak voice, which is why trust is below 1.
func cross(t *testing.T, all []example) {
	const folds = 5
	var right, of [4]int
	for f := range folds {
		var in, out []example
		for i, e := range all {
			if i%folds == f {
				out = append(out, e)
			} else {
				in = append(in, e)
			}
		}
		w := fit(in)
		for _, e := range out {
			var score [keys]float64
			for _, g := range e.grams {
				if v := w[g]; v != nil {
					for k := range v {
						score[k] += v[k] / math.Sqrt(float64(len(e.grams)))
					}
				}
			}
			for j, c := range e.group {
				if c.from < 0 {
					continue
				}
				of[j]++
				got := best(score[:], c.from, c.to)
				if c.from == c.to {
					got = 0
					if score[c.from] > 0 {
						got = 1
					}
				}
				if got == c.want {
					right[j]++
				}
			}
		}
	}
	t.Logf("model alone, %d folds: label %d/%d, category %d/%d, severity %d/%d, urgency %d/%d", folds,
		right[0], of[0], right[1], of[1], right[2], of[2], right[3], of[3])
}
