package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"butler/integrations/slack/slackfake"
)

// newcomer is a customer for whom there are no rooms yet.
const newcomer = `  - {id: acme, name: 示例科技, edition: enterprise, front: slack, back: slack, tam: chen, contacts: [{id: lihua, name: 李华, slack: U77LIHUA}]}
`

// made waits until the app has made a room.
func made(t *testing.T, s *slackfake.Server, name string) slackfake.Room {
	t.Helper()
	var found slackfake.Room
	eventually(t, 15*time.Second, "there is a room "+name, func() error {
		for _, r := range s.Rooms() {
			if r.Name == name {
				found = r
				return nil
			}
		}
		return fmt.Errorf("rooms: %+v", s.Rooms())
	})
	return found
}

// onboard lets the manager ask for the rooms in the app's own chat, and returns
// them when it says that they stand.
func onboard(t *testing.T, s *slackfake.Server) (front, back slackfake.Room) {
	t.Helper()
	s.Acked(s.Slash(chen, s.Direct(chen), "/butler", "onboard acme wu@acme.example"))
	s.Expect(s.Direct(chen), "正在建群")
	s.Expect(s.Direct(chen), "群已建好", "客户群：slack:C", "专家群：slack:C")
	return made(t, s, "butler-acme"), made(t, s, "butler-acme-inside")
}

// A manager has the rooms of a new customer made, with the right people in each;
// what the customer says there is heard, also by a process that was started later.
func TestRoomsAreMadeOnSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	h := slackHouse{slack: s, customers: newcomer}
	dir := t.TempDir()
	p := beginSlack(t, dir, h)

	// Not by anybody's word.
	s.Acked(s.Slash(zhang, s.Direct(zhang), "/butler", "onboard acme"))
	s.Expect(s.Direct(zhang), "权限")
	if n := len(s.Calls("conversations.create")); n != 0 {
		t.Errorf("an expert had %d rooms made", n)
	}

	front, back := onboard(t, s)
	for _, r := range []slackfake.Room{front, back} {
		if !r.Private || r.Creator != slackfake.BotUser || !slices.Contains(r.Members, zhang) || !slices.Contains(r.Members, chen) || slices.Contains(r.Members, lihua) {
			t.Errorf("the room is %+v", r)
		}
	}
	for _, who := range []string{lihua, "wu@acme.example"} {
		if !slices.Contains(front.Invited, who) || slices.Contains(back.Invited, who) {
			t.Errorf("%s is to be invited to the front alone; invited are %v and %v", who, front.Invited, back.Invited)
		}
	}
	s.Expect(front.ID, "欢迎使用安全管家", "示例科技")
	s.Expect(back.ID, "#1", "首次沟通")

	// The customer comes, and is heard.
	s.Channel(front.ID, slackfake.SharedWith("T0ACME"), slackfake.With(lihua))
	s.Say(front.ID, lihua, "数据库主机出现勒索提示，文件被加密").Acked()
	s.Expect(front.ID, "#2", "已受理")
	ping := s.Expect(back.ID, "<@"+zhang+">", "#2")
	s.Acked(s.Press(zhang, ping.TS, "接手"))

	// So it is after a kill.
	s.Expect(front.ID, "张工 已接手")
	p.kill()
	p = beginSlack(t, dir, h)
	s.Say(front.ID, lihua, report("second")).Acked()
	s.Expect(front.ID, "#3", "second")
	s.Expect(back.ID, "<@"+zhang+">", "#3")

	// Asking again makes nothing anew.
	s.Acked(s.Slash(chen, s.Direct(chen), "/butler", "onboard acme"))
	s.Expect(s.Direct(chen), "首次沟通已经开始过")
	s.Settled()
	if n := len(s.Calls("conversations.create")); n != 2 {
		t.Errorf("%d rooms were made", n)
	}
	toldOnce(t, s)
	p.well(s, "勒索", "wu@acme.example")
}

// Of two processes one makes the rooms; what is said there at once is heard,
// whichever of them Slack tells.
func TestNewRoomsAreEverybodysAtOnce(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	s := slackWorkspace(t)
	h := slackHouse{slack: s, store: server.store(), customers: newcomer}
	dir := t.TempDir()
	a, b := runSlack(t, dir, h), runSlack(t, dir, h)
	a.ready()
	b.ready()
	s.Connected(2)

	front, back := onboard(t, s)
	s.Channel(front.ID, slackfake.SharedWith("T0ACME"), slackfake.With(lihua))
	var said []*slackfake.Said
	for i := range 3 { // not addressed: each is delivered once, to one of them
		said = append(said, s.Say(front.ID, lihua, fmt.Sprintf("/report incident urgent 主机 at-once-%d 出现勒索提示", i)))
	}
	for i, one := range said {
		one.Acked()
		s.Expect(front.ID, fmt.Sprintf("at-once-%d", i))
		s.Expect(back.ID, "<@"+zhang+">", fmt.Sprintf("at-once-%d", i))
	}
	toldOnce(t, s)
	a.well(s)
	b.well(s)
}
