package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// reception is a host for tests: a form for every command that lacks its text, and
// whatever pages a test gives it. What Slack never asks for it has not.
type reception struct {
	bot.Host
	mu      sync.Mutex
	forms   map[string]card.Form // by command
	asked   []chat.Message
	hold    chan struct{}          // Form and Home wait for it, if there is one
	homes   map[string][]card.Card // by user
	broken  error                  // of Home
	visited int                    // calls of Home
}

func (r *reception) Form(ctx context.Context, m chat.Message) (card.Form, bool) {
	r.mu.Lock()
	r.asked = append(r.asked, m)
	f, ok := r.forms[m.Text]
	hold := r.hold
	r.mu.Unlock()
	wait(ctx, hold)
	return f, ok
}

func (r *reception) Home(ctx context.Context, platform, user string) ([]card.Card, error) {
	r.mu.Lock()
	hold := r.hold
	r.mu.Unlock()
	wait(ctx, hold)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visited++
	if platform != "slack" {
		return nil, errors.New("there is no such platform: " + platform)
	}
	if cards, ok := r.homes[user]; ok || r.broken != nil {
		return cards, r.broken
	}
	return []card.Card{{Lang: "zh-CN", Title: "您好", Lines: []card.Line{{Kind: card.Text, Text: "这里是安全管家。"}}}}, nil
}

func (r *reception) shows(user string, cards ...card.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.homes == nil {
		r.homes = map[string][]card.Card{}
	}
	r.homes[user] = cards
}

func (r *reception) visits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.visited
}

func (r *reception) questions() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asked)
}

func wait(ctx context.Context, hold chan struct{}) {
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
}

func (r *reception) Staff(_, user string) bool                                   { return strings.HasPrefix(user, "U0") }
func (r *reception) Ears(context.Context, string) ([]bot.Ear, error)             { return nil, nil }
func (r *reception) Hearing(context.Context, string) error                       { return nil }
func (r *reception) LastHearing(context.Context, string) (time.Time, error)      { return time.Time{}, nil }
func (r *reception) Deaf(context.Context, chat.Room, time.Time, time.Time) error { return nil }

// replyForm asks for the words of /reply 1.
var replyForm = card.Form{Lang: "zh-CN", Title: "回复客户", About: "#1 官网打不开 <!channel>", Command: "/reply 1", Send: "发送", Cancel: "取消",
	Fields: []card.Input{{Label: "回复内容", Hint: "客户会看到这段话", Max: 4000}}}

// reportForm asks what a report is about, and for its words.
var reportForm = card.Form{Lang: "en", Title: "Report something to the security service", Command: "/report", Send: "Send", Cancel: "Cancel",
	Fields: []card.Input{{Label: "What is it?", Options: []card.Option{{Label: "Let Butler decide", Value: ""}, {Label: "An urgent incident", Value: "incident urgent"}}},
		{Label: "What did you see?", Max: 500}}}

// ready is a platform that listens, with a host.
func ready(t *testing.T, s *slackfake.Server, r *reception, hear bot.Hear) *Platform {
	t.Helper()
	p := platform(t, s)
	p.Meet(r)
	listen(t, p, hear)
	s.Connected(1)
	return p
}

func forms() *reception {
	return &reception{forms: map[string]card.Form{"/reply 1": replyForm, "/report": reportForm}}
}

