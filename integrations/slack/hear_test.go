package slack

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
)

var me = self{user: "U0BUTLER", bot: "B0BUTLER", app: "A0BUTLER"}

// TestEventsBecomeWhatAPersonWouldExpect is the table of the kinds of messages,
// as Slack sends them.
func TestEventsBecomeWhatAPersonWouldExpect(t *testing.T) {
	front := chat.Room{Platform: "slack", ID: "C1"}
	at := time.Unix(1700000000, 123456000).UTC()
	said := func(change func(*chat.Message)) chat.Message {
		m := chat.Message{Room: front, ID: "1700000000.123456", Sender: chat.Person{ID: "U7"}, Text: "网站打不开", SentAt: at, Delivery: "e1"}
		if change != nil {
			change(&m)
		}
		return m
	}
	const head = `"type":"message","channel":"C1","channel_type":"channel","ts":"1700000000.123456"`
	for _, c := range []struct {
		name, event string
		want        chat.Message
		noise       bool
	}{
		{name: "a message", event: `{` + head + `,"user":"U7","text":"网站打不开"}`, want: said(nil)},
		{name: "a mention", event: `{` + head + `,"user":"U7","text":"<@U0BUTLER> 网站打不开"}`, want: said(func(m *chat.Message) { m.Mention = true })},
		{name: "the same as app_mention", event: `{"type":"app_mention","channel":"C1","ts":"1700000000.123456","user":"U7","text":"<@U0BUTLER>: 网站打不开"}`, want: said(func(m *chat.Message) { m.Mention = true })},
		{name: "an answer in a thread", event: `{` + head + `,"user":"U7","text":"网站打不开","thread_ts":"1699999999.000001"}`, want: said(func(m *chat.Message) { m.Thread = "1699999999.000001" })},
		{name: "the root of a thread", event: `{` + head + `,"user":"U7","text":"网站打不开","thread_ts":"1700000000.123456"}`, want: said(nil)},
		{name: "also sent to the channel", event: `{` + head + `,"subtype":"thread_broadcast","user":"U7","text":"网站打不开","thread_ts":"1699999999.000001"}`, want: said(func(m *chat.Message) { m.Thread = "1699999999.000001" })},
		{name: "/me", event: `{` + head + `,"subtype":"me_message","user":"U7","text":"网站打不开"}`, want: said(nil)},
		{name: "a file", event: `{` + head + `,"subtype":"file_share","user":"U7","text":"网站打不开","files":[{"name":"log\n.txt","permalink":"https://x/F1"},{"mode":"tombstone"},7]}`,
			want: said(func(m *chat.Message) { m.Text = "网站打不开\nlog .txt https://x/F1" })},
		{name: "only a file", event: `{` + head + `,"subtype":"file_share","user":"U7","text":"","files":[{"title":"截图","url_private":"https://x/F2"}]}`,
			want: said(func(m *chat.Message) { m.Text = "截图 https://x/F2" })},
		{name: "files that cannot be read", event: `{` + head + `,"user":"U7","text":"网站打不开","files":"?"}`, want: said(nil)},
		{name: "blocks that nobody knows", event: `{` + head + `,"user":"U7","text":"网站打不开","blocks":[{"type":"section","text":7}]}`, want: said(nil)},
		{name: "a one-to-one chat", event: `{"type":"message","channel":"D9","channel_type":"im","ts":"1700000000.123456","user":"U7","text":"网站打不开"}`,
			want: said(func(m *chat.Message) { m.Room = chat.Room{Platform: "slack", ID: "U7", Direct: true} })},
		{name: "an edit", event: `{` + head + `,"subtype":"message_changed","message":{"user":"U7","text":"网站打不开","ts":"1699999999.000001","edited":{"ts":"1"}},"previous_message":{"user":"U7","text":"网站","ts":"1699999999.000001"}}`,
			want: said(func(m *chat.Message) { m.Edits = "1699999999.000001" })},
		{name: "an unfolded link", event: `{` + head + `,"subtype":"message_changed","message":{"user":"U7","text":"a","ts":"1.1"},"previous_message":{"user":"U7","text":"a"}}`, noise: true},
		{name: "our own board edited", event: `{` + head + `,"subtype":"message_changed","message":{"user":"U0BUTLER","bot_id":"B0BUTLER","text":"b","ts":"1.1","edited":{}},"previous_message":{"text":"a"}}`, noise: true},
		{name: "a deletion", event: `{` + head + `,"subtype":"message_deleted","deleted_ts":"1699999999.000001","message":{},"previous_message":{"user":"U7","text":"网站","ts":"1699999999.000001","thread_ts":"1699999990.000001"}}`,
			want: said(func(m *chat.Message) { m.Text, m.Deletes, m.Thread = "", "1699999999.000001", "1699999990.000001" })},
		{name: "the root of a thread deleted", event: `{` + head + `,"subtype":"message_changed","message":{"subtype":"tombstone","user":"USLACKBOT","text":"This message was deleted.","ts":"1699999999.000001"},"previous_message":{"user":"U7","text":"网站","ts":"1699999999.000001"}}`,
			want: said(func(m *chat.Message) { m.Text, m.Deletes = "", "1699999999.000001" })},
		{name: "our own deleted", event: `{` + head + `,"subtype":"message_deleted","deleted_ts":"1.1","previous_message":{"user":"U0BUTLER","bot_id":"B0BUTLER"}}`, noise: true},
		{name: "our own message", event: `{` + head + `,"user":"U0BUTLER","bot_id":"B0BUTLER","text":"x"}`, noise: true},
		{name: "our own without bot_id", event: `{` + head + `,"user":"U0BUTLER","text":"x"}`, noise: true},
		{name: "our own by the app alone", event: `{` + head + `,"user":"U9","bot_id":"B9","app_id":"A0BUTLER","text":"x"}`, noise: true},
		{name: "another Butler", event: `{` + head + `,"user":"U9","bot_id":"B9","app_id":"A9","text":"x","metadata":{"event_type":"butler_notice","event_payload":{"key":"k"}}}`, noise: true},
		{name: "another Butler by its buttons", event: `{` + head + `,"user":"U9","bot_id":"B9","app_id":"A9","text":"x","blocks":[{"type":"actions","elements":[{"type":"button","action_id":"butler.press.0"}]}]}`, noise: true},
		{name: "another app", event: `{` + head + `,"subtype":"bot_message","bot_id":"B2","username":"李华","text":"网站打不开"}`,
			want: said(func(m *chat.Message) { m.Sender = chat.Person{ID: "app/B2", Name: "李华", App: true} })},
		{name: "a modern app", event: `{` + head + `,"user":"U7","bot_id":"B3","bot_profile":{"name":"云监控"},"text":"<@U0BUTLER> 网站打不开"}`,
			want: said(func(m *chat.Message) { m.Sender = chat.Person{ID: "app/B3", Name: "云监控", App: true} })},
		{name: "an app without an id", event: `{` + head + `,"subtype":"bot_message","username":"钩子","text":"网站打不开"}`,
			want: said(func(m *chat.Message) { m.Sender = chat.Person{ID: "app/unknown", Name: "钩子", App: true} })},
		{name: "an app that only shows blocks", event: `{` + head + `,"subtype":"bot_message","bot_id":"B2","text":"","blocks":[{"type":"header","text":{"type":"plain_text","text":"网站打不开"}},{"type":"divider"},7]}`,
			want: said(func(m *chat.Message) { m.Sender = chat.Person{ID: "app/B2", App: true} })},
		{name: "an app in a chat of two", event: `{"type":"message","channel":"D9","channel_type":"im","ts":"1700000000.123456","bot_id":"B2","text":"x"}`, noise: true},
		{name: "an app that counts up", event: `{` + head + `,"subtype":"message_changed","message":{"subtype":"bot_message","bot_id":"B2","text":"14 %","ts":"1.1","edited":{"ts":"2.1"}},"previous_message":{"subtype":"bot_message","bot_id":"B2","text":"13 %"}}`, noise: true},
		{name: "an app joins", event: `{` + head + `,"subtype":"channel_join","bot_id":"B2","text":"joined"}`, noise: true},
		{name: "Slackbot", event: `{` + head + `,"user":"USLACKBOT","text":"Reminder: standup"}`, noise: true},
		{name: "Slackbot as a bot", event: `{` + head + `,"subtype":"bot_message","bot_id":"B01","username":"slackbot","text":"Reminder: standup"}`, noise: true},
		{name: "a blank author", event: `{` + head + `,"text":"网站打不开"}`, want: said(func(m *chat.Message) { m.Sender.ID = "unknown" })},
		{name: "a blank author deletes", event: `{` + head + `,"subtype":"message_deleted","deleted_ts":"1699999999.000001","previous_message":{"text":"网站"}}`,
			want: said(func(m *chat.Message) { m.Text, m.Deletes, m.Sender.ID = "", "1699999999.000001", "unknown" })},
		{name: "a deletion of nobody knows what", event: `{` + head + `,"subtype":"message_deleted","deleted_ts":"1699999999.000001"}`, noise: true},
		{name: "with the name in the event", event: `{` + head + `,"user":"U7","text":"网站打不开","user_profile":{"display_name":"","real_name":"李\n华"}}`, want: said(func(m *chat.Message) { m.Sender.Name = "李 华" })},
		{name: "with a name that cannot be read", event: `{` + head + `,"user":"U7","text":"网站打不开","user_profile":[],"bot_profile":"x","metadata":"x","reactions":{},"blocks":"x","attachments":1}`, want: said(nil)},
		{name: "a siren", event: `{"type":"reaction_added","user":"U1","reaction":"rotating_light","item_user":"U7","item":{"type":"message","channel":"C1","ts":"1699999999.000001"},"event_ts":"1700000000.123456"}`,
			want: chat.Message{Room: front, ID: "mark/1699999999.000001", Marks: "1699999999.000001", Sender: chat.Person{ID: "U1"}, SentAt: at, Delivery: "e1"}},
		{name: "a siren in a chat of two", event: `{"type":"reaction_added","user":"U1","reaction":"rotating_light","item_user":"U1","item":{"type":"message","channel":"D1","ts":"1699999999.000001"},"event_ts":"1700000000.123456"}`,
			want: chat.Message{Room: chat.Room{Platform: "slack", ID: "U1", Direct: true}, ID: "mark/1699999999.000001", Marks: "1699999999.000001", Sender: chat.Person{ID: "U1"}, SentAt: at, Delivery: "e1"}},
		{name: "another reaction", event: `{"type":"reaction_added","user":"U1","reaction":"eyes","item_user":"U7","item":{"type":"message","channel":"C1","ts":"1699999999.000001"},"event_ts":"1700000000.123456"}`, noise: true},
		{name: "a siren taken off", event: `{"type":"reaction_removed","user":"U1","reaction":"rotating_light","item_user":"U7","item":{"type":"message","channel":"C1","ts":"1699999999.000001"},"event_ts":"1700000000.123456"}`, noise: true},
		{name: "a siren at our board", event: `{"type":"reaction_added","user":"U1","reaction":"rotating_light","item_user":"U0BUTLER","item":{"type":"message","channel":"C1","ts":"1699999999.000001"},"event_ts":"1700000000.123456"}`, noise: true},
		{name: "a siren at a file", event: `{"type":"reaction_added","user":"U1","reaction":"rotating_light","item":{"type":"file","file":"F1"},"event_ts":"1700000000.123456"}`, noise: true},
		{name: "a join", event: `{` + head + `,"subtype":"channel_join","user":"U7","text":"joined"}`, noise: true},
		{name: "a topic", event: `{` + head + `,"subtype":"channel_topic","user":"U7","text":"topic"}`, noise: true},
		{name: "a huddle", event: `{` + head + `,"subtype":"huddle_thread","user":"U7","text":"","room":{}}`, noise: true},
		{name: "another event", event: `{"type":"reaction_added","user":"U7","item":{"type":"message"},"message":3}`, noise: true},
		{name: "an event of tomorrow", event: `{"type":"hologram_shared","text":{"a":1}}`, noise: true},
	} {
		got, err := envelope{ID: "e1", Type: "events_api", Payload: json.RawMessage(`{"type":"event_callback","event_id":"Ev1","event":` + c.event + `}`)}.read(me, time.Time{})
		switch {
		case c.noise:
			if !errors.Is(err, errNoise) {
				t.Errorf("%s: %v, %+v; it is noise", c.name, err, got)
			}
		case err != nil || got != c.want:
			t.Errorf("%s: %v\n got %+v\nwant %+v", c.name, err, got, c.want)
		}
	}
}

