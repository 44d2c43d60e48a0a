package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/bot/bottest/chattest"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// queue is the page of an expert: a case with buttons and a link.
func queue(title string) card.Card {
	return card.Card{Lang: "zh-CN", Title: title, Tone: card.Danger, Foot: "UTC+8",
		Lines:   []card.Line{{Kind: card.Field, Label: "最迟响应", Text: "10:15"}, {Kind: card.Quote, Text: "官网打不开 <!channel> *b*"}},
		Buttons: []card.Button{{Label: "接手", Command: "/claim acme#1"}, {Label: "回复", Command: "/reply 1", Asks: true}},
		Links:   []card.Link{{Label: "打开", URL: "https://home.slack.com/archives/C0BACK/p1"}}}
}

func published(s *slackfake.Server) int { return len(s.Calls("views.publish")) }

// Whoever opens the app sees their own page: an expert the queue, a stranger a
// welcome. Words of people stand there as they were written.
func TestHomeShowsWhatIsYours(t *testing.T) {
	s := workspace(t)
	r := forms()
	r.shows(zhang, card.Card{Lang: "zh-CN", Title: "张工的工作"}, queue("#1 官网打不开"))
	var h heard
	p := ready(t, s, r, h.hear)
	s.Acked(s.OpenHome(zhang), s.OpenHome(lihua))
	home := s.ExpectHome(zhang, "张工的工作", "■ #1 官网打不开", "最迟响应", "官网打不开 <!channel> *b*", "接手", "回复", "打开", "UTC+8")
	s.ExpectHome(lihua, "这里是安全管家。")
	if raw := string(home.Source); !strings.Contains(raw, `"divider"`) || strings.Contains(raw, "mrkdwn") || !strings.Contains(raw, `"url":"https://home.slack.com/archives/C0BACK/p1"`) {
		t.Errorf("the page is %s", raw)
	}

	// A link that is followed is noise; the other tab, and an event of nobody, are no page.
	n := published(s)
	noise := p.Count.Noise.Load()
	s.Acked(s.PressView(zhang, home.ID, "打开"),
		s.Event("", map[string]any{"type": "app_home_opened", "user": zhang, "tab": "messages"}),
		s.Event("", map[string]any{"type": "app_home_opened", "tab": "home"}),
		s.Event("", map[string]any{"type": "app_home_opened", "user": 7, "tab": "home"}))
	if got := p.Count.Noise.Load() - noise; got != 4 || published(s) != n || len(h.messages()) != 0 {
		t.Errorf("noise %d, published %d, heard %+v", got, published(s)-n, h.messages())
	}
}

// A button in the page is heard as said to the app alone, and the page follows;
// a form opens from there too.
func TestAPressInTheHome(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	r := forms()
	r.shows(zhang, queue("#1 官网打不开"))
	var h heard
	ready(t, s, r, func(ctx context.Context, m chat.Message) error {
		switch m.Text {
		case "/claim acme#1":
			r.shows(zhang, queue("#1 已接手"))
		case "/reply 1 在看":
			r.shows(zhang, queue("#1 已回复"))
		}
		return h.hear(ctx, m)
	})
	s.OpenHome(zhang)
	home := s.ExpectHome(zhang, "#1 官网打不开")
	s.Acked(s.PressView(zhang, home.ID, "/claim acme#1"))
	s.ExpectHome(zhang, "#1 已接手")
	s.Acked(s.PressView(zhang, home.ID, "/reply 1"))
	v := s.ExpectView(zhang, "回复客户")
	s.Acked(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "在看"}))
	s.ExpectHome(zhang, "#1 已回复")
	all := h.messages()
	direct := chat.Room{Platform: "slack", ID: zhang, Direct: true}
	if len(all) != 2 || all[0].Room != direct || all[1].Room != direct || !all[0].Command || !all[1].Form || all[0].Thread != "" || all[0].Sender.ID != zhang {
		t.Errorf("heard %+v", all)
	}
}

