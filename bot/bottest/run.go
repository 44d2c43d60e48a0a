package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"butler/bot"
	"butler/bot/desk"
	"butler/sla"
)

// Run runs a play in a new world and returns what the bot said, step by step.
// An error means that a step could not be played (an unknown customer, a button
// that is not there); it names the line.
func (p *Play) Run(ctx context.Context, o WorldOptions, said func(step int, line Line)) error {
	return p.run(ctx, o, said, func(error) bool { return false })
}

// run is Run; goOn decides whether a step that could not be played ends the play.
func (p *Play) run(ctx context.Context, o WorldOptions, said func(step int, line Line), goOn func(error) bool) error {
	if len(p.Steps) > 0 && p.Steps[0].Verb == "at" {
		o.Start = p.Steps[0].At
	}
	w, err := NewWorld(ctx, o)
	if err != nil {
		return err
	}
	told := 0
	flush := func(i int) {
		for ; told < len(w.Told); told++ {
			said(i, w.line(w.Told[told]))
		}
	}
	// What the start itself tells belongs to the first line.
	flush(0)
	for i, s := range p.Steps {
		lines, err := w.play(ctx, s)
		flush(i)
		for _, l := range lines {
			said(i, l)
		}
		if err == nil {
			continue
		}
		if err = fmt.Errorf("%s:%d: %w", p.Name, s.Line, err); ctx.Err() != nil || !goOn(err) {
			return err
		}
	}
	return nil
}

// play does one step.
func (w *World) play(ctx context.Context, s Step) ([]Line, error) {
	switch s.Verb {
	case "at":
		return nil, w.Bot.Advance(ctx, w.Clock, s.At)
	case "wait":
		return nil, w.Wait(ctx, s.For)
	case "crash":
		return nil, w.Crash(ctx, s.For)
	case "say":
		return nil, w.Say(ctx, s.Customer, s.Room, s.Person, s.Text, s.Thread)
	case "click":
		return nil, w.Click(ctx, s.Customer, s.Room, s.Person, s.Text)
	case "redeliver":
		return nil, w.Redeliver(ctx)
	case "down":
		f := w.Fakes[s.Fields[0]]
		if f == nil {
			return nil, fmt.Errorf("no room is on a platform called %q; there are %s", s.Fields[0], strings.Join(w.platforms(), ", "))
		}
		f.Down(w.Clock.Now().Add(s.For))
		return nil, nil
	case "finding":
		act, err := finding(s, w.Clock.Now())
		if err != nil {
			return nil, err
		}
		return nil, w.must(ctx, s.Customer, act)
	case "advise":
		var a desk.Advised
		if err := remarshal(s.Body, &a.Verdict); err != nil {
			return nil, err
		}
		a.Case = s.Thread
		a.Draft, _ = s.Body["draft"].(string)
		a.Summary, _ = s.Body["summary"].(string)
		return nil, w.must(ctx, s.Customer, a)
	case "read":
		return nil, w.must(ctx, s.Customer, desk.ReadBy{Person: s.Person})
	case "show":
		return w.show(ctx, s)
	}
	return nil, fmt.Errorf("no verb is called %q", s.Verb)
}

func (w *World) must(ctx context.Context, customer string, act desk.Act) error {
	if _, ok := w.Dir.Home(customer); !ok {
		return fmt.Errorf("no customer is called %q; there are %s", customer, strings.Join(w.Dir.Customers(), ", "))
	}
	return w.Act(ctx, customer, act)
}

func (w *World) platforms() []string {
	var out []string
	for name := range w.Fakes {
		out = append(out, name)
	}
	return out
}

// finding reads the object of a finding in the shape of POST /v1/findings.
func finding(s Step, now time.Time) (desk.Found, error) {
	f := desk.Found{Source: "play", SeenAt: now}
	if err := remarshal(s.Body, &f); err != nil {
		return f, err
	}
	f.Fixed = s.Body["status"] == "fixed"
	if f.ID == "" || f.Title == "" {
		return f, errors.New("a finding needs at least id and title")
	}
	return f, nil
}

