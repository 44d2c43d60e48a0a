package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// The whole story over the socket: report, ping, claim by a button, answer by a
// form and by a command, question and answer, solution by a form, and the
// follow-up that is promised.
func TestTheStoryOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	p := beginSlack(t, t.TempDir(), slackHouse{slack: s})

	// The customer reports in plain words; the card is in the front, the question
	// who takes it in the back.
	said := s.Say(front, lihua, "数据库主机 10.0.0.8 出现勒索提示，所有文件都打不开了")
	said.Acked()
	board := s.Expect(front, "#1", "已受理", "最迟响应", "张工")
	ping := s.Expect(back, "<@"+zhang+">", "请接手")
	inside := s.Expect(back, "等待接手")
	if strings.Contains(board.Text, "<@") {
		t.Errorf("the customer's card mentions somebody: %s", board.Text)
	}
	if !strings.Contains(ping.Text, "<@"+zhang+">") {
		t.Errorf("only the text of a message notifies, and this one does not: %q", ping.Text)
	}

	// Taken with the button, which everybody sees on both cards.
	s.Acked(s.Press(zhang, ping.TS, "接手"))
	s.ExpectEdit(board.TS, "张工 已接手")
	s.ExpectEdit(inside.TS, "张工 已接手，还没有答复客户")
	s.Acked(s.OpenHome(zhang))
	s.ExpectHome(zhang, "acme#1", "您正在处理")

	// Answered by the form behind the button of the card, in the customer's sight.
	s.Acked(s.Press(zhang, inside.TS, "答复"))
	form := s.ExpectView(zhang, "答复内容", "数据库主机 10.0.0.8")
	s.Acked(s.Submit(zhang, form.ID, nil)) // nothing was typed: it stays open and says so
	if open := s.Views(zhang); len(open) != 1 || open[0].ID != form.ID {
		t.Fatalf("an empty form was taken: open are %v", open)
	}
	first := "我是张工，请先断开 10.0.0.8 的网络，我们正在取证。"
	s.Acked(s.Submit(zhang, form.ID, map[string]string{fieldOf(t, form): first}))
	if open := s.Views(zhang); len(open) != 0 {
		t.Errorf("the form was taken and still stands: %v", open)
	}
	answer := s.Expect(front, "张工 答复 #1", first)
	if answer.Thread != "" && answer.Thread != board.TS && answer.Thread != said.TS {
		t.Errorf("the answer hangs under %s", answer.Thread)
	}
	s.ExpectEdit(board.TS, "张工 正在处理", "响应")

	// And by a command.
	second := "已经隔离，正在核对备份。"
	s.Acked(s.Slash(zhang, back, "/butler", "reply 1 "+second))
	s.Expect(front, "张工 答复 #1", second)

	// A question, which the customer answers in the thread of the card.
	s.Acked(s.Slash(zhang, back, "/butler", "ask 1 最近一次备份是哪天？"))
	s.ExpectEdit(board.TS, "等待您补充信息", "最近一次备份是哪天？")
	s.Say(front, lihua, "昨晚 23 点的备份是好的", slackfake.InThread(board.TS)).Acked()
	s.Expect(back, "昨晚 23 点的备份是好的")
	s.ExpectEdit(board.TS, "张工 正在处理")

	// Solved by the form of another button.
	s.Acked(s.Press(zhang, inside.TS, "解决"))
	form = s.ExpectView(zhang, "结论")
	before := time.Now()
	s.Acked(s.Submit(zhang, form.ID, map[string]string{fieldOf(t, form): "已清除恶意程序，数据已从备份恢复。"}))
	s.ExpectEdit(board.TS, "已解决", "已清除恶意程序，数据已从备份恢复。", "保障期至")
	after := time.Now()
	s.ExpectEdit(inside.TS, "已解决")

	// The check-ins lie days ahead: they stand on the list of what falls due.
	s.Acked(s.Slash(zhang, back, "/butler", "timers 1"))
	due := s.ExpectEphemeral(zhang, "接下来的计时").Words()
	if strings.Contains(due, "最迟响应") || strings.Contains(due, "通知下一级") {
		t.Errorf("the promise was kept, and its clocks still run:\n%s", due)
	}
	if next, of := followup(before), followup(after); !strings.Contains(due, next) && !strings.Contains(due, of) {
		t.Errorf("the first check-in is not announced as %q:\n%s", of, due)
	}

	// The customer is content.
	s.Acked(s.Press(lihua, board.TS, "确认解决"))
	s.ExpectEdit(board.TS, "客户确认")

	s.Settled()
	for _, m := range s.Posted(front) {
		if m.Thread == "" && m.TS != board.TS && m.Contains("已受理") {
			t.Errorf("one case has a second card: %s", m.Words())
		}
	}
	if pings := mentions(s, back, zhang, "请接手"); pings != 1 {
		t.Errorf("the expert was asked %d times to take one case", pings)
	}
	p.well(s, "勒索", "我是张工", "备份")
}

// fieldOf is the id of the one thing that a form asks for.
func fieldOf(t *testing.T, v slackfake.View) string {
	t.Helper()
	var shown struct {
		Blocks []struct {
			Type string `json:"type"`
			ID   string `json:"block_id"`
		} `json:"blocks"`
	}
	if err := json.Unmarshal(v.Source, &shown); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range shown.Blocks {
		if b.Type == "input" {
			ids = append(ids, b.ID)
		}
	}
	if len(ids) != 1 {
		t.Fatalf("the form asks for %d things:\n%s", len(ids), v.Words())
	}
	return ids[0]
}

// followup is how the list of timers writes the check-in of the day after.
func followup(solved time.Time) string {
	day := solved.In(shanghai)
	return fmt.Sprintf("%s 回访 #1", onCard(time.Date(day.Year(), day.Month(), day.Day()+1, 10, 0, 0, 0, shanghai)))
}

// mentions counts the messages of a room that notify somebody and hold some words.
func mentions(s *slackfake.Server, room, who, words string) (n int) {
	for _, m := range s.Posted(room) {
		if strings.Contains(m.Text, "<@"+who+">") && m.Contains(words) {
			n++
		}
	}
	return n
}
