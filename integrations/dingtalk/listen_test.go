package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/integrations/dingtalk/dingfake"
)

func TestAMessageIsHeardAndThenAcknowledged(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	release := make(chan struct{})
	entered := make(chan struct{}, 1)
	l.heard.says(func(chat.Message) error { entered <- struct{}{}; <-release; return nil })
	said := s.Say(front, hong, "@管家 网站打不开了,全是博彩")
	<-entered
	if said.Delivery().Code() != 0 {
		t.Error("it is acknowledged before it is heard")
	}
	close(release)
	said.Acked()
	m := l.got(1)[0]
	if m.Text != "网站打不开了,全是博彩" || m.ID != said.ID || m.Room != (chat.Room{Platform: "dingtalk", ID: front}) || !m.Mention || m.Command || m.Sender != (chat.Person{ID: hong, Name: "小红"}) {
		t.Errorf("heard %+v", m)
	}
	if url, ok := l.session(m.Room); !ok || url != said.Webhook {
		t.Errorf("the webhook of the room is %q, %v", url, ok)
	}
	if string(said.Delivery().Answer()) != `{"response":null}` {
		t.Errorf("answered %s", said.Delivery().Answer())
	}
}

func TestTheFirstStartIsTriedAgain(t *testing.T) {
	s := organisation(t)
	s.FailSocket(dingfake.RefusesOpen, 2)
	s.FailSocket(dingfake.RefusesSocket, 1)
	l := start(t, s)
	s.Opened(4)
	s.Connected(2)
	eventually(t, "ready", func() bool { return l.Ready() == nil })
	s.Say(front, hong, "@管家 在吗").Acked()
	l.got(1)
}

func TestWhyItIsNotConnected(t *testing.T) {
	s := organisation(t)
	s.FailSocket(dingfake.RefusesOpen, 0)
	p := platformOf(s, nil, nil)
	if err := p.Ready(); err == nil || err.Error() != "dingtalk: is not connected yet" {
		t.Errorf("before Listen: %v", err)
	}
	l := start(t, s)
	eventually(t, "Ready says why", func() bool {
		err := l.Ready()
		return err != nil && strings.Contains(err.Error(), "ServiceUnavailable") && !strings.Contains(err.Error(), "\n")
	})
	l.end()
	if err := l.Ready(); err == nil || err.Error() != "dingtalk: nobody listens" {
		t.Errorf("after Listen: %v", err)
	}
}

func TestRefusedCredentialsEndTheStart(t *testing.T) {
	s := organisation(t)
	p := platformOf(s, nil, nil)
	p.o.ClientSecret = "guess-me"
	err := p.Listen(t.Context(), nil)
	var refused *Refused
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "guess-me") || !strings.Contains(err.Error(), "client_secret") || strings.Contains(err.Error(), "\n") {
		t.Errorf("Listen ended with %v", err)
	}
}

func TestCredentialsThatAreRefusedLaterAreReported(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	reset := s.Fail("/v1.0/gateway/connections/open", dingfake.Refused(http.StatusUnauthorized, "authFailed", "鉴权失败").Always())
	s.DropSockets()
	eventually(t, "Ready names the credentials", func() bool {
		err := l.Ready()
		return err != nil && (strings.Contains(err.Error(), "authFailed"))
	})
	reset.Lift()
	s.Connected(2)
	eventually(t, "ready again", func() bool { return l.Ready() == nil })
}

