package desk

// advised hears a model's advice. It may raise, it may only propose lowering,
// and what it drafts stays inside until a person publishes it. Advice for a case
// that has moved on is dropped.
func (b *book) advised(a Advised) {
	c := b.find(a.Case)
	if c == nil || c.Status != Open {
		return
	}
	c = b.edit(c.N)
	b.in.Actor.Name = "AI"
	note := a.Summary
	if a.Draft != "" {
		note += "\n" + a.Draft
	}
	b.log(Event{Kind: "advice", Case: c.N, Inside: Internal(b.cut(note))})
	v := a.Verdict
	same := v.Label == string(c.Kind)
	raises := same && (c.Kind == Incident && v.Urgent && !c.Urgent || c.Kind == Vulnerability && weight(v.Severity) > weight(c.Severity))
	stricter, lowers := b.compare(c, v)
	if raises && c.Claimed.IsZero() && c.Respond.Open() {
		v.Severity = keepFor(c.Kind, v.Severity)
		b.become(c, Verdict{Urgent: v.Urgent, Severity: v.Severity}, "")
	}
	switch {
	case stricter && !(raises && c.Claimed.IsZero()):
		b.back(NNote, c, "", Facts{Label: "advice-raise"}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	case lowers:
		b.back(NNote, c, "", Facts{Label: "advice-lower", Why: v.Label}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	case note != "":
		b.back(NNote, c, "", Facts{Label: "advice"}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	}
}

// compare says whether a verdict would bring a stricter promise than a case has,
// or a weaker one. A label or severity nobody knows says nothing.
func (b *book) compare(c *Case, v Verdict) (stricter, weaker bool) {
	switch Kind(v.Label) {
	case Incident, Consultation, Policy:
	case Vulnerability:
		if weight(v.Severity) == 0 {
			return false, false
		}
	default:
		return false, v.Label == OutOfScope || v.Label == Chatter
	}
	if v.Label == string(c.Kind) && v.Urgent == c.Urgent && keepFor(c.Kind, v.Severity) == c.Severity {
		return false, false
	}
	row := b.row(Kind(v.Label), v, c.Edition)
	if !row.Included {
		return false, true
	}
	return row.Respond < c.Row.Respond, row.Respond > c.Row.Respond || row.Respond == c.Row.Respond && v.Label != string(c.Kind)
}

// keepFor is a severity for the kind that has one.
func keepFor(k Kind, s Severity) Severity {
	if k == Vulnerability {
		return s
	}
	return ""
}
