package slack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest/chattest"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// The suite that defines a platform, on a Slack that keeps its spacing, delivers
// again soon, and limits what it shows.
func TestPlatform(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		s := workspace(t, slackfake.Spacing(time.Second), slackfake.AckWithin(500*time.Millisecond),
			slackfake.Retries(0, 50*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 200*time.Millisecond, 500*time.Millisecond, time.Second))
		s.Customer(namesake, "张工", "T0ACME")
		s.Channel(front, slackfake.With(namesake))
		return (&hands{t: t, s: s}).harness()
	})
}

const namesake = "U78ZHANG"

// hands do on the fake what people do at Slack.
type hands struct {
	t *testing.T
	s *slackfake.Server
}

func (h *hands) harness() chattest.Harness {
	s := h.s
	return chattest.Harness{
		New: func() bot.Platform {
			p := platform(h.t, s)
			p.reach.short, p.reach.pulse, p.reach.again, p.reach.pause = 0, 20*time.Millisecond, 10*time.Millisecond, 20*time.Millisecond
			return p
		},
		Front: chat.Room{Platform: "slack", ID: front}, Back: chat.Room{Platform: "slack", ID: back},
		Expert: chattest.Person{ID: zhang, Name: "张工"}, Customer: chattest.Person{ID: lihua, Name: "李华"}, Namesake: chattest.Person{ID: namesake, Name: "张工"},

		Say:  h.say,
		Type: h.typed,
		Press: func(who string, on chattest.Shown, command string) chattest.Said {
			return delivered("", s.Press(who, on.Ref, command))
		},
		Again: func(a chattest.Said) chattest.Said {
			var again []*slackfake.Delivery
			for _, d := range a.Of.([]*slackfake.Delivery) {
				again = append(again, s.Redeliver(d), s.Repeat(d))
			}
			return delivered(a.ID, again...)
		},
		Edit: func(a chattest.Said, text string) chattest.Said {
			return delivered("", s.Edit(a.ID, text).Deliveries...)
		},
		Delete: func(a chattest.Said) chattest.Said {
			return delivered("", s.Delete(a.ID).Deliveries...)
		},
		Unaddressed: true,

		Unknown: "1700000000.000001",
		Shown:   h.shown,
		Vanish:  func(m chattest.Shown) string { s.Delete(m.Ref); return m.Ref },
		Threads: true,
		Rest:    func() { s.Skip(2 * time.Second) },
		Fail:    h.fail,
		// chat.postEphemeral keeps no metadata and is in no history.
		Twice: map[chattest.Way]string{chattest.Aside: "Slack keeps no message that one person sees"},

		RoomGone: func() chat.Room {
			s.Channel("C0OLD")
			s.Archive("C0OLD", true)
			return chat.Room{Platform: "slack", ID: "C0OLD"}
		},
		PersonGone: func() string {
			s.Add(slackfake.User{ID: "U99GONE", Name: "走了的人", Team: slackfake.Team, Deleted: true})
			return "U99GONE"
		},
		Disconnect: func() func() {
			s.FailSocket(slackfake.RefusesLink, 0)
			s.DropSockets()
			return s.MendSockets
		},
		Gap:    chattest.LooksBack,
		MinGap: 50 * time.Millisecond,

		OpenHome: func(who string) func() string {
			s.OpenHome(who)
			return func() string { return s.ExpectHome(who).Words() }
		},
		Fill: func(who, text string) (chattest.Said, bool) {
			open := s.Views(who)
			if len(open) == 0 {
				return chattest.Said{}, false
			}
			return delivered("", s.Submit(who, open[0].ID, map[string]string{fieldID + "0": text})), true
		},

		Now:   s.Now,
		Pass:  time.Sleep,
		Until: func(what string, is func() bool) { h.t.Helper(); eventually(h.t, what, is) },
	}
}

func delivered(id string, all ...*slackfake.Delivery) chattest.Said {
	return chattest.Said{ID: id, Of: all, Acked: func() bool {
		return !slices.ContainsFunc(all, func(d *slackfake.Delivery) bool { return !d.Acknowledged() })
	}}
}

// channel is where a room is at Slack.
func (h *hands) channel(r chat.Room) string {
	if r.Direct {
		return h.s.Direct(r.ID)
	}
	return r.ID
}

func (h *hands) say(w chattest.Words) chattest.Said {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(w.Text)
	var options []slackfake.SayOption
	if w.Bot {
		text = "<@" + slackfake.BotUser + "> " + text
	}
	if w.Thread != "" {
		options = append(options, slackfake.InThread(w.Thread))
	}
	if w.Unheard {
		options = append(options, slackfake.Unheard())
	}
	a := h.s.Say(h.channel(w.Room), w.Who, text, options...)
	if w.Unheard {
		return chattest.Said{ID: a.TS, Acked: func() bool { return false }}
	}
	return delivered(a.TS, a.Deliveries...)
}

func (h *hands) typed(room chat.Room, who, command string) chattest.Said {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(command)
	return delivered("", h.s.Slash(who, h.channel(room), "/butler", strings.TrimPrefix(text, "/")))
}

