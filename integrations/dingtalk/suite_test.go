package dingtalk

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest/chattest"
	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

// The suite that defines a platform, on a DingTalk with the limits of the standard
// edition and a card template. Without one there are neither boards nor buttons;
// what goes as markdown then has tests of its own.
func TestPlatform(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		s := organisation(t, dingfake.PerSecond(20), dingfake.FreshPushIDs(), dingfake.Patience(15*time.Second))
		s.External(namesake, "张工")
		s.Group(front, dingfake.With(namesake))
		return (&hands{t: t, s: s}).harness()
	})
}

const namesake = "zhang@acme" // calls himself as the expert does

// hands do on the fake what people do at DingTalk.
type hands struct {
	t    *testing.T
	s    *dingfake.Server
	last time.Time // when something was said last
	all  []*Platform
}

func (h *hands) harness() chattest.Harness {
	s := h.s
	return chattest.Harness{
		New: func() bot.Platform {
			p := platformOf(s, nil, nil)
			h.all = append(h.all, p)
			h.t.Cleanup(func() {
				p.settleBudget(h.t.Context())
				p.http.CloseIdleConnections()
			})
			return p
		},
		Front: room(front), Back: room(back),
		Expert: chattest.Person{ID: zhang, Name: "张工"}, Customer: chattest.Person{ID: hong, Name: "小红"},
		Namesake: chattest.Person{ID: person("", dingfake.User{ID: namesake}.Cipher(), "").ID, Name: "张工"},

		Say: h.say,
		Type: func(in chat.Room, who, command string) chattest.Said {
			a := h.say(chattest.Words{Room: in, Who: who, Text: command, Bot: true})
			a.ID = ""
			return a
		},
		Press: func(who string, on chattest.Shown, command string) chattest.Said {
			return delivered("", s.Press(h.user(who), on.Ref, map[string]any{"command": command}).Delivery)
		},
		Again: func(a chattest.Said) chattest.Said { return delivered(a.ID, s.Redeliver(a.Of.(*dingfake.Delivery))) },
		// DingTalk tells no robot of edits: a message of a group cannot be edited.
		Delete: func(a chattest.Said) chattest.Said {
			return delivered("", s.Event(eventRecall, map[string]any{"msgId": a.ID, "openConversationId": front, "userId": hong, "operateTime": s.Now().UnixMilli()}))
		},

		Unknown: trackPrefix + "of-another-organisation",
		Shown:   h.shown,
		// A card is never gone: its reference is forgotten by DingTalk at most.
		Vanish: func(m chattest.Shown) string { return trackPrefix + "of-another-organisation" },
		Rest:   func() { s.Skip(time.Second) },
		Fail:   h.fail,
		Shared: true, // a limit is one of an app at an API
		Twice: map[chattest.Way]string{
			chattest.News:   "the group API takes no id of ours, and what a robot said cannot be searched",
			chattest.Aside:  "nor does the API for one person",
			chattest.Letter: "nor there",
		},

		RoomGone: func() chat.Room {
			s.Group("cidOLD==")
			s.Disband("cidOLD==")
			return room("cidOLD==")
		},
		PersonGone: func() string { return "staff99" },
		Disconnect: func() func() {
			s.Connected(quick.lines) // a ticket that is not used yet would still be good
			s.FailSocket(dingfake.RefusesOpen, 0)
			s.DropSockets()
			return s.MendSockets
		},
		Gap:    chattest.SaysDeaf,
		MinGap: 300 * time.Millisecond, // more than quick.gap.cold

		Now:   func() time.Time { return wall() },
		Pass:  time.Sleep,
		Until: func(what string, is func() bool) { h.t.Helper(); eventually(h.t, what, is) },
	}
}

func delivered(id string, d *dingfake.Delivery) chattest.Said {
	return chattest.Said{ID: id, Of: d, Acked: d.Acknowledged}
}

// user is somebody as the fake knows them.
func (h *hands) user(id string) string {
	if outside(id) {
		return namesake
	}
	return id
}

// group is where a room is at DingTalk.
func (h *hands) group(r chat.Room) string {
	if r.Direct {
		return h.s.Direct(h.user(r.ID))
	}
	return r.ID
}

