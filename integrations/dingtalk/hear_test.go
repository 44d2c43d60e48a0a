package dingtalk

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// said is a message of a group with some fields changed; nil takes one out.
func said(change map[string]any) []byte {
	data := map[string]any{"conversationId": "cid1==", "conversationType": "2", "chatbotUserId": "$:LWCP_v1:$bot", "msgId": "m1", "senderNick": "小红",
		"senderStaffId": hong, "senderId": "$:LWCP_v1:$hong", "createAt": noon.UnixMilli(), "msgtype": "text", "text": map[string]any{"content": " 网站打不开"},
		"sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x", "sessionWebhookExpiredTime": noon.Add(90 * time.Minute).UnixMilli()}
	for k, v := range change {
		if data[k] = v; v == nil {
			delete(data, k)
		}
	}
	raw, _ := json.Marshal(data)
	return raw
}

func TestWordsOfEveryKind(t *testing.T) {
	type m = map[string]any
	content := func(kind string, c any) m { return m{"msgtype": kind, "content": c, "text": nil} }
	for name, c := range map[string]struct {
		change m
		want   string
	}{
		"a leading space":        {nil, "网站打不开"},
		"several lines":          {m{"text": m{"content": " 第一行\n第二行\n\n第四行 \n"}}, "第一行\n第二行\n\n第四行"},
		"full width stays":       {m{"text": m{"content": "　／认领　１２"}}, "／认领　１２"},
		"no words":               {m{"text": m{"content": " "}}, ""},
		"text as a string":       {m{"text": "网站打不开"}, "网站打不开"},
		"content as a number":    {m{"text": m{"content": 12}}, "12"},
		"text as a list":         {m{"text": []any{1}}, ""},
		"no msgtype":             {m{"msgtype": nil}, "网站打不开"},
		"picture":                {content("picture", m{"downloadCode": "SECRETCODE"}), "[图片]"},
		"audio":                  {content("audio", m{"downloadCode": "SECRETCODE", "recognition": " 网站打不开了 "}), "网站打不开了"},
		"audio without words":    {content("audio", m{"downloadCode": "SECRETCODE"}), "[语音]"},
		"video":                  {content("video", m{"downloadCode": "SECRETCODE", "videoType": "mp4"}), "[视频]"},
		"file":                   {content("file", m{"downloadCode": "SECRETCODE", "fileName": "access.log", "fileId": "9"}), "[文件 access.log]"},
		"file without a name":    {content("file", m{"downloadCode": "SECRETCODE"}), "[文件]"},
		"file with an evil name": {content("file", m{"fileName": "a\nb\u202egpj.exe"}), "[文件 a bgpj.exe]"},
		"content in a string":    {content("file", `{"fileName":"a.zip"}`), "[文件 a.zip]"},
		"strange":                {content("unknownMsgType", m{}), "[无法识别的消息]"},
		"of a kind to come":      {content("poll", m{"x": 1}), "[消息 poll]"},
		"rich text":              {content("richText", m{"richText": []any{m{"text": "网站打不开，"}, m{"text": "如图"}, m{"type": "picture", "downloadCode": "SECRETCODE"}, m{"text": "请看"}}}), "网站打不开，如图\n[图片]\n请看"},
		"rich text, a picture":   {content("richText", m{"richText": []any{m{"pictureDownloadCode": "SECRETCODE"}}}), "[图片]"},
		"rich text with a name":  {m{"msgtype": "richText", "text": nil, "atUsers": []any{m{"dingtalkId": "$:LWCP_v1:$bot"}}, "content": m{"richText": []any{m{"text": "@管家 看图"}}}}, "看图"},
		"rich text to others":    {m{"msgtype": "richText", "text": nil, "atUsers": []any{m{"dingtalkId": "$:LWCP_v1:$bot"}, m{"dingtalkId": "x", "staffId": zhang}}, "content": m{"richText": []any{m{"text": "@张工 看图"}}}}, "@张工 看图"},
		"rich text, wrong type":  {content("richText", m{"richText": "x"}), ""},
		"mention in a report":    {m{"text": m{"content": " 请 @张工 看一下"}, "atUsers": []any{m{"staffId": zhang}}}, "请 @张工 看一下"},
		"mention in a command":   {m{"text": m{"content": " /assign 12 @张工"}, "atUsers": []any{m{"dingtalkId": "$:LWCP_v1:$bot"}, m{"dingtalkId": "y", "staffId": zhang}}}, "/assign 12 @staff01"},
		"… as a word":            {m{"text": m{"content": " 指派 12 @张工"}, "atUsers": []any{m{"staffId": zhang}}}, "指派 12 @staff01"},
		"… of two people":        {m{"text": m{"content": " /assign 12 @张工"}, "atUsers": []any{m{"staffId": zhang}, m{"staffId": wang}}}, "/assign 12 @张工"},
		"… of an outsider":       {m{"text": m{"content": " /assign 12 @李华"}, "atUsers": []any{m{"dingtalkId": "y"}}}, "/assign 12 @李华"},
	} {
		h, err := readMessage(said(c.change), "p1", noon)
		if err != nil || h.message.Text != c.want {
			t.Errorf("%s: %q, %v; want %q", name, h.message.Text, err, c.want)
		}
		if strings.Contains(h.message.Text, "SECRETCODE") {
			t.Errorf("%s: a code for a download is shown", name)
		}
	}
}

