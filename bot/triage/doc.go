// Package triage reads a chat message and says what it is about: an incident
// (urgent or not, of one of the four categories of the whitepaper §3.1.3.3.2), a
// vulnerability (high, medium, low: §5), a consultation, a policy change, a
// problem that is not one of security (§6.3), or just talk.
//
// Rules decide, offline, in Chinese, English and mixtures. A text is folded
// (fold.go), its words are looked up in the lexicon (lexicon.go, data/*.txt: made
// to be read and changed by a security expert), and every section that speaks
// adds its weights to what it speaks for. The sums decide; the words that
// contributed most are the reason shown to people (why.go).
//
// A linear model (model.go) weighs what the rules found together with short runs
// of characters and words. It learns from testdata/learn*.jsonl and learn*.txt,
// some thousand messages written for it, and adds to the rules: for words it has
// never seen they decide alone, and a label that no word of the lexicon speaks for
// needs more. Every weight stands in data/weights.tsv; the features of the rules
// begin with §. testdata/heldout.jsonl and heldout.txt were written by somebody who
// knew neither the rules nor the rest; nothing learns from every other message of
// theirs, and the tests measure on those. Whoever improves the rules looks at the
// other files (go test ./bot/triage -run TestEval -v -show -eval FILE), trains
// (-run TestTrain -train) and cross-validates (-run TestCross -train).
//
// A missed incident is the worst error, a false alarm in a chatting group the
// second worst. Somebody who is worried and does not know (worry.go,
// data/worry.txt) is never sent away: their words are an incident in doubt, with
// a confidence at which the desk asks; testdata/second.jsonl measures that.
//
// Besides, Assets names the hosts of a text and Mask hides the secrets in it.
// The package is pure and safe for concurrent use.
package triage
