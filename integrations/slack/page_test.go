package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// screen is what a picture shows: windows of Slack in columns.
type screen struct {
	Lang    string
	Columns [][]pane
}

// pane is a conversation, or a view.
type pane struct {
	Kind     string // channel, thread, direct, modal, home
	Caption  string
	Title    string
	Aside    string
	Messages []bubble
	View     map[string]any
}

// bubble is one message of a conversation.
type bubble struct {
	Name   string
	App    bool
	Face   string // class of the avatar
	Day    string // a day begins with it
	Time   string
	Edited bool
	Blocks []map[string]any
}

// Initial is what the avatar of a person shows.
func (m bubble) Initial() string {
	r, _ := utf8.DecodeRuneInString(m.Name)
	return string(r)
}

// inSlack are the words of Slack's own around what the app sends.
var inSlack = map[string]map[string]string{
	"zh-CN": {"edited": "（已编辑）", "optional": "（可不填）", "home": "主页", "messages": "消息", "about": "关于", "thread": "消息列",
		"shared": "与%s共用的频道", "private": "私有频道，只有自己人", "direct": "给%s的私信"},
	"en": {"edited": "(edited)", "optional": "(optional)", "home": "Home", "messages": "Messages", "about": "About", "thread": "Thread",
		"shared": "shared with %s", "private": "private, for the team alone", "direct": "direct message to %s"},
}

// html renders the page. A kind of block, element or text that the page does not
// know is an error. names are those of the users that are mentioned.
func (p screen) html(t *testing.T, names map[string]string) ([]byte, error) {
	t.Helper()
	style, err := os.ReadFile(filepath.Join("testdata", "page", "slack.css"))
	if err != nil {
		t.Fatal(err)
	}
	mention := func(id string) template.HTML {
		name := names[id]
		if name == "" {
			name = id
		}
		return template.HTML(`<span class="mention">@` + html.EscapeString(name) + `</span>`)
	}
	tmpl, err := template.New("page").Funcs(template.FuncMap{
		"css":     func() template.CSS { return template.CSS(style) },
		"word":    func(key string) string { return inSlack[p.Lang][key] },
		"mention": mention,
		"mrkdwn":  func(s string) template.HTML { return mrkdwn(s, mention) },
		"unknown": func(what string, v map[string]any) (string, error) {
			return "", fmt.Errorf("the page does not know the %s %q", what, v["type"])
		},
	}).ParseFiles(filepath.Join("testdata", "page", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = tmpl.ExecuteTemplate(&b, "page", p)
	return b.Bytes(), err
}

var marks = regexp.MustCompile(`<@([UW][A-Z0-9]+)>|<(https?://[^|>]+)(?:\|([^>]*))?>|\*([^*\n]+)\*`)

// mrkdwn shows of Slack's markup what we write: mentions, links and bold. What
// was escaped for Slack is escaped for the browser too.
func mrkdwn(s string, mention func(string) template.HTML) template.HTML {
	plain := func(s string) string { return html.EscapeString(html.UnescapeString(s)) }
	var b strings.Builder
	last := 0
	for _, m := range marks.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(plain(s[last:m[0]]))
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return s[m[2*i]:m[2*i+1]]
		}
		switch user, url, label, bold := group(1), group(2), group(3), group(4); {
		case user != "":
			b.WriteString(string(mention(user)))
		case label != "":
			b.WriteString("<a>" + plain(label) + "</a>")
		case url != "":
			b.WriteString("<a>" + plain(url) + "</a>")
		default:
			b.WriteString("<b>" + plain(bold) + "</b>")
		}
		last = m[1]
	}
	b.WriteString(plain(s[last:]))
	return template.HTML(b.String())
}

// shows words a message for the page.
func (m said) shows(t *testing.T, names map[string]string) bubble {
	t.Helper()
	out := bubble{Name: names[m.user], App: m.user == "", Edited: m.edits > 0}
	if out.App {
		out.Name, out.Face = "Butler", "app"
	} else {
		n := 0
		for _, r := range m.user {
			n += int(r)
		}
		out.Face = fmt.Sprintf("face%d", n%5)
	}
	if err := json.Unmarshal(m.blocks, &out.Blocks); err != nil {
		t.Fatalf("%s: %v", m.ts, err)
	}
	return out
}

// clock words the time of a message as Slack does.
func clock(lang string, at time.Time) string {
	if lang == "en" {
		return at.Format("3:04 PM")
	}
	return at.Format("15:04")
}

// date words a day as Slack does.
func date(lang string, at time.Time) string {
	if lang == "en" {
		return at.Format("Monday, January 2")
	}
	return fmt.Sprintf("%d月%d日 星期%s", at.Month(), at.Day(), [...]string{"日", "一", "二", "三", "四", "五", "六"}[at.Weekday()])
}

// view is a golden of a modal or of Home as a pane.
func view(t *testing.T, g golden) pane {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(g.text, &v); err != nil {
		t.Fatalf("%s: %v", g.name, err)
	}
	return pane{Kind: g.kind(t), Title: "Butler", View: v}
}
