package dingtalk

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/desk"
	"butler/integrations/dingtalk/dingfake"
)

// board is a case's board in a room.
func board(t *testing.T, key, in string, kind desk.NoticeKind) bot.Sending {
	t.Helper()
	sheet := "board"
	if in == back {
		sheet = "board.back"
	}
	return bot.Sending{Key: key, Room: room(in), Kind: kind, Card: filled(t, "zh-CN", sheet)}
}

// ping is a rung: it calls 张工 in the experts' room.
func ping(t *testing.T, key string) bot.Sending {
	t.Helper()
	return bot.Sending{Key: key, Room: room(back), Person: zhang, Name: "张工", Urgent: true, Kind: desk.NPing, Card: filled(t, "zh-CN", "ping.back")}
}

// TestABoardIsACardAndEditedInPlace, by key, with its buttons.
func TestABoardIsACardAndEditedInPlace(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	r := sent(t, p, board(t, "acme/1/opened/1", front, desk.NOpened))
	c := s.Card(r.Ref)
	if len(c.ID) > 64 || c.Callback != "STREAM" || c.Params["b1_command"] != "/triage 12 none" {
		t.Fatalf("%+v", c)
	}
	edit := board(t, "acme/1/claimed/2", front, desk.NClaimed)
	edit.Card.Title, edit.Card.Buttons = "张工 已接手", nil
	got, err := p.Edit(t.Context(), r.Ref, edit)
	if err != nil || got.Ref != r.Ref {
		t.Fatalf("%v, %v", got, err)
	}
	c = s.Card(r.Ref)
	if !strings.Contains(c.Params["title"], "张工 已接手") || c.Params["b1"] != "" || c.Params["foot"] == "" || len(s.Posted(front)) != 1 {
		t.Errorf("%+v", c.Params)
	}
	var body struct {
		Options struct {
			ByKey bool `json:"updateCardDataByKey"`
		} `json:"cardUpdateOptions"`
	}
	calls := s.Calls(updatePath)
	if json.Unmarshal(calls[len(calls)-1].Body, &body) != nil || !body.Options.ByKey {
		t.Error("an update that is not by key empties the card")
	}
	if key, ok := p.keyOf(r.Ref); !ok || key != "acme/1/claimed/2" {
		t.Errorf("keyOf = %q, %v", key, ok)
	}
	if in, ok := p.roomOf(r.Ref); !ok || in != room(front) {
		t.Errorf("roomOf = %v, %v", in, ok)
	}
}

// TestACardThatMayStandIsNotMadeTwice: no answer came, and the repetition hears
// that it exists.
func TestACardThatMayStandIsNotMadeTwice(t *testing.T) {
	for _, f := range []dingfake.Fault{dingfake.DropsAfter(), dingfake.HangsAfter()} {
		s := organisation(t)
		p := speaker(t, s, func(p *Platform) { p.http.Timeout = 100 * time.Millisecond })
		s.Fail(deliverPath, f)
		b := board(t, "acme/1/opened/1", front, desk.NOpened)
		_, err := p.Send(t.Context(), b)
		isLater(t, err)
		s.Release()
		b.Attempt = 2
		r := sent(t, p, b)
		if n := len(s.Posted(front)); n != 1 || s.Posted(front)[0].Card != r.Ref {
			t.Errorf("%d messages stand in the group", n)
		}
	}
}

// TestACardThatReachedNobodyIsAMessage: 200, success:true, and deliverResults say
// otherwise. Its outTrackId is used up, also for a process that knows nothing.
func TestACardThatReachedNobodyIsAMessage(t *testing.T) {
	s := organisation(t)
	h := newHost()
	p := speaker(t, s, meets(h))
	s.Fail(deliverPath, dingfake.Undelivered("chatbot not exist"))
	s.Fail(groupPath, dingfake.GatewayTimeout())
	b := board(t, "acme/1/opened/1", front, desk.NOpened)
	_, err := p.Send(t.Context(), b)
	isLater(t, err)
	r := sent(t, speaker(t, s, meets(h)), b)
	m := s.Expect(front, "紧急安全事件", "/triage 12 none")
	if m.Card != "" || m.Key != r.Ref {
		t.Errorf("%+v", m)
	}
}

