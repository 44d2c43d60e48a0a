package bottest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
)

// What a platform may ask of the bot beside being heard: forms, pages of one's
// own, rooms, marks, and what was missed.

// able is a platform that can make rooms and whose messages have addresses.
type able struct {
	*bottest.Fake
	founded []bot.Founding
	refuse  error
}

func (a *able) Found(_ context.Context, f bot.Founding) (bot.Founded, error) {
	if a.refuse != nil {
		return bot.Founded{}, a.refuse
	}
	a.founded = append(a.founded, f)
	made := bot.Founded{Room: chat.Room{Platform: a.Name(), ID: "C-" + f.Name}}
	if len(f.Emails) > 0 {
		made.Missed = []string{f.Emails[0] + ": no paid plan"}
	}
	return made, nil
}

func (a *able) Link(room chat.Room, ref string) string {
	return "https://chat.example/" + room.ID + "/" + ref
}

// stage is a bot on platforms that are able.
type stage struct {
	*testing.T
	ctx   context.Context
	b     *bot.Bot
	store *bottest.Mem
	clock *bottest.Clock
	slack *able
	n     int
}

func newStage(t *testing.T, yaml string) *stage {
	c, err := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	must(t, err)
	s := &stage{T: t, ctx: context.Background(), clock: bottest.NewClock(bottest.DefaultStart)}
	s.store = bottest.NewMem(s.clock.Now)
	s.slack = &able{Fake: bottest.NewFake("slack", s.clock.Now)}
	s.boot(c)
	return s
}

// boot starts a process on the store as it stands.
func (s *stage) boot(c *config.Config) {
	s.b = bot.New(bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{s.slack}, Parallel: 1})
	must(s.T, s.b.Apply(s.ctx))
	s.quiet()
}

func (s *stage) quiet() {
	s.Helper()
	_, err := s.b.Quiesce(s.ctx)
	must(s.T, err)
}

// message is what a person says in a room: "C0FRONT", or "@U01" for a one-to-one
// chat.
func (s *stage) message(room, user, text string) chat.Message {
	s.n++
	m := chat.Message{Room: chat.Room{Platform: "slack", ID: room}, ID: fmt.Sprintf("m%d", s.n), Sender: chat.Person{ID: user}, Text: text, SentAt: s.clock.Now()}
	if id, direct := strings.CutPrefix(room, "@"); direct {
		m.Room = chat.Room{Platform: "slack", ID: id, Direct: true}
	}
	return m
}

func (s *stage) hear(m chat.Message) {
	s.Helper()
	must(s.T, s.b.Hear(s.ctx, m))
	s.quiet()
}

// declined is what the asker reads of a message that is not taken.
func (s *stage) declined(m chat.Message) string {
	s.Helper()
	var no *chat.Declined
	if err := s.b.Hear(s.ctx, m); !errors.As(err, &no) {
		s.Fatalf("%q is answered with %v, want a refusal for the asker", m.Text, err)
	}
	return no.Text
}

func (s *stage) desk(customer string) desk.Desk {
	l, err := s.store.Load(s.ctx, customer)
	must(s.T, err)
	return l.Desk
}

// shown are the texts that stand in a room or one-to-one chat, edits applied.
func (s *stage) shown(id string) (texts []string) {
	refs := map[string]int{}
	for _, p := range s.slack.Sent {
		if p.Room.ID != id {
			continue
		}
		text := p.Card.String()
		for _, l := range p.Card.Links {
			text += "\n<" + l.Label + " " + l.URL + ">"
		}
		if i, ok := refs[p.Ref]; ok {
			texts[i] = text
			continue
		}
		refs[p.Ref] = len(texts)
		texts = append(texts, text)
	}
	return texts
}

// wants finds a text in a room that holds all the words.
func (s *stage) wants(id string, words ...string) string {
	s.Helper()
	all := s.shown(id)
	for _, text := range all {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return text
		}
	}
	s.Fatalf("nothing in %s says %q; there is:\n%s", id, words, strings.Join(all, "\n--\n"))
	return ""
}

const people = `
people:
  - {id: zhang, name: 张工, role: expert, slack: U01}
  - {id: chen, name: 陈经理, role: manager, slack: U04}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
  - {id: acme, name: 示例科技, edition: enterprise, front: "slack:C0FRONT", back: "slack:C0BACK", tam: chen, contacts: [{id: lihua, name: 李华, slack: U77}]}
`

const newCustomer = people + `  - {id: nova, name: 新星电商, edition: enterprise, front: slack, back: slack, tam: chen}
`

