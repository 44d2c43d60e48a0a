package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"butler/bot/chat"
	"butler/bot/desk"
	"butler/bot/triage"
	"butler/commands"
)

// Hear takes a message that a platform heard: it finds whose room it is, reads
// it as a command or by triage, and hands it to that customer's desk. Nil means
// that it is committed (or nobody's business) and may be acknowledged.
func (b *Bot) Hear(ctx context.Context, m chat.Message) error {
	b.Count.Heard.Add(1)
	err := b.hear(ctx, m)
	if errors.Is(err, errMoved) {
		err = b.hear(ctx, m) // another process bound the room elsewhere; it is known now
	}
	return err
}

func (b *Bot) hear(ctx context.Context, m chat.Message) error {
	places := b.placesOf(m)
	if len(places) == 0 && !m.Room.Direct {
		// Another process may have made or bound the room a moment ago.
		err := b.roomsAnew(ctx)
		if places = b.placesOf(m); len(places) == 0 && err != nil {
			return err
		}
	}
	if len(places) == 0 {
		return b.unbound(ctx, m)
	}
	dir := b.Directory()
	in := desk.Input{ID: identity(m), At: m.SentAt, Ref: cmp.Or(m.Marks, m.ID), ThreadRef: m.Thread, Room: places[0].room}
	in.Actor = dir.actor(places[0].customer, m)
	if !m.Sender.App && m.Sender.ID != chat.Unknown && m.Marks == "" { // only who wrote it can be told alone
		in.Leaks = leaks(m.Text)
	}
	customer, act, rest := b.read(ctx, m, places, in)
	if bind, ok := act.(desk.Bind); ok {
		return b.bind(ctx, m, customer, bind)
	}
	if act == nil {
		return nil
	}
	in.Act = act
	in.Actor = dir.actor(customer, m)
	if in.Room != desk.Direct {
		in.Address = m.Room.String()
	}
	if said, ok := act.(desk.Said); ok && in.Room == desk.Front && m.Thread == "" && !in.Actor.Staff() && m.Sender.ID != chat.Unknown {
		in.Act = b.withBefore(ctx, customer, in, said)
	}
	if _, ok := act.(desk.Onboard); ok && !slices.ContainsFunc(places, func(p place) bool { return p.customer == customer }) {
		in.Room = desk.Direct // asked about a customer whose room this is not
	}
	if m.Form {
		if no, err := b.objection(ctx, customer, in); no != nil || err != nil {
			return cmp.Or[error](err, no)
		}
	}
	if err := b.Handle(ctx, customer, in); err != nil || rest.text == "" || in.Actor.Staff() {
		return err
	}
	// Words of the customer that the command cannot carry are heard as well.
	in.ID += "/rest"
	in.Leaks = nil // said already
	in.Thread, in.ThreadRef = rest.n, ""
	in.Act = desk.Said{Text: rest.text, Verdict: triage.Read(rest.text, triage.Context{Addressed: true}), Addressed: true}
	return b.Handle(ctx, customer, in)
}

// leaks are the secrets in a text, masked. A telephone number is none: people
// leave it to be called.
func leaks(text string) []desk.Leak {
	_, found := triage.Mask(text)
	var out []desk.Leak
	for _, s := range found {
		if l := (desk.Leak{Kind: s.Kind, Shown: s.Shown}); s.Kind != triage.Phone && !slices.Contains(out, l) && len(out) < maxLeaks {
			out = append(out, l)
		}
	}
	return out
}

// maxLeaks is how many secrets of one message are named.
const maxLeaks = 10

// placesOf are the customers whom a message may concern, and the room it was said
// in.
func (b *Bot) placesOf(m chat.Message) []place {
	if m.Room.Direct {
		return b.directPlaces(m)
	}
	return b.Directory().whose(m.Room)
}

// withBefore reads words together with those that the same person said shortly
// before, where these have gone nowhere yet.
func (b *Bot) withBefore(ctx context.Context, customer string, in desk.Input, said desk.Said) desk.Said {
	l, _, err := b.load(ctx, customer, 0)
	if err != nil {
		return said // Handle says so
	}
	before := l.Desk.Before(in.Actor.ID, in.At)
	if len(before) == 0 {
		return said
	}
	var text strings.Builder
	for _, w := range before {
		text.WriteString(w.Text + "\n")
	}
	v := triage.Read(text.String()+said.Text, triage.Context{Addressed: said.Addressed})
	v.Why, _ = triage.Mask(v.Why)
	said.Joined = &v
	return said
}

