package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/commands"
)

// forms are the commands that are mostly free text, which a form collects.
// several says that a report may say of itself what it is.
var forms = map[string]struct{ kind bool }{
	"reply": {}, "ask": {}, "resolve": {}, "note": {}, "lower": {}, "report": {kind: true}, "accept": {},
}

// kindsOfReport are the choices of a report: words of the table of words, and
// what the command types for them.
var kindsOfReport = []struct{ word, typed string }{
	{"auto", ""}, {"incident-urgent", "incident urgent"}, {"incident", "incident normal"},
	{"vulnerability-high", "vulnerability high"}, {"vulnerability-medium", "vulnerability medium"}, {"vulnerability-low", "vulnerability low"},
	{"consultation", "consultation"}, {"policy", "policy"},
}

// maxChoices is how many open cases a form offers (Slack takes 100). typedThere
// stands for any other, whose number begins the text: it adds nothing to the command,
// and is not "", which a form chooses by itself.
const (
	maxChoices = 100
	typedThere = " "
)

// Form says which form collects what the command of m lacks.
func (b *Bot) Form(ctx context.Context, m chat.Message) (card.Form, bool) {
	places := b.placesOf(m)
	if len(places) == 0 || !m.Command {
		return card.Form{}, false
	}
	in := desk.Input{Actor: b.Directory().actor(places[0].customer, m), Room: places[0].room}
	r := commands.Read(m.Text, b.reading(m, places, in))
	mis, ok := r.Act.(desk.Misread)
	what, known := forms[r.Name]
	if !ok || !known || mis.Why != desk.WhyMissingText && mis.Why != desk.WhyMissingReason && mis.Why != desk.WhyMissingCase ||
		desk.May(in.Actor, in.Room, r.Name) != "" {
		return card.Form{}, false
	}
	lang := b.langFor(places[0].customer, in)
	word := func(id string) string { return card.WordIn(lang, "form", id) }
	f := card.Form{Lang: lang, Title: word(r.Name), Command: "/" + r.Name, Send: word("send"), Cancel: word("cancel")}
	if r.Customer != "" {
		places = only(places, r.Customer)
	}
	if what.kind {
		if len(places) != 1 {
			return card.Form{}, false // whose report it is must be said first
		}
		if r.Customer != "" {
			f.Command += " " + r.Customer + "#"
		}
		kinds := card.Input{Label: word("kind")}
		for _, k := range kindsOfReport {
			kinds.Options = append(kinds.Options, card.Option{Label: word(k.word), Value: k.typed})
		}
		f.Fields = append(f.Fields, kinds)
	} else if r.Finding > 0 {
		if len(places) != 1 {
			return card.Form{}, false // whose finding it is must be said first
		}
		f.About = fmt.Sprintf("F%d", r.Finding)
		if in.Actor.Staff() {
			f.About = places[0].customer + "#" + f.About // one chat may serve many customers
		}
		f.Command += " " + f.About
	} else {
		choices := b.choicesOf(ctx, places, m, r.Case, in.Actor, word("other-case"))
		switch len(choices) {
		case 0:
			return card.Form{}, false
		case 1:
			f.Command += " " + choices[0].Value
			f.About = choices[0].Label
		default:
			f.Fields = append(f.Fields, card.Input{Label: word("case"), Options: choices})
		}
	}
	f.Fields = append(f.Fields, card.Input{Label: word(r.Name + "-text"), Hint: word(r.Name + "-hint"), Max: desk.MaxText})
	return f, true
}

// choicesOf are the open cases a command without its case may mean: that of the
// number, that of the thread, or all; the most likely first. Beyond maxChoices the
// last one says how to type any other.
func (b *Bot) choicesOf(ctx context.Context, places []place, m chat.Message, n int, actor desk.Actor, other string) []card.Option {
	var all, hit []choice
	for _, p := range places {
		l, err := b.o.Store.Load(ctx, p.customer)
		if err != nil {
			b.log.Error("reading a desk for a form", "customer", p.customer, "error", err)
			continue
		}
		thread := l.Desk.ThreadOf(m.Thread)
		for _, c := range l.Desk.Cases {
			if c.Status == desk.Closed || c.Kind == desk.Onboarding && !actor.Staff() {
				continue
			}
			ref := fmt.Sprintf("#%d", c.N)
			if actor.Staff() {
				ref = p.customer + ref // one chat may serve many customers
			}
			o := choice{card.Option{Label: ref + " " + c.Title, Value: ref}, likely(c, actor), c.Touched}
			if n != 0 && c.N == n || n == 0 && c.N == thread {
				hit = append(hit, o)
			}
			if c.Status == desk.Open {
				all = append(all, o)
			}
		}
	}
	if n != 0 || len(hit) > 0 {
		return options(hit, other)
	}
	return options(all, other)
}

// choice is one case of a form.
type choice struct {
	card.Option
	likely  bool
	touched time.Time
}

// likely reports whether somebody means a case before others: an expert one that
// they have, the customer one that waits for them.
func likely(c desk.Case, actor desk.Actor) bool {
	if actor.Staff() {
		return c.Assignee == actor.ID && !c.Claimed.IsZero()
	}
	return c.Asked != nil
}

// options puts the likely cases first, then those in which something happened last,
// and leaves at most maxChoices.
func options(all []choice, other string) []card.Option {
	if len(all) > maxChoices {
		slices.SortStableFunc(all, func(x, y choice) int {
			if x.likely != y.likely {
				if x.likely {
					return -1
				}
				return 1
			}
			return y.touched.Compare(x.touched)
		})
		all = append(all[:maxChoices-1:maxChoices-1], choice{Option: card.Option{Label: other, Value: typedThere}})
	}
	out := make([]card.Option, len(all))
	for i, c := range all {
		out[i] = c.Option
	}
	return out
}

func only(places []place, customer string) []place {
	for _, p := range places {
		if strings.EqualFold(p.customer, customer) {
			return []place{p}
		}
	}
	return nil
}

// objection is what a desk would refuse in an input, worded for the asker; nil
// when it would take it. A form is told before it closes, so that no words are
// lost.
func (b *Bot) objection(ctx context.Context, customer string, in desk.Input) (*chat.Declined, error) {
	l, err := b.o.Store.Load(ctx, customer)
	if err != nil {
		return nil, err
	}
	h, _ := b.Directory().Home(customer)
	d := l.Desk
	d.Customer, d.Terms = customer, h.Terms
	ch, broken := b.guarded(d, in, l.Now)
	if broken != nil {
		return nil, nil // Handle parks it
	}
	for _, n := range ch.Notices {
		if n.Kind == desk.NRefused && n.Person == in.Actor.ID {
			return worded(n)
		}
	}
	return nil, nil
}

// worded is a refusal as plain text: what the card says, without its small print.
func worded(n desk.Notice) (*chat.Declined, error) {
	c, err := card.For(n)
	if err != nil {
		return nil, err
	}
	c.Buttons, c.Foot = nil, ""
	return &chat.Declined{Text: c.String()}, nil
}

// decline words a refusal that concerns no desk, in the asker's language.
func (b *Bot) decline(m chat.Message, why string) error {
	lang := b.Directory().langOf(m.Room, m.Sender.ID)
	n := desk.Notice{Kind: desk.NRefused, Room: desk.Front, Lang: lang, Facts: &desk.Facts{Why: why}}
	d, err := worded(n)
	if err != nil {
		return err
	}
	return d
}
