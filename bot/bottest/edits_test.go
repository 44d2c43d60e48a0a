package bottest_test

import (
	"testing"

	"butler/bot/desk"
)

// edit is the new text of a message.
func (s *stage) edit(room, user, of, text string) {
	s.Helper()
	m := s.message(room, user, text)
	m.Edits = of
	s.hear(m)
}

// lines are the events of a kind on a customer's timeline.
func (s *stage) lines(customer, kind string) (out []desk.Event) {
	for _, e := range s.b.Timeline(s.ctx, customer, 0) {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// A report that staff typed in the back room, and changed: what it says now is on
// the case's timeline, for staff alone.
func TestAReportFromInsideIsEdited(t *testing.T) {
	s := newStage(t, people)
	m := s.message("C0BACK", "U01", "/report 客户电话报告：数据库被加密")
	s.hear(m)
	s.edit("C0BACK", "U01", m.ID, "/report 客户电话报告：数据库被加密，疑似内部人员所为")
	got := s.lines("acme", "edited-inside")
	if len(got) != 1 || got[0].Case != 1 || got[0].By != "张工" || got[0].Text != "" || got[0].Inside != "/report 客户电话报告：数据库被加密，疑似内部人员所为" {
		t.Fatalf("the timeline has %+v", got)
	}
	s.types("C0BACK", "U01", "/timeline 1")
	s.wants("C0BACK", "疑似内部人员所为")
	s.types("C0FRONT", "U77", "/timeline 1")
	s.never("C0FRONT", "内部人员")
	s.never("C0FRONT", "修改了")
	m = s.message("C0BACK", "U01", "")
	m.Deletes = "m1"
	s.hear(m)
	if n := len(s.lines("acme", "deleted-inside")); n != 1 {
		t.Errorf("%d deletions are on the timeline", n)
	}
	s.never("C0BACK", "客户撤回")
}

// In a back room of two customers an edit goes to the case whose message it was.
func TestAnEditInASharedBackRoom(t *testing.T) {
	s := newStage(t, people+`  - {id: nova, name: 新星电商, edition: enterprise, front: "slack:C1F", back: "slack:C0BACK", tam: chen}
`)
	m := s.message("C0BACK", "U01", "/report nova# 客户电话报告：数据库被加密")
	s.hear(m)
	s.cases("nova", 1)
	s.edit("C0BACK", "U01", m.ID, "/report nova# 客户电话报告：邮件服务器被加密")
	if n := len(s.lines("nova", "edited-inside")); n != 1 {
		t.Errorf("%d edits are on the timeline of nova", n)
	}
}

// The reason for which staff reopen a case from the back room was never said in the
// front: when it is changed, its new words are not the customer's to read either.
func TestAReasonFromInsideIsEdited(t *testing.T) {
	s := newStage(t, people)
	s.says("C0FRONT", "U77", ransom)
	s.says("C0BACK", "U01", "/resolve 1 已清除勒索程序并恢复数据")
	m := s.message("C0BACK", "U01", "/reopen 1 又发现一台")
	s.hear(m)
	s.edit("C0BACK", "U01", m.ID, "/reopen 1 又发现一台，别告诉客户是我们漏了")
	s.types("C0FRONT", "U77", "/timeline 1")
	s.wants("C0FRONT", "又发现一台")
	s.never("C0FRONT", "漏了")
}

// What a customer changes in the front is passed on as before.
func TestAnEditInTheFront(t *testing.T) {
	s := newStage(t, people)
	m := s.message("C0FRONT", "U77", ransom)
	s.hear(m)
	s.edit("C0FRONT", "U77", m.ID, "是邮件服务器，不是数据库")
	s.wants("C0BACK", "是邮件服务器")
	if n := len(s.lines("acme", "edited")); n != 1 {
		t.Errorf("%d edits are on the timeline", n)
	}
}