// TestNoSecretIsLogged: the SDK would log the secret, tickets and what people said.
func TestNoSecretIsLogged(t *testing.T) {
	var book logbook
	s := organisation(t, dingfake.Repush(50*time.Millisecond))
	s.FailSocket(dingfake.RefusesOpen, 1)
	s.FailSocket(dingfake.RefusesSocket, 1)
	l := listen(t, s, logs(&book), func(p *Platform) { p.pace.trying = 20 * time.Millisecond })
	l.heard.says(func(m chat.Message) error { return errors.New("disk full") })
	s.Say(front, hong, "@管家 密码是hunter2").Delivery().Answered(500)
	s.DropSockets()
	s.Connected(2)
	s.Frame("{broken hunter2")
	s.Say(front, hong, "@管家 hunter2", dingfake.WithoutField("conversationId"), dingfake.WithField("msgtype", 7)).Acked()
	l.end()
	if out := book.String(); !strings.Contains(out, "is connected") {
		t.Errorf("nothing was logged:\n%s", out)
	} else {
		for _, bad := range []string{s.ClientSecret, "ticket-", "session=", "hunter2", "小红"} {
			if strings.Contains(out, bad) {
				t.Errorf("%q was logged:\n%s", bad, out)
			}
		}
	}
}

// TestWhatTheBotDoesNotTakeIsTriedAgain: DingTalk may never bring it again.
func TestWhatTheBotDoesNotTakeIsTriedAgain(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	tries := 0
	l.heard.says(func(chat.Message) error {
		if tries++; tries <= 2 {
			return errAway
		}
		return nil
	})
	said := s.Say(front, hong, "@管家 网站打不开")
	said.Acked()
	if tries != 3 || said.Delivery().Tries() != 1 {
		t.Errorf("heard at attempt %d, of %d pushes", tries, said.Delivery().Tries())
	}
}

func TestWhatIsGivenUpIsSaid(t *testing.T) {
	s := organisation(t)
	h := newHost()
	l := listen(t, s, meets(h), func(p *Platform) { p.pace.trying = 50 * time.Millisecond })
	l.heard.says(func(chat.Message) error { return errAway })
	said := s.Say(front, hong, "@管家 网站打不开")
	said.Delivery().Answered(500)
	eventually(t, "the front is told", func() bool { return len(h.gaps()) == 1 })
	if g := h.gaps()[0]; g.room != room(front) || g.from.After(s.Now()) || g.to.Before(g.from) {
		t.Errorf("told %+v", g)
	}
	if l.Count.Refused.Load() != 1 {
		t.Errorf("counted %d", l.Count.Refused.Load())
	}
	l.heard.says(nil)
	s.Redeliver(said.Delivery()) // and if it comes again after all, it is heard
	if m := l.got(1)[0]; m.ID != said.ID {
		t.Errorf("heard %+v", m)
	}
}

// TestEveryCopyIsHeardOnce: at once, while it is being heard, after a lost
// acknowledgement, with the push id of before or another.
func TestEveryCopyIsHeardOnce(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		t.Run(fmt.Sprintf("fresh=%v", fresh), func(t *testing.T) {
			opts := []dingfake.Option{dingfake.Repush(30*time.Millisecond, 0, 0, 0, 0, 0, 0)}
			if fresh {
				opts = append(opts, dingfake.FreshPushIDs())
			}
			s := organisation(t, opts...)
			l := listen(t, s)
			s.Twice(true)
			s.Say(front, hong, "@管家 一").Acked()
			l.got(1)
			s.Twice(false)
			s.LoseAcks(1)
			second := s.Say(front, hong, "@管家 二")
			second.Acked()
			l.got(2)

			release := make(chan struct{})
			l.heard.says(func(chat.Message) error { <-release; return nil })
			slow := s.Say(front, hong, "@管家 三")
			slow.Delivery().Tried(3) // it comes again while it is being heard
			close(release)
			slow.Acked()
			l.got(3)
			s.Redeliver(slow.Delivery())
			eventually(t, "all five copies are noticed", func() bool { return l.Count.Again.Load() >= 5 })
			l.got(3)
		})
	}
}

