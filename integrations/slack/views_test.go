package slack

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/bottest/chattest"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/cmd/wire"
	"butler/config"
)

// The words of the people in the views, by language: two reports, and who is who
// in testdata/page.
var viewed = map[string]struct{ customer, expert, first, second, answer string }{
	"zh-CN": {"U77LIHUA", "U01ZHANG", "数据库主机 10.8.0.15 出现勒索提示，文件都打不开了", "另外一个问题：官网首页被篡改成博彩页面", "已经在看，请先断开这台主机的网络"},
	"en":    {"U99KATE", "U01DANA", "Our database host 10.8.0.15 shows a ransom note and no file opens any more", "A different problem: our home page was defaced with gambling links", "Dana here. Please disconnect that host from the network"},
}

// TestGoldenViews holds an expert's own page and the forms, as the bot makes them
// of two open cases.
func TestGoldenViews(t *testing.T) {
	for _, lang := range card.Languages {
		c, err := config.Load(filepath.Join("testdata", "page", lang+".yaml"), config.Options{Play: true})
		if err != nil {
			t.Fatal(err)
		}
		now := bottest.DefaultStart
		clock := func() time.Time { return now }
		p := New(Options{})
		p.self.Store(&self{url: "https://team.slack.example/"})
		fake := linked{bottest.NewFake("slack", clock), p}
		b := bot.New(bot.Options{Store: bottest.NewMem(clock), Directory: wire.Directory(c), Platforms: []bot.Platform{fake}, Parallel: 1})
		ctx := context.Background()
		if err := b.Apply(ctx); err != nil {
			t.Fatal(err)
		}
		who := viewed[lang]
		say := func(after time.Duration, room, user, text string, command bool) chat.Message {
			now = now.Add(after)
			m := chat.Message{Room: chat.Room{Platform: "slack", ID: room}, ID: fmt.Sprintf("%d.000100", now.Unix()), Sender: chat.Person{ID: user}, Text: text, SentAt: now, Command: command}
			if command && text[len(text)-1] != '!' {
				return m
			}
			if err := b.Hear(ctx, m); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Quiesce(ctx); err != nil {
				t.Fatal(err)
			}
			return m
		}
		say(0, "C0FRONT", who.customer, who.first, false)
		say(2*time.Minute, "C0BACK", who.expert, "/claim 1", false)
		say(time.Minute, "C0BACK", who.expert, "/reply 1 "+who.answer, false)
		say(3*time.Minute, "C0FRONT", who.customer, who.second, false)
		now = now.Add(4 * time.Minute)

		cards, err := b.Home(ctx, "slack", who.expert)
		if err != nil {
			t.Fatal(err)
		}
		chattest.Golden(t, *update, lang, "view.home", slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: home(cards)}})
		for _, f := range []struct{ name, room, user, typed string }{
			{"view.form.reply", "C0BACK", who.expert, "/reply 1"},
			{"view.form.resolve", "C0BACK", who.expert, "/resolve"},
			{"view.form.report", "C0FRONT", who.customer, "/report"},
		} {
			m := say(0, f.room, f.user, f.typed, true)
			form, ok := b.Form(ctx, m)
			if !ok {
				t.Fatalf("%s: no form for %s", lang, f.typed)
			}
			v, err := modal(form, m, false)
			if err != nil {
				t.Fatal(err)
			}
			chattest.Golden(t, *update, lang, f.name, v)
		}
	}
}

// linked is a fake whose messages have Slack's addresses.
type linked struct {
	*bottest.Fake
	p *Platform
}

func (l linked) Link(room chat.Room, _ string) string { return l.p.Link(room, "1763865000.000100") }
