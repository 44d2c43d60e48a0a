package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

// pressed is a click on a card with some fields changed; nil takes one out.
func pressed(change map[string]any) []byte {
	data := map[string]any{"type": "actionCallback", "outTrackId": "card1", "corpId": "ding1", "userId": zhang, "userIdType": 1, "spaceId": "cid1==", "spaceType": "IM_GROUP",
		"extension": "{}", "content": `{"cardPrivateData":{"actionIds":["claim"],"params":{"command":"/claim 1"}}}`}
	for k, v := range change {
		if data[k] = v; v == nil {
			delete(data, k)
		}
	}
	raw, _ := json.Marshal(data)
	return raw
}

func TestReadingAClick(t *testing.T) {
	type f = map[string]any
	params := func(p f) f { return f{"cardPrivateData": f{"params": p}} }
	want := chat.Message{Room: room("cid1=="), ID: "press/p1", Thread: "card1", Sender: chat.Person{ID: zhang}, Text: "/claim 1", SentAt: noon, Command: true, Delivery: "p1"}
	for name, c := range map[string]struct {
		change f
		want   func(*chat.Message)
	}{
		"in a group":           {nil, func(*chat.Message) {}},
		"one-to-one":           {f{"spaceType": "IM_ROBOT", "spaceId": zhang}, func(m *chat.Message) { m.Room = direct(zhang) }},
		"no spaceType":         {f{"spaceType": nil}, func(*chat.Message) {}},
		"content as an object": {f{"content": params(f{"command": " /claim 1 "})}, func(*chat.Message) {}},
		"content in value":     {f{"content": nil, "value": params(f{"command": "/claim 1"})}, func(*chat.Message) {}},
		"an input":             {f{"content": params(f{"command": "/reply 1", "text": " 正在看\n稍等 "})}, func(m *chat.Message) { m.Text = "/reply 1 正在看\n稍等" }},
		"an empty input":       {f{"content": params(f{"command": "/reply 1", "text": "  "})}, func(m *chat.Message) { m.Text = "/reply 1" }},
		"an input, an object":  {f{"content": params(f{"command": "/severity 1", "text": f{"value": "high"}})}, func(m *chat.Message) { m.Text = "/severity 1 high" }},
		"an outsider":          {f{"userId": ""}, func(m *chat.Message) { m.Sender.ID = chat.Unknown }},
	} {
		exp := want
		c.want(&exp)
		if m, _, err := readPress(pressed(c.change), "p1", noon); err != nil || m != exp {
			t.Errorf("%s: %+v, %v; want %+v", name, m, err, exp)
		}
	}
	for name, change := range map[string]f{
		"no content":           {"content": nil},
		"an empty content":     {"content": ""},
		"content of a number":  {"content": 7},
		"no command":           {"content": params(f{"x": "y"})},
		"a command of another": {"content": params(f{"command": "open"})},
		"a command, a list":    {"content": params(f{"command": []string{"/claim 1"}})},
	} {
		if _, _, err := readPress(pressed(change), "p1", noon); !errors.Is(err, errNoise) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]f{"no card": {"outTrackId": nil}, "no group": {"spaceId": nil}, "nobody alone": {"userId": nil, "spaceType": "IM_ROBOT"}} {
		if _, _, err := readPress(pressed(change), "p1", noon); err == nil || errors.Is(err, errNoise) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, one, _ := readPress(pressed(nil), "p1", noon)
	_, two, _ := readPress(pressed(nil), "p2", noon)
	_, other, _ := readPress(pressed(f{"userId": wang}), "p3", noon)
	if one != two || one == other {
		t.Error("a double click is not the same, or two people's are")
	}
}

// card is a card in the fake, put there by a platform that speaks.
func cardIn(t *testing.T, l *listener, s *dingfake.Server, space, id string) {
	t.Helper()
	body := map[string]any{"cardTemplateId": s.Template, "outTrackId": id, "callbackType": "STREAM", "cardData": map[string]any{"cardParamMap": map[string]string{"title": "t"}},
		"openSpaceId": "dtv1.card//" + space, "imGroupOpenSpaceModel": map[string]any{}, "imGroupOpenDeliverModel": map[string]any{"robotCode": s.RobotCode},
		"imRobotOpenSpaceModel": map[string]any{}, "imRobotOpenDeliverModel": map[string]any{"spaceType": "IM_ROBOT"}}
	if err := l.call(t.Context(), "POST", deliverPath, body, nil); err != nil {
		t.Fatal(err)
	}
}

func TestAClickIsACommand(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	cardIn(t, l, s, "IM_GROUP."+back, "butler-1")
	click := s.Press(zhang, "butler-1", map[string]any{"command": "/claim 1"})
	click.Acked()
	m := l.got(1)[0]
	if m.Text != "/claim 1" || !m.Command || m.Thread != "butler-1" || m.Room != room(back) || m.Sender.ID != zhang {
		t.Errorf("heard %+v", m)
	}
	if string(click.Answer()) != `{"response":{}}` {
		t.Errorf("answered %s", click.Answer())
	}
	s.Press(zhang, "butler-1", map[string]any{"command": "/claim 1"}).Acked() // a double click
	s.Press(wang, "butler-1", map[string]any{"command": "/claim 1"}).Acked()
	s.Press(zhang, "butler-1", nil).Acked()
	if l.got(2); l.Count.Noise.Load() != 1 || l.Count.Again.Load() != 1 {
		t.Errorf("%d noise, %d again", l.Count.Noise.Load(), l.Count.Again.Load())
	}
}

// TestAPrivateAnswerBelongsToItsGroup, although it stands in a one-to-one chat.
func TestAPrivateAnswerBelongsToItsGroup(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	cardIn(t, l, s, "IM_ROBOT."+zhang, "butler-2")
	s.Press(zhang, "butler-2", map[string]any{"command": "/claim 1"}).Acked()
	l.past.put("room/butler-2", roomWord(room(back)))
	s.Press(zhang, "butler-2", map[string]any{"command": "/claim 2"}).Acked()
	if all := l.got(2); all[0].Room != direct(zhang) || all[1].Room != room(back) {
		t.Errorf("heard in %v and %v", all[0].Room, all[1].Room)
	}
}

// TestAClickIsAnsweredInTime: within 2 s whatever the store does, and with an
// error when nothing was done.
func TestAClickIsAnsweredInTime(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	cardIn(t, l, s, "IM_GROUP."+back, "butler-1")
	hung := make(chan struct{})
	defer close(hung)
	l.heard.says(func(chat.Message) error { <-hung; return errAway })
	began := time.Now()
	click := s.Press(zhang, "butler-1", map[string]any{"command": "/claim 1"})
	click.Answered(500)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a click was answered after %s", took)
	}
}