// A command without its words opens a form, typed or pressed, in the room and in
// the thread; what is written there is heard as if it had been typed.
func TestAFormCollectsWhatACommandLacks(t *testing.T) {
	s := workspace(t)
	var h heard
	r := forms()
	p := ready(t, s, r, h.hear)

	typed := s.Slash(zhang, back, "/butler", "reply 1")
	v := s.ExpectView(zhang, "回复客户", "#1 官网打不开 <!channel>", "回复内容")
	if len(typed.Answer()) != 0 || v.Callback != formCallback || strings.Contains(string(v.Source), "mrkdwn") || !strings.Contains(string(v.Source), `"max_length":3000`) {
		t.Errorf("the form of a command: %+v, acknowledged with %s", v, typed.Answer())
	}
	evil := "我是张工。\n<!channel> *正在排查* &lt;/resolve 1&gt;"
	s.Acked(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "  " + evil + "\n"}))
	if len(s.Views(zhang)) != 0 {
		t.Error("what was taken closes its form")
	}

	ts := posted(t, p, backRoom, buttons("/claim 1", "/reply 1", "/report"))
	s.Acked(s.Press(zhang, ts, "/reply 1"))
	v = s.ExpectView(zhang, "回复客户")
	s.Acked(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "正在看"}))

	// A choice and words; what adds nothing is chosen until somebody chooses.
	s.Acked(s.Press(chen, ts, "/report"))
	v = s.ExpectView(chen, "Report something to the…", "An urgent incident")
	s.Acked(s.Submit(chen, v.ID, map[string]string{fieldID + "1": "the site is down"}))
	s.Acked(s.Press(chen, ts, "/report"))
	v = s.ExpectView(chen, "What did you see?")
	s.Acked(s.Submit(chen, v.ID, map[string]string{fieldID + "0": picked + "incident urgent", fieldID + "1": "the site is down"}))

	// What lacks nothing is heard at once.
	s.Acked(s.Press(zhang, ts, "/claim 1"))

	want := []struct{ text, thread string }{
		{"/reply 1 " + evil, ""}, {"/reply 1 正在看", ts}, {"/report the site is down", ts}, {"/report incident urgent the site is down", ts}, {"/claim 1", ts}}
	all := h.messages()
	if len(all) != len(want) {
		t.Fatalf("heard %+v", all)
	}
	for i, m := range all {
		form := i < 4
		if m.Text != want[i].text || m.Thread != want[i].thread || !m.Command || m.Form != form || form != strings.HasPrefix(m.ID, "form/V") || m.Room != backRoom ||
			m.Delivery == "" || time.Since(m.SentAt) > time.Minute {
			t.Errorf("heard %+v, wants %+v", m, want[i])
		}
	}
	// What somebody marks as a report may look like a command, and asks for no form.
	said := s.Say(back, zhang, "/reply 1")
	said.Acked()
	asked := r.questions()
	s.Acked(s.Shortcut(zhang, reportCallback, said.TS))
	if r.questions() != asked || len(s.Views(zhang)) != 0 {
		t.Error("a marked message asked for a form")
	}
	if all[0].Sender.ID != zhang || all[2].Sender.ID != chen {
		t.Errorf("sent by %+v and %+v", all[0].Sender, all[2].Sender)
	}
}

// A form that cannot be shown costs nothing: the command is heard as it was typed.
func TestAFormThatCannotBeShown(t *testing.T) {
	wide := replyForm
	wide.Command = "/reply " + strings.Repeat("1", 3000)
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		forms map[string]card.Form
	}{
		{name: "Slack limits", fault: slackfake.RateLimited(30 * time.Second)},
		{name: "the trigger is used", fault: slackfake.Refused("exchanged_trigger_id")},
		{name: "Slack is down", fault: slackfake.Status(503)},
		{name: "nobody knows whether it is shown", fault: slackfake.DropsAfter()},
		{name: "it takes too long", fault: slackfake.Hangs()},
		{name: "it does not fit", forms: map[string]card.Form{"/reply 1": wide}},
		{name: "it has no fields", forms: map[string]card.Form{"/reply 1": {Command: "/reply 1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := workspace(t)
			defer s.Release()
			r := forms()
			if c.forms != nil {
				r.forms = c.forms
			} else {
				s.Fail("views.open", c.fault)
			}
			var h heard
			ready(t, s, r, h.hear)
			s.Acked(s.Slash(zhang, back, "/butler", "reply 1"))
			if all := h.messages(); len(all) != 1 || all[0].Text != "/reply 1" || !all[0].Command || all[0].Form || all[0].Room.ID != back {
				t.Errorf("heard %+v", all)
			}
		})
	}
}