func TestCommandsAndButtons(t *testing.T) {
	now := time.Unix(1700000100, 0).UTC()
	for _, c := range []struct {
		name, kind, payload, text, id, thread string
		direct                                bool
	}{
		{"the umbrella", "slash_commands", `{"command":"/butler","text":"claim 1 我来","user_id":"U1","channel_id":"C1","trigger_id":"t1"}`, "/claim 1 我来", "slash/t1", "", false},
		{"with a slash", "slash_commands", `{"command":"/butler","text":" /claim 1","user_id":"U1","channel_id":"C1","trigger_id":"t1"}`, "/claim 1", "slash/t1", "", false},
		{"alone", "slash_commands", `{"command":"/butler","text":"","user_id":"U1","channel_id":"C1","trigger_id":"t1"}`, "/help", "slash/t1", "", false},
		{"single", "slash_commands", `{"command":"/claim","text":"1","user_id":"U1","channel_id":"C1","trigger_id":"t1"}`, "/claim 1", "slash/t1", "", false},
		{"with a person", "slash_commands", `{"command":"/butler","text":"assign 1 <@U2|wang>","user_id":"U1","channel_id":"D1","trigger_id":"t1"}`, "/assign 1 @U2", "slash/t1", "", true},
		{"a button", "interactive", `{"type":"block_actions","trigger_id":"t2","user":{"id":"U1","username":"zhang"},"channel":{"id":"C1"},"container":{"message_ts":"5.1"},"actions":[{"action_id":"butler.press.0","value":"/claim 1","action_ts":"1700000100.0"}]}`, "/claim 1", "press/t2", "5.1", false},
		{"a button in a thread", "interactive", `{"type":"block_actions","trigger_id":"t2","user":{"id":"U1"},"container":{"channel_id":"C1","message_ts":"5.1","thread_ts":"4.1"},"actions":[{"action_id":"butler.press.3","value":"/claim 1"}]}`, "/claim 1", "press/t2", "4.1", false},
		{"the shortcut on an answer", "interactive", `{"type":"message_action","callback_id":"butler_report","trigger_id":"t3","user":{"id":"U1"},"channel":{"id":"C1"},"message":{"user":"U7","ts":"5.1","thread_ts":"4.1","text":"","files":[{"name":"a.log","permalink":"https://x/F1"}]}}`, "a.log https://x/F1", "mark/5.1", "4.1", false},
		{"the shortcut", "interactive", `{"type":"message_action","callback_id":"butler_report","trigger_id":"t3","user":{"id":"U1"},"channel":{"id":"C1"},"message":{"user":"U7","ts":"5.1","text":"网站打不开 &lt;b&gt;"}}`, "网站打不开 <b>", "mark/5.1", "", false},
	} {
		m, err := envelope{ID: "e1", Type: c.kind, Payload: json.RawMessage(c.payload)}.read(me, now)
		if err != nil || !m.Command || m.Text != c.text || m.ID != c.id || m.Thread != c.thread || m.Room.Direct != c.direct || m.Sender.ID != "U1" || !m.SentAt.Equal(now) {
			t.Errorf("%s: %v, %+v", c.name, err, m)
		}
	}
	for name, payload := range map[string]string{
		"a button of another app":   `{"type":"block_actions","trigger_id":"t","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"action_id":"theirs","value":"/claim 1"}]}`,
		"a value of no command":     `{"type":"block_actions","trigger_id":"t","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"action_id":"butler.press.0","value":"claim"}]}`,
		"no action":                 `{"type":"block_actions","trigger_id":"t","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[]}`,
		"the shortcut on our board": `{"type":"message_action","callback_id":"butler_report","trigger_id":"t3","user":{"id":"U1"},"channel":{"id":"C1"},"message":{"user":"U0BUTLER","bot_id":"B0BUTLER","ts":"5.1","text":"#1"}}`,
		"the shortcut on a join":    `{"type":"message_action","callback_id":"butler_report","trigger_id":"t3","user":{"id":"U1"},"channel":{"id":"C1"},"message":{"user":"U7","subtype":"channel_join","ts":"5.1","text":"joined"}}`,
		"a kind of tomorrow":        `{"type":"hologram","user":{"id":"U1"}}`,
	} {
		if _, err := (envelope{Type: "interactive", Payload: json.RawMessage(payload)}).read(me, now); !errors.Is(err, errNoise) {
			t.Errorf("%s: %v; it is noise", name, err)
		}
	}
}

