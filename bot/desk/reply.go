package desk

import (
	"time"

	"butler/sla"
)

// reply publishes an expert's words to the customer: the only road from inside
// to outside, and always a person's own step.
func (b *book) reply(a Reply) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	if c.Status == Closed {
		b.refuse(WhyNotOpen, c.N)
		return
	}
	text := b.cut(a.Text)
	if text == "" {
		b.refuse(WhyMissingText, c.N)
		return
	}
	b.publish(c, text)
}

// publish tells the customer an expert's words and counts them as the response.
func (b *book) publish(c *Case, text string) {
	c.Touched = b.at
	b.front(NResponded, c, Facts{Text: text, By: b.by()})
	c.Replied = Answer{Key: b.notices[len(b.notices)-1].Key}
	b.respond(c, text, b.at)
	b.board(c, NResponded)
}

// respond stops the response clock at the first words of a named expert that
// the customer can see (design §11), and gives a case without an owner to them.
func (b *book) respond(c *Case, text string, at time.Time) {
	b.log(Event{At: at, Kind: string(NResponded), Case: c.N, By: b.by(), Text: text})
	if c.Respond.Open() {
		b.mark(c, "respond", sla.Mark{At: at, Verb: sla.Stopped})
	}
	if c.Claimed.IsZero() && c.Status != Closed {
		c.Assignee, c.Claimed = b.in.Actor.ID, b.at
	}
}

// note keeps words inside, on the timeline and in the back room.
func (b *book) note(a Note) {
	c := b.pick(a.Case)
	if c == nil {
		return
	}
	text := b.cut(a.Text)
	if text == "" {
		b.refuse(WhyMissingText, c.N)
		return
	}
	c.Touched = b.at
	b.log(Event{Kind: string(NNote), Case: c.N, By: b.by(), Inside: Internal(text)})
	b.back(NNote, c, "", Facts{}, Inside{Note: Internal(text)})
}
