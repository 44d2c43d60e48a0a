package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"butler/bot/card"
	"butler/bot/chat"
)

// The wire forms of GET api/state. All words of people are plain text; scripts
// put them into text nodes.
type (
	state struct {
		Gen     int    `json:"gen"`
		Seq     int    `json:"seq"`
		Full    bool   `json:"full"` // Messages is everything; otherwise what changed
		Now     string `json:"now"`
		Speed   int    `json:"speed"`
		Riding  bool   `json:"riding"` // hopping from deadline to deadline; the speed is 0 then
		Virtual bool   `json:"virtual"`
		Trouble string `json:"trouble,omitempty"`

		Customers []tab         `json:"customers"`
		Customer  customerState `json:"customer"`
		Messages  []messageWire `json:"messages"`
		Timers    []Timer       `json:"timers"`
		Cases     []CaseLine    `json:"cases"`
		Inside    []Step        `json:"inside"`
	}
	tab struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Edition string `json:"edition"`
		Called  string `json:"called"`
	}
	customerState struct {
		tab
		Language string       `json:"language"`
		Zone     string       `json:"zone"`
		People   []personWire `json:"people"`
	}
	personWire struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Role   string `json:"role"`
		Staff  bool   `json:"staff"`
		Direct bool   `json:"direct"`
	}
	messageWire struct {
		ID      string      `json:"id"`
		N       int         `json:"n"`
		Room    string      `json:"room"` // front, back, or direct:<person>
		At      string      `json:"at"`
		From    *personWire `json:"from,omitempty"` // absent: the bot
		Text    string      `json:"text,omitempty"`
		Thread  string      `json:"thread,omitempty"`
		Click   string      `json:"click,omitempty"`
		Wrote   string      `json:"wrote,omitempty"` // into the form of the pressed button: the end of text
		Lost    bool        `json:"lost,omitempty"`
		Card    *cardWire   `json:"card,omitempty"`
		Kind    string      `json:"kind,omitempty"`
		Asked   string      `json:"asked,omitempty"`
		Private string      `json:"private,omitempty"` // id of the only person who sees it
		Urgent  bool        `json:"urgent,omitempty"`
		Updated string      `json:"updated,omitempty"`
	}
	cardWire struct {
		Tone    string       `json:"tone,omitempty"`
		Title   string       `json:"title,omitempty"`
		Lines   []lineWire   `json:"lines,omitempty"`
		Buttons []buttonWire `json:"buttons,omitempty"`
		Links   []linkWire   `json:"links,omitempty"`
		Chart   *chartWire   `json:"chart,omitempty"`
		Foot    string       `json:"foot,omitempty"`
		Lang    string       `json:"lang,omitempty"`
	}
	lineWire struct {
		Kind  string `json:"kind"`
		Label string `json:"label,omitempty"`
		Text  string `json:"text"`
	}
	buttonWire struct {
		Label   string `json:"label"`
		Command string `json:"command"`
		Style   string `json:"style,omitempty"`
		Asks    int    `json:"asks,omitempty"` // most characters of the text it asks for; absent: it asks for none
	}
	linkWire struct {
		Label string `json:"label"`
		URL   string `json:"url"`
	}
)

