package bottest_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
)

// What can go wrong when rooms are made and bound while people talk in them: no
// word of one customer may reach a room of another, and none may be lost.

// aqua and beta are further customers whose front is still to be bound.
const (
	aqua = `  - {id: aqua, name: 水务, edition: enterprise, front: slack, back: "slack:C0BACK2", tam: chen}
`
	beta = `  - {id: beta, name: 贝塔, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`
)

// A bare /bind changes no room, wherever it is typed.
func TestBindWithoutArguments(t *testing.T) {
	s := newStage(t, newCustomer)
	s.types("C0FRONT", "U77", "/bind")
	s.types("C0FRONT", "U77", "/绑定")
	s.types("C0BACK", "U04", "/bind")
	s.types("@U04", "U04", "/bind")
	for room, n := range map[string]int{"C0FRONT": 2, "C0BACK": 1, "U04": 1} {
		if got := s.count(room, "没有执行", "客户 id"); got != n {
			t.Errorf("%d of %d are answered in %s: %q", got, n, room, s.shown(room))
		}
	}
	s.declines("C9", "U04", "/bind", "/bind 客户 front")
	s.rooms("nova", "", "")
}

// A one-to-one chat is nobody's room.
func TestBindInADirectChat(t *testing.T) {
	s := newStage(t, newCustomer)
	s.declines("@U04", "U04", "/bind nova front", "请在要绑定的群里")
	s.rooms("nova", "", "")
}

// When both rooms stand, which of them is meant must be said.
func TestBindWhenNoneIsMissing(t *testing.T) {
	s := newStage(t, newCustomer)
	s.types("C9", "U04", "/bind nova front")
	s.types("C10", "U04", "/bind nova back")
	s.declines("C11", "U04", "/bind nova", "写得不对")
	s.rooms("nova", "slack:C9", "slack:C10")
}

// A room of DingTalk is not bound where the config says Slack.
func TestBindOnAnotherPlatform(t *testing.T) {
	s := newStage(t, strings.Replace(newCustomer, "slack: U04}", "slack: U04, dingtalk: D04}", 1))
	m := s.command("cidX", "D04", "/bind nova back")
	m.Room.Platform = "dingtalk"
	if text := s.declined(m); !strings.Contains(text, "由配置文件指定") {
		t.Errorf("it is declined with %q", text)
	}
	s.rooms("nova", "", "")
}

// A customer's id is found however it is spelled.
func TestBindByAnIdInCapitals(t *testing.T) {
	s := newStage(t, strings.Replace(newCustomer, "id: nova", "id: Nova", 1))
	s.types("C9", "U04", "/bind Nova front")
	s.types("C10", "U04", "/bind nova back")
	s.rooms("Nova", "slack:C9", "slack:C10")
}

// A front room goes from one customer to another while a second process still
// believes the old: it hears the words for the new one.
func TestTwoProcessesRebind(t *testing.T) {
	yaml := newCustomer + aqua
	s := newStage(t, yaml)
	other := s.process(yaml)
	must(t, other.Apply(s.ctx))
	s.types("C9", "U04", "/bind aqua front")
	must(t, other.Rooms(s.ctx)) // the other process knows
	s.types("C10", "U04", "/bind aqua front")
	s.types("C9", "U04", "/bind nova front")
	s.types("C12", "U04", "/bind nova back")
	s.b = other
	s.says("C9", "U99", ransom)
	s.cases("aqua", 0)
	s.never("C10", ransom)
	s.never("C0BACK2", ransom)
	s.cases("nova", 1)
	s.wants("C12", ransom)
}

// A process that looks at the rooms again sees a front that went from one customer
// to another as the new one's, at the first look.
func TestRoomsAreSeenAnew(t *testing.T) {
	yaml := newCustomer + aqua
	s := newStage(t, yaml)
	s.types("C9", "U04", "/bind aqua front")
	other := s.process(yaml)
	must(t, other.Apply(s.ctx))
	s.wait(time.Minute)
	s.types("C10", "U04", "/bind aqua front")
	s.wait(time.Minute)
	s.types("C9", "U04", "/bind nova front")
	must(t, other.Rooms(s.ctx))
	for customer, want := range map[string]string{"aqua": "C10", "nova": "C9"} {
		if h, _ := other.Directory().Home(customer); h.Front.ID != want {
			t.Errorf("the front of %s is %q, want %s", customer, h.Front.ID, want)
		}
	}
}

// The config gives a room that was bound by hand to somebody else: nothing of the
// first customer is told in it any more.
func TestConfigTakesABoundRoom(t *testing.T) {
	s := newStage(t, newCustomer)
	s.types("C9", "U04", "/bind nova back")
	s.types("C10", "U04", "/bind nova front")
	s.boot(newCustomer + `  - {id: zeta, name: 泽塔, edition: enterprise, front: "slack:C9", back: "slack:CZ", tam: chen}
`)
	s.says("C10", "U88", ransom)
	s.never("C9")
	s.never("CZ")
	s.cases("zeta", 0)
	s.cases("nova", 1) // the customer is heard all the same
	s.types("C11", "U04", "/bind nova back")
	s.wait(time.Minute)
	s.wants("C11", ransom)
}

