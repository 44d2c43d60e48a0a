package desk

import "slices"

// edited puts the new text of a report or addition on the timeline and passes
// it on; deleted does the same for a deletion. What was said stays said. The new
// text of what staff wrote inside stays inside: it was typed where nobody else
// reads along.
func (b *book) edited(a Edited) {
	c := b.ofMessage(a.Of)
	if c == nil {
		return
	}
	text := b.cut(a.Text)
	c.Touched = b.at
	if b.in.Actor.Staff() && b.in.Room != Front {
		b.log(Event{Kind: "edited-inside", Case: c.N, By: b.by(), Inside: Internal(text)})
		return
	}
	b.logBy("edited", c.N, text)
	if b.in.Room == Front && !b.in.Actor.Staff() {
		b.back(NAdded, c, "", Facts{Text: text, Label: "edited"}, Inside{})
	}
}

func (b *book) deleted(a Deleted) {
	c := b.ofMessage(a.Of)
	switch {
	case c == nil:
	case b.in.Actor.Staff() && b.in.Room != Front:
		b.log(Event{Kind: "deleted-inside", Case: c.N, By: b.by()})
	default:
		b.logBy("deleted", c.N, "")
		b.back(NAdded, c, "", Facts{Label: "deleted"}, Inside{})
	}
}

// maxRefs is how many messages of one case are known by their ids.
const maxRefs = 50

// refer ties the message that is being heard to a case.
func (b *book) refer(c *Case) {
	if b.in.Ref == "" || len(c.Refs) >= maxRefs {
		return
	}
	r := Ref{ID: b.in.Ref, At: b.at}
	if b.in.Room != Front {
		r.Room = b.in.Room
	}
	c.Refs = append(c.Refs, r)
}

// ofMessage finds the case a platform message belongs to, among those of the room
// in which it was changed.
func (b *book) ofMessage(ref string) *Case {
	for _, c := range b.d.Cases {
		if slices.ContainsFunc(c.Refs, func(r Ref) bool { return r.ID == ref && (r.Room == b.in.Room || r.Room == "" && b.in.Room == Front) }) {
			return b.edit(c.N)
		}
	}
	return nil
}