// TestATemplateThatCannotBeUsed: everything goes as markdown, and Ready says what
// to mend.
func TestATemplateThatCannotBeUsed(t *testing.T) {
	for name, fault := range map[string]dingfake.Fault{
		"publish": dingfake.Refused(400, "param.templateUnpublished", ""), "Card.Instance.Write": dingfake.PermissionDenied("Card.Instance.Write")} {
		s := organisation(t)
		p := speaker(t, s)
		p.health.up()
		f := s.Fail(deliverPath, fault.Always())
		sent(t, p, board(t, "1", front, desk.NOpened))
		sent(t, p, board(t, "2", front, desk.NOpened))
		if n := len(s.Posted(front)); n != 2 || f.Hits() != 1 {
			t.Errorf("%s: %d messages, %d tries", name, n, f.Hits())
		}
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: Ready says %v", name, err)
		}
		f.Lift()
		s.Skip(cardsWait)
		sent(t, p, board(t, "3", front, desk.NOpened))
		if len(s.Cards(front)) != 1 || p.Ready() != nil {
			t.Errorf("%s: cards do not come back: %v", name, p.Ready())
		}
	}
}

// TestTheSameKeyInAnotherStore: a new store begins with the same keys, and DingTalk
// remembers every outTrackId.
func TestTheSameKeyInAnotherStore(t *testing.T) {
	s := organisation(t)
	sent(t, speaker(t, s), board(t, "acme/1/opened/1", front, desk.NOpened))
	sent(t, speaker(t, s, meets(newHost())), board(t, "acme/1/opened/1", front, desk.NOpened))
	if n := len(s.Cards(front)); n != 2 {
		t.Errorf("%d cards", n)
	}
}

// TestAGoneCardIsSentAnew: the bot sends anew what Edit says never to.
func TestAGoneCardIsSentAnew(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	_, err := p.Edit(t.Context(), trackPrefix+"of another life", board(t, "1", front, desk.NClaimed))
	isNever(t, err, "gone")
}

// TestWithoutATemplate: what is pressed is typed, and changes are told only where
// no other message tells them.
func TestWithoutATemplate(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, plainly)
	r := sent(t, p, board(t, "acme/1/opened/1", front, desk.NOpened))
	m := s.Expect(front, "不是这个意思：@安全管家 /triage 12 none")
	if m.Key != r.Ref || !strings.Contains(m.Text, "  \n  ") {
		t.Errorf("%+v", m)
	}
	for _, quiet := range []desk.NoticeKind{desk.NUpdated, desk.NResponded, desk.NAsked, desk.NResumed, desk.NResolved, desk.NOpened} {
		if got, err := p.Edit(t.Context(), r.Ref, board(t, "k", front, quiet)); err != nil || got.Ref != r.Ref {
			t.Errorf("%s: %v, %v", quiet, got, err)
		}
	}
	if n := len(s.Posted(front)); n != 1 {
		t.Fatalf("%d messages: a wall", n)
	}
	claimed := board(t, "acme/1/claimed/2", front, desk.NClaimed)
	claimed.Card.Title = "紧急安全事件 #12 · 张工 已接手，即将答复"
	got, err := p.Edit(t.Context(), r.Ref, claimed)
	if err != nil || got.Ref == r.Ref {
		t.Fatalf("%v, %v", got, err)
	}
	m = s.Expect(front, "张工 已接手")
	if m.Key != got.Ref || strings.Count(m.Text, "\n") > 6 || strings.Contains(m.Text, "我的理解") {
		t.Errorf("not short: %q", m.Text)
	}
}

