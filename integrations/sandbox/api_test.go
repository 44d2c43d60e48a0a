package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRefusals(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	say := func(customer, room, person, text string) string {
		return fmt.Sprintf(`{"customer":%q,"room":%q,"person":%q,"text":%q}`, customer, room, person, text)
	}
	for _, test := range []struct {
		path, body string
		status     int
		id         string
	}{
		{"/api/say", `{`, 400, "bad-json"},
		{"/api/say", ``, 400, "bad-json"},
		{"/api/say", `[]`, 400, "bad-json"},
		{"/api/say", say("acme", "front", "lihua", "x") + "{}", 400, "bad-json"},
		{"/api/say", `{"customer":"acme","colour":"red"}`, 400, "bad-json"},
		{"/api/say", `{"text":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too-long"},
		{"/api/say", say("nobody", "front", "lihua", "x"), 400, "unknown-customer"},
		{"/api/say", say("acme", "front", "mia", "x"), 400, "unknown-person"},
		{"/api/say", say("acme", "attic", "lihua", "x"), 400, "wrong-room"},
		{"/api/say", say("acme", "back", "lihua", "x"), 400, "wrong-room"},
		{"/api/say", say("acme", "direct", "lihua", "x"), 400, "wrong-room"},
		{"/api/say", say("acme", "front", "lihua", " \n"), 400, "no-text"},
		{"/api/say", say("acme", "front", "lihua", strings.Repeat("长", maxText+1)), 400, "too-long"},
		{"/api/say", `{"customer":"acme","room":"front","person":"lihua","text":"x","thread":"sbx-99"}`, 400, "gone"},
		{"/api/click", `{"customer":"acme","room":"front","person":"lihua","message":"sbx-1","command":"/claim 1"}`, 409, "gone"},
		{"/api/again", `{"customer":"acme","room":"front","person":"lihua","message":"sbx-1"}`, 400, "gone"},
		{"/api/time", `{"op":"yesterday"}`, 400, "bad-op"},
		{"/api/time", `{"op":"x7"}`, 400, "bad-op"},
		{"/api/time", `{"op":"next","customer":"nobody"}`, 400, "unknown-customer"},
		{"/api/time", `{"op":"next","customer":"acme"}`, 409, "no-deadline"},
		{"/api/time", `{"op":"closing"}`, 400, "unknown-customer"},
		{"/api/time", `{"op":"closing","customer":"acme"}`, 409, "no-deadline"},
	} {
		if status, id := send(t, h, test.path, test.body); status != test.status || id != test.id {
			t.Errorf("%s %.80s: %d %s, want %d %s", test.path, test.body, status, id, test.status, test.id)
		}
	}
	if len(f.heard) != 0 {
		t.Errorf("the service heard %v", f.heard)
	}
	if status, _ := send(t, h, "/api/say", say("acme", "front", "lihua", "x"), "Content-Type", "text/plain"); status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d", status)
	}
	for _, test := range []struct{ query, id string }{
		{"/api/state?customer=nobody", "unknown-customer"},
		{"/api/case?customer=acme&case=7", "unknown-case"},
		{"/api/case?customer=acme&case=x", "unknown-case"},
		{"/api/complete?customer=acme&room=back&person=lihua&prefix=/", "wrong-room"},
	} {
		if w := get(t, h, test.query); w.Code < 400 || w.Code > 499 || !strings.Contains(w.Body.String(), test.id) {
			t.Errorf("%s: %d %s, want %s", test.query, w.Code, w.Body, test.id)
		}
	}
}

// Only the page itself may act.
func TestCrossOrigin(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	const body = `{"customer":"acme","room":"front","person":"lihua","text":"你好"}`
	for _, test := range []struct {
		name, header, value string
		want                int
	}{
		{"another site", "Sec-Fetch-Site", "cross-site", 403},
		{"a sibling", "Sec-Fetch-Site", "same-site", 403},
		{"an old browser elsewhere", "Origin", "https://evil.example", 403},
		{"an old browser in a sandboxed frame", "Origin", "null", 403},
		{"the page", "Sec-Fetch-Site", "same-origin", 200},
		{"an old browser on the page", "Origin", "http://example.com", 200},
	} {
		if status, _ := send(t, h, "/api/say", body, test.header, test.value); status != test.want {
			t.Errorf("%s: %d, want %d", test.name, status, test.want)
		}
	}
	if n := len(f.heard); n != 2 {
		t.Errorf("the service heard %d messages, want 2", n)
	}
}

// What is typed reaches the service as the platform of the room would tell it.
func TestSay(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	for _, body := range []string{
		`{"customer":"acme","room":"front","person":"lihua","text":"  数据库主机出现勒索提示 "}`,
		`{"customer":"acme","room":"front","person":"zhou","text":"@安全管家 在吗","thread":"sbx-1"}`,
		`{"customer":"nova","room":"back","person":"zhang","text":"/claim 1 on it"}`,
		`{"customer":"acme","room":"direct","person":"chen","text":"/timers"}`,
	} {
		if status, id := send(t, h, "/api/say", body); status != 200 {
			t.Fatalf("%s: %d %s", body, status, id)
		}
	}
	c := f.Customers()[0]
	chen, _ := c.Person("chen")
	want := []chat.Message{
		{Room: c.Front, ID: "sbx-1", Delivery: "sbx-1", Sender: chat.Person{ID: "U77", Name: "李华"}, Text: "数据库主机出现勒索提示", SentAt: start},
		{Room: c.Front, Thread: "sbx-1", Sender: chat.Person{ID: "zhou", Name: "周敏"}, Text: "在吗", SentAt: start, Mention: true},
		{Room: f.Customers()[1].Back, Sender: chat.Person{ID: "U01", Name: "张工"}, Text: "/claim 1 on it", SentAt: start, Command: true},
		{Room: chen.Direct, Sender: chat.Person{ID: "U09", Name: "陈经理"}, Text: "/timers", SentAt: start, Command: true},
	}
	seen := map[string]bool{}
	for i, m := range f.heard {
		if seen[m.ID] {
			t.Errorf("the id %s came twice", m.ID)
		}
		seen[m.ID] = true
		if i > 0 { // the cards in between take ids as well
			want[i].ID, want[i].Delivery = m.ID, m.ID
		}
		if m != want[i] {
			t.Errorf("message %d is\n%+v, want\n%+v", i, m, want[i])
		}
	}
}

// A click types the command of a button, and only of one that stands there now.
func TestClick(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	send(t, h, "/api/say", `{"customer":"acme","room":"front","person":"lihua","text":"出事了"}`)
	board := f.cases[0].back
	click := fmt.Sprintf(`{"customer":"acme","room":"back","person":"wang","message":%q,"command":"/claim 1"}`, board)
	if status, id := send(t, h, "/api/click", click); status != 200 {
		t.Fatalf("click: %d %s", status, id)
	}
	m := f.heard[len(f.heard)-1]
	if !m.Command || m.Text != "/claim 1" || m.Thread != board || m.Sender.ID != "U02" {
		t.Errorf("the click was heard as %+v", m)
	}
	for _, body := range []string{
		strings.Replace(click, "/claim 1", "/resolve 1 gone", 1),
		strings.Replace(click, `"back"`, `"front"`, 1),
	} {
		if status, id := send(t, h, "/api/click", body); status != 409 || id != "gone" {
			t.Errorf("%s: %d %s, want 409 gone", body, status, id)
		}
	}
	s := stateOf(t, h, "customer=acme")
	last := s.Messages[len(s.Messages)-1]
	if last.Click != "接手" || last.Text != "/claim 1" || last.From.ID != "wang" {
		t.Errorf("the page shows the click as %+v", last)
	}
}

// A button that asks types its command with what was written into its form.
func TestClickWithText(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	back := f.Customers()[0].Back
	board, err := page.Platform("slack").Send(t.Context(), bot.Sending{Room: back, Card: card.Card{Title: "#1", Buttons: []card.Button{
		{Label: "接手", Command: "/claim 1", Style: "primary"}, {Label: "答复", Command: "/reply 1", Asks: true},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	click := func(command, text string) (int, string) {
		body, _ := json.Marshal(map[string]string{"customer": "acme", "room": "back", "person": "zhang", "message": board.Ref, "command": command, "text": text})
		return send(t, h, "/api/click", string(body))
	}
	for _, test := range []struct {
		name, command, text string
		status              int
		id                  string
	}{
		{"no text", "/reply 1", "", 400, "no-text"},
		{"only blanks", "/reply 1", " \n\t\u3000", 400, "no-text"},
		{"one character too many", "/reply 1", strings.Repeat("长", maxAnswer+1), 400, "form-too-long"},
		{"a button that does not ask", "/claim 1", "我来", 400, "no-form"},
		{"blanks for a button that does not ask", "/claim 1", " ", 400, "no-form"},
		{"a text as part of the command", "/reply 1 我来", "", 409, "gone"},
		{"a button that is not there", "/resolve 1", "好了", 409, "gone"},
	} {
		if status, id := click(test.command, test.text); status != test.status || id != test.id {
			t.Errorf("%s: %d %s, want %d %s", test.name, status, id, test.status, test.id)
		}
	}
	if len(f.heard) != 0 {
		t.Fatalf("the service heard %v", f.heard)
	}
	if n := len(stateOf(t, h, "customer=acme").Messages); n != 1 {
		t.Fatalf("the page shows %d messages, want the board alone", n)
	}

	longest := strings.Repeat("长", maxAnswer)
	for _, text := range append([]string{"我是张工\n请先断网 ", "/resolve 2 好了", longest}, hostile...) {
		if status, id := click("/reply 1", text); status != 200 {
			t.Fatalf("%.40q: %d %s", text, status, id)
		}
		want := strings.TrimSpace(text)
		m := f.heard[len(f.heard)-1]
		if !m.Command || m.Text != "/reply 1 "+want || m.Thread != board.Ref || m.Sender.ID != "U01" || m.Room != back {
			t.Errorf("%.40q was heard as %.200v", text, m)
		}
		s := stateOf(t, h, "customer=acme")
		last := s.Messages[len(s.Messages)-1]
		if last.Click != "答复" || last.Wrote != want || last.Text != "/reply 1 "+want || last.From.ID != "zhang" {
			t.Errorf("the page shows %.40q as %.200v", text, last)
		}
	}
}

// A message nobody heard stays on the page, and goes out again under its own id.
func TestLostMessage(t *testing.T) {
	page, f := newFake(t)
	h := page.Handler()
	const body = `{"customer":"acme","room":"front","person":"lihua","text":"出事了"}`
	if status, id := send(t, h, "/api/say", body); status != 502 || id != "unheard" {
		t.Fatalf("nobody listens: %d %s", status, id)
	}
	if err := page.Platform("slack").Ready(); err == nil {
		t.Error("the platform is ready while nobody listens")
	}
	if m := stateOf(t, h, "customer=acme").Messages; len(m) != 1 || !m[0].Lost {
		t.Fatalf("the page shows %+v", m)
	}
	f.listen(t)
	again := `{"customer":"acme","room":"front","person":"lihua","message":"sbx-1"}`
	f.deaf = errors.New("the store does not answer")
	if status, _ := send(t, h, "/api/again", again); status != 502 {
		t.Errorf("still not heard: %d", status)
	}
	f.deaf = nil
	if status, id := send(t, h, "/api/again", again); status != 200 {
		t.Fatalf("again: %d %s", status, id)
	}
	if f.heard[0].ID != "sbx-1" || f.heard[0].Text != "出事了" {
		t.Errorf("heard %+v", f.heard[0])
	}
	if m := stateOf(t, h, "customer=acme").Messages; m[0].Lost {
		t.Error("the message is still shown as lost")
	}
}

func TestTime(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	now := func() time.Duration { return f.clock.Now().Sub(start) }
	for _, test := range []struct {
		op    string
		speed int
	}{{"pause", 0}, {"x60", 60}, {"x3600", 3600}, {"x1", 1}} {
		if status, _ := send(t, h, "/api/time", `{"op":"`+test.op+`"}`); status != 200 || f.clock.Speed() != test.speed {
			t.Errorf("%s: %d, the speed is %d", test.op, status, f.clock.Speed())
		}
	}
	send(t, h, "/api/time", `{"op":"minute"}`)
	if now() != time.Minute {
		t.Errorf("after +1 min: %s", now())
	}
	send(t, h, "/api/say", `{"customer":"acme","room":"front","person":"lihua","text":"出事了"}`)
	send(t, h, "/api/say", `{"customer":"lan","room":"front","person":"sun","text":"出事了"}`)
	for _, want := range []time.Duration{6, 9, 13, 16} { // the report came after a minute
		send(t, h, "/api/time", `{"op":"next","customer":"acme"}`)
		if now() != want*time.Minute {
			t.Errorf("next: +%s, want +%dm", now(), want)
		}
	}
	s := stateOf(t, h, "customer=lan")
	told := 0
	for _, m := range s.Messages {
		if m.Kind == "ping" {
			told++
		}
	}
	// Three in the shared room and two to the manager, and those of acme as well
	// in the manager's chat.
	if told != 7 {
		t.Errorf("lan's page shows %d pings, want 7: time passes for everybody", told)
	}
}

func TestReset(t *testing.T) {
	page, f := newFake(t)
	f.listen(t)
	h := page.Handler()
	send(t, h, "/api/say", `{"customer":"acme","room":"front","person":"lihua","text":"出事了"}`)
	send(t, h, "/api/time", `{"op":"minute"}`)
	before := stateOf(t, h, "customer=acme")
	if status, id := send(t, h, "/api/reset", `{}`); status != 200 {
		t.Fatalf("reset: %d %s", status, id)
	}
	after := stateOf(t, h, fmt.Sprintf("customer=acme&gen=%d&seq=%d", before.Gen, before.Seq))
	if !after.Full || len(after.Messages) != 0 || len(after.Cases) != 0 || after.Now != stamp(start) || after.Gen == before.Gen {
		t.Errorf("after the reset: %+v", after)
	}
	// A card of the old world must not be taken for one of the new.
	_, err := page.Platform("slack").Edit(t.Context(), before.Messages[1].ID, bot.Sending{Room: f.Customers()[0].Front, Card: card.Card{Title: "alt"}})
	if _, ok := errors.AsType[*chat.Never](err); !ok {
		t.Errorf("editing a forgotten card: %v, want Never", err)
	}
}
