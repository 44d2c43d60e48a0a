package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"butler/bot"
	"butler/bot/bottest/chattest"
	"butler/bot/chat"
)

// The suite that defines a platform, on the page as a browser uses it.
func TestPlatform(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		_, f := newFake(t)
		service := twinned{f}
		page, err := New(Options{Service: service, World: f, Clock: f.clock, Language: "zh-CN"})
		if err != nil {
			t.Fatal(err)
		}
		h := &hands{t: t, page: page, people: service.Customers()[0], api: page.Handler()}
		t.Cleanup(h.requests.Wait)
		return h.harness()
	})
}

// twinned is the fake with one more person of the customer, who has the name of
// the expert.
type twinned struct{ *fake }

func (f twinned) Customers() []Customer {
	all := f.fake.Customers()
	all[0].People = append(all[0].People, Person{ID: "twin", Name: "张工", Role: "customer"})
	return all
}

// hands do on the page what people do in a browser.
type hands struct {
	t        *testing.T
	page     *Page
	people   Customer
	api      http.Handler
	requests sync.WaitGroup
}

const customer = "acme"

func (h *hands) harness() chattest.Harness {
	return chattest.Harness{
		New:   func() bot.Platform { return h.page.Platform("slack") },
		Front: chat.Room{Platform: "slack", ID: "C0FRONT"}, Back: chat.Room{Platform: "slack", ID: "C0BACK"},
		Expert: chattest.Person{ID: "U01", Name: "张工"}, Customer: chattest.Person{ID: "U77", Name: "李华"}, Namesake: chattest.Person{ID: "twin", Name: "张工"},

		Say: func(w chattest.Words) chattest.Said {
			text := w.Text
			if w.Bot {
				text = "@Butler " + text
			}
			return h.act(w.Room, w.Who, "/api/say", map[string]string{"text": text, "thread": w.Thread})
		},
		Type: func(room chat.Room, who, command string) chattest.Said {
			a := h.act(room, who, "/api/say", map[string]string{"text": command})
			a.ID = ""
			return a
		},
		Press: func(who string, on chattest.Shown, command string) chattest.Said {
			a := h.act(on.Room, who, "/api/click", map[string]string{"message": on.Ref, "command": command})
			a.ID = ""
			return a
		},
		Again: func(a chattest.Said) chattest.Said {
			m := a.Of.(message)
			return h.post(a.ID, m, "/api/again", h.place(m.room, m.person.User("slack"), map[string]string{"message": a.ID}))
		},
		// A person sees that a message was not heard, and sends it again. Nothing on
		// the page is edited or taken back by people.
		ByHand:      true,
		Unaddressed: true,

		Unknown: "sbx-1000000",
		Shown:   h.shown,
		Vanish:  h.vanish,
		Threads: true,
		Rest:    func() {}, // memory has no rate, no outage and no credentials

		RoomGone:   func() chat.Room { return chat.Room{Platform: "slack", ID: "C0OLD"} },
		PersonGone: func() string { return "U99" },
		Gap:        chattest.NoGap,

		Now:  h.page.now,
		Pass: time.Sleep,
		Until: func(what string, is func() bool) {
			h.t.Helper()
			for end := time.Now().Add(15 * time.Second); !is(); time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					h.t.Fatalf("not within 15 s: %s", what)
				}
			}
		},
	}
}

// place is where somebody acts, with what they do there.
func (h *hands) place(room chat.Room, who string, with map[string]string) map[string]string {
	in := map[string]string{"customer": customer, "room": "front"}
	switch {
	case room.Direct:
		in["room"] = "direct"
	case room.ID == "C0BACK":
		in["room"] = "back"
	}
	for _, p := range h.people.People {
		if p.User("slack") == who {
			in["person"] = p.ID
		}
	}
	for k, v := range with {
		if v != "" {
			in[k] = v
		}
	}
	return in
}

// act does something that puts a message on the page, and waits until it stands
// there: a browser shows it before it is heard.
func (h *hands) act(room chat.Room, who, path string, with map[string]string) chattest.Said {
	h.t.Helper()
	before, _ := h.page.rooms.find(room, func(m *message) bool { return m.card == nil })
	said := h.post("", message{}, path, h.place(room, who, with))
	var m message
	for end := time.Now().Add(15 * time.Second); m.id == "" || m.id == before.id; time.Sleep(100 * time.Microsecond) {
		if m, _ = h.page.rooms.find(room, func(m *message) bool { return m.card == nil }); time.Now().After(end) {
			h.t.Fatalf("%s %v: the page shows nothing", path, with)
		}
	}
	said.ID, said.Of = m.id, m
	return said
}

// post sends a request and does not wait for its answer.
func (h *hands) post(id string, of message, path string, in map[string]string) chattest.Said {
	body, err := json.Marshal(in)
	if err != nil {
		h.t.Fatal(err)
	}
	var acked atomic.Bool
	h.requests.Go(func() {
		r := httptest.NewRequest("POST", path, strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.api.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadGateway {
			h.t.Errorf("%s %s: %d %s", path, body, w.Code, w.Body)
		}
		acked.Store(w.Code == http.StatusOK)
	})
	return chattest.Said{ID: id, Of: of, Acked: acked.Load}
}

// vanish makes the page forget a message, as it does with the oldest of 500.
func (h *hands) vanish(m chattest.Shown) string {
	h.page.rooms.mu.Lock()
	defer h.page.rooms.mu.Unlock()
	key := m.Room.String()
	h.page.rooms.all[key] = slices.DeleteFunc(h.page.rooms.all[key], func(k *message) bool { return k.id == m.Ref })
	return m.Ref
}

// shown reads the messages as the page's scripts get them.
func (h *hands) shown() []chattest.Shown {
	var all []chattest.Shown
	c := h.people
	for _, m := range stateOf(h.t, h.api, "customer="+customer).Messages {
		if m.Card == nil {
			continue
		}
		one := chattest.Shown{Ref: m.ID, Thread: m.Thread, Edited: m.Updated != ""}
		switch direct, alone := strings.CutPrefix(m.Room, "direct:"); {
		case alone:
			who, _ := c.Person(direct)
			one.Room, one.Only = who.Direct, who.User("slack")
		case m.Room == "back":
			one.Room = c.Back
		default:
			one.Room = c.Front
		}
		if who, ok := c.Person(m.Private); ok {
			one.Only = who.User("slack")
		} else if m.Private != "" {
			one.Only = m.Private
		}
		for _, p := range c.People { // the page writes a name; two of one name are told apart by nobody
			if p.Name == m.Asked && p.ID != "twin" {
				one.To = append(one.To, p.User("slack"))
			}
		}
		one.Words = fmt.Sprintln(m.Card.Title)
		for _, l := range m.Card.Lines {
			one.Words += fmt.Sprintln(l.Label, l.Text)
			if l.Kind != "text" {
				one.Acts = append(one.Acts, l.Kind) // a class of ours; the words end in text nodes
			}
		}
		for _, b := range m.Card.Buttons {
			one.Words += fmt.Sprintln(b.Label)
			one.Buttons = append(one.Buttons, b.Command)
		}
		for _, l := range m.Card.Links {
			one.Words += fmt.Sprintln(l.Label)
			one.Acts = append(one.Acts, "link "+l.URL)
		}
		one.Words += m.Card.Foot
		all = append(all, one)
	}
	return all
}