// TestAnAtThatNotifies: by the card; by the session webhook while it is valid; or
// by a one-to-one message beside the one in the group.
func TestAnAtThatNotifies(t *testing.T) {
	t.Run("a card", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s)
		sent(t, p, ping(t, "acme/1/ping/1"))
		m := s.ExpectAt(back, zhang, "请接手")
		if m.Card == "" || m.Params["b1_command"] != "/claim 12" || m.Params["a1_command"] != "/reply 12" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a card that cannot be", func(t *testing.T) {
		s := organisation(t)
		s.Unpublish(s.Template)
		p := speaker(t, s)
		sent(t, p, ping(t, "acme/1/ping/1"))
		s.Expect(s.Direct(zhang), "请接手")
		s.Expect(back, "请接手", "已同时单聊通知")
	})
	t.Run("a session webhook", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s, plainly)
		url, until := s.Webhook(back)
		p.sessions.note(room(back), url, until, wall())
		sent(t, p, ping(t, "acme/1/ping/1"))
		m := s.ExpectAt(back, zhang, "请接手", "@"+zhang, "@安全管家 /claim 12")
		if m.By != dingfake.WebhookPath || len(s.Calls(groupPath)) != 0 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a webhook that DingTalk does not take any more", func(t *testing.T) {
		s := organisation(t, dingfake.StringCodes())
		p := speaker(t, s, plainly)
		url, until := s.Webhook(back)
		p.sessions.note(room(back), url, until, wall())
		s.ExpireWebhooks()
		sent(t, p, ping(t, "acme/1/ping/1"))
		s.Expect(s.Direct(zhang), "请接手", "接手：/claim 12")
		s.Expect(back, "请接手", "张工", "已同时单聊通知")
		if _, ok := p.session(room(back)); ok {
			t.Error("the webhook is kept although it is over")
		}
	})
	t.Run("no webhook, and the group fails once", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s, plainly)
		s.Fail(groupPath, dingfake.GatewayTimeout())
		_, err := p.Send(t.Context(), ping(t, "acme/1/ping/1"))
		isLater(t, err)
		sent(t, p, ping(t, "acme/1/ping/1"))
		if n := len(s.Posted(s.Direct(zhang))); n != 1 {
			t.Errorf("told %d times one-to-one", n)
		}
	})
	t.Run("an outsider who reported", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s)
		url, until := s.Webhook(front)
		p.sessions.note(room(front), url, until, wall())
		who := person("", "$:LWCP_v1:$"+lihua, "李华")
		p.ciphers.put(who.ID, "$:LWCP_v1:$"+lihua)
		n := news("acme/1/responded/3")
		n.Person, n.Name = who.ID, "李华"
		sent(t, p, n)
		s.ExpectAt(front, lihua, "请先断网")
	})
	t.Run("an outsider, and no webhook", func(t *testing.T) {
		s := organisation(t)
		p := speaker(t, s)
		n := news("acme/1/responded/3")
		n.Person, n.Name = "ext/0011223344556677", "李华"
		sent(t, p, n)
		s.Expect(front, "请先断网", "李华")
	})
}

// TestTheWebhookIsPaced: twenty a minute, and then ten minutes of silence. We stay
// below, and go another way for what is beyond.
func TestTheWebhookIsPaced(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, plainly)
	url, until := s.Webhook(back)
	p.sessions.note(room(back), url, until, wall())
	for i := range 25 {
		sent(t, p, ping(t, "acme/1/ping/"+string(rune('a'+i))))
	}
	by := map[string]int{}
	for _, m := range s.Posted(back) {
		by[m.By]++
	}
	if by[dingfake.WebhookPath] != hookPace || by[groupPath] != 25-hookPace {
		t.Fatalf("%v", by)
	}
	s.Skip(hookWindow)
	f := s.Fail(dingfake.WebhookPath, dingfake.Errcode(410100, "发送速度太快而限流"))
	for i := range 3 {
		sent(t, p, ping(t, "acme/2/ping/"+string(rune('a'+i))))
	}
	if f.Hits() != 1 {
		t.Errorf("a blocked webhook was tried %d times", f.Hits())
	}
	s.Skip(hookBlock)
	sent(t, p, ping(t, "acme/3/ping/1"))
	if all := s.Posted(back); all[len(all)-1].By != dingfake.WebhookPath {
		t.Error("the webhook is not used again after ten minutes")
	}
}

