package findings

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// at is a field that is taken from a path.
func path(steps ...string) Field { return Field{Try: []Text{{{IsPath: true, Path: steps}}}} }

// fixed is a field of fixed words.
func fixed(word string) Field { return Field{Try: []Text{{{Fixed: word}}}} }

// minimal is a map with all a finding needs.
func minimal(change func(map[string]Field)) Map {
	f := map[string]Field{"id": path("id"), "asset": path("ip"), "title": path("name"), "severity": fixed("high"), "layer": fixed("host")}
	if change != nil {
		change(f)
	}
	return Map{Fields: f}
}

func product(m Map) Source {
	return Source{Name: "product", Token: "s3cret", Customers: []string{"acme"}, Format: Mapping, Map: m}
}

const event = `{"id":7,"ip":"10.0.0.5","name":"webshell","level":"Serious","cvss":9.8,"fixed":false,"none":null,"tags":["a",null,"b"],"o":{"x":1,"a.b":"dotted"},"inside":"{\"deep\":{\"list\":[\"first\",\"second\"]}}"}`

// What each kind of field yields, looked at through the title.
func TestFields(t *testing.T) {
	p := func(may bool, steps ...string) Piece { return Piece{IsPath: true, Path: steps, May: may} }
	for _, c := range []struct {
		name  string
		field Field
		want  string // the title; or a mistake
	}{
		{"a text", path("name"), "webshell"},
		{"a number", path("id"), "7"},
		{"a fraction", path("cvss"), "9.8"},
		{"true or false", path("fixed"), "false"},
		{"a list", path("tags"), "a, b"},
		{"an element", path("tags", "2"), "b"},
		{"an object", path("o"), `{"a.b":"dotted","x":1}`},
		{"a name with a dot", path("o", "a.b"), "dotted"},
		{"JSON inside a text", path("inside", "deep", "list", "1"), "second"},
		{"fixed words", fixed("found"), "found"},
		{"nothing there", path("gone"), "title: is missing"},
		{"null", path("none"), "title: is missing"},
		{"behind the end", path("tags", "3"), "title: is missing"},
		{"below a text", path("name", "x"), "title: is missing"},
		{"the first that is there", Field{Try: []Text{{p(false, "gone")}, {p(false, "none")}, {p(false, "ip")}, {p(false, "name")}}}, "10.0.0.5"},
		{"words and paths", Field{Try: []Text{{p(false, "name"), {Fixed: " on "}, p(false, "ip")}}}, "webshell on 10.0.0.5"},
		{"words and a path that leads nowhere", Field{Try: []Text{{p(false, "name"), {Fixed: " on "}, p(false, "gone")}, {{Fixed: "else"}}}}, "else"},
		{"words and a path that may lead nowhere", Field{Try: []Text{{p(false, "name"), {Fixed: " "}, p(true, "gone")}}}, "webshell"},
		{"only paths that may lead nowhere", Field{Try: []Text{{p(true, "gone"), p(true, "none")}}}, "title: is missing"},
		{"otherwise, where nothing is", Field{Try: path("gone").Try, Otherwise: "else"}, "else"},
		{"another word", Field{Try: path("level").Try, Values: map[string]string{"serious": "high"}}, "high"},
		{"a word nobody knows", Field{Try: path("name").Try, Values: map[string]string{"serious": "high"}}, `title: "webshell" stands neither in values nor in at_least, and there is no otherwise`},
		{"a word nobody knows, otherwise", Field{Try: path("name").Try, Values: map[string]string{"serious": "high"}, Otherwise: "low"}, "low"},
		{"another word for nothing", Field{Try: path("gone").Try, Values: map[string]string{"": "empty"}}, "empty"},
		{"a bound", Field{Try: path("cvss").Try, AtLeast: []Bound{{9, "high"}, {4, "medium"}}, Otherwise: "low"}, "high"},
		{"the bound itself", Field{Try: path("id").Try, AtLeast: []Bound{{9, "high"}, {7, "medium"}}, Otherwise: "low"}, "medium"},
		{"below all bounds", Field{Try: path("id").Try, AtLeast: []Bound{{9, "high"}, {8, "medium"}}, Otherwise: "low"}, "low"},
		{"no number", Field{Try: path("name").Try, AtLeast: []Bound{{9, "high"}}, Otherwise: "low"}, "low"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(product(minimal(func(f map[string]Field) { f["title"] = c.field })))
			_, a := w.post(t, event)
			got := strings.Join(a.Errors, "\n")
			if len(w.found()) == 1 {
				got = w.found()[0].Title
			}
			if got != c.want && got != "[0] "+c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Where the findings of a body stand.
func TestEach(t *testing.T) {
	for _, c := range []struct {
		name string
		each []string
		body string
		ids  []string
		says string
	}{
		{"the body", nil, `{"id":1}`, []string{"1"}, ""},
		{"a list", nil, `[{"id":1},{"id":2}]`, []string{"1", "2"}, ""},
		{"an empty list", nil, `[]`, nil, ""},
		{"a list in it", []string{"data", "events", Every}, `{"data":{"events":[{"id":1},{"id":2}]}}`, []string{"1", "2"}, ""},
		{"an empty list in it", []string{"data", Every}, `{"data":[]}`, nil, ""},
		{"null for an empty list", []string{"data", Every}, `{"data":null}`, nil, ""},
		{"an object in it", []string{"data"}, `{"data":{"id":1}}`, []string{"1"}, ""},
		{"lists in a list", []string{"a", Every, "b", Every}, `{"a":[{"b":[{"id":1},{"id":2}]},{},{"b":[{"id":3}]}]}`, []string{"1", "2", "3"}, ""},
		{"a list in a text", []string{"data", Every}, `{"data":"[{\"id\":1}]"}`, []string{"1"}, ""},
		{"it is not there", []string{"data", "events", Every}, `{"data":{}}`, nil, "each: the body has no data.events"},
		{"it is no list", []string{"data", Every}, `{"data":{"id":1}}`, nil, "each: data is an object, not a list"},
		{"the body is no list", []string{Every}, `{}`, nil, "each: the body is an object, not a list"},
		{"not an object", []string{"data", Every}, `{"data":[{"id":1},2,"x"]}`, []string{"1"}, "[1] is a number; a finding is an object\n[2] is a text; a finding is an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := minimal(func(f map[string]Field) { f["asset"], f["title"] = fixed("a"), fixed("t") })
			m.Each = c.each
			w := open(product(m))
			status, a := w.post(t, c.body)
			var ids []string
			for _, f := range w.found() {
				ids = append(ids, f.ID)
			}
			if !slices.Equal(ids, c.ids) || strings.Join(a.Errors, "\n") != c.says || (status == 202) != (c.says == "") {
				t.Errorf("%d, ids %v, %q; want %v, %q", status, ids, a.Errors, c.ids, c.says)
			}
			if want := c.says == "" || len(c.ids) > 0; (len(w.heard()) == 1) != want {
				t.Errorf("a sign of life: %v, want %v", w.heard(), want)
			}
		})
	}
}

// Of a product's body each finding is taken for itself.
func TestWhatIsRightIsTaken(t *testing.T) {
	src := product(minimal(func(f map[string]Field) {
		f["customer"] = Field{Try: path("account").Try, Values: map[string]string{"17": "acme", "18": "nova", "19": "globex"}}
		f["status"] = Field{Try: path("state").Try, Values: map[string]string{"gone": "fixed", "test": Ignore}, Otherwise: "open"}
	}))
	src.Customers = []string{"acme", "nova"}
	w := open(src)
	status, a := w.post(t, `[
		{"account":17,"id":1,"ip":"a","name":"t"},
		{"account":18,"id":2,"ip":"a","name":"t","state":"gone"},
		{"account":18,"id":3,"name":"t"},
		{"state":"test"},
		{"account":19,"id":4,"ip":"a","name":"t"},
		{"account":20,"id":5,"ip":"a","name":"t"}]`)
	got := w.found()
	if status != 403 || a.Accepted != 2 || a.Ignored != 1 || len(got) != 2 || w.taken[1].customer != "nova" || !got[1].Fixed {
		t.Errorf("%d %+v, %+v", status, a, w.taken)
	}
	want := []string{`[5] customer: "20" stands neither in values nor in at_least, and there is no otherwise`, "[2] asset: is missing", `[4] customer: this source is not bound to "globex"`}
	if !slices.Equal(a.Errors, want) {
		t.Errorf("%q", a.Errors)
	}
	if w.Count.Taken.Load() != 2 || w.Count.Refused.Load() != 1 {
		t.Errorf("%d taken, %d refused", w.Count.Taken.Load(), w.Count.Refused.Load())
	}
}

// $$ begins at the body.
func TestFromTheWholeBody(t *testing.T) {
	m := minimal(func(f map[string]Field) {
		f["asset"] = Field{Try: []Text{{{IsPath: true, Whole: true, Path: []string{"host"}}}}}
	})
	m.Each = []string{"events", Every}
	w := open(product(m))
	w.post(t, `{"host":"db-01","events":[{"id":1,"name":"t","host":"other"}]}`)
	if len(w.found()) != 1 || w.found()[0].Asset != "db-01" {
		t.Errorf("%+v", w.taken)
	}
}

// A product cannot be asked to be brief.
func TestLongFieldsAreCut(t *testing.T) {
	w := open(product(minimal(nil)))
	long := strings.Repeat("长", 600)
	if status, a := w.post(t, `{"id":"`+long+`","ip":"`+long+`","name":"`+long+`"}`); status != 202 {
		t.Fatalf("%d %q", status, a.Errors)
	}
	f := w.found()[0]
	if !strings.HasPrefix(f.ID, "sha256-") || len([]rune(f.Title)) != maxField || !strings.HasSuffix(f.Title, "…") || len([]rune(f.Asset)) != maxField {
		t.Errorf("id %s, %d and %d characters", f.ID, len([]rune(f.Title)), len([]rune(f.Asset)))
	}
}

func TestForms(t *testing.T) {
	w := open(product(minimal(func(f map[string]Field) { f["detail"] = path("all") })))
	form := header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	if status, a := w.post(t, "id=7&ip=10.0.0.5&name=%E6%8C%96%E7%9F%BF&all=x&all=y", form); status != 202 {
		t.Fatalf("%d %q", status, a.Errors)
	}
	if f := w.found()[0]; f.ID != "7" || f.Title != "挖矿" || f.Detail != "x, y" {
		t.Errorf("%+v", f)
	}
	if status, a := w.post(t, "id=%zz", form); status != 400 || !strings.Contains(a.Errors[0], "no form") {
		t.Errorf("%d %q", status, a.Errors)
	}
	if status, a := w.post(t, "id=7", func(*http.Request) {}); status != 400 || !strings.Contains(a.Errors[0], "line 1, column 1") {
		t.Errorf("a form that does not say so: %d %q", status, a.Errors)
	}
}

func TestTimes(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, as string
		zone     *time.Location
		want     string // RFC 3339 in UTC; "" for a mistake
	}{
		{"2026-11-23T10:00:00+08:00", "", nil, "2026-11-23T02:00:00Z"},
		{"1795399200", "", nil, "2026-11-23T02:00:00Z"},
		{"1795399200000", "", nil, "2026-11-23T02:00:00Z"},
		{"1795399200.0", TimeUnix, nil, "2026-11-23T02:00:00Z"},
		{"1795399200000", TimeUnixMilli, nil, "2026-11-23T02:00:00Z"},
		{"2026-11-23 10:00:00", time.DateTime, shanghai, "2026-11-23T02:00:00Z"},
		{"2026-11-23 10:00:00", time.DateTime, nil, "2026-11-23T10:00:00Z"},
		{"2026-11-23T02:00:00.412+0000", "2006-01-02T15:04:05.000-0700", shanghai, "2026-11-23T02:00:00Z"},
		{"1795399200000", TimeUnix, nil, ""},   // the year 58864
		{"1795399200", TimeUnixMilli, nil, ""}, // 1970
		{"0001-01-01T00:00:00Z", "", nil, ""},  // never
		{"9223372036854775807", "", nil, ""},   // the largest there is
		{"-1", "", nil, ""},                    // 1969
		{"yesterday", "", nil, ""},             //
		{"yesterday", TimeUnix, nil, ""},       //
		{"yesterday", time.DateTime, nil, ""},  //
		{"2026-11-23 10:00", TimeRFC3339, nil, ""},
	} {
		got, err := moment(c.text, c.as, c.zone)
		if (err != nil) != (c.want == "") || err == nil && got.UTC().Truncate(time.Second).Format(time.RFC3339) != c.want {
			t.Errorf("%q as %q: %v, %v; want %q", c.text, c.as, got, err, c.want)
		}
	}
}

// A time that cannot be read costs the time, and is said.
func TestAWrongTimeIsNoted(t *testing.T) {
	w := open(product(minimal(func(f map[string]Field) { f["seen_at"] = path("time") })))
	status, a := w.post(t, `{"id":1,"ip":"a","name":"t","time":"yesterday"}`)
	if status != 202 || len(a.Notes) != 1 || !strings.HasPrefix(a.Notes[0], `[0] seen_at: "yesterday" is no time`) || !w.taken[0].At.Equal(clock) {
		t.Errorf("%d %+v", status, a)
	}
	if !strings.Contains(w.log.String(), "not as meant") {
		t.Errorf("the log: %s", w.log.String())
	}
}

// What Alertmanager's labels and the map of its source come to; the samples of
// testdata show the rest.
func TestAlerts(t *testing.T) {
	src := Source{Name: "am", Token: "s3cret", Customers: []string{"acme", "nova"}, Format: Alertmanager, Layers: []string{"network"}}
	for _, c := range []struct {
		name   string
		labels map[string]string
		fields map[string]Field
		want   item // what differs from below
		says   string
	}{
		{"the custom", nil, nil, item{}, ""},
		{"another customer", map[string]string{"customer": "nova"}, nil, item{Customer: "nova"}, ""},
		{"a foreign customer", map[string]string{"customer": "globex"}, nil, item{}, `customer: this source is not bound to "globex"`},
		{"no customer", map[string]string{"customer": ""}, nil, item{}, "customer: is missing"},
		{"a customer by the map", map[string]string{"customer": "", "team": "x"}, map[string]Field{"customer": {Try: path("labels", "team").Try, Values: map[string]string{"x": "nova"}}}, item{Customer: "nova"}, ""},
		{"a layer", map[string]string{"layer": "data"}, nil, item{Layer: "data"}, ""},
		{"a wrong layer", map[string]string{"layer": "moon"}, nil, item{}, `layer: "moon" is none of product, network, host, application, data`},
		{"an asset", map[string]string{"instance": "", "pod": "web-7d9f"}, nil, item{Asset: "web-7d9f"}, ""},
		{"no asset", map[string]string{"instance": ""}, nil, item{}, "asset: is missing"},
		{"a severity", map[string]string{"severity": "Critical"}, nil, item{Severity: "high"}, ""},
		{"none", map[string]string{"severity": "none"}, nil, item{Severity: "low"}, ""},
		{"no severity", map[string]string{"severity": ""}, nil, item{}, ""},
		{"a severity nobody knows", map[string]string{"severity": "P2"}, nil, item{}, `note: severity: "P2" is not known; taken as medium`},
		{"a severity by the map", map[string]string{"severity": "P2"}, map[string]Field{"severity": {Try: path("labels", "severity").Try, Values: map[string]string{"p2": "high"}}}, item{Severity: "high"}, ""},
		{"ignored by the map", map[string]string{"team": "x"}, map[string]Field{"status": {Try: path("labels", "team").Try, Values: map[string]string{"x": Ignore}, Otherwise: "open"}}, item{Status: Ignore}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			labels := map[string]string{"alertname": "Down", "customer": "acme", "instance": "10.0.0.5:9100", "severity": "warning"}
			for k, v := range c.labels {
				if labels[k] = v; v == "" {
					delete(labels, k)
				}
			}
			text, _ := json.Marshal(map[string]any{"version": "4", "alerts": []any{map[string]any{"status": "firing", "labels": labels, "fingerprint": "f1", "startsAt": "2026-11-23T01:59:00Z"}}})
			src.Map.Fields = c.fields
			b, err := src.decode(body{text: text})
			if err != nil {
				t.Fatal(err)
			}
			b.check(src)
			if c.want.Status == Ignore {
				if b.ignored != 1 || len(b.items) > 0 {
					t.Errorf("%+v", b)
				}
				return
			}
			if said := strings.Join(append(b.wrong, prefixed("note: ", b.notes)...), "\n"); strings.ReplaceAll(said, "[0] ", "") != c.says {
				t.Errorf("%q, want %q", said, c.says)
			}
			if len(b.items) == 0 {
				return
			}
			want := item{Customer: "acme", ID: "f1", Layer: "network", Asset: "10.0.0.5:9100", Title: "Down", Severity: "medium", Status: "open"}
			for _, f := range []struct{ to, from *string }{{&want.Customer, &c.want.Customer}, {&want.Layer, &c.want.Layer}, {&want.Asset, &c.want.Asset}, {&want.Severity, &c.want.Severity}} {
				if *f.from != "" {
					*f.to = *f.from
				}
			}
			got := b.items[0].item
			got.Detail, got.SeenAt = "", time.Time{}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func prefixed(with string, list []string) (out []string) {
	for _, s := range list {
		out = append(out, with+s)
	}
	return out
}

// What is no group of alerts says so.
func TestNoAlerts(t *testing.T) {
	src := Source{Name: "am", Token: "s3cret", Customers: []string{"acme"}, Format: Alertmanager}
	for body, says := range map[string]string{
		`{}`:                                   "this is not what Alertmanager sends: each: the body has no alerts",
		`[]`:                                   "this is not what Alertmanager sends",
		`{"alerts":{}}`:                        "alerts is an object, not a list",
		`{"alerts":[7]}`:                       "[0] is a number; a finding is an object",
		`{"alerts":[{"labels":{"a":1}}]}`:      "[0] is no alert: labels is a number; give a text",
		`{"alerts":[{"status":"suppressed"}]}`: `[0] status: "" is none of open, fixed`,
	} {
		status, a := open(src).post(t, body)
		if status != 400 || !strings.Contains(strings.Join(a.Errors, "\n"), says) {
			t.Errorf("%s: %d %q, want %q", body, status, a.Errors, says)
		}
	}
}
