package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

var front = chat.Room{Platform: "slack", ID: "C0FRONT"}

func TestSend(t *testing.T) {
	page, _ := newFake(t)
	slack := page.Platform("slack")
	first, err := slack.Send(t.Context(), bot.Sending{Room: front, Key: "acme/1/opened", Card: card.Card{Title: "一"}})
	if err != nil || first.Ref == "" {
		t.Fatalf("send: %+v %v", first, err)
	}
	again, err := slack.Send(t.Context(), bot.Sending{Room: front, Key: "acme/1/opened", Card: card.Card{Title: "一"}, Attempt: 2})
	if err != nil || again != first {
		t.Errorf("the same key again: %+v %v, want %+v", again, err, first)
	}
	if n := len(stateOf(t, page.Handler(), "customer=acme").Messages); n != 1 {
		t.Errorf("the page shows %d messages, want 1", n)
	}
	_, err = slack.Send(t.Context(), bot.Sending{Room: chat.Room{Platform: "slack", ID: "C0NOWHERE"}})
	if _, ok := errors.AsType[*chat.Never](err); !ok {
		t.Errorf("a room on no page: %v, want Never", err)
	}
}

// An edit changes the card where it stands, and a page gets the change alone.
func TestEdit(t *testing.T) {
	page, f := newFake(t)
	slack, h := page.Platform("slack"), page.Handler()
	r, _ := slack.Send(t.Context(), bot.Sending{Room: front, Card: card.Card{Title: "等待接手"}})
	slack.Send(t.Context(), bot.Sending{Room: front, Card: card.Card{Title: "另一张"}})
	s := stateOf(t, h, "customer=acme")
	f.clock.Set(start.Add(time.Minute))
	if _, err := slack.Edit(t.Context(), r.Ref, bot.Sending{Room: front, Card: card.Card{Title: "已接手"}}); err != nil {
		t.Fatal(err)
	}
	next := stateOf(t, h, fmt.Sprintf("customer=acme&gen=%d&seq=%d", s.Gen, s.Seq))
	if next.Full || len(next.Messages) != 1 {
		t.Fatalf("full %v with %d messages, want the changed one alone", next.Full, len(next.Messages))
	}
	m := next.Messages[0]
	if m.ID != r.Ref || m.Card.Title != "已接手" || m.Updated != stamp(start.Add(time.Minute)) || m.At != stamp(start) {
		t.Errorf("the edited card is %+v", m)
	}
}

// A private card names its reader by the id the page knows.
func TestPrivate(t *testing.T) {
	page, _ := newFake(t)
	page.Platform("slack").Send(t.Context(), bot.Sending{Room: front, Private: true, Person: "U77", Name: "李华", Card: card.Card{Title: "只给你"}})
	m := stateOf(t, page.Handler(), "customer=acme").Messages[0]
	if m.Private != "lihua" || m.Asked != "" {
		t.Errorf("private for %q, mentions %q; want lihua and nobody", m.Private, m.Asked)
	}
	// Somebody else's press does not count, the page's own veil apart.
	click := fmt.Sprintf(`{"customer":"acme","room":"front","person":"zhou","message":%q,"command":"/x"}`, m.ID)
	if status, _ := send(t, page.Handler(), "/api/click", click); status != 409 {
		t.Errorf("pressed by another: %d", status)
	}
}

// Memory is bounded, and what left it is Never.
func TestRoomsForget(t *testing.T) {
	page, _ := newFake(t)
	slack := page.Platform("slack")
	first := ""
	for i := range maxMessages + 10 {
		r, err := slack.Send(t.Context(), bot.Sending{Room: front, Card: card.Card{Title: fmt.Sprint(i)}})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = r.Ref
		}
	}
	s := stateOf(t, page.Handler(), "customer=acme")
	if len(s.Messages) != maxMessages || s.Messages[0].Card.Title != "10" {
		t.Errorf("%d messages from %q, want %d from 10", len(s.Messages), s.Messages[0].Card.Title, maxMessages)
	}
	_, err := slack.Edit(t.Context(), first, bot.Sending{Room: front})
	if _, ok := errors.AsType[*chat.Never](err); !ok {
		t.Errorf("editing what was forgotten: %v, want Never", err)
	}
}

