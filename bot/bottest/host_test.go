package bottest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
	"butler/bot/desk"
)

// What a platform may ask of the bot beside being heard: forms, pages of one's
// own, rooms, marks, and what was missed.

// A manager has the rooms of a new customer made: both, with the roster in them
// and the customer invited; then the welcome card stands in the front.
func TestRoomsAreMade(t *testing.T) {
	s := newStage(t, newCustomer)
	s.says("@U04", "U04", "/onboard nova li@nova.example")
	if len(s.slack.founded) != 2 {
		t.Fatalf("%d rooms were made: %+v", len(s.slack.founded), s.slack.founded)
	}
	front, back := s.slack.founded[0], s.slack.founded[1]
	if back.Front {
		front, back = back, front
	}
	if front.Name != "butler-nova" || !slices.Equal(front.Emails, []string{"li@nova.example"}) || !slices.Equal(front.Staff, []string{"U04", "U01"}) && !slices.Equal(front.Staff, []string{"U01", "U04"}) {
		t.Errorf("the front is %+v", front)
	}
	if back.Name != "butler-nova-inside" || len(back.Emails)+len(back.Guests) > 0 {
		t.Errorf("the back is %+v", back)
	}
	s.wants("U04", "群已建好", "li@nova.example: no paid plan")
	s.wants("C-butler-nova", "新星电商") // the welcome card
	s.wants("C-butler-nova-inside", "首次沟通")

	// The customer is heard there from now on, also by a process that starts anew.
	for _, words := range []string{"网站被挂马了，全是博彩页面", "后台也登不进去了"} {
		s.says("C-butler-nova", "U88", words)
		s.wants("C-butler-nova-inside", "#2", words)
		s.boot(newCustomer)
	}
	if n := len(s.slack.founded); n != 2 {
		t.Errorf("%d rooms were made", n)
	}
}

// Who may not have rooms made is refused; a platform that refuses is reported to
// who asked, with a way on.
func TestRoomsThatCannotBeMade(t *testing.T) {
	s := newStage(t, newCustomer)
	s.says("@U01", "U01", "/onboard nova")
	s.wants("U01", "权限")
	if len(s.slack.founded) > 0 {
		t.Error("an expert had rooms made")
	}
	s.slack.refuse = &chat.Never{Why: "restricted_action: only administrators make channels"}
	s.says("@U04", "U04", "/onboard nova")
	s.wants("U04", "没有建成", "restricted_action", "/bind")
	s.slack.refuse = nil
	s.says("@U04", "U04", "/onboard nova")
	s.wants("C-butler-nova", "新星电商")
}

// A room that exists is bound where it stands, by those who may, and only to one
// side of one customer.
func TestRoomsAreBound(t *testing.T) {
	s := newStage(t, newCustomer)
	s.declines("C9", "U77", "/list", "还没有绑定客户")
	s.declines("C9", "U77", "/bind nova front", "还没有绑定客户") // a customer may not
	s.declines("C9", "U04", "/bind nowhere front", "没有这个客户")
	s.declines("C0BACK", "U04", "/bind nova front", "另一侧") // a back room is no front
	s.types("C9", "U01", "/bind nova front")
	s.wants("U01", "权限")
	s.types("C9", "U04", "/bind acme front")
	s.wants("U04", "由配置文件指定")
	m := s.message("C9", "U04", "bind nova")
	m.Mention = true
	s.hear(m)
	s.wants("U04", "群已绑定", "slack:C9")
	s.types("C0BACK", "U04", "/bind nova") // the back is missing: one room may serve two customers
	s.rooms("nova", "slack:C9", "slack:C0BACK")
	s.types("C0BACK", "U04", "/onboard nova")
	s.wants("C9", "新星电商")
	s.wants("C0BACK", "nova#1") // shared from now on
}