// What cannot be read is an error, never a panic, and never half a message.
func TestPoison(t *testing.T) {
	for _, e := range []envelope{
		{Type: "events_api"},
		{Type: "events_api", Payload: json.RawMessage(`[]`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"message","user":"U1","text":"x","ts":"1.1"}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"message","channel":"C1","user":"U1","text":{"a":1},"ts":"1.1"}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"message","channel":"C1","user":"U1","text":"x","ts":"yesterday"}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"message","channel":"C1","subtype":"message_changed","ts":"1.1"}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"message","channel":"C1","subtype":"message_deleted","ts":"1.1"}}`)},
		{Type: "slash_commands", Payload: json.RawMessage(`{"command":"/butler"}`)},
		{Type: "slash_commands", Payload: json.RawMessage(`"x"`)},
		{Type: "interactive", Payload: json.RawMessage(`{"type":"block_actions","actions":[{"action_id":"butler.press.0","value":"/claim 1"}]}`)},
		{Type: "interactive", Payload: json.RawMessage(`7`)},
		{Type: "interactive", Payload: json.RawMessage(`{"type":"message_action","callback_id":"butler_report","user":{"id":"U1"},"channel":{"id":"C1"}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"reaction_added","user":"U1","reaction":"rotating_light","item":{"type":"message","channel":"C1"}}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"reaction_added","user":"U1","reaction":"rotating_light","item":{"type":"message","channel":"C1","ts":"1.1"}}}`)},
		{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"reaction_added","user":7,"reaction":"rotating_light"}}`)},
		{Type: "telepathy", Payload: json.RawMessage(`{}`)},
	} {
		if m, err := e.read(me, time.Time{}); err == nil || errors.Is(err, errNoise) {
			t.Errorf("%s %s: %v, %+v", e.Type, e.Payload, err, m)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text, want string
		mention    bool
	}{
		{"plain &lt;b&gt; &amp;amp; a", "plain <b> &amp; a", false},
		{"<@U0BUTLER> help", "help", true},
		{"<@U0BUTLER|butler>：帮助", "帮助", true},
		{"hi <@U0BUTLER>", "hi", true},
		{"ask <@U2> and <@U3|li>", "ask @U2 and @U3", false},
		{"<#C1|general> <#C2>", "#general #C2", false},
		{"<!channel> <!here|here> <!subteam^S1|@soc> <!subteam^S1>", "@channel here @soc @S1", false},
		{"<!date^1^{date}|2026-11-23>", "2026-11-23", false},
		{"<http://evil.example/x|your bank>", "http://evil.example/x", false},
		{"<http://example.com|example.com> <https://a.b/?x=1&amp;y=2>", "example.com https://a.b/?x=1&y=2", false},
		{"<mailto:a@b.c|a@b.c> <tel:110|110>", "a@b.c 110", false},
		{"<>", "<>", false},
		{"a &lt;@U0BUTLER&gt; b", "a <@U0BUTLER> b", false}, // typed, not a mention
	} {
		if got, m := words(c.text, me); got != c.want || m != c.mention {
			t.Errorf("words(%q) = %q, %v; want %q, %v", c.text, got, m, c.want, c.mention)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("events_api", `{"event":{"type":"message","channel":"C1","user":"U1","text":"<@U0BUTLER> <http://x|y>","ts":"1.1","message":{"message":{}}}}`)
	f.Add("interactive", `{"type":"block_actions","user":{"id":"U1"},"actions":[{}]}`)
	f.Add("events_api", `{"event":{"type":"reaction_added","reaction":"rotating_light","user":"U1","item":{"type":"message","channel":"C1","ts":"1.1"},"event_ts":"2.1"}}`)
	f.Add("events_api", `{"event":{"type":"message","channel":"C1","bot_id":"B1","ts":"1.1","attachments":[{"title":"x","blocks":[{"type":"section","fields":[{}]}]}]}}`)
	f.Add("slash_commands", `{"command":"/x","text":"<"}`)
	f.Fuzz(func(t *testing.T, kind, payload string) {
		m, err := envelope{ID: "e", Type: kind, Payload: json.RawMessage(payload)}.read(me, time.Time{})
		if err == nil && (m.Room.ID == "" || m.ID == "" || m.Sender.ID == "" || m.Command && m.Marks == "" && !strings.HasPrefix(m.Text, "/")) {
			t.Errorf("half a message: %+v", m)
		}
	})
}

// The same edit has the same id in its event and in the history, and two edits
// within a second have not.
func TestTheIDOfAnEdit(t *testing.T) {
	read := func(event string) chat.Message {
		t.Helper()
		m, err := envelope{Type: "events_api", Payload: json.RawMessage(`{"event":` + event + `}`)}.read(me, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	event := func(outer, text string) string {
		return `{"type":"message","subtype":"message_changed","channel":"C1","ts":"` + outer + `","message":{"user":"U7","text":"` + text + `","ts":"1.1","edited":{"ts":"1700000000.000000"}},"previous_message":{"user":"U7","text":"a"}}`
	}
	live := read(event("1700000000.000900", "b"))
	again := read(event("1700000000.001800", "b"))
	other := read(event("1700000000.000900", "c"))
	var m message
	if err := json.Unmarshal([]byte(`{"user":"U7","text":"b","ts":"1.1","channel":"C1","edited":{"ts":"1700000000.000000"}}`), &m); err != nil {
		t.Fatal(err)
	}
	found, err := m.edit(m, me)
	if err != nil || found != live || again != live || other.ID == live.ID || live.Edits != "1.1" || live.SentAt.Unix() != 1700000000 {
		t.Errorf("%v\n live %+v\nfound %+v\nagain %+v\nother %+v", err, live, found, again, other)
	}
}

// What apps show instead of a text.
func TestShown(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"blocks", `{"blocks":[{"type":"header","text":{"text":"CPU &gt; 90 %"}},{"type":"section","text":{"text":"<https://x/1|主机 a>"},"fields":[{"text":"级别"},{"text":"严重"}]},{"type":"context","elements":[]}]}`, "CPU > 90 %\nhttps://x/1\n级别\n严重"},
		{"an attachment", `{"attachments":[{"fallback":"both","title":"磁盘满","text":"/data 99%"}]}`, "磁盘满\n/data 99%"},
		{"only its fallback", `{"attachments":[{"fallback":"磁盘满"},{"color":"red"}]}`, "磁盘满"},
		{"blocks in an attachment", `{"attachments":[{"fallback":"[no preview]","blocks":[{"type":"section","text":{"text":"磁盘满"}}]}]}`, "磁盘满"},
		{"what cannot be read", `{"blocks":[7,{"type":"section","text":7,"fields":[{"text":"磁盘满"}]},{"type":9}],"attachments":["?",{"text":{}}]}`, "磁盘满"},
		{"nothing to be read", `{"blocks":{},"attachments":7}`, ""},
		{"a text beside the rest", `{"text":"告警","blocks":[{"type":"header","text":{"text":"x"}}]}`, "告警"},
		{"too much", `{"attachments":[{"text":"` + strings.Repeat("长", 5000) + `"}]}`, strings.Repeat("长", maxShown-1) + "…"},
	} {
		var m message
		if err := json.Unmarshal([]byte(c.message), &m); err != nil {
			t.Fatal(err)
		}
		m.BotID = "B2"
		if got, mentioned := m.content(me); got != c.want || mentioned {
			t.Errorf("%s: %q, mentioned %v; want %q", c.name, cut(got, 100), mentioned, cut(c.want, 100))
		}
	}
}
