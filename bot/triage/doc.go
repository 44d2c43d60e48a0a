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
// A small linear model over short runs of characters (model.go), trained on
// testdata/train.jsonl, adds how sentences are put together; it may not raise
// much what no word of the lexicon speaks for. testdata/holdout.jsonl is for
// measuring only: whoever improves the rules looks at train.jsonl and at a file
// of their own (go test ./bot/triage -run TestEval -v -show -eval FILE).
//
// A missed incident is the worst error, a false alarm in a chatting group the
// second worst. Somebody who is worried and does not know (worry.go,
// data/worry.txt) is never sent away: their words are an incident in doubt, with
// a confidence at which the desk asks. testdata/second.jsonl and talk.txt measure
// that, the one with worries, the other with talk in which the same words stand.
//
// Besides, Assets names the hosts of a text and Mask hides the secrets in it.
// The package is pure and safe for concurrent use.
package triage
