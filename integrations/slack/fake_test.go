package slack

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/slack/slackfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The people and rooms of the sample config.
const (
	front = "C0FRONT"
	back  = "C0BACK"
	zhang = "U01ZHANG"
	chen  = "U04CHEN"
	lihua = "U77LIHUA"
)

// workspace is a fake Slack with the people and rooms of the sample config.
func workspace(t *testing.T, options ...slackfake.Option) *slackfake.Server {
	s := slackfake.New(t, append([]slackfake.Option{slackfake.Patience(15 * time.Second)}, options...)...)
	s.Staff(zhang, "张工")
	s.Staff("U02LI", "李工")
	s.Staff("U03WANG", "王工")
	s.Staff(chen, "陈经理")
	s.Customer(lihua, "李华", "T0ACME")
	s.Channel(front, slackfake.SharedWith("T0ACME"), slackfake.With(zhang, lihua, chen))
	s.Channel(back, slackfake.Private(), slackfake.With(zhang, "U02LI", "U03WANG", chen))
	return s
}

// platform is a Platform that speaks to the fake and hears nothing yet.
func platform(t *testing.T, s *slackfake.Server) *Platform {
	p := New(Options{Pace: &bot.Pace{PerSecond: 1e6, Burst: 1e6}, AppToken: s.AppToken, BotToken: s.BotToken, APIURL: s.URL(), Silence: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	t.Cleanup(p.transport.CloseIdleConnections)
	return p
}

// listen lets a platform listen until the test ends.
func listen(t *testing.T, p *Platform, hear bot.Hear) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Listen(ctx, hear) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Listen ended with %v", err)
		}
	})
}

// heard collects what was heard, and refuses when told to.
type heard struct {
	mu      sync.Mutex
	all     []chat.Message
	refuse  int // so many times
	trouble error
}

func (h *heard) hear(_ context.Context, m chat.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse > 0 {
		h.refuse--
		return h.trouble
	}
	h.all = append(h.all, m)
	return nil
}

func (h *heard) messages() []chat.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.Message(nil), h.all...)
}

// eventually waits for a condition, bounded.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came true that %s", what)
		}
	}
}

// butler runs the real bot with a memory store on a platform, as its host where
// the test gave none.
func butler(t *testing.T, p *Platform) *bot.Bot {
	b := bot.New(bot.Options{Store: bottest.NewMem(time.Now), Directory: wire.Directory(config.Sample()), Platforms: []bot.Platform{p}})
	if p.host == nil {
		p.Meet(b)
	}
	listen(t, p, b.Hear)
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() {
		for ctx.Err() == nil {
			b.Tick(ctx)
			b.Deliver(ctx)
			rest(ctx, 20*time.Millisecond)
		}
	})
	t.Cleanup(func() { cancel(); loop.Wait() })
	return b
}

// sending is one card to a room.
func sending(room, key string, change func(*bot.Sending)) bot.Sending {
	s := bot.Sending{Key: key, Room: chat.Room{Platform: "slack", ID: room}, Attempt: 1,
		Card: card.Card{Title: "安全事件 #1", Lang: "zh-CN", Lines: []card.Line{{Kind: card.Text, Text: "数据库主机出现勒索提示"}}}}
	if change != nil {
		change(&s)
	}
	return s
}

