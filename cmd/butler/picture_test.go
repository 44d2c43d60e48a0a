package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/chart"
	"butler/integrations/slack/slackfake"
	"butler/integrations/sqlite"
)

// mornings leaves behind in a directory what the bot would have: it ran on the two
// days before today, looked, and told its summaries.
func mornings(t *testing.T, dir, yaml, platform, back, expert string) {
	t.Helper()
	write(t, dir, "before.yaml", yaml)
	c, err := config.Load(filepath.Join(dir, "before.yaml"), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().AddDate(0, 0, -2)
	clock := func() time.Time { return now }
	store, err := sqlite.Open(filepath.Join(dir, "butler.db"), sqlite.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	fake := bottest.NewFake(platform, clock)
	b := bot.New(bot.Options{Store: store, Directory: wire.Directory(c), Platforms: []bot.Platform{fake}, Parallel: 1})
	ctx := context.Background()
	if err := b.Apply(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		found := []desk.Found{{ID: "tls/1", Layer: desk.LayerApplication, Asset: "https://www.example.com", Title: "证书将在 12 天后到期", Severity: desk.Medium}}
		look := desk.Looked{Source: desk.Probe, Findings: found, Tries: 48, Good: 48 - i, Layers: []desk.LayerLook{{Layer: desk.LayerApplication, At: now, Assets: 1}}}
		if err := b.Handle(ctx, "acme", desk.Input{Actor: desk.Actor{Role: desk.System}, Act: look}); err != nil {
			t.Fatal(err)
		}
		if err := b.Hear(ctx, chat.Message{Room: chat.Room{Platform: platform, ID: back}, ID: fmt.Sprint("m", i), Sender: chat.Person{ID: expert}, Text: "/inspect now", Command: true, SentAt: now}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Quiesce(ctx); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
}

// The summary of the third day reaches a channel of Slack with its picture, which
// is drawn, uploaded and shown by the real binary.
func TestThePictureOfASummaryOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	dir, house := t.TempDir(), slackHouse{slack: s, listen: "127.0.0.1:0"}
	mornings(t, dir, house.yaml(), "slack", back, zhang)
	p := beginSlack(t, dir, slackHouse{slack: s})
	s.Acked(s.Slash(zhang, back, "/butler", "inspect now"))
	eventually(t, 20*time.Second, "the summary stands there with its picture", func() error {
		for _, m := range s.Posted(front) {
			if files := s.Pictures(m.TS); len(files) == 1 {
				real(t, files[0].Content)
				if !strings.Contains(string(m.Blocks), "近 3 天") || !m.Contains("证书将在 12 天后到期") {
					t.Errorf("the picture has no words, or the summary: %s", m.Blocks)
				}
				return nil
			}
		}
		return fmt.Errorf("there are %d messages, none with a picture", len(s.Posted(front)))
	})
	s.Settled()
	p.counts("butler_slack_pictures_failed_total", 0)
	p.well(s)
}

// The same on DingTalk, as a card and as markdown.
func TestThePictureOfASummaryOnDingTalk(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain %t", plain), func(t *testing.T) {
			t.Parallel()
			s := organisation(t)
			dir, house := t.TempDir(), dingHouse{dingtalk: s, plain: plain}
			mornings(t, dir, house.yaml("127.0.0.1:0"), "dingtalk", dingBack, dingZhang)
			p := beginDingTalk(t, dir, house)
			s.Say(dingBack, dingZhang, toManager("/inspect now")).Acked()
			eventually(t, 20*time.Second, "the summary stands there with its picture", func() error {
				for _, m := range s.Posted(dingFront) {
					if all := s.Pictures(m.Words()); len(all) == 1 {
						real(t, all[0])
						if !m.Contains("近 3 天") || !m.Contains("证书将在 12 天后到期") || (m.Card == "") != plain {
							t.Errorf("the picture has no words, or the summary: %s", m.Words())
						}
						return nil
					}
				}
				return fmt.Errorf("there are %d messages, none with a picture", len(s.Posted(dingFront)))
			})
			s.Settled()
			p.counts("butler_dingtalk_pictures_failed_total", 0)
			p.well(s)
		})
	}
}