// leftover is what stood behind a command that takes no text, and its case.
type leftover struct {
	text string
	n    int
}

// identity names the message, not its delivery: what arrives twice is known.
func identity(m chat.Message) string {
	id := m.Room.String() + "/" + m.ID
	switch {
	case m.Edits != "":
		id += "/edit/" + m.Edits
	case m.Deletes != "":
		id += "/delete/" + m.Deletes
	}
	return id
}

// read decides what a message is and whose desk it concerns.
func (b *Bot) read(ctx context.Context, m chat.Message, places []place, in desk.Input) (customer string, act desk.Act, rest leftover) {
	customer = places[0].customer
	dir := b.Directory()
	staff := dir.staffOf(m.Room, m.Sender.ID)
	if in.Room == desk.Back && !staff {
		b.log.Warn("words of a stranger in a back room", "room", m.Room.String(), "sender", m.Sender.ID)
		return customer, nil, rest
	}
	text, _ := triage.Mask(m.Text)
	switch {
	case m.Marks != "":
		return customer, b.marked(customer, m, text, in, staff), rest
	case m.Sender.App:
		return customer, b.fromApp(m, text, in), rest
	case m.Deletes != "":
		return b.ownerOf(ctx, places, m.Deletes), desk.Deleted{Of: m.Deletes}, rest
	case m.Edits != "":
		return b.ownerOf(ctx, places, m.Edits), desk.Edited{Of: m.Edits, Text: text}, rest
	}
	r := commands.Read(text, b.reading(m, places, in))
	rest = leftover{r.Rest, r.Case}
	if r.Name == "onboard" && r.Rest != "" && staff {
		r.Act = desk.Misread{Line: r.Name, Why: desk.WhyBadArgument} // a customer who is not known here is not ignored
	}
	if r.Act == nil && in.Room == desk.Front && commands.AsksForHelp(text) {
		r.Act, r.Name = desk.Query{What: "help"}, "help"
	}
	if mis, ok := r.Act.(desk.Misread); ok {
		r.Act = b.guide(mis, r.Name, customer, in)
	}
	if r.Act == nil {
		if len(places) > 1 {
			if owner := b.threadOwner(ctx, places, m.Thread); owner != "" {
				customer = owner // else the words hang under nobody's card
			}
		}
		// Triage reads what was written; what it quotes is masked like the rest.
		v := triage.Read(m.Text, triage.Context{Addressed: m.Mention, Staff: staff})
		v.Why, _ = triage.Mask(v.Why)
		v.Again = triage.Again(m.Text)
		return customer, desk.Said{Text: text, Verdict: v, Addressed: m.Mention || m.Room.Direct}, rest
	}
	if _, bind := r.Act.(desk.Bind); bind || r.Name == "onboard" && staff && dir.has(r.Customer) {
		return r.Customer, r.Act, rest
	}
	if r.Customer == "" && len(places) > 1 {
		customer, act = b.whichCustomer(ctx, r, m, places)
		return customer, act, rest
	}
	if r.Customer != "" {
		for _, p := range places {
			if strings.EqualFold(p.customer, r.Customer) {
				return p.customer, b.prepare(ctx, p.customer, r.Act, in), rest
			}
		}
		return customer, desk.Misread{Line: r.Name, Case: r.Case, Why: desk.WhyWhichCustomer, Choices: choices(places, r.Case), Again: desk.Again(r.Act)}, rest
	}
	return customer, b.prepare(ctx, customer, r.Act, in), rest
}

// reading is what is known about a text before it is read as a command. In a room
// of several customers, and for staff inside, a customer may be named.
func (b *Bot) reading(m chat.Message, places []place, in desk.Input) commands.Context {
	dir := b.Directory()
	c := commands.Context{Room: in.Room, Addressed: m.Mention || m.Room.Direct, Command: m.Command, Staff: dir.staffOf(m.Room, m.Sender.ID),
		People: func(name string) (string, bool) { return dir.resolve(m.Room.Platform, name) }}
	if len(places) > 1 || c.Staff && in.Room != desk.Front {
		c.Customers = dir.has
	}
	return c
}

