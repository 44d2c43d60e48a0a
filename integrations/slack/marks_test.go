package slack

import (
	"context"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// A 🚨 by staff turns a message into a report, in whatever way it was said; the
// same message marked again, by another or by a shortcut, is the same mark.
func TestStaffMarkAMessage(t *testing.T) {
	s := workspace(t)
	var h heard
	p := watched(t, s, &watch{})
	listen(t, p, h.hear)
	s.Connected(1)
	author := chat.Person{ID: lihua, Name: "李华"}
	direct := s.Direct(zhang)
	root := s.Say(front, lihua, "核心交换机的指示灯一直在闪 &lt;!channel&gt;", slackfake.Unheard())
	s.Say(front, lihua, "别的", slackfake.Unheard())
	answer := s.Say(front, lihua, "路由器也在闪", slackfake.InThread(root.TS), slackfake.Unheard())
	file := s.Say(front, lihua, "", slackfake.WithFile("日志.txt", 10), slackfake.Unheard())
	app := s.Say(front, lihua, "磁盘满", slackfake.AsBot("B0OTHER"), slackfake.Unheard())
	odd := s.Say(front, lihua, "块坏了", slackfake.WithBlocks(`[{"type":"section","text":7}]`), slackfake.Unheard())
	blank := s.Say(front, lihua, "没有名字", slackfake.Blank(), slackfake.Unheard())
	own := s.Say(direct, zhang, "我转述客户的话", slackfake.Unheard())
	link := s.Message(file.TS).Files[0]
	frontRoom := chat.Room{Platform: "slack", ID: front}
	for _, c := range []struct {
		name string
		said *slackfake.Said
		want chat.Message
	}{
		{"a message", root, chat.Message{Room: frontRoom, Author: author, Text: "核心交换机的指示灯一直在闪 <!channel>"}},
		{"an answer in a thread", answer, chat.Message{Room: frontRoom, Author: author, Text: "路由器也在闪", Thread: root.TS}},
		{"a file", file, chat.Message{Room: frontRoom, Author: author, Text: "日志.txt https://home.slack.com/files/" + link.ID}},
		{"of an app", app, chat.Message{Room: frontRoom, Author: chat.Person{ID: "app/B0OTHER", Name: "Other App", App: true}, Text: "磁盘满"}},
		{"with a block nobody can read", odd, chat.Message{Room: frontRoom, Author: author, Text: "块坏了"}},
		{"of a blank author", blank, chat.Message{Room: frontRoom, Author: chat.Person{ID: "unknown"}, Text: "没有名字"}},
		{"in a chat of two", own, chat.Message{Room: chat.Room{Platform: "slack", ID: zhang, Direct: true}, Author: chat.Person{ID: zhang}, Text: "我转述客户的话"}},
	} {
		before := len(h.messages())
		s.React(zhang, c.said.TS, siren).Acked()
		all := h.messages()
		if len(all) != before+1 {
			t.Errorf("%s: heard %d, wants one more than %d", c.name, len(all), before)
			continue
		}
		got := all[before]
		c.want.ID, c.want.Marks, c.want.Sender.ID = "mark/"+c.said.TS, c.said.TS, zhang
		if time.Since(got.SentAt).Abs() > time.Minute || got.Delivery == "" {
			t.Errorf("%s: sent at %v in %q", c.name, got.SentAt, got.Delivery)
		}
		c.want.SentAt, c.want.Delivery = got.SentAt, got.Delivery
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}

	before := len(h.messages())
	s.React(chen, root.TS, siren).Acked()
	s.Unreact(chen, root.TS, siren).Acked()
	s.React(chen, root.TS, siren).Acked()
	s.Acked(s.Shortcut(lihua, reportCallback, root.TS))
	again := h.messages()[before:]
	if len(again) != 3 {
		t.Fatalf("heard %+v", again)
	}
	for _, m := range again {
		if m.ID != "mark/"+root.TS || m.Room != frontRoom || m.Text != "核心交换机的指示灯一直在闪 <!channel>" || m.Author.ID != lihua {
			t.Errorf("the same mark is another message: %+v", m)
		}
	}
	if last := again[2]; !last.Command || last.Sender.ID != lihua || last.Author.Name != "李华" {
		t.Errorf("by the shortcut: %+v", last)
	}
}

// What is no mark: of customers, with other emojis, at our own words, at what is
// gone or was never said.
func TestMarksThatAreNone(t *testing.T) {
	s := workspace(t)
	var h heard
	p := watched(t, s, &watch{})
	listen(t, p, h.hear)
	s.Connected(1)
	r, err := p.Send(context.Background(), sending(front, "k", nil))
	if err != nil {
		t.Fatal(err)
	}
	said := s.Say(front, lihua, "网站打不开", slackfake.Unheard())
	reply := s.Say(front, lihua, "还是打不开", slackfake.InThread(said.TS), slackfake.Unheard())
	join := s.Say(front, lihua, "joined", slackfake.SubType("channel_join"), slackfake.Unheard())
	gone := s.Say(front, lihua, "说错了", slackfake.Unheard())
	goneReply := s.Say(front, lihua, "也说错了", slackfake.InThread(said.TS), slackfake.Unheard())
	s.Settled()
	noise := p.Count.Noise.Load()
	s.React(lihua, said.TS, siren).Acked()
	s.React(lihua, reply.TS, siren).Acked()
	s.React(zhang, said.TS, "eyes").Acked()
	s.React(zhang, r.Ref, siren).Acked()
	s.React(zhang, join.TS, siren).Acked()
	s.Acked(s.Shortcut(zhang, reportCallback, r.Ref))
	for _, said := range []*slackfake.Said{gone, goneReply} {
		hold := s.Fail("conversations.history", slackfake.Hangs().In(front))
		mark := s.React(zhang, said.TS, siren)
		hold.Hit(1)
		s.Delete(said.TS)
		s.Release()
		mark.Acked()
	}
	s.Fail("conversations.history", slackfake.Refused("not_in_channel").In(front))
	s.React(zhang, said.TS, siren).Acked()
	s.Settled()
	for _, m := range h.messages() {
		if m.Deletes == "" {
			t.Errorf("heard %+v", m)
		}
	}
	if n := p.Count.Noise.Load() - noise; n < 9 {
		t.Errorf("%d are counted as noise", n)
	}
}

// A mark whose message cannot be read now is not acknowledged: Slack delivers it
// again.
func TestAMarkIsKeptUntilItsMessageCanBeRead(t *testing.T) {
	s := workspace(t, slackfake.AckWithin(100*time.Millisecond), slackfake.Retries(0, 50*time.Millisecond, 50*time.Millisecond))
	var h heard
	p := watched(t, s, &watch{})
	listen(t, p, h.hear)
	s.Connected(1)
	said := s.Say(front, lihua, "网站打不开", slackfake.Unheard())
	s.Fail("conversations.history", slackfake.Status(503).In(front))
	s.Fail("conversations.history", slackfake.RateLimited(time.Second).In(front))
	mark := s.React(zhang, said.TS, siren)
	mark.Acked()
	if n := mark.Deliveries[0].Tries(); n != 3 || p.Count.Refused.Load() != 2 {
		t.Errorf("it took %d deliveries, wants 3; %d were refused", n, p.Count.Refused.Load())
	}
	if all := h.messages(); len(all) != 1 || all[0].Marks != said.TS || all[0].Text != "网站打不开" {
		t.Errorf("heard %+v", all)
	}
}

// Without a host nobody can be known as staff.
func TestMarksWithoutAHost(t *testing.T) {
	s := workspace(t)
	var h heard
	listen(t, platform(t, s), h.hear)
	s.Connected(1)
	said := s.Say(front, lihua, "网站打不开", slackfake.Unheard())
	s.React(zhang, said.TS, siren).Acked()
	if all := h.messages(); len(all) != 0 {
		t.Errorf("heard %+v", all)
	}
}
