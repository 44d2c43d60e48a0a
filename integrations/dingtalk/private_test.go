package dingtalk

import (
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/integrations/dingtalk/dingfake"
)

// TestPrivate: nobody in the group sees what is for one person. Internal words go
// to no outsider, whatever happens.
func TestPrivate(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	url, until := s.Webhook(front)
	p.sessions.note(room(front), url, until, wall())
	mine := bot.Sending{Key: "acme/0/help/1", Room: room(front), Person: zhang, Name: "张工", Private: true, Card: filled(t, "zh-CN", "refused.back")}
	r := sent(t, p, mine)
	m := s.Message(r.Ref)
	if m.Room != s.Direct(zhang) || len(s.Posted(front)) != 0 {
		t.Fatalf("%+v", m)
	}
	if in, _ := p.roomOf(r.Ref); in != room(front) {
		t.Errorf("it belongs to %v", in)
	}

	for _, who := range []string{"ext/0011223344556677", "$:LWCP_v1:$x", chat.Unknown, "app/B1"} {
		mine.Person = who
		_, err := p.Send(t.Context(), mine)
		isNever(t, err, "userid")
	}
	mine.Person = zhang
	s.Fail(otoPath, dingfake.Invalid(zhang).Always())
	s.Fail(deliverPath, dingfake.Undelivered("userId is illegal").Always())
	mine.Key = "acme/0/help/2"
	_, err := p.Send(t.Context(), mine)
	isNever(t, err)
	if n := len(s.Posted(front)); n != 0 {
		t.Fatalf("%d internal messages in front", n)
	}

	theirs := bot.Sending{Key: "acme/0/help/3", Room: room(front), Person: "ext/0011223344556677", Name: "李华", Private: true, Card: filled(t, "zh-CN", "help")}
	sent(t, p, theirs)
	s.Expect(front, "可以这样用")
}

// TestWhisper tells one line to one person.
func TestWhisper(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	if err := p.whisper(t.Context(), room(front), zhang, "这条命令 # 没有执行"); err != nil {
		t.Fatal(err)
	}
	s.Expect(s.Direct(zhang), "这条命令 # 没有执行")
	who := person("", "$:LWCP_v1:$"+lihua, "李华")
	isNever(t, p.whisper(t.Context(), room(front), who.ID, "x"))
	url, until := s.Webhook(front)
	p.sessions.note(room(front), url, until, wall())
	p.ciphers.put(who.ID, "$:LWCP_v1:$"+lihua)
	if err := p.whisper(t.Context(), room(front), who.ID, "请写明编号"); err != nil {
		t.Fatal(err)
	}
	s.ExpectAt(front, lihua, "请写明编号")
	if err := p.whisper(t.Context(), room(front), zhang, strings.Repeat("长\"", 9000)); err != nil {
		t.Error(err)
	}
}

// TestRecall takes back messages of every kind; repeating it does no harm, and
// after a day it is too late.
func TestRecall(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	one := news("2")
	one.Room = direct(zhang)
	private := bot.Sending{Key: "3", Room: room(front), Person: zhang, Private: true, Card: filled(t, "zh-CN", "help")}
	private.Card.Buttons = nil
	for _, x := range []bot.Sending{news("1"), one, private, board(t, "4", front, desk.NOpened), ping(t, "5")} {
		r := sent(t, p, x)
		for range 2 {
			if err := p.Recall(t.Context(), x.Room, r.Ref); err != nil {
				t.Errorf("%s: %v", x.Key, err)
			}
		}
		if m := s.Message(r.Ref); !m.Recalled {
			t.Errorf("%s still stands", x.Key)
		}
	}
	b := sent(t, p, board(t, "6", front, desk.NOpened))
	later := speaker(t, s)
	if err := later.Recall(t.Context(), room(front), b.Ref); err != nil {
		t.Error(err)
	}
	if c := s.Card(b.Ref); !strings.Contains(c.Params["title"], "撤回") || c.Params["body1"] != "" || c.Params["b1"] != "" {
		t.Errorf("%+v", c.Params)
	}
	r := sent(t, p, news("7"))
	s.Skip(25 * time.Hour)
	isNever(t, p.Recall(t.Context(), room(front), r.Ref), "cannot be taken back")
	isNever(t, p.Recall(t.Context(), room(front), ""), "webhook")
}
