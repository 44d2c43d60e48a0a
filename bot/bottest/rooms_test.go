package bottest_test

import (
	"errors"
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

var _ = errors.New
var _ = time.Second
var _ bot.Founding
var _ = bottest.NewMem
var _ = wire.Directory
var _ = config.Parse
var _ = strings.Contains
var _ chat.Room

// "/bind" without arguments in a bound room
func TestBindWithoutArguments(t *testing.T) {
	s := newStage(t, people)
	for _, c := range []struct{ room, user, text string }{{"C0FRONT", "U77", "/bind"}, {"C0FRONT", "U77", "/绑定"}, {"C0BACK", "U04", "/bind"}, {"@U04", "U04", "/bind"}} {
		err := s.b.Hear(s.ctx, s.message(c.room, c.user, c.text))
		var no *chat.Declined
		if err != nil && !errors.As(err, &no) {
			t.Errorf("%s in %s by %s: %v", c.text, c.room, c.user, err)
		}
	}
}

// bind in DM
func TestBindInDM(t *testing.T) {
	s := newStage(t, newCustomer)
	m := s.message("@U04", "U04", "/bind nova front")
	m.Command = true
	err := s.b.Hear(s.ctx, m)
	s.quiet()
	if d := s.desk("nova"); d.Rooms[desk.Front] != "" {
		t.Errorf("front is a one-to-one chat: %v (err %v)", d.Rooms, err)
	}
}

// mark in a DM
func TestMarkInDM(t *testing.T) {
	s := newStage(t, strings.Replace(newCustomer, "front: slack, back: slack", `front: "slack:C1F", back: "slack:C1B"`, 1))
	m := s.message("@U01", "U01", "nova 的内部备注：客户 CFO 的邮箱被盗，先别告诉他们")
	m.ID, m.Marks, m.Author = "mark/1", "100.1", chat.Person{ID: "U01"}
	s.hear(m)
	for _, c := range []string{"acme", "nova"} {
		if n := len(s.desk(c).Cases); n != 0 {
			t.Errorf("%s has %d cases: %+v\n%v", c, n, s.desk(c).Cases[0].Title, s.shown("C0FRONT"))
		}
	}
}

// /bind without a side when both are bound
func TestBindNoneMissing(t *testing.T) {
	s := newStage(t, newCustomer)
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	s.hear(slash("C9", "U04", "/bind nova front"))
	s.hear(slash("C10", "U04", "/bind nova back"))
	err := s.b.Hear(s.ctx, slash("C11", "U04", "/bind nova"))
	s.quiet()
	t.Log(err, s.desk("nova").Rooms)
	if s.desk("nova").Rooms[desk.Back] == "slack:C11" {
		t.Error("a room bound without saying which side replaced the experts' room")
	}
}

// bind on another platform
// uppercase id
func TestUppercaseID(t *testing.T) {
	s := newStage(t, strings.Replace(newCustomer, "id: nova", "id: Nova", 1))
	m := s.message("C9", "U04", "/bind Nova front")
	m.Command = true
	err := s.b.Hear(s.ctx, m)
	s.quiet()
	if s.desk("Nova").Rooms[desk.Front] == "" {
		t.Errorf("err %v, rooms %v", err, s.desk("Nova").Rooms)
	}
}

// two processes, rebinding
func TestTwoProcessesRebind(t *testing.T) {
	yaml := newCustomer + `  - {id: aqua, name: 水务, edition: enterprise, front: slack, back: "slack:C0BACK2", tam: chen}
`
	s := newStage(t, yaml)
	c, _ := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	other := bot.New(bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{s.slack}, Parallel: 1})
	must(t, other.Apply(s.ctx))
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	s.hear(slash("C9", "U04", "/bind aqua front"))
	must(t, other.Rooms(s.ctx)) // the other process knows
	s.hear(slash("C10", "U04", "/bind aqua front"))
	s.hear(slash("C9", "U04", "/bind nova front"))
	s.hear(slash("C12", "U04", "/bind nova back"))
	t.Log(s.desk("aqua").Rooms, s.desk("nova").Rooms)
	must(t, other.Hear(s.ctx, s.message("C9", "U99", "数据库主机出现勒索提示，文件被加密")))
	other.Quiesce(s.ctx)
	if n := len(s.desk("aqua").Cases); n != 0 {
		t.Errorf("nova's words opened a case of aqua; told in aqua's room C10: %v", s.shown("C10"))
	}
}

// config names a room that another bound by hand
func TestConfigTakesABoundRoom(t *testing.T) {
	s := newStage(t, newCustomer)
	slash := func(room, user, text string) chat.Message {
		m := s.message(room, user, text)
		m.Command = true
		return m
	}
	s.hear(slash("C9", "U04", "/bind nova back"))
	s.hear(slash("C10", "U04", "/bind nova front"))
	yaml := newCustomer + `  - {id: zeta, name: 泽塔, edition: enterprise, front: "slack:C9", back: "slack:CZ", tam: chen}
`
	c, err := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	must(t, err)
	s.boot(c)
	s.hear(s.message("C10", "U88", "数据库主机出现勒索提示，文件被加密"))
	if got := s.shown("C9"); len(got) > 0 {
		t.Errorf("inside of nova in the front of zeta: %v", got)
	}
}

// inspections of an unbound customer
func TestUnboundInspections(t *testing.T) {
	s := newStage(t, newCustomer)
	must(t, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(10*24*time.Hour)))
	n := len(s.slack.Sent)
	m := s.message("C9", "U04", "/bind nova front")
	m.Command = true
	s.hear(m)
	must(t, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(time.Minute)))
	k := 0
	for _, x := range s.slack.Sent[n:] {
		if x.Room.ID == "C9" {
			k++
			t.Log(x.Kind, x.Card.Title)
		}
	}
	if k > 1 {
		t.Errorf("%d old summaries in the new room", k)
	}
}
