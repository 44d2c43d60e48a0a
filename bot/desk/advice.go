package desk

import "slices"

// inquire asks the advisor, where there is one, and puts the question on the
// timeline.
func (b *book) inquire(q Inquiry) {
	if _, answer := b.in.Act.(Advised); answer || !b.terms().Advised {
		return // what its own answer opened needs no second one
	}
	b.asks = append(b.asks, q)
	b.log(Event{Kind: "advice-asked", Case: q.Case})
}

// advised hears a model's advice. It may raise, it may only propose lowering,
// and what it drafts stays inside until a person publishes it. Advice for a case
// that has moved on is dropped.
func (b *book) advised(a Advised) {
	if a.Failed != "" {
		b.log(Event{Kind: "advice", Case: a.Case, Inside: Internal(b.cut(string(noAdvice(a.Failed).In(b.langOf(Back, "")))))})
		return
	}
	if a.Slip != 0 {
		b.secondOpinion(a)
		return
	}
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

// secondOpinion hears what the model makes of a message about which the rules
// asked instead of guessing. An incident or a vulnerability is opened, as if the
// customer had pressed the button; anything less leaves the question to them.
func (b *book) secondOpinion(a Advised) {
	i := slices.IndexFunc(b.d.Slips, func(s Slip) bool { return s.N == a.Slip })
	v := a.Verdict
	b.log(Event{Kind: "advice", By: "AI", Inside: Internal(b.cut(v.Label + " " + a.Summary))})
	if i < 0 || b.d.Slips[i].Case != 0 || b.d.Slips[i].Staff || b.d.Slips[i].None || v.Label != string(Incident) && v.Label != string(Vulnerability) {
		return
	}
	s := b.d.Slips[i]
	b.at, b.in.Ref, b.in.Room = s.At, s.Ref, Front
	b.in.Actor = Actor{ID: s.By.ID, Name: s.By.Name, Role: CustomerSide}
	v.Assets, v.Why = s.Verdict.Assets, s.Verdict.Why
	if v.Category == "" {
		v.Category = s.Verdict.Category
	}
	n := b.openOrHandOff(Kind(v.Label), v, s.Text, s.N)
	b.tookWith(s, n)
	if c := b.find(n); c != nil {
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