func TestAStoryFromReportToResolution(t *testing.T) {
	s := workspace(t, slackfake.Spacing(time.Second))
	b := butler(t, platform(t, s))
	s.Connected(1)

	s.Say(front, lihua, "<@"+slackfake.BotUser+"> 数据库主机出现勒索提示，文件都打不开了").Acked()
	board := s.Expect(front, "#1", "最迟响应")
	ping := s.Expect(back, "<@"+zhang+">", "请接手")
	if strings.Contains(board.Text, "<@") {
		t.Errorf("the card of the customer mentions somebody: %s", board.Text)
	}

	click := s.Press(zhang, ping.TS, "/claim 1")
	s.Acked(click)
	s.ExpectEdit(board.TS, "张工")

	s.Acked(s.Slash(zhang, back, "/butler", "reply 1 我是张工，正在排查。"))
	s.Expect(front, "我是张工，正在排查。")
	s.Acked(s.Slash(zhang, back, "/resolve", "1 已隔离主机并清除后门。"))
	s.Expect(front, "已隔离主机并清除后门。")

	s.Settled()
	if n := b.Count.Parked.Load() + b.Count.Never.Load(); n != 0 {
		t.Errorf("%d inputs were parked or letters refused", n)
	}
	s.ExpectEdit(board.TS, "已解决") // the one card is edited in place
	var posts []string
	for _, m := range s.Posted(front) {
		if m.Thread == "" {
			posts = append(posts, m.Words())
		}
	}
	if len(posts) != 1 {
		t.Errorf("the customer has %d cards of one case: %q", len(posts), posts)
	}
}

// The same message by another event id, in another envelope, as a mention and as
// a message, is one report.
func TestRedeliveriesAreOneReport(t *testing.T) {
	s := workspace(t)
	b := butler(t, platform(t, s))
	s.Connected(1)
	said := s.Say(front, lihua, "<@"+slackfake.BotUser+"> 数据库主机出现勒索提示，文件都打不开了")
	said.Acked()
	for _, d := range said.Deliveries {
		s.Acked(s.Redeliver(d), s.Repeat(d))
	}
	s.Expect(front, "#1")
	s.Settled()
	for _, m := range s.Posted(front) {
		if m.Contains("#2") {
			t.Errorf("a redelivery became a report of its own: %s", m.Words())
		}
	}
	if b.Count.Seen.Load() == 0 {
		t.Error("nothing was recognised as known")
	}
}

// An edit and a deletion of a report are on the record.
func TestEditsAndDeletionsAreHeard(t *testing.T) {
	s := workspace(t)
	var h heard
	p := platform(t, s)
	listen(t, p, h.hear)
	s.Connected(1)
	said := s.Say(front, lihua, "数据库打不开")
	said.Acked()
	s.Unfurl(said.TS, "a page").Acked()
	s.Edit(said.TS, "数据库主机打不开").Acked()
	s.Delete(said.TS).Acked()
	s.Settled()
	all := h.messages()
	if len(all) != 3 || all[0].Text != "数据库打不开" || all[1].Edits != said.TS || all[1].Text != "数据库主机打不开" || all[2].Deletes != said.TS {
		t.Errorf("heard %+v", all)
	}
	if p.Count.Noise.Load() == 0 {
		t.Error("an unfolded link is noise and was not counted")
	}
}

// What people do beside the straight road, through the real bot.
func TestOtherWaysIn(t *testing.T) {
	s := workspace(t)
	b := butler(t, platform(t, s))
	s.Connected(1)

	s.Say(front, lihua, "大家好").Acked()
	odd := s.Say(front, lihua, "核心交换机的指示灯一直在闪")
	odd.Acked()
	s.Acked(s.Shortcut(lihua, reportCallback, odd.TS))
	s.Expect(front, "#1", "核心交换机的指示灯一直在闪")

	// A refusal is for the asker's eyes.
	s.Acked(s.Slash(lihua, front, "/butler", "claim 1"))
	s.ExpectEphemeral(lihua, "/butler claim", "权限")
	s.Acked(s.Slash(zhang, back, "/butler", ""))
	s.ExpectEphemeral(zhang, "/butler 接手")

	// An edit and a deletion of a report are told in the back.
	said := s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密")
	said.Acked()
	s.Expect(front, "已补充到 #1")
	s.Edit(said.TS, "数据库主机出现勒索提示，备份也被加密").Acked()
	s.Expect(back, "备份也被加密")

	// An expert asks in the app's own chat.
	s.Say(s.Direct(zhang), zhang, "/list").Acked()
	asked := s.Expect(s.Direct(zhang), "acme", "globex")
	s.Acked(s.Press(zhang, asked.TS, "acme"))
	s.Expect(s.Direct(zhang), "#1")

	// A command may be said to the app as well as typed with a slash.
	s.Say(back, zhang, "<@"+slackfake.BotUser+"> 接手 1").Acked()
	s.Expect(front, "张工 已接手")

	// Markup of a customer stays words.
	s.Say(front, lihua, "紧急！&lt;!channel&gt; 网站被挂马 <https://evil.example/x|点这里>").Acked()
	evil := s.Expect(back, "网站被挂马")
	if strings.Contains(evil.Text, "<!channel>") {
		t.Errorf("the text notifies everybody: %s", evil.Text)
	}
	s.Settled()
	if n := b.Count.Parked.Load() + b.Count.Never.Load(); n != 0 {
		t.Errorf("%d inputs were parked or letters refused", n)
	}
}

