package slackfake_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// boltBot is the official client on its way through a story.
type boltBot struct {
	t    *testing.T
	saw  chan map[string]any
	left []map[string]any
}

// bolt starts the judge, or skips where it is not installed.
func bolt(t *testing.T, s *slackfake.Server) *boltBot {
	t.Helper()
	dir := filepath.Join("testdata", "bolt")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "node_modules", "@slack", "bolt"))
	}
	if err != nil {
		t.Skip("the official client is not installed: with node and npm, run `npm ci` in integrations/slack/slackfake/testdata/bolt")
	}
	cmd := exec.Command(node, "judge.cjs", s.URL(), s.AppToken, s.BotToken)
	cmd.Dir = dir
	var complaints strings.Builder
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &boltBot{t: t, saw: make(chan map[string]any, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var line map[string]any
			if json.Unmarshal(lines.Bytes(), &line) == nil {
				b.saw <- line
			} else {
				t.Logf("bolt: %s", lines.Text())
			}
		}
		io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		in.Close()
		stop := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		defer stop.Stop()
		<-read
		cmd.Wait()
		if t.Failed() {
			t.Logf("bolt's complaints:\n%s", &complaints)
		}
	})
	return b
}

// next waits until the client says it saw something.
func (b *boltBot) next(what string) map[string]any {
	b.t.Helper()
	for i, line := range b.left {
		if line["saw"] == what {
			b.left = append(b.left[:i:i], b.left[i+1:]...)
			return line
		}
	}
	timeout := time.After(10 * time.Second)
	for {
		select {
		case line := <-b.saw:
			switch line["saw"] {
			case what:
				return line
			case "error":
				b.t.Fatalf("bolt failed: %v", line["error"])
			}
			b.left = append(b.left, line)
		case <-timeout:
			b.t.Fatalf("bolt did not see %q; it saw %v", what, b.left)
		}
	}
}

func (b *boltBot) expect(what string, want map[string]any) map[string]any {
	b.t.Helper()
	got := b.next(what)
	for k, v := range want {
		if got[k] != v {
			b.t.Errorf("bolt saw %s with %s = %v, want %v", what, k, got[k], v)
		}
	}
	return got
}

// TestTheOfficialClientAgrees drives @slack/bolt through a case: what it reads,
// says and refuses is by the makers of Slack.
func TestTheOfficialClientAgrees(t *testing.T) {
	s := workspace(t, slackfake.Patience(10*time.Second))
	s.Say(front, lihua, "你好", slackfake.Unheard())
	b := bolt(t, s)
	b.next("started")
	s.Connected(1)

	said := s.Say(front, lihua, "<@"+slackfake.BotUser+"> 数据库主机出现勒索提示")
	b.expect("message", map[string]any{"user": lihua, "team": acme})
	b.expect("mention", map[string]any{"user": lihua})
	card := s.ExpectReply(front, said.TS, "安全事件 #1")
	b.expect("posted", map[string]any{"ts": card.TS})
	if card.Metadata == nil || card.Metadata.Type != "butler_notice" {
		t.Errorf("the card has the metadata %v", card.Metadata)
	}

	s.Press(zhang, card.TS, "回复")
	view := b.expect("action", map[string]any{"value": "/reply 1", "channel": front})["view"].(string)
	s.ExpectView(zhang, "内容")
	refused := s.Submit(zhang, view, map[string]string{"say": "空"})
	if got := string(refused.Answer()); !strings.Contains(got, "请写点什么") || len(s.Views(zhang)) != 1 {
		t.Errorf("the refused modal answered %s; open are %d", got, len(s.Views(zhang)))
	}
	s.Submit(zhang, view, map[string]string{"text": "正在排查"})
	b.expect("view", map[string]any{"said": "正在排查", "user": zhang})
	if m := s.ExpectEdit(card.TS, "已回复：正在排查"); len(m.Blocks) != 0 {
		t.Errorf("blocks: [] left %s", m.Blocks)
	}

	s.Slash(zhang, back, "/butler", "claim 1")
	b.expect("command", map[string]any{"text": "claim 1", "user": zhang})
	s.ExpectEphemeral(zhang, "收到 claim 1")
	s.Expect(back, "大家看：claim 1")

	b.expect("edited", map[string]any{"text": "已回复：正在排查", "before": "安全事件 #1"}) // the app's own chat.update
	s.Edit(said.TS, "两台数据库主机出现勒索提示")
	b.expect("edited", map[string]any{"text": "两台数据库主机出现勒索提示"})
	s.React(zhang, said.TS, "rotating_light")
	b.expect("reaction", map[string]any{"name": "rotating_light", "ts": said.TS})
	s.Say(front, lihua, "截图", slackfake.WithFile("ransom.png", 10))
	b.expect("file", map[string]any{"name": "ransom.png"})
	s.OpenHome(zhang)
	b.expect("home", map[string]any{"user": zhang})
	s.ExpectHome(zhang, "我的工单")

	limited := s.Fail("conversations.history", slackfake.RateLimited(time.Second))
	s.Shortcut(zhang, "report", said.TS)
	got := b.expect("shortcut", map[string]any{"history": 3.0, "more": false, "upload": true})
	if limited.Hits() != 1 || len(s.Calls("conversations.history")) != 2 {
		t.Errorf("the official client waits for Retry-After and asks again; it asked %d times", len(s.Calls("conversations.history")))
	}
	if got["text"] != "两台数据库主机出现勒索提示" {
		t.Errorf("the shortcut was for %v", got["text"])
	}
	s.ExpectEphemeral(zhang, "已登记")
	if m := s.Expect(front, "见附件"); len(m.Files) != 1 || string(m.Files[0].Content) != "# 报告" {
		t.Errorf("uploaded: %+v", m.Files)
	}
	s.Delete(said.TS) // the card hangs under it
	b.expect("edited", map[string]any{"text": "This message was deleted.", "before": "两台数据库主机出现勒索提示"})
	lone := s.Say(front, lihua, "发错了")
	s.Delete(lone.TS)
	b.expect("deleted", map[string]any{"ts": lone.TS})
	s.Settled()
}
