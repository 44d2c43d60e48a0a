package config

import (
	"embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"butler/sla"
)

//go:embed editions
var embedded embed.FS

// EditionIDs are the editions of the whitepaper, chapter 5, in its order.
var EditionIDs = []string{"emergency", "escort", "enterprise"}

// Editions returns the contract as this program ships it, by id.
func Editions() map[string]sla.Edition {
	all := map[string]sla.Edition{}
	for _, id := range EditionIDs {
		src, err := embedded.ReadFile("editions/" + id + ".yaml")
		if err == nil {
			all[id], err = ParseEdition("editions/"+id+".yaml", src)
		}
		if err != nil {
			panic(err) // what is built in was tested
		}
	}
	return all
}

// ParseEdition reads and checks one edition. name is what errors call it; the
// error is Errors.
func ParseEdition(name string, src []byte) (sla.Edition, error) {
	var errs []Error
	r := &reader{name: name, dir: filepath.Dir(name), errs: &errs}
	e := r.parseEdition(src)
	if len(errs) > 0 {
		sortErrors(name, errs)
		return sla.Edition{}, Errors(errs)
	}
	return e, nil
}

// resolveEditions returns the built-in editions with the operator's own laid
// over them. Mistakes in such a file carry its name.
func (r *reader) resolveEditions(overrides []rawOverride) map[string]sla.Edition {
	all := Editions()
	for _, o := range overrides {
		r.isName(o.id, "edition")
		if o.path.text == "" || o.path.loose {
			continue
		}
		path := r.path(o.path.text)
		src, err := os.ReadFile(path)
		if err != nil {
			r.wrong(o.path.at, "edition %s: %s", o.id.text, fileProblem(err))
			all[o.id.text] = sla.Edition{ID: o.id.text} // so that its customers are not mistakes as well
			continue
		}
		other := &reader{name: path, dir: filepath.Dir(path), opts: r.opts, errs: r.errs}
		e := other.parseEdition(src)
		if e.ID != "" && e.ID != o.id.text {
			r.wrong(o.path.at, "%s holds the edition %s, not %s; name it %s here or there", path, e.ID, o.id.text, o.id.text)
		}
		all[o.id.text] = e
	}
	return all
}

// rawRow is one row as it stands in the file.
type rawRow struct {
	at                                              pos
	matter, scope, respond, resolve, ladder, clause value
	respondDays, safeDays                           int
	excluded                                        bool
	promises                                        []value // what a row that is not included must not have
}

func (r *reader) parseEdition(src []byte) sla.Edition {
	body := r.parse(src)
	if body == nil {
		return sla.Edition{}
	}
	var id, zh, en, scope, clause value
	var nameAt, inspectionAt pos
	var rows []rawRow
	rowsAt := pos{}
	at := r.object(body, "the edition", fields{
		"id": r.into(&id, "id"),
		"name": func(n ast.Node) {
			nameAt = r.object(n, "name", fields{"zh-CN": r.into(&zh, "zh-CN"), "en": r.into(&en, "en")})
		},
		"inspection": func(n ast.Node) {
			inspectionAt = r.object(n, "inspection", fields{"scope": r.into(&scope, "scope"), "clause": r.into(&clause, "clause")})
		},
		"rows": func(n ast.Node) {
			rowsAt = place(n)
			r.list(n, "rows", func(n ast.Node) {
				if w := r.row(n); w.at != (pos{}) {
					rows = append(rows, w)
				}
			})
		},
	})
	r.need(id, at, "the edition", "id", "NAME")
	r.isName(id, "id")
	if nameAt == (pos{}) {
		r.wrong(at, "the edition has no name; add name: {zh-CN: …, en: …}")
	} else {
		r.need(zh, nameAt, "name", "zh-CN", "…")
		r.need(en, nameAt, "name", "en", "…")
	}
	if inspectionAt == (pos{}) {
		r.wrong(at, "the edition has no inspection; add inspection: {scope: named, clause: …}")
	} else {
		r.need(scope, inspectionAt, "inspection", "scope", "incident, key or named")
		r.oneOf(scope, "scope", "incident", "key", "named")
		r.need(clause, inspectionAt, "inspection", "clause", "§5 …")
	}
	if rowsAt == (pos{}) {
		rowsAt = at
	}
	return sla.Edition{
		ID:         id.text,
		Name:       map[string]string{"zh-CN": zh.text, "en": en.text},
		Inspection: sla.Inspection{Scope: scope.text, Clause: clause.text},
		Rows:       r.rows(rows, rowsAt),
	}
}

