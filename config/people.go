package config

import (
	"strings"
	"time"

	"butler/bot/desk"
	"butler/sla"
)

func (r *reader) resolvePeople(f raw, c *Config) {
	ids := map[string]bool{}
	accounts := map[string]string{} // platform:id → whose
	for _, p := range f.people {
		r.need(p.id, p.at, "a person", "id", "NAME")
		r.isName(p.id, "id")
		r.need(p.role, p.at, called("person", p.id), "role", "expert, manager or admin")
		r.oneOf(p.role, "role", string(desk.Expert), string(desk.Manager), string(desk.Admin))
		r.oneOf(p.lang, "language", languages...)
		if p.id.text != "" && ids[p.id.text] {
			r.wrong(p.id.at, "%s stands in people twice; give each person an id of their own", p.id.text)
		}
		ids[p.id.text] = true
		r.accounts(p, accounts)
		c.People = append(c.People, Person{
			ID: p.id.text, Name: p.name.or(p.id.text), Role: desk.Role(p.role.text),
			Language: p.lang.or(c.Language), IDs: p.accounts(),
		})
	}
}

// accounts reports user ids that somebody else has already.
func (r *reader) accounts(p rawPerson, taken map[string]string) {
	for _, platform := range Platforms {
		v := p.ids[platform]
		if v.text == "" || v.loose {
			continue
		}
		key := platform + ":" + v.text
		if other, ok := taken[key]; ok {
			r.wrong(v.at, "the %s id %s is %s's already; an account belongs to one person", platform, v.text, other)
			continue
		}
		taken[key] = p.id.text
	}
}

// accounts returns the person's id on each platform. On the sandbox everybody
// has one: where the file names none it is the person's own id.
func (p rawPerson) accounts() map[string]string {
	ids := map[string]string{"sandbox": p.id.text}
	for platform, v := range p.ids {
		if v.text != "" {
			ids[platform] = v.text
		}
	}
	return ids
}

func (r *reader) resolveDuties(f raw, c *Config) {
	c.Duties = map[string]sla.Duty{}
	for _, d := range f.duties {
		r.isName(d.key, "duty")
		if d.at == (pos{}) { // no mapping, and reported
			c.Duties[d.key.text] = sla.Duty{}
			continue
		}
		what := "duty " + d.key.text
		duty := sla.Duty{
			Zone:     r.zone(d.zone, what),
			Primary:  r.roster(d.primary, what, "primary", c),
			Backup:   r.roster(d.backup, what, "backup", c),
			Manager:  r.roster(d.manager, what, "manager", c),
			Handover: r.handover(d.handover),
		}
		if d.primary == nil {
			r.wrong(d.at, "%s has no primary; add primary: [ID]", what)
		}
		if d.manager == nil {
			r.wrong(d.at, "%s has no manager; add manager: [ID], or nobody hears of a promise before it breaks", what)
		}
		if d.backup == nil {
			c.warn(r, d.at, "%s has no backup: that rung of the ladder finds nobody and the next is told at once", what)
		}
		c.Duties[d.key.text] = duty
	}
}

// roster checks one list of a duty: people that exist, each once. A list that
// is given names somebody.
func (r *reader) roster(list []value, what, name string, c *Config) []string {
	if list == nil {
		return nil
	}
	var ids []string
	seen := map[string]bool{}
	for _, v := range list {
		if !r.knownPerson(v, c) {
			continue
		}
		if seen[v.text] {
			r.wrong(v.at, "%s: %s stands in %s twice", what, v.text, name)
			continue
		}
		seen[v.text] = true
		ids = append(ids, v.text)
	}
	return ids
}

func (r *reader) knownPerson(v value, c *Config) bool {
	if v.text == "" || v.loose {
		return false
	}
	var known []string
	for _, p := range c.People {
		if p.ID == v.text {
			return true
		}
		known = append(known, p.ID)
	}
	r.wrong(v.at, "nobody in people has the id %q; %s", v.text, among(known))
	return false
}

// handover reads "Mon 09:00"; that is also the default.
func (r *reader) handover(v value) sla.Handover {
	if v.text == "" || v.loose {
		return sla.Handover{Day: time.Monday, Minute: 9 * 60}
	}
	day, clock, _ := strings.Cut(v.text, " ")
	minute, ok := clockTime(clock)
	for d := time.Sunday; ok && d <= time.Saturday; d++ {
		if strings.EqualFold(day, d.String()[:3]) || strings.EqualFold(day, d.String()) {
			return sla.Handover{Day: d, Minute: minute}
		}
	}
	r.wrong(v.at, "handover: %q is no moment of the week; write e.g. \"Mon 09:00\"", v.text)
	return sla.Handover{}
}
