package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/integrations/slack/slackfake"
)

// painted stands for the picture of a chart: its bytes say which.
func painted(c card.Chart) ([]byte, error) {
	return fmt.Appendf(nil, "\x89PNG %s %d", c.Title, c.Days[0].High), nil
}

const altWords = "近 2 天，未修复的发现从 3 项到 1 项；可用率 99.9%"

// charted is a card with a chart, whose first day has so many findings.
func charted(room, key string, high int) bot.Sending {
	return sending(room, key, func(s *bot.Sending) {
		s.Card.Chart = &card.Chart{Title: "近 2 天", High: "高危", Medium: "中危", Low: "低危", Up: "可用率", Alt: altWords,
			Days: []card.ChartDay{{Label: "11-22", High: high, Up: 100}, {Label: "11-23", Up: 99.9}}}
		s.Card.Buttons = []card.Button{{Label: "查看", Command: "/findings"}}
	})
}

// painter is a platform that draws, and what it logs.
func painter(t *testing.T, s *slackfake.Server) (*Platform, *logged) {
	p := platform(t, s)
	l := &logged{}
	p.o.Draw, p.log = painted, slog.New(slog.NewTextHandler(l, nil))
	return p, l
}

// logged collects lines.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// sent sends a card, which must arrive once.
func sent(t *testing.T, s *slackfake.Server, p *Platform, o bot.Sending) slackfake.Message {
	t.Helper()
	before := len(s.Posted(o.Room.ID))
	r, err := p.Send(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Posted(o.Room.ID)) - before; n != 1 {
		t.Errorf("%d messages were posted, want one", n)
	}
	return s.Message(r.Ref)
}

func uploads(s *slackfake.Server) int { return len(s.Calls("files.getUploadURLExternal")) }

func TestAPictureStandsUnderItsLines(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	m := sent(t, s, p, charted(front, "k1", 3))
	files := s.Pictures(m.TS)
	if want, _ := painted(*charted(front, "", 3).Card.Chart); len(files) != 1 || !bytes.Equal(files[0].Content, want) {
		t.Fatalf("the message shows %+v", files)
	}
	blocks := string(m.Blocks)
	if words, picture, buttons := strings.Index(blocks, "勒索"), strings.Index(blocks, "slack_file"), strings.Index(blocks, `"actions"`); words > picture || picture > buttons {
		t.Errorf("the picture belongs between lines and buttons: %s", blocks)
	}
	if !strings.Contains(blocks, `"alt_text":"`+altWords) || strings.Count(blocks, altWords) != 1 {
		t.Errorf("the picture says in words what it shows, once: %s", blocks)
	}
	if p.Count.Pictures.Load() != 1 || p.Count.Unpictured.Load() != 0 {
		t.Errorf("counted %d and %d", p.Count.Pictures.Load(), p.Count.Unpictured.Load())
	}
	if n := len(s.Posted(front)); n != 1 {
		t.Errorf("the upload itself was posted: %d messages", n)
	}
}

func TestAnEditUploadsOnlyWhatChanged(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	ctx := context.Background()
	m := sent(t, s, p, charted(front, "k1", 3))
	first := s.Pictures(m.TS)[0].ID
	same := charted(front, "k1", 3)
	same.Card.Title = "安全事件 #1 已解决"
	if _, err := p.Edit(ctx, m.TS, same); err != nil {
		t.Fatal(err)
	}
	if now := s.Pictures(m.TS); uploads(s) != 1 || len(now) != 1 || now[0].ID != first {
		t.Errorf("an edit with the same chart: %d uploads, it shows %+v", uploads(s), now)
	}
	if _, err := p.Edit(ctx, m.TS, charted(front, "k1", 4)); err != nil {
		t.Fatal(err)
	}
	if now := s.Pictures(m.TS); uploads(s) != 2 || len(now) != 1 || now[0].ID == first {
		t.Errorf("an edit with another chart: %d uploads, it shows %+v", uploads(s), now)
	}
	if sent(t, s, p, charted(back, "k2", 3)); uploads(s) != 3 {
		t.Errorf("two rooms share a file: whoever sees it in one learns of the other")
	}
}