// A customer left the config and their room became another's. When they come
// back the room is not theirs again, whoever comes first by name: only who bound it
// last hears what is said in it.
func TestARoomThatWasGivenAway(t *testing.T) {
	for _, c := range []struct{ old, oldID, next, nextID, back string }{
		{aqua, "aqua", beta, "beta", "CB2"},
		{beta, "beta", aqua, "aqua", "C0BACK2"},
	} {
		s := newStage(t, people+c.old)
		s.types("C9", "U04", "/bind "+c.oldID+" front")
		s.boot(people + c.next)
		s.wait(time.Hour)
		s.types("C9", "U04", "/bind "+c.nextID+" front")
		s.boot(people + c.old + c.next)
		s.says("C9", "U88", ransom)
		s.cases(c.oldID, 0)
		s.cases(c.nextID, 1)
		s.wants(c.back, ransom)
		if n := s.count("C9", ransom); n != 1 {
			t.Errorf("the customer is answered %d times", n)
		}
	}
}

// A back room that served two customers serves one again when the other's is
// bound elsewhere: numbers need no customer before them any more.
func TestABackRoomIsNoLongerShared(t *testing.T) {
	s := newStage(t, newCustomer)
	s.says("C0FRONT", "U77", ransom)
	s.types("C9", "U04", "/bind nova front")
	s.types("C0BACK", "U04", "/bind nova back")
	s.types("C0BACK", "U01", "/claim 1")
	s.wants("C0BACK", "没有执行", "/claim acme#1")
	s.types("C12", "U04", "/bind nova back")
	s.types("C0BACK", "U01", "/claim 1")
	s.wants("C0BACK", "示例科技 #1 张工 已接手")
}

// /onboard of one customer in the rooms of another: in the front nothing is said
// of it and nothing is done; in the back it concerns the customer it names.
func TestOnboardFromTheRoomOfAnother(t *testing.T) {
	s := newStage(t, newCustomer)
	s.says("C0FRONT", "U04", "/onboard nova")
	s.never("C0FRONT")
	s.wants("U04", "没有执行", "onboard")
	if n := len(s.slack.founded); n > 0 {
		t.Errorf("%d rooms were made", n)
	}
	s.says("C0BACK", "U04", "/onboard nova")
	s.wants("U04", "新星电商", "群已建好")
	s.wants("C-butler-nova", "新星电商")
	s.cases("acme", 0)
	s.cases("nova", 1)
}

// Two ids that differ in a sign alone make two rooms, also at the same moment.
func TestOneNameForTwo(t *testing.T) {
	s := newStage(t, people+`  - {id: nova_a, name: A, edition: enterprise, front: slack, back: "slack:CB1", tam: chen}
  - {id: nova-a, name: B, edition: enterprise, front: slack, back: "slack:CB2", tam: chen}
`, func(o *bot.Options) { o.Parallel = 8 })
	s.slack.both = new(sync.WaitGroup)
	s.slack.both.Add(2)
	for _, id := range []string{"nova_a", "nova-a"} {
		must(t, s.b.Hear(s.ctx, s.message("@U04", "U04", "/onboard "+id)))
	}
	for range 20 {
		s.b.Deliver(s.ctx)
		s.b.Drain()
	}
	one, two := s.desk("nova_a").Rooms[desk.Front], s.desk("nova-a").Rooms[desk.Front]
	if one == "" || two == "" || one == two {
		t.Errorf("the fronts are %q and %q", one, two)
	}
}

// A platform that answers with the room of somebody else does not join two
// customers: the room stays whose it is, and the asker hears why.
func TestAMadeRoomIsSomebodyElses(t *testing.T) {
	s := newStage(t, newCustomer)
	s.slack.made = "C0FRONT"
	s.says("@U04", "U04", "/onboard nova")
	s.rooms("nova", "", "")
	s.wants("U04", "没有建成", "acme")
	s.says("C0FRONT", "U77", ransom)
	s.cases("acme", 1)
	s.cases("nova", 0)
}