// A manager has the rooms of a new customer made: both, with the roster in them
// and the customer invited; then the welcome card stands in the front.
func TestRoomsAreMade(t *testing.T) {
	s := newStage(t, newCustomer)
	s.hear(s.message("@U04", "U04", "/onboard nova li@nova.example"))
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
	for range 2 {
		s.hear(s.message("C-butler-nova", "U88", "网站被挂马了，全是博彩页面"))
		s.wants("C-butler-nova", "#2")
		c, err := config.Parse("test.yaml", "", []byte(newCustomer), config.Options{Play: true})
		must(t, err)
		s.boot(c)
	}
	if n := len(s.slack.founded); n != 2 {
		t.Errorf("%d rooms were made", n)
	}
}

// Who may not have rooms made is refused; a platform that refuses is reported to
// who asked, with a way on.
func TestRoomsThatCannotBeMade(t *testing.T) {
	s := newStage(t, newCustomer)
	s.hear(s.message("@U01", "U01", "/onboard nova"))
	s.wants("U01", "权限")
	if len(s.slack.founded) > 0 {
		t.Error("an expert had rooms made")
	}
	s.slack.refuse = &chat.Never{Why: "restricted_action: only administrators make channels"}
	s.hear(s.message("@U04", "U04", "/onboard nova"))
	s.wants("U04", "没有建成", "restricted_action", "/bind")
	s.slack.refuse = nil
	s.hear(s.message("@U04", "U04", "/onboard nova"))
	s.wants("C-butler-nova", "新星电商")
}

// A room that exists is bound where it stands, by those who may, and only to one
// side of one customer.
func TestRoomsAreBound(t *testing.T) {
	s := newStage(t, newCustomer)
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	if text := s.declined(slash("C9", "U77", "/list")); !strings.Contains(text, "还没有绑定客户") {
		t.Errorf("a command in a room of nobody: %s", text)
	}
	if text := s.declined(slash("C9", "U77", "/bind nova front")); !strings.Contains(text, "还没有绑定客户") {
		t.Errorf("a customer binds: %s", text)
	}
	if text := s.declined(slash("C9", "U04", "/bind nowhere front")); !strings.Contains(text, "没有这个客户") {
		t.Errorf("no such customer: %s", text)
	}
	if text := s.declined(slash("C0BACK", "U04", "/bind nova front")); !strings.Contains(text, "另一侧") {
		t.Errorf("a back room as a front: %s", text)
	}
	s.hear(slash("C9", "U01", "/bind nova front"))
	s.wants("U01", "权限")
	s.hear(slash("C9", "U04", "/bind acme front"))
	s.wants("U04", "由配置文件指定")
	m := s.message("C9", "U04", "bind nova")
	m.Mention = true
	s.hear(m)
	s.wants("U04", "群已绑定", "slack:C9")
	s.hear(slash("C0BACK", "U04", "/bind nova")) // the back is missing: one room may serve two customers
	if d := s.desk("nova"); d.Rooms[desk.Front] != "slack:C9" || d.Rooms[desk.Back] != "slack:C0BACK" {
		t.Fatalf("the rooms are %v", d.Rooms)
	}
	s.hear(slash("C0BACK", "U04", "/onboard nova"))
	s.wants("C9", "新星电商")
	s.wants("C0BACK", "nova#1") // shared from now on
}

// Letters for a room that is still to be made wait for it.
func TestLettersWaitForTheirRoom(t *testing.T) {
	s := newStage(t, newCustomer+"    \n")
	must(t, s.b.Handle(s.ctx, "nova", desk.Input{ID: "f1", Actor: desk.Actor{Role: desk.System}, Act: desk.Found{Source: "waf", ID: "1", Layer: desk.LayerHost, Asset: "10.0.0.9", Title: "redis open", Severity: desk.High, SeenAt: s.clock.Now()}}))
	s.quiet()
	s.hear(s.message("@U04", "U04", "/onboard nova"))
	must(t, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(time.Minute)))
	s.wants("C-butler-nova-inside", "redis open")
}