// What changed is shown to who has the page open, without their doing; what did
// not change for them is not published again.
func TestHomesFollowWhatChanged(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	r := forms()
	r.shows(zhang, queue("#1 官网打不开"))
	var h heard
	p := ready(t, s, r, h.hear)
	p.Changed() // nobody has a page open
	s.Acked(s.OpenHome(zhang), s.OpenHome(chen))
	s.ExpectHome(zhang, "#1 官网打不开")
	s.ExpectHome(chen, "安全管家")
	r.shows(zhang, queue("#1 已解决"))
	for range 100 {
		p.Changed()
	}
	s.ExpectHome(zhang, "#1 已解决")
	visits := r.visits()
	p.Changed()
	eventually(t, "both pages are looked at", func() bool { return r.visits() >= visits+2 })
	s.Say(front, lihua, "x").Acked()
	var of []string
	for _, c := range s.Calls("views.publish") {
		of = append(of, c.Params.Get("user_id"))
	}
	if n := strings.Count(strings.Join(of, " "), chen); n != 1 || len(of) > 4 {
		t.Errorf("published for %q", of)
	}
}

// Somebody who opens their page again and again is shown it every two seconds at
// most; a host that is slow or fails stops no message, and a limit is kept.
func TestHomesAreCalm(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	r := forms()
	r.hold = make(chan struct{})
	r.shows(zhang, queue("#1 官网打不开"))
	var h heard
	p := ready(t, s, r, h.hear)
	for range 20 {
		s.Acked(s.OpenHome(zhang))
	}
	s.Say(front, lihua, "还在吗").Acked()
	limited := s.Fail("views.publish", slackfake.RateLimited(4*time.Second))
	began := time.Now()
	close(r.hold)
	limited.Hit(1)
	s.ExpectHome(zhang, "#1 官网打不开")
	if d := time.Since(began); d < 4*time.Second {
		t.Errorf("a limit of four seconds was kept for %v", d)
	}
	s.OpenHome(zhang)
	s.OpenHome(zhang)
	n := published(s)
	eventually(t, "the page is shown once more", func() bool { return published(s) > n })
	var last time.Time
	for _, c := range s.Calls("views.publish")[1:] {
		if !last.IsZero() && c.At.Sub(last) < homeSpacing-50*time.Millisecond {
			t.Errorf("published %v after the last time", c.At.Sub(last))
		}
		last = c.At
	}
	if published(s) > 4 {
		t.Errorf("published %d times", published(s))
	}

	r.mu.Lock()
	r.broken, r.homes = errors.New("the store is away"), nil
	r.mu.Unlock()
	s.OpenHome(chen)
	visits := r.visits()
	eventually(t, "it is tried again", func() bool { return r.visits() >= visits+1 })
	r.mu.Lock()
	r.broken = nil
	r.mu.Unlock()
	s.ExpectHome(chen, "安全管家")
	if err := p.Ready(); err != nil {
		t.Errorf("Ready says %v", err)
	}
}