// TestASlowRoomDelaysNoOther, and the order of a room is that of its people.
func TestASlowRoomDelaysNoOther(t *testing.T) {
	s := organisation(t, dingfake.Patience(20*time.Second))
	l := listen(t, s)
	release := make(chan struct{})
	l.heard.says(func(m chat.Message) error {
		if m.Room.ID == front {
			<-release
		}
		return nil
	})
	var slow []*dingfake.Said
	began := s.Now()
	for i := range 150 { // more than the 100 that the SDK hears at once unless told otherwise
		slow = append(slow, s.Say(front, hong, fmt.Sprintf("@管家 %d", i), dingfake.At(began.Add(time.Duration(i)*time.Millisecond))))
	}
	s.Say(back, zhang, "@管家 /timers").Acked()
	l.got(1)
	close(release)
	for _, said := range slow {
		said.Acked()
	}
	for i, m := range l.got(151)[1:] {
		if m.Text != fmt.Sprint(i) {
			t.Fatalf("message %d of the room is %q", i, m.Text)
		}
	}
}

// TestABurst: 3 000 messages in many rooms, each heard once and acknowledged.
func TestABurst(t *testing.T) {
	if testing.Short() {
		t.Skip("3 000 messages")
	}
	s := organisation(t, dingfake.Patience(60*time.Second))
	for i := range 50 {
		s.Group(fmt.Sprintf("cid%d==", i), dingfake.With(hong))
	}
	l := listen(t, s)
	const n = 3000
	for i := range n {
		s.Say(fmt.Sprintf("cid%d==", i%50), hong, fmt.Sprintf("@管家 %d", i))
	}
	s.Settled()
	seen := map[string]bool{}
	for _, m := range l.got(n) {
		seen[m.ID] = true
	}
	if len(seen) != n {
		t.Errorf("heard %d of %d", len(seen), n)
	}
}

func TestATooFullRoomIsSaid(t *testing.T) {
	s := organisation(t, dingfake.Patience(20*time.Second))
	h := newHost()
	l := listen(t, s, meets(h))
	release := make(chan struct{})
	var once sync.Once
	entered := make(chan struct{})
	l.heard.says(func(chat.Message) error { once.Do(func() { close(entered) }); <-release; return nil })
	for i := range perRoom + 10 {
		s.Say(front, hong, fmt.Sprintf("@管家 %d", i))
	}
	<-entered
	eventually(t, "some found no place", func() bool { return l.Count.Refused.Load() >= 9 })
	eventually(t, "the front is told once", func() bool { return len(h.gaps()) == 1 })
	close(release)
	eventually(t, "the others are heard", func() bool { return len(l.got(perRoom+10-int(l.Count.Refused.Load()))) >= perRoom })
}

func TestTheEndHearsToTheEnd(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	entered, release := make(chan struct{}), make(chan struct{})
	l.heard.says(func(chat.Message) error { close(entered); <-release; return nil })
	said := s.Say(front, hong, "@管家 网站打不开")
	<-entered
	ended := make(chan struct{})
	go func() { l.end(); close(ended) }()
	select {
	case <-ended:
		t.Error("Listen ended while a message was being heard")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-ended
	said.Acked()
	l.got(1)
	s.Connected(0)
}

func TestTheEndWaitsForNobodyForLong(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	entered := make(chan struct{})
	hung := make(chan struct{})
	l.heard.says(func(chat.Message) error { close(entered); <-hung; return context.Canceled })
	s.Say(front, hong, "@管家 网站打不开")
	<-entered
	time.AfterFunc(parting+50*time.Millisecond, func() { close(hung) })
	began := time.Now()
	l.end()
	if took := time.Since(began); took > parting+2*time.Second {
		t.Errorf("Listen took %s to end", took)
	}
}

// TestWhatWasDeclinedIsAcknowledged: nothing would help it, and nobody but its
// sender is told.
func TestWhatWasDeclinedIsAcknowledged(t *testing.T) {
	s := organisation(t)
	l := listen(t, s)
	tries := 0
	l.heard.says(func(chat.Message) error { tries++; return &chat.Declined{Text: "缺少工单编号"} })
	said := s.Say(front, hong, "@管家 /reply")
	said.Acked()
	s.Redeliver(said.Delivery())
	eventually(t, "it is known", func() bool { return l.Count.Again.Load() == 1 })
	if tries != 1 || l.Count.Refused.Load() != 0 {
		t.Errorf("heard %d times, %d refused", tries, l.Count.Refused.Load())
	}
}