// TestPartialFailures: a batch is a 200 also when it reached nobody.
func TestPartialFailures(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	one := news("1")
	one.Room = direct(zhang)
	s.Fail(otoPath, dingfake.Invalid(zhang))
	_, err := p.Send(t.Context(), one)
	isNever(t, err, zhang)
	s.Fail(otoPath, dingfake.FlowControlled(zhang))
	_, err = p.Send(t.Context(), one)
	if l := isLater(t, err, "too many"); l.After != flowWait {
		t.Errorf("after %s", l.After)
	}
	s.Fail(otoPath, dingfake.Filtered(zhang))
	_, err = p.Send(t.Context(), one)
	isNever(t, err, "takes no messages")
	one.Room = direct("nobody")
	_, err = p.Send(t.Context(), one)
	isNever(t, err, "nobody")
}

// TestSomebodyWhoCannotBeToldIsSaid: a ping whose person DingTalk does not know is
// for the desk to give to somebody else, with and without cards.
func TestSomebodyWhoCannotBeToldIsSaid(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, plainly)
	lost := ping(t, "acme/1/ping/1")
	lost.Person = "left"
	_, err := p.Send(t.Context(), lost)
	isNever(t, err, "left")
	if len(s.Posted(back)) != 0 {
		t.Error("the group was told of a ping that nobody got")
	}
}

// TestAnEditWaitsForTheAnswerToAClick: DingTalk wants no update of a card while it
// waits for the answer. The fake fails the test when it gets one.
func TestAnEditWaitsForTheAnswerToAClick(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	r := sent(t, p, board(t, "1", front, desk.NOpened))
	answered := p.clicked(r.Ref)
	done := make(chan error, 1)
	go func() {
		_, err := p.Edit(t.Context(), r.Ref, board(t, "2", front, desk.NClaimed))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("edited before the click was answered: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	answered()
	if err := <-done; err != nil || s.Card(r.Ref).Updates != 1 {
		t.Errorf("%v, %d updates", err, s.Card(r.Ref).Updates)
	}
}

// TestDirect: in a one-to-one chat nobody needs an @, and what can be pressed is a
// card.
func TestDirect(t *testing.T) {
	s := organisation(t)
	for name, p := range map[string]*Platform{"card": speaker(t, s), "markdown": speaker(t, s, plainly)} {
		rung := ping(t, "acme/1/ping/"+name)
		rung.Room, rung.Person = direct(zhang), zhang
		r := sent(t, p, rung)
		m := s.Message(r.Ref)
		if m.Room != s.Direct(zhang) || (m.Card != "") != (name == "card") || name == "markdown" && !m.Contains("接手：/claim 12") {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestEverySheetCanBeSent: whatever is sent is within the limits of DingTalk: the
// fake refuses what is not.
func TestEverySheetCanBeSent(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	for _, lang := range card.Languages {
		for _, name := range card.Sheets() {
			in := front
			if strings.HasSuffix(name, ".back") {
				in = back
			}
			sent(t, p, bot.Sending{Key: lang + name, Room: room(in), Card: filled(t, lang, name)})
		}
	}
	if n := len(s.Posted(front)) + len(s.Posted(back)); n != 2*len(card.Sheets()) {
		t.Errorf("%d of %d arrived", n, 2*len(card.Sheets()))
	}
	if !slices.ContainsFunc(s.Posted(front), func(m dingfake.Message) bool { return m.Card == "" }) {
		t.Error("not one is markdown")
	}
}