// Letters for a room that is still to be made wait for it.
func TestLettersWaitForTheirRoom(t *testing.T) {
	s := newStage(t, newCustomer)
	s.system("nova", desk.Found{Source: "waf", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.9", Title: "redis open", Severity: desk.High, SeenAt: s.clock.Now()})
	s.says("@U04", "U04", "/onboard nova")
	s.wait(time.Minute)
	s.wants("C-butler-nova-inside", "redis open")
}

// A form collects what a command lacks, and only for those who may give it.
func TestForms(t *testing.T) {
	s := newStage(t, people)
	ask := func(room, user, text string) (string, bool) {
		f, ok := s.b.Form(s.ctx, s.command(room, user, text))
		if !ok {
			return "", false
		}
		answers := make([]string, len(f.Fields))
		for i, in := range f.Fields {
			answers[i] = "小时之内处理完"
			if len(in.Options) > 0 {
				answers[i] = in.Options[len(in.Options)-1].Value
			}
		}
		return f.Compose(answers), true
	}
	if _, ok := ask("C0BACK", "U01", "/reply 1"); ok {
		t.Error("a form for a case that does not exist")
	}
	s.says("C0FRONT", "U77", ransom)
	for _, c := range []struct{ room, user, typed, want string }{
		{"C0BACK", "U01", "/reply 1", "/reply acme#1 小时之内处理完"},
		{"C0BACK", "U01", "/reply", "/reply acme#1 小时之内处理完"}, // the only one
		{"C0BACK", "U01", "/resolve acme#1", "/resolve acme#1 小时之内处理完"},
		{"C0BACK", "U01", "/ask 1", "/ask acme#1 小时之内处理完"},
		{"C0FRONT", "U77", "/report", "/report policy 小时之内处理完"},
		{"C0FRONT", "U77", "/accept F3", "/accept F3 小时之内处理完"},
		{"C0BACK", "U04", "/accept F3", "/accept acme#F3 小时之内处理完"},
		{"C0FRONT", "U77", "/reply 1", ""},   // the customer may not
		{"C0FRONT", "U01", "/note 1", ""},    // not where the customer reads along
		{"C0BACK", "U01", "/reply 1 在看", ""}, // it lacks nothing
		{"C0BACK", "U01", "/claim 1", ""},    // no text to collect
		{"C0BACK", "U01", "/reply 7", ""},    // no such case
		{"C9", "U01", "/reply 1", ""},        // nobody's room
		{"@U01", "U01", "/reply acme#1", "/reply acme#1 小时之内处理完"},
	} {
		got, ok := ask(c.room, c.user, c.typed)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s by %s in %s: %q, want %q", c.typed, c.user, c.room, got, c.want)
		}
	}
	s.says("C0FRONT", "U77", "另外一个问题：官网首页被篡改成博彩页面")
	if got, _ := ask("C0BACK", "U01", "/reply"); got != "/reply acme#2 小时之内处理完" {
		t.Errorf("of two open cases one is chosen: %q", got)
	}

	// A form that would be refused says so, and nothing is committed.
	s.says("C0BACK", "U01", "/close 1 误报")
	before := len(s.shown("C0BACK")) + len(s.shown("U01")) + len(s.shown("C0FRONT"))
	m := s.command("C0BACK", "U01", "/reply acme#1 在看")
	m.Form = true
	if text := s.declined(m); !strings.Contains(text, "已经结束") && !strings.Contains(text, "没有找到") {
		t.Errorf("the form of a closed case says %q", text)
	}
	if after := len(s.shown("C0BACK")) + len(s.shown("U01")) + len(s.shown("C0FRONT")); after != before {
		t.Error("a refused form was told to others")
	}
	m = s.command("C0BACK", "U01", "/reply acme#2 请先断网，\n我们在看")
	m.Form = true
	s.hear(m)
	s.wants("C0FRONT", "请先断网", "我们在看")
}

// Everybody's own page: what is theirs, the most pressing first.
func TestHome(t *testing.T) {
	s := newStage(t, people)
	home := func(user string) string {
		cards, err := s.b.Home(s.ctx, "slack", user)
		must(t, err)
		var out []string
		for _, c := range cards {
			text := c.String()
			for _, l := range c.Links {
				text += "\n<" + l.URL + ">"
			}
			out = append(out, text)
		}
		return strings.Join(out, "\n\n")
	}
	holds := func(user string, words ...string) {
		t.Helper()
		text := home(user)
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("the page of %s does not say %q:\n%s", user, w, text)
			}
		}
	}
	holds("U01", "现在没有要您处理的事项")
	holds("U77", "没有在跟进的事项")
	holds("U99", "我是安全管家")
	s.says("C0FRONT", "U77", ransom)
	holds("U01", "请您接手 1 件", "acme#1", "[接手 → /claim acme#1]", "https://chat.example/C0BACK/")
	holds("U77", "在跟进 1 件", "#1 · 等待专家接手")
	if strings.Contains(home("U77"), "acme#1") || strings.Contains(home("U99"), "#1") {
		t.Error("a page shows what is not its owner's")
	}
	s.clock.Set(s.clock.Now().Add(11 * time.Minute)) // of fifteen
	holds("U04", "即将超时 1 件")
	s.clock.Set(s.clock.Now().Add(5 * time.Minute))
	holds("U04", "已超时 1 件")
	s.says("C0BACK", "U01", "/reply 1 在看，请先断网")
	holds("U04", "现在没有要您处理的事项")
	s.says("C0BACK", "U01", "/claim 1")
	holds("U01", "您正在处理 1 件", "/resolve acme#1 …")
}