func (h *hands) fail(trouble chattest.Trouble, room chat.Room) (lift func()) {
	plant := func(f slackfake.Fault, methods ...string) func() {
		var all []*slackfake.Planted
		for _, m := range methods {
			all = append(all, h.s.Fail(m, f))
		}
		return func() {
			for _, p := range all {
				p.Lift()
			}
		}
	}
	switch trouble {
	case chattest.Busy:
		return plant(slackfake.RateLimited(time.Second).In(h.channel(room)), "chat.postMessage")
	case chattest.Away:
		return plant(slackfake.Status(503).Always(), "*")
	case chattest.Silence:
		return plant(slackfake.DropsAfter(), "chat.postMessage", "chat.postEphemeral")
	default:
		return plant(slackfake.Refused("invalid_auth").Always(), "*")
	}
}

func (h *hands) shown() []chattest.Shown {
	var all []chattest.Shown
	read := func(m chattest.Shown, text string, blocks json.RawMessage) chattest.Shown {
		r := reading{m: &m}
		r.mrkdwn(text)
		if len(blocks) > 0 { // then the text calls people, and only notifications show it
			var b any
			if err := json.Unmarshal(blocks, &b); err != nil {
				h.t.Error(err)
			}
			m.Words, r.acts = "", slices.DeleteFunc(r.acts, func(a string) bool { return a == "format" || a == "quote" })
			r.read(b)
		}
		m.Acts = r.acts
		slices.Sort(m.To)
		m.To = slices.Compact(m.To)
		return m
	}
	people := []string{zhang, lihua, namesake}
	places := []chat.Room{{Platform: "slack", ID: front}, {Platform: "slack", ID: back}}
	for _, who := range people {
		places = append(places, chat.Room{Platform: "slack", ID: who, Direct: true})
	}
	for _, room := range places {
		for _, m := range h.s.Posted(h.channel(room)) {
			one := chattest.Shown{Room: room, Ref: m.TS, Thread: m.Thread, Edited: m.Edits > 0}
			if room.Direct {
				one.Only = room.ID
			}
			all = append(all, read(one, m.Text, m.Blocks))
		}
	}
	for _, who := range people {
		for _, e := range h.s.Ephemerals(who) {
			if !e.Deleted {
				all = append(all, read(chattest.Shown{Room: chat.Room{Platform: "slack", ID: e.Channel}, Ref: e.TS, Thread: e.Thread, Only: who}, e.Text, e.Blocks))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b chattest.Shown) int { return strings.Compare(a.Ref, b.Ref) })
	return all
}

// reading reads a message as Slack shows it: what it says, and what acts in it.
type reading struct {
	m    *chattest.Shown
	acts []string
}

func (r *reading) act(what string)   { r.acts = append(r.acts, what) }
func (r *reading) words(text string) { r.m.Words += text + "\n" }

// read goes through Block Kit, as far as we use it. What it does not know acts.
func (r *reading) read(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			r.read(one)
		}
	case map[string]any:
		text, _ := v["text"].(string)
		switch kind := v["type"]; kind {
		case "mrkdwn":
			r.mrkdwn(text)
		case "plain_text":
			if r.words(text); v["emoji"] == true {
				r.emoji(text)
			}
		case "text":
			style, _ := v["style"].(map[string]any)
			for name := range style {
				r.act(name)
			}
			r.words(text)
		case "button":
			r.read(v["text"])
			if command, _ := v["value"].(string); command != "" {
				r.m.Buttons = append(r.m.Buttons, command)
			} else if url, _ := v["url"].(string); url != "" {
				r.act("link " + url)
			}
		case "header", "section", "context", "actions", "rich_text", "rich_text_section", "rich_text_quote":
			if kind == "rich_text_quote" {
				r.act("quote")
			}
			r.read(v["text"])
			r.read(v["elements"])
		default:
			r.act(fmt.Sprint(v))
		}
	}
}

// What acts in mrkdwn: what stands between < and >, and the formats. A character
// of no width takes those away.
var (
	angled  = regexp.MustCompile(`<([^<>]+)>`)
	formats = regexp.MustCompile("(^|[^\\pL\\pN])(\\*[^\\s*\u200b][^*\\n]*\\*|_[^\\s_\u200b][^_\\n]*_|~[^\\s~\u200b][^~\\n]*~|`[^`\u200b\\n]+`|```)")
	quoted  = regexp.MustCompile(`(?m)^(>|&gt;)`)
	emoji   = regexp.MustCompile(`:[a-z0-9_+-]+:`)
)

func (r *reading) mrkdwn(text string) {
	for _, m := range angled.FindAllStringSubmatch(text, -1) {
		switch to := m[1]; {
		case strings.HasPrefix(to, "@"):
			r.m.To = append(r.m.To, to[1:])
		case strings.HasPrefix(to, "!"):
			r.m.All = true
			r.act("call " + to)
		default:
			r.act("link " + to)
		}
	}
	bare := angled.ReplaceAllString(text, "")
	for range formats.FindAllString(bare, -1) {
		r.act("format")
	}
	for range quoted.FindAllString(bare, -1) {
		r.act("quote")
	}
	r.words(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text))
}

func (r *reading) emoji(text string) {
	for _, e := range emoji.FindAllString(text, -1) {
		r.act("emoji " + e)
	}
}