// A Slack that takes no files costs nobody the summary.
func TestASummaryWithoutItsPicture(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	s.Fail("files.getUploadURLExternal", slackfake.MissingScope("files:write").Always())
	dir := t.TempDir()
	mornings(t, dir, slackHouse{slack: s, listen: "127.0.0.1:0"}.yaml(), "slack", back, zhang)
	p := beginSlack(t, dir, slackHouse{slack: s})
	s.Acked(s.Slash(zhang, back, "/butler", "inspect now"))
	s.Expect(front, "证书将在 12 天后到期", "近 3 天，未修复的发现从")
	s.Settled()
	if n := strings.Count(p.stderr.String(), "without its picture"); n != 1 {
		t.Errorf("the log says it %d times: %s", n, p.stderr)
	}
	if code, body := p.readyz(); code != 200 {
		t.Errorf("/readyz is %d: %s", code, body)
	}
	p.well(s)
}

// On the page it is an image that really is shown, and says what it shows.
func TestThePictureOfASummaryOnThePage(t *testing.T) {
	t.Parallel()
	w, err := newDemoWorld(t.Context(), config.Sample(), t.TempDir(), "zh-CN", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.page.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("the page ended with %v", err)
		}
	})
	b := openBrowser(t, desktop, "http://"+ln.Addr().String()+"/")
	b.see("customer-acme", "示例科技")
	b.pause()
	for day := range 8 {
		look := desk.Looked{Source: desk.Probe, Tries: 144, Good: 144 - []int{0, 0, 1, 9, 2, 0, 0, 0}[day], Layers: []desk.LayerLook{{Layer: desk.LayerApplication, At: b.now(), Assets: 2}}}
		for i := range 2 + day%3 {
			look.Findings = append(look.Findings, desk.Found{ID: fmt.Sprint("headers/", i), Layer: desk.LayerApplication, Asset: "https://www.example.com",
				Title: fmt.Sprintf("缺少第 %d 个安全响应头", i+1), Severity: []desk.Severity{desk.Medium, desk.Low, desk.Low, desk.Medium}[i]})
		}
		if day != 4 { // a day on which nobody looked: but what was open stays so
			if err := w.view.b.Handle(t.Context(), "acme", desk.Input{Actor: desk.Actor{Role: desk.System}, Act: look}); err != nil {
				t.Fatal(err)
			}
		}
		b.say("back", "zhang", "/inspect now")
		if day < 7 {
			for end := b.now().Add(23 * time.Hour); b.now().Before(end); {
				b.next()
			}
		}
	}
	b.see("log-front > message[data-kind=inspection] > card-chart")
	eventually(t, patience, "the picture is shown", func() error {
		got := ask[string](b, `() => {
			const all = [...document.querySelectorAll('[data-testid="log-front"] img[data-testid="card-chart"]')];
			const i = all[all.length - 1];
			return i ? [i.complete, i.naturalWidth, i.naturalHeight, i.alt].join(' ') : 'none';
		}`)
		if want := fmt.Sprintf("true %d %d 近 ", chart.Width, chart.Height); !strings.HasPrefix(got, want) {
			return fmt.Errorf("it is %q", got)
		}
		return nil
	})
	b.shoot("summary")
	b.noSpill()
}

// real fails unless bytes are a picture as integrations/chart draws them.
func real(t *testing.T, picture []byte) {
	t.Helper()
	p, err := png.Decode(bytes.NewReader(picture))
	if err != nil || p.Bounds().Dx() != chart.Width || p.Bounds().Dy() != chart.Height {
		t.Fatalf("no picture of the summary: %v, %d bytes", err, len(picture))
	}
}