func remarshal(from map[string]any, to any) error {
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// Line is one thing the bot said, or one thing a show printed.
type Line struct {
	At       time.Time
	Customer string
	Told     *bot.Telling
	Show     map[string]any // of show
	Text     []string       // of show, in words
}

func (w *World) line(t bot.Telling) Line {
	at := t.At
	if h, ok := w.Dir.Home(t.Notice.Customer); ok {
		at = at.In(h.Terms.Zone)
	}
	return Line{At: at, Customer: t.Notice.Customer, Told: &t}
}

// String is the line as a play writes it, with its leading spaces.
func (l Line) String() string {
	if l.Told == nil {
		return "  " + strings.Join(l.Text, "\n  ")
	}
	n := l.Told.Notice
	where := string(n.Room)
	switch {
	case n.Room == desk.Direct:
		where = "dm " + n.Person
	case n.Room == desk.Back && n.Person != "":
		where = "@" + n.Person
	case n.Private:
		where = n.Person + " only"
	}
	what := string(n.Kind)
	if n.Case != 0 {
		what += fmt.Sprintf(" #%d", n.Case)
	}
	if n.Rung != nil {
		what += fmt.Sprintf(" rung %d", *n.Rung)
	}
	if l.Told.Edit {
		what += " (edit)"
	}
	text := strings.Join(strings.Fields(l.Told.Card.Line()), " ")
	if utf8.RuneCountInString(text) > 100 {
		text = string([]rune(text)[:99]) + "…"
	}
	return strings.TrimRight(fmt.Sprintf("  %s  %s %-9s %s · %s", l.At.Format("01-02 15:04"), l.Customer, where, what, text), " ·")
}

// MarshalJSON is the object of butler play -json (design §16).
func (l Line) MarshalJSON() ([]byte, error) {
	if l.Told == nil {
		return json.Marshal(l.Show)
	}
	n := l.Told.Notice
	return json.Marshal(struct {
		At       string          `json:"at"`
		Customer string          `json:"customer"`
		Room     desk.Room       `json:"room"`
		Person   string          `json:"person"`
		Notice   desk.NoticeKind `json:"notice"`
		Case     int             `json:"case"`
		Rung     *int            `json:"rung,omitempty"`
		Text     string          `json:"text"`
		Edit     bool            `json:"edit"`
	}{l.At.Format(time.RFC3339), l.Customer, n.Room, n.Person, n.Kind, n.Case, n.Rung, l.Told.Card.String(), l.Told.Edit})
}

// show prints what people see of a desk.
func (w *World) show(ctx context.Context, s Step) ([]Line, error) {
	customer := s.Customer
	if customer == "" {
		customer = w.lastC
	}
	if customer == "" && len(w.Dir.Customers()) > 0 {
		customer = w.Dir.Customers()[0]
	}
	h, ok := w.Dir.Home(customer)
	if !ok {
		return nil, fmt.Errorf("no customer is called %q; there are %s", customer, strings.Join(w.Dir.Customers(), ", "))
	}
	d, err := w.Desk(ctx, customer)
	if err != nil {
		return nil, err
	}
	l := Line{At: w.Clock.Now().In(h.Terms.Zone), Customer: customer, Show: map[string]any{"show": s.Text, "customer": customer,
		"at": w.Clock.Now().In(h.Terms.Zone).Format(time.RFC3339)}}
	lang := h.Terms.Language
	switch s.Text {
	case "desk":
		var head, cases any
		json.Unmarshal(d.EncodeHead(), &head)
		b, _ := json.Marshal(d.Cases)
		json.Unmarshal(b, &cases)
		l.Show["desk"], l.Show["cases"] = head, cases
		for _, c := range d.Cases {
			l.Text = append(l.Text, fmt.Sprintf("#%d %s %s %s", c.N, c.Kind, c.Status, c.Title))
		}
	case "timers":
		var items []map[string]any
		for _, dl := range d.Deadlines() {
			if s.Thread != 0 && dl.Case != s.Thread {
				continue
			}
			items = append(items, map[string]any{"at": dl.At.In(h.Terms.Zone).Format(time.RFC3339), "what": dl.What, "case": dl.Case, "rung": dl.Rung})
			l.Text = append(l.Text, strings.TrimSuffix(fmt.Sprintf("%s %s #%d rung %d", dl.At.In(h.Terms.Zone).Format("01-02 15:04:05"), dl.What, dl.Case, dl.Rung), " rung 0"))
		}
		l.Show["timers"] = items
	case "timeline":
		var events []desk.Event
		for _, e := range w.Bot.Timeline(ctx, customer, s.Thread) {
			events = append(events, e)
			who := e.By
			if len(e.Who) > 0 {
				who = strings.Join(e.Who, ",")
			}
			clock := ""
			if e.Mark != nil {
				clock = e.Clock + "-" + string(e.Mark.Verb)
			}
			l.Text = append(l.Text, strings.Join(strings.Fields(fmt.Sprintf("%s #%d %s %s %s %s %s", e.At.In(h.Terms.Zone).Format("01-02 15:04:05"), e.Case, e.Kind, clock, who, e.Text, e.Inside)), " "))
		}
		l.Show["timeline"], l.Show["case"] = events, s.Thread
	case "explain":
		c, ok := d.Case(s.Thread)
		if !ok {
			return nil, fmt.Errorf("%s has no case %d on the desk", customer, s.Thread)
		}
		for _, it := range desk.ExplainItems(&c, h.Terms.Zone, lang, w.Clock.Now()) {
			l.Text = append(l.Text, it.State+": "+it.Value)
		}
		l.Show["explain"], l.Show["case"] = l.Text, s.Thread
		l.Show["text"] = strings.Join(l.Text, "\n")
		for name, k := range map[string]sla.Clock{"respond": c.Respond, "resolve": c.Resolve} {
			if k.Promised() {
				l.Show[name+"_by"] = k.State(w.Clock.Now()).Due.In(h.Terms.Zone).Format(time.RFC3339)
			}
		}
	}
	if len(l.Text) == 0 {
		l.Text = []string{"(nothing)"}
	}
	return []Line{l}, nil
}

// Script runs a play and returns its text with the bot's lines as they are now,
// and the differences to the lines that were written: empty when it went as
// told.
func (p *Play) Script(ctx context.Context, o WorldOptions) (text string, diff []string, err error) {
	got := make([][]string, len(p.Steps))
	err = p.Run(ctx, o, func(i int, l Line) {
		got[i] = append(got[i], strings.Split(l.String(), "\n")...)
	})
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	for _, h := range p.Head {
		fmt.Fprintln(&b, h)
	}
	for i, s := range p.Steps {
		fmt.Fprintln(&b, s.Raw)
		for _, g := range got[i] {
			fmt.Fprintln(&b, g)
		}
		for _, t := range s.Tail {
			fmt.Fprintln(&b, t)
		}
		diff = append(diff, difference(p.Name, s, got[i])...)
	}
	return b.String(), diff, nil
}

// difference compares what was expected of a step with what happened.
func difference(name string, s Step, got []string) []string {
	var out []string
	for i := 0; i < max(len(s.Want), len(got)); i++ {
		want, have := "", ""
		if i < len(s.Want) {
			want = s.Want[i]
		}
		if i < len(got) {
			have = got[i]
		}
		if want == have {
			continue
		}
		head := fmt.Sprintf("%s:%d:", name, s.Line)
		if want != "" {
			out = append(out, head+" - "+want)
		}
		if have != "" {
			out = append(out, head+" + "+have)
		}
	}
	return out
}

// JSON runs a play and writes one object a line for everything told. A step that
// cannot be played is skipped; the error names all of them.
func (p *Play) JSON(ctx context.Context, o WorldOptions, to io.Writer) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	var errs []error
	err := p.run(ctx, o, func(_ int, l Line) {
		if err := e.Encode(l); err != nil && len(errs) == 0 {
			errs = append(errs, err)
		}
	}, func(err error) bool {
		errs = append(errs, err)
		return true
	})
	return errors.Join(append(errs, err)...)
}

var _ bot.Platform = (*Fake)(nil)
var _ bot.Editor = (*Fake)(nil)
