package config

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"butler/bot/desk"
)

// What the inspection does where the config is silent.
const (
	defaultInspection = 9 * 60           // minutes after midnight: when the summary is told
	defaultEvery      = 30 * time.Minute // between two visits of the probes
	minEvery          = 5 * time.Minute
	maxEvery          = 24 * time.Hour
	defaultSilence    = 48 * time.Hour // of a source, before that is a finding
	minSilence        = time.Hour
	maxSilence        = 90 * 24 * time.Hour
)

// defaultQuiet is when scans may run (whitepaper §6.2: 非业务繁忙时段).
var defaultQuiet = desk.Quiet{From: 1 * 60, To: 5 * 60}

// rawInspection is the section inspection of a customer.
type rawInspection struct {
	at, every, quiet value
	scan             *rawScan
	assets           []rawAsset
}

type rawScan struct {
	at        pos
	by, until value
}

type rawAsset struct {
	name         value
	key, private bool
}

func (r *reader) inspectionOf(n ast.Node, out *rawInspection) {
	r.object(n, "inspection", fields{
		"at":    r.into(&out.at, "at"),
		"every": r.into(&out.every, "every"),
		"quiet": r.into(&out.quiet, "quiet"),
		"scan": func(n ast.Node) {
			s := &rawScan{}
			if s.at = r.object(n, "scan", fields{"by": r.into(&s.by, "by"), "until": r.into(&s.until, "until")}); s.at != (pos{}) {
				out.scan = s
			}
		},
		"assets": func(n ast.Node) {
			r.list(n, "assets", func(n ast.Node) {
				var a rawAsset
				if _, mapping := n.(*ast.MappingNode); !mapping {
					a.name = r.text(n, "an asset")
				} else {
					r.object(n, "an asset", fields{
						"asset":   r.into(&a.name, "asset"),
						"key":     func(n ast.Node) { a.key = r.flag(n, "key") },
						"private": func(n ast.Node) { a.private = r.flag(n, "private") },
					})
					r.need(a.name, place(n), "an asset", "asset", "https://host/path, a host or an IP")
				}
				out.assets = append(out.assets, a)
			})
		},
	})
}

// inspection is what the config says about a customer's daily inspection.
func (r *reader) inspection(cu rawCustomer) desk.Inspect {
	in := desk.Inspect{Minute: defaultInspection, Every: defaultEvery, Quiet: defaultQuiet, Assets: r.assets(cu.inspection.assets)}
	if v := cu.inspection.at; v.text != "" && !v.loose {
		minute, ok := clockTime(v.text)
		if !ok {
			r.wrong(v.at, "at: %q is no time of day; write \"HH:MM\", e.g. \"09:00\"", v.text)
		}
		in.Minute = minute
	}
	if v := cu.inspection.every; v.text != "" && !v.loose {
		in.Every = 0
		if v.text != "never" {
			in.Every = r.within(v, "every", minEvery, maxEvery)
		}
	}
	if v := cu.inspection.quiet; v.text != "" && !v.loose {
		from, to, _ := strings.Cut(v.text, "-")
		var ok1, ok2 bool
		in.Quiet.From, ok1 = clockTime(strings.TrimSpace(from))
		in.Quiet.To, ok2 = clockTime(strings.TrimSpace(to))
		if !ok1 || !ok2 || in.Quiet.From == in.Quiet.To {
			r.wrong(v.at, "quiet: %q is no span of a day; write \"HH:MM-HH:MM\", e.g. \"01:00-05:00\"", v.text)
		}
	}
	if s := cu.inspection.scan; s != nil {
		r.need(s.by, s.at, "scan", "by", "who of the customer gave leave")
		r.need(s.until, s.at, "scan", "until", "YYYY-MM-DD")
		in.Scan.By = s.by.text
		if v := s.until; v.text != "" && !v.loose {
			zone, _ := time.LoadLocation(cu.zone.or("Asia/Shanghai"))
			if zone == nil {
				zone = time.UTC // said at the zone
			}
			day, err := time.ParseInLocation(time.DateOnly, v.text, zone)
			if err != nil {
				r.wrong(v.at, "until: %q is no day; write YYYY-MM-DD", v.text)
			}
			in.Scan.Until = day.AddDate(0, 0, 1)
		}
	}
	return in
}

// within reads a Go duration within limits.
func (r *reader) within(v value, what string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(v.text)
	if err != nil || d < least || d > most {
		r.wrong(v.at, "%s: %q is no time between %s and %s; write e.g. \"30m\" or \"48h\"", what, v.text, short(least), short(most))
		return least
	}
	return d
}

// short writes a duration without the zeros at its end.
func short(d time.Duration) string {
	s := d.String()
	for _, end := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, end) {
			s = strings.TrimSuffix(s, end[1:])
		}
	}
	return s
}

// assets checks what the inspection looks at: web addresses, hosts, IPs.
func (r *reader) assets(list []rawAsset) []desk.Asset {
	var assets []desk.Asset
	for _, a := range list {
		v := a.name
		u, err := url.Parse(v.text)
		web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
		switch {
		case v.loose, v.text == "":
			continue
		case strings.Contains(v.text, "://") && !web, strings.ContainsAny(v.text, " \t\n"):
			r.wrong(v.at, "assets: %q is no asset; write https://host/path, a host or an IP", v.text)
		case slices.ContainsFunc(assets, func(o desk.Asset) bool { return o.Name == v.text }):
			r.wrong(v.at, "assets: %s stands there twice", v.text)
		}
		assets = append(assets, desk.Asset{Name: v.text, Key: a.key, Private: a.private})
	}
	return assets
}

// toTerms tells the desks which source speaks about them.
func (s rawSource) toTerms(r *reader, src Source, c *Config) {
	out := desk.Source{Name: src.Name, Silence: defaultSilence}
	if v := s.silent; v.text != "" && !v.loose {
		out.Silence = 0
		if v.text != "never" {
			out.Silence = r.within(v, "silent_after", minSilence, maxSilence)
		}
	}
	for _, v := range s.layers {
		var names []string
		for _, l := range desk.Layers {
			names = append(names, string(l))
		}
		if r.oneOf(v, "layers", names...); slices.Contains(names, v.text) {
			out.Layers = append(out.Layers, desk.Layer(v.text))
		}
	}
	for _, id := range src.Customers {
		if t := c.terms[id]; t != nil {
			t.Sources = append(t.Sources, out)
		}
	}
}
