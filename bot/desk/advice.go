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
	raises := c.Kind == Incident && v.Label == string(Incident) && v.Urgent && !c.Urgent ||
		c.Kind == Vulnerability && v.Label == string(Vulnerability) && weight(v.Severity) > weight(c.Severity)
	if raises && c.Claimed.IsZero() && c.Respond.Open() {
		b.become(c, Verdict{Urgent: v.Urgent, Severity: v.Severity}, "")
	}
	lowers := v.Label != "" && !raises && (v.Label != string(c.Kind) || c.Urgent && !v.Urgent || v.Severity != "" && weight(v.Severity) < weight(c.Severity))
	switch {
	case raises && !c.Claimed.IsZero() && !c.Urgent:
		b.back(NNote, c, "", Facts{Label: "advice-raise"}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	case lowers:
		b.back(NNote, c, "", Facts{Label: "advice-lower", Why: v.Label}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	case note != "":
		b.back(NNote, c, "", Facts{Label: "advice"}, Inside{Note: Internal(b.cut(a.Summary)), Draft: Internal(b.cut(a.Draft))})
	}
}
