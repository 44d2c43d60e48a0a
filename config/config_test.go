package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"butler/bot/desk"
	"butler/sla"
)

func noEnv(string) (string, bool) { return "", false }

func load(t *testing.T, src string, o Options) *Config {
	t.Helper()
	c, err := Parse("butler.yaml", t.TempDir(), []byte(src), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSample(t *testing.T) {
	c := Sample()
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	terms := c.Terms()
	acme, nova, globex := terms["acme"], terms["nova"], terms["globex"]
	if acme.Edition.ID != "enterprise" || nova.Edition.ID != "emergency" || globex.Edition.ID != "escort" {
		t.Error("editions of the sample customers")
	}
	if globex.Language != "en" || globex.Zone.String() != "Europe/London" || acme.Language != "zh-CN" || nova.Zone.String() != "Asia/Shanghai" {
		t.Error("languages and zones of the sample customers")
	}
	if acme.Inspect.Minute != 9*60 || nova.Inspect.Minute != 9*60 || len(acme.Inspect.Assets) == 0 {
		t.Error("inspection at 09:00, also when it is left out")
	}
	if got := acme.Duty.On(sla.Backup, time.Date(2026, 11, 23, 10, 0, 0, 0, acme.Zone)); !reflect.DeepEqual(got, []string{"wang"}) {
		t.Errorf("backup: %v", got)
	}
	if p, ok := acme.Person("zhang"); !ok || !p.Reachable || p.Name != "张工" || p.Role != desk.Expert {
		t.Errorf("zhang: %+v", p)
	}
	if acme.Contacts[0] != (desk.Contact{ID: "lihua", Name: "李华", Authorised: true}) || acme.TAM != "chen" {
		t.Errorf("contacts: %+v", acme.Contacts)
	}
	rooms := c.Rooms()
	if got := rooms[Address{"dingtalk", "cidNOVA"}]; !reflect.DeepEqual(got, []Place{{"nova", desk.Front}}) {
		t.Errorf("nova's front: %v", got)
	}
	if got := rooms[Address{"slack", "C0BACK"}]; !reflect.DeepEqual(got, []Place{{"acme", desk.Back}}) {
		t.Errorf("acme's back: %v", got)
	}
	if c.People[0].IDs["sandbox"] != "zhang" || c.Customers[0].Contacts[0].IDs["slack"] != "U77LIHUA" {
		t.Error("accounts")
	}
}

// The example is what operators copy: it loads with its variables and secret
// files in place, and every key of every section stands in it.
func TestExample(t *testing.T) {
	src, err := os.ReadFile("butler.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dingtalk", "openai", "scanner"} {
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte("secret of "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "butler.yaml")
	if err := os.WriteFile(path, src, 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) { return "value of " + name, true }
	c, err := Load(path, Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	if got := c.DingTalk.ClientSecret.Reveal(); got != "secret of dingtalk" {
		t.Errorf("client_secret_file: %q", got)
	}
	if got := c.Slack.AppToken.Reveal(); got != "value of SLACK_APP_TOKEN" {
		t.Errorf("app_token: %q", got)
	}
	if c.Store != "file:"+filepath.Join(dir, "butler.db") {
		t.Errorf("the store is not beside the config: %s", c.Store)
	}
	if !reflect.DeepEqual(c.Findings[0].Customers, []string{"acme"}) || !reflect.DeepEqual(c.Findings[1].Customers, []string{"acme"}) {
		t.Errorf("findings: %+v", c.Findings)
	}
	if work, covered := c.Calendar.Workday(time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)); !work || !covered {
		t.Error("the calendar of 2027")
	}
	if c.Terms()["acme"].Since != "2026-11-20" {
		t.Error("since")
	}
	for _, key := range []string{"app_token_file", "bot_token_file", "client_secret", "token_file", "api_key", "editions", "log", "store", "advice", "oapi_url"} {
		if !strings.Contains(string(src), key) {
			t.Errorf("the example does not mention %s", key)
		}
	}
	// A play needs none of it.
	if _, err := Parse("butler.yaml", t.TempDir(), src, Options{Env: noEnv, Play: true}); err != nil {
		t.Errorf("as a play: %v", err)
	}
}

// many.yaml holds one mistake of most kinds; the golden file is the list that
// `butler check` prints.
func TestManyMistakesAtOnce(t *testing.T) {
	_, err := Load("testdata/many.yaml", Options{Env: noEnv})
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("error %v, want Errors", err)
	}
	for i := 1; i < len(errs); i++ {
		a, b := errs[i-1], errs[i]
		if a.File == b.File && (a.Line > b.Line || a.Line == b.Line && a.Column > b.Column) {
			t.Errorf("not sorted: %v before %v", a, b)
		}
	}
	golden(t, "testdata/many.errors.txt", err.Error()+"\n")
}

// base is a config without mistakes; the cases below change one thing in it.
const base = `store: file:butler.db
slack: {app_token: ${APP}, bot_token: b}
people:
  - {id: zhang, name: 张工, role: expert, slack: U1}
  - {id: chen, name: 陈经理, role: manager, slack: U2}
duty:
  security: {primary: [zhang], backup: [zhang], manager: [chen]}
customers:
  - id: acme
    name: 示例科技
    edition: enterprise
    front: slack:C1
    back: slack:C2
    tam: chen
    contacts: [{id: lihua, slack: U3}]
`

func withApp(name string) (string, bool) { return "a", name == "APP" }

func TestBaseIsRight(t *testing.T) {
	c := load(t, base, Options{Env: withApp})
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	if c.Duties["security"].Handover != (sla.Handover{Day: time.Monday, Minute: 540}) {
		t.Error("the default handover is Mon 09:00")
	}
}

func TestCustomersAndTheirRooms(t *testing.T) {
	second := func(id, front, back string) string {
		return base + fmt.Sprintf("  - {id: %s, name: 二, edition: escort, front: \"%s\", back: \"%s\"}\n", id, front, back)
	}
	for _, c := range []struct{ name, src, want string }{
		{"two fronts in one room", second("nova", "slack:C1", "slack:C4"), "slack:C1 is the front of acme already"},
		{"a front in another's back", second("nova", "slack:C2", "slack:C4"), "slack:C2 is the back of acme already"},
		{"a back in another's front", second("nova", "slack:C3", "slack:C1"), "slack:C1 is the front of acme; a room is never both"},
		{"an id twice", second("acme", "slack:C3", "slack:C4"), "acme stands in customers twice"},
	} {
		_, err := Parse("butler.yaml", ".", []byte(c.src), Options{Env: withApp})
		if err == nil || len(err.(Errors)) != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	c := load(t, second("nova", "slack:C3", "slack:C2"), Options{Env: withApp})
	terms := c.Terms()
	if !terms["acme"].SharedBack || !terms["nova"].SharedBack {
		t.Error("a back room of two customers is shared")
	}
	if got := c.Rooms()[Address{"slack", "C2"}]; len(got) != 2 || got[0].Customer != "acme" || got[1].Customer != "nova" {
		t.Errorf("the shared back room: %v", got)
	}
	if load(t, base, Options{Env: withApp}).Terms()["acme"].SharedBack {
		t.Error("a back room of one customer is not shared")
	}
}

func TestSomebodyNobodyCanReach(t *testing.T) {
	src := strings.Replace(base, "role: expert, slack: U1}", "role: expert, dingtalk: staff1}", 1)
	c := load(t, src, Options{Env: withApp})
	p, _ := c.Terms()["acme"].Person("zhang")
	if p.Reachable || p.Why.In("zh-CN") != "配置中没有 Slack 账号" || p.Why.In("en") != "no Slack account in the config" {
		t.Errorf("zhang: %+v", p)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Error(), "butler.yaml:4:5: zhang has no slack id") {
		t.Errorf("warnings: %v", c.Warnings)
	}
}

func TestOtherWarnings(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"no customers", base[strings.Index(base, "customers:"):], "", "1:1: the file names no customer"},
		{"no backup", ", backup: [zhang]", "", "7:13: duty security has no backup"},
		{"tokens mixed up", "bot_token: b", "bot_token: xapp-1", "2:39: bot_token begins with xapp-"},
	} {
		got := load(t, strings.Replace(base, c.old, c.new, 1), Options{Env: withApp}).Warnings
		if len(got) != 1 || !strings.HasPrefix(got[0].Error(), "butler.yaml:"+c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAPlayNeedsNoSecretsAndNoPlatforms(t *testing.T) {
	src := strings.NewReplacer("slack: {app_token: ${APP}, bot_token: b}\n", "dingtalk: {client_id: ${ID}, client_secret_file: nowhere}\n", "slack:C1", "${FRONT}").Replace(base)
	if _, err := Parse("butler.yaml", ".", []byte(src), Options{Env: noEnv}); err == nil {
		t.Error("a run takes what only a play may leave out")
	}
	c := load(t, src, Options{Env: noEnv, Play: true})
	if c.Customers[0].Front.ID != "FRONT" || c.Customers[0].Back != (Address{"slack", "C2"}) {
		t.Errorf("rooms: %+v", c.Customers[0])
	}
}

func TestStoresAndPaths(t *testing.T) {
	dir := t.TempDir()
	for in, want := range map[string]string{
		"file:butler.db":                   "file:" + filepath.Join(dir, "butler.db"),
		"file:/var/lib/butler.db":          "file:/var/lib/butler.db",
		"redis://h":                        "redis://h",
		"redis://user:p@ss@h:6379/0":       "redis://user:p@ss@h:6379/0",
		"rediss://h:1/2?x=y":               "rediss://h:1/2?x=y",
		"redis+cluster://a,b:7000,[::1]:1": "redis+cluster://a,b:7000,[::1]:1",
		"redis+sentinel://:pw@a,b/master":  "redis+sentinel://:pw@a,b/master",
	} {
		src := strings.Replace(base, "file:butler.db", `"`+in+`"`, 1)
		c, err := Parse("butler.yaml", dir, []byte(src), Options{Env: withApp})
		if err != nil || c.Store != want {
			t.Errorf("%s: %v, want %s (%v)", in, c, want, err)
		}
	}
	_, err := Parse("butler.yaml", dir, []byte(strings.Replace(base, "file:butler.db", "redis://u:hunter2@h/x", 1)), Options{Env: withApp})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an error repeats the password: %v", err)
	}
}

func TestURLsAndDefaults(t *testing.T) {
	src := strings.Replace(base, "bot_token: b", "bot_token: b, api_url: http://127.0.0.1:9/api/", 1) +
		"dingtalk: {client_id: 0123, client_secret: s, api_url: http://127.0.0.1:9/}\n"
	c := load(t, src, Options{Env: withApp})
	if c.Slack.APIURL != "http://127.0.0.1:9/api/" || c.DingTalk.APIURL != "http://127.0.0.1:9" || c.DingTalk.OAPIURL != "" {
		t.Errorf("%+v %+v", c.Slack, c.DingTalk)
	}
	if c.DingTalk.ClientID != "0123" || c.DingTalk.RobotCode != "0123" {
		t.Errorf("a number is taken as it is written, and the robot code is the client id: %+v", c.DingTalk)
	}
	if c.Listen != "127.0.0.1:8080" || c.LogLevel != "info" || c.Language != "zh-CN" || c.OpenAI != nil || c.Sandbox != nil {
		t.Errorf("defaults: %+v", c)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := Secret("hunter2")
	b, _ := json.Marshal(map[string]Secret{"s": s})
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, struct{ S Secret }{s}, s, s, s), string(b)} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("printed: %s", text)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Error("Reveal")
	}
}

// A value of the environment is data: nothing in it is YAML, and no ${…} in it
// is looked up.
func TestTheEnvironmentIsNotYAML(t *testing.T) {
	nasty := "a: [b], {c} # d ${HOME}\n\"'"
	c := load(t, base, Options{Env: func(string) (string, bool) { return nasty, true }})
	if got := c.Slack.AppToken.Reveal(); got != nasty {
		t.Errorf("%q", got)
	}
}

func TestRev(t *testing.T) {
	rev := func(old, new string) string {
		return load(t, strings.Replace(base, old, new, 1), Options{Env: withApp}).Terms()["acme"].Rev
	}
	first := rev("", "")
	if len(first) != 12 || first != rev("", "") {
		t.Errorf("revision %q, again %q", first, rev("", ""))
	}
	if got := rev("bot_token: b", "bot_token: other"); got != first {
		t.Error("a token is not the customer's business")
	}
	seen := map[string]string{first: "base"}
	for name, change := range map[string][2]string{
		"edition":  {"edition: enterprise", "edition: escort"},
		"name":     {"name: 示例科技", "name: 示例"},
		"zone":     {"    tam: chen", "    tam: chen\n    zone: Europe/London"},
		"tam":      {"    tam: chen", "    tam: zhang"},
		"roster":   {"backup: [zhang]", "backup: [chen]"},
		"handover": {"backup: [zhang]", "backup: [zhang], handover: Tue 09:00"},
		"dutyzone": {"backup: [zhang]", "backup: [zhang], zone: Europe/London"},
		"contact":  {"{id: lihua,", "{id: lihua, authorised: true,"},
		"room":     {"slack:C1", "slack:C9"},
		"person":   {"name: 张工", "name: 张三"},
		"account":  {"slack: U1", "slack: U9"},
		"calendar": {"people:", "calendar: {holidays: [2026-12-24]}\npeople:"},
		"since":    {"    tam: chen", "    tam: chen\n    since: 2026-11-20"},
		"assets":   {"    tam: chen", "    tam: chen\n    inspection: {assets: [a]}"},
	} {
		got := rev(change[0], change[1])
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the revision of %s", name, other)
		}
		seen[got] = name
	}
}