// A send that may have arrived is found by its key: neither the message nor the
// picture comes twice.
func TestAPictureAfterALostAnswer(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	s.Fail("chat.postMessage", slackfake.DropsAfter())
	o := charted(front, "k1", 3)
	if _, err := p.Send(context.Background(), o); err == nil {
		t.Fatal("the answer was lost, and nobody noticed")
	}
	o.Attempt = 2
	r, err := p.Send(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Posted(front)); n != 1 || uploads(s) != 1 || len(s.Pictures(r.Ref)) != 1 {
		t.Errorf("%d messages, %d uploads, %d pictures; want one of each", n, uploads(s), len(s.Pictures(r.Ref)))
	}
}

// Slack refuses the block of a file that it has not looked at yet.
func TestAFileThatIsNotReadyYet(t *testing.T) {
	s := workspace(t, slackfake.Develops(800*time.Millisecond))
	p, l := painter(t, s)
	m := sent(t, s, p, charted(front, "k1", 3))
	if len(s.Pictures(m.TS)) != 1 || p.Count.Unpictured.Load() != 0 || l.String() != "" {
		t.Errorf("a moment's patience would have shown the picture: %s%s", m.Blocks, l)
	}
}

func TestAFileThatSlackNeverShows(t *testing.T) {
	s := workspace(t, slackfake.Develops(time.Hour))
	p, l := painter(t, s)
	m := sent(t, s, p, charted(front, "k1", 3))
	if len(s.Pictures(m.TS)) != 0 || !m.Contains(altWords) {
		t.Errorf("want the words of the picture: %s", m.Blocks)
	}
	if _, err := p.Edit(context.Background(), m.TS, charted(front, "k1", 3)); err != nil || uploads(s) != 1 {
		t.Errorf("the edit: %v, %d uploads", err, uploads(s))
	}
	if p.Count.Unpictured.Load() != 1 || strings.Count(l.String(), "without its picture") != 1 {
		t.Errorf("counted %d, logged %q; want one of each", p.Count.Unpictured.Load(), l)
	}
}

// Whatever happens to the picture, the message goes at once, says in words what the
// picture would show, and Ready says nothing: the picture is the least of it.
func TestTroubleWithAPictureNeverCostsTheMessage(t *testing.T) {
	for _, test := range []struct {
		name   string
		method string
		fault  slackfake.Fault
		log    string
	}{
		{"no scope", "files.getUploadURLExternal", slackfake.MissingScope("files:write"), "the app needs files:write"},
		{"refused", "files.getUploadURLExternal", slackfake.Refused("not_allowed"), "not_allowed"},
		{"limited", "files.getUploadURLExternal", slackfake.RateLimited(30 * time.Second), "rate limit"},
		{"server error", "files.getUploadURLExternal", slackfake.Status(http.StatusBadGateway), "502"},
		{"a page of HTML", "files.getUploadURLExternal", slackfake.Garbage(), "files.getUploadURLExternal"},
		{"the file is refused", "upload", slackfake.Status(http.StatusInternalServerError), "500"},
		{"the file is lost", "upload", slackfake.Garbage(), "file_not_found"},
		{"the file is dropped", "upload", slackfake.DropsBefore(), "upload"},
		{"not completed", "files.completeUploadExternal", slackfake.Refused("file_not_found"), "file_not_found"},
		{"completed without an answer", "files.completeUploadExternal", slackfake.DropsAfter(), "files.completeUploadExternal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := workspace(t)
			p, l := painter(t, s)
			p.state.up()
			s.Fail(test.method, test.fault.Always())
			m := sent(t, s, p, charted(front, "k1", 3))
			if len(s.Pictures(m.TS)) != 0 || !m.Contains(altWords) || !m.Contains("勒索") {
				t.Errorf("want the card with the words of its picture: %s", m.Blocks)
			}
			n := uploads(s)
			sent(t, s, p, charted(front, "k2", 4))
			if uploads(s) != n {
				t.Error("the next letter tries again at once: in an outage each would wait")
			}
			if got := l.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, test.log) {
				t.Errorf("logged %q; want one line with %q", got, test.log)
			}
			if strings.Contains(l.String(), "/upload/") || strings.Contains(l.String(), s.BotToken) {
				t.Errorf("the line holds a secret: %s", l)
			}
			if p.Count.Unpictured.Load() != 2 || p.Ready() != nil {
				t.Errorf("counted %d, want 2; Ready says %v", p.Count.Unpictured.Load(), p.Ready())
			}
		})
	}
}