func TestADeclinedClickIsToldToWhoPressed(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	cardIn(t, l, s, "IM_GROUP."+back, "butler-1")
	l.heard.says(func(chat.Message) error { return &chat.Declined{Text: "缺少原因"} })
	s.Press(zhang, "butler-1", map[string]any{"command": "/lower 1"}).Acked()
	s.Expect(s.Direct(zhang), "缺少原因")
	s.ExpectNone(back, 20*time.Millisecond, "缺少原因")
}

// TestReadReceipts: by the key of a message, by what carries a card, in an envelope
// or without, and again when the store was away.
func TestReadReceipts(t *testing.T) {
	for _, enveloped := range []bool{false, true} {
		t.Run(fmt.Sprintf("enveloped=%v", enveloped), func(t *testing.T) {
			opts := []dingfake.Option{dingfake.EventPauses(time.Millisecond, time.Millisecond, time.Millisecond)}
			if enveloped {
				opts = append(opts, dingfake.Enveloped())
			}
			s := organisation(t, opts...)
			h := newHost()
			l := listen(t, s, meets(h))
			var out struct{ ProcessQueryKey string }
			body := map[string]any{"robotCode": s.RobotCode, "openConversationId": back, "msgKey": "sampleText", "msgParam": `{"content":"请接手 #1"}`}
			if err := l.call(t.Context(), "POST", groupPath, body, &out); err != nil {
				t.Fatal(err)
			}
			s.Acked(s.Read(zhang, out.ProcessQueryKey)) // nobody's yet
			l.told.put(out.ProcessQueryKey, "acme/1/ping/0")
			h.mu.Lock()
			h.failing = 2
			h.mu.Unlock()
			read := s.Read(zhang, out.ProcessQueryKey)
			s.Acked(read)
			s.Acked(s.Recall(zhang, out.ProcessQueryKey))
			h.mu.Lock()
			defer h.mu.Unlock()
			if read.Tries() != 3 || len(h.reads) != 1 || h.reads[0].user != zhang || h.reads[0].key != "acme/1/ping/0" || time.Since(h.reads[0].at) > time.Minute {
				t.Errorf("after %d pushes: %+v", read.Tries(), h.reads)
			}
			l.got(0)
		})
	}
}

func TestEventsThatAreRead(t *testing.T) {
	headers := map[string]string{"eventType": "robot_msg_recall", "eventId": "e1"}
	of := func(k string) string { return headers[k] }
	r, err := readEvent([]byte(`{"openConversationId":"cid1==","msgId":"m1","userId":"staff09","operatTime":"`+fmt.Sprint(noon.UnixMilli())+`"}`), of, noon.Add(time.Hour))
	if err != nil || r != (receipt{kind: "robot_msg_recall", id: "e1", said: "m1", room: room("cid1=="), user: hong, at: noon}) {
		t.Errorf("read %+v, %v", r, err)
	}
	for _, at := range []string{`"x"`, `null`, fmt.Sprint(noon.Add(48 * time.Hour).UnixMilli())} {
		if r, err := readEvent([]byte(`{"operatTime":`+at+`}`), of, noon); err != nil || r.at != noon {
			t.Errorf("with the time %s: %+v, %v", at, r, err)
		}
	}
}
