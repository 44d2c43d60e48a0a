package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
)

func (r *reader) resolveCustomers(f raw, c *Config) {
	ids := map[string]bool{}
	rooms := roomBook{}
	c.terms = map[string]*desk.Terms{}
	if len(f.customers) == 0 {
		c.warn(r, f.at, "the file names no customer: the bot will answer nobody")
	}
	for _, cu := range f.customers {
		what := called("customer", cu.id)
		r.need(cu.id, cu.at, what, "id", "NAME")
		r.isName(cu.id, "id")
		if cu.id.text != "" && ids[cu.id.text] {
			r.wrong(cu.id.at, "%s stands in customers twice; give each customer an id of its own", cu.id.text)
		}
		ids[cu.id.text] = true
		r.need(cu.name, cu.at, what, "name", "…")
		r.need(cu.front, cu.at, what, "front", "slack:C…, dingtalk:cid… or sandbox:…")
		r.need(cu.back, cu.at, what, "back", "slack:C…, dingtalk:cid… or sandbox:…")
		out := Customer{
			ID: cu.id.text, Name: cu.name.text,
			Front:    r.address(cu.front, c),
			Back:     r.address(cu.back, c),
			Contacts: r.contacts(cu, c),
			Duty:     r.dutyOf(cu, what, c),
			Advice:   !cu.noAdvice,
		}
		rooms.front(r, cu.front, out)
		rooms.back(r, cu.back, out)
		c.terms[out.ID] = r.terms(cu, out, what, c)
		c.Customers = append(c.Customers, out)
	}
	c.shareBacks()
	r.warnUnreachable(f, c)
}

// terms builds what the rules know about a customer.
func (r *reader) terms(cu rawCustomer, out Customer, what string, c *Config) *desk.Terms {
	r.oneOf(cu.lang, "language", languages...)
	t := &desk.Terms{
		Customer: out.ID,
		Name:     out.Name,
		Zone:     r.zone(cu.zone, "zone"),
		Language: cu.lang.or(c.Language), BackLanguage: c.Language,
		Since:    cu.since.text,
		Calendar: c.Calendar,
		TAM:      cu.tam.text,
		Duty:     c.Duties[out.Duty],
		Inspect:  r.inspection(cu),
	}
	r.need(cu.edition, cu.at, what, "edition", strings.Join(EditionIDs, ", "))
	if e, ok := c.Editions[cu.edition.text]; ok {
		t.Edition, t.Editions = e, c.Editions
	} else {
		r.oneOf(cu.edition, "edition", slices.Sorted(maps.Keys(c.Editions))...)
	}
	if _, err := time.Parse(time.DateOnly, cu.since.text); err != nil && cu.since.text != "" && !cu.since.loose {
		r.wrong(cu.since.at, "since: %q is no day; write YYYY-MM-DD", cu.since.text)
	}
	if cu.tam.given() {
		r.knownPerson(cu.tam, c)
	}
	for i, contact := range out.Contacts {
		t.Contacts = append(t.Contacts, desk.Contact{ID: contact.ID, Name: contact.Name, Authorised: cu.authorised[i]})
	}
	t.Advised = c.OpenAI != nil && out.Advice
	if out.Back.Platform == "dingtalk" && c.DingTalk != nil {
		t.Means = c.DingTalk.Ding
	}
	if out.Front.Platform != "" && out.Front.ID == "" {
		t.Unbound = append(t.Unbound, desk.Front)
	}
	if out.Back.Platform != "" && out.Back.ID == "" {
		t.Unbound = append(t.Unbound, desk.Back)
	}
	for _, p := range c.People {
		person := desk.Person{ID: p.ID, Name: p.Name, Role: p.Role, Language: p.Language}
		if person.Reachable = p.IDs[out.Back.Platform] != ""; !person.Reachable {
			person.Why = noAccount(out.Back.Platform)
		}
		t.Staff = append(t.Staff, person)
	}
	return t
}

