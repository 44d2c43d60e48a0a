package config

import (
	"github.com/goccy/go-yaml/ast"
)

// raw is the file as it stands there: every value with its place, nothing
// looked up yet.
type raw struct {
	at                           pos
	store, listen, language, log value

	slack    *rawSlack
	dingtalk *rawDingTalk
	sandbox  *rawSandbox
	openai   *rawOpenAI
	calendar *rawCalendar

	editions  []rawOverride
	findings  []rawSource
	people    []rawPerson
	duties    []rawDuty
	customers []rawCustomer
}

type rawSlack struct {
	at       pos
	app, bot secret
	api      value
}

type rawDingTalk struct {
	at                           pos
	clientID, robot, card, group value
	ding                         []value // nil when left out
	calls                        int     // -1 when left out
	secret                       secret
	api, oapi                    value
}

type rawSandbox struct {
	at     pos
	listen value
	token  secret
}

type rawOpenAI struct {
	at          pos
	base, model value
	tokens      int // -1 when left out
	key         secret
}

type rawCalendar struct {
	at                 pos
	holidays, workdays []value
	covers             []int
}

type rawOverride struct{ id, path value }

type rawSource struct {
	at        pos
	name      value
	token     secret
	customers []value // nil when left out
	layers    []value
	silent    value
	format    value
	tokenURL  bool
	mapping   *rawMap
}

type rawPerson struct {
	at                   pos
	id, name, role, lang value
	ids                  map[string]value
}

type rawDuty struct {
	key, zone, handover      value
	at                       pos
	primary, backup, manager []value
}

type rawCustomer struct {
	at                                                           pos
	id, name, edition, zone, lang, front, back, tam, duty, since value
	inspection                                                   rawInspection
	contacts                                                     []rawPerson
	authorised                                                   []bool
	noAdvice                                                     bool
}

// file reads the whole file.
func (r *reader) file(n ast.Node) raw {
	var f raw
	f.at = r.object(n, "the file", fields{
		"store":    r.into(&f.store, "store"),
		"listen":   r.into(&f.listen, "listen"),
		"language": r.into(&f.language, "language"),
		"log": func(n ast.Node) {
			r.object(n, "log", fields{"level": r.into(&f.log, "level")})
		},
		"slack":    func(n ast.Node) { f.slack = r.slack(n) },
		"dingtalk": func(n ast.Node) { f.dingtalk = r.dingtalk(n) },
		"sandbox":  func(n ast.Node) { f.sandbox = r.sandbox(n) },
		"openai":   func(n ast.Node) { f.openai = r.openai(n) },
		"calendar": func(n ast.Node) { f.calendar = r.calendar(n) },
		"editions": func(n ast.Node) {
			r.entries(n, "editions", func(id value, n ast.Node) {
				f.editions = append(f.editions, rawOverride{id, r.text(n, "the file of edition "+id.text)})
			})
		},
		"findings": func(n ast.Node) {
			r.list(n, "findings", func(n ast.Node) {
				if s := r.source(n); s.at != (pos{}) {
					f.findings = append(f.findings, s)
				}
			})
		},
		"people": func(n ast.Node) {
			r.list(n, "people", func(n ast.Node) {
				if p := r.person(n); p.at != (pos{}) {
					f.people = append(f.people, p)
				}
			})
		},
		"duty": func(n ast.Node) {
			r.entries(n, "duty", func(key value, n ast.Node) { f.duties = append(f.duties, r.duty(key, n)) })
		},
		"customers": func(n ast.Node) {
			r.list(n, "customers", func(n ast.Node) {
				if c := r.customer(n); c.at != (pos{}) {
					f.customers = append(f.customers, c)
				}
			})
		},
	})
	return f
}

func (r *reader) slack(n ast.Node) *rawSlack {
	s := &rawSlack{}
	f := fields{"api_url": r.into(&s.api, "api_url")}
	s.app.into(r, f, "app_token")
	s.bot.into(r, f, "bot_token")
	if s.at = r.object(n, "slack", f); s.at == (pos{}) {
		return nil
	}
	return s
}

func (r *reader) dingtalk(n ast.Node) *rawDingTalk {
	d := &rawDingTalk{calls: -1}
	f := fields{
		"client_id":      r.into(&d.clientID, "client_id"),
		"robot_code":     r.into(&d.robot, "robot_code"),
		"card_template":  r.into(&d.card, "card_template"),
		"group_template": r.into(&d.group, "group_template"),
		"ding":           r.intoList(&d.ding, "ding"),
		"monthly_calls": func(n ast.Node) {
			if calls, ok := r.number(n, "monthly_calls", 0, 1<<40); ok {
				d.calls = calls
			}
		},
		"api_url":  r.into(&d.api, "api_url"),
		"oapi_url": r.into(&d.oapi, "oapi_url"),
	}
	d.secret.into(r, f, "client_secret")
	if d.at = r.object(n, "dingtalk", f); d.at == (pos{}) {
		return nil
	}
	return d
}

