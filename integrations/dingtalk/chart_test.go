package dingtalk

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/integrations/dingtalk/dingfake"
)

const altWords = "近 2 天，未修复的发现从 3 项到 1 项；可用率 99.9%"

// painted stands for the picture of a chart: its bytes say which.
func painted(c card.Chart) ([]byte, error) {
	return fmt.Appendf(nil, "\x89PNG %s %d", c.Title, c.Days[0].High), nil
}

// charted is news with a chart, whose first day has so many findings.
func charted(key string, high int) bot.Sending {
	s := news(key)
	s.Card.Chart = &card.Chart{Title: "近 2 天", High: "高危", Medium: "中危", Low: "低危", Up: "可用率", Alt: altWords,
		Days: []card.ChartDay{{Label: "11-22", High: high, Up: 100}, {Label: "11-23", Up: 99.9}}}
	return s
}

// draws gives a platform pictures.
func draws(p *Platform) { p.o.Draw = painted }

// withButton makes news something to press, and so a card.
func withButton(s bot.Sending) bot.Sending {
	s.Card.Buttons = []card.Button{{Label: "查看", Command: "/findings"}}
	return s
}

// only is the one message of the front.
func only(t *testing.T, s *dingfake.Server) dingfake.Message {
	t.Helper()
	all := s.Posted(front)
	if len(all) != 1 {
		t.Fatalf("%d messages in the front, want one", len(all))
	}
	return all[0]
}

func TestAPictureStandsInMarkdown(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws)
	o := charted("k1", 3)
	sent(t, p, o)
	m := only(t, s)
	want, _ := painted(*o.Card.Chart)
	if shown := s.Pictures(m.Text); len(shown) != 1 || !bytes.Equal(shown[0], want) {
		t.Errorf("the message shows %q: %s", shown, m.Text)
	}
	if strings.Count(m.Text, altWords) != 1 {
		t.Errorf("the picture says in words what it shows, once: %s", m.Text)
	}
	if s.Spent() != 2 || p.Count.Pictures.Load() != 1 || p.Count.Unpictured.Load() != 0 {
		t.Errorf("spent %d calls, want 2; counted %d and %d", s.Spent(), p.Count.Pictures.Load(), p.Count.Unpictured.Load())
	}
	if n := p.Count.Calls.Load(); n != 2 {
		t.Errorf("counted %d calls of the month, want 2", n)
	}
}

// On a card the picture has a slot of its own, whatever else the card says.
func TestAPictureStandsOnACard(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws)
	o := withButton(charted("k1", 3))
	o.Card.Lines = append(o.Card.Lines, card.Line{Kind: card.Text, Text: strings.Repeat("很长的一段话。", 3000)})
	r := sent(t, p, o)
	shown := 0
	c := s.Card(r.Ref)
	for i := range bodySlots {
		shown += len(s.Pictures(c.Params[fmt.Sprint("body", i+1)]))
	}
	if shown != 1 {
		t.Fatalf("%d pictures on the card: %v", shown, c.Params)
	}
	same := withButton(charted("k1", 3))
	same.Card.Title = "已更新"
	if _, err := p.Edit(t.Context(), r.Ref, same); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Calls(mediaPath)); n != 1 {
		t.Errorf("%d uploads after an edit with the same chart, want one", n)
	}
	if _, err := p.Edit(t.Context(), r.Ref, withButton(charted("k1", 4))); err != nil {
		t.Fatal(err)
	}
	want, _ := painted(*charted("", 4).Card.Chart)
	if last := s.Pictures(s.Card(r.Ref).Params["body2"]); len(s.Calls(mediaPath)) != 2 || len(last) != 1 || !bytes.Equal(last[0], want) {
		t.Errorf("an edit with another chart: %d uploads, it shows %q in %v", len(s.Calls(mediaPath)), last, s.Card(r.Ref).Params)
	}
}

// A card that may stand already is not made twice, nor is its picture.
func TestAPictureAfterALostAnswer(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws)
	s.Fail(deliverPath, dingfake.DropsAfter())
	o := withButton(charted("k1", 3))
	if _, err := p.Send(t.Context(), o); err == nil {
		t.Fatal("the answer was lost, and nobody noticed")
	}
	o.Attempt = 2
	sent(t, p, o)
	if len(s.Calls(mediaPath)) != 1 || len(s.Cards(front)) != 1 {
		t.Errorf("%d uploads, %d cards; want one of each", len(s.Calls(mediaPath)), len(s.Cards(front)))
	}
}

func TestNoPictureWhileCallsAreSaved(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws, limited(100), on("2026-11-02T09:00:00+08:00"))
	for range 30 { // at this pace a hundred do not last
		p.ledger.count(t.Context())
	}
	if !budgetOf(t, p).Thrifty {
		t.Fatal("the budget is not thrifty, and this test tests nothing")
	}
	sent(t, p, charted("k1", 3))
	if m := only(t, s); len(s.Calls(mediaPath)) != 0 || !strings.Contains(m.Text, altWords) || len(s.Pictures(m.Text)) != 0 {
		t.Errorf("%d uploads; %s", len(s.Calls(mediaPath)), m.Text)
	}
	if p.Count.Unpictured.Load() != 1 {
		t.Errorf("counted %d", p.Count.Unpictured.Load())
	}
}