func TestWhoWhereWhen(t *testing.T) {
	type m = map[string]any
	h, err := readMessage(said(nil), "p1", noon.Add(time.Hour))
	want := chat.Message{Room: chat.Room{Platform: "dingtalk", ID: "cid1=="}, ID: "m1", Sender: chat.Person{ID: hong, Name: "小红"}, Text: "网站打不开", SentAt: noon, Mention: true, Delivery: "p1"}
	if err != nil || h.message != want || h.until != noon.Add(90*time.Minute) || !strings.HasSuffix(h.webhook, "session=x") {
		t.Errorf("read %+v, %v; want %+v", h, err, want)
	}
	for name, c := range map[string]struct {
		change m
		is     func(chat.Message) bool
	}{
		"one-to-one":             {m{"conversationType": "1"}, func(m chat.Message) bool { return m.Room == direct(hong) && !m.Mention }},
		"a type as a number":     {m{"conversationType": 1}, func(m chat.Message) bool { return m.Room == direct(hong) }},
		"no conversationType":    {m{"conversationType": nil}, func(m chat.Message) bool { return m.Room == room("cid1==") && m.Mention }},
		"times as texts":         {m{"createAt": "1763870400000"}, func(m chat.Message) bool { return m.SentAt.Equal(time.UnixMilli(1763870400000)) }},
		"no time":                {m{"createAt": nil}, func(m chat.Message) bool { return m.SentAt.Equal(noon) }},
		"a time beyond reason":   {m{"createAt": 1e18}, func(m chat.Message) bool { return m.SentAt.Equal(noon) }},
		"no msgId":               {m{"msgId": nil}, func(m chat.Message) bool { return m.ID == "push/p1" }},
		"quoting a person":       {m{"originalMsgId": "m0"}, func(m chat.Message) bool { return m.Thread == "m0" }},
		"quoting the robot":      {m{"originalProcessQueryKey": "k0="}, func(m chat.Message) bool { return m.Thread == "k0=" }},
		"quoting, by repliedMsg": {m{"text": m{"content": " 好", "isReplyMsg": true, "repliedMsg": m{"msgId": "m0"}}}, func(m chat.Message) bool { return m.Thread == "m0" && m.Text == "好" }},
		"an outsider": {m{"senderStaffId": ""}, func(m chat.Message) bool {
			return strings.HasPrefix(m.Sender.ID, "ext/") && m.Sender.Name == "小红" && !strings.Contains(m.Sender.ID, "LWCP")
		}},
		"an outsider alone": {m{"senderStaffId": nil, "conversationType": "1"}, func(m chat.Message) bool {
			return m.Room == chat.Room{Platform: "dingtalk", ID: m.Sender.ID, Direct: true}
		}},
		"nobody":                {m{"senderStaffId": nil, "senderId": nil}, func(m chat.Message) bool { return m.Sender.ID == chat.Unknown }},
		"fields of other types": {m{"atUsers": "x", "senderNick": 7, "isAdmin": "yes", "sessionWebhook": 3, "originalMsgId": m{}}, func(m chat.Message) bool { return m.Text == "网站打不开" && m.Thread == "" }},
	} {
		if h, err := readMessage(said(c.change), "p1", noon); err != nil || !c.is(h.message) {
			t.Errorf("%s: %+v, %v", name, h.message, err)
		}
	}
	one, _ := readMessage(said(m{"senderStaffId": ""}), "p1", noon)
	two, _ := readMessage(said(m{"senderStaffId": "", "senderNick": "改名", "msgId": "m2"}), "p2", noon)
	other, _ := readMessage(said(m{"senderStaffId": "", "senderId": "$:LWCP_v1:$other"}), "p3", noon)
	if one.message.Sender.ID != two.message.Sender.ID || one.message.Sender.ID == other.message.Sender.ID {
		t.Error("an outsider is not known again, or taken for another")
	}
	for _, bad := range []string{``, `null`, `[]`, `"x"`, `{"msgId"`, string(said(m{"conversationId": nil}))} {
		if _, err := readMessage([]byte(bad), "p1", noon); err == nil {
			t.Errorf("%.30s can be read", bad)
		}
	}
	blank, err := readMessage(said(m{"text": nil, "msgtype": nil, "errorMessage": "20001: 超限"}), "p1", noon)
	if !errors.Is(err, errBlank) || blank.message.Room.ID != "cid1==" || blank.message.Sender.ID != hong {
		t.Errorf("beyond the quota: %+v, %v", blank, err)
	}
}