// An earlier message is marked as a report: by staff with a sign, by anybody with
// a command. It is its writer's report, it is one case, and words of the inside
// are never one.
func TestMarks(t *testing.T) {
	s := newStage(t, people)
	s.hear(s.mark("C0FRONT", "U77", "100.1", "后台有点怪")) // a customer's sign is a sign
	s.cases("acme", 0)
	s.hear(s.mark("C0FRONT", "U01", "100.2", "后台有点怪"))
	s.cases("acme", 1)
	if d := s.desk("acme"); d.Cases[0].Reporter.Name != "李华" || d.ThreadOf("100.2") != 1 {
		t.Fatalf("the case is %+v", d.Cases[0])
	}
	s.hear(s.mark("C0FRONT", "U04", "100.2", "后台有点怪")) // the same message, by another sign and by a command
	m := s.mark("C0FRONT", "U77", "100.2", "后台有点怪")
	m.Command = true
	s.hear(m)
	s.cases("acme", 1)

	s.hear(s.mark("C0BACK", "U01", "200.1", "客户的密码就是 123456"))
	m = s.mark("C0BACK", "U01", "200.2", "客户的密码就是 123456")
	m.Command = true
	s.hear(m)
	s.cases("acme", 1)
	s.wants("C0BACK", "只有客户群里的消息")
	s.never("C0FRONT", "123456")
}

// An app in the front reports what is clearly an incident; it commands nothing,
// and is asked nothing.
func TestApps(t *testing.T) {
	s := newStage(t, people)
	for _, text := range []string{"/claim 1", "/report 网站被入侵", "今日构建成功", "CPU 使用率 81%", "部署完成，共 3 台主机 10.0.0.5"} {
		s.hear(s.app("C0FRONT", text))
	}
	s.cases("acme", 0)
	s.never("C0FRONT")
	s.hear(s.app("C0FRONT", "告警：主机 10.0.0.5 检测到勒索病毒，正在加密文件"))
	s.cases("acme", 1)
	if who := s.desk("acme").Cases[0].Reporter.Name; who != "云监控" {
		t.Errorf("the report is %s's", who)
	}
	s.hear(s.app("C0BACK", "告警：主机 10.0.0.6 检测到勒索病毒，正在加密文件"))
	s.cases("acme", 1)
}

// An app cannot be told of a secret it spilled, and nobody else is told in its
// place; the secret is masked in both rooms.
func TestSecretsOfApps(t *testing.T) {
	s := newStage(t, people)
	s.hear(s.app("C0FRONT", "告警：主机 10.0.0.5 检测到勒索病毒，正在加密文件，access key LTAI5tFakeFakeFake1234567 泄露 password=Passw0rd!2026"))
	s.cases("acme", 1)
	for _, p := range s.slack.Sent {
		if p.Private {
			t.Errorf("private to %q: %s", p.Person, p.Card)
		}
		if text := p.Card.String(); strings.Contains(text, "Passw0rd") || strings.Contains(text, "FakeFakeFake") {
			t.Errorf("a secret is shown in %s: %s", p.Room, text)
		}
	}
	// Nor is who marks a message told of a secret that somebody else wrote.
	m := s.mark("C0FRONT", "U78", "99.1", "日志里 password=Passw0rd!2026 请看")
	m.Command = true
	s.hear(m)
	// Who writes one is.
	s.says("C0FRONT", "U77", "日志里 password=Passw0rd!2026 请看")
	var told []string
	for _, p := range s.slack.Sent {
		if p.Kind == desk.NSecret {
			told = append(told, p.Person)
		}
	}
	if !slices.Equal(told, []string{"U77"}) {
		t.Errorf("%q were told of a secret, want its writer", told)
	}
}

// A platform learns which rooms it listens to, when it was heard last, and says
// in a front, once, that it may have missed something.
func TestGaps(t *testing.T) {
	s := newStage(t, people)
	last, err := s.b.LastHearing(s.ctx, "slack")
	must(t, err)
	if !last.IsZero() {
		t.Errorf("heard at %v before the first time", last)
	}
	must(t, s.b.Hearing(s.ctx, "slack"))
	if last, _ = s.b.LastHearing(s.ctx, "slack"); !last.Equal(s.clock.Now()) {
		t.Errorf("heard at %v", last)
	}
	s.says("C0FRONT", "U77", ransom)
	ears, err := s.b.Ears(s.ctx, "slack")
	must(t, err)
	if len(ears) != 2 || !ears[0].Front || ears[0].Room.ID != "C0FRONT" || len(ears[0].Threads) != 2 || len(ears[1].Threads) != 1 {
		t.Errorf("the ears are %+v", ears)
	}
	if none, _ := s.b.Ears(s.ctx, "dingtalk"); len(none) != 0 {
		t.Errorf("ears on another platform: %+v", none)
	}
	from := s.clock.Now().Add(-3 * time.Minute)
	for _, room := range []string{"C0FRONT", "C0FRONT", "C0BACK", "C9"} {
		must(t, s.b.Deaf(s.ctx, chat.Room{Platform: "slack", ID: room}, from, s.clock.Now()))
		s.quiet()
	}
	if n := s.count("C0FRONT", "没听到"); n != 1 {
		t.Errorf("the gap was told %d times: %q", n, s.shown("C0FRONT"))
	}
}