func (r *reader) row(n ast.Node) rawRow {
	var w rawRow
	w.at = r.object(n, "a row", fields{
		"matter":   r.into(&w.matter, "matter"),
		"included": func(n ast.Node) { w.excluded = !r.flag(n, "included") },
		"scope":    r.into(&w.scope, "scope"),
		"respond":  r.into(&w.respond, "respond"),
		"resolve":  r.into(&w.resolve, "resolve"),
		"ladder":   r.into(&w.ladder, "ladder"),
		"clause":   r.into(&w.clause, "clause"),
		"respond_workdays": func(n ast.Node) {
			w.respondDays, _ = r.number(n, "respond_workdays", 1, 30)
			w.promises = append(w.promises, value{text: "respond_workdays", at: place(n)})
		},
		"safe_days": func(n ast.Node) {
			w.safeDays, _ = r.number(n, "safe_days", 1, 366)
			w.promises = append(w.promises, value{text: "safe_days", at: place(n)})
		},
	})
	for name, v := range map[string]value{"scope": w.scope, "respond": w.respond, "resolve": w.resolve, "ladder": w.ladder} {
		if v.given() {
			w.promises = append(w.promises, value{text: name, at: v.at})
		}
	}
	return w
}

// rows checks that there is one row for each matter and puts them in the order
// of a promise sheet.
func (r *reader) rows(list []rawRow, at pos) []sla.Row {
	first := map[sla.Matter]pos{}
	var rows []sla.Row
	for _, w := range list {
		m := sla.Matter(w.matter.text)
		r.need(w.matter, w.at, "a row", "matter", string(sla.IncidentUrgent))
		switch was, twice := first[m]; {
		case m == "":
		case !slices.Contains(sla.Matters, m):
			r.wrong(w.matter.at, "%q is no matter of the contract; use %s", string(m), matterList(sla.Matters))
			continue
		case twice:
			r.wrong(w.matter.at, "%s has a row already, on line %d; keep one", m, was.line)
			continue
		}
		first[m] = w.at
		rows = append(rows, r.resolveRow(w))
	}
	var missing []sla.Matter
	for _, m := range sla.Matters {
		if _, ok := first[m]; !ok {
			missing = append(missing, m)
		}
	}
	if len(missing) > 0 {
		r.wrong(at, "no row for %s; an edition says something about every matter, if only included: false", matterList(missing))
	}
	slices.SortStableFunc(rows, func(a, b sla.Row) int {
		return slices.Index(sla.Matters, a.Matter) - slices.Index(sla.Matters, b.Matter)
	})
	return rows
}

func matterList(list []sla.Matter) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = string(m)
	}
	return strings.Join(words, ", ")
}

// resolveRow checks one row by itself.
func (r *reader) resolveRow(w rawRow) sla.Row {
	row := sla.Row{Matter: sla.Matter(w.matter.text), Included: !w.excluded, Scope: w.scope.text, Clause: w.clause.text}
	r.need(w.clause, w.at, called("row", w.matter), "clause", "§5 …")
	if w.excluded {
		for _, p := range w.promises {
			r.wrong(p.at, "row %s is not included and promises nothing; leave %s out", w.matter.text, p.text)
		}
		return row
	}
	row.Respond, row.RespondWorkdays = r.duration(w.respond, "respond"), w.respondDays
	row.Resolve, row.SafeDays = r.duration(w.resolve, "resolve"), w.safeDays
	r.oneOf(w.scope, "scope", "incident")
	incident := row.Matter == sla.IncidentUrgent || row.Matter == sla.IncidentNormal
	switch {
	case w.respond.given() && w.respondDays > 0:
		r.wrong(w.respond.at, "row %s has both respond and respond_workdays; keep one", w.matter.text)
	case !w.respond.given() && !slices.ContainsFunc(w.promises, func(v value) bool { return v.text == "respond_workdays" }):
		r.wrong(w.at, "row %s has no respond; add respond: 1h, respond_workdays: 1 or included: false", w.matter.text)
	}
	if row.Resolve > 0 && row.Resolve < row.Respond {
		r.wrong(w.resolve.at, "row %s is to be resolved in %s, before the response in %s; resolve is the longer one", w.matter.text, row.Resolve, row.Respond)
	}
	if row.SafeDays > 0 && !incident {
		for _, p := range w.promises {
			if p.text == "safe_days" {
				r.wrong(p.at, "row %s: only incidents have a safe period; leave safe_days out", w.matter.text)
			}
		}
	}
	row.Ladder = sla.DefaultLadder
	if w.ladder.given() {
		l, err := sla.ParseLadder(w.ladder.text)
		if err != nil {
			r.wrong(w.ladder.at, "ladder: %v", err)
		}
		row.Ladder = l
	}
	return row
}

// duration reads a Go duration of whole seconds, at least one and at most 366 days.
func (r *reader) duration(v value, what string) time.Duration {
	if v.text == "" {
		return 0
	}
	d, err := time.ParseDuration(v.text)
	switch {
	case err != nil:
		r.wrong(v.at, "%s: %q is no length of time; write e.g. 15m, 1h or 120h", what, v.text)
	case d < time.Second || d > 366*24*time.Hour || d%time.Second != 0:
		r.wrong(v.at, "%s: %q is out of range; give whole seconds, from 1s to 8784h", what, v.text)
	default:
		return d
	}
	return 0
}