// dutyOf returns the roster of a customer; it may be left out when there is
// only one.
func (r *reader) dutyOf(cu rawCustomer, what string, c *Config) string {
	keys := slices.Sorted(maps.Keys(c.Duties))
	_, known := c.Duties[cu.duty.text]
	switch {
	case cu.duty.given() && (known || cu.duty.loose || cu.duty.text == ""):
		return cu.duty.text
	case cu.duty.given():
		r.wrong(cu.duty.at, "no duty has the key %q; %s", cu.duty.text, among(keys))
	case len(keys) == 1:
		return keys[0]
	case len(keys) == 0:
		r.wrong(cu.at, "%s has nobody on duty; add duty: with a roster to the file", what)
	default:
		r.wrong(cu.at, "%s names no duty and there are several; add duty: with one of %s", what, strings.Join(keys, ", "))
	}
	return ""
}

// contacts reads a customer's named people. Nobody is both a contact and staff.
func (r *reader) contacts(cu rawCustomer, c *Config) []Contact {
	var list []Contact
	ids := map[string]bool{}
	taken := map[string]string{}
	for _, p := range c.People {
		for platform, id := range p.IDs {
			taken[platform+":"+id] = p.ID
		}
	}
	for _, p := range cu.contacts {
		r.need(p.id, p.at, "a contact", "id", "NAME")
		r.isName(p.id, "id")
		if _, staff := c.Person(p.id.text); staff && p.id.text != "" {
			r.wrong(p.id.at, "%s is one of people; a contact needs another id", p.id.text)
		}
		if p.id.text != "" && ids[p.id.text] {
			r.wrong(p.id.at, "%s stands in contacts twice; give each contact an id of their own", p.id.text)
		}
		ids[p.id.text] = true
		r.accounts(p, taken)
		list = append(list, Contact{ID: p.id.text, Name: p.name.or(p.id.text), IDs: p.accounts()})
	}
	return list
}

// address reads platform:id, or a platform alone: then the room is made by
// /onboard or bound by /bind.
func (r *reader) address(v value, c *Config) Address {
	if v.text == "" {
		return Address{}
	}
	platform, id, ok := strings.Cut(v.text, ":")
	configured := map[string]bool{"slack": c.Slack != nil, "dingtalk": c.DingTalk != nil, "sandbox": c.Sandbox != nil}
	switch {
	case !ok && v.loose:
		return Address{"sandbox", v.text}
	case !ok && configured[v.text], !ok && r.opts.Play && slices.Contains(Platforms, v.text):
		return Address{Platform: v.text}
	case !ok || platform == "" || id == "" || strings.ContainsAny(v.text, " \t\n"):
		r.wrong(v.at, "%q is no room; write platform:id, e.g. slack:C0FRONT, or a configured platform alone for a room that /onboard makes", v.text)
	case r.opts.Play:
	case !slices.Contains(Platforms, platform):
		r.wrong(v.at, "%q is no platform; use %s", platform, strings.Join(Platforms, ", "))
	case !configured[platform]:
		r.wrong(v.at, "%s is not configured; add the section %s", platform, platform)
	}
	return Address{platform, id}
}

// roomBook remembers whose each room is. A room is the front of one customer
// only, and never both front and back.
type roomBook map[Address]Place

func (b roomBook) front(r *reader, v value, cu Customer) {
	if cu.Front.ID == "" || v.loose {
		return
	}
	if was, ok := b[cu.Front]; ok {
		r.wrong(v.at, "%s is the %s of %s already; a front room belongs to one customer and is nothing else", cu.Front, was.Room, was.Customer)
		return
	}
	b[cu.Front] = Place{cu.ID, desk.Front}
}

func (b roomBook) back(r *reader, v value, cu Customer) {
	if cu.Back.ID == "" || v.loose {
		return
	}
	if was, ok := b[cu.Back]; ok && was.Room == desk.Front {
		r.wrong(v.at, "%s is the front of %s; a room is never both front and back", cu.Back, was.Customer)
		return
	}
	b[cu.Back] = Place{cu.ID, desk.Back}
}