func TestTroubleWithAPictureNeverCostsTheMessage(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault dingfake.Fault
		log   string
	}{
		{"no permission", dingfake.PermissionDenied("qyapi_media"), "qyapi_media"},
		{"refused in a 200", dingfake.Errcode(40009, "不合法的图片文件大小"), "40009"},
		{"too often", dingfake.QPS(), "QpsLimit"},
		{"the month is used up", dingfake.OldOverQuota(), "90020"},
		{"banned", dingfake.Banned(), "no answer of the API"},
		{"server error", dingfake.Status(http.StatusBadGateway), "502"},
		{"nothing", dingfake.Empty(), "no answer of the API"},
		{"an old token, always", dingfake.Errcode(40014, "不合法的access_token"), "40014"},
		{"dropped", dingfake.DropsBefore(), mediaPath},
		{"done, and dropped", dingfake.DropsAfter(), mediaPath},
		{"no id", dingfake.Errcode(0, "ok"), "no id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := organisation(t)
			var l logbook
			p := speaker(t, s, draws, logs(&l))
			s.Fail(mediaPath, test.fault.Always())
			sent(t, p, charted("k1", 3))
			if m := only(t, s); !strings.Contains(m.Text, altWords) || len(s.Pictures(m.Text)) != 0 {
				t.Errorf("want the message with the words of its picture: %s", m.Text)
			}
			n := len(s.Calls(mediaPath))
			sent(t, p, charted("k2", 4))
			if len(s.Calls(mediaPath)) != n {
				t.Error("the next letter tries again at once: in an outage each would wait")
			}
			if got := l.String(); strings.Count(got, "without its picture") != 1 || !strings.Contains(got, test.log) {
				t.Errorf("logged %q; want one line with %q", got, test.log)
			}
			if strings.Contains(l.String(), "token0") || strings.Contains(l.String(), "access_token=") || strings.Contains(l.String(), s.ClientSecret) {
				t.Errorf("the line holds a secret: %s", l.String())
			}
			p.health.mu.Lock()
			bad := fmt.Sprint(p.health.bad)
			p.health.mu.Unlock()
			if p.Count.Unpictured.Load() != 2 || strings.Contains(bad, mediaPath) {
				t.Errorf("counted %d, want 2; Ready would say %s", p.Count.Unpictured.Load(), bad)
			}
		})
	}
}

// A token that DingTalk does not take any more is replaced once, for pictures too.
func TestAPictureWithAnOldToken(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws)
	sent(t, p, news("k0"))
	s.RevokeToken()
	sent(t, p, charted("k1", 3))
	if m := s.Posted(front)[1]; len(s.Pictures(m.Text)) != 1 {
		t.Errorf("no picture: %s", m.Text)
	}
}

func TestASlowUploadIsGivenUp(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, draws)
	s.Fail(mediaPath, dingfake.Hangs())
	began := time.Now()
	sent(t, p, charted("k1", 3))
	if took := time.Since(began); took < chartTime || took > chartTime+3*time.Second {
		t.Errorf("it took %s, the bound is %s", took, chartTime)
	}
	if m := only(t, s); !strings.Contains(m.Text, altWords) {
		t.Errorf("want the words of the picture: %s", m.Text)
	}
	s.Release()
}

// A chart that cannot be drawn says nothing of others.
func TestAChartThatCannotBeDrawn(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s)
	p.o.Draw = func(c card.Chart) ([]byte, error) {
		if c.Days[0].High < 0 {
			return nil, errors.New("chart: -1 findings")
		}
		return painted(c)
	}
	sent(t, p, charted("k1", -1))
	sent(t, p, charted("k2", 1))
	all := s.Posted(front)
	if len(s.Pictures(all[0].Text)) != 0 || !strings.Contains(all[0].Text, altWords) || len(s.Pictures(all[1].Text)) != 1 {
		t.Errorf("one picture is due: %s\n%s", all[0].Text, all[1].Text)
	}
}

// An answer of DingTalk never becomes markup.
func TestAnIdThatIsNone(t *testing.T) {
	for _, id := range []string{"", "a", "@x)](http://evil)", "@lAD\nX", "@lAD PX", strings.Repeat("a", 400)} {
		if mediaID.MatchString(id) {
			t.Errorf("%q is taken for the id of a picture", id)
		}
	}
	for _, id := range []string{"@lADPD26eObPUtHPNAQDNAZA", "$iAELAqNwbmc", "lALPDeC2uP-d_zDNAQ"} {
		if !mediaID.MatchString(id) {
			t.Errorf("%q is not taken for the id of a picture", id)
		}
	}
}