// A room that is gone becomes an input: a manager is told, nothing is repeated
// for ever.
func TestARoomThatIsGoneIsTold(t *testing.T) {
	s := workspace(t)
	b := butler(t, platform(t, s))
	s.Connected(1)
	s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	s.Expect(front, "#1")
	s.Expect(back, "<@"+zhang+">")
	s.Archive(front, true)
	s.Acked(s.Slash(zhang, back, "/butler", "reply 1 我是张工，正在排查。"))
	eventually(t, "it is counted", func() bool { return b.Count.Never.Load() > 0 })
	eventually(t, "somebody is told", func() bool {
		for _, m := range append(s.Posted(back), s.Posted(s.Direct(chen))...) {
			if m.Contains("is_archived") {
				return true
			}
		}
		return false
	})
}

// A limit in one room delays no other, and a send that may have arrived is not
// said twice.
func TestFaultsThroughTheRealBot(t *testing.T) {
	s := workspace(t)
	butler(t, platform(t, s))
	s.Connected(1)
	limited := s.Fail("chat.postMessage", slackfake.RateLimited(3*time.Second).In(front))
	s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	ping := s.Expect(back, "<@"+zhang+">")
	limited.Hit(1)
	card := s.Expect(front, "#1")
	if at := slackfake.Moment(ping.TS); !at.Before(slackfake.Moment(card.TS)) {
		t.Errorf("the ping at %v waited for the front at %v", at, slackfake.Moment(card.TS))
	}
	lost := s.Fail("chat.postMessage", slackfake.DropsAfter().In(front))
	s.Acked(s.Slash(zhang, back, "/butler", "claim 1 我是张工，正在排查。"))
	lost.Hit(1)
	eventually(t, "the answer is looked up", func() bool { return len(s.Calls("conversations.history"))+len(s.Calls("conversations.replies")) > 0 })
	s.Expect(front, "我是张工，正在排查。")
	rest(context.Background(), time.Second) // room for a second one, if there were one
	seen := map[string]int{}
	for _, m := range append(s.Posted(front), s.Posted(back)...) {
		if m.Metadata != nil {
			seen[string(m.Metadata.Payload)]++
		}
	}
	for key, n := range seen {
		if n > 1 {
			t.Errorf("%s was said %d times", key, n)
		}
	}
}

// BenchmarkFront is how many messages of a front room a second are heard,
// decided, committed to memory and acknowledged over the socket.
func BenchmarkFront(b *testing.B) {
	s := slackfake.New(b, slackfake.Patience(time.Minute), slackfake.AckWithin(time.Minute), slackfake.WithoutEcho())
	s.Customer(lihua, "李华", "T0ACME")
	s.Channel(front, slackfake.With(lihua))
	p := New(Options{Pace: &bot.Pace{PerSecond: 1e6, Burst: 1e6}, AppToken: s.AppToken, BotToken: s.BotToken, APIURL: s.URL()})
	o := bot.New(bot.Options{Store: bottest.NewMem(time.Now), Directory: wire.Directory(config.Sample()), Platforms: []bot.Platform{p}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Listen(ctx, o.Hear) }()
	s.Connected(1)
	for b.Loop() {
		var all []*slackfake.Said
		for range 100 {
			all = append(all, s.Say(front, lihua, "补充一条日志"))
		}
		for _, one := range all {
			one.Acked()
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	cancel()
	<-done
}