// A trigger that is too old opens nothing; the command is heard as it was typed.
func TestAnExpiredTrigger(t *testing.T) {
	s := workspace(t)
	r := forms()
	r.hold = make(chan struct{})
	var h heard
	ready(t, s, r, h.hear)
	d := s.Slash(zhang, back, "/butler", "reply 1")
	eventually(t, "the host is asked", func() bool { return r.questions() == 1 })
	s.Skip(4 * time.Second)
	close(r.hold)
	s.Acked(d)
	if all := h.messages(); len(all) != 1 || all[0].Text != "/reply 1" || len(s.Views(zhang)) != 0 {
		t.Errorf("heard %+v, open are %v", all, s.Views(zhang))
	}
}

// A form waits for no lane: neither for a host that is slow for somebody else, nor
// for a room that hears slowly; and a slow host stops no message.
func TestAFormWaitsForNobody(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(10*time.Second))
	r := forms()
	free, entered := make(chan struct{}), make(chan struct{}, 10)
	ready(t, s, r, func(ctx context.Context, m chat.Message) error {
		if m.Room.ID == back {
			entered <- struct{}{}
			wait(ctx, free)
		}
		return nil
	})
	slow := s.Say(back, zhang, "一条")
	<-entered // the room is busy
	s.Slash(zhang, back, "/butler", "reply 1")
	s.ExpectView(zhang, "回复客户")

	r.mu.Lock()
	r.hold = make(chan struct{})
	r.mu.Unlock()
	d := s.Slash(zhang, front, "/butler", "reply 1")
	eventually(t, "the host is asked", func() bool { return r.questions() == 2 })
	s.Say(front, lihua, "还在吗").Acked()
	close(r.hold)
	s.Acked(d)
	close(free)
	slow.Acked()
}

// What is wrong with a form is said in it, and what was written stays.
func TestAFormSaysWhatIsWrong(t *testing.T) {
	s := workspace(t)
	var mu sync.Mutex
	var answer error
	var ids []string
	p := ready(t, s, forms(), func(_ context.Context, m chat.Message) error {
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, m.ID)
		return answer
	})
	says := func(err error) { mu.Lock(); defer mu.Unlock(); answer = err }
	refused := func(d *slackfake.Delivery, block, part string) {
		t.Helper()
		var a refusal
		if err := json.Unmarshal(d.Answer(), &a); err != nil || a.Action != "errors" || len(a.Errors) != 1 || !strings.Contains(a.Errors[block], part) {
			t.Errorf("answered with %s; wants %q at %s", d.Answer(), part, block)
		}
	}

	ts := posted(t, p, backRoom, buttons("/reply 1", "/report"))
	s.Acked(s.Press(zhang, ts, "/reply 1"))
	v := s.ExpectView(zhang, "回复客户")
	refused(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": " \n "}), fieldID+"0", "请填写内容")
	says(&chat.Declined{Text: "#1 已由李工接手"})
	refused(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "一"}), fieldID+"0", "#1 已由李工接手")
	says(errors.New("the store is away"))
	refused(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "一"}), fieldID+"0", "稍后再发送一次")
	if p.Count.Refused.Load() != 1 || len(s.Views(zhang)) != 1 {
		t.Errorf("refused %d, open are %v", p.Count.Refused.Load(), s.Views(zhang))
	}
	says(nil)
	sent := s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "二"})
	if len(sent.Answer()) != 0 || len(s.Views(zhang)) != 0 {
		t.Errorf("answered with %s", sent.Answer())
	}
	s.Acked(s.Redeliver(sent)) // sent twice
	if len(ids) != 4 || !strings.HasPrefix(ids[0], "form/"+v.ID+"/") || ids[1] != ids[0] || ids[2] == ids[0] || ids[3] != ids[2] {
		t.Errorf("heard as %q; the same words keep their id, corrected ones get another", ids)
	}

	s.Acked(s.Press(chen, ts, "/report"))
	v = s.ExpectView(chen, "What did you see?")
	refused(s.Submit(chen, v.ID, nil), fieldID+"1", "Please write something")
	says(&chat.Declined{Text: "no contract"})
	refused(s.Submit(chen, v.ID, map[string]string{fieldID + "1": "x"}), fieldID+"1", "no contract")
	d := s.Dismiss(chen, v.ID)
	if d != nil {
		t.Error("nobody needs to hear that a form was closed")
	}
}