// A form collects what a command lacks, and only for those who may give it.
func TestForms(t *testing.T) {
	s := newStage(t, people)
	ask := func(room, user, text string) (string, bool) {
		m := s.message(room, user, text)
		m.Command = true
		f, ok := s.b.Form(s.ctx, m)
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
	s.hear(s.message("C0FRONT", "U77", "数据库主机出现勒索提示，文件被加密"))
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
	s.hear(s.message("C0FRONT", "U77", "另外一个问题：官网首页被篡改成博彩页面"))
	if got, _ := ask("C0BACK", "U01", "/reply"); got != "/reply acme#2 小时之内处理完" {
		t.Errorf("of two open cases one is chosen: %q", got)
	}

	// A form that would be refused says so, and nothing is committed.
	s.hear(s.message("C0BACK", "U01", "/close 1 误报"))
	before := len(s.shown("C0BACK")) + len(s.shown("U01")) + len(s.shown("C0FRONT"))
	m := s.message("C0BACK", "U01", "/reply acme#1 在看")
	m.Command, m.Form = true, true
	if text := s.declined(m); !strings.Contains(text, "已经结束") && !strings.Contains(text, "没有找到") {
		t.Errorf("the form of a closed case says %q", text)
	}
	if after := len(s.shown("C0BACK")) + len(s.shown("U01")) + len(s.shown("C0FRONT")); after != before {
		t.Error("a refused form was told to others")
	}
	m = s.message("C0BACK", "U01", "/reply acme#2 请先断网，\n我们在看")
	m.Command, m.Form = true, true
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
	s.hear(s.message("C0FRONT", "U77", "数据库主机出现勒索提示，文件被加密"))
	holds("U01", "请您接手 1 件", "acme#1", "[接手 → /claim acme#1]", "https://chat.example/C0BACK/")
	holds("U77", "在跟进 1 件", "#1 · 等待专家接手")
	if strings.Contains(home("U77"), "acme#1") || strings.Contains(home("U99"), "#1") {
		t.Error("a page shows what is not its owner's")
	}
	s.clock.Set(s.clock.Now().Add(11 * time.Minute)) // of fifteen
	holds("U04", "即将超时 1 件")
	s.clock.Set(s.clock.Now().Add(5 * time.Minute))
	holds("U04", "已超时 1 件")
	s.hear(s.message("C0BACK", "U01", "/reply 1 在看，请先断网"))
	holds("U04", "现在没有要您处理的事项")
	s.hear(s.message("C0BACK", "U01", "/claim 1"))
	holds("U01", "您正在处理 1 件", "/resolve acme#1 …")
}

// An earlier message is marked as a report: by staff with a sign, by anybody with
// a command. It is its writer's report, it is one case, and words of the inside
// are never one.
func TestMarks(t *testing.T) {
	s := newStage(t, people)
	mark := func(room, user, of, text string) chat.Message {
		m := s.message(room, user, text)
		m.ID, m.Marks, m.Author = "mark/"+of, of, chat.Person{ID: "U77"}
		return m
	}
	s.hear(mark("C0FRONT", "U77", "100.1", "后台有点怪")) // a customer's sign is a sign
	if n := len(s.desk("acme").Cases); n != 0 {
		t.Fatalf("%d cases", n)
	}
	s.hear(mark("C0FRONT", "U01", "100.2", "后台有点怪"))
	d := s.desk("acme")
	if len(d.Cases) != 1 || d.Cases[0].Reporter.Name != "李华" || d.ThreadOf("100.2") != 1 {
		t.Fatalf("the cases are %+v", d.Cases)
	}
	s.hear(mark("C0FRONT", "U04", "100.2", "后台有点怪")) // the same message
	m := mark("C0FRONT", "U77", "100.2", "后台有点怪")
	m.ID, m.Command = "mark/again", true
	s.hear(m)
	s.hear(mark("C0BACK", "U01", "200.1", "客户的密码就是 123456"))
	m = mark("C0BACK", "U01", "200.2", "客户的密码就是 123456")
	m.Command = true
	s.hear(m)
	if n := len(s.desk("acme").Cases); n != 1 {
		t.Errorf("%d cases", n)
	}
	s.wants("C0BACK", "不能")
	for _, text := range s.shown("C0FRONT") {
		if strings.Contains(text, "123456") {
			t.Errorf("words of the inside in the front: %s", text)
		}
	}
}

// An app in the front reports what is clearly an incident; it commands nothing,
// and is asked nothing.
func TestApps(t *testing.T) {
	s := newStage(t, people)
	app := func(room, text string) chat.Message {
		m := s.message(room, "app/B1", text)
		m.Sender = chat.Person{ID: "app/B1", Name: "云监控", App: true}
		return m
	}
	for _, text := range []string{"/claim 1", "/report 网站被入侵", "今日构建成功", "CPU 使用率 81%", "部署完成，共 3 台主机 10.0.0.5"} {
		s.hear(app("C0FRONT", text))
	}
	if n, told := len(s.desk("acme").Cases), s.shown("C0FRONT"); n != 0 || len(told) != 0 {
		t.Fatalf("%d cases, told %q", n, told)
	}
	s.hear(app("C0FRONT", "告警：主机 10.0.0.5 检测到勒索病毒，正在加密文件"))
	if d := s.desk("acme"); len(d.Cases) != 1 || d.Cases[0].Reporter.Name != "云监控" {
		t.Fatalf("the cases are %+v", d.Cases)
	}
	s.hear(app("C0BACK", "告警：主机 10.0.0.6 检测到勒索病毒，正在加密文件"))
	if n := len(s.desk("acme").Cases); n != 1 {
		t.Errorf("an app in the back room opened a case")
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
	s.hear(s.message("C0FRONT", "U77", "数据库主机出现勒索提示，文件被加密"))
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
	n := 0
	for _, text := range s.shown("C0FRONT") {
		if strings.Contains(text, "没听到") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the gap was told %d times: %q", n, s.shown("C0FRONT"))
	}
}