func (h *hands) say(w chattest.Words) chattest.Said {
	// Nobody writes twice in a millisecond, and DingTalk counts no less.
	h.last = maxTime(h.s.Now(), h.last.Add(time.Millisecond))
	options := []dingfake.SayOption{dingfake.At(h.last)}
	text := w.Text
	if w.Bot && !w.Room.Direct {
		text = "@" + dingfake.Robot + " " + text
	}
	if w.Thread != "" {
		options = append(options, dingfake.Quoting(w.Thread))
	}
	if w.Unheard {
		options = append(options, dingfake.Unheard())
	}
	if !w.Unheard { // the fake counts a connection a moment after the platform does
		eventually(h.t, "the fake has the connection", func() bool { return h.s.Connections() > 0 })
	}
	a := h.s.Say(h.group(w.Room), h.user(w.Who), text, options...)
	if w.Unheard {
		return chattest.Said{ID: a.ID, Acked: func() bool { return false }}
	}
	return delivered(a.ID, a.Delivery())
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (h *hands) fail(trouble chattest.Trouble, in chat.Room) (lift func()) {
	var all []*dingfake.Planted
	plant := func(f dingfake.Fault, paths ...string) {
		for _, p := range paths {
			all = append(all, h.s.Fail(p, f))
		}
	}
	switch trouble {
	case chattest.Busy:
		plant(dingfake.QPS().In(in.ID), groupPath, deliverPath)
	case chattest.Away:
		plant(dingfake.Status(503).Always(), "*")
	case chattest.Silence:
		plant(dingfake.DropsAfter(), groupPath, otoPath, deliverPath)
	default:
		if slices.ContainsFunc(h.all, func(p *Platform) bool { return p.Ready() == nil }) {
			h.s.Connected(quick.lines)
		}
		plant(dingfake.Refused(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret").Always(), "*")
		plant(dingfake.Refused(http.StatusUnauthorized, "authFailed", "鉴权失败").Always(), "/v1.0/gateway/connections/open")
	}
	return func() {
		for _, p := range all {
			p.Lift()
		}
	}
}

func (h *hands) shown() []chattest.Shown {
	var all []chattest.Shown
	places := []chat.Room{room(front), room(back)}
	for _, who := range []string{zhang, hong} {
		places = append(places, direct(who))
	}
	for _, in := range places {
		for _, m := range h.s.Posted(h.group(in)) {
			one := chattest.Shown{Room: in, Ref: m.Key, To: slices.Sorted(slices.Values(m.At)), All: m.AtAll}
			if in.Direct {
				one.Only = in.ID
			}
			switch {
			case m.Kind == "text" || m.Kind == "sampleText":
				one.Words = m.Text
			case m.Card == "":
				one.Words = m.Title + "\n"
				shownAs(m.Text, &one)
			default:
				card := h.s.Card(m.Card)
				one.Ref, one.Edited = m.Card, card.Updates > 0
				readCard(card.Params, &one)
			}
			all = append(all, one)
		}
	}
	return all
}

// readCard reads the parameters of a card as its template shows them.
func readCard(params map[string]string, to *chattest.Shown) {
	slot := func(names ...string) {
		for _, n := range names {
			if v := params[n]; v != "" {
				to.Words += v + "\n"
			}
		}
	}
	slot("title", "mention")
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		shownAs(params["body"+n], to)
	}
	for _, n := range []string{"b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "a1", "a2", "a3"} {
		if slot(n); params[n+"_command"] != "" {
			to.Buttons = append(to.Buttons, params[n+"_command"])
		}
	}
	for _, n := range []string{"link1", "link2"} {
		if slot(n); params[n] != "" {
			to.Acts = append(to.Acts, "link "+params[n+"_url"])
		}
	}
	slot("foot")
}

// What acts in markdown at the beginning of a line, and within one.
var (
	blocksOf = []struct {
		name string
		is   *regexp.Regexp
	}{
		{"code", regexp.MustCompile("^(\t| {4,}|```|~~~)")},
		{"rule", regexp.MustCompile(`^ *([-=*_] *){3,}$`)},
		{"table", regexp.MustCompile(`^ *\|? *:?-{2,}:? *\|`)},
		{"heading", regexp.MustCompile(`^ *#{1,6}`)},
		{"quote", regexp.MustCompile(`^ *>`)},
		{"item", regexp.MustCompile(`^ *([-*+]|\d+[.)])( |$)`)},
	}
	within = []struct {
		name string
		is   *regexp.Regexp
	}{
		{"link", regexp.MustCompile(`!?\[[^\]\n]*\]\([^)\n]*\)`)},
		{"link", regexp.MustCompile(`[a-z]+://\S+`)},
		{"tag", regexp.MustCompile(`<[a-zA-Z/!?][^>\n]*>?`)},
		{"code", regexp.MustCompile("`[^`\n]+`")},
		{"bold", regexp.MustCompile(`\*\*[^*\s][^*\n]*\*\*|__[^_\s][^_\n]*__`)},
		{"slanted", regexp.MustCompile(`\*[^*\s][^*\n]*\*|(^|[^0-9A-Za-z_])_[^_\s][^_\n]*_`)},
		{"struck", regexp.MustCompile(`~~[^~\n]+~~`)},
		{"call", regexp.MustCompile(`(^|[^0-9A-Za-z.+-])@[^\s@]+`)},
		{"entity", regexp.MustCompile(`&#?[0-9A-Za-z]+;`)},
		{"escape", regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]")},
	}
	endOfLine = regexp.MustCompile(`\r\n|[\n\r]`)
)

// shownAs reads markdown as people see it: its words, and what acts in it.
func shownAs(markdown string, to *chattest.Shown) {
	for _, line := range endOfLine.Split(markdown, -1) {
		for begins := true; begins; {
			begins = false
			for _, b := range blocksOf {
				if at := b.is.FindStringIndex(line); at != nil {
					to.Acts = append(to.Acts, b.name)
					line = line[at[1]:]
					begins = b.name == "quote" || b.name == "item"
					break
				}
			}
		}
		for _, w := range within {
			for _, hit := range w.is.FindAllString(line, -1) {
				if w.name == "link" || w.name == "call" {
					hit = w.name + " " + strings.TrimSpace(hit)
				} else {
					hit = w.name
				}
				to.Acts = append(to.Acts, hit)
			}
		}
		to.Words += strings.ReplaceAll(line, "**", "") + "\n"
	}
}
