package config

import (
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"butler/bot/desk"
	"butler/sla"
)

// monthlyTokens is the default of openai.monthly_tokens: some hundred questions a
// day would cost more than anybody meant.
const monthlyTokens = 2_000_000

// standardCalls is what a standard organisation may call DingTalk a month, since
// 2025-11-19 (open.dingtalk.com, 调用量限制).
const standardCalls = 5000

// meansNamed are the words for DingTalk's remindType.
var meansNamed = map[string]desk.Means{"app": desk.ByApp, "sms": desk.BySMS, "phone": desk.ByPhone}

// means reads dingtalk.ding: the means that are paid for, the weakest first; none
// named: a call in the app.
func (r *reader) means(list []value) []desk.Means {
	if list == nil {
		return []desk.Means{desk.ByApp}
	}
	var out []desk.Means
	for _, v := range list {
		m, ok := meansNamed[v.text]
		switch {
		case v.loose:
		case !ok:
			r.wrong(v.at, "ding: %q is no means; use app, sms, phone", v.text)
		case len(out) > 0 && m <= out[len(out)-1]:
			r.wrong(v.at, "ding: %s stands behind a stronger one; write them as app, sms, phone", v.text)
		default:
			out = append(out, m)
		}
	}
	return out
}

// resolve checks what was read and fills c with it. It goes on after every
// mistake, so that all of them are found.
func (r *reader) resolve(f raw, c *Config) {
	r.oneOf(f.language, "language", languages...)
	c.Language = f.language.or("zh-CN")
	r.oneOf(f.log, "log level", "debug", "info", "warn", "error")
	c.LogLevel = f.log.or("info")
	c.Store = r.store(f.store)
	c.Listen = r.listen(f.listen, "listen", "127.0.0.1:8080")
	r.platforms(f, c)
	c.Calendar = r.resolveCalendar(f.calendar)
	c.Editions = r.resolveEditions(f.editions)
	r.resolvePeople(f, c)
	r.resolveDuties(f, c)
	r.resolveCustomers(f, c)
	r.resolveFindings(f, c)
	for _, cu := range c.Customers {
		c.terms[cu.ID].Rev = c.revision(cu)
	}
}

var languages = []string{"zh-CN", "en"}

// names are ids that people type and that stand in keys: acme#1.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

// isName checks the form of an id.
func (r *reader) isName(v value, what string) {
	if v.text != "" && !v.loose && !names.MatchString(v.text) {
		r.wrong(v.at, "%s: %q is no id; use at most 40 letters, digits, - and _", what, v.text)
	}
}