// state answers with all that the page of one customer shows (without one, of
// firstOf): panels whole, messages from where the page stands (gen, seq).
func (p *Page) state(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := p.service.Customers()
	if len(list) == 0 {
		refuse(w, http.StatusServiceUnavailable, "unknown-customer", "there is no customer")
		return
	}
	lang := language(q.Get("lang"))
	c := firstOf(list, lang)
	if id := q.Get("customer"); id != "" {
		var err error
		if c, err = p.customer(id); err != nil {
			fail(w, err)
			return
		}
	}
	gen, seq := number(q.Get("gen")), number(q.Get("seq"))

	// The messages are read before the panels: what changes in between is told
	// by the next event.
	messages, nowGen, nowSeq := p.rooms.news(c.rooms(), gen, seq)
	out := state{
		Gen: nowGen, Seq: nowSeq, Full: gen != nowGen || seq < 0 || seq > nowSeq,
		Now: stamp(p.now()), Speed: p.speed(), Riding: p.riding(), Virtual: p.world != nil,
		Messages: []messageWire{}, Timers: []Timer{}, Cases: []CaseLine{}, Inside: []Step{},
		Customer: customerState{tab: tabOf(c, lang), Language: c.Language, Zone: c.Zone},
	}
	for _, c := range list {
		out.Customers = append(out.Customers, tabOf(c, lang))
	}
	for _, who := range c.People {
		out.Customer.People = append(out.Customer.People, wirePerson(who))
	}
	for _, m := range messages {
		out.Messages = append(out.Messages, p.wireMessage(c, m))
	}
	timers, err1 := p.service.Timers(r.Context(), c.ID, lang)
	cases, err2 := p.service.Cases(r.Context(), c.ID, lang)
	out.Timers = append(out.Timers, timers...)
	out.Cases = append(out.Cases, cases...)
	out.Inside = append(out.Inside, p.service.Inside(c.ID, lang)...)
	// What cannot be read now is no reason to hide what people said.
	if err := errors.Join(err1, err2); err != nil {
		out.Trouble = err.Error()
	}
	p.mu.Lock()
	if p.trouble != "" {
		out.Trouble = p.trouble
	}
	p.mu.Unlock()
	answer(w, http.StatusOK, out)
}

// firstOf is who a page shows that did not choose: the first customer whose
// cards are in its language, else the first.
func firstOf(list []Customer, lang string) Customer {
	for _, c := range list {
		if c.Language == lang {
			return c
		}
	}
	return list[0]
}

// number reads a non-negative number; -1 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func tabOf(c Customer, lang string) tab {
	called := c.Called[lang]
	if called == "" {
		called = c.Edition
	}
	return tab{ID: c.ID, Name: c.Name, Edition: c.Edition, Called: called}
}

func wirePerson(p Person) personWire {
	return personWire{ID: p.ID, Name: p.Name, Role: p.Role, Staff: p.Staff(), Direct: p.Direct.ID != ""}
}

func (p *Page) wireMessage(c Customer, m message) messageWire {
	out := messageWire{
		ID: m.id, N: m.n, Room: roomName(c, m.room), At: stamp(m.at),
		Text: m.text, Thread: m.thread, Click: m.click, Wrote: m.wrote, Lost: m.lost,
		Kind: m.kind, Asked: m.asked, Urgent: m.urgent,
	}
	if m.card != nil {
		out.Card = wireCard(*m.card)
		out.Card.Chart = p.wireChart(m)
	} else {
		from := wirePerson(m.person)
		out.From = &from
	}
	if !m.updated.IsZero() {
		out.Updated = stamp(m.updated)
	}
	if m.private != "" {
		out.Private = m.private
		for _, who := range c.People {
			if who.User(m.room.Platform) == m.private {
				out.Private = who.ID
			}
		}
	}
	return out
}

// roomName says what a room is to a customer.
func roomName(c Customer, room chat.Room) string {
	switch room.String() {
	case c.Front.String():
		return "front"
	case c.Back.String():
		return "back"
	}
	for _, p := range c.People {
		if p.Direct.ID != "" && p.Direct.String() == room.String() {
			return "direct:" + p.ID
		}
	}
	return ""
}

func wireCard(c card.Card) *cardWire {
	out := &cardWire{Tone: string(c.Tone), Title: c.Title, Foot: c.Foot, Lang: c.Lang}
	for _, l := range c.Lines {
		out.Lines = append(out.Lines, lineWire{Kind: string(l.Kind), Label: l.Label, Text: l.Text})
	}
	for _, b := range c.Buttons {
		wire := buttonWire{Label: b.Label, Command: b.Command, Style: b.Style}
		if b.Asks {
			wire.Asks = maxAnswer
		}
		out.Buttons = append(out.Buttons, wire)
	}
	for _, l := range c.Links {
		if opens(l.URL) {
			out.Links = append(out.Links, linkWire{Label: l.Label, URL: l.URL})
		}
	}
	return out
}

// opens reports whether a browser tab can open an address. Anything else, such
// as javascript:, never becomes a link.
func opens(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