// hostile is what people may type.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `<!channel> <@U01> @all`,
	`**fett** [link](https://evil.example) {{.Case}}`, `button: 关闭 | /resolve 42`, "a\u2028b\u2029c \x00 \u202egpj.exe", `"}],"messages":[`,
}

// Words of people stay words: in the state they are JSON strings without a
// single angle bracket, and come out as they went in.
func TestWordsStayWords(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	for _, text := range hostile {
		body, _ := json.Marshal(map[string]string{"customer": "acme", "room": "front", "person": "lihua", "text": text})
		if status, id := send(t, h, "/api/say", string(body)); status != 200 {
			t.Fatalf("%q: %d %s", text, status, id)
		}
		page.Platform("slack").Send(t.Context(), bot.Sending{Room: front, Card: card.Card{
			Title: text, Foot: text, Lines: []card.Line{{Kind: card.Field, Label: text, Text: text}}, Buttons: []card.Button{{Label: text, Command: text}},
		}})
	}
	w := get(t, h, "/api/state?customer=acme")
	if raw := w.Body.String(); strings.ContainsAny(raw, "<>\u2028\u2029") {
		t.Error("the JSON holds angle brackets or line separators as they are")
	}
	if ct := w.Header().Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("the content type is %q", ct)
	}
	shown := map[string]int{}
	for _, m := range stateOf(t, h, "customer=acme").Messages {
		shown[m.Text]++
		if m.Card != nil {
			shown[m.Card.Title]++
		}
	}
	for _, text := range hostile {
		if shown[text] < 2 {
			t.Errorf("%q is shown %d times as it is, want in the message and on the card", text, shown[text])
		}
	}
}

// Only what a browser tab can open becomes a link.
func TestLinks(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.slack.com/archives/C1/p1": true, "http://127.0.0.1:8080/board": true,
		"": false, "javascript:alert(1)": false, " javascript:alert(1)": false, "JAVASCRIPT:alert(1)": false, "data:text/html,x": false,
		"//evil.example": false, "/api/reset": false, "https:alert(1)": false, "https://%zz": false, "java\nscript:alert(1)": false,
	} {
		c := wireCard(card.Card{Links: []card.Link{{Label: "看", URL: address}}})
		if got := len(c.Links) == 1; got != want {
			t.Errorf("%q becomes a link: %v, want %v", address, got, want)
		}
	}
}

// The card of the wire, whole, as the scripts read it.
func TestCardGolden(t *testing.T) {
	got, err := json.MarshalIndent((&Page{}).wireMessage(Customer{Front: front}, message{
		id: "sbx-7", n: 7, room: front, at: start, kind: "ping", asked: "张工", urgent: true, updated: start.Add(time.Minute), thread: "sbx-2",
		card: &card.Card{
			Sheet: "ping.back", Lang: "zh-CN", Tone: card.Danger, Title: "请接手 #1",
			Lines: []card.Line{
				{Kind: card.Field, Label: "最迟响应", Text: "11-23 02:15 (Asia/Shanghai)"}, {Kind: card.Text, Text: "第一行\n第二行"},
				{Kind: card.Quote, Text: "<b>所有文件都打不开了</b>"}, {Kind: card.Item, Text: "主机 db-1"},
			},
			Buttons: []card.Button{{Label: "接手", Command: "/claim 1", Style: "primary"}, {Label: "转交", Command: "/assign 1"}, {Label: "答复", Command: "/reply 1", Asks: true}},
			Links:   []card.Link{{Label: "客户群里的卡片", URL: "https://example.slack.com/archives/C0FRONT/p1?thread_ts=1&cid=2"}},
			Foot:    "§5 安全事件管理",
		},
	}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const name = "testdata/card.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the card changed (UPDATE=1 writes %s):\n%s", name, got)
	}
}