// marked makes a report of an earlier message: any that the customer's side marks
// by a command, and those that staff mark. Words of the inside are nobody's report:
// they would be read in the front.
func (b *Bot) marked(customer string, m chat.Message, text string, in desk.Input, staff bool) desk.Act {
	switch {
	case !staff && !m.Command:
		return nil
	case in.Room != desk.Front: // nor of a one-to-one chat, which serves many customers
		if m.Command {
			return desk.Misread{Line: "report", Why: desk.WhyFrontOnly}
		}
		return nil
	}
	r := desk.Report{Text: text, Verdict: triage.Read(m.Text, triage.Context{Addressed: true}), Of: m.Marks}
	if author := b.Directory().actor(customer, chat.Message{Room: m.Room, Sender: m.Author}); author.ID != "" && !author.Staff() {
		r.Author = desk.Who{ID: author.ID, Name: author.Name}
	}
	return r
}

// fromApp hears an app or a workflow: it reports what is clearly an incident or a
// vulnerability, and cannot be asked back.
func (b *Bot) fromApp(m chat.Message, text string, in desk.Input) desk.Act {
	v := triage.Read(m.Text, triage.Context{})
	if in.Room != desk.Front || !desk.Sure(v) || strings.HasPrefix(strings.TrimSpace(text), "/") {
		return nil
	}
	v.Why, _ = triage.Mask(v.Why)
	return desk.Said{Text: text, Verdict: v}
}

// guide completes the answer to a wrong command: how it is written when
// something was missing, and the nearest right one only if the asker may use it.
func (b *Bot) guide(m desk.Misread, name, customer string, in desk.Input) desk.Misread {
	if near, ok := commands.Lookup(m.Near); ok && desk.May(in.Actor, in.Room, near.Act) != "" {
		m.Near = ""
	}
	switch m.Why {
	case desk.WhyMissingCase, desk.WhyMissingText, desk.WhyMissingReason, desk.WhyBadArgument:
		if c, ok := commands.Lookup(name); ok {
			m.Usage = c.Usage.In(b.langFor(customer, in))
		}
	}
	return m
}

// whichCustomer resolves a bare command in a room that serves several customers:
// by its thread; else it is answered with the choices. Commands that concern no
// case and no customer (help, oncall) are answered for the first.
func (b *Bot) whichCustomer(ctx context.Context, r commands.Reading, m chat.Message, places []place) (string, desk.Act) {
	in := desk.Input{}
	if m.Thread != "" {
		if owner := b.threadOwner(ctx, places, m.Thread); owner != "" {
			return owner, b.prepare(ctx, owner, r.Act, in)
		}
	}
	if q, ok := r.Act.(desk.Query); ok && (q.What == "help" || q.What == "oncall" || q.What == "budget") {
		return places[0].customer, b.prepare(ctx, places[0].customer, r.Act, desk.Input{Actor: b.Directory().actor(places[0].customer, m), Room: places[0].room})
	}
	if mis, ok := r.Act.(desk.Misread); ok && !r.Bare {
		return places[0].customer, mis
	}
	if r.Case > 0 {
		having := b.havingCase(ctx, places, r.Case)
		if len(having) == 1 && m.Room.Direct {
			owner := having[0].customer
			return owner, b.prepare(ctx, owner, r.Act, desk.Input{Actor: b.Directory().actor(owner, m), Room: desk.Direct})
		}
		if len(having) > 0 {
			places = having
		}
	}
	ways := choices(places, r.Case)
	for i := range ways {
		if r.Finding > 0 {
			ways[i] += fmt.Sprintf("#F%d", r.Finding)
		}
	}
	return places[0].customer, desk.Misread{Line: r.Name, Case: r.Case, Why: desk.WhyWhichCustomer, Choices: ways, Again: desk.Again(r.Act)}
}