func (r *reader) sandbox(n ast.Node) *rawSandbox {
	s := &rawSandbox{}
	f := fields{"listen": r.into(&s.listen, "listen")}
	s.token.into(r, f, "token")
	if s.at = r.object(n, "sandbox", f); s.at == (pos{}) {
		return nil
	}
	return s
}

func (r *reader) openai(n ast.Node) *rawOpenAI {
	o := &rawOpenAI{tokens: -1}
	f := fields{"base_url": r.into(&o.base, "base_url"), "model": r.into(&o.model, "model"),
		"monthly_tokens": func(n ast.Node) {
			if tokens, ok := r.number(n, "monthly_tokens", 0, 1<<40); ok {
				o.tokens = tokens
			}
		}}
	o.key.into(r, f, "api_key")
	if o.at = r.object(n, "openai", f); o.at == (pos{}) {
		return nil
	}
	return o
}

func (r *reader) calendar(n ast.Node) *rawCalendar {
	c := &rawCalendar{}
	c.at = r.object(n, "calendar", fields{
		"holidays": r.intoList(&c.holidays, "holidays"),
		"workdays": r.intoList(&c.workdays, "workdays"),
		"covers": func(n ast.Node) {
			r.list(n, "covers", func(n ast.Node) {
				if y, ok := r.number(n, "a year of covers", 1900, 9999); ok {
					c.covers = append(c.covers, y)
				}
			})
		},
	})
	return c
}

func (r *reader) source(n ast.Node) rawSource {
	var s rawSource
	f := fields{"source": r.into(&s.name, "source"), "customers": r.intoList(&s.customers, "customers"),
		"layers": r.intoList(&s.layers, "layers"), "silent_after": r.into(&s.silent, "silent_after"),
		"format":       r.into(&s.format, "format"),
		"token_in_url": func(n ast.Node) { s.tokenURL = r.flag(n, "token_in_url") },
		"map":          func(n ast.Node) { s.mapping = r.rawMap(n) },
	}
	s.token.into(r, f, "token")
	s.at = r.object(n, "a source of findings", f)
	return s
}

// withIDs adds the platforms' user ids to the fields of a person.
func (p *rawPerson) withIDs(r *reader, f fields) fields {
	p.ids = map[string]value{}
	for _, name := range Platforms {
		f[name] = func(n ast.Node) { p.ids[name] = r.text(n, "the "+name+" id") }
	}
	return f
}

func (r *reader) person(n ast.Node) rawPerson {
	var p rawPerson
	p.at = r.object(n, "a person", p.withIDs(r, fields{
		"id":       r.into(&p.id, "id"),
		"name":     r.into(&p.name, "name"),
		"role":     r.into(&p.role, "role"),
		"language": r.into(&p.lang, "language"),
	}))
	return p
}

func (r *reader) duty(key value, n ast.Node) rawDuty {
	d := rawDuty{key: key}
	d.at = r.object(n, "duty "+key.text, fields{
		"zone":     r.into(&d.zone, "zone"),
		"handover": r.into(&d.handover, "handover"),
		"primary":  r.somebody(&d.primary, "primary"),
		"backup":   r.somebody(&d.backup, "backup"),
		"manager":  r.somebody(&d.manager, "manager"),
	})
	return d
}

// somebody is intoList for a list that must name at least one person.
func (r *reader) somebody(list *[]value, what string) func(ast.Node) {
	return func(n ast.Node) {
		r.intoList(list, what)(n)
		if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) == 0 {
			r.wrong(place(n), "%s names nobody; name somebody or leave the key out", what)
		}
	}
}

func (r *reader) customer(n ast.Node) rawCustomer {
	var c rawCustomer
	c.at = r.object(n, "a customer", fields{
		"id":       r.into(&c.id, "id"),
		"name":     r.into(&c.name, "name"),
		"edition":  r.into(&c.edition, "edition"),
		"zone":     r.into(&c.zone, "zone"),
		"language": r.into(&c.lang, "language"),
		"front":    r.into(&c.front, "front"),
		"back":     r.into(&c.back, "back"),
		"tam":      r.into(&c.tam, "tam"),
		"duty":     r.into(&c.duty, "duty"),
		"since":    r.into(&c.since, "since"),
		"advice":   func(n ast.Node) { c.noAdvice = !r.flag(n, "advice") },
		"contacts": func(n ast.Node) {
			r.list(n, "contacts", func(n ast.Node) { r.contact(n, &c) })
		},
		"inspection": func(n ast.Node) {
			r.inspectionOf(n, &c.inspection)
		},
	})
	return c
}

func (r *reader) contact(n ast.Node, c *rawCustomer) {
	var p rawPerson
	authorised := false
	p.at = r.object(n, "a contact", p.withIDs(r, fields{
		"id":         r.into(&p.id, "id"),
		"name":       r.into(&p.name, "name"),
		"authorised": func(n ast.Node) { authorised = r.flag(n, "authorised") },
	}))
	if p.at != (pos{}) {
		c.contacts = append(c.contacts, p)
		c.authorised = append(c.authorised, authorised)
	}
}
