package bot

import (
	"context"
	"fmt"
	"slices"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// maxHome is how many cases a page of one's own shows; the others are counted.
const maxHome = 20

// queued is one case of a home, with its desk.
type queued struct {
	desk.Queued
	d desk.Desk
}

// Home is somebody's own page: first what there is in all, then one card per
// case, the most pressing first.
func (b *Bot) Home(ctx context.Context, platform, user string) ([]card.Card, error) {
	dir := b.Directory()
	now, err := b.o.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	if p, ok := dir.people[dir.users[platform+":"+user]]; ok {
		var all []queued
		err := b.eachDesk(ctx, func(d desk.Desk) {
			for _, q := range d.Queue(p, now) {
				all = append(all, queued{q, d})
			}
		})
		if err != nil {
			return nil, err
		}
		return b.staffHome(all, b.langFor("", desk.Input{Actor: desk.Actor{ID: p.ID}}), desk.Facts{Now: now, By: p.Name})
	}
	var cards []card.Card
	for _, p := range b.directPlaces(chat.Message{Room: chat.Room{Platform: platform, ID: user, Direct: true}, Sender: chat.Person{ID: user}}) {
		l, err := b.o.Store.Load(ctx, p.customer)
		if err != nil {
			return nil, err
		}
		h, _ := dir.Home(p.customer)
		l.Desk.Terms = h.Terms
		more, err := b.customerHome(l.Desk, desk.Facts{Now: now, Customer: h.Terms.Name, Zone: h.Terms.Zone.String()})
		if err != nil {
			return nil, err
		}
		cards = append(cards, more...)
	}
	if len(cards) > 0 {
		return cards, nil
	}
	c, err := fillHome("home", dir.language(platform), desk.Facts{Now: now}, nil)
	return []card.Card{c}, err
}

// eachDesk reads every customer's desk with its terms.
func (b *Bot) eachDesk(ctx context.Context, do func(desk.Desk)) error {
	dir := b.Directory()
	for _, id := range dir.Customers() {
		l, err := b.o.Store.Load(ctx, id)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			b.log.Error("a desk cannot be read; the others are shown", "customer", id, "error", err)
			continue
		}
		h, _ := dir.Home(id)
		l.Desk.Customer, l.Desk.Terms = id, h.Terms
		do(l.Desk)
	}
	return nil
}

func (b *Bot) staffHome(all []queued, lang string, f desk.Facts) ([]card.Card, error) {
	slices.SortStableFunc(all, func(x, y queued) int {
		if x.Turn != y.Turn {
			return x.Turn.Rank() - y.Turn.Rank()
		}
		return desk.CompareDue(x.Due, y.Due)
	})
	f.Items = counts(all)
	head, err := fillHome("home.back", lang, f, &desk.Inside{})
	if err != nil {
		return nil, err
	}
	cards := []card.Card{head}
	for i, q := range all {
		if i == maxHome {
			break
		}
		f, in, ok := desk.Board(q.d, q.N, desk.Back, f.Now)
		if !ok {
			continue
		}
		f.Ref = fmt.Sprintf("%s#%d", q.d.Customer, q.N)
		f.Label = string(q.Turn)
		c, err := fillHome("queue.back", lang, f, in)
		if err != nil {
			return nil, err
		}
		if k, ok := q.d.Case(q.N); ok {
			c.Links = b.links(q.d.Customer, k, desk.Direct, lang)
		}
		cards = append(cards, c)
	}
	return cards, nil
}

// counts says how many cases there are of each turn.
func counts(all []queued) []desk.Item {
	n := map[desk.Turn]int{}
	for _, q := range all {
		n[q.Turn]++
	}
	var out []desk.Item
	for _, t := range desk.Turns {
		if n[t] > 0 {
			out = append(out, desk.Item{State: string(t), N: n[t]})
		}
	}
	return out
}

func (b *Bot) customerHome(d desk.Desk, f desk.Facts) ([]card.Card, error) {
	lang := d.Terms.Language
	var cases []card.Card
	for _, c := range slices.Backward(d.Cases) {
		if c.Status == desk.Closed || c.Kind == desk.Onboarding || len(cases) == maxHome {
			continue
		}
		f, _, ok := desk.Board(d, c.N, desk.Front, f.Now)
		if !ok {
			continue
		}
		k, err := fillHome("queue", lang, f, nil)
		if err != nil {
			return nil, err
		}
		k.Links = b.links(d.Customer, c, desk.Front, lang)
		cases = append(cases, k)
	}
	f.N = len(cases)
	head, err := fillHome("home", lang, f, nil)
	if err != nil {
		return nil, err
	}
	return append([]card.Card{head}, cases...), nil
}

func fillHome(name, lang string, f desk.Facts, in *desk.Inside) (card.Card, error) {
	s, ok := card.Lookup(lang, name)
	if !ok {
		return card.Card{}, fmt.Errorf("there is no sheet %s", name)
	}
	if lang != "en" {
		lang = "zh-CN"
	}
	return card.Fill(s, lang, f, in)
}

// links lead from a card to the messages of its case: from a direct message or a
// page of one's own to the board, from the back room's board to the customer's
// words. What the platform cannot open has no link.
func (b *Bot) links(customer string, c desk.Case, from desk.Room, lang string) []card.Link {
	dir := b.Directory()
	h, _ := dir.Home(customer)
	link := func(label string, room chat.Room, ref string) []card.Link {
		l, ok := b.platforms[room.Platform].(Linker)
		if !ok || ref == "" || room.ID == "" {
			return nil
		}
		url := l.Link(room, ref)
		if url == "" {
			return nil
		}
		return []card.Link{{Label: card.WordIn(lang, "link", label), URL: url}}
	}
	reported := ""
	if len(c.Refs) > 0 && c.Refs[0].Room == "" { // else it was reported inside
		reported = c.Refs[0].ID
	}
	switch from {
	case desk.Direct:
		return append(link("board", h.Back, c.Boards[desk.Back].Ref), link("report", h.Front, reported)...)
	case desk.Back:
		return link("report", h.Front, reported)
	}
	return link("board", h.Front, c.Boards[desk.Front].Ref)
}
