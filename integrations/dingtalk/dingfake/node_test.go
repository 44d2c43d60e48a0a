package dingfake_test

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

	"butler/integrations/dingtalk/dingfake"
)

// nodeRobot is the official client on its way through a story.
type nodeRobot struct {
	t    *testing.T
	saw  chan map[string]any
	left []map[string]any
}

// node starts the judge, or skips where it is not installed.
func node(t *testing.T, s *dingfake.Server) *nodeRobot {
	t.Helper()
	dir := filepath.Join("testdata", "node")
	program, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "node_modules", "dingtalk-stream"))
	}
	if err != nil {
		t.Skip("the official client is not installed: with node and npm, run `npm ci` in integrations/dingtalk/dingfake/testdata/node")
	}
	cmd := exec.Command(program, "judge.mjs", s.URL(), s.ClientID, s.ClientSecret, s.Template)
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
	n := &nodeRobot{t: t, saw: make(chan map[string]any, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var line map[string]any
			if json.Unmarshal(lines.Bytes(), &line) == nil {
				n.saw <- line
			} else {
				t.Logf("node: %s", lines.Text())
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
			t.Logf("node's complaints:\n%s", &complaints)
		}
	})
	return n
}

// next waits until the client says it saw something.
func (n *nodeRobot) next(what string) map[string]any {
	n.t.Helper()
	for i, line := range n.left {
		if line["saw"] == what {
			n.left = append(n.left[:i:i], n.left[i+1:]...)
			return line
		}
	}
	timeout := time.After(10 * time.Second)
	for {
		select {
		case line := <-n.saw:
			switch line["saw"] {
			case what:
				return line
			case "error":
				n.t.Fatalf("node failed: %v %v", line["error"], line["body"])
			}
			n.left = append(n.left, line)
		case <-timeout:
			n.t.Fatalf("node did not see %q; it saw %v", what, n.left)
		}
	}
}

func (n *nodeRobot) expect(what string, want map[string]any) map[string]any {
	n.t.Helper()
	got := n.next(what)
	for k, v := range want {
		if got[k] != v {
			n.t.Errorf("node saw %s with %s = %v, want %v", what, k, got[k], v)
		}
	}
	return got
}

// TestTheOfficialClientAgrees drives dingtalk-stream for Node through a case: what
// it reads, says and answers is by the makers of DingTalk.
func TestTheOfficialClientAgrees(t *testing.T) {
	s := organisation(t, dingfake.Patience(10*time.Second), dingfake.Greets(), dingfake.Farewell(50*time.Millisecond), dingfake.PingEvery(50*time.Millisecond))
	n := node(t, s)
	n.next("connected")
	s.Connected(1)

	said := s.Say(front, lihua, "@管家 网站打不开了,全是博彩")
	said.Acked()
	n.expect("message", map[string]any{"text": " 网站打不开了,全是博彩", "staff": "", "nick": "李华", "type": "2", "kind": "text"})
	n.expect("answered", map[string]any{"errcode": 0.0})
	n.expect("delivered", map[string]any{"ok": true})
	card := s.Expect(front, "安全事件 #1", "待认领")

	s.Press(zhang, card.Card, map[string]any{"command": "/claim 1"}).Acked()
	n.expect("click", map[string]any{"command": "/claim 1", "user": zhang, "card": card.Card})
	if m := s.ExpectCard(card.Card, "已认领：staff01"); m.Params["title"] != "安全事件 #1" {
		t.Errorf("an answer by key left %v", m.Params)
	}

	s.Acked(s.Read(zhang, card.Key))
	n.expect("event", map[string]any{"kind": "robot_msg_read", "key": card.Key, "user": zhang})

	direct := s.Say(s.Direct(zhang), zhang, "在吗")
	direct.Acked()
	n.expect("message", map[string]any{"text": "在吗", "staff": zhang, "type": "1"})
	n.next("answered")

	s.Disconnect() // it waits until the gateway hangs up, and comes again
	s.Opened(2)
	s.Connected(1)
	s.Say(front, lihua, "@管家 还在吗").Acked()
	n.expect("message", map[string]any{"text": " 还在吗"})
	s.Settled()
}