// Addresses that are named once the rooms stand are invited into the front, be it
// of the config, made or bound; the asker hears who could not be. It is for
// managers, begins no second onboarding, and is seen by nobody outside.
func TestInvitationsIntoARoomThatStands(t *testing.T) {
	s := newStage(t, newCustomer)
	s.types("C9", "U04", "/bind nova front")
	s.says("@U04", "U04", "/onboard nova li@nova.example") // the back is missing: it is made, and li invited
	s.says("@U04", "U04", "/onboard nova wu@nova.example, no@nova.invalid")
	s.says("@U04", "U04", "/onboard acme he@acme.example")
	s.says("@U04", "U04", "/onboard acme hu@acme.example")
	if want := []string{"C9 li@nova.example", "C9 wu@nova.example", "C0FRONT he@acme.example", "C0FRONT hu@acme.example"}; !slices.Equal(s.slack.invited, want) {
		t.Errorf("invited are %q, want %q", s.slack.invited, want)
	}
	s.wants("U04", "新星电商", "邀请结果", "未能邀请 no@nova.invalid：没有这个地址")
	s.wants("U04", "示例科技", "已邀请加入客户群：hu@acme.example")
	s.cases("nova", 1)
	s.cases("acme", 1)
	s.never("C9", "example")
	s.never("C0FRONT", "example")
	s.types("C9", "U77", "/timeline")
	s.never("C9", "example")

	s.slack.refuse = &chat.Never{Why: "restricted_action: not allowed", Zh: "工作区不允许（restricted_action）"}
	s.says("@U04", "U04", "/onboard nova he@nova.example")
	s.wants("U04", "未能邀请 he@nova.example：工作区不允许（restricted_action）")
	s.slack.refuse = nil

	before := len(s.slack.invited)
	s.says("@U01", "U01", "/onboard nova he@nova.example")
	s.wants("U01", "权限")
	if len(s.slack.invited) > before {
		t.Error("an expert had somebody invited")
	}
}

// A platform that invites nobody by mail says so of each of them.
func TestInvitationsWhereNobodyCanBeInvited(t *testing.T) {
	s := newStage(t, people+`  - {id: ding, name: 叮当, edition: enterprise, front: "dingtalk:cidF", back: "slack:CB2", tam: chen}
`)
	s.says("@U04", "U04", "/onboard ding li@ding.example")
	s.wants("U04", "未能邀请 li@ding.example", "请在群里手动邀请")
}

// Somebody binds a room by hand while another is being made: the one bound by hand
// stays, and the asker hears of the other, which is nobody's.
func TestARoomIsBoundWhileAnotherIsMade(t *testing.T) {
	s := newStage(t, newCustomer)
	s.slack.during = func() {
		s.slack.during = nil
		must(t, s.b.Hear(s.ctx, s.command("C9", "U04", "/bind nova front")))
	}
	s.says("@U04", "U04", "/onboard nova")
	s.rooms("nova", "slack:C9", "slack:C-butler-nova-inside")
	s.wants("U04", "多建了一个群", "slack:C-butler-nova ", "归档")
	s.wants("C9", "新星电商") // the welcome card
	s.never("C-butler-nova")
	s.says("C-butler-nova", "U88", ransom)
	s.cases("nova", 1) // the onboarding
}

// Words marked in a one-to-one chat with the bot are nobody's report.
func TestMarkInADirectChat(t *testing.T) {
	s := newStage(t, strings.Replace(newCustomer, "front: slack, back: slack", `front: "slack:C1F", back: "slack:C1B"`, 1))
	m := s.mark("@U01", "U01", "100.1", "nova 的内部备注：客户 CFO 的邮箱被盗，先别告诉他们")
	m.Author = chat.Person{ID: "U01"}
	s.hear(m)
	m.ID, m.Command = "mark/again", true
	s.hear(m)
	for _, room := range []string{"C0FRONT", "C1F"} {
		s.never(room, "CFO")
	}
	s.cases("acme", 0)
	s.cases("nova", 0)
	s.wants("U01", "只有客户群里的消息")
}

// A customer without rooms is inspected in silence: the summaries of ten mornings
// do not fall into the room that is bound at last; from then on it has its own.
func TestInspectionsOfAnUnboundCustomer(t *testing.T) {
	s := newStage(t, newCustomer)
	s.wait(10 * 24 * time.Hour)
	s.types("C9", "U04", "/bind nova front")
	s.types("C10", "U04", "/bind nova back")
	s.wait(time.Minute)
	if n := s.count("C9", "巡检"); n > 1 {
		t.Errorf("%d summaries at once: %q", n, s.shown("C9"))
	}
	before := s.count("C9", "巡检")
	s.wait(24 * time.Hour)
	if n := s.count("C9", "巡检") - before; n != 1 {
		t.Errorf("%d summaries on the next day: %q", n, s.shown("C9"))
	}
}

// Of a case that was reported inside no link leads into the customer's room: the
// words stand in the other one.
func TestLinkOfAReportFromInside(t *testing.T) {
	s := newStage(t, people)
	s.says("C0BACK", "U01", "/report 客户电话报告：数据库被加密")
	s.wants("C0BACK", "数据库被加密")
	s.never("C0BACK", "chat.example/C0FRONT/m1")
	ears, err := s.b.Ears(s.ctx, "slack")
	must(t, err)
	for _, e := range ears {
		if e.Front && slices.Contains(e.Threads, "m1") {
			t.Errorf("words under m1 are listened to in the front: %+v", e)
		}
	}
}
