package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/desk"
	"butler/commands"
	"butler/integrations/sandbox"
)

// view is what the page may see of a running bot: the Service of the sandbox.
type view struct {
	mu    sync.Mutex
	b     *bot.Bot
	store bot.Store
	steps map[stepsOf][]sandbox.Step // newest first
	// changed tells the page that a panel shows something new; may be nil.
	changed func()
}

const keepSteps = 60

// stepsOf are the steps of one customer's desk in one language.
type stepsOf struct{ customer, lang string }

func (v *view) set(b *bot.Bot, s bot.Store) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.b, v.store = b, s
}

func (v *view) now() (*bot.Bot, bot.Store) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.b, v.store
}

func (v *view) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.steps = map[stepsOf][]sandbox.Step{}
}

// desk loads a customer's desk with its terms.
func (v *view) desk(ctx context.Context, customer string) (desk.Desk, error) {
	b, store := v.now()
	l, err := store.Load(ctx, customer)
	if err != nil {
		return desk.Desk{}, err
	}
	h, ok := b.Directory().Home(customer)
	if !ok {
		return desk.Desk{}, fmt.Errorf("no customer is called %q", customer)
	}
	l.Desk.Terms = h.Terms
	return l.Desk, nil
}

// Customers lists who can be played.
func (v *view) Customers() []sandbox.Customer {
	b, _ := v.now()
	dir := b.Directory()
	var out []sandbox.Customer
	for _, id := range dir.Customers() {
		h, _ := dir.Home(id)
		t := h.Terms
		c := sandbox.Customer{ID: id, Name: t.Name, Edition: t.Edition.ID, Called: t.Edition.Name, Language: t.Language,
			Zone: t.Zone.String(), Front: h.Front, Back: h.Back}
		for _, p := range t.Contacts {
			c.People = append(c.People, sandbox.Person{ID: p.ID, Name: p.Name, Role: "customer",
				Users: map[string]string{h.Front.Platform: dir.User(id, p.ID, h.Front.Platform)}})
		}
		for _, p := range t.Staff {
			person := sandbox.Person{ID: p.ID, Name: p.Name, Role: string(p.Role), Users: map[string]string{}}
			for _, platform := range []string{h.Front.Platform, h.Back.Platform} {
				if user := dir.User(id, p.ID, platform); user != "" {
					person.Users[platform] = user
				}
			}
			if room, err := dir.Room(id, desk.Direct, p.ID); err == nil {
				person.Direct = room
			}
			c.People = append(c.People, person)
		}
		out = append(out, c)
	}
	return out
}

// Timers lists what a desk has to do and when.
func (v *view) Timers(ctx context.Context, customer, lang string) ([]sandbox.Timer, error) {
	d, err := v.desk(ctx, customer)
	if err != nil {
		return nil, err
	}
	var out []sandbox.Timer
	for _, dl := range d.Deadlines() {
		what := card.Word(lang, dl.What)
		if c, ok := d.Case(dl.Case); ok && dl.What == desk.DueRung {
			what += rungOf(c, dl.Rung)
		}
		out = append(out, sandbox.Timer{At: dl.At, What: what, Case: dl.Case})
	}
	return out, nil
}

// Cases lists a customer's cases, newest first.
func (v *view) Cases(ctx context.Context, customer, lang string) ([]sandbox.CaseLine, error) {
	d, err := v.desk(ctx, customer)
	if err != nil {
		return nil, err
	}
	var out []sandbox.CaseLine
	for _, c := range slices.Backward(d.Cases) {
		out = append(out, caseLine(d, c, lang))
	}
	return out, nil
}

func caseLine(d desk.Desk, c desk.Case, lang string) sandbox.CaseLine {
	f, _, _ := desk.Board(d, c.N, desk.Front, d.At)
	l := sandbox.CaseLine{N: c.N, Kind: card.Word(lang, c.Kind), Title: c.Title, Phase: f.Phase, Urgent: c.Urgent, Opened: c.Opened,
		Status: card.Word(lang, fmt.Sprintf("phase%d", f.Phase))}
	l.Due = c.Due()
	return l
}