// A page keeps Slack's limits however much there is, and says what it left out.
func TestLimitsOfAHome(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("很长的一句话，没有尽头。<!channel>", 300)
	big := queue(long)
	for range 60 {
		big.Lines = append(big.Lines, card.Line{Kind: card.Field, Label: long, Text: long}, card.Line{Kind: card.Text, Text: long}, card.Line{Kind: card.Item, Text: long})
		big.Buttons = append(big.Buttons, card.Button{Label: long, Command: "/claim 1"})
		big.Links = append(big.Links, card.Link{Label: long, URL: "https://x/" + long[:300]})
	}
	small := card.Card{Lang: "en", Title: "#1"}
	for _, c := range []struct {
		name string
		card card.Card
		n    int
		left int // -1: some
	}{
		{"nobody has anything", small, 0, 0}, {"fifty small cards", small, 50, 0}, {"fifty-one", small, 51, 1}, {"a thousand", small, 1000, 950},
		{"one big card", big, 1, 0}, {"two hundred big ones", big, 200, -1}, {"empty cards", card.Card{}, 300, 0},
	} {
		cards := make([]card.Card, c.n)
		for i := range cards {
			cards[i] = c.card
		}
		blocks := home(cards)
		raw, err := json.Marshal(blocks)
		if err != nil || len(blocks) == 0 || len(blocks) > 100 || len(raw) > 250_000 {
			t.Errorf("%s: %v, %d blocks of %d bytes", c.name, err, len(blocks), len(raw))
		}
		end := string(chattest.JSON(t, blocks[len(blocks)-1]))
		said := ""
		if c.left > 0 {
			said = fmt.Sprintf("%d more not shown here.", c.left)
		} else if c.left < 0 {
			said = "项未在这里显示。"
		}
		if !strings.Contains(end, said) || said == "" && strings.Contains(end, "not shown") {
			t.Errorf("%s: it ends with %s", c.name, end)
		}
	}

	s := workspace(t)
	r := forms()
	r.shows(zhang, small, big, big, big, big, big, big, big, big, big, big, big, big)
	var h heard
	ready(t, s, r, h.hear)
	s.OpenHome(zhang)
	s.ExpectHome(zhang, "#1", "还有", "……") // the fake judges it
}

// The page ends with Listen, and begins anew with the next.
func TestHomesEndWithListen(t *testing.T) {
	s := workspace(t)
	r := forms()
	p := platform(t, s)
	p.Meet(r)
	for n := range 2 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Listen(ctx, func(context.Context, chat.Message) error { return nil }) }()
		s.Connected(1)
		s.OpenHome(zhang)
		eventually(t, "it is shown", func() bool { return published(s) == n+1 })
		s.OpenHome(zhang) // waits its two seconds when Listen ends
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		p.Changed()
		s.Connected(0)
	}
}

// The whole way through the real bot: the queue on an expert's page, a claim and
// a reply from there, a form without a number, and a form that is declined.
func TestFormsAndHomesOfTheRealBot(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	b := butler(t, platform(t, s))
	s.Connected(1)
	s.Say(front, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	board := s.Expect(front, "#1")
	s.Expect(back, "<@"+zhang+">")

	s.OpenHome(zhang)
	home := s.ExpectHome(zhang, "acme#1")
	s.Acked(s.PressView(zhang, home.ID, "/claim acme#1"))
	s.ExpectEdit(board.TS, "张工")
	home = s.ExpectHome(zhang, "acme#1", "答复")
	s.Acked(s.PressView(zhang, home.ID, "答复"))
	v := s.ExpectView(zhang, "#1")
	s.Acked(s.Submit(zhang, v.ID, map[string]string{fieldID + "0": "我是张工，正在排查。"}))
	s.Expect(front, "我是张工，正在排查。")

	s.Acked(s.Slash(zhang, back, "/butler", "resolve"))
	v = s.ExpectView(zhang, "数据库主机")
	s.Acked(s.Slash("U02LI", back, "/butler", "resolve"))
	other := s.ExpectView("U02LI", "数据库主机")
	last := fieldID + "0" // one case is open: the form has no choice
	s.Acked(s.Submit(zhang, v.ID, map[string]string{last: "已隔离主机并清除后门。"}))
	s.Expect(front, "已隔离主机并清除后门。")
	d := s.Submit("U02LI", other.ID, map[string]string{last: "我也解决了。"})
	if !strings.Contains(string(d.Answer()), "已经结束") || len(s.Views("U02LI")) != 1 {
		t.Errorf("what came too late is answered with %s", d.Answer())
	}

	s.Acked(s.Slash(lihua, front, "/butler", "report"))
	v = s.ExpectView(lihua)
	s.Acked(s.Submit(lihua, v.ID, map[string]string{fieldID + "1": "官网首页 <!channel> 被篡改"}))
	s.Expect(front, "#2", "官网首页 <!channel> 被篡改")
	s.Settled()
	if n := b.Count.Parked.Load() + b.Count.Never.Load(); n != 0 {
		t.Errorf("%d inputs were parked or letters refused", n)
	}
}