// A form that is sent twice at once is one message for the real bot.
func TestAFormSentTwiceIsOneMessage(t *testing.T) {
	s := workspace(t)
	p := platform(t, s)
	p.Meet(forms())
	b := butler(t, p)
	s.Connected(1)
	s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	s.Expect(front, "#1")
	s.Slash(zhang, back, "/butler", "reply 1")
	v := s.ExpectView(zhang, "回复客户")
	first := s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "我是张工，正在排查。"})
	s.Acked(first, s.Redeliver(first))
	s.Expect(front, "我是张工，正在排查。")
	s.Settled()
	if b.Count.Seen.Load() == 0 {
		t.Error("the second was not recognised")
	}
}

// What is no form of ours is acknowledged and counted, and heard by nobody; words
// that can be kept are kept.
func TestPoisonedForms(t *testing.T) {
	s := workspace(t)
	var h heard
	p := ready(t, s, forms(), h.hear)
	who := map[string]any{"id": zhang}
	state := map[string]any{"values": map[string]any{fieldID + "0": map[string]any{fieldAction: map[string]any{"type": "plain_text_input", "value": "很长的一段话"}}}}
	view := func(note string, state any) map[string]any {
		return map[string]any{"id": "V1", "callback_id": formCallback, "private_metadata": note, "state": state}
	}
	good := `{"command":"/reply 1","lang":"zh-CN","room":"C0BACK","fields":1}`
	for i, c := range []struct {
		payload map[string]any
		keeps   bool
	}{
		{payload: map[string]any{"type": "view_submission", "user": who}},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": map[string]any{}, "x": 1}},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view("", nil)}},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view("{", state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(`{"command":"reply","room":"C1","fields":1}`, state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(`{"command":"/reply 1","room":"C1","fields":100000000}`, state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(`{"command":"/reply 1","room":"U02LI","direct":true,"fields":1}`, state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(`{"command":"/reply 1","room":"C0BACK","fields":2}`, state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "view": view(good, state)}, keeps: true},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(good, map[string]any{"values": 7})}},
		{payload: map[string]any{"type": "view_submission", "user": who, "view": view(good, nil)}},
	} {
		noise, poison := p.Count.Noise.Load(), p.Count.Poison.Load()
		answer := string(s.Deliver("interactive", c.payload).Answer())
		if c.keeps != strings.Contains(answer, unreadable[:12]) || !c.keeps && answer != "" {
			t.Errorf("%d: answered with %q", i, answer)
		}
		if n := p.Count.Poison.Load() - poison + p.Count.Noise.Load() - noise; n != 1 {
			t.Errorf("%d: counted %d times", i, n)
		}
	}
	theirs := map[string]any{"type": "view_submission", "user": who, "view": map[string]any{"id": "V2", "callback_id": "theirs"}}
	closed := map[string]any{"type": "view_closed", "user": who, "view": view(good, state)}
	before := p.Count.Noise.Load()
	s.Acked(s.Deliver("interactive", theirs), s.Deliver("interactive", closed))
	if n := p.Count.Noise.Load() - before; n != 2 || len(h.messages()) != 0 {
		t.Errorf("noise %d, heard %+v", n, h.messages())
	}
	s.Acked(s.Deliver("interactive", map[string]any{"type": "view_submission", "user": who, "view": view(good, state)}))
	if all := h.messages(); len(all) != 1 || all[0].Text != "/reply 1 很长的一段话" {
		t.Errorf("heard %+v", all)
	}
}

// However much is in a form, what is shown keeps Slack's limits, or nothing is.
func TestLimitsOfAForm(t *testing.T) {
	long := strings.Repeat("很长的一句话。<!channel> *b*", 400)
	f := card.Form{Lang: "zh-CN", Title: long, About: long, Command: "/report", Send: long, Cancel: long}
	many := card.Input{Label: long, Hint: long}
	for i := range 300 {
		many.Options = append(many.Options, card.Option{Label: long, Value: fmt.Sprintf("acme#%d", i)}, card.Option{Value: long}, card.Option{})
	}
	f.Fields = append(f.Fields, many)
	for i := range maxInputs - 1 {
		f.Fields = append(f.Fields, card.Input{Label: long, Hint: long, Max: i * 1000})
	}
	s := workspace(t)
	api := slack.New(s.BotToken, slack.OptionAPIURL(s.URL()))
	p := platform(t, s)
	p.host = &reception{forms: map[string]card.Form{"/report": f, "/empty": {Command: "/reply 1", Fields: []card.Input{{}}}}}
	for _, command := range []string{"/report", "/empty"} {
		// A trigger is what a press gives; the fake judges what it opens.
		d := s.Slash(zhang, back, "/butler", "x")
		var c struct {
			Trigger string `json:"trigger_id"`
		}
		if err := json.Unmarshal(d.Payload, &c); err != nil {
			t.Fatal(err)
		}
		view, err := modal(p.host.(*reception).forms[command], chat.Message{Room: backRoom, Thread: "5.1"}, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.OpenViewContext(t.Context(), c.Trigger, view); err != nil {
			t.Errorf("%s: %v", command, err)
		}
		if raw, _ := json.Marshal(view); strings.Contains(string(raw), "mrkdwn") {
			t.Errorf("%s: words of people stand in mrkdwn", command)
		}
	}
	f.Fields = append(f.Fields, card.Input{}, card.Input{})
	if _, err := modal(f, chat.Message{Room: backRoom}, false); err == nil {
		t.Error("a form of 101 fields is shown by nobody")
	}
	f.Fields = []card.Input{{Options: []card.Option{{Label: "x", Value: long}}}}
	if _, err := modal(f, chat.Message{Room: backRoom}, false); err == nil {
		t.Error("a choice without an answer that fits is no choice")
	}
}

func TestPhrasesAreWholeInBothLanguages(t *testing.T) {
	for _, lang := range card.Languages {
		says := reflect.ValueOf(phrasesIn(lang))
		for i := range says.NumField() {
			if says.Field(i).String() == "" {
				t.Errorf("%s has no word for %s", lang, says.Type().Field(i).Name)
			}
		}
		if n, more := strconv.Itoa(3), fmt.Sprintf(phrasesIn(lang).more, 3); !strings.Contains(more, n) || strings.Contains(more, "%!") {
			t.Errorf("%s counts as %q", lang, more)
		}
	}
}

func FuzzReadSubmission(f *testing.F) {
	f.Add(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","private_metadata":"{\"command\":\"/reply 1\",\"room\":\"C1\",\"fields\":1}","state":{"values":{"butler.form.0":{"answer":{"type":"plain_text_input","value":"x"}}}}}}`)
	f.Add(`{"view":{"state":{"values":{"butler.form.0":{"answer":{"type":"static_select","selected_option":null}}}}}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		s, err := readSubmission(json.RawMessage(payload), time.Time{})
		if m := s.message; err == nil && (m.Room.ID == "" || m.ID == "form/" || m.Sender.ID == "" || !strings.HasPrefix(m.Text, "/") || s.tells == "" && len(s.lacks) == 0) {
			t.Errorf("half a form: %+v", s)
		}
	})
}