// havingCase keeps the customers who have a case of that number on their desk.
func (b *Bot) havingCase(ctx context.Context, places []place, n int) []place {
	var out []place
	for _, p := range places {
		if l, err := b.o.Store.Load(ctx, p.customer); err == nil {
			if _, ok := l.Desk.Case(n); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// choices are the ways to write a case in a shared room.
func choices(places []place, n int) []string {
	var out []string
	for _, p := range places {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s#%d", p.customer, n))
		} else {
			out = append(out, p.customer)
		}
	}
	return out
}

// threadOwner finds the customer under whose board a message hangs; "" when none.
func (b *Bot) threadOwner(ctx context.Context, places []place, thread string) string {
	if thread == "" {
		return places[0].customer
	}
	for _, p := range places {
		l, err := b.o.Store.Load(ctx, p.customer)
		if err == nil && l.Desk.ThreadOf(thread) != 0 {
			return p.customer
		}
	}
	return ""
}

// ownerOf finds the customer to one of whose cases a message belongs, in a room
// that may serve several; the first when it is nobody's.
func (b *Bot) ownerOf(ctx context.Context, places []place, message string) string {
	if len(places) > 1 {
		if owner := b.threadOwner(ctx, places, message); owner != "" {
			return owner
		}
	}
	return places[0].customer
}

// directPlaces are the customers a one-to-one chat may concern: for staff all
// of them, for a customer's contact their own.
func (b *Bot) directPlaces(m chat.Message) []place {
	dir := b.Directory()
	var out []place
	address := m.Room.Platform + ":" + m.Sender.ID
	staff := dir.staffOf(m.Room, m.Sender.ID)
	for _, id := range dir.Customers() {
		h, _ := dir.Home(id)
		if _, contact := h.Contacts[address]; contact || staff {
			out = append(out, place{customer: id, room: desk.Direct})
		}
	}
	return out
}

// prepare completes an act with what only the shell knows: the verdict on a
// report's words, the lines of the help, the lines of the journal.
func (b *Bot) prepare(ctx context.Context, customer string, act desk.Act, in desk.Input) desk.Act {
	switch a := act.(type) {
	case desk.Report:
		a.Verdict = triage.Read(a.Text, triage.Context{Addressed: true, Staff: in.Actor.Staff()})
		return a
	case desk.Query:
		switch a.What {
		case "help":
			lang := b.langFor(customer, in)
			if a.Arg != "" {
				a.Items = commands.HelpFor(a.Arg, lang)
			}
			if len(a.Items) == 0 {
				a.Items = commands.Help(in.Actor.Role, in.Room, lang)
			}
		case "budget":
			a.Items = b.budgets(ctx)
		case "timeline":
			a.Lines = b.timeline(ctx, customer, a.Case)
		}
		return a
	}
	return act
}

// langFor is the language in which a person is answered.
func (b *Bot) langFor(customer string, in desk.Input) string {
	dir := b.Directory()
	if p, ok := dir.people[in.Actor.ID]; ok && p.Language != "" {
		return p.Language
	}
	if h, ok := dir.Home(customer); ok && h.Terms.Language != "" {
		return h.Terms.Language
	}
	return "zh-CN"
}

// timelineLines is how many of a timeline's lines anybody is shown.
const timelineLines = 200

// timeline reads a case's last lines from the journal, page by page from its
// end; 0 means all of the desk's.
func (b *Bot) timeline(ctx context.Context, customer string, n int) []desk.Event {
	l, err := b.o.Store.Load(ctx, customer)
	if err != nil {
		b.log.Error("reading the journal", "customer", customer, "error", err)
		return nil
	}
	var out []desk.Event
	const page = 500
	for end := l.Version; end > 0 && len(out) < timelineLines; end -= page {
		from := max(0, end-page)
		records, err := b.o.Store.Journal(ctx, customer, from, end-from)
		if err != nil {
			b.log.Error("reading the journal", "customer", customer, "error", err)
			return out
		}
		var lines []desk.Event
		for _, r := range records {
			for _, e := range r.Events {
				if n == 0 || e.Case == n {
					lines = append(lines, e)
				}
			}
		}
		out = append(lines, out...)
	}
	return out
}

// Timeline is what the journal says of a case; 0 means all of the desk's.
func (b *Bot) Timeline(ctx context.Context, customer string, n int) []desk.Event {
	return b.timeline(ctx, customer, n)
}