// A slow upload is given up; the message does not wait for it.
func TestASlowUploadIsGivenUp(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	s.Fail("upload", slackfake.Hangs())
	began := time.Now()
	m := sent(t, s, p, charted(front, "k1", 3))
	if took := time.Since(began); took < chartTime || took > chartTime+3*time.Second {
		t.Errorf("it took %s, the bound is %s", took, chartTime)
	}
	if !m.Contains(altWords) {
		t.Errorf("want the words of the picture: %s", m.Blocks)
	}
	s.Release()
}

// A chart that cannot be drawn says nothing of others.
func TestAChartThatCannotBeDrawn(t *testing.T) {
	s := workspace(t)
	p, l := painter(t, s)
	p.o.Draw = func(c card.Chart) ([]byte, error) {
		if c.Days[0].High < 0 {
			return nil, errors.New("chart: -1 findings")
		}
		return painted(c)
	}
	bad := sent(t, s, p, charted(front, "k1", -1))
	good := sent(t, s, p, charted(front, "k2", 1))
	if !bad.Contains(altWords) || len(s.Pictures(bad.TS)) != 0 || len(s.Pictures(good.TS)) != 1 {
		t.Errorf("one picture is due: %s, %s", bad.Blocks, good.Blocks)
	}
	if !strings.Contains(l.String(), "-1 findings") || !strings.Contains(l.String(), "can be shown again") {
		t.Errorf("logged %q", l)
	}
}

// For one person's eyes there is no picture: nobody sees a file that is not shared.
func TestAPrivateAnswerHasWords(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	o := charted(front, "k1", 3)
	o.Private, o.Person = true, zhang
	if _, err := p.Send(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	s.ExpectEphemeral(zhang, altWords)
	if uploads(s) != 0 {
		t.Error("a file was uploaded that nobody can see")
	}
}

// The blocks of other trouble are not blamed on the picture for ever: what Slack
// refuses without it too is refused.
func TestBlocksThatAreRefusedWithoutThePictureToo(t *testing.T) {
	s := workspace(t)
	p, _ := painter(t, s)
	s.Fail("chat.postMessage", slackfake.Refused("invalid_blocks").Always())
	if _, err := p.Send(context.Background(), charted(front, "k1", 3)); !never(err) {
		t.Errorf("%v; want Never", err)
	}
	if n := len(s.Calls("chat.postMessage")); n != chartTries+1 {
		t.Errorf("%d attempts, want %d", n, chartTries+1)
	}
}

func TestTheAlbumIsBounded(t *testing.T) {
	var a album
	for i := range 3 * maxAlbum {
		a.put(fmt.Sprint(i), "F")
	}
	if len(a.files) != maxAlbum || len(a.order) != maxAlbum {
		t.Errorf("it holds %d and %d, want %d", len(a.files), len(a.order), maxAlbum)
	}
	if _, known := a.get(fmt.Sprint(3*maxAlbum - 1)); !known {
		t.Error("the newest is gone")
	}
}
