package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	api "github.com/sashabaranov/go-openai"

	"butler/bot"
	"butler/bot/desk"
)

// read makes advice of what a model chose to say. It believes nothing: the answer
// is finished, one object, every field of its type, every word of the closed sets.
// Fields nobody asked for are passed over. The errors hold no words of the model.
func read(c *api.ChatCompletionChoice, q bot.Question) (bot.Advice, error) {
	switch {
	case c == nil:
		return bot.Advice{}, errors.New("it is empty: no choices")
	case c.Message.Refusal != "":
		return bot.Advice{}, errors.New("the model refuses")
	case c.FinishReason == api.FinishReasonLength:
		return bot.Advice{}, errors.New("it was cut off (finish_reason length)")
	case c.FinishReason == api.FinishReasonContentFilter:
		return bot.Advice{}, errors.New("a filter of the endpoint withheld it (finish_reason content_filter)")
	case len(c.Message.ToolCalls) > 0 || c.Message.FunctionCall != nil || c.FinishReason == api.FinishReasonToolCalls || c.FinishReason == api.FinishReasonFunctionCall:
		return bot.Advice{}, errors.New("it calls a tool, and there are none")
	case strings.TrimSpace(c.Message.Content) == "":
		return bot.Advice{}, errors.New("it is empty")
	}
	o, err := find(c.Message.Content)
	if err != nil {
		return bot.Advice{}, err
	}
	a, err := o.advice()
	if err != nil {
		return bot.Advice{}, err
	}
	return fit(a, q)
}

// fit keeps of advice what may be shown: within its limits and in its language. A
// draft that needs repair is left out, for what a customer gets must be whole.
func fit(a bot.Advice, q bot.Question) (bot.Advice, error) {
	a.Verdict.Why = cleanLine(a.Verdict.Why, mostWhy)
	a.Summary = shorten(clean(a.Summary), mostSummary, summaryLines)
	if !speaks(tongue(q.BackLang), a.Summary) {
		a.Summary = ""
	}
	draft := clean(a.Draft)
	if shorten(draft, mostDraft, draftLines) != draft || !speaks(tongue(q.Lang), draft) || !sendable(a.Draft) || !sendable(draft) {
		draft = ""
	}
	a.Draft = draft
	if a.Verdict.Label == "" {
		a.Verdict = desk.Verdict{}
		if a.Summary == "" && a.Draft == "" {
			return bot.Advice{}, errors.New("it says nothing that can be used")
		}
	}
	return a, nil
}

// The limits of looking for an object in what a model said.
const (
	mostContent = 64 << 10 // bytes
	mostStarts  = 64       // opening braces that are tried
)

// answer is the object a model was asked for, by its fields.
type answer map[string]json.RawMessage

// find is the one answer in a text: bare, in a code block, or with words around
// it. What a model thinks aloud is not its answer. Two different answers are none.
func find(text string) (answer, error) {
	if len(text) > mostContent {
		return nil, fmt.Errorf("it is longer than %d KB", mostContent>>10)
	}
	if i := strings.LastIndex(text, "</think>"); i >= 0 {
		text = text[i+len("</think>"):]
	}
	var found answer
	for tried := 0; tried < mostStarts; tried++ {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		o, used, err := object([]byte(text[i:]))
		switch {
		case errors.Is(err, errTwice):
			return nil, err
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("it ends in the middle of an object") // what stands inside is no answer
		case err != nil:
			text = text[i+1:]
			continue
		}
		text = text[i+used:]
		if _, ok := o["label"]; !ok {
			continue
		}
		if found != nil && !same(found, o) {
			return nil, errors.New("it holds two different answers")
		}
		found = o
	}
	if found == nil {
		return nil, errors.New("it holds no JSON object with a label")
	}
	return found, nil
}

var errTwice = errors.New("a field stands in it twice")

// object reads the object at the beginning of a text, and how long it is. A field
// that stands there twice could mean either.
func object(text []byte) (answer, int, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, 0, err
	}
	o, twice := answer{}, false
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, 0, err
		}
		name, _ := t.(string) // the decoder takes nothing else here
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, 0, err
		}
		_, had := o[name]
		twice = twice || had
		o[name] = raw
	}
	if _, err := d.Token(); err != nil {
		return nil, 0, err
	}
	if twice {
		return nil, 0, errTwice
	}
	return o, int(d.InputOffset()), nil
}

func same(a, b answer) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// The closed sets. "" and none say that it has no opinion.
var (
	labels     = []string{string(desk.Incident), string(desk.Vulnerability), string(desk.Consultation), string(desk.Policy), desk.OutOfScope, desk.Chatter, ""}
	severities = []string{string(desk.High), string(desk.Medium), string(desk.Low), "none", ""}
	categories = []string{string(desk.Malware), string(desk.NetworkAttack), string(desk.DataDestruction), string(desk.ContentSecurity), "none", ""}
)

// advice is an answer as a value. All that is wrong with it is said at once.
func (o answer) advice() (bot.Advice, error) {
	var wrong []string
	word := func(name string) (s string) {
		if raw, ok := o[name]; ok && json.Unmarshal(raw, &s) != nil {
			wrong = append(wrong, name+" is no text")
		}
		return s // null and a missing field say nothing
	}
	oneOf := func(name string, set []string) string {
		s := strings.ToLower(strings.TrimSpace(word(name)))
		if !slices.Contains(set, s) {
			wrong = append(wrong, fmt.Sprintf("%s is none of %s", name, strings.Join(set[:len(set)-1], ", ")))
		}
		return strings.TrimPrefix(s, "none")
	}
	v := desk.Verdict{Label: oneOf("label", labels), Severity: desk.Severity(oneOf("severity", severities)), Category: desk.Category(oneOf("category", categories)), Why: word("why")}
	if raw, ok := o["urgent"]; ok && json.Unmarshal(bare(raw), &v.Urgent) != nil {
		wrong = append(wrong, "urgent is neither true nor false")
	}
	if raw, ok := o["confidence"]; ok && (json.Unmarshal(bare(raw), &v.Confidence) != nil || v.Confidence < 0 || v.Confidence > 1) {
		wrong = append(wrong, "confidence is no number from 0 to 1")
	}
	if v.Label == string(desk.Vulnerability) && v.Severity == "" {
		wrong = append(wrong, "a vulnerability has no severity")
	}
	a := bot.Advice{Summary: word("summary"), Draft: word("draft")}
	if len(wrong) > 0 {
		return bot.Advice{}, errors.New(strings.Join(wrong, "; "))
	}
	if v.Label != string(desk.Vulnerability) {
		v.Severity = ""
	}
	if v.Label != string(desk.Incident) {
		v.Urgent, v.Category = false, ""
	}
	a.Verdict = v
	return a, nil
}

// bare is a number or a truth value without the quotes that small models put
// around it.
func bare(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil && s != "" {
		return []byte(s)
	}
	return raw
}