// rungOf counts a rung of a case's ladder as its cards do: " 1/5" is the first.
func rungOf(c desk.Case, rung int) string {
	if rung >= len(c.Row.Ladder) {
		return ""
	}
	return fmt.Sprintf(" %d/%d", rung+1, len(c.Row.Ladder))
}

// Case tells one case.
func (v *view) Case(ctx context.Context, customer string, n int, lang string) (sandbox.CaseFile, error) {
	d, err := v.desk(ctx, customer)
	if err != nil {
		return sandbox.CaseFile{}, err
	}
	c, ok := d.Case(n)
	if !ok {
		return sandbox.CaseFile{}, sandbox.ErrNoCase
	}
	file := sandbox.CaseFile{Line: caseLine(d, c, lang)}
	b, _ := v.now()
	for _, e := range b.Timeline(ctx, customer, n) {
		it, _ := desk.TimelineItem(e, true)
		line := sandbox.EventLine{At: it.At, What: card.Word(lang, it.State), By: it.Label, Text: it.Value, Internal: it.Done}
		if e.Mark != nil {
			line.Text = card.Word(lang, e.Clock)
		}
		switch e.Kind {
		case "stage", "category", "sorted":
			line.Text = card.Word(lang, e.Text)
		case "refused":
			line.Text = card.WordIn(lang, "why", it.Value)
		}
		if e.Rung != nil {
			line.What += rungOf(c, *e.Rung)
		}
		file.Timeline = append(file.Timeline, line)
	}
	for _, it := range desk.ExplainItems(&c, d.Terms.Zone, lang, d.At) {
		file.Explain = append(file.Explain, it.Value)
	}
	return file, nil
}

// Complete lists the commands that fit what was typed.
func (v *view) Complete(customer, person, room, prefix, lang string) []desk.Item {
	b, _ := v.now()
	role := desk.CustomerSide
	if h, ok := b.Directory().Home(customer); ok {
		if p, ok := h.Terms.Person(person); ok {
			role = p.Role
		}
	}
	return commands.Complete(prefix, role, desk.Room(room), lang)
}

// Inside lists the last inputs of a desk and what each changed.
func (v *view) Inside(customer, lang string) []sandbox.Step {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.steps[stepsOf{customer, lang}])
}

// watch remembers a committed change for Inside. It never keeps text.
func (v *view) watch(c bot.Committed) {
	if v.changed != nil {
		v.changed()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, lang := range card.Languages {
		of := stepsOf{c.Customer, lang}
		list := append([]sandbox.Step{stepOf(c, lang)}, v.steps[of]...)
		v.steps[of] = list[:min(len(list), keepSteps)]
	}
}

// stepOf is a committed change in the words of one language.
func stepOf(c bot.Committed, lang string) sandbox.Step {
	s := sandbox.Step{At: c.Now, Input: desk.Name(c.Input.Act), By: c.Input.Actor.Name}
	word := func(domain, id string) string { return card.WordIn(lang, domain, id) }
	if said, ok := c.Input.Act.(desk.Said); ok {
		s.Note = fmt.Sprintf("%s %.2f", word("label", said.Verdict.Label), said.Verdict.Confidence)
	}
	add := func(kind, text string) { s.Changes = append(s.Changes, sandbox.StepChange{Kind: kind, Text: text}) }
	for _, e := range c.Change.Events {
		text := word("event", e.Kind)
		if e.Mark != nil {
			text = word("clock", e.Clock) + " · " + word("event", "clock-"+string(e.Mark.Verb))
		}
		if e.Case != 0 {
			text += fmt.Sprintf(" #%d", e.Case)
		}
		add("event", text)
	}
	for _, n := range c.Change.Notices {
		kind, text := "notice", word("event", string(n.Kind))+" → "+word("room", string(n.Room))
		if n.Board {
			kind = "board"
		}
		if n.Person != "" {
			text += " @" + n.Person
		}
		if k, ok := c.Change.Next.Case(n.Case); ok && n.Rung != nil {
			text += rungOf(k, *n.Rung)
		}
		add(kind, text)
	}
	if wake := c.Change.Next.Wake(); !wake.IsZero() {
		add("wake", wake.In(c.Change.Next.Terms.Zone).Format("01-02 15:04:05"))
	}
	return s
}

var _ sandbox.Service = (*view)(nil)
