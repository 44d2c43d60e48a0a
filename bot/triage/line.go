package triage

import "butler/bot/desk"

// Result is one line of `butler triage -json` (design §16): null where a field
// does not apply to the label.
type Result struct {
	ID         string         `json:"id"`
	Label      string         `json:"label"`
	Urgent     *bool          `json:"urgent"`
	Severity   *desk.Severity `json:"severity"`
	Category   *desk.Category `json:"category"`
	Confidence float64        `json:"confidence"`
	Why        string         `json:"why"`
}

// Line reads one message as `butler triage` does: without any context.
func Line(id, text string) Result {
	v := Read(text, Context{})
	r := Result{ID: id, Label: v.Label, Confidence: v.Confidence, Why: v.Why}
	switch v.Label {
	case string(desk.Incident):
		r.Urgent, r.Category = &v.Urgent, &v.Category
	case string(desk.Vulnerability):
		r.Severity = &v.Severity
	}
	return r
}