func FuzzReading(f *testing.F) {
	f.Add(said(nil))
	f.Add(said(map[string]any{"msgtype": "richText", "content": map[string]any{"richText": []any{map[string]any{"text": "x"}}}}))
	f.Add([]byte(`{"type":"actionCallback","outTrackId":"c","userId":"u","spaceId":"cid","content":"{\"cardPrivateData\":{\"params\":{\"command\":\"/claim 1\"}}}"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := readMessage(data, "p", noon); err == nil && (h.message.Room.ID == "" || h.message.ID == "" || h.message.Sender.ID == "" || h.message.SentAt.IsZero()) {
			t.Errorf("read %+v", h.message)
		}
		if m, _, err := readPress(data, "p", noon); err == nil && (m.Room.ID == "" || m.Sender.ID == "" || !strings.HasPrefix(m.Text, "/")) {
			t.Errorf("read %+v", m)
		}
		readEvent(data, func(string) string { return "" }, noon)
	})
}

// TestEveryKindIsHeardAndAcknowledged: also what the SDK's own model refuses.
func TestEveryKindIsHeardAndAcknowledged(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	alone, picture, n := s.Direct(hong), []byte("png"), 0
	hears := func(a *dingfake.Said, want string) {
		t.Helper()
		a.Acked()
		n++
		if m := l.got(n)[n-1]; m.Text != want || m.ID != a.ID {
			t.Errorf("heard %+v, want %q", m, want)
		}
	}
	hears(s.Say(front, hong, "@管家 第一行\n第二行"), "第一行\n第二行")
	hears(s.Say(alone, hong, "我的机器中毒了"), "我的机器中毒了")
	hears(s.RichText(front, hong, []dingfake.Part{dingfake.Words("@管家 如图"), dingfake.Image("a.png", picture)}), "如图\n[图片]")
	hears(s.Picture(front, hong, "a.png", picture, dingfake.Mentioned()), "[图片]")
	hears(s.Audio(alone, hong, "数据库被加密了"), "数据库被加密了")
	hears(s.Video(alone, hong, "a.mp4", picture), "[视频]")
	hears(s.File(alone, hong, "access.log", picture), "[文件 access.log]")
	hears(s.Strange(front, hong), "[无法识别的消息]")
	hears(s.Say(front, hong, "@管家 x", dingfake.WithField("text", []int{1})), "")
	hears(s.Say(front, hong, "@管家 x", dingfake.WithField("atUsers", "x"), dingfake.WithField("createAt", "soon")), "x")
	hears(s.Say(front, lihua, "@管家 我是外部的"), "我是外部的")
	m := l.got(n)[n-1]
	if cipher, ok := l.ciphers.get(m.Sender.ID); !ok || cipher != "$:LWCP_v1:$"+lihua || !strings.HasPrefix(m.Sender.ID, "ext/") {
		t.Errorf("an outsider is %+v, and called by %q", m.Sender, cipher)
	}
	if _, ok := l.session(direct(hong)); !ok {
		t.Error("a one-to-one chat has no webhook")
	}
	s.Say(front, hong, "@管家 x", dingfake.WithoutField("conversationId")).Acked()
	if l.Count.Poison.Load() != 1 {
		t.Errorf("%d pushes could not be read", l.Count.Poison.Load())
	}
}

// TestBeyondTheQuota: a message comes without its words. Ready says so, the front
// is asked, and when words come again all is well.
func TestBeyondTheQuota(t *testing.T) {
	s := organisation(t)
	h := newHost()
	l := listen(t, s, meets(h))
	s.Beyond(front, hong, "@管家 网站打不开").Acked()
	if err := l.Ready(); err == nil || !strings.Contains(err.Error(), "20001") || l.Count.Blank.Load() != 1 {
		t.Errorf("ready: %v; %d counted", err, l.Count.Blank.Load())
	}
	eventually(t, "the front is asked", func() bool { return len(h.gaps()) == 1 && h.gaps()[0].room == room(front) })
	s.Beyond(front, hong, "@管家 喂").Acked()
	l.got(0)
	s.Say(front, hong, "@管家 喂").Acked()
	l.got(1)
	if err := l.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
	if len(h.gaps()) != 1 {
		t.Errorf("the front was asked %d times", len(h.gaps()))
	}
}