// platforms fills in the sections of the platforms and of the model.
func (r *reader) platforms(f raw, c *Config) {
	if s := f.slack; s != nil {
		c.Slack = &Slack{
			AppToken: r.secret(s.app, s.at, "slack", "app_token", true),
			BotToken: r.secret(s.bot, s.at, "slack", "bot_token", true),
			APIURL:   r.url(s.api, "api_url"),
		}
		if c.Slack.APIURL != "" {
			c.Slack.APIURL += "/"
		}
		r.mixedUp(c, s.app.direct, "app_token", "xapp-", "xoxb-")
		r.mixedUp(c, s.bot.direct, "bot_token", "xoxb-", "xapp-")
	}
	if d := f.dingtalk; d != nil {
		r.need(d.clientID, d.at, "dingtalk", "client_id", "APPKEY")
		c.DingTalk = &DingTalk{
			ClientID:      d.clientID.text,
			ClientSecret:  r.secret(d.secret, d.at, "dingtalk", "client_secret", true),
			RobotCode:     d.robot.or(d.clientID.text),
			CardTemplate:  d.card.text,
			GroupTemplate: d.group.text,
			Ding:          r.means(d.ding),
			MonthlyCalls:  d.calls,
			APIURL:        r.url(d.api, "api_url"),
			OAPIURL:       r.url(d.oapi, "oapi_url"),
		}
		if d.calls < 0 {
			c.DingTalk.MonthlyCalls = standardCalls
		}
	}
	if s := f.sandbox; s != nil {
		c.Sandbox = &Sandbox{
			Listen: r.listen(s.listen, "listen", "127.0.0.1:8081"),
			Token:  r.secret(s.token, s.at, "sandbox", "token", true),
		}
		if n := len(c.Sandbox.Token.Reveal()); n > 0 && n < minToken && !r.opts.Play {
			r.wrong(s.token.direct.at, "token: has %d characters; a token that nobody guesses has at least %d", n, minToken)
		}
		if c.Sandbox.Listen != "" && c.Sandbox.Listen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
			at := s.listen.at
			if !s.listen.given() {
				at = s.at
			}
			r.wrong(at, "sandbox listens on %s, where the bot itself listens; give another port", c.Listen)
		}
	}
	if o := f.openai; o != nil {
		r.need(o.base, o.at, "openai", "base_url", "https://api.openai.com/v1")
		r.need(o.model, o.at, "openai", "model", "NAME")
		c.OpenAI = &OpenAI{
			MonthlyTokens: o.tokens,
			BaseURL:       r.url(o.base, "base_url"),
			APIKey:        r.secret(o.key, o.at, "openai", "api_key", false),
			Model:         o.model.text,
		}
		if o.tokens < 0 {
			c.OpenAI.MonthlyTokens = monthlyTokens
		}
	}
}

// minToken is the least length of the sandbox's token: 16 characters.
const minToken = 16

// mixedUp warns of the two Slack tokens in each other's place.
func (r *reader) mixedUp(c *Config, v value, key, right, other string) {
	if strings.HasPrefix(v.text, other) {
		c.warn(r, v.at, "%s begins with %s, which is the other token of Slack; this one begins with %s", key, other, right)
	}
}

// url checks an http address and returns it without a slash at the end.
func (r *reader) url(v value, what string) string {
	if v.text == "" || v.loose {
		return ""
	}
	u, err := url.Parse(v.text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		r.wrong(v.at, "%s is no address; write https://host/path", what)
		return ""
	}
	return strings.TrimRight(v.text, "/")
}

// listen checks host:port.
func (r *reader) listen(v value, what, def string) string {
	if v.loose || v.text == "" {
		return def
	}
	_, port, err := net.SplitHostPort(v.text)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		r.wrong(v.at, "%s: %q is no host:port; write e.g. %s", what, v.text, def)
	}
	return v.text
}

const storeForms = "file:PATH, redis://host:6379/0, rediss://…, redis+cluster://h1,h2,h3 or redis+sentinel://h1,h2/MASTER"

// store checks the address of the store; messages never repeat it, for it may
// hold a password.
func (r *reader) store(v value) string {
	if v.text == "" || v.loose {
		return "file:" + r.path("butler.db")
	}
	scheme, rest, _ := strings.Cut(v.text, ":")
	if scheme == "file" {
		if rest == "" || strings.HasPrefix(rest, "//") {
			r.wrong(v.at, "store: file: takes a path; write file:butler.db or file:/var/lib/butler/butler.db")
			return ""
		}
		return "file:" + r.path(rest)
	}
	rest, slashes := strings.CutPrefix(rest, "//")
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = rest[i+1:]
	}
	rest, _, _ = strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	switch {
	case !slashes || scheme != "redis" && scheme != "rediss" && scheme != "redis+cluster" && scheme != "redis+sentinel":
		r.wrong(v.at, "store has a form that is not known; use %s", storeForms)
		return ""
	case (scheme == "redis" || scheme == "rediss") && strings.Contains(hosts, ","):
		r.wrong(v.at, "store: %s:// takes one host; use redis+cluster:// or redis+sentinel:// for several", scheme)
	case (scheme == "redis" || scheme == "rediss") && path != "" && !isNumber(path):
		r.wrong(v.at, "store: the database after the host is a number, e.g. /0")
	case scheme == "redis+cluster" && path != "" && path != "0":
		r.wrong(v.at, "store: a cluster has only database 0; leave the path out")
	case scheme == "redis+sentinel" && path == "":
		r.wrong(v.at, "store: redis+sentinel:// names the master at the end: redis+sentinel://h1,h2/MASTER")
	}
	for _, h := range strings.Split(hosts, ",") {
		host, port := h, ""
		if strings.Contains(h, ":") {
			var err error
			if host, port, err = net.SplitHostPort(h); err != nil || !isNumber(port) {
				host = ""
			}
		}
		if host == "" {
			r.wrong(v.at, "store: a host is missing or not host:port; use %s", storeForms)
			break
		}
	}
	return v.text
}

func isNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}

func (r *reader) resolveCalendar(f *rawCalendar) *sla.Calendar {
	if f == nil {
		return sla.China()
	}
	cal := sla.China()
	off := map[string]bool{}
	add := func(v value, o sla.Override, clash bool) {
		if v.loose {
			return
		}
		next, err := cal.With(o)
		switch {
		case err != nil:
			r.wrong(v.at, "calendar: %v", err)
		case clash:
			r.wrong(v.at, "calendar: %s is both a holiday and a workday; keep one", v.text)
		default:
			cal = next
		}
	}
	for _, v := range f.holidays {
		off[v.text] = true
		add(v, sla.Override{Holidays: []string{v.text}}, false)
	}
	for _, v := range f.workdays {
		add(v, sla.Override{Workdays: []string{v.text}}, off[v.text])
	}
	cal, err := cal.With(sla.Override{Covers: f.covers})
	if err != nil {
		r.wrong(f.at, "calendar: %v", err)
	}
	return cal
}

// clockTime reads HH:MM as minutes after midnight.
func clockTime(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}

// zone reads an IANA name; "" is Asia/Shanghai.
func (r *reader) zone(v value, what string) *time.Location {
	text := v.text
	if v.loose {
		text = ""
	}
	loc, err := sla.Zone(text)
	if err != nil {
		r.wrong(v.at, "%s: %v", what, err)
		loc, _ = sla.Zone("")
	}
	return loc
}

func (r *reader) resolveFindings(f raw, c *Config) {
	seen := map[string]bool{}
	tokens := map[Secret]string{}
	for _, s := range f.findings {
		r.need(s.name, s.at, "a source of findings", "source", "NAME")
		r.isName(s.name, "source")
		what := called("source", s.name)
		if n := s.name.text; n == desk.Probe || n == desk.Watch {
			r.wrong(s.name.at, "source: %q is the name of our own inspection; give this source another", n)
		}
		if s.name.text != "" && seen[s.name.text] {
			r.wrong(s.name.at, "%s stands here twice; give each source its own name", what)
		}
		seen[s.name.text] = true
		src := Source{Name: s.name.text, Token: r.secret(s.token, s.at, what, "token", true)}
		if other, twice := tokens[src.Token]; twice && src.Token != "" {
			r.wrong(s.at, "%s has the token of %s; give each source its own", what, other)
		}
		tokens[src.Token] = what
		for _, id := range s.customers {
			if !r.knownCustomer(id, c) {
				continue
			}
			src.Customers = append(src.Customers, id.text)
		}
		if s.customers == nil {
			for _, cu := range c.Customers {
				src.Customers = append(src.Customers, cu.ID)
			}
		}
		s.toTerms(r, src, c)
		s.speaks(r, &src)
		c.Findings = append(c.Findings, src)
	}
}

func (r *reader) knownCustomer(v value, c *Config) bool {
	if v.loose {
		return false
	}
	var known []string
	for _, cu := range c.Customers {
		if cu.ID == v.text {
			return true
		}
		known = append(known, cu.ID)
	}
	r.wrong(v.at, "no customer has the id %q; %s", v.text, among(known))
	return false
}
