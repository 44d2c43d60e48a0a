package config

import (
	"strings"
	"testing"
)

// Each rule: the text to replace, its replacement, and the error that must come,
// and come alone.
func TestEachMistake(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "    tam: chen", "    tamm: chen", `14:5: unknown key "tamm" in a customer; known are advice, back, contacts`},
		{"key twice", "    tam: chen", "    tam: chen\n    tam: zhang", "15:5: tam stands here twice, first on line 14; keep one"},
		{"wrong type", "name: 示例科技", "name: [示例科技]", "10:11: name is a list; give a text"},
		{"list wanted", "backup: [zhang]", "backup: zhang", "7:40: backup is a text; give a list"},
		{"empty value", "tam: chen", "tam:", "14:9: tam is empty; give a text or leave the key out"},
		{"empty text", "tam: chen", `tam: ""`, "14:10: tam is empty"},
		{"true or false wanted", "slack: U3}", "slack: U3, authorised: sometimes}", "15:51: authorised is a text; give true or false"},
		{"not YAML", "    tam: chen", "   tam: chen", "14:4: this is not YAML"},
		{"second document", "slack: U3}]", "slack: U3}]\n---\nx: 1", "17:1: a second document begins here"},
		{"anchor", "tam: chen", "tam: &t chen", "14:10: tam: anchors, aliases and tags are not read"},
		{"unset variable", "${APP}", "${OTHER}", "2:20: app_token: ${OTHER} is not set; set it in the environment"},
		{"odd variable", "bot_token: b", `bot_token: "${B:-x}"`, "2:39: bot_token: ${…} takes one name"},
		{"both secrets", "bot_token: b", "bot_token: b, bot_token_file: f", "2:58: slack has both bot_token and bot_token_file; keep one"},
		{"no secret", ", bot_token: b", "", "2:8: slack has no bot_token; add bot_token: ${NAME} or bot_token_file: PATH"},
		{"secret file", "bot_token: b", "bot_token_file: nowhere", "2:44: bot_token_file: "},
		{"store form", "file:butler.db", "mysql://x", "1:8: store has a form that is not known; use file:PATH, redis://"},
		{"store without a path", "file:butler.db", `"file:"`, "1:8: store: file: takes a path"},
		{"two hosts", "file:butler.db", "redis://a,b", "1:8: store: redis:// takes one host"},
		{"database", "file:butler.db", "redis://a/x", "1:8: store: the database after the host is a number"},
		{"no host", "file:butler.db", "redis://", "1:8: store: a host is missing"},
		{"port", "file:butler.db", "redis+cluster://a,b:x", "1:8: store: a host is missing or not host:port"},
		{"cluster database", "file:butler.db", "redis+cluster://a,b/1", "1:8: store: a cluster has only database 0"},
		{"sentinel", "file:butler.db", "redis+sentinel://a,b", "1:8: store: redis+sentinel:// names the master"},
		{"listen", "store: file:butler.db", "listen: 8080", `1:9: listen: "8080" is no host:port; write e.g. 127.0.0.1:8080`},
		{"language", "store: file:butler.db", "language: zh", `1:11: language: "zh" is unknown; use zh-CN, en`},
		{"log level", "store: file:butler.db", "log: {level: loud}", `1:14: log level: "loud" is unknown`},
		{"api_url", "bot_token: b", "bot_token: b, api_url: slack.com", "2:51: api_url is no address; write https://host/path"},
		{"dingtalk", "people:", "dingtalk: {client_id: x}\npeople:", "3:11: dingtalk has no client_secret"},
		{"sandbox token", "people:", "sandbox: {listen: 127.0.0.1:1}\npeople:", "3:10: sandbox has no token"},
		{"one port twice", "people:", "sandbox: {listen: 127.0.0.1:8080, token: 0123456789abcdef}\npeople:", "3:19: sandbox listens on 127.0.0.1:8080, where the bot itself listens"},
		{"openai", "people:", "openai: {model: m}\npeople:", "3:9: openai has no base_url"},
		{"calendar", "people:", "calendar: {holidays: [May 1]}\npeople:", `3:23: calendar: "May 1" is no day; write YYYY-MM-DD`},
		{"calendar clash", "people:", "calendar: {holidays: [2027-05-01], workdays: [2027-05-01]}\npeople:", "3:47: calendar: 2027-05-01 is both a holiday and a workday"},
		{"calendar year", "people:", "calendar: {covers: [27]}\npeople:", `3:21: a year of covers is "27"; give a whole number from 1900 to 9999`},
		{"person without a role", "role: expert, ", "", "4:5: person zhang has no role"},
		{"role", "role: expert", "role: boss", `4:33: role: "boss" is unknown; use expert, manager, admin`},
		{"person twice", "duty:\n", "  - {id: zhang, role: expert}\nduty:\n", "6:10: zhang stands in people twice"},
		{"account twice", "slack: U2", "slack: U1", "5:49: the slack id U1 is zhang's already"},
		{"contact's account", "slack: U3", "slack: U1", "15:35: the slack id U1 is zhang's already"},
		{"id form", "id: acme", "id: 示例", `9:9: id: "示例" is no id`},
		{"duty names nobody", "backup: [zhang]", "backup: []", "7:40: backup names nobody"},
		{"duty without a manager", ", manager: [chen]", "", "7:13: duty security has no manager"},
		{"duty without a primary", "primary: [zhang], ", "", "7:13: duty security has no primary"},
		{"unknown person", "backup: [zhang]", "backup: [zang]", `7:41: nobody in people has the id "zang"; known are zhang, chen`},
		{"person twice on duty", "backup: [zhang]", "backup: [zhang, zhang]", "7:48: duty security: zhang stands in backup twice"},
		{"handover", "backup: [zhang]", `backup: [zhang], handover: "Funday 9"`, `7:59: handover: "Funday 9" is no moment of the week`},
		{"zone of a duty", "backup: [zhang]", "backup: [zhang], zone: Mars", `7:55: duty security: "Mars" is no time zone; use an IANA name`},
		{"zone", "    tam: chen", "    zone: China", `14:11: zone: "China" is no time zone`},
		{"edition", "edition: enterprise", "edition: gold", `11:14: edition: "gold" is unknown; use emergency, enterprise, escort`},
		{"no edition", "    edition: enterprise\n", "", "9:5: customer acme has no edition"},
		{"tam", "tam: chen", "tam: lihua", `14:10: nobody in people has the id "lihua"`},
		{"duty", "tam: chen", "duty: network", `14:11: no duty has the key "network"; known are security`},
		{"several duties", "customers:", "  other: {primary: [zhang], backup: [zhang], manager: [chen]}\ncustomers:", "10:5: customer acme names no duty and there are several; add duty: with one of other, security"},
		{"since", "    tam: chen", "    since: 20.11.2026", `14:12: since: "20.11.2026" is no day; write YYYY-MM-DD`},
		{"inspection", "    tam: chen", "    inspection: {at: 9}", `14:22: at: "9" is no time of day; write "HH:MM"`},
		{"asset", "    tam: chen", "    inspection: {assets: [ftp://x]}", `14:27: assets: "ftp://x" is no asset`},
		{"contact without id", "id: lihua, ", "", "15:16: a contact has no id"},
		{"contact is staff", "id: lihua", "id: zhang", "15:21: zhang is one of people; a contact needs another id"},
		{"contact twice", "slack: U3}", "slack: U3}, {id: lihua}", "15:45: lihua stands in contacts twice"},
		{"room form", "slack:C1", "C1", `12:12: "C1" is no room; write platform:id`},
		{"room platform", "slack:C1", "slak:C1", `12:12: "slak" is no platform; use slack, dingtalk, sandbox`},
		{"platform not configured", "slack:C1", "dingtalk:cid1", "12:12: dingtalk is not configured; add the section dingtalk"},
		{"front is back", "slack:C2", "slack:C1", "13:11: slack:C1 is the front of acme; a room is never both front and back"},
		{"source without a token", "people:", "findings: [{source: s}]\npeople:", "3:12: source s has no token"},
		{"source of nobody", "people:", "findings: [{source: s, token: t, customers: [acne]}]\npeople:", `3:46: no customer has the id "acne"; known are acme`},
		{"source named as ours", "people:", "findings: [{source: probe, token: t}]\npeople:", `3:21: source: "probe" is the name of our own inspection`},
		{"source twice", "people:", "findings: [{source: s, token: t}, {source: s, token: u}]\npeople:", "3:44: source s stands here twice"},
		{"token twice", "people:", "findings: [{source: s, token: t}, {source: u, token: t}]\npeople:", "3:35: source u has the token of source s"},
		{"edition file", "people:", "editions: {gold: gold.yaml}\npeople:", "3:18: edition gold: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(base, c.old) != 1 {
				t.Fatalf("%q stands %d times in the base", c.old, strings.Count(base, c.old))
			}
			_, err := Parse("butler.yaml", t.TempDir(), []byte(strings.Replace(base, c.old, c.new, 1)), Options{Env: withApp})
			if err == nil {
				t.Fatal("was taken")
			}
			if errs := err.(Errors); len(errs) != 1 || !strings.HasPrefix(err.Error(), "butler.yaml:"+c.want) {
				t.Errorf("got  %v\nwant butler.yaml:%s", err, c.want)
			}
		})
	}
}