func TestFilesThatAreNone(t *testing.T) {
	if _, err := Load("testdata/nowhere.yaml", Options{}); err == nil || !strings.Contains(err.Error(), "testdata/nowhere.yaml cannot be read") {
		t.Errorf("no file: %v", err)
	}
	for name, src := range map[string]string{
		"the file is empty": "# nothing\n",
		"is not UTF-8":      "a: \xff",
		"brackets are open": strings.Repeat("[", 100),
		"at most":           strings.Repeat("#", maxFile+1),
		"the file is a":     "- a\n",
	} {
		if _, err := Parse("butler.yaml", ".", []byte(src), Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%.20q: %v, want %s", src, err, name)
		}
	}
}

// FuzzLoad: whatever the file holds, it is a Config or a list of mistakes.
func FuzzLoad(f *testing.F) {
	for _, file := range []string{"butler.example.yaml", "sample.yaml", "testdata/many.yaml", "editions/escort.yaml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(base))
	f.Add([]byte("customers: [{}]\npeople: [{}]\nduty: {a: {}}\nfindings: [{}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 8<<10 {
			return
		}
		for _, play := range []bool{false, true} {
			c, err := Parse("butler.yaml", ".", src, Options{Env: noEnv, Play: play})
			if (c == nil) == (err == nil) {
				t.Fatalf("config %v, error %v", c, err)
			}
			for _, e := range asErrors(err) {
				if e.Message == "" || strings.ContainsAny(e.Message, braceOpen+braceClose) {
					t.Fatalf("message %q", e.Message)
				}
			}
		}
		_, _ = ParseEdition("edition.yaml", src)
	})
}

func asErrors(err error) Errors {
	var errs Errors
	errors.As(err, &errs)
	return errs
}
