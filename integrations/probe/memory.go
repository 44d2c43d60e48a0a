package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// books are what one customer's looks remember: one text under one name.
type books struct {
	V        int               `json:"v"`
	Open     []Finding         `json:"open,omitempty"`
	Normal   map[string]normal `json:"normal,omitempty"` // by asset
	Accepted []string          `json:"accepted,omitempty"`
}

// normal is what an asset is like when all is well.
type normal struct {
	Since    time.Time           `json:"since"`
	Records  map[string][]string `json:"records,omitempty"`  // DNS, by type
	Title    string              `json:"title,omitempty"`    // of the page
	Text     []string            `json:"text,omitempty"`     // its stable text, line by line, at most maxText bytes
	Hosts    []string            `json:"hosts,omitempty"`    // from which it takes scripts and frames
	Hidden   []string            `json:"hidden,omitempty"`   // to which it has hidden links
	Redirect string              `json:"redirect,omitempty"` // the foreign host it redirects to
	HasPage  bool                `json:"has_page,omitempty"` // the page itself has been looked at
	Tainted  bool                `json:"tainted,omitempty"`  // it was suspicious then
}

func (n normal) clone() normal {
	n.Records = maps.Clone(n.Records)
	return n
}

func (b books) accepted() map[string]bool {
	m := map[string]bool{}
	for _, id := range b.Accepted {
		m[id] = true
	}
	return m
}

func name(customer string) string { return "probe/" + customer }

// recall reads a customer's books. Books that cannot be parsed are no books: the
// next look is a first one, which is said.
func (p *Prober) recall(ctx context.Context, customer string) (books, error) {
	fresh := books{V: 1, Normal: map[string]normal{}}
	if p.memory == nil {
		return fresh, nil
	}
	text, err := p.memory.Recall(ctx, name(customer))
	if err != nil || text == "" {
		return fresh, err
	}
	b := fresh
	if err := json.Unmarshal([]byte(text), &b); err != nil || b.V != 1 {
		p.log.Error("probe: what was remembered cannot be read and is learnt anew", "customer", customer, "error", err)
		return fresh, nil
	}
	if b.Normal == nil {
		b.Normal = map[string]normal{}
	}
	return b, nil
}

// remember writes what is open and what is normal now. What was normal of an asset
// that is named and was not looked at this time is kept. An acceptance that came
// in meanwhile is kept as well; one that has been worked in, or whose finding is
// gone, is not needed any more.
func (p *Prober) remember(ctx context.Context, j *Job, d Diff, visits []*visit) error {
	if p.memory == nil {
		return nil
	}
	if ctx.Err() != nil { // what was seen until now is worth keeping
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
	}
	p.books.Lock()
	defer p.books.Unlock()
	late, err := p.recall(ctx, j.Customer)
	if err != nil {
		return err
	}
	b := books{V: 1, Open: d.Open(), Normal: map[string]normal{}}
	open := map[string]bool{}
	for _, f := range b.Open {
		open[f.ID] = true
	}
	b.Accepted = slices.DeleteFunc(late.Accepted, func(id string) bool { return !open[id] })
	for _, a := range j.assets {
		if n, known := late.Normal[a.text]; known {
			b.Normal[a.text] = n
		}
	}
	for _, v := range visits {
		if v.is.Since.IsZero() {
			v.is.Since = p.now()
		}
		b.Normal[v.asset.text] = v.is
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return p.memory.Remember(ctx, name(j.Customer), string(text))
}

// Accept makes normal what a finding says has changed: the next look takes it as
// it is and reports the finding as fixed. An error says that there is no such open
// finding, or that it is no change (such a one is accepted at the desk, until a
// date, and stays what it is).
func (p *Prober) Accept(ctx context.Context, customer, findingID string) error {
	if p.memory == nil {
		return fmt.Errorf("probe: without a memory nothing can be accepted")
	}
	p.books.Lock()
	defer p.books.Unlock()
	b, err := p.recall(ctx, customer)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(b.Open, func(f Finding) bool { return f.ID == findingID })
	switch {
	case i < 0:
		return fmt.Errorf("probe: %s has no open finding %s", customer, clean(findingID, 60))
	case !b.Open[i].Change:
		return fmt.Errorf("probe: finding %s is no change of what was normal (it is a %s), so it cannot become normal", findingID, b.Open[i].Kind)
	case slices.Contains(b.Accepted, findingID):
		return nil
	}
	b.Accepted = append(b.Accepted, findingID)
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return p.memory.Remember(ctx, name(customer), string(text))
}

// memoryCheck stands where the memory failed; it is no check of an asset.
const memoryCheck Check = "memory"

// lost says that this look stands alone.
func (p *Prober) lost(err error) Seen {
	p.log.Error("probe: the memory of earlier looks fails", "error", err)
	return Seen{Check: memoryCheck, At: p.now(), Detail: say("未能与上次巡检比较：%s", "not compared with the look before: %s", clean(reason(err), 120))}
}

// cutText keeps lines of text up to a size.
func cutText(lines []string, most int) []string {
	for i, l := range lines {
		if most -= len(l) + 1; most < 0 {
			return slices.Clone(lines[:i])
		}
	}
	return lines
}

// joined words a list of values shortly.
func joined(values []string) string {
	if len(values) == 0 {
		return "—"
	}
	if len(values) > 6 {
		values = append(slices.Clone(values[:6]), "…")
	}
	return clean(strings.Join(values, ", "), 240)
}
